"""What is kept of every draw, in three tiers, and the limits: said here and nowhere else.

*Series* (groups, flows, need, supply, indicators) and the *summary* of the population (five-year ages) are kept
always; of single ages the run at stated values, and mean and quantiles of every cell over the draws. The *full* cube
(time, residence, sex, age, function) of every draw is kept where the scenario says `options.keep: full`. Numbers of
single draws have seven digits, those of the run at stated values all of them.

Statistics of cells are formed once all draws are known: their cells wait in memory, or beyond `WAITING_BYTES` in a
temporary file.
"""

from __future__ import annotations

import errno
import math
import os
import shutil
import tempfile
from collections.abc import Collection
from contextlib import suppress
from types import TracebackType
from typing import IO, Any

import numpy as np

from demo_sim.errors import WriteError
from demo_sim.results.quantiles import OVER_DRAWS, over_draws

WAITING_BYTES = 4e8  # cells of all draws that wait in memory
CHUNK_BYTES = 50e6  # cells of all draws that are read back at a time
SERIES_BYTES = 8e3  # of one year-end of one draw: the series while they are judged, and as they are kept
KEPT_TYPE = np.float32  # type of what is kept of a draw
CELL_BYTES = KEPT_TYPE().itemsize

CUBE_DIMS = ("time", "residence", "sex", "age", "function")
SUMMARY_DIMS = ("draw", "time", "residence", "sex", "age_group", "function")
LEVELS_FROM = 60  # age from which functional levels are told apart
_OLDEST_GROUP = 100

Shape = tuple[int, ...]
KeptArrays = dict[str, tuple[tuple[str, ...], np.ndarray]]


def bytes_held(draws: int, shape: Shape, full: bool = False) -> float:
    """Memory that is taken by what is kept of so many draws.

    Parameters
    ----------
    draws : random draws
    shape : of the cube of one draw (time, residence, sex, age, function)
    full : whether the full cube of every draw is kept
    """
    cells = math.prod(shape)
    waiting = draws * CELL_BYTES * packed_cells(shape)
    held = draws * (SERIES_BYTES * shape[0] + CELL_BYTES * cells / shape[3] * len(age_groups(shape[3])[0]))
    held += waiting if full else min(waiting, WAITING_BYTES)
    return held + (draws * CELL_BYTES * cells if full else 0.0) + CHUNK_BYTES + len(OVER_DRAWS) * 8.0 * cells


def packed_cells(shape: Shape) -> int:
    """Cells of one draw that can hold somebody: below 60 there is one functional level."""
    *places, ages, levels = shape
    return math.prod(places) * (ages + (levels - 1) * max(ages - LEVELS_FROM, 0))


