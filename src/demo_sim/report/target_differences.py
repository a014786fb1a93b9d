"""Targets that two scenarios do not reach alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo_sim.report.phrases import cell, row
from demo_sim.report.sections.target_words import assessed, goal, name_of, rows_of, value_of, verdict_cell
from demo_sim.report.tree import Cell, Column, Paragraph, Ref, Section, Table, Trace
from demo_sim.results.rounding import MINUS

if TYPE_CHECKING:
    from demo_sim.report.differences import Compared


def target_differences(found: Compared) -> Section | None:
    """Targets whose value, probability or verdict differs."""
    reader, letters = found.reader, found.letters
    if any(run.targets.empty for run in (reader, *reader.others)):
        return None
    tables = [{(r["id"], r["reading"]): r for r in rows_of(run)} for run in (reader, *reader.others)]
    section = Section("targets", reader.say("规划指标", "Targets"))
    columns = [Column(reader.say("指标", "Indicator"), 3.0), Column(reader.say("目标", "Target"), 1.0, True)]
    for letter in letters:
        columns += [Column(reader.say(f"{letter} 预计值", f"{letter} value"), 1.1, True),
                    Column(reader.say(f"{letter} 判定", f"{letter} verdict"), 1.0)]  # fmt: skip
    columns += [Column(f"{letter}{MINUS}{letters[0]}", 1.1, True) for letter in letters[1:]]
    table = Table("table.verdicts", reader.say("规划指标的差异", "Targets that differ"), columns, [],
                  note=(found.key,))  # fmt: skip
    for key, first in tables[0].items():
        rows = [t[key] for t in tables if key in t]
        if len(rows) < len(tables) or not any(map(assessed, rows)) or not any(_other(first, r) for r in rows[1:]):
            continue
        cells: list[Cell] = [cell(name_of(reader, first)), cell(*goal(reader, first))]
        for i, one in enumerate(rows):
            cells += [cell(value_of(reader, _target(one, i), first)), verdict_cell(reader, one)]
        for i, one in enumerate(rows[1:], start=1):
            apart = Trace(**{**vars(_target(one, i)), "minus": _target(first, 0)})
            cells.append(cell(value_of(reader, apart, first, signed=True)))
        table.rows.append(row(*cells))
    if not table.rows:
        section.blocks.append(Paragraph((reader.say("各项指标没有差别。", "No target differs."),)))
        return section
    told = reader.say(f"有{len(table.rows)}行指标的预计值、达标概率或判定不同，见",
                      f"{len(table.rows)} rows differ in value, probability or verdict, see ")  # fmt: skip
    section.blocks += [Paragraph((told, Ref(table.key), reader.say("。", "."))), table]
    return section


def _other(first: dict[str, object], other: dict[str, object]) -> bool:
    """Whether a row of the target table says something else."""
    if first["verdict"] != other["verdict"]:
        return True
    pairs = [(float(str(first[c])), float(str(other[c]))) for c in ("target", "value", "low80", "high80", "p_met")]
    return any((not (a == b or (a != a and b != b)) and abs(a - b) > 1e-9 * max(abs(a), abs(b), 1e-12)) or
               (a == a) != (b == b) for a, b in pairs)  # fmt: skip


def _target(found: dict[str, object], run: int) -> Trace:
    return Trace("plan/value", (("target", found["place"]),), "row", run=run)
