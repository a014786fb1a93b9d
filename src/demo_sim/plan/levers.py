"""What more of each lever does to the targets and gaps that a run's stocks decide: the figures behind a calculator.

Each stock with a target or a need that is still open has levers (beds built, people hired, certificates). The supply
pass gives what the figures become at a grid of amounts a year, at stated values. Where a lever acts in a straight line
two amounts say all; elsewhere so many that interpolation between them is off by little.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from demo_sim.inputs.draws import STATED, Draws
from demo_sim.plan.break_even import level_at_edge
from demo_sim.plan.indicators import SeriesBook, measured_values, product_of, series_or_quantity
from demo_sim.plan.lever_grid import STRAIGHT, LeverGrid
from demo_sim.plan.meeting import at_target, deciding_year
from demo_sim.plan.requirements import REPORTED, SUPPLY, paths, plan_targets, readings
from demo_sim.plan.units import unit_of_series
from demo_sim.results.columns import LEVER_COLUMNS, RESPONSE_COLUMNS
from demo_sim.scenario import Scenario
from demo_sim.scenario.entries import Indicator, Target
from demo_sim.scenario.form_reading import FIGURE
from demo_sim.supply.entry import Context
from demo_sim.supply.levers import levered

WIDE = 1.2  # range of a lever: times what the widest gap takes a year
PLANNED_YEARS = 5  # plans end with these
ENDS = 2  # plans whose ends needs are asked for


@dataclass(frozen=True)
class _Asked:
    """A figure that levers move: a target under one reading, or what a service needs.

    Attributes
    ----------
    head : cells of the row that say what it is
    names : series of the run that it is formed of
    indicator, target : of a target; None of a need
    year : year-end
    """

    head: dict[str, str]
    names: tuple[str, ...]
    year: int
    indicator: Indicator | None = None
    target: Target | None = None


def lever_columns(
    scenario: Scenario, book: SeriesBook, rows: Sequence[Mapping[str, Any]], carried: Mapping[str, np.ndarray]
) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Columns of levers.csv and responses.csv.

    Parameters
    ----------
    scenario : with its plans and catalogue
    book : series of the run
    rows : the target table
    carried : (1,) by stock, what an earlier run left at the opening year-end
    """
    first = int(np.searchsorted(book.times, max(scenario.settings.known_until or 0, int(book.times[0])) + 1))
    asked = _asked(scenario, book, rows, first) if first < book.times.size else []
    grids = _grids(scenario, book, asked, _stated_context(scenario, book, carried), first) if asked else {}
    responses: dict[str, list[Any]] = {name: [] for name in RESPONSE_COLUMNS}
    for one in asked:
        moving = [grids[name] for name in _entries(one, grids) if book.times[grids[name].made.first] <= one.year]
        found = _responses(one, moving, book, scenario) if moving else {}
        for name, cells in found.items():
            responses[name] += cells
    return _settings(grids, scenario, book), responses


def _grids(
    scenario: Scenario, book: SeriesBook, asked: Sequence[_Asked], context: Context, first: int
) -> dict[str, LeverGrid]:
    """The stocks that decide what is asked and have levers that move it."""
    supply = scenario.settings.supply
    stated = {name: values[:, -1] for name, values in book.series.items() if name.startswith(SUPPLY)}
    stocks = {name.removeprefix(SUPPLY): values for name, values in stated.items()}
    found: dict[str, LeverGrid] = {}
    for name in dict.fromkeys(name for one in asked for name in _entries(one, supply)):
        made = levered(name, supply[name], context, stocks) if name in stocks else None
        if made is None or max(made.first, first) >= book.times.size:
            continue
        made = replace(made, first=max(made.first, first))
        own = [one for one in asked if name in _entries(one, supply) and one.year >= book.times[made.first]]
        if own:
            parts = dict.fromkeys(n.removeprefix(SUPPLY) for one in own for n in one.names if _is_of(n, name))
            years = sorted({int(np.searchsorted(book.times, one.year)) for one in own})
            took = [_gap(one, book, scenario) / (one.year - book.times[made.first] + 1) for one in own]
            grid = LeverGrid(made, context, stated, [*parts], years, WIDE * max(took))
            found |= {name: grid} if grid.made.levers else {}
    return found


