"""What has to be done: each measure once, with how many, by when, a year, at what cost; and spread over the years."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from demo_sim.report.chapter.needs import ResourceWords, resources
from demo_sim.report.chapter.targets import own_rows
from demo_sim.report.measure import Measure, measure, money
from demo_sim.report.phrases import cell, lower, row, told
from demo_sim.report.reader import Reader
from demo_sim.report.sections.answers import COSTS, answers
from demo_sim.report.sections.target_words import of_reference, spoken
from demo_sim.report.tree import Cell, Column, Inlines, Number, Paragraph, Ref, Section, Table, Trace

_VERBS = {
    "hire": ("增配", "Fill"),
    "certify": ("取得证书", "Certify"),
    "convert": ("改造", "Convert"),
    "build": ("新建", "Build"),
    "sign": ("新增签约", "Sign up"),
    "admit": ("新增集中供养", "Admit"),
    "complete": ("完成", "Complete"),
}
_MOST_YEARS = 6


@dataclass(frozen=True)
class _Measured:
    """One measure.

    Attributes
    ----------
    name : what is done
    why : target or meaning of need that asks for it
    total : how many, as printed
    size : how its numbers are printed
    since, until : from the year after, up to this year
    once, yearly : money in yuan, in all and a year when all is done; None where the cost of one is not known
    from_nothing : what there is already is not known, and is taken for nothing
    department : of the office, that answers for the target; "" where no target asks for it
    """

    name: str
    why: str
    total: Number
    size: Measure
    since: int
    until: int
    once: Trace | None = None
    yearly: Trace | None = None
    from_nothing: bool = False
    department: str = ""

    @property
    def years(self) -> int:
        return max(self.until - self.since, 1)

    def a_year(self, told: bool, reader: Reader) -> Number:
        """The same number each year."""
        whole = self.total.value if self.total.rounded is None else self.total.rounded
        tail = self.size.tail(reader) if told else ""
        digits = self.size.digits
        return Number(whole / self.years, self.size.unit, digits, self.size.scale, bare=True, tail=tail)


def measured(reader: Reader) -> list[_Measured]:
    """Measures in the order of the chapter: what the plan's own targets take, then what the gaps of services take."""
    return reader.once(_measured)


def _measured(reader: Reader) -> list[_Measured]:
    return [*_for_targets(reader), *_for_gaps(reader)]


def _for_targets(reader: Reader) -> list[_Measured]:
    rows = {(r["id"], r["reading"]): r for r in own_rows(reader)}
    found: list[_Measured] = []
    for answer in answers(reader):
        target = rows.get((answer.id, answer.reading))
        if target is None or of_reference(target) or int(target["year"]) <= reader.known:
            continue
        if math.isfinite(float(target["actual"])):
            continue
        trace = reader.row("answers", "answer", answer.place, "required")
        if not reader.value(trace) > 0.5:
            continue
        size = measure(reader, answer.unit, [reader.value(trace)])
        size = replace(size, digits=2) if size.scale == 1e4 else size
        once, yearly = (
            spent if reader.value(spent) > 0 else None
            for spent in (reader.row("answers", "answer", answer.place, column) for column in COSTS)
        )
        name = spoken(reader, target)[0]
        why = reader.say(f"{name}达到{target['year']}年目标", f"target of {target['year']}: {name}")
        total = size.told(reader, trace)
        verb = reader.say(*_VERBS.get(answer.way, ("新增", "Add")))
        since = max(reader.known, reader.first)
        unknown = not math.isfinite(reader.value(reader.row("answers", "answer", answer.place, "supply")))
        department = reader.label("department", str(target["department"])) if target["department"] else ""
        found.append(_Measured(verb, why, total, size, since, int(target["year"]), once, yearly, unknown, department))
    return found


def _for_gaps(reader: Reader) -> list[_Measured]:
    """What the planning need lacks at the end of the next plan."""
    until = reader.next_goal
    since = min(max(reader.known, min(reader.target_year, reader.last)), until - 1)
    found = []
    for one in resources(reader):
        # Who might want a service is no reason to build; a norm is where today's use lacks nothing.
        kinds = [k for k in one.kinds if k != "potential"]
        kind = next((k for k in kinds if _lacks(reader, one, k, until) > 0), None)
        if not one.supplied or kind is None:
            continue
        total = one.size.left(reader, one.gap(reader, kind, until), told=True)
        name = reader.label("need_kind", kind)
        why = reader.say(f"满足{until}年末{name}口径的需求", f"need of {until}, {name.lower()}")
        found.append(
            _Measured(reader.say(f"增加{one.name}", f"Add {lower(one.name)}"), why, total, one.size, since, until)
        )
    return found


def _lacks(reader: Reader, one: ResourceWords, kind: str, year: int) -> float:
    number = one.size.left(reader, one.gap(reader, kind, year))
    return (number.rounded or 0.0) if math.isfinite(number.value) else 0.0


def measures_section(reader: Reader) -> Section | None:
    """All measures as a table, what they mean in words, and the years."""
    found = measured(reader)
    if not found:
        return None
    section = Section("measures", reader.say("措施与年度安排", "Measures and their years"))
    section.blocks.append(Paragraph(_lead(reader)))
    section.blocks += [Paragraph(_words(reader, one), "item") for one in found]
    section.blocks.append(_table(reader, found))
    if max(one.years for one in found) > 1:
        section.blocks.append(_years_table(reader, found))
    return section


