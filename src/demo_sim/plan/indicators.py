"""Indicators: figures formed of the run's series, for every year-end and draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.plan.requirements import REPORTED, paths
from demo_sim.scenario.entries import FactorSpec, Indicator
from demo_sim.scenario.form_reading import FIGURE

SLACK = 1e-9  # a count that floating-point sums leave just below a whole number is that number

ROUNDING = 1e-6  # of a year: the rounding of a target needs no year more

# Which key of an indicator names what the run counts behind its value.
_COUNTS = {
    "ratio": "denominator", "level": "numerator", "growth": "numerator", "cumulative": "of", "coverage": "of",
    "units": "units", "years_of_capacity": "denominator", "margin": "",
}  # fmt: skip


@dataclass(frozen=True)
class SeriesBook:
    """All series of a run by name, (time, draw), the quantities, and which stocks are observed to when.

    The last place of the draw axis is the run at stated values, those before it are the random draws.

    Attributes
    ----------
    times : year-ends
    series : `groups.x`, `supply.x`, `need.x.kind`, `population.total`, `flows.births`
    draws : quantities of the scenario, on the same axis
    observed : year-ends at which a stock is a published figure, by series name
    by_persons : series that persons decide, whose chance comes from the person draws
    """

    times: np.ndarray
    series: Mapping[str, np.ndarray]
    draws: Draws
    observed: Mapping[str, tuple[int, ...]]
    by_persons: frozenset[str] = frozenset()

    @property
    def random(self) -> int:
        """Number of random draws."""
        return self.draws.size - 1


@dataclass(frozen=True)
class Measured:
    """An indicator's values, or the name of what is missing.

    Attributes
    ----------
    values : (time, draw), or None
    missing : series or setting that is not there
    instead : path of the rate that stands for the value where the stock is not known; `missing` names the stock
    basis : model, observed, reported or assumed
    coverage : the coverage assumed, (draw,) at each time, or None
    figures : year-ends at which the value is a figure, published or of the office
    actual : those of them that the scenario enters for the indicator itself
    summed : whether the value is a sum over the years, so that those of all of them are needed
    counted : what the run counts behind the value: people, households, deaths, beds or workers; "" for none
    count : (time, draw) of it, or None
    at_least : (time, draw), true where the run ends before the value is reached: it is a lower bound
    reported : path and last year of the office's figure that is dated, or None
    """

    values: np.ndarray | None
    missing: str = ""
    basis: str = "model"
    coverage: np.ndarray | None = None
    figures: frozenset[int] = frozenset()
    actual: frozenset[int] = frozenset()
    summed: bool = False
    counted: str = ""
    count: np.ndarray | None = None
    at_least: np.ndarray | None = None
    reported: tuple[str, int] | None = None
    instead: str = ""

    @property
    def last_figure(self) -> int:
        """Last year-end at which the value is a figure; 0 for none."""
        return max(self.figures, default=0)


def measured_values(indicator: Indicator, book: SeriesBook) -> Measured:
    """Values of an indicator for every year-end and draw, with what the run counts behind them."""
    told = [path for path in paths(indicator) if path.startswith(REPORTED)]
    try:
        measured = _KINDS[indicator.kind](indicator, book)
    except KeyError as error:
        missing = str(error.args[0])
        rate = indicator.rate_else if indicator.rate_else in book.draws else ""
        values = book.draws[rate].series(book.times) if rate else None
        measured = Measured(values, missing=missing, instead=rate)
    name, count = _count(indicator, book)
    basis = "assumed" if measured.instead else "reported" if told else "model"
    figures = _told_years(told, book) if told else measured.figures
    entered = _entered(indicator.coverage or indicator.numerator, book)  # what the office enters closes its year
    figures |= entered
    if entered and measured.coverage is not None:
        own = np.isin(book.times, list(entered))[:, None]
        measured = replace(measured, coverage=np.where(own, np.nan, measured.coverage))
    return replace(measured, basis=basis, reported=_last_told(told, book), figures=figures, counted=name, count=count)


def counted_behind(indicator: Indicator) -> list[str]:
    """Names of what the run may count behind an indicator's value, the nearest first.

    Where a stock is not known, the need that stands for it, so that what a target asks for is said all the same.
    """
    if indicator.units is not None:
        return [indicator.units.of]
    first = getattr(indicator, _COUNTS[indicator.kind]) if _COUNTS[indicator.kind] else ""
    names = (first, indicator.of, indicator.whole_else)
    return [name for name in dict.fromkeys(names) if name and not name.startswith(REPORTED)]


def _count(indicator: Indicator, book: SeriesBook) -> tuple[str, np.ndarray | None]:
    """What is counted, its name and numbers (time, draw); the nearest and None where the run has none of it."""
    names = counted_behind(indicator)
    for name in names:
        try:
            if indicator.units is not None:
                return name, unit_count(indicator.units, book)
            return name, series_or_quantity(name, book) * product_of(indicator.times, book)
        except KeyError:
            continue
    return (names or [""])[0], None


def required(indicator: Indicator, goal: float, measured: Measured, year: int, times: np.ndarray) -> np.ndarray | None:
    """What a goal asks for at a year-end, in persons, posts, beds, units or places; (draw,).

    None where it does not follow from what is counted, or the run ends before it is known.
    """
    at = int(np.searchsorted(times, year))
    if measured.count is None or at >= times.size:
        return None
    if indicator.kind in ("ratio", "coverage"):
        return np.asarray(goal * measured.count[at] / indicator.per)
    if indicator.kind == "units":
        return np.asarray(np.ceil(goal * measured.count[at] / indicator.per - SLACK))
    if indicator.kind == "years_of_capacity":
        places = places_for(goal, measured.count)[at]
        return None if np.isnan(places).any() else places
    return None


def places_for(years: float, takers: np.ndarray) -> np.ndarray:
    """Places that last so many years after each year-end; NaN where the run ends before.

    Parameters
    ----------
    takers : (time, draw), places taken in each year

    Returns
    -------
    (time, draw)

    Examples
    --------
    >>> places_for(1.5, np.array([[0.0], [10.0], [10.0], [20.0]]))[:, 0].tolist()
    [15.0, 20.0, nan, nan]
    """
    if not np.isfinite(years):
        return np.full_like(takers, years)
    whole = int(max(years, 0.0) + ROUNDING)
    part = years - whole if years > whole + ROUNDING else 0.0
    out = np.full_like(takers, np.nan)
    for t in range(len(takers) - whole - (part > 0.0)):
        out[t] = takers[t + 1 : t + 1 + whole].sum(axis=0)
        if part:
            out[t] += part * takers[t + 1 + whole]
    return out


def measure_reported(name: str, book: SeriesBook) -> Measured:
    """A figure that the analyst entered under `reported`, by the target's short name."""
    path = REPORTED + name
    if path not in book.draws:
        return Measured(None, missing=path, basis="reported")
    values = series_or_quantity(path, book)
    return Measured(values, basis="reported", reported=_last_told([path], book), figures=_told_years([path], book))


