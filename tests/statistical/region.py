"""A made-up region with everything in it, its cohort pass, and persons who follow it.

Two residences exchange movers, places are re-coded, people come from and leave to the outside at some ages, five
functional levels from age 60, parity factors, twins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from demo_sim.demography.function import FIRST_AGE
from demo_sim.demography.lifetable import life_table
from demo_sim.demography.states import alive_after, generator
from demo_sim.engine.arrivals import arrivals_by_level, whole_arrivals
from demo_sim.engine.calendar import Timing, YearFlows, YearTables
from demo_sim.engine.cohort import step
from demo_sim.engine.events import YearEvents
from demo_sim.engine.levels import LevelShares, LevelYear
from demo_sim.engine.parity import ParityShares, ParityTables
from demo_sim.engine.people import Population, live_year
from demo_sim.engine.persons import STORED, Persons
from demo_sim.engine.synthesis import synthesise
from demo_sim.engine.thresholds import Returns, Thresholds, build_thresholds
from demo_sim.inputs.states import StateTables
from demo_sim.kernels.columns import LEVELS
from demo_sim.kernels.rows import count_codes
from demo_sim.space.places import routes

AGES, FIRST_YEAR, SEED, TWINS = 101, 2021, 20210831, 0.02
X = np.arange(AGES)


@dataclass
class YearPlan:
    """One year of the cohort pass and what the persons read of it."""

    year: int
    start: np.ndarray
    tables: YearTables
    flows: YearFlows
    levels: LevelYear
    level_shares: np.ndarray
    parity: ParityTables
    cuts: Thresholds


@dataclass
class Region:
    """The cohort pass of some years; the tables may be changed before they are used.

    Attributes
    ----------
    years : from 2021
    size : persons at the start, about
    mortality, more_births : factors on the death rates and on the birth rates
    timing : `even` or `end`
    arrivals : whether people come from outside
    families : whether a tenth as many people live outside, with families, and return
    places : two residences; with more of them, further ones like these with other rates, and moves between all
    """

    years: int = 10
    size: float = 200_000.0
    mortality: float = 1.0
    more_births: float = 1.0
    timing: str = "even"
    arrivals: bool = True
    families: bool = False
    places: int = 2

    @cached_property
    def counts(self) -> np.ndarray:
        """Opening persons; int64 (residence, sex, age)."""
        return self.counts_of(self.size)

    def counts_of(self, size: float) -> np.ndarray:
        """Persons of a stock of about this size."""
        shape = np.exp(-((X / 75.0) ** 4)) * (1.0 + 0.3 * np.sin(X / 7.0)) + 0.01
        cells = self.each([[0.52, 0.50], [0.50, 0.48]])[:, :, None] * shape
        return np.rint(cells / cells.sum() * size).astype(np.int64)

    @cached_property
    def life_tables(self) -> tuple[np.ndarray, np.ndarray]:
        """Deficit of survival by the age reached, and the probability of death of the exact age it is mistaken for."""
        qs, mistaken = np.empty((self.places, 2, AGES)), np.empty((self.places, 2, AGES))
        for r, level in enumerate(self.each([0.9, 1.2]).tolist()):
            for s, sex in enumerate(("male", "female")):
                mx = self.mortality * level * (1.3, 0.8)[s] * (3e-4 + 2.5e-5 * np.exp(0.1 * X))
                mx[0] = 0.02 * self.mortality
                table = life_table(np.minimum(mx, 0.9), sex)
                qs[r, s] = 1.0 - table.sx
                mistaken[r, s] = np.concatenate([table.qx[:1], table.qx[:-1]])
        return qs, mistaken

    def tables(self) -> YearTables:
        """Rates of every year."""
        external = np.zeros((self.places, 2, AGES, 1))
        unit = self.size / 200_000.0
        external[0, :, 18:46] = 61.3 * unit
        external[0, :, 62:80] = -3.4 * unit
        external[1, :, 0:6] = -26.7 * unit
        external[1, :, 17:40] = -17.2 * unit
        external[1, :, 58:72] = 9.1 * unit
        if not self.arrivals:
            external = np.minimum(external, 0.0)
        move, recode = np.zeros((2, 2, AGES, 1)), np.array([0.0, 0.011])
        move[1] = (0.004 + 0.05 * np.exp(-(((X - 23) / 9.0) ** 2)))[:, None]
        move[1, :, :3] += 0.03  # children move with their parents
        move[0] = (0.002 + 0.01 * np.exp(-(((X - 60) / 9.0) ** 2)))[:, None]
        ways = np.arange(len(routes(self.places)))
        different = 1.0 if self.places == 2 else (0.5 + 0.1 * ways)[:, None, None, None]
        fertile = np.where((X >= 15) & (X < 50), np.exp(-0.5 * ((X - 28) / 5.5) ** 2), 0.0)
        asfr = self.more_births * fertile / fertile.sum() * self.each([1.4, 1.9])[:, None]
        return YearTables(
            self.life_tables[0][..., None],
            asfr[..., None],
            self.each([0.52, 0.53])[:, None],
            external,
            move[ways % 2] * different,
            recode[ways % 2][:, None],
        )

    @cached_property
    def opening_parity(self) -> np.ndarray:
        """Shares of children ever born; (residence, age, parity, draw)."""
        mothers = np.clip((X - 20) / 15.0, 0.0, 1.0)[:, None] * np.array([-0.9, 0.4, 0.4, 0.1])
        mothers[:, 0] += 1.0
        return np.repeat(mothers[None], self.places, axis=0)[..., None]

    @cached_property
    def plans(self) -> list[YearPlan]:
        """All years."""
        timing = Timing.of(self.timing)
        parity = ParityShares(self.opening_parity.copy(), np.array([[1.3], [0.85], [0.35], [0.2]]), TWINS)
        levels = self.levels()
        start, out = self.counts[..., None].astype(float), []
        for year in range(FIRST_YEAR, FIRST_YEAR + self.years):
            tables, flows = self.tables(), YearFlows.empty(start.shape)
            step(start, tables, timing, flows)
            assert not flows.cut.any()
            before = levels.at_all_ages(0)
            level_year = levels.advance(start, tables, flows, timing)
            scales = parity.advance(start, tables, flows, timing)
            own = level_year.tables(tables.qs)
            returns = self.returns(list(level_year.arriving)) if self.families else None
            cuts = build_thresholds(start, tables, flows, timing, scales, 1, own, returns)
            out.append(YearPlan(year, start, tables, flows, level_year, before, scales, cuts))
            start = flows.end.copy()
        self.final_levels = levels.at_all_ages(0)
        return out

    def returns(self, levels: list[np.ndarray]) -> Returns:
        """Chances of a return, no two cells alike."""
        by_age = 0.05 + 0.002 * X
        cells = (self.each([[1.0, 1.4], [0.7, 1.2]])[:, :, None] * by_age)[..., None]
        return Returns((cells, 0.8 * cells[::-1]), levels)

    def opening(self, replicate: int, counts: np.ndarray | None = None, seed: int = SEED) -> Population:
        """Persons of the opening stock."""
        key = (np.uint64(seed), np.uint64(replicate))
        counts = self.counts if counts is None else counts
        absent = counts // 10 if self.families else None
        rows = int(counts.sum()) + (0 if absent is None else int(absent.sum()))
        persons = Persons.room([rows], 0.02 * self.years, self.families, counts.shape[0])
        synthesise(persons, counts, FIRST_YEAR, self.opening_parity[..., 0], self.plans[0].level_shares, key, absent)
        return Population.of(persons, key, FIRST_YEAR, AGES)

    def entering(self, plan: YearPlan, population: Population) -> list[np.ndarray]:
        """Persons who enter in each half; int64 (draw, residence, sex, age, level)."""
        first = Timing.of(self.timing).first_share
        out = []
        for half, share in enumerate((first, 1.0 - first)):
            whole = whole_arrivals(plan.tables.entering * share, 1.0, plan.year, half, population.key)
            out.append(arrivals_by_level(whole, plan.levels.arriving[half], plan.year, half, population.key))
        return out

    def live(self, population: Population, plan: YearPlan, cuts: Thresholds | None = None, **kwargs) -> YearEvents:
        """One year of the persons, on other thresholds where they are given."""
        late = Timing.of(self.timing).late_births > 0.0
        arrivals = self.entering(plan, population)
        return live_year(population, plan.year, cuts or plan.cuts, arrivals, late, married=self.married, **kwargs)

    def each(self, of_two: list) -> np.ndarray:
        """Values of the two residences, and of further places, each a little below one of them."""
        values = np.array(of_two)
        further = [values[r % 2] * (1.0 - 0.05 * r) for r in range(2, self.places)]
        return np.stack([*values, *further])

    def levels(self) -> LevelShares:
        """Functional levels before the first year."""
        return _levels(self.years, self.each([[1.0, 1.2], [1.1, 1.3]]))

    @property
    def married(self) -> np.ndarray | None:
        """Cuts of having a partner of people who enter, where there are families."""
        return np.full((1, 2, AGES), np.uint64(1 << 31)) if self.families else None

    def mistaken_cuts(self, plan: YearPlan) -> Thresholds:
        """Thresholds with survival by 1 - q of the exact age instead of the person-year ratio."""
        qs, mistaken = self.life_tables
        tables = replace(plan.tables, qs=mistaken[..., None])
        levels = plan.levels.tables(tables.qs)
        ratio = np.concatenate([mistaken[..., 1:] / qs[..., 1:], mistaken[..., -1:] / qs[..., -1:]], axis=-1)
        death = levels.death.copy()
        death[:, :, FIRST_AGE - 1 :] *= ratio[:, :, FIRST_AGE - 1 :, None, None]
        return build_thresholds(
            plan.start, tables, plan.flows, Timing.of(self.timing), plan.parity, 1, replace(levels, death=death)
        )


def _levels(years: int, by_cell: np.ndarray) -> LevelShares:
    """Opening and stated shares, transitions and relative mortality, no two levels or cells alike."""
    x = np.arange(FIRST_AGE, AGES)
    worse = np.array([0.10, 0.05, 0.025, 0.012]) * np.exp(0.04 * (x - FIRST_AGE))[:, None]
    cells = by_cell.shape
    worse = by_cell[:, :, None, None] * worse
    shares = -np.diff(np.concatenate([np.ones((*cells, x.size, 1)), worse, np.zeros((*cells, x.size, 1))], axis=-1))
    assert (shares > 0.0).all()
    onward = np.array([0.04, 0.15, 0.2, 0.25]) * np.exp(0.03 * (x[1:, None] - FIRST_AGE))
    recovery = np.array([0.2, 0.12, 0.06, 0.03]) * np.ones((x.size - 1, 1))
    death = np.array([1.0, 1.5, 2.0, 3.0, 4.5]) * (0.01 * np.exp(0.09 * (x[1:, None] - FIRST_AGE)))
    p = alive_after(generator(onward, recovery, death))
    alive = p.sum(axis=-1)
    given, hazard = p / alive[..., None], -np.log(alive)
    given = np.broadcast_to(given, (*cells, *given.shape))[..., None]
    hazard = np.broadcast_to(hazard, (*cells, *hazard.shape))[..., None]
    stated = np.repeat(shares[None, ..., None], years + 1, axis=0)
    return LevelShares(stated, StateTables(given, hazard), FIRST_YEAR)


def recount(population: Population, year: int) -> np.ndarray:
    """Persons by draw, sex, age on 1 January of the year and code, counted row by row."""
    table = population.persons.segments
    out = np.zeros_like(population.count)
    cell = population.items(year).segments.cell
    count_codes(table.start, table.stop, cell, out.reshape(-1, out.shape[-1]), population.persons.code)
    out[..., 0] = 0
    return out


def identities(population: Population) -> np.ndarray:
    """Id of every row; 0 where the row is room for people to come."""
    p = population.persons
    out = np.zeros(p.rows, np.uint64)
    for start, stop, upper in zip(p.segments.start, p.segments.stop, p.segments.upper, strict=True):
        if upper == STORED:
            out[start:stop] = p.ident[start - p.base_rows : stop - p.base_rows]
        else:
            out[start:stop] = (upper << np.uint64(32)) | np.arange(stop - start, dtype=np.uint64)
    return out


def by_identity(population: Population) -> dict[int, tuple[int, int]]:
    """Code and children ever born of every person."""
    p, keys = population.persons, identities(population)
    rows = np.flatnonzero(keys)
    return dict(zip(keys[rows].tolist(), zip(p.code[rows].tolist(), p.born[rows].tolist(), strict=True), strict=True))


def by_code(cells: np.ndarray) -> np.ndarray:
    """(residence, sex, age, level) as (sex, age, residence, level)."""
    return np.asarray(cells).transpose(1, 2, 0, 3)


def levels_of(count: np.ndarray) -> np.ndarray:
    """Counts of the first draw as (sex, age, residence, level); a copy, for the running count changes in place."""
    return count[0, :, :, 1:].reshape(*count.shape[1:3], -1, LEVELS).copy()
