"""What it would take: the arithmetic, the plan's own sentence, and the table of a run."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import demo_sim as ds
from demo_sim.plan.what_it_takes import brought_in, needed, spread, to_add_for
from demo_sim.results.supply_table import supply_table
from demo_sim.results.upgrade import upgraded
from demo_sim.scenario.entries import Target
from demo_sim.vocab import MOVEMENTS

QUICK = settings(deadline=None, max_examples=60, derandomize=True)


@pytest.fixture(scope="module")
def scenario() -> ds.Scenario:
    return ds.load("hunan").replace({"draws": 3, "period.end": 2026})


@pytest.fixture(scope="module")
def run(scenario: ds.Scenario) -> ds.Results:
    return ds.simulate(scenario, engine="cohort")


def rows(run: ds.Results, target: str, way: str, reading: str = "indicator") -> pd.DataFrame:
    table = run.answers
    return table[(table["id"] == target) & (table["way"] == way) & (table["reading"] == reading)].set_index("year")


@QUICK
@given(target=st.floats(0.01, 0.99), part=st.floats(0.0, 1e6), rest=st.floats(1.0, 1e6))
def test_what_is_lacking_brings_the_share_to_its_target(target: float, part: float, rest: float) -> None:
    n, d = np.array([part]), np.array([part + rest])
    converted, built = to_add_for(target, n, d), to_add_for(target, n, d, both=True)
    wanted = max(target, float(n[0] / d[0]))
    assert float((n + converted)[0] / d[0]) == pytest.approx(wanted, rel=1e-9)
    assert float(((n + built) / (d + built))[0]) == pytest.approx(wanted, rel=1e-9)
    assert (built >= converted).all()


def test_a_share_of_one_is_not_built() -> None:
    with pytest.raises(ValueError, match="not reached"):
        to_add_for(1.0, np.array([1.0]), np.array([2.0]), both=True)


def test_additions_go_from_milestone_to_milestone_and_are_not_taken_back() -> None:
    goals = [(2023, np.array([30.0])), (2025, np.array([20.0]))]
    assert spread(goals, np.arange(2020, 2027), 2020)[:, 0].tolist() == [0.0, 10.0, 20.0, 30.0, 30.0, 30.0, 30.0]


def test_additions_begin_at_the_last_year_that_is_known() -> None:
    """1,166 conversions by 2030 with figures to 2025 are 233.2 a year, not 116.6 from a base of 2020."""
    times, lack = np.arange(2020, 2032), np.array([1166.0])
    goals = [(2023, np.array([50.0])), (2030, lack)]
    added = spread(goals, times, 2025)[:, 0]
    np.testing.assert_allclose(np.diff(added), [0.0] * 5 + [233.2] * 5 + [0.0])
    again = spread([(2030, lack)], np.arange(2025, 2032), 2025)[:, 0]  # a run that starts in 2026
    np.testing.assert_allclose(added[5:], again)
    finished = spread([(2023, lack)], times, 2025)[:, 0]  # what a plan that is over would have taken
    np.testing.assert_allclose(np.diff(finished)[:3], 1166.0 / 3)


def test_who_leaves_is_replaced() -> None:
    stock, added = np.full((3, 1), 100.0), np.array([[0.0], [10.0], [20.0]])
    got = brought_in(stock, added, np.full((3, 1), 0.2))
    np.testing.assert_allclose(got[1:, 0], [10.0 + 20.0, 10.0 + 22.0])


def test_the_plans_own_sentence(run: ds.Results, scenario: ds.Scenario) -> None:
    """Beds of all kinds and nursing-type ones as the plan prints them for 2020, and its target of 55%."""
    beds = Fraction(str(scenario.quantities["supply.all_beds.stock"].rows[0].value))
    nursing = Fraction(str(scenario.quantities["supply.all_beds.nursing"].rows[0].value))
    (target,) = [t for t in scenario.catalog.plans["hunan-2021-2025"].targets if t.id == "hunan.nursing_bed_share"]
    share = Fraction(str(target.value))
    assert (float(beds), float(nursing)) == (490_000.0, 186_000.0)
    converted = share * beds - nursing
    assert (nursing + converted) / beds == share
    built = converted / (1 - share)
    assert (nursing + built) / (beds + built) == share
    by_conversion = rows(run, target.id, "convert", "plan_text").loc[2020, "required"]
    by_building = rows(run, target.id, "build", "plan_text").loc[2020, "required"]
    assert round(by_conversion, 6) == float(converted) == 83_500
    assert ceil(round(by_building, 6)) == ceil(built) == 185_556


def same_indicator(scenario: ds.Scenario, target: str) -> list[Target]:
    """Targets of the same plan and indicator."""
    for plan in scenario.catalog.plans.values():
        own = {t.id: t for t in plan.targets}
        if target in own:
            return [t for t in plan.targets if t.indicator == own[target].indicator]
    raise KeyError(target)


def test_the_years_of_an_answer_add_up(run: ds.Results, scenario: ds.Scenario) -> None:
    for target, way in (("reference.community_workers_2025", "hire"), ("hunan.nursing_bed_share", "convert")):
        table = rows(run, target, way)
        last = int(table["target_year"].iloc[0])
        assert list(table.index) == list(range(2020, last + 1))
        np.testing.assert_allclose(table["need"] - table["supply"], table["gap"], rtol=1e-9)
        # the additions reach what is lacking in the end, or the most that an earlier target asked for
        earlier = [(t.year, t.goal) for t in same_indicator(scenario, target) if t.year < last]
        lacking_then = [table["required"].loc[last]]
        for year, goal in earlier:
            whole = table.loc[year, "need"] / table.loc[year, "target"]
            lacking_then.append(max(goal * whole - table.loc[year, "supply"], 0.0))
        assert table["to_add"].sum() == pytest.approx(max(lacking_then), rel=1e-9, abs=1e-6)
        assert (table["to_add"].dropna() >= 0.0).all()


def test_money_is_told_for_all_that_is_added_once_or_each_year(run: ds.Results, scenario: ds.Scenario) -> None:
    """Conversions are paid once, so their money adds up; posts are paid each year for as long as they are there."""
    for target, way, path, told, empty in (
        ("hunan.nursing_bed_share", "convert", "services.cost_bed_convert", "once", "yearly"),
        ("reference.community_workers_2025", "hire", "workforce.cost_community_worker", "yearly", "once"),
    ):
        table = rows(run, target, way, "plan_text" if way == "convert" else "indicator")
        (each,) = {row.value for row in scenario.quantities[path].rows}
        in_force = table["to_add"].fillna(0.0).cumsum()
        assert in_force.iloc[-1] > 0.0
        assert table[f"cost_{told}_yuan"].to_numpy() == pytest.approx(each * in_force.to_numpy(), rel=1e-9)
        assert table[f"cost_{empty}_yuan"].isna().all()


def test_a_saved_run_with_one_column_of_costs_has_both(run: ds.Results) -> None:
    """Format 2 as first saved: what a year's conversions cost and what the posts of a year cost stood in one column."""
    new = run.answers
    block = [new["id"], new["reading"], new["way"]]
    of_year = new.groupby(block, sort=False)["cost_once_yuan"].diff().fillna(new["cost_once_yuan"])
    nodes = {node.path: node.to_dataset(inherit=False) for node in run.tree.subtree}
    old = nodes["/answers"].drop_vars(["cost_once_yuan", "cost_yearly_yuan"])
    nodes["/answers"] = old.assign(cost=("answer", of_year.fillna(new["cost_yearly_yuan"]).to_numpy()))
    again = upgraded(ds.Results(xr.DataTree.from_dict(nodes))).answers
    pd.testing.assert_frame_equal(again, new, rtol=1e-9)


