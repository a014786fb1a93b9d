"""What it would take: the arithmetic of the gaps, in the plan's own terms."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from demo_sim.report.phrases import cell, row
from demo_sim.report.reader import Reader
from demo_sim.report.sections.demand import gap, kinds_of, supplied
from demo_sim.report.sections.target_words import assessed, name_of, rows_of, short_by, statement
from demo_sim.report.tree import COUNTED, Cell, Column, Inlines, Number, Paragraph, Ref, Section, Table
from demo_sim.results.rounding import left

# What is counted on a way to a target; a share of beds is closed in beds, an area in square metres.
_PERSONS = {"hire", "certify", "sign", "admit"}
_VERBS = {
    "hire": ("需新聘", "to be hired: "),
    "certify": ("需新取得证书", "to be certified: "),
    "convert": ("需改造", "to be converted: "),
    "build": ("需新建", "to be built: "),
    "sign": ("需新签约", "to be signed up: "),
    "admit": ("需新增入住", "to be admitted: "),
    "complete": ("需完成", "to be completed: "),
}


@dataclass(frozen=True)
class Answer:
    """One way to a target at its year: its place in the table of answers and what is counted."""

    place: int
    id: str
    reading: str
    way: str
    unit: str


def answers(reader: Reader) -> list[Answer]:
    """Ways to targets, each at the target's year; empty where the run has no such table."""
    return reader.once(_answers)


def _answers(reader: Reader) -> list[Answer]:
    table = reader.table("answers", "answer")
    if table.empty:
        return []
    at_goal = table[table["year"].astype(float) == table["target_year"].astype(float)]
    out = []
    for place, found in at_goal.iterrows():
        way, unit = str(found["way"]), str(found["unit"])
        area, households = unit.startswith("m2"), way == "complete"
        counted = "persons" if way in _PERSONS else "m2" if area else "households" if households else "beds"
        counted = unit if unit in COUNTED else counted
        out.append(Answer(int(str(place)), str(found["id"]), str(found["reading"]), way, counted))
    return out


def effort(reader: Reader) -> Section | None:
    """What would have to be added for targets that are missed or at risk, and for resources that are short."""
    behind = [r for r in rows_of(reader) if assessed(r) and _behind(r)] if len(reader.targets) else []
    short, ways = _short(reader), answers(reader)
    if not behind and not short and not ways:
        return None
    section = Section("effort", reader.say("需要采取的措施", "What it would take"))
    section.blocks.append(
        Paragraph(
            (
                reader.say(
                    "以下是缺口的算术：按预计值（中心方案）达到目标需要新增多少，不含政策效果的判断。",
                    "This is arithmetic of gaps: what would have to be added for the expected value to reach the "
                    "target; it judges no policy.",
                ),
            ),
            "note",
        )
    )
    section.blocks += [Paragraph(_needed(reader, found), "item") for found in behind]
    if ways:
        section.blocks += _way_blocks(reader, ways)
    if short:
        section.blocks += _gap_blocks(reader, short)
    return section


def _behind(found: dict[str, Any]) -> bool:
    wanted = str(found["operator"]) in (">=", "<=")
    off = float(found["gap"]) < 0 if str(found["operator"]) == ">=" else float(found["gap"]) > 0
    return wanted and off and str(found["verdict"]) in ("missed", "at_risk")


def additions(reader: Reader, found: dict[str, Any]) -> Inlines:
    """`需新增……`: what closes the gap of a target, by each way the results know; empty where they know none.

    Where the expected value meets a target that is at risk, what some draws lack stands in the table of ways alone.
    """
    if not _behind(found):
        return ()
    ways = [a for a in answers(reader) if (a.id, a.reading) == (found["id"], found["reading"])]
    if not ways:
        if str(found["unit"]) in COUNTED and str(found["operator"]) == ">=":
            return (reader.say("需新增", "to be added: "), short_by(reader, found))
        return ()
    out: Inlines = ()
    for answer in ways:
        number = reader.number(reader.row("answers", "answer", answer.place, "required"), answer.unit)
        if not math.isfinite(number.value):
            continue
        verb = reader.say(*_VERBS.get(answer.way, ("需新增", "to be added: ")))
        out += (reader.say("，或", ", or ") if out else "", verb, number)
    return out


def _needed(reader: Reader, found: dict[str, Any]) -> Inlines:
    added = additions(reader, found)
    return (
        *statement(reader, found),
        *((reader.say("，", "; "), *added) if added else ()),
        reader.say("。", "."),
    )


