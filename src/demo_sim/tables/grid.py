"""Where the head of a sheet is, and what each of its columns holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from demo_sim.tables.headings import Heading, heading, is_column_number
from demo_sim.tables.labels import TOTAL, age_label
from demo_sim.tables.layouts import Age
from demo_sim.tables.numbers import Unit, number
from demo_sim.tables.sheet import InputSheet, SheetRow

LOOKED_AT = 60  # rows in which the head is looked for
MOST_HEAD_ROWS = 6
Fixed = dict[str, "str | int | Age"]


@dataclass
class HeadedColumn:
    """A column: where it stands (from 0), its head from top to bottom, and what that says.

    `name` is the dimension of a column of labels, else empty; `fixed` are the values that hold
    for all its numbers, `TOTAL` where it sums over a dimension.
    """

    index: int
    texts: list[str]
    name: str = ""
    fixed: Fixed = field(default_factory=dict)
    measure: str = ""
    unit: Unit | None = None
    known: bool = False

    @property
    def head(self) -> str:
        """The head in one line."""
        return " ".join(dict.fromkeys(text for text in self.texts if text))


@dataclass
class SheetGrid:
    """A sheet with its head found: titles above, columns, rows below."""

    titles: list[str]
    columns: list[HeadedColumn]
    rows: list[SheetRow]
    line: int  # of the last row of the head

    def named(self, name: str) -> HeadedColumn | None:
        """First column of labels of a dimension."""
        return next((column for column in self.columns if column.name == name), None)


def find_grid(sheet: InputSheet) -> SheetGrid | None:
    """Head, columns and rows of a sheet; None where no head is found."""
    rows = sheet.rows
    first = next((i for i, row in enumerate(rows[:LOOKED_AT]) if _is_head(row)), None)
    if first is None:
        return None
    after = first + 1
    stub = _stub(rows[first])
    while after < min(len(rows), first + MOST_HEAD_ROWS) and _goes_on(rows[after], stub):
        after += 1
    head = [row for row in rows[first:after] if not is_column_number(row.cells)]
    columns = _columns(head, sheet)
    _name_ages(columns, rows[after:])
    titles = [cell for row in rows[:first] for cell in row.cells if cell]
    return SheetGrid(titles, columns, rows[after:], rows[after - 1].line)


def _name_ages(columns: list[HeadedColumn], rows: list[SheetRow]) -> None:
    """The column of ages where its head does not say so: the first whose cells are mostly age groups in words."""
    if any(column.name == "age" or "age" in column.fixed for column in columns):
        return
    for column in columns:
        cells = [cell for row in rows if (cell := row.cell(column.index).strip())]
        ages = [label for cell in cells if (label := age_label(cell)) is not None and not number(cell)]
        unnamed = column.name in ("", "indicator") and not column.fixed and not column.measure
        if unnamed and len(ages) > 2 and len(ages) > len(cells) / 2:
            column.name = "age"
            return


def _is_head(row: SheetRow) -> bool:
    """Whether a row names dimensions, or has several values of one side by side."""
    parsed = [heading(cell) for cell in row.cells if cell.strip()]
    if len(parsed) < 2:
        return False
    names = sum(bool(one.name) for one in parsed)
    fixed = sum(bool(one.fixed) for one in parsed)
    wordy = not any(number(cell) for cell in row.cells)
    others = sum(bool(one.measure or one.total) and not one.fixed for one in parsed)
    if names and (names + fixed + others >= 2 or (wordy and len(parsed) > 2)):
        return True
    values: dict[str, set[object]] = {}
    for one in parsed:
        for dimension, value in one.fixed:
            values.setdefault(dimension, set()).add(value)
    counts = {dimension: len(found) for dimension, found in values.items()}
    return counts.get("age", 0) >= 3 or counts.get("year", 0) >= 3 or (max(counts.values(), default=0) >= 2 and wordy)


def _stub(row: SheetRow) -> int:
    """Columns of labels at the left: up to the first that holds for numbers."""
    for i, cell in enumerate(row.cells):
        said = heading(cell)
        if said.known and not said.name:
            return i
    return 1


def _goes_on(row: SheetRow, stub: int) -> bool:
    """Whether a row belongs to the head above: values of dimensions, measures, units or numbers of columns."""
    if is_column_number(row.cells):
        return True
    filled = [(i, cell) for i, cell in enumerate(row.cells) if cell.strip()]
    said = [heading(cell) for _, cell in filled]
    if len(filled) < 2 or not all(one.known for one in said):
        return False
    ages = sum(dimension == "age" for one in said for dimension, _ in one.fixed)
    if any(one.name for one in said):
        return True
    return all(i >= stub for i, _ in filled) and (ages == 0 or ages >= 3)


def _columns(head: list[SheetRow], sheet: InputSheet) -> list[HeadedColumn]:
    width = max(len(row.cells) for row in [*head, *sheet.rows[:LOOKED_AT]])
    texts = _filled(head, width, sheet)
    parsed = [[heading(text) for text in row] for row in texts]
    summed = [_summed(row) for row in parsed]
    columns = []
    for i in range(width):
        column = HeadedColumn(i, [row[i] for row in texts])
        for said, sums in zip((row[i] for row in parsed), summed, strict=True):
            _say(column, said, sums)
        columns.append(column)
    return columns


def _filled(head: list[SheetRow], width: int, sheet: InputSheet) -> list[list[str]]:
    """Texts of the head, row by row, merged cells and blanks of upper rows filled from the left."""
    texts = [[row.cell(i).strip() for i in range(width)] for row in head]
    lines = {row.line: k for k, row in enumerate(head)}
    covered: set[tuple[int, int]] = set()
    for (top, left), (bottom, right) in sheet.merged:
        if top not in lines or left >= width:
            continue
        text = texts[lines[top]][left]
        for line in range(top, min(bottom, head[-1].line) + 1):
            for i in range(left, min(right, width - 1) + 1):
                if line in lines:
                    covered.add((lines[line], i))
                    texts[lines[line]][i] = texts[lines[line]][i] or text
    for k, row in enumerate(texts[:-1]):
        for i in range(1, width):
            below = any(texts[deeper][i] for deeper in range(k + 1, len(texts)))
            if not row[i] and row[i - 1] and below and (k, i) not in covered and not heading(row[i - 1]).name:
                row[i] = row[i - 1]
    return texts


def _summed(row: list[Heading]) -> set[str]:
    """Dimensions that a total in this row of the head sums over: those whose values stand beside it."""
    return {dimension for one in row for dimension, _ in one.fixed if dimension in ("sex", "residence")}


def _say(column: HeadedColumn, said: Heading, sums: set[str]) -> None:
    if said.name:
        column.name = said.name
    column.measure = said.measure or column.measure
    column.unit = said.unit or column.unit
    column.known = column.known or said.known
    column.fixed.update(dict(said.fixed))
    if said.total:
        column.fixed.update({dimension: TOTAL for dimension in sums if dimension not in dict(said.fixed)})


def value_columns(grid: SheetGrid, measure: str) -> list[HeadedColumn]:
    """Columns whose numbers are of a measure, each with every dimension that another one fixes."""
    found = [c for c in grid.columns if not c.name and c.measure == measure]
    if not found:
        found = [c for c in grid.columns if not c.name and not c.measure and c.fixed]
    if not found:
        found = [c for c in grid.columns if not c.name and c.known and not c.measure and not c.unit]
    if not found:
        found = [c for c in grid.columns if c.name == "value"]
    named = {column.name for column in grid.columns if column.name}
    fixed = {dimension for column in found for dimension in column.fixed}
    for column in found:
        for dimension in fixed - set(column.fixed) - named:
            if dimension in ("sex", "residence"):
                column.fixed[dimension] = TOTAL
    return found


def head_measures(grid: SheetGrid) -> list[str]:
    """Measures that the heads name, the most frequent first."""
    return [name for name, _ in Counter(c.measure for c in grid.columns if c.measure).most_common()]
