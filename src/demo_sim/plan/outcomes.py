"""Published figures beside the projection, each year marked tied, fitted or tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from demo_sim.plan.indicators import SeriesBook
from demo_sim.results import Results
from demo_sim.results.columns import OUTCOME_COLUMNS
from demo_sim.scenario import Scenario

# a published series compares with the run's series of this name
SERIES = {
    "population": "population.total", "births": "flows.births", "deaths": "flows.deaths",
    "urban_residents": "groups.urban_residents",
}  # fmt: skip
TOLD = ("observed", "reported")  # what a target's value rests on where it is an outcome and no projection

Projected = Callable[[str, int], float | None]


def outcome_columns(
    scenario: Scenario,
    book: SeriesBook,
    targets: Sequence[Mapping[str, Any]] = (),
    earlier: Results | None = None,
) -> dict[str, list[object]]:
    """Columns of outcomes.csv: series, year, published, value, difference, mark, and the run that projected.

    A year after `known_until` is always `tested`: the run could not know it. Where the scenario starts from an
    earlier run, what that one forecast stands beside what came; its targets too, where this run has the outcome.

    Parameters
    ----------
    book : series of this run
    targets : rows of the table of targets of this run
    earlier : the run that the scenario starts from
    """
    columns: dict[str, list[object]] = {name: [] for name in OUTCOME_COLUMNS}

    def own(name: str, year: int) -> float | None:
        for path in (SERIES.get(name, f"groups.{name}"), f"supply.{name}"):
            if path in book.series and book.times[0] < year <= book.times[-1]:
                return float(book.series[path][year - int(book.times[0]), -1])
        return None

    def add(name: str, year: int, published: float, projected: float, mark: str, run: str) -> None:
        difference = projected - published
        relative = difference / published if published else np.nan
        cells = (name, year, published, projected, difference, relative, mark, run)
        for column, cell in zip(columns.values(), cells, strict=True):
            column.append(cell)

    runs: list[tuple[str, int | None, Projected]] = [(scenario.name, scenario.settings.known_until, own)]
    if earlier is not None:
        attrs = earlier.attrs
        runs.insert(0, (str(attrs["name"]), int(attrs["known_until"]) or None, _of_run(earlier)))
    for name, outcome in scenario.settings.outcomes.items():
        for row in outcome.observed.rows if outcome.observed is not None else ():
            if row.year is None or row.drawn:  # what has a band was not published
                continue
            for run, known_until, projected in runs:
                value = projected(name, row.year)
                if value is not None:
                    known = known_until is None or row.year <= known_until
                    add(name, row.year, row.value, value, outcome.mark if known else "tested", run)
                    break
    if earlier is not None:
        before = earlier.targets.set_index(["id", "reading", "year"])
        for target in targets:
            key = (target["id"], target["reading"], target["year"])
            if target["basis"] in TOLD and key in before.index and np.isfinite(before.loc[key, "value"]):
                mark = "tied" if np.isfinite(before.loc[key].get("actual", np.nan)) else "tested"
                add(key[0], key[2], target["value"], float(before.loc[key, "value"]), mark, runs[0][0])
    return columns


def _of_run(results: Results) -> Projected:
    """Values of a saved run by series and year; None where it has no such series or year."""
    run = results.central

    def projected(name: str, year: int) -> float | None:
        kind, _, key = SERIES.get(name, f"groups.{name}").partition(".")
        if kind == "flows":
            if year not in run.flows["year"].values:
                return None
            return float(run.flows.sel(flow=key, year=year).sum())
        if year not in run.population["time"].values[1:]:
            return None
        if kind == "population":
            return float(run.population.sel(time=year).sum())
        if key in run.groups["group"].values:
            return float(run.groups.sel(group=key, time=year).sum())
        if "demand/stocks" in run and name in run.stocks["stock"].values:
            return float(run.stocks.sel(stock=name, time=year))
        return None

    return projected
