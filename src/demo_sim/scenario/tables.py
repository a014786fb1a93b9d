"""Tables of a scenario: CSV files read cell by cell, every cell checked, lines kept."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from demo_sim.scenario.hints import age_hint, is_full_width, is_number, number_hint
from demo_sim.scenario.messages import NONE, Problems, Text, listed, nearest, quoted
from demo_sim.scenario.model import Table
from demo_sim.scenario.quantity import STATUSES, Location
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.textfile import read_text
from demo_sim.scenario.written import HIGHEST_AGE, LEVELS, RESIDENCES, SEXES

Age = tuple[int, int | None]
SHOWN_OF_A_KIND = 5


@dataclass(frozen=True)
class Layout:
    """Columns of one kind of table and the rules its ages follow.

    `ages` is `whole` (from 0 to an open group), `closed` (a range without open group) or
    `range` (any range).
    """

    keys: tuple[str, ...]
    measure: str
    optional: frozenset[str] = frozenset()
    ages: str = "whole"
    yearly: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, keys first."""
        return (*self.keys, self.measure)


LAYOUTS: dict[str, Layout] = {
    "population": Layout(("residence", "sex", "age"), "population", frozenset({"residence"})),
    "template": Layout(("date", "sex", "age"), "population"),
    "mortality": Layout(("year", "residence", "sex", "age"), "mx", frozenset({"residence"}), yearly=True),
    "standard": Layout(("year", "sex", "age"), "mx"),
    "fertility": Layout(("year", "residence", "age"), "asfr", frozenset({"residence"}), "closed", True),
    "schedule": Layout(("year", "age"), "asfr", ages="closed"),
    "migration": Layout(("year", "residence", "sex", "age"), "net_migration", frozenset({"residence"}), yearly=True),
    "prevalence": Layout(
        ("residence", "sex", "age", "function"), "prevalence", frozenset({"residence", "sex"}), "range"
    ),
}

_SYNONYMS = {
    "年份": "year",
    "年": "year",
    "城乡": "residence",
    "性别": "sex",
    "年龄": "age",
    "周岁": "age",
    "人口": "population",
    "人数": "population",
    "死亡率": "mx",
    "生育率": "asfr",
    "净迁移": "net_migration",
    "日期": "date",
    "患病率": "prevalence",
    "能力等级": "function",
    "gender": "sex",
    "pop": "population",
    "region": "residence",
    "death_rate": "mx",
}
_CODES = {
    "男": "male",
    "女": "female",
    "男性": "male",
    "女性": "female",
    "m": "male",
    "f": "female",
    "1": "male",
    "2": "female",
    "men": "male",
    "women": "female",
    "城镇": "urban",
    "城市": "urban",
    "乡村": "rural",
    "农村": "rural",
    "乡": "rural",
}
_NOMINAL = re.compile("虚岁|nominal", re.IGNORECASE)


class TableProblems:
    """Problems of one table: the first five of a kind are shown, the rest are counted."""

    def __init__(self, problems: Problems, file: str, path: str) -> None:
        self.problems = problems
        self.file = file
        self.path = path
        self.counts: Counter[str] = Counter()
        self.last: dict[str, int] = {}

    def add(self, line: int, key: str, **values: object) -> None:
        """Note problem `key` of a line."""
        self.counts[key] += 1
        self.last[key] = line
        if self.counts[key] <= SHOWN_OF_A_KIND:
            self.problems.add(Location(self.file, line, self.path), key, **values)

    def close(self) -> None:
        """Say how many were not shown."""
        for key, count in self.counts.items():
            if count > SHOWN_OF_A_KIND:
                where = Location(self.file, self.last[key], self.path)
                self.problems.add(where, "more", given=count - SHOWN_OF_A_KIND)


@dataclass
class _Heading:
    source: str
    licence: str = ""
    status: str = "assumed"
    lines: int = 0
    names: list[str] = field(default_factory=list)


