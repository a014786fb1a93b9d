"""The content of a comparison: what changed, what that does to people, needs, stocks and verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from demo_sim.report.phrases import cell, row
from demo_sim.report.reader import Reader
from demo_sim.report.sections.target_words import assessed, name_of, rows_of, value_of, verdict_cell
from demo_sim.report.tree import (
    Block,
    Cell,
    Column,
    Inlines,
    Paragraph,
    Picture,
    Ref,
    Report,
    Row,
    Section,
    Table,
    Trace,
)

if TYPE_CHECKING:
    from demo_sim.report.changes import Change
    from demo_sim.report.comparing import Comparison

_SMALLEST = 1e-4  # of the value: what differs by less is not listed
_LONGEST = 70  # characters of a value in words


@dataclass(frozen=True)
class Line:
    """One series that runs are compared in.

    Attributes
    ----------
    key : as a chart finds it, where one can show it
    label, unit : what is shown
    section : of the comparison
    place : where it stands, but for the year
    when : dimension of the year
    """

    key: str
    label: str
    unit: str
    section: str
    place: Trace
    when: str = "time"

    def trace(self, year: int) -> Trace:
        """Where the value of the first run stands."""
        return replace(self.place, where=(*self.place.where, (self.when, year)))

    def difference(self, year: int, run: int) -> Trace:
        """Where the difference of another run from the first stands, draw by draw where both have as many."""
        return replace(self.trace(year), run=run, minus=self.trace(year))

    def years(self, reader: Reader) -> list[int]:
        """Years that all runs have of it; nothing happens in the year before the start."""
        return reader.shared_years[1:] if self.when == "year" else reader.shared_years

    @property
    def drawn(self) -> bool:
        """Whether a chart can show it."""
        return not self.key.startswith(("ages.", "flows."))


def compared(reader: Reader) -> list[Line]:
    """Series that all runs have: people, events, groups, needs, supply."""
    runs = [reader, *reader.others]
    everyone = replace(reader.people(reader.first), where=())
    lines = [Line("population.total", reader.label("population"), "persons", "population", everyone)]
    for ages, zh, en in (
        ("0-14", "0—14岁", "0-14"),
        ("15-59", "15—59岁", "15-59"),
        ("60+", "60岁及以上", "60+"),
        ("80+", "80岁及以上", "80+"),
    ):
        within = replace(everyone, where=reader.people(reader.first, ages).where[1:])
        lines.append(Line(f"ages.{ages}", reader.say(zh, en), "persons", "population", within))
    if all(run.has("flows/flows") for run in runs):
        for flow in ("births", "deaths"):
            place = Trace("flows/flows", (("flow", flow),))
            lines.append(Line(f"flows.{flow}", reader.label("flow", flow), "persons", "population", place, "year"))
    if all(run.has("groups/groups") for run in runs):
        names, units = reader.names("groups/groups", "group"), reader.codes("groups/groups", "group", "unit")
        for g in names:
            if all(g in run.names("groups/groups", "group") for run in reader.others):
                place = Trace("groups/groups", (("group", g),))
                lines.append(Line(f"groups.{g}", names[g], units.get(g, "persons"), "groups", place))
    if all(run.has("demand/need") for run in runs):
        lines += _resources(reader)
    return lines


def _resources(reader: Reader) -> list[Line]:
    names, units = reader.names("demand/need", "resource"), reader.codes("demand/need", "resource", "unit")
    lines = []
    for resource in [r for r in names if all(r in o.names("demand/need", "resource") for o in reader.others)]:
        unit = units.get(resource, "units")
        of = ("resource", resource)
        for kind in (str(k) for k in reader.array("demand/need")["need_kind"].values):
            if math.isfinite(reader.value(reader.need(resource, kind, reader.last))):
                words = reader.say("：需求（", ": need (") + reader.label("need_kind", kind) + reader.say("）", ")")
                place = Trace("demand/need", (of, ("need_kind", kind)))
                lines.append(Line(f"need.{resource}.{kind}", names[resource] + words, unit, "demand", place))
        if math.isfinite(reader.value(reader.supply(resource, reader.last))):
            words = reader.say("：供给", ": supply")
            place = Trace("demand/supply", (of,))
            lines.append(Line(f"supply.{resource}", names[resource] + words, unit, "demand", place))
    return lines


def comparison_report(comparison: Comparison, reader: Reader, charts: Mapping[str, str]) -> Report:
    """The comparison as a content tree."""
    names = comparison.names
    sections = [_changes(comparison, reader)]
    lines = compared(reader)
    for key, zh, en in (
        ("population", "人口", "Population"), ("groups", "特殊群体", "Special groups"),
        ("demand", "需求与供给", "Need and supply"),
    ):  # fmt: skip
        found = _differences(
            comparison, reader, [line for line in lines if line.section == key], key, reader.say(zh, en)
        )
        if found is not None:
            sections.append(found)
    verdicts = _verdicts(comparison, reader)
    if verdicts is not None:
        sections.append(verdicts)
    pictures = [Picture(f"figure.{name}", name, title, title) for name, title in charts.items()]
    if pictures:
        sections.append(Section("charts", reader.say("对照图", "Charts with both"), list[Block](pictures)))
    joined = reader.say("与", " and ").join(names)
    return Report(
        name=joined,
        place=joined,
        lang=reader.lang,
        title=reader.say(f"情景比较：{joined}", f"Scenarios compared: {joined}"),
        subtitle=reader.say(f"以{names[0]}为基准", f"against {names[0]}"),
        facts=[
            (name, f"{run.title(reader.lang)}, {reader.say('抽样', 'draws')} {run.draws}")
            for name, run in zip(names, comparison.runs, strict=True)
        ],
        sections=sections,
    )


def _changes(comparison: Comparison, reader: Reader) -> Section:
    section = Section("changes", reader.say("情景的改动", "What changed in the scenarios"))
    pairing = (
        reader.say(
            f"差异为中心方案之差；各情景使用相同的随机数，80%区间按共有的{comparison.draws}次抽样逐次相减得出。",
            "Differences are those of the runs at stated values; all runs share their chances, and the 80% bands are "
            f"those of differences draw by draw over the {comparison.draws} draws that all have.",
        )
        if comparison.paired
        else reader.say(
            "各情景的随机种子不同，差异为中心方案之差，不给出区间。",
            "The runs differ in seed: differences are those of the runs at stated values, without bands.",
        )
    )
    section.blocks.append(Paragraph((pairing,)))
    for number, (name, found) in enumerate(comparison.changed(), start=1):
        if not found:
            told = reader.say(f"{name}与{comparison.names[0]}的情景没有不同。", f"{name} has nothing unlike the first.")
            section.blocks.append(Paragraph((told,)))
            continue
        heads = [
            reader.say("设置", "Setting"), comparison.names[0], name,
            reader.say(f"出处（{comparison.names[0]}）", f"Place ({comparison.names[0]})"),
            reader.say(f"出处（{name}）", f"Place ({name})"),
        ]  # fmt: skip
        table = Table(
            f"table.changes.{number}",
            reader.say(f"{name}的改动（{len(found)}项）", f"What {name} changes ({len(found)})"),
            [Column(h, w) for h, w in zip(heads, (1.8, 2.6, 2.6, 1.4, 1.4), strict=True)],
            [
                row(c.path, *(_cut(reader, c, i) for i in (0, 1)), *(p.rpartition("/")[2] for p in c.places))
                for c in found
            ],
        )
        section.blocks.append(table)
    return section


def _cut(reader: Reader, change: Change, side: int) -> str:
    """A value as one run has it, with its status; a long one is cut."""
    value, status = change.values[side], change.statuses[side]
    shown = value if len(value) <= _LONGEST else value[:_LONGEST].rstrip() + " …"
    return shown + (reader.say("（", " (") + reader.label("status", status) + reader.say("）", ")") if status else "")


def _differences(comparison: Comparison, reader: Reader, lines: Sequence[Line], key: str, title: str) -> Section | None:
    """Series of one section that differ at the years shown."""
    years = reader.shared_years
    target = reader.target_year if reader.target_year in years else years[-1]
    shown = list(dict.fromkeys((target, years[-1]))) if len(comparison.runs) == 2 else [years[-1]]
    others = range(1, len(comparison.runs))
    unlike = [line for line in lines if any(_differs(reader, line, y, i) for y in shown for i in others)]
    if not lines:
        return None
    section = Section(key, title)
    if not unlike:
        section.blocks.append(Paragraph((reader.say("这一部分没有差别。", "Nothing here differs."),)))
        return section
    columns = [Column(reader.say("序列", "Series"), 2.8)]
    for year in shown:
        columns += [Column(f"{name} {year}", 1.2, True) for name in comparison.names]
        columns += [Column(reader.say(f"差异 {year}", f"Difference {year}"), 1.2, True) for _ in others]
    banded = comparison.paired and reader.banded and len(comparison.runs) == 2
    if banded:
        columns.append(Column(reader.say(f"差异80%区间 {shown[-1]}", f"80% band {shown[-1]}"), 1.8, True))
    table = Table(
        f"table.{key}",
        reader.say(f"{title}的差异", f"Differences: {title.lower()}"),
        columns,
        [_row(reader, line, shown, len(comparison.runs), banded) for line in unlike],
        note=(_less(comparison, reader, len(lines) - len(unlike)),),
    )
    told = _told(comparison, reader, unlike[0], shown[-1])
    section.blocks += [Paragraph((*told, Ref(table.key), reader.say("。", "."))), table]
    return section


def _less(comparison: Comparison, reader: Reader, rest: int) -> str:
    first = comparison.names[0]
    told = reader.say(f"差异为后者减{first}。", f"Difference: less {first}.")
    if not rest:
        return told
    return told + reader.say(f"另有{rest}个序列相差不到万分之一。", f" {rest} more series differ by less than 0.01%.")


def _differs(reader: Reader, line: Line, year: int, run: int) -> bool:
    first, apart = reader.value(line.trace(year)), reader.value(line.difference(year, run))
    return math.isfinite(apart) and abs(apart) > _SMALLEST * max(abs(first), 1e-12)


def _row(reader: Reader, line: Line, years: Sequence[int], runs: int, banded: bool) -> Row:
    cells: list[Cell] = [cell(line.label + reader.say("（", " (") + reader.unit(line.unit) + reader.say("）", ")"))]
    for year in years:
        trace = line.trace(year)
        cells += [cell(reader.number(replace(trace, run=i), line.unit, bare=True)) for i in range(runs)]
        cells += [
            cell(reader.number(line.difference(year, i), line.unit, bare=True, signed=True)) for i in range(1, runs)
        ]
    if banded:
        apart = line.difference(years[-1], 1)
        low, high = (
            reader.number(replace(apart, statistic=q), line.unit, bare=True, signed=True) for q in ("q10", "q90")
        )
        cells.append(cell(low, reader.say("至", " to "), high))
    return row(*cells)


def _told(comparison: Comparison, reader: Reader, line: Line, year: int) -> Inlines:
    """One sentence on the first series that differs."""
    apart = line.difference(year, 1)
    more = reader.value(apart) >= 0
    trace = line.trace(year)
    amount = apart if more else replace(trace, minus=replace(trace, run=1))
    return (
        reader.say(
            f"{year}年末，{line.label}在{comparison.names[1]}中比在{comparison.names[0]}中{'多' if more else '少'}",
            f"{line.label} at the end of {year}: {'more' if more else 'fewer'} in {comparison.names[1]} than in "
            f"{comparison.names[0]} by ",
        ),
        reader.number(amount, line.unit),
        reader.say("。见", ". See "),
    )


def _verdicts(comparison: Comparison, reader: Reader) -> Section | None:
    """Targets whose value or verdict differs."""
    if any(run.targets.empty for run in comparison.runs):
        return None
    tables = [{(r["id"], r["reading"]): r for r in rows_of(run)} for run in (reader, *reader.others)]
    section = Section("targets", reader.say("规划指标", "Targets"))
    columns = [Column(reader.say("指标", "Indicator"), 3.0)]
    for name in comparison.names:
        columns += [
            Column(reader.say(f"{name}预计值", f"Expected, {name}"), 1.2, True),
            Column(reader.say("判定", "Verdict"), 1.0),
        ]
    columns += [
        Column(reader.say(f"差异（{name}）", f"Difference, {name}"), 1.2, True) for name in comparison.names[1:]
    ]
    table = Table("table.verdicts", reader.say("规划指标的差异", "Targets that differ"), columns, [])
    for key, first in tables[0].items():
        found = [t.get(key) for t in tables]
        if any(f is None for f in found) or not any(assessed(f) for f in found if f is not None):
            continue
        rows = [f for f in found if f is not None]
        values = [float(f["value"]) for f in rows]
        same = all(f["verdict"] == first["verdict"] for f in rows)
        if same and all(abs(v - values[0]) <= 1e-9 * max(abs(values[0]), 1e-12) for v in values):
            continue
        cells: list[Cell] = [cell(name_of(reader, first))]
        for i, one in enumerate(rows):
            cells.append(cell(value_of(reader, replace(_value(one), run=i), first)))
            cells.append(verdict_cell(reader, one))
        for i, one in enumerate(rows[1:], start=1):
            apart = replace(_value(one), run=i, minus=_value(first))
            cells.append(cell(value_of(reader, apart, first, signed=True)))
        table.rows.append(row(*cells))
    if not table.rows:
        section.blocks.append(Paragraph((reader.say("各项指标没有差别。", "No target differs."),)))
        return section
    told = reader.say(f"有{len(table.rows)}行指标的预计值或判定不同，见", f"{len(table.rows)} rows differ, see ")
    section.blocks += [Paragraph((told, Ref(table.key), reader.say("。", "."))), table]
    return section


def _value(found: dict[str, object]) -> Trace:
    return Trace("plan/value", (("target", found["place"]),), "row")
