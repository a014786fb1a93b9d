"""What closes a gap, as steps that add up: opening stock, its movements, the stock reached, what is still to add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from demo_sim.plot.numbers import NothingToDraw, require
from demo_sim.plot.text import coordinate_label

if TYPE_CHECKING:
    import xarray as xr

    from demo_sim.results import Results

COLUMNS = ("case", "label_zh", "label_en", "order", "step", "kind", "year", "value", "unit")
# Movements of a stock, by the end of their name: what they do to it.
_MOVEMENTS = {
    "openings": ("in", "新建和开放", "Built or opened"),
    "hires": ("in", "新招聘", "Hired"),
    "new_certificates": ("in", "新取证", "Newly certified"),
    "conversions": ("within", "已安排改造", "Converted"),
    "closures": ("out", "关停", "Closed"),
    "leavers": ("out", "离岗", "Left"),
}
_LARGEST_ROUNDING = 0.5  # a rest below this is that of floating-point sums


@dataclass(frozen=True)
class _Case:
    """A stock and what it should reach: `goal` in units of the stock at the year-end `year`."""

    name: str
    label: tuple[str, str]
    stock: str
    movements: tuple[str, ...]
    rest: tuple[str, str]
    year: int
    goal: float
    goal_words: tuple[str, str]
    add_words: tuple[str, str]
    unit: str
    # Divides what is lacking, where building adds to the whole as well: 1 - share.
    build: float | None = None


def closing_numbers(results: Results) -> pd.DataFrame:
    """Return the steps of each case at stated values, in units of its stock.

    `kind` is stock (reached at `year`), in, within or out (sum of the years until then), gap (still to add; negative
    where there is more than enough), goal, or build (what to build in place of the gap that is converted).
    """
    require(results, "demand/stocks")
    stocks = results.central.stocks
    cases = [case for case in _cases(results, stocks) if np.isfinite(case.goal)]
    if not cases:
        raise NothingToDraw("本次运行没有可补足的床位和岗位缺口", "this run has no gap of beds or posts to close")
    return pd.DataFrame([row for case in cases for row in _steps(case, stocks)], columns=list(COLUMNS))


def _steps(case: _Case, stocks: xr.DataArray) -> list[tuple]:
    start = int(stocks["time"][0])
    held = stocks.sel(stock=case.stock)
    first, reached = float(held.sel(time=start)), float(held.sel(time=case.year))
    steps: list[tuple[str, str, float]] = [(f"{start}", "stock", first)]
    rest = reached - first
    for name in case.movements:
        kind, zh, en = _MOVEMENTS[name.rpartition(".")[2]]
        moved = float(stocks.sel(stock=name, time=slice(start + 1, case.year)).sum())
        signed = -moved if kind == "out" else moved
        rest -= signed
        steps.append((f"{zh}|{en}", kind, signed))
    if abs(rest) > _LARGEST_ROUNDING:
        steps.append(("|".join(case.rest), "in" if rest > 0 else "out", rest))
    steps.append((f"{case.year}", "stock", reached))
    steps.append(("|".join(case.add_words), "gap", case.goal - reached))
    steps.append(("|".join(case.goal_words), "goal", case.goal))
    if case.build is not None and case.goal > reached:
        steps.append(("或者新建|or build", "build", (case.goal - reached) / case.build))
    return [
        (case.name, *case.label, i, words, kind, case.year, value, case.unit)
        for i, (words, kind, value) in enumerate(steps)
    ]


def _cases(results: Results, stocks: xr.DataArray) -> list[_Case]:
    known = set(stocks["stock"].values)
    last = int(stocks["time"][-1])
    cases = []
    if {"institution_beds", "institution_beds.closures"} <= known and "demand/need" in results:
        need = results.central.need.sel(resource="institution_beds", need_kind="observed", time=last)
        name = tuple(coordinate_label(results.need.coords, "resource", "institution_beds", x) for x in ("zh", "en"))
        movements = ("institution_beds.openings", "institution_beds.closures")
        cases.append(
            _Case("institution_beds", (name[0], name[1]), "institution_beds", movements, ("其他变化", "Other changes"),
                  last, float(need), ("需求（现状使用）", "Need (observed use)"), ("还需新增", "Still to add"), "beds")
        )  # fmt: skip
    cases += _target_cases(results, stocks, known)
    return cases


def _target_cases(results: Results, stocks: xr.DataArray, known: set[str]) -> list[_Case]:
    """Cases whose goal is a target of a plan, at its year."""
    targets = results.targets
    cases = []
    whole = "all_beds" if "all_beds.nursing" in known else "institution_beds"
    found = _target(targets, "nursing_bed_share", stocks, "plan_text" if whole == "all_beds" else "indicator")
    if found and f"{whole}.nursing" in known:
        year, share = found
        beds = float(stocks.sel(stock=whole, time=year))
        words = (f"目标：床位的{100 * share:g}%", f"Target: {100 * share:g}% of beds")
        label = ("护理型床位", "Nursing-type beds")
        if whole == "all_beds":
            label = ("护理型床位（规划原文口径）", "Nursing-type beds, plan's reading")
        cases.append(
            _Case("nursing_beds", label, f"{whole}.nursing", (f"{whole}.conversions",),
                  ("随开放和关停净变化", "Opened less closed"), year, share * beds, words,
                  ("还需改造", "Still to convert"), "beds", build=1 - share)
        )  # fmt: skip
    found = _target(targets, "certified_caregivers", stocks)
    if found and {"caregivers.certified", "caregivers.new_certificates"} <= known:
        year, share = found
        posts = float(stocks.sel(stock="caregivers", time=year))
        words = (f"目标：在岗的{100 * share:g}%", f"Target: {100 * share:g}% in post")
        cases.append(
            _Case("certified_caregivers", ("持证养老护理员", "Certified caregivers"), "caregivers.certified",
                  ("caregivers.new_certificates",), ("随人员离岗减少", "Lost with leavers"), year, share * posts, words,
                  ("还需增加", "Still to certify"), "persons")
        )  # fmt: skip
    found = _target(targets, "community_workers_", stocks)
    if found and {"community_workers", "community_workers.hires"} <= known and "groups/groups" in results:
        year, density = found
        urban = float(results.central.groups.sel(group="urban_residents", time=year).sum("residence"))
        words = (f"目标：每万城镇人口{density:g}人", f"Target: {density:g} per 10,000")
        cases.append(
            _Case("community_workers", ("社区工作者", "Community workers"), "community_workers",
                  ("community_workers.hires", "community_workers.leavers"), ("其他变化", "Other changes"), year,
                  density * urban / 1e4, words, ("还需配备", "Still to hire"), "posts")
        )  # fmt: skip
    return cases


def _target(
    targets: pd.DataFrame, name: str, stocks: xr.DataArray, reading: str = "indicator"
) -> tuple[int, float] | None:
    """Return year and value of the latest target whose id says what it measures, of those that the run reaches."""
    rows = targets[targets["id"].astype(str).str.contains(name) & (targets["reading"] == reading)]
    rows = rows[rows["year"].astype(int).isin(stocks["time"].values.tolist())]
    if rows.empty:
        return None
    # The plan of the place itself goes before targets of other places; of one year, the first listed.
    elsewhere = rows["tally"] == "reference"
    rows = rows if elsewhere.all() else rows[~elsewhere]
    row = rows[rows["year"] == rows["year"].max()].iloc[0]
    return int(row["year"]), float(row["target"])
