"""Verbs that look at inputs: places, scenarios, definitions; nothing is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from demo_sim.cli.verbs import cli, say, verb
from demo_sim.errors import InputError, Problem

if TYPE_CHECKING:
    from demo_sim.scenario import Scenario

TABLE_KINDS = ("populations", "resources", "indicators", "definitions", "plans", "assumptions", "forms")


@cli.command()
@click.argument("scenarios", metavar="SCENARIO|PLACE...", nargs=-1)
@click.option(
    "--counties", metavar="PLACE", help="检查一地（如 湖南、全国）的全部县级地区 / check all counties of a place"
)
@verb
def validate(scenarios: tuple[str, ...], counties: str | None, lang: str) -> int:
    """检查情景，一次列出全部问题 / Check scenarios: all problems of all files, nothing is run."""
    from demo_sim.scenario import load

    if counties is not None:
        return _validate_counties(counties, lang)
    if not scenarios:
        raise click.UsageError("Missing argument 'SCENARIO...'.")
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


def _validate_counties(text: str, lang: str) -> int:
    """Check the scenarios of all counties of a place."""
    from demo_sim.places import counties_of
    from demo_sim.scenario import load
    from demo_sim.scenario.merge import no_such_place, place_meant

    place = place_meant(text)
    if place is None:
        raise InputError([no_such_place(text)])
    problems: list[Problem] = []
    counties = counties_of(place)
    for county in counties:
        try:
            load(county.code)
        except InputError as error:
            problems += error.problems
    click.echo(
        say(
            lang,
            f"{place.full_name}：检查了 {len(counties)} 个县级地区",
            f"{place.full_name}: {len(counties)} counties checked",
        )
    )
    if problems:
        raise InputError(problems)
    return 0


def _print_summary(source: str, scenario: Scenario, lang: str) -> None:
    from demo_sim.plan.requirements import requirements
    from demo_sim.sense import notices
    from demo_sim.sense.show import implied_lines

    period, numbers, tables = scenario.settings.period, len(scenario.quantities), len(scenario.tables)
    click.echo(
        say(
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
            say(
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
            say(
                lang,
                f"  规划要求 {series} 个序列（{names}）；业务部门填报 {reported} 项，已填 {given} 项",
                f"  the plans need {series} series ({names}); figures of the office: {reported}, given: {given}",
            )
        )
    for line in implied_lines(scenario, lang):
        click.echo(f"  {line}")
    for note in (*scenario.notes, *notices(scenario)):
        click.echo(f"  {note.render(lang)}")


@cli.command()
@click.argument("scenario", metavar="SCENARIO|PLACE")
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
@click.argument("text", required=False, default="")
@verb
def places(text: str, lang: str) -> int:
    """查地区：代码、名称、级别、人口、60岁及以上 / Find places: code, name, level, people, 60 and over."""
    from demo_sim.places import find
    from demo_sim.scenario.merge import no_such_place
    from demo_sim.vocab import label

    found = find(text) if text else [place for place in find("") if place.level in ("nation", "province")]
    if not found:
        raise InputError([no_such_place(text)])
    for place in found:
        parts = [place.code, place.full_name, label("place_level", place.level, lang), f"{place.total:,}"]
        share = f"{place.older_60 / place.total:.1%}" if place.total else "-"
        click.echo(
            "  ".join(
                [*parts, say(lang, f"60岁及以上 {place.older_60:,}（{share}）", f"60+ {place.older_60:,} ({share})")]
            )
        )
    if not text:
        click.echo(
            say(lang, "加名称或代码可查地、县：demo-sim places 攸县", "name one for its counties: demo-sim places 攸县")
        )
    return 0


@cli.command()
@click.argument("name", metavar="PLACE|NAME")
@click.option(
    "--plan", metavar="YEARS", help="同时写出规划指标的样表，如 2026-2030 / a plan to fill in, such as 2026-2030"
)
@click.option(
    "--from",
    "run",
    metavar="RUN",
    help="从已保存的运行结果接着做下一个规划 / go on from a saved run with the next plan",
)
@verb
def new(name: str, plan: str | None, run: str | None, lang: str) -> int:
    """写出一个地区的完整情景，或一个起步情景 / Write the scenario of a place, or a commented starter."""
    from demo_sim.scenario.merge import place_meant
    from demo_sim.scenario.next_plan import write_next
    from demo_sim.scenario.place_starter import write_place
    from demo_sim.scenario.shipped import shown_path
    from demo_sim.scenario.starter import write_starter

    if run is not None and plan is None:
        zh, en = "须同时写 --plan，如 --plan 2026-2030", "goes with --plan, such as --plan 2026-2030"
        raise InputError([Problem("--from", 0, "", zh, en)])
    place = place_meant(name) if run is None else None
    if place is None and plan is not None and run is None:
        zh, en = "只用于地区（代码或名称）", "is for places (a code or a name)"
        raise InputError([Problem("--plan", 0, "", zh, en)])
    if run is not None and plan is not None:
        written = write_next(name, plan, run, Path.cwd())
    else:
        written = write_starter(name, Path.cwd()) if place is None else write_place(place, plan, Path.cwd())
    for path in written:
        click.echo(shown_path(path))
    click.echo(
        say(lang, f"下一步：demo-sim run {shown_path(written[-1])}", f"next: demo-sim run {shown_path(written[-1])}")
    )
    return 0


@cli.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--kind", metavar="KIND", help="表的种类，如 population / what the tables hold, such as population")
@click.option("--unit", metavar="UNIT", help="表中未写明的单位，如 万人 / the unit where a table does not say it")
@click.option("--sheet", metavar="NAME", help="工作表 / sheet of a workbook")
@click.option("--out", metavar="DIR", required=True, help="写到的文件夹 / folder to write to")
@verb
def import_(files: tuple[str, ...], kind: str | None, unit: str | None, sheet: str | None, out: str, lang: str) -> int:
    """读入已公布的表（xlsx、xls、CSV 等）/ Published tables become the project's own; says what was understood."""
    from demo_sim.importing import TABLE_KINDS, import_table

    if kind is not None and kind not in TABLE_KINDS:
        zh, en = (
            f"没有“{kind}”这类表；有：{'、'.join(TABLE_KINDS)}",
            f'no kind "{kind}"; there are {", ".join(TABLE_KINDS)}',
        )
        raise InputError([Problem("--kind", 0, "", zh, en)])
    for line in import_table(*files, kind=kind, unit=unit, sheet=sheet, out=out).lines(lang):
        click.echo(line)
    return 0


@cli.command()
@click.argument("scenario", metavar="SCENARIO|PLACE")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="写出的工作簿 / workbook [NAME-request.xlsx]"
)
@verb
def request(scenario: str, out: Path | None, lang: str) -> int:
    """写出规划所缺数据的填报表，按业务科室分表 / Write the form of figures that the plans wait for."""
    from demo_sim.request import request_form

    file = request_form(scenario, out, lang)
    click.echo(
        say(
            lang,
            f"已写出 {file}；填好后在情景中写 reported: {{form: {file.name}}}",
            f"wrote {file}; filled in, the scenario reads it by reported: {{form: {file.name}}}",
        )
    )
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
@click.argument("kind", required=False, type=click.Choice(TABLE_KINDS))
@click.argument("id_", metavar="[ID]", required=False)
@verb
def catalog(kind: str | None, id_: str | None, lang: str) -> int:
    """列出已有的人群、资源、指标、规划、参数和报表的行 / List what is known, or show one entry."""
    from demo_sim.scenario.listing import catalogue_lines

    for line in catalogue_lines(kind, id_, lang):
        click.echo(line)
    return 0
