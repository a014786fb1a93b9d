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
from results_samples import AGES, TIMES, sample

from demo_sim.results import five_year, quantiles, tables
from demo_sim.results.quantiles import QUANTILES, STATISTICS
from demo_sim.results.tables import population_table, write_csv
from demo_sim.results.workbook import write_workbook

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
    " coverage_assumed value low80 high80 p_met gap first_year_met verdict driver source"
    " kind people counted count required required_unit baseline baseline_year note",
    "inputs": "id value unit source status file:line",
    "kin_check": "group label_zh label_en year base candidates known status rate unseen_share counted source",
    "outcomes": "series year published projected difference relative_difference mark run",
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


def test_a_run_of_one_engine_pass_leaves_the_quantiles_empty(tmp_path):
    write_csv(tables(sample(3)), tmp_path)
    frame = pd.read_csv(tmp_path / "population.csv", encoding="utf-8-sig")
    assert frame[list(QUANTILES)].isna().all(axis=None)
    assert frame["value"].notna().all()


@given(
    arrays(np.float64, st.tuples(st.sampled_from([1, 2, 19, 20, 199, 200, 201]), st.integers(1, 5)),
           elements=st.floats(-1e9, 1e9)),
)  # fmt: skip
@settings(deadline=None)
def test_quantiles_agree_with_numpy_and_respect_the_least_numbers_of_draws(values):
    summary = quantiles(xr.DataArray(values, dims=("draw", "cell")))
    draws = len(values)
    assert set(summary.data_vars) == set(STATISTICS)
    np.testing.assert_allclose(summary["value"], values.mean(axis=0), rtol=1e-12, atol=1e-6)
    for name, p in QUANTILES.items():
        enough = draws >= (200 if name in ("q025", "q975") else 20)
        expected = np.quantile(values, p, axis=0) if enough else np.full(values.shape[1], np.nan)
        np.testing.assert_allclose(summary[name], expected, rtol=1e-9, atol=1e-6)
    if draws > 1:
        error = values.std(axis=0, ddof=1) / np.sqrt(draws)
        np.testing.assert_allclose(summary["mc_se"], error, rtol=1e-9, atol=1e-6)
    else:
        assert summary["mc_se"].isnull().all()


def test_a_cell_unknown_in_one_draw_is_unknown():
    values = np.ones((30, 2))
    values[4, 1] = np.nan
    summary = quantiles(xr.DataArray(values, dims=("draw", "cell")))
    assert summary["q50"].values[0] == 1.0
    assert all(np.isnan(summary[name].values[1]) for name in STATISTICS)


def test_quantiles_of_more_cells_than_fit_one_block():
    values = np.random.default_rng(3).random((21, 3, 5000))
    summary = quantiles(xr.DataArray(values, dims=("draw", "a", "b")))
    np.testing.assert_allclose(summary["q90"], np.quantile(values, 0.9, axis=0))


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


@pytest.mark.parametrize("single_ages", [True, False])
def test_the_population_table_adds_up_to_the_population(single_ages):
    results = sample(25)
    frame = population_table(results, single_ages=single_ages)
    whole = results.population.mean("draw").sum(("residence", "sex", "age", "function"))
    summed = frame.groupby("year")["value"].sum()
    assert summed.index.tolist() == TIMES.tolist()
    np.testing.assert_allclose(summed, whole, rtol=1e-12)


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


def test_csv_keeps_full_precision_and_whole_years(written):
    results = sample(25)
    frame = pd.read_csv(written / "flows.csv", encoding="utf-8-sig")
    assert np.array_equal(frame["value"].to_numpy(), quantiles(results.flows)["value"].values.ravel())
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
            ["人口", "人口变动", "人群", "供需", "规划指标", "参数", "与公布数对照", "亲属推算与已知数", "说明"],
            ["年份", "城乡", "性别", "年龄", "能力等级", "均值"],
            ["城镇", "男", "0-4", "能力完好"],
        ),
        (
            "en",
            ["Population", "Flows", "Groups", "Need and supply", "Plan targets", "Inputs",
             "Published figures", "Relatives and known", "Notes"],
            ["Year", "Residence", "Sex", "Age", "Functional ability", "Mean"],
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
    assert book[sheets[6]]["A2"].value == ("出生" if lang == "zh" else "Births")
    sources = [row[3] for row in book[sheets[5]].iter_rows(min_row=2, values_only=True)]
    assert sources[0] == "=HYPERLINK(1)"
