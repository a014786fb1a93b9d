"""Hunan with families by some hundred thousand agents at stated inputs: base year, years to come, recounts."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

import demo_sim as ds
from demo_sim.demand.kin_rules import kin_classes
from demo_sim.engine.calendar import Timing, YearFlows, YearTables
from demo_sim.engine.cohort import project_cohort
from demo_sim.engine.ensemble import Ensemble, KinInputs, Setting
from demo_sim.engine.founding import LinkQuality, found
from demo_sim.engine.motherhood import Motherhood
from demo_sim.engine.pairs import places_of_kin
from demo_sim.engine.parity import ParityShares
from demo_sim.engine.people import Population
from demo_sim.engine.persons import Persons
from demo_sim.engine.synthesis import whole_numbers
from demo_sim.inputs.build import build_inputs
from demo_sim.inputs.draws import STATED
from demo_sim.inputs.history import absent_people, build_past, ever_married
from demo_sim.inputs.parity import opening_parity
from demo_sim.inputs.unions import build_unions
from demo_sim.kernels.columns import LEVELS, columns
from demo_sim.kernels.founding import PER_PLACE

AWAY = columns(2).away

KEY = (np.uint64(20240607), np.uint64(0))
Year = tuple[int, np.ndarray, YearTables, YearFlows]


@dataclass
class Families:
    """Base population with families, and how well they fit."""

    persons: Persons
    fit: LinkQuality


@dataclass
class Hunan:
    """Stated inputs of the package's Hunan and some years of its cohort pass; an agent stands for `scale` persons.

    `together` is the chance that a household acts as one.
    """

    scale: float
    end: int = 2026
    together: float = 0.0

    def __post_init__(self) -> None:
        inputs = build_inputs(ds.load("hunan").replace({"period.end": self.end}))
        drawn = inputs.draw([STATED])
        self.draws, self.base, self.grid = drawn.draws, drawn.base, inputs.grid
        draws, grid = self.draws, self.grid
        classes = kin_classes(inputs.populations, inputs.resources)
        assert inputs.past is not None and classes is not None
        self.timing = Timing.of(inputs.timing)
        self.twins = float(draws["fertility.twins"].at()[0])
        steps = project_cohort(self.base, drawn.rates, grid, self.timing, True, inputs.where["migration"])
        self.years: list[Year] = [
            (year, start.copy(), tables, YearFlows(*(values.copy() for values in vars(flows).values())))
            for year, start, tables, flows in steps
        ]
        share, together = draws["migration.returnee_share"].at(), np.full((2, draws.size), self.together)
        absent, first = absent_people(draws, grid, self.base.start), self.years[0][2]
        places = places_of_kin(self.base.start, absent, first, share, together, ever_married(draws, grid))
        self.past = past = build_past(inputs.past, draws, grid, absent, places)
        self.kin = KinInputs(past, build_unions(draws, grid), share, classes.numbers, together)

    @cached_property
    def counts(self) -> tuple[np.ndarray, np.ndarray]:
        """Agents of the base year, residents and people outside; int64 (residence or origin, sex, age) each."""
        return whole_numbers(self.base.start[..., 0], self.scale), whole_numbers(self.past.absent[..., 0], self.scale)

    def motherhood(self) -> Motherhood:
        """Births by women, from expected agents."""
        return Motherhood.of(self.base.start[..., 0] / self.scale, self.past.absent[..., 0] / self.scale, self.past, 0)

    def found(self, pool: Executor | None = None) -> Families:
        """Families of the base year."""
        births = self.motherhood()
        rows = sum(int(stock.sum()) for stock in (*self.counts, births.dead))
        persons = Persons.room([rows], 0.1, True, 2)
        return Families(persons, found(persons, self.counts, births, self.past, 0, None, KEY, pool))

    def ensemble(self, replicate: int = 0, kin: bool = True, draws: int = 1, threads: int = 1) -> Ensemble:
        """Persons of the base year, to be moved on with `years`."""
        setting = Setting(draws, self.scale, 7, threads, replicate)
        shares, factors = (np.repeat(part, draws, axis=-1) for part in opening_parity(self.draws, self.grid))
        return Ensemble(
            self.base.start, self.grid.start, ParityShares(shares, factors, self.twins), setting, self.timing,
            len(self.years), None, self.kin if kin else None,
        )  # fmt: skip


@dataclass
class Rows:
    """Sex, birth year and place of every row; place is urban, rural, outside, dead, nobody yet (0 to 4)."""

    sex: np.ndarray
    birth: np.ndarray
    place: np.ndarray

    @classmethod
    def of(cls, persons: Persons) -> Rows:
        """Rows in use; dead mothers of the base year lie in no segment and have birth year 0."""
        sex, birth = np.ones(persons.rows, np.int64), np.zeros(persons.rows, np.int64)
        _, years, sexes, starts, stops, _ = persons.segments
        for start, stop, s, year in zip(starts, stops, sexes, years, strict=True):
            sex[start:stop], birth[start:stop] = s, year
        code = persons.code[: persons.rows].astype(np.int64)
        place = np.where(code >= AWAY, 2, np.where(code == 0, 3, (code - 1) // LEVELS))
        place[persons.base_rows :][birth[persons.base_rows :] == 0] = 4
        return cls(sex, birth, place)


def living_children(persons: Persons) -> np.ndarray:
    """The counters of living children; (row, place)."""
    assert persons.kin is not None
    kids = persons.kin.kids[: persons.rows].astype(np.int64)
    return np.stack([kids >> (PER_PLACE * place) & 31 for place in range(3)], axis=1)


def linked_children(persons: Persons) -> np.ndarray:
    """The same, counted from the links of mothers and fathers."""
    assert persons.kin is not None
    rows = Rows.of(persons)
    out = np.zeros((persons.rows, 3), np.int64)
    for parent in (persons.mother[: persons.rows], persons.kin.father[: persons.rows]):
        chosen = (parent >= 0) & (rows.place < 3)
        np.add.at(out, (parent[chosen], rows.place[chosen]), 1)
    return out


def everybody(population: Population) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns of the demographic state: code, children ever born of women, mother."""
    p = population.persons
    women = Rows.of(p).sex == 1
    return p.code[: p.rows].copy(), np.where(women, p.born[: p.rows], 0), p.mother[: p.rows].copy()
