"""Blocks kept in files: what is read is what was written, interrupted runs go on, parts make the whole run."""

from __future__ import annotations

import json
import os
import pickle
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import demo_sim as ds
from demo_sim.block import kept as kept_module
from demo_sim.block.kept import KEPT_TYPES, Kept
from demo_sim.block.persons import PersonsOfBlock
from demo_sim.cli import cli
from demo_sim.errors import WriteError
from demo_sim.execution.helpers import Helpers
from demo_sim.execution.keeping import read, write
from demo_sim.results import digest
from demo_sim.results.folders import RunPlace
from demo_sim.run import carry_out, prepare

SMALL = ["period.end=2022", "options.person_draws=5", "scale=50000", "draws=30", "plan=[]"]


@dataclass(frozen=True)
class Pair:
    """A class that may be kept."""

    left: Any
    right: Any


simple = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
array = arrays.arrays(
    st.sampled_from([np.float64, np.float32, np.int32, np.uint8, np.bool_, np.dtype("U3")]),
    arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
values = st.recursive(
    simple | array,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.tuples(st.text(max_size=3), st.integers()), inner, max_size=3)
        | st.builds(Pair, inner, inner)
    ),
    max_leaves=8,
)


def assert_same(found: Any, wanted: Any) -> None:
    assert type(found) is type(wanted)
    if isinstance(wanted, np.ndarray):
        assert found.dtype == wanted.dtype and found.flags.writeable
        np.testing.assert_array_equal(found, wanted)
    elif isinstance(wanted, Pair):
        assert_same((found.left, found.right), (wanted.left, wanted.right))
    elif isinstance(wanted, list | tuple):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            assert_same(one, other)
    elif isinstance(wanted, dict):
        assert list(found) == list(wanted)
        assert_same(list(found.values()), list(wanted.values()))
    else:
        assert found == wanted or (found != found and wanted != wanted)


@settings(deadline=None, max_examples=60)
@given(values)
def test_what_is_read_is_what_was_written(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    folder = tmp_path_factory.mktemp("kept")
    write(value, folder / "x")
    assert_same(read(folder / "x", {"Pair": Pair}), value)
    assert os.listdir(folder) == ["x"]


def test_nothing_else_is_read(tmp_path: Path) -> None:
    file = tmp_path / "x"
    write(Pair(np.arange(9.0), 1), file)
    with pytest.raises(ValueError, match="class Pair"):
        read(file, {})
    whole = file.read_bytes()
    for bad in (b"", whole[:-1], whole + b"1", whole[:20], pickle.dumps(Pair(1, 2)), whole.replace(b"<f8", b"|O8")):
        file.write_bytes(bad)
        with pytest.raises((ValueError, TypeError)):
            read(file, {"Pair": Pair})
    with pytest.raises(TypeError, match="cannot be kept"):
        write(object(), tmp_path / "y")
    assert os.listdir(tmp_path) == ["x"]


def test_draws_that_are_there_are_not_made_again(tmp_path: Path) -> None:
    for name in ("a_0_9", "a_5_14", "a_20_24", "a_-4_-1", "b_15_19", "a_90_120"):
        (tmp_path / f"{name}.block").touch()
    wanted = [np.arange(-4, 0), np.arange(0, 16), np.arange(16, 32)]
    files, rest = Kept(tmp_path).split("a", wanted)
    assert [file.stem for file in files] == ["a_0_9", "a_20_24", "a_-4_-1"]
    assert [part.tolist() for part in rest] == [
        [10, 11, 12, 13, 14, 15],
        [16, 17, 18, 19],
        [25, 26, 27, 28, 29, 30, 31],
    ]
    assert Kept(tmp_path).split("a", []) == ([], [])


@pytest.fixture(scope="module")
def small() -> tuple[ds.Scenario, ds.Results]:
    scenario = ds.load("hunan", SMALL)
    return scenario, ds.simulate(scenario)


def carried_out(scenario: ds.Scenario, kept: Kept, threads: int = 1) -> ds.Results:
    return carry_out(scenario, *prepare(scenario, "people", threads), workers=Helpers(0), kept=kept)


def test_a_run_goes_on_from_any_blocks_with_the_same_numbers(
    small: tuple[ds.Scenario, ds.Results], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made with another cut and other threads; a damaged one is made again."""
    scenario, whole = small
    monkeypatch.setattr("demo_sim.engine.size.BATCH", 7)
    monkeypatch.setattr("demo_sim.engine.size.MOST_TOGETHER", 2)
    assert digest(carried_out(scenario, Kept(tmp_path))) == digest(whole)
    names = {path.name for path in tmp_path.iterdir()}
    assert {name.split("_")[0] for name in names} == {"persons", "draws"} and len(names) > 8
    monkeypatch.undo()
    for name in ("draws_-1_5.block", "persons_0_1.block"):
        assert name in names
        (tmp_path / name).unlink()
    assert "draws_6_11.block" in names
    (tmp_path / "draws_6_11.block").write_bytes(b"half")
    made: list[list[int]] = []
    plain = kept_module.project

    def watched(inputs: Any, numbers: np.ndarray, relatives: Any) -> Any:
        made.append(numbers.tolist())
        return plain(inputs, numbers, relatives)

    monkeypatch.setattr(kept_module, "project", watched)
    monkeypatch.setattr(sys.modules["demo_sim.run"], "project", watched)
    assert digest(carried_out(scenario, Kept(tmp_path), threads=2)) == digest(whole)
    assert sorted(made) == [list(range(-1, 6)), list(range(6, 12))]


def test_families_that_wait_in_files_give_the_same_numbers(
    small: tuple[ds.Scenario, ds.Results], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the blocks of the run, or in a folder of their own that goes; also where persons are in two batches."""
    monkeypatch.setattr("demo_sim.engine.size.WAITING_FAMILIES", 0.0)
    monkeypatch.setattr("demo_sim.engine.size.MOST_TOGETHER", 3)
    (tmp_path / "own").mkdir()
    (tmp_path / "blocks").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "own"))
    seen: list[list[Path]] = []
    plain = PersonsOfBlock.families.fget  # type: ignore[attr-defined]
    watched = property(lambda persons: (seen.append(list(tmp_path.rglob("persons_*"))), plain(persons))[1])
    monkeypatch.setattr(PersonsOfBlock, "families", watched)
    assert digest(ds.simulate(small[0])) == digest(small[1])
    assert all(len(files) == 4 for files in seen) and seen and not list((tmp_path / "own").iterdir())
    kept = Kept(tmp_path / "blocks", since=time.time() + 1e6, needed=False)
    assert digest(carried_out(small[0], kept)) == digest(small[1])
    assert len(list((tmp_path / "blocks").glob("persons_*.block"))) == 4


