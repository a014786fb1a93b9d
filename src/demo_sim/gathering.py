"""How the parts of a run, worked out batch by batch, become `Results`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from demo_sim.demand.care import OTHERS
from demo_sim.demand.counting import Counter
from demo_sim.demand.kin_check import MeanEvidence, kin_check_columns, mean_evidence
from demo_sim.engine.care_record import CareRecord
from demo_sim.engine.founding import Fit
from demo_sim.engine.record import Projection
from demo_sim.engine.size import Size
from demo_sim.inputs.base import Base
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.earlier import earlier_run
from demo_sim.inputs.grid import SEXES, Grid
from demo_sim.plan.answers import answer_columns
from demo_sim.plan.consistency import consistency_columns
from demo_sim.plan.indicators import SeriesBook
from demo_sim.plan.outcomes import outcome_columns
from demo_sim.plan.requirements import plan_targets
from demo_sim.plan.verdicts import COLUMNS, Verdicts
from demo_sim.provenance import (
    definition,
    driver_labels,
    input_columns,
    left_out,
    provenance,
    status_counts,
    stock_label,
)
from demo_sim.results import Results, build
from demo_sim.results.manifest import versions
from demo_sim.results.quantiles import STATISTICS
from demo_sim.results.tiers import Kept, PopulationKeeper, age_groups
from demo_sim.scenario import Scenario
from demo_sim.supply.ledger import Line
from demo_sim.supply.stocks import Stocks
from demo_sim.vocab import CARE_FLOWS, CARE_SETTINGS, FLOWS, FUNCTIONS, NEED_KINDS, label

FUNCTION_FROM = 60


@dataclass
class Part:
    """What one batch of the draw axis gave; random draws or those of the drivers, never both.

    Attributes
    ----------
    n : random draws in the batch, 0 for the drivers'
    opening : base population as counted, moved and tied, for the attributes of the run
    series : (time, draw) by name; flows, cut, births_by_age, deaths_by_age : as in `Projection`
    groups : (time, residence, draw) by id; needs : (time, draw) by resource and kind
    evidence : what relatives show of groups, mean over the draws of the batch, by id; how : how each group is counted
    kin : whether relatives are known
    care : care settings of persons, or None
    fit : how well the families of the base year fit, mean over the draws of the batch, or None
    warnings : findings of the batch in Chinese and English
    """

    n: int
    opening: dict[str, float]
    series: dict[str, np.ndarray]
    flows: np.ndarray
    cut: np.ndarray
    births_by_age: np.ndarray
    deaths_by_age: np.ndarray
    groups: dict[str, np.ndarray]
    stocks: Stocks
    needs: dict[tuple[str, str], np.ndarray]
    evidence: dict[str, MeanEvidence]
    how: dict[str, tuple[str, str]]
    kin: bool
    care: CareRecord | None
    fit: Fit | None
    warnings: list[tuple[str, str]]

    @classmethod
    def of(
        cls,
        base: Base,
        projection: Projection,
        counter: Counter,
        like: np.ndarray,
        stocks: Stocks,
        needs: dict[tuple[str, str], np.ndarray],
        care: CareRecord | None,
        fit: Fit | None,
        warnings: list[tuple[str, str]],
        keeper: PopulationKeeper,
    ) -> Part:
        """What stays of a batch; its population by single age goes to `keeper` and is not held here."""
        if projection.n:
            keeper.add(population_cube(projection.persons, projection.shares))
        opening = {
            "base_counted": float(base.counted.sum(axis=(0, 1, 2)).mean()),
            "base_moved": base.moved_total,
            "base_tied": base.tied_total or 0.0,
        }
        return cls(
            projection.n,
            opening,
            {name: values[..., like] for name, values in projection.series().items()},
            projection.flows,
            projection.cut,
            projection.births_by_age,
            projection.deaths_by_age,
            {name: values[..., like] for name, values in counter.groups.items()},
            stocks,
            needs,
            mean_evidence(counter),
            {name: counter.how(name) for name in counter.groups},
            counter.projected.kin is not None,
            care,
            fit,
            warnings,
        )


@dataclass
class Joined:
    """All batches together; series hold the drivers' draws after the random ones, the rest random draws alone."""

    population: Kept
    flows: np.ndarray
    cut: np.ndarray
    births_by_age: np.ndarray
    deaths_by_age: np.ndarray
    groups: dict[str, np.ndarray]
    needs: dict[tuple[str, str], np.ndarray]
    stocks: dict[str, np.ndarray]
    ledger: list[Line]
    care: CareRecord | None
    series: dict[str, np.ndarray]
    observed_until: dict[str, int]
    evidence: dict[str, MeanEvidence]
    how: dict[str, tuple[str, str]]
    kin: bool
    fit: Fit | None
    warnings: list[tuple[str, str]]
    opening: dict[str, float]


