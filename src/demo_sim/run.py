"""The road from a scenario to verdicts, on one screen."""

from __future__ import annotations

import time
from collections.abc import Callable

from demo_sim.demand.counting import Counter, Projected
from demo_sim.demand.needs import bridge_by_age, count_groups, count_needs
from demo_sim.engine.cohort import Timing, project
from demo_sim.gathering import Projection, gather
from demo_sim.inputs.base import build_base, counted_population, model_grid, older_urban_share
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.prevalence import function_shares
from demo_sim.inputs.rates import build_rates
from demo_sim.plan.indicators import SeriesBook
from demo_sim.plan.requirements import requirements
from demo_sim.plan.verdicts import judge
from demo_sim.results import Results
from demo_sim.scenario import Scenario
from demo_sim.supply.stocks import Context, build_supply

METHOD_VERSION = "1.0"


def simulate(scenario: Scenario, progress: Callable[[str, float], None] | None = None) -> Results:
    """Project a scenario with the cohort engine, count groups and needs, and judge its plans.

    Parameters
    ----------
    scenario : from `load`
    progress : told the stage and the part of the run that is done, 0 to 1

    Returns
    -------
    Results, all arrays with a draw dimension; the last stage of `timings` in its attributes is seconds.

    Raises
    ------
    InputError
        A plan needs a later year, migration empties a cell, or a value is out of reach.
    IdentityError
        An accounting identity fails.

    Examples
    --------
    >>> import demo_sim as ds
    >>> run = ds.simulate(ds.load("hunan").replace({"draws": 1, "period.end": 2025}))
    >>> round(float(run.population.sel(time=2020).sum()) / 1e6, 1)
    66.5
    """
    begun = time.perf_counter()
    tell = progress or (lambda stage, done: None)
    tell("inputs", 0.0)
    needed = requirements(scenario)
    settings = scenario.settings
    draws = Draws(scenario.quantities, settings.draws, settings.seed, drivers=needed.horizon is not None)
    grid = model_grid(scenario)
    counted = counted_population(scenario, draws, grid)
    rates = build_rates(scenario, draws, grid, older_urban_share(counted))
    base = build_base(scenario, draws, counted, rates)

    timing = Timing.of(settings.migration.timing)
    projection, place = Projection.start(base.start, grid), scenario.locations["migration"]
    for year, start, tables, flows in project(base, rates, grid, timing, settings.options.on_negative, place):
        projection.record(year, start, tables, flows, rates.death_rates(year - grid.start + 1))
        tell("projection", (year - grid.start + 1) / grid.years.size * 0.6)

    shares = function_shares(scenario, draws, grid, base.start)
    counter = Counter(Projected(projection.persons, shares, grid, bridge_by_age(draws, base.start)), draws)
    groups = count_groups(counter, scenario.catalog.populations)
    tell("demand", 0.7)
    totals = {name: values.sum(axis=1) for name, values in groups.items()}
    kinds = {name: entry.kind for name, entry in settings.supply.items()}
    stocks = build_supply(kinds, Context(grid.times, draws, totals))
    needs = count_needs(counter, scenario.catalog.resources)

    tell("verdicts", 0.85)
    series = projection.series() | {f"groups.{k}": v for k, v in totals.items()}
    series |= {f"supply.{k}": v for k, v in stocks.series.items()}
    series |= {f"need.{r}.{kind}": v for (r, kind), v in needs.items()}
    book = SeriesBook(grid.times, series, draws, stocks.observed_until)
    verdicts = judge(scenario, book)
    results = gather(scenario, draws, grid, base, projection, shares, groups, stocks, needs, verdicts, series)
    results.tree.attrs |= {"method_version": METHOD_VERSION, "seconds": round(time.perf_counter() - begun, 3)}
    tell("done", 1.0)
    return results
