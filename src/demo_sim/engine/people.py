"""The people engine: persons in arrays, one compiled pass a year, fed by the tables of the cohort pass."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from demo_sim.engine.accounts import check_account
from demo_sim.engine.arrivals import Key, open_rows
from demo_sim.engine.events import YearEvents
from demo_sim.engine.persons import STORED, Persons, Segments
from demo_sim.engine.thresholds import WHOLE, Thresholds
from demo_sim.kernels.columns import LEVELS
from demo_sim.kernels.given import Clock, Households, NewbornColumns, SegmentColumns
from demo_sim.kernels.kin import ADULT
from demo_sim.kernels.person_year import person_year
from demo_sim.kernels.rows import count_codes
from demo_sim.kernels.together import LEADS, WITH_MOTHER, WITH_PARTNER

ITEM = 32_768  # rows of a piece of work
CHUNK = 262_144  # rows handed to a thread at a time


class Items(NamedTuple):
    """Pieces of work of a year, draw after draw, and what is the same for all rows of a segment.

    Attributes
    ----------
    pieces : int64 (piece, 4), segment, first and past-the-last row, first row of the segment
    segments : ages on 1 January
    edges : where the pieces of each draw begin, and their number
    """

    pieces: np.ndarray
    segments: SegmentColumns
    edges: np.ndarray

    def of_draw(self, draw: int) -> np.ndarray:
        """Pieces of one draw."""
        return self.pieces[self.edges[draw] : self.edges[draw + 1]]

    def waves(self, together: np.ndarray | None) -> list[np.ndarray]:
        """Pieces to live at once: those whom others follow before the others, where families move together."""
        if together is None:
            return [self.pieces]
        leads = self.segments.role[self.pieces[:, 0]] == LEADS
        return [self.pieces[leads], self.pieces[~leads]]

    def draws_of(self, pieces: np.ndarray) -> slice:
        """Draws that some pieces, draw after draw, belong to."""
        if not pieces.size:
            return slice(0, 0)
        first, last = self.segments.draw[pieces[[0, -1], 0]].tolist()
        return slice(first, last + 1)


@dataclass
class Population:
    """Persons of some draws with their count by sex, age and code, which the events keep up to date.

    Attributes
    ----------
    persons : rows
    count : int64 (draw, sex, age, code), at the current year-end
    key : two words, seed and first draw
    log : int64, moves and deaths of the last year, as `person_year` writes them; first_newborn : first row born in it
    """

    persons: Persons
    count: np.ndarray
    key: Key
    log: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    first_newborn: int = 0
    _items: tuple[Segments, int, Items] | None = field(default=None, init=False, repr=False)

    @classmethod
    def of(cls, persons: Persons, key: Key, year: int, ages: int = 101) -> Population:
        """Persons on 1 January of a year, counted."""
        out = cls(persons, np.zeros((persons.base.size, 2, ages, persons.at.away), np.int64), key)
        table = persons.segments
        count_codes(
            table.start, table.stop, out.items(year).segments.cell, out.count.reshape(-1, persons.at.away), persons.code
        )
        return out

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.count.shape[0]

    def key_of(self, draw: int) -> Key:
        """Key of the random numbers of one draw."""
        return self.key[0], self.key[1] + np.uint64(draw)

    @property
    def ages(self) -> int:
        """Number of ages; the last one is open."""
        return self.count.shape[2]

    def items(self, year: int) -> Items:
        """Pieces of work of the year; kept until people come in."""
        table = self.persons.segments
        if self._items is not None and self._items[0] is table and self._items[1] == year:
            return self._items[2]
        age = np.minimum(year - 1 - table.birth_year, self.ages - 1)
        number = -(-(table.stop - table.start) // ITEM)
        segment = np.argsort(table.draw, kind="stable")
        number = number[segment]
        order = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
        segment = np.repeat(segment, number)
        first = table.start[segment] + order * ITEM
        pieces = np.stack([segment, first, np.minimum(first + ITEM, table.stop[segment]), table.start[segment]], axis=1)
        cell = (table.draw * 2 + table.sex) * self.ages + age
        edges = np.searchsorted(table.draw[segment], np.arange(self.draws + 1))
        role = np.where(age < ADULT, WITH_MOTHER, np.where(table.sex == 1, LEADS, WITH_PARTNER))
        own = SegmentColumns(cell, table.sex, age, table.draw, table.upper, role, table.start)
        self._items = table, year, Items(pieces, own, edges)
        return self._items[2]


def chunks(pieces: np.ndarray) -> list[np.ndarray]:
    """Pieces of work in the portions that are handed to a thread at a time."""
    rows = np.cumsum(pieces[:, 2] - pieces[:, 1])
    total = int(rows[-1]) if rows.size else 0
    return np.split(pieces, np.searchsorted(rows, np.arange(CHUNK, total, CHUNK)))


def live_year(
    population: Population,
    year: int,
    cuts: Thresholds,
    arrivals: Sequence[np.ndarray],
    late_births: bool,
    pool: Executor | None = None,
    married: np.ndarray | None = None,
    together: np.ndarray | None = None,
) -> YearEvents:
    """One year of the persons of all draws; moves the population to the year-end.

    Parameters
    ----------
    population : changed in place
    year : calendar year
    cuts : thresholds of the year
    arrivals : int64 (draw, residence, sex, age, level) of each half, agents that enter, by age at the move
    late_births : whether arrivals and leavers of the second half count for births (timing `even`)
    pool : where given, pieces of work are shared among threads; results do not depend on it
    married : uint64 (draw, sex, age), cuts of having a partner of people new to the region, where families are followed
    together : uint64 (draw, 2), cuts of a household's word for moving and for being re-coded as one; None: nobody does

    Returns
    -------
    YearEvents

    Raises
    ------
    IdentityError
        The year-end count is not start + births - deaths + moves.
    """
    before = population.count.copy()
    p, key = population.persons, population.key
    events = YearEvents.empty(p.at, population.draws, population.ages)
    open_rows(p, arrivals[0], year, 0, key, cuts.arriving, married)
    _count_arrivals(population, events, arrivals[0], 0)
    items = population.items(year)
    arguments = population, year, late_births, _households(p, together)
    alone = _households(p, None)
    lived: list[Lived] = []
    for wave in items.waves(together):
        if pool is None:
            lived.append(_live_items(wave, items, cuts, *arguments))
        else:
            lived += pool.map(lambda chunk: _live_items(chunk, items, cuts, *arguments), chunks(wave))
    new = open_rows(p, arrivals[1], year, 1, key, cuts.arriving, married)
    if late_births and new.size:
        items = population.items(year)
        lived.append(
            _live_items(new[items.segments.age[new[:, 0]] >= 0], items, cuts.of_late_arrivals(), *arguments[:-1], alone)
        )
    for part in lived:
        events.counts[part.draws] += part.counts
    population.first_newborn = p.rows
    _bring_up(population, events, [part.newborns for part in lived], year)
    _count_arrivals(population, events, arrivals[1], 1)
    check_account(before, population.count, events, year)
    population.log = np.concatenate([part.log for part in lived])
    return events


def _count_arrivals(population: Population, events: YearEvents, arrivals: np.ndarray, half: int) -> None:
    """Put (draw, residence, sex, age, level) on the counts."""
    for r in range(arrivals.shape[1]):
        population.count[..., 1 + r * LEVELS : 1 + (r + 1) * LEVELS] += arrivals[:, r]
        events.arrivals[:, half, r] += arrivals[:, r].sum(axis=3)


def _households(persons: Persons, together: np.ndarray | None) -> Households:
    """Households of the year that begins; without room in `led` everybody moves alone."""
    if together is None or persons.kin is None:
        return Households(np.zeros((0, 2), np.uint64), np.zeros(0, np.int32), np.zeros(0, np.uint8))
    return Households(together, persons.kin.partner, np.zeros(persons.rows, np.uint8))


def _newborns(rows: int) -> NewbornColumns:
    """Columns to be written."""
    return NewbornColumns(*(np.empty(rows, kind) for kind in (np.int32, np.uint16, np.uint8, np.uint64)))


class Lived(NamedTuple):
    """What one thread found: counters of some draws, newborns, log of moves and deaths where families are followed."""

    draws: slice
    counts: np.ndarray
    newborns: NewbornColumns
    log: np.ndarray


def _live_items(
    pieces: np.ndarray,
    items: Items,
    cuts: Thresholds,
    population: Population,
    year: int,
    late_births: bool,
    households: Households,
) -> Lived:
    """Some pieces of work, draw after draw, on one thread."""
    p = population.persons
    segment = pieces[:, 0]
    draws = items.draws_of(pieces)
    counts = np.zeros((draws.stop - draws.start, 2, population.ages, p.at.counts), np.int64)
    rows = pieces[:, 2] - pieces[:, 1]
    most = cuts.most.reshape(-1, 4)[items.segments.cell[segment]].astype(float) / WHOLE
    births = most[:, 3] * (1.0 + float(cuts.twin.max()) / WHOLE)
    babies = _newborns(min(2 * int(rows[births > 0.0].sum()), int(1.5 * float((rows * births).sum())) + 256))
    log, logged = np.zeros(0, np.int64), np.zeros(1, np.int64)
    if p.kin is not None:  # room for what the largest chances give, and ample
        expected = float((rows * np.minimum(most[:, 0] + most[:, 2], 1.0)).sum())
        log = np.empty(min(int(rows.sum()), int(1.5 * expected)) + 1024, np.int64)
    count = person_year(
        pieces, items.segments, p.columns, Clock(np.uint64(year), *population.key), p.at.each,
        cuts.table.reshape(-1, p.at.cuts), not late_births, draws.start * 2 * population.ages,
        counts.reshape(-1, p.at.counts), babies, log, logged, households,
    )  # fmt: skip
    return Lived(draws, counts, NewbornColumns(*(column[:count] for column in babies)), log[: logged[0]].copy())


def _bring_up(population: Population, events: YearEvents, born: list[NewbornColumns], year: int) -> None:
    """Move the counts one age up and append the newborns in segments, boys and girls of each draw."""
    count = population.count + events.ends
    up = np.zeros_like(count)
    up[:, :, 1:] = count[:, :, :-1]
    up[:, :, -1] += count[:, :, -1]
    p = population.persons
    group = np.concatenate([part.group for part in born])
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group, minlength=2 * population.draws)
    there = np.flatnonzero(sizes)
    place = slice(p.rows, p.rows + group.size)
    stored = np.full(there.size, STORED, np.uint64)
    p.add_segments(there // 2, np.full(there.size, year), there % 2, sizes[there], stored)
    code = np.concatenate([part.code for part in born])[order]
    p.code[place] = code
    p.mother[place] = np.concatenate([part.mother for part in born])[order]
    p.ident[place.start - p.base_rows : place.stop - p.base_rows] = np.concatenate([part.ident for part in born])[order]
    cells = group[order].astype(np.int64) * 256 + code
    here = np.bincount(cells, minlength=2 * population.draws * 256).reshape(population.draws, 2, 256)
    up[:, :, 0] = here[..., : p.at.away]
    up[..., 0] = 0
    population.count = up
