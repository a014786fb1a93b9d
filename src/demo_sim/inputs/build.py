"""All that a run reads of a scenario: what is the same in every draw, and what each draw makes of it.

Here the scenario ends. Rooms above see `Inputs`, and only plan and provenance look at the scenario itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from demo_sim.inputs.base import Base, BaseTable, build_base, counted_population, model_grid, read_base
from demo_sim.inputs.conditions import ConditionTables, condition_tables
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.earlier import Earlier, earlier_run, read_earlier
from demo_sim.inputs.grid import Grid
from demo_sim.inputs.history import PastTables, read_past
from demo_sim.inputs.local import stated_value
from demo_sim.inputs.prevalence import FunctionTable, function_shares, read_function
from demo_sim.inputs.rates import Patterns, Rates, build_rates, read_patterns
from demo_sim.inputs.states import StateTables, state_tables
from demo_sim.scenario import Location, Quantity, Scenario
from demo_sim.scenario.care import Placement
from demo_sim.scenario.conditions import HealthCondition
from demo_sim.scenario.entries import GroupDefinition, Resource
from demo_sim.scenario.measures import without_measures


@dataclass(frozen=True)
class Options:
    """How large a run is wished: random draws, draws followed by persons, persons an agent stands for, what is kept."""

    draws: int
    person_draws: int
    scale: float | Literal["auto"]
    keep_full: bool


@dataclass(frozen=True)
class Inputs:
    """Everything a run reads, before any draw is taken; a value, which can be sent to a worker.

    Attributes
    ----------
    grid : residences, ages, years
    seed : of the random numbers
    options : size of the run as the scenario wishes it
    quantities : every number, by dotted path
    base : the population table; earlier : what a saved run left, in its place, or None
    patterns, function, past : tables brought onto the grid; without functional ability or families None
    conditions : shares that are followed as states
    populations, resources : definitions of the catalogue, by id
    natural : of stocks for which measures are planned their quantities without these, by stock and path
    supply : settings of the stocks, by name; placement : of places in institutions, or None
    timing : when migrants move, `even` or `end`; on_negative : what happens where they exceed a cell
    where : places of the blocks in the scenario, for messages
    """

    grid: Grid
    seed: int
    options: Options
    quantities: Mapping[str, Quantity]
    base: BaseTable
    earlier: Earlier | None
    patterns: Patterns
    function: FunctionTable | None
    conditions: Mapping[str, HealthCondition]
    past: PastTables | None
    populations: Mapping[str, GroupDefinition]
    resources: Mapping[str, Resource]
    natural: Mapping[str, Mapping[str, Quantity]]
    supply: Mapping[str, Any]
    placement: Placement | None
    timing: str
    on_negative: str
    where: Mapping[str, Location]

    @property
    def persons(self) -> float:
        """Residents of the base population at stated values: what the size of a run is planned by."""
        if self.earlier is not None:
            return float(self.earlier.people[..., 0].sum())
        total = self.quantities.get("population.total")
        if total is not None:
            return stated_value(total, self.base.date.year)
        assert self.base.cells is not None
        return float(self.base.cells.sum())

    def draw(self, numbers: Sequence[int] | np.ndarray) -> Drawn:
        """The inputs of some draws; numbers below 0 hold every input at its stated value."""
        draws = Draws(self.quantities, self.seed, numbers)
        if self.earlier is not None:
            counted = self.earlier.at(self.earlier.people, draws.numbers)
        else:
            counted = counted_population(self.base, draws, self.grid)
        rates = build_rates(self.patterns, draws, self.grid, counted)
        base = build_base(self.base, draws, counted, rates)
        shares = states = None
        if self.function is not None:
            shares = function_shares(self.function, draws, self.grid, base.start)
            if self.function.states:
                states = state_tables(self.function, draws, self.grid, base, rates, shares)
        conditions = condition_tables(self.conditions, draws, self.grid, base, rates)
        return Drawn(draws, rates, base, shares, states, conditions)


@dataclass(frozen=True)
class Drawn:
    """The inputs of some draws.

    Attributes
    ----------
    draws : quantities with a draw axis
    rates, base : schedules and opening population
    shares : (time, residence, sex, age from 60, level, draw), stated shares of functional levels, or None
    states : transitions, where levels are followed as states
    conditions : that are followed as states, by the path of their prevalence
    """

    draws: Draws
    rates: Rates
    base: Base
    shares: np.ndarray | None
    states: StateTables | None
    conditions: dict[str, ConditionTables]


def build_inputs(scenario: Scenario) -> Inputs:
    """What a run reads of a scenario.

    Raises
    ------
    InputError
        The saved run that it starts from is not there, is damaged or does not reach the year.
    """
    settings = scenario.settings
    grid = model_grid(scenario, earlier_run(scenario))
    earlier = read_earlier(scenario, grid.ages)
    options = settings.options
    return Inputs(
        grid,
        settings.seed,
        Options(settings.draws, options.person_draws, settings.scale, options.keep == "full"),
        dict(scenario.quantities),
        read_base(scenario, grid),
        earlier,
        read_patterns(scenario, grid),
        read_function(scenario, grid),
        dict(settings.conditions),
        read_past(scenario, grid),
        dict(scenario.catalog.populations),
        dict(scenario.catalog.resources),
        without_measures(scenario.quantities, settings.supply, settings.known_until or 0),
        dict(settings.supply),
        settings.placement,
        settings.migration.timing,
        options.on_negative,
        {name: scenario.locations[name] for name in ("migration", "placement") if name in scenario.locations},
    )
