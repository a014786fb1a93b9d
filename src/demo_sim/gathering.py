"""What is kept of a run, and how it becomes `Results`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from demo_sim.demand.needs import lacking
from demo_sim.demography.lifetable import period_deaths
from demo_sim.engine.cohort import YearFlows, YearTables
from demo_sim.inputs.base import Base
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.grid import SEXES, Grid
from demo_sim.plan.outcomes import outcome_columns
from demo_sim.plan.requirements import plan_targets
from demo_sim.plan.verdicts import COLUMNS, Verdicts
from demo_sim.results import Results, build
from demo_sim.results.manifest import file_hashes, versions
from demo_sim.scenario import Quantity, Scenario
from demo_sim.scenario.entries import Rule
from demo_sim.supply.stocks import Stocks
from demo_sim.vocab import FLOWS, FUNCTIONS, NEED_KINDS

FUNCTION_FROM = 60


@dataclass
class Projection:
    """Stocks and flows of all years.

    Attributes
    ----------
    grid : coordinates
    persons : (time, residence, sex, age, draw), year-ends
    flows : (year, flow, residence, sex, draw)
    births_by_age : (year, residence, age), mean over draws, by mother's age
    deaths_by_age : (year, residence, sex, age), mean over draws, by age at death
    cut : (year, draw), outflow that could not be met because a cell was empty
    """

    grid: Grid
    persons: np.ndarray
    flows: np.ndarray
    births_by_age: np.ndarray
    deaths_by_age: np.ndarray
    cut: np.ndarray

    @classmethod
    def start(cls, population: np.ndarray, grid: Grid) -> Projection:
        """Empty, with the opening stock in place."""
        residences, _, ages, draws = population.shape
        years = grid.years.size
        persons = np.empty((years + 1, *population.shape))
        persons[0] = population
        return cls(
            grid,
            persons,
            np.zeros((years, len(FLOWS), residences, 2, draws)),
            np.zeros((years, residences, ages)),
            np.zeros((years, residences, 2, ages)),
            np.zeros((years, draws)),
        )

    def record(self, year: int, start: np.ndarray, tables: YearTables, flows: YearFlows, mx: np.ndarray) -> None:
        """Keep one year of the projection."""
        i = year - self.grid.start
        self.persons[i + 1] = flows.end
        births = flows.births.sum(axis=1)
        row = self.flows[i]
        row[FLOWS.index("births"), :, 0] = births * tables.male_share
        row[FLOWS.index("births"), :, 1] = births * (1.0 - tables.male_share)
        row[FLOWS.index("deaths")] = flows.deaths.sum(axis=2)
        row[FLOWS.index("in")] = np.maximum(tables.external, 0.0).sum(axis=2)
        row[FLOWS.index("out")] = np.maximum(-tables.external, 0.0).sum(axis=2) - flows.cut.sum(axis=2)
        if start.shape[0] == 2:  # both residences carry the same count: what one gains the other loses
            row[FLOWS.index("rural_to_urban")] = flows.internal[0, 1] - flows.internal[0, 0]
            row[FLOWS.index("reclassified")] = flows.internal[1, 1] - flows.internal[1, 0]
        self.births_by_age[i] = flows.births.mean(axis=-1)
        self.cut[i] = flows.cut.sum(axis=(0, 1, 2))
        self.deaths_by_age[i] = period_deaths(flows.deaths, mx).mean(axis=-1)

    def series(self) -> dict[str, np.ndarray]:
        """Totals as series (time, draw); flows stand at their year-end, the first one unknown."""
        out = {"population.total": self.persons.sum(axis=(1, 2, 3))}
        for name in ("births", "deaths"):
            values = self.flows[:, FLOWS.index(name)].sum(axis=(1, 2))
            out[f"flows.{name}"] = np.concatenate([np.full((1, values.shape[1]), np.nan), values])
        return out


def population_cube(persons: np.ndarray, shares: np.ndarray | None, n: int) -> np.ndarray:
    """Persons by functional level; (draw, time, residence, sex, age, function).

    Below 60 no level is assessed and all are counted as intact; without functional ability there is one level.
    """
    first = np.moveaxis(persons[..., :n], -1, 0)
    if shares is None:
        return np.ascontiguousarray(first)[..., None]
    out = np.zeros((*first.shape, len(FUNCTIONS)))
    out[..., 0] = first
    old = np.moveaxis(shares[..., :n], -1, 0)
    out[..., FUNCTION_FROM:, :] = first[..., FUNCTION_FROM:, None] * old
    return out


def gather(
    scenario: Scenario,
    draws: Draws,
    grid: Grid,
    base: Base,
    projection: Projection,
    shares: np.ndarray | None,
    groups: Mapping[str, np.ndarray],
    stocks: Stocks,
    needs: Mapping[tuple[str, str], np.ndarray],
    verdicts: Verdicts,
    series: Mapping[str, np.ndarray],
) -> Results:
    """Results of a run; the draws that only serve the drivers are cut off."""
    n = draws.n

    def front(values: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(np.moveaxis(values[..., :n], -1, 0))

    catalog = scenario.catalog
    names = list(groups)
    resources = [
        r for r in catalog.resources.values() if any(key[0] == r.id for key in needs) or r.supply in stocks.series
    ]
    need = np.full((n, grid.times.size, len(resources), len(NEED_KINDS)), np.nan)
    supply = np.full((n, grid.times.size, len(resources)), np.nan)
    for i, resource in enumerate(resources):
        for k, kind in enumerate(NEED_KINDS):
            if (resource.id, kind) in needs:
                need[:, :, i, k] = front(needs[resource.id, kind])
        if resource.supply in stocks.series:
            supply[:, :, i] = front(stocks.series[resource.supply])
    rows = verdicts.rows
    numbers = {target.id: target.table_no for _, target in plan_targets(scenario)}
    parts: dict[str, dict[str, Any]] = {
        "inputs": _input_columns(scenario),
        "population": {
            "population": (
                ("draw", "time", "residence", "sex", "age", "function"),
                population_cube(projection.persons, shares, n),
            )
        },
        "groups": {
            "groups": (
                ("draw", "time", "group", "residence"),
                front(np.stack([groups[g] for g in names], axis=1)),
            )
        },
        "flows": {
            "flows": (("draw", "year", "flow", "residence", "sex"), front(projection.flows)),
            "births_by_age": (("year", "residence", "age"), projection.births_by_age),
            "migration_cut": (("draw", "year"), front(projection.cut)),
            "deaths_by_age": (("year", "residence", "sex", "age"), projection.deaths_by_age),
        },
    }
    if resources:
        parts["demand"] = {
            "need": (("draw", "time", "resource", "need_kind"), need),
            "supply": (("draw", "time", "resource"), supply),
        }
        if stocks.series:
            parts["demand"]["stocks"] = (
                ("draw", "time", "stock"),
                front(np.stack(list(stocks.series.values()), axis=1)),
            )
    if rows:
        parts["plan"] = {column: (("target",), [row[column] for row in rows]) for column in COLUMNS}
        parts["plan"]["indicator"] = (("draw", "time", "target"), front(np.moveaxis(verdicts.paths, 0, 1)))
    outcomes = outcome_columns(scenario, draws, grid, series)
    if outcomes["series"]:
        parts["outcomes"] = {name: (("outcome",), values) for name, values in outcomes.items()}
    members = [catalog.populations[g] for g in names]
    coords = {
        "draw": np.arange(n),
        "time": grid.times,
        "year": grid.years,
        "residence": list(grid.residences),
        "sex": list(SEXES),
        "age": np.arange(grid.ages),
        "function": list(FUNCTIONS) if shares is not None else ["all"],
        "flow": list(FLOWS),
        "group": names,
        "group_label_zh": [m.label.zh for m in members],
        "group_label_en": [m.label.en for m in members],
        "group_base": [m.base for m in members],
        "group_unit": [m.unit for m in members],
        "resource": [r.id for r in resources],
        "resource_label_zh": [r.label.zh for r in resources],
        "resource_label_en": [r.label.en for r in resources],
        "resource_unit": [r.unit for r in resources],
        "need_kind": list(NEED_KINDS),
        "stock": list(stocks.series),
        "target": [row["id"] for row in rows],
        "target_table_no": [numbers.get(row["id"]) or 0 for row in rows],
    }
    attrs = {
        **provenance(scenario),
        "title": {"zh": scenario.title.zh, "en": scenario.title.en},
        "region": scenario.settings.region.code,
        "concept": scenario.settings.region.concept,
        "function_definition": _definition(scenario),
        "known_until": scenario.settings.known_until or 0,
        "base_counted": float(base.counted.sum(axis=(0, 1, 2)).mean()),
        "base_moved": base.moved_total,
        "base_tied": base.tied_total or 0.0,
        "statuses": status_counts(scenario),
        "driver_labels": _driver_labels(scenario, verdicts),
        "versions": versions(),
        "warnings": [{"zh": zh, "en": en} for zh, en in (*stocks.warnings, *_left_out(scenario, draws, groups, needs))],
    }
    return build(parts, coords, attrs)


def provenance(scenario: Scenario) -> dict[str, Any]:
    """What decides whether another run has the same inputs; known before anything is computed."""
    own = [file for file in scenario.catalog.files.values() if _is_own(scenario, file)]
    return {
        "name": scenario.name,
        "text": scenario.text,
        "seed": scenario.settings.seed,
        "draws": scenario.settings.draws,
        "engine": "cohort",
        "input_files": file_hashes((*scenario.files, *own), scenario.files[0].parent),
    }


def _is_own(scenario: Scenario, file: Path) -> bool:
    """Whether a file of the catalogue lies in a folder that the scenario names."""
    return any(file.is_relative_to(folder) for folder in scenario.catalog.folders)


def _left_out(
    scenario: Scenario,
    draws: Draws,
    groups: Mapping[str, np.ndarray],
    needs: Mapping[tuple[str, str], np.ndarray],
) -> list[tuple[str, str]]:
    """Definitions of the user's own that could not be counted: they are there to be counted."""
    catalog = scenario.catalog
    rules: list[tuple[str, Rule]] = [
        (f"populations/{p.id}", p)
        for p in catalog.populations.values()
        if p.id not in groups and _is_own(scenario, catalog.files["populations", p.id])
    ]
    for r in catalog.resources.values():
        if _is_own(scenario, catalog.files["resources", r.id]):
            rules += [(f"resources/{r.id} {kind}", rule) for kind, rule in r.needs.items() if (r.id, kind) not in needs]
    out = []
    for name, rule in rules:
        missing = ", ".join(lacking(rule, draws, groups))
        out.append(
            (
                f"{name} 没有计入：缺 {missing or '与其年龄、城乡或名称相符的数值'}",
                f"{name} is not counted; missing: {missing or 'a number that fits its age, residence or name'}",
            )
        )
    return out


