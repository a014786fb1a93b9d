"""Rows of the census tables: one place is found without reading the others."""

from __future__ import annotations

import csv
import io
from functools import cache, lru_cache
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"
SEXES = ("male", "female")
AGES = ("0", "1-4", *(f"{a}-{a + 4}" for a in range(5, 85, 5)), "85+")  # of counties
OLDER_AGES = ("0", "1-4", *(f"{a}-{a + 4}" for a in range(5, 100, 5)), "100+")  # of provinces
NATION = "000000"
CensusCells = dict[str, list[int]]  # by sex, one number an age group


@cache
def _raw(name: str) -> bytes:
    return b"\n" + (DATA / name).read_bytes()


@cache
def table_heading(name: str) -> str:
    """First line of a table: publisher, licence, date, status."""
    return _raw(name)[1:].split(b"\n", 1)[0].decode("utf-8").lstrip("# ")


@cache
def source(name: str) -> str:
    """Publisher and date of a table."""
    parts = dict(part.strip().split(": ", 1) for part in table_heading(name).split(";") if ": " in part)
    return f"{parts['publisher']}, {parts['date']}"


@cache
def _columns(name: str) -> tuple[str, ...]:
    return tuple(_raw(name)[1:].split(b"\n", 2)[1].decode("utf-8").split(","))


@lru_cache(maxsize=4096)
def census_row(name: str, code: str) -> dict[str, str] | None:
    """Row of a place in a table, or None where it has none."""
    raw = _raw(name)
    start = raw.find(f"\n{code},".encode())
    if start < 0:
        return None
    end = raw.find(b"\n", start + 1)
    cells = next(csv.reader([raw[start + 1 : None if end < 0 else end].decode("utf-8")]))
    return dict(zip(_columns(name), cells, strict=True))


def rows(name: str) -> list[dict[str, str]]:
    """All rows of a table."""
    text = _raw(name)[1:].split(b"\n", 1)[1].decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def counted(code: str, year: int) -> CensusCells | None:
    """People of a place by sex and the ages of counties, at the census of 2010 or 2020."""
    found = census_row(f"census_{year}.csv", code)
    return None if found is None else {sex: [int(found[f"{sex}_{age}"]) for age in AGES] for sex in SEXES}


@cache
def _provinces(measure: str) -> dict[tuple[str, str, str, str], list[int]]:
    return {
        (r["census"], r["code"], r["residence"], r["sex"]): [int(r[age]) for age in OLDER_AGES]
        for r in rows(f"province_{measure}.csv")
    }


def of_province(code: str, measure: str, year: int = 2020) -> dict[tuple[str, str], list[int]]:
    """People (`population`) or reported `deaths` of a province, or the nation, by residence and sex in 22 ages."""
    table = _provinces(measure)
    out = {}
    for sex in SEXES:
        city, town, rural = (table[str(year), code, residence, sex] for residence in ("city", "town", "rural"))
        out["urban", sex] = [a + b for a, b in zip(city, town, strict=True)]
        out["rural", sex] = list(rural)
    return out
