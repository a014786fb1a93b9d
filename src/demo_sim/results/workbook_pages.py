"""Sheets of a workbook that are printed: a cover, and tables as a document has them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_A4 = 9
_LONGEST_NAME = 31
_LINE = 15  # points, height of a line of text
_COVER = (50, 76)
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True)
class PageCell:
    """One cell.

    Attributes
    ----------
    value : a number, or text
    number_format : of Excel, for a number
    """

    value: float | str
    number_format: str = ""


@dataclass(frozen=True)
class Page:
    """One printed table.

    Attributes
    ----------
    name : of the sheet
    title : above the table
    heads : of its columns
    rows : cells, or one text for a row that heads those under it
    widths : of the columns, in characters
    right : which columns hold numbers; their text (a band, a dash) stands at the right as well
    note : under the table
    """

    name: str
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[PageCell] | str]
    widths: Sequence[float]
    right: Sequence[bool]
    note: str = ""


@dataclass
class Cover:
    """What stands on the first sheet: title, lines, and the sheets that follow with what they hold."""

    title: str
    lines: list[str]
    sheets: list[tuple[str, str]] = field(default_factory=list)


def text_width(text: str) -> int:
    """Width of a text in characters, Chinese ones counted twice."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def row_height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """Height of a row in which each text is broken into its column."""
    lines = (math.ceil(text_width(text) / max(width - 2, 1)) for text, width in zip(texts, widths, strict=True))
    return _LINE * max([1, *lines]) + 2


def sheet_name(text: str, taken: Sequence[str]) -> str:
    """A name that Excel takes and no other sheet has."""
    plain = _FORBIDDEN.sub(" ", text).strip().strip("'")[:_LONGEST_NAME].strip() or "-"
    name, number = plain, 2
    while name.lower() in {one.lower() for one in taken}:
        name = f"{plain[: _LONGEST_NAME - 3]} {number}"
        number += 1
    return name


class Printed:
    """Writes sheets that are printed into a workbook."""

    def __init__(self, book: Workbook, lang: str) -> None:
        self.book, self.lang = book, lang
        self._formats: dict[tuple[tuple[str, object], ...], Format] = {}

    def _format(self, **how: object) -> Format:
        key = tuple(sorted(how.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"valign": "vcenter", **how})
        return self._formats[key]

    def cover(self, cover: Cover) -> None:
        """The first sheet."""
        sheet = self.book.add_worksheet("封面" if self.lang == "zh" else "Cover")
        for column, width in enumerate(_COVER):
            sheet.set_column(column, column, width)
        sheet.write_string(0, 0, cover.title, self._format(bold=True, font_size=16))
        row = 2
        for line in cover.lines:
            sheet.merge_range(row, 0, row, 1, line, self._format(text_wrap=True))
            sheet.set_row(row, row_height([line], [_COVER[0] + _COVER[1]]))
            row += 1
        row += 1
        heads = ("工作表", "内容") if self.lang == "zh" else ("Sheet", "Content")
        for column, head in enumerate(heads):
            sheet.write_string(row, column, head, self._format(bold=True, bottom=1))
        for row, (name, content) in enumerate(cover.sheets, start=row + 1):  # noqa: B020
            quoted = name.replace("'", "''")
            sheet.write_url(row, 0, f"internal:'{quoted}'!A1", string=name)
            sheet.write_string(row, 1, content, self._format(text_wrap=True))
        self._page(sheet, row, 1)

    def page(self, page: Page) -> None:
        """A table with its title, heads that stay and repeat, and a note."""
        sheet = self.book.add_worksheet(page.name)
        last = len(page.heads) - 1
        sheet.write_string(0, 0, page.title, self._format(bold=True, font_size=13))
        for column, (head, width) in enumerate(zip(page.heads, page.widths, strict=True)):
            sheet.set_column(column, column, width)
            align = "right" if page.right[column] else "left"
            style = self._format(bold=True, text_wrap=True, top=1, bottom=1, align=align, indent=int(align == "left"))
            sheet.write_string(1, column, head, style)
        sheet.set_row(1, row_height(page.heads, page.widths))
        row = 1
        for row, cells in enumerate(page.rows, start=2):
            if isinstance(cells, str):
                sheet.write_string(row, 0, cells, self._format(bold=True, bg_color="#F4F6F8"))
                for column in range(1, last + 1):
                    sheet.write_blank(row, column, None, self._format(bg_color="#F4F6F8"))
                continue
            sheet.set_row(
                row, row_height([cell.value if isinstance(cell.value, str) else "" for cell in cells], page.widths)
            )
            for column, cell in enumerate(cells):
                if isinstance(cell.value, str):
                    align = "right" if page.right[column] else "left"
                    style = self._format(text_wrap=True, align=align, indent=int(align == "left"))
                    sheet.write_string(row, column, cell.value, style)
                else:
                    style = self._format(num_format=cell.number_format, align="right")
                    sheet.write_number(row, column, cell.value, style)
        if page.note:
            row += 1
            wide = sum(page.widths)
            sheet.merge_range(row, 0, row, max(last, 1), page.note, self._format(text_wrap=True, font_size=9, top=1))
            sheet.set_row(row, row_height([page.note], [wide]))
        sheet.freeze_panes(2, 1)
        sheet.repeat_rows(0, 1)
        self._page(sheet, row, max(last, 1))

    def _page(self, sheet: Worksheet, row: int, column: int) -> None:
        """A4 landscape, as wide as the paper, with page numbers."""
        sheet.set_paper(_A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer("&C第&P页，共&N页" if self.lang == "zh" else "&CPage &P of &N")
        sheet.print_area(0, 0, row, column)
