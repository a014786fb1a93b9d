"""Figures of an office: its statistical form, or indicators by year; rows are known by name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from demo_sim.tables.findings import Findings
from demo_sim.tables.grid import HeadedColumn, SheetGrid
from demo_sim.tables.labels import is_note, squeezed, year
from demo_sim.tables.numbers import Unit, cell_hint, is_missing, number, unit, unit_in
from demo_sim.tables.reading import Opened, publisher_of
from demo_sim.tables.sheet import SheetRow

YEAR_END = 12
# Numberings of a form from the outermost in: 一、 (一) 1. (1) A I; 其中: and # go inside the row above.
_NUMBERINGS = (
    re.compile(r"[一二三四五六七八九十]+、"),
    re.compile(r"\([一二三四五六七八九十]+\)"),
    re.compile(r"\d{1,2}[.、](?!\d)"),
    re.compile(r"\(\d{1,2}\)"),
    re.compile(r"[a-h](?=[、.\s\u4e00-\u9fff])[、.]?"),
    re.compile(r"(?:iii|ii|iv|vi|v|i)(?=[、.\s\u4e00-\u9fff])[、.]?"),
)
_WITHIN = re.compile(r"^(其中|#|:|,|、)+")


class _Known(Protocol):
    """A row that the catalogue knows; names may have the headings above before them, with `/`."""

    @property
    def id(self) -> str: ...
    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def unit(self) -> str: ...
    @property
    def codes(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class OfficeFigure:
    """A number of the office with its name, the headings above, and what it is known as."""

    name: str
    under: tuple[str, ...]
    value: float
    unit: Unit | None
    year: int
    month: int
    line: int
    code: str = ""
    known: _Known | None = None


@dataclass
class Figures:
    """Figures of one sheet, in the order in which they stand; `publisher` as a note names it."""

    sheet: str
    title: str
    publisher: str = ""
    figures: list[OfficeFigure] = field(default_factory=list)

    @property
    def unknown(self) -> list[OfficeFigure]:
        """Those that the catalogue does not know."""
        return [figure for figure in self.figures if figure.known is None]


def are_figures(grid: SheetGrid) -> bool:
    """Whether a sheet lists indicators, rather than people or rates by age."""
    if grid.named("indicator") is not None:
        return True
    ages = grid.named("age") is not None or any("age" in column.fixed for column in grid.columns)
    return grid.named("year") is not None and not ages and not any(column.measure for column in grid.columns)


def read_figures(opened: Opened, known: Sequence[_Known]) -> Figures | None:
    """Figures of a sheet, or None with the findings noted.

    Parameters
    ----------
    opened
        The sheet with its head found.
    known
        Rows of the catalogue.
    """
    grid, findings = opened.grid, opened.findings
    out = Figures(opened.sheet.name, next(iter(grid.titles), ""), publisher_of(opened.sheet))
    names = _names_of(known)
    found = _by_row(opened) if grid.named("indicator") is not None else _by_column(grid, findings)
    out.figures = [_recognised(one, names, findings) for one in found]
    _check(out.figures, known, findings)
    if not findings.wrong and not any(figure.known for figure in out.figures):
        findings.refuse("no_figures", grid.line)
    findings.close()
    return None if findings.wrong else out


# What stands in the sheet.


def _by_row(opened: Opened) -> list[OfficeFigure]:
    """Figures where a row is an indicator: one column of a period, or a column for each year."""
    grid, findings = opened.grid, opened.findings
    indicator, stated, code = grid.named("indicator"), grid.named("unit"), grid.named("code")
    years = [column for column in grid.columns if "year" in column.fixed and not column.name]
    periods: list[tuple[HeadedColumn, int, int]] = [
        (column, _whole(column.fixed["year"]), YEAR_END) for column in years
    ]
    if not periods:
        stated_period = period([*grid.titles, opened.path.stem])
        amounts = grid.named("value")
        if amounts is None:
            findings.refuse("column_missing", grid.line, given="数量")
            return []
        if stated_period is None:
            findings.refuse("no_period", grid.line)
            return []
        of_year, of_month = stated_period
        if of_month != YEAR_END:
            findings.note("not_year_end", given=of_month, year=of_year)
        periods = [(amounts, of_year, of_month)]
    general = next((found for title in grid.titles if (found := unit_in(title))), None)
    assert indicator is not None
    outline = _Outline()
    out = []
    for row in grid.rows:
        text = row.cell(indicator.index)
        if not text.strip() or is_note(text):
            continue
        cells = [(column, when, month) for column, when, month in periods if not is_missing(row.cell(column.index))]
        named = unit(row.cell(stated.index)) if stated is not None else None
        name, bracketed = _without_unit(text)
        under = outline.place(name, heading=not cells)
        for column, when, month in cells:
            value = _number(row, column, findings)
            if value is not None:
                which = named or bracketed or column.unit or general
                mark = squeezed(row.cell(code.index)).upper() if code is not None else ""
                out.append(OfficeFigure(_bare(name), under, value, which, when, month, row.line, mark))
    return out


def _by_column(grid: SheetGrid, findings: Findings) -> list[OfficeFigure]:
    """Figures where a column is an indicator and a row a year."""
    years = grid.named("year")
    if years is None:
        findings.refuse("column_missing", grid.line, given="指标名称")
        return []
    general = next((found for title in grid.titles if (found := unit_in(title))), None)
    out = []
    for row in grid.rows:
        text = row.cell(years.index)
        when = year(text)
        if when is None:
            if text.strip() and not is_note(text) and any(number(cell) for cell in row.cells):
                findings.refuse("cell_year", row.line, years.index + 1, given=text, hint="")
            continue
        for column in grid.columns:
            if column.name or not column.head or is_missing(row.cell(column.index)):
                continue
            value = _number(row, column, findings)
            if value is not None:
                *above, name = [text for text in dict.fromkeys(column.texts) if text]
                name, bracketed = _without_unit(name)
                which = bracketed or column.unit or general
                out.append(OfficeFigure(_bare(name), tuple(map(_bare, above)), value, which, when, YEAR_END, row.line))
    return out


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def _number(row: SheetRow, column: HeadedColumn, findings: Findings) -> float | None:
    text = row.cell(column.index)
    found = number(text)
    if found is None:
        at = (row.line, column.index + 1)
        findings.refuse("cell_number", *at, name=column.head, given=text, hint=cell_hint(text))
    return None if found is None else found.value


def period(texts: list[str]) -> tuple[int, int] | None:
    """Year and month that the words above a form state.

    >>> period(["地区编码：430400000000  2019年12月"]), period(["2021年第二季度"]), period(["2020年度"])
    ((2019, 12), (2021, 6), (2020, 12))
    """
    text = squeezed(" ".join(texts))
    if match := re.search(r"(20\d\d)年?[^\d年]{0,20}0?(1[0-2]|[1-9])月", text):
        return int(match[1]), int(match[2])
    if match := re.search(r"(20\d\d)年第?([1-4一二三四])季", text):
        quarter = "一二三四".find(match[2]) + 1 or int(match[2])
        return int(match[1]), 3 * quarter
    if match := re.search(r"(20\d\d)年(度|末|底)", text):
        return int(match[1]), YEAR_END
    if match := re.search(r"(?<!\d)(20\d\d)[-.]?(0[1-9]|1[0-2])(?!\d)", text):
        return int(match[1]), int(match[2])
    return None


class _Outline:
    """Headings above a row, by the numbering of a form."""

    def __init__(self) -> None:
        self.above: list[tuple[int, str]] = []

    def place(self, text: str, heading: bool) -> tuple[str, ...]:
        """Headings above a row; the row becomes one for those below."""
        level = self._level(text, heading)
        self.above = [(depth, name) for depth, name in self.above if depth < level]
        under = tuple(name for _, name in self.above)
        self.above.append((level, _bare(text)))
        return under

    def _level(self, text: str, heading: bool) -> int:
        word = squeezed(text)
        inside = _WITHIN.match(word) is not None
        word = _WITHIN.sub("", word)
        for depth, pattern in enumerate(_NUMBERINGS):
            if pattern.match(word):
                return 10 * depth
        # A row without numbering belongs under the last numbered one; one without a figure holds those after it.
        numbered = max((depth for depth, _ in self.above if depth % 10 == 0), default=0)
        return numbered + (7 if inside else 5 if heading else 6)


def _bare(text: str) -> str:
    """A name without numbering, 其中, marks and blanks.

    >>> _bare("其中：（1）养老机构床位数"), _bare("A 城市低保人数*"), _bare("#镇")
    ('养老机构床位数', '城市低保人数', '镇')
    """
    word = _WITHIN.sub("", squeezed(text))
    for pattern in _NUMBERINGS:
        word = pattern.sub("", word, count=1) if pattern.match(word) else word
    return _WITHIN.sub("", word).strip("*:、.")


def _without_unit(text: str) -> tuple[str, Unit | None]:
    """A name and the unit in the brackets behind it."""
    plain = unicodedata.normalize("NFKC", text)
    match = re.fullmatch(r"(.*?\S)\s*\(([^()]*)\)\s*", plain, re.DOTALL)
    found = unit(match[2]) if match else None
    return (match[1], found) if match and found else (text, None)


# What is known of it.


def _names_of(known: Sequence[_Known]) -> dict[str, list[tuple[list[str], _Known]]]:
    """Known rows by their last name, those with headings first."""
    names: dict[str, list[tuple[list[str], _Known]]] = {}
    for one in known:
        for text in one.names:
            *above, name = [squeezed(part) for part in text.split("/")]
            names.setdefault(name, []).append((above, one))
    for rows in names.values():
        rows.sort(key=lambda row: -len(row[0]))
    return names


def _recognised(
    figure: OfficeFigure, names: dict[str, list[tuple[list[str], _Known]]], findings: Findings
) -> OfficeFigure:
    for above, known in names.get(figure.name, []):
        rest = iter(figure.under)
        if not all(any(word in heading for heading in rest) for word in above):
            continue
        if figure.unit is not None and figure.unit.base != known.unit:
            findings.note("unit_differs", figure.line, given=figure.name, unit=figure.unit.shown, allowed=known.unit)
            return figure
        factor = 1.0 if figure.unit is None else figure.unit.factor
        value = round(figure.value * factor, 9)
        when = (figure.year, figure.month, figure.line)
        return OfficeFigure(figure.name, figure.under, value, figure.unit, *when, figure.code, known)
    return figure


def _check(figures: list[OfficeFigure], known: Sequence[_Known], findings: Findings) -> None:
    """Codes are a check alone; one thing has one number."""
    owners = {code: one for one in known for code in one.codes}
    codes: dict[str, OfficeFigure] = {}
    first: dict[tuple[str, int], OfficeFigure] = {}
    for figure in figures:
        before = codes.setdefault(figure.code, figure) if figure.code else figure
        if before is not figure and before.name != figure.name:
            findings.note("code_twice", figure.line, code=figure.code, first=before.line)
        owner = owners.get(figure.code)
        if owner is not None and owner is not figure.known:
            other = owner.names[0].split("/")[-1]
            findings.note("code_of_other", figure.line, given=figure.name, code=figure.code, other=other)
        if figure.known is not None:
            same = first.setdefault((figure.known.id, figure.year), figure)
            if same is not figure and same.value != figure.value:
                findings.refuse("figure_twice", figure.line, given=figure.name, first=same.line)
