"""The expected pass of some draws, year by year, with its functional levels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from demo_sim.engine.calendar import Timing, YearFlows, YearTables
from demo_sim.engine.cohort import project_cohort
from demo_sim.engine.levels import LevelShares, LevelYear, follow_conditions, follow_levels
from demo_sim.engine.record import Projection
from demo_sim.inputs.build import Drawn, Inputs

Year = tuple[int, np.ndarray, YearTables, YearFlows, LevelYear | None]


@dataclass
class Expected:
    """The expected pass of some draws.

    Attributes
    ----------
    inputs, drawn : what it reads
    levels : functional levels where they are followed as states, else None
    conditions : that are followed as states, by the path of their prevalence
    projection : stocks and flows, filled as the years go by
    """

    inputs: Inputs
    drawn: Drawn
    levels: LevelShares | None
    conditions: dict[str, LevelShares]
    projection: Projection

    @classmethod
    def of(cls, inputs: Inputs, numbers: np.ndarray) -> Expected:
        """Before the first year. Births and deaths by age are kept of the stated run alone."""
        drawn = inputs.draw(numbers)
        levels = follow_levels(drawn, inputs.grid.start)
        stated = np.flatnonzero(drawn.draws.numbers < 0)[:1]
        conditions = follow_conditions(drawn, inputs.grid.start)
        opening = {path: condition.shares[:, :, :, 1] for path, condition in conditions.items()}
        projection = Projection.start(drawn.base.start, inputs.grid, drawn.shares, stated, opening)
        return cls(inputs, drawn, levels, conditions, projection)

    def years(self) -> Iterator[Year]:
        """Each year: its number, population on 1 January, tables, flows and levels.

        The arrays of the flows are used again in the next year: copy what is to be kept.
        """
        timing, mx = Timing.of(self.inputs.timing), self.drawn.rates.mx
        for year, start, tables, flows in self._projected():
            self.projection.record(year, start, tables, flows, mx[year - self.inputs.grid.start + 1])
            level_year = None
            if self.levels is not None:
                level_year = self.levels.advance(start, tables, flows, timing)
                self.projection.follow_levels(year, self.levels.shares)
            for path, condition in self.conditions.items():
                condition.advance(start, tables, flows, timing)
                self.projection.follow_condition(path, year, condition.shares[:, :, :, 1])
            yield year, start, tables, flows, level_year

    def first_tables(self) -> YearTables:
        """Tables of the first year, with its moves."""
        return next(self._projected())[2]

    def _projected(self) -> Iterator[tuple[int, np.ndarray, YearTables, YearFlows]]:
        inputs = self.inputs
        # a draw at the end of a wide band is no error of the scenario: what it lacks is cut, and told
        refused = (self.drawn.draws.numbers < 0) & (inputs.on_negative == "error")
        timing, where = Timing.of(inputs.timing), inputs.where["migration"]
        return project_cohort(self.drawn.base, self.drawn.rates, inputs.grid, timing, refused, where)

    def run(self) -> Expected:
        """Go through all years."""
        for _ in self.years():
            pass
        return self


def at_least_two(numbers: np.ndarray) -> np.ndarray:
    """The numbers, a single one twice: a lone column is added up in another order than one among others."""
    return np.repeat(numbers, 2) if numbers.size == 1 else numbers
