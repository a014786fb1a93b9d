"""Published figures beside the projection, each year marked tied, fitted or tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from demo_sim.plan.indicators import SeriesBook
from demo_sim.results import Results
from demo_sim.results.columns import OUTCOME_COLUMNS
from demo_sim.scenario import Scenario

# a published series compares with the run's series of this name
SERIES = {
    "population": "population.total", "births": "flows.births", "deaths": "flows.deaths",
    "urban_residents": "groups.urban_residents",
}  # fmt: skip
_SHARE = "_share"  # of a stock in its whole: institution_beds.nursing_share
_TOLD = ("observed", "reported")  # what a target's value rests on where it is an outcome and no projection

_FEWEST = 20  # draws for a band

# Value of a series at a year, first of the draws, then at stated inputs; None where the run does not have it.
Projected = Callable[[str, int], np.ndarray | None]


def outcome_columns(
    scenario: Scenario,
    book: SeriesBook,
    targets: Sequence[Mapping[str, Any]] = (),
    earlier: Results | None = None,
) -> dict[str, list[object]]:
    """Columns of outcomes.csv: series, year, published, projected, difference, mark, the run that projected, its band.

    A year after `known_until` is always `tested`: the run could not know it. Where the scenario starts from an
    earlier run, what that one forecast stands beside what came; its targets too, where this run has the outcome.

    Parameters
    ----------
    book : series of this run
    targets : rows of the table of targets of this run
    earlier : the run that the scenario starts from
    """
    columns: dict[str, list[object]] = {name: [] for name in OUTCOME_COLUMNS}

    def own(name: str, year: int) -> np.ndarray | None:
        at = year - int(book.times[0])
        if not book.times[0] < year <= book.times[-1]:
            return None
        if name.endswith(_SHARE):
            part, whole = (f"supply.{path}" for path in (name.removesuffix(_SHARE), name.rpartition(".")[0]))
            if not {part, whole} <= book.series.keys() or not (book.series[whole][at] > 0.0).all():
                return None
            return np.asarray(book.series[part][at] / book.series[whole][at])
        for path in (SERIES.get(name, f"groups.{name}"), f"supply.{name}"):
            if path in book.series:
                return np.asarray(book.series[path][at])
        return None

    def add(name: str, year: int, published: float, values: np.ndarray, mark: str, run: str) -> None:
        projected = float(values[-1])
        difference = projected - published
        relative = difference / published if published else np.nan
        cells = (name, year, published, projected, difference, relative, mark, run, *_band(values[:-1], published))
        for column, cell in zip(columns.values(), cells, strict=True):
            column.append(cell)

    runs: list[tuple[str, int | None, Projected]] = [(scenario.name, scenario.settings.known_until, own)]
    if earlier is not None:
        attrs = earlier.attrs
        runs.insert(0, (str(attrs["name"]), int(attrs["known_until"]) or None, of_run(earlier)))
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
            if target["basis"] in _TOLD and key in before.index and np.isfinite(before.loc[key, "value"]):
                mark = "tied" if np.isfinite(before.loc[key].get("actual", np.nan)) else "tested"
                add(key[0], key[2], target["value"], np.array([before.loc[key, "value"]]), mark, runs[0][0])
                low, high = (float(before.loc[key, end]) for end in ("low80", "high80"))
                columns["q10"][-1], columns["q90"][-1] = low, high
                columns["inside"][-1] = _inside(low, float(target["value"]), high)
    return columns


def _band(drawn: np.ndarray, published: float) -> tuple[float, float, str]:
    """The 80 % band of draws, and whether a published figure lies in it; empty where there are too few."""
    if drawn.size < _FEWEST or not np.isfinite(drawn).all() or np.ptp(drawn) == 0.0:
        return np.nan, np.nan, ""
    low, high = (float(q) for q in np.quantile(drawn, (0.1, 0.9)))
    return low, high, _inside(low, published, high)


def _inside(low: float, published: float, high: float) -> str:
    if not (np.isfinite(low) and np.isfinite(high)):
        return ""
    return "yes" if low <= published <= high else "no"


def of_run(results: Results) -> Projected:
    """Values of a run by series and year, in all its draws and at stated inputs."""

    def projected(name: str, year: int) -> np.ndarray | None:
        stated = _at(results.central, name, year)
        if stated is None:
            return None
        drawn = _at(results, name, year) if results.draws else None
        return np.append([] if drawn is None else np.atleast_1d(drawn), float(stated))

    return projected


def _at(run: Results, name: str, year: int) -> np.ndarray | None:
    """Value of a series at a year in each draw that the run has; None where it has no such series or year."""
    if name.endswith(_SHARE):
        part, whole = (_at(run, path, year) for path in (name.removesuffix(_SHARE), name.rpartition(".")[0]))
        return None if part is None or whole is None or not (whole > 0.0).all() else part / whole
    kind, _, key = SERIES.get(name, f"groups.{name}").partition(".")
    if kind == "flows":
        if year not in run.flows["year"].values:
            return None
        return _summed(run.flows.sel(flow=key, year=year))
    if year not in run.summary["time"].values[1:]:
        return None
    if kind == "population":
        return _summed(run.summary.sel(time=year))
    if key in run.groups["group"].values:
        return _summed(run.groups.sel(group=key, time=year))
    if "demand/stocks" in run and name in run.stocks["stock"].values:
        return _summed(run.stocks.sel(stock=name, time=year))
    return None


def _summed(values: xr.DataArray) -> np.ndarray:
    return np.asarray(values.sum([dim for dim in values.dims if dim != "draw"], dtype=float).values)
