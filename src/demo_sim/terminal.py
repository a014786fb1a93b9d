"""What is printed of a run: the target table a planner reads, and what the run rests on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from demo_sim.errors import Problem
from demo_sim.plan.requirements import plan_targets
from demo_sim.plot.text import text
from demo_sim.results import Results
from demo_sim.results.judgements import (
    COUNTED_UNITS,
    Labels,
    evidence_words,
    has_natural,
    headline,
    inside_of_tested,
    labels_of,
    lacks_words,
    natural,
    takes_words,
    verdict_words,
)
from demo_sim.results.quantiles import is_drawn
from demo_sim.results.rounding import office, percent
from demo_sim.scenario import Scenario
from demo_sim.scenario.entries import Plan
from demo_sim.vocab import LISTED, label, label_or_code, unit_label

COLOURS = {"met": "green", "missed": "red", "at_risk": "yellow", "not_assessed": "dim"}
_EXPECTED = 3  # place of the column of the expected value
_OPERATORS = {">=": "≥", "<=": "≤", "==": "=", "~": "≈"}


def print_note(note: Problem, console: Console, lang: str) -> None:
    console.print(note.render(lang), style="dim", markup=False, highlight=False, soft_wrap=True)


def _kin_line(attrs: Mapping[str, Any]) -> tuple[str, str]:
    minors, everybody, husbands, children = (
        f"{100.0 * float(attrs[f'kin_unlinked_{part}']):.1f}%"
        for part in ("minors", "everybody", "husbands", "children")
    )
    return (
        f"基期亲属：0—17岁的{minors}、全部常住人口的{everybody}未连到母亲；"
        f"在世丈夫的{husbands}、在世子女的{children}无人可配，记作表外亲属",
        f"relatives in the base year: {minors} of those aged 0 to 17 and {everybody} of all residents have no mother's "
        f"row; no row was left for {husbands} of living husbands and {children} of living children, kept outside",
    )


def print_summary(results: Results, scenario: Scenario, console: Console, lang: str) -> None:
    """Opening population, inputs by status, outcomes, target table and the count of verdicts."""
    attrs = results.attrs
    statuses = json.loads(attrs["statuses"])
    counted = text(lang, "、", ", ").join(f"{label('status', k, lang)} {n}" for k, n in statuses.items())
    console.print(f"[bold]{results.title(lang)}[/bold]")
    base = [
        text(lang, "基期人口", "base population") + f" {attrs['base_counted']:,.0f}",
        text(lang, f"推算至{scenario.settings.period.start - 1}年末", "moved to the start")
        + f" {attrs['base_moved']:,.0f}",
    ]
    if attrs["base_tied"]:
        base.append(text(lang, "对齐公布数", "tied to") + f" {attrs['base_tied']:,.0f}")
    console.print(text(lang, "；", "; ").join(base), highlight=False)
    console.print(
        text(lang, f"输入：{counted}（明细见 inputs.csv）", f"inputs: {counted} (listed in inputs.csv)"),
        highlight=False,
    )
    if "kin_unlinked_minors" in attrs:
        console.print(text(lang, *_kin_line(attrs)), highlight=False)
    for warning in json.loads(attrs["warnings"]):
        console.print(warning[lang], style="yellow")
    _print_contradictions(results, console, lang)
    if len(results.outcomes):
        console.print(_outcome_table(results, lang))
        inside, of = inside_of_tested(results.outcomes)
        if of:
            told = f"未参与测算、有区间的{of}个公布数，{inside}个落在80%区间内"
            en = f"of the {of} published figures that the run did not use and that have a band, {inside} lie in it"
            console.print(text(lang, told, en), highlight=False)
    if len(results.targets):
        for plans in _tables(scenario):
            console.print(_target_table(results, scenario, plans, lang))
            _print_headlines(results, scenario, plans, console, lang)
        _print_rest(results, scenario, console, lang)
        _print_departures(results, console, lang)
        if results.draws < 20:
            console.print(
                text(
                    lang,
                    "抽样少于20次，不计算区间和达标概率",
                    "fewer than 20 draws: no bands or probabilities",
                ),
                style="dim",
            )


def _tables(scenario: Scenario) -> list[list[Plan]]:
    """The plans of the place, and reference sets, each in a table of their own."""
    named = list(dict.fromkeys(plan.id for plan, _ in plan_targets(scenario)))
    plans = [scenario.catalog.plans[name] for name in named]
    own, others = [p for p in plans if not p.reference], [p for p in plans if p.reference]
    return [part for part in (own, others) if part]


def _target_table(results: Results, scenario: Scenario, wanted: list[Plan], lang: str) -> Table:
    """Rows of the plans' own tables, then those of the text that people move."""
    heads = text(
        lang,
        "#|指标|目标|预计值|80%区间|达标概率|判定|依据|达标所需／主要影响因素／缺少的数据",
        "#|target|goal|expected|80% band|p(met)|verdict|evidence|takes / driver / missing figure",
    )
    title = (
        text(lang, "参照指标（不计入规划）", "Reference targets (counted in no plan)")
        if wanted[0].reference
        else text(lang, "规划指标判定", "Plan targets")
    )
    table = Table(title=title, header_style="bold", box=box.SIMPLE_HEAD)
    plans = {t.id: plan for plan, t in plan_targets(scenario) if plan in wanted}
    numbers = _table_numbers(scenario)
    rows = [row for row in _shown(results, numbers) if row["id"] in plans]
    both = has_natural(rows)
    for i, head in enumerate(heads.split("|")):
        right = i == 0 or 2 <= i <= 5
        if i == _EXPECTED and both:
            table.add_column(text(lang, "自然趋势", "as things go"), justify="right", no_wrap=True)
            head = text(lang, "落实规划", "with the plan")
        # Words give way, without a least width: what stands beyond the console's width would be cut off unseen.
        table.add_column(head, justify="right" if right else "left", no_wrap=i not in (1, 7, 8), overflow="fold")
    labels = labels_of(results.attrs)
    section = ""
    for row in rows:
        title = plans[row["id"]].title.text(lang)
        if row["id"] not in numbers and any(t.id in numbers for t in plans[row["id"]].targets):
            title += text(lang, "：正文中的指标", ": text of the plan")
        if title != section:
            section = title
            table.add_row("", f"[bold]{title}[/bold]")
        unit, colour = str(row["unit"]), COLOURS[row["verdict"]]
        assessed = row["verdict"] != "not_assessed"
        known, over = row["value"] == row["value"], row["actual"] == row["actual"]
        banded = row["low80"] == row["low80"] and not over  # a year that is over has neither band nor probability
        name = str(row[f"label_{lang}"])
        if row["reading"] != "indicator":
            name = f"└ {label('reading', row['reading'], lang)}"
        told = (takes_words(row, labels, lang), lacks_words(row, labels, lang))
        why = (_driver(row, labels, lang),) if assessed else told
        table.add_row(
            numbers.get(row["id"], "") if row["reading"] == "indicator" else "",
            name,
            f"{row['year']} {_OPERATORS[row['operator']]}{_short(row['target'], unit, lang)}",
            *((_aside(_as_things_go(row, unit, lang), assessed),) if both else ()),
            _aside(_short(row["value"], unit, lang), assessed) if known else "",
            _aside("–".join(_bare(row[end], unit, lang) for end in ("low80", "high80")), assessed) if banded else "",
            _chance(row) if row["p_met"] == row["p_met"] and not over else "",
            f"[{colour}]{verdict_words(row, lang)}[/{colour}]",
            evidence_words(row, lang),
            text(lang, "；", "; ").join(word for word in why if word),
        )
    return table


