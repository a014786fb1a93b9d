"""Blocks of a run kept in files, so that an interrupted run goes on and parts of a run come together."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from demo_sim.block.failing import Failed, Work, one_by_one
from demo_sim.block.mapping import Blocks
from demo_sim.block.persons import OF_PERSONS, PersonsOfBlock, follow_persons
from demo_sim.block.project import Block, StatedRun, project
from demo_sim.demand.counting import Evidence
from demo_sim.engine.size import Size
from demo_sim.errors import WriteError
from demo_sim.execution.keeping import read, write
from demo_sim.inputs.build import Inputs
from demo_sim.inputs.draws import STATED
from demo_sim.supply.book import Stocks
from demo_sim.supply.going_on import GoingOn
from demo_sim.supply.ledger import Movement

KEPT_TYPES = OF_PERSONS | {c.__name__: c for c in (Block, StatedRun, Evidence, Stocks, GoingOn, Movement)}
Made = list[tuple[np.ndarray, Any]]  # numbers of draws and their block, or `Failed`
Each = Callable[[Callable[[np.ndarray], Made], Sequence[np.ndarray]], Iterable[Made]]
AFTER = 10.0  # seconds of a run before which nothing is kept: what is lost takes no longer than to keep all


class Kept:
    """Blocks of one run in files.

    Parameters
    ----------
    folder : where blocks are kept
    others : folders with more of them
    since : `time.time()` from which on they are kept
    needed : whether a run ends where one cannot be kept
    shelved : whether families of persons stay in their files
    here : whether this process writes all files, since those who make blocks may have no part in its folder
    """

    def __init__(
        self,
        folder: Path,
        others: Sequence[Path] = (),
        since: float = 0.0,
        needed: bool = True,
        shelved: bool = False,
        here: bool = False,
    ) -> None:
        self.folder, self.folders = folder, (folder, *others)
        self.since, self.needed, self.shelved, self.here = since, needed, shelved, here

    def shelf(self) -> Kept:
        """The same, with every block kept and the families of persons left in their files."""
        return Kept(self.folder, self.folders[1:], shelved=True, here=self.here)

    def light(self, block: Any, file: Path) -> Any:
        """What of a block stays in memory where its file is there."""
        return replace(block, kin=file) if self.shelved and getattr(block, "kin", None) is not None else block

    def there(self, stage: str, wanted: np.ndarray) -> tuple[list[Path], np.ndarray]:
        """Files with draws of a stage that are wanted, none twice, and the numbers of the draws they have."""
        found, numbers = [], np.empty(0, int)
        named = [(_numbers(path), path) for folder in self.folders for path in folder.glob(f"{stage}_*.block")]
        for own, path in sorted(named, key=lambda one: (-one[0].size, one[0][0])):
            if np.isin(own, wanted).all() and not np.isin(own, numbers).any():
                found.append(path)
                numbers = np.concatenate([numbers, own])
        return found, numbers

    def split(self, stage: str, batches: Sequence[np.ndarray]) -> tuple[list[Path], list[np.ndarray]]:
        """Files that are there, and batches of the draws that are not; each without a gap."""
        if not batches:
            return [], []
        files, done = self.there(stage, np.concatenate(batches))
        rest = [batch[~np.isin(batch, done)] for batch in batches]
        cut = [part for batch in rest for part in np.split(batch, np.flatnonzero(np.diff(batch) != 1) + 1)]
        return files, [part for part in cut if part.size]

    def blocks(
        self,
        stage: str,
        work: Work,
        batches: Sequence[np.ndarray],
        each: Each,
    ) -> Iterator[Any]:
        """Blocks of all draws of a stage: those that are there, then what is made of the rest, which is kept.

        Draws that failed are not kept: they are tried again.

        Parameters
        ----------
        work : makes a block of the draws with some numbers
        each : maps a function over batches
        """
        files, rest = self.split(stage, batches)
        for file in files:
            try:
                block = read(file, KEPT_TYPES)
            except (OSError, ValueError, KeyError, TypeError):  # damaged: made again
                rest.append(_numbers(file))
                continue
            yield self.light(block, file)
        if self.here:
            for made in each(partial(one_by_one, work), rest):
                yield from (_put(block, self, stage, numbers) for numbers, block in made)
        else:
            for made in each(partial(_make, work, self, stage), rest):
                yield from (block for _, block in made)


@contextmanager
def shelf(size: Size, kept: Kept | None) -> Iterator[Kept | None]:
    """Where families wait in files if there are too many for the memory: with the blocks of the run, or for a while."""
    if not size.shelved:
        yield kept
    elif kept is not None:
        yield kept.shelf()
    else:
        with tempfile.TemporaryDirectory(prefix="demo_sim-", ignore_cleanup_errors=True) as folder:
            yield Kept(Path(folder), shelved=True)


def made(
    stage: str,
    work: Work,
    batches: Sequence[np.ndarray],
    each: Each,
    kept: Kept | None,
    failed: list[Failed],
) -> Iterator[Any]:
    """Blocks of all draws of a stage, with what is kept of them where a run keeps any.

    Draws that fail are noted in `failed` and passed over.
    """
    if kept is not None:
        found = kept.blocks(stage, work, batches, each)
    else:
        found = (block for made in each(partial(one_by_one, work), batches) for _, block in made)
    for block in found:
        if isinstance(block, Failed):
            failed.append(block)
        else:
            yield block


def make_share(inputs: Inputs, size: Size, blocks: Blocks, kept: Kept, part: int, of: int) -> list[Failed]:
    """Make and keep one of so many parts of what a run takes longest for: persons, or draws where none are followed.

    Who has which relatives is pooled over the persons of all parts, so what follows is left to whoever has them. Gives
    the draws that fail.
    """
    stage, least = ("persons", -size.replicate_count) if size.person_draws else ("draws", STATED)
    numbers = np.array_split(np.arange(least, size.person_draws or size.draws), of)[part - 1]
    batches = [b for side in (numbers[numbers < 0], numbers[numbers >= 0]) for b in size.cut(stage, side)]
    persons, draws = partial(follow_persons, inputs, size=size), partial(project, inputs, relatives=None)
    failed: list[Failed] = []
    work, each = (persons, blocks.of_persons) if stage == "persons" else (draws, blocks.each)
    for _ in made(stage, work, batches, each, kept, failed):
        pass
    return failed


def kept_people(
    inputs: Inputs, size: Size, blocks: Blocks, kept: Kept | None, failed: list[Failed]
) -> tuple[list[PersonsOfBlock], list[PersonsOfBlock]]:
    """Persons of the replicates at stated values, and of the person draws, in order; `failed` takes those that fail."""
    batches = [*size.replicates(), *size.person_batches()]
    found = made("persons", partial(follow_persons, inputs, size=size), batches, blocks.of_persons, kept, failed)
    ordered = sorted(found, key=lambda persons: int(persons.numbers[0]))
    return [p for p in ordered if p.numbers[0] < 0], [p for p in ordered if p.numbers[0] >= 0]


def _make(work: Work, kept: Kept, stage: str, numbers: np.ndarray) -> Made:
    """What is made of some draws, kept in files where it is time."""
    return [(own, _put(block, kept, stage, own)) for own, block in one_by_one(work, numbers)]


def _put(block: Any, kept: Kept, stage: str, numbers: np.ndarray) -> Any:
    """The block as it waits, its file written."""
    if time.time() >= kept.since and not isinstance(block, Failed):
        file = kept.folder / f"{stage}_{numbers[0]}_{numbers[-1]}.block"
        try:
            write(block, file)
            return kept.light(block, file)
        except OSError as error:
            if kept.needed:
                raise WriteError(
                    f"无法保存已算完的部分 {kept.folder}：{error.strerror}；腾出空间后加 --resume 可接着算",
                    f"finished blocks cannot be kept in {kept.folder}: {error.strerror}; make room and go on with "
                    "--resume",
                ) from error
    return block


def _numbers(path: Path) -> np.ndarray:
    _, first, last = path.stem.split("_")
    return np.arange(int(first), int(last) + 1)
