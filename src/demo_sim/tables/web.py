"""Tables of web pages: what many systems of offices export under the name of a workbook."""

from __future__ import annotations

from typing import Any

from demo_sim.tables.findings import Findings
from demo_sim.tables.sheet import InputSheet, SheetRow

_WIDEST = 1_000  # columns or rows that a cell may span


def web_tables(text: str, findings: Findings) -> list[InputSheet]:
    """Tables of a web page as sheets, spans laid out as merged cells."""
    from lxml import etree, html

    try:
        page = html.document_fromstring(text.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        findings.refuse("web_page")
        return []
    inner = [one for one in page.iter("table") if one.find(".//table") is None]
    sheets = [_sheet(str(i), one) for i, one in enumerate(inner, start=1)]
    found = [sheet for sheet in sheets if sheet.rows]
    if not found:
        findings.refuse("web_page")
    return found


def _sheet(name: str, table: Any) -> InputSheet:
    rows: list[SheetRow] = []
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = []
    below: dict[int, int] = {}  # of each column, rows that a cell above still covers
    for line, element in enumerate(table.iter("tr"), start=1):
        cells: list[str] = []
        for cell in element.iterchildren("td", "th"):
            _skip(cells, below)
            across, down = (_span(cell.get(key)) for key in ("colspan", "rowspan"))
            first = len(cells)
            cells += [" ".join(cell.text_content().split()), *[""] * (across - 1)]
            if across > 1 or down > 1:
                merged.append(((line, first), (line + down - 1, first + across - 1)))
            if down > 1:
                below.update(dict.fromkeys(range(first, first + across), down))
        _skip(cells, below)
        below = {column: left - 1 for column, left in below.items() if left > 1}
        if any(cells):
            rows.append(SheetRow(line, cells))
    return InputSheet(name, rows, merged, workbook=True)


def _skip(cells: list[str], below: dict[int, int]) -> None:
    """Blank cells where one of a row above reaches down."""
    while len(cells) in below:
        cells.append("")


def _span(text: str | None) -> int:
    return (
        min(max(int(text), 1), _WIDEST) if text is not None and text.strip().isascii() and text.strip().isdigit() else 1
    )
