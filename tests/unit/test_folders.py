"""Folders of runs: none is lost to another, what killed runs left goes, names that no file system takes are refused."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from demo_sim.errors import WriteError
from demo_sim.results import folders
from demo_sim.results.folders import RunPlace, absolute, begin, put_in_place, remove_abandoned, seen


def begun(target: Path) -> Path:
    half = RunPlace.of(target).half
    begin(half)
    return half


def finished(target: Path, word: str) -> Path:
    half = begun(target)
    (half / "manifest.json").write_text(json.dumps({"result_digest": word}), encoding="utf-8")
    return half


def digest_of(folder: Path) -> str:
    return str(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["result_digest"])


def test_three_runs_into_one_folder_keep_three_results(tmp_path: Path) -> None:
    target = tmp_path / "o"
    began = [(finished(target, word), seen(target)) for word in "abc"]
    places = [put_in_place(half, target, there) for half, there in began]
    assert [place.name for place in places] == ["o", "o-2", "o-3"]
    assert [digest_of(place) for place in places] == ["a", "b", "c"]
    assert {path.name for path in tmp_path.iterdir()} == {"o", "o-2", "o-3"}
    assert not list(tmp_path.rglob(folders.RUNNING))


def test_the_run_that_was_there_is_kept_and_one_that_came_since_is_not_touched(tmp_path: Path) -> None:
    target = tmp_path / "o"
    put_in_place(finished(target, "old"), target, seen(target))
    there = seen(target)
    late, other = finished(target, "late"), finished(target, "other")
    assert put_in_place(other, target, there) == target
    assert put_in_place(late, target, there) == tmp_path / "o-2"
    assert [digest_of(tmp_path / name) for name in ("o", "o.previous", "o-2")] == ["other", "old", "late"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    target = tmp_path / "o"
    target.mkdir()
    assert seen(target) is None
    assert put_in_place(finished(target, "a"), target, None) == target


def test_folders_of_killed_runs_go_and_others_stay(tmp_path: Path) -> None:
    target = tmp_path / "o [1]"
    code = "import sys; from demo_sim.results.folders import RunPlace, begin; begin(RunPlace.of(sys.argv[1]).half)"
    subprocess.run([sys.executable, "-c", code, str(target)], check=True)
    running, elsewhere = begun(target), begun(target)
    told = {"host": f"not-{socket.gethostname()}", "pid": 1, "since": "1"}
    (elsewhere / folders.RUNNING).write_text(json.dumps(told), encoding="utf-8")
    unlike = begun(tmp_path / "o 1")
    assert len(list(tmp_path.iterdir())) == 4
    assert remove_abandoned(target) == [elsewhere]
    assert set(tmp_path.iterdir()) == {running, elsewhere, unlike}
    # a later process of the same number is another one
    (running / folders.RUNNING).write_text(
        json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "since": "1"}), encoding="utf-8"
    )
    if Path("/proc/self/stat").exists():
        remove_abandoned(target)
        assert not running.exists()


@pytest.mark.parametrize("name", ["n" * 300, "县" * 80, "/".join(["folder"] * 600)])
def test_names_too_long_are_refused_before_the_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(WriteError, match="too long"):
        absolute(tmp_path / name)
    assert absolute(tmp_path / "县" / "结果").name == "结果"
