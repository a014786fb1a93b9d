"""Consistency notes: what the run itself warns of, and whether its people add up."""

from __future__ import annotations

import math
from dataclasses import replace

from demo_sim.report.phrases import cell, row
from demo_sim.report.reader import Reader
from demo_sim.report.tree import Column, DocumentBlock, Number, Paragraph, Ref, Section, Table

_MOVES = (("births", 1), ("deaths", -1), ("in", 1), ("out", -1))


def consistency(reader: Reader) -> Section:
    """Warnings of the run and its balance."""
    section = Section("consistency", reader.say("一致性说明", "Consistency notes"))
    section.blocks += _plan_checks(reader)
    section.blocks += _balance(reader)
    for warning in reader.attribute("warnings") or []:
        section.blocks.append(Paragraph((str(warning[reader.lang]),), "item"))
    section.blocks.append(
        Paragraph(
            (
                reader.say(
                    "常住人口口径用于人口、床位和护理员；户籍口径用于救助、福利等按户籍享受的政策，由常住人口按年龄换算。",
                    "Residents count for population, beds and caregivers; the registered population, converted by age, "
                    "for entitlements.",
                ),
            ),
            "item",
        )
    )
    return section


def _balance(reader: Reader) -> list[DocumentBlock]:
    """The largest difference between the change of a stock and the events of its year, at stated values."""
    if not reader.has("flows/flows"):
        return []
    worst = 0.0
    for before, year in zip(reader.years, reader.years[1:], strict=False):
        rest = reader.value(replace(reader.people(year), minus=reader.people(before)))
        for flow, sign in _MOVES:
            rest -= sign * reader.value(reader.flow(flow, year))
        worst = max(worst, abs(rest))
    limit = max(1.0, 1e-6 * reader.value(reader.people(reader.first)))
    ok = worst <= limit
    return [
        Paragraph(
            (
                reader.say("人口平衡：各年末人口等于上年末人口加出生、迁入，减死亡、迁出；", "Balance: "),
                reader.say(
                    "最大相差", "the largest difference between the change of the population and its events is "
                ),
                Number(worst, digits=0 if worst >= 1 else 1, word=reader.say("人", " persons")),
                reader.say(
                    "，平衡成立。" if ok else "，平衡不成立，请查明原因。",
                    "; it holds." if ok else "; it does not hold.",
                ),
            ),
            "item",
        )
    ]


def _plan_checks(reader: Reader) -> list[DocumentBlock]:
    """The plans' own figures against each other: arithmetic, finding, note."""
    checks = reader.table("consistency", "check")
    if checks.empty:
        return []
    against = int((checks["finding"] == "contradicts").sum())
    heads = reader.say("核对事项|算式|相差|结论|说明", "Check|Arithmetic|Difference|Finding|Note").split("|")
    table = Table(
        "table.checks",
        reader.say("规划数字核对", "Figures of the plans checked"),
        [Column(h, w, i == 2) for i, (h, w) in enumerate(zip(heads, (1.8, 3.0, 0.9, 0.9, 3.4), strict=True))],
        [],
    )
    for place, (_, found) in enumerate(checks.iterrows()):
        off = reader.number(
            reader.row("consistency", "check", place, "relative_difference"), "share", signed=True, bare=True
        )
        contradicts = str(found["finding"]) == "contradicts"
        table.rows.append(
            row(
                cell(str(found[f"title_{reader.lang}"])),
                cell(str(found["arithmetic"])),
                cell(off, key=off.value if math.isfinite(off.value) else -math.inf),
                cell(reader.label("finding", str(found["finding"])), tone="missed" if contradicts else "met"),
                cell(str(found[f"note_{reader.lang}"])),
            )
        )
    words = (
        reader.say(
            f"规划文本中的数字相互核对，并与普查核对，共{len(checks)}处，其中{against}处不一致，见",
            f"Figures of the plans were checked against each other and the census, {len(checks)} times; {against} "
            "contradict. See ",
        ),
        Ref("table.checks"),
        reader.say("。", "."),
    )
    return [Paragraph(words), table]
