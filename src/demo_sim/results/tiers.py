"""What is kept of every draw, in three tiers, and the limits: said here and nowhere else.

*Series* (groups, flows, need, supply, indicators) and the *summary* of the population (five-year ages) are kept
always. The *full* cube (time, residence, sex, age, function) of every draw is kept while it stays below
`FULL_CUBE_BYTES`; beyond, its mean and quantiles take its place. They are formed in chunks of cells, from a
temporary file through which the batches hand on their cubes.
"""

from __future__ import annotations

import errno
import math
import os
import shutil
import tempfile
from contextlib import suppress
from types import TracebackType
from typing import IO, Any

import numpy as np

from demo_sim.errors import WriteError
from demo_sim.results.quantiles import STATISTICS, summarise

FULL_CUBE_BYTES = 1e9
CHUNK_BYTES = 50e6  # cells of all draws that are read back at a time
SERIES_BYTES = 4e3  # of one year-end of one draw, counted twice: while the batches are joined, and in the results
CELL_BYTES = 8

CUBE_DIMS = ("time", "residence", "sex", "age", "function")
SUMMARY_DIMS = ("draw", "time", "residence", "sex", "age_group", "function")
_AGE_AXIS = 4  # of the cube of all draws
_OLDEST_GROUP = 100

Shape = tuple[int, ...]
Kept = dict[str, tuple[tuple[str, ...], np.ndarray]]


def most_draws_in_full(cells: int) -> int:
    """The most draws of which the full cube is kept, each of so many cells."""
    return math.ceil(FULL_CUBE_BYTES / (CELL_BYTES * cells)) - 1


def keeps_full(draws: int, cells: int) -> bool:
    """Whether the full cube of so many draws, each of so many cells, is kept."""
    return draws <= most_draws_in_full(cells)


def bytes_held(draws: int, shape: Shape) -> float:
    """Memory that is taken by what is kept of so many draws.

    Parameters
    ----------
    draws : random draws
    shape : of the cube of one draw (time, residence, sex, age, function)
    """
    cells = math.prod(shape)
    starts, _ = age_groups(shape[3])
    held = draws * (SERIES_BYTES * shape[0] + CELL_BYTES * cells / shape[3] * len(starts))
    if keeps_full(draws, cells):
        return held + draws * CELL_BYTES * cells
    return held + CHUNK_BYTES + len(STATISTICS) * CELL_BYTES * cells


def age_groups(ages: int) -> tuple[np.ndarray, list[str]]:
    """First ages and names of the groups 0-4, 5-9 ... 95-99, 100+ of so many single ages from 0."""
    starts = np.arange(0, min(ages, _OLDEST_GROUP + 1), 5)
    return starts, [f"{a}+" if a == starts[-1] else f"{a}-{a + 4}" for a in starts.tolist()]


def sum_ages(values: np.ndarray, axis: int) -> np.ndarray:
    """Sums of the single ages along `axis` in the groups of `age_groups`."""
    starts, _ = age_groups(values.shape[axis])
    return np.asarray(np.add.reduceat(values, starts, axis=axis))


