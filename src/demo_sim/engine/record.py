"""Stocks and flows of a projection as they are kept: expected values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from demo_sim.demography.lifetable import period_deaths
from demo_sim.engine.accounts import flow_lines
from demo_sim.engine.calendar import YearFlows, YearTables
from demo_sim.inputs.grid import BOTH, Grid
from demo_sim.space.places import route
from demo_sim.vocab import FLOWS


@dataclass
class Projection:
    """Stocks and flows of all years of some draws.

    Attributes
    ----------
    grid : coordinates
    persons : (time, residence, sex, age, draw), year-ends
    shares : (time, residence, sex, age from 60, level, draw), functional levels, or None
    flows : (year, flow, residence, sex, draw)
    births_by_age : (year, residence, age, draw), by mother's age
    deaths_by_age : (year, residence, sex, age, draw), by age at death
    cut : (year, draw), outflow that could not be met because a cell was empty
    by_age : which draws births and deaths by age are kept of
    conditions : (time, residence, sex, age from 60, draw), shares of those who have each
    """

    grid: Grid
    persons: np.ndarray
    shares: np.ndarray | None
    flows: np.ndarray
    births_by_age: np.ndarray
    deaths_by_age: np.ndarray
    cut: np.ndarray
    by_age: np.ndarray
    conditions: dict[str, np.ndarray]

    @classmethod
    def start(
        cls,
        population: np.ndarray,
        grid: Grid,
        shares: np.ndarray | None,
        by_age: np.ndarray,
        conditions: Mapping[str, np.ndarray],
    ) -> Projection:
        """Empty, with the opening stock and conditions in place and the stated shares of functional levels."""
        residences, _, ages, draws = population.shape
        years = grid.years.size
        persons = np.empty((years + 1, *population.shape))
        persons[0] = population
        return cls(
            grid,
            persons,
            shares,
            np.zeros((years, len(FLOWS), residences, 2, draws)),
            np.zeros((years, residences, ages, by_age.size)),
            np.zeros((years, residences, 2, ages, by_age.size)),
            np.zeros((years, draws)),
            by_age,
            {path: np.repeat(opening[None], years + 1, axis=0) for path, opening in conditions.items()},
        )

    def record(self, year: int, start: np.ndarray, tables: YearTables, flows: YearFlows, mx: np.ndarray) -> None:
        """Keep the expected values of one year."""
        i, kept = year - self.grid.start, self.by_age
        self.persons[i + 1] = flows.end
        row, lines = self.flows[i], flow_lines(tables, flows)
        for name in set(FLOWS) & set(lines) - {"reclassified"}:
            row[FLOWS.index(name)] = lines[name]
        if self.grid.residences == BOTH:  # counted once, where people leave; urban to rural would count below zero
            country, town = (BOTH.index(name) for name in ("rural", "urban"))
            there, back = route(country, town, len(BOTH)), route(town, country, len(BOTH))
            for name, line in (("rural_to_urban", "moved"), ("reclassified", "reclassified")):
                row[FLOWS.index(name), country] = lines[line][there] - lines[line][back]
        self.cut[i] = flows.cut.sum(axis=(0, 1, 2))
        if kept.size:
            self.births_by_age[i] = flows.births[..., kept]
            self.deaths_by_age[i] = period_deaths(flows.deaths[..., kept], mx[..., kept])

    def follow_levels(self, time: int, shares: np.ndarray) -> None:
        """Put the shares of the levels followed in place of the stated ones at one year-end."""
        assert self.shares is not None
        self.shares[time - self.grid.start + 1] = shares

    def follow_condition(self, path: str, time: int, shares: np.ndarray) -> None:
        """Keep the shares of those who have a condition at one year-end."""
        self.conditions[path][time - self.grid.start + 1] = shares

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
