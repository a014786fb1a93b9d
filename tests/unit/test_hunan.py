"""The Hunan scenarios end to end: base, back-test, verdicts, drivers."""

from __future__ import annotations

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.demand.counting import Counter
from demo_sim.demand.quantities import MissingInput
from demo_sim.demand.sizes import Projected
from demo_sim.demography.ages import age_mask
from demo_sim.errors import InputError
from demo_sim.inputs.base import build_base, counted_population, model_grid
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.prevalence import function_shares
from demo_sim.inputs.rates import build_rates
from demo_sim.vocab import LISTED

CENSUS_2020 = 66_444_864

# What each row of the plan's table rests on; nothing may be filled in silently.
BASIS = {
    "hunan.dibao_growth_vs_consumption": "model",
    "hunan.rural_urban_dibao_ratio": "reported",
    "hunan.disabled_living_allowance": "model with assumed coverage",
    "hunan.disabled_care_allowance": "model with assumed coverage",
    "hunan.lottery_outlets": "reported",
    "hunan.facility_area_per_100hh": "model",
    "hunan.so_staff": "reported",
    "hunan.social_workers": "model",
    "hunan.volunteer_stations_share": "reported",
    "hunan.marriage_cross_province": "reported",
    "hunan.minor_station_coverage": "reported",
    "hunan.vagrant_return_rate": "reported",
    "hunan.public_burial_county_coverage": "reported",
    "hunan.nursing_bed_share": "model",
    "hunan.composite_care_institutions": "reported",
}


@pytest.fixture(scope="module")
def hunan() -> ds.Scenario:
    return ds.load("hunan").replace({"draws": 24, "period.end": 2026})


@pytest.fixture(scope="module")
def run(hunan: ds.Scenario) -> ds.Results:
    return ds.simulate(hunan, engine="cohort")


@pytest.fixture(scope="module")
def backtest() -> ds.Results:
    return ds.simulate(ds.load("hunan-2020").replace({"draws": 24, "period.end": 2025}), engine="cohort")


def test_base_equals_the_census_before_it_is_moved(hunan: ds.Scenario) -> None:
    draws = Draws(hunan.quantities, 5, 1, drivers=False)
    counted = counted_population(hunan, draws, model_grid(hunan))
    np.testing.assert_allclose(counted.sum(axis=(0, 1, 2)), CENSUS_2020, rtol=1e-13)
    urban = counted[0].sum(axis=(0, 1)) / CENSUS_2020
    np.testing.assert_allclose(urban, 0.5876, rtol=1e-12)
    groups = hunan.tables["population.table"].columns
    for sex, age, total in zip(groups["sex"], groups["age"], groups["population"], strict=True):
        cell = counted[:, ("male", "female").index(sex), age_mask(age, 101)].sum(axis=(0, 1))
        np.testing.assert_allclose(cell, total, rtol=1e-12)


def test_opening_stock_is_tied_to_the_published_year_end(run: ds.Results) -> None:
    opening = run.population.sel(time=2020).sum(("residence", "sex", "age", "function"))
    np.testing.assert_allclose(opening, 66_453_900, rtol=1e-12)


def test_year_ends_carry_the_label_of_their_year(run: ds.Results) -> None:
    assert run.population["time"].values.tolist() == list(range(2020, 2027))
    assert run.flows["year"].values.tolist() == list(range(2021, 2027))
    total = run.population.sum(("residence", "sex", "age", "function"))
    flow = run.flows.sum(("residence", "sex"))
    change = flow.sel(flow="births") - flow.sel(flow="deaths") + flow.sel(flow="in") - flow.sel(flow="out")
    difference = np.diff(total.transpose("draw", "time").values, axis=1)
    np.testing.assert_allclose(difference, change.transpose("draw", "year").values, atol=1e-3)


def test_urban_share_follows_the_given_path(run: ds.Results) -> None:
    people = run.population.sum(("sex", "age", "function"))
    share = people.sel(residence="urban") / people.sum("residence")
    np.testing.assert_allclose(share.sel(time=2024), 0.6207, atol=1e-6)


def test_a_target_dated_y_is_judged_on_the_year_end_of_y(run: ds.Results) -> None:
    row = run.targets.set_index("id").loc["reference.community_workers_2023"]
    urban = run.groups.sel(group="urban_residents", time=2023).sum("residence")
    workers = run.stocks.sel(stock="community_workers", time=2023)
    assert float(row["value"]) == pytest.approx(float((workers / urban * 1e4).mean()), rel=1e-9)


@pytest.mark.parametrize("target", list(BASIS))
def test_basis_of_the_table_rows(run: ds.Results, target: str) -> None:
    row = run.targets[(run.targets["id"] == target) & (run.targets["reading"] == "indicator")].iloc[0]
    covered = np.isfinite(float(row["coverage_assumed"]))
    assert row["basis"] + (" with assumed coverage" if covered else "") == BASIS[target]
    if BASIS[target] == "reported":
        assert row["verdict"] == "not_assessed" and row["driver"] == f"missing: reported.{target[6:]}"
    else:
        assert row["verdict"] in ("met", "missed", "at_risk")


