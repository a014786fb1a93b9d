"""Persons in columns: rows of all draws, in segments of one draw, birth year, sex and residence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from demo_sim.errors import TooLargeError
from demo_sim.kernels.columns import MOST_PLACES, Columns, columns
from demo_sim.kernels.founding import PER_PLACE
from demo_sim.kernels.given import KinColumns, PersonColumns

STORED = np.uint64(0xFFFFFFFFFFFFFFFF)  # a segment whose ids lie in a column
_UNKNOWN = -1
ROOM_TO_COME = 8  # room of a segment of people who enter, in halves of a year like the first
SPAN = 256  # more years than birth years among which people enter at a time


class Segments(NamedTuple):
    """Draw, birth year, sex, first row, past-the-last row and upper half of the ids of each segment."""

    draw: np.ndarray
    birth_year: np.ndarray
    sex: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    upper: np.ndarray

    @classmethod
    def none(cls) -> Segments:
        """No segment."""
        nothing = np.zeros(0, np.int64)
        return cls(nothing, nothing, nothing, nothing, nothing, np.zeros(0, np.uint64))

    def with_more(self, *columns: np.ndarray) -> Segments:
        """These and more."""
        return Segments(*(np.concatenate(pair) for pair in zip(self, columns, strict=True)))


@dataclass
class KinOfPersons:
    """Columns of families, one entry a row of `Persons`.

    Attributes
    ----------
    father, partner : int32, rows; -1 unknown or nobody, -2 dead without a row
    union : uint8, 0 never, 1 with a partner's row, 2 widowed or divorced, 3 partner outside the rows
    spouse : uint8, place of the partner where there is a row, after all places outside
    kids : uint16, or int64 of more than two places, living children, 5 bits for each place and away
    family : uint8, what groups ask of kin, as of the last year-end
    """

    father: np.ndarray
    partner: np.ndarray
    union: np.ndarray
    spouse: np.ndarray
    kids: np.ndarray
    family: np.ndarray

    @classmethod
    def room(cls, rows: int, kids: type[np.integer]) -> KinOfPersons:
        """Columns of people without kin; `kids` is the type that holds the counts of children."""
        return cls(
            np.full(rows, _UNKNOWN, np.int32),
            np.full(rows, _UNKNOWN, np.int32),
            np.zeros(rows, np.uint8),
            np.zeros(rows, np.uint8),
            np.zeros(rows, kids),
            np.zeros(rows, np.uint8),
        )

    @property
    def columns(self) -> KinColumns:
        """What kernels are given of families."""
        return KinColumns(self.father, self.partner, self.union, self.spouse, self.kids)

    def part(self, rows: slice) -> KinOfPersons:
        """Views of some rows."""
        return KinOfPersons(*(column[rows] for column in vars(self).values()))

    def reserve(self, rows: int) -> None:
        """Make all columns so long."""
        longer = KinOfPersons.room(rows, self.kids.dtype.type)
        for name, column in vars(longer).items():
            column[: getattr(self, name).shape[0]] = getattr(self, name)
            setattr(self, name, column)


@dataclass
class Persons:
    """Persons in columns; rows are appended and never move, the gone keep theirs.

    Attributes
    ----------
    code : uint8, place and functional level, see `kernels.columns`
    born : uint8, children ever born
    mother : int32, row of the mother, -1 unknown
    ident : uint64, ids of the rows after the base; the id of a base row is its cell and serial
    base : rows of the base year of each draw, which lie one draw after the other
    rows : rows in use
    at : columns of the places there are
    kin : columns of families, or None where they are not followed
    segments : where who lies; `upper` is the upper half of the ids, or STORED
    setting, waiting, lived : uint8, care setting, years on the list for a home, residence at the last year-end of those
        in a home or on the list; empty until `reserve_care`

    Rows between the end of a segment and the next one are room for people to come, and belong to nobody.
    """

    code: np.ndarray
    born: np.ndarray
    mother: np.ndarray
    ident: np.ndarray
    base: np.ndarray
    rows: int
    at: Columns
    kin: KinOfPersons | None = None
    segments: Segments = field(default_factory=Segments.none)
    setting: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))
    waiting: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))
    lived: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))

    def __post_init__(self) -> None:
        # last segment and end of its room, by draw, sex and birth year of those who enter
        self._open = np.full((self.base.size, 2, SPAN, 2), -1, np.int64)

    @classmethod
    def room(cls, base: Sequence[int], growth: float, kin: bool, places: int) -> Persons:
        """Columns for so many rows of each draw in the base year, of nobody as yet.

        Parameters
        ----------
        growth : rows to reserve for later years, as a share of those
        kin : whether families are followed
        places : that people live in
        """
        total = sum(base)
        room = int(total * (1.0 + growth)) + 1024
        _require_numbers(room)
        return cls(
            np.zeros(room, np.uint8),
            np.zeros(room, np.uint8),
            np.full(room, _UNKNOWN, np.int32),
            np.zeros(room - total, np.uint64),
            np.array(base, np.int64),
            0,
            columns(places),
            KinOfPersons.room(room, _type_of_counts(places)) if kin else None,
        )

    @property
    def columns(self) -> PersonColumns:
        """What kernels are given of persons."""
        return PersonColumns(self.code, self.born, self.mother, self.ident, self.base_rows)

    @property
    def base_rows(self) -> int:
        """Rows of the base year."""
        return int(self.base.sum())

    def of_draw(self, draw: int) -> Persons:
        """Views of the base rows of one draw, to be filled as if there were no other; `take` brings them home."""
        first = int(self.base[:draw].sum())
        rows = slice(first, first + int(self.base[draw]))
        views = (self.code[rows], self.born[rows], self.mother[rows], self.ident[:0])
        return Persons(
            *views, self.base[draw : draw + 1], 0, self.at, None if self.kin is None else self.kin.part(rows)
        )

    def take(self, parts: Sequence[Persons]) -> None:
        """Take over the segments of all draws and number the rows through."""
        first, columns = 0, []
        for draw, part in enumerate(parts):
            own = part.segments
            moved = {"draw": np.full_like(own.draw, draw), "start": own.start + first, "stop": own.stop + first}
            columns.append(own._replace(**moved))
            for links in (part.mother,) if part.kin is None else (part.mother, part.kin.father, part.kin.partner):
                if first:
                    links += (first * (links >= 0)).astype(np.int32)
            first += part.base_rows
        self.segments = Segments(*(np.concatenate(column) for column in zip(*columns, strict=True)))
        self.rows = first

    def add_segments(
        self, draw: np.ndarray, birth_year: np.ndarray, sex: np.ndarray, count: np.ndarray, upper: np.ndarray
    ) -> np.ndarray:
        """Append segments of empty rows; gives the first row of each."""
        stop = self.rows + np.cumsum(count)
        start = stop - count
        if stop.size:
            self._reserve(int(stop[-1]))
            self.rows = int(stop[-1])
        self.segments = self.segments.with_more(draw, birth_year, sex, start, stop, upper)
        return start

    def admit(self, draw: np.ndarray, birth_year: np.ndarray, sex: np.ndarray, count: np.ndarray) -> np.ndarray:
        """Rows for people who enter, whose ids are stored.

        Each draw, birth year and sex goes on in the segment of those who entered last while that has room: thousands of
        small segments would cost more than the people in them.

        Parameters
        ----------
        draw, birth_year, sex, count : of each group that enters, no two alike; counts above 0

        Returns
        -------
        int64 (group, 4), pieces of work as `person_year` reads them: segment, rows, first row of the segment
        """
        group = draw, sex, birth_year % SPAN
        segment, end = self._open[group].T
        full = segment < 0
        full[~full] = self.segments.stop[segment[~full]] + count[~full] > end[~full]
        if full.any():
            known, room = self.segments.start.size, ROOM_TO_COME * (count[full] + 1)
            begin = self.add_segments(
                draw[full], birth_year[full], sex[full], room, np.full(room.size, STORED, np.uint64)
            )
            segment[full] = np.arange(known, known + room.size)
            self.segments.stop[known:] = begin
            self._open[tuple(index[full] for index in group)] = np.stack([segment[full], begin + room], axis=1)
        first = self.segments.stop[segment]
        stop = self.segments.stop.copy()  # whoever holds the table sees the people who were in it
        stop[segment] = first + count
        self.segments = self.segments._replace(stop=stop)
        return np.stack([segment, first, first + count, self.segments.start[segment]], axis=1)

    def _reserve(self, rows: int) -> None:
        """Room for so many rows, with a tenth to spare where it has to grow."""
        if rows <= self.code.shape[0]:
            return
        _require_numbers(rows)
        room = int(rows * 1.1) + 1024
        for name, gone in (("code", 0), ("born", 0), ("mother", _UNKNOWN), ("ident", 0)):
            old = getattr(self, name)
            size = room - self.base_rows if name == "ident" else room
            new = np.full(size, gone, old.dtype)
            new[: old.shape[0]] = old
            setattr(self, name, new)
        if self.kin is not None:
            self.kin.reserve(room)
        if self.setting.size:
            self.reserve_care()

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


def _type_of_counts(places: int) -> type[np.integer]:
    """The smallest type that holds a count of children in each place and outside.

    Raises
    ------
    TooLargeError
        More places than any type holds.
    """
    if places > MOST_PLACES:
        raise TooLargeError(
            f"家庭最多在 {MOST_PLACES} 个地方之间推演，这里有 {places} 个",
            f"families are followed in at most {MOST_PLACES} places, here are {places}",
        )
    return np.uint16 if PER_PLACE * (places + 1) <= 16 else np.int64


def _require_numbers(rows: int) -> None:
    """Links are row numbers of 32 bits.

    Raises
    ------
    TooLargeError
        More persons than these can tell apart.
    """
    if rows > np.iinfo(np.int32).max:
        raise TooLargeError(
            f"需要 {rows / 1e8:.0f} 亿行个体记录，超过上限 21 亿；请加大 --scale",
            f"{rows / 1e9:.1f} billion rows of persons are wanted, 2.1 billion are the most; give a larger --scale",
        )
