"""A run made of plain arrays: units, labels and definitions of the vocabulary are attached, provenance kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from numbers import Number
from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr

from demo_sim import vocab
from demo_sim.results.columns import FILES, STORED_AS, TABLES
from demo_sim.results.tree import FORMAT_VERSION, GROUPS, Results

# Dimensions whose coordinate is a list of codes of the vocabulary.
_CODED = {"residence", "sex", "function", "flow", "need_kind", "care_setting", "care_flow"}

Part = Mapping[str, tuple[Sequence[str], Any]]


def build(
    parts: Mapping[str, Part],
    coords: Mapping[str, Any],
    attrs: Mapping[str, Any],
    central: Mapping[str, Part] = MappingProxyType({}),
) -> Results:
    """Results from plain arrays, with units, labels and definitions of the vocabulary attached.

    Parameters
    ----------
    parts
        group -> variable -> (dimensions, array), groups as in `GROUPS`; the columns of the tables plan,
        inputs, answers, consistency and outcomes are those of their CSV. Places on `draw` are counted from 0
        unless `coords` has their numbers.
    coords
        dimension -> values; further keys that begin with a dimension's name and an underscore
        (`group_label_zh`, `resource_unit`) lie along that dimension. Each group takes what it uses.
    attrs
        Provenance: text, numbers, or mappings and lists, which are kept as JSON.
    central
        Like `parts`, the run at stated values, without draws.
    """
    said = {"format_version": FORMAT_VERSION, **attrs}
    nodes: dict[str, xr.Dataset] = {"/": xr.Dataset(attrs={k: _attribute(v) for k, v in said.items()})}
    dims = {
        dim
        for some in (parts, central)
        for variables in some.values()
        for dims, _ in variables.values()
        for dim in dims
    }
    for group in (*parts, *central):
        if group not in GROUPS:
            raise ValueError(f"unknown group {group!r}; groups are {', '.join(GROUPS)}")
    nodes |= {f"/{group}": _dataset(group, variables, coords, dims) for group, variables in parts.items()}
    stated = {group: _dataset(group, v, coords, dims, table=False) for group, v in central.items()}
    if stated:
        # The places are said once for all groups, the labels beside them stand in the groups of the draws.
        shared = {str(name): coord.variable for node in stated.values() for name, coord in node.coords.items()}
        nodes["/central"] = xr.Dataset(coords={name: coord for name, coord in shared.items() if name in dims})
        nodes |= {f"/central/{group}": node.drop_vars(list(node.coords)) for group, node in stated.items()}
    return Results(xr.DataTree.from_dict(nodes))


def _dataset(
    group: str, variables: Part, coords: Mapping[str, Any], all_dims: set[str], table: bool = True
) -> xr.Dataset:
    """One group with the coordinates it uses; `all_dims` are the dimensions of all groups."""
    dimension, columns = TABLES.get(group, ("", ())) if table else ("", ())
    missing = [c for c in columns if c not in variables and not (group == "plan" and c == "id")]
    if missing:
        raise ValueError(f"{group}: columns missing: {', '.join(missing)}")
    arrays = {}
    for name, (dims, values) in variables.items():
        array = _plain(values)
        if array.ndim != len(dims):
            raise ValueError(f"{group}/{name}: {len(dims)} dimensions {tuple(dims)} for shape {array.shape}")
        arrays[STORED_AS.get((group, name), name)] = (tuple(dims), array, attributes_of(group, name))
    used = {dim for dims, _, _ in arrays.values() for dim in dims}
    if group == "plan" and table and "id" not in variables:
        arrays["id"] = ((dimension,), _plain(coords["target"]), attributes_of(group, "id"))
    own: dict[str, tuple[str, np.ndarray, dict[str, str]]] = {}
    if "draw" in used:
        draws = next(array.shape[dims.index("draw")] for dims, array, _ in arrays.values() if "draw" in dims)
        numbers = np.asarray(coords.get("draw", np.arange(draws)))
        own["draw"] = ("draw", numbers[:draws], {})  # the first: persons are followed in fewer draws
    for key, values in coords.items():
        if key == "draw":
            continue
        # `age_group` is a dimension of its own, not something along `age`.
        dim = key if key in used else "" if key in all_dims else _dimension_of(key, used)
        if dim:
            own[key] = (dim, _plain(values), _describe_coordinate(key))
    return xr.Dataset(arrays, coords=own)


def _dimension_of(key: str, dims: set[str]) -> str:
    """The dimension that an auxiliary coordinate such as `group_label_zh` lies along, or ''."""
    return max((dim for dim in dims if key.startswith(f"{dim}_")), key=len, default="")


def _plain(values: Any) -> np.ndarray:
    """Numbers as they are, in C order, None among them as NaN; everything else as text, None as empty."""
    array = np.asarray(values)
    if array.dtype.kind in "iufb":
        # Once here rather than again in every quantile, digest and file.
        return np.ascontiguousarray(array).reshape(array.shape)
    flat = np.asarray(values, dtype=object).ravel().tolist()
    if all(v is None or isinstance(v, Number) for v in flat):
        return np.array([np.nan if v is None else v for v in flat], dtype=float).reshape(array.shape)
    return np.array(["" if v is None or v != v else str(v) for v in flat], dtype=np.str_).reshape(array.shape)


def _attribute(value: Any) -> str | int | float:
    """A value that netCDF takes as attribute; mappings and lists become JSON, None empty text."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return int(value)
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        value = dict(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def attributes_of(group: str, name: str) -> dict[str, str]:
    """Attributes of a variable; a column of a table has labels only."""
    if group in TABLES and name in TABLES[group][1]:
        table, column = FILES.get(group, group), name.replace(":", "_")
        zh, en = (vocab.column_label(table, column, lang) for lang in vocab.LANGUAGES)
        return {"long_name": en, "label_zh": zh, "label_en": en}
    of_error = name.endswith("_mc_se")
    entry = vocab.variable(name.removesuffix("_mc_se"))
    if of_error:
        zh, en = vocab.column_label("groups", "mc_se", "zh"), vocab.column_label("groups", "mc_se", "en")
        return {
            "long_name": f"{entry.en}: {en}",
            "label_zh": f"{entry.zh}：{zh}",
            "label_en": f"{entry.en}: {en}",
            "units": entry.unit,
        }
    return {
        "long_name": entry.en,
        "label_zh": entry.zh,
        "label_en": entry.en,
        "units": entry.unit,
        "kind": entry.kind,
        "definition_zh": entry.definition_zh,
        "definition_en": entry.definition_en,
    }


def _describe_coordinate(name: str) -> dict[str, str]:
    if name not in vocab.codes("column"):
        return {}
    zh, en = vocab.label("column", name, "zh"), vocab.label("column", name, "en")
    attrs = {"long_name": en, "label_zh": zh, "label_en": en}
    if name in _CODED:
        for lang in vocab.LANGUAGES:
            pairs = (f"{code}={vocab.label(name, code, lang)}" for code in vocab.codes(name))
            attrs[f"codes_{lang}"] = "; ".join(pairs)
    return attrs
