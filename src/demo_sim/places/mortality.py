"""How death rates of a province differ by age from the nation's.

Census deaths are incomplete, unevenly by province, so they give the shape by age and never the level. Half of what they
show is taken: with it people of 80 and over of 31 provinces, carried from the census of 2010 to that of 2020, come out
within 5.2 % of the count on average, without it within 6.6, with all of it within 8.1 (calibration/places/pattern.py).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import cache
from itertools import pairwise

from demo_sim.places.census import NATION, OLDER_AGES, SEXES, of_province

KEPT = 0.5  # of the log ratio to the nation
CENSUSES = (2010, 2020)
# First ages of broad groups in which deaths are compared, and the ages that stand for them.
_BROAD = (0, 15, 45, 60, 70, 80)
_MIDDLE = (7.0, 30.0, 52.0, 65.0, 75.0, 88.0)


@cache
def province_pattern(
    code: str, censuses: tuple[int, ...] = CENSUSES, kept: float = KEPT
) -> dict[str, tuple[float, ...]]:
    """Factors on the nation's death rates by sex; (22 age groups,) each, of mean 1 on the log over the broad groups.

    Reported deaths over those that the people of the province would have at the nation's reported rates. Without numpy,
    whose import takes longer than a check of the whole scenario should wait for.

    Parameters
    ----------
    code : of the province, or the nation
    censuses : whose deaths are read
    kept : part of the log ratio
    """
    starts = [int(age.split("-")[0].rstrip("+")) for age in OLDER_AGES]
    broad = [bisect_right(_BROAD, start) - 1 for start in starts]
    middles = [start + (0.5 if start == 0 else 2.5) for start in starts]
    out = {}
    for sex in SEXES:
        reported, expected = [0.0] * len(_BROAD), [0.0] * len(_BROAD)
        for year in censuses:
            people, deaths = (_both(code, measure, sex, year) for measure in ("population", "deaths"))
            nation_people, nation_deaths = (_both(NATION, measure, sex, year) for measure in ("population", "deaths"))
            for i, group in enumerate(broad):
                reported[group] += deaths[i]
                expected[group] += people[i] * (nation_deaths[i] / nation_people[i])
        # One death more in each keeps a small group finite.
        ratio = [math.log((r + 1.0) / (e + 1.0)) for r, e in zip(reported, expected, strict=True)]
        level = sum(ratio) / len(ratio)
        out[sex] = tuple(math.exp(kept * _between(middle, [r - level for r in ratio])) for middle in middles)
    return out


def _between(age: float, values: list[float]) -> float:
    """Value at an age on the lines between the broad groups' ages, level beyond the first and the last."""
    if age <= _MIDDLE[0]:
        return values[0]
    for (low, high), (at_low, at_high) in zip(pairwise(_MIDDLE), pairwise(values), strict=True):
        if age <= high:
            return at_low + (age - low) * ((at_high - at_low) / (high - low))
    return values[-1]


def _both(code: str, measure: str, sex: str, year: int) -> list[float]:
    known = of_province(code, measure, year)
    return [float(u) + float(r) for u, r in zip(known["urban", sex], known["rural", sex], strict=True)]
