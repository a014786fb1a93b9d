"""Verbs that run, and what is made of runs: report, comparison, the benchmark."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from demo_sim.cli.verbs import cli, document_options, export_option, say, verb
from demo_sim.errors import DrawsError, InputError, Problem

if TYPE_CHECKING:
    from demo_sim.results import Results

_HELPER_MODULES = ("demo_sim.run", "demo_sim.plot.write")  # they load while this process does


@cli.command()
@click.argument("scenario", metavar="SCENARIO|PLACE")
@click.option("--out", type=click.Path(path_type=Path), help="结果文件夹 / results folder [results/<name>]")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="改一项设置 / change a setting")
@click.option(
    "--engine", type=click.Choice(["people", "cohort"]), default="people", show_default=True, help="引擎 / engine"
)
@click.option("--draws", type=int, help="抽样次数，0只算中心方案 / random draws, 0 for the central run alone")
@click.option("--person-draws", type=int, help="逐人模拟的抽样次数 / draws followed person by person")
@click.option("--scale", type=float, help="每个个体代表的人数 / persons an agent stands for")
@click.option("--threads", type=click.IntRange(1), help="线程数 / threads")
@click.option("--seed", type=int, help="随机数种子 / random seed")
@click.option("--shard", metavar="I/N", help="只算第 I 部分，共 N 部分，之后用 merge 合并 / one of N parts, for merge")
@click.option("--resume", is_flag=True, help="接着算中断的运行；已算完的部分随时保存 / go on with an interrupted run")
@click.option(
    "--cluster",
    metavar="WHERE",
    help="由 dask 分算：local:N、slurm:文件、调度器地址 / share among workers of dask: local:N, slurm:FILE, an address",
)
@click.option("--dry-run", is_flag=True, help="只显示 SLURM 作业脚本 / print the job script of SLURM, run nothing")
@export_option
@click.option("--overwrite", is_flag=True, help="覆盖已有结果，旧的留作 .previous / keep the old run as .previous")
@verb
def run(
    scenario: str,
    out: Path | None,
    overrides: tuple[str, ...],
    engine: str,
    draws: int | None,
    person_draws: int | None,
    scale: float | None,
    threads: int | None,
    seed: int | None,
    shard: str | None,
    resume: bool,
    cluster: str | None,
    dry_run: bool,
    export: tuple[str, ...],
    overwrite: bool,
    lang: str,
) -> int:
    """预测并检验规划指标，写出结果文件夹 / Project, check the plan's targets, write the run folder."""
    from demo_sim.scenario import load

    options = {"draws": draws, "options.person_draws": person_draws, "seed": seed, "scale": scale}
    told = [*overrides, *(f"{key}={value}" for key, value in options.items() if value is not None)]
    if shard and (export or cluster):
        zh, en = (
            "分算时不能导出（请写在 merge 上），也不用 --cluster",
            "a part exports nothing (merge does) and takes no --cluster",
        )
        raise InputError([Problem("--shard", 0, "", zh, en)])
    loaded = load(scenario, told)  # before anything that takes long to load: what is refused is so at once
    if dry_run:
        return _print_job(cluster)

    from demo_sim.execution.helpers import Helpers
    from demo_sim.execution.limits import processes

    gc.freeze()  # what is loaded stays: no collection has to look through it
    with Helpers(processes(threads) - 1, _HELPER_MODULES) as helpers:  # they load beside us
        from demo_sim.running import How, run_command, workers_of

        how = How(engine, threads, resume, overwrite, export, lang)
        if shard is not None:
            from demo_sim.parts import part_command

            return DrawsError.exit_code if part_command(loaded, scenario, told, out, how, helpers, shard) else 0
        with workers_of(cluster) as workers:
            return _code(run_command(loaded, told, out, how, helpers, workers))


def _print_job(cluster: str | None) -> int:
    """Print the script of a job of SLURM as it would be handed in."""
    from demo_sim.execution.cluster import job_script
    from demo_sim.scenario.slurm_file import SLURM_FILE, read_slurm_file

    kind, _, file = (cluster or "").partition(":")
    if kind != "slurm":
        zh, en = "与 --cluster slurm:文件 一起用", "is for --cluster slurm:FILE"
        raise InputError([Problem("--dry-run", 0, "", zh, en)])
    click.echo(job_script(dict(read_slurm_file(file or SLURM_FILE))))
    return 0


def _code(results: Results) -> int:
    return 0 if results.attrs["failed_draws"] == "[]" else DrawsError.exit_code


