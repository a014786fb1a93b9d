"""What this process may use of the machine: the least that the system, a container or a scheduler allows."""

from __future__ import annotations

import ctypes
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path

CONTROL = Path("/sys/fs/cgroup")  # where control groups are mounted
PROC = Path("/proc/self")
MOST_PROCESSES = 8  # of a run
PROCESS_BYTES = 1e9  # of one at work
_NONE = 2.0**60  # a limit of version 1 above this is none


def cores() -> int:
    """Cores this process may use: of its affinity, control group, job and Numba the fewest."""
    allowed = [len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)]
    for folder in _groups("cpu"):
        quota, _, period = _read(folder / "cpu.max").partition(" ")
        quota, period = quota or _read(folder / "cpu.cfs_quota_us"), period or _read(folder / "cpu.cfs_period_us")
        if _number(quota) > 0.0 and _number(period) > 0.0:
            allowed.append(math.ceil(_number(quota) / _number(period)))
    for name in ("SLURM_CPUS_PER_TASK", "NUMBA_NUM_THREADS"):
        allowed.append(int(_number(os.environ.get(name, "")) or allowed[0]))
    return max(1, min(allowed))


def threads(asked: int | None = None) -> int:
    """Threads to take where so many were asked for: never more than there are cores."""
    return min(asked or cores(), cores())


def processes(asked: int | None = None) -> int:
    """Processes that a run may share its work among: as many as threads, while each has the memory it takes."""
    return max(1, min(threads(asked), MOST_PROCESSES, int(memory() / PROCESS_BYTES)))


def memory() -> float:
    """Bytes of memory this process may use: of the machine, its control group, its address space and job the least."""
    allowed = [_physical()]
    for folder in _groups("memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            limit = _number(_read(folder / name))
            if 0.0 < limit < _NONE:
                allowed.append(limit)
    allowed += _address_space()
    job = _number(os.environ.get("SLURM_MEM_PER_NODE", ""))
    each = _number(os.environ.get("SLURM_MEM_PER_CPU", "")) * (
        _number(os.environ.get("SLURM_CPUS_ON_NODE", "")) or cores()
    )
    return min([*allowed, *(megabytes * 2.0**20 for megabytes in (job, each) if megabytes > 0.0)])


def _groups(controller: str) -> Iterator[Path]:
    """Folders of the control groups this process is in, of both versions, with those above: each can limit it."""
    for line in _read(PROC / "cgroup").splitlines():
        number, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        if number == "0" and not names:
            root = CONTROL
        elif controller in names.split(","):
            root = CONTROL / controller
        else:
            continue
        place = root / path.strip("/")
        yield place
        yield from (above for above in place.parents if above == root or root in above.parents)


def _address_space() -> list[float]:
    """What is left of the limit on addresses, which counts all that was ever asked for."""
    if sys.platform == "win32":
        return []
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return []
    pages = _number(_read(PROC / "statm").partition(" ")[0])
    return [max(limit - pages * os.sysconf("SC_PAGE_SIZE"), 1.0)]


def _physical() -> float:
    """Bytes of memory of this machine."""
    if sys.platform == "win32":

        class Status(ctypes.Structure):
            _fields_ = [
                ("length", ctypes.c_ulong),
                ("load", ctypes.c_ulong),
                *(
                    (name, ctypes.c_ulonglong)
                    for name in ("total", "free", "page", "page_free", "virtual", "virtual_free", "more")
                ),
            ]

        status = Status()
        status.length = ctypes.sizeof(status)
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return float(status.total)
    return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def _read(file: Path) -> str:
    """Text of a small file of the system; none where there is no such file or it may not be read."""
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # `max`, or nothing
        return 0.0
