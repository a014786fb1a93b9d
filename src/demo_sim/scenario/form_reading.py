"""The form of figures that only the office knows, filled in: its cells become inputs of the scenario.

Each row has a code that says which input a cell is: `reported.x` and `actual.x` as a scenario writes them, and
`figure.SERIES` for a series of the run (a stock, a part of one), which stands in its place in that year where a target
is judged. `demo-sim request` writes the form.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from demo_sim.scenario.messages import Problems, make_problem
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import Location, Quantity, Row, Source
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.values import ValueReader
from demo_sim.tables.cells import read_sheets
from demo_sim.tables.findings import Findings, letters
from demo_sim.tables.numbers import number
from demo_sim.tables.sheet import InputSheet

FORM = "form"  # the key under `reported`
FIGURE = "figure."
BLOCKS = ("reported.", "actual.", FIGURE)
# Columns of the form, in both languages; the first that matches a heading is taken.
CODE, YEAR, GIVEN = ("代码", "Code"), ("年末", "Year-end"), ("填报数", "Figure")
KNOWN = ("已知截至", "Known until")
_WHOLE = ("persons", "beds", "posts", "units", "places", "households", "person_times")


@dataclass(frozen=True)
class Filled:
    """A cell that the office filled in.

    Attributes
    ----------
    path : of the input; year : year-end; value : in `unit`
    unit : as the code of the vocabulary; department : name of the sheet
    cell : such as `C7`; planned : whether the year lies after what was known when the form was written
    """

    path: str
    year: int
    value: float
    unit: str
    department: str
    cell: str
    planned: bool


def take_form(root: Node, values: ValueReader, problems: Problems) -> Node:
    """Read the form that `reported: {form: FILE}` names; gives the tree without the key.

    What the scenario itself writes under a path goes before the form.
    """
    block = root.map.get("reported")
    if block is None or not block.is_map or FORM not in block.map:
        return root
    node = block.map[FORM]
    rest = Node({key: child for key, child in block.map.items() if key != FORM}, block.where, block.folder)
    without = Node({**root.map, "reported": rest}, root.where, root.folder)
    if not isinstance(node.value, str):
        problems.add(node.where, "want_text", given=node.shown(), hint="")
        return without
    file = node.folder / node.value
    found: dict[str, list[Filled]] = {}
    for one in read_form(file, problems):
        block_name, _, name = one.path.partition(".")
        if block_name not in without.map or name not in without.map[block_name].map:
            found.setdefault(one.path, []).append(one)
    for path, cells in found.items():
        where = Location(f"{shown_path(file)} [{cells[0].department}]", 0, path)
        rows = tuple(
            Row(one.value, year=one.year, id=path, status="plan" if one.planned else "reported")
            for one in sorted(cells, key=lambda one: one.year)
        )
        status = "plan" if all(one.planned for one in cells) else "reported"
        source = Source(path, cells[0].department, status, cells[0].unit)
        values.quantities[path] = Quantity(path, rows, cells[0].unit, where, (source,))
        values.last_observed = max([values.last_observed, *(one.year for one in cells if not one.planned)])
    return without


def read_form(path: Path, problems: Problems) -> list[Filled]:
    """Cells of a form that are filled in; what is wrong is noted with sheet and cell."""
    shown = shown_path(path)
    findings = Findings(shown)
    sheets = read_sheets(path, findings)
    findings.close()
    problems.found.extend(findings.wrong)
    found: list[Filled] = []
    headed = False
    for sheet in sheets:
        at = _heading(sheet)
        if at is not None:
            headed = True
            found += _rows(sheet, at, shown, problems)
    if sheets and not headed:
        problems.found.append(make_problem(Location(shown, 0), "form_no_heading"))
    seen: dict[tuple[str, int], Filled] = {}
    for one in found:
        before = seen.setdefault((one.path, one.year), one)
        if before.value != one.value:
            where = Location(f"{shown} [{one.department}] {one.cell}", 0)
            other = f"[{before.department}] {before.cell}"
            problems.found.append(make_problem(where, "form_twice", given=f"{one.value:g}", other=other))
    _check_parts(seen, shown, problems)
    return list(seen.values())


def _check_parts(filled: Mapping[tuple[str, int], Filled], shown: str, problems: Problems) -> None:
    """A part of a stock, such as its nursing-type beds, is at most the stock of the same year-end."""
    for (path, year), one in filled.items():
        whole = filled.get((path.rpartition(".")[0], year))
        if whole is not None and one.value > whole.value:
            where = Location(f"{shown} [{one.department}] {one.cell}", 0)
            at = f"[{whole.department}] {whole.cell}"
            problems.found.append(
                make_problem(where, "form_part", given=f"{one.value:g}", whole=f"{whole.value:g}", path=at)
            )


def _heading(sheet: InputSheet) -> int | None:
    """Place of the row that names the columns."""
    for i, row in enumerate(sheet.rows):
        words = {str(cell).strip() for cell in row.cells}
        if words & set(CODE) and words & set(GIVEN):
            return i
    return None


def _rows(sheet: InputSheet, at: int, shown: str, problems: Problems) -> Iterator[Filled]:
    heads = [str(cell).strip() for cell in sheet.rows[at].cells]
    columns = {names: next((i for i, head in enumerate(heads) if head in names), -1) for names in (CODE, YEAR, GIVEN)}
    known = _known(sheet, at)
    for row in sheet.rows[at + 1 :]:
        code, year, given = (row.cell(i).strip() if i >= 0 else "" for i in columns.values())
        code, _, unit = code.removesuffix("]").partition(" [")
        if not given:
            continue
        name = f"{letters(columns[GIVEN] + 1)}{row.line}"
        place = Location(f"{shown} [{sheet.name}] {name}", 0)
        told, when = number(given), number(year)
        if not code.startswith(BLOCKS):
            problems.found.append(make_problem(place, "form_code", given=code or "—"))
        elif when is None or not 1900 <= when.value <= 2200:
            problems.found.append(make_problem(place, "form_year", given=year or "—"))
        elif told is None or not math.isfinite(told.value):
            problems.found.append(make_problem(place, "form_number", given=given))
        elif told.value < (-1.0 if unit == "share" else 0.0):
            problems.found.append(make_problem(place, "form_negative", given=given))
        elif unit == "share" and told.value > 1.5:
            problems.found.append(make_problem(place, "form_share", given=given, hint=f"{told.value / 100:g}"))
        elif unit in _WHOLE and told.value != round(told.value):
            problems.found.append(make_problem(place, "form_whole", given=given))
        else:
            planned = known is not None and when.value > known
            yield Filled(code, int(when.value), told.value, unit, sheet.name, name, planned)


def _known(sheet: InputSheet, at: int) -> int | None:
    """Year that the form was known until when it was written."""
    for row in sheet.rows[:at]:
        cells = [str(cell).strip() for cell in row.cells]
        for name, value in pairwise(cells):
            if name in KNOWN and (year := number(value)) is not None:
                return int(year.value)
    return None
