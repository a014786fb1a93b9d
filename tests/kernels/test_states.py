"""Functional ability in state mode against loops written from the method, person groups instead of shares."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from samples import year_inputs

import demo_sim as ds
from demo_sim.demography.states import (
    TransitionShape,
    alive_after,
    generator,
    mortality_ratios,
    solve_mortality,
    solve_onward,
)
from demo_sim.engine.calendar import Timing, YearFlows, YearTables
from demo_sim.engine.cohort import project_cohort, step
from demo_sim.engine.levels import LevelShares
from demo_sim.engine.thresholds import LevelTables
from demo_sim.errors import InputError
from demo_sim.inputs.build import Drawn, build_inputs
from demo_sim.inputs.draws import STATED
from demo_sim.inputs.states import StateTables, state_tables
from demo_sim.space.places import routes

LEVELS, OLD = 5, 60
SHAPE = TransitionShape(np.array([0.02, 0.06, 0.12, 0.18]), np.array([0.25, 0.15, 0.1, 0.05]), 7.0, 12.0, 70.0)


def product(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
    return [[sum(x * b[k][j] for k, x in enumerate(row)) for j in range(len(b[0]))] for row in a]


def exponential(q: list[list[float]]) -> list[list[float]]:
    """exp(Q) in plain Python: the series of a 1024th of Q, squared ten times."""
    n = len(q)
    part = [[x / 1024.0 for x in row] for row in q]
    out = [[float(i == j) for j in range(n)] for i in range(n)]
    term = out
    for k in range(1, 15):
        term = [[x / k for x in row] for row in product(term, part)]
        out = [[a + b for a, b in zip(one, two, strict=True)] for one, two in zip(out, term, strict=True)]
    for _ in range(10):
        out = product(out, out)
    return out


def random_tables(rng: np.random.Generator, residences: int, ages: int, draws: int) -> StateTables:
    shape = (residences, 2, ages - OLD - 1, LEVELS)
    change = rng.dirichlet(np.ones(LEVELS), shape)[..., None].repeat(draws, -1)
    hazard = rng.uniform(0.01, 0.5, shape)[..., None].repeat(draws, -1)
    return StateTables(change, hazard)


def random_year(seed: int, residences: int, timing: str, draws: int = 2) -> SimpleNamespace:
    """A year of a population with an open age of 65, its prevalence at three year-ends, and its flows."""
    ages = 66
    rng = np.random.default_rng(seed)
    inputs = year_inputs(seed, residences, ages, draws)
    inputs.move_rate[:, :, OLD - 2 :] = rng.uniform(0.0, 0.4, inputs.move_rate[:, :, OLD - 2 :].shape)
    inputs.external[:, :, OLD - 2 :] = rng.normal(0.0, 5.0, inputs.external[:, :, OLD - 2 :].shape)
    prevalence = rng.dirichlet(np.ones(LEVELS), (3, residences, 2, ages - OLD, draws))
    when = Timing.of(timing)
    tables = YearTables(
        inputs.qs, inputs.asfr, inputs.male_share, inputs.external, inputs.move_rate, inputs.reclass_rate
    )
    flows = YearFlows.empty(inputs.start.shape)
    step(inputs.start, tables, when, flows)
    return SimpleNamespace(
        ages=ages,
        start=inputs.start,
        tables=tables,
        flows=flows,
        when=when,
        prevalence=np.moveaxis(prevalence, -1, -2).copy(),
        states=random_tables(rng, residences, ages, 1),
    )


def moved(groups: dict, rate: object) -> dict:
    """Half a year of moves between places, all at once; groups[r, x][level]."""
    after = {key: list(people) for key, people in groups.items()}
    for (r, x), people in groups.items():
        for other in {place for place, _ in groups} - {r}:
            for level, p in enumerate(people):
                after[r, x][level] -= p * rate(r, other, x)
                after[other, x][level] += p * rate(r, other, x)
    return after


def external(groups: dict, net: object, stated: object) -> dict:
    """Arrivals carry the stated shares, leavers those of their group."""
    done = {}
    for key, people in groups.items():
        n, total = net(*key), sum(people)
        shares = stated(*key) if n > 0.0 else [p / total for p in people]
        done[key] = [p + n * share for p, share in zip(people, shares, strict=True)]
    return done


def twin_year(year: SimpleNamespace, sex: int, d: int) -> tuple[dict, dict]:
    """Groups of persons by level at the year-end, and their deaths, by residence and age reached."""
    t, residences, last = year.tables, year.start.shape[0], year.ages - 1
    before, after = year.prevalence[0][..., d], year.prevalence[1][..., d]
    intact = [1.0, 0.0, 0.0, 0.0, 0.0]

    def share_at(table: np.ndarray, r: int, x: int) -> list[float]:
        return list(table[r, sex, x - OLD]) if x >= OLD else intact

    def rate(r: int, other: int, x: int) -> float:
        way = routes(residences).index((r, other))
        return 0.5 * float(t.move_rate[way, sex, x, d] + t.reclass_rate[way, d])

    groups = {
        (r, x): [float(year.start[r, sex, x, d]) * share for share in share_at(before, r, x)]
        for r in range(residences)
        for x in range(OLD - 1, last + 1)
    }
    part = year.when.first_share
    groups = external(groups, lambda r, x: part * t.external[r, sex, x, d], lambda r, x: share_at(before, r, x))
    groups = moved(groups, rate)
    source = {(r, x + 1): people for (r, x), people in groups.items() if x < last - 1}
    for r in range(residences):
        source[r, last] = [a + b for a, b in zip(groups[r, last - 1], groups[r, last], strict=True)]
    ended, dead = {}, {}
    for (r, x), people in source.items():
        qs = float(t.qs[r, sex, x, d])
        if x == OLD:
            dead[r, x] = [qs * p for p in people]
            alive = sum(people) - sum(dead[r, x])
            ended[r, x] = [alive * share for share in share_at(after, r, OLD)]
            continue
        h = year.states.hazard[r, sex, x - OLD - 1, :, 0]
        low, high = 0.0, 1e4
        for _ in range(200):
            theta = 0.5 * (low + high)
            deaths = [p * -math.expm1(-theta * k) for p, k in zip(people, h, strict=True)]
            low, high = (theta, high) if sum(deaths) < qs * sum(people) else (low, theta)
        dead[r, x] = deaths
        alive_row = [[p - gone for p, gone in zip(people, deaths, strict=True)]]
        ended[r, x] = product(alive_row, year.states.given_survival[r, sex, x - OLD - 1, ..., 0].tolist())[0]
    ended = moved(ended, rate)
    ended = external(ended, lambda r, x: (1.0 - part) * t.external[r, sex, x, d], lambda r, x: share_at(after, r, x))
    return ended, dead


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("timing", ["even", "end"])
@pytest.mark.parametrize("residences", [1, 2, 3])
def test_year_equals_groups_of_persons(residences: int, timing: str, seed: int) -> None:
    year = random_year(seed, residences, timing)
    levels = LevelShares(year.prevalence, year.states, 2021)
    got = levels.advance(year.start, year.tables, year.flows, year.when)
    stock = levels.shares * year.flows.end[:, :, OLD:, None]
    for d in range(year.start.shape[-1]):
        for sex in range(2):
            ended, dead = twin_year(year, sex, d)
            for (r, x), people in ended.items():
                np.testing.assert_allclose(stock[r, sex, x - OLD, :, d], people, rtol=1e-10, err_msg=f"{r} {x}")
                np.testing.assert_allclose(got.deaths[r, sex, x - OLD, :, d], dead[r, x], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("residences", [1, 2, 3])
def test_levels_add_up_to_the_cohorts(residences: int) -> None:
    year = random_year(5, residences, "even")
    levels = LevelShares(year.prevalence, year.states, 2021)
    got = levels.advance(year.start, year.tables, year.flows, year.when)
    end = year.flows.end[:, :, OLD:]
    np.testing.assert_allclose((levels.shares * end[..., None, :]).sum(axis=3), end, rtol=1e-9)
    np.testing.assert_allclose(got.deaths.sum(axis=3), year.flows.deaths[:, :, OLD:], rtol=1e-12)


def test_tables_of_a_draw_cover_all_ages() -> None:
    year = random_year(6, 2, "even")
    levels = LevelShares(year.prevalence, year.states, 2021)
    opening = levels.at_all_ages(1)
    got = levels.advance(year.start, year.tables, year.flows, Timing.of("even"))
    both = got.tables(year.tables.qs, 2)
    assert both.death.shape == (2, 2, year.ages, LEVELS, 2)
    tables = LevelTables(both.death[..., 1], both.change[..., 1])
    np.testing.assert_allclose(tables.change.sum(axis=-1), 1.0, rtol=1e-14)
    np.testing.assert_array_equal(tables.change[:, :, : OLD - 1], np.broadcast_to(np.eye(5), (2, 2, 59, 5, 5)))
    np.testing.assert_array_equal(tables.death[:, :, 30, 3], year.tables.qs[:, :, 31, 1])
    np.testing.assert_array_equal(tables.death[:, :, 59, 0], year.tables.qs[:, :, 60, 1])
    np.testing.assert_array_equal(tables.change[:, :, 59, 0], year.prevalence[1][:, :, 0, :, 1])
    # the open age and the one below it share an entry
    np.testing.assert_array_equal(tables.death[:, :, -1], tables.death[:, :, -2])
    np.testing.assert_array_equal(tables.change[:, :, -1], tables.change[:, :, -2])
    np.testing.assert_array_equal(opening[:, :, OLD:], year.prevalence[0][..., 1])
    assert (opening[:, :, :OLD, 0] == 1.0).all() and not opening[:, :, :OLD, 1:].any()


def test_shares_stay_where_nobody_changes_and_all_die_alike() -> None:
    year = random_year(7, 1, "even", draws=1)
    year.tables.external[:] = 0.0
    step(year.start, year.tables, year.when, year.flows)
    shape = year.states.hazard.shape
    still = StateTables(
        np.broadcast_to(np.eye(5)[..., None], (*shape[:3], 5, 5, 1)).copy(),
        np.full(shape, 0.1),
    )
    levels = LevelShares(year.prevalence, still, 2021)
    got = levels.advance(year.start, year.tables, year.flows, Timing.of("even"))
    np.testing.assert_allclose(levels.shares[:, :, 1:-1], year.prevalence[0][:, :, :-2], rtol=1e-13)
    qs = year.tables.qs[:, :, OLD + 1 :, None]
    np.testing.assert_allclose(got.death[:, :, 1:-1], np.repeat(qs, 5, axis=3), rtol=1e-12)


def test_one_year_of_a_generator_equals_the_series_in_plain_python() -> None:
    rng = np.random.default_rng(3)
    q = generator(rng.uniform(0.0, 2.0, (8, 4)), rng.uniform(0.0, 0.5, (8, 4)), rng.uniform(0.001, 1.5, (8, 5)))
    got = alive_after(q)
    for i in range(len(q)):
        np.testing.assert_allclose(got[i], exponential(q[i].tolist()), rtol=1e-12)


def test_a_row_of_the_generator_lacks_its_deaths() -> None:
    death = np.array([0.01, 0.013, 0.02, 0.035, 0.055])
    q = generator(np.full(4, 0.1), np.full(4, 0.2), death)
    np.testing.assert_allclose(-q.sum(axis=1), death, rtol=1e-14)


def test_factors_and_mortality_that_made_a_prevalence_are_found_again() -> None:
    rng = np.random.default_rng(11)
    ages = np.arange(60, 100)
    onward, recovery = SHAPE.at(ages)
    ratios = mortality_ratios(np.array([1.3, 2.0, 3.5, 5.5]), 0.6, ages)
    factors = np.exp(rng.uniform(-1.0, 1.0, (40, 4)))
    p = alive_after(generator(onward * factors, recovery, ratios * (0.004 * np.exp(0.1 * (ages - 60)))[:, None]))
    start = rng.dirichlet([20.0, 4.0, 2.0, 1.0, 1.0], 40)
    survivors = np.einsum("xi,xij->xj", start, p)
    alive = survivors.sum(axis=1)
    found = solve_onward(start, survivors / alive[:, None], 1.0 - alive, onward, recovery, ratios)
    np.testing.assert_allclose(found.factors, factors, rtol=1e-5)
    np.testing.assert_allclose(found.hazard, -np.log(p.sum(axis=2)), rtol=1e-6)
    np.testing.assert_allclose(found.given_survival, p / p.sum(axis=2, keepdims=True), atol=1e-7)
    assert found.miss.max() < 1e-8


def test_prevalence_out_of_reach_is_told_by_its_miss() -> None:
    start = np.array([0.5, 0.3, 0.1, 0.06, 0.04])
    target = np.array([0.99, 0.004, 0.003, 0.002, 0.001])
    onward, recovery = (values[0] for values in SHAPE.at(np.array([70])))
    found = solve_onward(start, target, np.array(0.02), onward, recovery, np.array([1.0, 1.3, 2.0, 3.5, 5.5]))
    assert float(found.miss) > 1.0
    assert np.isfinite(found.given_survival).all() and np.isfinite(found.hazard).all()


def test_hazards_double_and_halve_and_ratios_fade() -> None:
    onward, recovery = SHAPE.at(np.array([70, 77, 82]))
    np.testing.assert_allclose(onward[:2, 0], [0.02, 0.04])
    np.testing.assert_allclose(recovery[[0, 2], 0], [0.25, 0.125])
    ratios = mortality_ratios(np.array([1.3, 2.0, 3.5, 5.5]), 0.6, np.array([60, 80, 85, 90, 100]))
    np.testing.assert_allclose(ratios[:, 4], [5.5, 5.5, 4.6, 3.7, 3.7])
    np.testing.assert_array_equal(ratios[:, 0], 1.0)


def test_certain_death_and_none() -> None:
    pi = np.array([0.5, 0.2, 0.15, 0.1, 0.05])[:, None].repeat(3, axis=1)
    hazard = np.array([0.01, 0.013, 0.02, 0.035, 0.055])[:, None]
    theta, q = solve_mortality(pi, hazard, np.array([0.0, 1.0, 1.0 - 1e-15]))
    np.testing.assert_array_equal(q[:, 0], 0.0)
    np.testing.assert_array_equal(q[:, 1], 1.0)
    assert theta[0] == 0.0 and np.isinf(theta[1]) and np.isfinite(theta[2])


@pytest.fixture(scope="module")
def hunan() -> SimpleNamespace:
    scenario = ds.load("hunan-states").replace({"period.end": 2025, "plan": []})
    inputs = build_inputs(scenario)
    drawn = inputs.draw([STATED])
    return SimpleNamespace(scenario=scenario, inputs=inputs, grid=inputs.grid, drawn=drawn)


def test_hunan_keeps_the_stated_prevalence_for_five_years(hunan: SimpleNamespace) -> None:
    assert build_inputs(ds.load("hunan")).draw([STATED]).states is None
    drawn, tables = hunan.drawn, hunan.drawn.states
    assert tables.warnings == []
    assert tables.factors.min() > 0.1 and tables.factors.max() < 10.0
    levels = LevelShares(drawn.shares, tables, hunan.grid.start, 0)
    for year, start, year_tables, flows in project_cohort(drawn.base, drawn.rates, hunan.grid, Timing.of("even")):
        got = levels.advance(start, year_tables, flows, Timing.of("even"))
        np.testing.assert_allclose(got.deaths.sum(axis=3), flows.deaths[:, :, OLD:], rtol=1e-12)
        jump = levels.jump(flows.end[:, :, OLD:], drawn.shares[year - hunan.grid.start + 1])
        assert np.abs(jump).max() < 0.02, (year, jump)
    assert levels.warnings == []


def test_a_jump_in_the_first_year_is_told(hunan: SimpleNamespace) -> None:
    other = hunan.drawn.shares.copy()
    other[1:, ..., 1:, :] *= 0.9
    other[1:, ..., 0, :] = 1.0 - other[1:, ..., 1:, :].sum(axis=-2)
    levels = LevelShares(other, hunan.drawn.states, hunan.grid.start, 0)
    _, start, year_tables, flows = next(
        project_cohort(hunan.drawn.base, hunan.drawn.rates, hunan.grid, Timing.of("even"))
    )
    levels.advance(start, year_tables, flows, Timing.of("even"))
    assert len(levels.warnings) == 4
    zh, en = levels.warnings[0]
    assert "2021年末60岁及以上轻度及以上" in zh and "高" in zh
    assert "mild or worse" in en and "above the stated prevalence" in en


def test_impossible_prevalence_and_far_factors_are_told(hunan: SimpleNamespace) -> None:
    tables = tables_of(hunan, impossible(hunan.drawn.shares, 0), hunan.drawn)
    texts = [en for _, en in tables.warnings]
    assert any("outside 0.1 to 10" in text and "79" in text for text in texts)
    assert any("no transitions reach" in text for text in texts)


def impossible(shares: np.ndarray, draw: int) -> np.ndarray:
    """The same shares, in one draw with hardly anybody impaired at one age of the first year-end."""
    other = shares.copy()
    other[1, ..., 20, 1:, draw] *= 0.05
    other[1, ..., 20, 0, draw] = 1.0 - other[1, ..., 20, 1:, draw].sum(axis=-1)
    return other


def tables_of(hunan: SimpleNamespace, shares: np.ndarray, drawn: Drawn) -> StateTables:
    """Tables solved for other shares."""
    return state_tables(hunan.inputs.function, drawn.draws, hunan.grid, drawn.base, drawn.rates, shares)


def test_findings_are_those_of_the_stated_values(hunan: SimpleNamespace) -> None:
    """Single draws at the rim of belief are no finding, and the stated run is judged wherever it stands."""
    drawn = hunan.inputs.draw([0, STATED, 1])
    for draw, found in ((0, False), (1, True), (2, False)):
        assert bool(tables_of(hunan, impossible(drawn.shares, draw), drawn).warnings) is found
    random = hunan.inputs.draw([0, 1])
    assert tables_of(hunan, impossible(random.shares, 0), random).warnings == []
    beside = hunan.inputs.draw([STATED, 5]).states
    np.testing.assert_array_equal(drawn.states.factors[..., 1], beside.factors[..., 0])


def test_the_jump_is_that_of_the_stated_values(hunan: SimpleNamespace) -> None:
    drawn = hunan.inputs.draw([0, STATED])
    other = drawn.shares.copy()
    other[1:, ..., 1:, 0] *= 0.9
    other[1:, ..., 0, 0] = 1.0 - other[1:, ..., 1:, 0].sum(axis=-1)
    _, start, year_tables, flows = next(project_cohort(drawn.base, drawn.rates, hunan.grid, Timing.of("even")))
    for judged, told in ((0, 4), (1, 0), (None, 0)):
        levels = LevelShares(other, drawn.states, hunan.grid.start, judged)
        levels.advance(start, year_tables, flows, Timing.of("even"))
        assert len(levels.warnings) == told


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"function.states": {"mortality_ratio": {"assume": "func.mortality_ratio"}}}, "transition_shape"),
        ({"function.states.mortality_ratio": 2.0}, "share_of_ratio_minus_1"),
    ],
)
def test_missing_numbers_are_named(hunan: SimpleNamespace, change: dict, words: str) -> None:
    with pytest.raises(InputError) as caught:
        hunan.scenario.replace(change)
    assert words in caught.value.render("en") and words in caught.value.render("zh")
