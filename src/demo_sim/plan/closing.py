"""The closing table of each plan: all its rows with base, target, what came, how much of it, and where it stands.

Twice for a plan: for the years its targets are dated to, and for the mid-term review two years before its end. A set of
reference has no such table.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from demo_sim.plan.actuals import actual_sources
from demo_sim.plan.meeting import meets
from demo_sim.plan.requirements import plan_targets, readings
from demo_sim.plan.verdicts import BETWEEN, EXPECTED, FIGURE, Verdicts, completion
from demo_sim.results.columns import CLOSING_COLUMNS
from demo_sim.scenario import Scenario
from demo_sim.scenario.entries import Plan, Target

FINAL, MIDTERM = "final", "midterm"
BEFORE = 2  # years between the mid-term review of a plan and its end
VALUE_IS = {EXPECTED: "expected", BETWEEN: "between", FIGURE: "figure"}
_WEAK = ("assumed", "borrowed")  # evidence on which a verdict is indicative

Row = dict[str, Any]


def closing_columns(scenario: Scenario, verdicts: Verdicts, times: np.ndarray) -> dict[str, list[Any]]:
    """Columns of closing.csv.

    Parameters
    ----------
    scenario : with its plans and catalogue
    verdicts : on its targets
    times : year-ends of the run
    """
    out: dict[str, list[Any]] = {name: [] for name in CLOSING_COLUMNS}
    known = {(plan.id, target.id): (plan, target) for plan, target in plan_targets(scenario) if not plan.reference}
    ends = {plan.id: _end(plan) for plan, _ in known.values()}
    for stage in (FINAL, MIDTERM):
        for place, row in enumerate(verdicts.rows):
            if (row["plan"], row["id"]) not in known:
                continue
            plan, target = known[row["plan"], row["id"]]
            year = target.year if stage == FINAL else target.year - BEFORE
            if stage == MIDTERM and (target.year != ends[plan.id] or not times[0] < year <= times[-1]):
                continue
            value, value_is = _value(row, target, year, verdicts, place, times)
            outcome = _outcome(row, target, stage, value, value_is)
            cells = _described(row, target, stage, year) | {
                "value": value,
                "value_is": value_is,
                "natural_value": _natural(row, year, value, value_is, verdicts, place, times),
                "last_value": _value_at(verdicts.paths[place, :, -1], row["last_figure"], times),
                "completion": np.nan if outcome in ("to_fill", "listed", "told") else completion(value, target),
                "outcome": outcome,
                "data_source": _source(row, target, year, scenario) if value_is == "figure" else "",
            }
            for name, column in out.items():
                column.append(cells[name])
    return out


def _end(plan: Plan) -> int:
    """The year that most targets of the plan are dated to."""
    return Counter(target.year for target in plan.targets).most_common(1)[0][0]


def _described(row: Row, target: Target, stage: str, year: int) -> Row:
    """What the plan says of a row."""
    same = (
        "plan",
        "id",
        "label_zh",
        "label_en",
        "reading",
        "unit",
        "attribute",
        "operator",
        "target",
        "last_figure",
        "department",
        "goes_on",
        "natural_goes_on",
    )
    return {name: row[name] for name in same} | {
        "number": np.nan if target.table_no is None else float(target.table_no),
        "stage": stage,
        "year": year,
        "target_year": target.year,
        "baseline": row["baseline"],
        "baseline_year": row["baseline_year"],
        "to_fill": "",
    }


def _value(row: Row, target: Target, year: int, verdicts: Verdicts, place: int, times: np.ndarray) -> tuple[float, str]:
    """Value of a row at a year-end, and what it is: a figure, between two, undated, or expected; "" for none."""
    at = int(np.searchsorted(times, year))
    if at >= times.size:
        return float("nan"), ""
    value, code = float(verdicts.paths[place, at, -1]), int(verdicts.figures[place, at])
    if year == target.year and np.isfinite(row["actual"]):
        return float(row["actual"]), VALUE_IS[FIGURE]  # of an annual target that of its worst year
    if year == target.year and code != FIGURE and np.isfinite(row["value"]):
        value = float(row["value"])
    if not np.isfinite(value):
        return value, ""
    undated = code == EXPECTED and row["basis"] == "reported"
    return value, "undated" if undated else VALUE_IS[code]


def _natural(
    row: Row, year: int, value: float, value_is: str, verdicts: Verdicts, place: int, times: np.ndarray
) -> float:
    """Value of a row without the measures that are planned; a figure is what it is."""
    if verdicts.natural is None or value_is == "":
        return float("nan")
    if value_is != VALUE_IS[EXPECTED]:
        return value
    return float(row["natural_value"] if year == row["year"] else _value_at(verdicts.natural[place], year, times))


def _value_at(path: np.ndarray, year: float, times: np.ndarray) -> float:
    """Value of a path (time,) at a year-end; NaN where there is none."""
    found = np.flatnonzero(times == year)
    return float(path[found[0]]) if found.size else float("nan")


def _outcome(row: Row, target: Target, stage: str, value: float, value_is: str) -> str:
    """How a row stands, as a code of `closing_outcome`."""
    if not target.scored:
        return "listed" if not np.isfinite(value) else "told"
    if not np.isfinite(value):
        return "to_fill"
    told = "" if value_is in ("figure", "undated") else "expected_"
    if stage == MIDTERM:
        return told + ("reached" if bool(meets(np.array([value]), target)[0]) else "not_yet")
    if row["verdict"] == "not_assessed":
        return "to_fill"
    if told and row["evidence"] in _WEAK:
        return f"indicative_{row['verdict']}"
    return "at_risk" if row["verdict"] == "at_risk" else told + str(row["verdict"])


def _source(row: Row, target: Target, year: int, scenario: Scenario) -> str:
    """Where the figure of a year was published."""
    indicators = {one.reading: one for one in readings(target, scenario)}
    indicator = indicators.get(row["reading"])
    return actual_sources(target.indicator if indicator is None else indicator.id, indicator, year, scenario)[1]
