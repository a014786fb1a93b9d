"""A function mapped over blocks of draws: by processes beside this one, or by threads; and how far the run is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from demo_sim.engine.size import Size

TellShare = Callable[[str, float], None]
Item = TypeVar("Item")
Made = TypeVar("Made")


class Workers(Protocol):
    """Processes that make something of items: helpers beside this one, or a cluster."""

    @property
    def processes(self) -> int:
        """Processes that work, this one among them."""

    def begin(self, work: Callable[[Item], Made], items: Sequence[Item]) -> Iterable[Made]:
        """What they make of the items, in their order; they begin at once."""


class Blocks:
    """Maps functions over blocks of draws, and tells how far the run is.

    Parameters
    ----------
    size : of the run
    tell : told the stage and the part of the run that is done
    workers : processes that share the work; without any, threads do
    """

    def __init__(self, size: Size, tell: TellShare, workers: Workers) -> None:
        self.size, self.tell, self.workers, self.done = size, tell, workers, 0
        self.whole = len(size.replicates()) + 2 * len(size.person_batches()) + len(size.batches())
        threads = size.threads if workers.processes == 1 or size.far else 1
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def __enter__(self) -> Blocks:
        return self

    def __exit__(self, *error: object) -> None:
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)

    def of_persons(self, work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
        """Side by side where they are small; else one after the other, each with all threads to itself."""
        return list(self.each(work, items) if self.size.side_by_side else self._told(map(work, items)))

    def each(self, work: Callable[[Item], Made], items: Sequence[Item]) -> Iterable[Made]:
        """Side by side, in the order of the items."""
        if self.workers.processes > 1:
            return self._told(self.workers.begin(work, items))
        return self.beside(work, items)

    def beside(self, work: Callable[[Item], Made], items: Sequence[Item]) -> Iterable[Made]:
        """The same on this machine, whose files the items may lie in."""
        if self.workers.processes > 1 and not self.size.far:
            return self.each(work, items)
        return self._told(map(work, items) if self.pool is None else self.pool.map(work, items))

    def _told(self, made: Iterable[Made]) -> Iterable[Made]:
        for one in made:
            self.done += 1
            self.tell("projection", min(0.85 * self.done / self.whole, 0.85))
            yield one
