"""Whether a saved run has the shape that everything above relies on: files are damaged, or of another program."""

from __future__ import annotations

import json
import re

import xarray as xr

from demo_sim.results.tree import Results
from demo_sim.vocab import CARE_FLOWS, CARE_SETTINGS, FLOWS, FUNCTIONS, NEED_KINDS, variables

_JSON = "{["  # attributes that begin so were mappings or lists
_ARRAYS = ("population", "groups", "flows", "demand", "placement")  # the rest are tables
_CODES = {
    "sex": "male|female", "age_group": r"\d+-\d+|\d+\+", "residence": "[a-z_]+",
    "function": "|".join((*FUNCTIONS, "all")),
    "flow": "|".join(FLOWS), "need_kind": "|".join(NEED_KINDS), "care_setting": "|".join(CARE_SETTINGS),
    "care_flow": "|".join(CARE_FLOWS), "time": r"\d{4}", "year": r"\d{4}",
}  # fmt: skip
_WHOLE = ("flows/flows", "population/summary")


def require_shape(results: Results) -> None:
    """Raise ValueError where arrays lack dimensions that the vocabulary names, or attributes cannot be read."""
    known = variables()
    for node in results.tree.subtree:
        if node.name not in _ARRAYS:
            continue
        _require_labels(node.to_dataset())
        for name, array in node.to_dataset(inherit=False).data_vars.items():
            if str(name) not in known:
                continue
            wanted = set(known[str(name)].dims)
            if node.path.startswith("/central"):
                wanted -= {"draw"}
            if set(map(str, array.dims)) != wanted:
                raise ValueError(f"{node.path}/{name}: {', '.join(map(str, array.dims))}")
    for value in results.attrs.values():
        if isinstance(value, str) and value[:1] and value[0] in _JSON:
            json.loads(value)
    for path in _WHOLE:
        for run in (results, results.central):
            if path not in run and path.replace("summary", "population") not in run:
                raise KeyError(path)


def _require_labels(node: xr.Dataset) -> None:
    """Raise ValueError where a coordinate has a label that no run has, or one of them twice."""
    for dim, code in _CODES.items():
        if dim not in node.coords:
            continue
        labels = [str(label) for label in node[dim].values.tolist()]
        odd = [label for label in labels if not re.fullmatch(code, label)]
        if odd or len(set(labels)) < len(labels):
            raise ValueError(f"{dim}: {(odd or labels)[0]!r}")
