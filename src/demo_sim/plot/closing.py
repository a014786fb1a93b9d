"""What closes a gap, as steps that add up: opening stock, its movements, the stock reached, what is still to add.

A case is a target of the newest plan that rests on a stock, then a resource of which less is held than needed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from demo_sim.plot.numbers import NothingToDraw, require
from demo_sim.plot.resources import chosen, stock_of
from demo_sim.plot.text import coordinate_label
from demo_sim.vocab import LANGUAGES, NEED_KINDS, label, unit_label

if TYPE_CHECKING:
    import xarray as xr

    from demo_sim.results import Results

_COLUMNS = ("case", "stock", "label_zh", "label_en", "order", "step", "kind", "year", "value", "unit")
_SUPPLY = "supply."
# Flows of a stock, by the end of their name: what they do to it.
_FLOWS = {
    "openings": "in", "completions": "in", "hires": "in", "signed": "in",
    "closures": "out", "leavers": "out", "retirements": "out", "lapsed": "out", "taken_back": "out",
}  # fmt: skip
# What a part of a stock takes from the rest of it: flows of the whole.
_INTO = {"nursing": ("conversions", "within"), "certified": ("new_certificates", "in")}
_LARGEST_ROUNDING = 0.5  # a rest below this is that of floating-point sums
_TO_REACH = (">=", "~")  # operators of a target that adding brings nearer

Words = tuple[str, str]


@dataclass(frozen=True)
class _Case:
    """A stock and what it should reach: `goal` in units of the stock at the year-end `year`."""

    name: str
    label: Words
    stock: str
    year: int
    goal: float
    goal_words: Words
    add_words: Words
    unit: str
    other_way: tuple[Words, float] | None = None  # what would do instead, and how much of it


def closing_numbers(results: Results) -> pd.DataFrame:
    """Return the steps of each case at stated values, in units of its stock.

    `kind` is stock (reached at `year`), in, within or out (sum of the years until then), gap (still to add; negative
    where there is more than enough), goal, or other_way (what would do in place of the gap).
    """
    require(results, "demand/stocks")
    stocks = results.central.stocks
    cases = [*_targets(results, stocks), *_needs(results, stocks)]
    if not cases:
        raise NothingToDraw("本次运行没有可补足的缺口", "this run has no gap to close")
    return pd.DataFrame([row for case in cases for row in _steps(case, stocks)], columns=list(_COLUMNS))


def _steps(case: _Case, stocks: xr.DataArray) -> list[tuple]:
    start = int(stocks["time"][0])
    held = stocks.sel(stock=case.stock)
    first, reached = float(held.sel(time=start)), float(held.sel(time=case.year))
    steps: list[tuple[str, str, float]] = [(f"{start}", "stock", first)]
    rest = reached - first
    for name, flow, kind in _movements(case.stock, stocks):
        moved = float(stocks.sel(stock=name, time=slice(start + 1, case.year)).sum())
        signed = -moved if kind == "out" else moved
        if abs(signed) > _LARGEST_ROUNDING:
            rest -= signed
            zh, en = (label("stock_part", flow, lang) for lang in LANGUAGES)
            steps.append((f"{zh}|{en[0].upper()}{en[1:]}", kind, signed))
    if abs(rest) > _LARGEST_ROUNDING:
        steps.append(("其他变化|Other changes", "in" if rest > 0 else "out", rest))
    steps.append((f"{case.year}", "stock", reached))
    steps.append(("|".join(case.add_words), "gap", case.goal - reached))
    steps.append(("|".join(case.goal_words), "goal", case.goal))
    if case.other_way is not None and case.goal > reached:
        words, amount = case.other_way
        steps.append(("|".join(words), "other_way", amount))
    return [
        (case.name, case.stock, *case.label, i, words, kind, case.year, value, case.unit)
        for i, (words, kind, value) in enumerate(steps)
    ]


def _movements(stock: str, stocks: xr.DataArray) -> Iterator[tuple[str, str, str]]:
    """Series that move a stock, with the name of the flow and what it does: what comes first, then what goes."""
    whole, _, part = stock.rpartition(".")
    moves = [(f"{stock}.{flow}", flow, kind) for flow, kind in _FLOWS.items()]
    if whole and part in _INTO:
        flow, kind = _INTO[part]
        moves.insert(list(_FLOWS.values()).index("out"), (f"{whole}.{flow}", flow, kind))
    known = set(stocks["stock"].values.tolist())
    return (move for move in moves if move[0] in known)


def _targets(results: Results, stocks: xr.DataArray) -> list[_Case]:
    """Targets of the newest plan that rest on a stock, as the plan lists them; of one figure that of the last year."""
    rows = results.targets
    held = {f"{_SUPPLY}{name}" for name in stocks["stock"].values.tolist()}
    rows = rows[
        rows["break_even_of"].isin(held)
        & rows["operator"].isin(_TO_REACH)
        & rows["break_even"].notna()
        & rows["year"].astype(int).isin(stocks["time"].values.tolist()[1:])
    ]
    # Plans of the place itself go before targets of other places.
    elsewhere = rows["tally"] == "reference"
    rows = rows if elsewhere.all() else rows[~elsewhere]
    if rows.empty:
        return []
    last = rows.sort_values("year", kind="stable").iloc[-1]
    rows = rows[rows["plan"] == last["plan"]].sort_values("year", kind="stable")
    rows = rows.drop_duplicates(["break_even_of", "counted", "reading"], keep="last").sort_index()
    return [_target_case(results, row, stocks) for row in rows.to_dict("records")]


def _target_case(results: Results, row: dict[str, Any], stocks: xr.DataArray) -> _Case:
    stock, year, goal = str(row["break_even_of"]).removeprefix(_SUPPLY), int(row["year"]), float(row["target"])
    share = row["unit"] == "share"
    level = not share and row["counted"] in ("", row["break_even_of"])
    aims = ["" if level else _amount(goal, str(row["unit"]), lang) for lang in LANGUAGES]
    ways = _ways(results, row)
    first, others = next(iter(ways), ""), list(ways.items())[1:]
    other = None
    if others:
        way, required = others[0]
        other = (f"或{label('way', way, 'zh')}", f"or {label('way', way, 'en')}"), required
    return _Case(
        f"{row['id']}" if row["reading"] == "indicator" else f"{row['id']}.{row['reading']}",
        _name(results, stock, stocks), stock, year, float(row["break_even"]),
        (f"目标：{aims[0]}".rstrip("："), f"Target: {aims[1]}".rstrip(": ")),
        ("还需" + (label("way", first, "zh") if first else "增加"), "Still to add"),
        str(row["break_even_unit"]), other,
    )  # fmt: skip


def _amount(goal: float, unit: str, lang: str) -> str:
    if unit == "share":
        return f"{100 * goal:g}%"
    words = "" if unit == "ratio" else unit_label(unit, lang)
    return f"{goal:g}{words}" if lang == "zh" else f"{goal:g} {words}".rstrip()


def _ways(results: Results, row: dict[str, Any]) -> dict[str, float]:
    """Ways to a target in order, with what each takes at the target's year; none where the run has no such table."""
    if "answers" not in results:
        return {}
    answers = results.answers
    own = answers[
        (answers["id"] == row["id"])
        & (answers["reading"] == row["reading"])
        & (answers["year"].astype(float) == float(row["year"]))
    ]
    required = own["required"].astype(float)
    return dict(zip(own["way"].astype(str), required, strict=True))


