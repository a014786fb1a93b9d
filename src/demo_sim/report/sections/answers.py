"""What it would take to meet each target, way by way."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from demo_sim.report.measure import Measure, money
from demo_sim.report.phrases import cell, row
from demo_sim.report.reader import Reader
from demo_sim.report.sections.target_words import name_of, rows_of
from demo_sim.report.tree import COUNTED, Cell, Column, Number, Paragraph, Ref, Section, Table
from demo_sim.results.rounding import left

COSTS = ("cost_once_yuan", "cost_yearly_yuan")

# What is counted on a way to a target; a share of beds is closed in beds, an area in square metres.
_PERSONS = {"hire", "certify", "sign", "admit"}


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


def ways(reader: Reader) -> Section | None:
    """Every way to every target."""
    found = answers(reader)
    if not found:
        return None
    section = Section("answers", reader.say("达标测算", "What each target takes"))
    section.blocks += _way_blocks(reader, found)
    return section


def _way_blocks(reader: Reader, ways: list[Answer]) -> list[Paragraph | Table]:
    """Every way to every target: what is needed, what there is, what has to be added, in all and a year."""
    cash = money(reader, max(_costs(reader, ways), default=0.0))
    heads = reader.say(
        f"指标|途径|需要量|现有量|尚需增加|80%区间|目标年需增|含补缺需进入|一次性投入合计（{cash.word}）|"
        f"年度经费（{cash.word}）",
        "Indicator|Way|Needed|There is|To be added|80% band|In the target year|With replacement|"
        f"Cost once, in all ({cash.word})|Cost a year ({cash.word})",
    ).split("|")
    widths = (2.6, 1.0, 1.2, 1.2, 1.2, 1.6, 1.1, 1.3, 1.2, 1.2)
    table = Table(
        "table.answers",
        reader.say("达标测算", "What each target takes"),
        [Column(h, w, i > 1) for i, (h, w) in enumerate(zip(heads, widths, strict=True))],
        [],
        note=(
            reader.say(
                "目标年份年末，中心方案：尚需增加等于需要量减现有量，已达目标的为零（新建床位同时加大床位总数，占比指标须多建）；"
                "80%区间取自各次抽样。"
                "含补缺需进入另加补充离开人员、关停床位的数量；一次性投入和年度经费按尚需增加的全部数量计；"
                "逐年数值见 answers.csv。",
                "At the target's year-end, at stated inputs: to be added is what is needed less what there is, nought "
                "where the target is met (new beds add to all beds, too, so a share takes more of them); the 80% band "
                "is that of the draws. With replacement: those who leave and beds that close are made up as well. "
                "Money is for all that is to be added. "
                "Every year: answers.csv.",
            ),
        ),
    )
    known = {(r["id"], r["reading"]): r for r in rows_of(reader)}
    shown = set()
    for answer in ways:
        found = known.get((answer.id, answer.reading))
        if found is not None:
            table.rows.append(_way_row(reader, answer, found, (answer.id, answer.reading) in shown, cash))
            shown.add((answer.id, answer.reading))
    words = (
        reader.say("各项指标的达标途径见", "Ways to each target: "),
        Ref("table.answers"),
        reader.say("。", "."),
    )
    return [Paragraph(words), table]


def _costs(reader: Reader, ways: list[Answer]) -> list[float]:
    """What each way costs in all and a year, where it is known."""
    found = [reader.value(reader.row("answers", "answer", way.place, column)) for way in ways for column in COSTS]
    return [value for value in found if math.isfinite(value)]


def _way_row(reader: Reader, answer: Answer, found: dict[str, Any], again: bool, cash: Measure) -> Any:
    def number(column: str, unit: str = answer.unit) -> Number:
        return reader.number(reader.row("answers", "answer", answer.place, column), unit, bare=True)

    need, there, required = number("need"), number("supply"), number("required")
    if required.value > 0 and math.isclose(required.value, need.value - there.value, rel_tol=1e-6):
        # as the two before it are printed; a new bed raises the need for a share of beds, too
        required = replace(required, rounded=left(need.value, there.value, reader.lang))
    low, high = number("required_low80"), number("required_high80")
    costs = [cash.bare(reader, reader.row("answers", "answer", answer.place, column)) for column in COSTS]
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
        *(_known(cost) if math.isfinite(cost.value) else cell("–", key=-math.inf) for cost in costs),
    )


def _known(number: Number) -> Cell:
    return cell(number, key=number.value if math.isfinite(number.value) else -math.inf)
