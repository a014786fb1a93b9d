"""The base population of a place by residence, sex and age, every published sum kept to the person."""

from __future__ import annotations

import math
from collections.abc import Sequence

from demo_sim.places.census import AGES, OLDER_AGES, SEXES, census_row, counted, of_province
from demo_sim.places.finding import Place

RESIDENCES = ("urban", "rural")
_FROM = AGES.index("85+")  # county tables end there

Row = tuple[str, str, str, int]  # residence, sex, age group, persons


def population_rows(place: Place) -> list[Row]:
    """People of a place by residence, sex and 22 age groups at the census of 2020.

    Of nation and provinces as published. Of others sexes, ages to 85 and the urban total are published; at each age
    the urban part has the odds of the province times one factor, which the urban total gives, and those of 85 and over
    are split like the province's.
    """
    known = of_province(place.province, "population")
    if place.level in ("nation", "province"):
        return [(r, s, age, n) for (r, s), values in known.items() for age, n in zip(OLDER_AGES, values, strict=True)]
    own, found = counted(place.code, 2020), census_row("census_2020.csv", place.code)
    assert own is not None and found is not None
    people = [own[sex][i] for sex in SEXES for i in range(len(AGES))]
    shares = [_urban_share(known, sex, i) for sex in SEXES for i in range(len(AGES))]
    urban = urban_part(people, shares, int(found["urban"]))
    out: list[Row] = []
    for residence in RESIDENCES:
        for s, sex in enumerate(SEXES):
            cells = slice(s * len(AGES), (s + 1) * len(AGES))
            here = urban[cells]
            if residence == "rural":
                here = [n - u for n, u in zip(people[cells], here, strict=True)]
            old = whole_parts([float(n) for n in known[residence, sex][_FROM:]], here[_FROM])
            ages = [*here[:_FROM], *old]
            out += [(residence, sex, age, n) for age, n in zip(OLDER_AGES, ages, strict=True)]
    return out


def _urban_share(known: dict[tuple[str, str], list[int]], sex: str, i: int) -> float:
    """Urban share of the province at an age of counties."""
    ages = slice(i, i + 1) if i < _FROM else slice(_FROM, None)
    urban, rural = (sum(known[residence, sex][ages]) for residence in RESIDENCES)
    return (urban + 0.5) / (urban + rural + 1.0)


def urban_part(people: Sequence[int], shares: Sequence[float], urban: int) -> list[int]:
    """Urban people of each cell: the odds of some shares times one factor, so that they sum to a total.

    Examples
    --------
    >>> urban_part([100, 100], [0.5, 0.8], 150)
    [63, 87]
    """
    total = sum(people)
    if urban <= 0 or urban >= total:
        return [0] * len(people) if urban <= 0 else list(people)
    odds = [math.log(p / (1.0 - p)) for p in shares]
    low, high = -40.0, 40.0
    for _ in range(100):
        middle = (low + high) / 2.0
        if sum(n / (1.0 + math.exp(-(o + middle))) for n, o in zip(people, odds, strict=True)) < urban:
            low = middle
        else:
            high = middle
    expected = [n / (1.0 + math.exp(-(o + low))) for n, o in zip(people, odds, strict=True)]
    return whole_parts(expected, urban, people)


def whole_parts(weights: Sequence[float], total: int, most: Sequence[int] | None = None) -> list[int]:
    """Whole numbers in proportion to weights that sum to a total, by largest remainders, none above its most."""
    whole = sum(weights)
    if not total or not whole:
        return [total, *([0] * (len(weights) - 1))] if total else [0] * len(weights)
    exact = [w * total / whole for w in weights]
    out = [math.floor(x) for x in exact]
    order = sorted(range(len(out)), key=lambda i: (out[i] - exact[i], i))
    left = total - sum(out)
    while left:
        for i in order:
            if left and (most is None or out[i] < most[i]):
                out[i] += 1
                left -= 1
    return out
