"""The tree, saving and opening: round trip, refusals, nothing half written."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from results_samples import AGES, ATTRS, sample

from demo_sim import vocab
from demo_sim.errors import InputError, WriteError
from demo_sim.results import build, check_folder, digest, file_hashes, input_digest, open_results, save
from demo_sim.results.handover import hand_over, take_over
from demo_sim.results.tree import INPUT_COLUMNS, OUTCOME_COLUMNS, TARGET_COLUMNS

FILES = {
    "run.nc", "population.csv", "flows.csv", "groups.csv", "demand.csv", "targets.csv", "inputs.csv",
    "outcomes.csv", "kin_check.csv", "tables.xlsx", "manifest.json",
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
    assert results.array("flows/births_by_age").sizes == {"year": 3, "residence": 2, "age": len(AGES)}
    assert results.population.sel(sex="female", age=slice(80, None)).sizes["age"] == 21


def test_tables_provenance_and_title():
    results = sample(3)
    assert tuple(results.targets.columns) == TARGET_COLUMNS
    assert tuple(results.inputs.columns) == INPUT_COLUMNS
    assert results.targets["target"].tolist() == [0.55, 0.9]
    assert results.inputs["file:line"].tolist() == ["sample.yaml:3", "sample.yaml:9"]
    assert (results.title("zh"), results.title("en"), results.draws) == ("样例", "Sample", 3)
    assert results.attrs["seed"] == 7 and json.loads(results.attrs["versions"]) == {"demo_sim": "0.1.0"}
    assert "3 draws" in repr(results)


def test_a_run_handed_to_another_process_is_the_same(tmp_path):
    results = sample(3)
    save(results, tmp_path / "run")
    for number, one in enumerate((results, open_results(tmp_path / "run"))):
        folder = tmp_path / f"handed{number}"
        folder.mkdir()
        hand_over(one, folder)
        taken = take_over(folder)
        assert taken == results and taken.attrs == results.attrs
        assert list(taken.population.coords) == list(results.population.coords)


def test_what_a_run_lacks_is_missing_with_a_plain_message():
    population = (("draw", "time", "residence", "sex", "age", "function"), np.ones((1, 2, 1, 2, 101, 1)))
    coords = {
        "draw": [0], "time": [2020, 2021], "residence": ["all"], "sex": vocab.SEXES, "age": AGES,
        "function": ["all"],
    }  # fmt: skip
    results = build({"population": {"population": population}}, coords, {"name": "minimal"})
    assert "plan" not in results and "demand/need" not in results and "population" in results
    assert results.targets.empty and tuple(results.targets.columns) == TARGET_COLUMNS
    assert getattr(results, "supply", None) is None
    with pytest.raises(AttributeError, match="no demand/need; it has: population/population"):
        results.need  # noqa: B018 - the access is what is tested
    assert results.title() == "minimal"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"peple": {}}, "unknown group 'peple'"),
        ({"groups": {"groups": (("draw", "time"), np.ones(3))}}, "2 dimensions"),
        ({"inputs": {"id": (("input",), ["a"])}}, "columns missing: value, unit"),
    ],
)
def test_build_refuses_what_does_not_fit(parts, message):
    with pytest.raises(ValueError, match=message):
        build(parts, {"draw": [0, 1, 2]}, {})


def test_numbers_that_are_missing_are_nan_and_missing_text_is_empty():
    columns = {name: (("outcome",), ["a", None]) for name in OUTCOME_COLUMNS}
    columns["published"] = (("outcome",), [1, None])
    results = build({"outcomes": columns}, {}, {})
    assert results.outcomes["series"].tolist() == ["a", ""]
    assert results.outcomes["published"].tolist()[0] == 1.0
    assert np.isnan(results.outcomes["published"].tolist()[1])


def test_unknown_variables_are_named():
    with pytest.raises(KeyError, match="did you mean 'need'"):
        build({"demand": {"needs": (("draw",), [1.0])}}, {"draw": [0]}, {})


@pytest.mark.parametrize("draws", [3, 25])
def test_a_saved_run_opens_as_the_same_run(tmp_path, draws):
    results = sample(draws)
    folder = save(results, tmp_path / "结果" / "湖南 省", timings={"project": 1.23456})
    assert names(folder) == FILES
    assert names(folder.parent) == {"湖南 省"}
    for path in (folder, str(folder), folder / "run.nc"):
        again = open_results(path)
        assert again == results
        assert digest(again) == digest(results)
        pd.testing.assert_frame_equal(again.targets, results.targets)
        assert again.title("zh") == "样例"
    assert again.population.attrs == results.population.attrs


def test_xarray_and_the_package_read_each_other(tmp_path):
    results = sample(3)
    folder = save(results, tmp_path / "run")
    plain = {"engine": "h5netcdf", "decode_times": False, "decode_timedelta": False}
    with xr.open_datatree(folder / "run.nc", **plain) as opened:
        assert opened.identical(results.tree)
    results.tree.to_netcdf(tmp_path / "theirs.nc", engine="h5netcdf")
    theirs, ours = open_results(tmp_path / "theirs.nc").tree, open_results(folder).tree
    assert theirs.identical(results.tree)
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

    def begin(partial: Path) -> Callable[[], None]:
        def fail() -> None:
            assert (partial / "run.nc").is_file() and not (partial / "manifest.json").exists()
            raise error

        return fail

    expected = WriteError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        save(sample(3), folder, extra=begin)
    assert names(tmp_path) == {"run"} and names(folder) == FILES


def test_figures_and_reports_join_the_folder_before_it_appears(tmp_path):
    folder = save(sample(3), tmp_path / "run", extra=lambda partial: (partial / "figures").mkdir())
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
