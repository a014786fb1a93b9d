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
from demo_sim.inputs.build import Inputs, build_inputs
from demo_sim.inputs.draws import STATED, compositions, stated
from demo_sim.results import digest
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
    "hunan.nursing_bed_share": "observed",
    "hunan.composite_care_institutions": "reported",
}


@pytest.fixture(scope="module")
def hunan() -> ds.Scenario:
    return ds.load("hunan").replace({"draws": 24, "period.end": 2026, "options.keep": "full"})


@pytest.fixture(scope="module")
def inputs(hunan: ds.Scenario) -> Inputs:
    return build_inputs(hunan)


@pytest.fixture(scope="module")
def run(hunan: ds.Scenario) -> ds.Results:
    return ds.simulate(hunan, engine="cohort")


@pytest.fixture(scope="module")
def explained() -> ds.Results:
    """As many draws as a driver takes."""
    return ds.simulate(ds.load("hunan").replace({"draws": 256, "period.end": 2025}), engine="cohort")


@pytest.fixture(scope="module")
def backtest() -> ds.Results:
    return ds.simulate(ds.load("hunan-2020").replace({"draws": 24, "period.end": 2025}), engine="cohort")


def test_base_equals_the_census_before_it_is_moved(hunan: ds.Scenario, inputs: Inputs) -> None:
    counted = inputs.draw([STATED, 0, 1, 2, 3]).base.counted
    np.testing.assert_allclose(counted.sum(axis=(0, 1, 2)), CENSUS_2020, rtol=1e-13)
    urban = counted[0].sum(axis=(0, 1)) / CENSUS_2020
    np.testing.assert_allclose(urban, 39_046_176 / CENSUS_2020, rtol=1e-12)  # cities and towns, printed as 58.76 %
    groups = hunan.tables["population.table"].columns
    keys = (groups[name] for name in ("residence", "sex", "age", "population"))
    for residence, sex, age, total in zip(*keys, strict=True):
        r, s = ("urban", "rural").index(residence), ("male", "female").index(sex)
        cell = counted[r, s, age_mask(age, 101)].sum(axis=0)
        np.testing.assert_allclose(cell[0], total, rtol=1e-12)
        assert np.abs(np.log(cell[1:] / total)).max() < 0.06  # each draw has its errors of the census by age


def test_opening_stock_is_tied_to_the_published_year_end(run: ds.Results) -> None:
    opening = run.spread("population/summary", lambda people: people.sel(time=2020))
    for_all = opening.astype(float).sum(("residence", "sex", "age_group", "function"))
    assert for_all["draw"].values.tolist() == [-1, *range(24)]
    np.testing.assert_allclose(for_all, 66_453_900, rtol=1e-7)  # seven digits of every draw
    stated = run.central.population.sel(time=2020).sum(("residence", "sex", "age", "function"))
    np.testing.assert_allclose(stated, 66_453_900, rtol=1e-12)


def test_year_ends_carry_the_label_of_their_year(run: ds.Results) -> None:
    # whole numbers of 66 million have seven digits in a draw, all of them in the run at stated values
    for own, exact in ((run.central, 1e-3), (run, 40.0)):
        assert own.population["time"].values.tolist() == list(range(2020, 2027))
        assert own.flows["year"].values.tolist() == list(range(2021, 2027))
        total = own.population.astype(float).sum(("residence", "sex", "age", "function"))
        flow = own.flows.astype(float).sum(("residence", "sex"))
        change = flow.sel(flow="births") - flow.sel(flow="deaths") + flow.sel(flow="in") - flow.sel(flow="out")
        difference = total.diff("time").rename(time="year")
        np.testing.assert_allclose(difference, change.transpose(*difference.dims), atol=exact)


def test_urban_share_follows_the_given_path(run: ds.Results) -> None:
    for own in (run, run.central):
        people = own.population.astype(float).sum(("sex", "age", "function"))
        share = people.sel(residence="urban") / people.sum("residence")
        np.testing.assert_allclose(share.sel(time=2024), 0.6207, atol=1e-6)


