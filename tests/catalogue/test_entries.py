"""Every population, resource and indicator of the catalogue is sound; found by listing the folders."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

import demo_sim as ds
from demo_sim.demography.ages import parse_age
from demo_sim.scenario.entries import FactorSpec, GroupDefinition, Indicator, Plan, Resource, Rule
from demo_sim.scenario.rules import EVENTS
from demo_sim.vocab import codes

CATALOG = Path(__file__).resolve().parents[2] / "src" / "demo_sim" / "catalog"
KINDS = ("populations", "resources", "indicators")
FILES = [path for kind in KINDS for path in sorted((CATALOG / kind).glob("*.yaml"))]

# Figures that only an office has: a scenario need not give them, and the target that asks for one names it.
OFFICE = re.compile(r"reported\.\w+")
OFFICE_STOCKS = {"supply.health_records", "supply.home_adaptations"}


@pytest.fixture(scope="module")
def scenario() -> ds.Scenario:
    return ds.load("hunan").replace({"draws": 2, "options.person_draws": 2, "period.end": 2026})


@pytest.fixture(scope="module")
def run(scenario: ds.Scenario) -> ds.Results:
    return ds.simulate(scenario)


@pytest.fixture(scope="module")
def series(run: ds.Results) -> set[str]:
    """Names of the series that an indicator may be formed of."""
    groups = {f"groups.{name}" for name in run.groups["group"].values}
    return groups | {f"supply.{name}" for name in run.stocks["stock"].values}


def read(path: Path) -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def entry(path: Path, scenario: ds.Scenario) -> Any:
    return scenario.catalog.entries(path.parent.name)[path.stem]


def rules(item: Any) -> list[Rule]:
    if isinstance(item, GroupDefinition):
        inner = [rule for rule in (item.without_kin, *item.union) if isinstance(rule, Rule)]
        return [item, *inner]
    return list(item.needs.values()) if isinstance(item, Resource) else []


def factors(item: Any) -> list[FactorSpec]:
    found = [f for rule in rules(item) for f in (*rule.times, *rule.over, *rule.level)]
    found += [f for rule in rules(item) for f in (rule.units, rule.where.below) if f]
    found += [item.match] if isinstance(item, GroupDefinition) and item.match is not None else []
    found += [rule.grow.rate for rule in rules(item) if rule.grow]
    if isinstance(item, Indicator):
        found += [*item.times, *item.minuend, *item.subtrahend, *([item.units] if item.units else [])]
        found += [FactorSpec(of=item.coverage)] if item.coverage else []
    return found


def test_the_folders_hold_something() -> None:
    assert {path.parent.name for path in FILES} == set(KINDS)
    for path in CATALOG.iterdir():
        assert path.name in {*KINDS, "definitions", "plans", "assumptions", "forms"}, path


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_an_entry_is_named_like_its_file_and_labelled_in_both_languages(path: Path, scenario: ds.Scenario) -> None:
    raw, item = read(path), entry(path, scenario)
    assert raw["id"] == item.id == path.stem
    assert re.fullmatch(r"[a-z][a-z0-9_]*", item.id)
    texts = [item.label] + [getattr(item, key) for key in ("rule", "definition") if hasattr(item, key)]
    for text in texts:
        assert re.search(r"[\u4e00-\u9fff]", text.zh), "the Chinese text has no Chinese"
        assert text.en.strip() and not re.search(r"[\u4e00-\u9fff]", text.en)
    assert item.unit in codes("unit")


@pytest.mark.parametrize("kind", ["populations", "resources"])
def test_every_group_and_resource_has_its_place_among_the_others(kind: str) -> None:
    """Tables, charts and reports go by subject and rank; indicators stand as the plan lists its targets."""
    places: dict[tuple[str, int], list[str]] = {}
    for path in (path for path in FILES if path.parent.name == kind):
        raw = read(path)
        assert {"subject", "rank"} <= set(raw), path.stem
        places.setdefault((raw["subject"], raw["rank"]), []).append(path.stem)
    shared = {place: names for place, names in places.items() if len(names) > 1}
    assert not shared, f"entries of one rank: {shared}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_paths_that_an_entry_names_exist(path: Path, scenario: ds.Scenario) -> None:
    for factor in factors(entry(path, scenario)):
        if factor.of not in scenario.quantities:
            assert OFFICE.fullmatch(factor.of), f"{factor.of} is not in the Hunan scenario"
            continue
        rows = scenario.quantities[factor.of].rows
        for key in ("name", "level", "age"):
            wanted = getattr(factor, key)
            assert not wanted or wanted in {getattr(row, key) for row in rows}, f"{factor.of}: no {key} {wanted}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_entries_that_an_entry_names_exist(path: Path, scenario: ds.Scenario) -> None:
    item, catalog = entry(path, scenario), scenario.catalog
    for rule in rules(item):
        assert not rule.where.age or parse_age(rule.where.age)
        assert not rule.where.function or parse_age(rule.where.age)[0] >= 60, "levels exist from age 60"
        assert not rule.of or rule.of in {*catalog.populations, *EVENTS}
    if isinstance(item, GroupDefinition):
        assert set(item.sum) <= set(catalog.populations)
    if isinstance(item, Plan):
        assert {name for target in item.targets for name in target.also} <= set(catalog.indicators)


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "indicators"], ids=lambda p: p.stem)
def test_series_of_an_indicator_exist_in_a_run(path: Path, scenario: ds.Scenario, series: set[str]) -> None:
    item = entry(path, scenario)
    needed = {
        "ratio": ("numerator", "denominator"),
        "level": ("numerator",),
        "growth": ("numerator",),
        "cumulative": ("numerator",),
        "coverage": ("of", "coverage"),
        "units": ("units",),
        "years_of_capacity": ("numerator", "denominator"),
        "margin": ("minuend", "subtrahend"),
    }[item.kind]
    assert all(getattr(item, key) for key in needed), f"a {item.kind} needs {', '.join(needed)}"
    for name in (item.numerator, item.denominator, item.of):
        known = name in series | OFFICE_STOCKS | {"flows.births", "flows.deaths", "population.total"}
        assert not name or known or OFFICE.fullmatch(name)
    for way in item.takes:
        assert not way.cost or way.cost in scenario.quantities


def of_group(id_: str, scenario: ds.Scenario) -> list[FactorSpec]:
    return [*scenario.catalog.populations[id_].times] if id_ in scenario.catalog.populations else []


def begins(factors: list[FactorSpec], scenario: ds.Scenario) -> int:
    """Year-ends after that of 2020 at which a number is stated as nought: what begins later."""
    rows = [row for f in factors if f.of in scenario.quantities for row in scenario[f.of].rows]
    return max([row.year - 2019 for row in rows if row.year is not None and row.value == 0.0], default=0)


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "populations"], ids=lambda p: p.stem)
def test_a_group_is_counted(path: Path, scenario: ds.Scenario, run: ds.Results) -> None:
    for own in (run, run.central):
        members = own.groups.sel(group=path.stem).sum("residence").values
        later = begins(of_group(path.stem, scenario), scenario)
        assert np.isfinite(members).all() and (members[..., later:] > 0.0).all()


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "resources"], ids=lambda p: p.stem)
def test_needs_and_supply_of_a_resource_are_finite(path: Path, scenario: ds.Scenario, run: ds.Results) -> None:
    item = entry(path, scenario)
    assert item.needs or item.supply
    for kind in item.needs:
        # what happens in a year is unknown at the opening year-end
        first = 1 if item.needs[kind].of in EVENTS else 0
        # stated as nought for the base year: what begins later
        rule = item.needs[kind]
        later = max(first, begins([*rule.times, *of_group(rule.of, scenario)], scenario))
        for own in (run, run.central):
            need = own.need.sel(resource=item.id, need_kind=kind).values[..., first:]
            assert np.isfinite(need).all() and (need >= 0.0).all() and (need[..., later - first :] > 0.0).all(), kind
    for own in (run, run.central) if item.supply else ():
        supply = own.supply.sel(resource=item.id).values
        assert np.isfinite(supply).all() and (supply >= 0.0).all()


def test_bases_follow_the_entitlements(scenario: ds.Scenario) -> None:
    """What is paid on registration is counted on the registered, through the bridge."""
    for group in scenario.catalog.populations.values():
        parts = [*group.sum, *([group.of] if group.of else [])]
        assert all(scenario.catalog.populations[part].base == group.base for part in parts), group.id
    registered = {g.id for g in scenario.catalog.populations.values() if g.base == "hukou"}
    assert {"dibao", "tekun", "orphans", "left_behind", "special_fp"} <= registered
    assert {"living_allowance", "care_allowance"} <= registered
