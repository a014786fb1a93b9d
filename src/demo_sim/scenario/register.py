"""The assumptions register: rows by id and region, and the rules for a region without its own."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from demo_sim.scenario.fields import Label
from demo_sim.scenario.quantity import Row

LENDER = "Hunan"
COMMON = ("all", "China")
BORROWED_BAND = 1.5
COUNT_UNITS = {
    "persons",
    "persons a year",
    "households",
    "beds",
    "units",
    "person-times",
    "person-times a year",
    "posts",
    "m2 a year",
}
META_COLUMNS = [
    "id",
    "region",
    "label_zh",
    "label_en",
    "unit",
    "year",
    "status",
    "reason",
    "source",
    "affects",
]
VALUE_COLUMNS = [
    "id",
    "region",
    "year",
    "cohort",
    "sex",
    "residence",
    "age",
    "level",
    "name",
    "value",
    "low",
    "high",
    "status",
]


@dataclass(frozen=True)
class Assumption:
    """One quantity of the register for one region, without its numbers."""

    id: str
    region: str
    label: Label
    unit: str
    year: str
    status: str
    reason: str
    source: str
    affects: str


@dataclass(frozen=True)
class Taken:
    """What a look-up gave: the entry, its rows, and whether they were borrowed from Hunan."""

    entry: Assumption
    rows: tuple[Row, ...]
    borrowed: bool = False


@dataclass(frozen=True)
class Register:
    """Entries and rows by (id, region)."""

    entries: Mapping[tuple[str, str], Assumption]
    rows: Mapping[tuple[str, str], tuple[Row, ...]]
    files: tuple[Path, ...] = ()

    @property
    def ids(self) -> list[str]:
        """All ids, in the order of the file."""
        return list(dict.fromkeys(key for key, _ in self.entries))

    @property
    def regions(self) -> list[str]:
        """Names of the regions that have rows of their own."""
        return [name for name in dict.fromkeys(region for _, region in self.entries) if name not in COMMON]

    def entry(self, id_: str, region: str = "") -> Assumption | None:
        """Entry of an id for a region, else the common one, else Hunan's, else any."""
        for name in (region, *COMMON, LENDER):
            if (id_, name) in self.entries:
                return self.entries[id_, name]
        return next((item for (key, _), item in self.entries.items() if key == id_), None)

    def take(self, id_: str, region: str) -> Taken | None:
        """Rows of an id for a region: its own, else common ones, else Hunan's as `borrowed`.

        A count is given back with `borrowed` set too: the caller refuses it.
        """
        for name in (region, *COMMON):
            if name and (id_, name) in self.rows:
                return Taken(self.entries[id_, name], self.rows[id_, name])
        if (id_, LENDER) not in self.rows:
            return None
        entry = self.entries[id_, LENDER]
        rows = tuple(widen(row, entry.unit) for row in self.rows[id_, LENDER])
        return Taken(entry, rows, borrowed=True)


def widen(row: Row, unit: str) -> Row:
    """Row as a region without its own takes it: the band 1.5 times as wide on the scale of the draw.

    Shares are widened on the logit, other positive numbers on the log, the rest as they stand.
    """
    lent = replace(row, status="borrowed")
    if row.low is None or row.high is None:
        return lent
    numbers = (row.low, row.value, row.high)
    if unit.startswith("share") and all(0 < number < 1 for number in numbers):
        low, high = _stretch(numbers, lambda p: math.log(p / (1 - p)), lambda x: 1 / (1 + math.exp(-x)))
    elif not unit.startswith("share") and all(number > 0 for number in numbers):
        low, high = _stretch(numbers, math.log, math.exp)
    else:
        low, high = _stretch(numbers, lambda x: x, lambda x: x)
        if unit.startswith("share"):
            low, high = max(low, 0.0), min(high, 1.0)
    return replace(lent, low=low, high=high)


def _stretch(
    numbers: tuple[float, float, float], there: Callable[[float], float], back: Callable[[float], float]
) -> tuple[float, float]:
    low, value, high = (there(number) for number in numbers)
    return back(value + BORROWED_BAND * (low - value)), back(value + BORROWED_BAND * (high - value))


def read_register(folder: Path) -> Register:
    """Register of a folder with `register.csv` and `values.csv`."""
    files = (folder / "register.csv", folder / "values.csv")
    return _read(files, tuple(file.stat().st_mtime_ns for file in files))


@lru_cache(maxsize=4)
def _read(files: tuple[Path, Path], stamp: tuple[int, ...]) -> Register:
    entries: dict[tuple[str, str], Assumption] = {}
    for item in _records(files[0], META_COLUMNS):
        label = Label(zh=item.pop("label_zh"), en=item.pop("label_en"))
        entries[item["id"], item["region"]] = Assumption(label=label, **item)
    rows: dict[tuple[str, str], list[Row]] = {}
    for item in _records(files[1], VALUE_COLUMNS):
        key = (item["id"], item["region"])
        row = Row(
            value=float(item["value"]),
            low=_number(item["low"]),
            high=_number(item["high"]),
            year=int(item["year"]) if item["year"] else None,
            cohort=item["cohort"],
            sex=item["sex"],
            residence=item["residence"],
            age=item["age"],
            level=item["level"],
            name=item["name"],
            id=item["id"],
            status=item["status"] or entries[key].status,
        )
        rows.setdefault(key, []).append(row)
    return Register(entries, {key: tuple(items) for key, items in rows.items()}, files)


def _records(file: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    text = file.read_bytes().decode("utf-8-sig")
    return [{name: item[name] for name in columns} for item in csv.DictReader(io.StringIO(text))]


def _number(text: str) -> float | None:
    return float(text) if text else None
