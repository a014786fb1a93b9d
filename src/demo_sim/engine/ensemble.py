"""Persons of some draws, beside the cohort pass that feeds them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from demo_sim.engine.absent import AbsentStock
from demo_sim.engine.arrivals import Key, arrivals_by_level, whole_arrivals
from demo_sim.engine.calendar import Timing, YearFlows, YearTables
from demo_sim.engine.events import YearEvents
from demo_sim.engine.families import count_families, live_families
from demo_sim.engine.founding import LinkQuality, found
from demo_sim.engine.levels import LevelShares, LevelYear
from demo_sim.engine.motherhood import Motherhood
from demo_sim.engine.parity import ParityShares
from demo_sim.engine.people import Population, live_year
from demo_sim.engine.persons import Persons
from demo_sim.engine.synthesis import synthesise, whole_numbers
from demo_sim.engine.thresholds import Returns, build_thresholds, cut
from demo_sim.inputs.history import Past
from demo_sim.inputs.unions import UnionRates
from demo_sim.kernels.columns import LEVELS
from demo_sim.kernels.philox import seed_word

T = TypeVar("T")

BYTES_PER_PERSON = 14.0  # code, children born, mother link, and ids of the rows that are added
BYTES_OF_KIN = 13.0  # father, partner, union, living children, family, who leads others this year
GROWTH_A_YEAR = 0.008  # rows added a year, as a share of the opening stock: newborns and arrivals


@dataclass(frozen=True)
class Setting:
    """How persons are followed.

    Attributes
    ----------
    draws : draws that are followed by persons, the first ones of the cohort pass
    scale : persons that one agent stands for; 1 is one to one
    seed : of the scenario
    threads : at most so many; results do not depend on it
    first_draw : number of the first draw, part of the key of the random numbers; below 0 for replicates of the run
        at stated values
    """

    draws: int
    scale: float
    seed: int
    threads: int
    first_draw: int = 0


def memory_needed(persons: float, setting: Setting, years: int, kin: bool = False) -> float:
    """Bytes of the columns of all draws at the end of a run; with families those of `persons` outside, too."""
    rows = persons / setting.scale * (1.0 + GROWTH_A_YEAR * years)
    return setting.draws * rows * (BYTES_PER_PERSON + BYTES_OF_KIN * kin)


@dataclass(frozen=True)
class KinInputs:
    """What families need.

    Attributes
    ----------
    past : of the base population
    unions : rates of the years to come
    returnee_share : (draw,), part of those who move in that returns
    classes : uint8 (2, family), class of each family that groups tell apart, below 18 and from 18
    together : (2, draw), chances that a household moves as one, and is re-coded as one
    """

    past: Past
    unions: UnionRates
    returnee_share: np.ndarray
    classes: np.ndarray
    together: np.ndarray


class Ensemble:
    """Persons of some draws, moved on year by year with the cohort pass.

    Parameters
    ----------
    start : (residence, sex, age, draw), opening stock of the cohort pass
    first_year : calendar year that begins
    parity : shares of women by children ever born
    setting, timing : how persons are followed, and when migrants move
    years : number of years to come, for the room reserved
    levels : expected shares of functional levels, where they are followed
    kin : the past and the rates of unions, where families are followed
    """

    def __init__(
        self,
        start: np.ndarray,
        first_year: int,
        parity: ParityShares,
        setting: Setting,
        timing: Timing,
        years: int,
        levels: LevelShares | None = None,
        kin: KinInputs | None = None,
    ) -> None:
        self.kin = kin
        self.absent = None if kin is None else AbsentStock(kin.past.absent, kin.returnee_share)
        self.setting, self.timing, self.parity = setting, timing, parity
        self.places = start.shape[0]
        # nobody waits for others where nobody moves with them
        as_one = None if kin is None or not kin.together.any() else kin.together[:, : setting.draws]
        self._together = None if as_one is None else np.ascontiguousarray(cut(as_one).T)
        self.pool = ThreadPoolExecutor(setting.threads) if setting.threads > 1 else None
        self._families: np.ndarray | None = None  # (class, time, place, sex, age, level, draw)
        self._first, self._times = first_year - 1, years + 1
        key = seed_word(setting.seed), np.uint64(setting.first_draw & 0xFFFFFFFF)
        persons, self.fits = self._begin(start, first_year, GROWTH_A_YEAR * years, levels, key)
        self.population = Population.of(persons, key, first_year, start.shape[2])
        self._count_families(first_year - 1)

    def each(self, work: Callable[[int, Executor | None], T]) -> list[T]:
        """Work on all draws: a thread for each, or where they are fewer than the threads, all threads for one."""
        draws = range(self.setting.draws)
        if self.pool is None or len(draws) < self.setting.threads:
            return [work(draw, self.pool) for draw in draws]
        return list(self.pool.map(lambda draw: work(draw, None), draws))

    def _begin(
        self,
        start: np.ndarray,
        first_year: int,
        growth: float,
        levels: LevelShares | None,
        key: Key,
    ) -> tuple[Persons, list[LinkQuality]]:
        """Persons of the base year, and how well their families fit."""
        draws, scale, kin = range(self.setting.draws), self.setting.scale, self.kin
        counts = [whole_numbers(start[..., draw], scale) for draw in draws]
        shares = [None if levels is None else levels.at_all_ages(draw) for draw in draws]
        keys = [(key[0], key[1] + np.uint64(draw)) for draw in draws]
        if kin is None:
            persons = Persons.room([int(c.sum()) for c in counts], growth, False, self.places)
            parts = [persons.of_draw(draw) for draw in draws]

            def fill(draw: int, pool: Executor | None) -> None:
                parity = self.parity.shares[..., draw]
                synthesise(parts[draw], counts[draw], first_year, parity, shares[draw], keys[draw], None, pool)

            self.each(fill)
            persons.take(parts)
            return persons, []
        births = [self._motherhood(start, kin.past, draw) for draw in draws]
        outside = [whole_numbers(kin.past.absent[..., draw], scale) for draw in draws]
        base = [int(c.sum() + o.sum() + b.dead.sum()) for c, o, b in zip(counts, outside, births, strict=True)]
        persons = Persons.room(base, growth, True, self.places)
        parts = [persons.of_draw(draw) for draw in draws]

        def settle(draw: int, pool: Executor | None) -> LinkQuality:
            stocks = counts[draw], outside[draw]
            return found(parts[draw], stocks, births[draw], kin.past, draw, shares[draw], keys[draw], pool)

        fits = self.each(settle)
        persons.take(parts)
        return persons, fits

    def _motherhood(self, start: np.ndarray, past: Past, draw: int) -> Motherhood:
        """Births of the women of one draw; the expected parity takes the children beyond those said."""
        people, absent = start[..., draw] / self.setting.scale, past.absent[..., draw] / self.setting.scale
        births = Motherhood.of(people, absent, past, draw)
        self.parity.shares[..., draw] = births.parity(self.parity.shares[..., draw], past.start)
        return births

    def advance(
        self, year: int, start: np.ndarray, tables: YearTables, flows: YearFlows, levels: LevelYear | None = None
    ) -> YearEvents:
        """One year of all draws; what happened to their persons."""
        parity = self.parity.advance(start, tables, flows, self.timing)
        draws, timing, population = self.setting.draws, self.timing, self.population
        new = [share * tables.entering for share in (timing.first_share, 1.0 - timing.first_share)]
        back = married = None
        shares = (None, None) if levels is None else levels.arriving
        if self.kin is not None and self.absent is not None:
            returns = self.absent.advance(tables, timing)
            new = [np.maximum(half - returning, 0.0) for half, returning in zip(new, returns.expected, strict=True)]
            back = Returns(returns.chance, None if levels is None else levels.arriving)
            married = cut(np.ascontiguousarray(np.moveaxis(self.kin.past.ever_married[..., :draws], -1, 0)))
        own = None if levels is None else levels.tables(tables.qs, draws)
        cuts = build_thresholds(start, tables, flows, timing, parity, draws, own, back)
        arrivals = []
        for half in range(2):
            whole = whole_arrivals(new[half][..., :draws], self.setting.scale, year, half, population.key)
            arrivals.append(arrivals_by_level(whole, shares[half], year, half, population.key))
        late = timing.late_births > 0.0
        events = live_year(population, year, cuts, arrivals, late, self.pool, married, self._together)
        if self.kin is not None:
            live_families(population, year, self.kin.unions, tables.qs, self.pool)
            self._count_families(year)
        return events

    def _count_families(self, year: int) -> None:
        if self.kin is None:
            return
        found = count_families(self.population, year, self.kin.classes, self.pool)
        if self._families is None:
            self._families = np.zeros((found.shape[0], self._times, *found.shape[1:]), found.dtype)
        self._families[:, year - self._first] = found

    def counts(self) -> np.ndarray:
        """Agents at the current year-end; int64 (residence, sex, age, level, draw)."""
        codes = np.moveaxis(self.population.count, 0, -1)
        return np.stack([codes[:, :, 1 + r * LEVELS : 1 + (r + 1) * LEVELS] for r in range(self.places)])

    def by_family(self) -> np.ndarray | None:
        """Agents by class of family, int32 (class, time, place, sex, age, level, draw); year-ends to come are empty."""
        return self._families

    def close(self) -> None:
        """Give the threads back."""
        if self.pool is not None:
            self.pool.shutdown()
