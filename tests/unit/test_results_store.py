"""The tree, saving and opening: round trip, refusals, nothing half written."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from results_samples import AGES, ATTRS, TIMES, sample, targets

from demo_sim import vocab
from demo_sim.errors import InputError, WriteError
from demo_sim.results import build, check_folder, digest, file_hashes, input_digest, open_results, save, tables
from demo_sim.results.columns import INPUT_COLUMNS, OUTCOME_COLUMNS, TARGET_COLUMNS
from demo_sim.results.handover import Handed, hand_over, take_over
from demo_sim.results.quantiles import OVER_DRAWS, QUANTILES
from demo_sim.results.store import Beside
from demo_sim.results.upgrade import upgraded

FILES = {
    "run.nc", "population.csv", "flows.csv", "groups.csv", "demand.csv", "targets.csv", "inputs.csv",
    "outcomes.csv", "kin_check.csv", "variance.csv", "tables.xlsx", "manifest.json",
}  # fmt: skip


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_arrays_carry_units_labels_and_definitions():
    results = sample(3)
    assert results.population.dims == ("draw", "time", "residence", "sex", "age", "function")
    assert results.population.attrs["units"] == "persons"
    assert results.population.attrs["label_zh"] == "人口"
    assert results.need.attrs["definition_en"] == vocab.variable("need").definition_en
    assert results.population["residence"].attrs["codes_zh"].startswith("urban=城镇; rural=乡村")
    assert results.groups["group_label_zh"].sel(group="orphans").item() == "孤儿"
    assert results.supply["resource_unit"].values.tolist() == ["beds", "places", "persons"]
    central = results.central
    assert central.array("flows/births_by_age").sizes == {"year": 3, "residence": 2, "age": len(AGES)}
    assert results.population.sel(sex="female", age=slice(80, None)).sizes["age"] == 21
    assert central.population.dims == results.population.dims[1:]
    assert central.population.attrs == results.population.attrs
    assert central.groups["group_label_zh"].sel(group="orphans").item() == "孤儿"
    error = central.array("groups/groups_mc_se").attrs
    assert error["units"] == "persons" and error["label_zh"].startswith("人群：")


def test_tables_provenance_and_title():
    results = sample(3)
    assert tuple(results.targets.columns) == TARGET_COLUMNS
    assert tuple(results.inputs.columns) == INPUT_COLUMNS
    assert results.targets["target"].tolist() == [0.55, 0.9]
    assert results.inputs["file:line"].tolist() == ["sample.yaml:3", "sample.yaml:9"]
    assert (results.title("zh"), results.title("en"), results.draws) == ("样例", "Sample", 3)
    assert results.attrs["seed"] == 7 and json.loads(results.attrs["versions"]) == {"demo_sim": "0.1.0"}
    assert results.attrs["format_version"] == 3
    assert results.variance["share"].tolist() == [0.1, 0.8]
    assert "3 draws" in repr(results)


@pytest.mark.parametrize("draws", [0, 3])
def test_a_run_handed_to_another_process_is_the_same(tmp_path, draws):
    results = sample(draws)
    save(results, tmp_path / "run")
    for number, one in enumerate((results, open_results(tmp_path / "run"))):
        folder = tmp_path / f"handed{number}"
        folder.mkdir()
        hand_over(one, folder)
        taken = take_over(folder)
        assert taken == results and taken.attrs == results.attrs
        assert list(taken.population.coords) == list(results.population.coords)
        assert taken.central == results.central


def test_what_a_run_lacks_is_missing_with_a_plain_message():
    population = (("draw", "time", "residence", "sex", "age", "function"), np.ones((1, 2, 1, 2, 101, 1)))
    coords = {
        "time": [2020, 2021], "residence": ["all"], "sex": vocab.SEXES, "age": AGES,
        "function": ["all"],
    }  # fmt: skip
    results = build({"population": {"population": population}}, coords, {"name": "minimal"})
    assert "plan" not in results and "demand/need" not in results and "population" in results
    assert results.targets.empty and tuple(results.targets.columns) == TARGET_COLUMNS
    assert getattr(results, "supply", None) is None
    with pytest.raises(AttributeError, match="no demand/need; it has: population/population"):
        results.need  # noqa: B018 - the access is what is tested
    assert results.title() == "minimal"
    with pytest.raises(AttributeError, match=r"single ages of every draw were not kept.*options\.keep=full"):
        sample(3, full=False).population  # noqa: B018 - the access is what is tested


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"peple": {}}, "unknown group 'peple'"),
        ({"groups": {"groups": (("draw", "time"), np.ones(3))}}, "2 dimensions"),
        ({"inputs": {"id": (("input",), ["a"])}}, "columns missing: value, at, unit"),
    ],
)
def test_build_refuses_what_does_not_fit(parts, message):
    with pytest.raises(ValueError, match=message):
        build(parts, {}, {})


def test_build_refuses_what_does_not_fit_in_the_stated_run():
    with pytest.raises(ValueError, match="unknown group 'peple'"):
        build({}, {}, {}, {"peple": {}})
    with pytest.raises(ValueError, match="1 dimensions"):
        build({}, {}, {}, {"groups": {"groups": (("time",), np.ones((2, 2)))}})


def test_draws_are_counted_from_nought_in_each_group():
    shape = {"groups": (("draw", "time", "group", "residence"), np.ones((5, 1, 1, 1)))}
    care = {"usable_places": (("draw", "time"), np.ones((2, 1)))}  # persons are followed for fewer
    results = build({"groups": shape, "placement": care}, {"time": [2020]}, {})
    assert results.groups["draw"].values.tolist() == [0, 1, 2, 3, 4] and results.draws == 5
    assert results.array("placement/usable_places")["draw"].values.tolist() == [0, 1]


def test_the_stated_run_needs_no_table():
    """Only the indicators of the plan stand there, not its columns."""
    results = sample(3)
    assert set(results.tree["central/plan"].data_vars) == {"indicator"}
    assert "plan/value" not in results.central
    assert results.central.targets.empty and tuple(results.central.targets.columns) == TARGET_COLUMNS


def test_numbers_that_are_missing_are_nan_and_missing_text_is_empty():
    columns = {name: (("outcome",), ["a", None]) for name in OUTCOME_COLUMNS}
    columns["published"] = (("outcome",), [1, None])
    results = build({"outcomes": columns}, {}, {})
    assert results.outcomes["series"].tolist() == ["a", ""]
    assert results.outcomes["published"].tolist()[0] == 1.0
    assert np.isnan(results.outcomes["published"].tolist()[1])


def test_unknown_variables_are_named():
    with pytest.raises(KeyError, match="did you mean 'need'"):
        build({"demand": {"needs": (("draw",), [1.0])}}, {}, {})


@pytest.mark.parametrize(("draws", "full"), [(0, False), (3, False), (25, True)])
def test_a_saved_run_opens_as_the_same_run(tmp_path, draws, full):
    results = sample(draws, full)
    folder = save(results, tmp_path / "结果" / "湖南 省", timings={"project": 1.23456})
    assert names(folder) == FILES
    assert names(folder.parent) == {"湖南 省"}
    for path in (folder, str(folder), folder / "run.nc"):
        again = open_results(path)
        assert again == results
        assert digest(again) == digest(results)
        pd.testing.assert_frame_equal(again.targets, results.targets)
        assert again.title("zh") == "样例"
        assert again.central == results.central and again.draws == draws
        assert again.attrs == results.attrs and "value_is" not in again.attrs
    assert again.central.population.attrs == results.central.population.attrs
    for node in results.tree.subtree:
        for name, variable in node.variables.items():
            assert again.tree[node.path].variables[name].dtype == variable.dtype, (node.path, name)


def written_as_format_1(folder: Path, full: bool) -> dict[str, np.ndarray]:
    """A run as version 1 saved it: no run at stated values, means over draws as values. Gives its arrays."""
    random = np.random.default_rng(4)
    draws, times = 25, TIMES.size
    population = random.lognormal(8, 0.1, (draws, times, 2, 2, len(AGES), 5))
    population[..., :60, 1:] = 0
    groups = random.lognormal(6, 0.1, (draws, times, 2, 2))
    groups[:, :, 1, 1] = np.nan
    arrays = {
        "population": population, "groups": groups, "flows": random.lognormal(5, 0.1, (draws, times - 1, 6, 2, 2)),
        "births_by_age": random.random((times - 1, 2, len(AGES))),
        "need": random.lognormal(6, 0.1, (draws, times, 1, 3)), "supply": random.lognormal(6, 0.1, (draws, times, 1)),
        "indicator": random.random((draws, times, 2)), "places": random.random((draws, times)),
        "candidates": random.random((times, 2, 2)),
        "summary": np.add.reduceat(population, np.arange(0, 101, 5), axis=4),
    }  # fmt: skip
    cells = ("time", "residence", "sex", "age", "function")
    time = {"time": TIMES}
    places = {"residence": list(vocab.RESIDENCES)}
    of_people = time | places | {"sex": list(vocab.SEXES), "age": AGES, "function": list(vocab.FUNCTIONS)}
    drawn = {"draw": np.arange(draws)}
    ages = [f"{a}-{a + 4}" for a in range(0, 100, 5)] + ["100+"]
    people = {"summary": (("draw", "time", "residence", "sex", "age_group", "function"), arrays["summary"])}
    coords = drawn | of_people | {"age_group": ages}
    if full:
        people["population"] = (("draw", *cells), population, {"units": "persons"})
    else:
        names = ["value", *QUANTILES, "mc_se"]
        found = [population.mean(axis=0), *(np.quantile(population, p, axis=0) for p in QUANTILES.values())]
        found.append(population.std(axis=0, ddof=1) / 5.0)
        people["statistics"] = (("statistic", *cells), np.stack(found), {"units": "persons"})
        coords["statistic"] = names
    table = targets()
    nodes = {
        "/": xr.Dataset(attrs={"name": "old", "title": '{"zh": "旧", "en": "Old"}', "seed": 7, "draws": draws,
                               "engine": "people", "method_version": "1.9", "text": "name: old\n", "versions": "{}",
                               "input_files": "{}"}),
        "/population": xr.Dataset(people, coords=coords),
        "/groups": xr.Dataset(
            {"groups": (("draw", "time", "group", "residence"), groups),
             "candidates": (("time", "group", "residence"), arrays["candidates"])},
            coords=drawn | time | places | {
                "group": ["older_60", "orphans"], "group_label_zh": ("group", ["老年人", "孤儿"]),
                "group_label_en": ("group", ["Older", "Orphans"]), "group_base": ("group", ["resident", "hukou"]),
                "group_unit": ("group", ["persons", "persons"]), "group_rule": ("group", ["cells", "kin_known"]),
                "group_registered_by": ("group", ["", "persons"])}),
        "/flows": xr.Dataset(
            {"flows": (("draw", "year", "flow", "residence", "sex"), arrays["flows"]),
             "births_by_age": (("year", "residence", "age"), arrays["births_by_age"])},
            coords=drawn | places | {"year": TIMES[1:], "flow": list(vocab.FLOWS), "sex": list(vocab.SEXES),
                                     "age": AGES}),
        "/demand": xr.Dataset(
            {"need": (("draw", "time", "resource", "need_kind"), arrays["need"]),
             "supply": (("draw", "time", "resource"), arrays["supply"])},
            coords=drawn | time | {
                "resource": ["institution_beds"], "resource_label_zh": ("resource", ["机构床位"]),
                "resource_label_en": ("resource", ["Institution beds"]), "resource_unit": ("resource", ["beds"]),
                "need_kind": list(vocab.NEED_KINDS)}),
        "/placement": xr.Dataset({"usable_places": (("draw", "time"), arrays["places"])}, coords=drawn | time),
        "/plan": xr.Dataset(
            {"indicator": (("draw", "time", "target"), arrays["indicator"])}
            | {{"target": "target_value"}.get(name, name): (dims, np.asarray(values)) for name, (dims, values)
               in table.items() if name not in ("p_se", "driver_share")},
            coords=drawn | time | {"target": ["t.share", "t.unknown"]}),
        "/inputs": xr.Dataset({name: (("input",), ["a"]) for name in ("id", "value", "unit", "source", "status",
                                                                      "file_line")}),
    }  # fmt: skip
    folder.mkdir()
    xr.DataTree.from_dict(nodes).to_netcdf(folder / "run.nc", engine="h5netcdf")
    return arrays


@pytest.mark.parametrize("full", [True, False])
def test_a_run_of_format_1_opens_with_its_means_as_values(tmp_path, full):
    arrays = written_as_format_1(tmp_path / "old", full)
    results = open_results(tmp_path / "old")
    assert results.attrs["format_version"] == 3 and results.attrs["value_is"] == "mean"
    assert results.draws == 25 and (results.title("zh"), results.attrs["seed"]) == ("旧", 7)
    central = results.central
    assert central.population.dims == ("time", "residence", "sex", "age", "function")
    assert central.population.attrs["units"] == "persons"
    for path, name in (("population/population", "population"), ("groups/groups", "groups"), ("flows/flows", "flows"),
                       ("demand/need", "need"), ("demand/supply", "supply"), ("plan/indicator", "indicator"),
                       ("placement/usable_places", "places"), ("population/summary", "summary")):  # fmt: skip
        mean = arrays[name].mean(axis=0)
        np.testing.assert_allclose(central.array(path).values, mean, rtol=1e-12, err_msg=path)
        assert "draw" not in central.array(path).coords
        if path in results:
            np.testing.assert_array_equal(results.array(path).values, arrays[name], err_msg=path)
    for path, name in (("groups/candidates", "candidates"), ("flows/births_by_age", "births_by_age")):
        np.testing.assert_array_equal(central.array(path).values, arrays[name])
    assert ("population/population" in results) is full
    assert "population/statistics" not in central
    if not full:
        statistics = results.array("population/statistics")
        assert statistics["statistic"].values.tolist() == list(OVER_DRAWS)
        np.testing.assert_allclose(statistics.sel(statistic="mean"), arrays["population"].mean(axis=0), rtol=1e-12)
        low = np.quantile(arrays["population"], 0.1, axis=0)
        np.testing.assert_allclose(statistics.sel(statistic="q10"), low, rtol=1e-12)
    assert results.targets["value"].tolist()[0] == 0.61


@pytest.mark.parametrize("full", [True, False])
def test_tables_of_a_run_of_format_1_are_those_it_had(tmp_path, full):
    arrays = written_as_format_1(tmp_path / "old", full)
    frames = tables(open_results(tmp_path / "old"))
    assert {"population", "flows", "groups", "demand", "targets", "inputs"} <= set(frames)
    np.testing.assert_allclose(frames["flows"]["value"], arrays["flows"].mean(axis=0).ravel(), rtol=1e-12)
    np.testing.assert_allclose(frames["flows"]["q90"], np.quantile(arrays["flows"], 0.9, axis=0).ravel(), rtol=1e-12)
    row = frames["population"].query("year == 2022 and residence == 'rural' and sex == 'male' and age == '70'").iloc[2]
    assert row["function"] == vocab.FUNCTIONS[2]
    cell = arrays["population"][:, 2, 1, 0, 70, 2]
    assert row["value"] == pytest.approx(cell.mean(), rel=1e-12)
    assert row["q50"] == pytest.approx(np.median(cell), rel=1e-12)
    assert frames["targets"]["p_se"].isna().all() and frames["targets"]["driver_share"].isna().all()


def test_a_run_of_format_1_is_saved_again_in_the_new_form(tmp_path):
    written_as_format_1(tmp_path / "old", full=False)
    results = open_results(tmp_path / "old")
    again = open_results(save(results, tmp_path / "new"))
    assert again.tree.equals(results.tree) and again.attrs["value_is"] == "mean"
    assert digest(again) == digest(results)


def test_a_run_of_this_format_is_left_as_it_is():
    results = sample(3)
    assert upgraded(results) is results


def test_xarray_and_the_package_read_each_other(tmp_path):
    results = sample(3)
    folder = save(results, tmp_path / "run")
    plain = {"engine": "h5netcdf", "decode_times": False, "decode_timedelta": False}
    with xr.open_datatree(folder / "run.nc", **plain) as opened:
        for name in ("population", "groups", "flows", "demand", "central"):
            assert opened[name].identical(results.tree[name])
        plan = opened["plan"]
        for column in ("value", "year"):
            stored = plan["number"].sel(number_column=column).values
            np.testing.assert_array_equal(stored, results.targets[column])
        assert plan["text"].sel(text_column="id").values.tolist() == results.targets["id"].tolist()
        assert len(plan.data_vars) < 12
    results.tree.to_netcdf(tmp_path / "theirs.nc", engine="h5netcdf")
    theirs, ours = open_results(tmp_path / "theirs.nc").tree, open_results(folder).tree
    assert theirs.identical(results.tree)
    assert {node.path for node in theirs.subtree} == {node.path for node in results.tree.subtree}
    for node in results.tree.subtree:
        for name, variable in node.variables.items():
            assert theirs[node.path].variables[name].dtype == variable.dtype == ours[node.path].variables[name].dtype


def test_the_manifest_says_what_the_run_was_made_from(tmp_path):
    results = sample(3)
    folder = save(results, tmp_path / "run", timings={"project": 1.23456})
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert content["scenario"] == ATTRS["text"]
    assert content["input_files"] == ATTRS["input_files"]
    assert content["seed"] == 7 and content["method_version"] == "1" and content["draws"] == 3
    assert content["result_digest"] == digest(results)
    assert content["input_digest"] == input_digest(results.attrs)
    assert content["timings"]["project"] == 1.235 and "write_netcdf" in content["timings"]
    assert {"python", "numpy", "demo_sim"} <= set(content["versions"])


def test_the_same_inputs_replace_a_run_and_others_are_refused(tmp_path):
    folder = tmp_path / "run"
    save(sample(3), folder)
    save(sample(3, timings={"a": 1}), folder)
    assert names(tmp_path) == {"run", "run.previous"}
    other = sample(3, seed=8)
    before = (folder / "manifest.json").read_bytes()
    with pytest.raises(WriteError) as caught:
        save(other, folder)
    assert caught.value.exit_code == 4
    assert "--overwrite" in caught.value.render("zh") and "other inputs" in caught.value.render("en")
    assert (folder / "manifest.json").read_bytes() == before
    save(other, folder, overwrite=True)
    assert open_results(folder) == other
    assert open_results(tmp_path / "run.previous") == sample(3, timings={"a": 1})
    assert names(tmp_path) == {"run", "run.previous"}


def test_a_folder_that_is_no_run_is_never_lost(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    save(sample(3), folder)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.docx").write_text("mine", encoding="utf-8")
    with pytest.raises(WriteError, match="exists"):
        check_folder(tmp_path / "other", sample(3).attrs)
    save(sample(3), tmp_path / "other", overwrite=True)
    kept = tmp_path / "other.previous" / "thesis.docx"
    assert kept.read_text(encoding="utf-8") == "mine"
    with pytest.raises(WriteError, match="will not be deleted"):
        save(sample(3), tmp_path / "other", overwrite=True)
    assert kept.exists()
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WriteError, match="is a file"):
        save(sample(3), tmp_path / "file", overwrite=True)


@pytest.mark.parametrize("error", [OSError("disk full"), RuntimeError("no font"), KeyboardInterrupt()])
def test_a_failed_write_leaves_nothing_and_keeps_the_old_run(tmp_path, error):
    folder = tmp_path / "run"
    save(sample(3), folder)

    def begin(handed: Handed, partial: Path) -> Beside:
        def fail() -> None:
            assert (partial / "run.nc").is_file() and not (partial / "manifest.json").exists()
            raise error

        return Beside(lambda: None, fail)

    expected = WriteError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        save(sample(3), folder, extra=begin)
    assert names(tmp_path) == {"run"} and names(folder) == FILES


def test_figures_and_reports_join_the_folder_before_it_appears(tmp_path):
    def begin(handed: Handed, partial: Path) -> Beside:
        return Beside(lambda: None, lambda: (partial / "figures").mkdir())

    folder = save(sample(3), tmp_path / "run", extra=begin)
    assert names(folder) == FILES | {"figures"}


def test_what_cannot_be_opened_is_said_in_both_languages(tmp_path):
    (tmp_path / "run.nc").write_bytes(b"not netCDF")
    for path, zh, en in (
        (tmp_path / "none", "找不到", "no saved run is here"),
        (tmp_path, "不是本程序保存的运行结果", "not a saved run"),
    ):
        with pytest.raises(InputError) as caught:
            open_results(path)
        assert zh in caught.value.render("zh") and en in caught.value.render("en")


def test_hashes_of_input_files(tmp_path):
    inside = tmp_path / "inputs" / "表.csv"
    inside.parent.mkdir()
    inside.write_bytes(b"age,population\n")
    hashes = file_hashes([inside], tmp_path)
    assert hashes == {"inputs/表.csv": hashlib.sha256(b"age,population\n").hexdigest()}
    assert list(file_hashes([inside], tmp_path / "elsewhere")) == ["表.csv"]


def test_a_saved_run_is_read_without_numba_or_matplotlib():
    code = "import sys, demo_sim.results; sys.exit(any(m in sys.modules for m in ('numba', 'matplotlib')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
