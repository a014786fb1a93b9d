"""The model grid: residences, sexes, ages, years; and tables brought onto it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.demography.ages import Group
from demo_sim.scenario import InputTable

SEXES = ("male", "female")
BOTH = ("urban", "rural")


@dataclass(frozen=True)
class Grid:
    """Coordinates of a run; `years` are the steps, the year-ends are start - 1 and all of them."""

    residences: tuple[str, ...]
    ages: int
    start: int
    end: int

    @property
    def years(self) -> np.ndarray:
        """Calendar years of the steps."""
        return np.arange(self.start, self.end + 1)

    @property
    def times(self) -> np.ndarray:
        """Year-ends, start - 1 to end."""
        return np.arange(self.start - 1, self.end + 1)


def by_residence(grid: Grid, urban: np.ndarray) -> np.ndarray:
    """An urban share as shares of the residences; (residence, ...)."""
    parts = {"urban": urban, "rural": 1.0 - urban}
    return np.stack([parts[name] for name in grid.residences])


@dataclass(frozen=True)
class TableCells:
    """A table as {(year, residence, sex): (groups, values)}; a missing column is an empty key."""

    parts: dict[tuple[int, str, str], tuple[list[Group], np.ndarray]]

    @property
    def years(self) -> list[int]:
        """Years that occur, sorted."""
        return sorted({k[0] for k in self.parts})

    @property
    def residences(self) -> list[str]:
        """Residences that occur."""
        return sorted({k[1] for k in self.parts})


def cells(table: InputTable, value: str) -> TableCells:
    """Group the rows of a table by year, residence and sex, ages sorted."""
    columns = table.columns
    count = len(columns[value])
    years = columns.get("year", [0] * count)
    residences = columns.get("residence", [""] * count)
    sexes = columns.get("sex", [""] * count)
    gathered: dict[tuple[int, str, str], list[tuple[Group, float]]] = {}
    for i in range(count):
        gathered.setdefault((int(years[i]), residences[i], sexes[i]), []).append(
            (columns["age"][i], float(columns[value][i]))
        )
    parts = {}
    for key, rows in gathered.items():
        rows.sort(key=lambda pair: pair[0][0])
        parts[key] = ([g for g, _ in rows], np.array([v for _, v in rows]))
    return TableCells(parts)


def by_year(known: list[int], tables: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Tables of some years at other years: linear between, held outside; (year, ...)."""
    position = np.interp(years, known, np.arange(len(known)))
    before = np.floor(position).astype(int)
    after = np.minimum(before + 1, len(known) - 1)
    weight = (position - before).reshape(-1, *([1] * (tables.ndim - 1)))
    return np.asarray(tables[before] * (1.0 - weight) + tables[after] * weight)
