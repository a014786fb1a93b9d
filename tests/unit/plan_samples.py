"""A made-up place, small enough to judge by hand: series, quantities, one target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

import demo_sim as ds
from demo_sim.inputs.draws import STATED, Draws
from demo_sim.plan.explained import Explained
from demo_sim.plan.indicators import SeriesBook
from demo_sim.plan.verdicts import judge
from demo_sim.scenario.entries import Indicator, Plan, Target
from demo_sim.scenario.fields import Label
from demo_sim.scenario.quantity import Location, Quantity, Row, Source

NAME = Label(zh="甲", en="a")
Figures = float | Mapping[int, float] | Row | Sequence[Row]


def indicator(kind: str, **keys: Any) -> Indicator:
    """An indicator named `x`."""
    return Indicator(**{"id": "x", "label": NAME, "unit": "share", "kind": kind, "definition": NAME} | keys)


def target(operator: str, value: float, year: int, **keys: Any) -> Target:
    """A target for the indicator `x`."""
    told = {"id": "t", "label": NAME, "indicator": "x", "unit": "share"}
    return Target(**told | {"operator": operator, "value": value, "year": year} | keys)


def place(*targets: Target, indicators: Sequence[Indicator] = (), **settings: Any) -> ds.Scenario:
    """What judging reads of a scenario: its one plan, the catalogue and a few settings."""
    plan = Plan(id="p", title=NAME, document=NAME, publisher="p", targets=targets)
    catalog = SimpleNamespace(
        plans={"p": plan}, indicators={item.id: item for item in indicators}, populations={}, resources={}
    )
    told = {"plan": ("p",), "known_until": None, "outcomes": {}, "supply": {}} | settings
    quantities: dict[str, Quantity] = {}
    return cast(
        ds.Scenario,
        SimpleNamespace(name="made-up", catalog=catalog, settings=SimpleNamespace(**told), quantities=quantities),
    )


def quantity(path: str, figures: Figures, status: str = "reported") -> Quantity:
    """A number, numbers by year, or rows."""
    if isinstance(figures, Mapping):
        rows = tuple(Row(value, year=year, id=path, status=status) for year, value in figures.items())
    elif isinstance(figures, float | int):
        rows = (Row(float(figures), id=path, status=status),)
    else:
        rows = (figures,) if isinstance(figures, Row) else tuple(figures)
    statuses = dict.fromkeys(row.status for row in rows)
    sources = tuple(Source(path, "made up", told, "") for told in statuses)
    return Quantity(path, rows, "", Location("place.yaml", 1, path), sources)


def book(
    series: Mapping[str, Sequence[float] | np.ndarray],
    first: int = 2020,
    quantities: Sequence[Quantity] = (),
    **keys: Any,
) -> SeriesBook:
    """Series by year-end from `first` on, the same in every draw, or (time, draw) with the stated run last."""
    given = {name: np.asarray(values, float) for name, values in series.items()}
    draws = max(values.shape[1] - 1 if values.ndim == 2 else 0 for values in given.values())
    arrays = {n: np.repeat(v[:, None], draws + 1, axis=1) if v.ndim == 1 else v for n, v in given.items()}
    times = first + np.arange(len(next(iter(arrays.values()))))
    numbers = [*range(draws), STATED]
    return SeriesBook(times, arrays, Draws({q.path: q for q in quantities}, 1, numbers), {}, **keys)


def judged(scenario: ds.Scenario, where: SeriesBook) -> list[dict[str, Any]]:
    """Rows of the table of targets."""
    return judge(scenario, where, Explained(where.draws)).rows
