"""What a job may use: the least of machine, control groups of both versions, address space and scheduler."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from demo_sim import running
from demo_sim.execution import limits
from demo_sim.execution.helpers import Helpers
from demo_sim.execution.signals import Interrupted
from demo_sim.results import folders
from demo_sim.running import taken

SLURM = ("SLURM_CPUS_PER_TASK", "NUMBA_NUM_THREADS", "SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE")
SECOND, FIRST = "0::/job/step\n", "4:memory:/job/step\n3:cpuset:/\n2:cpu,cpuacct:/job\n"


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine of eight cores and 64 GiB, with control groups in a folder of its own and no job around it."""
    for name in SLURM:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    monkeypatch.setattr(limits, "_physical", lambda: 2.0**36)
    monkeypatch.setattr(limits, "_address_space", list)
    monkeypatch.setattr(limits, "CONTROL", tmp_path / "cgroup")
    monkeypatch.setattr(limits, "PROC", tmp_path / "proc")
    (tmp_path / "proc").mkdir()
    return tmp_path


def within(machine: Path, groups: str, **files: str) -> None:
    """Put the process into control groups whose files hold these texts; `_` stands for a folder below."""
    (machine / "proc" / "cgroup").write_text(groups)
    for name, text in files.items():
        file = machine / "cgroup" / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def test_without_limits_it_is_the_machine(machine: Path) -> None:
    assert (limits.cores(), limits.memory()) == (8, 2.0**36)
    within(machine, SECOND, job__step__memory_dot_max="max\n", job__step__cpu_dot_max="max 100000\n")
    assert (limits.cores(), limits.memory()) == (8, 2.0**36)
    within(machine, FIRST, memory__job__step__memory_dot_limit_in_bytes="9223372036854771712\n")
    assert limits.memory() == 2.0**36


@pytest.mark.parametrize("where", ["job__step", "job"])
def test_groups_of_version_2_limit_what_is_in_them_and_below(machine: Path, where: str) -> None:
    within(machine, SECOND, **{f"{where}__memory_dot_max": "2147483648", f"{where}__cpu_dot_max": "250000 100000"})
    assert (limits.cores(), limits.memory(), limits.processes()) == (3, 2.0**31, 2)


def test_groups_of_version_1(machine: Path) -> None:
    files = {
        "memory__job__memory_dot_limit_in_bytes": "3221225472",
        "cpu__job__cpu_dot_cfs_quota_us": "100000",
        "cpu__job__cpu_dot_cfs_period_us": "100000",
    }
    within(machine, FIRST, **files)
    assert limits.memory() == 3 * 2.0**30
    (machine / "cgroup" / "cpu").mkdir(exist_ok=True)
    assert limits.cores() == 1
    within(machine, FIRST, cpu__job__cpu_dot_cfs_quota_us="-1")
    assert limits.cores() == 8


def test_what_a_scheduler_gives(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "4")
    monkeypatch.setenv("SLURM_MEM_PER_CPU", "500")
    assert (limits.cores(), limits.memory()) == (4, 4 * 500 * 2.0**20)
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "1024")
    assert limits.memory() == 2.0**30
    monkeypatch.setenv("NUMBA_NUM_THREADS", "2")
    assert (limits.threads(), limits.threads(1), limits.threads(16)) == (2, 1, 2)
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "0")  # all of the node
    monkeypatch.delenv("SLURM_MEM_PER_CPU")
    assert limits.memory() == 2.0**36


def test_processes_have_room_each(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.processes() == limits.MOST_PROCESSES == 8
    assert limits.processes(2) == 2
    monkeypatch.setattr(limits, "_physical", lambda: 3.5e9)
    assert limits.processes() == 3
    monkeypatch.setattr(limits, "_physical", lambda: 1e8)
    assert limits.processes() == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on addresses")
def test_a_limit_on_addresses_counts_what_is_taken() -> None:
    code = (
        "import resource; from demo_sim.execution import limits\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000,) * 2)\n"
        "print(limits.memory())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 1e9 < float(done.stdout) < 2e9


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_ends_a_run_with_its_code_and_leaves_nothing(tmp_path: Path, number: int, code: int) -> None:
    program = "from demo_sim.cli import main; main()"
    if number == signal.SIGHUP:  # ignored where the tests themselves run under nohup
        program = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); {program}"
    command = [sys.executable, "-c", program, "run", "hunan", "--engine", "cohort", "--draws", "2"]
    with subprocess.Popen(
        [*command, "--out", str(tmp_path / "runs" / "o")], stderr=subprocess.PIPE, text=True
    ) as process:
        until = time.monotonic() + 60.0
        while not list(tmp_path.glob("runs/o.partial-*")) and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == code and said.splitlines()[-1] == "已中断"
    assert not list((tmp_path / "runs").iterdir())


@pytest.mark.parametrize("where", ["begin", "_sign", "remove_abandoned", "Path.mkdir", "Path.write_text"])
def test_wherever_a_run_is_interrupted_it_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    owner: Any = {"begin": folders, "_sign": folders, "remove_abandoned": running}.get(where, Path)
    name = where.removeprefix("Path.")
    real = getattr(owner, name)

    def interrupted(*args: Any, **more: Any) -> None:
        real(*args, **more)
        if "partial-" in str(args[0]) or name == "remove_abandoned":
            raise Interrupted(143)

    monkeypatch.setattr(owner, name, interrupted)
    with (
        pytest.raises(Interrupted),
        taken(tmp_path / "runs" / "o", "one", False, Helpers(0), Console(quiet=True), "en"),
    ):
        pass
    assert not list((tmp_path / "runs").iterdir())
