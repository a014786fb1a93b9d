"""What forecasts of counties missed from one census to the next, as the band of a county in a run.

The errors of the counties of the other half of the provinces, of the same size and growth, less what a run of the
place draws already: its mortality, and the part of its migration that goes on, whose own band is no wider than these.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from demo_sim.places.census import NATION, SEXES, census_row, counted
from demo_sim.places.finding import Place, places
from demo_sim.places.migration import FIVE, residual
from demo_sim.places.registered import registered

SIZES = (200_000, 500_000, 1_000_000)  # people that part the classes of size
GROWTH_EDGES = (0.9, 1.0)  # residents per registered person that part those of growth
ERROR_AGES = ("0-14", "15-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75+")  # in the middle of the decade
YOUNGER = 5  # of them, those below 55
_YEARS = 10
ERRORS_FILE = "county_errors.csv"
# Errors of those below and above 55 go together as far: calibration/places/errors.py.
CORRELATION = 0.68
# Half of the 80 % band, on the log, that a county's mortality gives after ten years: mean of runs of 430223, 620522
# and 320214 with `migration.kept` held and without errors.
BY_MORTALITY = (0.0, 0.0, 0.0, 0.0, 0.0, 0.016, 0.052, 0.136)
_LEAST = 0.001  # of a bound: a band that is drawn already leaves next to nothing

Band = tuple[float, float]


def size_class(people: float) -> int:
    """Class of size of a place."""
    return sum(people >= edge for edge in SIZES)


def growth_class(people: float, registered_people: float) -> int:
    """Class of growth: where people have left, where most have stayed, where people have come."""
    return sum(people >= edge * registered_people for edge in GROWTH_EDGES)


@dataclass(frozen=True)
class Errors:
    """Band of a place.

    Attributes
    ----------
    kept : part of the band of the migration that goes on which is left: 1, or less where it alone would be wider than
        what forecasts of such places missed
    parts : low and high by part (`both`, `younger`, `older`) and age, of the error of ten years, on the log
    """

    kept: float
    parts: dict[str, dict[str, Band]]


def errors_of(place: Place, kept_half: float) -> Errors | None:
    """Errors of places like this one; None where it is no county or zone, for larger places were not tested so.

    Parameters
    ----------
    kept_half : half of the 80 % band of the part of the yearly migration that goes on, mean of ten years
    """
    if place.level not in ("county", "zone"):
        return None
    found = census_row(ERRORS_FILE, _class_of(place))
    assert found is not None
    missed = [
        _short_of((float(found[f"low_{age}"]), float(found[f"high_{age}"])), drawn)
        for age, drawn in zip(ERROR_AGES, BY_MORTALITY, strict=True)
    ]
    people, moved = _decade(place)
    kept = 1.0
    parts: dict[str, dict[str, Band]] = {"both": {}, "younger": {}, "older": {}}
    for part, inside in (("younger", range(YOUNGER)), ("older", range(YOUNGER, len(ERROR_AGES)))):
        whole = sum(people[i] for i in inside)
        half = sum(people[i] * (missed[i][1] - missed[i][0]) / 2 for i in inside) / whole
        drawn = kept * kept_half * abs(sum(moved[i] for i in inside)) / whole
        if part == "younger" and drawn > half:
            kept, drawn = half / drawn, half
        short = math.sqrt(max(1.0 - (drawn / half) ** 2, 0.0))
        for weight, name in ((CORRELATION, "both"), (1.0 - CORRELATION, part)):
            parts[name] |= {ERROR_AGES[i]: _rounded(missed[i], short * math.sqrt(weight)) for i in inside}
    return Errors(kept, parts)


def _class_of(place: Place) -> str:
    """Half of the province, size and growth, as the table names them."""
    provinces = sorted(one.code for one in places().values() if one.level == "province")
    half = provinces.index(place.province) % 2
    return f"{half}-{size_class(place.total)}-{growth_class(place.total, registered(place).persons.value)}"


def _decade(place: Place) -> tuple[list[float], list[float]]:
    """People expected in 2030 without migration, and who came from 2010 to 2020, by the ages of the table reached."""
    here, then, now = _fives(place.code, 2020), _fives(NATION, 2010), _fives(NATION, 2020)
    found = residual(place)
    came = [0] * len(FIVE) if found is None else [sum(found[1][sex][i] for sex in SEXES) for i in range(len(FIVE))]
    people, moved = [], []
    for first in range(2, 2 + 2 * len(ERROR_AGES), 2):
        reached = slice(first, first + 2)
        before = slice(first - 2, first) if first + 2 < len(FIVE) else slice(first - 2, None)
        people.append(max(sum(here[before]) * sum(now[reached]) / sum(then[before]), 1.0))
        moved.append(float(sum(came[reached])))
    return people, moved


def _fives(code: str, year: int) -> list[int]:
    """People by five-year age, both sexes."""
    cells = counted(code, year)
    assert cells is not None
    by_age = [sum(cells[sex][i] for sex in SEXES) for i in range(len(FIVE) + 1)]
    return [by_age[0] + by_age[1], *by_age[2:]]


def _short_of(band: Band, drawn: float) -> Band:
    """A band less what is drawn already."""
    half = (band[1] - band[0]) / 2
    part = math.sqrt(max(half**2 - drawn**2, 0.0)) / half
    return band[0] * part, band[1] * part


def _rounded(band: Band, part: float) -> Band:
    low, high = (round(end * part, 4) for end in band)
    return min(low, -_LEAST), max(high, _LEAST)


def mean_half(band: Sequence[tuple[int, float]]) -> float:
    """Mean over `_YEARS` of a path between dated values, held before the first."""
    years = range(band[0][0], band[0][0] + _YEARS)
    return sum(_at(band, year) for year in years) / _YEARS


def _at(path: Sequence[tuple[int, float]], year: int) -> float:
    for (before, a), (after, b) in pairwise(path):
        if before <= year <= after:
            return a + (b - a) * (year - before) / (after - before)
    return path[-1][1]