def test_no_target_is_dropped(run: ds.Results, hunan: ds.Scenario) -> None:
    wanted = {t.id for name in hunan.settings.plan for t in hunan.catalog.plans[name].targets}
    assert set(run.targets["id"]) == wanted
    scored = ~run.targets["kind"].isin(LISTED)
    waiting = run.targets[(run.targets["verdict"] == "not_assessed") & scored]
    assert waiting["driver"].str.startswith("missing: ").all()
    assert run.targets.loc[~scored, "driver"].str.startswith("listed: ").all()


def test_two_readings_of_the_nursing_share_are_two_stocks(run: ds.Results) -> None:
    rows = run.targets[run.targets["id"] == "hunan.nursing_bed_share"].set_index("reading")
    assert list(rows.index) == ["indicator", "plan_text"]
    first = run.stocks.sel(time=2020).mean("draw")
    whole = first.sel(stock="all_beds.nursing") / first.sel(stock="all_beds")
    assert float(whole) == pytest.approx(186_000 / 490_000)
    institutions = first.sel(stock="institution_beds.nursing") / first.sel(stock="institution_beds")
    assert float(institutions) == pytest.approx(0.514)


def test_reported_figure_is_judged_like_the_rest(hunan: ds.Scenario) -> None:
    told = hunan.replace({"reported.lottery_outlets": {2025: 9500}, "draws": 3})
    row = ds.simulate(told, engine="cohort").targets.set_index("id").loc["hunan.lottery_outlets"]
    assert (row["verdict"], row["basis"]) == ("met", "reported")


def test_older_people_of_the_backtest_within_two_per_cent(backtest: ds.Results) -> None:
    older = backtest.outcomes.set_index(["series", "year"]).loc["older_60"]
    assert set(backtest.outcomes["mark"]) == {"tested"}
    for year in (2022, 2023, 2024):
        assert abs(float(older.loc[year, "relative_difference"])) < 0.02


def test_backtest_reads_nothing_later_than_2020() -> None:
    scenario = ds.load("hunan-2020")
    late = [
        (path, row.year)
        for path, quantity in scenario.quantities.items()
        for row in quantity.rows
        if not path.startswith("outcomes.") and row.status in ("published", "derived") and (row.year or 0) > 2020
    ]
    assert late == []


def test_functional_levels_reproduce_the_stated_total(hunan: ds.Scenario) -> None:
    scenario = hunan.replace({"draws": 1})
    draws = Draws(scenario.quantities, 1, 1, drivers=False)
    grid = model_grid(scenario)
    counted = counted_population(scenario, draws, grid)
    base = build_base(scenario, draws, counted, build_rates(scenario, draws, grid, counted))
    shares = function_shares(scenario, draws, grid, base.start)
    assert shares is not None
    np.testing.assert_allclose(shares.sum(axis=4), 1.0, rtol=1e-12)
    people = base.start[:, :, 60:, None] * shares[0]
    levels = people.sum(axis=(0, 1, 2, 4))
    # the register: 11.58M, 949k, 351k, 178k, 158k of the 60+ at the census
    np.testing.assert_allclose(levels[1:], [949e3, 351e3, 178e3, 158e3], rtol=0.03)


def test_a_missing_input_is_named(hunan: ds.Scenario) -> None:
    scenario = hunan.replace({"draws": 1})
    draws = Draws(scenario.quantities, 1, 1, drivers=False)
    grid = model_grid(scenario)
    persons = np.ones((grid.times.size, 2, 2, grid.ages, 1))
    counter = Counter(Projected(persons, None, grid, None), draws, scenario.catalog.populations)
    with pytest.raises(MissingInput, match=r"function.prevalence"):
        counter.group("older_mild")


def test_horizon_before_the_plan_is_refused_with_the_year() -> None:
    with pytest.raises(InputError, match="2025"):
        ds.simulate(ds.load("hunan").replace({"period.end": 2023}))


def test_same_seed_same_digest_and_draws_nest(run: ds.Results, hunan: ds.Scenario) -> None:
    from demo_sim.results import digest

    again = ds.simulate(hunan, engine="cohort")
    assert digest(again) == digest(run)
    fewer = ds.simulate(hunan.replace({"draws": 20}), engine="cohort")
    np.testing.assert_array_equal(fewer.population.values, run.population.values[:20])


def test_driver_is_the_input_that_moves_the_value_most(run: ds.Results) -> None:
    rows = run.targets.set_index("id")
    assert rows.loc["reference.community_workers_2025", "driver"] == "cw.2020"
    assert rows.loc["hunan.social_workers", "driver"] == "sw.yearly_change"