def _stated_context(scenario: Scenario, book: SeriesBook, carried: Mapping[str, np.ndarray]) -> Context:
    def of(kind: str) -> dict[str, np.ndarray]:
        return {n.removeprefix(kind): v[:, -1:] for n, v in book.series.items() if n.startswith(kind)}

    needs: dict[str, np.ndarray] = {}
    for name, values in of("need.").items():
        resource = scenario.catalog.resources[name.rpartition(".")[0]]
        needs.setdefault(resource.supply, values)  # the first meaning of each resource
    own = {path: q for path, q in scenario.quantities.items() if path.startswith(SUPPLY)}
    draws = Draws(own, 0, np.array([STATED]))
    return Context(book.times, draws, of("groups."), of("flows."), carried, needs)


def _entries(one: _Asked, found: Mapping[str, Any]) -> list[str]:
    """Stocks among some that a figure is formed of."""
    parts = [name.removeprefix(SUPPLY).partition(".")[0] for name in one.names if name.startswith(SUPPLY)]
    return [name for name in dict.fromkeys(parts) if name in found]


def _asked(scenario: Scenario, book: SeriesBook, rows: Sequence[Mapping[str, Any]], first: int) -> list[_Asked]:
    """Targets that are not decided yet and rest on stocks, in order, then needs at the ends of plans."""
    supply = scenario.settings.supply
    out: list[_Asked] = []
    told = iter(rows)
    for _, target in plan_targets(scenario):
        asked: list[Indicator | None] = [*readings(target, scenario)] or [None]
        for indicator in asked:
            row = next(told)
            if indicator is None or not target.scored or target.indicator.startswith(REPORTED):
                continue
            open_ = not np.isfinite(float(row["actual"])) and book.times[first] <= target.year <= book.times[-1]
            if open_ and np.isfinite(float(row["value"])):
                head = {key: row[key] for key in ("plan", "id", "reading")}
                out.append(_Asked(head, tuple(paths(indicator)), target.year, indicator, target))
    out = [one for one in out if _entries(one, supply)]
    later = [int(year) for year in book.times[first:]]
    ends = [year for year in later if year % PLANNED_YEARS == 0][:ENDS] or later[-1:]
    for resource in scenario.catalog.resources.values():
        stock = f"{SUPPLY}{resource.supply}"
        for kind in resource.needs if resource.supply and stock in book.series else ():
            need = f"need.{resource.id}.{kind}"
            if kind == "potential" or need not in book.series:  # who might want a service is no reason to build
                continue
            out += [_Asked({"plan": "", "id": resource.id, "reading": kind}, (stock, need), year) for year in ends]
    return out


def _is_of(name: str, entry: str) -> bool:
    return name == f"{SUPPLY}{entry}" or name.startswith(f"{SUPPLY}{entry}.")


def _gap(one: _Asked, book: SeriesBook, scenario: Scenario) -> float:
    """What a figure lacks in its own unit at stated values; 0 where nothing."""
    level, edge = _level_and_edge(one, _columns(one, book, {}, 1), scenario)
    at = int(np.searchsorted(book.times, one.year))
    lack = float(edge[at, 0] - level[at, 0])
    return max(abs(lack) if np.isfinite(lack) else 0.0, 0.0)


def _columns(one: _Asked, book: SeriesBook, over: Mapping[str, np.ndarray], count: int) -> SeriesBook:
    """The series that a figure is formed of, at stated values, those of moved stocks in their place."""
    series = {n: np.repeat(book.series[n][:, -1:], count, axis=1) for n in one.names if n in book.series}
    asked = {*one.names, *(f"{FIGURE}{name}" for name in one.names)}
    quantities = {path: q for path, q in book.draws.quantities.items() if path in asked}
    draws = Draws(quantities, 0, np.full(count, STATED))
    return SeriesBook(book.times, series | {n: v for n, v in over.items() if n in series}, draws, book.observed)


