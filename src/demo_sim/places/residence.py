"""What differs between the urban and the rural people of a place: length of life, births."""

from __future__ import annotations

import math

from demo_sim.places.census import OLDER_AGES, SEXES, census_row, of_province, rows, source
from demo_sim.places.finding import Place
from demo_sim.places.rates import Known

E0_GAP = (-7.0, 0.0)  # years; beyond it the two censuses of people and of deaths do not fit, not the lives
GAP_BAND = 1.5  # years; deaths are reported unevenly by residence
BIRTHS_BAND = {True: 0.1, False: 0.2}  # on the logit: of a province as published, of others moved with the urban share
_FIRST_YEARS = {0: (1, 0.1), 1: (4, 1.6)}  # width, years lived of it by those who die
_WIDTH = 5


def residence_gap(place: Place) -> dict[str, Known]:
    """Rural minus urban life expectancy of the province of a place by sex, by deaths reported to the census of 2020.

    Reported deaths are too few, and how far differs between provinces: the level of both residences is too high, their
    difference stands, within `E0_GAP`.
    """
    people, deaths = (of_province(place.province, measure) for measure in ("population", "deaths"))
    out = {}
    for sex in SEXES:
        urban, rural = (life_expectancy_of(people[r, sex], deaths[r, sex]) for r in ("urban", "rural"))
        gap = round(min(max(rural - urban, E0_GAP[0]), E0_GAP[1]), 2)
        low, high = round(gap - GAP_BAND, 2), round(gap + GAP_BAND, 2)
        out[sex] = Known(gap, low, high, source("province_deaths.csv"), "derived")
    return out


def life_expectancy_of(people: list[int], deaths: list[int]) -> float:
    """Life expectancy at birth from people and deaths of a year in the 22 ages of provinces.

    Parameters
    ----------
    people, deaths : by age group, the last one open

    Returns
    -------
    Years; abridged life table with a0 = 0.1, a1-4 = 1.6, half of the width elsewhere.
    """
    alive, total = 1.0, 0.0
    for i, (n, d) in enumerate(zip(people, deaths, strict=True)):
        mx = d / n if n else 0.0
        width, lived = _FIRST_YEARS.get(i, (_WIDTH, _WIDTH / 2))
        if i == len(OLDER_AGES) - 1:
            return total + (alive / mx if mx else alive * lived)
        dead = alive * min(width * mx / (1.0 + (width - lived) * mx), 1.0)
        total += width * (alive - dead) + lived * dead
        alive -= dead
    return total


def urban_births(place: Place) -> Known:
    """Part of the births that is urban: the province's by the long form, moved with the place's urban share."""
    births = next(r for r in rows("province_births.csv") if r["census"] == "2020" and r["code"] == place.province)
    found, above = census_row("census_2020.csv", place.code), of_province(place.province, "population")
    assert found is not None
    urban = sum(sum(above["urban", sex]) for sex in SEXES)
    whole = urban + sum(sum(above["rural", sex]) for sex in SEXES)
    theirs = int(births["urban"]) / (int(births["male"]) + int(births["female"]))
    centre = _logit(theirs) + _logit(int(found["urban"]) / place.total) - _logit(urban / whole)
    band = BIRTHS_BAND[place.code == place.province]
    value, low, high = (round(1.0 / (1.0 + math.exp(-x)), 4) for x in (centre, centre - band, centre + band))
    return Known(value, low, high, source("province_births.csv"), "derived")


def _logit(p: float) -> float:
    inside = min(max(p, 0.001), 0.999)
    return math.log(inside / (1.0 - inside))