def test_hiring_replaces_those_who_leave(run: ds.Results) -> None:
    table = rows(run, "reference.community_workers_2025", "hire")
    assert (table["to_bring_in"].iloc[1:] > table["to_add"].iloc[1:]).all()
    norm = run.central.need.sel(resource="community_workers", need_kind="normative", time=2025)
    assert table.loc[2025, "need"] == pytest.approx(float(norm), rel=1e-9)


def test_every_verdict_of_the_answers_is_that_of_the_targets(run: ds.Results) -> None:
    verdicts = run.targets.set_index(["id", "reading"])["verdict"]
    for row in run.answers.to_dict("records"):
        assert verdicts.loc[(row["id"], row["reading"])] == row["verdict"]


def test_the_bridge_is_named_where_the_registered_are_counted(run: ds.Results) -> None:
    bridge = run.answers.drop_duplicates("id").set_index("id")["bridge"]
    assert bridge["reference.tekun_unable_concentrated"] == "groups.hukou_per_resident"
    assert bridge["reference.family_doctor_65"] == ""


def test_an_unknown_stock_still_has_its_need(scenario: ds.Scenario) -> None:
    """Of a place that has not entered its stock: need and what to add from nothing, and no verdict."""
    bare = scenario.replace({"supply.community_workers": None, "supply.certified_social_workers": None})
    run = ds.simulate(bare, engine="cohort")
    table = rows(run, "reference.community_workers_2025", "hire")
    assert set(table["verdict"]) == {"not_assessed"} and set(table["missing"]) == {"supply.community_workers"}
    urban = run.central.groups.sel(group="urban_residents", time=2025).sum("residence")
    assert table.loc[2025, "need"] == pytest.approx(float(needed(18.0, urban, 1e4)), rel=1e-9)
    assert table.loc[2025, "required"] == pytest.approx(table.loc[2025, "need"], rel=1e-12)
    assert np.isnan(table.loc[2025, "supply"])


