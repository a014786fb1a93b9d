"""Expected parity of women in the cohort pass, so that births of persons by age stay those of the rates.

Women of parity p deliver at `factor[p]` times the rate of their age, times a scale that each year and age keeps
the expected births: scale = 1 / sum_p share[p] factor[p], from the shares of the cohort pass and not from the
persons' own counts, which would couple them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.engine.cohort import YearFlows, YearTables
from demo_sim.space.places import after_moves, by_origin, carried

CLASSES = 4  # parity 0, 1, 2, 3 and more


@dataclass
class ParityTables:
    """Scales of one year.

    Attributes
    ----------
    at_start : (residence, age, parity, draw), factor times scale on the first exposure, by age on 1 January
    at_end : same, on the second exposure, by age on 1 January and residence at the year-end
    arriving : shares among women who enter in each half, by age at the move; without them those are childless
    """

    at_start: np.ndarray
    at_end: np.ndarray
    arriving: tuple[np.ndarray, np.ndarray] | None = None


class ParityShares:
    """Shares of parity among women by residence and age on 1 January, moved on by each year of the cohort pass.

    Attributes
    ----------
    shares : (residence, age, parity, draw), sums to 1
    """

    def __init__(self, shares: np.ndarray, factors: np.ndarray) -> None:
        self.shares = shares
        self.factors = factors

    def advance(self, start: np.ndarray, tables: YearTables, flows: YearFlows, first_share: float) -> ParityTables:
        """Tables of the year, and the shares moved to its end.

        Parameters
        ----------
        start : (residence, sex, age, draw), population on 1 January
        tables, flows : of the cohort pass of the year
        first_share : part of external moves at the start of the year
        """
        women = start[:, 1] + first_share * tables.external[:, 1]
        middle = _mix(self.shares, women, flows.out_first[:, 1])
        first = self._scaled(middle)
        # the second exposure: women of age x at the start who are alive at the end, by residence there
        reached = np.concatenate([middle[:, :-1], middle[:, -1:]], axis=1)
        survivors = flows.mid[:, 1] * (1.0 - np.concatenate([tables.qs[:, 1, 1:], tables.qs[:, 1, -1:]], axis=1))
        out = np.concatenate([flows.out_second[:, 1, 1:], flows.out_second[:, 1, -1:]], axis=1)
        last = _mix(reached, survivors, _no_more_than(out, survivors))
        second = self._scaled(last)
        rate = 0.5 * tables.asfr
        later = np.concatenate([rate[:, 1:], rate[:, -1:]], axis=1)
        delivered = np.minimum(rate[:, :, None] * first + later[:, :, None] * second, 1.0) * last
        moved = last - delivered
        moved[:, :, 1:] += delivered[:, :, :-1]
        moved[:, :, -1] += delivered[:, :, -1]
        tables_of_year = ParityTables(first, second, (self.shares, _aged(last)))
        self.shares = _aged(moved)
        return tables_of_year

    def _scaled(self, shares: np.ndarray) -> np.ndarray:
        factors = self.factors[None, None]
        return np.asarray(factors / (shares * factors).sum(axis=2, keepdims=True))


def _aged(shares: np.ndarray) -> np.ndarray:
    """Shares laid at the age reached; newborns are childless."""
    out = np.zeros_like(shares)
    out[:, 0, 0] = 1.0
    out[:, 1:] = shares[:, :-1]
    return out


def _mix(shares: np.ndarray, people: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Shares after moves between places; leavers carry the shares of where they come from."""
    return carried(shares, after_moves(people, moves)[1], 2)


def _no_more_than(moves: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Moves by route, (route, ...), each at most the people of the place that it leaves."""
    return np.minimum(by_origin(moves, len(people)), people[:, None]).reshape(moves.shape)
