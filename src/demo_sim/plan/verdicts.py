"""Verdicts: each target met, missed, at risk or not assessed, on unrounded values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from demo_sim.inputs.draws import Stream
from demo_sim.plan.actuals import actual_sources, with_actual
from demo_sim.plan.break_even import break_even
from demo_sim.plan.evidence import COUNTED_STATUSES, Evidences
from demo_sim.plan.explained import Explained
from demo_sim.plan.indicators import Measured, SeriesBook, measure_reported, measured_values, required
from demo_sim.plan.meeting import FEWEST_DRAWS, MET, MISSED, at_target, first_year_met, meets
from demo_sim.plan.natural import Course, natural_cells
from demo_sim.plan.requirements import REPORTED, plan_targets, readings
from demo_sim.plan.requirements import paths as formed_of
from demo_sim.plan.units import unit_of_series
from demo_sim.results.columns import TARGET_COLUMNS, VARIANCE_COLUMNS
from demo_sim.scenario import Scenario
from demo_sim.scenario.entries import Indicator, Plan, Target

EXPECTED, BETWEEN, FIGURE = 0, 1, 2  # what a value of a year-end is

MISSING = "missing: "  # in place of a driver: what an assessment lacks
NO_STOCKS = Course()
_LISTED = "listed: "  # in place of a driver: a deliverable or a direction has no verdict


@dataclass(frozen=True)
class Verdicts:
    """Rows of the target table and the indicator paths behind them.

    Attributes
    ----------
    rows : one a target and reading, keys as in TARGET_COLUMNS
    paths : (target row, time, draw), the run at stated values last, NaN where not assessed
    figures : (target row, time), EXPECTED, BETWEEN two figures, or FIGURE
    natural : (target row, time), the paths at stated values without the measures that are planned; None without any
    medians : of the draws in the target's year, one a row, NaN where there is none
    variance : columns of variance.csv, what families of inputs explain of each row
    weighty : inputs that explain more than a twentieth of a row that has a verdict: the largest share, id of its row
    """

    rows: list[dict[str, Any]]
    paths: np.ndarray
    figures: np.ndarray
    natural: np.ndarray | None
    medians: list[float]
    variance: dict[str, list[Any]]
    weighty: dict[Stream, tuple[float, str]] = field(default_factory=dict)


def judge(scenario: Scenario, book: SeriesBook, explained: Explained, course: Course = NO_STOCKS) -> Verdicts:
    """Verdict on every target of every plan of the scenario, one row for each reading.

    Parameters
    ----------
    scenario : with its plans and catalogue
    book : series of the run
    explained : what its uncertain inputs explain
    course : how its stocks go on, with and without the measures that are planned
    """
    rows: list[dict[str, Any]] = []
    paths: list[np.ndarray] = []
    figures: list[np.ndarray] = []
    natural: list[np.ndarray] = []
    without = course.without_measures(book) if course.planned else None
    medians: list[float] = []
    variance: dict[str, list[Any]] = {name: [] for name in VARIANCE_COLUMNS}
    weighty: dict[Stream, tuple[float, str]] = {}
    evidences = Evidences(book, scenario, explained)
    empty = np.full((book.times.size, book.draws.size), np.nan)
    for plan, target in plan_targets(scenario):
        read: list[tuple[Indicator | None, Measured]] = [
            (indicator, measured_values(indicator, book)) for indicator in readings(target, scenario)
        ]
        if not read:
            read = [(None, measure_reported(target.indicator.removeprefix(REPORTED), book))]
        for indicator, formed in read:
            measured = with_actual(target.indicator if indicator is None else indicator.id, formed, book)
            row = _row(plan, target, indicator, measured, book, evidences, scenario)
            paths.append(empty if measured.values is None else measured.values)
            row |= {"tally": tally(plan, target, row)}
            if np.isfinite(row["value"]) and target.year > measured.last_figure:
                row["goes_on"], row["natural_goes_on"] = course.words(indicator)
            if without is not None:
                beside, path = natural_cells(row, target, indicator, measured, course, without)
                row |= beside
                natural.append(path)
            rows.append(row)
            figures.append(_figures(measured, book.times))
            values = (
                at_target(paths[-1], target, book.times)[:-1] if rows[-1]["verdict"] != "not_assessed" else empty[0]
            )
            medians.append(float(np.median(values)) if values.size else np.nan)
            for family, own in explained.families(values[: book.random]).items():
                cells = (*(rows[-1][key] for key in ("plan", "id", "reading", "year")), family, own.share, own.error)
                for column, cell in zip(variance.values(), cells, strict=True):
                    column.append(cell)
            for stream, share in explained.weighty(values[: book.random]).items():
                weighty[stream] = max(weighty.get(stream, (0.0, "")), (share, str(rows[-1]["id"])))
    stacked = np.stack(paths) if paths else np.empty((0, *empty.shape))
    told = np.stack(figures) if figures else np.empty((0, book.times.size), np.int8)
    return Verdicts(rows, stacked, told, np.stack(natural) if natural else None, medians, variance, weighty)


def _row(
    plan: Plan,
    target: Target,
    indicator: Indicator | None,
    measured: Measured,
    book: SeriesBook,
    evidences: Evidences,
    scenario: Scenario,
) -> dict[str, Any]:
    explained = evidences.explained
    row = _described(plan, target, indicator, measured)
    at, n = _index(book.times, target.year), book.random
    if indicator is not None and measured.count is not None and at < book.times.size:
        asked = required(indicator, target.goal, measured, target.year, book.times)
        row["count"] = float(measured.count[at, -1])
        if asked is not None:
            row |= {"required": float(asked[-1]), "required_unit": required_unit(indicator, measured, scenario)}
    if not target.scored:
        told = measured.values is not None and at < book.times.size
        row["value"] = float(measured.values[at, -1]) if told and measured.values is not None else np.nan
        return row | {"verdict": "not_assessed", "driver": f"{_LISTED}{target.kind}"}
    takes = break_even(indicator, target, measured, book, scenario)
    row |= {
        "break_even": takes.value,
        "break_even_unit": takes.unit,
        "break_even_of": takes.of,
        "break_even_year": takes.year,
        "level_for_90": takes.for_90,
    }
    row["per_point"] = _per_point(indicator, target, row["count"])
    if measured.values is None:
        return row | _unassessed(measured.missing)
    values = at_target(measured.values, target, book.times)
    lacking = _lacking(target, indicator, measured, values, book.times)
    if lacking:
        return row | _unassessed(lacking)
    finished = _finished(measured, target, book.times)
    if finished:
        name = target.indicator if indicator is None else indicator.id
        row["basis"], row["actual_source"] = actual_sources(name, indicator, target.year, scenario)
    if measured.coverage is not None:
        row["coverage_assumed"] = float(measured.coverage[at, -1])
    value, random = float(values[-1]), values[:-1]
    ground = evidences.of(indicator, target, measured, values, finished)
    row |= {"evidence": ground.status, "rests_on": ground.of}
    row |= {"value": value, "gap": value - target.goal}
    if ground.lacks:
        if n >= FEWEST_DRAWS:
            row["low80"], row["high80"] = np.quantile(random, [0.1, 0.9]).tolist()
        return row | _unassessed(measured.missing or ground.lacks)
    row["completion"] = completion(value, target)
    if finished:
        done = bool(meets(np.array([value]), target)[0])
        row |= {"actual": value, "verdict": "met" if done else "missed"}
        row |= {"p_met": float(done), "p_se": 0.0, "low80": value, "high80": value} if n >= FEWEST_DRAWS else {}
    elif n >= FEWEST_DRAWS:
        met = meets(random, target)
        p = float(met.mean())
        low, high = np.quantile(random, [0.1, 0.9]).tolist()
        row |= {
            "p_met": p,
            "p_se": explained.error_of_share(met, _by_persons(indicator, book)),
            "low80": float(low),
            "high80": float(high),
        }
        row["verdict"] = "met" if p >= MET else "missed" if p <= MISSED else "at_risk"
    else:
        row["verdict"] = "met" if bool(meets(np.array([value]), target)[0]) else "missed"
    row["first_year_met"] = first_year_met(measured.values[:, -1], target, book.times)
    if finished:
        return row
    stream, share = explained.driver(random)
    row["driver"] = "" if stream is None else f"{stream.id}[{stream.name}]" if stream.name else stream.id
    row["driver_share"] = share
    return row


def _unassessed(missing: str) -> dict[str, Any]:
    return {"verdict": "not_assessed", "driver": f"{MISSING}{missing}", "missing": missing.partition(" ")[0]}


def _per_point(indicator: Indicator | None, target: Target, count: float) -> float:
    """What one percentage point of a coverage is, in persons or units; NaN of what is no coverage."""
    covers = indicator is not None and indicator.kind in ("coverage", "units") and target.unit == "share"
    return 0.01 * count if covers else float("nan")


def tally(plan: Plan, target: Target, row: Mapping[str, Any]) -> str:
    """Where a row is counted: one of `counted`, `planned`, `indicative`, `open` of a plan, or nowhere."""
    if not target.scored:
        return "listed"
    if plan.reference:
        return "reference"
    if row["reading"] != "indicator":
        return "reading"
    if row["verdict"] == "not_assessed":
        return "open"
    return (
        "counted" if row["evidence"] in COUNTED_STATUSES else "planned" if row["evidence"] == "plan" else "indicative"
    )


def _figures(measured: Measured, times: np.ndarray) -> np.ndarray:
    """Whether each year-end has a figure, lies between two of them, or is expected; (time,)."""
    years = sorted(measured.figures)
    out = np.full(times.size, EXPECTED, np.int8)
    if years:
        out[(times >= years[0]) & (times <= years[-1])] = BETWEEN
        out[np.isin(times, years)] = FIGURE
    return out


def _finished(measured: Measured, target: Target, times: np.ndarray) -> bool:
    """Whether figures decide: that of the target's year, of an annual target or a sum those of all years so far."""
    # a sum that is entered is that of all years
    every = target.timing == "annual" or (measured.summed and target.year not in measured.actual)
    first = int(times[1]) if every else target.year
    return measured.figures.issuperset(range(first, target.year + 1))


