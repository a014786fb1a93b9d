"""Rates at single ages, roughly: steps inside age groups. A run draws curves; the level is the same."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from demo_sim.scenario.model import InputTable
from demo_sim.tables.layouts import Age

PLAIN_AGES = 101  # 0 to 100 and over
OLD_RISE = 0.1  # yearly rise of the log of death rates where a table has ended
_HIGHEST_MX = 0.7
HIGHEST = 2.0  # a rate at which nobody lives to the next birthday
_LEVELS = (0.02, 10.0)  # factors on a pattern that a run tries, see `demography.lifetable.e0_range`

Cell = tuple[int, str, str]  # year, residence, sex; 0 and empty where a table does not tell


def rates_by_cell(table: InputTable, measure: str) -> dict[Cell, list[tuple[Age, float]]]:
    """Rows of a table by year, residence and sex, sorted by age."""
    columns, count = table.columns, len(table)
    years, residences, sexes = (
        columns.get(name, [blank] * count) for name, blank in (("year", 0), ("residence", ""), ("sex", ""))
    )
    out: dict[Cell, list[tuple[Age, float]]] = {}
    for year, residence, sex, age, value in zip(
        years, residences, sexes, columns["age"], columns[measure], strict=True
    ):
        out.setdefault((int(year), residence, sex), []).append((age, value))
    for rows in out.values():
        rows.sort(key=lambda row: row[0][0])
    return out


def between(years: Iterable[int], year: int) -> list[tuple[int, float]]:
    """Years of a table that a year lies between, with their weights; held before the first and after the last."""
    known = sorted(set(years))
    before, after = [y for y in known if y <= year], [y for y in known if y > year]
    if not before or not after:
        return [((before[-1:] or after)[0], 1.0)]
    weight = (year - before[-1]) / (after[0] - before[-1])
    return [(before[-1], 1.0 - weight), (after[0], weight)]


def steps(rows: Sequence[tuple[Age, float]], width: bool = False) -> list[float]:
    """Values at single ages, the same inside a group; with `width` shared out evenly."""
    out = [0.0] * PLAIN_AGES
    for (first, last), value in rows:
        end = min(PLAIN_AGES - 1 if last is None else last, PLAIN_AGES - 1)
        part = value / max(end - first + 1, 1) if width else value
        for age in range(min(first, PLAIN_AGES - 1), end + 1):
            out[age] += part
    return out


def death_rates(rows: Sequence[tuple[Age, float]]) -> list[float]:
    """Death rates at single ages up to 100, carried on where the table ends before."""
    out = steps(rows)
    (first, last), _ = rows[-1]
    if last is None and 1 < first < PLAIN_AGES - 1:
        (a, b), rate = rows[-2]
        middle = 0.5 * (a + (a if b is None else b))
        for age in range(first, PLAIN_AGES):
            out[age] = min(rate * math.exp(OLD_RISE * (age - middle)), _HIGHEST_MX)
    return out


def pattern_e0(mx: Sequence[float], factor: float = 1.0) -> float:
    """Life expectancy at birth of death rates times a factor, years."""
    alive, total = 1.0, 0.0
    for age, rate in enumerate(mx[:-1]):
        m = min(rate * factor, HIGHEST)
        a = 0.1 if age == 0 else 0.5
        q = m / (1.0 + (1.0 - a) * m)
        total += alive * (1.0 - (1.0 - a) * q)
        alive *= 1.0 - q
    last = mx[-1] * factor
    return total + (alive / last if last > 0.0 else 0.0)


def pattern_e0_range(mx: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest life expectancy that a pattern has at the levels that a run tries, no rate above 2."""
    low, high = _LEVELS
    return pattern_e0(mx, min(high, 1.99 / max(max(mx[:-1]), 1e-12))), pattern_e0(mx, low)


def level_of(mx: Sequence[float], e0: float) -> float:
    """Factor on a pattern at which life expectancy is the given one, within the levels that a run tries."""
    low, high = (math.log(level) for level in _LEVELS)
    for _ in range(30):
        middle = 0.5 * (low + high)
        if pattern_e0(mx, math.exp(middle)) > e0:
            low = middle
        else:
            high = middle
    return math.exp(0.5 * (low + high))
