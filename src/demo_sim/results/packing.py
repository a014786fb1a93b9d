"""Tables in run.nc: all text of a table in one variable and all its numbers in another.

A file with a variable a column takes a second longer to write and to open: what a variable costs is not its data.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from demo_sim.results.building import attributes_of
from demo_sim.results.columns import STORED_AS, TABLES

_PARTS = ("text", "number")


def packed(tree: xr.DataTree) -> xr.DataTree:
    """The tree as it is written: a table is `text` (row, text_column) and `number` (row, number_column)."""
    nodes = {node.path: node.to_dataset(inherit=False) for node in tree.subtree}
    for group, (row, columns) in TABLES.items():
        if (path := f"/{group}") in nodes:
            nodes[path] = _pack(nodes[path], row, [STORED_AS.get((group, name), name) for name in columns])
    return xr.DataTree.from_dict(nodes)


def unpacked(tree: xr.DataTree) -> xr.DataTree:
    """The tree with a variable a column, as a run has it; tables of earlier files have that form already."""
    nodes = {node.path: node.to_dataset(inherit=False) for node in tree.subtree}
    for group in TABLES:
        if (path := f"/{group}") in nodes and set(_PARTS) <= set(nodes[path].data_vars):
            nodes[path] = _unpack(nodes[path], group)
    return xr.DataTree.from_dict(nodes)


def _pack(node: xr.Dataset, row: str, columns: list[str]) -> xr.Dataset:
    there = [name for name in columns if name in node.data_vars and node[name].dims == (row,)]
    numbers = [name for name in there if node[name].dtype.kind in "iufb"]
    parts: dict[str, tuple[Any, ...]] = {}
    for part, names in zip(_PARTS, ([name for name in there if name not in numbers], numbers), strict=True):
        kind = object if part == "text" else float
        cells = np.empty((node.sizes[row], len(names)), kind)
        for j, name in enumerate(names):
            cells[:, j] = node[name].values
        whole = [name for name in names if node[name].dtype.kind != "f"] if part == "number" else []
        attrs = {"whole": " ".join(whole)} if whole else {}
        parts[part] = ((row, f"{part}_column"), cells.astype(str) if part == "text" else cells, attrs)
        parts[f"{part}_column"] = (f"{part}_column", np.array(names, dtype=str))
    return node.drop_vars(there).assign(parts).set_coords([f"{part}_column" for part in _PARTS])


def _unpack(node: xr.Dataset, group: str) -> xr.Dataset:
    stored = {kept: name for (of, name), kept in STORED_AS.items() if of == group}
    columns = {}
    for part in _PARTS:
        cells = node[part]
        row, column = map(str, cells.dims)
        whole = str(cells.attrs.get("whole", "")).split()
        for j, kept in enumerate(node[column].values.tolist()):
            values = cells.values[:, j]
            if part == "text":
                values = np.array(values.tolist(), dtype=str)  # as wide as its own longest word
            elif kept in whole:
                values = values.astype(int)
            columns[kept] = (row, values, attributes_of(group, stored.get(kept, kept)))
    return node.drop_vars([name for part in _PARTS for name in (part, f"{part}_column")]).assign(columns)
