"""Tables that a scenario names: read by `demo_sim.tables` in whatever shape they come, their places kept."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path

from demo_sim.errors import Problem
from demo_sim.scenario.messages import Problems
from demo_sim.scenario.model import InputTable
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.textfile import can_be_read
from demo_sim.tables.findings import SHOWN_OF_A_KIND
from demo_sim.tables.grades import Grades
from demo_sim.tables.reading import Read, Tidy
from demo_sim.tables.reading import read_table as read_as_it_comes


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


def table_of_file(
    path: Path,
    where: Location,
    layout: str,
    problems: Problems,
    *,
    interpolate: bool = False,
    sheet: str | None = None,
    unit: str | None = None,
    grades: Grades = (),
) -> tuple[InputTable | None, list[Problem]]:
    """Table of a file with numbers parsed, or None with the problems noted; and how it was read.

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
    sheet, unit
        Sheet of a workbook, and unit of the numbers, where the scenario names them.
    grades
        Labels of the table that stand for levels of ability, with their levels.
    """
    if not can_be_read(path, problems, where):
        return None, []
    found = path.stat()
    read = _read(path, (found.st_mtime_ns, found.st_size), layout, shown_path(path), where.path, sheet, unit, grades)
    problems.found += read.problems
    return None if read.table is None else table_of(read.table, path, where, interpolate), read.findings.notes


@lru_cache(maxsize=64)
def _read(
    path: Path,
    stamp: tuple[int, int],
    layout: str,
    shown: str,
    at: str,
    sheet: str | None,
    unit: str | None,
    grades: Grades,
) -> Read:
    """A file as it was read before; scenarios are loaded many times, and thousands of places share their tables."""
    return read_as_it_comes(path, layout, shown, at, sheet=sheet, unit_named=unit, grades=grades)


def table_of(tidy: Tidy, path: Path, where: Location, interpolate: bool = False) -> InputTable:
    """A table as scenarios hold it."""
    return InputTable(
        where.path,
        tidy.columns,
        tidy.lines,
        tidy.source,
        tidy.status,
        tidy.licence,
        path.absolute(),
        where,
        interpolate,
    )
