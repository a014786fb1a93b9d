"""Children ever born of the women of the base population, and the factors on their next delivery."""

from __future__ import annotations

import numpy as np

from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.inputs.grid import Grid

_YOUNGEST = 15
_NAMES = ("0", "1", "2", "3+")
CLASSES = 13  # children ever born 0, 1, ... 12 and more


def opening_parity(draws: Draws, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Shares of parity at the start (residence, age, parity, draw) and factors (parity, draw).

    Where the scenario gives nothing no parity delivers more than another.
    """
    children = children_ever_born(draws, grid)
    top = len(_NAMES) - 1
    shares = np.concatenate([children[:, :, :top], children[:, :, top:].sum(axis=2, keepdims=True)], axis=2)
    factors = np.ones((len(_NAMES), draws.size))
    if "fertility.parity_factors" in draws:
        factors = np.stack([draws["fertility.parity_factors"].at(name=name) for name in _NAMES])
    return shares, factors


def children_ever_born(draws: Draws, grid: Grid, open_mean: str = "") -> np.ndarray:
    """Shares of women by children ever born at the start; (residence, age, class, draw), classes 0 to 12 and more.

    Women below 15 and cohorts younger than the register's are childless; older cohorts than the register's take the
    oldest ones; where the scenario gives nothing everybody is childless.

    Parameters
    ----------
    open_mean : path of the mean number of children of mothers of four and more, by cohort; without it all have four
    """
    shares = np.zeros((len(grid.residences), grid.ages, CLASSES, draws.size))
    shares[:, :, 0] = 1.0
    if "fertility.parity" not in draws:
        return shares
    sampled = draws["fertility.parity"]
    means = draws[open_mean] if open_mean in draws else None
    cohorts = sorted((int(c[:4]), int(c[5:])) for c in sampled.distinct("cohort"))
    for first, last in cohorts:
        ages = [x for x in range(_YOUNGEST, grid.ages) if first <= max(grid.start - 1 - x, cohorts[0][0]) <= last]
        for r, residence in enumerate(grid.residences):
            shares[r, ages] = _of_cohort(sampled, means, first, last, residence)
    return shares


def _of_cohort(sampled: Sampled, means: Sampled | None, first: int, last: int, residence: str) -> np.ndarray:
    """Shares of 0, 1, 2, ... children; (class, draw)."""
    place = residence if residence in ("urban", "rural") else ""
    cohort = f"{first}-{last}"
    values = [sampled.at(None, name=name, cohort=cohort, residence=place) for name in ("0", "1", "2", "3", "4+")]
    out = np.zeros((CLASSES, values[0].size))
    out[:4], out[4] = values[:4], values[4]
    if means is not None:
        spans = sorted((int(text[:4]), text) for text in means.distinct("cohort"))
        more = np.maximum(
            means.at(cohort=[text for begin, text in spans if begin <= max(first, spans[0][0])][-1]) - 4.0, 0.0
        )
        ratio = more / (1.0 + more)  # a geometric tail with that mean
        tail = ratio ** np.arange(CLASSES - 4)[:, None]
        out[4:] = values[4] * tail / tail.sum(axis=0)
    return np.asarray(out / out.sum(axis=0))
