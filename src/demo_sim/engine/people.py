"""The people engine: persons in arrays, one compiled pass a year, fed by the tables of the cohort pass."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from demo_sim.engine.arrivals import admit
from demo_sim.engine.synthesis import STORED, Persons, Segments
from demo_sim.engine.thresholds import Thresholds
from demo_sim.errors import IdentityError
from demo_sim.kernels.person_year import AWAY, LEVELS, person_year

ITEM = 32_768  # rows of a piece of work
CHUNK = 262_144  # rows handed to a thread at a time
CODES = AWAY  # of people in the region; those outside are not counted
Items = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass
class YearEvents:
    """What happened to the persons of one draw in one year, as integers.

    Attributes
    ----------
    ends : (sex, age, code), change of the count by code against nobody having an event, by age on 1 January
    died : (residence, level, sex, age), by residence after the first moves and age on 1 January
    left : (2, residence, sex, age), external leavers of each half; entered : the same, arrivals
    moved : (2, 2, residence, sex, age), half, kind (moved, re-coded), residence left
    gave_birth : (2, residence, age), children by exposure and age on 1 January
    newborn : (residence, sex, 5), born, died, re-coded, moved, left
    """

    ends: np.ndarray
    died: np.ndarray
    left: np.ndarray
    entered: np.ndarray
    moved: np.ndarray
    gave_birth: np.ndarray
    newborn: np.ndarray

    @classmethod
    def empty(cls, ages: int) -> YearEvents:
        """Counters at zero."""
        shapes = (
            (2, ages, CODES),
            (2, LEVELS, 2, ages),
            (2, 2, 2, ages),
            (2, 2, 2, ages),
            (2, 2, 2, 2, ages),
            (2, 2, ages),
            (2, 2, 5),
        )
        return cls(*(np.zeros(shape, np.int64) for shape in shapes))

    def add(self, other: YearEvents) -> None:
        """Add the counters of another part; integers, so the order does not matter."""
        for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True):
            mine += theirs


@dataclass
class Newborns:
    """Newborns alive at the year-end, in the order of their mothers' rows."""

    mother: np.ndarray
    sex: np.ndarray
    code: np.ndarray
    ident: np.ndarray

    @classmethod
    def room(cls, rows: int) -> Newborns:
        """Columns to be written."""
        return cls(*(np.empty(rows, kind) for kind in (np.int32, np.uint8, np.uint8, np.uint64)))

    def first(self, count: int) -> Newborns:
        """The rows that were written."""
        return Newborns(*(column[:count] for column in vars(self).values()))


