"""All 323 rows of the five plans judged in one run: none without a verdict or the figure it lacks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import demo_sim as ds
from demo_sim.vocab import LISTED

PLANS = [f"{name}-2021-2025" for name in ("hunan", "jiuyuan", "suzhou", "kaiping", "baodi")]
REPORTED = {
    "reported.so_staff": {2020: 307_500},
    "reported.minor_station_coverage": {2025: 0.62},
    "reported.waiting_list": 1,
    "reported.senior_caregiver_share": {2025: 0.3},
    "reported.lottery_rank": {2021: 8, 2022: 12, 2025: 8},
    "reported.eco_burial_places": {2025: 1000},
}
COUNTED = r"(groups|flows|supply|need)\."  # persons, households, deaths, beds and workers; not townships


@pytest.fixture(scope="module")
def run() -> ds.Results:
    """Hunan's people under all plans: a figure means nothing for another place, but none may be lost."""
    changes = {"draws": 2, "plan": PLANS, **REPORTED}
    return ds.simulate(ds.load("hunan").replace(changes), engine="cohort")


@pytest.fixture(scope="module")
def first(run: ds.Results) -> pd.DataFrame:
    rows = run.targets[run.targets["reading"] == "indicator"].set_index("id")
    assert rows.index.is_unique
    return rows


def test_rows_by_plan(first: pd.DataFrame) -> None:
    assert first["plan"].value_counts().tolist() == [157, 100, 36, 16, 14]


def test_every_judged_row_has_a_verdict_or_names_what_is_missing(first: pd.DataFrame) -> None:
    judged = first[~first["kind"].isin(LISTED)]
    assert len(judged) == 192
    waiting = judged["verdict"] == "not_assessed"
    assert judged.loc[waiting, "driver"].str.fullmatch(r"missing: \S.*").all()
    told = waiting & judged["value"].notna()  # a value that somebody assumed, told aside
    assert judged.loc[told, "evidence"].isin(["assumed", "borrowed"]).all() and judged.loc[told, "p_met"].isna().all()
    assert judged.loc[~waiting, "value"].notna().all()


def test_a_deliverable_never_counts(first: pd.DataFrame) -> None:
    listed = first[first["kind"].isin(LISTED)]
    assert (listed["verdict"] == "not_assessed").all() and listed["p_met"].isna().all()
    row = listed.loc["hunan.waiting_list"]
    assert row["value"] == 1 and row["driver"] == "listed: boolean" and row["basis"] == "reported"
    assert listed.loc["hunan.senior_caregiver_share", "value"] == 0.3
    assert np.isnan(listed.loc["hunan.law_system_2025", "value"])


def test_a_figure_of_an_earlier_year_is_not_carried_to_the_target(first: pd.DataFrame) -> None:
    row = first.loc["hunan.so_staff"]
    assert row["verdict"] == "not_assessed" and row["driver"] == "missing: reported.so_staff 2025 (last 2020)"
    assert row["baseline"] == 307_500 and row["baseline_year"] == 2020


def test_reported_figures_are_judged_like_the_others(first: pd.DataFrame) -> None:
    row = first.loc["hunan.minor_station_coverage"]
    assert row["verdict"] == "met" and row["basis"] == "reported"
    assert row["value"] == pytest.approx(round(0.62 * row["count"]) / row["count"])
    rank = first.loc["hunan.lottery_rank"]  # 12th in one year: an annual target is missed
    assert rank["verdict"] == "missed" and rank["value"] == 12


def test_capacity_in_years_needs_no_deaths_beyond_the_run_where_it_is_soon_filled(first: pd.DataFrame) -> None:
    row = first.loc["jiuyuan.eco_burial_capacity_years"]
    assert row["verdict"] == "missed" and 0 < row["value"] < 0.1 and row["counted"] == "flows.deaths"
    assert row["required"] != row["required"]  # the deaths to 2045 are not in this run


def test_counts_behind_the_rows_that_people_move(run: ds.Results, first: pd.DataFrame) -> None:
    moved = first[~first["kind"].isin(LISTED) & (first["people"] != "no")]
    assert len(moved) == 76
    counted = moved[moved["counted"].str.match(COUNTED, na=False)]
    assert len(counted) == 48
    known = counted[counted["count"].notna()]
    assert len(known) >= 43
    people = run.central.groups.sel(time=2025).sum("residence")
    for row in known[known["counted"].str.startswith("groups.")].to_dict("records"):
        if row["year"] == 2025:
            group = row["counted"].removeprefix("groups.")
            assert row["count"] == pytest.approx(float(people.sel(group=group)), rel=1e-9)


def test_what_a_target_asks_for(first: pd.DataFrame) -> None:
    row = first.loc["kaiping.community_workers_per_10k_2025"]
    assert row["required"] == pytest.approx(18 * row["count"] / 10_000) and row["required_unit"] == "posts"
    assert first.loc["jiuyuan.facility_area_per_100hh", "required_unit"] == "m2"
    assert first.loc["jiuyuan.nursing_bed_share", "required_unit"] == "beds"
    assert first.loc["jiuyuan.disabled_care_allowance", "required_unit"] == "persons"
    assert first.loc["hunan.minor_station_coverage", "required_unit"] == "units"
    row = first.loc["jiuyuan.family_doctor_65plus"]
    assert row["required"] == pytest.approx(0.9 * row["count"])


def test_a_plan_that_no_scenario_names_is_not_read() -> None:
    catalog = ds.load("hunan").catalog
    assert set(catalog.plans) == {"hunan-2021-2025", "reference"}
    assert {*PLANS, "reference"} <= set(catalog.plan_names)


def test_a_reported_name_that_no_target_asks_for_is_noted_with_the_nearest() -> None:
    (note,) = [n for n in ds.load("hunan", ["reported.so_stuff={2025: 9}"]).notes if n.path.startswith("reported.")]
    assert "so_staff" in note.render("en") and note.path == "reported.so_stuff"


def test_each_place_under_its_own_plan_has_a_count_behind_at_least_43_rows() -> None:
    """Also where the office's stock is not known: the need stands for it, and the verdict waits."""
    known = 0
    for name in PLANS:
        scenario = ds.load(name.partition("-")[0]).replace({"draws": 0, "plan": [name]})
        rows = ds.simulate(scenario, engine="cohort").targets
        rows = rows[(rows["reading"] == "indicator") & ~rows["kind"].isin(LISTED)]
        assert (rows["verdict"].ne("not_assessed") | rows["driver"].str.startswith("missing: ")).all()
        moved = rows[(rows["people"] != "no") & rows["counted"].str.match(COUNTED, na=False)]
        known += int((moved["count"] > 0.0).sum())
    assert known >= 43
