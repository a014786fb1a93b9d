"""Expected parity of women in the cohort pass, so that births of persons by age stay those of the rates.

Women of parity p deliver at `factor[p]` times the rate of their age, times a scale that each year and age keeps
the expected births: scale = 1 / sum_p share[p] factor[p], from the shares of the cohort pass and not from the
persons' own counts, which would couple them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.engine.calendar import Timing, YearFlows, YearTables, reached, stages
from demo_sim.space.places import came, carried

PARITY_CLASSES = 4  # parity 0, 1, 2, 3 and more


@dataclass
class ParityTables:
    """Scales of one year.

    Attributes
    ----------
    at_start : (residence, age, parity, draw), factor times scale on the first exposure, by age on 1 January
    at_end : same, on the second exposure, by age on 1 January and residence at the year-end
    arriving : shares among women who enter in each half, by age at the move; without them those are childless
    twins : share of deliveries with two children, of all draws or (draw,)
    """

    at_start: np.ndarray
    at_end: np.ndarray
    arriving: tuple[np.ndarray, np.ndarray] | None = None
    twins: float | np.ndarray = 0.0


class ParityShares:
    """Shares of parity among women by residence and age on 1 January, moved on by each year of the cohort pass.

    Attributes
    ----------
    shares : (residence, age, parity, draw), sums to 1
    factors : (parity, draw), deliveries of each over those of all women of the age
    twins : share of deliveries with two children, of all draws or (draw,)
    """

    def __init__(self, shares: np.ndarray, factors: np.ndarray, twins: float | np.ndarray = 0.0) -> None:
        self.shares, self.factors, self.twins = shares, factors, twins

    def advance(self, start: np.ndarray, tables: YearTables, flows: YearFlows, timing: Timing) -> ParityTables:
        """Tables of the year, and the shares moved to its end.

        Parameters
        ----------
        start : (residence, sex, age, draw), population on 1 January
        tables, flows : of the cohort pass of the year
        timing : when external migrants move
        """
        opening, shares = self.shares, self.shares.copy()
        rate = 0.5 * tables.asfr
        for event, _, after, moves in stages(start, tables, flows, timing):
            if event.name == "move":
                come = came(after[:, 1], moves[:, 1])
                shares[:, event.ages] = carried(shares[:, event.ages], come, 2)
            elif event.name == "die":
                first = self._scaled(shares)
                earlier, shares = _aged(rate[:, :, None] * first), _aged(shares, childless=True)
            elif event.name == "deliver":
                second, closing = self._scaled(shares), shares.copy()
                delivered = np.minimum(earlier + rate[:, :, None] * second, 1.0) * shares
                shares = shares - delivered
                shares[:, :, 1:] += delivered[:, :, :-1]
                shares[:, :, -1] += delivered[:, :, -1]
        self.shares = shares
        return ParityTables(first, reached(second, 1), (opening, closing), self.twins)

    def _scaled(self, shares: np.ndarray) -> np.ndarray:
        factors = self.factors[None, None]
        return np.asarray(factors / (shares * factors).sum(axis=2, keepdims=True))


def _aged(by_age: np.ndarray, childless: bool = False) -> np.ndarray:
    """Values laid at the age reached; of newborns there are none, but they may all be childless."""
    out = np.zeros_like(by_age)
    out[:, 0, 0] = float(childless)
    out[:, 1:] = by_age[:, :-1]
    return out
