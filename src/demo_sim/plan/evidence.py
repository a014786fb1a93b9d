"""What a verdict rests on: the weakest status among the inputs that decide a value.

Inputs decide as levels (a stock, a coverage, a registered count: the rows of the last dated year that the value reads)
or through what they explain of the value's variance; a measure that is planned for the years after the last known one
decides what it moves. A level that somebody assumed or borrowed gives no verdict where
it has no band, or where its band leaves no doubt: the verdict would only say the assumption again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from demo_sim.plan.explained import Explained
from demo_sim.plan.indicators import Measured, SeriesBook
from demo_sim.plan.meeting import bounds
from demo_sim.plan.requirements import SUPPLY, paths
from demo_sim.scenario import Scenario
from demo_sim.scenario.actual_checks import ACTUAL, actual_name
from demo_sim.scenario.entries import FactorSpec, GroupDefinition, Indicator, Rule, Target
from demo_sim.scenario.measures import measures
from demo_sim.scenario.quantity import Quantity, Row
from demo_sim.vocab import STATUSES

COUNTED_STATUSES = ("published", "reported", "fitted", "derived")  # what a headline counts verdicts on
WEAK = ("assumed", "borrowed")
_PEOPLE = "derived"  # where people alone decide: the census, moved on

# Keys of a stock, and of a part of it, that state how much there is.
_STOCK = ("stock", "stock_community", "per_10000_urban", "per_100_households", "share")
_PARTS = {
    "nursing": ("nursing_share", "nursing"),
    "certified": ("certified_share",),
    "institution": ("stock_community",),
}
_NUMBERS = ("nursing",)  # parts that are given as numbers: nothing of the whole enters them


@dataclass(frozen=True)
class _Level:
    """An input that enters a value as a level.

    Attributes
    ----------
    path : of the quantity
    rows : that the value reads
    on_top : whether the value rises with it
    """

    path: str
    rows: tuple[Row, ...]
    on_top: bool = True

    @property
    def status(self) -> str:
        """Weakest of its rows."""
        return max((row.status for row in self.rows), key=STATUSES.index)


@dataclass(frozen=True)
class _Evidence:
    """What a verdict rests on.

    Attributes
    ----------
    status : weakest among what decides
    of : id of the input that has it, in the register or the scenario; "" where people alone decide
    lacks : path of the figure without which there is no verdict; "" where one may be given
    """

    status: str
    of: str
    lacks: str = ""


class Evidences:
    """Evidence of the rows of a run.

    Parameters
    ----------
    explained : what its uncertain inputs explain
    """

    def __init__(self, book: SeriesBook, scenario: Scenario, explained: Explained) -> None:
        self.book, self.explained = book, explained
        self.quantities = book.draws.quantities
        self.populations = scenario.catalog.populations
        self.known = scenario.settings.known_until or int(book.times[0])
        self._measures = {
            name: planned
            for name, entry in scenario.settings.supply.items()
            if (planned := dict(measures(self.quantities, name, entry, self.known)))
        }
        self._streams: dict[tuple[str, str], str] = {}
        for quantity in self.quantities.values():
            for row in quantity.rows:
                if row.drawn:
                    key = (row.id, row.name)
                    self._streams[key] = max(self._streams.get(key, STATUSES[0]), row.status, key=STATUSES.index)

    def of(
        self, indicator: Indicator | None, target: Target, measured: Measured, values: np.ndarray, finished: bool
    ) -> _Evidence:
        """Evidence of one row.

        Parameters
        ----------
        indicator : None for a figure that the office reports
        values : (draw,) that decide, the run at stated values last
        finished : whether figures decide: then nothing is left to explain
        """
        levels = list(self._levels(indicator, target, measured))
        found = [(level.status, level.rows[-1].id) for level in levels]
        if not finished:
            if indicator is not None and target.year > self.known:
                found += self._planned(indicator)
            found += [
                (self._streams[stream.id, stream.name], stream.id) for stream in self.explained.deciding(values[:-1])
            ]
        status, of = max(found, key=lambda item: STATUSES.index(item[0]), default=(_PEOPLE, ""))
        weak = [level for level in levels if level.status in WEAK]
        in_doubt = [self._in_doubt(level, indicator, target, float(values[-1])) for level in weak]
        constant = any(not self._band(level) for level in weak)
        settled = not finished and weak and (constant or not any(in_doubt))
        return _Evidence(status, of, max(weak, key=lambda level: STATUSES.index(level.status)).path if settled else "")

    def _planned(self, indicator: Indicator) -> list[tuple[str, str]]:
        """Status and path of the measures that move an indicator."""
        moved = {path.removeprefix(SUPPLY).partition(".")[0] for path in paths(indicator) if path.startswith(SUPPLY)}
        return [
            (max((row.status for row in rows), key=STATUSES.index), path)
            for name in sorted(moved & self._measures.keys())
            for path, rows in self._measures[name].items()
        ]

    def _in_doubt(self, level: _Level, indicator: Indicator | None, target: Target, value: float) -> bool:
        """Whether the band of a level, all else at stated values, holds values that meet the target and others."""
        window, ends = bounds(target), []
        for end in self._band(level):
            if indicator is not None and indicator.kind == "margin":
                size = self._product(indicator.minuend if level.on_top else indicator.subtrahend)
                ends.append(value + (size if level.on_top else -size) * (end - 1.0))
            else:
                ends.append(value * end if level.on_top else value / end)
        if not ends:
            return False
        low, high = min(ends), max(ends)
        return low < window.low <= high or low <= window.high < high

    def _product(self, factors: tuple[FactorSpec, ...]) -> float:
        last = self.book.times[-1:]
        given = [self.book.draws[f.of].series(last, name=f.name)[0, -1] for f in factors if f.of in self.quantities]
        return float(np.prod(given))

    def _band(self, level: _Level) -> tuple[float, ...]:
        """Ends of the band of a level over its value; empty where it has none."""
        row = level.rows[-1]
        if row.low is None or row.high is None or row.value == 0.0 or self.quantities[level.path].at != "draw":
            return ()
        return row.low / row.value, row.high / row.value

    def _levels(self, indicator: Indicator | None, target: Target, measured: Measured) -> Iterator[_Level]:
        """Levels of a value; what is on top and below alike cancels."""
        below: set[FactorSpec] = set()
        entered = ACTUAL + actual_name(target.indicator if indicator is None else indicator.id)
        if target.year in measured.actual:
            top = {FactorSpec(of=entered)}
        elif measured.instead:
            top = {FactorSpec(of=measured.instead)}
        elif indicator is None:
            top = {FactorSpec(of=target.indicator)}
        elif indicator.kind == "margin":
            top, below = self._all(indicator.minuend), self._all(indicator.subtrahend)
        elif indicator.kind == "coverage":
            top = self._series(indicator.coverage)
        elif indicator.kind == "units":
            top = self._series(indicator.numerator or indicator.coverage)
            below = self._all((indicator.units,)) if indicator.units is not None and indicator.numerator else set()
        else:
            top = self._series(indicator.numerator)
            below = self._series(indicator.denominator) | self._all(indicator.times)
        every = target.timing == "annual" or measured.summed
        span = (int(self.book.times[1]) if every else target.year, target.year)
        for factors, other, on_top in ((top, below, True), (below, top, False)):
            for factor in sorted(factors - other, key=lambda f: (f.of, f.name)):
                yield _Level(factor.of, _read(self.quantities[factor.of], factor, *span), on_top)

    def _all(self, factors: tuple[FactorSpec, ...]) -> set[FactorSpec]:
        return {level for factor in factors for level in self._series(factor.of, factor)}

    def _series(self, name: str, factor: FactorSpec | None = None) -> set[FactorSpec]:
        """Quantities that a series, or a quantity itself, has as levels."""
        if name in self.quantities and name not in self.book.series:
            return {factor or FactorSpec(of=name)}
        kind, _, rest = name.partition(".")
        if kind == "groups":
            return self._group(rest)
        if kind != "supply":
            return set()
        stock, *parts = rest.split(".")
        keys = _STOCK if not parts else _PARTS.get(parts[0])
        given = {path for path in self.quantities if path.startswith(f"supply.{stock}.")}
        if keys is None:  # a flow: whatever the entry says
            return {FactorSpec(of=path) for path in given}
        found = {FactorSpec(of=path) for path in (f"supply.{stock}.{key}" for key in keys) if path in given}
        as_number = parts and parts[0] in _NUMBERS and f"supply.{stock}.{parts[0]}" in given
        return found | (self._series(f"supply.{stock}") if parts and not as_number else set())

    def _group(self, name: str) -> set[FactorSpec]:
        """Counts and shares that a group is counted with; none where people alone are."""
        if name not in self.populations:
            return set()
        return self._rule(self.populations[name])

    def _rule(self, rule: Rule) -> set[FactorSpec]:
        found = {factor for factor in rule.level or (*rule.times, *rule.over)}
        inner: list[str | Rule] = []
        if not rule.level:
            inner += [rule.of] if rule.of else []
            if isinstance(rule, GroupDefinition):
                found |= {rule.match} if rule.match is not None else set()
                inner += [*rule.sum, *rule.union]
        for item in inner:
            found |= self._group(item) if isinstance(item, str) else self._rule(item)
        return {factor for factor in found if factor.of in self.quantities}


def _read(quantity: Quantity, factor: FactorSpec, first: int, last: int) -> tuple[Row, ...]:
    """Rows that a value of some years reads: those of the years, the last before and, between two, the first after."""
    rows = [row for row in quantity.rows if row.name == factor.name] or list(quantity.rows)
    dated = sorted({row.year for row in rows if row.year is not None})
    if not dated:
        return tuple(rows)
    before, after = [y for y in dated if y <= first], [y for y in dated if y >= last]
    low = before[-1] if before else dated[0]
    high = after[0] if after else dated[-1]
    high = max(low, high)
    return tuple(sorted((r for r in rows if r.year is not None and low <= r.year <= high), key=lambda r: r.year or 0))