def read_table(path: Path, where: Location, layout: str, problems: Problems, interpolate: bool = False) -> Table | None:
    """Table of a CSV file with numbers parsed, or None with the problems noted.

    Parameters
    ----------
    path
        The file.
    where
        Where the scenario names it.
    layout
        Kind of table, a key of `LAYOUTS`.
    problems
        Takes what is wrong.
    interpolate
        Whether the scenario allows missing years inside the range.
    """
    text = read_text(path, problems, where)
    if text is None:
        return None
    shape = LAYOUTS[layout]
    findings = TableProblems(problems, shown_path(path), where.path)
    before = len(problems.found)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error:
        findings.add(
            reader.line_num,
            "row_length",
            given="?",
            allowed=len(shape.columns),
            hint=Text("；引号没有成对", "; a quotation mark is not closed"),
        )
        return None
    heading = _read_heading(rows, path, shape, findings)
    if heading is None or len(problems.found) > before:
        return None
    columns, lines = _read_rows(rows[heading.lines :], heading, shape, findings)
    findings.close()
    if len(problems.found) > before:
        return None
    return Table(
        where.path,
        columns,
        lines,
        heading.source,
        heading.status,
        heading.licence,
        path.absolute(),
        where,
        interpolate,
    )


def _read_heading(
    rows: list[tuple[int, list[str]]], path: Path, shape: Layout, findings: TableProblems
) -> _Heading | None:
    heading = _Heading(source=path.name)
    while heading.lines < len(rows) and rows[heading.lines][1][0].lstrip().startswith("#"):
        line, cells = rows[heading.lines]
        if heading.lines == 0:
            _read_provenance(",".join(cells).lstrip("# "), line, heading, findings)
        heading.lines += 1
    if heading.lines == len(rows):
        findings.add(max(heading.lines, 1), "table_empty")
        return None
    line, cells = rows[heading.lines]
    heading.lines += 1
    heading.names = [cell.strip() for cell in cells]
    for sign, zh, en in (
        (";", "分号", "semicolons"),
        ("\t", "制表符", "tabs"),
        ("，", "全角逗号", "full-width commas"),
    ):
        if len(cells) == 1 and sign in cells[0]:
            findings.add(line, "table_separator", given=Text(zh, en))
            return None
    allowed = listed(shape.columns)
    for name, count in Counter(heading.names).items():
        if count > 1:
            findings.add(line, "column_repeated", given=name)
        if _NOMINAL.search(name):
            findings.add(line, "nominal_age", given=name)
        elif name not in shape.columns:
            meant = _SYNONYMS.get(name.lower(), name)
            near = nearest(meant, [item for item in shape.columns if item not in heading.names], name)
            findings.add(line, "column_unknown", given=name, near=near, allowed=allowed)
    for name in shape.columns:
        if name not in heading.names and name not in shape.optional:
            findings.add(line, "column_missing", given=name)
    if len(rows) == heading.lines:
        findings.add(line, "table_empty")
    return heading


def _read_provenance(text: str, line: int, heading: _Heading, findings: TableProblems) -> None:
    """`publisher: ...; licence: ...; date: ...; status: ...`, each part optional."""
    parts = dict(re.findall(r"(publisher|licence|date|status)\s*[:：]\s*(.*?)\s*(?=[;；]\s*\w+\s*[:：]|$)", text))
    if "publisher" in parts:
        heading.source = ", ".join(parts[key].rstrip(";；, ") for key in ("publisher", "date") if parts.get(key))
    heading.licence = parts.get("licence", "").rstrip(";；, ")
    if "status" in parts:
        heading.status = re.split(r"[\s;；,]", parts["status"])[0]
        if heading.status not in STATUSES:
            findings.add(line, "header_form", given=quoted(heading.status), allowed=listed(STATUSES))


