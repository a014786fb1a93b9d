"""Figures of finished years that the scenario enters for a target: they decide, whatever the indicator is formed of."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from demo_sim.plan.indicators import Measured, SeriesBook, closing_years
from demo_sim.plan.requirements import paths
from demo_sim.scenario import Quantity, Scenario
from demo_sim.scenario.actual_checks import ACTUAL, REPORTED, actual_name
from demo_sim.scenario.entries import Indicator
from demo_sim.scenario.form_reading import FIGURE

TOLD = ("published", "reported")  # statuses of a stock that closes a year


def with_actual(name: str, measured: Measured, book: SeriesBook) -> Measured:
    """An indicator with the figures that `actual` enters for it, at their year-ends in place of its own values.

    Between two figures of which one is entered stands the line from one to the other; before the first and after the
    last the indicator keeps its own values, none where they are not known.

    Parameters
    ----------
    name : id of the indicator, or of a figure of the office
    """
    path = ACTUAL + actual_name(name)
    if path not in book.draws:
        return measured
    told = book.draws[path]
    years = frozenset(told.years())
    closing = closing_years(told)
    known = measured.figures | closing
    values = np.full((book.times.size, book.draws.size), np.nan) if measured.values is None else measured.values.copy()
    entered = np.isin(book.times, list(years))
    values[entered] = told.series(book.times)[entered]
    place = {int(year): t for t, year in enumerate(book.times) if year in known | years}
    for (first, before), (last, after) in pairwise(sorted(place.items())):
        if first in years or last in years:
            for t in range(before + 1, after):
                part = (t - before) / (after - before)
                values[t] = (1.0 - part) * values[before] + part * values[after]
    changed = {}
    for field in ("coverage", "at_least"):
        own = getattr(measured, field)
        if own is not None:
            changed[field] = own.copy()
            changed[field][entered] = np.nan if field == "coverage" else False
    last_told = measured.reported
    if last_told is not None:
        changed["reported"] = (last_told[0], max(last_told[1], *years))
    return replace(measured, values=values, figures=known, actual=closing, **changed)


def actual_sources(name: str, indicator: Indicator | None, year: int, scenario: Scenario) -> tuple[str, str]:
    """What the figure of a finished year rests on: basis (`observed`, `reported`) and where it was published.

    Parameters
    ----------
    name : id of the indicator, or path of the figure of the office
    """
    entered = scenario.quantities.get(ACTUAL + actual_name(name))
    if entered is not None and any(row.year == year for row in entered.rows):
        found = [entered]
    else:
        formed = paths(indicator) if indicator is not None else [name]
        found = [q for path in formed for q in _behind(path, year, scenario)]
    rows = [row for quantity in found for row in quantity.rows if row.year == year]
    basis = "reported" if any(row.status == "reported" for row in rows) else "observed"
    parts = (part for quantity in found if quantity.source for part in _of_year(quantity.source.split("; "), year))
    return basis, "; ".join(dict.fromkeys(parts))


def _of_year(parts: list[str], year: int) -> list[str]:
    """Sources that name the year, where one does: a series is published year by year."""
    return [part for part in parts if str(year) in part] or parts


def _behind(path: str, year: int, scenario: Scenario) -> list[Quantity]:
    """Quantities with a figure of a year that a series is formed of: a stock with its parts, or a figure itself."""
    block, _, rest = path.partition(".")
    start = f"{block}.{rest.partition('.')[0]}."
    whole = path.startswith((REPORTED, ACTUAL))
    return [
        quantity
        for name, quantity in scenario.quantities.items()
        if (name == path if whole else name.startswith(start) or name == FIGURE + path)
        and any(row.year == year and (whole or row.status in TOLD) for row in quantity.rows)
    ]
