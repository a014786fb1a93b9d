"""The road from a scenario to verdicts, on one screen."""

from __future__ import annotations

import time
from functools import partial

from demo_sim.block.mapping import Blocks, Tell
from demo_sim.block.persons import follow
from demo_sim.block.project import project
from demo_sim.block.reduce import by_persons, placed, reduce
from demo_sim.block.relatives import pool
from demo_sim.engine.size import Size
from demo_sim.gathering import gather
from demo_sim.inputs.build import Inputs, build_inputs
from demo_sim.inputs.draws import STATED, Draws
from demo_sim.kernels._jit import compiled_before
from demo_sim.kernels.compiling import compile_all
from demo_sim.plan.explained import Explained
from demo_sim.plan.indicators import SeriesBook
from demo_sim.plan.requirements import requirements
from demo_sim.plan.verdicts import judge
from demo_sim.results import Results
from demo_sim.scenario import Scenario

METHOD_VERSION = "2.0"


def simulate(
    scenario: Scenario, engine: str = "people", threads: int | None = None, progress: Tell | None = None
) -> Results:
    """Project a scenario, count groups and needs, and judge its plans.

    Parameters
    ----------
    scenario : from `load`
    engine : `people` follows persons beside the expected pass, `cohort` gives expected values alone
    threads : at most so many, by default all cores; the results do not depend on it
    progress : told the stage and the part of the run that is done, 0 to 1

    Returns
    -------
    Results: the run at stated values (`central`), and arrays of the random draws with a dimension `draw`.

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
    >>> run = ds.simulate(ds.load("hunan").replace({"draws": 0, "period.end": 2025}), engine="cohort")
    >>> round(float(run.central.population.sel(time=2020).sum()) / 1e6, 1)
    66.5
    """
    begun = time.perf_counter()
    tell = progress or (lambda stage, done: None)
    tell("inputs", 0.0)
    requirements(scenario)
    inputs = build_inputs(scenario)
    size = Size.of(inputs, engine, threads)
    if size.person_draws and not compiled_before():
        compile_all(size.threads)
    results = _run(scenario, inputs, size, tell)
    results.tree.attrs |= {"method_version": METHOD_VERSION, "seconds": round(time.perf_counter() - begun, 3)}
    tell("done", 1.0)
    return results


def _run(scenario: Scenario, inputs: Inputs, size: Size, tell: Tell) -> Results:
    with Blocks(size, tell) as blocks:
        replicates = blocks.alone(partial(follow, inputs, size=size), size.replicates())
        followed = blocks.alone(partial(follow, inputs, size=size), size.person_batches())
        relatives = pool(inputs, followed, replicates, blocks.each)
        reduced = reduce(
            blocks.each(partial(project, inputs, relatives=relatives), size.batches()), size.draws, size.keep_full
        )
    tell("verdicts", 0.9)
    care = placed(followed, replicates, size.draws, size.scale)
    draws = Draws(inputs.quantities, inputs.seed, [*range(size.draws), STATED])
    persons = by_persons(inputs, reduced.only_stated)
    book = SeriesBook(inputs.grid.times, reduced.series, draws, reduced.supply.observed_until, persons)
    verdicts = judge(scenario, book, Explained(draws, size.person_draws))
    return gather(scenario, inputs, size, reduced, care, book, verdicts)