def completion(value: float, target: Target) -> float:
    """Part of the target that is reached; of an upper limit the limit over the value. NaN where it has no meaning.

    Examples
    --------
    >>> from demo_sim.scenario.entries import Target
    >>> name = {"zh": "x", "en": "x"}
    >>> t = Target(id="x", label=name, indicator="x", operator=">=", value=0.5, unit="share", year=2025)
    >>> completion(0.6, t), completion(6.0, t.model_copy(update={"operator": "<=", "value": 8.0}))
    (1.2, 1.3333333333333333)
    """
    part, whole = (target.goal, value) if target.operator == "<=" else (value, target.goal)
    return part / whole if whole > 0.0 and part >= 0.0 else float("nan")


def _by_persons(indicator: Indicator | None, book: SeriesBook) -> bool:
    """Whether persons decide a figure: relatives or placement enter it."""
    return indicator is not None and not book.by_persons.isdisjoint(formed_of(indicator))


def required_unit(indicator: Indicator, measured: Measured, scenario: Scenario) -> str:
    """Unit of what a target requires: that of a ratio's numerator, or of what is covered."""
    if indicator.kind in ("units", "years_of_capacity"):
        return "units" if indicator.kind == "units" else "places"
    name = indicator.numerator if indicator.kind == "ratio" else measured.counted
    return unit_of_series(name, scenario, measured.counted)


