"""Targets as things go (自然趋势) beside the plan carried out (落实规划), and how stocks go on after their figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from demo_sim.plan.actuals import with_actual
from demo_sim.plan.indicators import Measured, SeriesBook, measured_values
from demo_sim.plan.meeting import at_target, meets
from demo_sim.plan.requirements import SUPPLY, paths
from demo_sim.scenario.entries import Indicator, Target
from demo_sim.supply.going_on import GoingOn

_OF_KIND = {"places": "used_up", "budget": "standard"}  # kinds that need no flow to go on


@dataclass(frozen=True)
class Course:
    """How the stocks of a run go on after their last figures, with and without the measures that are planned.

    Attributes
    ----------
    kinds : of the entries under `supply`, by name
    going_on, natural_going_on : how stocks go on that nothing moves, by series name; the second without measures
    natural : series of the stocks for which measures are planned, as they go without these, by series name
    planned : entries with measures
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    going_on: Mapping[str, GoingOn] = field(default_factory=dict)
    natural_going_on: Mapping[str, GoingOn] = field(default_factory=dict)
    natural: Mapping[str, np.ndarray] = field(default_factory=dict)
    planned: frozenset[str] = frozenset()

    def without_measures(self, book: SeriesBook) -> SeriesBook:
        """The book of the run as it goes without measures."""
        kept = {name: values for name, values in book.series.items() if _entry(name) not in self.planned}
        return replace(book, series=kept | {SUPPLY + name: values for name, values in self.natural.items()})

    def touches(self, indicator: Indicator) -> bool:
        """Whether measures move an indicator."""
        return any(_entry(path) in self.planned for path in paths(indicator))

    def words(self, indicator: Indicator | None) -> tuple[str, str]:
        """How the stock of an indicator goes on, with measures and without, as codes of `goes_on`; "" for no stock."""
        formed = [] if indicator is None else paths(indicator)
        stock = next((path for path in formed if _entry(path) in self.kinds), "")
        if not stock:
            return "", ""
        with_measures = self._word(stock, self.going_on, _entry(stock) in self.planned)
        there = stock.removeprefix(SUPPLY) in self.natural
        return with_measures, self._word(stock, self.natural_going_on) if there else ""

    def _word(self, stock: str, going_on: Mapping[str, GoingOn], planned: bool = False) -> str:
        own = going_on.get(stock.removeprefix(SUPPLY))
        if own is not None:
            return own.how
        return "measures" if planned else _OF_KIND.get(self.kinds[_entry(stock)], "moves")


def _entry(path: str) -> str:
    """The entry under `supply` that a series belongs to; "" of other series."""
    return path.removeprefix(SUPPLY).partition(".")[0] if path.startswith(SUPPLY) else ""


def natural_cells(
    row: Mapping[str, Any],
    target: Target,
    indicator: Indicator | None,
    measured: Measured,
    course: Course,
    book: SeriesBook,
) -> tuple[dict[str, float], np.ndarray]:
    """Value and probability of a target without the measures that are planned, and the path (time,) at stated values.

    Parameters
    ----------
    row : of the target, with its verdict
    measured : its indicator, with measures: what they do not move is the same without them
    book : of the run without measures
    """
    if indicator is not None and course.touches(indicator):
        measured = with_actual(indicator.id, measured_values(indicator, book), book)
    if measured.values is None:
        return {}, np.full(book.times.size, np.nan)
    path = measured.values[:, -1]
    if not np.isfinite(row["value"]):
        return {}, path
    values = at_target(measured.values, target, book.times)
    cells = {"natural_value": float(values[-1])}
    if np.isfinite(row["p_met"]) and np.isfinite(values).all():
        cells["natural_p_met"] = float(meets(values[:-1], target).mean())
    return cells, path
