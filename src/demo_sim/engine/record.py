"""Stocks and flows of a projection as they are kept, expected values or with the chance of persons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.demography.function import FIRST_AGE
from demo_sim.demography.lifetable import period_deaths
from demo_sim.engine.cohort import YearFlows, YearTables
from demo_sim.engine.ensemble import with_chance
from demo_sim.engine.people import YearEvents
from demo_sim.inputs.grid import Grid
from demo_sim.vocab import FLOWS


@dataclass
class Projection:
    """Stocks and flows of all years of some draws.

    Attributes
    ----------
    grid : coordinates
    n : random draws among the columns, the first ones
    persons : (time, residence, sex, age, draw), year-ends
    shares : (time, residence, sex, age from 60, level, draw), functional levels, or None
    flows : (year, flow, residence, sex, draw)
    births_by_age : (year, residence, age), sum over the random draws, by mother's age
    deaths_by_age : (year, residence, sex, age), sum over the random draws of expected deaths, by age at death
    cut : (year, draw), outflow that could not be met because a cell was empty
    """

    grid: Grid
    n: int
    persons: np.ndarray
    shares: np.ndarray | None
    flows: np.ndarray
    births_by_age: np.ndarray
    deaths_by_age: np.ndarray
    cut: np.ndarray

    @classmethod
    def start(cls, population: np.ndarray, grid: Grid, n: int, shares: np.ndarray | None) -> Projection:
        """Empty, with the opening stock in place and the stated shares of functional levels."""
        residences, _, ages, draws = population.shape
        years = grid.years.size
        persons = np.empty((years + 1, *population.shape))
        persons[0] = population
        return cls(
            grid,
            n,
            persons,
            shares,
            np.zeros((years, len(FLOWS), residences, 2, draws)),
            np.zeros((years, residences, ages)),
            np.zeros((years, residences, 2, ages)),
            np.zeros((years, draws)),
        )

    def record(self, year: int, start: np.ndarray, tables: YearTables, flows: YearFlows, mx: np.ndarray) -> None:
        """Keep the expected values of one year."""
        i, n = year - self.grid.start, self.n
        self.persons[i + 1] = flows.end
        births = flows.births.sum(axis=1)
        row = self.flows[i]
        row[FLOWS.index("births"), :, 0] = births * tables.male_share
        row[FLOWS.index("births"), :, 1] = births * (1.0 - tables.male_share)
        row[FLOWS.index("deaths")] = flows.deaths.sum(axis=2)
        row[FLOWS.index("in")] = tables.entering.sum(axis=2)
        row[FLOWS.index("out")] = tables.leaving.sum(axis=2) - flows.cut.sum(axis=2)
        if start.shape[0] == 2:  # counted once, where people leave; urban to rural would count below zero
            row[FLOWS.index("rural_to_urban"), 1] = flows.internal[0, 1] - flows.internal[0, 0]
            row[FLOWS.index("reclassified"), 1] = flows.internal[1, 1] - flows.internal[1, 0]
        self.births_by_age[i] = flows.births[..., :n].sum(axis=-1)
        self.cut[i] = flows.cut.sum(axis=(0, 1, 2))
        self.deaths_by_age[i] = period_deaths(flows.deaths[..., :n], mx[..., :n]).sum(axis=-1)

    def follow_levels(self, time: int, shares: np.ndarray) -> None:
        """Put the shares of the levels followed in place of the stated ones at one year-end."""
        assert self.shares is not None
        self.shares[time - self.grid.start + 1] = shares

    def stock_of_persons(self, time: int, agents: np.ndarray, scale: float, levels: bool) -> None:
        """Put the chance of persons on the stock of one year-end.

        Parameters
        ----------
        agents : (residence, sex, age, level, draw)
        levels : whether the persons' levels are followed
        """
        i = time - self.grid.start + 1
        if levels:
            assert self.shares is not None
            own = self.shares[i][..., : self.n]
            expected = self.persons[i][:, :, FIRST_AGE:, None, : self.n] * own
            people = with_chance(expected, agents[:, :, FIRST_AGE:], scale)
            total = people.sum(axis=3, keepdims=True)
            own[:] = np.divide(people, total, out=own.copy(), where=total > 0.0)
        self._overlay(self.persons[i], agents.sum(axis=3), scale)

    def flows_of_persons(self, year: int, events: YearEvents, scale: float) -> None:
        """Put the chance of persons on the flows of one year, like on its stock, so that they balance."""
        i, residences = year - self.grid.start, self.persons.shape[1]
        self._overlay(self.flows[i], _flows(events)[:, :residences], scale)
        births = _births_by_age(events)[:residences]
        self.births_by_age[i] = with_chance(self.births_by_age[i], births, scale)

    def _overlay(self, values: np.ndarray, agents: np.ndarray, scale: float) -> None:
        values[..., : self.n] = with_chance(values[..., : self.n], agents, scale)

    def deaths(self) -> np.ndarray:
        """Deaths of the year at its year-end, unknown at the opening one; (time, residence, draw)."""
        values = self.flows[:, FLOWS.index("deaths")].sum(axis=2)
        return np.concatenate([np.full((1, *values.shape[1:]), np.nan), values])

    def series(self) -> dict[str, np.ndarray]:
        """Totals as series (time, draw); flows stand at their year-end, the first one unknown."""
        out = {"population.total": self.persons.sum(axis=(1, 2, 3))}
        for name in ("births", "deaths"):
            values = self.flows[:, FLOWS.index(name)].sum(axis=(1, 2))
            out[f"flows.{name}"] = np.concatenate([np.full((1, values.shape[1]), np.nan), values])
        return out


def _flows(events: YearEvents) -> np.ndarray:
    """Flows in agents; int64 (flow, residence, sex, draw)."""
    events = events.all_ages()
    newborn, left = events.newborn, events.left.sum(axis=(1, 4))
    out = np.zeros((len(FLOWS), *newborn.shape[:3]), np.int64)
    out[FLOWS.index("births")] = newborn[..., 0]
    out[FLOWS.index("deaths")] = events.died.sum(axis=(2, 4)) + newborn[..., 1]
    out[FLOWS.index("in")] = events.entered.sum(axis=(1, 4))
    out[FLOWS.index("out")] = left + newborn[..., 4]
    moved = events.moved.sum(axis=(1, 5))  # draw, kind, residence left, sex
    recoded, went = moved[:, 1] + newborn[..., 2], moved[:, 0] + newborn[..., 3]
    out[FLOWS.index("rural_to_urban"), :, 1] = went[:, 1] - went[:, 0]
    out[FLOWS.index("reclassified"), :, 1] = recoded[:, 1] - recoded[:, 0]
    return np.moveaxis(out, 1, -1)


def _births_by_age(events: YearEvents) -> np.ndarray:
    """Children of all draws by residence and age of the mother at the exposure; int64 (residence, age)."""
    first, second = events.gave_birth.sum(axis=0)
    out = first.copy()
    out[:, 1:] += second[:, :-1]
    out[:, -1] += second[:, -1]
    return out
