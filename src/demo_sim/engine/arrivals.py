"""People who move in from outside the region: new rows with ids of their own."""

from __future__ import annotations

import numpy as np

from demo_sim.demography.function import FIRST_AGE
from demo_sim.engine.synthesis import Persons
from demo_sim.kernels.person_year import LEVELS, WORDS_LEVEL, WORDS_ROUNDING
from demo_sim.kernels.philox import philox_words
from demo_sim.kernels.rows import enter


def whole_arrivals(
    persons: np.ndarray, scale: float, year: int, half: int, key: tuple[np.uint64, np.uint64]
) -> np.ndarray:
    """Agents that enter each cell in one half; fractions are rounded by a word of the cell, so the mean is kept.

    Parameters
    ----------
    persons : (residence, sex, age), people who move in in this half
    scale : persons that one agent stands for

    Returns
    -------
    int64, same shape
    """
    wanted = persons / scale
    floor = np.floor(wanted)
    open_cells = np.argwhere(wanted > floor)
    out = floor.astype(np.int64)
    if open_cells.size:
        counters = np.zeros((len(open_cells), 4), np.uint64)
        counters[:, 0] = (open_cells[:, 0] * 2 + open_cells[:, 1]) * 256 + open_cells[:, 2]
        counters[:, 1] = np.uint64((1 << 31) | half)
        counters[:, 2], counters[:, 3] = year, WORDS_ROUNDING
        words = philox_words(counters, np.tile(np.array(key, np.uint64), (len(open_cells), 1)))[:, 0] / 2.0**32
        index = tuple(open_cells.T)
        out[index] += words < (wanted - floor)[index]
    return out


def by_level(
    arrivals: np.ndarray, shares: np.ndarray | None, year: int, half: int, key: tuple[np.uint64, np.uint64]
) -> np.ndarray:
    """Arrivals of each cell by functional level, drawn person by person; below 60 nobody has one.

    Parameters
    ----------
    arrivals : int64 (residence, sex, age)
    shares : (residence, sex, age from 60, level), or None where levels are not followed

    Returns
    -------
    int64 (residence, sex, age, level)
    """
    out = np.zeros((*arrivals.shape, LEVELS), np.int64)
    out[..., 0] = arrivals
    if shares is None:
        return out
    for r, s, x in np.argwhere(arrivals[:, :, FIRST_AGE:] > 0).tolist():
        count = int(arrivals[r, s, FIRST_AGE + x])
        counters = np.zeros((count, 4), np.uint64)
        counters[:, 0] = np.arange(count)
        counters[:, 1] = np.uint64((1 << 30) | (((r * 2 + s) * 256 + x) * 2 + half))
        counters[:, 2], counters[:, 3] = year, WORDS_LEVEL
        words = philox_words(counters, np.tile(np.array(key, np.uint64), (count, 1)))[:, 0] / 2.0**32
        level = np.searchsorted(np.cumsum(shares[r, s, x])[:-1], words, side="right")
        out[r, s, FIRST_AGE + x] = np.bincount(level, minlength=LEVELS)
    return out


def admit(
    persons: Persons,
    arrivals: np.ndarray,
    year: int,
    half: int,
    key: tuple[np.uint64, np.uint64],
    parity_cuts: np.ndarray,
    married: np.ndarray | None = None,
) -> np.ndarray:
    """Rows for those who enter.

    Parameters
    ----------
    arrivals : int64 (residence, sex, age, level), by age at the move
    half : 0 at the start of the year, 1 at its end (age then is the age reached)
    parity_cuts : uint64 (residence, age, parity), cumulative cuts of the children ever born of women, and where
        families are followed of men, too
    married : uint64 (sex, age), cuts of having a partner, where families are followed

    Returns
    -------
    int64 (group, 4), their pieces of work, one an age and sex
    """
    cells = np.ascontiguousarray(arrivals.transpose(2, 1, 0, 3))
    groups = cells.sum(axis=(2, 3)).ravel()  # by age and sex
    there = np.flatnonzero(groups)
    pieces = persons.admit(year - 1 - there // 2 + half, there % 2, groups[there])
    kin = persons.kin
    nobody = np.zeros((0, 0), np.uint64)
    enter(
        pieces, there, cells, np.uint64(year), half, *key, parity_cuts, nobody if married is None else married,
        persons.base_rows, persons.code, persons.born, persons.ident,
        *((kin.union, kin.kids) if kin is not None else (np.zeros(0, np.uint8), np.zeros(0, np.uint16))),
    )  # fmt: skip
    return pieces
