"""Draws that cannot be made: named, the others as they were; what no draw is to blame for ends the run."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import demo_sim as ds
from demo_sim.block import kept as kept_module
from demo_sim.block.failing import Failed, one_by_one
from demo_sim.block.kept import Kept
from demo_sim.cli import cli
from demo_sim.errors import DrawsError, IdentityError, InputError, Problem, TooLargeError
from demo_sim.execution.helpers import Helpers
from demo_sim.inputs.draws import taking_turns
from demo_sim.results.digest import digest
from demo_sim.run import carry_out, prepare

SMALL = ["period.end=2022", "options.person_draws=6", "scale=50000", "draws=26", "plan=[]"]
COHORT = [*SMALL, "options.person_draws=1"]


def refusing(bad: set[int], error: Exception, numbers: np.ndarray) -> list[int]:
    if bad & set(numbers.tolist()):
        raise error
    return list(numbers.tolist())


@settings(deadline=None)
@given(st.sets(st.integers(0, 40)), st.integers(1, 41))
def test_bad_draws_alone_are_told_apart(bad: set[int], many: int) -> None:
    error = InputError([Problem("f.yaml", 3, "tfr", "太大", "too large")])
    made = one_by_one(partial(refusing, bad, error), np.arange(many))
    whole = [block for _, block in made if not isinstance(block, Failed)]
    failed = [block for _, block in made if isinstance(block, Failed)]
    assert sorted(chain.from_iterable(whole)) == [n for n in range(many) if n not in bad]
    assert [one.number for one in failed] == sorted(n for n in bad if n < many)
    assert {one.text_en for one in failed} <= {"f.yaml:3: tfr: too large"}
    assert [n for own, _ in made for n in own.tolist()] == list(range(many))


@pytest.mark.parametrize("error", [MemoryError(), OSError(28, "full"), TooLargeError("大", "large")])
def test_what_no_draw_is_to_blame_for_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)):
        one_by_one(partial(refusing, {3}, error), np.arange(9))


def test_what_is_stated_may_not_fail() -> None:
    with pytest.raises(IdentityError, match="never"):
        one_by_one(partial(refusing, {-1}, IdentityError("不", "never")), np.arange(-1, 9))


def test_turns_pass_over_those_that_are_missing() -> None:
    numbers = np.arange(12)
    np.testing.assert_array_equal(taking_turns(numbers, np.arange(5), 5), numbers % 5)
    present = np.array([0, 2, 3])  # of five; 1 has the next, 4 the first
    assert present[taking_turns(numbers, present, 5)].tolist() == [0, 2, 2, 3, 0, 0, 2, 2, 3, 0, 0, 2]


def breaking(monkeypatch: pytest.MonkeyPatch, name: str, bad: set[int]) -> None:
    """Let a stage fail for some draws."""
    plain: Callable[..., Any] = getattr(kept_module, name)

    def broken(inputs: Any, numbers: np.ndarray, **more: Any) -> Any:
        if found := bad & set(np.asarray(numbers).tolist()):
            raise IdentityError(f"{found}不守恒", f"{found} do not add up")
        return plain(inputs, numbers, **more)

    monkeypatch.setattr(kept_module, name, broken)
    if hasattr(sys.modules["demo_sim.run"], name):
        monkeypatch.setattr(sys.modules["demo_sim.run"], name, broken)


@pytest.fixture(scope="module")
def whole() -> ds.Results:
    return ds.simulate(ds.load("hunan", COHORT), engine="cohort")


def test_the_other_draws_are_as_they_were(whole: ds.Results, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, "project", {3, 17})
    run = ds.simulate(ds.load("hunan", COHORT), engine="cohort")
    assert run.draws == 24 and run.draw_numbers.tolist() == [n for n in range(26) if n not in (3, 17)]
    assert [(one["draw"], one["en"]) for one in json.loads(run.attrs["failed_draws"])] == [
        (3, "{3} do not add up"),
        (17, "{17} do not add up"),
    ]
    assert "2 of 26 draws fail (3, 17)" in run.attrs["warnings"]
    other = whole.only(run.draw_numbers)
    for path in ("population/summary", "groups/groups", "flows/flows", "demand/need"):
        np.testing.assert_array_equal(run.array(path).values, other.array(path).values)
    np.testing.assert_array_equal(run.central.groups.values, whole.central.groups.values)
    cells = run.array("population/statistics").sel(statistic="mean", age=70).sum(["residence", "sex", "function"])
    summed = run.summary.sel(age_group="70-74").sum(["residence", "sex", "function"]).mean("draw")
    assert (cells.values < summed.values).all()  # one age of five


def test_runs_are_compared_on_the_draws_that_both_have(whole: ds.Results, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, "project", {3})
    run = ds.simulate(ds.load("hunan", COHORT), engine="cohort")
    found = ds.compare(whole, run)
    assert found.draws == 25
    assert found.differences.empty  # only rows that differ are shown


def test_a_person_draw_that_fails_is_no_draw_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = ds.load("hunan", [*SMALL, "draws=9"])
    breaking(monkeypatch, "follow_persons", {2})
    run = carry_out(scenario, *prepare(scenario, "people", 1), workers=Helpers(0))
    assert run.draw_numbers.tolist() == [0, 1, 3, 4, 5, 6, 7, 8]
    assert run.array("placement/care_settings")["draw"].values.tolist() == [0, 1, 3, 4, 5]
    assert np.isfinite(run.groups.values).all()


def test_a_run_none_of_whose_draws_can_be_made_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, "project", set(range(26)))
    with pytest.raises(DrawsError, match=r"all 26 draws fail .* draw 0: .0. do not add up"):
        ds.simulate(ds.load("hunan", COHORT), engine="cohort")


def test_failed_draws_are_tried_again_when_a_run_goes_on(
    whole: ds.Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = ds.load("hunan", COHORT)
    with monkeypatch.context() as broken:
        breaking(broken, "project", {5})
        assert carry_out(scenario, *prepare(scenario, "cohort", 1), kept=Kept(tmp_path)).draws == 25
    assert digest(carry_out(scenario, *prepare(scenario, "cohort", 1), kept=Kept(tmp_path))) == digest(whole)


def test_the_program_names_them_and_ends_with_6(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, "project", {5})
    how = ["--engine", "cohort", "--threads", "1", "--lang", "en", *(x for o in COHORT for x in ("--set", o))]
    done = CliRunner().invoke(cli, ["run", "hunan", *how, "--out", str(tmp_path / "o")])
    assert done.exit_code == 6, done.output
    assert "1 of 26 draws fail (5)" in " ".join(done.output.split())
    assert ds.open_results(tmp_path / "o").draws == 25
    done = CliRunner().invoke(cli, ["run", "hunan", *how, "--shard", "1/2", "--out", str(tmp_path / "p")])
    assert done.exit_code == 6 and "draw 5 fails: {5} do not add up" in done.output
