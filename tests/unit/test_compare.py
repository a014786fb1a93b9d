"""Runs compared: differences draw by draw, what changed with file and line, documents with both."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner
from docx import Document

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.errors import InputError
from demo_sim.report.changes import changes
from demo_sim.report.tree import Trace
from demo_sim.results import Results

NOTEBOOK = Path(__file__).resolve().parents[2] / "examples" / "first_study.ipynb"
MINIMAL = Path(__file__).resolve().parents[1] / "data" / "minimal" / "scenario.yaml"
CHANGES = {"fertility.tfr": 1.3, "services.occupancy": 0.8, "period.end": 2027}


@pytest.fixture(scope="module")
def runs() -> tuple[Results, Results]:
    base = ds.load("hunan").replace({"draws": 20, "period.end": 2027})
    return ds.simulate(base, engine="cohort"), ds.simulate(base.replace(CHANGES), engine="cohort")


def test_differences_are_taken_draw_by_draw(runs: tuple[Results, Results]) -> None:
    found = ds.compare(*runs)
    assert found.paired
    table = found.differences.set_index(["series", "year"])
    for name, at in (("groups.children_0_17", {"group": "children_0_17"}), ("groups.older_60", {"group": "older_60"})):
        first, second = (run.groups.sel(time=2027, **at).astype(float).sum("residence").values for run in runs)
        row = table.loc[(name, 2027)]
        for column, q in (("low80", 0.1), ("high80", 0.9)):
            assert row[column] == pytest.approx(np.quantile(second - first, q), abs=1e-6)
        # What is compared is the run at stated values with that of the other, whatever the draws say.
        stated, other = (float(run.central.groups.sel(time=2027, **at).sum("residence")) for run in runs)
        assert (row["first"], row["value"]) == (pytest.approx(stated, rel=1e-12), pytest.approx(other, rel=1e-12))
        assert row["difference"] == pytest.approx(other - stated, abs=1e-6)
    # The chances are shared: what the change does not reach differs far less between the runs than between draws.
    assert row["high80"] - row["low80"] < 0.05 * (np.quantile(first, 0.9) - np.quantile(first, 0.1))
    beds = table.loc[("need.institution_beds.observed", 2027)]
    assert beds["difference"] > 0
    assert ("flows.births", 2020) not in table.index and ("flows.births", 2021) in table.index


def test_what_changed_has_file_and_line(runs: tuple[Results, Results]) -> None:
    changes = ds.compare(*runs).changes.set_index("path")
    assert set(changes.index) == {"fertility.tfr", "services.occupancy"}
    assert re.fullmatch(r".*hunan\.yaml:\d+", changes.loc["fertility.tfr", "first_place"])
    assert changes.loc["fertility.tfr", "second"] == "1.3"
    assert not len(ds.compare(runs[0], runs[0]).changes)
    engine = Results(runs[0].tree.copy())
    engine.tree.attrs |= {"text": str(engine.attrs["text"]).replace("timing: even", "timing: end"), "seed": 1}
    other = ds.compare(runs[0], engine)
    assert set(other.changes["path"]) == {"migration.timing", "seed"}
    assert not other.paired and other.differences["low80"].isna().all()


def test_settings_are_compared_to_their_last_word(runs: tuple[Results, Results]) -> None:
    first, second = (Results(run.tree.copy()) for run in runs)
    long = "x" * 80
    for run, end in ((first, "a"), (second, "b")):
        listed = "[1, 2, 3, 4, 5, " + ("6" if end == "a" else "7") + "]"
        rules = f"[{{group: old, line: 96, quote: {end}}}]"
        run.tree.attrs["text"] = f"note: {long}{end}\nplans: {listed}\nplacement: {{priority: {rules}, same: 1}}\n"
    found = {change.path: change.values for change in changes(first, second)}
    assert {"note", "plans", "placement.priority"} <= set(found) and "placement.same" not in found
    assert found["plans"] == ("[1, 2, 3, 4, 5, 6]", "[1, 2, 3, 4, 5, 7]")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_verb_writes_both_documents(runs: tuple[Results, Results], tmp_path: Path, lang: str) -> None:
    for name, run in zip("ab", runs, strict=True):
        (tmp_path / name).mkdir()
        run.tree.to_netcdf(tmp_path / name / "run.nc", engine="h5netcdf")
    out = tmp_path / "out"
    done = CliRunner().invoke(
        cli, ["compare", str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(out), "--lang", lang]
    )
    assert done.exit_code == 0, done.output
    assert "fertility.tfr" in done.output
    page = (out / "compare.html").read_text(encoding="utf-8")
    assert ("湖南省（甲）" if lang == "zh" else "Hunan (A)") in page and "fertility.tfr" in page
    assert page.count('<svg class="chart"') == 6
    document = Document(str(out / "compare.docx"))
    assert len(document.inline_shapes) == 6
    people = pd.read_csv(out / "differences.csv").query("series == 'population.total' and year == 2027").iloc[0]
    shown = ds.compare(*runs).reader(lang)
    number = shown.number(Trace("population/summary", (("time", 2027),)), "persons")
    assert number.value == pytest.approx(people["first"])
    assert (f"{number.value / 1e4:,.1f}" if lang == "zh" else f"{number.value / 1e6:,.2f}") in page
    assert pd.read_csv(out / "changes.csv")["path"].tolist() == ["fertility.tfr", "services.occupancy"]


def test_one_run_or_no_shared_year_is_refused(runs: tuple[Results, Results], tmp_path: Path) -> None:
    runs[0].tree.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    done = CliRunner().invoke(cli, ["compare", str(tmp_path), "--lang", "en"])
    assert done.exit_code == 2 and "two run folders" in done.output
    nodes = {node.path: node.to_dataset(inherit=False) for node in runs[1].tree.subtree}
    for path, node in nodes.items():
        if "time" in node.coords:
            nodes[path] = node.assign_coords(time=node["time"] + 100)
    late = Results(xr.DataTree.from_dict(nodes))
    with pytest.raises(InputError, match="share no year"):
        ds.compare(runs[0], late)


@pytest.fixture(scope="module")
def small() -> dict[tuple[int, int], Results]:
    """Runs of the smallest scenario by draws and seed."""
    base = ds.load(MINIMAL)
    kinds = ((0, 7), (3, 7), (5, 7), (24, 7), (40, 7), (24, 8), (40, 8))
    made = {}
    for draws, seed in kinds:
        srb = {"value": 1.05 if draws < 40 else 1.15, "low": 1.0, "high": 1.2}
        changes = {"draws": draws, "seed": seed, "fertility.srb": srb}
        made[draws, seed] = ds.simulate(base.replace(changes), engine="cohort")
    return made


def test_runs_of_different_numbers_of_draws_share_the_first(runs: tuple[Results, Results]) -> None:
    changed = ds.load("hunan").replace({"draws": 31, **CHANGES})
    first, second, many = *runs, ds.simulate(changed, engine="cohort")
    found, expected = ds.compare(first, many), ds.compare(first, second)
    assert found.paired and found.draws == 20
    for one, other in ((found, expected), (ds.compare(many, first), ds.compare(second, first))):
        assert one.draws == 20 and other.draws == 20
        bands = one.differences.drop(columns="run")
        known = bands["difference"].notna()
        assert bands.loc[known, ["low80", "high80"]].notna().all(axis=None) and known.mean() > 0.99
        # draw i is draw i: those that only one has change nothing
        pd.testing.assert_frame_equal(bands, other.differences.drop(columns="run"), rtol=1e-7, atol=1e-5)
    assert set(found.changes["path"]) == set(expected.changes["path"]) | {"draws"}


@pytest.mark.parametrize("pair", [((3, 7), (5, 7)), ((0, 7), (24, 7)), ((24, 7), (0, 7)), ((24, 7), (24, 8)),
                                  ((24, 7), (40, 8)), ((40, 8), (24, 7))])  # fmt: skip
def test_too_few_shared_draws_or_another_seed_give_no_bands(
    small: dict[tuple[int, int], Results], tmp_path: Path, pair: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    first, second = (small[key] for key in pair)
    found = ds.compare(first, second)
    assert found.paired == (pair[0][1] == pair[1][1])
    table = found.differences
    # Draws and seeds move nothing of the run at stated values; the other ratio of births does.
    assert table.empty == (40 not in (pair[0][0], pair[1][0]))
    assert table["difference"].notna().all() and table[["low80", "high80"]].isna().all(axis=None)
    file = found.write(tmp_path, "en", ("html",))[0]
    page = file.read_text(encoding="utf-8")
    assert "80% band" not in re.sub("The runs differ in seed.*?bands[.]|all runs share.*?have[.]", "", page)
    said = "The runs differ in seed" if not found.paired else f"over the {found.draws} draws that all have"
    assert said in page


@pytest.mark.parametrize("seeds", [(7, 7), (7, 8)])
def test_the_verb_compares_runs_of_different_draws(
    small: dict[tuple[int, int], Results], tmp_path: Path, seeds: tuple[int, int]
) -> None:
    for name, run in zip("ab", (small[24, seeds[0]], small[40, seeds[1]]), strict=True):
        (tmp_path / name).mkdir()
        run.tree.to_netcdf(tmp_path / name / "run.nc", engine="h5netcdf")
    call = ["compare", str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(tmp_path / "out"), "--lang", "en"]
    done = CliRunner().invoke(cli, call)
    assert done.exit_code == 0, done.output
    assert re.search(r"draws +24 +40", done.output)
    bands = pd.read_csv(tmp_path / "out" / "differences.csv")[["low80", "high80"]]
    assert len(bands)
    assert bands.notna().all(axis=None) if seeds == (7, 7) else bands.isna().all(axis=None)


def test_objects_show_themselves(runs: tuple[Results, Results], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_SIM_LANG", "en")
    shown = runs[0]._repr_html_()
    assert "Hunan" in shown and "60 and over" in shown and "p(met)" in shown
    table = ds.check_targets(runs[0])
    assert isinstance(table, pd.DataFrame) and "Missed" in table._repr_html_()
    assert type(table[table["verdict"] == "met"]) is pd.DataFrame
    pd.testing.assert_frame_equal(pd.DataFrame(table), runs[0].targets, check_flags=False)
    scenario = ds.load("hunan")._repr_html_()
    assert "fertility.tfr" in scenario and "hunan.yaml:" in scenario
    assert "difference" in ds.compare(*runs)._repr_html_()
    bad = Results(runs[0].tree.copy())
    bad.tree.attrs["title"] = '{"zh": "x", "en": "<script>alert(1)</script>"}'
    assert "<script>" not in bad._repr_html_()


def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cells as they stand, in order; the last of each shows something."""
    monkeypatch.chdir(tmp_path)
    book = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    cells = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells):
        exec(compile(cell, f"cell {number}", "exec"), names)
    assert eval(cells[-1].splitlines()[-1], names) == (True, True)
    assert all(not cell.get("outputs") for cell in book["cells"])
