"""What was published of the residents, as rows of its own below those of the projection."""

from __future__ import annotations

from collections.abc import Sequence

from demo_sim.report.measure import Measure
from demo_sim.report.phrases import cell, row
from demo_sim.report.reader import Reader
from demo_sim.report.sections.outcomes import outcome
from demo_sim.report.tree import Cell, TableRow, Trace

# A column of a table: a published series or the ratio of two of them, and how it is printed; None where none is.
PrintedAs = tuple[str | tuple[str, str], Measure] | None


def published_rows(reader: Reader, columns: Sequence[PrintedAs]) -> list[TableRow]:
    """A row for each year of which a figure was published and known to the run."""
    found = _places(reader)
    asked = {name for column in columns if column is not None for name in _names(column[0])}
    return [
        row(
            cell(reader.say(f"{year}公布", f"{year} published"), key=year + 0.5),
            *(_cell(reader, found, column, year) for column in columns),
        )
        for year in sorted({year for name, year in found if name in asked and year <= reader.known})
    ]


def published_note(reader: Reader) -> str:
    """What the rows of published figures are."""
    return reader.say(
        "注明“公布”的各行为统计部门等公布的数，只列已公布的项目，与测算数并列，不参与合计；出处见附件。",
        " Rows marked published are figures of the statistics office and others, beside the projection and in no sum; "
        "the annex has their sources.",
    )


def _names(series: str | tuple[str, str]) -> tuple[str, ...]:
    return (series,) if isinstance(series, str) else series


def _places(reader: Reader) -> dict[tuple[str, int], int]:
    """Rows of the table of published figures by series and year, of the years that the run projects itself."""
    rows = reader.outcomes
    if not len(rows):
        return {}
    named = zip(rows["series"], rows["year"], strict=True)
    return {(str(s), int(y)): i for i, (s, y) in enumerate(named) if reader.first < int(y) <= reader.last}


def _cell(reader: Reader, found: dict[tuple[str, int], int], column: PrintedAs, year: int) -> Cell:
    if column is None or any((name, year) not in found for name in _names(column[0])):
        return cell("—", key=0.0)
    over, *below = (outcome(found[name, year], "published") for name in _names(column[0]))
    trace = Trace(over.path, over.where, over.statistic, over=below[0]) if below else over
    return cell(column[1].bare(reader, trace))