def _last_told(told: list[str], book: SeriesBook) -> tuple[str, int] | None:
    """Path and last year of the office's figures, of the one that ends first; one without a year holds for all."""
    ends = [(path, max(years)) for path in told if path in book.draws and (years := book.draws[path].years())]
    return min(ends, key=lambda end: end[1], default=None)


def _told_years(told: list[str], book: SeriesBook) -> frozenset[int]:
    """Year-ends for which the office gave every one of the figures."""
    years = [set(closing_years(book.draws[path])) for path in told if path in book.draws]
    return frozenset(set.intersection(*years)) if years else frozenset()


def closing_years(told: Sampled) -> frozenset[int]:
    """Years of figures that close a year: what is planned does not."""
    return frozenset(row.year for row in told.rows if row.year is not None and row.status != "plan")


def series_or_quantity(name: str, book: SeriesBook) -> np.ndarray:
    """A series of the run, or a quantity of the scenario at every year-end; (time, draw), NaN where it is not known.

    A figure of the form that the office filled in stands in its year in place of the run's.
    """
    entered = book.draws[FIGURE + name] if FIGURE + name in book.draws else None
    if name in book.series:
        values = book.series[name]
    elif name in book.draws:
        values = np.where(_told(name, book)[:, None], book.draws[name].series(book.times), np.nan)
    elif entered is not None:
        values = np.full((book.times.size, book.draws.size), np.nan)
    else:
        raise KeyError(name)
    if entered is None:
        return values
    at = np.isin(book.times, entered.years())
    return np.where(at[:, None], entered.series(book.times), values)


def _told(name: str, book: SeriesBook) -> np.ndarray:
    """Whether a quantity is known at a year-end; a dated figure of the office neither before nor after its years."""
    years = book.draws[name].years() if name.startswith(REPORTED) else []
    if not years:
        return np.ones(book.times.size, dtype=bool)
    return np.asarray((book.times >= years[0]) & (book.times <= years[-1]))


def unit_count(factor: FactorSpec, book: SeriesBook) -> np.ndarray:
    """Units of one kind, or of all kinds together where none is named; whole ones."""
    if factor.of not in book.draws:
        raise KeyError(factor.of)
    sampled = book.draws[factor.of]
    names = [factor.name] if factor.name else sampled.distinct("name") or [""]
    return np.asarray(np.rint(np.sum([sampled.series(book.times, name=name) for name in names], axis=0)))


def product_of(given: tuple[FactorSpec, ...], book: SeriesBook) -> np.ndarray:
    """Product of series and quantities at every year-end; (time, draw), ones where there is none."""
    out = np.ones((book.times.size, book.draws.size))
    for factor in given:
        if factor.of in book.series:
            values = book.series[factor.of]
        elif factor.of in book.draws:
            values = book.draws[factor.of].series(book.times, name=factor.name, level=factor.level, age=factor.age)
            values = np.where(_told(factor.of, book)[:, None], values, np.nan)
        else:
            raise KeyError(factor.of)
        out = out * (1.0 - values if factor.complement else values)
    return out


