"""The road from a scenario to verdicts, on one screen."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

from demo_sim.block.failing import Failed, require_some
from demo_sim.block.kept import Kept, kept_people, made, make_share, shelf
from demo_sim.block.mapping import Blocks, TellShare, Workers
from demo_sim.block.persons import decides_by_persons
from demo_sim.block.project import NATURAL, project
from demo_sim.block.reduce import by_persons, placed, reduce
from demo_sim.block.relatives import pool
from demo_sim.engine.size import Size
from demo_sim.execution.helpers import Helpers
from demo_sim.gathering import gather_results
from demo_sim.inputs.build import Inputs, build_inputs
from demo_sim.inputs.draws import STATED, Draws
from demo_sim.kernels._jit import compiled_before
from demo_sim.kernels.compiling import compile_all
from demo_sim.plan.explained import Explained
from demo_sim.plan.indicators import SeriesBook
from demo_sim.plan.natural import Course
from demo_sim.plan.requirements import requirements
from demo_sim.plan.verdicts import judge
from demo_sim.results import Results
from demo_sim.scenario import Scenario

METHOD_VERSION = "2.0"


def simulate(
    scenario: Scenario, engine: str = "people", threads: int | None = None, progress: TellShare | None = None
) -> Results:
    """Project a scenario, count groups and needs, and judge its plans.

    Parameters
    ----------
    scenario : from `load`
    engine : `kept_people` follows persons beside the expected pass, `cohort` gives expected values alone
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
    DrawsError
        All random draws fail; of some that do `attrs["failed_draws"]` has the names.

    Examples
    --------
    >>> import demo_sim as ds
    >>> run = ds.simulate(ds.load("hunan").replace({"draws": 0, "period.end": 2025}), engine="cohort")
    >>> round(float(run.central.population.sel(time=2020).sum()) / 1e6, 1)
    66.5
    """
    return carry_out(scenario, *prepare(scenario, engine, threads), progress)


def prepare(
    scenario: Scenario, engine: str, threads: int | None, processes: int = 1, far: float = 0.0
) -> tuple[Inputs, Size]:
    """What a run takes and how large it is; all that can be refused is so here."""
    requirements(scenario)
    inputs = build_inputs(scenario)
    size = Size.of(inputs, engine, threads, processes, far)
    return inputs, size if decides_by_persons(inputs) else replace(size, person_draws=0)


def carry_out(
    scenario: Scenario,
    inputs: Inputs,
    size: Size,
    progress: TellShare | None = None,
    workers: Workers | None = None,
    kept: Kept | None = None,
) -> Results:
    """The run of what was prepared; who shares the work and blocks that are kept change no number."""
    begun = time.perf_counter()
    if size.person_draws and not compiled_before():
        compile_all(size.threads)
    with (
        shelf(size, kept) as kept,
        Blocks(size, progress or (lambda stage, done: None), workers or Helpers(0)) as blocks,
    ):
        results = _run(scenario, inputs, size, blocks, kept)
        blocks.tell("done", 1.0)
    results.tree.attrs |= {"method_version": METHOD_VERSION, "seconds": round(time.perf_counter() - begun, 3)}
    return results


def carry_out_part(
    inputs: Inputs, size: Size, part: int, of: int, kept: Kept, progress: TellShare | None, helpers: Helpers
) -> list[Failed]:
    """One of so many parts of the run of what was prepared, kept in files; together they are the run (`merge`).

    Gives the draws that fail.
    """
    if size.person_draws and not compiled_before():
        compile_all(size.threads)
    with Blocks(size, progress or (lambda stage, done: None), helpers) as blocks:
        failed = make_share(inputs, size, blocks, kept, part, of)
        blocks.tell("done", 1.0)
    return failed


def _run(scenario: Scenario, inputs: Inputs, size: Size, blocks: Blocks, kept: Kept | None) -> Results:
    blocks.tell("projection", 0.0)
    failed: list[Failed] = []
    replicates, followed = kept_people(inputs, size, blocks, kept, failed)
    require_some(failed, size.person_draws)
    relatives = pool(inputs, followed, replicates, blocks.beside)
    expected = partial(project, inputs, relatives=relatives)
    batches = size.batches(without=[one.number for one in failed])
    projected = made("draws", expected, batches, blocks.each, kept, failed)
    reduced = reduce(projected, size.draws, size.keep_full, failed)
    blocks.tell("verdicts", 0.9)
    care = placed(followed, replicates, reduced.numbers, size.scale)
    draws = Draws(inputs.quantities, inputs.seed, [*reduced.numbers, STATED])
    book = SeriesBook(
        inputs.grid.times, reduced.series, draws, reduced.supply.observed, by_persons(inputs, reduced.only_stated)
    )
    course = Course(
        {name: entry.kind for name, entry in inputs.supply.items()},
        reduced.supply.going_on,
        reduced.natural.going_on,
        {name: reduced.series[NATURAL + name] for name in reduced.natural.series},
        frozenset(inputs.natural),
    )
    verdicts = judge(scenario, book, Explained(draws, size.person_draws, inputs.grid.end), course)
    return gather_results(scenario, inputs, size, reduced, failed, care, book, verdicts)
