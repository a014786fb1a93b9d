"""`import`: published tables become the project's own, with words on what was understood."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from demo_sim.errors import InputError, Problem
from demo_sim.scenario.messages import Problems, make_problem
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.starter import write_files
from demo_sim.scenario.table_checks import check_table
from demo_sim.scenario.tables import table_of
from demo_sim.tables.layouts import LAYOUTS
from demo_sim.tables.reading import Tidy, read_table
from demo_sim.tables.writing import WRITTEN, csv_text, told
from demo_sim.wording import Text

KINDS = tuple(LAYOUTS)


@dataclass
class Imported:
    """What was read of published tables.

    Attributes
    ----------
    tables : by kind, in the project's own columns
    files : what was written, in order; empty where no folder was given
    """

    tables: dict[str, Tidy] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    said: list[Text] = field(default_factory=list)

    def lines(self, lang: str = "zh") -> list[str]:
        """What was understood, as the verb prints it."""
        return [text.en if lang == "en" else text.zh for text in self.said]


def import_table(
    *files: str | Path,
    kind: str | None = None,
    unit: str | None = None,
    sheet: str | None = None,
    out: str | Path | None = None,
) -> Imported:
    """Published tables, read as they come; the Python twin of `demo-sim import`.

    Parameters
    ----------
    files
        Workbooks (xlsx, xls, ods) and text (CSV, TSV, the fixed columns of the Human Mortality and
        Fertility Databases) in UTF-8, UTF-16, GBK and the like.
    kind
        What the tables hold, one of `KINDS`; left out, their heads say it.
    unit
        Unit of the numbers ("万人", "thousands", "‰") where a table does not say it.
    sheet
        Sheet of a workbook; may be left out where only one holds a table.
    out
        Folder to write to: one CSV a kind. Files there that this function did not write are left
        alone.

    Raises
    ------
    InputError
        A table cannot be read, or it is not known what its kind or unit is: with file, sheet, row
        and column.
    WriteError
        The folder cannot be written to.
    """
    result, problems = Imported(), Problems()
    contents: dict[Path, bytes] = {}
    for file in (Path(one) for one in files):
        table = _one(file, kind, unit, sheet, result, problems)
        if table is None:
            continue
        if table.kind in result.tables:
            where = Location(shown_path(file), 0)
            problems.add_text(where, f"已有一张同类的表（{table.kind}）", f"another table of this kind: {table.kind}")
        result.tables[table.kind] = table
        if out is not None:
            target = Path(out) / f"{table.kind}.csv"
            contents[target] = ("\ufeff" + csv_text(table, file.name)).encode("utf-8")
    problems.found += _taken(contents)
    if problems:
        raise InputError(problems.found)
    write_files(contents)
    result.files = list(contents)
    result.said += [Text(f"写出 {shown_path(path)}", f"written: {shown_path(path)}") for path in contents]
    return result


def _one(
    file: Path, kind: str | None, unit: str | None, sheet: str | None, result: Imported, problems: Problems
) -> Tidy | None:
    shown = shown_path(file)
    read = read_table(file, kind, shown, sheet=sheet, unit_named=unit)
    problems.found += read.problems
    if read.table is None:
        return None
    before = len(problems.found)
    check_table(table_of(read.table, file, Location(shown, 0)), read.table.kind, None, problems)
    if len(problems.found) > before:
        return None
    result.said += told(read.table, shown)
    result.said += [
        Text(f"  {_place(note)}{note.text_zh}", f"  {_place(note)}{note.text_en}") for note in read.findings.notes
    ]
    return read.table


def _place(note: Problem) -> str:
    return f"{note.line}: " if note.line else ""


def _taken(files: Iterable[Path]) -> list[Problem]:
    """Problems of files that are there and were not written by an import."""
    found = []
    for path in files:
        if path.exists():
            with path.open(encoding="utf-8-sig", errors="replace") as opened:
                begins = [opened.readline(200) for _ in range(2)]
            if not any(line.startswith(WRITTEN) for line in begins):
                found.append(make_problem(Location(shown_path(path), 0), "exists"))
    return found