def _needs(results: Results, stocks: xr.DataArray) -> Iterator[_Case]:
    """Resources of which less is held in the last year than the need to plan by."""
    if "demand/need" not in results:
        return
    need, held = results.central.need, set(stocks["stock"].values.tolist())
    year = int(stocks["time"][-1])
    for name in chosen(results, lambda *_: True):
        stock = stock_of(results, name)
        if stock not in held:
            continue
        kinds = [kind for kind in NEED_KINDS if kind in need["need_kind"]]
        levels = {kind: float(need.sel(resource=name, need_kind=kind, time=year)) for kind in kinds}
        kind = next((k for k in kinds if math.isfinite(levels[k])), None)
        supplied = float(stocks.sel(stock=stock, time=year))
        if kind is None or not np.isfinite(supplied) or levels[kind] <= supplied:
            continue
        zh, en = (label("need_kind", kind, lang) for lang in LANGUAGES)
        yield _Case(
            f"need.{name}", _name(results, stock, stocks, name), stock, year, levels[kind],
            (f"需求（{zh}）", f"Need ({en.lower()})"), ("还需增加", "Still to add"),
            str(results.need["resource_unit"].sel(resource=name).item()),
        )  # fmt: skip


def _name(results: Results, stock: str, stocks: xr.DataArray, resource: str = "") -> Words:
    """Name of the resource that a stock serves, or of the stock itself."""
    if not resource and "demand/need" in results:
        resource = next((n for n in chosen(results, lambda *_: True) if stock_of(results, n) == stock), "")
    if resource:
        zh, en = (coordinate_label(results.need.coords, "resource", resource, lang) for lang in LANGUAGES)
    else:
        zh, en = (coordinate_label(stocks.coords, "stock", stock, lang) for lang in LANGUAGES)
    return zh, en
