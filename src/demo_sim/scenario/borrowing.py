"""How numbers of Hunan are lent to a region without its own: rates with a wider band, paths as a change.

A path (urban share, total fertility rate, life expectancy) is lent as the nation's change from the region's own start;
what hangs on the urban share is moved with it. All on the scale of the draw: the logit for shares, the log for other
positive numbers, plain for the rest.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from demo_sim.scenario.quantity import Row

BORROWED_BAND = 1.5

# The start that every region has, and the ids that carry the same quantity on through time.
PATHS = {
    "base.urban_share": ("urban.path", "urban.path_future"),
    "fert.tfr": ("fert.tfr_past", "fert.tfr_future"),
    "mort.e0": ("mort.e0_past", "mort.e0_future"),
}
# Shares that stand as far from a published share of the place as they do in Hunan: urban births from the urban share,
# who lives alone or with the spouse alone from the households with one or two people of 65 and over.
_BESIDE = {"fert.urban_births": "base.urban_share", "live.alone_60": "hh.one_65", "live.couple_60": "hh.two_65"}
# id -> the start of the region that it is brought to
ANCHORS = {id_: start for start, ids in PATHS.items() for id_ in ids} | _BESIDE


@dataclass(frozen=True)
class Scale:
    """The scale that a number is drawn, widened and moved on."""

    there: Callable[[float], float]
    back: Callable[[float], float]


_LOGIT = Scale(lambda p: math.log(p / (1 - p)), lambda x: 1 / (1 + math.exp(-x)))
_LOG = Scale(math.log, math.exp)
_PLAIN = Scale(lambda x: x, lambda x: x)
_PLAIN_SHARE = Scale(lambda x: x, lambda x: min(max(x, 0.0), 1.0))


def scale_of(unit: str, numbers: Iterable[float | None]) -> Scale:
    """Scale of numbers of a unit: logit of shares, log of others, plain where a number leaves its domain."""
    given = [number for number in numbers if number is not None]
    if unit.startswith("share"):
        return _LOGIT if all(0 < number < 1 for number in given) else _PLAIN_SHARE
    return _LOG if all(number > 0 for number in given) else _PLAIN


def widen(row: Row, unit: str) -> Row:
    """Row as a region without its own takes it: the band 1.5 times as wide on the scale of the draw."""
    lent = replace(row, status="borrowed")
    if row.low is None or row.high is None:
        return lent
    scale = scale_of(unit, (row.low, row.value, row.high))
    low, value, high = (scale.there(number) for number in (row.low, row.value, row.high))
    return replace(
        lent,
        low=scale.back(value + BORROWED_BAND * (low - value)),
        high=scale.back(value + BORROWED_BAND * (high - value)),
    )


class Shift:
    """Moves rows of Hunan by the distance of the region from Hunan where the region is last known.

    Parameters
    ----------
    own : rows of the region's start, by year
    lender : rows of the same quantity for Hunan
    unit : of the rows that are moved
    """

    def __init__(self, own: Iterable[Row], lender: Iterable[Row], unit: str) -> None:
        self.own, self.lender, self.unit = list(own), list(lender), unit

    def apply(self, row: Row) -> Row:
        """Row of Hunan as the region takes it.

        A path takes its quantile with the start, so that a high start goes on high; up to the last year that is known
        of the region its band is the region's own, after it the wider band of the change comes on top, independent.
        """
        own, lender = _Known(self.own, row.sex, self.unit), _Known(self.lender, row.sex, self.unit)
        if not own.rows or not lender.rows:
            return widen(row, self.unit)
        year = own.last if row.year is None else min(row.year, own.last)
        (start, below, above), (level, _, _) = own.at(year), lender.at(year)
        scale = scale_of(self.unit, (row.low, row.value, row.high))
        lent = widen(row, self.unit)
        centre = scale.there(row.value) + start - level
        change = (0.0, 0.0)
        if lent.low is not None and lent.high is not None:
            change = (scale.there(row.value) - scale.there(lent.low), scale.there(lent.high) - scale.there(row.value))
        anchor = self.own[0].id
        if row.id not in PATHS.get(anchor, ()):
            below, above = change
        else:
            lent = replace(lent, id=anchor)
            if row.year is None or row.year > own.last:
                below, above = math.hypot(below, change[0]), math.hypot(above, change[1])
        band = (None, None) if below == above == 0.0 else (scale.back(centre - below), scale.back(centre + above))
        return replace(lent, value=scale.back(centre), low=band[0], high=band[1])


class _Known:
    """Dated rows of one sex without a name: value and band between the years, held outside."""

    def __init__(self, rows: Iterable[Row], sex: str, unit: str) -> None:
        plain = [row for row in rows if not row.name and row.year is not None]
        mine = [row for row in plain if row.sex == sex] or [row for row in plain if not row.sex]
        self.rows = {row.year: row for row in mine}
        self.years = sorted(year for year in self.rows if year is not None)
        self.last = self.years[-1] if self.years else 0
        self.unit = unit

    def at(self, year: int) -> tuple[float, float, float]:
        """Value, distance of the low and of the high, on the scale of the draw."""
        after = bisect_right(self.years, year)
        if after == 0 or self.years[after - 1] == year or after == len(self.years):
            return self._of(self.years[max(after - 1, 0)])
        first, last = self.years[after - 1], self.years[after]
        weight = (year - first) / (last - first)
        return tuple(  # type: ignore[return-value]
            a * (1 - weight) + b * weight for a, b in zip(self._of(first), self._of(last), strict=True)
        )

    def _of(self, year: int) -> tuple[float, float, float]:
        row = self.rows[year]
        scale = scale_of(self.unit, (row.low, row.value, row.high))
        value = scale.there(row.value)
        if row.low is None or row.high is None:
            return value, 0.0, 0.0
        return value, value - scale.there(row.low), scale.there(row.high) - value
