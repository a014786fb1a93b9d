"""Older people of a place forecast from one census to the next, by what the earlier one and the one before it show.

The rule was written down before its errors were computed; it knows nothing later than the earlier census:

1. Survival over ten years, by sex and age: the nation's people of the census over those of the one before (which
   holds the coverage of both), to the power by which reported death rates fell between their two years of deaths; the
   fall goes on as it was.
2. A province's survival has the power of its own reported death rates at 50 and over against the nation's, drawn half
   way to 1 (reported deaths are incomplete, unevenly).
3. Net migration: half of what the census shows beyond survival since the one before, by age reached, as a share of
   the province's people expected at that age.
4. A county whose land is the same in both censuses: its people times the ratios of its province, by sex and age.

Five-year ages 0-4 to 95-99 and 100 and over; of counties to 80-84 and 85 and over.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from demo_sim.places.census import NATION, OLDER_AGES, SEXES, census_row, counted, of_province
from demo_sim.places.finding import places

ORIGINS = (2010,)  # censuses that have one before and one after
DECADE = 10
_FIVE = len(OLDER_AGES) - 1
_FIRST_DEATHS = 50 // 5


@dataclass(frozen=True)
class DecadeRule:
    """How the decade before goes on.

    Attributes
    ----------
    kept : part of its net migration that goes on
    shrunk : part of the province's own mortality that is kept
    falling : whether death rates go on falling, and differ by province
    """

    kept: float = 0.5
    shrunk: float = 0.5
    falling: bool = True


RULE = DecadeRule()


def census_people(code: str, year: int, measure: str = "population") -> np.ndarray:
    """People (or reported deaths) of a province or the nation; (sex, five-year age)."""
    known = of_province(code, measure, year)
    return _fives(np.array([np.add(known["urban", sex], known["rural", sex]) for sex in SEXES], float))


def people_of_county(code: str, year: int) -> np.ndarray:
    """People of a county; (sex, five-year age to 85 and over)."""
    cells = counted(code, year)
    if cells is None:
        raise KeyError(code)
    return _fives(np.array([cells[sex] for sex in SEXES], float))


def _fives(values: np.ndarray) -> np.ndarray:
    """Ages 0 and 1-4 joined."""
    return np.concatenate([values[:, :2].sum(axis=1, keepdims=True), values[:, 2:]], axis=1)


def decade_forecast(code: str, origin: int, how: DecadeRule = RULE) -> np.ndarray:
    """People of a province or the nation ten years after a census, of 10 and over; (sex, five-year age), 0 below."""
    before = origin - DECADE
    survived = ten_years(NATION, before)
    fall = (
        np.array([_rate(NATION, origin, s) / _rate(NATION, before, s) for s in range(2)]) if how.falling else np.ones(2)
    )
    own = np.array([_rate(code, origin, s) / _rate(NATION, origin, s) for s in range(2)]) if how.falling else np.ones(2)
    then = census_people(code, origin)
    expected = ten_years_on(then, survived ** (fall * own**how.shrunk)[:, None])
    if how.kept:
        stayed = ten_years_on(census_people(code, before), survived ** (own**how.shrunk)[:, None])
        moved = np.divide(then - stayed, stayed, out=np.zeros_like(stayed), where=stayed > 0)
        moved[:, :4] = 0.0
        expected = expected * (1.0 + how.kept * moved)
    return expected


def ten_years(code: str, year: int) -> np.ndarray:
    """Part of the people of each age of a census who are there ten years on; the last for 90 and over."""
    then, now = census_people(code, year), census_people(code, year + DECADE)
    last = _FIVE - 3  # 90-94 and over reach 100+
    closed = now[:, 2:-1] / then[:, :-3]
    open_ = now[:, -1:] / then[:, last:].sum(axis=1, keepdims=True)
    return np.concatenate([closed, open_], axis=1)


def ten_years_on(then: np.ndarray, survived: np.ndarray) -> np.ndarray:
    """People ten years on; those below 10 are left empty."""
    out = np.zeros_like(then)
    last = _FIVE - 3
    out[:, 2:-1] = then[:, :-3] * survived[:, :-1]
    out[:, -1] = then[:, last:].sum(axis=1) * survived[:, -1]
    return out


def _rate(code: str, year: int, s: int) -> float:
    """Reported death rate at 50 and over, standardised to the nation's people of 2010."""
    first = _FIRST_DEATHS
    population, deaths = census_people(code, year)[s, first:], census_people(code, year, "deaths")[s, first:]
    weight = census_people(NATION, 2010)[s, first:]
    return float((deaths / np.maximum(population, 1.0) * weight).sum() / weight.sum())


def forecast_county(then: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """People of a county ten years on by the ratios of its province; (sex, five-year age to 85 and over)."""
    expected = np.zeros_like(then)
    expected[:, 2:-1] = then[:, :-3]
    expected[:, -1] = then[:, -3:].sum(axis=1)
    return expected * ratios


@cache
def ratios_of(code: str, origin: int, how: DecadeRule = RULE) -> np.ndarray:
    """People of a province forecast over those ten years younger at the origin, in the ages of counties."""
    then, later = _short(census_people(code, origin)), _short(decade_forecast(code, origin, how))
    out = np.ones_like(then)
    out[:, 2:-1] = later[:, 2:-1] / then[:, :-3]
    out[:, -1] = later[:, -1] / then[:, -3:].sum(axis=1)
    return out


def _short(values: np.ndarray) -> np.ndarray:
    """Five-year ages to 80-84, and 85 and over."""
    return np.concatenate([values[:, :17], values[:, 17:].sum(axis=1, keepdims=True)], axis=1)


def provinces() -> list[str]:
    """Codes of the provinces, in order."""
    return sorted(place.code for place in places().values() if place.level == "province")


def same_land() -> list[tuple[str, str]]:
    """Codes of 2020 and 2010 of counties whose land is the same in both censuses."""
    out = []
    for place in places().values():
        link = census_row("links_2010.csv", place.code)
        if place.level == "county" and link is not None and link["sure"] == "1":
            out.append((place.code, link["code_2010"]))
    return out
