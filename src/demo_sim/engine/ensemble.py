"""Persons of many draws at once, beside the cohort pass that feeds them."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from demo_sim.engine.absent import AbsentStock
from demo_sim.engine.arrivals import by_level, whole_arrivals
from demo_sim.engine.cohort import Timing, YearFlows, YearTables
from demo_sim.engine.families import count_families, live_families
from demo_sim.engine.founding import Fit, found
from demo_sim.engine.levels import LevelShares, LevelYear
from demo_sim.engine.motherhood import Motherhood
from demo_sim.engine.parity import ParityShares
from demo_sim.engine.people import CODES, Population, YearEvents, live_year
from demo_sim.engine.synthesis import synthesise, whole_numbers
from demo_sim.engine.thresholds import Returns, build_thresholds, cut
from demo_sim.inputs.history import Past
from demo_sim.inputs.unions import UnionRates
from demo_sim.kernels.person_year import LEVELS
from demo_sim.kernels.philox import seed_word
from demo_sim.kernels.rows import count_codes

T = TypeVar("T")

BYTES_PER_PERSON = 14.0  # code, children born, mother link, and ids of the rows that are added
BYTES_OF_KIN = 12.0  # father, partner, union, living children, family
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
    twins : share of deliveries with two children
    first_draw : number of the first draw in the whole run; it is part of the key of the random numbers
    """

    draws: int
    scale: float
    seed: int
    threads: int
    twins: float
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
    """

    past: Past
    unions: UnionRates
    returnee_share: np.ndarray
    classes: np.ndarray


class Ensemble:
    """Populations of persons, one a draw, moved on year by year with the cohort pass.

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
        self.residences, _, self.ages, _ = start.shape
        self.births = [] if kin is None else [self._motherhood(start, kin.past, d) for d in range(setting.draws)]
        self.fits: dict[int, Fit] = {}
        self.pool = ThreadPoolExecutor(setting.threads) if setting.threads > 1 else None
        self.families: list[list[np.ndarray]] = [[] for _ in range(setting.draws)]
        self.populations = self._each(partial(self._begin, start, first_year, years, levels))

    def _each(self, work: Callable[[int, Executor | None], T]) -> list[T]:
        """Work on all draws: a thread for each, or where they are fewer than the threads, all threads for one."""
        draws = range(self.setting.draws)
        if self.pool is None or len(draws) < self.setting.threads:
            return [work(draw, self.pool) for draw in draws]
        return list(self.pool.map(lambda draw: work(draw, None), draws))

    def _motherhood(self, start: np.ndarray, past: Past, draw: int) -> Motherhood:
        """Births of the women of one draw; the expected parity takes the children beyond those said."""
        people, absent = start[..., draw] / self.setting.scale, past.absent[..., draw] / self.setting.scale
        births = Motherhood.of(people, absent, past, draw)
        self.parity.shares[..., draw] = births.parity(self.parity.shares[..., draw], past.start)
        return births

    def _begin(
        self,
        start: np.ndarray,
        first_year: int,
        years: int,
        levels: LevelShares | None,
        draw: int,
        pool: Executor | None,
    ) -> Population:
        counts = whole_numbers(start[..., draw], self.setting.scale)
        key = (seed_word(self.setting.seed), np.uint64(self.setting.first_draw + draw))
        shares = None if levels is None else levels.at_all_ages(draw)
        if self.kin is None:
            persons = synthesise(counts, first_year, self.parity.shares[..., draw], shares, key, GROWTH_A_YEAR * years)
        else:
            outside = whole_numbers(self.kin.past.absent[..., draw], self.setting.scale)
            births, past = self.births[draw], self.kin.past
            families = found(counts, outside, births, past, draw, shares, key, GROWTH_A_YEAR * years, pool)
            persons, self.fits[draw] = families.persons, families.fit
        population = Population(persons, np.zeros((2, self.ages, CODES), np.int64), key, self.ages)
        _, sex, age, _ = population.items(first_year)
        count_codes(persons.segments.start, persons.segments.stop, sex, age, population.count, persons.code)
        if self.kin is not None:
            self.families[draw].append(count_families(population, first_year - 1, self.kin.classes, pool))
        return population

    def advance(
        self, year: int, start: np.ndarray, tables: YearTables, flows: YearFlows, levels: LevelYear | None = None
    ) -> list[YearEvents]:
        """One year of all draws; the events of each."""
        parity = self.parity.advance(start, tables, flows, self.timing.first_share)
        setting, timing = self.setting, self.timing
        late = timing.late_births > 0.0
        returns = None if self.absent is None else self.absent.advance(tables, timing)
        new = [share * tables.entering for share in (timing.first_share, 1.0 - timing.first_share)]
        if returns is not None:
            new = [np.maximum(new[h] - returns.expected[h], 0.0) for h in range(2)]

        def one(draw: int, pool: Executor | None) -> YearEvents:
            population = self.populations[draw]
            own = None if levels is None else levels.tables(tables.qs, draw)
            shares = None if levels is None else [half[..., draw] for half in levels.arriving]
            back = None if returns is None else Returns([chance[..., draw] for chance in returns.chance], shares)
            cuts = build_thresholds(start, tables, flows, timing, parity, setting.twins, draw, own, back)
            halves = [whole_arrivals(new[h][..., draw], setting.scale, year, h, population.key) for h in range(2)]
            arrivals = [
                by_level(halves[h], None if shares is None else shares[h], year, h, population.key) for h in range(2)
            ]
            married = None if self.kin is None else cut(self.kin.past.ever_married[..., draw])
            events = live_year(population, year, cuts, arrivals, late, setting.twins, pool, married)
            if self.kin is not None:
                live_families(population, year, self.kin.unions, draw, tables.qs[..., draw], pool)
                self.families[draw].append(count_families(population, year, self.kin.classes, pool))
            return events

        return self._each(one)

    def counts(self) -> np.ndarray:
        """Agents at the current year-end; int64 (residence, sex, age, level, draw)."""
        codes = np.stack([p.count for p in self.populations], axis=-1)
        return np.stack([codes[:, :, 1 + r * LEVELS : 1 + (r + 1) * LEVELS] for r in range(self.residences)])

    def by_family(self) -> np.ndarray | None:
        """Agents by class of family at all year-ends so far; int32 (class, time, place, sex, age, level, draw)."""
        if self.kin is None:
            return None
        by_year = zip(*self.families, strict=True)  # a year of all draws fits the cache, a draw of all years does not
        return np.stack([np.stack(year, axis=-1) for year in by_year], axis=1)

    def fit(self) -> Fit | None:
        """How well the families of the base year fit, mean over draws."""
        return Fit.mean([self.fits[draw] for draw in sorted(self.fits)]) if self.fits else None

    def family_codes(self) -> list[np.ndarray] | None:
        """Family code of every row by draw, as of the last year-end, where families are followed."""
        if self.kin is None:
            return None
        return [population.persons.kin.family for population in self.populations if population.persons.kin is not None]

    def close(self) -> None:
        """Give the threads back."""
        if self.pool is not None:
            self.pool.shutdown()


def with_chance(expected: np.ndarray, agents: np.ndarray, scale: float) -> np.ndarray:
    """Expected values plus the chance of persons, with its one-to-one variance.

    An agent stands for `scale` persons, so the deviation of a count of agents is the root of the scale too large;
    it is shrunk by that. With scale 1 the result is the count itself.
    """
    return np.asarray(expected + (agents * scale - expected) / np.sqrt(scale))


def default_threads() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
