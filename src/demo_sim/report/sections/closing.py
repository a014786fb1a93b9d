"""The closing table of each plan: all its rows, as it ends and at its mid-term review, with a column to fill in."""

from __future__ import annotations

import math
from typing import Any

from demo_sim.report.chapter.targets import target_measure
from demo_sim.report.measure import Measure
from demo_sim.report.phrases import band, cell, row
from demo_sim.report.reader import Reader
from demo_sim.report.tree import Cell, Column, Inlines, Paragraph, Ref, Section, Table, TableRow
from demo_sim.results.closing_sheet import (
    OPERATORS,
    heads,
    number_of,
    sheet_has_natural,
    sheet_name_of,
    sheet_parts,
    source_of,
    usual,
)

_STAGES = ("final", "midterm")
_FOLDED = 30  # rows from which a table is folded away on the page
_TONES = ("met", "missed", "at_risk")
_WIDTHS = {
    "zh": (0.5, 2.5, 0.8, 1.0, 1.05, 1.2, 1.5, 0.9, 1.15, 1.9, 0.8),
    "en": (0.6, 2.2, 1.2, 1.3, 1.05, 1.2, 1.65, 0.95, 1.2, 1.5, 0.7),
}

_NATURAL = {"zh": 1.1, "en": 1.2}

Rows = list[dict[str, Any]]


def closing(reader: Reader) -> Section | None:
    """The closing table of each plan, then that of the mid-term review; None for a run without a plan."""
    frame = reader.results.closing
    if frame.empty:
        return None
    every = [{**found, "place": place} for place, found in enumerate(frame.to_dict("records"))]
    section = Section("closing", reader.say("规划收官表和中期评估表", "Closing table and mid-term review"))
    for plan in dict.fromkeys(str(found["plan"]) for found in every):
        for stage in _STAGES:
            rows = [found for found in every if found["plan"] == plan and found["stage"] == stage]
            if stage == "midterm":
                rows = [found for found in rows if math.isfinite(float(found["value"]))]
            if rows:
                table = _table(reader, plan, stage, rows)
                section.blocks += [Paragraph(_words(reader, rows, table)), table]
    return section


def _words(reader: Reader, rows: Rows, table: Table) -> Inlines:
    """How many rows are done, and how many wait for the office."""
    first = [found for found in rows if found["reading"] == "indicator"]
    counts = {o: sum(found["outcome"] == o for found in first) for o in dict.fromkeys(f["outcome"] for f in first)}
    named = [
        reader.label("closing_outcome", outcome) + reader.say(f"{n}项", f" {n}") for outcome, n in counts.items() if n
    ]
    return (
        f"{table.caption}{reader.say('：共', ': ')}{len(first)}{reader.say('项，', ' rows, ')}",
        reader.say("，", ", ").join(named),
        reader.say("。见", ". See "),
        Ref(table.key),
        reader.say("。", "."),
    )


def _table(reader: Reader, plan: str, stage: str, rows: Rows) -> Table:
    goal_year = usual(rows, "target_year")
    titles = reader.attribute("plans") or {}
    title = titles.get(plan, {}).get(reader.lang, plan)
    table = Table(
        f"table.closing.{stage}.{plan}",
        title + (reader.say("收官表", ": closing") if stage == "final" else reader.say("中期评估表", ": mid-term")),
        _columns(reader, rows),
        [],
        note=(_note(reader, stage, goal_year),),
        folded=len(rows) > _FOLDED,
    )
    for words, some in sheet_parts(rows, reader.lang):
        table.rows.append(band(words))
        table.rows += [_row(reader, found, goal_year, sheet_has_natural(rows)) for found in some]
    return table


def _columns(reader: Reader, rows: Rows) -> list[Column]:
    both = sheet_has_natural(rows)
    widths = list(_WIDTHS[reader.lang])
    if both:
        widths.insert(6, _NATURAL[reader.lang])
    numbers = (0, 4, 5, 6, 7, 8) if both else (0, 4, 5, 6, 7)
    named = zip(heads(rows, reader.lang, both), widths, strict=True)
    return [Column(head, width, i in numbers) for i, (head, width) in enumerate(named)]


def _note(reader: Reader, stage: str, year: int) -> str:
    out = reader.say(
        "实际为公布或填报数；注明“预计”的为本次测算的中心方案，注明“推算”的在两个公布或填报数之间，均不作完成的依据。"
        f"完成率为实际与目标之比（上限指标为目标与实际之比）。目标年份除注明外为{year}年。",
        "Actual: a figure that was published or reported; what is marked expected is the run at stated inputs, what is "
        "marked estimated lies between two figures: neither makes a target done. Completion: value over target, of an "
        f"upper limit target over value. Targets are of {year} unless another year is given.",
    )
    if stage == "final":
        return out
    return out + reader.say(
        "只列中期年份有数的指标，其余见 closing.csv。", " Rows without a value of the mid-term year are in closing.csv."
    )


def _row(reader: Reader, found: dict[str, Any], goal_year: int, both: bool) -> TableRow:
    number = number_of(found)
    size = target_measure(reader, found)
    own = int(found["target_year"])
    dated = () if own == goal_year else (reader.say(f"（{own}）", f" ({own})"),)
    sign = OPERATORS.get(str(found["operator"]), "") if math.isfinite(float(found["target"])) else ""
    kind = str(found["value_is"])
    word = () if kind in ("", "figure") else (reader.label("value_is", kind),)
    outcome = str(found["outcome"])
    tone = outcome.removeprefix("expected_").removeprefix("indicative_")
    return row(
        cell(number, key=float(found["number"]) if number else math.inf),
        cell(sheet_name_of(found, reader.lang)),
        cell(size.word),
        cell(reader.label("attribute", str(found["attribute"])) if found["attribute"] != "unstated" else "—"),
        _number(reader, found, "baseline", size),
        _number(reader, found, "target", size, (sign,), dated),
        *((_natural(reader, found, size),) if both else ()),
        _number(reader, found, "value", size, (), tuple(reader.say(f"（{w}）", f" ({w.lower()})") for w in word)),
        _number(reader, found, "completion", Measure("share", 0.01, 1, "%")),
        cell(reader.label("closing_outcome", outcome), tone=tone if tone in _TONES else ""),
        cell(source_of(found, reader.lang)),
        cell(str(found["to_fill"])),
    )


def _natural(reader: Reader, found: dict[str, Any], size: Measure) -> Cell:
    """The value as things go, of what is expected; a figure is one and the same."""
    if found["value_is"] != "expected":
        return cell("—", key=-math.inf)
    return _number(reader, found, "natural_value", size)


def _number(
    reader: Reader, found: dict[str, Any], column: str, size: Measure, before: Inlines = (), after: Inlines = ()
) -> Cell:
    """A number of a row in the unit of its column, a dash where there is none."""
    if not math.isfinite(float(found[column])) or found["unit"] == "boolean":  # done or not, without a number
        return cell("—", key=-math.inf)
    number = size.bare(reader, reader.row("closing", "closing_row", found["place"], column))
    return cell(*before, number, *after)
