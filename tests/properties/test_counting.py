"""Counting: what holds for any population, on the groups and needs of Hunan."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import demo_sim as ds
from demo_sim.demand.counting import Counter
from demo_sim.demand.membership import Chance
from demo_sim.demand.needs import bridge_by_age, count_groups, count_needs
from demo_sim.demand.quantities import MissingInput
from demo_sim.demand.sizes import Projected
from demo_sim.inputs.base import model_grid
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.grid import Grid
from demo_sim.scenario.entries import GroupDefinition

QUICK = settings(deadline=None, max_examples=5, derandomize=True)
LEVELS = ("intact", "mild", "moderate", "severe", "total")
TYPES = ("physical", "visual", "hearing", "speech", "intellectual", "mental", "multiple")
# groups that a known total is given for, by the path of it; allowances are counted as entitled, so they are too
TOTALS = ("orphans", "de_facto", "left_behind", "special_fp", "children_guardian", "living_allowance", "care_allowance")


@lru_cache(maxsize=1)
def hunan() -> tuple[ds.Scenario, Draws, Grid]:
    scenario = ds.load("hunan").replace({"period.end": 2025})
    return scenario, Draws(scenario.quantities, scenario.settings.seed, range(2)), model_grid(scenario)


def people(seed: int) -> np.ndarray:
    """Any persons: some hundreds in each cell; (time, residence, sex, age, draw)."""
    _, draws, grid = hunan()
    random = np.random.default_rng(seed)
    return random.uniform(100.0, 900.0, (grid.times.size, 2, 2, grid.ages, draws.size))


def levels(seed: int) -> np.ndarray:
    """Any shares of the levels, equal in all years; (time, residence, sex, age from 60, function, draw)."""
    _, draws, grid = hunan()
    shares = np.random.default_rng(seed + 1).dirichlet(np.ones(5), (2, 2, grid.ages - 60, draws.size))
    return np.repeat(np.moveaxis(shares, -1, 3)[None], grid.times.size, axis=0)


def counter(persons: np.ndarray, shares: np.ndarray | None, bridge: bool = True) -> Counter:
    scenario, draws, grid = hunan()
    ratio = bridge_by_age(draws, persons[0]) if bridge else None
    return Counter(Projected(persons, shares, grid, ratio), draws, scenario.catalog.populations)


seeds = st.integers(0, 2**32 - 1)
AXES = ("time", "residence", "sex", "age", "level", "draw")


@pytest.mark.parametrize("inside", [None, (0,), (1, 3, 4)])
@pytest.mark.parametrize("base", ["resident", "hukou"])
@pytest.mark.parametrize("asked", ["", "sex", "level", "sex level", "time age draw", " ".join(AXES)])
def test_people_are_all_cells_times_the_chance(asked: str, base: str, inside: tuple[int, ...] | None) -> None:
    """Whatever a chance asks for, the people are the sum over sexes and levels of every cell times its chance.

    Levels at which nobody belongs are told apart from the chance.
    """
    persons, shares, old = people(3), levels(3), np.arange(101) >= 65
    counting = counter(persons, shares)
    cells = persons[:, :, :, 65:, None] * shares[:, :, :, 5:]
    if base == "hukou":
        ratio = counting.projected.bridge
        assert ratio is not None
        cells = cells * ratio[65:, None]
    shape = [n if axis in asked else 1 for axis, n in zip(AXES, cells.shape, strict=True)]
    chance = np.random.default_rng(4).uniform(size=shape)
    levels_inside = None if inside is None else np.isin(np.arange(5), inside)
    if levels_inside is not None:
        cells = cells * levels_inside[:, None]
    for _ in range(2):  # what was added up before serves again
        found = counting.sizes.by_cells(Chance.same(chance, 1, levels_inside), old, base)
        np.testing.assert_allclose(found, (cells * chance).sum(axis=(2, 3, 4)), rtol=1e-12)


@QUICK
@given(seeds)
def test_twice_the_persons_have_twice_the_needs(seed: int) -> None:
    scenario, _, _ = hunan()
    persons, shares = people(seed), levels(seed)

    def needs(people: np.ndarray) -> dict[tuple[str, str], np.ndarray]:
        counting = counter(people, shares)
        counting.groups["deaths"] = 0.01 * people.sum(axis=(2, 3))
        return count_needs(counting, scenario.catalog.resources)

    once, twice = needs(persons), needs(2.0 * persons)
    assert len(once) > 20
    for key, values in once.items():
        rule = scenario.catalog.resources[key[0]].needs[key[1]]
        # one director a village, however many live there; a group of a known size keeps that size
        known = rule.of in scenario.catalog.populations and bool(scenario.catalog.populations[rule.of].level)
        factor = 1.0 if rule.units is not None or known else 2.0
        np.testing.assert_allclose(twice[key], factor * values, rtol=1e-12, err_msg=str(key))


@QUICK
@given(seeds)
def test_parts_add_up_to_the_whole(seed: int) -> None:
    persons = people(seed)
    groups = count_groups(counter(persons, levels(seed)))

    def same(whole: np.ndarray, *parts: str) -> None:
        np.testing.assert_allclose(sum(groups[p] for p in parts), whole, rtol=1e-12)

    same(persons.sum(axis=(2, 3)), "residents")
    same(groups["residents"], "urban_residents", "rural_residents")
    same(groups["older_impaired"], *(f"older_{level}" for level in LEVELS[1:]))
    same(groups["disabled"], *(f"disabled_{kind}" for kind in TYPES))
    same(groups["disabled"], "disabled_grade_1_2", "disabled_grade_3_4")
    same(groups["tekun"], "tekun_0_17", "tekun_18_59", "tekun_60")
    same(persons[:, :, :, 60:].sum(axis=(2, 3)), "older_60")
    assert (groups["older_impaired"] < groups["older_60"]).all()
    assert (groups["older_80"] < groups["older_65"]).all() and (groups["older_65"] < groups["older_60"]).all()


@QUICK
@given(seeds)
def test_caregivers_by_level_add_up_to_caregivers(seed: int) -> None:
    scenario, _, _ = hunan()
    needs = count_needs(counter(people(seed), levels(seed)), scenario.catalog.resources)
    for kind in ("observed", "potential"):
        parts = sum(needs[f"caregivers_{level}", kind] for level in LEVELS)
        np.testing.assert_allclose(parts, needs["caregivers", kind], rtol=1e-12)


@QUICK
@given(seeds)
def test_a_group_hits_the_total_it_is_calibrated_to(seed: int) -> None:
    _, draws, grid = hunan()
    groups = count_groups(counter(people(seed), levels(seed)))
    for name in TOTALS:
        total = draws[f"groups.{name}"].series(grid.times[:1])[0]
        np.testing.assert_allclose(groups[name][0].sum(axis=0), total, rtol=1e-12, err_msg=name)
    for r, residence in enumerate(("urban", "rural")):
        for t, year in enumerate((2020, 2021)):
            total = draws["groups.dibao"].series(np.array([year]), residence=residence)[0]
            np.testing.assert_allclose(groups["dibao"][t, r], total, rtol=1e-12)
    np.testing.assert_allclose(groups["households"][0].sum(axis=0), 22_878_336, rtol=1e-12)


@pytest.mark.parametrize(
    "group", [g for g in ds.load("hunan").catalog.populations.values() if g.base == "hukou"], ids=lambda g: g.id
)
def test_registered_groups_need_the_bridge(group: GroupDefinition) -> None:
    bare = counter(people(1), levels(1), bridge=False)
    with pytest.raises(MissingInput, match=r"groups\.hukou_per_resident"):
        bare.group(group.id)


def test_the_bridge_keeps_the_registered_total() -> None:
    _, draws, _ = hunan()
    start = people(3)[0]
    start *= 66.4e6 / start.sum(axis=(0, 1, 2))
    ratio = bridge_by_age(draws, start)
    assert ratio is not None
    np.testing.assert_allclose((start.sum(axis=(0, 1)) * ratio).sum(axis=0), 73_001_100, rtol=1e-12)


def test_units_without_a_name_are_all_kinds_together() -> None:
    scenario, draws, grid = hunan()
    need = count_needs(counter(people(1), levels(1)), scenario.catalog.resources)["child_directors", "normative"]
    units = draws["workforce.unit_villages"]
    expected = sum(units.series(grid.times, name=name) for name in ("villages", "urban_communities"))
    np.testing.assert_allclose(need, expected, rtol=1e-12)