def _as_things_go(row: dict[str, Any], unit: str, lang: str) -> str:
    """Value without the measures that are planned, with the probability to meet the target where there is one."""
    value, chance = natural(row), natural(row, "natural_p_met")
    if value != value:
        return ""
    return _short(value, unit, lang) + (f" ({percent(chance, 0)})" if chance == chance else "")


def _aside(words: str, assessed: bool) -> str:
    """A value that no verdict rests on is told aside."""
    return words if assessed else f"[dim]{words}[/dim]"


def _chance(row: dict[str, Any]) -> str:
    """Probability with its sampling error in points, where that can be seen."""
    error = 100.0 * float(row["p_se"])
    return percent(float(row["p_met"]), 0) + (f"±{error:.1f}" if error >= 0.05 else "")


def _driver(row: dict[str, Any], labels: Labels, lang: str) -> str:
    """The input that moves the value most, or why an assessed target has none."""
    driver = str(row["driver"])
    if driver:
        return labels.get(driver, {}).get(lang, driver)
    if row["actual"] == row["actual"]:
        return label("basis", row["basis"], lang)
    if not is_drawn(float(row["low80"]), float(row["high80"])):
        return text(lang, "由情景设定，不抽样", "set by the scenario, not drawn")
    return text(lang, "没有突出的一项", "no single one")


def _table_numbers(scenario: Scenario) -> dict[str, str]:
    """Number in the plan's own table by target, with that of the table where the plan has several."""
    found: dict[str, str] = {}
    for name in scenario.settings.plan:
        targets = [t for t in scenario.catalog.plans[name].targets if t.table_no is not None]
        several = len({t.table for t in targets}) > 1
        found |= {t.id: f"{t.table}-{t.table_no}" if several else str(t.table_no) for t in targets}
    return found


def _shown(results: Results, numbers: dict[str, str]) -> list[dict[str, Any]]:
    """Rows of each plan's tables, then those of its text that were assessed, or that the run counts people for."""
    rows = [row for row in results.targets.to_dict("records") if row["kind"] not in LISTED]
    shown = [
        row
        for row in rows
        if row["id"] in numbers
        or row["value"] == row["value"]
        or (row["people"] != "no" and row["count"] == row["count"])
    ]
    return shown


def _short(value: float, unit: str, lang: str) -> str:
    """A number in the office's way, without the words of its unit where the label names them.

    In Chinese a plan's label may count in 万: a number of things keeps its own measure word beside it.
    """
    return office(float(value), unit, lang) if lang == "zh" and unit in COUNTED_UNITS else _bare(value, unit, lang)


