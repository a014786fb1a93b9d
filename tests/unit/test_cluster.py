"""Workers of dask: the same numbers with any of them, in any order, whoever is lost; what is refused in words."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.errors import InputError, TooLargeError
from demo_sim.execution import cluster as clusters
from demo_sim.execution.cluster import Cluster, opened
from demo_sim.results.digest import digest
from demo_sim.run import METHOD_VERSION, carry_out, prepare
from demo_sim.scenario.slurm_file import read_slurm_file

pytest.importorskip("dask_jobqueue")
pytestmark = pytest.mark.filterwarnings(  # sockets of dask that are closed late
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
    "ignore:Couldn't detect a suitable IP address:RuntimeWarning",  # a machine without a network
)
SMALL = ["period.end=2022", "options.person_draws=9", "scale=50000", "draws=150", "plan=[]"]
SLURM = 'jobs: 4\ncores: 2\nmemory: 8GB\nwalltime: "02:00:00"\nqueue: long\ndirectives: [--constraint=zen4]\n'


@pytest.fixture(scope="module")
def whole() -> str:
    return digest(ds.simulate(ds.load("hunan", SMALL)))


@pytest.fixture(params=[1, 2, 4])
def workers(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    with opened(f"local:{request.param}", METHOD_VERSION) as found:
        yield found


def run_by(workers: Cluster) -> str:
    scenario = ds.load("hunan", SMALL)
    return digest(
        carry_out(scenario, *prepare(scenario, "people", None, workers.processes, workers.memory), workers=workers)
    )


def in_random_order(workers: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, order = workers._client.submit, random.Random(workers.processes)
    monkeypatch.setattr(
        workers._client, "submit", lambda *args, **more: plain(*args, **more, priority=order.randrange(1000))
    )


def test_any_number_of_workers_in_any_order(workers: Cluster, whole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    in_random_order(workers, monkeypatch)
    assert run_by(workers) == whole


@pytest.mark.skipif(sys.platform == "win32", reason="a signal is sent")
def test_a_worker_killed_three_times(whole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []

    def kill(pids: list[int]) -> None:
        for pid in pids:
            time.sleep(0.7)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    with opened("local:4", METHOD_VERSION) as workers:
        in_random_order(workers, monkeypatch)
        pids = list(workers._client.run(os.getpid).values())
        thread = Thread(target=kill, args=(pids[:3],))
        thread.start()
        assert run_by(workers) == whole
        thread.join()
    assert len(killed) == 3


def test_what_goes_wrong_in_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "LOSSES", 1)
    with opened("local:2", METHOD_VERSION) as workers:
        assert list(workers.begin(int, ["5", "1", "2"])) == [5, 1, 2]
        with pytest.raises(ValueError, match="invalid literal"):
            list(workers.begin(int, ["5", "x", "2"]))
        with pytest.raises(TooLargeError, match="2 workers ended one after the other"):
            list(workers.begin(os._exit, [1]))
        assert list(workers.begin(int, ["7", "6"])) == [7, 6]
        workers._version = "0.0"
        with pytest.raises(InputError, match=f"another version .{METHOD_VERSION}; here 0.0"):
            list(workers.begin(int, ["1"]))


@pytest.mark.parametrize("where", ["tcp://127.0.0.1:9", "nowhere", "local:0", "local:x", "tcp://127.0.0.1"])
def test_nobody_answers(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "WAIT", 0.5)
    with pytest.raises(InputError) as refused, opened(where, METHOD_VERSION):
        pass
    assert f"--cluster {where}" in str(refused.value)


def test_the_extra_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'demo_sim\[cluster\]'"), opened("local", METHOD_VERSION):
        pass


def test_the_job_script_of_slurm(tmp_path: Path) -> None:
    file = tmp_path / "slurm.yaml"
    file.write_text(SLURM, encoding="utf-8")
    assert read_slurm_file(file).jobs == 4
    done = CliRunner().invoke(cli, ["run", "hunan", "--cluster", f"slurm:{file}", "--dry-run"])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    for wanted in ("#SBATCH -J demo-sim", "#SBATCH -p long", "#SBATCH --cpus-per-task=2", "#SBATCH -t 02:00:00"):
        assert wanted in lines
    assert "#SBATCH --constraint=zen4" in lines and "#SBATCH --mem=8G" in lines
    assert "--nthreads 1 " in done.output and "--nworkers 2 " in done.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SLURM.replace("jobs: 4", "jobs: 0"), "slurm.yaml:1: jobs"),
        (SLURM.replace("queue:", "queu:"), "slurm.yaml:5: queu"),
        (SLURM.replace("memory: 8GB\n", ""), "memory"),
        (SLURM.replace("8GB", "much"), "slurm.yaml:3: memory"),
        (SLURM.replace('"02:00:00"', "2 hours"), "slurm.yaml:4: walltime"),
        ("[", "slurm.yaml:1"),
    ],
)
def test_what_is_wrong_in_the_file(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "slurm.yaml").write_text(text, encoding="utf-8")
    words = ["run", "hunan", "--lang", "en", "--cluster", f"slurm:{tmp_path / 'slurm.yaml'}"]
    for more in ([], ["--dry-run"]):
        done = CliRunner().invoke(cli, [*words, *more])
        assert done.exit_code == 2 and said in done.output, done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--dry-run"], "is for --cluster slurm:FILE"),
        (["--dry-run", "--cluster", "local:2"], "is for --cluster slurm:FILE"),
        (["--cluster", "slurm:none.yaml"], "none.yaml"),
        (["--cluster", "slurm:slurm.yaml"], "sbatch is not found"),
        (["--cluster", "local:2", "--shard", "1/2"], "takes no --cluster"),
    ],
)
def test_what_does_not_go_together(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slurm.yaml").write_text(SLURM, encoding="utf-8")
    done = CliRunner().invoke(cli, ["run", "hunan", "--lang", "en", *words])
    assert done.exit_code == 2 and said in done.output, done.output


def test_a_run_by_workers_goes_on(tmp_path: Path, whole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are kept by this process; those that are there are not made again."""
    made: list[Any] = []
    plain = clusters.Cluster.begin

    def counted(self: Cluster, work: Any, items: Any) -> Any:
        made.extend(items)
        return plain(self, work, items)

    monkeypatch.setattr("demo_sim.plot.aside.Drawing.finish", lambda drawing: {})
    monkeypatch.setattr(clusters.Cluster, "begin", counted)
    with monkeypatch.context() as stopped:
        stopped.setattr(sys.modules["demo_sim.run"], "pool", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ds.run(ds.load("hunan", SMALL), tmp_path / "o", cluster="local:2", resume=True)
    first = len(made)
    assert first and len(list(tmp_path.glob("*/blocks/persons_*.block"))) == first
    run = ds.run(ds.load("hunan", SMALL), tmp_path / "o", cluster="local:2", resume=True)
    assert digest(run) == whole
    assert made[first:] and all(min(numbers) >= -1 for numbers in made[first:])  # of persons none
