"""The series of all draws as one tidy table, for those who go on in other tools: a row a draw and year."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from demo_sim.results.tables import write_csv
from demo_sim.results.tree import Results
from demo_sim.vocab import label_or_code

TABLE, COLUMNS = "draws", "draws_columns"
AGES = {"0_14": (0, 15), "15_59": (15, 60), "60_up": (60, 999), "65_up": (65, 999), "80_up": (80, 999)}
_PARTS = (  # group of the columns, array, dimension that names them, unit where they have none of their own
    ("groups", "groups/groups", "group", "persons"),
    ("flows", "flows/flows", "flow", "persons"),
    ("stocks", "demand/stocks", "stock", "count"),
)

Column = tuple[str, str, str, str, xr.DataArray]  # name, label in Chinese and English, unit, values by draw and time


def draws_table(results: Results) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The series of all draws, and what the columns are.

    Returns
    -------
    A row for each draw and year, the run at stated values as draw -1: people in broad ages, groups, flows, needs,
    stocks and indicators, `<kind>.<id>`. Then a row a column: column, label_zh, label_en, unit.
    """
    columns = list(_columns(results))
    times, draws = columns[0][4]["time"].values, columns[0][4]["draw"].values
    shape = len(draws), len(times)
    data: dict[str, np.ndarray] = {
        "draw": np.broadcast_to(draws[:, None], shape).ravel(),
        "year": np.broadcast_to(times[None], shape).ravel(),
    }
    for name, _, _, _, values in columns:
        # a flow has no value at the opening year-end
        data[name] = values.transpose("draw", "time").reindex(time=times).values.ravel()
    words = pd.DataFrame([column[:4] for column in columns], columns=["column", "label_zh", "label_en", "unit"])
    return pd.DataFrame(data), words


def write_draws(results: Results, folder: Path) -> None:
    """Write draws.csv and draws_columns.csv, and draws.parquet where pyarrow is there."""
    table, words = draws_table(results)
    write_csv({TABLE: table, COLUMNS: words}, folder)
    if find_spec("pyarrow") is not None:
        table.to_parquet(folder / f"{TABLE}.parquet", index=False)


def _columns(results: Results) -> Iterator[Column]:
    people = results.spread("population/summary", lambda cells: cells.sum(["residence", "sex", "function"]))
    first = np.array([int(name.rstrip("+").partition("-")[0]) for name in people["age_group"].values])
    yield "population.all", "常住人口", "residents", "persons", people.sum("age_group")
    for name, (low, high) in AGES.items():
        zh, en = (f"{low}岁及以上", f"{low}+") if high == 999 else (f"{low}至{high - 1}岁", f"{low}-{high - 1}")
        part = people.isel(age_group=np.flatnonzero((first >= low) & (first < high))).sum("age_group")
        yield f"population.{name}", f"{zh}常住人口", f"residents {en}", "persons", part
    for kind, path, dim, unit in _PARTS:
        if path in results:
            array = results.spread(path)
            summed = array.sum([d for d in array.dims if d not in ("draw", "time", "year", dim)])
            yield from _named(kind, summed.rename(year="time") if "year" in summed.dims else summed, dim, unit)
    if "demand/need" in results:
        needs = results.spread("demand/need")
        for kind in needs["need_kind"].values.tolist():
            yield from _named(f"need_{kind}", needs.sel(need_kind=kind, drop=True), "resource", "")
    if "plan/indicator" in results:
        said = {
            f"target_{name}": ("target", results.targets[name].tolist()) for name in ("label_zh", "label_en", "unit")
        }
        plain = ("indicator", "")  # a second reading of a target names itself
        names = [i if r in plain else f"{i}.{r}" for i, r in results.targets[["id", "reading"]].itertuples(index=False)]
        indicators = results.spread("plan/indicator").assign_coords({"target": names, **said})
        yield from _named("indicator", indicators, "target", "")


def _named(kind: str, array: xr.DataArray, dim: str, unit: str) -> Iterator[Column]:
    """A column for each place along a dimension that has a number anywhere."""
    said = {lang: array.coords.get(f"{dim}_label_{lang}") for lang in ("zh", "en")}
    units = array.coords.get(f"{dim}_unit")
    for i, code in enumerate(array[dim].values.tolist()):
        values = array.isel({dim: i})
        if bool(values.isnull().all()):
            continue
        zh, en = (
            label_or_code(dim, code, lang) if (found := said[lang]) is None else str(found.values[i])
            for lang in ("zh", "en")
        )
        yield f"{kind}.{code}", zh, en, unit if units is None else str(units.values[i]), values