def _driver_labels(scenario: Scenario, verdicts: Verdicts) -> dict[str, dict[str, str]]:
    """Names of the inputs that drive a verdict, from the register; a setting of one's own keeps its path."""
    out = {}
    for name in {row["driver"] for row in verdicts.rows if row["driver"]}:
        id_, _, key = name.partition("[")
        entry = scenario.catalog.register.entry(id_, scenario.settings.region.register_name)
        if entry is not None:
            tail = f" [{key}" if key else ""
            out[name] = {"zh": f"{entry.label.zh}{tail}", "en": f"{entry.label.en}{tail}"}
    return out


def _definition(scenario: Scenario) -> str:
    function = scenario.settings.function
    if function is None or function.definition is None:
        return ""
    return json.dumps({"zh": function.definition.zh, "en": function.definition.en}, ensure_ascii=False)


def status_counts(scenario: Scenario) -> dict[str, int]:
    """How many inputs are published, derived, assumed and so on; tables count as one input each."""
    counts: dict[str, int] = {}
    for status in [q.status for q in scenario.quantities.values()] + [t.status for t in scenario.tables.values()]:
        counts[status] = counts.get(status, 0) + 1
    return counts


def _input_columns(scenario: Scenario) -> dict[str, tuple[tuple[str, ...], list[str]]]:
    rows = []
    for path, table in scenario.tables.items():
        rows.append((path, table.file.name, "", table.source, table.status, str(table.where)))
    for path, quantity in scenario.quantities.items():
        rows.append((path, _in_words(quantity), quantity.unit, quantity.source, quantity.status, str(quantity.where)))
    names = ("id", "value", "unit", "source", "status", "file:line")
    return {name: (("input",), [row[i] for row in rows]) for i, name in enumerate(names)}


def _in_words(quantity: Quantity) -> str:
    """Rows as text: key: value [low..high]; the first forty."""
    parts = []
    for row in quantity.rows[:40]:
        keys = [
            str(k)
            for k in (row.year, row.cohort, row.residence, row.sex, row.age, row.level, row.name)
            if k not in (None, "")
        ]
        band = f" [{row.low:g}..{row.high:g}]" if row.drawn else ""
        parts.append((" ".join(keys) + ": " if keys else "") + f"{row.value:.10g}{band}")
    more = f"; … {len(quantity.rows) - 40} more" if len(quantity.rows) > 40 else ""
    return "; ".join(parts) + more
