"""The tiny scenarios whose results are kept, and the numbers that are kept of each."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import xarray as xr

import demo_sim as ds

HERE = Path(__file__).resolve().parent
MINIMAL = HERE.parent / "data" / "minimal" / "scenario.yaml"
CASES = ("minimal", "hunan")
TOLERANCE = 1e-9  # relative; twelve digits are kept, so that rounding is no part of it

Numbers = dict[tuple[str, str], str]


def simulate(case: str) -> ds.Results:
    """One residence and four tables; or Hunan, short and with few draws."""
    if case == "minimal":
        return ds.simulate(ds.load(MINIMAL), engine="cohort")
    return ds.simulate(ds.load("hunan").replace({"draws": 3, "period.end": 2026}), engine="cohort")


def numbers(run: ds.Results) -> Numbers:
    """Numbers by name and draw, enough to notice a change in any room; verdicts as words."""
    out: Numbers = {}
    for name, array in _arrays(run):
        for index in range(array.sizes["draw"]):
            for label, value in _cells(array.isel(draw=index, drop=True)):
                if value == value:
                    out[f"{name} {label}".strip(), str(index)] = f"{value:.12g}"
    for row in run.targets.to_dict("records"):
        name = f"target {row['id']} {row['reading']}"
        out[f"{name} verdict", ""] = row["verdict"]
        out[f"{name} basis", ""] = row["basis"]
        out[f"{name} driver", ""] = row["driver"]
    return out


def _arrays(run: ds.Results) -> Iterator[tuple[str, xr.DataArray]]:
    people = run.population
    last = people.isel(time=-1, drop=True)
    yield "persons", people.sum(("sex", "age", "function"))
    yield "persons at the end", last.sum("function").groupby(last["age"] // 20 * 20).sum()
    yield "persons at the end", last.sum(("residence", "sex", "age"))
    yield "flow", run.flows.sum("sex")
    yield "group at the end", run.groups.isel(time=-1, drop=True)
    if "demand/need" in run:
        yield "need at the end", run.need.isel(time=-1, drop=True)
        yield "stock at the end", run.stocks.isel(time=-1, drop=True)
    if "plan/indicator" in run:
        yield "indicator at the end", run.indicator.isel(time=-1, drop=True)


def _cells(array: xr.DataArray) -> Iterator[tuple[str, float]]:
    """Values with their labels, in order; dimensions by name, so that their order does not matter."""
    plain = array.transpose(*sorted(map(str, array.dims)))
    flat = plain.reset_coords(drop=True).stack(cell=plain.dims) if plain.dims else plain.expand_dims(cell=[()])
    for cell, value in zip(flat["cell"].values.tolist(), flat.values.tolist(), strict=True):
        yield " ".join(map(str, cell)), value


def file_of(case: str) -> Path:
    """Where the numbers of a case are kept."""
    return HERE / "expected" / f"{case}.csv"


def read(case: str) -> Numbers:
    """Numbers kept of a case."""
    with file_of(case).open(encoding="utf-8", newline="") as file:
        return {(row["name"], row["draw"]): row["value"] for row in csv.DictReader(file)}


def write(case: str, kept: Numbers) -> None:
    """Keep the numbers of a case."""
    aside = file_of(case).with_suffix(".partial")
    with aside.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("name", "draw", "value"))
        rows.writerows((name, draw, value) for (name, draw), value in kept.items())
    os.replace(aside, file_of(case))


def differences(kept: Numbers, found: Numbers) -> list[str]:
    """Names that came, went or moved by more than the tolerance, with both values."""
    out = [f"{' '.join(key)}: no longer there" for key in kept if key not in found]
    out += [f"{' '.join(key)}: new" for key in found if key not in kept]
    for key in kept:
        if key in found and not _same(kept[key], found[key]):
            out.append(f"{' '.join(key)}: {kept[key]} became {found[key]}")
    return out


def _same(kept: str, found: str) -> bool:
    try:
        a, b = float(kept), float(found)
    except ValueError:
        return kept == found
    return abs(a - b) <= TOLERANCE * max(abs(a), 1e-3)  # a nought that is the difference of sums has no digits
