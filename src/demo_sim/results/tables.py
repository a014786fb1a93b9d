"""The tables of a run as data frames, and their CSV files (UTF-8 with BOM, one row a figure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from demo_sim.results.columns import ALWAYS, FILES, TABLES
from demo_sim.results.quantiles import QUANTILES, STATISTICS, statistics
from demo_sim.results.supply_table import SUPPLY_COLUMNS, supply_table
from demo_sim.results.tiers import CUBE_DIMS, age_groups, sum_ages
from demo_sim.results.tree import Results
from demo_sim.vocab import codes

POPULATION_COLUMNS = ("year", "residence", "sex", "age", "function", *STATISTICS)
FLOW_COLUMNS = ("year", "flow", "residence", "sex", *STATISTICS)
GROUP_COLUMNS = ("year", "group", "residence", "base", *STATISTICS, "rule", "registered_by", "candidates")
PLACEMENT_COLUMNS = ("year", "care_measure", "care_class", "residence", "unit", *STATISTICS)
DEMAND_COLUMNS = (
    "year", "resource", "need_kind", "need", "supply", "gap",
    *(f"{part}_{name}" for part in ("need", "supply", "gap") for name in QUANTILES),
)  # fmt: skip
# Every CSV file of a run folder and its columns, in the order of the page that explains them.
CSV_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "population": POPULATION_COLUMNS,
    "flows": (*FLOW_COLUMNS, "small"),
    "groups": (*GROUP_COLUMNS, "small"),
    "demand": DEMAND_COLUMNS,
    "supply": SUPPLY_COLUMNS,
    "placement": PLACEMENT_COLUMNS,
    **{FILES.get(name, name): columns for name, (_, columns) in TABLES.items()},
}

# Below so many people chance alone moves a count by more than a tenth (1 / sqrt n), whatever the inputs are.
SMALL_COUNT = 100.0

# Functional ability is told apart from this age on; below it the other levels are empty by definition.
FUNCTION_AGE = 60

_INTEGER_COLUMNS = (
    "year",
    "first_year_met",
    "baseline_year",
    "break_even_year",
    "last_figure",
    "target_year",
    "number",
)


def five_year(array: xr.DataArray) -> xr.DataArray:
    """Sums of single ages in the groups 0-4, 5-9 ... 95-99, 100+, as text on the dimension `age`."""
    ages = np.asarray(array["age"].values)
    if not np.array_equal(ages, np.arange(len(ages))):
        raise ValueError("ages must be single years from 0")
    axis = array.get_axis_num("age")
    assert isinstance(axis, int)
    coords = {k: c for k, c in array.coords.items() if "age" not in c.dims} | {"age": age_groups(len(ages))[1]}
    sums = sum_ages(array.values, axis)
    return xr.DataArray(sums, dims=array.dims, coords=coords, attrs=array.attrs, name=array.name)


def tables(results: Results, *, single_ages: bool = True) -> dict[str, pd.DataFrame]:
    """All tables of a run by name, each in the columns of its CSV; what the run lacks is left out.

    Parameters
    ----------
    results
        The run.
    single_ages
        Whether the population is by single age (`37`, `100+`) or in five-year groups.
    """
    frames = {"population": population_table(results, single_ages=single_ages)}
    if "flows/flows" in results:
        frames["flows"] = flow_table(results)
    if "groups/groups" in results:
        frames["groups"] = group_table(results)
    if "demand/need" in results:
        frames["demand"] = demand_table(results)
    if "demand/ledger_stock" in results:
        frames["supply"] = supply_table(results)
    if "placement/care_settings" in results:
        frames["placement"] = placement_table(results)
    for name in ("flows", "groups"):
        if name in frames:
            frames[name]["small"] = frames[name]["value"].between(0.0, SMALL_COUNT, inclusive="neither").astype(int)
    for group in TABLES:
        if group in results or group in ALWAYS:
            frames[FILES.get(group, group)] = _with_integers(results.table(group))
    return frames


def population_table(results: Results, *, single_ages: bool = True) -> pd.DataFrame:
    """Year-end residents with their statistics, by single age or five-year group."""
    if single_ages:
        summary = _single_ages(results)
        first = summary["age"].values.astype(int)
        age = [str(a) for a in first[:-1].tolist()] + [f"{first[-1]}+"]
    else:
        summary = xr.concat([_five_year_ages(results, time) for time in results.summary["time"].values], "time")
        age = summary["age"].values.tolist()
        first = np.array([int(name.rstrip("+").partition("-")[0]) for name in age])
    summary = summary.assign_coords(age=age)
    # A level is impossible below 60 when nobody is there; a true zero elsewhere stays.
    below_60 = xr.DataArray(first < FUNCTION_AGE, dims="age")
    other_level = xr.DataArray(summary["function"].values != summary["function"].values[0], dims="function")
    empty = below_60 & other_level & (summary["value"] == 0).all(("time", "residence", "sex"))
    return _long(summary, CUBE_DIMS, ~empty, POPULATION_COLUMNS)


def _five_year_ages(results: Results, time: int) -> xr.Dataset:
    """Statistics of the cells of one year-end: those of all at once would take the memory of all draws twice more."""
    return statistics(results.spread("population/summary", lambda people: people.sel(time=[time]))).rename(
        age_group="age"
    )


def _single_ages(results: Results) -> xr.Dataset:
    """Statistics of every cell of the population, formed when the draws were brought together."""
    stated = results.central.population
    array = results.array("population/statistics")
    columns = {"value": stated} | {name: array.sel(statistic=name, drop=True) for name in QUANTILES}
    return xr.Dataset(columns | {"mc_se": xr.zeros_like(stated)}, attrs=array.attrs)


def flow_table(results: Results) -> pd.DataFrame:
    """Events of each year with their statistics."""
    return _long(statistics(results.spread("flows/flows")), ("year", "flow", "residence", "sex"), None, FLOW_COLUMNS)


def group_table(results: Results) -> pd.DataFrame:
    """Year-end size of each group with its statistics; cells without a value are left out."""
    summary = statistics(results.spread("groups/groups"))
    for column, path in (("mc_se", "groups/groups_mc_se"), ("candidates", "groups/candidates")):
        if path in results.central:
            summary[column] = results.central.array(path)
    frame = _long(summary, ("time", "group", "residence"), summary["value"].notnull(), ())
    for column in ("base", "rule", "registered_by"):
        code = dict(zip(summary["group"].values.tolist(), summary[f"group_{column}"].values.tolist(), strict=True))
        frame[column] = frame["group"].map(code)
    if "candidates" not in frame:
        frame["candidates"] = np.nan
    return frame[list(GROUP_COLUMNS)]


def demand_table(results: Results) -> pd.DataFrame:
    """Need, supply and gap (need less supply) of each resource, stated values and quantiles over draws.

    A resource whose need is not known under any meaning keeps one row, with its supply and an empty
    `need_kind`; an unknown supply leaves supply and gap empty.
    """
    need, supply = results.spread("demand/need"), results.spread("demand/supply")
    parts = {
        "need": statistics(need),
        "supply": statistics(supply).broadcast_like(need[0].drop_vars("draw")),
        "gap": statistics(need - supply),
    }
    columns = {name: ds["value"] for name, ds in parts.items()}
    columns |= {f"{name}_{q}": ds[q] for name, ds in parts.items() for q in QUANTILES}
    dims = ("time", "resource", "need_kind")
    known = parts["need"]["value"].notnull()
    bare = ~known.any("need_kind") & parts["supply"]["value"].notnull()
    first = xr.DataArray(np.arange(need.sizes["need_kind"]) == 0, dims="need_kind")
    frame = _long(xr.Dataset(columns), dims, known | (bare & first), DEMAND_COLUMNS)
    frame.loc[frame["need"].isna(), "need_kind"] = ""
    return frame


def placement_table(results: Results) -> pd.DataFrame:
    """Who lives in an institution, who waits and for how long, with statistics; `all` marks a total."""
    rows = [
        _stated(results, "in_institutions", lambda a: _with_all(_with_all(a, "residence"), "care_class")),
        _stated(results, "care_settings", lambda a: a.sel(care_setting="community", drop=True), "community"),
        _stated(results, "waiting", lambda a: _with_all(_with_all(a, "residence"), "care_class")),
        _stated(results, "waiting_years"),
        _stated(results, "waiting_years_all", measure="waiting_years"),
        _measured(results, "care_flows", "care_flow"),
        _stated(results, "waited_years"),
        _stated(results, "usable_places"),
    ]
    frame = pd.concat(rows, ignore_index=True)
    return frame.sort_values("year", kind="stable", ignore_index=True)[list(PLACEMENT_COLUMNS)]


def _labels(array: xr.DataArray) -> list[str]:
    """Coordinates beside the dimensions."""
    return [str(name) for name in array.coords if name not in array.dims]


def _with_all(array: xr.DataArray, dim: str) -> xr.DataArray:
    """The array without label coordinates, and the sum over a dimension as its last entry `all` where it lacks one."""
    plain = array.drop_vars(_labels(array))
    if "all" in plain[dim].values:
        return plain
    total = plain.sum(dim).expand_dims({dim: ["all"]}, plain.get_axis_num(dim))
    return xr.concat([plain, total], dim).assign_attrs(array.attrs)


def _measured(results: Results, name: str, dim: str) -> pd.DataFrame:
    """Rows of a variable whose dimension `dim` names what is measured, with the total over residences."""
    frame = _stated(results, name, lambda array: _with_all(array, "residence"))
    return frame.assign(care_measure=frame.pop(dim))


def _stated(
    results: Results, name: str, change: Callable[[xr.DataArray], xr.DataArray] = lambda a: a, measure: str = ""
) -> pd.DataFrame:
    """Rows of a variable of `placement` that is one measure, changed or summed up before."""
    path = f"placement/{name}"
    array = results.spread(path, change)
    dims = [str(dim) for dim in array.dims if dim != "draw"]
    summary = statistics(array)
    if f"{path}_mc_se" in results.central:
        summary["mc_se"] = _error(results, path, change).transpose(*dims)
    frame = _long(summary, dims, None, ()).assign(care_measure=measure or name, unit=array.attrs["units"])
    return frame.assign(**{c: "all" for c in ("care_class", "residence") if c not in frame})


def _error(results: Results, path: str, change: Callable[[xr.DataArray], xr.DataArray]) -> xr.DataArray:
    """Standard error of the changed array; parts of a sum are taken as independent."""
    square = results.central.array(f"{path}_mc_se") ** 2
    return xr.ufuncs.sqrt(change(square.expand_dims(draw=[0])).isel(draw=0, drop=True))


def write_csv(frames: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write each table to `<name>.csv` in `folder`; gives the paths written."""
    paths = []
    for name, frame in frames.items():
        path = folder / f"{name}.csv"
        safe = harmless(frame)
        columns = [_as_text(safe[column]) for column in safe.columns]
        lines = [",".join(map(_quoted, map(str, safe.columns))), *map(",".join, zip(*columns, strict=True))]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig", newline="\n")
        paths.append(path)
    return paths


