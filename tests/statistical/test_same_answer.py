"""The same answer whatever the threads, batches, pieces of work and order of rows; one more changes nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from lived import live
from region import FIRST_YEAR, Region, by_identity, identities
from small import minimal, small_hunan

import demo_sim as ds
from demo_sim.engine import people
from demo_sim.engine import size as sizes
from demo_sim.engine.calendar import Timing
from demo_sim.engine.people import Population
from demo_sim.engine.thresholds import build_thresholds
from demo_sim.results.digest import digest


@pytest.fixture(scope="module")
def hunan(tmp_path_factory: pytest.TempPathFactory) -> ds.Scenario:
    return small_hunan(tmp_path_factory.mktemp("hunan"), end=2025, draws=3, person_draws=2)


@pytest.fixture(scope="module")
def run(hunan: ds.Scenario) -> ds.Results:
    return ds.simulate(hunan, threads=1)


def arrays(run: ds.Results) -> dict[str, xr.Dataset]:
    """What a run found, group by group; inputs are no answer."""
    nodes = {name: node.to_dataset(inherit=False) for name, node in run.tree.children.items()}
    return {name: node for name, node in nodes.items() if name not in ("inputs", "central")}


def assert_same_without_persons(one: ds.Results, other: ds.Results) -> None:
    """Population, flows, groups and stocks are the same to the last bit, but for what relatives decide."""
    assert one.summary.identical(other.summary) and one.flows.identical(other.flows)
    same = (one.groups == other.groups).all(set(one.groups.dims) - {"group"}).values
    rule = one.groups.group_rule.values
    assert same[np.isin(rule, ["cells", "known", "share", "rate"])].all() and not same[rule == "kin"].any()
    assert (~same).sum() > 10
    stocks = (one.stocks == other.stocks) | (one.stocks.isnull() & other.stocks.isnull())
    moved = one.stocks.stock.values[~stocks.all(set(one.stocks.dims) - {"stock"}).values]
    assert set(moved) == {"tekun_budget", "tekun_budget.standard"}  # paid to a group that relatives decide


def test_two_threads_over_draws(hunan: ds.Scenario, run: ds.Results) -> None:
    assert digest(ds.simulate(hunan, threads=2)) == digest(run)


def test_every_draw_by_itself(monkeypatch: pytest.MonkeyPatch, hunan: ds.Scenario, run: ds.Results) -> None:
    """Where levels are followed as states, every draw by itself."""
    monkeypatch.setattr(sizes, "BATCH", 1)
    assert digest(ds.simulate(hunan, threads=2)) == digest(run)


def test_persons_change_only_groups_by_relatives_and_places(hunan: ds.Scenario, run: ds.Results) -> None:
    """Another number of person draws."""
    other = ds.simulate(hunan.replace({"options.person_draws": 3}), threads=1)
    for one, two in ((run, other), (run.central, other.central)):
        assert_same_without_persons(one, two)


def test_persons_of_a_draw_are_the_same_in_any_batch(hunan: ds.Scenario) -> None:
    """Alone, beside others and as a replicate at stated values."""
    for together, draw in (((0, 1, 2), 1), ((-4, -3, -2, -1), -2)):
        many, one = live(hunan, together), live(hunan, (draw,))
        place = together.index(draw)
        np.testing.assert_array_equal(many.stocks[..., place], one.stocks[..., 0])
        assert many.persons.kin is not None and one.persons.kin is not None
        np.testing.assert_array_equal(many.persons.kin.counts[..., place], one.persons.kin.counts[..., 0])
        assert many.persons.care is not None and one.persons.care is not None
        for mine, alone in zip(vars(many.persons.care).values(), vars(one.persons.care).values(), strict=True):
            np.testing.assert_array_equal(mine[..., place], alone[..., 0])
        assert (many.stocks[..., place] != many.stocks[..., place - 1]).any()


def test_placement_changes_nothing_else(hunan: ds.Scenario, run: ds.Results) -> None:
    """Homes observe: population, flows, groups and needs of a run are the same without them."""
    without = ds.simulate(hunan.replace({"placement": None}), threads=1)
    for observed, bare in ((run, without), (run.central, without.central)):
        assert set(arrays(observed)) - set(arrays(bare)) == {"placement"}
        for name, node in arrays(bare).items():
            assert node.identical(arrays(observed)[name]), name


def test_another_seed_is_another_answer_where_chance_is(hunan: ds.Scenario, run: ds.Results) -> None:
    """No seed moves what needs no persons at stated values."""
    other = ds.simulate(hunan.replace({"seed": 12}), threads=1)
    assert digest(other) != digest(run)
    assert (other.summary != run.summary).any()
    assert_same_without_persons(run.central, other.central)


@pytest.mark.parametrize(("item", "chunk", "threads"), [(5_000, 80_000, 2), (100_000, 100_000, 2), (997, 7_000, 1)])
def test_pieces_of_any_size_over_threads(monkeypatch: pytest.MonkeyPatch, item: int, chunk: int, threads: int) -> None:
    expected = live(minimal()).digest()
    monkeypatch.setattr(people, "ITEM", item)
    monkeypatch.setattr(people, "CHUNK", chunk)
    assert live(minimal(), threads=threads).digest() == expected


def test_shuffled_rows_of_the_population_table(tmp_path: Path) -> None:
    shuffled = minimal(tmp_path, shuffled=True)
    assert digest(ds.simulate(shuffled)) == digest(ds.simulate(minimal()))
    assert live(shuffled).digest() == live(minimal()).digest()


def test_every_row_is_the_same_on_two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, links and ids, not only counts."""
    region = Region(years=3)
    one, two = region.opening(0), region.opening(0)
    monkeypatch.setattr(people, "CHUNK", 9_000)
    with ThreadPoolExecutor(2) as pool:
        for plan in region.plans:
            region.live(one, plan)
            region.live(two, plan, pool=pool)
    assert one.persons.rows == two.persons.rows
    rows = slice(0, one.persons.rows)
    for name in ("code", "born", "mother"):
        np.testing.assert_array_equal(getattr(one.persons, name)[rows], getattr(two.persons, name)[rows])
    np.testing.assert_array_equal(identities(one), identities(two))


