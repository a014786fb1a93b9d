"""Inputs of families: children ever born, age gaps, first marriages, and places of kin by both margins."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import truncnorm

import demo_sim as ds
from demo_sim.engine.calendar import Timing
from demo_sim.engine.cohort import project_cohort
from demo_sim.engine.founding import fit_places
from demo_sim.engine.pairs import places_of_kin
from demo_sim.inputs.base import model_grid
from demo_sim.inputs.build import Drawn, Inputs, build_inputs
from demo_sim.inputs.draws import STATED, Draws
from demo_sim.inputs.grid import Grid
from demo_sim.inputs.history import (
    GAP_FROM,
    GAPS,
    TOGETHER,
    Past,
    absent_people,
    build_past,
    ever_married,
    gap_shares,
    read_past,
)
from demo_sim.inputs.parity import children_ever_born, opening_parity
from demo_sim.inputs.unions import MARRY_FROM, MARRY_TO, UnionRates, build_unions


@pytest.fixture(scope="module")
def scenario() -> ds.Scenario:
    return ds.load("hunan").replace({"draws": 3, "period.end": 2060, "known_until": 2024})


@pytest.fixture(scope="module")
def inputs(scenario: ds.Scenario) -> Inputs:
    return build_inputs(scenario)


@pytest.fixture(scope="module")
def drawn(inputs: Inputs) -> Drawn:
    return inputs.draw([STATED, 0, 1])


@pytest.fixture(scope="module")
def draws(drawn: Drawn) -> Draws:
    return drawn.draws


@pytest.fixture(scope="module")
def grid(inputs: Inputs) -> Grid:
    return inputs.grid


@pytest.fixture(scope="module")
def past(inputs: Inputs, drawn: Drawn) -> Past:
    return past_of(inputs, drawn)


def past_of(inputs: Inputs, drawn: Drawn) -> Past:
    """The past by the moves of the first year."""
    draws, start, grid = drawn.draws, drawn.base.start, inputs.grid
    tables = next(project_cohort(drawn.base, drawn.rates, grid, Timing.of(inputs.timing)))[2]
    absent, share = absent_people(draws, grid, start), draws["migration.returnee_share"].at()
    together = np.stack([draws["history.move_together"].at(name=name) for name in TOGETHER])
    places = places_of_kin(start, absent, tables, share, together, ever_married(draws, grid))
    assert inputs.past is not None
    return build_past(inputs.past, draws, grid, absent, places)


def test_children_ever_born_sum_to_one_and_keep_the_mean_of_the_open_class(draws: Draws, grid: Grid) -> None:
    shares = children_ever_born(draws, grid, "history.open_parity_mean")
    np.testing.assert_allclose(shares.sum(axis=2), 1.0)
    assert (shares >= 0.0).all() and (shares[:, :15, 0] == 1.0).all()
    plain = children_ever_born(draws, grid)
    np.testing.assert_allclose(shares[:, :, :4], plain[:, :, :4])
    np.testing.assert_allclose(shares[:, :, 4:].sum(axis=2), plain[:, :, 4])
    means = draws["history.open_parity_mean"]
    for age in (100, 58):
        label = next(c for c in means.distinct("cohort") if int(c[:4]) <= grid.start - 1 - age <= int(c[5:]))
        more = shares[:, age, 4:]
        found = (more * np.arange(4, 4 + more.shape[1])[:, None]).sum(axis=1) / more.sum(axis=1)
        mean = np.broadcast_to(means.at(cohort=label), found.shape)
        np.testing.assert_allclose(found[:, 0], mean[:, 0], rtol=0.06, err_msg=label)
        # a geometric tail, cut at twelve and more: short of its mean by what lies beyond
        ratio = (mean - 4.0) / (mean - 3.0)
        beyond = 9.0 * ratio**9 / (1.0 - ratio**9)
        np.testing.assert_allclose(found, mean - beyond, rtol=1e-12, err_msg=label)
    parity, _ = opening_parity(draws, grid)
    np.testing.assert_allclose(parity[:, :, 3], plain[:, :, 3] + plain[:, :, 4])


def test_age_gaps_sum_to_one_about_their_mean(draws: Draws) -> None:
    years = np.arange(GAP_FROM, GAP_FROM + GAPS)[:, None]
    for cohort in (1880, 1930, 1949, 1950, 1985, 2030):
        shares = gap_shares(draws["unions.age_gap"], cohort)
        np.testing.assert_allclose(shares.sum(axis=0), 1.0)
        label = "1900-1949" if cohort < 1950 else "1950-1969" if cohort < 1970 else "1970-2010"
        mean, sd = (draws["unions.age_gap"].at(cohort=label, name=name) for name in ("mean", "sd"))
        found = (shares * years).sum(axis=0)
        np.testing.assert_allclose(found[0], mean[0], atol=0.02)
        # a wide gap is cut at -10 more than at 20
        whole = truncnorm((GAP_FROM - 0.5 - mean) / sd, (GAP_FROM + GAPS - 0.5 - mean) / sd, loc=mean, scale=sd)
        np.testing.assert_allclose(found, whole.mean(), atol=0.005)


@pytest.fixture(scope="module")
def unions(draws: Draws, grid: Grid) -> UnionRates:
    return build_unions(draws, grid)


def test_first_marriages_lead_to_the_final_share(unions: UnionRates, draws: Draws, grid: Grid) -> None:
    """A cohort that is 18 in the first year and lives all rates of its years."""
    single = np.ones(draws.size)
    cohort = grid.start - MARRY_FROM
    for age in range(MARRY_FROM, MARRY_TO):
        year = cohort + age
        if year <= grid.years[-1]:
            first, again, divorce = (values.T for values in unions.of_year(year, 3))
            assert (first >= 0.0).all() and (first < 1.0).all()
            assert (first[:, :MARRY_FROM] == 0.0).all() and (first[:, MARRY_TO:] == 0.0).all()
            assert (again < 0.5).all() and (divorce < 0.1).all()
            single *= 1.0 - first[:, age]
    final = draws["unions.final_ever_married"]
    label = next(c for c in final.distinct("cohort") if int(c[:4]) <= cohort <= int(c[5:]))
    # those below 18 are not married, and later ages of marriage shift a year's rates against one another
    np.testing.assert_allclose(1.0 - single, final.at(cohort=label, sex="female"), atol=0.03)


def test_cuts_of_the_age_gap_follow_the_wife(unions: UnionRates, grid: Grid) -> None:
    cuts = unions.gap_cuts(2021, grid.ages, 1)[..., 0]
    assert cuts.shape == (grid.ages, GAPS) and (cuts[:, -1] == np.uint64(1 << 32)).all()
    shares = np.diff(cuts.astype(float), axis=1, prepend=0.0) / 2.0**32
    mean = (shares * np.arange(GAP_FROM, GAP_FROM + GAPS)).sum(axis=1)
    np.testing.assert_allclose(mean[2021 - 1990], (unions.gaps[1990 - unions.oldest, :, 0] * np.arange(-10, 21)).sum())
    assert mean[90] > mean[60] + 0.5  # older women have husbands who are older still


def test_past_is_complete(scenario: ds.Scenario, past: Past, draws: Draws, grid: Grid) -> None:
    np.testing.assert_allclose(past.absent.sum(axis=(0, 1, 2)), draws["history.absent"].at())
    assert (past.absent >= 0.0).all()
    for survival, most in ((past.child_survival, 0.9999), (past.only_survival, 1.0)):
        assert survival.shape == (2, grid.ages) and (survival > 0.0).all() and (survival <= most).all()
        assert (np.diff(survival[:, 70:], axis=1) < 0.0).all()
    assert (past.only_survival >= past.child_survival).all()
    assert (past.adult_survival[-30:] == 1.0).all()  # too young to have lost anything from 30 on
    assert (past.husband_survival[1] >= past.husband_survival[0]).all()
    assert (past.ever_married[:, :20] == 0.0).all() and (past.ever_married[:, 60] > 0.9).all()
    assert past.asfr.shape == (grid.ages, 35)
    table = scenario.tables["history.fertility"].columns
    rates, years = np.array(table["asfr"]), np.array(table["year"])
    for year in sorted({y for y in table["year"] if grid.start - grid.ages <= y < grid.start}):
        assert past.asfr[year - grid.start].sum() == pytest.approx(rates[years == year].sum())


def test_a_past_is_there_where_the_scenario_gives_one(scenario: ds.Scenario, inputs: Inputs) -> None:
    assert inputs.past is not None
    without = scenario.replace({"history": None, "unions": None, "placement": None})
    assert read_past(without, model_grid(without)) is None and build_inputs(without).past is None


def test_the_past_of_a_draw_is_that_of_the_draw(inputs: Inputs, past: Past) -> None:
    """Whatever draws go beside it; the tables are the same in all."""
    again = inputs.draw([1, 5, STATED])
    assert inputs.past is not None
    other = past_of(inputs, again)
    mine, others = ({**vars(one), **vars(one.places)} for one in (past, other))
    for name, values in mine.items():
        own = others[name]
        if name == "places":
            continue
        if name == "start" or name in vars(inputs.past):
            np.testing.assert_array_equal(own, values, err_msg=name)
        else:
            np.testing.assert_array_equal(own[..., [2, 0]], values[..., [0, 2]], err_msg=name)
            assert values.shape[-1] == 3


def test_places_keep_both_margins_and_the_odds() -> None:
    rng = np.random.default_rng(2)
    groups, places = rng.uniform(1.0, 9.0, (6, 5)), rng.uniform(1.0, 9.0, (6, 4))
    seed = np.ones((6, 5, 4))
    seed[:, range(4), range(4)] = 20.0
    shares = fit_places(groups, places, seed)
    np.testing.assert_allclose(shares.sum(axis=2), 1.0)
    wanted = places / places.sum(axis=1, keepdims=True) * groups.sum(axis=1, keepdims=True)
    table = shares * groups[:, :, None]
    np.testing.assert_allclose(table.sum(axis=1), wanted, rtol=1e-6)
    odds = table[:, 0, 0] * table[:, 1, 1] / (table[:, 0, 1] * table[:, 1, 0])
    np.testing.assert_allclose(odds, 400.0, rtol=1e-9)
