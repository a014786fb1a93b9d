"""Inputs: every number the run rests on, with source, status and place."""

from __future__ import annotations

from demo_sim.report.phrases import row
from demo_sim.report.reader import Reader
from demo_sim.report.tree import Column, DocumentBlock, Fold, Paragraph, Section, Table
from demo_sim.vocab import STATUSES, source_label

_LONGEST = 90  # characters of a value in words


def inputs(reader: Reader) -> Section | None:
    """All inputs by status, those that are assumed last."""
    if reader.inputs.empty:
        return None
    found = [str(s) for s in reader.inputs["status"]]
    order = [s for s in (*STATUSES, *dict.fromkeys(found)) if s in found]
    statuses = list(dict.fromkeys(order))
    counts = reader.say("、", ", ").join(
        reader.label("status", s) + reader.say(f"{found.count(s)}项", f" {found.count(s)}") for s in statuses
    )
    section = Section("inputs", reader.say("输入及其来源", "Inputs, source and status"))
    section.blocks.append(
        Paragraph(
            (
                reader.say(
                    f"本次测算共有{len(found)}项输入：{counts}。方括号内为抽样的低值和高值；过长的取值从略，"
                    "全部取值见 inputs.csv。",
                    f"{len(found)} inputs: {counts}. In brackets the low and high of the draws; long values are cut, "
                    "all of them are in inputs.csv.",
                ),
            )
        )
    )
    section.blocks += [_of_status(reader, status, found.count(status)) for status in statuses]
    return section


def _of_status(reader: Reader, status: str, number: int) -> DocumentBlock:
    heads = reader.say("参数|取值|单位|来源|出处", "Input|Value|Unit|Source|Place").split("|")
    name = reader.label("status", status)
    table = Table(
        f"table.inputs.{status}",
        reader.say(f"输入：{name}", f"Inputs: {name.lower()}"),
        [Column(h, w) for h, w in zip(heads, (2.0, 3.2, 0.9, 2.6, 1.3), strict=True)],
        [],
    )
    for found in reader.inputs[reader.inputs["status"] == status].to_dict("records"):
        value = str(found["value"])
        if len(value) > _LONGEST:
            value = value[:_LONGEST].rpartition(";")[0] or value[:_LONGEST]
            value += "; …"
        table.rows.append(
            row(
                str(found["id"]),
                value,
                reader.unit(str(found["unit"])) if found["unit"] else "",
                source_label(str(found["source"]), reader.lang),
                str(found["file:line"]).rpartition("/")[2],
            )
        )
    return Fold(reader.say(f"{name}（{number}项）", f"{name} ({number})"), [table])