def _described(plan: Plan, target: Target, indicator: Indicator | None, measured: Measured) -> dict[str, Any]:
    """Row of a target with what the plan says of it; its numbers are still to come."""
    definition = (
        (indicator.definition.zh, indicator.definition.en) if indicator else ("单位填报", "reported by the office")
    )
    row: dict[str, Any] = dict.fromkeys(TARGET_COLUMNS, "")
    numbers = (
        "coverage_assumed", "value", "low80", "high80", "p_met", "p_se", "gap", "first_year_met", "driver_share",
        "count", "required", "actual", "completion", "last_figure", "break_even", "break_even_year", "level_for_90",
        "per_point", "natural_value", "natural_p_met",
    )  # fmt: skip
    row |= dict.fromkeys(numbers, np.nan)
    return row | {
        "plan": target.plan or plan.id,
        "id": target.id,
        "label_zh": target.label.zh,
        "label_en": target.label.en,
        "reading": indicator.reading if indicator else "indicator",
        "definition": " | ".join(definition),
        "operator": target.operator,
        "target": target.goal,
        "unit": target.unit,
        "year": target.year,
        "attribute": target.attribute,
        "basis": measured.basis,
        "last_figure": measured.last_figure if measured.figures else np.nan,
        "source": f"{target.document or plan.title.zh}" + (f" L{target.line}" if target.line else ""),
        "kind": target.kind,
        "people": target.people,
        "counted": measured.counted,
        "department": target.department or (indicator.department if indicator else "") or "office",
        "baseline": target.baseline.value if target.baseline else np.nan,
        "baseline_year": target.baseline.year if target.baseline else np.nan,
        "note": f"{target.note.zh} | {target.note.en}" if target.note else "",
    }


def _lacking(
    target: Target, indicator: Indicator | None, measured: Measured, values: np.ndarray, times: np.ndarray
) -> str:
    """What a figure lacks for a verdict though it could be formed; "" for nothing."""
    if measured.reported is not None and measured.reported[1] < target.year:
        path, last = measured.reported
        return f"{path} {target.year} (last {last})"
    if not np.isfinite(values).all():
        if measured.missing:
            return measured.missing
        # a ratio over nothing is undefined
        return f"{indicator.denominator} > 0" if indicator and indicator.denominator else "a finite figure"
    if measured.at_least is not None and indicator is not None:
        bound = measured.at_least[_index(times, target.year)]
        if (bound & ~meets(values, target)).any():
            return f"{indicator.denominator} {target.year + int(np.ceil(target.goal))} (period.end)"
    return ""


def _index(times: np.ndarray, year: int) -> int:
    return int(np.searchsorted(times, year))
