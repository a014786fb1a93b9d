"""The assumptions register: rows by id and region, and the rules for a region without its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from demo_sim.places.census import NATION
from demo_sim.scenario.borrowing import ANCHORS, PATHS, Shift, widen
from demo_sim.scenario.fields import Label
from demo_sim.scenario.quantity import Row

LENDER = "Hunan"
# Regions with rows of their own, by name, and the places they are.
PLACES = {"Hunan": "430000", "Suzhou": "320500", "Kaiping": "440783", "Baodi": "120115", "Jiuyuan": "150207"}
COMMON = ("all", "China")
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
    """What a look-up gave: the entry, its rows, whether they were borrowed from Hunan, and the region's
    own start that a borrowed path was brought to."""

    entry: Assumption
    rows: tuple[Row, ...]
    borrowed: bool = False
    start: Assumption | None = None


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

    def take(self, id_: str, region: str, known_until: int | None = None) -> Taken | None:
        """Rows of an id for a region: its own, else common ones, else Hunan's as `borrowed`.

        A borrowed path is the change from the region's own start, of the nation as far as the register has it. A count
        is given back with `borrowed` set too: the caller refuses it. Observations after `known_until` are not lent.
        """
        for name in (region, *COMMON):
            if name and (id_, name) in self.rows:
                return Taken(self.entries[id_, name], self.rows[id_, name])
        lends = NATION if id_ in ANCHORS and (id_, NATION) in self.rows else LENDER
        if (id_, lends) not in self.rows:
            return None
        entry = self.entries[id_, lends]
        rows = tuple(row for row in self.rows[id_, lends] if not row.observed_after(known_until))
        start = self.entries.get((ANCHORS.get(id_, ""), region))
        if start is None:
            return Taken(entry, tuple(widen(row, entry.unit) for row in rows), borrowed=True)
        lender = [row for key in (start.id, *PATHS.get(start.id, ())) for row in self.rows.get((key, lends), ())]
        own = [row for row in self.rows[start.id, region] if not row.observed_after(known_until)]
        shift = Shift(own, lender, entry.unit)
        return Taken(entry, tuple(shift.apply(row) for row in rows), borrowed=True, start=start)


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