def _observed(names: list[str], book: SeriesBook) -> frozenset[int]:
    """Year-ends at which all of the stocks are published."""
    years = [set(book.observed.get(name.removeprefix("supply."), ())) for name in names if name]
    return frozenset(set.intersection(*years)) if years else frozenset()


def _figure_years(name: str, book: SeriesBook) -> list[int]:
    """Years of a figure of the form, planned ones among them."""
    return book.draws[FIGURE + name].years() if FIGURE + name in book.draws else []


def _entered(name: str, book: SeriesBook) -> set[int]:
    """Years of a figure of the form."""
    return set(closing_years(book.draws[FIGURE + name])) if FIGURE + name in book.draws else set()


def _ratio(indicator: Indicator, book: SeriesBook) -> Measured:
    top, bottom = series_or_quantity(indicator.numerator, book), series_or_quantity(indicator.denominator, book)
    bottom = bottom * product_of(indicator.times, book)
    values = np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0.0) * indicator.per
    return Measured(values, figures=_observed([indicator.numerator, indicator.denominator], book))


def _level(indicator: Indicator, book: SeriesBook) -> Measured:
    values = series_or_quantity(indicator.numerator, book) * indicator.per
    return Measured(values, figures=_observed([indicator.numerator], book))


def _growth(indicator: Indicator, book: SeriesBook) -> Measured:
    """Change on the year before, as a share of it or in numbers; unknown at the first year-end."""
    values = series_or_quantity(indicator.numerator, book)
    out = np.full_like(values, np.nan)
    change = np.diff(values, axis=0)
    before = values[:-1]
    share = np.divide(change, before, out=np.full_like(change, np.nan), where=before > 0.0)
    out[1:] = change if indicator.absolute else share
    return Measured(out)


def _cumulative(indicator: Indicator, book: SeriesBook) -> Measured:
    """Sum of a yearly flow from the first projected year on; nothing has happened at the opening."""
    flow = series_or_quantity(indicator.numerator, book)
    out = np.zeros_like(flow)
    # years before the first figure add nothing, and show nothing
    out[1:] = np.where(np.isnan(flow[1:]), np.nan, np.cumsum(np.nan_to_num(flow[1:]), axis=0))
    return Measured(out * indicator.per, summed=True)


def _coverage(indicator: Indicator, book: SeriesBook) -> Measured:
    series_or_quantity(indicator.of, book)  # the entitled must be known, even where the coverage is not
    covered = series_or_quantity(indicator.coverage, book)
    return Measured(covered, coverage=covered)


def _units(indicator: Indicator, book: SeriesBook) -> Measured:
    """Units served of units there are: whole ones, of which a printed share is a rounding."""
    if indicator.units is None:
        raise KeyError("units")
    units = unit_count(indicator.units, book)
    name = indicator.numerator or indicator.coverage
    told = series_or_quantity(name, book)
    by_number = np.full(book.times.size, bool(indicator.numerator)) | np.isin(book.times, _figure_years(name, book))
    served = np.where(by_number[:, None], np.floor(told + SLACK), np.rint(told * units))
    values = np.divide(served, units, out=np.full_like(units, np.nan), where=units > 0.0)
    return Measured(values * indicator.per)


def _years_of_capacity(indicator: Indicator, book: SeriesBook) -> Measured:
    """Years for which places last: those after a year-end until the yearly takers have filled them.

    Places still free at the end of the run make the value a lower bound, the years that are left to the end.
    """
    places = series_or_quantity(indicator.numerator, book)
    takers = series_or_quantity(indicator.denominator, book) * product_of(indicator.times, book)
    last = book.times.size - 1
    values, at_least = np.zeros_like(places), np.zeros(places.shape, dtype=bool)
    for t in range(last + 1):
        left, years, open_ = places[t].copy(), np.zeros(places.shape[1]), np.ones(places.shape[1], dtype=bool)
        for s in range(t + 1, last + 1):
            part = np.divide(left, takers[s], out=np.full_like(left, np.inf), where=takers[s] > 0.0)
            years = years + np.where(open_, np.minimum(part, 1.0), 0.0)
            open_ &= part > 1.0
            left = left - takers[s]
        values[t], at_least[t] = years, open_
    return Measured(values, at_least=at_least)


def _margin(indicator: Indicator, book: SeriesBook) -> Measured:
    return Measured(product_of(indicator.minuend, book) - product_of(indicator.subtrahend, book))


_KINDS = {
    "ratio": _ratio,
    "level": _level,
    "growth": _growth,
    "cumulative": _cumulative,
    "coverage": _coverage,
    "units": _units,
    "years_of_capacity": _years_of_capacity,
    "margin": _margin,
}
