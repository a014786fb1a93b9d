"""Workers of dask.distributed that make blocks, in the place of helper processes.

What is made comes home as soon as it is ready: a worker that is lost costs the block it was at, which another makes.
Nothing is read from or written to a file system that workers and this process would have to share.

The function goes as one pickle, so that a worker compares versions before it makes objects of it. It comes from this
process by way of dask, which sends pickles itself: a scheduler is to be trusted like a program that one runs.
"""

from __future__ import annotations

import gc
import logging
import pickle
import re
import shutil
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any, TypeVar

from demo_sim.errors import InputError, Problem, TooLargeError

Item = TypeVar("Item")
Made = TypeVar("Made")

LOSSES = 9  # workers that a block may lose before it is held to be what ends them
WAIT = 60  # seconds for a scheduler to answer, and for its first worker
_known: dict[str, Callable[[Any], Any]] = {}  # in a worker: the function it was sent last


class Cluster:
    """Workers behind a client of dask.

    Attributes
    ----------
    processes : workers, and this one, which puts their blocks together
    memory : bytes each worker may use
    """

    def __init__(self, client: Any, where: str, version: str, coming: int = 0) -> None:
        self._client, self._where, self._version = client, where, version
        workers = client.scheduler_info(n_workers=-1)["workers"].values()
        self.processes = 1 + max(len(workers), coming)
        self.memory = float(min((worker["memory_limit"] or 2**62 for worker in workers), default=2**62))

    def begin(self, work: Callable[[Item], Made], items: Sequence[Item]) -> Iterator[Made]:
        """Let the workers make something of each item; what is made comes in the order of the items.

        Raises
        ------
        TooLargeError
            An item has ended one worker after the other.
        InputError
            Workers lack the package or have another version of the method: their blocks would have other numbers.
        """
        from distributed import KilledWorker, as_completed

        name = uuid.uuid4().hex
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about the size of what is sent
            # A task, not data: where the worker that holds it is lost, another gets it.
            sent = self._client.submit(_same, pickle.dumps(work, 5), key=f"work-{name}")
            tasks = {
                self._client.submit(_call, name, sent, item, self._version, key=f"block-{name}-{i}"): i
                for i, item in enumerate(items)
            }
            with self._client.as_current():
                ready = as_completed(list(tasks), with_results=True)
        made: dict[int, Made] = {}
        following = 0
        try:
            for task, result in ready:
                made[tasks.pop(task)] = result
                task.release()
                while following in made:
                    yield made.pop(following)
                    following += 1
        except KilledWorker as error:
            raise TooLargeError(
                f"同一批抽样使{LOSSES + 1}个工作进程先后中断，多半是内存不足；请给每个工作进程更多内存，或加大 --scale",
                f"{LOSSES + 1} workers ended one after the other at the same draws, most likely for want of memory; "
                "give each worker more, or use a larger --scale",
            ) from error
        except (ModuleNotFoundError, _OtherVersion) as error:
            raise _refused(
                self._where,
                f"工作进程缺少本程序或版本不同（{error}，本机 {self._version}）；请安装同一版本",
                f"workers lack this program or have another version ({error}; here {self._version}); install the same",
            ) from error
        finally:
            self._client.cancel([*tasks, sent], force=True)


def _same(held: bytes) -> bytes:
    return held


class _OtherVersion(Exception):
    """A worker has another version of the method."""


def _call(name: str, work: bytes, item: Any, version: str) -> Any:
    """In a worker: what is made of an item."""
    if name not in _known:
        own = str(import_module("demo_sim.run").METHOD_VERSION)
        if own != version:
            raise _OtherVersion(own)
        _known.clear()
        _known[name] = pickle.loads(work)
    return _known[name](item)


@contextmanager
def opened(where: str, version: str, job: Mapping[str, Any] | None = None) -> Iterator[Cluster]:
    """Workers of this machine, of a scheduler that runs, or of jobs that are handed to SLURM.

    Parameters
    ----------
    where : `local`, `local:4`, `slurm`, or the address of a scheduler, `tcp://host:8786`
    version : of the method; workers of another one are refused
    job : what a job of SLURM takes, as `slurm_cluster` reads it

    Raises
    ------
    InputError
        The extra is not installed, no scheduler answers, or it has no worker.
    """
    dask, distributed = _libraries()
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # lost workers are no news
    with ExitStack() as stack:
        stack.enter_context(
            dask.config.set(
                {"distributed.scheduler.allowed-failures": LOSSES, "distributed.comm.timeouts.connect": "20s"}
            )
        )
        if found := re.fullmatch(r"local(?::([1-9]\d{0,2}))?", where):
            from demo_sim.execution.limits import processes

            own = stack.enter_context(
                distributed.LocalCluster(
                    n_workers=int(found[1] or processes()), threads_per_worker=1, dashboard_address="127.0.0.1:0",
                    silence_logs=logging.CRITICAL,
                )
            )  # fmt: skip
        elif job is not None:
            if shutil.which("sbatch") is None:
                raise _refused(
                    where, "本机没有 SLURM（找不到 sbatch）", "this machine has no SLURM (sbatch is not found)"
                )
            own = stack.enter_context(slurm_cluster(job))
            own.scale(jobs=job["jobs"])
        else:
            own = where
        said = ""
        try:
            client = stack.enter_context(distributed.Client(own, timeout=WAIT, set_as_default=False))
            client.wait_for_workers(1, timeout=None if job is not None else WAIT)
        except (OSError, ValueError, TimeoutError) as error:
            said = str(error) or type(error).__name__
        if said:
            gc.collect()  # a client that failed, collected while another one starts, would wait for a lock for ever
            raise _refused(
                where,
                f"{WAIT} 秒内连不上调度器，或它没有工作进程（{said}）",
                f"no scheduler answers within {WAIT} s, or it has no worker ({said})",
            )
        yield Cluster(client, where, version, 0 if job is None else job["jobs"] * job["cores"])


def slurm_cluster(job: Mapping[str, Any]) -> Any:
    """Jobs of SLURM as dask-jobqueue makes them, none handed in yet.

    Parameters
    ----------
    job : cores, memory, walltime, queue, account, interface, prologue, directives; each core is a worker
    """
    _libraries()
    from dask_jobqueue import SLURMCluster

    return SLURMCluster(
        cores=job["cores"], processes=job["cores"], memory=job["memory"], walltime=job["walltime"],
        queue=job["queue"], account=job["account"], interface=job["interface"],
        job_script_prologue=list(job["prologue"]), job_extra_directives=list(job["directives"]),
        job_name="demo-sim", scheduler_options={"dashboard_address": ":0"},
    )  # fmt: skip


def job_script(job: Mapping[str, Any]) -> str:
    """The script that would be handed to SLURM for each job."""
    with slurm_cluster(job) as cluster:
        return str(cluster.job_script())


def _libraries() -> tuple[Any, Any]:
    try:
        import dask
        import dask_jobqueue  # noqa: F401
        import distributed
    except ImportError as error:
        zh, en = "需要附加组件：pip install 'demo_sim[cluster]'", "this needs an extra: pip install 'demo_sim[cluster]'"
        raise InputError([Problem("--cluster", 0, "", f"{zh}（{error}）", f"{en} ({error})")]) from error
    return dask, distributed


def _refused(where: str, zh: str, en: str) -> InputError:
    return InputError([Problem(f"--cluster {where}", 0, "", zh, en)])