@dataclass
class Population:
    """Persons of one draw with their count by sex, age and code, which the events keep up to date.

    Attributes
    ----------
    persons : rows
    count : int64 (sex, age, code), at the current year-end
    key : two words, seed and draw
    log : int64, moves and deaths of the last year, as `person_year` writes them; first_newborn : first row born in it
    """

    persons: Persons
    count: np.ndarray
    key: tuple[np.uint64, np.uint64]
    ages: int = field(default=101)
    log: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    first_newborn: int = 0
    _items: tuple[Segments, int, Items] | None = field(default=None, init=False, repr=False)

    def items(self, year: int) -> Items:
        """Pieces of work, and sex, age on 1 January and upper id of each segment; kept until people come in."""
        table = self.persons.segments
        if self._items is not None and self._items[0] is table and self._items[1] == year:
            return self._items[2]
        birth_year, sex, start, stop, upper = table
        age = np.minimum(year - 1 - birth_year, self.ages - 1)
        number = -(-(stop - start) // ITEM)
        segment = np.repeat(np.arange(start.size), number)
        order = np.arange(segment.size) - np.repeat(np.cumsum(number) - number, number)
        first = start[segment] + order * ITEM
        pieces = np.stack([segment, first, np.minimum(first + ITEM, stop[segment]), start[segment]], axis=1)
        self._items = table, year, (pieces, sex, age, upper)
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
    twins: float,
    pool: Executor | None = None,
    married: np.ndarray | None = None,
) -> YearEvents:
    """One year of the persons of one draw; moves the population to the year-end.

    Parameters
    ----------
    population : changed in place
    year : calendar year
    cuts : thresholds of the year
    arrivals : int64 (residence, sex, age, level) of each half, agents that enter, by age at the move
    late_births : whether arrivals and leavers of the second half count for births (timing `even`)
    twins : share of deliveries with two children
    pool : where given, pieces of work are shared among threads; results do not depend on it
    married : uint64 (sex, age), cuts of having a partner of people new to the region, where families are followed

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
    events = YearEvents.empty(population.ages)
    admit(p, arrivals[0], year, 0, key, cuts.arriving[0], married)
    population.count += _as_codes(arrivals[0])
    events.entered[0, : len(arrivals[0])] += arrivals[0].sum(axis=3)
    pieces, sex, age, upper = population.items(year)
    arguments = (population, year, cuts, sex, age, upper, late_births, twins)
    if pool is None:
        parts = [_live_items(pieces, *arguments)]
    else:
        parts = list(pool.map(lambda chunk: _live_items(chunk, *arguments), chunks(pieces)))
    for part, _, _ in parts:
        events.add(part)
    new = admit(p, arrivals[1], year, 1, key, cuts.arriving[1], married)
    if late_births and new.size:
        _, sex, age, upper = population.items(year)
        pieces = new[age[new[:, 0]] >= 0]
        parts.append(
            _live_items(pieces, population, year, cuts.of_late_arrivals(), sex, age, upper, late_births, twins)
        )
        events.add(parts[-1][0])
    population.first_newborn = p.rows
    _bring_up(population, events, [born for _, born, _ in parts], year)
    population.count += _as_codes(arrivals[1])
    events.entered[1, : len(arrivals[1])] += arrivals[1].sum(axis=3)
    check_account(before, population.count, events, year)
    population.log = np.concatenate([log for _, _, log in parts])
    return events


def _as_codes(arrivals: np.ndarray) -> np.ndarray:
    """(residence, sex, age, level) as (sex, age, code)."""
    out = np.zeros((2, arrivals.shape[2], CODES), np.int64)
    for r in range(arrivals.shape[0]):
        out[:, :, 1 + r * LEVELS : 1 + (r + 1) * LEVELS] = arrivals[r]
    return out


def _live_items(
    pieces: np.ndarray,
    population: Population,
    year: int,
    cuts: Thresholds,
    sex: np.ndarray,
    age: np.ndarray,
    upper: np.ndarray,
    late_births: bool,
    twins: float,
) -> tuple[YearEvents, Newborns, np.ndarray]:
    """Some pieces of work on one thread: counters, newborns, log of moves and deaths where families are followed."""
    p = population.persons
    events = YearEvents.empty(population.ages)
    fertile = sex[pieces[:, 0]] == 1
    fertile &= cuts.most[1, age[pieces[:, 0]], 3] > 0
    rows = int((pieces[:, 2] - pieces[:, 1])[fertile].sum())
    share = float(cuts.most[1, :, 3].max()) / 2.0**32 * (1.0 + twins)
    babies = Newborns.room(min(2 * rows, int(rows * share * 1.5) + 256))  # the mean at most, and ample chance
    log, logged = _log_room(population, cuts, pieces, sex, age), np.zeros(1, np.int64)
    count = person_year(
        pieces,
        sex,
        age,
        upper,
        p.code,
        p.born,
        p.ident,
        p.base_rows,
        np.uint64(year),
        *population.key,
        cuts.most,
        cuts.move,
        cuts.again,
        cuts.leave,
        cuts.death,
        cuts.level,
        cuts.birth,
        cuts.away,
        cuts.back,
        np.uint64(int(twins * 2**32)),
        cuts.boy,
        cuts.newborn_death,
        cuts.newborn_move,
        not late_births,
        events.ends,
        events.died,
        events.left,
        events.entered,
        events.moved,
        events.gave_birth,
        events.newborn,
        *vars(babies).values(),
        log,
        logged,
    )
    return events, babies.first(count), log[: logged[0]].copy()


def _log_room(
    population: Population, cuts: Thresholds, pieces: np.ndarray, sex: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """Room for the moves and deaths of some pieces: what the largest chances give, and ample; none without kin."""
    if population.persons.kin is None:
        return np.zeros(0, np.int64)
    segment = pieces[:, 0]
    most = cuts.most[sex[segment], age[segment]].astype(float) / 2.0**32
    rows = pieces[:, 2] - pieces[:, 1]
    expected = float((rows * np.minimum(most[:, 0] + most[:, 2], 1.0)).sum())
    return np.empty(min(int(rows.sum()), int(1.5 * expected)) + 1024, np.int64)


def _bring_up(population: Population, events: YearEvents, born: list[Newborns], year: int) -> None:
    """Move the counts one age up and append the newborns as two segments, boys and girls."""
    count = population.count + events.ends
    up = np.zeros_like(count)
    up[:, 1:] = count[:, :-1]
    up[:, -1] += count[:, -1]
    p = population.persons
    mother = np.concatenate([part.mother for part in born])
    sexes = np.concatenate([part.sex for part in born])
    code = np.concatenate([part.code for part in born])
    ident = np.concatenate([part.ident for part in born])
    for s in range(2):
        chosen = np.flatnonzero(sexes == s)
        if chosen.size == 0:
            continue
        place = p.add_segment(year, s, chosen.size, STORED)
        p.code[place] = code[chosen]
        p.mother[place] = mother[chosen]
        p.ident[place.start - p.base_rows : place.stop - p.base_rows] = ident[chosen]
        up[s, 0] += np.bincount(code[chosen], minlength=CODES)[:CODES]
    up[:, :, 0] = 0
    population.count = up


def check_account(before: np.ndarray, after: np.ndarray, events: YearEvents, year: int) -> None:
    """Year-end = start + births - deaths + moves, as integers, by residence and sex.

    Raises
    ------
    IdentityError
        Names the residence and sex.
    """
    gained = (after - before).sum(axis=1)[:, 1:].reshape(2, 2, LEVELS).sum(axis=2).T  # (residence, sex)
    born, died, recoded, moved, left = events.newborn.transpose(2, 0, 1)
    leaving = events.moved.sum(axis=(0, 1, 4)) + recoded + moved
    external = (events.entered - events.left).sum(axis=(0, 3)) - left
    miss = gained - (born - died - events.died.sum(axis=(1, 3)) + leaving[::-1] - leaving + external)
    for r, s in np.argwhere(miss).tolist():
        sex, place = ("male", "female")[s], ("urban", "rural")[r]
        raise IdentityError(
            f"{year}年 {place} {sex}：年末人数与出生、死亡、迁移不平衡，差 {miss[r, s]} 人",
            f"{year}: {place} {sex}: the year-end is off its births, deaths and moves by {miss[r, s]} persons",
        )
