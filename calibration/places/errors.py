"""What forecasts of counties missed from 2010 to 2020, by size and growth: the bands of small places in a run.

    python calibration/places/errors.py

The forecast is that of `counties.backtest.yaml`. Counties are classed by people and by residents per registered
person in 2010 (those who have left, or come, are known at the origin; growth is not). Each half of the provinces, by
the order of their codes, is given what the counties of the other half missed: log of what came over what was
forecast, its 10th and 90th percentile less its median, by the age in the middle of the decade. The median is left
out: a run carries on a place's own migration of the decade before, which the back-test could not know.

Of those below 55 the errors of a group go with the error of all of them, by the slope of the one on the other, so
that their sum has the band that it had; those from 55 on go together in any case and have their own. The two parts
share a quantile as far as they are correlated.

The table is written into the package and the coverage printed: bands as a run makes them, from the classes' ages,
about the forecast corrected by the median of the other half.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from demo_sim.fit import census_rule
from demo_sim.places.census import DATA, census_row
from demo_sim.places.errors import ERROR_AGES, ERRORS_FILE, GROWTH_EDGES, SIZES, YOUNGER, growth_class, size_class
from demo_sim.places.finding import places

HEADING = (
    "# publisher: census-to-census forecasts of 2,530 counties, 2010 to 2020 (calibration/places/errors.py, from the "
    "National Bureau of Statistics' censuses by county); licence: MIT; date: 2020-11-01; status: fitted"
)
FIRST = (2, 4, 6, 8, 10, 12, 14, 16)  # first five-year group reached, for each of AGES
FEWEST = 40  # counties of the other half; with fewer the class takes all of its size
SERIES = {"15-59": (3, 12), "60+": (12, None), "65+": (13, None), "80+": (16, None)}


@dataclass(frozen=True)
class Counties:
    """Forecasts and what came.

    Attributes
    ----------
    half, size, growth : (county,), classes
    forecast, came : (county, five-year age)
    """

    half: np.ndarray
    size: np.ndarray
    growth: np.ndarray
    forecast: np.ndarray
    came: np.ndarray

    def error(self, first: int, last: int | None) -> np.ndarray:
        """Log of what came over what was forecast, of some five-year groups."""
        return np.log(self.came[:, first:last].sum(axis=1) / self.forecast[:, first:last].sum(axis=1))

    @cached_property
    def by_age(self) -> np.ndarray:
        """Errors of the ages of the table; (age, county)."""
        ends = (*FIRST[1:], None)
        return np.stack([self.error(first, last) for first, last in zip(FIRST, ends, strict=True)])

    def of(self, half: int, size: int, growth: int) -> np.ndarray:
        """Counties of the other half that give a class its band."""
        others = (self.half != half) & (self.size == size)
        alike = others & (self.growth == growth)
        return alike if alike.sum() >= FEWEST else others


def read() -> Counties:
    """All counties whose land is the same in both censuses."""
    halves = {code: i % 2 for i, code in enumerate(census_rule.provinces())}
    out: list[tuple[int, int, int, np.ndarray, np.ndarray]] = []
    for code, before in census_rule.same_land():
        province = places()[code].province
        then, now = census_rule.people_of_county(before, 2010), census_rule.people_of_county(code, 2020)
        found = census_rule.forecast_county(then, census_rule.ratios_of(province, 2010))
        known = census_row("census_2010.csv", before)
        assert known is not None
        people = float(then.sum())
        classes = size_class(people), growth_class(people, float(known["registered"] or 0))
        out.append((halves[province], *classes, found.sum(axis=0), now.sum(axis=0)))
    return Counties(*(np.array(column) for column in zip(*out, strict=True)))


def spread(errors: np.ndarray) -> np.ndarray:
    """10th and 90th percentile less the median."""
    low, middle, high = np.quantile(errors, (0.1, 0.5, 0.9))
    return np.array([low - middle, high - middle])


def bands(counties: Counties, half: int, size: int, growth: int) -> np.ndarray:
    """Low and high of each age of the table; (age, 2)."""
    others = counties.of(half, size, growth)
    together = counties.error(FIRST[0], FIRST[YOUNGER])[others]
    out = []
    for i, errors in enumerate(counties.by_age[:, others]):
        slope = np.cov(errors, together)[0, 1] / together.var(ddof=1)
        out.append(slope * spread(together) if i < YOUNGER else spread(errors))
    return np.array(out)


def correlation(counties: Counties) -> float:
    """Of the errors of the younger and the older, medians of the classes taken off."""
    parts = np.stack([counties.error(FIRST[0], FIRST[YOUNGER]), counties.error(FIRST[YOUNGER], None)])
    for size in range(len(SIZES) + 1):
        for growth in range(len(GROWTH_EDGES) + 1):
            here = (counties.size == size) & (counties.growth == growth)
            parts[:, here] -= np.median(parts[:, here], axis=1, keepdims=True)
    return float(np.corrcoef(parts)[0, 1])


def coverage(counties: Counties, table: dict[tuple[int, int, int], np.ndarray]) -> dict[tuple[str, int], np.ndarray]:
    """Whether what came lies in the band that a run would have; by series and size."""
    out: dict[tuple[str, int], list[bool]] = {}
    ends = (*FIRST[1:], counties.forecast.shape[1])
    for name, (first, last) in SERIES.items():
        errors, stop = counties.error(first, last), counties.forecast.shape[1] if last is None else last
        for (half, size, growth), band in table.items():
            middle = np.median(errors[counties.of(half, size, growth)])
            mine = (counties.half == half) & (counties.size == size) & (counties.growth == growth)
            for i in np.flatnonzero(mine):
                weight = np.array([
                    counties.forecast[i, max(a, first) : max(min(b, stop), first)].sum()
                    for a, b in zip(FIRST, ends, strict=True)
                ])  # fmt: skip
                low, high = weight @ band / weight.sum() + middle
                out.setdefault((name, size), []).append(bool(low <= errors[i] <= high))
    return {key: np.array(inside) for key, inside in out.items()}


def main() -> None:
    """Write the table; print correlation and coverage."""
    counties = read()
    classes = [(h, s, g) for h in range(2) for s in range(len(SIZES) + 1) for g in range(len(GROWTH_EDGES) + 1)]
    table = {key: bands(counties, *key) for key in classes}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["class", "counties", *(f"{end}_{age}" for age in ERROR_AGES for end in ("low", "high"))])
    for key, band in table.items():
        writer.writerow(["-".join(map(str, key)), int(counties.of(*key).sum()), *(f"{x:.4f}" for x in band.ravel())])
    (DATA / ERRORS_FILE).write_text(f"{HEADING}\n{out.getvalue()}", encoding="utf-8")
    print(f"correlation of younger and older {correlation(counties):.2f}")
    for (name, size), inside in coverage(counties, table).items():
        print(f"{name}, class of size {size}: {inside.mean():.0%} of {inside.size} counties inside their 80 % band")


if __name__ == "__main__":
    main()
