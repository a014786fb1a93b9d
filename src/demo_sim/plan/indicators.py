"""Indicators: figures formed of the run's series, for every year-end and draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from demo_sim.inputs.draws import Draws
from demo_sim.scenario.entries import FactorSpec, Indicator


@dataclass(frozen=True)
class SeriesBook:
    """All series of a run by name, (time, draw), the quantities, and which stocks are observed to when.

    Attributes
    ----------
    times : year-ends
    series : `groups.x`, `supply.x`, `need.x.kind`, `population.total`, `flows.births`
    draws : quantities of the scenario
    observed_until : last year-end whose stock is a published figure, by series name
    """

    times: np.ndarray
    series: Mapping[str, np.ndarray]
    draws: Draws
    observed_until: Mapping[str, int]


@dataclass(frozen=True)
class Measured:
    """An indicator's values, or the name of what is missing.

    Attributes
    ----------
    values : (time, draw), or None
    missing : series or setting that is not there
    basis : model, observed, reported or assumed
    coverage : the coverage assumed, (draw,) at each time, or None
    observed_until : last year-end for which the value is a published figure
    """

    values: np.ndarray | None
    missing: str = ""
    basis: str = "model"
    coverage: np.ndarray | None = None
    observed_until: int | None = None


def measure(indicator: Indicator, book: SeriesBook) -> Measured:
    """Values of an indicator for every year-end and draw."""
    try:
        return _KINDS[indicator.kind](indicator, book)
    except KeyError as error:
        basis = "reported" if indicator.kind == "reported" else "model"
        return Measured(None, missing=str(error.args[0]), basis=basis)


def measure_reported(name: str, book: SeriesBook) -> Measured:
    """A figure that the analyst entered under `reported`, by the target's short name."""
    path = f"reported.{name}"
    if path not in book.draws:
        return Measured(None, missing=path, basis="reported")
    return Measured(book.draws[path].series(book.times), basis="reported")


def _series(name: str, book: SeriesBook) -> np.ndarray:
    if name not in book.series:
        raise KeyError(name)
    return book.series[name]


def _input(factors: tuple[FactorSpec, ...], book: SeriesBook) -> np.ndarray:
    out = np.ones((book.times.size, book.draws.size))
    for factor in factors:
        if factor.of not in book.draws:
            raise KeyError(factor.of)
        values = book.draws[factor.of].series(book.times, name=factor.name, level=factor.level, age=factor.age)
        out = out * (1.0 - values if factor.complement else values)
    return out


def _observed(names: list[str], book: SeriesBook) -> int | None:
    years = [book.observed_until.get(name.removeprefix("supply.")) for name in names if name]
    found = [y for y in years if y is not None]
    return min(found) if found and len(found) == len(years) else None


def _ratio(indicator: Indicator, book: SeriesBook) -> Measured:
    top, bottom = _series(indicator.numerator, book), _series(indicator.denominator, book)
    values = np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0.0) * indicator.per
    observed = _observed([indicator.numerator, indicator.denominator], book)
    return Measured(values, observed_until=observed)


def _level(indicator: Indicator, book: SeriesBook) -> Measured:
    values = _series(indicator.numerator, book) * indicator.per
    return Measured(values, observed_until=_observed([indicator.numerator], book))


def _growth(indicator: Indicator, book: SeriesBook) -> Measured:
    values = _series(indicator.numerator, book)
    out = np.full_like(values, np.nan)
    out[1:] = values[1:] / values[:-1] - 1.0
    return Measured(out)


def _coverage(indicator: Indicator, book: SeriesBook) -> Measured:
    _series(indicator.of, book)  # the entitled must be known, even where the coverage is not
    if indicator.coverage not in book.draws:
        raise KeyError(indicator.coverage)
    covered = book.draws[indicator.coverage].series(book.times)
    return Measured(covered, coverage=covered)


def _margin(indicator: Indicator, book: SeriesBook) -> Measured:
    return Measured(_input(indicator.minuend, book) - _input(indicator.subtrahend, book))


def _reported(indicator: Indicator, book: SeriesBook) -> Measured:
    return measure_reported(indicator.id, book)


_KINDS = {
    "ratio": _ratio,
    "level": _level,
    "growth": _growth,
    "coverage": _coverage,
    "margin": _margin,
    "reported": _reported,
}
