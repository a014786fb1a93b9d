"""Command line `demo-sim`: verbs only; what a verb needs is imported inside it."""

from __future__ import annotations

import functools
import gc
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from demo_sim import __version__
from demo_sim.errors import DemoSimError, DrawsError, InputError, Problem, TooLargeError
from demo_sim.execution.signals import Interrupted, ended_by_signals

if TYPE_CHECKING:
    from demo_sim.results import Results
    from demo_sim.scenario import Scenario

INTERRUPTED = 130
_HELPER_MODULES = ("demo_sim.run", "demo_sim.plot.write")  # they load while this process does
_OUT_OF_MEMORY = (
    "内存不足：实际所需超过了估计。请把 --scale 加倍，或减少 --draws、--person-draws、--threads",
    "out of memory: the run takes more than was estimated; double --scale, or use fewer --draws, --person-draws or "
    "--threads",
)
KINDS = ("populations", "resources", "indicators", "plans", "assumptions")


def verb(function: Callable[..., int | None]) -> Callable[..., None]:
    """Give a verb `--lang`, and turn its errors into text and exit codes."""

    @click.option(
        "--lang",
        type=click.Choice(["zh", "en"]),
        envvar="DEMO_SIM_LANG",
        default="zh",
        show_default=True,
        help="语言 / language (also DEMO_SIM_LANG)",
    )
    @functools.wraps(function)
    def wrapped(lang: str, **arguments: Any) -> None:
        speak_utf8()
        try:
            with ended_by_signals():
                code = function(lang=lang, **arguments)
        except DemoSimError as error:
            click.echo(error.render(lang), err=True)
            if isinstance(error, InputError):
                count = len(error.problems)
                click.echo(_say(lang, f"共 {count} 处问题", f"{count} problem{'s' * (count > 1)}"), err=True)
            code = error.exit_code
        except MemoryError:
            click.echo(_say(lang, *_OUT_OF_MEMORY), err=True)
            code = TooLargeError.exit_code
        except KeyboardInterrupt as error:
            click.echo(_say(lang, "已中断", "interrupted"), err=True)
            code = error.code if isinstance(error, Interrupted) else INTERRUPTED
        sys.exit(code or 0)

    return wrapped


def speak_utf8() -> None:
    """Write UTF-8 to the console and to pipes, also where Windows would use a code page."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(encoding="utf-8", errors="replace")


def document_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a verb that writes documents `--format` and `--template`."""
    for option in (
        click.option(
            "--template",
            type=click.Path(dir_okay=False, path_type=Path),
            help="单位的 Word 模板 / a Word template of the office",
        ),
        click.option(
            "--format",
            "formats",
            type=click.Choice(["html", "docx"]),
            multiple=True,
            help="格式，默认两种 / format [both]",
        ),
    ):
        function = option(function)
    return function


def export_option(function: Callable[..., None]) -> Callable[..., None]:
    """Give a verb that runs `--export`."""
    return click.option(
        "--export",
        multiple=True,
        type=click.Choice(["draws", "persons"]),
        help="另存各次抽样的序列，或一次模拟的个体 / also write the series of all draws, or persons with their links",
    )(function)


def _say(lang: str, zh: str, en: str) -> str:
    return en if lang == "en" else zh


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="demo-sim")
def cli() -> None:
    """人口、养老与民政规划指标测算 / Population, care demand and plan targets of a region."""


@cli.command()
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@verb
def validate(scenarios: tuple[str, ...], lang: str) -> int:
    """检查情景文件，一次列出全部问题 / Check scenarios: all problems of all files, nothing is run."""
    from demo_sim.scenario import load

    problems: list[Problem] = []
    sound: list[tuple[str, Scenario]] = []
    for source in scenarios:
        try:
            sound.append((source, load(source)))
        except InputError as error:
            problems += error.problems
    for source, scenario in sound:
        _print_summary(source, scenario, lang)
    if problems:
        raise InputError(problems)
    return 0


def _print_summary(source: str, scenario: Scenario, lang: str) -> None:
    from demo_sim.plan.requirements import requirements

    period, numbers, tables = scenario.settings.period, len(scenario.quantities), len(scenario.tables)
    click.echo(
        _say(
            lang,
            f"{source}：没有问题（{period.start}–{period.end} 年，{numbers} 项数值，{tables} 张表）",
            f"{source}: no problems ({period.start}-{period.end}, {numbers} quantities, {tables} tables)",
        )
    )
    for id_ in scenario.settings.plan:
        plan = scenario.catalog.plans[id_]
        scored = [target for target in plan.targets if target.scored]
        last, listed = max((target.year for target in scored), default=period.start), len(plan.targets) - len(scored)
        click.echo(
            _say(
                lang,
                f"  规划 {id_}：{plan.title.zh}，{len(scored)} 项指标，另有 {listed} 项只列出，须预测到 {last} 年",
                f"  plan {id_}: {plan.title.en}, {len(scored)} targets, {listed} more listed, needs years to {last}",
            )
        )
    needed = requirements(scenario)
    if needed.horizon is not None:
        series, reported = len(needed.series), len(needed.reported)
        given = sum(f"reported.{name}" in scenario.quantities for name in needed.reported)
        names = ", ".join(needed.series)
        click.echo(
            _say(
                lang,
                f"  规划要求 {series} 个序列（{names}）；业务部门填报 {reported} 项，已填 {given} 项",
                f"  the plans need {series} series ({names}); figures of the office: {reported}, given: {given}",
            )
        )
    for note in scenario.notes:
        click.echo(f"  {note.render(lang)}")


