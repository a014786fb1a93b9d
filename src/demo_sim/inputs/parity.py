"""Children ever born of the women of the base population, and the factors on their next delivery."""

from __future__ import annotations

import numpy as np

from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.inputs.grid import Grid

YOUNGEST = 15
NAMES = ("0", "1", "2", "3+")


def opening_parity(draws: Draws, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Shares of parity at the start (residence, age, parity, draw) and factors (parity, draw).

    Women below 15 and cohorts younger than the register's are childless; older cohorts than the register's take the
    oldest ones; where the scenario gives nothing everybody is childless and no parity delivers more than another.
    """
    shares = np.zeros((len(grid.residences), grid.ages, len(NAMES), draws.size))
    shares[:, :, 0] = 1.0
    if "fertility.parity" in draws:
        sampled = draws["fertility.parity"]
        cohorts = sorted((int(c[:4]), int(c[5:])) for c in sampled.distinct("cohort"))
        table = {
            (first, r): _of_cohort(sampled, f"{first}-{last}", residence)
            for first, last in cohorts
            for r, residence in enumerate(grid.residences)
        }
        for x in range(YOUNGEST, grid.ages):
            birth_year = max(grid.start - 1 - x, cohorts[0][0])
            for first, last in cohorts:
                if first <= birth_year <= last:
                    for r in range(len(grid.residences)):
                        shares[r, x] = table[first, r]
    factors = np.ones((len(NAMES), draws.size))
    if "fertility.parity_factors" in draws:
        factors = np.stack([draws["fertility.parity_factors"].at(name=name) for name in NAMES])
    return shares, factors


def _of_cohort(sampled: Sampled, cohort: str, residence: str) -> np.ndarray:
    """Shares of 0, 1, 2, 3 and more children; (4, draw)."""
    place = residence if residence in ("urban", "rural") else ""
    values = [sampled.at(None, name=name, cohort=cohort, residence=place) for name in ("0", "1", "2", "3", "4+")]
    out = np.stack([*values[:3], values[3] + values[4]])
    return np.asarray(out / out.sum(axis=0))
