"""A content tree on the terminal: headings, sentences, tables cut to a screen."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from demo_sim.report.tree import Paragraph, Report, Table, caption_name, number_captions, words

_MOST_ROWS = 15


def print_report(report: Report, console: Console, full: str) -> None:
    """Print all sections of a report.

    Parameters
    ----------
    report : without charts
    console : where to
    full : name of the document that has the rows which are left out
    """
    lang = report.lang
    names = {key: caption_name(block, lang) for key, block in number_captions(report).items()}
    console.print(report.title, style="bold", highlight=False, markup=False)
    for section in report.sections:
        console.print()
        console.print(section.title, style="bold", highlight=False, markup=False)
        for block in section.all_blocks():
            if isinstance(block, Paragraph):
                console.print(words(block.parts, lang, names), highlight=False, markup=False)
            elif isinstance(block, Table):
                console.print(_grid(block, lang, full))


def _grid(table: Table, lang: str, full: str) -> Grid:
    zh = lang == "zh"
    left = len(table.rows) - _MOST_ROWS
    more = (f"另有{left}行，见 {full}。" if zh else f"{left} more rows in {full}. ") if left > 0 else ""
    grid = Grid(
        title=Text(f"{caption_name(table, lang)}{'　' if zh else '. '}{table.caption}"),
        caption=Text(more + words(table.note, lang)),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    for column in table.columns:
        grid.add_column(Text(column.head), justify="right" if column.numeric else "left", overflow="fold")
    for row in table.rows[:_MOST_ROWS]:
        grid.add_row(*(Text(words(cell.parts, lang)) for cell in row.cells))
    return grid