def test_a_target_dated_y_is_judged_on_the_year_end_of_y(run: ds.Results) -> None:
    row = run.targets.set_index("id").loc["reference.community_workers_2023"]
    urban = run.central.groups.sel(group="urban_residents", time=2023).sum("residence")
    workers = run.central.stocks.sel(stock="community_workers", time=2023)
    assert float(row["value"]) == pytest.approx(float(workers / urban * 1e4), rel=1e-12)


@pytest.mark.parametrize("target", list(BASIS))
def test_basis_of_the_table_rows(run: ds.Results, target: str) -> None:
    row = run.targets[(run.targets["id"] == target) & (run.targets["reading"] == "indicator")].iloc[0]
    covered = np.isfinite(float(row["coverage_assumed"]))
    assert row["basis"] + (" with assumed coverage" if covered else "") == BASIS[target]
    if BASIS[target] == "reported":
        assert row["verdict"] == "not_assessed" and row["driver"] == f"missing: reported.{target[6:]}"
    elif row["verdict"] == "not_assessed":  # a level that somebody assumed: what it takes, and the value told aside
        assert row["evidence"] == "assumed" and row["break_even"] > 0.0 and np.isfinite(row["value"])


def test_no_target_is_dropped(run: ds.Results, hunan: ds.Scenario) -> None:
    wanted = {t.id for name in hunan.settings.plan for t in hunan.catalog.plans[name].targets}
    assert set(run.targets["id"]) == wanted - {"reference.nursing_bed_share"}  # the plan's own row 14
    scored = ~run.targets["kind"].isin(LISTED)
    waiting = run.targets[(run.targets["verdict"] == "not_assessed") & scored]
    assert waiting["driver"].str.startswith("missing: ").all()
    assert run.targets.loc[~scored, "driver"].str.startswith("listed: ").all()


def test_two_readings_of_the_nursing_share_are_two_stocks(run: ds.Results) -> None:
    rows = run.targets[run.targets["id"] == "hunan.nursing_bed_share"].set_index("reading")
    assert list(rows.index) == ["indicator", "plan_text"]
    first = run.central.stocks.sel(time=2020)
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


def test_parts_of_the_people_beside_what_was_published(backtest: ds.Results) -> None:
    """Ages, men and the nursing-type share: each is what the run has of them, and each has its band."""
    found = backtest.outcomes.set_index(["series", "year"])
    people = backtest.central.summary.sel(time=2021)
    assert found.loc[("men", 2021), "projected"] == pytest.approx(float(people.sel(sex="male").sum()), rel=1e-6)
    young = float(people.sel(age_group=["0-4", "5-9", "10-14"]).sum())
    assert found.loc[("aged_0_14", 2021), "projected"] == pytest.approx(young, rel=1e-6)
    between = float(people.sum()) - young - found.loc[("older_60", 2021), "projected"]
    assert found.loc[("working_15_59", 2021), "projected"] == pytest.approx(between, rel=1e-6)
    assert found.loc[("aged_0_15", 2024), "published"] + found.loc[("aged_16_59", 2024), "published"] == 50_029_000
    beds = backtest.central.stocks.sel(time=2025)
    share = float(beds.sel(stock="institution_beds.nursing") / beds.sel(stock="institution_beds"))
    row = found.loc[("institution_beds.nursing_share", 2025)]
    assert (row["published"], row["projected"]) == pytest.approx((0.745, share))
    assert row["q10"] < share < row["q90"] < 1.0


def test_backtest_reads_nothing_later_than_2020() -> None:
    scenario = ds.load("hunan-2020")
    late = [
        (path, row.year)
        for path, quantity in scenario.quantities.items()
        for row in quantity.rows
        if not path.startswith("outcomes.") and row.status in ("published", "derived") and (row.year or 0) > 2020
    ]
    assert late == []


def test_functional_levels_reproduce_the_stated_total(inputs: Inputs) -> None:
    drawn = inputs.draw([STATED])
    assert drawn.shares is not None
    np.testing.assert_allclose(drawn.shares.sum(axis=4), 1.0, rtol=1e-12)
    people = drawn.base.start[:, :, 60:, None] * drawn.shares[0]
    levels = people.sum(axis=(0, 1, 2, 4))
    # the register: 11.63M, 704k, 260k, 325k, 288k of the 60+ at the census
    np.testing.assert_allclose(levels[1:], [704e3, 260e3, 325e3, 288e3], rtol=0.03)