@cli.command()
@click.argument("scenario")
@click.argument("path")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="改一项设置 / change a setting")
@verb
def explain(scenario: str, path: str, overrides: tuple[str, ...], lang: str) -> int:
    """说明一项设置：数值、单位、出处、含义 / One setting: value, unit, file:line, source, meaning."""
    from demo_sim.scenario import load
    from demo_sim.scenario.explain import explain as lines_of

    for line in lines_of(load(scenario, overrides), path, lang):
        click.echo(line)
    return 0


@cli.command()
@click.argument("name")
@verb
def new(name: str, lang: str) -> int:
    """写出一个带说明的起步情景 / Write a commented starter scenario with its tables."""
    from demo_sim.scenario.places import shown_path
    from demo_sim.scenario.starter import write_starter

    for path in write_starter(name, Path.cwd()):
        click.echo(shown_path(path))
    click.echo(_say(lang, f"下一步：demo-sim run {name}.yaml", f"next: demo-sim run {name}.yaml"))
    return 0


@cli.command()
@verb
def schema(lang: str) -> int:
    """输出情景文件的 JSON Schema / Print the JSON Schema of scenario files."""
    import json

    from demo_sim.scenario.schema import scenario_schema

    click.echo(json.dumps(scenario_schema(lang), ensure_ascii=False, indent=2))
    return 0


@cli.command()
@click.argument("kind", required=False, type=click.Choice(KINDS))
@click.argument("id_", metavar="[ID]", required=False)
@verb
def catalog(kind: str | None, id_: str | None, lang: str) -> int:
    """列出已有的人群、资源、指标、规划和参数 / List what is known, or show one entry."""
    from demo_sim.scenario.listing import catalogue_lines

    for line in catalogue_lines(kind, id_, lang):
        click.echo(line)
    return 0


@cli.command()
@click.argument("scenario")
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
    from demo_sim.scenario.slurm_file import FILE, read_slurm_file

    kind, _, file = (cluster or "").partition(":")
    if kind != "slurm":
        zh, en = "与 --cluster slurm:文件 一起用", "is for --cluster slurm:FILE"
        raise InputError([Problem("--dry-run", 0, "", zh, en)])
    click.echo(job_script(dict(read_slurm_file(file or FILE))))
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
@document_options
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="文件夹 / folder [RUN]")
@click.option(
    "--mask-below", type=click.IntRange(0), default=0, metavar="N", help="不列示少于N的人数 / withhold counts below N"
)
@verb
def report(
    runs: tuple[Path, ...],
    formats: tuple[str, ...],
    out: Path | None,
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
    for file in write_formats(results, files, lang, template=template, mask_below=mask_below, folders=folders):
        click.echo(_say(lang, f"报告已写入 {file}", f"written: {file}"))
    return 0


@cli.command()
@click.argument("runs", metavar="RUN_A RUN_B...", nargs=-1, required=True, type=click.Path(path_type=Path))
@document_options
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="文件夹 / folder [results/compare-A-B]")
@verb
def compare(
    runs: tuple[Path, ...], formats: tuple[str, ...], out: Path | None, template: Path | None, lang: str
) -> int:
    """比较两次或多次运行，以第一次为基准 / Compare runs with the first: differences draw by draw, what changed."""
    from demo_sim.report import compare as compare_runs
    from demo_sim.results import open_results

    if len(runs) < 2:
        raise InputError([Problem("", 0, "compare", "请给出至少两个结果文件夹", "name two run folders or more")])
    comparison = compare_runs(*(open_results(run) for run in runs))
    names = "-".join(dict.fromkeys(run.resolve().name for run in runs))
    place = out or Path("results") / f"compare-{names}"
    changed = comparison.changes
    for _, row in changed.iterrows():
        click.echo(f"{row['path']}: {row['first'][:60]} -> {row['second'][:60]}  ({row['second_place']})")
    for file in comparison.write(place, lang, formats or ("html", "docx"), template):
        click.echo(_say(lang, f"比较已写入 {file}", f"written: {file}"))
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


def main() -> None:
    """Entry of the program `demo-sim`."""
    speak_utf8()
    # Nearly all objects live to the end of a verb: going over them again and again takes a tenth of its time.
    gc.set_threshold(50_000)
    try:
        code = cli.main(prog_name="demo-sim", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    sys.exit(code or 0)
