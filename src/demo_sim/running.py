"""The verb `run`: the folder a run is written in, the blocks it keeps, who shares the work, progress."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from demo_sim.block.kept import AFTER, Kept
from demo_sim.block.mapping import TellShare, Workers
from demo_sim.block.snapshots import require_persons, snapshots, write_persons
from demo_sim.engine.size import Size
from demo_sim.errors import InputError, Problem
from demo_sim.execution.cluster import Cluster, opened
from demo_sim.execution.helpers import Helpers
from demo_sim.execution.limits import processes
from demo_sim.inputs.build import Inputs
from demo_sim.kernels._jit import cache_dir, compiled_before
from demo_sim.plot.aside import MODULES, Drawing
from demo_sim.plot.text import text
from demo_sim.provenance import provenance
from demo_sim.report.content import build_report
from demo_sim.report.pictures import drawn
from demo_sim.report.printed import report_pages
from demo_sim.report.writing import FORMATS, write_built
from demo_sim.results import Results, check_folder, save
from demo_sim.results.draws_table import write_draws
from demo_sim.results.folders import RunPlace, remove_abandoned
from demo_sim.results.handover import Handed
from demo_sim.results.manifest import input_digest
from demo_sim.results.store import Beside
from demo_sim.run import METHOD_VERSION, carry_out, prepare
from demo_sim.scenario import Scenario, load
from demo_sim.scenario.slurm_file import SLURM_FILE, read_slurm_file
from demo_sim.terminal import print_note, print_summary

STAGES = {
    "inputs": ("读入数据", "inputs"), "projection": ("人口预测", "projection"), "demand": ("需求测算", "demand"),
    "verdicts": ("指标判定", "verdicts"), "done": ("写出结果", "writing"),
}  # fmt: skip
HELPER_MODULES = ("demo_sim.run", *MODULES, "demo_sim.report.writing")  # what a helper imports while the run begins
EXPORTS = ("draws", "persons")  # what a run writes beside, for those who go on in other tools


@dataclass(frozen=True)
class How:
    """How a scenario is run and written; none of it changes a number of the run folder.

    Attributes
    ----------
    engine : people or cohort
    threads : at most so many
    resume : whether blocks are taken that an interrupted run of the same inputs left, and kept from the beginning
    overwrite : whether a folder with another run may be replaced (the old one is kept as `.previous`)
    export : of `EXPORTS`
    lang : zh or en
    quiet : whether nothing is printed
    """

    engine: str = "people"
    threads: int | None = None
    resume: bool = False
    overwrite: bool = False
    export: tuple[str, ...] = ()
    lang: str = "zh"
    quiet: bool = False


def run(
    scenario: Scenario | str | Path,
    out: str | Path | None = None,
    *,
    overwrite: bool = False,
    lang: str = "zh",
    engine: str = "people",
    threads: int | None = None,
    resume: bool = False,
    export: Sequence[str] = (),
    cluster: str | None = None,
) -> Results:
    """Run a scenario and write the folder that `demo-sim run` writes; nothing is printed.

    Parameters
    ----------
    scenario : a scenario, or its path or name
    out : folder, by default results/<scenario name>
    overwrite : whether a folder with another run may be replaced (the old one is kept as `.previous`)
    lang : zh or en, of charts, report and workbook
    engine : people or cohort
    threads : at most so many, by default as many as there are cores; as many processes share the work
    resume : go on with what an interrupted run of the same inputs left
    export : `draws`, the series of all draws as tables (draws.csv, draws_columns.csv, draws.parquet where pyarrow is
        there); `persons`, one replicate at stated values with attributes and links at every year-end (persons.nc)
    cluster : who makes the blocks in place of processes of this machine, as `--cluster` of the program: `local:4`,
        `slurm:FILE` or the address of a scheduler

    Raises
    ------
    InputError, TooLargeError, WriteError, IdentityError, DrawsError
        As the exit codes 2 to 6 of the command line.
    """
    for name in export:
        if name not in EXPORTS:
            zh, en = f"“{name}”不是 {'、'.join(EXPORTS)} 之一", f'"{name}" is none of {", ".join(EXPORTS)}'
            raise InputError([Problem("", 0, "export", zh, en)])
    loaded = scenario if isinstance(scenario, Scenario) else load(scenario)
    how = How(engine, threads, resume, overwrite, tuple(export), lang, quiet=True)
    with Helpers(processes(threads) - 1, HELPER_MODULES) as helpers, workers_of(cluster) as workers:
        return run_command(loaded, [], None if out is None else Path(out), how, helpers, workers)


@contextmanager
def workers_of(cluster: str | None) -> Iterator[Cluster | None]:
    """The workers that `--cluster` names, or None where it is not given."""
    if cluster is None:
        yield None
        return
    kind, _, file = cluster.partition(":")
    job = None
    if kind == "slurm":
        job = dict(read_slurm_file(file or SLURM_FILE))
    with opened(cluster, METHOD_VERSION, job) as found:
        yield found


def run_command(
    scenario: Scenario,
    overrides: Sequence[str],
    out: Path | None,
    how: How,
    helpers: Helpers,
    workers: Cluster | None = None,
    parts: Sequence[Path] = (),
) -> Results:
    """Run a scenario, write its folder and print the target table.

    Parameters
    ----------
    scenario : from `load`
    overrides : `path=value` settings that it was loaded with
    out : folder, by default results/<scenario name>
    how : everything else
    helpers : processes that share the work
    workers : who makes the blocks in their place
    parts : folders of blocks that were made elsewhere
    """
    begun = time.perf_counter()
    lang = how.lang
    width = None if sys.stdout.isatty() else 132  # a pipe has no width of its own
    console, notes = Console(width=width, quiet=how.quiet), Console(stderr=True, quiet=how.quiet)
    folder = out or Path("results") / scenario.name
    told = json.dumps(list(overrides), ensure_ascii=False)
    inputs, size = prepare(scenario, how.engine, how.threads, *shared_by(helpers, workers))
    attrs = provenance(scenario, size) | {"overrides": told}
    check_folder(folder, attrs, overwrite=how.overwrite)
    if "persons" in how.export:
        require_persons(inputs, size)
    left_out: dict[str, str] = {}
    with taken(folder, f"{METHOD_VERSION} {input_digest(attrs)}", how.resume, helpers, notes, lang) as place:

        def beside(handed: Handed, half: Path) -> Beside:
            report, drawings = build_report(results, lang), list[Drawing]()

            def begin() -> None:
                drawings.append(Drawing(handed, half / "figures", lang))

            def finish() -> None:
                for drawing in drawings:
                    left_out.update(drawing.finish())
                files = [half / f"report.{ending}" for ending in FORMATS]
                write_built([report], [drawn(half / "figures")], files, lang, helpers=helpers)

            return Beside(begin, finish, report_pages(report))

        if how.engine == "people":
            tell_compiling(notes, lang)
        since = 0.0 if how.resume else time.time() + AFTER
        kept = Kept(place.blocks, parts, since, needed=how.resume, here=workers is not None)
        results = _simulate(scenario, inputs, size, workers or helpers, kept, notes, lang)
        results.tree.attrs["overrides"] = told
        for name in how.export:
            _export(name, results, inputs, size, place.half)
        timings = {"simulate": float(results.attrs["seconds"])}
        more: dict[str, Any] = {"overwrite": how.overwrite, "lang": lang, "timings": timings}
        written = save(results, folder, **more, extra=beside, helpers=helpers, place=place)
    print_summary(results, scenario, console, lang)
    for name, reason in left_out.items():
        console.print(text(lang, f"未绘制 {name}：{reason}", f"chart {name} left out: {reason}"), style="dim")
    if written != place.target:
        console.print(
            text(
                lang,
                f"{folder} 已由另一次运行写入，本次结果另存为 {written.name}",
                f"another run has written {folder} in the meantime: this one is kept as {written.name}",
            )
        )
    seconds = time.perf_counter() - begun
    console.print(
        text(lang, f"结果已写入 {written}（用时 {seconds:.1f} 秒）", f"written to {written} in {seconds:.1f} s")
    )
    return results


def _export(name: str, results: Results, inputs: Inputs, size: Size, folder: Path) -> None:
    if name == "draws":
        write_draws(results, folder)
    else:
        write_persons(snapshots(inputs, size), folder)


def shared_by(helpers: Helpers, workers: Cluster | None) -> tuple[int, float]:
    """Processes that share the work, and the memory of each where they are a cluster."""
    return (helpers.processes, 0.0) if workers is None else (workers.processes, workers.memory)


@contextmanager
def taken(folder: Path, begun: str, resume: bool, helpers: Helpers, notes: Console, lang: str) -> Iterator[RunPlace]:
    """A place for a run; whatever ends it early, nothing half written is left, and what can go on is told."""
    place = RunPlace.of(folder)
    try:
        place.take(begun, resume)
        for left in remove_abandoned(place.target):
            zh, en = (
                f"未删除 {left}：由另一台机器或以前的版本写出，可能仍在写",
                f"{left} is left alone: another machine or an earlier version wrote it, and may be writing",
            )
            notes.print(text(lang, zh, en), style="dim")
        yield place
    except BaseException:
        helpers.end()  # they would go on writing there
        if place.leave():
            words = "已算完的部分已保留，加 --resume 可接着算", "finished blocks are kept: go on with --resume"
            notes.print(text(lang, *words), style="dim")
        raise


def tell_compiling(notes: Console, lang: str) -> None:
    """Say that kernels are compiled first, and where they cannot be kept."""
    if not cache_dir():
        words = (
            "没有可写的文件夹存放编译好的计算内核：本次在内存中编译，每次运行都要多用十几秒（可设 NUMBA_CACHE_DIR）",
            "no folder can be written to that would keep compiled kernels: they are compiled in memory, a good ten "
            "seconds in every run (NUMBA_CACHE_DIR names a folder)",
        )
    elif not compiled_before():
        words = (
            "首次运行要编译计算内核，约多用十几秒，以后不再需要",
            "the first run compiles, a good ten seconds, once",
        )
    else:
        return
    notes.print(text(lang, *words), style="dim")


def _simulate(
    scenario: Scenario, inputs: Inputs, size: Size, workers: Workers, kept: Kept, console: Console, lang: str
) -> Results:
    for note in scenario.notes:
        print_note(note, console, lang)
    with progress(console, lang) as tell:
        return carry_out(scenario, inputs, size, tell, workers, kept)


@contextmanager
def progress(console: Console, lang: str) -> Iterator[TellShare]:
    """What is told the stage and the part that is done: a bar with the time left, or a line a stage in a pipe."""
    if not console.is_terminal:
        seen: set[str] = set()

        def plain(stage: str, done: float) -> None:
            if stage not in seen:
                seen.add(stage)
                console.print(text(lang, *STAGES[stage]))

        yield plain
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda stage, done: bar.update(task, description=text(lang, *STAGES[stage]), completed=done)
