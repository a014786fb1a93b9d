"""Quantiles, five-year ages, CSV tables and the workbook."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from plot_samples import run
from results_samples import AGES, TIMES, sample

from demo_sim.results import Results, five_year, statistics, tables
from demo_sim.results.quantiles import OVER_DRAWS, QUANTILES, STATED_PLACE, STATISTICS, over_draws
from demo_sim.results.tables import placement_table, population_table, write_csv
from demo_sim.results.workbook import write_workbook
from demo_sim.vocab import label

# The columns that users rely on, written out: they change with a word in the changelog only.
CONTRACT = {
    "population": "year residence sex age function value q025 q10 q50 q90 q975 mc_se",
    "flows": "year flow residence sex value q025 q10 q50 q90 q975 mc_se small",
    "groups": "year group residence base value q025 q10 q50 q90 q975 mc_se rule registered_by candidates small",
    "demand": "year resource need_kind need supply gap"
    " need_q025 need_q10 need_q50 need_q90 need_q975"
    " supply_q025 supply_q10 supply_q50 supply_q90 supply_q975"
    " gap_q025 gap_q10 gap_q50 gap_q90 gap_q975",
    "targets": "plan id label_zh label_en reading definition operator target unit year attribute basis"
    " coverage_assumed value low80 high80 p_met p_se gap first_year_met verdict driver driver_share source"
    " kind people counted count required required_unit baseline baseline_year note"
    " break_even break_even_unit break_even_of break_even_year level_for_90 actual completion"
    " actual_source last_figure evidence rests_on tally missing department per_point"
    " natural_value natural_p_met goes_on natural_goes_on",
    "variance": "plan id reading year family share share_se",
    "inputs": "id value at unit source status file:line read variance_share variance_of replaced_by_zh replaced_by_en",
    "kin_check": "group label_zh label_en year base candidates known status rate unseen_share counted source "
    "share_of share published_share",
    "outcomes": "series year published projected difference relative_difference mark run q10 q90 inside",
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("csv")
    write_csv(tables(sample(25)), folder)
    return folder


@pytest.mark.parametrize("name", sorted(CONTRACT))
def test_csv_files_have_the_columns_of_the_contract(written, name):
    data = (written / f"{name}.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    header = next(csv.reader(data.decode("utf-8-sig").splitlines()))
    assert header == CONTRACT[name].split()


@pytest.mark.parametrize("draws", [0, 3])
def test_below_twenty_draws_the_quantiles_are_empty(tmp_path, draws):
    write_csv(tables(sample(draws)), tmp_path)
    for name, part in (("population", ""), ("flows", ""), ("groups", ""), ("demand", "need_")):
        frame = pd.read_csv(tmp_path / f"{name}.csv", encoding="utf-8-sig")
        assert frame[[f"{part}{q}" for q in QUANTILES]].isna().all(axis=None), name
    frame = pd.read_csv(tmp_path / "population.csv", encoding="utf-8-sig")
    assert frame["value"].notna().all()


def spread(stated: np.ndarray, drawn: np.ndarray, place: int = 0) -> xr.DataArray:
    """The run at stated values at a place of the draws, as `Results.spread` gives it first."""
    values = np.insert(drawn, place, stated, axis=0)
    numbers = np.insert(np.arange(len(drawn)), place, STATED_PLACE)
    dims = ("draw", *"abcdef"[: values.ndim - 1])
    return xr.DataArray(values, dims=dims, coords={"draw": numbers}, attrs={"units": "persons"})


@given(
    arrays(np.float64, st.tuples(st.sampled_from([2, 3, 20, 21, 200, 201, 202]), st.integers(1, 5)),
           elements=st.floats(-1e9, 1e9)), st.booleans(),
)  # fmt: skip
@settings(deadline=None)
def test_the_value_is_the_stated_one_and_quantiles_agree_with_numpy(values, last):
    stated, drawn = values[0], values[1:]
    draws = len(drawn)
    summary = statistics(spread(stated, drawn, draws if last else 0))
    assert tuple(summary.data_vars) == STATISTICS
    assert np.array_equal(summary["value"], stated) and (summary["mc_se"] == 0.0).all()
    for name, p in QUANTILES.items():
        enough = draws >= (200 if name in ("q025", "q975") else 20)
        expected = np.quantile(drawn, p, axis=0) if enough else np.full(drawn.shape[1], np.nan)
        np.testing.assert_allclose(summary[name], expected, rtol=1e-9, atol=1e-6)
    over = dict(zip(OVER_DRAWS, over_draws(drawn), strict=True))
    np.testing.assert_allclose(over["mean"], drawn.mean(axis=0), rtol=1e-12, atol=1e-6)
    for name in QUANTILES:
        np.testing.assert_array_equal(over[name], summary[name])


def test_numbers_of_seven_digits_are_averaged_with_all_of_a_double():
    drawn = np.full((2000, 1), np.float32(1.0), np.float32)
    drawn[0] = 2.0**24  # one more is lost in a sum of float32
    assert over_draws(drawn)[0, 0] == (2.0**24 + 1999.0) / 2000.0


def test_a_cell_unknown_in_one_draw_has_no_quantile_and_keeps_its_stated_value():
    drawn = np.ones((30, 2))
    drawn[4, 1] = np.nan
    summary = statistics(spread(np.array([3.0, 4.0]), drawn))
    assert summary["q50"].values[0] == 1.0
    assert summary["value"].values.tolist() == [3.0, 4.0]
    assert all(np.isnan(summary[name].values[1]) for name in QUANTILES)
    assert np.isnan(over_draws(drawn)[:, 1]).all()


def test_quantiles_of_more_cells_than_fit_one_block():
    drawn = np.random.default_rng(3).random((21, 3, 5000))
    summary = statistics(spread(drawn[0] + 1.0, drawn))
    np.testing.assert_allclose(summary["q90"], np.quantile(drawn, 0.9, axis=0))
    np.testing.assert_array_equal(summary["value"], drawn[0] + 1.0)


def test_no_draws_leave_the_stated_values():
    summary = statistics(spread(np.array([3.0, 4.0]), np.empty((0, 2))))
    assert summary["value"].values.tolist() == [3.0, 4.0]
    assert all(summary[name].isnull().all() for name in QUANTILES)


PATHS = {
    "population/summary": "population/population", "groups/groups": "", "flows/flows": "", "demand/need": "",
    "demand/supply": "", "demand/stocks": "", "plan/indicator": "",
}  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("full", [True, False])
def test_spread_puts_the_stated_run_before_the_draws(path, full):
    results = sample(25, full)
    array = results.spread(path)
    drawn = results.array(path)
    assert array["draw"].values.tolist() == [STATED_PLACE, *range(25)] and array.dims == drawn.dims
    assert array.dtype == np.float64 and array.attrs == drawn.attrs and array.name == drawn.name
    np.testing.assert_array_equal(array.values[1:], drawn.values)
    central = results.central.summary if path == "population/summary" else results.central.array(path)
    np.testing.assert_array_equal(array.values[0], central.values)
    assert set(array.coords) == set(drawn.coords)
    summary = statistics(array)
    np.testing.assert_array_equal(summary["value"].values, central.values)
    apart = (summary["value"] - drawn.mean("draw")).values
    assert np.abs(apart[np.isfinite(apart)]).max() > 0.0  # the mean of the draws is another number


def test_spread_changes_both_alike():
    results = sample(25)
    found = statistics(results.spread("groups/groups", lambda array: array.sum("residence") * 2.0))
    np.testing.assert_array_equal(found["value"], 2.0 * results.central.groups.sum("residence"))
    doubled = 2.0 * results.groups.sum("residence")
    np.testing.assert_allclose(found["q90"], doubled.quantile(0.9, "draw"), rtol=1e-6)


def test_the_stated_run_has_no_draws_and_all_digits():
    results = sample(25)
    for path in results.central._arrays():
        array = results.central.array(path)
        assert "draw" not in array.dims and "draw" not in array.coords, path
        assert array.dtype == np.float64, path
    assert results.central.attrs == results.attrs and results.central.draws == 0
    assert "central" in repr(results)


@given(st.integers(100, 120), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=20)
def test_five_year_ages_add_up_to_the_whole(open_age, seed):
    values = np.random.default_rng(seed).random((2, open_age + 1, 3))
    array = xr.DataArray(values, dims=("draw", "age", "function"), coords={"age": np.arange(open_age + 1)})
    grouped = five_year(array)
    assert grouped["age"].values.tolist()[:2] == ["0-4", "5-9"]
    assert grouped["age"].values.tolist()[-2:] == ["95-99", "100+"]
    np.testing.assert_allclose(grouped.sum("age"), array.sum("age"), rtol=1e-12)
    np.testing.assert_allclose(grouped.sel(age="60-64"), array.sel(age=slice(60, 64)).sum("age"))


def test_five_year_ages_refuse_groups():
    array = xr.DataArray(np.ones(2), dims="age", coords={"age": [0, 5]})
    with pytest.raises(ValueError, match="single years"):
        five_year(array)


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("single_ages", [True, False])
def test_the_population_table_adds_up_to_the_population(single_ages, full):
    results = sample(25, full)
    frame = population_table(results, single_ages=single_ages)
    whole = results.central.population.sum(("residence", "sex", "age", "function"))
    summed = frame.groupby("year")["value"].sum()
    assert summed.index.tolist() == TIMES.tolist()
    np.testing.assert_allclose(summed, whole, rtol=1e-12)
    assert (frame["mc_se"] == 0.0).all() and frame[["q10", "q50", "q90"]].notna().all(axis=None)


@pytest.mark.parametrize(("single_ages", "age"), [(True, "63"), (False, "60-64")])
def test_a_row_of_the_population_table_has_the_stated_value_and_the_quantiles_of_the_draws(single_ages, age):
    results = sample(25)
    frame = population_table(results, single_ages=single_ages)
    row = frame.query("year == 2022 and residence == 'rural' and sex == 'female' and function == 'severe'")
    row = row[row["age"] == age].iloc[0]
    at = {"time": 2022, "residence": "rural", "sex": "female", "function": "severe"}
    ages = slice(63, 63) if single_ages else slice(60, 64)
    stated, drawn = (r.population.sel(at).sel(age=ages).sum("age") for r in (results.central, results))
    assert row["value"] == pytest.approx(float(stated), rel=1e-12)
    for name in ("q10", "q50", "q90"):
        assert row[name] == pytest.approx(float(drawn.quantile(QUANTILES[name])), rel=1e-6)
    assert np.isnan(row["q025"]) and np.isnan(row["q975"])


def test_levels_below_60_are_left_out_and_true_zeros_stay():
    frame = population_table(sample(3))
    young = frame[frame["age"].isin([str(age) for age in range(60)])]
    assert set(young["function"]) == {"intact"}
    assert len(frame) == len(TIMES) * 4 * (60 + 41 * 5)
    oldest = frame[(frame["age"] == "100+") & (frame["function"] == "total")]
    assert len(oldest) == len(TIMES) * 4 and (oldest["value"] == 0).all()
    assert frame["age"].drop_duplicates().tolist() == [*map(str, AGES[:-1]), "100+"]


def test_demand_names_gaps_and_keeps_what_is_half_known():
    frame = tables(sample(25))["demand"]
    beds = frame[frame["resource"] == "institution_beds"]
    assert set(beds["need_kind"]) == {"observed", "normative"}
    np.testing.assert_allclose(beds["gap"], beds["need"] - beds["supply"])
    day_care = frame[frame["resource"] == "day_care"]
    assert day_care["need"].notna().all() and day_care[["supply", "gap"]].isna().all(axis=None)
    workers = frame[frame["resource"] == "social_workers"]
    assert len(workers) == len(TIMES) and set(workers["need_kind"]) == {""}
    assert workers["supply"].notna().all() and workers["need"].isna().all()


def test_groups_without_a_value_have_no_row():
    frame = tables(sample(3))["groups"]
    assert set(frame.loc[frame["group"] == "orphans", "residence"]) == {"urban"}
    assert set(frame.loc[frame["group"] == "orphans", "base"]) == {"hukou"}


def test_the_chance_error_of_groups_is_that_of_the_persons_behind_them():
    frame = tables(sample(25))["groups"].set_index("group")
    assert (frame.loc["orphans", "mc_se"] == 1.5).all() and (frame.loc["older_60", "mc_se"] == 0.0).all()
    assert (frame.loc["orphans", "candidates"] == 40.0).all() and frame.loc["older_60", "candidates"].isna().all()
    results = sample(25)
    alone = {k: v for k, v in node_arrays(results, "/central/groups").items() if k == "groups"}
    results.tree["central/groups"] = xr.DataTree(xr.Dataset(alone))
    frame = tables(results)["groups"]
    assert (frame["mc_se"] == 0.0).all() and frame["candidates"].isna().all()


def test_the_chance_error_of_placement_adds_up_like_that_of_independent_parts():
    results = run(25)
    node = results.tree["central/placement"].to_dataset(inherit=False)
    errors = {"in_institutions_mc_se": xr.full_like(node["in_institutions"], 3.0),
              "usable_places_mc_se": xr.full_like(node["usable_places"], 2.0)}  # fmt: skip
    results.tree["central/placement"] = xr.DataTree(node.assign(errors))
    frame = placement_table(results).set_index(["care_measure", "year", "care_class", "residence"])
    frame = frame.sort_index()
    inside = frame.loc["in_institutions", 2030]
    assert inside.loc[("others", "urban"), "mc_se"] == 3.0
    assert inside.loc[("others", "all"), "mc_se"] == pytest.approx(3.0 * np.sqrt(2.0))
    assert inside.loc[("all", "all"), "mc_se"] == pytest.approx(3.0 * np.sqrt(6.0))
    assert frame.loc[("usable_places", 2030, "all", "all"), "mc_se"] == 2.0
    assert (frame.loc["waiting", "mc_se"] == 0.0).all()
    stated = results.central.array("placement/in_institutions").sel(time=2030).sum("residence")
    drawn = results.array("placement/in_institutions").sel(time=2030).sum("residence")
    for name in stated["care_class"].values:
        row = inside.loc[(name, "all")]
        assert row["value"] == pytest.approx(float(stated.sel(care_class=name)), rel=1e-12)
        assert row["q90"] == pytest.approx(float(drawn.sel(care_class=name).quantile(0.9)), rel=1e-6)


def node_arrays(results: Results, path: str) -> dict[str, xr.DataArray]:
    """Arrays of a node with the coordinates they have."""
    return {str(name): array for name, array in results.tree[path].to_dataset(inherit=False).data_vars.items()}


def test_csv_keeps_full_precision_and_whole_years(written):
    results = sample(25)
    frame = pd.read_csv(written / "flows.csv", encoding="utf-8-sig")
    assert np.array_equal(frame["value"].to_numpy(), results.central.flows.values.ravel())
    found = statistics(results.spread("flows/flows"))["q90"].values.ravel()
    assert np.array_equal(frame["q90"].to_numpy(), found)
    lines = (written / "targets.csv").read_text(encoding="utf-8-sig").splitlines()
    assert ",2023," in lines[1] and ",2021,met," in lines[1]
    assert ",,not_assessed," in lines[2]


def test_text_that_looks_like_a_formula_is_made_harmless(written):
    frame = pd.read_csv(written / "inputs.csv", encoding="utf-8-sig", dtype=str)
    assert frame["source"].tolist() == ["'=HYPERLINK(1)", 'Bureau, "table" 3']
    assert frame["value"].tolist() == ["-2.5", "'-2 to +3"]
    targets = pd.read_csv(written / "targets.csv", encoding="utf-8-sig", dtype=str)
    assert targets["operator"].tolist() == [">=", "=="]


@pytest.mark.parametrize(
    ("lang", "sheets", "header", "cells"),
    [
        (
            "zh",
            ["人口", "人口变动", "人群", "供需", "规划指标", "不确定性来源", "参数", "与公布数对照", "亲属推算与已知数",
             "说明"],
            ["年份", "城乡", "性别", "年龄", "能力等级", "中心值"],
            ["城镇", "男", "0-4", "能力完好"],
        ),
        (
            "en",
            ["Population", "Flows", "Groups", "Need and supply", "Plan targets", "Sources of variance", "Inputs",
             "Published figures", "Relatives and known", "Notes"],
            ["Year", "Residence", "Sex", "Age", "Functional ability", "Value at stated inputs"],
            ["Urban", "Male", "0-4", "Intact"],
        ),
    ],
)  # fmt: skip
def test_the_workbook_has_labels_five_year_ages_and_no_formula(tmp_path, lang, sheets, header, cells):
    results = sample(25)
    frames = tables(results, single_ages=False)
    path = tmp_path / "表.xlsx"
    write_workbook(results, frames, path, lang)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == sheets
    first = book[sheets[0]]
    rows = list(first.iter_rows(values_only=True))
    assert list(rows[0][:6]) == header
    assert list(rows[1][1:5]) == cells and rows[1][0] == 2020
    assert len(rows) - 1 == len(frames["population"]) == len(TIMES) * 4 * (12 + 9 * 5)
    assert first.freeze_panes == "A2"
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    group = book[sheets[2]]["B2"].value
    assert group == ("60岁及以上老年人" if lang == "zh" else "Older people 60+")
    families = [row[4] for row in book[sheets[5]].iter_rows(min_row=2, values_only=True)]
    assert families == [label("family", code, lang) for code in ("population", "supply")]
    assert book[sheets[7]]["A2"].value == ("出生" if lang == "zh" else "Births")
    sources = [row[4] for row in book[sheets[6]].iter_rows(min_row=2, values_only=True)]
    assert sources[0] == "=HYPERLINK(1)"
