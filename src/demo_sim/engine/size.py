"""How large a run is: draws, agents, batches, threads; refused before it starts where memory would not do."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from demo_sim.engine.ensemble import Setting, memory_needed
from demo_sim.errors import TooLargeError
from demo_sim.execution import limits
from demo_sim.execution.limits import memory
from demo_sim.inputs.build import Inputs
from demo_sim.inputs.draws import STATED
from demo_sim.results.tiers import bytes_held
from demo_sim.vocab import FUNCTIONS

BATCH = 130  # draws worked on together; fewer cost more each, more have no room in the processor's cache
LEAST_BATCH = 64  # below which it does not pay to let more processes have some
MOST_TOGETHER = 128  # person draws in the same columns
MOST_SIDE_BY_SIDE = 32  # the same where each process has columns of its own: memory does not grow with the draws
BATCHES_OF_A_PROCESS = 2  # at least, so that processes end together
REPLICATES = 4  # of persons at stated values, whose mean placement and its check take
MOST_ROWS = 1e9  # persons of a batch when it begins: rows are numbered in 32 bits, with room for those who come
PERSON_YEARS = 3e7  # what an automatic scale aims at; the parameters then matter ten times more than chance
USABLE = 0.7  # share of the memory that a run may take
WORKING_BYTES = 160.0  # of one cell (all levels) of one draw, while a batch goes its road
WAITING_FAMILIES = 4e8  # bytes of families that wait in memory; beyond they wait in files
FAMILY_BYTES = 150e3  # of one year-end of one person draw: its families by cell


@dataclass(frozen=True)
class Size:
    """How large a run is.

    Attributes
    ----------
    draws : random draws
    person_draws : draws that are followed by persons, 0 where no result depends on persons
    scale : persons that an agent stands for, 0 for the cohort engine
    threads : at most so many; the results do not depend on it
    seed : of the random numbers
    together : person draws that live in the same columns
    processes : that share the work
    side_by_side : whether batches of persons are worked on at once, by processes, with one thread each
    keep_full : whether the population of every draw is kept by single age
    shelved : whether families wait in files until all person draws are there
    far : whether the processes are workers of a cluster, with memory of their own
    """

    draws: int
    person_draws: int
    scale: float
    threads: int
    seed: int
    together: int = MOST_TOGETHER
    processes: int = 1
    side_by_side: bool = False
    keep_full: bool = False
    shelved: bool = False
    far: bool = False

    @classmethod
    def of(cls, inputs: Inputs, engine: str, threads: int | None, processes: int = 1, far: float = 0.0) -> Size:
        """Size of a run of some inputs, worked on by so many processes.

        Parameters
        ----------
        inputs, engine, threads : as `run.simulate` has them
        processes : that share the work
        far : memory of each of them where they are a cluster; 0 where they share that of this machine

        Raises
        ------
        TooLargeError
            Names the smallest scale, or the most draws, that fit.
        """
        options, grid = inputs.options, inputs.grid
        levels = 1 if inputs.function is None else len(FUNCTIONS)
        shape = (grid.times.size, len(grid.residences), 2, grid.ages, levels)
        threads = limits.threads(threads)
        at_work = 1 if far else processes if processes > 1 else threads
        held = _require_draws(options.draws, shape, options.keep_full, at_work)
        own: dict[str, Any] = {"processes": processes, "keep_full": options.keep_full, "far": bool(far)}
        if engine == "cohort":
            return cls(options.draws, 0, 0.0, threads, inputs.seed, **own)
        persons, followed = inputs.persons, options.person_draws
        scale = options.scale
        if scale == "auto":
            scale = max(1.0, float(round(persons * min(followed, MOST_TOGETHER) * grid.years.size / PERSON_YEARS)))
        kin, shelved = inputs.past is not None, False
        if kin:
            persons += float(sum(row.value for row in inputs.quantities["history.absent"].rows))
            families = FAMILY_BYTES * grid.times.size * (followed + REPLICATES)
            shelved = families > WAITING_FAMILIES
            held += min(families, WAITING_FAMILIES)
        together = max(1, min(MOST_TOGETHER, int(MOST_ROWS * float(scale) / persons)))
        share = BATCHES_OF_A_PROCESS * processes
        few = followed < share or together < min(followed, MOST_TOGETHER)  # then all threads work on one batch
        side_by_side = processes > 1 and (bool(far) or not few)
        if side_by_side:
            together = min(together, math.ceil(followed / share), MOST_SIDE_BY_SIDE)
        more: dict[str, Any] = {"together": together, "side_by_side": side_by_side, "shelved": shelved}
        size = cls(options.draws, followed, float(scale), threads, inputs.seed, **more, **own)
        _require_scale(persons, size, grid.years.size, USABLE * far if far else USABLE * memory() - held, kin)
        return size

    @property
    def threads_of_persons(self) -> int:
        """Threads that a batch of persons has for itself."""
        return 1 if self.side_by_side else self.threads

    @property
    def replicate_count(self) -> int:
        """Replicates of persons at stated values."""
        return REPLICATES if self.person_draws else 0

    def batches(self, without: Sequence[int] = ()) -> list[np.ndarray]:
        """Numbers of the draws that go together, the run at stated values first; without some."""
        return self.cut("draws", np.setdiff1d(np.arange(STATED, self.draws), without))

    def cut(self, stage: str, numbers: np.ndarray) -> list[np.ndarray]:
        """Some draws of a stage, `persons` or `draws`, as they go together."""
        if stage == "persons":
            return _cut(numbers, self.together)
        wanted = min(BATCHES_OF_A_PROCESS * self.processes, numbers.size // LEAST_BATCH)
        return _cut(numbers, min(BATCH, math.ceil(numbers.size / max(wanted, 1))))

    def person_batches(self) -> list[np.ndarray]:
        """Numbers of the person draws that live together."""
        return _cut(np.arange(self.person_draws), self.together)

    def replicates(self) -> list[np.ndarray]:
        """Numbers of the replicates at stated values that live together; none without persons."""
        return _cut(np.arange(-self.replicate_count, 0), self.together)


def _cut(numbers: np.ndarray, most: int) -> list[np.ndarray]:
    """Numbers cut into parts of at most so many, and as even as can be."""
    return np.array_split(numbers, math.ceil(numbers.size / most)) if numbers.size else []


def memory_held(draws: int, shape: tuple[int, ...], full: bool = False, at_work: int = 2) -> float:
    """Bytes of a run beside its persons: the batches at work, and what is kept of all draws.

    Parameters
    ----------
    draws : random draws
    shape : of the population of one draw (time, residence, sex, age, function)
    full : whether the population of every draw is kept by single age
    at_work : batches that are worked on at once
    """
    working = WORKING_BYTES * math.prod(shape[:-1]) * min(BATCH, draws + 1)
    return (at_work + 1) * working + bytes_held(draws, shape, full)


def _require_draws(draws: int, shape: tuple[int, ...], full: bool, at_work: int) -> float:
    """Bytes held beside the persons, where the machine has them."""
    room, held = USABLE * memory(), memory_held(draws, shape, full, at_work)
    if held <= room:
        return held
    wanted, has = f"{held / 1e9:.1f} GB", f"{room / 1e9:.1f} GB"
    most = bisect_right(range(1, draws), room, key=lambda n: memory_held(n, shape, full, at_work))
    if not most:
        raise TooLargeError(
            f"{draws}次抽样约需 {wanted} 内存，本机可用 {has}，一次抽样也放不下；请缩短 period.end 或换内存更大的机器",
            f"{draws} draws need about {wanted}, this machine has {has} to give, too little even for one draw; "
            "let period.end come earlier or take a machine with more memory",
        )
    raise TooLargeError(
        f"{draws}次抽样约需 {wanted} 内存，本机可用 {has}；请用 --draws {most} 或更少",
        f"{draws} draws need about {wanted}, this machine has {has} to give; use --draws {most} or fewer",
    )


def _require_scale(persons: float, size: Size, years: int, room: float, kin: bool) -> None:
    room = max(room, 1.0)
    all_draws = Setting(min(max(size.person_draws, REPLICATES), MOST_TOGETHER), size.scale, size.seed, size.threads)
    whole = memory_needed(persons, all_draws, years, kin)
    needed = whole * min(size.together / all_draws.draws, 1.0)
    if needed > room:
        least = int(size.scale * whole / room) + 1
        wanted, has = f"{needed / 1e9:.0f} GB", f"{room / 1e9:.0f} GB"
        raise TooLargeError(
            f"每个个体代表{size.scale:g}人时约需 {wanted} 内存，本机可用 {has}；"
            f"请用 --scale {least} 或更大，或减少 --person-draws",
            f"at scale {size.scale:g} persons need about {wanted}, this machine has {has} to give; "
            f"use --scale {least} or more, or fewer --person-draws",
        )