def _level_and_edge(one: _Asked, columns: SeriesBook, scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """The level that decides a figure, and where it would have to be; (time, combination)."""
    if one.indicator is None or one.target is None:
        supply, need = (columns.series[name] for name in one.names)
        return supply, need
    of, _, edge = level_at_edge(one.indicator, one.target, columns, scenario)
    if of in columns.series:
        return series_or_quantity(of, columns), edge
    values = measured_values(one.indicator, columns).values
    return (np.full_like(edge, np.nan) if values is None else values), edge


def _responses(one: _Asked, grids: Sequence[LeverGrid], book: SeriesBook, scenario: Scenario) -> dict[str, list[Any]]:
    """Cells of a figure by column, one a combination of amounts."""
    axes = [axis for grid in grids for axis in grid.axes]
    points = np.array(list(itertools.product(*axes)))
    over: dict[str, np.ndarray] = {}
    ids: list[str] = []
    for grid in grids:
        start = len(ids)
        ids += [f"{grid.made.name}.{lever}" for lever in grid.made.levers]
        over |= grid.series(points[:, start : len(ids)])
    columns = _columns(one, book, over, len(points))
    level, edge = _level_and_edge(one, columns, scenario)
    values, whole = level, np.full_like(level, np.nan)
    if one.indicator is not None and one.target is not None:
        measured = measured_values(one.indicator, columns)
        assert measured.values is not None
        values = measured.values
        if one.indicator.kind == "ratio":
            bottom = series_or_quantity(one.indicator.denominator, columns)
            whole = bottom * product_of(one.indicator.times, columns) / one.indicator.per
    if one.target is not None and one.target.timing == "annual":
        at = deciding_year(values, one.target, book.times)
        decided = at_target(values, one.target, book.times)
    else:
        at = np.full(len(points), int(np.searchsorted(book.times, one.year)))
        decided = values[at[0]]
    place = np.arange(len(points))
    figures = {"level": level[at, place], "whole": whole[at, place], "value": decided, "break_even": edge[at, place]}
    kept, moving = _moving(figures, [axis.size for axis in axes])
    head = one.head | {"year": one.year, "levers": " ".join(ids[i] for i in moving)}
    amounts = [" ".join(f"{amount:.10g}" for amount in points[i, moving]) for i in kept]
    told = {name: values[kept].tolist() for name, values in figures.items()} | {"amounts": amounts}
    return {name: told[name] if name in told else [head[name]] * len(kept) for name in RESPONSE_COLUMNS}


def _moving(figures: Mapping[str, np.ndarray], shape: Sequence[int]) -> tuple[list[int], list[int]]:
    """Places of the combinations that differ, and the levers that move any of the figures."""
    table = np.nan_to_num(np.stack([*figures.values()])).reshape(len(figures), *shape)
    scale = np.abs(table).max(axis=tuple(range(1, table.ndim)), keepdims=True)
    moving = [
        axis for axis in range(len(shape)) if (np.ptp(table, axis=1 + axis, keepdims=True) > STRAIGHT * scale).any()
    ]
    places = np.arange(np.prod(shape)).reshape(shape)
    for axis in range(len(shape)):
        if axis not in moving:
            places = places.take([0], axis=axis)
    return places.ravel().tolist(), moving


def _settings(grids: Mapping[str, LeverGrid], scenario: Scenario, book: SeriesBook) -> dict[str, list[Any]]:
    """Columns of levers.csv: what the settings of the stocks are by year, and which years a lever adds to."""
    out: dict[str, list[Any]] = {name: [] for name in LEVER_COLUMNS}
    for name, grid in grids.items():
        unit = unit_of_series(f"{SUPPLY}{name}", scenario)
        for setting in grid.made.settings:
            for t, year in list(enumerate(book.times))[setting.since :]:
                row = {
                    "lever": setting.lever,
                    "setting": f"{SUPPLY}{name}.{setting.key}",
                    "name": setting.name,
                    "unit": _lever_unit(setting.lever, unit, grid),
                    "year": int(year),
                    "value": float(setting.values[t]),
                    "adds": int(bool(setting.lever) and grid.made.first <= t <= grid.last),
                    "new": int(setting.new),
                }
                for column, cells in out.items():
                    cells.append(row[column])
    return out


def _lever_unit(lever: str, unit: str, grid: LeverGrid) -> str:
    if lever == "closed":
        return "share"
    if lever == "trained":
        return "person_times" if grid.passes else "persons"
    return unit if lever else ""
