"""Life expectancy and total fertility of 2020 as far as they are published for the province of a place."""

from __future__ import annotations

import math
from dataclasses import dataclass

from demo_sim.places.census import NATION, OLDER_AGES, census_row, of_province, rows, source
from demo_sim.places.finding import Place

# National Bureau of Statistics: life expectancy 2020 of both sexes, men, women; total fertility 2020.
E0, E0_BY_SEX = 77.93, {"male": 75.37, "female": 80.88}
TFR = 1.30
BANDS = {"province": (1.0, 0.06), "other": (1.5, 0.15)}  # years of life expectancy; part of the fertility rate
_Z90 = 1.2816  # standard normal quantile of 0.9
# Births by age of mother, nation 2020, per woman of 15-19 to 45-49: long form, table 6-2, brought to that total.
_MOTHERS = (0.00481, 0.04796, 0.09776, 0.07022, 0.03011, 0.00744, 0.0017)


@dataclass(frozen=True)
class Known:
    """A number with its band, where it is from, and its status."""

    value: float
    low: float
    high: float
    source: str
    status: str


def life_expectancy(place: Place) -> dict[str, Known]:
    """Life expectancy of men and women: the nation's, moved by what the province's differs from it."""
    found = census_row("province_e0.csv", place.province)
    assert found is not None
    away, half = float(found["e0"]) - E0, BANDS["province" if place.code == place.province else "other"][0]
    out = {}
    for sex, value in E0_BY_SEX.items():
        e0 = round(value + away, 2)
        status = "published" if place.code == NATION else "derived" if found["status"] == "published" else "assumed"
        out[sex] = Known(e0, round(e0 - half, 2), round(e0 + half, 2), source("province_e0.csv"), status)
    return out


def fertility(place: Place) -> Known:
    """Total fertility rate of the province: the nation's times births per woman against those of the nation."""
    half = BANDS["province" if place.code == place.province else "other"][1]
    tfr = round(TFR * _births_per_woman(place.province) / _births_per_woman(NATION), 3)
    status = "published" if place.code == NATION else "derived"
    return Known(tfr, round(tfr * (1 - half), 3), round(tfr * (1 + half), 3), source("province_births.csv"), status)


def sex_ratio(place: Place) -> Known:
    """Boys per girl among births of the province in the long form; the band is its sampling error (80 %)."""
    births = next(r for r in rows("province_births.csv") if r["census"] == "2020" and r["code"] == place.province)
    boys, girls = int(births["male"]), int(births["female"])
    ratio = boys / girls
    half = _Z90 * ratio * math.sqrt(1 / boys + 1 / girls)
    value, low, high = (round(x, 3) for x in (ratio, ratio - half, ratio + half))
    return Known(value, low, high, source("province_births.csv"), "derived")


def _births_per_woman(code: str) -> float:
    """Births of the long form per birth that its women would have had at the nation's rates by age."""
    births = next(r for r in rows("province_births.csv") if r["census"] == "2020" and r["code"] == code)
    women = of_province(code, "population")
    first = OLDER_AGES.index("15-19")
    expected = sum(
        rate * (women["urban", "female"][first + i] + women["rural", "female"][first + i])
        for i, rate in enumerate(_MOTHERS)
    )
    return (int(births["male"]) + int(births["female"])) / expected
