"""People who move in from outside the region: new rows with ids of their own."""

from __future__ import annotations

import numpy as np

from demo_sim.demography.function import FIRST_AGE
from demo_sim.engine.persons import Persons
from demo_sim.kernels.columns import LEVELS
from demo_sim.kernels.person_year import WORDS_LEVEL, WORDS_ROUNDING
from demo_sim.kernels.philox import philox_words
from demo_sim.kernels.rows import enter

Key = tuple[np.uint64, np.uint64]


def whole_arrivals(persons: np.ndarray, scale: float, year: int, half: int, key: Key) -> np.ndarray:
    """Agents that enter each cell in one half; fractions are rounded by a word of the cell, so the mean is kept.

    Parameters
    ----------
    persons : (residence, sex, age, draw), people who move in in this half
    scale : persons that one agent stands for
    key : of the first draw

    Returns
    -------
    int64 (draw, residence, sex, age)
    """
    wanted = np.moveaxis(persons, -1, 0) / scale
    floor = np.floor(wanted)
    open_cells = np.nonzero(wanted > floor)
    out = floor.astype(np.int64)
    draw, residence, sex, age = open_cells
    low, high = (residence * 2 + sex) * 256 + age, np.full(draw.size, (1 << 31) | half)
    out[open_cells] += _uniform(low, high, year, WORDS_ROUNDING, draw, key) < (wanted - floor)[open_cells]
    return out


def arrivals_by_level(arrivals: np.ndarray, shares: np.ndarray | None, year: int, half: int, key: Key) -> np.ndarray:
    """Arrivals of each cell by functional level, drawn person by person; below 60 nobody has one.

    Parameters
    ----------
    arrivals : int64 (draw, residence, sex, age)
    shares : (residence, sex, age from 60, level, draw), or None where levels are not followed
    key : of the first draw

    Returns
    -------
    int64 (draw, residence, sex, age, level)
    """
    out = np.zeros((*arrivals.shape, LEVELS), np.int64)
    out[..., 0] = arrivals
    if shares is None:
        return out
    older = arrivals[..., FIRST_AGE:]
    cells = np.nonzero(older)
    count = older[cells]
    draw, residence, sex, x = (np.repeat(index, count) for index in cells)
    order = np.arange(draw.size) - np.repeat(np.cumsum(count) - count, count)
    high = (1 << 30) | (((residence * 2 + sex) * 256 + x) * 2 + half)
    words = _uniform(order, high, year, WORDS_LEVEL, draw, key)
    cumulative = np.cumsum(np.moveaxis(shares, -1, 0)[cells], axis=-1)[:, :-1]
    level = (np.repeat(cumulative, count, axis=0) <= words[:, None]).sum(axis=1)
    out[..., FIRST_AGE:, 0] = 0
    np.add.at(out, (draw, residence, sex, FIRST_AGE + x, level), 1)
    return out


def _uniform(low: np.ndarray, high: np.ndarray, year: int, words: int, draw: np.ndarray, key: Key) -> np.ndarray:
    """First words of some counters, each under the key of its draw, in [0, 1)."""
    counters = np.empty((low.size, 4), np.uint64)
    counters[:, 0], counters[:, 1], counters[:, 2], counters[:, 3] = low, high, year, words
    keys = np.empty((low.size, 2), np.uint64)
    keys[:, 0], keys[:, 1] = key[0], key[1] + draw.astype(np.uint64)
    return np.asarray(philox_words(counters, keys)[:, 0] / 2.0**32)


def open_rows(
    persons: Persons,
    arrivals: np.ndarray,
    year: int,
    half: int,
    key: Key,
    parity_cuts: np.ndarray,
    married: np.ndarray | None = None,
) -> np.ndarray:
    """Rows for those who enter.

    Parameters
    ----------
    arrivals : int64 (draw, residence, sex, age, level), by age at the move
    half : 0 at the start of the year, 1 at its end (age then is the age reached)
    key : of the first draw
    parity_cuts : uint64 (draw, half, residence, age, parity), cumulative cuts of the children ever born of women, and
        where families are followed of men, too
    married : uint64 (draw, sex, age), cuts of having a partner, where families are followed

    Returns
    -------
    int64 (group, 4), their pieces of work, one a draw, age and sex
    """
    if not arrivals.any():
        return np.zeros((0, 4), np.int64)
    cells = np.ascontiguousarray(arrivals.transpose(0, 3, 2, 1, 4))
    groups = cells.sum(axis=(3, 4))
    there = np.argwhere(groups)
    draw, age, sex = np.ascontiguousarray(there.T)
    pieces = persons.admit(draw, year - 1 - age + half, sex, groups[draw, age, sex])
    kin = persons.kin
    nobody = np.zeros((0, 0, 0), np.uint64)
    enter(
        pieces, there, cells, np.uint64(year), half, *key, parity_cuts, nobody if married is None else married,
        persons.base_rows, persons.code, persons.born, persons.ident,
        *((kin.union, kin.kids) if kin is not None else (np.zeros(0, np.uint8), np.zeros(0, np.uint16))),
    )  # fmt: skip
    return pieces
