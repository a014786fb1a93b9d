"""Persons of the base year: rows in segments of one birth year, sex and residence."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from demo_sim.engine.thresholds import composition_cuts
from demo_sim.kernels.person_year import AWAY, LEVELS, WORDS_LEVEL
from demo_sim.kernels.rows import assign_classes

STORED = np.uint64(0xFFFFFFFFFFFFFFFF)  # a segment whose ids lie in a column
UNKNOWN = -1
PARTS = 16  # of the segments, for threads
ROOM_TO_COME = 8  # room of a segment of people who enter, in halves of a year like the first
ABSENT, GONE = 1 << 16, 1 << 17  # marks in the upper half of the ids of base rows that live outside, or are dead


class Segments(NamedTuple):
    """Birth year, sex, first row, past-the-last row and upper half of the ids of each segment."""

    birth_year: np.ndarray
    sex: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    upper: np.ndarray


@dataclass
class Kin:
    """Columns of families, one entry a row of `Persons`.

    Attributes
    ----------
    father, partner : int32, rows; -1 unknown or nobody, -2 dead without a row
    union : uint8, 0 never, 1 with a partner's row, 2 widowed or divorced, 3 partner outside the rows
    spouse : uint8, place of the partner where there is a row: 0 urban, 1 rural, 2 outside
    kids : uint16, living children, 5 bits for each of urban, rural, away
    family : uint8, what groups ask of kin, as of the last year-end
    """

    father: np.ndarray
    partner: np.ndarray
    union: np.ndarray
    spouse: np.ndarray
    kids: np.ndarray
    family: np.ndarray

    @classmethod
    def room(cls, rows: int) -> Kin:
        """Columns of people without kin."""
        return cls(
            np.full(rows, UNKNOWN, np.int32),
            np.full(rows, UNKNOWN, np.int32),
            np.zeros(rows, np.uint8),
            np.zeros(rows, np.uint8),
            np.zeros(rows, np.uint16),
            np.zeros(rows, np.uint8),
        )

    def reserve(self, rows: int) -> None:
        """Make all columns so long."""
        longer = Kin.room(rows)
        for name, column in vars(longer).items():
            column[: getattr(self, name).shape[0]] = getattr(self, name)
            setattr(self, name, column)


@dataclass
class Persons:
    """Persons in columns; rows are appended and never move, the gone keep theirs.

    Attributes
    ----------
    code : uint8, 1 + residence * 5 + functional level; 11 and 12 outside the region, from urban and from rural; 0 dead
    born : uint8, children ever born
    mother : int32, row of the mother, -1 unknown
    ident : uint64, ids of the rows after the base; the id of a base row is its cell and serial
    kin : columns of families, or None where they are not followed
    rows, base_rows : rows in use, rows of the base year
    setting, waiting, lived : uint8, care setting, years on the list for a home, residence at the last year-end of those
        in a home or on the list; empty where nobody is placed
    birth_year, sex, start, stop, upper : one entry a segment; `upper` is the upper half of the ids, or STORED

    Rows between the end of a segment and the next one are room for people to come, and belong to nobody.
    """

    code: np.ndarray
    born: np.ndarray
    mother: np.ndarray
    ident: np.ndarray
    rows: int
    base_rows: int
    kin: Kin | None = None
    birth_year: list[int] = field(default_factory=list)
    sex: list[int] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    stop: list[int] = field(default_factory=list)
    upper: list[np.uint64] = field(default_factory=list)
    _segments: Segments | None = field(default=None, init=False, repr=False)
    _open: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict, init=False, repr=False)

    @property
    def segments(self) -> Segments:
        """All segments as columns; kept, and lengthened by what was added since."""
        known = 0 if self._segments is None else self._segments.start.size
        if self._segments is None or known < len(self.start):
            lists: list[Sequence[int | np.uint64]]
            lists = [self.birth_year, self.sex, self.start, self.stop, self.upper]
            kinds = (np.int64, np.int64, np.int64, np.int64, np.uint64)
            new = [np.array(column[known:], kind) for column, kind in zip(lists, kinds, strict=True)]
            if self._segments is not None:
                new = [np.concatenate(pair) for pair in zip(self._segments, new, strict=True)]
            self._segments = Segments(*new)
        return self._segments

    setting: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))
    waiting: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))
    lived: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))

    def add_segment(self, birth_year: int, sex: int, count: int, upper: np.uint64) -> slice:
        """Append a segment of empty rows and give its place."""
        place = slice(self.rows, self.rows + count)
        self._reserve(place.stop)
        self.birth_year.append(birth_year)
        self.sex.append(sex)
        self.start.append(place.start)
        self.stop.append(place.stop)
        self.upper.append(upper)
        self.rows = place.stop
        return place

    def admit(self, birth_year: np.ndarray, sex: np.ndarray, count: np.ndarray) -> np.ndarray:
        """Rows for people who enter, whose ids are stored.

        Each birth year and sex goes on in the segment of those who entered last while that has room: thousands of
        small segments would cost more than the people in them.

        Parameters
        ----------
        birth_year, sex, count : of each group that enters; counts above 0

        Returns
        -------
        int64 (group, 4), pieces of work as `person_year` reads them: segment, rows, first row of the segment
        """
        pieces = np.empty((count.size, 4), np.int64)
        for i, (year, s, n) in enumerate(zip(birth_year.tolist(), sex.tolist(), count.tolist(), strict=True)):
            segment, end = self._open.get((year, s), (-1, 0))
            if segment < 0 or self.stop[segment] + n > end:
                place = self.add_segment(year, s, ROOM_TO_COME * (n + 1), STORED)
                segment = len(self.start) - 1
                self.stop[segment] = place.start
                self._open[year, s] = segment, place.stop
            first = self.stop[segment]
            self.stop[segment] = first + n
            pieces[i] = segment, first, first + n, self.start[segment]
        table = self.segments
        self._segments = table._replace(stop=np.array(self.stop, np.int64))
        return pieces

    def _reserve(self, rows: int) -> None:
        """Room for so many rows, with a tenth to spare where it has to grow."""
        if rows <= self.code.shape[0]:
            return
        room = int(rows * 1.1) + 1024
        for name, gone in (("code", 0), ("born", 0), ("mother", UNKNOWN), ("ident", 0)):
            old = getattr(self, name)
            size = room - self.base_rows if name == "ident" else room
            new = np.full(size, gone, old.dtype)
            new[: old.shape[0]] = old
            setattr(self, name, new)
        if self.kin is not None:
            self.kin.reserve(room)

    def reserve_care(self) -> None:
        """Room for the columns of placement on all rows; memory is taken only where somebody old lies."""
        for name in ("setting", "waiting", "lived"):
            old = getattr(self, name)
            if old.shape[0] < self.code.shape[0]:
                new = np.zeros(self.code.shape[0], np.uint8)
                new[: old.shape[0]] = old
                setattr(self, name, new)

    def bytes_in_use(self) -> int:
        """Memory of the columns."""
        own = sum(getattr(self, name).nbytes for name in ("code", "born", "mother", "ident"))
        return own if self.kin is None else own + sum(column.nbytes for column in vars(self.kin).values())


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
    counts: np.ndarray,
    start: int,
    parity: np.ndarray,
    levels: np.ndarray | None,
    key: tuple[np.uint64, np.uint64],
    growth: float,
    absent: np.ndarray | None = None,
    dead: int = 0,
    pool: Executor | None = None,
) -> Persons:
    """Persons of the opening stock.

    Parameters
    ----------
    counts : int64 (residence, sex, age), agents
    start : calendar year that begins
    parity : (residence, age, class), shares of women by children ever born
    levels : (residence, sex, age, 5), shares of functional levels, or None where they are not followed
    key : of the random numbers
    growth : rows to reserve for later years, as a share of the opening stock
    absent : int64 (origin, sex, age), agents who live outside, where families are followed
    dead : rows at the end of the base for mothers who have died
    pool : where given, segments are shared among threads

    Notes
    -----
    A person's parity and level come from the person's own word: one more row changes nobody else.
    """
    total = int(counts.sum()) + dead + (0 if absent is None else int(absent.sum()))
    room = int(total * (1.0 + growth)) + 1024
    persons = Persons(
        np.zeros(room, np.uint8),
        np.zeros(room, np.uint8),
        np.full(room, UNKNOWN, np.int32),
        np.zeros(room - total, np.uint64),
        0,
        total,
        None if absent is None else Kin.room(room),
    )
    _add_segments(persons, counts, start, parity, levels, key, 0, pool)
    if absent is not None:
        _add_segments(persons, absent, start, parity, None, key, ABSENT, pool)
    persons.rows = total
    return persons


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
    uppers = (mark | (birth_years << 2) | (sexes << 1) | places).astype(np.uint64)
    first = len(persons.start)
    sizes = counts[places, sexes, ages]
    for year, s, size, upper in zip(birth_years.tolist(), sexes.tolist(), sizes.tolist(), uppers, strict=True):
        persons.add_segment(year, s, size, upper)
    segments = persons.segments
    begin, end = segments.start[first:], segments.stop[first:]
    for a, b, place in zip(begin.tolist(), end.tolist(), places.tolist(), strict=True):
        persons.code[a:b] = AWAY + place if mark else 1 + place * LEVELS
    own_levels = np.full((ages.size, 1), np.inf) if levels is None else levels[places, sexes, ages]
    own_parity = np.where((sexes == 1)[:, None], parity[places, ages], np.inf)
    parts = np.array_split(np.arange(ages.size), 1 if pool is None else PARTS)

    def draw(part: np.ndarray) -> None:
        draw_classes(persons, begin[part], end[part], uppers[part], own_levels[part], own_parity[part], start, key)

    for _ in (map if pool is None else pool.map)(draw, parts):
        pass


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
