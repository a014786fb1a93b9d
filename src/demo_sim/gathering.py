"""How what a run gave becomes `Results`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from demo_sim.block.failing import Failed
from demo_sim.block.project import NATURAL, StatedRun
from demo_sim.block.reduce import Placed, Reduced
from demo_sim.demand.care import OTHERS
from demo_sim.demand.kin_check import kin_check_columns
from demo_sim.engine.care_record import CareRecord
from demo_sim.engine.size import Size
from demo_sim.inputs.build import Inputs
from demo_sim.inputs.draws import STATED
from demo_sim.inputs.earlier import earlier_run
from demo_sim.inputs.grid import SEXES
from demo_sim.plan.answers import answer_columns
from demo_sim.plan.closing import closing_columns
from demo_sim.plan.consistency import consistency_columns
from demo_sim.plan.departures import departures
from demo_sim.plan.indicators import SeriesBook
from demo_sim.plan.levers import lever_columns
from demo_sim.plan.outcomes import outcome_columns
from demo_sim.plan.requirements import plan_targets
from demo_sim.plan.verdicts import Verdicts
from demo_sim.provenance import (
    definition,
    driver_labels,
    extended_by,
    input_columns,
    left_out,
    provenance,
    setting_places,
    status_counts,
    stock_label,
)
from demo_sim.results import Results, build
from demo_sim.results.columns import TARGET_COLUMNS
from demo_sim.results.manifest import versions
from demo_sim.results.quantiles import OVER_DRAWS
from demo_sim.results.rounding import plain
from demo_sim.results.tiers import KEPT_TYPE, age_groups
from demo_sim.scenario import Scenario
from demo_sim.sense import notices
from demo_sim.vocab import CARE_FLOWS, CARE_SETTINGS, FLOWS, FUNCTIONS, NEED_KINDS, label

Parts = dict[str, dict[str, Any]]
_CARE = {
    "care_settings": ("settings", ("time", "care_setting", "residence")),
    "waiting": ("waiting", ("time", "care_class", "residence")),
    "in_institutions": ("homes", ("time", "care_class", "residence")),
    "waiting_years": ("years", ("time", "care_class")),
    "waiting_years_all": ("years", ("time",)),
    "waited_years": ("waited", ("year",)),
    "care_flows": ("flows", ("year", "care_flow", "residence")),
    "usable_places": ("places", ("time",)),
}


def gather_results(
    scenario: Scenario,
    inputs: Inputs,
    size: Size,
    reduced: Reduced,
    failed: Sequence[Failed],
    care: Placed,
    book: SeriesBook,
    verdicts: Verdicts,
) -> Results:
    """Results of a run."""
    arrays = _Arrays(scenario, inputs, reduced, care, verdicts)
    rows = verdicts.rows
    tables: Parts = {"inputs": input_columns(scenario, verdicts.weighty)}
    if rows:
        tables["plan"] = {column: (("target",), [row[column] for row in rows]) for column in TARGET_COLUMNS}
    carried = {}
    if inputs.earlier is not None:
        carried = {name: inputs.earlier.at(v, np.array([STATED])) for name, v in inputs.earlier.stocks.items()}
    levers, responses = lever_columns(scenario, book, rows, carried)
    found = {
        "levers": ("lever_setting", levers),
        "responses": ("response", responses),
        "answers": ("answer", answer_columns(scenario, book, rows)),
        "closing": ("closing_row", closing_columns(scenario, verdicts, book.times)),
        "variance": ("part", verdicts.variance),
        "consistency": ("check", consistency_columns(scenario)),
        "outcomes": ("outcome", outcome_columns(scenario, book, rows, earlier_run(scenario))),
        "kin_check": (
            "kin_row",
            kin_check_columns(
                inputs.populations,
                inputs.quantities,
                reduced.group_names,
                reduced.only_stated.evidence,
                inputs.grid.times,
                {name: reduced.series[f"groups.{name}"][:, -1] for name in reduced.group_names},
            ),
        ),
    }
    for name, (dim, columns) in found.items():
        if next(iter(columns.values())):
            tables[name] = {column: ((dim,), values) for column, values in columns.items()}
    drawn = arrays.drawn()
    for name, variables in tables.items():
        drawn[name] = variables | drawn.get(name, {})
    attrs = _attributes(scenario, inputs, size, reduced, failed, care, book, verdicts)
    return build(drawn, arrays.coords(rows), attrs, arrays.stated())


def _attributes(
    scenario: Scenario,
    inputs: Inputs,
    size: Size,
    reduced: Reduced,
    failed: Sequence[Failed],
    care: Placed,
    book: SeriesBook,
    verdicts: Verdicts,
) -> dict[str, Any]:
    plans = {plan.id: plan for plan, _ in plan_targets(scenario)}
    warnings = [
        *reduced.supply.warnings,
        *reduced.only_stated.warnings,
        *_failed(failed, size),
        *_fewer_draws(inputs, size),
        *_cut(inputs, reduced.drawn.cut),
    ]
    warnings += left_out(scenario, reduced.group_names, reduced.needs, bool(reduced.only_stated.evidence))
    warnings += [(note.render("zh"), note.render("en")) for note in notices(scenario)]
    return {
        **provenance(scenario, size),
        "setting_places": setting_places(scenario),
        "extended_by": extended_by(scenario),
        "replicates": size.replicate_count,
        "title": {"zh": scenario.title.zh, "en": scenario.title.en},
        "region": scenario.settings.region.code,
        "concept": scenario.settings.region.concept,
        "function_definition": definition(scenario),
        "known_until": scenario.settings.known_until or 0,
        **reduced.only_stated.opening,
        "plans": {plan.id: {"zh": plan.title.zh, "en": plan.title.en} for plan in plans.values()},
        **({} if care.fit is None else {f"kin_unlinked_{name}": part for name, part in vars(care.fit).items()}),
        "statuses": status_counts(scenario),
        "driver_labels": driver_labels(scenario, verdicts),
        "failed_draws": [{"draw": one.number, "zh": one.text_zh, "en": one.text_en} for one in failed],
        "departures": departures(book, verdicts.rows, verdicts.medians),
        "versions": versions(),
        "warnings": [{"zh": zh, "en": en} for zh, en in dict.fromkeys(warnings)],
    }


def _failed(failed: Sequence[Failed], size: Size) -> list[tuple[str, str]]:
    """A word where random draws failed: the others stand for all, though those may have been the extreme ones."""
    if not failed:
        return []
    first = min(failed, key=lambda one: one.number)
    listed = ", ".join(str(number) for number in sorted(one.number for one in failed)[:20])
    listed += " …" if len(failed) > 20 else ""
    of = max(size.draws, size.person_draws)
    return [
        (
            f"{of}次抽样中有{len(failed)}次失败（第 {listed} 次），未计入区间和概率，区间可能偏窄；"
            f"抽样{first.number}：{first.text_zh}",
            f"{len(failed)} of {of} draws fail ({listed}) and are in no band or probability, which may be too narrow; "
            f"draw {first.number}: {first.text_en}",
        )
    ]


def _fewer_draws(inputs: Inputs, size: Size) -> list[tuple[str, str]]:
    """A word where the run that this one starts from has fewer draws."""
    had = None if inputs.earlier is None else inputs.earlier.draws
    if had is None or had >= size.draws:
        return []
    return [
        (
            f"作为起点的运行只有{had}次抽样，本次{size.draws}次：其抽样轮流使用",
            f"the run that this one starts from has {had} draws, this one {size.draws}: its draws take turns",
        )
    ]


def _cut(inputs: Inputs, cut: np.ndarray) -> list[tuple[str, str]]:
    """A word where random draws, (draw, year), had more people leave than there were; a stated run is refused."""
    draws = int((cut > 0.0).any(axis=1).sum())
    if inputs.on_negative != "error" or not draws:
        return []
    most = plain(cut.max(), 0)
    return [
        (
            f"{len(cut)}次抽样中有{draws}次某些年龄的净迁出超过该年龄人口，超出部分已截去（一年至多{most}人）",
            f"in {draws} of {len(cut)} draws more people of some age would leave than there are; what is "
            f"beyond was cut ({most} persons a year at most)",
        )
    ]


class _Arrays:
    """The arrays of a run by group, of the random draws and of the run at stated values, and their coordinates."""

    def __init__(self, scenario: Scenario, inputs: Inputs, reduced: Reduced, care: Placed, verdicts: Verdicts) -> None:
        self.scenario, self.inputs, self.reduced, self.care, self.verdicts = scenario, inputs, reduced, care, verdicts
        stocks = reduced.supply.series
        have = {resource for resource, _ in reduced.needs}
        self.resources = [r for r in scenario.catalog.resources.values() if r.id in have or r.supply in stocks]

    def drawn(self) -> Parts:
        """Those of the random draws, and what is said of them."""
        reduced = self.reduced
        parts: Parts = {
            "population": reduced.population,
            "groups": {"groups": (("draw", "time", "group", "residence"), reduced.drawn.groups)},
            "flows": {
                "flows": (("draw", "year", "flow", "residence", "sex"), reduced.drawn.flows),
                "migration_cut": (("draw", "year"), reduced.drawn.cut),
            },
        }
        series = {
            name: np.asarray(values[:, :-1].T, KEPT_TYPE)
            for name, values in reduced.series.items()
            if not name.startswith(NATURAL)
        }
        if self.resources:
            parts["demand"] = {name: (("draw", *dims), v) for name, (dims, v) in self._demand(series).items()}
            for part in ("stock", "movement", "series", "sign") if reduced.supply.ledger else ():
                column = [getattr(line, part) for line in reduced.supply.ledger]
                parts["demand"][f"ledger_{part}"] = (("ledger_line",), column)
        if self.care.drawn is not None:
            parts["placement"] = _care(self.care.drawn, drawn=True)
        if self.verdicts.rows:
            paths = np.asarray(np.moveaxis(self.verdicts.paths[..., :-1], (0, 2), (2, 0)), KEPT_TYPE)
            parts["plan"] = {"indicator": (("draw", "time", "target"), paths)}
        return parts

    def stated(self) -> Parts:
        """Those of the run at stated values."""
        reduced, only = self.reduced, self.reduced.only_stated
        parts: Parts = {
            "population": {"population": (("time", "residence", "sex", "age", "function"), only.population)},
            "groups": {"groups": (("time", "group", "residence"), reduced.stated.groups)} | self._groups(only),
            "flows": {
                "flows": (("year", "flow", "residence", "sex"), reduced.stated.flows),
                "migration_cut": (("year",), reduced.stated.cut),
                "births_by_age": (("year", "residence", "age"), only.births_by_age),
                "deaths_by_age": (("year", "residence", "sex", "age"), only.deaths_by_age),
            },
        }
        if self.resources:
            parts["demand"] = dict(self._demand({name: values[:, -1] for name, values in reduced.series.items()}))
        if self.care.stated is not None:
            parts["placement"] = _care(self.care.stated)
            if self.care.error is not None:
                errors = _care(self.care.error)
                parts["placement"] |= {f"{name}_mc_se": variable for name, variable in errors.items()}
        if self.verdicts.rows:
            parts["plan"] = {
                "indicator": (("time", "target"), self.verdicts.paths[..., -1].T),
                "figure": (("time", "target"), self.verdicts.figures.T),
            }
        return parts

    def _groups(self, only: StatedRun) -> dict[str, Any]:
        """Chance error of the groups, and candidates by relatives."""
        names, grid = self.reduced.group_names, self.inputs.grid
        shape = (grid.times.size, len(grid.residences))
        out = {}
        if only.groups_error:
            errors = np.stack([only.groups_error[name] for name in names], axis=1)
            out["groups_mc_se"] = (("time", "group", "residence"), errors)
        if only.candidates:
            unknown = np.full(shape, np.nan)
            shown = [only.candidates.get(name, unknown) for name in names]
            out["candidates"] = (("time", "group", "residence"), np.stack(shown, axis=1))
        return out

    def _demand(self, series: dict[str, np.ndarray]) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
        """Needs, supply and stocks from series (..., time)."""
        some = next(iter(series.values()))
        unknown = np.full(some.shape, np.nan, some.dtype)
        need = [
            np.stack([series.get(f"need.{r.id}.{kind}", unknown) for kind in NEED_KINDS], axis=-1)
            for r in self.resources
        ]
        supply = [series.get(f"supply.{r.supply}", unknown) for r in self.resources]
        out = {
            "need": (("time", "resource", "need_kind"), np.stack(need, axis=-2)),
            "supply": (("time", "resource"), np.stack(supply, axis=-1)),
        }
        stocks = [series[f"supply.{name}"] for name in self.reduced.supply.series]
        return out | ({"stocks": (("time", "stock"), np.stack(stocks, axis=-1))} if stocks else {})

    def coords(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Coordinates of all arrays."""
        scenario, grid, only = self.scenario, self.inputs.grid, self.reduced.only_stated
        names, stocks = self.reduced.group_names, list(self.reduced.supply.series)
        members = [scenario.catalog.populations[g] for g in names]
        placement = scenario.settings.placement
        classes = () if placement is None else placement.priority
        targets = plan_targets(scenario)
        numbers = {target.id: target.table_no for _, target in targets}
        plans = {target.id: plan for plan, target in targets}
        return {
            "draw": self.reduced.numbers,
            "time": grid.times,
            "year": grid.years,
            "residence": list(grid.residences),
            "sex": list(SEXES),
            "age": np.arange(grid.ages),
            "age_group": age_groups(grid.ages)[1],
            "statistic": list(OVER_DRAWS),
            "function": list(FUNCTIONS) if scenario.settings.function is not None else ["all"],
            "flow": list(FLOWS),
            "group": names,
            "group_label_zh": [m.label.zh for m in members],
            "group_label_en": [m.label.en for m in members],
            "group_base": [m.base for m in members],
            "group_unit": [m.unit for m in members],
            "group_subject": [m.subject for m in members],
            "group_rank": [m.rank for m in members],
            "group_detail": [int(m.detail) for m in members],
            "group_rule": [only.how[g][0] for g in names],
            "group_registered_by": [only.how[g][1] for g in names],
            "resource": [r.id for r in self.resources],
            "resource_label_zh": [r.label.zh for r in self.resources],
            "resource_label_en": [r.label.en for r in self.resources],
            "resource_unit": [r.unit for r in self.resources],
            "resource_subject": [r.subject for r in self.resources],
            "resource_rank": [r.rank for r in self.resources],
            "resource_detail": [int(r.detail) for r in self.resources],
            "resource_yearly": [int(any(n.of in FLOWS for n in r.needs.values())) for r in self.resources],
            "resource_supply": [r.supply for r in self.resources],
            "need_kind": list(NEED_KINDS),
            "stock": stocks,
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


def _care(record: CareRecord, drawn: bool = False) -> dict[str, Any]:
    """Variables of the group `placement` with their dimensions, with the draw first where the record has draws."""
    out = {}
    for name, (field, dims) in _CARE.items():
        values = np.moveaxis(getattr(record, field), -1, 0) if drawn else getattr(record, field)
        if field == "years":
            values = values[..., -1] if name == "waiting_years_all" else values[..., :-1]
        out[name] = (("draw", *dims), np.asarray(values, KEPT_TYPE)) if drawn else (dims, values)
    return out
