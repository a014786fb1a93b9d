"""The `run` verb: files of the run folder, the printed table, existing folders, exit codes."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

import demo_sim as ds
from demo_sim.errors import WriteError
from demo_sim.execution.helpers import Helpers
from demo_sim.kernels._jit import compiled_before
from demo_sim.running import How, run_command
from demo_sim.terminal import _bare, _short, _tables, _target_table, print_summary
from demo_sim.vocab import LISTED

MINIMAL = Path(__file__).resolve().parents[1] / "data" / "minimal" / "scenario.yaml"
FILES = {
    "run.nc", "population.csv", "flows.csv", "groups.csv", "demand.csv", "targets.csv", "inputs.csv", "outcomes.csv",
    "supply.csv", "answers.csv", "closing.csv", "consistency.csv", "placement.csv", "kin_check.csv", "levers.csv",
    "responses.csv", "tables.xlsx", "manifest.json", "report.html", "report.docx", "annex.docx",
}  # fmt: skip


@pytest.fixture(scope="module")
def english() -> tuple[ds.Results, str]:
    """A run with bands, and what is printed of it."""
    scenario = ds.load("hunan").replace({"draws": 20, "period.end": 2025, "options.person_draws": 4})
    results, paper = ds.simulate(scenario), io.StringIO()
    print_summary(results, scenario, Console(file=paper, width=132), "en")
    return results, paper.getvalue()


def test_the_folder_of_the_contract_and_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Helpers(1) as helpers:
        told = ["period.end=2025", "known_until=2024", "draws=2", "options.person_draws=2"]
        results = run_command(ds.load("hunan", told), told, tmp_path / "hunan", How(), helpers)
    printed = capsys.readouterr()
    assert {path.name for path in (tmp_path / "hunan").iterdir()} == {*FILES, "figures"}
    assert list((tmp_path / "hunan" / "figures").glob("*.svg"))
    assert ds.open_results(tmp_path / "hunan") == results
    for word in ("规划指标判定", "达标", "未达标", "未评估", "基期人口 66,444,864", "抽样少于20次"):
        assert word in printed.out
    assert "known_until" in printed.err and "人口预测" in printed.err  # notes and progress stay out of the table
    assert str(tmp_path / "hunan") in printed.out.replace("\n", "")
    manifest = json.loads((tmp_path / "hunan" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["overrides"] == told
    assert (manifest["draws"], manifest["person_draws"], manifest["replicates"]) == (2, 2, 4)
    assert manifest["result_digest"] and manifest["method_version"]
    for file in FILES:
        if file.endswith(".csv"):
            assert (tmp_path / "hunan" / file).read_bytes().startswith(b"\xef\xbb\xbf"), file
    assert not list(tmp_path.glob("*.partial*"))


def test_the_table_in_english(english: tuple[ds.Results, str]) -> None:
    _, printed = english
    for word in ("Plan targets", "Missed", "Indicative: at risk", "Not assessed", "80% band", "evidence", "break-even"):
        assert word in printed
    assert "fewer than 20 draws" not in printed
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in printed)


def test_a_probability_is_printed_with_its_error_where_that_can_be_seen(english: tuple[ds.Results, str]) -> None:
    results, printed = english
    seen = results.targets[results.targets["p_se"] >= 0.0005]
    assert len(seen) and (seen["p_met"].between(0.0, 1.0, inclusive="neither")).any()
    for _, row in seen.iterrows():
        assert f"{100 * row['p_met']:.0f}%±{100 * row['p_se']:.1f}" in printed
    assert "±0.0" not in printed and not re.search(r"(?i)\bnan\b", printed)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_targets_whose_median_departs_are_named(english: tuple[ds.Results, str], lang: str) -> None:
    results, _ = english
    scenario = ds.load("hunan")
    target = results.targets[results.targets["verdict"] == "missed"].iloc[0]
    said = {"zh": "中位数与中心值相差超过80%区间的五分之一", "en": "departs from the stated value"}[lang]
    for found, told in (([target["id"]], True), ([], False)):
        one, paper = ds.Results(results.tree.copy()), io.StringIO()
        one.tree.attrs["departures"] = json.dumps({"targets": found, "series": []})
        print_summary(one, scenario, Console(file=paper, width=400), lang)
        line = next((line for line in paper.getvalue().splitlines() if said in line), "")
        assert bool(line) is told and (not told or target[f"label_{lang}"] in line)


def test_the_central_run_alone_is_printed_without_bands() -> None:
    scenario, paper = ds.load("hunan").replace({"draws": 0, "period.end": 2025}), io.StringIO()
    results = ds.simulate(scenario, engine="cohort")
    print_summary(results, scenario, Console(file=paper, width=132), "en")
    printed = paper.getvalue()
    assert "fewer than 20 draws" in printed and "±" not in printed
    assert "Indicative: met" in printed and "Missed" in printed and "at risk" not in printed.lower()


def test_second_readings_are_not_counted_as_targets(english: tuple[ds.Results, str]) -> None:
    results, printed = english
    (line,) = [line for line in printed.splitlines() if " targets: " in line]  # of the plan; none of the reference set
    count, tally = line.rpartition(": ")[0].rpartition(" ")[0].rpartition(" ")[2], line.rpartition(": ")[2]
    scored = results.targets[~results.targets["kind"].isin(LISTED) & (results.targets["tally"] != "reference")]
    told = [int(n) for n in re.findall(r"(?:counts|indicative|flows|only) (\d+)", tally)]
    assert len(told) > 1 and sum(told) == scored["id"].nunique() == int(count)


def test_deliverables_are_counted_apart(english: tuple[ds.Results, str]) -> None:
    _, printed = english
    assert "listed without a verdict: Deliverable 52, Direction 15 (0 reported)" in printed
    assert "figures of the plans: 7 contradictions" in printed and "= 85,000,000" in printed


def test_an_existing_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    # charts take most of a run's time and are tested elsewhere
    monkeypatch.setattr("demo_sim.running.Drawing", lambda *asked: SimpleNamespace(finish=dict))

    def run(srb: str, overwrite: bool = False) -> str:
        told = [f"fertility.srb={srb}", "options.person_draws=2"]
        run_command(ds.load(MINIMAL, told), told, out, How(overwrite=overwrite), Helpers(0))
        return str(json.loads((out / "manifest.json").read_text(encoding="utf-8"))["result_digest"])

    first = run("1.10")
    assert run("1.10") == first  # the same inputs: written again, the old one kept
    kept = tmp_path / "run.previous"
    assert kept.is_dir()
    capsys.readouterr()
    with pytest.raises(WriteError, match=r"made from other inputs.*--overwrite"):
        run("1.05")
    assert "人口预测" not in capsys.readouterr().err  # refused before the work, not after it
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["result_digest"] == first
    second = run("1.05", overwrite=True)
    assert second != first
    assert json.loads((kept / "manifest.json").read_text(encoding="utf-8"))["result_digest"] == first


def program(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", "from demo_sim.cli import main; main()", *arguments],
        capture_output=True,
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "gbk"},  # what a Windows console of an office would set
    )


def test_exit_code_of_wrong_input(tmp_path: Path) -> None:
    done = program(tmp_path, "run", str(MINIMAL), "--set", "fertility.srb=110", "--set", "draws=many", "--lang", "en")
    assert done.returncode == 2
    error = done.stderr.decode("utf-8")
    assert "fertility.srb" in error and "divide by 100" in error and "draws" in error and "2 problems" in error
    assert "Traceback" not in error
    assert not list(tmp_path.iterdir())


def test_exit_codes_of_a_run_and_of_a_folder_of_another_run(tmp_path: Path) -> None:
    done = program(tmp_path, "run", str(MINIMAL), "--out", "run", "--draws", "0", "--person-draws", "3")
    assert done.returncode == 0, done.stderr.decode("utf-8")
    assert "结果已写入" in done.stdout.decode("utf-8")
    made = ds.open_results(tmp_path / "run")
    # nobody is followed: no result of it asks for persons
    assert (made.draws, made.attrs["draws"], made.attrs["person_draws"]) == (0, 0, 0)
    done = program(tmp_path, "run", str(MINIMAL), "--out", "run", "--draws", "0", "--seed", "2")
    assert done.returncode == 4
    assert "--overwrite" in done.stderr.decode("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


def test_numbers_of_things_keep_their_measure_word_in_chinese() -> None:
    # under the label 网点数(万个) a bare 9,000 would read as ninety million
    assert _short(9000, "units", "zh") == "9,000个"
    assert _short(90_000, "persons", "zh") == "9.00万人"
    assert _short(90_000, "persons", "en") == "90,000"
    assert _short(0.55, "share", "zh") == "55.0%"
    assert _bare(90_000, "persons", "zh") == "9.00万"
    assert _short(43, "m2_per_100hh", "zh") == "43.0"


def test_the_first_run_is_known_by_its_empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path))
    assert not compiled_before()
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels" / "person_year.person_year-1.nbi").touch()
    assert compiled_before()


@pytest.mark.parametrize("width", [110, 132, 170])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_word_of_the_table_is_cut_off(lang: str, width: int) -> None:
    """A table wider than the console loses what stands at its right, unseen: two characters of a department, once."""
    scenario = ds.load("kaiping").replace({"draws": 0, "period.end": 2025})
    results = ds.simulate(scenario, engine="cohort")
    found = []
    for columns in (width, 400):
        paper = io.StringIO()
        for plans in _tables(scenario):
            Console(width=columns, file=paper).print(_target_table(results, scenario, plans, lang))
        found.append(Counter(re.sub(r"[\s─]", "", paper.getvalue())))
    assert found[0] == found[1]
