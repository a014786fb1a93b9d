"""Uncertainty: how sure each verdict is, and which input decides it."""

from __future__ import annotations

import math

from demo_sim.report.phrases import cell, row
from demo_sim.report.reader import Reader
from demo_sim.report.sections.target_words import assessed, goal, name_of, rows_of, value_of, verdict_cell
from demo_sim.report.tree import Column, Paragraph, Ref, Section, Table


def uncertainty(reader: Reader) -> Section:
    """What the bands mean, and the driver of every verdict."""
    draws = reader.results.draws
    section = Section("uncertainty", reader.say("不确定性与主要影响参数", "Uncertainty and drivers"))
    section.blocks.append(
        Paragraph(
            (
                reader.say(
                    f"每项输入在其低值与高值之间抽样，共{draws}次；表中数值为平均，80%区间为第10至第90百分位。"
                    if reader.banded
                    else f"本次只有{draws}次抽样，少于20次，不计算区间和达标概率。",
                    f"Every input is drawn between its low and high, {draws} times; numbers are means, the 80% band is "
                    "the 10th to the 90th percentile."
                    if reader.banded
                    else f"With {draws} draws, fewer than 20, there are no bands and no probabilities.",
                ),
            )
        )
    )
    rows = [r for r in rows_of(reader) if assessed(r)] if len(reader.targets) else []
    if not rows:
        return section
    section.blocks.append(
        Paragraph(
            (
                reader.say("各项判定的把握和影响最大的参数见", "How sure each verdict is, and what moves it most: "),
                Ref("table.drivers"),
                reader.say(
                    "。影响最大的参数，是单独从低值变到高值时使指标变动最大的一项。",
                    ". The driver is the input whose change from low to high, alone, moves the value most.",
                ),
            )
        )
    )
    heads = reader.say(
        "指标|目标值|80%区间|达标概率|判定|影响最大的参数", "Indicator|Target|80% band|P(met)|Verdict|Driver"
    ).split("|")
    table = Table(
        "table.drivers",
        reader.say("判定的把握与影响最大的参数", "Certainty and driver of each verdict"),
        [Column(h, w, 1 <= i <= 3) for i, (h, w) in enumerate(zip(heads, (2.8, 1.2, 1.9, 0.9, 0.9, 2.4), strict=True))],
        [],
    )
    for found in rows:
        place = found["place"]
        low, high = (value_of(reader, reader.cell(place, c), found) for c in ("low80", "high80"))
        chance = reader.number(reader.cell(place, "p_met"), "share", 0)
        driver = str(found["driver"])
        table.rows.append(
            row(
                cell(name_of(reader, found)),
                cell(*goal(reader, found)),
                cell(low, "–", high) if math.isfinite(low.value) else cell("–", key=0.0),
                cell(chance, key=chance.value if math.isfinite(chance.value) else -1.0),
                verdict_cell(reader, found),
                cell(
                    reader.driver(driver)
                    if driver
                    else reader.say("由情景设定，不抽样", "set by the scenario, not drawn")
                ),
            )
        )
    section.blocks.append(table)
    return section
