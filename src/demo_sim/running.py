"""The verbs that run: the folder a run is written in, the blocks it keeps, progress; parts of a run, merged."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from demo_sim.block.failing import Failed
from demo_sim.block.kept import AFTER, Kept
from demo_sim.block.mapping import Tell
from demo_sim.block.snapshots import require_persons, snapshots, write_persons
from demo_sim.engine.size import Size
from demo_sim.errors import InputError, Problem, WriteError
from demo_sim.execution.helpers import Helpers
from demo_sim.execution.limits import processes
from demo_sim.inputs.build import Inputs
from demo_sim.kernels._jit import cache_dir, compiled_before
from demo_sim.plot.aside import MODULES, Drawing
from demo_sim.plot.text import text
from demo_sim.provenance import provenance
from demo_sim.report.pictures import Pictures, drawn
from demo_sim.report.writing import FORMATS, write_formats
from demo_sim.results import Results, check_folder, save
from demo_sim.results.draws_table import write_draws
from demo_sim.results.folders import BEGUN, BLOCKS, Place, remove_abandoned
from demo_sim.results.handover import Handed
from demo_sim.results.manifest import input_digest, read_json
from demo_sim.run import METHOD_VERSION, carry_out, carry_out_part, prepare
from demo_sim.scenario import Scenario, load
from demo_sim.terminal import print_note, print_summary

STAGES = {
    "inputs": ("读入数据", "inputs"), "projection": ("人口预测", "projection"), "demand": ("需求测算", "demand"),
    "verdicts": ("指标判定", "verdicts"), "done": ("写出结果", "writing"),
}  # fmt: skip
HELPER_MODULES = ("demo_sim.run", *MODULES)  # what a helper imports while the run begins
EXPORTS = ("draws", "persons")  # what a run writes beside, for those who go on in other tools
PART = "part.json"  # in the folder of a part: which of how many, of which run


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

    Raises
    ------
    InputError, TooLargeError, WriteError, IdentityError
        As the exit codes 2 to 5 of the command line.
    """
    for name in export:
        if name not in EXPORTS:
            zh, en = f"“{name}”不是 {'、'.join(EXPORTS)} 之一", f'"{name}" is none of {", ".join(EXPORTS)}'
            raise InputError([Problem("", 0, "export", zh, en)])
    loaded = scenario if isinstance(scenario, Scenario) else load(scenario)
    with Helpers(processes(threads) - 1, HELPER_MODULES) as helpers:
        folder = None if out is None else Path(out)
        return run_command(
            loaded, [], folder, overwrite, lang, helpers, engine, threads, resume, export=export, quiet=True
        )


def run_command(
    scenario: Scenario,
    overrides: Sequence[str],
    out: Path | None,
    overwrite: bool,
    lang: str,
    helpers: Helpers,
    engine: str = "people",
    threads: int | None = None,
    resume: bool = False,
    parts: Sequence[Path] = (),
    export: Sequence[str] = (),
    quiet: bool = False,
) -> Results:
    """Run a scenario, write its folder and print the target table.

    Parameters
    ----------
    scenario : from `load`
    overrides : `path=value` settings that it was loaded with
    out : folder, by default results/<scenario name>
    overwrite : whether a folder with another run may be replaced (the old one is kept as `.previous`)
    lang : zh or en
    helpers : processes that share the work
    engine : people or cohort
    threads : at most so many
    resume : whether blocks are taken that an interrupted run of the same inputs left, and kept from the beginning
    parts : folders of blocks that were made elsewhere
    export : of `EXPORTS`
    quiet : whether nothing is printed
    """
    begun = time.perf_counter()
    width = None if sys.stdout.isatty() else 132  # a pipe has no width of its own
    console, notes = Console(width=width, quiet=quiet), Console(stderr=True, quiet=quiet)
    folder = out or Path("results") / scenario.name
    told = json.dumps(list(overrides), ensure_ascii=False)
    inputs, size = prepare(scenario, engine, threads, helpers.processes)
    attrs = provenance(scenario, size) | {"overrides": told}
    check_folder(folder, attrs, overwrite=overwrite)
    if "persons" in export:
        require_persons(inputs, size)
    left_out: dict[str, str] = {}
    with taken(folder, f"{METHOD_VERSION} {input_digest(attrs)}", resume, helpers, notes, lang) as place:

        def draw(handed: Handed, half: Path) -> Callable[[], object]:
            drawing = Drawing(handed, half / "figures", lang)

            def charts() -> list[Pictures]:
                left_out.update(drawing.finish())
                return [drawn(half / "figures")]

            return lambda: write_formats(results, [half / f"report.{e}" for e in FORMATS], lang, charts=charts)

        if engine == "people":
            tell_compiling(notes, lang)
        kept = Kept(place.blocks, parts, since=0.0 if resume else time.time() + AFTER, needed=resume)
        results = _simulate(scenario, inputs, size, helpers, kept, notes, lang)
        results.tree.attrs["overrides"] = told
        for name in export:
            _export(name, results, inputs, size, place.half)
        timings = {"simulate": float(results.attrs["seconds"])}
        how: dict[str, Any] = {"overwrite": overwrite, "lang": lang, "timings": timings}
        written = save(results, folder, **how, extra=draw, helpers=helpers, place=place)
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


