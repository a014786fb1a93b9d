"""Grades that are no levels of ability, as of self-rated health, read as the levels that a scenario says they are."""

from __future__ import annotations

from collections.abc import Iterable

from demo_sim.tables.findings import Findings
from demo_sim.tables.labels import squeezed
from demo_sim.tables.records import Record
from demo_sim.tables.sheet import InputSheet, SheetRow
from demo_sim.wording import listed

Grades = tuple[tuple[str, str], ...]  # each grade as the table has it, with its level


def with_levels(sheets: list[InputSheet], grades: Grades, findings: Findings) -> list[InputSheet]:
    """Sheets in which each cell that is a grade holds the level; a grade that no cell holds is refused."""
    level = {squeezed(grade): code for grade, code in grades}
    cells = {squeezed(cell) for sheet in sheets for row in sheet.rows for cell in row.cells}
    if absent := [grade for grade, _ in grades if squeezed(grade) not in cells]:
        findings.refuse("no_grade", given=listed(absent))
    return [
        InputSheet(
            sheet.name,
            [SheetRow(row.line, [level.get(squeezed(cell), cell) for cell in row.cells]) for row in sheet.rows],
            sheet.merged,
            sheet.comments,
            sheet.workbook,
        )
        for sheet in sheets
    ]


def together(records: Iterable[Record]) -> list[Record]:
    """Records of which those of one level, at one age and of one sex, are one: grades share a level."""
    out: dict[tuple[tuple[str, str], ...], Record] = {}
    for record in records:
        key = tuple(sorted((name, repr(value)) for name, value in record.keys.items()))
        first = out.setdefault(key, record)
        if first is not record and first.value is not None and record.value is not None:
            first.value = round(first.value + record.value, 12)
            first.text = f"{first.text} + {record.text}"
    return list(out.values())