def _read_rows(
    rows: list[tuple[int, list[str]]], heading: _Heading, shape: Layout, findings: TableProblems
) -> tuple[dict[str, list[Any]], list[int]]:
    names = heading.names
    columns: dict[str, list[Any]] = {name: [] for name in names}
    lines: list[int] = []
    parsers = {name: _parser(name, shape, findings) for name in names}
    for line, cells in rows:
        if len(cells) != len(names):
            hint = NONE
            if len(cells) > len(names):
                hint = Text("；数字里不要用千位分隔符", "; no thousands separators in numbers")
            findings.add(line, "row_length", given=len(cells), allowed=len(names), hint=hint)
            continue
        lines.append(line)
        for name, cell in zip(names, cells, strict=True):
            columns[name].append(parsers[name](cell.strip(), line))
    return columns, lines


Parser = Callable[[str, int], Any]


def _parser(name: str, shape: Layout, findings: TableProblems) -> Parser:
    codes = {"sex": SEXES, "residence": RESIDENCES, "function": LEVELS}
    if name in codes:
        return _code_parser(name, codes[name], findings)
    if name == "age":
        return _age_parser(findings)
    if name == "year":
        return _year_parser(findings)
    if name == "date":
        return _date_parser(findings)
    return _measure_parser(name, findings)


def _code_parser(name: str, codes: tuple[str, ...], findings: TableProblems) -> Parser:
    def parse(cell: str, line: int) -> str:
        if cell not in codes:
            meant = _CODES.get(cell.lower(), cell.lower())
            findings.add(
                line, "cell_code", column=name, given=cell, near=nearest(meant, codes, cell), allowed=listed(codes)
            )
        return cell

    return parse


def parse_age(text: str) -> Age | None:
    """Lowest and highest age of `37`, `35-39` or `100+` (highest None); None where it is none of them."""
    match = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3})|(\+))?", text, re.ASCII)
    if match is None:
        return None
    low = int(match[1])
    high = None if match[3] else int(match[2] or match[1])
    return (low, high) if low <= HIGHEST_AGE and (high is None or high >= low) else None


def _age_parser(findings: TableProblems) -> Parser:
    known: dict[str, Age] = {}

    def parse(cell: str, line: int) -> Age:
        age = known.get(cell) or parse_age(cell)
        if age is None:
            findings.add(line, "cell_age", given=cell, hint=age_hint(cell))
            return (0, 0)
        known[cell] = age
        return age

    return parse


def _year_parser(findings: TableProblems) -> Parser:
    def parse(cell: str, line: int) -> int:
        if not re.fullmatch(r"(18|19|20|21)\d\d", cell, re.ASCII):
            findings.add(line, "cell_year", given=cell, hint=number_hint(cell) if is_full_width(cell) else NONE)
            return 0
        return int(cell)

    return parse


def _date_parser(findings: TableProblems) -> Parser:
    def parse(cell: str, line: int) -> date:
        try:
            return date.fromisoformat(cell)
        except ValueError:
            findings.add(line, "cell_date", given=cell)
            return date.min

    return parse


def _measure_parser(name: str, findings: TableProblems) -> Parser:
    def parse(cell: str, line: int) -> float:
        if not is_number(cell) or abs(float(cell)) == float("inf"):
            findings.add(line, "cell_number", column=name, given=cell, hint=number_hint(cell))
            return 0.0
        number = float(cell)
        if number < 0 and name != "net_migration":
            findings.add(line, "cell_negative", column=name, given=cell)
        if name == "prevalence" and number > 1:
            hint = Text(f"；看来是百分数，请写 {number / 100:g}", f"; it looks like per cent, write {number / 100:g}")
            findings.add(line, "cell_share", column=name, given=cell, hint=hint if number <= 100 else NONE)
        return number

    return parse


def age_text(age: Age) -> str:
    """An age group as it is written in tables."""
    low, high = age
    if high is None:
        return f"{low}+"
    return f"{low}" if low == high else f"{low}-{high}"