@cli.command()
@click.argument("parts", metavar="PART...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="结果文件夹 / results folder [results/<name>]")
@click.option("--threads", type=click.IntRange(1), help="线程数 / threads")
@export_option
@click.option("--overwrite", is_flag=True, help="覆盖已有结果，旧的留作 .previous / keep the old run as .previous")
@verb
def merge(
    parts: tuple[Path, ...], out: Path | None, threads: int | None, export: tuple[str, ...], overwrite: bool, lang: str
) -> int:
    """把 run --shard 算出的各部分合并成一次运行的结果 / Make one run of the parts that run --shard has made."""
    from demo_sim.execution.helpers import Helpers
    from demo_sim.execution.limits import processes

    with Helpers(processes(threads) - 1, _HELPER_MODULES) as helpers:
        from demo_sim.parts import merge_command
        from demo_sim.running import How

        return _code(merge_command(parts, out, How("", threads, False, overwrite, export, lang), helpers))


@cli.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@document_options("html", "docx", "pptx")
@click.option("--out", type=click.Path(path_type=Path), help="文件夹或一个文件 / folder, or one file [RUN]")
@click.option("--only", metavar="PARTS", help="只要这些部分 / these parts, as summary,targets")
@click.option(
    "--mask-below", type=click.IntRange(0), default=0, metavar="N", help="不列示少于N的人数 / withhold counts below N"
)
@verb
def report(
    runs: tuple[Path, ...],
    formats: tuple[str, ...],
    out: Path | None,
    only: str | None,
    template: Path | None,
    mask_below: int,
    lang: str,
) -> int:
    """由保存的结果写出报告；多个地区合为一份 / Write the report of a saved run; several regions share one."""
    from demo_sim.report.writing import write_formats
    from demo_sim.results import open_results

    results = [open_results(run) for run in runs]
    folders = [run if run.is_dir() else run.parent for run in runs]
    place = out or (folders[0] if len(runs) == 1 else Path("."))
    files = [place / f"report.{ending}" for ending in formats or ("html", "docx")]
    if place.suffix[1:].isalpha() and not place.is_dir():  # a file; a folder may be called v1.2
        files = [place]
    parts = tuple(part.strip() for part in (only or "").split(",") if part.strip())
    more: dict[str, Any] = {"template": template, "mask_below": mask_below, "folders": folders, "only": parts}
    for file in write_formats(results, files, lang, **more):
        click.echo(say(lang, f"报告已写入 {file}", f"written: {file}"))
    return 0


@cli.command()
@click.argument("runs", metavar="RUN_A RUN_B...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--title", "titles", multiple=True, metavar="NAME", help="各结果的名称，依次给出 / a title for each run")
@document_options("html", "docx")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="文件夹 / folder [results/compare-A-B]")
@verb
def compare(
    runs: tuple[Path, ...],
    titles: tuple[str, ...],
    formats: tuple[str, ...],
    out: Path | None,
    template: Path | None,
    lang: str,
) -> int:
    """比较两到六次运行，以第一次为基准 / Compare two to six runs with the first: what changed, what differs."""
    from rich.console import Console

    from demo_sim.cli.printing import print_report
    from demo_sim.report import compare as compare_runs
    from demo_sim.results import open_results

    if len(runs) < 2:
        raise InputError([Problem("", 0, "compare", "请给出至少两个结果文件夹", "name two run folders or more")])
    places = [run.resolve() for run in runs]
    if twice := next((run for run, place in zip(runs, places, strict=True) if places.count(place) > 1), None):
        zh, en = "同一个结果给了两次，请换成另一次运行的结果", "the same run is given twice; name another one"
        raise InputError([Problem(str(twice), 0, "compare", zh, en)])
    comparison = compare_runs(*(open_results(run) for run in runs), titles=titles)
    place = out or Path("results") / f"compare-{'-'.join(dict.fromkeys(found.name for found in places))}"
    files = comparison.write(place, lang, formats or ("html", "docx"), template)
    console = Console(width=None if sys.stdout.isatty() else 132)  # a pipe has no width of its own
    print_report(comparison.report(lang), console, files[0].name)
    for file in files:
        click.echo(say(lang, f"比较已写入 {file}", f"written: {file}"))
    return 0


@cli.command()
@click.option(
    "--size",
    "sizes",
    type=click.FloatRange(1e3, 1e8),
    multiple=True,
    default=(1e5, 1e6, 1e7),
    help="人数，可重复 / persons, may be repeated [1e5 1e6 1e7]",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="JSON 文件 / JSON file")
@verb
def bench(sizes: tuple[float, ...], out: Path | None, lang: str) -> int:
    """测量本机速度：每秒模拟的人年数、内存、首次调用 / Speed here: person-years a second, memory, first call."""
    from demo_sim.bench import bench_command

    bench_command(sizes, out, lang)
    return 0
