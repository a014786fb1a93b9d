"""How sure all of it is, and what it rests on, in the words of an office."""

from __future__ import annotations

import math
from typing import Any

from demo_sim.report.chapter.targets import own_rows, state_cell, target_measure
from demo_sim.report.measure import Measure
from demo_sim.report.phrases import cell, row, told
from demo_sim.report.reader import Reader
from demo_sim.report.sections.target_words import OPERATORS, assessed, spoken
from demo_sim.report.sections.uncertainty import driver_words
from demo_sim.report.tree import Column, Inlines, Paragraph, Ref, Section, Table
from demo_sim.vocab import STATUSES

_WORDS = {
    "published": ("公布数", "published"),
    "reported": ("填报数", "reported"),
    "fitted": ("校准数", "fitted"),
    "derived": ("推算数", "derived"),
    "plan": ("规划数", "of the plan"),
    "assumed": ("专家判断", "expert judgement"),
    "borrowed": ("借用外地数、待核", "borrowed from elsewhere, to be checked"),
}


def certainty(reader: Reader) -> Section:
    """What the intervals mean, which verdicts are sure, where the figures come from."""
    section = Section("uncertainty", reader.say("不确定性", "Uncertainty"))
    section.blocks.append(Paragraph(_bands(reader)))
    if len(reader.inputs):
        section.blocks.append(Paragraph(_sources(reader)))
    # A year that is over has neither band nor probability
    judged = [r for r in own_rows(reader) if assessed(r) and r["actual"] != r["actual"]]
    if judged and reader.banded:
        section.blocks.append(Paragraph(_verdicts(reader)))
        section.blocks.append(_table(reader, judged))
    return section


def _bands(reader: Reader) -> Inlines:
    if not reader.banded:
        return (
            reader.say(
                "本章数值按各项参数的给定值测算，未计算区间和达标概率。",
                "Numbers are those of the run at stated inputs, without intervals and probabilities.",
            ),
        )
    return (
        reader.say(
            "本章数值按各项参数的给定值测算。80%区间表示在参数可能的变动范围内，结果有八成可能落入的范围；"
            "测算年份越远，区间越宽。区间只反映参数的不确定，政策调整、行政区划变动等未计入。",
            "Numbers are those at stated inputs. The 80% interval holds the result in eight cases of ten when all "
            "inputs "
            "vary within their ranges; it widens with the years. It reflects the inputs alone: changes of policy "
            "and of "
            "boundaries are outside it.",
        ),
    )


def _sources(reader: Reader) -> Inlines:
    found = [str(s) for s in reader.inputs["status"]]
    kinds = [s for s in STATUSES if s in found]
    words = reader.say("、", ", ").join(
        reader.say(f"{_WORDS[s][0]}{found.count(s)}项", f"{found.count(s)} {_WORDS[s][1]}") for s in kinds
    )
    weak = sum(found.count(s) for s in ("assumed", "borrowed"))
    return (
        reader.say(
            f"测算共使用{len(found)}项参数，其中{words}。"
            + ("专家判断和借用外地的参数应优先核实。" if weak else "")
            + "逐项来源见附件。",
            f"The projection rests on {len(found)} inputs: {words}. "
            + ("Those judged or borrowed are the first to be checked. " if weak else "")
            + "The annex names the source of each.",
        ),
    )


def _verdicts(reader: Reader) -> Inlines:
    return told(
        reader,
        "达标概率在90%及以上的判为达标，10%及以下的判为未达标，其间判为有风险（{table}）。",
        "A target counts as met from a probability of 90%, as missed up to 10%, between them as at risk ({table}).",
        table=Ref("table.certainty"),
    )


def _table(reader: Reader, rows: list[dict[str, Any]]) -> Table:
    heads = reader.say(
        "指标|单位|目标值|80%区间|达标概率（%）|完成情况|影响最大的因素",
        "Indicator|Unit|Target|80% interval|P(met) (%)|State|Driver",
    )
    widths = (2.7, 0.9, 1.0, 1.6, 1.3, 1.0, 1.9)
    table = Table(
        "table.certainty",
        reader.say("判定的把握", "How sure each verdict is"),
        [Column(h, w, i in (2, 3, 4)) for i, (h, w) in enumerate(zip(heads.split("|"), widths, strict=True))],
        [],
    )
    chance = Measure("share", 0.01, 0, "%")
    for found in rows:
        size = target_measure(reader, found)
        low, high = (reader.cell(found["place"], c) for c in ("low80", "high80"))
        known = math.isfinite(reader.value(low)) and math.isfinite(reader.value(high))
        p = chance.bare(reader, reader.cell(found["place"], "p_met"))
        cells = [cell(spoken(reader, found)[0]), cell(size.word)]
        cells.append(
            cell(OPERATORS.get(str(found["operator"]), ""), size.bare(reader, reader.cell(found["place"], "target")))
        )
        cells.append(
            cell(size.bare(reader, low), reader.say("—", "–"), size.bare(reader, high))
            if known
            else cell("—", key=-math.inf)
        )
        cells.append(cell(p) if math.isfinite(p.value) else cell("—", key=-math.inf))
        table.rows.append(row(*cells, state_cell(reader, found), cell(driver_words(reader, found))))
    return table
