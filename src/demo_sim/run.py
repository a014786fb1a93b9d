"""The road from a scenario to verdicts, on one screen."""

from __future__ import annotations

import time
from collections.abc import Callable

from demo_sim.demand.counting import Counter
from demo_sim.demand.followed import Followed
from demo_sim.demand.kin_counts import KinMean
from demo_sim.demand.needs import bridge_by_age, count_groups, count_needs
from demo_sim.demand.sizes import Projected
from demo_sim.engine.cohort import Timing, project
from demo_sim.engine.levels import follow_levels
from demo_sim.engine.record import Projection
from demo_sim.engine.size import Size
from demo_sim.gathering import Part, gather, join
from demo_sim.inputs.base import build_base, counted_population, model_grid
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.earlier import carried_over
from demo_sim.inputs.grid import Grid
from demo_sim.inputs.prevalence import function_shares
from demo_sim.inputs.rates import build_rates
from demo_sim.kernels._jit import compiled_before
from demo_sim.kernels.compiling import compile_all
from demo_sim.plan.indicators import SeriesBook
from demo_sim.plan.requirements import requirements
from demo_sim.plan.verdicts import judge
from demo_sim.results import Results
from demo_sim.results.tiers import PopulationKeeper
from demo_sim.scenario import Scenario
from demo_sim.supply.stocks import Context, build_supply

METHOD_VERSION = "1.4"
Tell = Callable[[str, float], None]


def simulate(
    scenario: Scenario, engine: str = "people", threads: int | None = None, progress: Tell | None = None
) -> Results:
    """Project a scenario, count groups and needs, and judge its plans.

    Parameters
    ----------
    scenario : from `load`
    engine : `people` follows persons beside the cohort pass, `cohort` gives expected values alone
    threads : at most so many, by default all cores; the results do not depend on it
    progress : told the stage and the part of the run that is done, 0 to 1

    Returns
    -------
    Results, all arrays with a draw dimension.

    Raises
    ------
    InputError
        A plan needs a later year, migration empties a cell, or a value is out of reach.
    TooLargeError
        The run does not fit the memory of this machine; says what would.
    WriteError
        The disk has no room for the population of so many draws.
    IdentityError
        An accounting identity fails.

    Examples
    --------
    >>> import demo_sim as ds
    >>> run = ds.simulate(ds.load("hunan").replace({"draws": 1, "period.end": 2025}), engine="cohort")
    >>> round(float(run.population.sel(time=2020).sum()) / 1e6, 1)
    66.5
    """
    begun = time.perf_counter()
    tell = progress or (lambda stage, done: None)
    tell("inputs", 0.0)
    needed = requirements(scenario)
    grid = model_grid(scenario)
    size = Size.of(scenario, engine, grid, threads)
    if engine == "people" and not compiled_before():
        compile_all(size.threads)
    draws = Draws(scenario.quantities, size.draws, scenario.settings.seed, drivers=needed.horizon is not None)
    with PopulationKeeper(size.draws) as keeper:
        joined = join(_project_parts(scenario, draws, grid, size, keeper, tell), keeper, size.scale)
    tell("verdicts", 0.9)
    verdicts = judge(scenario, SeriesBook(grid.times, joined.series, draws, joined.observed_until))
    results = gather(scenario, draws, grid, size, joined, verdicts)
    results.tree.attrs |= {"method_version": METHOD_VERSION, "seconds": round(time.perf_counter() - begun, 3)}
    tell("done", 1.0)
    return results


def _project_parts(
    scenario: Scenario, draws: Draws, grid: Grid, size: Size, keeper: PopulationKeeper, tell: Tell
) -> list[Part]:
    """The road batch by batch; the population of each draw goes to `keeper`."""
    parts = []
    relatives, read = KinMean(), set[str]()
    for columns in size.batches(draws.size):

        def advance(year: int, first: int = columns.start) -> None:
            tell("projection", 0.85 * (first + (year - grid.start) / grid.years.size) / draws.size)

        part = draws.part(columns)
        parts.append(_project_part(scenario, part, grid, size, columns.start, keeper, relatives, read, advance))
    return parts


def _project_part(
    scenario: Scenario,
    every: Draws,
    grid: Grid,
    size: Size,
    first: int,
    keeper: PopulationKeeper,
    relatives: KinMean,
    read: set[str],
    advance: Callable[[int], None],
) -> Part:
    """The road for some draws: inputs, cohort pass, persons, placement, groups, stocks, needs.

    Most draws of the drivers change nothing that population and groups `read`: each is taken from its `like`.
    """
    settings = scenario.settings
    draws, like = every.telling(read)
    counted = counted_population(scenario, draws, grid)
    rates = build_rates(scenario, draws, grid, counted)
    base = build_base(scenario, draws, counted, rates)
    timing = Timing.of(settings.migration.timing)
    stated = function_shares(scenario, draws, grid, base.start)
    levels = follow_levels(scenario, draws, grid, base, rates, stated)
    projection = Projection.start(base.start, grid, draws.n, stated)
    bridge = bridge_by_age(draws, base.start)
    followed = None
    if size.scale and draws.n:
        followed = Followed(scenario, every, grid, size, first, base.start, stated, levels, bridge, projection)
    place = scenario.locations["migration"]
    for year, start, tables, flows in project(base, rates, grid, timing, settings.options.on_negative, place):
        projection.record(year, start, tables, flows, rates.death_rates(year - grid.start + 1))
        level_year = None
        if levels is not None:
            level_year = levels.advance(start, tables, flows, timing.first_share)
            projection.follow_levels(year, levels.shares)
        if followed is not None:
            followed.advance(year, start, tables, flows, level_year)
        advance(year)
    kin, care = followed.close() if followed is not None else (relatives.mean(), None)
    if followed is not None and kin is not None:
        relatives.take(kin)

    people = Projected(projection.persons, projection.shares, grid, bridge, kin, {"deaths": projection.deaths()})
    counter = Counter(people, draws, scenario.catalog.populations, carried_over(scenario, draws).groups)
    groups = {name: values[..., like] for name, values in count_groups(counter).items()}
    needs = {key: values[..., like] for key, values in count_needs(counter, scenario.catalog.resources).items()}
    read.update(draws.read)
    totals = {name: values.sum(axis=1) for name, values in groups.items()}
    parts = {f"{g}.{r}": v[:, i] for g, v in groups.items() for i, r in enumerate(grid.residences)}
    happened = {name: values[..., like].sum(axis=1) for name, values in people.events.items()}
    carried = carried_over(scenario, every).stocks
    stocks = build_supply(settings.supply, Context(grid.times, every, totals | parts, happened, carried))
    warnings = [] if levels is None else levels.warnings
    fit = None if followed is None else followed.fit()
    return Part.of(base, projection, counter, like, stocks, needs, care, fit, warnings, keeper)