@contextmanager
def taken(folder: Path, begun: str, resume: bool, helpers: Helpers, notes: Console, lang: str) -> Iterator[Place]:
    """A place for a run; whatever ends it early, nothing half written is left, and what can go on is told."""
    place = Place.of(folder)
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
    scenario: Scenario, inputs: Inputs, size: Size, helpers: Helpers, kept: Kept, console: Console, lang: str
) -> Results:
    for note in scenario.notes:
        print_note(note, console, lang)
    with progress(console, lang) as tell:
        return carry_out(scenario, inputs, size, tell, helpers, kept)


@contextmanager
def progress(console: Console, lang: str) -> Iterator[Tell]:
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


def part_command(
    scenario: Scenario,
    source: str,
    overrides: Sequence[str],
    out: Path | None,
    lang: str,
    helpers: Helpers,
    engine: str,
    threads: int | None,
    shard: str,
    resume: bool = False,
) -> list[Failed]:
    """Make one part of a run, for a task of a job array; `merge` makes the run of all parts.

    Gives the draws that fail, after naming them.

    Parameters
    ----------
    source : path or name that it was loaded by
    shard : `i/N`, the i-th of N parts; others as in `run_command`
    """
    part, of = _numbered(shard)
    notes = Console(stderr=True)
    folder = out or Path("results") / f"{scenario.name}.shard-{part}-of-{of}"
    told = json.dumps(list(overrides), ensure_ascii=False)
    inputs, size = prepare(scenario, engine, threads, helpers.processes)
    attrs = provenance(scenario, size) | {"overrides": told}
    begun = f"{METHOD_VERSION} {input_digest(attrs)}"
    _require_own_part(folder, begun)
    with taken(folder, begun, resume, helpers, notes, lang) as place:
        if engine == "people":
            tell_compiling(notes, lang)
        with progress(notes, lang) as tell:
            failed = carry_out_part(inputs, size, part, of, Kept(place.blocks), tell, helpers)
        file = Path(source)
        whole = {
            "scenario": str(file.resolve()) if file.is_file() else source,
            "overrides": list(overrides),
            "engine": engine,
            "part": part,
            "of": of,
        }
        (place.half / PART).write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
        written = place.put(with_blocks=True)
    words = f"第 {part}/{of} 部分已写入 {written}", f"part {part} of {of} written to {written}"
    Console().print(text(lang, *words))
    for one in failed:
        notes.print(text(lang, f"抽样{one.number}失败：{one.text_zh}", f"draw {one.number} fails: {one.text_en}"))
    return failed


def merge_command(
    parts: Sequence[Path],
    out: Path | None,
    overwrite: bool,
    lang: str,
    helpers: Helpers,
    threads: int | None,
    export: Sequence[str] = (),
) -> Results:
    """Make the run of which all parts were made; its folder is that of the whole run. Others as in `run_command`."""
    told = [_part(folder) for folder in parts]
    first = told[0]
    for folder, other in zip(parts, told, strict=True):
        for key, zh, en in (("begun", "输入、种子或方法", "inputs, seed or method"), ("of", "份数", "number of parts")):
            if other[key] != first[key]:
                raise _wrong(folder, f"{zh}与 {parts[0]} 不同", f"other {en} than {parts[0]}")
    missing = sorted(set(range(1, first["of"] + 1)) - {one["part"] for one in told})
    if missing:
        listed = ", ".join(f"{number}/{first['of']}" for number in missing)
        raise _wrong(parts[0], f"缺第 {listed} 部分", f"lacks the parts {listed}")
    scenario = load(first["scenario"], first["overrides"])
    _, size = prepare(scenario, first["engine"], threads, helpers.processes)
    attrs = provenance(scenario, size) | {"overrides": json.dumps(first["overrides"], ensure_ascii=False)}
    if first["begun"] != f"{METHOD_VERSION} {input_digest(attrs)}":
        zh, en = "情景或其数据在分算之后改动过", "the scenario or its data were changed after the parts were made"
        raise _wrong(parts[0], zh, en)
    blocks = [folder / BLOCKS for folder in parts]
    how: dict[str, Any] = {"parts": blocks, "export": export}
    return run_command(scenario, first["overrides"], out, overwrite, lang, helpers, first["engine"], threads, **how)


def _require_own_part(folder: Path, begun: str) -> None:
    """Refuse a folder that holds something else than the part of such a run."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    file = folder / BLOCKS / BEGUN
    if not file.is_file() or file.read_text(encoding="utf-8", errors="replace") != begun:
        raise WriteError(
            f"{folder} 已存在，且不是同一次运行的部分；请用 --out 指定另一个文件夹",
            f"{folder} exists and is no part of such a run; name another folder with --out",
        )


def _part(folder: Path) -> dict[str, Any]:
    """What a part says of itself."""
    told = read_json(folder / PART)
    try:
        told["begun"] = (folder / BLOCKS / BEGUN).read_text(encoding="utf-8")
        named = [told["scenario"], told["engine"], *told["overrides"]]
        if all(isinstance(one, str) for one in named) and 1 <= int(told["part"]) <= int(told["of"]):
            return told
    except (OSError, ValueError, KeyError, TypeError):
        pass
    zh, en = "不是 run --shard 写出的部分", "no part that run --shard has written"
    raise _wrong(folder, zh, en)


def _numbered(shard: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", shard)
    part, of = (int(number) for number in found.groups()) if found else (0, 0)
    if not 1 <= part <= of:
        zh, en = f"“{shard}”应写作 i/N，如 2/8，i 从 1 到 N", f'"{shard}": write i/N, such as 2/8, i from 1 to N'
        raise InputError([Problem("--shard", 0, "", zh, en)])
    return part, of


def _wrong(folder: Path, zh: str, en: str) -> InputError:
    return InputError([Problem(str(folder), 0, "", zh, en)])
