"""A file as it comes, read as one of the project's tables, with words on what was understood."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo_sim.errors import Problem
from demo_sim.tables.cells import read_sheets
from demo_sim.tables.findings import Findings
from demo_sim.tables.grades import Grades, together, with_levels
from demo_sim.tables.grid import SheetGrid, find_grid, head_measures
from demo_sim.tables.headings import measure_in, year_in
from demo_sim.tables.labels import publisher
from demo_sim.tables.layouts import COUNTS, LAYOUTS, Layout
from demo_sim.tables.numbers import Unit, unit, unit_in
from demo_sim.tables.records import Record, Records, read_records
from demo_sim.tables.sheet import InputSheet
from demo_sim.tables.totals import Totals
from demo_sim.vocab import STATUSES
from demo_sim.wording import NONE, Text, listed, quoted

_KIND_OF = {
    "population": "population",
    "mx": "mortality",
    "asfr": "fertility",
    "net_migration": "migration",
    "prevalence": "prevalence",
}
_LOW_TOTAL = 10_000  # fewer whole persons than this, without a unit, may be thousands or ten-thousands
_LONGEST_NOTE = 200  # characters; longer text is no name of a publisher
_PUBLISHERS = {
    "un": "United Nations, DESA, Population Division",
    "hmd": "Human Mortality Database / Human Fertility Database",
    "eurostat": "Eurostat",
}


@dataclass
class Tidy:
    """A table in the project's own columns, and where it stood.

    Attributes
    ----------
    kind : of `LAYOUTS`
    columns : values by column name; ages are pairs (lowest, highest or None)
    lines : row of the file of each value
    source, status, licence : as the first line of the file gives them, else its publisher, name, sheet and title; the
        status is then published where a publisher is named, or known by the columns, assumed for a table in the
        project's own columns, and reported for an office's own
    unit : the unit that the numbers stood in, and `checks` how many sums were found right
    year : of people, where the table says it; 0 where it does not
    """

    kind: str
    columns: dict[str, list[Any]]
    lines: list[int]
    source: str
    status: str = "assumed"
    licence: str = ""
    sheet: str = ""
    span: tuple[int, int] = (0, 0)
    unit: Unit | None = None
    checks: int = 0
    year: int = 0
    unused: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def layout(self) -> Layout:
        """Columns and rules of this kind."""
        return LAYOUTS[self.kind]

    def __len__(self) -> int:
        return len(self.lines)


@dataclass
class Read:
    """What reading a file gave: the table, or what is wrong; and how it was read."""

    table: Tidy | None
    findings: Findings

    @property
    def problems(self) -> list[Problem]:
        """What stops the reading."""
        return self.findings.wrong


@dataclass
class Opened:
    """A file with the sheet chosen and its head found."""

    path: Path
    sheet: InputSheet
    grid: SheetGrid
    findings: Findings
    graded: bool = False  # whether labels were read as levels of ability, which several may share


def open_table(
    path: Path, file: str, at: str = "", sheet: str | None = None, grades: Grades = ()
) -> tuple[Opened | None, Findings]:
    """The sheet of a file that holds a table; None with the findings where there is none.

    Parameters
    ----------
    path
        The file: xlsx, xls, ods, text with commas, tabs or blanks, in UTF-8, UTF-16, GBK and the like.
    file, at
        The file as messages name it, and the setting that names it.
    sheet
        Name of the sheet; may be left out where only one holds a table.
    grades
        Labels that stand for levels of ability.
    """
    findings = Findings(file, at)
    sheets = read_sheets(path, findings)
    if grades and sheets:
        sheets = with_levels(sheets, grades, findings)
    chosen = None if findings.wrong else choose_sheet(sheets, sheet, findings)
    if chosen is None:
        findings.close()
        return None, findings
    return Opened(path, *chosen, findings, bool(grades)), findings


def read_table(
    path: Path,
    kind: str | None,
    file: str,
    at: str = "",
    *,
    sheet: str | None = None,
    unit_named: str | None = None,
    grades: Grades = (),
) -> Read:
    """A table of a file in whatever shape it was published.

    Parameters
    ----------
    path, file, at, sheet, grades
        As in `open_table`.
    kind
        A key of `LAYOUTS`, or None to take it from the heads.
    unit_named
        Unit of the numbers where the file does not say it.
    """
    opened, findings = open_table(path, file, at, sheet, grades)
    return Read(None, findings) if opened is None else read_opened(opened, kind, unit_named)


def read_opened(opened: Opened, kind: str | None, unit_named: str | None = None, *, doubt: bool = False) -> Read:
    """The table of a file that is open; see `read_table`.

    `doubt` asks for the unit of few or broken people also where the columns are the project's own
    and the file does not name its source.
    """
    findings = opened.findings
    table = _read(opened, kind, unit_named, doubt)
    findings.close()
    return Read(None if findings.wrong else table, findings)


def _read(opened: Opened, kind: str | None, unit_named: str | None, doubt: bool) -> Tidy | None:
    findings, grid = opened.findings, opened.grid
    stated = None if unit_named is None else unit(unit_named)
    if unit_named is not None and stated is None:
        findings.refuse("unknown_unit", given=quoted(unit_named))
        return None
    kind = kind or _kind_of(grid, findings)
    if kind is None:
        return None
    heading = _provenance(opened.sheet, findings)
    records = read_records(grid, LAYOUTS[kind], findings)
    if records is None or findings.wrong:
        return None
    if opened.graded:
        records.records = together(records.records)
    asks = doubt and not heading.get("publisher")
    return _tidy(kind, opened, records, stated, asks, heading)


def choose_sheet(
    sheets: list[InputSheet], named: str | None, findings: Findings
) -> tuple[InputSheet, SheetGrid] | None:
    """The sheet that is meant, with its head; None with the finding noted."""
    if named is not None:
        names = [one.name for one in sheets]
        sheets = [one for one in sheets if one.name == named]
        if not sheets:
            findings.refuse("no_sheet", given=quoted(named), allowed=listed(names))
            return None
    grids = [(one, grid) for one in sheets if (grid := find_grid(one)) is not None]
    if len(grids) > 1:
        findings.refuse("which_sheet", allowed=listed(one.name for one, _ in grids))
        return None
    if not grids:
        if any(one.rows for one in sheets):
            findings.refuse("no_head", sheets[0].rows[0].line)
        else:
            last = [row.line for one in sheets for row in one.comments]
            findings.refuse("table_empty", max(last, default=1))
        return None
    sheet, grid = grids[0]
    findings.sheet = sheet.name
    return sheet, grid


def _kind_of(grid: SheetGrid, findings: Findings) -> str | None:
    found = [name for name in head_measures(grid) if name in _KIND_OF]
    measure = measure_in(grid.titles)
    if measure and (not found or found == ["population"]):
        found = [measure]
    if len(found) != 1:
        findings.refuse("which_kind", grid.line, allowed=listed(_KIND_OF.values()))
        return None
    return _KIND_OF[found[0]]


def publisher_of(sheet: InputSheet) -> str:
    """Who published a sheet, by a note around the table; empty where no note says it."""
    cells = (cell for row in sheet.rows for cell in row.cells if cell)
    return next((found for cell in cells if len(cell) < _LONGEST_NOTE and (found := publisher(cell))), "")


def _provenance(sheet: InputSheet, findings: Findings) -> dict[str, str]:
    """`# publisher: ...; licence: ...; date: ...; status: ...`, each part optional."""
    if not sheet.comments:
        return {}
    row = sheet.comments[0]
    text = row.cells[0].lstrip("# ")
    found = re.findall(r"(publisher|licence|date|status)\s*[:：]\s*(.*?)\s*(?=[;；]\s*\w+\s*[:：]|$)", text)
    parts = {name: value.rstrip(";；, ") for name, value in found}
    if "status" in parts:
        parts["status"] = re.split(r"[\s;；,]", parts["status"])[0]
        if parts["status"] not in STATUSES:
            findings.refuse("header_form", row.line, given=quoted(parts["status"]), allowed=listed(STATUSES))
    return parts


def _tidy(
    kind: str,
    opened: Opened,
    records: Records,
    stated: Unit | None,
    asks: bool,
    heading: dict[str, str],
) -> Tidy | None:
    shape, sheet, path = LAYOUTS[kind], opened.sheet, opened.path
    grid, findings = opened.grid, opened.findings
    origin = _origin(grid)
    totals = Totals(shape, findings)
    parts = totals.parts(records.records)
    parts = _one_place(parts, findings)
    parts = _one_year(parts, shape, findings)
    if findings.wrong:
        return None
    if not parts:
        findings.refuse("table_empty", grid.line)
        return None
    scale = _scale(parts, grid, shape, stated, asks, origin, findings)
    if scale is None:
        return None
    names = [name for name in shape.keys if any(name in record.keys for record in parts)]
    for record in parts:
        for name in names:
            if name not in record.keys:
                findings.refuse("key_missing", record.line, record.column, given=name)
    if findings.wrong:
        return None
    columns: dict[str, list[Any]] = {name: [record.keys[name] for record in parts] for name in names}
    factors = [scale.factor if record.unit is None else record.unit.factor for record in parts]
    columns[shape.measure] = [
        float(record.text) if factor == 1.0 and _is_bare(record.text) else round((record.value or 0.0) * factor, 12)
        for record, factor in zip(parts, factors, strict=True)
    ]
    if kind == "prevalence":
        _check_shares(parts, columns[shape.measure], findings)
    lines = [record.line for record in parts]
    own = {column.head for column in grid.columns if column.head} <= set(shape.columns) and not sheet.workbook
    title = " ".join(next((text for text in grid.titles if unit_in(text) is None or len(text) > 12), "").split())
    source = ", ".join(heading[part] for part in ("publisher", "date") if heading.get(part))
    by = _PUBLISHERS.get(origin, "") or publisher_of(sheet)
    if not source:
        sheet_name = "" if re.fullmatch(r"(sheet|工作表)\d*", sheet.name.lower()) else sheet.name
        source = ", ".join(part for part in (by, path.name, sheet_name, title) if part)
    return Tidy(
        kind,
        columns,
        lines,
        source,
        heading.get("status", "published" if by else "assumed" if own else "reported"),
        heading.get("licence", ""),
        sheet.name,
        (min(lines), max(lines)),
        scale,
        totals.checks,
        parts[0].keys.get("year") or year_in([*grid.titles, source]) or 0,
        records.unused,
        records.notes,
    )


def _check_shares(parts: list[Record], shares: list[float], findings: Findings) -> None:
    for record, share in zip(parts, shares, strict=True):
        if share > 1:
            hint = Text(f"；看来是百分数，请写 {share / 100:g}", f"; it looks like per cent, write {share / 100:g}")
            name, given = "prevalence", record.text
            at = (record.line, record.column)
            findings.refuse("cell_share", *at, name=name, given=given, hint=hint if share <= 100 else NONE)


def _is_bare(text: str) -> bool:
    return re.fullmatch(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?", text, re.ASCII) is not None


def _origin(grid: SheetGrid) -> str:
    """Publisher of a file whose columns say so."""
    heads = {column.head.lower() for column in grid.columns}
    if {"locid", "agegrpstart"} & heads and {"variant", "varid", "locid"} & heads:
        return "un"
    if any("\\time_period" in head for head in heads):
        return "eurostat"
    return "hmd" if any("last modified" in title.lower() for title in grid.titles) else ""


def _one_place(parts: list[Record], findings: Findings) -> list[Record]:
    places = list(dict.fromkeys(record.keys["place"] for record in parts if "place" in record.keys))
    if len(places) > 1:
        findings.refuse("several_places", parts[0].line, given=listed(places[:5]))
    return parts


def _one_year(parts: list[Record], shape: Layout, findings: Findings) -> list[Record]:
    if "year" in shape.keys:
        return parts
    years = sorted({record.keys["year"] for record in parts if "year" in record.keys})
    if len(years) > 1:
        findings.refuse("several_years", parts[0].line, given=listed(years))
    return parts


def _scale(
    parts: list[Record],
    grid: SheetGrid,
    shape: Layout,
    stated: Unit | None,
    asks: bool,
    origin: str,
    findings: Findings,
) -> Unit | None:
    """Unit of the numbers that have none in their own column; None with the question noted."""
    count = shape.measure in COUNTS
    own = {record.unit for record in parts}
    fits = {one for one in own if one is not None and (one.base == "rate") != count}
    if None not in own and len(fits) == len(own):
        return next(iter(fits)) if len(fits) == 1 else Unit("persons" if count else "rate", 1.0, "")
    for record in parts:
        record.unit = record.unit if record.unit in fits else None
    for found in (stated, *(unit_in(title) for title in grid.titles), _of_origin(origin, shape.measure)):
        if found is not None and (found.base == "rate") != count:
            return found
    if stated is not None:
        findings.refuse("wrong_unit", grid.line, given=quoted(stated.shown))
        return None
    return _persons(parts, grid, shape, asks, findings) if count else Unit("rate", 1.0, "per person")


def _of_origin(origin: str, measure: str) -> Unit | None:
    """What the United Nations publish in thousands, or per 1,000."""
    if origin == "un" and measure in COUNTS:
        return Unit("persons", 1e3, "thousands (UN)")
    return Unit("rate", 1e-3, "per 1,000 (UN)") if origin == "un" and measure == "asfr" else None


def _persons(parts: list[Record], grid: SheetGrid, shape: Layout, asks: bool, findings: Findings) -> Unit | None:
    """Persons where nothing else is possible; a table in the project's own columns is in persons."""
    persons = Unit("persons", 1.0, "persons")
    own = {column.head for column in grid.columns if column.head} <= set(shape.columns)
    whole = all(float(record.value or 0.0).is_integer() for record in parts)
    total = sum(abs(record.value or 0.0) for record in parts)
    if shape.measure != "population" or (own and not asks):
        return persons
    if whole and total >= _LOW_TOTAL:
        if own:
            return persons
        findings.note("said_persons", grid.line)
        return persons
    findings.refuse(
        "which_unit", grid.line, given=f"{total:,.12g}", how=Text("人、千人、万人", "persons, thousands, 10000")
    )
    return None