def _bare(value: float, unit: str, lang: str) -> str:
    return office(float(value), unit, lang).removesuffix(unit_label(unit, lang)).strip()


def _print_headlines(results: Results, scenario: Scenario, wanted: list[Plan], console: Console, lang: str) -> None:
    """How many targets of each plan have which verdict, on what evidence; none for a reference set."""
    own = {t.id: plan for plan, t in plan_targets(scenario) if not plan.reference}
    rows = results.targets.to_dict("records")
    for plan in wanted:
        mine = [row for row in rows if row["id"] in own and own[row["id"]] is plan]
        if mine:
            told = headline(mine, lang)
            console.print(f"{plan.title.text(lang)}{text(lang, '：', ': ')}{told}", highlight=False, markup=False)


def _print_rest(results: Results, scenario: Scenario, console: Console, lang: str) -> None:
    """Count of the targets that are not in the tables; each is a row of targets.csv."""
    rows = results.targets[results.targets["reading"] == "indicator"]  # a second reading is no target of its own
    listed = rows["kind"].isin(LISTED)
    comma = text(lang, "，", ", ")
    shown = {row["id"] for row in _shown(results, _table_numbers(scenario))}
    hidden = int((~listed & ~rows["id"].isin(shown)).sum())
    if hidden:
        zh = f"其中 {hidden} 项缺少业务部门填报的数据，未列入上表（逐项缺什么见 targets.csv）"
        en = f"{hidden} of them lack a figure of the office and are not in the table (named one by one in targets.csv)"
        console.print(text(lang, zh, en), style="dim", highlight=False)
    if listed.any():
        counts = {k: int((rows["kind"] == k).sum()) for k in LISTED}
        told = int((listed & rows["value"].notna()).sum())
        words = comma.join(f"{label('target_kind', k, lang)} {n}" for k, n in counts.items())
        zh = f"另列出不作判定的事项：{words}（已填报 {told} 项）"
        en = f"listed without a verdict: {words} ({told} reported)"
        console.print(text(lang, zh, en), style="dim", highlight=False)


def _print_departures(results: Results, console: Console, lang: str) -> None:
    """Targets whose median over the draws lies far from the value at stated inputs."""
    found = json.loads(results.attrs.get("departures", "{}")).get("targets", [])
    rows = results.targets
    names = dict.fromkeys(rows.loc[rows["id"].isin(found), f"label_{lang}"])
    if names:
        joined = text(lang, "、", ", ").join(names)
        zh = f"以下指标抽样的中位数与中心值相差超过80%区间的五分之一：{joined}"
        en = f"the median of the draws departs from the stated value by more than a fifth of the band: {joined}"
        console.print(text(lang, zh, en), style="dim", highlight=False)


def _print_contradictions(results: Results, console: Console, lang: str) -> None:
    """The plans' figures that do not fit each other or the census, with the arithmetic."""
    rows = results.consistency
    rows = rows[rows["finding"] == "contradicts"]
    if len(rows):
        zh = f"规划数字核对：{len(rows)} 处不一致（算式和出处见 consistency.csv）"
        en = f"figures of the plans: {len(rows)} contradictions (arithmetic and lines in consistency.csv)"
        console.print(text(lang, zh, en), style="bold", highlight=False)
    for row in rows.to_dict("records"):
        left, _, right = row["arithmetic"].partition(" ; ")
        words = f"  {row[f'title_{lang}']}{text(lang, '：', ': ')}{left}{text(lang, '；', '; ')}"
        console.print(f"{words}{row[f'right_{lang}']} {right}", highlight=False, markup=False, style="dim")


def _figure(value: float) -> str:
    if abs(value) <= 1.0:  # a share
        return f"{100.0 * value:.1f}%"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _signed(share: float) -> str:
    """Per cent with a sign, none where it is nought."""
    shown = f"{100 * share:+.1f}%"
    return shown[1:] if shown[1:] == "0.0%" else shown


def _outcome_table(results: Results, lang: str) -> Table:
    table = Table(
        title=text(lang, "与公布数对照", "Beside published figures"), header_style="bold", box=box.SIMPLE_HEAD
    )
    heads = text(
        lang,
        "序列|年份|公布|预测（中心值）|80%区间|相差|性质",
        "series|year|published|projected|80% band|difference|mark",
    )
    for i, head in enumerate(heads.split("|")):
        table.add_column(head, justify="right" if 1 <= i <= 5 else "left")
    targets = dict(zip(results.targets["id"], results.targets[f"label_{lang}"], strict=True))
    for _, row in results.outcomes.iterrows():
        table.add_row(
            targets.get(row["series"]) or label_or_code("outcome_series", row["series"], lang),
            str(row["year"]),
            _figure(row["published"]),
            _figure(row["projected"]),
            f"{_figure(row['q10'])}–{_figure(row['q90'])}" if row["inside"] else "",
            _signed(row["relative_difference"]),
            label("mark", row["mark"], lang),
        )
    return table
