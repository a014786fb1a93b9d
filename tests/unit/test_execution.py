"""Processes beside this one: order, errors, helpers that die, and a parent that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from demo_sim.errors import InputError, Problem
from demo_sim.execution.handing import pack, unpack
from demo_sim.execution.helpers import Helpers

kills = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that kills")


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let helpers find this module, whose functions are sent to them."""
    here = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([here, os.environ.get("PYTHONPATH", "")]))
    monkeypatch.syspath_prepend(here)


@pytest.fixture
def two(beside: None) -> Iterator[Helpers]:
    with Helpers(2, ("test_execution",)) as helpers:
        yield helpers


def sent(name: str, *told: object) -> partial[object]:
    """A function of this module as a helper finds it, whatever the name under which the tests imported it."""
    import test_execution

    return partial(getattr(test_execution, name), *told)


def squares(pid: int, number: int) -> tuple[int, bool]:
    time.sleep(0.01)
    return number**2, os.getpid() == pid


def refused(number: int) -> int:
    if number == 3:
        raise InputError([Problem("a.yaml", 3, "draws", "太多", "too many")])
    return number


def dies(pid: int, number: int) -> int:
    if number == 1 and os.getpid() != pid:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def large(number: int) -> dict[str, np.ndarray]:
    return {"small": np.arange(number), "large": np.full((200, 1000), float(number))}


def test_answers_come_in_order_from_all_processes(two: Helpers) -> None:
    assert two.processes == 3
    found = list(two.begin(sent("squares", os.getpid()), range(60)))
    assert [number for number, _ in found] == [n**2 for n in range(60)]
    assert {here for _, here in found} == {True, False}


def test_without_helpers_all_is_done_here() -> None:
    with Helpers(0) as helpers:
        assert helpers.processes == 1
        assert list(helpers.begin(partial(squares, os.getpid()), range(3))) == [(0, True), (1, True), (4, True)]


def test_an_error_comes_back_as_it_was(two: Helpers) -> None:
    job = two.begin(sent("refused"), range(8))
    found = []
    with pytest.raises(InputError, match="too many") as error:
        for made in job:
            found.append(made)
    assert found == [0, 1, 2]
    assert "太多" in error.value.render("zh")
    assert list(two.begin(sent("refused"), [5, 6])) == [5, 6]


@kills
def test_what_a_dead_helper_had_is_done_here(two: Helpers) -> None:
    assert list(two.begin(sent("dies", os.getpid()), range(10))) == list(range(10))


class Stubborn:
    """Leaves a helper and cannot be made again here."""

    def __reduce__(self) -> tuple[object, ...]:
        return (np.frombuffer, (b"123",))  # three bytes are no number


def stubborn(pid: int, number: int) -> object:
    return number if os.getpid() == pid else Stubborn()


def test_what_cannot_go_between_is_done_here(two: Helpers) -> None:
    """Nobody waits for an item whose answer cannot be read, or that cannot be sent."""
    assert list(two.begin(sent("stubborn", os.getpid()), range(6))) == list(range(6))
    with Helpers(1, ("test_execution",)) as helpers:
        assert list(helpers.begin(lambda number: number + 1, range(4))) == [1, 2, 3, 4]


def test_a_file_of_arrays_cut_short_is_told(tmp_path: Path) -> None:
    parcel = pack(np.arange(100_000.0), str(tmp_path))
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(EOFError, match="shorter"):
        unpack(parcel)


def test_large_arrays_come_whole_and_leave_no_file(two: Helpers) -> None:
    for number, made in enumerate(two.begin(sent("large"), range(6))):
        wanted = large(number)
        assert isinstance(made, dict)
        for name, values in wanted.items():
            np.testing.assert_array_equal(made[name], values)
            made[name] += 1.0 if name == "large" else 1  # they can be written to
    assert not list(Path(two._folder).iterdir())


def test_jobs_are_done_one_after_the_other(two: Helpers) -> None:
    first = two.begin(sent("squares", os.getpid()), range(4), ahead=True)
    second = two.begin(sent("refused"), [1, 2])
    assert list(second) == [1, 2]
    assert [number for number, _ in first] == [0, 1, 4, 9]


@pytest.mark.parametrize("size", [0, 10, 300_000])
def test_a_parcel_is_what_was_packed(tmp_path: Path, size: int) -> None:
    values = {"name": "县", "array": np.arange(float(size)).reshape(-1, 2).T, "none": None}
    found = unpack(pack(values, str(tmp_path)))
    assert found["name"] == "县" and found["none"] is None
    np.testing.assert_array_equal(found["array"], values["array"])
    assert not list(tmp_path.iterdir())


@kills
def test_helpers_end_with_the_process_that_started_them() -> None:
    code = (
        "import time; from demo_sim.execution.helpers import Helpers\n"
        "with Helpers(2) as helpers:\n"
        "    print(*(process.pid for process in helpers._processes), flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.kill()
    until = time.monotonic() + 20.0
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in pids)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not yet fetched by its new parent does not."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
