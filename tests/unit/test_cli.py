"""The command line: verbs, languages, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from demo_sim import errors
from demo_sim.cli import cli
from demo_sim.scenario import Scenario, load

MINIMAL = Path(__file__).resolve().parents[1] / "bad" / "minimal" / "minimal.yaml"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def test_help_imports_nothing_heavy() -> None:
    heavy = "('numpy', 'numba', 'xarray', 'pydantic', 'yaml')"
    code = f"import sys, demo_sim.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    outcome = call("--help")
    assert outcome.exit_code == 0
    for verb in ("validate", "explain", "new", "schema", "catalog", "run", "calibrate", "backtest"):
        assert verb in outcome.output
        assert "--lang" in call(verb, "--help").output


def test_draws_and_persons_of_a_run_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--draws` and `--person-draws` are changes of the scenario like any other; neither touches the other."""
    seen: list[Scenario] = []
    done = SimpleNamespace(attrs={"failed_draws": "[]"})
    monkeypatch.setattr("demo_sim.running.run_command", lambda scenario, *rest: (seen.append(scenario), done)[1])
    monkeypatch.setattr("demo_sim.execution.helpers.Helpers", lambda count, modules: nullcontext())
    for told in ([], ["--draws", "0"], ["--person-draws", "3"], ["--draws", "50", "--person-draws", "64"]):
        assert call("run", str(MINIMAL), *told).exit_code == 0
    plain = load(MINIMAL).settings
    found = [(scenario.settings.draws, scenario.settings.options.person_draws) for scenario in seen]
    assert found == [(plain.draws, plain.options.person_draws), (0, 32), (plain.draws, 3), (50, 64)]
    assert call("run", str(MINIMAL), "--draws", "-1", "--lang", "en").exit_code == 2
    assert call("run", str(MINIMAL), "--person-draws", "0", "--lang", "en").exit_code == 2


def test_validate_says_what_the_plan_requires() -> None:
    zh, en = call("validate", "hunan"), call("validate", "hunan", "--lang", "en")
    assert zh.exit_code == en.exit_code == 0
    assert "没有问题" in zh.output and "须预测到 2025 年" in zh.output
    assert "no problems" in en.output and "90 targets, 67 more listed, needs years to 2025" in en.output


def test_validate_names_problems_of_all_scenarios(tmp_path: Path) -> None:
    for name, srb in (("a", 110), ("b", 2)):
        text = f"extends: {MINIMAL.as_posix()}\nfertility: {{srb: {srb}}}\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    outcome = call("validate", str(tmp_path / "a.yaml"), str(MINIMAL), str(tmp_path / "b.yaml"), "--lang", "en")
    assert outcome.exit_code == 2
    assert "a.yaml:2: fertility.srb: 110" in outcome.output
    assert "b.yaml:2: fertility.srb: 2 is out of bounds" in outcome.output
    assert "minimal.yaml: no problems" in outcome.output
    assert "2 problems" in outcome.output


def test_language_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_SIM_LANG", "en")
    assert "no problems" in call("validate", str(MINIMAL)).output
    assert "没有问题" in call("validate", str(MINIMAL), "--lang", "zh").output


def test_explain_a_number_of_the_register() -> None:
    output = call("explain", "hunan", "fertility.tfr", "--lang", "en").output
    for part in (
        "scenarios/hunan.yaml:",
        "births per woman",
        "0..12",
        "2035",
        "1.13",
        "fert.tfr_future",
        "reason",
    ):
        assert part in output
    output = call("explain", "hunan", "fertility.tfr").output
    assert "总和生育率" in output and "单位" in output and "assumed（假设）" in output


def test_explain_other_settings() -> None:
    assert "population.csv" in call("explain", str(MINIMAL), "population.table").output
    assert "even" in call("explain", str(MINIMAL), "migration.timing").output
    assert "默认值" in call("explain", str(MINIMAL), "migration.timing").output
    assert "--set fertility.srb" in call("explain", str(MINIMAL), "fertility.srb", "--set", "fertility.srb=1.1").output
    outcome = call("explain", str(MINIMAL), "fertility.sbr", "--lang", "en")
    assert outcome.exit_code == 2
    assert 'did you mean "fertility.srb"' in outcome.output


def test_new_writes_a_scenario_that_is_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = call("new", "某县")
    assert outcome.exit_code == 0
    assert "某县.yaml" in outcome.output
    scenario = load("某县.yaml")
    assert scenario.name == "某县"
    assert not list(tmp_path.rglob("*.partial"))
    before = (tmp_path / "某县.yaml").read_bytes()
    again = call("new", "某县")
    assert again.exit_code == 2 and "不覆盖" in again.output
    assert (tmp_path / "某县.yaml").read_bytes() == before
    assert call("new", "a/b").exit_code == 2


def test_new_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inputs").write_text("a file in the way", encoding="utf-8")
    outcome = call("new", "x", "--lang", "en")
    assert outcome.exit_code == 4
    assert "cannot write" in outcome.output
    assert not (tmp_path / "x.yaml").exists()


def test_schema_is_json_in_both_languages() -> None:
    zh, en = json.loads(call("schema").output), json.loads(call("schema", "--lang", "en").output)
    assert zh["properties"]["seed"]["description"] == "随机数种子"
    assert en["properties"]["seed"]["description"] == "random seed"
    tfr = en["$defs"]["Fertility"]["properties"]["tfr"]
    assert tfr["$ref"] == "#/$defs/quantity" and tfr["x-maximum"] == 12
    assert "description_zh" not in json.dumps(zh)


def test_catalog_lists_and_shows() -> None:
    assert "assumptions" in call("catalog").output
    assert "hunan-2021-2025" in call("catalog", "plans").output
    assert "publisher" in call("catalog", "plans", "hunan-2021-2025").output
    assert "fert.tfr_future" in call("catalog", "assumptions").output
    output = call("catalog", "assumptions", "fert.tfr_future", "--lang", "en").output
    assert "2035  1.13  0.85..1.38  assumed" in output
    outcome = call("catalog", "plans", "hunan", "--lang", "en")
    assert outcome.exit_code == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.TooLargeError("太大", "too large"), 3),
        (errors.WriteError("无法写入", "cannot write"), 4),
        (errors.IdentityError("恒等式不成立", "identity failed"), 5),
        (KeyboardInterrupt(), 130),
    ],
)
def test_exit_codes(error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise error

    monkeypatch.setattr("demo_sim.scenario.load", fail)
    outcome = call("validate", "hunan", "--lang", "en")
    assert outcome.exit_code == code
    assert "Traceback" not in outcome.output


def test_program_speaks_utf8_through_a_pipe_of_another_encoding() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from demo_sim.cli import main; main()", "validate", str(MINIMAL)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "gbk"},
        check=True,
    )
    assert "没有问题" in done.stdout.decode("utf-8")


def test_wrong_usage_exits_with_two() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from demo_sim.cli import main; main()", "validate"], capture_output=True
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
