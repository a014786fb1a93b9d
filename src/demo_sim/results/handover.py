"""A run handed to the processes beside this one: its arrays as they are, ten times quicker than through run.nc."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import xarray as xr

from demo_sim.execution.helpers import Helpers, Job
from demo_sim.results.tree import Results

Item = TypeVar("Item")
Made = TypeVar("Made")

_ARRAYS, _WORDS = "arrays.bin", "words.json"

_open: dict[Path, Results] = {}  # runs that this process has handed over or taken over


class Handed:
    """A run on which the processes beside this one work, too; as a context, leaving it removes what was handed.

    Parameters
    ----------
    results : the run
    helpers : the processes
    beside : an existing folder, where the arrays lie until all is done
    """

    def __init__(self, results: Results, helpers: Helpers, beside: Path) -> None:
        self.helpers = helpers
        self._folder = Path(tempfile.mkdtemp(prefix=".handed-", dir=beside))
        _open[self._folder] = results
        if helpers.processes > 1:
            hand_over(results, self._folder)

    def __enter__(self) -> Handed:
        return self

    def __exit__(self, *error: object) -> None:
        _open.pop(self._folder)
        shutil.rmtree(self._folder, ignore_errors=True)

    def begin(self, work: Callable[[Results, Item], Made], items: Sequence[Item]) -> Job[Item, Made]:
        """Let the helpers begin to work on items of the run; `work` and what it makes can be pickled."""
        return self.helpers.begin(partial(_with_run, work, self._folder), items, ahead=True)


def _with_run(work: Callable[[Results, Item], Made], folder: Path, item: Item) -> Made:
    if folder not in _open:
        _open.clear()
        _open[folder] = take_over(folder)
    return work(_open[folder], item)


def hand_over(results: Results, folder: Path) -> None:
    """Write a run into an empty folder, for `take_over`; it is no file of the user's and goes when it is read."""
    nodes: list[list[Any]] = []
    with (folder / _ARRAYS).open("wb") as file:
        for node in results.tree.subtree:
            variables: list[list[Any]] = []
            for name, variable in node.to_dataset(inherit=False).variables.items():
                values = variable.values
                if values.dtype == object:  # text as run.nc gives it
                    values = values.astype(str)
                values.tofile(file)
                variables.append([name, variable.dims, _plain(variable.attrs), values.dtype.str, values.shape])
            nodes.append([node.path, _plain(node.attrs), sorted(map(str, node.coords)), variables])
    (folder / _WORDS).write_text(json.dumps(nodes, ensure_ascii=False), encoding="utf-8")


def take_over(folder: Path) -> Results:
    """The run that was handed over."""
    found = {}
    with (folder / _ARRAYS).open("rb") as file:
        for path, attrs, coords, variables in json.loads((folder / _WORDS).read_text(encoding="utf-8")):
            arrays = {
                name: (dims, np.fromfile(file, kind, math.prod(shape)).reshape(shape), own)
                for name, dims, own, kind, shape in variables
            }
            found[path] = xr.Dataset(arrays, attrs=attrs).set_coords([name for name in coords if name in arrays])
    return Results(xr.DataTree.from_dict(found))


def _plain(attrs: Any) -> dict[str, Any]:
    """Attributes as text, numbers and lists."""
    return {
        str(key): value.tolist() if isinstance(value, np.generic | np.ndarray) else value
        for key, value in attrs.items()
    }
