"""What it would take: the level at which a target is met in its year, all else at its stated value.

Each kind of indicator rises with one level: a ratio with its numerator, growth with the year's stock, a capacity with
its places. The break-even is that level at the edge of what meets the target, rounded to the side that does; one unit
less does not. Where what surrounds the level is not known, the figure itself stands for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from demo_sim.plan.indicators import Measured, SeriesBook, places_for, product_of, series_or_quantity, unit_count
from demo_sim.plan.meeting import FEWEST_DRAWS, MET, TOLERANCE, bounds, deciding_year, meets
from demo_sim.plan.units import per_unit, unit_of_series
from demo_sim.scenario import Scenario
from demo_sim.scenario.entries import Indicator, Target


@dataclass(frozen=True)
class BreakEven:
    """The level that decides, and where it decides.

    Attributes
    ----------
    of : series, path of a quantity, or id of the indicator; with the series that stands for its whole in brackets
    unit : of the level
    year : year-end at which it stands; of an annual target the worst one
    value : at stated values, rounded to the side that meets the target; NaN where no level does
    for_90 : level that meets it in nine draws of ten; NaN below twenty draws, or where no level does
    """

    of: str
    unit: str
    year: int
    value: float
    for_90: float


@dataclass(frozen=True)
class _Lever:
    """A level that an indicator rises with: `at(value)` gives it (time, draw) for a value of the indicator."""

    of: str
    unit: str
    at: Callable[[float], np.ndarray]
    most: np.ndarray | None = None


def break_even(
    indicator: Indicator | None, target: Target, measured: Measured, book: SeriesBook, scenario: Scenario
) -> BreakEven:
    """The level at which a target is met in its year.

    Parameters
    ----------
    indicator : None for a figure that the office reports
    measured : its values, if they are known
    """
    window = bounds(target)
    for lever in _levers(indicator, target, book, scenario):
        low, high = lever.at(window.low), lever.at(window.high)
        year = _year(target, measured, low, high, book.times)
        t = int(np.searchsorted(book.times, year))
        if not np.isnan([low[t], high[t]]).any():
            break
    value = float("nan") if measured.values is None else float(measured.values[t, -1])
    from_below = window.from_below(value)
    per = per_unit(lever.unit)
    # units are served or not: between two of them there is no level
    served = indicator is not None and indicator.kind == "units"
    exact = float("nan") if served and lever.unit == "units" else float(lever.at(target.goal)[t, -1])
    found = _rounded(low[t, -1], high[t, -1], exact, per, from_below)
    if lever.most is not None:
        found = min(found, float(lever.most[t, -1])) if target.goal <= 1.0 + TOLERANCE else float("nan")
    ninety = float("nan")
    if book.random >= FEWEST_DRAWS:
        reached = _others_meet(target, measured, t, book.times)
        least, most = np.where(reached, low[t], np.inf)[:-1], np.where(reached, high[t], -np.inf)[:-1]
        ninety = _for_most(least, most, exact, per, from_below)
    return BreakEven(lever.of, lever.unit, year, found, ninety)


def level_at_edge(
    indicator: Indicator, target: Target, book: SeriesBook, scenario: Scenario
) -> tuple[str, str, np.ndarray]:
    """The level at the edge of what meets a target, not rounded: its name, its unit, (time, draw)."""
    window = bounds(target)
    lever = _levers(indicator, target, book, scenario)[0]
    return lever.of, lever.unit, lever.at(window.high if target.operator == "<=" else target.goal)


def _rounded(low: float, high: float, exact: float, per: int, from_below: bool) -> float:
    """The edge nearest to where one comes from, on the whole unit inside; `exact` where none lies inside."""
    edge = np.ceil(low * per) / per if from_below else np.floor(high * per) / per
    return float(edge) if low <= edge <= high else exact


def _for_most(low: np.ndarray, high: np.ndarray, exact: float, per: int, from_below: bool) -> float:
    """The nearest level that lies within low and high in nine draws of ten; NaN where none does."""
    edges = np.concatenate([np.ceil(low * per) / per, np.floor(high * per) / per, [exact]])
    levels = np.unique(edges[np.isfinite(edges)])
    inside = np.searchsorted(np.sort(low), levels, "right") - np.searchsorted(np.sort(high), levels, "left")
    enough = levels[inside >= MET * low.size]
    return float("nan") if not enough.size else float(enough[0] if from_below else enough[-1])


def _year(target: Target, measured: Measured, low: np.ndarray, high: np.ndarray, times: np.ndarray) -> int:
    """The year-end that decides; of an annual target whose values are not known the one that asks for most."""
    if target.timing != "annual":
        return target.year
    if measured.values is not None and np.isfinite(measured.values[1:, -1]).any():
        return int(times[deciding_year(measured.values[:, -1:], target, times)[0]])
    span = slice(1, int(np.searchsorted(times, target.year)) + 1)
    asked = -high[span, -1] if target.operator == "<=" else low[span, -1]
    return int(times[1 + int(np.nanargmax(asked))]) if np.isfinite(asked).any() else target.year


def _others_meet(target: Target, measured: Measured, t: int, times: np.ndarray) -> np.ndarray:
    """Whether the other years of an annual target meet it, (draw,); true where one year decides."""
    if target.timing != "annual" or measured.values is None:
        return np.asarray(True)
    last = int(np.searchsorted(times, target.year))
    others = np.delete(measured.values[1 : last + 1], t - 1, axis=0)
    return np.asarray(meets(others, target).all(axis=0))


def _levers(indicator: Indicator | None, target: Target, book: SeriesBook, scenario: Scenario) -> list[_Lever]:
    """The level of the indicator where what surrounds it is known, and the figure itself."""
    shape = (book.times.size, book.draws.size)
    itself = _Lever(
        target.indicator if indicator is None else indicator.id, target.unit, lambda value: np.full(shape, value)
    )
    if indicator is None:
        return [itself]
    try:
        return [_LEVERS[indicator.kind](indicator, book, scenario), itself]
    except KeyError:
        return [itself]


def _ratio(indicator: Indicator, book: SeriesBook, scenario: Scenario) -> _Lever:
    name, whole_name = indicator.numerator, indicator.denominator
    try:
        whole, of = series_or_quantity(whole_name, book), name
    except KeyError:
        whole, of = series_or_quantity(indicator.whole_else, book), f"{name} ({indicator.whole_else})"
    whole = np.where(whole > 0.0, whole, np.nan) * product_of(indicator.times, book)
    inside = whole if indicator.unit == "share" and name.startswith(f"{whole_name}.") else None
    return _Lever(of, unit_of_series(name, scenario, whole_name), lambda value: value * whole / indicator.per, inside)


def _level(indicator: Indicator, book: SeriesBook, scenario: Scenario) -> _Lever:
    shape = (book.times.size, book.draws.size)
    unit = indicator.unit if indicator.per == 1.0 else unit_of_series(indicator.numerator, scenario)
    return _Lever(indicator.numerator, unit, lambda value: np.full(shape, value / indicator.per))


def _growth(indicator: Indicator, book: SeriesBook, scenario: Scenario) -> _Lever:
    stock = series_or_quantity(indicator.numerator, book)
    before = np.concatenate([np.full_like(stock[:1], np.nan), stock[:-1]])
    if indicator.absolute:
        return _Lever(indicator.numerator, indicator.unit, lambda value: before + value)
    before = np.where(before > 0.0, before, np.nan)
    unit = unit_of_series(indicator.numerator, scenario)
    return _Lever(indicator.numerator, unit, lambda value: before * (1.0 + value))


def _coverage(indicator: Indicator, book: SeriesBook, scenario: Scenario) -> _Lever:
    shape = (book.times.size, book.draws.size)
    return _Lever(indicator.coverage, indicator.unit, lambda value: np.full(shape, value))


def _units(indicator: Indicator, book: SeriesBook, scenario: Scenario) -> _Lever:
    if indicator.units is None:
        raise KeyError("units")
    units = unit_count(indicator.units, book)
    units = np.where(units > 0.0, units, np.nan)
    return _Lever(indicator.numerator or indicator.coverage, "units", lambda value: value * units / indicator.per)


def _years_of_capacity(indicator: Indicator, book: SeriesBook, scenario: Scenario) -> _Lever:
    takers = series_or_quantity(indicator.denominator, book) * product_of(indicator.times, book)
    return _Lever(indicator.numerator, "places", lambda value: places_for(value, takers))


def _margin(indicator: Indicator, book: SeriesBook, scenario: Scenario) -> _Lever:
    less = product_of(indicator.subtrahend, book)
    names = " × ".join(factor.of for factor in indicator.minuend)
    return _Lever(names, indicator.unit, lambda value: less + value)


_LEVERS = {
    "ratio": _ratio,
    "level": _level,
    "growth": _growth,
    "cumulative": _level,  # the total up to the year
    "coverage": _coverage,
    "units": _units,
    "years_of_capacity": _years_of_capacity,
    "margin": _margin,
}
