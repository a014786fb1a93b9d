"""Save a run to its folder and open it again: all or nothing, and never over another run unasked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import xarray as xr

from demo_sim.errors import InputError, Problem
from demo_sim.execution.helpers import Helpers
from demo_sim.execution.limits import memory
from demo_sim.files import MOST_RUN, hindrance, is_file
from demo_sim.results.digest import digest
from demo_sim.results.folders import RunPlace, cannot_write, check_folder
from demo_sim.results.handover import Handed
from demo_sim.results.manifest import input_digest, manifest, write_manifest
from demo_sim.results.packing import packed, unpacked
from demo_sim.results.shape import require_shape
from demo_sim.results.tables import tables, write_csv
from demo_sim.results.tree import Results
from demo_sim.results.upgrade import upgraded
from demo_sim.results.workbook import write_workbook
from demo_sim.results.workbook_pages import Cover, Page

RUN_FILE = "run.nc"


@dataclass(frozen=True)
class Beside:
    """Figures and reports that are made while the run is written.

    Attributes
    ----------
    begin : begins them; they come in many small pieces, so the workbook, one large piece, is begun before
    finish : waits for them
    pages : printed sheets that the workbook begins with
    """

    begin: Callable[[], object]
    finish: Callable[[], object]
    pages: tuple[Cover, Sequence[Page]] | None = None


Extra = Callable[[Handed, Path], Beside]

ROOM = 0.7  # of the memory, for a saved run


def save(
    results: Results,
    folder: str | Path,
    *,
    overwrite: bool = False,
    lang: str = "zh",
    timings: Mapping[str, float] | None = None,
    extra: Extra | None = None,
    helpers: Helpers | None = None,
    place: RunPlace | None = None,
) -> Path:
    """Write the whole run folder and give its path.

    Everything is written to `<folder>.partial-...` beside it and renamed when whole; a folder that
    was there is kept as `<folder>.previous`. Where another run has been put there in the meantime, this one is
    `<folder>-2`.

    Parameters
    ----------
    results
        The run.
    folder
        Where to; see `check_folder` for what is refused.
    overwrite
        Whether a folder made from other inputs may be replaced.
    lang
        Language of the workbook and of what `extra` adds, kept in the manifest.
    timings
        Seconds of each stage of the run, for the manifest.
    extra
        Called with the run as it is handed to the helpers and the empty folder; gives the figures and reports to make.
    helpers
        Processes that share the work.
    place
        Where the run has its blocks, taken and left by the caller; by default a new one.
    """
    attrs, own = results.attrs, place is None
    if place is None:
        check_folder(folder, attrs, overwrite=overwrite)
        place = RunPlace.of(folder)
    try:
        if own:
            place.take(input_digest(attrs))
        stages = _write(results, place.half, lang, extra, helpers or Helpers(0))
        result_digest = stages.pop("digest")
        content = manifest(attrs, str(result_digest), {**(timings or {}), **stages}) | {"lang": lang}
        write_manifest(content, place.half)
    except BaseException as error:
        if own:
            place.leave()
        if isinstance(error, OSError):
            raise cannot_write(place.target, error) from error
        raise
    return place.put()


def open_results(path: str | Path) -> Results:
    """The run saved in a folder.

    Parameters
    ----------
    path
        The folder of the run, or the file `run.nc` itself.

    Raises
    ------
    InputError
        No run is there, or the file is damaged, too large for this machine, or of a later version.
    """
    file = Path(path)
    if file.is_dir():
        file = file / RUN_FILE
    if hinders := hindrance(file, MOST_RUN):
        raise InputError([_problem(file, *hinders)])
    if not is_file(file):
        raise InputError([_problem(file, "找不到已保存的运行结果", "no saved run is here")])
    try:
        # Times and durations are plain numbers here: `years` is a unit, not a time span.
        with xr.open_datatree(file, engine="h5netcdf", decode_times=False, decode_timedelta=False) as opened:
            _require_room(opened, file)
            tree = unpacked(opened.load())
        results = upgraded(Results(tree))
        require_shape(results)
    except (InputError, MemoryError):
        raise
    except Exception as error:  # a damaged file ends in any of a dozen errors of four libraries
        zh, en = "不是本程序保存的运行结果，或文件已损坏", "not a saved run, or the file is damaged"
        told = f"{type(error).__name__}: {error}" if isinstance(error, KeyError | TypeError | AttributeError) else error
        raise InputError([_problem(file, f"{zh}：{told}", f"{en}: {told}")]) from error
    return results


def _require_room(tree: xr.DataTree, file: Path) -> None:
    """Refuse a file whose arrays the memory does not hold, before any is read."""
    needed = sum(v.nbytes for node in tree.subtree for v in node.to_dataset(inherit=False).variables.values())
    if needed > (room := ROOM * memory()):
        zh = f"文件中的数组共 {needed / 1e9:,.1f} GB，本机可用内存 {room / 1e9:,.1f} GB"
        en = f"its arrays take {needed / 1e9:,.1f} GB, this machine has {room / 1e9:,.1f} GB to give"
        raise InputError([_problem(file, zh, en)])


def _write(results: Results, folder: Path, lang: str, extra: Extra | None, helpers: Helpers) -> dict[str, Any]:
    """Write all files but the manifest; gives the seconds of each stage and the digest."""
    stages: dict[str, Any] = {}
    # The digest is arithmetic and hashing outside the interpreter's lock: it runs beside the writing.
    with Handed(results, helpers, folder) as handed, ThreadPoolExecutor(max_workers=1) as pool:
        pending = pool.submit(digest, results)
        jobs = [handed.begin(partial(_write_csv, folder=folder), [lang])]  # while the text of the report is made
        beside = Beside(_nothing, _nothing) if extra is None else extra(handed, folder)
        jobs.append(handed.begin(partial(_write_workbook, folder=folder, pages=beside.pages), [lang]))
        beside.begin()
        with _timed(stages, "write_netcdf"):
            packed(results.tree).to_netcdf(folder / RUN_FILE, engine="h5netcdf")
        with _timed(stages, "wait_for_extra"):
            beside.finish()
        for job in jobs:
            for seconds in job:
                stages |= seconds
        stages["digest"] = pending.result()
    return stages


def _nothing() -> None:
    """What is begun and waited for where a run is written alone."""


def _write_csv(results: Results, lang: str, folder: Path) -> dict[str, float]:
    """Write the tables as CSV, which are the same in every language; gives the seconds."""
    stages: dict[str, float] = {}
    with _timed(stages, "write_csv"):
        write_csv(tables(results), folder)
    return stages


def _write_workbook(
    results: Results, lang: str, folder: Path, pages: tuple[Cover, Sequence[Page]] | None
) -> dict[str, float]:
    """Write the tables as a workbook; gives the seconds."""
    stages: dict[str, float] = {}
    with _timed(stages, "write_workbook"):
        frames = tables(results, single_ages=False)
        write_workbook(results, frames, folder / "tables.xlsx", lang, pages)
    return stages


@contextmanager
def _timed(stages: dict[str, Any], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    stages[name] = time.perf_counter() - start


def _problem(file: Path, zh: str, en: str) -> Problem:
    return Problem(file=str(file), line=0, path="", text_zh=zh, text_en=en)
