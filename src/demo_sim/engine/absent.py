"""People registered here who live outside, in expectation.

They age and die by the tables of the residence they left, have children there and return. Their expected number sets
the chance of a return, so that those who return are on average the given part of all who move in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.engine.cohort import Timing, YearTables

MOST = 0.9  # of a cell that can return in half a year


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
        """Returns of the year; moves the stock to its end."""
        first, second = timing.first_share, 1.0 - timing.first_share
        wanted, leaving = tables.entering * self.returnee_share, tables.leaving
        back = np.minimum(first * wanted, MOST * self.stock)
        chances = [_share(back, self.stock)]
        present = self.stock - back
        alive = _aged(present) * (1.0 - tables.qs)
        later = np.minimum(second * wanted, MOST * alive)  # newborns stay where they are born: there are none as yet
        chances.append(_share(later, alive))
        alive -= later
        births = (0.5 * tables.asfr * (present[:, 1] + alive[:, 1])).sum(axis=1)
        sexes = np.stack([tables.male_share, 1.0 - tables.male_share], axis=1)
        alive[:, :, 0] += births[:, None] * sexes * (1.0 - tables.qs[:, :, 0])
        self.stock = alive + _aged(first * leaving) + second * leaving
        return ExpectedReturns((chances[0], chances[1]), (back, later))


def _aged(stock: np.ndarray) -> np.ndarray:
    """By the age reached; the last two ages together."""
    out = np.zeros_like(stock)
    out[:, :, 1:] = stock[:, :, :-1]
    out[:, :, -1] += stock[:, :, -1]
    return out


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0.0)