def _way_blocks(reader: Reader, ways: list[Answer]) -> list[Paragraph | Table]:
    """Every way to every target: what is needed, what there is, what has to be added, in all and a year."""
    heads = reader.say(
        "指标|途径|需要量|现有量|尚需增加|80%区间|目标年需增|含补缺需进入|费用",
        "Indicator|Way|Needed|There is|To be added|80% band|In the target year|With replacement|Cost",
    ).split("|")
    widths = (2.6, 1.0, 1.2, 1.2, 1.2, 1.6, 1.1, 1.3, 1.2)
    table = Table(
        "table.answers",
        reader.say("达标测算", "What each target takes"),
        [Column(h, w, i > 1) for i, (h, w) in enumerate(zip(heads, widths, strict=True))],
        [],
        note=(
            reader.say(
                "目标年份年末，中心方案：尚需增加等于需要量减现有量，已达目标的为零（新建床位同时加大床位总数，占比指标须多建）；"
                "80%区间取自各次抽样。"
                "含补缺需进入另加补充离开人员、关停床位的数量；逐年数值见 answers.csv。",
                "At the target's year-end, at stated inputs: to be added is what is needed less what there is, nought "
                "where the target is met (new beds add to all beds, too, so a share takes more of them); the 80% band "
                "is that of the draws. With replacement: those who leave and beds that close are made up as well. "
                "Every year: answers.csv.",
            ),
        ),
    )
    known = {(r["id"], r["reading"]): r for r in rows_of(reader)}
    shown = set()
    for answer in ways:
        found = known.get((answer.id, answer.reading))
        if found is not None:
            table.rows.append(_way_row(reader, answer, found, (answer.id, answer.reading) in shown))
            shown.add((answer.id, answer.reading))
    words = (
        reader.say("各项指标的达标途径见", "Ways to each target: "),
        Ref("table.answers"),
        reader.say("。", "."),
    )
    return [Paragraph(words), table]


def _way_row(reader: Reader, answer: Answer, found: dict[str, Any], again: bool) -> Any:
    def number(column: str, unit: str = answer.unit) -> Number:
        return reader.number(reader.row("answers", "answer", answer.place, column), unit, bare=True)

    need, there, required = number("need"), number("supply"), number("required")
    if required.value > 0 and math.isclose(required.value, need.value - there.value, rel_tol=1e-6):
        # as the two before it are printed; a new bed raises the need for a share of beds, too
        required = replace(required, rounded=left(need.value, there.value, reader.lang))
    low, high = number("required_low80"), number("required_high80")
    cost = number("cost", "yuan")
    goal = reader.say(f"（{found['year']}）", f" ({found['year']})")
    unit = reader.unit(answer.unit)
    return row(
        cell("〃" if again else f"{name_of(reader, found)}{goal}"),
        cell(f"{reader.label('way', answer.way)}{reader.say('（', ' (')}{unit}{reader.say('）', ')')}"),
        _known(need),
        _known(there),
        _known(required),
        cell(low, "–", high) if math.isfinite(low.value) else cell("–", key=-math.inf),
        _known(number("to_add")),
        _known(number("to_bring_in")),
        cell(replace(cost, bare=False), key=cost.value) if math.isfinite(cost.value) else cell("–", key=-math.inf),
    )


def _known(number: Number) -> Cell:
    return cell(number, key=number.value if math.isfinite(number.value) else -math.inf)


def _short(reader: Reader) -> list[tuple[str, str]]:
    if not reader.has("demand/need"):
        return []
    out = []
    for resource in (str(r) for r in reader.array("demand/need")["resource"].values):
        kinds = kinds_of(reader, resource)
        if kinds and supplied(reader, resource) and reader.value(gap(reader, resource, kinds[0], reader.last)) > 0:
            out.append((resource, kinds[0]))
    return out


def _gap_blocks(reader: Reader, short: list[tuple[str, str]]) -> list[Paragraph | Table]:
    names, units = reader.names("demand/need", "resource"), reader.codes("demand/need", "resource", "unit")
    years = list(dict.fromkeys((reader.target_year, reader.last)))
    since = min(max(int(reader.attribute("known_until") or reader.first), reader.first), reader.target_year - 1)
    columns = [Column(reader.say("资源", "Resource"), 2.4), Column(reader.say("需求口径", "Meaning"), 1.2)]
    for year in years:
        columns += [
            Column(reader.say(f"{year}年末缺口", f"Gap {year}"), 1.2, True),
            Column(reader.say(f"{since + 1}—{year}年年均需增", f"A year {since + 1}-{year}"), 1.4, True),
        ]
    table = Table(
        "table.effort",
        reader.say("补足缺口每年需要新增的数量", "What closes the gap, a year"),
        columns,
        [],
        note=(
            reader.say(
                f"年均需增为缺口除以{since}年末之后的年数，在已计入的供给之外；缺口为负表示届时已有富余。",
                f"A year: the gap over the years after the end of {since}, on top of the supply already counted; a "
                "negative gap is a surplus.",
            ),
        ),
    )
    for resource, kind in short:
        unit = units.get(resource, "units")
        cells = [
            cell(f"{names[resource]}{reader.say('（', ' (')}{reader.unit(unit)}{reader.say('）', ')')}"),
            cell(reader.label("need_kind", kind)),
        ]
        for year in years:
            number = reader.left(gap(reader, resource, kind, year), unit, bare=True, signed=True)
            lacking = max(number.value if number.rounded is None else number.rounded, 0.0)
            yearly = Number(lacking / max(year - since, 1), unit, bare=True)
            cells += [cell(number), cell(yearly)]
        table.rows.append(row(*cells))
    words = Paragraph(
        (
            reader.say("供给不足的资源及每年需要新增的数量见", "Resources that are short, and what is needed a year: "),
            Ref("table.effort"),
            reader.say("。", "."),
        )
    )
    return [words, table]
