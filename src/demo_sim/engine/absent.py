"""People registered here who live outside, in expectation.

They age and die by the tables of the residence they left, have children there and return. Their expected number sets
the chance of a return, so that those who return are on average the given part of all who move in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.engine.calendar import NEWBORN, Timing, YearTables, one_year_older

MOST_RETURNING = 0.9  # of a cell that can return in half a year


@dataclass(frozen=True)
class ExpectedReturns:
    """Returns of a year: chances by half (origin, sex, age, draw) by age at the move, and expected persons."""

    chance: tuple[np.ndarray, np.ndarray]
    expected: tuple[np.ndarray, np.ndarray]


class AbsentStock:
    """Expected people outside; (origin, sex, age, draw), moved on with the cohort pass.

    Parameters
    ----------
    stock : opening stock
    returnee_share : (draw,), part of those who move in that returns
    """

    def __init__(self, stock: np.ndarray, returnee_share: np.ndarray) -> None:
        self.stock, self.returnee_share = stock.copy(), returnee_share

    def advance(self, tables: YearTables, timing: Timing) -> ExpectedReturns:
        """Returns of the year; moves the stock to its end.

        Who leaves is outside from the year's end on; newborns stay where they are born.
        """
        wanted, leaving, stock = tables.entering * self.returnee_share, tables.leaving, self.stock
        chances, returns = [], []
        for event in timing.year:
            if event.name == "migrate" and event.ages != NEWBORN:
                back = np.minimum(timing.shares[event.half] * wanted, MOST_RETURNING * stock)
                chances.append(np.divide(back, stock, out=np.zeros_like(stock), where=stock > 0.0))
                returns.append(back)
                stock = stock - back
            elif event.name == "die":
                women = stock[:, 1]
                stock = one_year_older(stock) * (1.0 - tables.qs)
            elif event.name == "be born":
                births = (0.5 * tables.asfr * (women + stock[:, 1])).sum(axis=1)
                stock[:, :, 0] += births[:, None] * tables.sexes * (1.0 - tables.qs[:, :, 0])
        first, second = timing.shares
        self.stock = stock + one_year_older(first * leaving) + second * leaving
        return ExpectedReturns((chances[0], chances[1]), (returns[0], returns[1]))
