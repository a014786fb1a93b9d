"""A function mapped over blocks of draws: by processes beside this one, or by threads; and how far the run is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from demo_sim.engine.size import Size
from demo_sim.execution.helpers import Helpers

Tell = Callable[[str, float], None]
Item = TypeVar("Item")
Made = TypeVar("Made")


class Blocks:
    """Maps functions over blocks of draws, and tells how far the run is.

    Parameters
    ----------
    size : of the run
    tell : told the stage and the part of the run that is done
    helpers : processes that share the work; without any, threads do
    """

    def __init__(self, size: Size, tell: Tell, helpers: Helpers) -> None:
        self.size, self.tell, self.helpers, self.done = size, tell, helpers, 0
        self.whole = len(size.replicates()) + 2 * len(size.person_batches()) + len(size.batches())
        threads = size.threads if helpers.processes == 1 else 1
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
        if self.helpers.processes > 1:
            return self._told(self.helpers.begin(work, items))
        return self._told(map(work, items) if self.pool is None else self.pool.map(work, items))

    def _told(self, made: Iterable[Made]) -> Iterable[Made]:
        for one in made:
            self.done += 1
            self.tell("projection", min(0.85 * self.done / self.whole, 0.85))
            yield one
