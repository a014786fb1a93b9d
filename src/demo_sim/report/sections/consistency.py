"""Consistency notes: what the run itself warns of, and whether its people add up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from demo_sim.report.reader import Reader
from demo_sim.report.tree import Block, Number, Paragraph, Section

_MOVES = (("births", 1), ("deaths", -1), ("in", 1), ("out", -1))


def consistency(reader: Reader) -> Section:
    """Warnings of the run and its balance."""
    section = Section("consistency", reader.say("一致性说明", "Consistency notes"))
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


def _balance(reader: Reader) -> list[Block]:
    """The largest difference between the change of a stock and the events of its year, over all draws."""
    if not reader.has("flows/flows"):
        return []
    worst = 0.0
    for before, year in zip(reader.years, reader.years[1:], strict=False):
        rest = reader.series(replace(reader.people(year), minus=reader.people(before)))
        for flow, sign in _MOVES:
            rest = rest - sign * reader.series(reader.flow(flow, year))
        worst = max(worst, float(np.abs(rest).max()))
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
