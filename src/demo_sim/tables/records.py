"""Rows under a head become records: one number each, with the values of its dimensions and its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from demo_sim.tables import labels
from demo_sim.tables.findings import Findings
from demo_sim.tables.grid import HeadedColumn, SheetGrid, value_columns
from demo_sim.tables.headings import year_in
from demo_sim.tables.labels import TOTAL, AgeLabel, age_label, code
from demo_sim.tables.layouts import ABILITY_LEVELS, COUNTS, RESIDENCES, SEXES, Layout, age_text
from demo_sim.tables.numbers import ReadNumber, Unit, cell_hint, is_missing, number, unit
from demo_sim.tables.sheet import SheetRow
from demo_sim.wording import Text, listed, nearest

CODES = {"sex": SEXES, "residence": RESIDENCES, "function": ABILITY_LEVELS}
_KEYS = ("year", "residence", "sex", "age", "function", "date", "place", "unit")
_PLAIN_AGES = "0123456789-+"
OLD = 90  # from this age a rate may be missing: nobody was at risk


@dataclass
class Record:
    """One number of a table."""

    keys: dict[str, Any]
    value: float | None  # None where the cell says that there is none
    text: str
    line: int
    column: int
    decimals: int = 0
    unit: Unit | None = None


@dataclass
class Records:
    """The numbers of a sheet, and what of it was left aside."""

    records: list[Record] = field(default_factory=list)
    measure: str = ""
    names: set[str] = field(default_factory=set)  # dimensions that columns of labels hold
    notes: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


@dataclass
class _Panel:
    """A part of the columns that is a table of its own: printed pages set one beside the other."""

    keys: list[HeadedColumn]
    values: list[HeadedColumn]
    start: int = 0
    stop: int | None = None


def _panels(keys: list[HeadedColumn], values: list[HeadedColumn]) -> list[_Panel]:
    """Parts that each begin with the columns of labels; one where these stand once."""
    names = [column.name for column in keys]
    count = names.count("age")
    if count < 2:
        return [_Panel(keys, values)]
    repeated = {name for name in names if names.count(name) == count}
    places = [[column.index for column in keys if column.name == name] for name in repeated]
    starts = [min(indices[k] for indices in places) for k in range(count)]
    shared = [column for column in keys if column.name not in repeated]
    out = []
    for start, stop in zip(starts, [*starts[1:], None], strict=True):
        end = stop if stop is not None else 1 + max(column.index for column in [*keys, *values])
        own = [column for column in keys if column.name in repeated and start <= column.index < end]
        out.append(_Panel([*shared, *own], [c for c in values if start <= c.index < end], start, stop))
    return out


def read_records(grid: SheetGrid, shape: Layout, findings: Findings) -> Records | None:
    """Numbers of a grid, or None with the findings noted.

    Parameters
    ----------
    grid
        The sheet with its head found.
    shape
        The kind of table that is wanted.
    findings
        Takes what is wrong and what was read in a way of its own.
    """
    before = len(findings.wrong)
    values = value_columns(grid, shape.measure)
    if not _head_is_right(grid, shape, values, findings):
        return None
    out = Records(measure=shape.measure)
    keys = [column for column in grid.columns if column.name in _KEYS]
    out.names = {column.name for column in keys}
    used = {column.index for column in [*values, *keys]}
    out.unused = [c.head for c in grid.columns if c.index not in used and c.head]
    for panel in _panels(keys, values):
        reader = _Reader(grid, panel, shape, findings, out)
        for row in grid.rows:
            reader.read(row)
        _sections_of_totals(out.records, reader.sections)
    _year_of_title(out.records, grid, shape)
    return out if len(findings.wrong) == before else None


def _head_is_right(grid: SheetGrid, shape: Layout, values: list[HeadedColumn], findings: Findings) -> bool:
    before = len(findings.wrong)
    for column in grid.columns:
        if column.name == "nominal":
            findings.refuse("nominal_age", grid.line, 0, given=column.head)
    keys = [column for column in grid.columns if column.name in _KEYS]
    names = [column.name for column in keys]
    for panel in _panels(keys, values):
        own = [column.name for column in panel.keys]
        for name in {name for name in own if own.count(name) > 1}:
            findings.refuse("column_repeated", grid.line, given=name)
        for head in dict.fromkeys(column.head for column in panel.values):
            same = [column for column in panel.values if column.head == head]
            if len(same) > 1 and all(column.fixed == same[0].fixed for column in same):
                findings.refuse("column_repeated", grid.line, same[1].index + 1, given=head)
    if not values:
        if any(column.measure == "qx" for column in grid.columns) and shape.measure == "mx":
            findings.refuse("qx_for_mx", grid.line)
        for column in grid.columns:
            if column.head and not column.known:
                near = nearest(column.head.lower(), [shape.measure])
                findings.refuse(
                    "column_unknown", grid.line, given=column.head, near=near, allowed=listed(shape.columns)
                )
        findings.refuse("column_missing", grid.line, given=shape.measure)
    fixed = {dimension for column in values for dimension in column.fixed}
    for name in shape.keys:
        in_title = name == "year" and year_in(grid.titles) is not None
        section = name in ("sex", "residence") and _has_sections(grid, name)
        if name not in shape.optional and name not in names and name not in fixed and not in_title and not section:
            findings.refuse("column_missing", grid.line, given=name)
    if not grid.rows:
        findings.refuse("table_empty", grid.line)
    return len(findings.wrong) == before


def _has_sections(grid: SheetGrid, name: str) -> bool:
    """Whether rows between the ages say which sex or residence follows."""
    stub = next((column.index for column in grid.columns if column.name == "age"), 0)
    return any(code(name, row.cell(stub)) in CODES[name] for row in grid.rows if row.cell(stub).strip())


class _Reader:
    def __init__(
        self,
        grid: SheetGrid,
        panel: _Panel,
        shape: Layout,
        findings: Findings,
        out: Records,
    ) -> None:
        self.keys = panel.keys
        self.values = panel.values
        self.part = slice(panel.start, panel.stop)
        self.shape = shape
        self.findings = findings
        self.out = out
        self.width = max((column.index for column in [*grid.columns] if column.texts and column.head), default=0) + 1
        self.last: dict[str, str] = {}  # of each column of labels, for the blanks below
        self.section: dict[str, Any] = {}
        self.sections: set[str] = set()

    def read(self, row: SheetRow) -> None:
        filled = [cell for cell in row.cells[self.part] if cell.strip()]
        if not filled:
            return
        numbers = [column for column in self.values if not is_missing(row.cell(column.index))]
        if (
            labels.is_note(filled[0])
            or labels.is_ratio(filled[0])
            or (not numbers and len(filled) == 1 and not self._is_section(filled[0], row))
        ):
            self.out.notes.append(" ".join(filled))
            return
        if not numbers and self._is_section(filled[0], row):
            return
        extra = [cell for cell in row.cells[self.width :] if cell.strip()]
        if extra and all(number(cell) for cell in extra):
            hint = Text("；数字里不要用千位分隔符", "; no thousands separators in numbers")
            given, allowed = len(row.cells), self.width
            self.findings.refuse("row_length", row.line, given=given, allowed=allowed, hint=hint)
            return
        keys = self._keys(row)
        if keys is None:
            return
        for column in self.values:
            record = self._record(row, column, keys)
            if record is not None:
                self.out.records.append(record)

    def _is_section(self, text: str, row: SheetRow) -> bool:
        """A row that only says which sex, residence or year the rows below are of."""
        for dimension in ("sex", "residence"):
            found = code(dimension, text)
            named = any(column.name == dimension for column in self.keys)
            if found in CODES[dimension] and not named:
                self._open(dimension, found)
                return True
        return False

    def _open(self, dimension: str, value: str) -> None:
        """Begin a section; those that were begun inside the last one of its kind end."""
        opened = list(self.section)
        inside = opened[opened.index(dimension) + 1 :] if dimension in opened else []
        for other in inside:
            del self.section[other]
        self.section[dimension] = value
        self.sections.add(dimension)

    def _keys(self, row: SheetRow) -> dict[str, Any] | None:
        keys: dict[str, Any] = dict(self.section)
        right = True
        for column in self.keys:
            text = row.cell(column.index).strip()
            if not text and column.name != "age":
                text = self.last.get(column.name, "")
            self.last[column.name] = text
            value = self._key(column, text, row)
            if value is None:
                right = False
            keys[column.name] = value
        keys.update(self.section)  # the label of the age may have opened another one
        return keys if right else None

    def _key(self, column: HeadedColumn, text: str, row: SheetRow) -> Any:
        """Value of a label; None with the finding noted where it is not understood."""
        at = (row.line, column.index + 1)
        name = column.name
        if name in CODES:
            found = code(name, text)
            if found is None:
                near = nearest(text.lower(), CODES[name])
                which = "cell_level" if name == "function" else "cell_code"
                self.findings.refuse(which, *at, name=name, given=text, near=near, allowed=listed(CODES[name]))
            elif found != text:
                self.findings.note(
                    "said_code", *at, given=text, read=Text("合计", "total") if found == TOTAL else found
                )
            return found
        if name == "age":
            return self._age(text, row, at)
        if name == "year":
            found_year = labels.year(text)
            if found_year is None:
                self.findings.refuse("cell_year", *at, given=text, hint=labels.year_hint(text))
            return found_year
        if name == "date":
            found_day = labels.day(text)
            if found_day is None:
                self.findings.refuse("cell_date", *at, given=text)
            return found_day
        return text

    def _age(self, text: str, row: SheetRow, at: tuple[int, int]) -> AgeLabel | None:
        label = age_label(text)
        if label is None and self._is_section(text, row):
            return AgeLabel("total")
        if label is None:
            self.findings.refuse("cell_age", *at, given=text)
        elif label.kind == "group" and (label.mended or any(char not in _PLAIN_AGES for char in text)):
            key = "said_excel_age" if label.mended else "said_age"
            self.findings.note(key, *at, given=text, read=age_text(label.age))
        return label

    def _record(self, row: SheetRow, column: HeadedColumn, keys: dict[str, Any]) -> Record | None:
        text = row.cell(column.index).strip()
        at = (row.line, column.index + 1)
        merged = {**keys, **column.fixed}
        if isinstance(age := merged.get("age"), tuple):
            merged["age"] = AgeLabel("group", age)
        if "age" not in merged and "age" in self.shape.keys:
            merged["age"] = AgeLabel("total")
        stated = column.unit or (unit(str(keys["unit"])) if "unit" in keys else None)
        if is_missing(text):
            return Record(merged, None, text, *at, unit=stated)
        found = number(text)
        if found is None:
            self.findings.refuse("cell_number", *at, name=column.head, given=text, hint=cell_hint(text))
            return None
        self._say(found, text, at)
        if found.value < 0 and self.shape.measure != "net_migration":
            self.findings.refuse("cell_negative", *at, name=column.head, given=text)
        return Record(merged, found.value, text, *at, found.decimals, stated)

    def _say(self, found: ReadNumber, text: str, at: tuple[int, int]) -> None:
        if found.form == "sign" and text.endswith(("%", "％")) and self.shape.measure in COUNTS:
            self.findings.refuse("share_for_count", *at, given=text)
        elif found.form:
            self.findings.note(f"said_{found.form}", *at, given=text, read=f"{found.value:.12g}")


def _sections_of_totals(records: list[Record], sections: set[str]) -> None:
    """Rows before the first section sum over it."""
    for record in records:
        for name in sections:
            record.keys.setdefault(name, TOTAL)


def _year_of_title(records: list[Record], grid: SheetGrid, shape: Layout) -> None:
    """The year above a table that has no column of years."""
    found = year_in(grid.titles)
    if "year" in shape.keys and found is not None:
        for record in records:
            record.keys.setdefault("year", found)
