"""A function mapped over blocks of draws, on the threads of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from demo_sim.engine.size import Size

Tell = Callable[[str, float], None]
Item = TypeVar("Item")
Made = TypeVar("Made")


class Blocks:
    """Maps a function over blocks of draws, and tells how far the run is."""

    def __init__(self, size: Size, tell: Tell) -> None:
        self.tell, self.done = tell, 0
        self.whole = len(size.replicates()) + len(size.person_batches()) + len(size.batches())
        self.pool = ThreadPoolExecutor(size.threads) if size.threads > 1 else None

    def __enter__(self) -> Blocks:
        return self

    def __exit__(self, *error: object) -> None:
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)

    def alone(self, work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
        """One after the other: each has all threads to itself."""
        return list(self._told(map(work, items)))

    def each(self, work: Callable[[Item], Made], items: Sequence[Item]) -> Iterable[Made]:
        """Side by side, a thread each, in the order of the items."""
        return self._told(map(work, items) if self.pool is None else self.pool.map(work, items))

    def _told(self, made: Iterable[Made]) -> Iterable[Made]:
        for one in made:
            self.done += 1
            self.tell("projection", min(0.85 * self.done / self.whole, 0.85))
            yield one
