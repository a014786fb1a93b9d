"""The tables of the chapter as printed sheets of a workbook: the same figures, with years as columns."""

from __future__ import annotations

from collections.abc import Sequence

from demo_sim.report.tree import Cell, Number, Report, Table, TableRow, caption_name, number_captions, words
from demo_sim.results.rounding import MINUS
from demo_sim.results.workbook_pages import Cover, Page, PageCell, sheet_name, text_width

_YEAR_HEADS = ("年末", "Year-end")  # a table whose rows are years
_PARTS = {"table.ages": 3}  # tables whose first so many columns are the parts of one whole
_NARROW, _WIDE, _UNIT = 10.0, 40.0, 16.0
_FIRST, _YEAR, _FEW = 24.0, 8.2, 8  # of a table with years as columns: its first, the others where they are many


def report_pages(report: Report) -> tuple[Cover, list[Page]]:
    """Cover and sheets of the report of a run: what a planner prints.

    Every number is the one that the document prints, as a number of Excel in the same unit with the same decimals.
    """
    lang = report.lang
    number_captions(report)
    tables = [block for block in report.all_blocks() if isinstance(block, Table)]
    pages: list[Page] = []
    for table in tables:
        pages.append(_page(table, lang, [page.name for page in pages]))
    lines = [f"{report.subtitle}", *(f"{name}{'：' if lang == 'zh' else ': '}{value}" for name, value in report.facts)]
    return Cover(report.title, [line for line in lines if line]), pages


def _page(table: Table, lang: str, taken: Sequence[str]) -> Page:
    name = caption_name(table, lang)
    heads, rows = [column.head for column in table.columns], list(table.rows)
    numeric = [column.numeric for column in table.columns]
    cells: list[list[PageCell] | str]
    if heads[0] in _YEAR_HEADS:
        cells = [_entries([row.cells[column] for row in rows], lang) for column in range(1, len(heads))]
        named: list[list[PageCell] | str] = [
            [PageCell(head), *line] for head, line in zip(heads[1:], cells, strict=True) if isinstance(line, list)
        ]
        if table.key in _PARTS:
            named.insert(_PARTS[table.key], _total(named[: _PARTS[table.key]], lang))
        heads = [_series(lang), *(words(row.cells[0].parts, lang) for row in rows)]
        cells, numeric = named, [False, *[True] * len(rows)]
        widths = [_FIRST, *[_YEAR if len(rows) > _FEW else _NARROW] * len(rows)]
    else:
        cells = [_band(row, lang) if row.band else _entries(row.cells, lang) for row in rows]
        widths = _widths(table, numeric, lang)
    gap = "　" if lang == "zh" else ". "
    return Page(
        sheet_name(f"{name} {table.caption}", taken),
        f"{name}{gap}{table.caption}",
        heads,
        cells,
        widths,
        numeric,
        words(table.note, lang),
    )


def _series(lang: str) -> str:
    """Head of the column that names the series."""
    return "指标" if lang == "zh" else "Series"


def _band(row: TableRow, lang: str) -> str:
    return words(row.cells[0].parts, lang)


def _total(parts: Sequence[list[PageCell] | str], lang: str) -> list[PageCell]:
    """Sum of the parts as they are printed, which are rounded to add up."""
    lines = [line for line in parts if isinstance(line, list)]
    out = [PageCell("合计" if lang == "zh" else "Total")]
    for column in range(1, len(lines[0])):
        values = [line[column].value for line in lines]
        known = [value for value in values if isinstance(value, float)]
        digits = lines[0][column].number_format
        decimals = len(digits.partition(".")[2])
        out.append(PageCell(round(sum(known), decimals), digits) if len(known) == len(values) else PageCell("—"))
    return out


def _entries(cells: Sequence[Cell], lang: str) -> list[PageCell]:
    return [entry(cell, lang) for cell in cells]


def entry(cell: Cell, lang: str) -> PageCell:
    """A cell as Excel has it: a single number with what stands around it in its format, else the text."""
    text = words(cell.parts, lang)
    numbers = [i for i, part in enumerate(cell.parts) if isinstance(part, Number)]
    if len(numbers) != 1:
        return _year(text)
    before, after = (words(part, lang) for part in (cell.parts[: numbers[0]], cell.parts[numbers[0] + 1 :]))
    number = cell.parts[numbers[0]]
    assert isinstance(number, Number)
    shown = number.render(lang)
    value = _value(shown.removesuffix("%"))
    if value is None:
        return PageCell(text)
    percent = shown.endswith("%")
    digits = len(shown.removesuffix("%").partition(".")[2])
    body = ("#,##0" if (abs(value) >= 1000 and "," in shown) or abs(value) < 1000 else "0") + (
        f".{'0' * digits}" if digits else ""
    )
    body += "%" if percent else ""
    quoted = [f'"{part}"' if part else "" for part in (before, after)]
    plus = "+" if shown.startswith("+") else ""
    full = f"{quoted[0]}{plus}{body}{quoted[1]}"
    return PageCell(value / 100 if percent else value, full)


def _value(shown: str) -> float | None:
    """The number that a text is, as it is printed."""
    try:
        return float(shown.replace(",", "").replace(MINUS, "-").removeprefix("+"))
    except ValueError:
        return None


def _year(text: str) -> PageCell:
    """A year alone is a number without thousands."""
    return PageCell(float(text), "0") if text.isdecimal() and len(text) <= 4 else PageCell(text)


def _widths(table: Table, numeric: Sequence[bool], lang: str) -> list[float]:
    """Widths by what the columns hold."""
    out = []
    for column, (head, is_number) in enumerate(zip(table.columns, numeric, strict=True)):
        texts = (words(row.cells[column].parts, lang) for row in table.rows if not row.band)
        longest = max(map(text_width, texts), default=0)
        least = _NARROW if is_number else _UNIT / 2 if column else _FIRST / 2
        out.append(min(max(longest + 3.0, least, min(text_width(head.head) + 1.0, _UNIT)), _WIDE))
    return out