def _lead(reader: Reader) -> Inlines:
    return told(
        reader,
        "为实现规划目标、补足服务缺口，需安排以下措施（{table}）。数量按差额计算；同一目标列有两种办法的，"
        "择一实施或搭配实施。",
        "To meet the targets of the plan and close the gaps of services the following is needed ({table}). "
        "Quantities are "
        "differences; of two ways to one target either will do, or a mixture.",
        table=Ref("table.measures"),
    )


def _words(reader: Reader, one: _Measured) -> Inlines:
    span = f"{one.since + 1}—{one.until}年" if one.years > 1 else f"{one.until}年"
    span_en = f"{one.since + 1}–{one.until}" if one.years > 1 else f"{one.until}"
    words = told(
        reader,
        f"{{why}}，{span}需{{name}}{{total}}{{mark}}",
        f"{{name}}: {{total}}{{mark}} in {span_en} ({{why}})",
        why=one.why,
        name=one.name,
        total=one.total,
        mark=_mark(reader, one),
    )
    if one.years > 1:
        words += told(reader, "，年均{n}", ", {n} a year", n=one.a_year(True, reader))
    largest = max((reader.value(t) for t in (one.once, one.yearly) if t is not None), default=0.0)
    cash = money(reader, largest)
    if one.once is not None:
        words += told(reader, "，一次性投入{n}", ", at {n} once", n=cash.told(reader, one.once))
    if one.yearly is not None:
        words += told(reader, "，每年需人员经费{n}", ", at {n} a year", n=cash.told(reader, one.yearly))
    return (*words, reader.say("。", "."))


def _mark(reader: Reader, one: _Measured) -> str:
    return "‡" if one.from_nothing else ""


def _money(reader: Reader, found: list[_Measured]) -> Measure:
    return money(
        reader, max((reader.value(t) for o in found for t in (o.once, o.yearly) if t is not None), default=0.0)
    )


def _cash(reader: Reader, cash: Measure, trace: Trace | None) -> Cell:
    return cell("—", key=-math.inf) if trace is None else cell(cash.bare(reader, trace))


def _table(reader: Reader, found: list[_Measured]) -> Table:
    cash = _money(reader, found)
    spent = any(o.once is not None or o.yearly is not None for o in found)
    columns = [
        Column(reader.say("措施", "Measure"), 2.2),
        Column(reader.say("目的", "For"), 2.8),
        Column(reader.say("期限", "Years"), 1.1),
        Column(reader.say("单位", "Unit"), 1.0 if reader.lang == "zh" else 1.3),
        Column(reader.say("合计", "In all"), 1.0, True),
        Column(reader.say("年均", "A year"), 1.0, True),
    ]
    if spent:
        columns += [
            Column(reader.say(f"一次性投入（{cash.word}）", f"Once ({cash.word})"), 1.2, True),
            Column(reader.say(f"年度经费（{cash.word}）", f"Yearly ({cash.word})"), 1.2, True),
        ]
    named = any(one.department for one in found)
    if named:
        columns.append(Column(reader.say("业务归口", "Department"), 1.0))
    table = Table(
        "table.measures",
        reader.say("措施、数量和经费", "Measures, quantities, money"),
        columns,
        [],
        note=(
            reader.say("经费按现行单价测算，“—”为无单价资料。", "Money at the unit costs at hand; a dash: none known.")
            if spent
            else "",
            reader.say(
                "业务归口按指标所属业务列出，牵头和配合单位由主管部门确定。",
                " Department: whose business the target is; who leads is for the office to say.",
            )
            if named
            else "",
            reader.say(
                "‡现有数量待填报，暂按零计，填报后相应扣减。",
                " ‡ What there is already is not reported and taken for nothing; it is to be subtracted.",
            )
            if any(one.from_nothing for one in found)
            else "",
        ),
    )
    for one in found:
        span = f"{one.since + 1}–{one.until}" if one.years > 1 else f"{one.until}"
        cells = [cell(one.name), cell(one.why), cell(span.replace("–", reader.say("—", "–"))), cell(one.size.word)]
        cells += [cell(replace(one.total, tail=""), _mark(reader, one)), cell(one.a_year(False, reader))]
        cells += [_cash(reader, cash, one.once), _cash(reader, cash, one.yearly)] if spent else []
        table.rows.append(row(*cells, *([cell(one.department)] if named else [])))
    return table


def _years_table(reader: Reader, found: list[_Measured]) -> Table:
    first = min(o.since for o in found) + 1
    years = list(range(first, max(o.until for o in found) + 1))[:_MOST_YEARS]
    table = Table(
        "table.schedule",
        reader.say("年度安排", "Measures by year"),
        [
            Column(reader.say("措施", "Measure"), 2.2),
            Column(reader.say("目的", "For"), 2.8),
            Column(reader.say("单位", "Unit"), 0.9 if reader.lang == "zh" else 1.3),
            *(Column(reader.say(f"{y}年", str(y)), 0.9, True) for y in years),
        ],
        [],
        note=(reader.say("期限内各年按相同数量安排。", "The same number in each year of the term."),),
    )
    for one in found:
        cells = [cell(one.name), cell(one.why), cell(one.size.word)]
        for year in years:
            inside = one.since < year <= one.until
            cells.append(cell(one.a_year(False, reader)) if inside else cell("—", key=-math.inf))
        table.rows.append(row(*cells))
    return table