def _as_text(column: pd.Series) -> list[str]:
    """Fields of one column. Written by hand because pandas takes six times as long for a run's tables."""
    if pd.api.types.is_float_dtype(column):
        return ["" if v != v else repr(v) for v in column.tolist()]
    if pd.api.types.is_integer_dtype(column):
        return ["" if v is pd.NA else str(v) for v in column.tolist()]
    fields = {v: _quoted(str(v)) for v in pd.unique(column)}
    return [fields[v] for v in column.tolist()]


def _quoted(text: str) -> str:
    """A CSV field, in quotes where it holds a comma, a quote or a line break."""
    if any(mark in text for mark in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before every text that a spreadsheet would run as a formula.

    Numbers written as text (`-2.5`) and the operators of targets (`==`) are no formulas.
    """
    changed = {}
    for column in frame.columns:
        values = frame[column]
        if pd.api.types.is_numeric_dtype(values):
            continue
        risky = {v: f"'{v}" for v in pd.unique(values) if isinstance(v, str) and _is_formula(v)}
        if risky:
            changed[column] = values.replace(risky)
    return frame.assign(**changed) if changed else frame


def _is_formula(text: str) -> bool:
    if not text.startswith(("=", "+", "-", "@", "\t", "\r")) or text in codes("operator"):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False


def _long(summary: xr.Dataset, dims: Sequence[str], keep: xr.DataArray | None, columns: Sequence[str]) -> pd.DataFrame:
    """Rows of a dataset, the first of `dims` slowest; `time` becomes `year`, cells not in `keep` go."""
    shape = tuple(summary.sizes[dim] for dim in dims)
    if keep is None:
        rows = np.arange(np.prod(shape, dtype=int))
    else:
        like = xr.DataArray(np.zeros(shape, dtype=bool), dims=dims)
        rows = np.flatnonzero((like | keep.drop_vars(keep.coords)).transpose(*dims).values)
    data: dict[str, object] = {}
    for dim, index in zip(dims, np.unravel_index(rows, shape), strict=True):
        name = "year" if dim == "time" else dim
        values = summary[dim].values
        # Categories write faster and need no text a row.
        data[name] = values[index] if values.dtype.kind in "iu" else pd.Categorical.from_codes(index, values)
    for column, cells in summary.data_vars.items():
        data[str(column)] = cells.transpose(*dims).values.ravel()[rows]
    frame = pd.DataFrame(data)
    for name in frame.select_dtypes("category"):
        frame[name] = frame[name].astype(object)
    return frame[list(columns)] if columns else frame


def _with_integers(frame: pd.DataFrame) -> pd.DataFrame:
    """Years as whole numbers, empty where there is none."""
    years = {c: pd.to_numeric(frame[c]).astype("Int64") for c in _INTEGER_COLUMNS if c in frame}
    return frame.assign(**years)
