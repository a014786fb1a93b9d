"""The tree of a run as netCDF-4, written and read by h5py.

Every program that knows the format opens the file, xarray among them. Xarray's own way goes over each of the two
hundred variables many times and takes a second to write and one to read, in every process that draws; this is a tenth.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import xarray as xr

# How netCDF-4 writes down dimensions in HDF5; no attributes of the variables themselves.
_OWN_ATTRIBUTES = {
    "CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates", "_NCProperties",
    "_FillValue",
}  # fmt: skip
_BARE = "This is a netCDF dimension but not a netCDF variable."
_TEXT = h5py.string_dtype()


def write_tree(tree: xr.DataTree, path: Path) -> None:
    """Write a tree one level deep, of numbers and text, to the file `path`.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    numbers = count()
    with h5py.File(path, "w", track_order=True) as file:
        file.attrs["_NCProperties"] = np.bytes_(f"version=2,hdf5={h5py.version.hdf5_version},h5py={h5py.__version__}")
        _write_attributes(file, tree.attrs)
        for name, node in tree.children.items():
            group = file.create_group(name, track_order=True)
            _write_group(group, node.to_dataset(inherit=False), numbers)


def _write_group(group: h5py.Group, dataset: xr.Dataset, numbers: count[int]) -> None:
    """Write one group with its dimensions; `numbers` gives each dimension of the file a number of its own."""
    dims = {str(dim): next(numbers) for dim in dataset.sizes}
    beside = {str(name): set(dataset[name].dims) for name in dataset.coords if name not in dims}
    written = {}
    for key in (*dataset.data_vars, *dataset.coords):
        variable, name = dataset.variables[key], str(key)
        filled = variable.dtype.kind == "f" and name not in dataset.coords
        fill = np.nan if filled else None
        stored = group.create_dataset(name, data=_stored(variable.values), fillvalue=fill, track_order=True)
        if name in dims:
            stored.make_scale(name)
        if variable.dims:
            stored.attrs["_Netcdf4Dimid"] = np.int32(dims[str(variable.dims[0])])
            stored.attrs["_Netcdf4Coordinates"] = np.array([dims[str(d)] for d in variable.dims], dtype=np.int32)
        if filled:
            stored.attrs["_FillValue"] = np.array([np.nan], dtype=variable.dtype)
        _write_attributes(stored, variable.attrs)
        along = sorted(c for c, own in beside.items() if own <= set(variable.dims))
        if along and name not in dataset.coords:
            stored.attrs["coordinates"] = " ".join(along)
        written[name] = stored, [str(dim) for dim in variable.dims]
    for dim, number in dims.items():
        if dim not in written:
            size = dataset.sizes[dim]
            bare = group.create_dataset(dim, shape=(size,), dtype=">f4", track_order=True)
            bare.make_scale(f"{_BARE}{size:10d}")
            bare.attrs["_Netcdf4Dimid"] = np.int32(number)
    for name, (stored, own_dims) in written.items():
        for axis, dim in enumerate(own_dims if name not in dims else ()):
            stored.dims[axis].attach_scale(group[dim])


def _stored(values: np.ndarray) -> np.ndarray:
    """Values as they lie in the file; text is of any length."""
    if values.dtype.kind in "iuf":
        return values
    if values.dtype.kind != "U":
        raise TypeError(f"no netCDF kind for {values.dtype}")
    return values.astype(_TEXT)


def _write_attributes(place: h5py.Group | h5py.Dataset, attributes: Mapping[Any, Any]) -> None:
    for name, value in attributes.items():
        place.attrs[str(name)] = value if isinstance(value, str) else np.atleast_1d(value)


def read_tree(path: Path) -> xr.DataTree:
    """The tree in the file `path`, in memory.

    Raises
    ------
    OSError
        The file is not there or is no such file.
    KeyError, ValueError
        It is damaged.
    """
    with h5py.File(path, "r") as file:
        nodes = {"/": xr.Dataset(attrs=_attributes(file))}
        nodes |= {f"/{name}": _read_group(group) for name, group in file.items() if isinstance(group, h5py.Group)}
    return xr.DataTree.from_dict(nodes)


def _read_group(group: h5py.Group) -> xr.Dataset:
    members = {name: member for name, member in group.items() if isinstance(member, h5py.Dataset)}
    scales = {stored.id: name for name, stored in members.items() if "CLASS" in stored.attrs}
    variables: dict[str, xr.Variable] = {}
    coords = {*scales.values(), *_attributes(group).get("coordinates", "").split()}
    for name, stored in members.items():
        kept = stored.attrs
        if stored.id in scales:
            if kept["NAME"].startswith(_BARE.encode()):
                continue
            dims = [name]
        else:  # an entry for each axis refers to the dimension there
            entries = kept["DIMENSION_LIST"] if stored.ndim else []
            dims = [scales[h5py.h5r.dereference(entry[0], stored.id)] for entry in entries]
        attributes = _attributes(stored)
        coords.update(attributes.pop("coordinates", "").split())
        values = stored.asstr()[()].astype(np.str_) if stored.dtype.kind == "O" else stored[()]
        variables[name] = xr.Variable(dims, values, attributes)
    data = {name: variable for name, variable in variables.items() if name not in coords}
    return xr.Dataset(data, {name: variables[name] for name in variables if name in coords})


def _attributes(place: h5py.Group | h5py.Dataset) -> dict[str, Any]:
    """Attributes as they were given: a number is kept as a list of one, text by other programs as bytes."""
    found = {}
    for name in place.attrs:
        if name not in _OWN_ATTRIBUTES:
            value = place.attrs[name]
            if isinstance(value, np.ndarray) and value.size == 1:
                value = value[0]
            found[str(name)] = value.decode() if isinstance(value, bytes) else value
    return found