def test_one_more_row_changes_nobody_else() -> None:
    region = Region(years=6, size=50_000.0)
    more = region.counts.copy()
    more[1, 1, 24] += 1
    few, many = region.opening(0), region.opening(0, more)
    for plan in region.plans:
        region.live(few, plan)
        region.live(many, plan)
    before, after = by_identity(few), by_identity(many)
    assert before.items() <= after.items()
    added = len(after) - len(before)  # the new person, and the children of hers, if any
    assert 0 < added < 10


def living(population: Population) -> dict[int, int]:
    return {key: code for key, (code, _) in by_identity(population).items() if code}


def test_higher_mortality_only_adds_deaths_in_the_first_year() -> None:
    region = Region(years=1)
    plan = region.plans[0]
    levels = plan.levels.tables(plan.tables.qs)
    higher = build_thresholds(
        plan.start, replace(plan.tables, qs=1.1 * plan.tables.qs), plan.flows, Timing.of("even"), plan.parity,
        1, replace(levels, death=np.minimum(1.1 * levels.death, 1.0)),
    )  # fmt: skip
    low, high = region.opening(0), region.opening(0)
    low_events, high_events = region.live(low, plan), region.live(high, plan, higher)
    alive, fewer = living(low), living(high)
    assert fewer.items() < alive.items()
    lost = len(alive) - len(fewer)
    unborn = int(low_events.newborn[..., 0].sum() - high_events.newborn[..., 0].sum())
    more_deaths = sum(e.died.sum() + e.newborn[..., 1].sum() for e in (high_events,)) - (
        low_events.died.sum() + low_events.newborn[..., 1].sum()
    )
    assert 0 <= unborn < 20 and more_deaths > 100
    # some who would have left in the second half die before
    assert lost <= more_deaths + unborn
    assert (high_events.left[:, 0] == low_events.left[:, 0]).all()


def run_on(region: Region, seed: int, replicates: int) -> list[Population]:
    """Populations after all years."""
    out = []
    for replicate in range(replicates):
        population = region.opening(replicate, seed=seed)
        for plan in region.plans:
            region.live(population, plan)
        out.append(population)
    return out


def test_common_random_numbers_cut_the_variance_of_differences_tenfold() -> None:
    """People in 2035 at a fertility 0.1 higher, and people of 80 and over in 2035 at a mortality 5 % lower.

    A region of 20,000 agents, scaled as Hunan would be.
    """
    size, years, replicates = 20_000.0, 2035 - FIRST_YEAR + 1, 25
    base = Region(years, size)
    plain, other = run_on(base, 1, replicates), run_on(base, 2, replicates)

    def total(populations: list[Population]) -> np.ndarray:
        return np.array([p.count.sum() for p in populations], float)

    def old(populations: list[Population]) -> np.ndarray:
        return np.array([p.count[:, :, 80:].sum() for p in populations], float)

    births = run_on(Region(years, size, more_births=1.0 + 0.1 / 1.6), 1, replicates)
    lives = run_on(Region(years, size, mortality=0.95), 1, replicates)
    for changed, measure in ((births, total), (lives, old)):
        shared = measure(changed) - measure(plain)
        apart = measure(changed) - measure(other)
        assert shared.mean() > 20
        assert shared.var(ddof=1) * 10.0 < apart.var(ddof=1)
