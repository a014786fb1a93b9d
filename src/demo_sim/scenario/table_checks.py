"""What must hold between the rows of a table: complete ages, sexes and years."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from demo_sim.scenario.content_checks import CellKey, check_content
from demo_sim.scenario.messages import Problems
from demo_sim.scenario.model import InputTable
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.tables import TableProblems
from demo_sim.tables.layouts import LAYOUTS, RESIDENCES, SEXES, Age, Layout, age_text


def check_table(
    table: InputTable, layout: str, years: tuple[int, int] | None, problems: Problems, *, from_birth: bool = True
) -> None:
    """Note everything that is wrong between the rows of a table.

    Parameters
    ----------
    table
        The table, cells parsed.
    layout
        Kind of table, a key of `LAYOUTS`.
    years
        First and last projected year where the table must cover them.
    problems
        Takes what is wrong.
    from_birth
        Whether ages must begin at 0 where this kind of table has all of them.
    """
    shape = LAYOUTS[layout]
    findings = TableProblems(problems, shown_path(table.file), table.path)
    before = len(problems.found)
    keys = [name for name in shape.keys if name in table.columns]
    _check_repeated(table, keys, findings)
    if len(problems.found) == before:
        cells = _group(table, [name for name in keys if name != "age"])
        _check_complete(table, cells, keys, shape, findings)
        for cell, rows in cells.items():
            _check_ages(table, cell, rows, shape, from_birth, findings)
        if shape.yearly and years is not None:
            _check_years(table, years, findings)
        check_content(table, layout, cells, findings)
    findings.close()


def _group(table: InputTable, names: list[str]) -> dict[CellKey, list[int]]:
    """Row numbers by the values of the named key columns."""
    cells: dict[CellKey, list[int]] = defaultdict(list)
    for row in range(len(table)):
        cells[tuple(str(table.columns[name][row]) for name in names)].append(row)
    return cells


def _check_repeated(table: InputTable, keys: list[str], findings: TableProblems) -> None:
    seen: dict[tuple[object, ...], int] = {}
    for row, line in enumerate(table.lines):
        place = tuple(table.columns[name][row] for name in keys)
        if place in seen:
            words = ", ".join(age_text(item) if isinstance(item, tuple) else str(item) for item in place)
            findings.add(line, "row_repeated", first=seen[place], given=words)
        else:
            seen[place] = line


def _check_complete(
    table: InputTable, cells: dict[CellKey, list[int]], keys: list[str], shape: Layout, findings: TableProblems
) -> None:
    """Every combination of the keys besides age occurs, and both sexes do."""
    names = [name for name in keys if name != "age"]
    values = {name: sorted({str(item) for item in table.columns[name]}) for name in names}
    last = table.lines[-1]
    if "sex" in names and len(values["sex"]) < len(SEXES):
        missing = next(sex for sex in SEXES if sex not in values["sex"])
        findings.add(last, "cell_missing", given=f"sex {missing}")
        return
    if "residence" in names and len(values["residence"]) < len(RESIDENCES):
        missing = next(place for place in RESIDENCES if place not in values["residence"])
        findings.add(last, "cell_missing", given=f"residence {missing}")
        return
    wanted: list[CellKey] = [()]
    for name in names:
        wanted = [(*cell, value) for cell in wanted for value in values[name]]
    for cell in wanted:
        if cell not in cells:
            findings.add(last, "cell_missing", given=", ".join(f"{n} {v}" for n, v in zip(names, cell, strict=True)))


def _check_ages(
    table: InputTable, cell: CellKey, rows: list[int], shape: Layout, from_birth: bool, findings: TableProblems
) -> None:
    """Age groups of one cell follow each other without gap or overlap."""
    words = ", ".join(cell) or "—"
    ages: list[tuple[Age, int]] = sorted(
        ((table.columns["age"][row], table.lines[row]) for row in rows), key=lambda item: item[0][0]
    )
    for (below, _), (above, line) in pairwise(ages):
        end = below[1]
        if end is None or above[0] <= end:
            findings.add(line, "age_overlap", given=age_text(above), other=age_text(below), cell=words)
        elif above[0] > end + 1:
            findings.add(line, "age_gap", given=age_text((end + 1, above[0] - 1)), cell=words)
    first, last = ages[0], ages[-1]
    if shape.ages == "whole":
        if from_birth and first[0][0] != 0:
            findings.add(first[1], "age_start", given=age_text(first[0]), cell=words)
        if last[0][1] is not None:
            findings.add(last[1], "age_open", given=age_text(last[0]), cell=words)
    elif shape.ages == "closed" and last[0][1] is None:
        findings.add(last[1], "age_closed", given=age_text(last[0]))


def _check_years(table: InputTable, years: tuple[int, int], findings: TableProblems) -> None:
    """The projected years are there; inside the range they may be left out where interpolation is allowed."""
    present = sorted(set(table.columns["year"]))
    line = table.lines[-1]
    if table.interpolate:
        return
    start, end = years
    if present[0] > start or present[-1] < end:
        findings.add(line, "years_short", given=f"{present[0]}–{present[-1]}", allowed=f"{start}–{end}")
    for below, above in pairwise(present):
        for year in range(below + 1, above):
            place = next(at for at, item in zip(table.lines, table.columns["year"], strict=True) if item == above)
            findings.add(place, "year_missing", given=year)
