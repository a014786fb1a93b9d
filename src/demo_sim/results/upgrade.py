"""Runs that earlier versions saved, brought to the form of this one."""

from __future__ import annotations

import numpy as np
import xarray as xr

from demo_sim.results.quantiles import OVER_DRAWS, over_draws
from demo_sim.results.tree import FORMAT_VERSION, Results

_WITH_DRAWS = ("population", "groups", "flows", "demand", "placement", "plan")
# that format 1 did not have, with what stands in their place
_COLUMNS_OF_PLAN = {
    "p_se": np.nan, "driver_share": np.nan, "break_even": np.nan, "break_even_unit": "", "break_even_of": "",
    "break_even_year": np.nan, "level_for_90": np.nan, "actual": np.nan, "completion": np.nan,
    "evidence": "", "rests_on": "", "tally": "", "missing": "", "department": "", "per_point": np.nan,
}  # fmt: skip


def upgraded(results: Results) -> Results:
    """The run as this version knows it; one of format 1 has no run at stated values, its means take the place.

    The attribute `value_is` then says so: `mean`.
    """
    if "answers/cost" in results:
        results = Results(xr.DataTree.from_dict(_two_costs(results)))
    if "outcomes/mark" in results and "outcomes/inside" not in results:
        nodes = {node.path: node.to_dataset(inherit=False) for node in results.tree.subtree}
        blank = {"q10": np.nan, "q90": np.nan, "inside": ""}
        rows = nodes["/outcomes"].sizes["outcome"]
        columns = {name: ("outcome", np.array([value] * rows)) for name, value in blank.items()}
        results = Results(xr.DataTree.from_dict(nodes | {"/outcomes": nodes["/outcomes"].assign(columns)}))
    if int(results.attrs.get("format_version", 1)) > 1:
        return results
    nodes = {node.path: node.to_dataset(inherit=False) for node in results.tree.subtree}
    means = {f"/central/{group}": _means(nodes[f"/{group}"]) for group in _WITH_DRAWS if f"/{group}" in nodes}
    draws = next((int(node.sizes["draw"]) for node in nodes.values() if "draw" in node.sizes), 0)
    nodes["/"] = nodes["/"].assign_attrs(format_version=FORMAT_VERSION, value_is="mean", replicates=draws)
    if "/population" in nodes:
        nodes["/population"], means["/central/population"] = _population(nodes["/population"])
    if "/plan" in nodes:
        rows = nodes["/plan"].sizes["target"]
        unknown = {name: ("target", np.array([blank] * rows)) for name, blank in _COLUMNS_OF_PLAN.items()}
        nodes["/plan"] = nodes["/plan"].assign(unknown)
    return Results(xr.DataTree.from_dict(nodes | means))


def _two_costs(results: Results) -> dict[str, xr.Dataset]:
    """The run with what is spent once and what each year apart: both stood in one column, of the year alone."""
    nodes = {node.path: node.to_dataset(inherit=False) for node in results.tree.subtree}
    answers = nodes["/answers"]
    rows = answers[["id", "reading", "way", "cost"]].to_dataframe()
    posts = rows["way"] == "hire"
    so_far = rows.groupby(["id", "reading", "way"], sort=False)["cost"].cumsum()
    split = {
        "cost_once_yuan": ("answer", so_far.where(~posts).to_numpy()),
        "cost_yearly_yuan": ("answer", rows["cost"].where(posts).to_numpy()),
    }
    return nodes | {"/answers": answers.drop_vars("cost").assign(split)}


def _population(node: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset]:
    """The population with statistics by single age, and its mean; format 1 kept these or the cube of every draw."""
    if "statistics" in node:
        old = node["statistics"]
        named = ["mean" if name == "value" else name for name in old["statistic"].values.tolist()]
        node = node.assign_coords(statistic=named).sel(statistic=[name for name in named if name != "mc_se"])
    else:
        cube = node["population"].transpose("draw", ...)
        values = over_draws(cube.values.reshape(cube.sizes["draw"], -1)).reshape(-1, *cube.shape[1:])
        statistics = xr.Variable(("statistic", *cube.dims[1:]), values, cube.attrs)
        node = node.assign(statistics=statistics).assign_coords(statistic=list(OVER_DRAWS))
    mean = _means(node.drop_vars("statistics")).drop_vars("statistic", errors="ignore")
    return node, mean.assign(population=node["statistics"].sel(statistic="mean", drop=True))


def _means(node: xr.Dataset) -> xr.Dataset:
    """Arrays of a group: their means where they have draws, as they are where they have none; no tables."""
    arrays = {}
    for name, array in node.data_vars.items():
        if array.dtype.kind != "f" or not {"time", "year"} & set(array.dims):
            continue
        arrays[str(name)] = array.mean("draw", keep_attrs=True) if "draw" in array.dims else array
    coords = {name: coord for name, coord in node.coords.items() if "draw" not in coord.dims}
    return xr.Dataset(arrays, coords=coords)
