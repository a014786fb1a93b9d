"""The tiny scenarios whose results are kept, and the numbers that are kept of each."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import xarray as xr

import demo_sim as ds

HERE = Path(__file__).resolve().parent
MINIMAL = HERE.parent / "data" / "minimal" / "scenario.yaml"
CASES = ("minimal", "hunan", "hunan-persons")
TOLERANCE = 1e-9  # relative; twelve digits are kept, so that rounding is no part of it
KEPT_DRAWS = (-1, 0, 1)  # of the arrays: the run at stated values and the first random draws
TARGET_NUMBERS = ("value", "low80", "high80", "p_met", "p_se", "gap", "first_year_met", "driver_share", "count")
TARGET_WORDS = ("verdict", "basis", "driver", "evidence", "tally")

PLACEMENT = ("care_settings", "waiting", "in_institutions", "waiting_years_all", "care_flows", "usable_places")

Numbers = dict[tuple[str, str], str]
Change = Callable[[xr.DataArray], xr.DataArray]


def simulate(case: str) -> ds.Results:
    """One residence and four tables; Hunan, short, with as many draws as a driver takes; and with persons, coarsely."""
    if case == "minimal":
        return ds.simulate(ds.load(MINIMAL), engine="cohort")
    if case == "hunan":
        return ds.simulate(ds.load("hunan").replace({"draws": 200, "period.end": 2026}), engine="cohort")
    # a plan needs its year
    changes = {"draws": 3, "options.person_draws": 2, "scale": 50_000, "period.end": 2022, "plan": []}
    return ds.simulate(ds.load("hunan").replace(changes))


def numbers(run: ds.Results) -> Numbers:
    """Numbers by name and draw, enough to notice a change in any room; verdicts as words.

    The run at stated values has the draw `central`; what is said of all draws together has none.
    """
    out: Numbers = {}

    def keep(name: str, draw: str, value: float) -> None:
        if value == value:
            out[name, draw] = f"{value:.12g}"

    for name, array in _arrays(run):
        for draw in array["draw"].values.tolist():
            if draw in KEPT_DRAWS:
                for label, value in _cells(array.sel(draw=draw, drop=True)):
                    keep(f"{name} {label}".strip(), "central" if draw < 0 else str(draw), value)
    for name, array in _of_all_draws(run):
        for label, value in _cells(array):
            keep(f"{name} {label}".strip(), "", value)
    for row in run.targets.to_dict("records"):
        name = f"target {row['id']} {row['reading']}"
        for column in TARGET_NUMBERS:
            keep(f"{name} {column}", "", float(row[column]))
        for column in TARGET_WORDS:
            out[f"{name} {column}", ""] = row[column]
    for row in run.variance.to_dict("records"):
        for column in ("share", "share_se"):
            keep(f"variance {row['id']} {row['reading']} {row['family']} {column}", "", float(row[column]))
    for row in run.kin_check.to_dict("records"):
        for column in ("candidates", "rate", "unseen_share"):
            keep(f"kin_check {row['group']} {row['year']} {column}", "", float(row[column]))
    return out


def _arrays(run: ds.Results) -> Iterator[tuple[str, xr.DataArray]]:
    """Arrays of the draws with the run at stated values at -1; what is kept of a draw has seven digits."""

    def spread(path: str, change: Change = lambda array: array) -> xr.DataArray:
        return run.spread(path, lambda array: change(array.astype(float)))

    def at_the_end(array: xr.DataArray) -> xr.DataArray:
        return array.isel(time=-1, drop=True)

    people = "population/summary"
    yield "persons", spread(people, lambda array: array.sum(("sex", "age_group", "function")))
    yield "persons at the end", spread(people, lambda array: at_the_end(array).sum("function"))
    yield "persons at the end", spread(people, lambda array: at_the_end(array).sum(("residence", "sex", "age_group")))
    yield "flow", spread("flows/flows", lambda array: array.sum("sex"))
    yield "group at the end", spread("groups/groups", at_the_end)
    if "demand/need" in run:
        yield "need at the end", spread("demand/need", at_the_end)
        yield "stock at the end", spread("demand/stocks", at_the_end)
    if "plan/indicator" in run:
        yield "indicator at the end", spread("plan/indicator", at_the_end)
    for name in PLACEMENT if "placement" in run else ():
        yield (
            name,
            spread(f"placement/{name}", lambda array: array.isel({"time" if "time" in array.dims else "year": -1})),
        )


def _of_all_draws(run: ds.Results) -> Iterator[tuple[str, xr.DataArray]]:
    """What is said of all draws together, and the run at stated values by single age."""
    last = run.central.population.isel(time=-1, drop=True)
    yield "persons of an age at the end", last.sum(("residence", "function")).isel(age=slice(None, None, 7))
    mean = run.array("population/statistics").isel(time=-1, drop=True).sum(("residence", "sex", "age"), skipna=False)
    yield "statistic of persons at the end", mean
    births = run.central.array("flows/births_by_age").isel(year=-1, drop=True)
    yield "births by age at the end", births.sum("residence").isel(age=slice(15, 50, 5))
    if "groups/groups_mc_se" in run.central:
        yield "error of a group at the end", run.central.array("groups/groups_mc_se").isel(time=-1, drop=True)
        yield "candidates at the end", run.central.array("groups/candidates").isel(time=-1, drop=True)


def _cells(array: xr.DataArray) -> Iterator[tuple[str, float]]:
    """Values with their labels, in order; dimensions by name, so that their order does not matter."""
    plain = array.transpose(*sorted(map(str, array.dims))).reset_coords(drop=True)
    labels = [plain[dim].values.tolist() for dim in plain.dims]
    for cell, value in zip(product(*labels), plain.values.ravel().tolist(), strict=True):
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
