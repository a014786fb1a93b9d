"""Answers in the plan's language: year by year what a target needs, what there is, and what has to be added.

One block of rows for each target whose indicator names ways to close a gap (`takes`), for each reading and way. Where
the stock is not known the need stands all the same, what is to be added is counted from nothing, and `missing` names
what has to be entered; where not even the whole is known, `whole_else` is taken for it and stands in brackets.
Money is told for all that is added up to a year-end: `cost_once_yuan` spent once, `cost_yearly_yuan` each year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from demo_sim.plan.indicators import SeriesBook
from demo_sim.plan.meeting import FEWEST_DRAWS
from demo_sim.plan.requirements import REPORTED, plan_targets, readings
from demo_sim.plan.what_it_takes import brought_in, needed, spread, to_add_for
from demo_sim.results.columns import ANSWER_COLUMNS
from demo_sim.scenario import Scenario
from demo_sim.scenario.entries import Indicator, Plan, Target, Way
from demo_sim.scenario.rules import BRIDGE

LEAVING = ("leavers", "retirements", "lapsed", "closures")


@dataclass(frozen=True)
class _Formed:
    """What an indicator is formed of, (time, draw); None where the run does not know it, and its name."""

    numerator: np.ndarray | None
    denominator: np.ndarray | None
    per: float
    missing: str


@dataclass(frozen=True)
class _Question:
    """One target under one reading, the targets of earlier years on the way to it, and the last year that is known."""

    plan: Plan
    target: Target
    indicator: Indicator
    earlier: tuple[Target, ...]
    known: int


def answer_columns(scenario: Scenario, book: SeriesBook, rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Columns of answers.csv.

    Parameters
    ----------
    scenario : with its plans and catalogue
    book : series of the run
    rows : the target table, for the verdicts
    """
    verdicts = {(row["id"], row["reading"]): row for row in rows}
    out: dict[str, list[Any]] = {name: [] for name in ANSWER_COLUMNS}
    for question in _questions(scenario):
        verdict = verdicts[question.target.id, question.indicator.reading]
        head = _head(question, scenario) | {"verdict": verdict["verdict"], "basis": verdict["basis"]}
        formed = _formed(question.indicator, book)
        for way in question.indicator.takes:
            for row in _years(question, formed, way, book):
                row = head | {"way": way.way, "missing": formed.missing} | row
                for name, column in out.items():
                    column.append(row.get(name, np.nan))
    return out


def _questions(scenario: Scenario) -> Iterator[_Question]:
    known = scenario.settings.known_until or 0
    asked = [
        (plan, target)
        for plan, target in plan_targets(scenario)
        if target.scored and target.operator in (">=", "~") and not target.indicator.startswith(REPORTED)
    ]
    for plan, target in asked:
        same = [t for p, t in asked if p.id == plan.id and t.indicator == target.indicator and t.year < target.year]
        earlier = tuple(sorted(same, key=lambda t: t.year))
        for indicator in readings(target, scenario):
            yield _Question(plan, target, indicator, earlier, known)


def _head(question: _Question, scenario: Scenario) -> dict[str, Any]:
    target, groups = question.target, scenario.catalog.populations
    indicator = question.indicator
    names = [name.removeprefix("groups.") for name in (indicator.numerator, indicator.denominator, indicator.of)]
    registered = any(name in groups and groups[name].base == "hukou" for name in names)
    return {
        "plan": target.plan or question.plan.id,
        "id": target.id,
        "label_zh": target.label.zh,
        "label_en": target.label.en,
        "reading": indicator.reading,
        "target_year": target.year,
        "target": target.goal,
        "unit": target.unit,
        "bridge": BRIDGE if registered and BRIDGE in scenario.quantities else "",
    }


def _formed(indicator: Indicator, book: SeriesBook) -> _Formed:
    """A coverage is a share of its group; a level stands for itself, over one."""
    if indicator.kind == "coverage":
        whole = book.series.get(indicator.of)
        if whole is None or indicator.coverage not in book.draws:
            return _Formed(None, whole, 1.0, indicator.of if whole is None else indicator.coverage)
        return _Formed(book.draws[indicator.coverage].series(book.times) * whole, whole, 1.0, "")
    names = {"numerator": indicator.numerator, "denominator": indicator.denominator}
    found = {key: book.series.get(name) for key, name in names.items()}
    if indicator.kind == "level":
        found["denominator"] = np.ones((book.times.size, book.draws.size))
    missing = ", ".join(names[key] for key, series in found.items() if series is None)
    if found["denominator"] is None and indicator.whole_else in book.series:
        found["denominator"] = book.series[indicator.whole_else]
        missing += f" ({indicator.whole_else})"
    return _Formed(found["numerator"], found["denominator"], indicator.per, missing)


def _years(question: _Question, formed: _Formed, way: Way, book: SeriesBook) -> Iterator[dict[str, Any]]:
    """Cells of each year-end up to the target's; one row without figures where the whole is not known."""
    whole, target = formed.denominator, question.target
    if whole is None:
        yield {"year": target.year}
        return
    known = formed.numerator is not None
    have = np.zeros_like(whole) if formed.numerator is None else formed.numerator
    both = way.both and known and question.indicator.kind != "level"

    def lack(goal: Target) -> np.ndarray:
        return to_add_for(goal.goal, have, whole, formed.per, both)

    def at(year: int) -> int:
        return int(np.searchsorted(book.times, year))

    required = lack(target)
    goals = [(goal.year, lack(goal)[at(goal.year)]) for goal in (*question.earlier, target)]
    added = spread(goals, book.times, question.known)
    growth = np.diff(added, axis=0, prepend=np.nan)
    cells = {"need": needed(target.goal, whole, formed.per), "required": required, "to_add": growth}
    if known:
        value = np.divide(have, whole, out=np.full_like(have, np.nan), where=whole > 0.0) * formed.per
        cells |= {"value": value, "supply": have, "gap": cells["need"] - have}
        cells["to_bring_in"] = brought_in(have, added, _leaving(question.indicator.numerator, have, book))
    if way.cost and way.cost in book.draws:
        each = book.draws[way.cost].series(book.times)
        if way.yearly:
            cells["cost_yearly_yuan"] = each * added
        else:
            cells["cost_once_yuan"] = np.cumsum(np.nan_to_num(each * growth), axis=0)
    for t in range(at(target.year) + 1):
        row = {"year": int(book.times[t])} | {name: float(values[t, -1]) for name, values in cells.items()}
        if book.random >= FEWEST_DRAWS:
            low, high = np.quantile(required[t, :-1], [0.1, 0.9])
            row |= {"required_low80": float(low), "required_high80": float(high)}
        yield row


def _leaving(name: str, stock: np.ndarray, book: SeriesBook) -> np.ndarray:
    """Share of a stock that leaves in each year, 0 where the run has no such flow; (time, draw)."""
    out = np.zeros_like(stock)
    for flow in (book.series.get(f"{name}.{leaving}") for leaving in LEAVING):
        if flow is not None:
            out[1:] += np.divide(flow[1:], stock[:-1], out=np.zeros_like(stock[1:]), where=stock[:-1] > 0.0)
    return out