def test_a_missing_input_is_named(inputs: Inputs) -> None:
    persons = np.ones((inputs.grid.times.size, 2, 2, inputs.grid.ages, 1))
    people = Projected(persons, None, inputs.grid, None)
    counter = Counter(people, stated(inputs.quantities), inputs.populations)
    with pytest.raises(MissingInput, match=r"function.prevalence"):
        counter.group("older_mild")


def test_horizon_before_the_plan_is_refused_with_the_year() -> None:
    with pytest.raises(InputError, match="2025"):
        ds.simulate(ds.load("hunan").replace({"period.end": 2023}))


def test_same_seed_same_digest_and_draws_nest(run: ds.Results, hunan: ds.Scenario) -> None:
    assert digest(ds.simulate(hunan, engine="cohort")) == digest(run)
    fewer = ds.simulate(hunan.replace({"draws": 20}), engine="cohort")
    np.testing.assert_array_equal(fewer.population.values, run.population.values[:20])
    assert digest(fewer.central) == digest(run.central)
    other = ds.simulate(hunan.replace({"seed": 2}), engine="cohort")
    assert digest(other.central) == digest(run.central)  # no seed moves what needs no persons
    assert (other.flows != run.flows).any()


def test_stated_values_are_those_that_were_typed(hunan: ds.Scenario, inputs: Inputs) -> None:
    """To the last digit, whichever draws go beside them; parts of a whole but for what makes them sum to 1."""
    draws = inputs.draw([7, STATED, 3]).draws
    banded = 0
    for path, quantity in hunan.quantities.items():
        known, found = np.array([row.value for row in quantity.rows]), draws[path].values[:, 1]
        units = {source.id: source.unit for source in quantity.sources}
        parts = [i for members, inside in compositions(quantity.rows, units) for i in (*members, *inside)]
        alone = np.setdiff1d(np.arange(known.size), parts)
        banded += sum(quantity.rows[i].drawn for i in alone)
        np.testing.assert_array_equal(found[alone], known[alone], err_msg=path)
        np.testing.assert_allclose(found, known, rtol=1e-14, atol=0.0, err_msg=path)
    assert banded > 100


def test_driver_is_the_input_that_moves_the_value_most(explained: ds.Results) -> None:
    rows = explained.targets.set_index("id")
    drivers = {
        "hunan.social_workers": "sw.yearly_change",
        "reference.certified_social_workers": "sw.certified_change",
    }
    assert rows.loc[list(drivers), "driver"].to_dict() == drivers
    shares = rows.loc[list(drivers), "driver_share"].astype(float)
    assert shares.between(0.5, 1.0).all()
    told = rows["driver_share"].astype(float).notna()
    judged = rows["verdict"] != "not_assessed"
    assert (rows.loc[judged & ~told, "driver"] == "").all() and not (told & ~judged).any()


def test_families_of_inputs_explain_a_value_together(explained: ds.Results) -> None:
    table = explained.variance.set_index(["id", "reading"]).loc[("hunan.social_workers", "indicator")]
    table = table.set_index("family")
    assert list(table.index) == ["population", "function", "use", "supply", "definition"]
    assert table.loc["supply", "share"] > 0.9
    others = table.drop("supply")
    assert (others["share"].abs() < 4.0 * others["share_se"]).all()


def test_few_draws_name_no_driver(run: ds.Results) -> None:
    judged = run.targets[run.targets["verdict"] != "not_assessed"]
    assert (judged["driver"] == "").all() and judged["driver_share"].isna().all() and run.variance.empty
    assert judged["p_met"].notna().all() and judged["p_se"].notna().all()


def test_the_run_at_stated_values_alone_has_neither_quantiles_nor_probabilities(hunan: ds.Scenario) -> None:
    alone = ds.simulate(hunan.replace({"draws": 0}), engine="cohort")
    judged = alone.targets[alone.targets["verdict"] != "not_assessed"]
    assert set(judged["verdict"]) == {"met", "missed"} and len(judged) > 5
    for column in ("low80", "high80", "p_met", "p_se"):
        assert judged[column].isna().all()
    assert alone.draws == 0 and alone.flows.sizes["draw"] == 0
