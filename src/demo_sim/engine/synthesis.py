"""Persons of the base year: rows in segments of one birth year, sex and residence."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np

from demo_sim.engine.persons import Persons
from demo_sim.engine.thresholds import composition_cuts
from demo_sim.kernels.columns import LEVELS
from demo_sim.kernels.person_year import WORDS_LEVEL
from demo_sim.kernels.rows import assign_classes

PARTS = 16  # of the segments, for threads
ABSENT, GONE = 1 << 16, 1 << 17  # marks in the upper half of the ids of base rows that live outside, or are dead
_FURTHER = 18  # bit from which places beyond the second are told


def whole_numbers(cells: np.ndarray, scale: float) -> np.ndarray:
    """Agents of each cell by largest remainder within residence and sex.

    Parameters
    ----------
    cells : (residence, sex, age), expected persons
    scale : persons that one agent stands for

    Returns
    -------
    int64 (residence, sex, age); each residence and sex sums to its total over scale, rounded
    """
    out = np.zeros(cells.shape, np.int64)
    for r in range(cells.shape[0]):
        for s in range(cells.shape[1]):
            wanted = cells[r, s] / scale
            floor = np.floor(wanted).astype(np.int64)
            missing = round(float(wanted.sum())) - int(floor.sum())
            order = np.argsort(-(wanted - floor), kind="stable")
            floor[order[: max(missing, 0)]] += 1
            out[r, s] = floor
    return out


def synthesise(
    persons: Persons,
    counts: np.ndarray,
    start: int,
    parity: np.ndarray,
    levels: np.ndarray | None,
    key: tuple[np.uint64, np.uint64],
    absent: np.ndarray | None = None,
    pool: Executor | None = None,
) -> None:
    """Fill the columns of one draw with the persons of the opening stock; rows that are left belong to the dead.

    Parameters
    ----------
    persons : with room for them all
    counts : int64 (residence, sex, age), agents
    start : calendar year that begins
    parity : (residence, age, class), shares of women by children ever born
    levels : (residence, sex, age, 5), shares of functional levels, or None where they are not followed
    key : of the random numbers
    absent : int64 (origin, sex, age), agents who live outside, where families are followed
    pool : where given, segments are shared among threads

    Notes
    -----
    A person's parity and level come from the person's own word: one more row changes nobody else.
    """
    _add_segments(persons, counts, start, parity, levels, key, 0, pool)
    if absent is not None:
        _add_segments(persons, absent, start, parity, None, key, ABSENT, pool)
    persons.rows = persons.base_rows


def _add_segments(
    persons: Persons,
    counts: np.ndarray,
    start: int,
    parity: np.ndarray,
    levels: np.ndarray | None,
    key: tuple[np.uint64, np.uint64],
    mark: int,
    pool: Executor | None,
) -> None:
    """Segments of the cells of a stock, oldest birth year last."""
    ages, sexes, places = np.nonzero(counts.transpose(2, 1, 0))
    birth_years = start - 1 - ages
    uppers = upper_of(mark, birth_years, sexes, places)
    first = persons.segments.start.size
    persons.add_segments(np.zeros_like(ages), birth_years, sexes, counts[places, sexes, ages], uppers)
    begin, end = persons.segments.start[first:], persons.segments.stop[first:]
    for a, b, place in zip(begin.tolist(), end.tolist(), places.tolist(), strict=True):
        persons.code[a:b] = persons.at.away + place if mark else 1 + place * LEVELS
    own_levels = np.full((ages.size, 1), np.inf) if levels is None else levels[places, sexes, ages]
    own_parity = np.where((sexes == 1)[:, None], parity[places, ages], np.inf)
    parts = np.array_split(np.arange(ages.size), 1 if pool is None else PARTS)

    def draw(part: np.ndarray) -> None:
        draw_classes(persons, begin[part], end[part], uppers[part], own_levels[part], own_parity[part], start, key)

    for _ in (map if pool is None else pool.map)(draw, parts):
        pass


def upper_of(mark: int, birth_year: np.ndarray, sex: int | np.ndarray, place: int | np.ndarray) -> np.ndarray:
    """Upper half of the ids of base rows: cell and mark. The first two places have one bit, further ones others."""
    return np.asarray(mark | birth_year << 2 | sex << 1 | place & 1 | place >> 1 << _FURTHER).astype(np.uint64)


def place_in(upper: np.ndarray) -> np.ndarray:
    """Place, or place left, in the upper half of the ids of base rows."""
    own = upper.astype(np.int64)
    return np.asarray(own & 1 | own >> _FURTHER << 1)


def draw_classes(
    persons: Persons,
    start: np.ndarray,
    stop: np.ndarray,
    upper: np.ndarray,
    levels: np.ndarray,
    parity: np.ndarray,
    year: int,
    key: tuple[np.uint64, np.uint64],
) -> None:
    """Draw the functional level and the children ever born of the rows of base segments.

    Parameters
    ----------
    start, stop, upper : of each segment
    levels, parity : (segment, class), shares; infinite in the first class where nothing is drawn
    """
    assign_classes(
        start, stop, upper, composition_cuts(levels), composition_cuts(parity), np.uint64(year), *key,
        np.uint64(WORDS_LEVEL), persons.code, persons.born,
    )  # fmt: skip
