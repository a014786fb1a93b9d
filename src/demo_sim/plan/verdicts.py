"""Verdicts: each target met, missed, at risk or not assessed, on unrounded values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from demo_sim.inputs.draws import Draws
from demo_sim.plan.indicators import Measured, SeriesBook, measure, measure_reported
from demo_sim.plan.requirements import REPORTED, plan_targets
from demo_sim.scenario import Scenario
from demo_sim.scenario.entries import Indicator, Plan, Target

MET, MISSED = 0.9, 0.1  # shares of draws from which a target counts as met, up to which as missed
FEWEST_DRAWS = 20
TOLERANCE = 1e-9  # of the target: the rounding of floating-point sums never decides
NEAR = 0.05  # `~` is met within this share either side

COLUMNS = (
    "plan", "id", "label_zh", "label_en", "reading", "definition", "operator", "target", "unit", "year",
    "attribute", "basis", "coverage_assumed", "value", "low80", "high80", "p_met", "gap", "first_year_met",
    "verdict", "driver", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Verdicts:
    """Rows of the target table and the indicator paths behind them.

    Attributes
    ----------
    rows : one a target and reading, keys as in COLUMNS
    paths : (target row, time, draw), NaN where not assessed
    """

    rows: list[dict[str, Any]]
    paths: np.ndarray


def meets(values: np.ndarray, target: Target) -> np.ndarray:
    """Whether values meet a target, element by element; a strict bound is read as the plain one.

    Examples
    --------
    >>> from demo_sim.scenario.entries import Target
    >>> name = {"zh": "x", "en": "x"}
    >>> t = Target(id="x", label=name, indicator="x", operator=">=", value=0.55, unit="share", year=2025)
    >>> meets(np.array([0.549, 0.55]), t).tolist()
    [False, True]
    """
    slack = TOLERANCE * max(abs(target.value), 1.0)
    if target.operator == ">=":
        return np.asarray(values >= target.value - slack)
    if target.operator == "<=":
        return np.asarray(values <= target.value + slack)
    if target.operator == "~":
        return np.asarray(np.abs(values - target.value) <= NEAR * abs(target.value) + slack)
    return np.asarray(np.abs(values - target.value) <= slack)


def judge(scenario: Scenario, book: SeriesBook) -> Verdicts:
    """Verdict on every target of every plan of the scenario, one row for each reading."""
    rows: list[dict[str, Any]] = []
    paths: list[np.ndarray] = []
    empty = np.full((book.times.size, book.draws.size), np.nan)
    for plan, target in plan_targets(scenario):
        if target.indicator.startswith(REPORTED):
            name = target.indicator.removeprefix(REPORTED)
            readings: list[tuple[Indicator | None, Measured]] = [(None, measure_reported(name, book))]
        else:
            first = scenario.catalog.indicators[target.indicator]
            every = [first, *(scenario.catalog.indicators[i] for i in first.also)]
            readings = [(indicator, measure(indicator, book)) for indicator in every]
        for indicator, measured in readings:
            rows.append(_row(plan, target, indicator, measured, book, scenario))
            paths.append(empty if measured.values is None else measured.values)
    stacked = np.stack(paths) if paths else np.empty((0, *empty.shape))
    return Verdicts(rows, stacked)


def _row(
    plan: Plan,
    target: Target,
    indicator: Indicator | None,
    measured: Measured,
    book: SeriesBook,
    scenario: Scenario,
) -> dict[str, Any]:
    definition = (
        (indicator.definition.zh, indicator.definition.en) if indicator else ("单位填报", "reported by the office")
    )
    row: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    row |= {
        "plan": target.plan or plan.id,
        "id": target.id,
        "label_zh": target.label.zh,
        "label_en": target.label.en,
        "reading": indicator.reading if indicator else "indicator",
        "definition": " | ".join(definition),
        "operator": target.operator,
        "target": target.value,
        "unit": target.unit,
        "year": target.year,
        "attribute": target.attribute,
        "basis": measured.basis,
        "source": f"{target.document or plan.title.zh}" + (f" L{target.line}" if target.line else ""),
        "coverage_assumed": np.nan,
        "value": np.nan,
        "low80": np.nan,
        "high80": np.nan,
        "p_met": np.nan,
        "gap": np.nan,
        "first_year_met": np.nan,
    }
    if measured.values is None:
        row |= {"verdict": "not_assessed", "driver": f"missing: {measured.missing}"}
        return row
    n = book.draws.n
    values = at_target(measured.values, target, book.times)
    random = values[:n]
    if not np.isfinite(random).all():
        row |= {"verdict": "not_assessed", "driver": f"missing: {_empty(indicator)}"}
        return row
    if measured.observed_until is not None and measured.observed_until >= target.year:
        row["basis"] = "observed"
    if measured.coverage is not None:
        row["coverage_assumed"] = float(measured.coverage[_index(book.times, target.year), :n].mean())
    mean = float(random.mean())
    row |= {"value": mean, "gap": mean - target.value}
    if n >= FEWEST_DRAWS:
        p = float(meets(random, target).mean())
        low, high = np.quantile(random, [0.1, 0.9])
        row |= {"p_met": p, "low80": float(low), "high80": float(high)}
        row["verdict"] = "met" if p >= MET else "missed" if p <= MISSED else "at_risk"
    else:
        row["verdict"] = "met" if bool(meets(np.array([mean]), target)[0]) else "missed"
    row["first_year_met"] = first_year_met(measured.values[:, :n].mean(axis=1), target, book.times)
    row["driver"] = driver(values, book.draws)
    return row


def _empty(indicator: Indicator | None) -> str:
    """What a figure that cannot be formed in some draw lacks: a ratio over nothing is undefined."""
    return f"{indicator.denominator} > 0" if indicator and indicator.denominator else "a finite figure"


def _index(times: np.ndarray, year: int) -> int:
    return int(np.searchsorted(times, year))


def at_target(values: np.ndarray, target: Target, times: np.ndarray) -> np.ndarray:
    """Values that decide: the year-end of the target's year, or the worst year of an annual target; (draw,)."""
    last = _index(times, target.year)
    if target.timing != "annual":
        return np.asarray(values[last])
    span = values[1 : last + 1]
    return np.asarray(span.max(axis=0) if target.operator == "<=" else span.min(axis=0))


def first_year_met(means: np.ndarray, target: Target, times: np.ndarray) -> float:
    """First year from which the mean stays met to the horizon, NaN if it never does."""
    met = meets(means, target)
    if not met[-1]:
        return float("nan")
    unmet = np.flatnonzero(~met)
    return float(times[unmet[-1] + 1] if unmet.size else times[0])


def driver(values: np.ndarray, draws: Draws) -> str:
    """The uncertain input whose low-to-high range moves the value most, one at a time; its id and key."""
    if not draws.pairs or not draws.streams:
        return ""
    ends = values[draws.n + 1 :].reshape(len(draws.streams), 2)
    effect = np.abs(ends[:, 1] - ends[:, 0])
    best = int(np.argmax(effect))
    scale = max(float(np.abs(values[draws.n])), 1e-12)
    if not effect[best] > 1e-9 * scale:
        return ""
    stream = draws.streams[best]
    return f"{stream.id}[{stream.name}]" if stream.name else stream.id