def test_where_not_even_the_whole_is_known_the_need_stands_for_it(scenario: ds.Scenario) -> None:
    run = ds.simulate(scenario.replace({"supply.caregivers": None}), engine="cohort")
    table = rows(run, "reference.certified_caregivers", "certify")
    needed_posts = run.central.need.sel(resource="caregivers", need_kind="observed", time=2025)
    assert table.loc[2025, "need"] == pytest.approx(0.9 * float(needed_posts), rel=1e-9)
    assert "supply.caregivers (need.caregivers.observed)" in table.loc[2025, "missing"]
    assert set(table["verdict"]) == {"not_assessed"}


def test_the_certificate_that_counts_is_named(run: ds.Results) -> None:
    label = supply_table(run).drop_duplicates("stock").set_index("stock")["label_en"]
    assert label["caregivers.certified.basic"] == "Caregivers: certified (skill-level certificate): basic"


def test_the_ledger_of_a_saved_run_balances(run: ds.Results) -> None:
    table = supply_table(run)
    moved = table[list(MOVEMENTS)].sum(axis=1)
    np.testing.assert_allclose(table["opening"] + moved, table["closing"], rtol=1e-9, atol=1e-6)
    assert set(table["stock"]) >= {
        "institution_beds", "institution_beds.nursing", "caregivers", "caregivers.certified",
        "caregivers.certified.basic", "community_workers", "certified_social_workers", "child_supervisors",
        "family_doctor_contracts", "community_floor_area", "home_care_beds",
    }  # fmt: skip
    assert table["label_zh"].str.len().gt(0).all() and not table["label_zh"].isin(table["stock"]).any()


def test_many_times_the_training_of_the_plan_certifies_no_more_than_there_are(scenario: ds.Scenario) -> None:
    """100,000 person-times in every year: the share is one at most, also of draws, and the crowding is a warning.

    At stated values 10,200 gain a certificate where 6,450 leave, so all have one; in some draws fewer gain one.
    """
    more = ds.simulate(scenario.replace({"supply.caregivers.trainings": 100_000}), engine="cohort")
    rows = more.targets.set_index("id")
    assert rows.loc["reference.certified_caregivers", "value"] == pytest.approx(1.0, rel=1e-12)
    shares = more.indicator.sel(target="reference.certified_caregivers")
    assert float(shares.max()) <= 1.0 + 1e-6 and float(shares.sel(time=2025).min()) < 0.999
    said = str(more.attrs["warnings"])
    assert "caregivers: more trainings than posts in 2021" in said


def test_another_stock_of_a_kind_is_yaml_alone(scenario: ds.Scenario) -> None:
    own = {
        "kind": "covered", "of": "older_65", "share": 0.3, "signed": 500_000, "label": {"zh": "建档", "en": "Records"},
    }  # fmt: skip
    run = ds.simulate(scenario.replace({"supply.health_records": own}), engine="cohort")
    stock = run.central.stocks.sel(stock="health_records")
    assert float(stock.sel(time=2025)) > float(stock.sel(time=2020))
    assert "health_records" in set(supply_table(run)["stock"])


def test_answers_are_those_of_the_stated_run_with_a_band_of_the_draws(scenario: ds.Scenario) -> None:
    """The figures are the same however many draws there are; the band of what is required needs twenty."""
    none, many = (ds.simulate(scenario.replace({"draws": draws}), engine="cohort").answers for draws in (0, 20))
    band = ["required_low80", "required_high80"]
    verdicts = ["verdict"]  # of many draws by the share that meets the target
    pd.testing.assert_frame_equal(
        none.drop(columns=[*band, *verdicts]), many.drop(columns=[*band, *verdicts]), check_exact=False, rtol=1e-12
    )
    assert none[band].isna().all(axis=None)
    told = many[many["required"].notna()]
    assert told[band].notna().all(axis=None) and (told[band[0]] <= told[band[1]]).all()
    assert (told[band[0]] < told[band[1]]).any()
