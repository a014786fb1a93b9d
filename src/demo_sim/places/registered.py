"""People registered in a place (hukou), carried on from the census of 2010, and how they spread over the ages."""

from __future__ import annotations

import math
from dataclasses import dataclass

from demo_sim.places.census import AGES, NATION, SEXES, census_row, counted, source
from demo_sim.places.finding import Place, place_of
from demo_sim.places.rates import Known

_BAND = 0.08  # part of the number, judged; the published number of Hunan is missed by 0.1 %
# Part of the place's surplus or lack of registered people that children and older people have; the rest is between.
AGE_PARTS = {"0-14": 0.5, "60+": 0.3}
PARTS_BAND = 0.2  # of these parts
LARGEST_BAND = 0.15  # of the ratio, so that no draw takes more than there are from the ages between
_LEAST = 0.4  # of the ratio of all, what must be left for the ages between; else all ages have that ratio
_FROM = {"0-14": (0, AGES.index("15-19")), "60+": (AGES.index("60-64"), len(AGES))}


@dataclass(frozen=True)
class Registered:
    """Registered people at the census of 2020, and per resident by broad age; 15-59 takes what the others leave."""

    persons: Known
    per_resident: dict[str, Known]


def registered(place: Place) -> Registered:
    """Registered people of a place.

    Those of 2010 grow like the nation's, times the root of how the residents grew against the nation's: half way
    between numbers and ratios of 2010 carried on. Never below the residents who are registered where they live.
    """
    persons = round(_persons(place))
    whole = persons / place.total
    ages = _by_age(place)
    between = (whole - sum(ages[age] * (1 + part * (whole - 1)) for age, part in AGE_PARTS.items())) / ages["15-59"]
    parts = AGE_PARTS if between >= _LEAST * whole else dict.fromkeys(AGE_PARTS, 1.0)
    origin = f"{source('census_2010.csv')}; {source('census_2020.csv')}"
    per = {}
    for age, part in parts.items():
        value = round(1 + part * (whole - 1), 4)
        half = min(0.02 + PARTS_BAND * abs(whole - 1), LARGEST_BAND * value)
        per[age] = Known(value, round(value - half, 4), round(value + half, 4), origin, "assumed")
    rest = round((whole - sum(ages[age] * known.value for age, known in per.items())) / ages["15-59"], 4)
    per["15-59"] = Known(rest, rest, rest, origin, "assumed")
    low, high = round(persons * (1 - _BAND)), round(persons * (1 + _BAND))
    return Registered(Known(persons, low, high, origin, "derived"), per)


def _persons(place: Place) -> float:
    """Registered people in 2020; where the land changed, the parent's per resident who is registered where he lives."""
    if place.level == "nation":
        return place.total
    here = _living_here(place)
    link = census_row("links_2010.csv", place.code)
    then = census_row("census_2010.csv", link["code_2010"]) if link is not None and link["sure"] == "1" else None
    if link is None or then is None or not then["registered"]:
        above = place_of(place.parent)
        assert above is not None, place
        return here * _persons(above) / _living_here(above)
    nation, everybody = census_row("census_2010.csv", NATION), place_of(NATION)
    assert nation is not None and everybody is not None
    growth = place.total / _residents(link["code_2010"]) * _residents(NATION) / everybody.total
    persons = int(then["registered"]) * everybody.total / int(nation["registered"]) * math.sqrt(growth)
    return max(persons, _living_here(place, province=place.level == "province"))


def _living_here(place: Place, province: bool = False) -> int:
    """Residents of 2020 registered in the county they live in, or at least in the province."""
    found = census_row("census_2020.csv", place.code)
    assert found is not None
    away = int(found["other_province"] or 0)
    return place.total - away - (0 if province else int(found["elsewhere_same_province"] or 0))


def _residents(code: str) -> int:
    cells = counted(code, 2010)
    assert cells is not None, code
    return sum(sum(cells[sex]) for sex in SEXES)


def _by_age(place: Place) -> dict[str, float]:
    """Shares of the broad ages among the residents."""
    cells = counted(place.code, 2020)
    assert cells is not None
    shares = {age: sum(sum(cells[sex][slice(*part)]) for sex in SEXES) / place.total for age, part in _FROM.items()}
    return {**shares, "15-59": 1.0 - sum(shares.values())}


def older_households(place: Place) -> dict[str, float]:
    """People of 65 and over whose household has one or two of that age, per resident of 65 and over, by id.

    Who lives alone is among the former, couples among the latter; empty where the census counts no such household.
    """
    cells, found = counted(place.code, 2020), census_row("census_2020.csv", place.code)
    assert cells is not None and found is not None
    older = sum(sum(cells[sex][AGES.index("65-69") :]) for sex in SEXES)
    one, two = (int(found[f"households_with_{n}_65"] or 0) for n in ("one", "two"))
    return {"hh.one_65": round(one / older, 5), "hh.two_65": round(2 * two / older, 5)} if one and two else {}