def join(parts: Sequence[Part], keeper: PopulationKeeper, scale: float) -> Joined:
    """Put the batches together in the order of the draws; `keeper` has taken their population.

    `scale` is the number of persons that an agent stands for.
    """
    random = [part for part in parts if part.n]
    draws = sum(part.n for part in random)
    first = parts[0]

    def along(values: Sequence[np.ndarray]) -> np.ndarray:
        return values[0] if len(values) == 1 else np.concatenate(values, axis=-1)

    series = {name: along([part.series[name] for part in parts]) for name in first.series}
    series |= {f"groups.{g}": along([part.groups[g].sum(axis=1) for part in parts]) for g in first.groups}
    series |= {f"supply.{s}": along([part.stocks.series[s] for part in parts]) for s in first.stocks.series}
    needs = {key: along([part.needs[key] for part in parts]) for key in first.needs}
    fits = [(part.fit, part.n) for part in random if part.fit is not None]
    placed = [part.care for part in random if part.care is not None]
    series |= {f"need.{resource}.{kind}": values for (resource, kind), values in needs.items()}
    return Joined(
        keeper.kept(),
        along([part.flows for part in random]),
        along([part.cut for part in random]),
        np.sum([part.births_by_age for part in random], axis=0) / draws,
        np.sum([part.deaths_by_age for part in random], axis=0) / draws,
        {g: along([part.groups[g] for part in random]) for g in first.groups},
        needs,
        {s: series[f"supply.{s}"] for s in first.stocks.series},
        first.stocks.ledger,
        CareRecord.joined(placed, scale) if placed else None,
        series,
        first.stocks.observed_until,
        {g: MeanEvidence.join([(part.n, part.evidence[g]) for part in random]) for g in first.evidence},
        first.how,
        first.kin,
        Fit.mean([fit for fit, _ in fits], [n for _, n in fits]) if fits else None,
        list(dict.fromkeys([*first.stocks.warnings, *(w for part in random for w in part.warnings)])),
        first.opening,
    )


def population_cube(persons: np.ndarray, shares: np.ndarray | None) -> np.ndarray:
    """Persons by functional level; (draw, time, residence, sex, age, function).

    Below 60 no level is assessed and all are counted as intact; without functional ability there is one level.
    """
    first = np.moveaxis(persons, -1, 0)
    if shares is None:
        return np.ascontiguousarray(first)[..., None]
    out = np.zeros((*first.shape, len(FUNCTIONS)))
    out[..., 0] = first
    old = np.moveaxis(shares, -1, 0)
    out[..., FUNCTION_FROM:, :] = first[..., FUNCTION_FROM:, None] * old
    return out