def test_nothing_is_kept_before_its_time(small: tuple[ds.Scenario, ds.Results], tmp_path: Path) -> None:
    assert digest(carried_out(small[0], Kept(tmp_path, since=time.time() + 1e6))) == digest(small[1])
    assert not list(tmp_path.iterdir())


def test_all_that_blocks_are_made_of_may_be_kept(small: tuple[ds.Scenario, ds.Results], tmp_path: Path) -> None:
    carried_out(small[0], Kept(tmp_path))
    for path in tmp_path.iterdir():
        read(path, KEPT_TYPES)


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [*map(str, arguments), "--lang", "en"])


@pytest.fixture
def no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts and the report take most of the time, and are tested elsewhere."""
    monkeypatch.setattr("demo_sim.running.Drawing", lambda *asked: SimpleNamespace(finish=dict))
    monkeypatch.setattr("demo_sim.running.write_built", lambda *asked, **how: None)
    monkeypatch.setattr("demo_sim.execution.limits.processes", lambda threads=None: 1)


def manifest_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))


def settings_of(told: list[str]) -> list[str]:
    return [part for one in told for part in ("--set", one)]


@pytest.mark.parametrize("engine", ["people", "cohort"])
def test_parts_make_the_whole_run(no_charts: None, tmp_path: Path, engine: str) -> None:
    how = ["hunan", *settings_of(SMALL), "--engine", engine]
    assert call("run", *how, "--out", tmp_path / "whole").exit_code == 0
    parts = [tmp_path / f"part{i}" for i in (1, 2, 3)]
    for i, part in enumerate(parts, start=1):
        done = call("run", *how, "--shard", f"{i}/3", "--out", part)
        assert done.exit_code == 0 and f"part {i} of 3" in done.output, done.output
    lacking = call("merge", parts[0], parts[2], "--out", tmp_path / "merged")
    assert lacking.exit_code == 2 and "lacks the parts 2/3" in lacking.output
    done = call("merge", *reversed(parts), "--out", tmp_path / "merged")
    assert done.exit_code == 0, done.output
    found = [
        json.loads((tmp_path / name / "manifest.json").read_text(encoding="utf-8")) for name in ("whole", "merged")
    ]
    for key in ("result_digest", "input_digest", "overrides", "engine"):
        assert found[0][key] == found[1][key]
    files = [{path.name for path in (tmp_path / name).iterdir()} for name in ("whole", "merged")]
    assert files[0] == files[1]


def test_what_cannot_be_merged(no_charts: None, tmp_path: Path) -> None:
    how = ["hunan", *settings_of(SMALL), "--engine", "cohort"]
    for i, seed in ((1, 7), (2, 8)):
        assert call("run", *how, "--shard", f"{i}/2", "--seed", seed, "--out", tmp_path / str(i)).exit_code == 0
    done = call("merge", tmp_path / "1", tmp_path / "2", "--out", tmp_path / "m")
    assert done.exit_code == 2 and "other inputs, seed or method" in done.output
    done = call("merge", tmp_path, "--out", tmp_path / "m")
    assert done.exit_code == 2 and "no part" in done.output
    for shard in ("0/2", "3/2", "a/b", "1"):
        assert call("run", *how, "--shard", shard).exit_code == 2
    assert not (tmp_path / "m").exists()


def test_other_inputs_are_not_gone_on_with(tmp_path: Path) -> None:
    code = "import sys; from demo_sim.results.folders import RunPlace; RunPlace.of(sys.argv[1]).take('one')"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "o")], check=True)
    with pytest.raises(WriteError, match="was begun with other inputs"):
        RunPlace.of(tmp_path / "o").take("two", resume=True)
    (left,) = tmp_path.iterdir()
    place, other = RunPlace.of(tmp_path / "o"), RunPlace.of(tmp_path / "o")
    place.take("one", resume=True)
    assert place.half.is_dir() and not left.exists()
    other.take("one", resume=True)
    assert other.half != place.half and place.half.is_dir()  # one that runs is not taken


def test_a_full_disk_ends_a_run_only_where_blocks_are_asked_for(
    small: tuple[ds.Scenario, ds.Results], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(value: Any, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_module, "write", full)
    with pytest.raises(WriteError, match=r"No space left.*--resume"):
        carried_out(small[0], Kept(tmp_path))
    assert digest(carried_out(small[0], Kept(tmp_path, needed=False))) == digest(small[1])


def test_the_function_writes_the_folder_of_the_verb(no_charts: None, tmp_path: Path, capfd: Any) -> None:
    told = [*settings_of(SMALL), "--engine", "cohort"]
    assert call("run", "hunan", *told, "--out", tmp_path / "verb").exit_code == 0
    capfd.readouterr()
    run = ds.run(ds.load("hunan", SMALL), tmp_path / "function", engine="cohort", lang="en")
    assert capfd.readouterr() == ("", "")
    assert ds.open_results(tmp_path / "function") == run
    files = [{path.name for path in (tmp_path / name).iterdir()} for name in ("verb", "function")]
    assert files[0] == files[1]
    found = [manifest_of(tmp_path / name) for name in ("verb", "function")]
    assert found[0]["result_digest"] == found[1]["result_digest"]
    import demo_sim.run  # the module of that name does not take its place

    assert callable(ds.run) and demo_sim.run is ds.run


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that kills")
def test_a_run_killed_again_and_again_ends_with_the_same_numbers(tmp_path: Path) -> None:
    moments = random.Random(5)
    code = (
        "import types, demo_sim.running as r; from demo_sim.cli import main\n"
        "r.Drawing = lambda *a: types.SimpleNamespace(finish=dict); r.write_built = lambda *a, **k: None; main()"
    )
    command = [sys.executable, "-c", code, "run", "hunan", *settings_of(SMALL)]
    subprocess.run([*command, "--out", str(tmp_path / "whole")], check=True, capture_output=True)
    killed = 0
    for turn in range(8):
        with subprocess.Popen([*command, "--out", str(tmp_path / "o"), "--resume"], stderr=subprocess.DEVNULL) as run:
            try:
                run.wait(timeout=0.2 + moments.uniform(1.0, 4.0) if turn < 7 else 120.0)
                break
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
                killed += 1
        assert not (tmp_path / "o").exists()
        for path in tmp_path.rglob("*.block"):
            read(path, KEPT_TYPES)
    else:
        pytest.fail("never ended")
    assert killed >= 1
    assert manifest_of(tmp_path / "whole")["result_digest"] == manifest_of(tmp_path / "o")["result_digest"]
    assert {path.name for path in tmp_path.iterdir()} == {"whole", "o"}