class PopulationKeeper:
    """Takes the population batch by batch, in the order of the draws, and keeps what the limits allow.

    Used as a context: leaving it removes the temporary file, also after an error.

    Parameters
    ----------
    draws : random draws of the whole run
    """

    def __init__(self, draws: int) -> None:
        self.draws = draws
        self.summary = np.empty(0)
        self.full: np.ndarray | None = None
        self._taken = 0
        self._shape: Shape = ()
        self._scratch: _Scratch | None = None

    def __enter__(self) -> PopulationKeeper:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._scratch is not None:
            self._scratch.close()

    def add(self, cube: np.ndarray) -> None:
        """Take the next draws.

        Parameters
        ----------
        cube : (draw, time, residence, sex, age, function), persons

        Raises
        ------
        WriteError
            The disk has no room for the temporary file.
        """
        sums = sum_ages(cube, _AGE_AXIS)
        if not self._taken:
            self._begin(cube.shape[1:], sums.shape[1:])
        first, self._taken = self._taken, self._taken + len(cube)
        self.summary[first : self._taken] = sums
        if self._scratch is not None:
            self._scratch.write(first, cube.reshape(len(cube), -1))
        else:
            assert self.full is not None
            self.full[first : self._taken] = cube

    def _begin(self, shape: Shape, summary_shape: Shape) -> None:
        self._shape = shape
        self.summary = np.empty((self.draws, *summary_shape))
        if keeps_full(self.draws, math.prod(shape)):
            self.full = np.empty((self.draws, *shape))
        else:
            self._scratch = _Scratch(self.draws, math.prod(shape))

    def kept(self) -> Kept:
        """Variables of the group `population` with their dimensions, once all draws are taken."""
        if self._taken != self.draws:
            raise ValueError(f"{self._taken} of {self.draws} draws were taken")
        if self._scratch is None:
            assert self.full is not None
            own = ("population", (("draw", *CUBE_DIMS), self.full))
        else:
            statistics = self._scratch.statistics().reshape(len(STATISTICS), *self._shape)
            own = ("statistics", (("statistic", *CUBE_DIMS), statistics))
        return dict([own, ("summary", (SUMMARY_DIMS, self.summary))])


class _Scratch:
    """A temporary file of (draws, cells), cut into chunks of cells that each lie in one piece.

    So a batch is written in few long pieces and a chunk of all draws is read in one. Plain writes rather than a
    memory map: a disk that fills up is then an error that can be told, not the end of the process.
    """

    def __init__(self, draws: int, cells: int) -> None:
        self.draws, self.cells = draws, cells
        self.width = max(1, int(CHUNK_BYTES / (CELL_BYTES * draws)))
        try:
            # A disk too small is told now, not after the last batch.
            if shutil.disk_usage(tempfile.gettempdir()).free < CELL_BYTES * draws * cells:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.file: IO[bytes] = tempfile.TemporaryFile(prefix="demo_sim-")
        except OSError as error:
            raise _no_room(draws, cells, error) from error

    def write(self, first: int, rows: np.ndarray) -> None:
        """Put down the rows (draw, cell) of some draws, from the draw `first` on."""
        try:
            for start in range(0, self.cells, self.width):
                piece: Any = np.ascontiguousarray(rows[:, start : start + self.width], dtype=np.float64)
                self.file.seek(CELL_BYTES * (self.draws * start + first * piece.shape[1]))
                self.file.write(piece.data)
            self.file.flush()
        except OSError as error:
            raise _no_room(self.draws, self.cells, error) from error

    def statistics(self) -> np.ndarray:
        """Statistics of every cell over the draws (statistic, cell), chunk by chunk."""
        result = np.empty((len(STATISTICS), self.cells))
        self.file.seek(0)
        for start in range(0, self.cells, self.width):
            chunk: Any = np.empty((self.draws, min(self.width, self.cells - start)))
            if self.file.readinto(chunk.data) != chunk.nbytes:  # type: ignore[attr-defined]
                raise OSError("the temporary file of the population is shorter than what was written")
            result[:, start : start + self.width] = summarise(chunk)
        return result

    def close(self) -> None:
        """Remove the file."""
        with suppress(OSError):  # a full disk refuses once more what is still unwritten; the file goes all the same
            self.file.close()


def _no_room(draws: int, cells: int, error: OSError) -> WriteError:
    size = draws * cells * CELL_BYTES / 1e9
    most = most_draws_in_full(cells)
    zh_fewer, en_fewer = (f"，或用 --draws {most} 或更少", f", or use --draws {most} or fewer") if most else ("", "")
    try:
        folder = tempfile.gettempdir()
    except OSError:
        folder = "TMPDIR"
    return WriteError(
        f"人口明细的临时文件约需 {size:.2g} GB，无法写入 {folder}：{error}；"
        f"请腾出磁盘空间，或把环境变量 TMPDIR（Windows 为 TEMP）设为空间更大的文件夹{zh_fewer}",
        f"the temporary file of the population needs about {size:.2g} GB and cannot be written to {folder}: {error}; "
        f"free some space, or set TMPDIR (on Windows TEMP) to a folder with more room{en_fewer}",
    )
