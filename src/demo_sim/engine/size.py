"""How large a run is: draws, agents, batches, threads; refused before it starts where memory would not do."""

from __future__ import annotations

import ctypes
import math
import os
import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from demo_sim.engine.ensemble import Setting, default_threads, memory_needed
from demo_sim.errors import TooLargeError
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.grid import Grid
from demo_sim.inputs.local import counted_total
from demo_sim.results.tiers import bytes_held, most_draws_in_full
from demo_sim.scenario import Scenario
from demo_sim.vocab import FUNCTIONS

DRAWS = {"cohort": 200, "people": 30}  # where the scenario names none
BATCH = 64  # columns of the draw axis worked on together, at most
MOST_ROWS = 1e9  # persons of a batch when it begins: rows are numbered in 32 bits, with room for those who come
PERSON_YEARS = 3e7  # what an automatic scale aims at; the parameters then matter ten times more than chance
USABLE = 0.7  # share of the memory that a run may take
DRIVER_BATCH = 4 * BATCH  # columns of the draws of the drivers, whose population is not kept
WORKING_BYTES = 160.0  # of one cell (all levels) of one column, while a batch goes its road


@dataclass(frozen=True)
class Size:
    """Draws, persons that an agent stands for (0 without persons), threads, the seed, draws worked on together."""

    draws: int
    scale: float
    threads: int
    seed: int
    together: int = BATCH

    @classmethod
    def of(cls, scenario: Scenario, engine: str, grid: Grid, threads: int | None) -> Size:
        """Size of a run of a scenario.

        Raises
        ------
        TooLargeError
            Names the smallest scale, or the most draws, that fit.
        """
        settings = scenario.settings
        draws = settings.draws or DRAWS[engine]
        levels = 1 if settings.function is None else len(FUNCTIONS)
        shape = (grid.times.size, len(grid.residences), 2, grid.ages, levels)
        held = _require_draws(draws, shape)
        cores = threads or default_threads()
        if engine == "cohort":
            return cls(draws, 0.0, cores, settings.seed)
        persons = counted_total(scenario)
        scale = settings.scale
        if scale == "auto":
            scale = max(1.0, float(round(persons * min(draws, BATCH) * grid.years.size / PERSON_YEARS)))
        kin = settings.history is not None
        if kin:
            persons += float(sum(row.value for row in scenario.quantities["history.absent"].rows))
        together = max(1, min(BATCH, int(MOST_ROWS * float(scale) / persons)))
        size = cls(draws, float(scale), cores, settings.seed, together)
        _require_scale(persons, size, grid.years.size, held, kin)
        return size

    def batches(self, columns: int) -> Iterator[slice]:
        """Slices of the draw axis, random draws and those of the drivers apart."""
        edges = [*range(0, self.draws, self.together), *range(self.draws, columns, DRIVER_BATCH), columns]
        for first, last in pairwise(edges):
            yield slice(first, last)

    def setting(self, draws: Draws, first: int) -> Setting:
        """How the persons of the batch that begins with a draw are followed."""
        twins = draws["fertility.twins"].at()[: draws.n] if "fertility.twins" in draws else 0.0
        return Setting(draws.n, self.scale, self.seed, self.threads, twins, first)


def memory_available() -> float:
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


def memory_held(draws: int, shape: tuple[int, ...]) -> float:
    """Bytes of a run beside its persons: the largest batch at work, and what is kept of all draws.

    Parameters
    ----------
    draws : random draws
    shape : of the population of one draw (time, residence, sex, age, function)
    """
    return WORKING_BYTES * math.prod(shape[:-1]) * DRIVER_BATCH + bytes_held(draws, shape)


def _require_draws(draws: int, shape: tuple[int, ...]) -> float:
    """Bytes held beside the persons, where the machine has them."""
    room, held = USABLE * memory_available(), memory_held(draws, shape)
    if held <= room:
        return held
    wanted, has = f"{held / 1e9:.1f} GB", f"{room / 1e9:.1f} GB"
    most = _most_draws(draws, shape, room)
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


def _most_draws(draws: int, shape: tuple[int, ...], room: float) -> int:
    """The most draws, below `draws`, that fit; more fit where the full population of each is no longer kept."""
    full = min(draws, most_draws_in_full(math.prod(shape)))
    for numbers in (range(full + 1, draws), range(1, full + 1)):
        fitting = bisect_right(numbers, room, key=lambda n: memory_held(n, shape))
        if fitting:
            return numbers[fitting - 1]
    return 0


def _require_scale(persons: float, size: Size, years: int, held: float, kin: bool) -> None:
    room = max(USABLE * memory_available() - held, 1.0)
    all_draws = Setting(min(size.draws, BATCH), size.scale, size.seed, size.threads, 0.0, 0)
    whole = memory_needed(persons, all_draws, years, kin)
    needed = whole * min(size.together / all_draws.draws, 1.0)
    if needed > room:
        least = int(size.scale * whole / room) + 1
        wanted, has = f"{needed / 1e9:.0f} GB", f"{room / 1e9:.0f} GB"
        raise TooLargeError(
            f"每个个体代表{size.scale:g}人时约需 {wanted} 内存，本机可用 {has}；"
            f"请用 --scale {least} 或更大，或减少 --draws",
            f"at scale {size.scale:g} persons need about {wanted}, this machine has {has} to give; "
            f"use --scale {least} or more, or fewer --draws",
        )