def pack_cells(persons: np.ndarray, shares: np.ndarray | None) -> np.ndarray:
    """Cells of some draws that can hold somebody; (draw, cell).

    Parameters
    ----------
    persons : (time, residence, sex, age, draw)
    shares : (time, residence, sex, age from 60, level, draw), or None without functional ability
    """
    draws = persons.shape[-1]
    if shares is None:
        return np.ascontiguousarray(persons.reshape(-1, draws).T, dtype=KEPT_TYPE)
    young = persons[..., :LEVELS_FROM, :].reshape(-1, draws)
    older = persons[..., LEVELS_FROM:, None, :] * shares
    out = np.empty((draws, len(young) + older.size // draws), KEPT_TYPE)
    out[:, : len(young)] = young.T
    out[:, len(young) :] = older.reshape(-1, draws).T
    return out


def unpack_cells(cells: np.ndarray, shape: Shape) -> np.ndarray:
    """The cube of packed cells (..., cell): (..., time, residence, sex, age, function), zero where nobody can be."""
    *places, ages, levels = shape
    if levels == 1:
        return cells.reshape(*cells.shape[:-1], *shape)
    front = cells.shape[:-1]
    edge = math.prod(places) * LEVELS_FROM
    out = np.zeros((*front, *shape), cells.dtype)
    out[..., :LEVELS_FROM, 0] = cells[..., :edge].reshape(*front, *places, LEVELS_FROM)
    out[..., LEVELS_FROM:, :] = cells[..., edge:].reshape(*front, *places, ages - LEVELS_FROM, levels)
    return out


def cube(persons: np.ndarray, shares: np.ndarray | None) -> np.ndarray:
    """Persons of one draw by functional level, all digits kept; (time, residence, sex, age, function).

    Parameters
    ----------
    persons : (time, residence, sex, age)
    shares : (time, residence, sex, age from 60, level), or None
    """
    if shares is None:
        return persons[..., None].copy()
    out = np.zeros((*persons.shape, shares.shape[-1]))
    out[..., :LEVELS_FROM, 0] = persons[..., :LEVELS_FROM]
    out[..., LEVELS_FROM:, :] = persons[..., LEVELS_FROM:, None] * shares
    return out


def five_year_ages(persons: np.ndarray, shares: np.ndarray | None) -> np.ndarray:
    """Persons of some draws in five-year ages; (draw, time, residence, sex, age group, function).

    Parameters as in `pack_cells`.
    """
    groups = sum_ages(persons, 3)
    if shares is None:
        return np.ascontiguousarray(np.moveaxis(groups, -1, 0)[..., None], dtype=KEPT_TYPE)
    starts = age_groups(persons.shape[3])[0]
    of_older = starts[starts >= LEVELS_FROM] - LEVELS_FROM
    older = np.add.reduceat(persons[..., LEVELS_FROM:, None, :] * shares, of_older, axis=3)
    out = np.zeros((persons.shape[-1], *groups.shape[:-1], shares.shape[-2]), KEPT_TYPE)
    split = groups.shape[3] - older.shape[3]
    out[..., :split, 0] = np.moveaxis(groups[..., :split, :], -1, 0)
    out[..., split:, :] = np.moveaxis(older, -1, 0)
    return out


def age_groups(ages: int) -> tuple[np.ndarray, list[str]]:
    """First ages and names of the groups 0-4, 5-9 ... 95-99, 100+ of so many single ages from 0."""
    starts = np.arange(0, min(ages, _OLDEST_GROUP + 1), 5)
    return starts, [f"{a}+" if a == starts[-1] else f"{a}-{a + 4}" for a in starts.tolist()]


def sum_ages(values: np.ndarray, axis: int) -> np.ndarray:
    """Sums of the single ages along `axis` in the groups of `age_groups`."""
    starts, _ = age_groups(values.shape[axis])
    return np.asarray(np.add.reduceat(values, starts, axis=axis))


class PopulationKeeper:
    """Takes the population of the draws, block by block in any order, and keeps what the limits allow.

    Used as a context: leaving it removes the temporary file, also after an error.

    Parameters
    ----------
    draws : random draws of the whole run
    shape : of the cube of one draw (time, residence, sex, age, function)
    full : whether the full cube of every draw is kept
    """

    def __init__(self, draws: int, shape: Shape, full: bool = False) -> None:
        self.draws, self.shape, self.full = draws, shape, full
        groups = len(age_groups(shape[3])[0])
        self.summary = np.empty((draws, *shape[:3], groups, shape[4]), KEPT_TYPE)
        cells = packed_cells(shape)
        self.taken = np.zeros(draws, bool)
        waits = full or draws * CELL_BYTES * cells <= WAITING_BYTES
        self._cells = np.empty((draws, cells), KEPT_TYPE) if waits else None
        self._scratch = None if waits else _Scratch(draws, cells)

    def __enter__(self) -> PopulationKeeper:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._scratch is not None:
            self._scratch.close()

    def put(self, numbers: np.ndarray, summary: np.ndarray, cells: np.ndarray) -> None:
        """Take some draws.

        Parameters
        ----------
        numbers : (draw,); summary : as `five_year_ages` gives it; cells : as `pack_cells` gives them

        Raises
        ------
        WriteError
            The disk has no room for the temporary file.
        """
        self.summary[numbers] = summary
        self.taken[numbers] = True
        if self._cells is not None:
            self._cells[numbers] = cells
        elif self._scratch is not None:
            self._scratch.write(numbers, cells)

    def kept(self, failed: Collection[int] = ()) -> KeptArrays:
        """Variables of the group `population` with their dimensions, of the draws that were taken."""
        whole = bool(self.taken.all())
        if not whole and (lost := set(np.flatnonzero(~self.taken).tolist()) - set(failed)):
            raise ValueError(f"{self.draws - len(lost)} of {self.draws} draws came or failed")
        cells = self._cells if self._cells is None or whole else self._cells[self.taken]
        found = over_draws(cells) if cells is not None else None
        if self._scratch is not None:
            found = self._scratch.statistics(self.taken)
        assert found is not None
        out: KeptArrays = {"statistics": (("statistic", *CUBE_DIMS), unpack_cells(found, self.shape))}
        if self.full and cells is not None:
            out["population"] = (("draw", *CUBE_DIMS), unpack_cells(cells, self.shape))
        return out | {"summary": (SUMMARY_DIMS, self.summary if whole else self.summary[self.taken])}


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

    def write(self, numbers: np.ndarray, rows: np.ndarray) -> None:
        """Put down the rows (draw, cell) of some draws; neighbours go in one piece."""
        edges = np.flatnonzero(np.diff(numbers) != 1) + 1
        try:
            for own in np.split(np.arange(numbers.size), edges):
                for start in range(0, self.cells, self.width):
                    piece: Any = np.ascontiguousarray(rows[own, start : start + self.width], dtype=KEPT_TYPE)
                    self.file.seek(CELL_BYTES * (self.draws * start + int(numbers[own[0]]) * piece.shape[1]))
                    self.file.write(piece.data)
            self.file.flush()
        except OSError as error:
            raise _no_room(self.draws, self.cells, error) from error

    def statistics(self, taken: np.ndarray) -> np.ndarray:
        """Statistics of every cell over the draws that were taken (statistic, cell), chunk by chunk."""
        result = np.empty((len(OVER_DRAWS), self.cells))
        self.file.seek(0)
        for start in range(0, self.cells, self.width):
            chunk: Any = np.empty((self.draws, min(self.width, self.cells - start)), KEPT_TYPE)
            if self.file.readinto(chunk.data) != chunk.nbytes:  # type: ignore[attr-defined]
                raise OSError("the temporary file of the population is shorter than what was written")
            result[:, start : start + self.width] = over_draws(chunk[taken])
        return result

    def close(self) -> None:
        """Remove the file."""
        with suppress(OSError):  # a full disk refuses once more what is still unwritten; the file goes all the same
            self.file.close()


def _no_room(draws: int, cells: int, error: OSError) -> WriteError:
    size = draws * cells * CELL_BYTES / 1e9
    most = int(WAITING_BYTES / (CELL_BYTES * cells))
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