def care_variables(care: CareRecord) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Variables of the group `placement` with their dimensions; the arrays have the draw behind."""
    return {
        "care_settings": (("draw", "time", "care_setting", "residence"), care.settings),
        "waiting": (("draw", "time", "care_class", "residence"), care.waiting),
        "in_institutions": (("draw", "time", "care_class", "residence"), care.homes),
        "waiting_years": (("draw", "time", "care_class"), care.years[:, :-1]),
        "waiting_years_all": (("draw", "time"), care.years[:, -1]),
        "waited_years": (("draw", "year"), care.waited),
        "care_flows": (("draw", "year", "care_flow", "residence"), care.flows),
        "usable_places": (("draw", "time"), care.places),
    }


def gather(scenario: Scenario, draws: Draws, grid: Grid, size: Size, joined: Joined, verdicts: Verdicts) -> Results:
    """Results of a run; the draws that only serve the drivers are cut off."""
    n = draws.n

    def front(values: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(np.moveaxis(values[..., :n], -1, 0))

    groups, needs, stocks = joined.groups, joined.needs, joined.stocks
    catalog = scenario.catalog
    names = list(groups)
    resources = [r for r in catalog.resources.values() if any(key[0] == r.id for key in needs) or r.supply in stocks]
    need = np.full((n, grid.times.size, len(resources), len(NEED_KINDS)), np.nan)
    supply = np.full((n, grid.times.size, len(resources)), np.nan)
    for i, resource in enumerate(resources):
        for k, kind in enumerate(NEED_KINDS):
            if (resource.id, kind) in needs:
                need[:, :, i, k] = front(needs[resource.id, kind])
        if resource.supply in stocks:
            supply[:, :, i] = front(stocks[resource.supply])
    rows = verdicts.rows
    candidates = {}
    if joined.evidence:
        empty = np.full((grid.times.size, len(grid.residences)), np.nan)
        shown = [joined.evidence[g].candidates if g in joined.evidence else empty for g in names]
        candidates["candidates"] = (("time", "group", "residence"), np.stack(shown, axis=1))
    numbers = {target.id: target.table_no for _, target in plan_targets(scenario)}
    plans = {target.id: plan for plan, target in plan_targets(scenario)}
    parts: dict[str, Any] = {
        "inputs": input_columns(scenario),
        "population": joined.population,
        "groups": {
            "groups": (
                ("draw", "time", "group", "residence"),
                front(np.stack([groups[g] for g in names], axis=1)),
            ),
            **candidates,
        },
        "flows": {
            "flows": (("draw", "year", "flow", "residence", "sex"), front(joined.flows)),
            "births_by_age": (("year", "residence", "age"), joined.births_by_age),
            "migration_cut": (("draw", "year"), front(joined.cut)),
            "deaths_by_age": (("year", "residence", "sex", "age"), joined.deaths_by_age),
        },
    }
    if resources:
        parts["demand"] = {
            "need": (("draw", "time", "resource", "need_kind"), need),
            "supply": (("draw", "time", "resource"), supply),
        }
        if stocks:
            parts["demand"]["stocks"] = (
                ("draw", "time", "stock"),
                front(np.stack(list(stocks.values()), axis=1)),
            )
            for part in ("stock", "movement", "series", "sign"):
                column = [getattr(line, part) for line in joined.ledger]
                parts["demand"][f"ledger_{part}"] = (("ledger_line",), column)
    classes = () if scenario.settings.placement is None else scenario.settings.placement.priority
    if joined.care is not None:
        parts["placement"] = {name: (dims, front(v)) for name, (dims, v) in care_variables(joined.care).items()}
    if rows:
        parts["plan"] = {column: (("target",), [row[column] for row in rows]) for column in COLUMNS}
        parts["plan"]["indicator"] = (("draw", "time", "target"), front(np.moveaxis(verdicts.paths, 0, 1)))
    answers = answer_columns(scenario, SeriesBook(grid.times, joined.series, draws, joined.observed_until), rows)
    if answers["id"]:
        parts["answers"] = {name: (("answer",), values) for name, values in answers.items()}
    checks = consistency_columns(scenario)
    if checks["id"]:
        parts["consistency"] = {name: (("check",), values) for name, values in checks.items()}
    outcomes = outcome_columns(scenario, draws, grid, joined.series, rows, earlier_run(scenario))
    if outcomes["series"]:
        parts["outcomes"] = {name: (("outcome",), values) for name, values in outcomes.items()}
    checked = kin_check_columns(scenario, names, grid.times, joined.evidence, joined.series, n)
    if checked["group"]:
        parts["kin_check"] = {name: (("kin_row",), values) for name, values in checked.items()}
    members = [catalog.populations[g] for g in names]
    coords = {
        "draw": np.arange(n),
        "time": grid.times,
        "year": grid.years,
        "residence": list(grid.residences),
        "sex": list(SEXES),
        "age": np.arange(grid.ages),
        "age_group": age_groups(grid.ages)[1],
        "statistic": list(STATISTICS),
        "function": list(FUNCTIONS) if scenario.settings.function is not None else ["all"],
        "flow": list(FLOWS),
        "group": names,
        "group_label_zh": [m.label.zh for m in members],
        "group_label_en": [m.label.en for m in members],
        "group_base": [m.base for m in members],
        "group_unit": [m.unit for m in members],
        "group_rule": [joined.how[g][0] for g in names],
        "group_registered_by": [joined.how[g][1] for g in names],
        "resource": [r.id for r in resources],
        "resource_label_zh": [r.label.zh for r in resources],
        "resource_label_en": [r.label.en for r in resources],
        "resource_unit": [r.unit for r in resources],
        "need_kind": list(NEED_KINDS),
        "stock": list(stocks),
        "stock_label_zh": [stock_label(s, scenario, "zh") for s in stocks],
        "stock_label_en": [stock_label(s, scenario, "en") for s in stocks],
        "care_setting": list(CARE_SETTINGS),
        "care_flow": list(CARE_FLOWS),
        "care_class": [*(group.id for group in classes), OTHERS],
        "care_class_label_zh": [*(group.label.zh for group in classes), label("care_class", OTHERS, "zh")],
        "care_class_label_en": [*(group.label.en for group in classes), label("care_class", OTHERS, "en")],
        "target": [row["id"] for row in rows],
        "target_table_no": [numbers.get(row["id"]) or 0 for row in rows],
        "target_plan": [plans[row["id"]].id for row in rows],
    }
    warnings = [*joined.warnings, *left_out(scenario, draws, groups, needs, joined.kin)]
    attrs = {
        **provenance(scenario, size),
        "title": {"zh": scenario.title.zh, "en": scenario.title.en},
        "region": scenario.settings.region.code,
        "concept": scenario.settings.region.concept,
        "function_definition": definition(scenario),
        "known_until": scenario.settings.known_until or 0,
        **joined.opening,
        "plans": {plan.id: {"zh": plan.title.zh, "en": plan.title.en} for plan in plans.values()},
        **({} if joined.fit is None else {f"kin_unlinked_{name}": part for name, part in vars(joined.fit).items()}),
        "statuses": status_counts(scenario),
        "driver_labels": driver_labels(scenario, verdicts),
        "versions": versions(),
        "warnings": [{"zh": zh, "en": en} for zh, en in warnings],
    }
    return build(parts, coords, attrs)
