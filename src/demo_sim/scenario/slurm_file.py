"""The file that says what a job of SLURM takes, for `--cluster slurm:FILE`."""

from __future__ import annotations

from pathlib import Path

from demo_sim.errors import InputError
from demo_sim.scenario.checking import check_model
from demo_sim.scenario.fields import Frozen, described
from demo_sim.scenario.messages import Problems
from demo_sim.scenario.nodes import read_yaml

SLURM_FILE = "slurm.yaml"  # where none is named


class SlurmJob(Frozen):
    """What each job of an ensemble takes; each of its cores is a worker."""

    jobs: int = described("作业个数", "jobs", ..., ge=1, le=10_000)
    cores: int = described("每个作业的核数", "cores of a job", ..., ge=1, le=1024)
    memory: str = described(
        "每个作业的内存，如 8GB", "memory of a job, such as 8GB", ..., pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$"
    )
    walltime: str = described(
        '时限，如 "02:00:00"', 'time limit, such as "02:00:00"', ..., pattern=r"^(\d+-)?\d+:\d\d:\d\d$"
    )
    queue: str | None = described("分区", "partition")
    account: str | None = described("账户", "account")
    interface: str | None = described("网络接口，如 ib0", "network interface, such as ib0")
    prologue: tuple[str, ...] = described("工作进程启动前执行的命令", "commands before the workers start", ())
    directives: tuple[str, ...] = described("另外的 #SBATCH 行，如 --constraint=zen4", "more lines of #SBATCH", ())


def read_slurm_file(file: str | Path) -> SlurmJob:
    """What a job takes.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    problems = Problems()
    root = read_yaml(Path(file), problems)
    job = None if root is None else check_model(root, SlurmJob, problems)
    if job is None or problems:
        raise InputError(problems.found)
    return job
