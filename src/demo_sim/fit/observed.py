"""Observed tables of a fit: CSV with declared columns; the first line names publisher, licence and date."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from demo_sim.scenario.fitted import digest_of
from demo_sim.scenario.messages import Problems, listed, nearest, quoted
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.textfile import read_text
from demo_sim.tables.findings import SHOWN_OF_A_KIND
from demo_sim.tables.layouts import read_age
from demo_sim.tables.numbers import number

_WHOLE = frozenset({"year"})
AGE, AGE_TO = "age", "age_to"
DATE = "date"
WORDS = frozenset({"sex", "group", "place"})


@dataclass(frozen=True)
class Observed:
    """A table that was read.

    Attributes
    ----------
    file : as the spec names it
    digest : SHA-256 of the file
    publisher : from its first line; empty where it says none
    columns : numbers or words, all of one length; of ages the lowest, and as `age_to` the highest; of dates the
        year-ends up to them, and as `year` the year
    """

    file: str
    digest: str
    publisher: str
    columns: dict[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def grid(self, value: str, rows: str = "age", columns: str = "year") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Values by two keys: (row, column), and the keys; NaN where there is none."""
        down, across = np.unique(self[rows]), np.unique(self[columns])
        out = np.full((down.size, across.size), np.nan)
        out[np.searchsorted(down, self[rows]), np.searchsorted(across, self[columns])] = self[value]
        return out, down, across

    def of(self, **keys: object) -> Observed:
        """The rows that have these keys."""
        here = np.ones(len(next(iter(self.columns.values()))), bool)
        for key, value in keys.items():
            here &= self[key] == value
        return Observed(self.file, self.digest, self.publisher, {name: col[here] for name, col in self.columns.items()})


def read_observed(
    path: Path, named: str, columns: tuple[str, ...], where: Location, problems: Problems
) -> Observed | None:
    """Table of a file, or None with the problems noted.

    Parameters
    ----------
    path
        The file.
    named
        As the spec names it.
    columns
        That it must have; years and ages are whole numbers, some are words, the rest numbers.
    where
        Where the spec names it.
    problems
        Takes what is wrong.
    """
    text = read_text(path, problems, where)
    if text is None:
        return None
    before, file = len(problems.found), shown_path(path)
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    head = [line for line in text.splitlines() if line.startswith("#")]
    rows = list(csv.reader(io.StringIO("\n".join(line for _, line in lines))))
    if len(rows) < 2:
        problems.add(Location(file, 0), "empty_file")
        return None
    names = [name.strip() for name in rows[0]]
    for name in columns:
        if name not in names:
            near = nearest(name, names)
            problems.add_text(
                Location(file, lines[0][0]),
                f"缺少“{name}”列{near.zh}；应有：{listed(columns).zh}",
                f'the column "{name}" is missing{near.en}; there should be {listed(columns).en}',
            )
    if len(problems.found) > before:
        return None
    found: dict[str, list[object]] = {name: [] for name in columns}
    wrong = 0
    seen: dict[tuple[object, ...], int] = {}
    for (line, _), row in zip(lines[1:], rows[1:], strict=True):
        for name in columns:
            cell = row[names.index(name)].strip() if names.index(name) < len(row) else ""
            value = _value(cell, name, found)
            if value is None or value == "":
                wrong += 1
                if wrong <= SHOWN_OF_A_KIND:
                    kind = _KINDS.get(name, "want_whole" if name in _WHOLE else "want_number")
                    problems.add(Location(file, line, name), kind, given=quoted(cell), hint="")
                value = np.nan
            found[name].append(value)
        key = tuple(found[name][-1] for name in columns if name in (*_WHOLE, *WORDS, AGE, DATE))
        if key and key in seen:
            problems.add_text(
                Location(file, line), f"与第 {seen[key]} 行重复", f"the same row stands on line {seen[key]}"
            )
        seen[key] = line
    if len(problems.found) > before:
        return None
    arrays = {
        name: np.array(col, str if name in WORDS else int if name in (*_WHOLE, AGE, AGE_TO) else float)
        for name, col in found.items()
    }
    return Observed(named, digest_of(path), _publisher(head), arrays)


_KINDS = {AGE: "want_age", DATE: "want_date"}


def _value(cell: str, name: str, found: dict[str, list[object]]) -> str | float | int | None:
    """Value of a cell, or None where it is none of its column."""
    if name in WORDS:
        return cell
    if name == AGE:
        return _age(cell, found)
    return _date(cell, found) if name == DATE else _parsed(cell, name in _WHOLE)


def _date(cell: str, found: dict[str, list[object]]) -> float | None:
    """Year-ends up to a date, 2024.0 for 2024-12-31; the year goes into a column of its own."""
    try:
        day = date.fromisoformat(cell)
    except ValueError:
        found.setdefault("year", []).append(0)
        return None
    found.setdefault("year", []).append(day.year)
    first, last = date(day.year - 1, 12, 31), date(day.year, 12, 31)
    return day.year - 1 + (day - first).days / (last - first).days


def _age(cell: str, found: dict[str, list[object]]) -> int | None:
    """Lowest age of a cell; the highest goes into a column of its own, -1 for an open group."""
    age = read_age(cell)
    found.setdefault(AGE_TO, []).append(-1 if age is None or age[1] is None else age[1])
    return None if age is None else age[0]


def _parsed(cell: str, whole: bool) -> float | int | None:
    read = number(cell)
    if read is None or (whole and read.value != int(read.value)):
        return None
    return int(read.value) if whole else read.value


def _publisher(head: list[str]) -> str:
    """Publisher as the first line names it."""
    for line in head:
        for part in line.lstrip("# ").split(";"):
            key, sign, value = part.partition(":")
            if sign and key.strip() == "publisher":
                return value.strip()
    return ""
