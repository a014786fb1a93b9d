"""Older people by functional ability: all of them, and those below intact by level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from demo_sim.plot.chart import Chart
from demo_sim.plot.numbers import NothingToDraw, at, summarise
from demo_sim.plot.sheet import new_sheet, spread_labels, value_axis, year_ticks
from demo_sim.plot.style import FUNCTION, INK, SMALL_SIZE, TEXT_SIZE, ChartFigure, style
from demo_sim.plot.text import attribute, font_scale, footer, text
from demo_sim.results.rounding import count, percent
from demo_sim.vocab import label

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from demo_sim.results import Results

FIRST_OLD = "60-64"
_LEVELS = ("mild", "moderate", "severe", "total")
_INPUTS = ("function.",)


def function_levels_numbers(results: Results) -> pd.DataFrame:
    """Return people aged 60 and over by year and functional ability; `below` is all levels below intact."""
    if not set(_LEVELS) & set(results.summary["function"].values):
        raise NothingToDraw("本次运行没有老年人能力等级", "this run has no functional ability of older people")

    def of_older(population: xr.DataArray) -> xr.DataArray:
        groups = population["age_group"].values.tolist()
        return population.isel(age_group=slice(groups.index(FIRST_OLD), None)).sum(["residence", "sex", "age_group"])

    older = results.spread("population/summary", of_older)
    levels = [level for level in _LEVELS if level in older["function"].values]
    below = older.sel(function=levels)
    if not float(below.sum()) > 0:
        raise NothingToDraw("本次运行没有老年人能力等级", "this run has no functional ability of older people")
    parts = [summarise(older.sel(function=f), function=f) for f in ("intact", *levels) if f in older["function"]]
    parts += [
        summarise(below.sum("function"), function="below"),
        summarise(older.sum("function"), function="all"),
    ]
    return pd.concat(parts, ignore_index=True)


def function_levels(results: Results, lang: str = "zh") -> ChartFigure:
    """Draw people aged 60 and over by functional ability.

    Left all of them; right, on a scale of its own, those below intact by level.
    """
    table = function_levels_numbers(results)
    years = np.sort(table["year"].unique())
    first, last = int(years[0]), int(years[-1])
    levels = [level for level in _LEVELS if level in set(table["function"])]
    definition = attribute(results, "function_definition", lang)
    with style():
        sheet = new_sheet(
            _title(results, table, first, last, lang),
            text(
                lang,
                "年末60周岁及以上人口，按能力等级",
                "People aged 60 and over at year-end by functional ability",
            )
            + (text(lang, "；", "; ") + definition if definition else ""),
            footer(results, lang, _INPUTS),
            body=7.2,
        )
        left = sheet.axes(1.25, 5.6, above=0.5)
        right = sheet.axes(7.1, 13.1, above=0.5)
        intact, below = (_series(table, f) for f in ("intact", "below"))
        unit = font_scale(float((intact + below).max()), "persons", lang)
        _stack(left, years, [below, intact], ["below", "intact"])
        value_axis(left, float((intact + below).max()), unit.divisor)
        left.set_ylabel(unit.unit)
        left.set_title(text(lang, "60岁及以上人口", "All aged 60 and over"), loc="left", fontsize=TEXT_SIZE, pad=5)
        _total_labels(left, intact, below, (first, last), lang)
        unit = font_scale(float(below.max()), "persons", lang)
        _stack(right, years, [_series(table, f) for f in levels], levels)
        value_axis(right, float(below.max()), unit.divisor)
        right.set_ylabel(unit.unit)
        right.set_title(
            text(lang, "其中：失能（轻度及以上）", "Of these: below intact, by level"),
            loc="left",
            fontsize=TEXT_SIZE,
            pad=5,
        )
        _level_labels(right, table, levels, last, lang)
        for ax in (left, right):
            year_ticks(ax, years)
            ax.set_xlabel(text(lang, "年末", "Year-end"))
    return sheet.figure


def _series(table: pd.DataFrame, function: str) -> np.ndarray:
    return table[table["function"] == function].sort_values("year")["value"].to_numpy()


def _stack(ax: Axes, years: np.ndarray, parts: list[np.ndarray], names: list[str]) -> None:
    colours = [FUNCTION["moderate"] if name == "below" else FUNCTION[name] for name in names]
    ax.stackplot(years, parts, colors=colours, edgecolor="#FFFFFF", linewidth=0.6)


def _total_labels(ax: Axes, intact: np.ndarray, below: np.ndarray, years: tuple[int, int], lang: str) -> None:
    """Write the last year's numbers into the areas; that of the thin lower one stands just above it."""
    first, last = years
    x, top = last - (last - first) * 0.03, ax.get_ylim()[1]
    all_old = text(lang, "合计", "All") + f" {count(intact[-1] + below[-1], lang)}"
    intact_words = f"{label('function', 'intact', lang)}\n{count(intact[-1], lang)}"
    below_words = f"{text(lang, '失能', 'Below intact')} {count(below[-1], lang)}"
    style_: dict[str, Any] = {"ha": "right", "fontsize": SMALL_SIZE}
    ax.text(x, intact[-1] + below[-1] + 0.02 * top, all_old, va="bottom", color=INK, **style_)
    ax.text(x, below[-1] + intact[-1] / 2, intact_words, va="center", color=INK, **style_)
    ax.text(x, max(below) + 0.015 * top, below_words, va="bottom", color=FUNCTION["total"], **style_)


def _level_labels(ax: Axes, table: pd.DataFrame, levels: list[str], year: int, lang: str) -> None:
    """Name the levels beside their areas at the last year, the total above them."""
    values = np.array([at(table, year, function=level) for level in levels])
    top = ax.get_ylim()[1]
    wanted = np.append(np.cumsum(values) - values / 2, values.sum() + 0.06 * top)
    lines = [f"{label('function', level, lang)}\n{count(v, lang)}" for level, v in zip(levels, values, strict=True)]
    lines.append(f"{text(lang, '合计', 'All below intact')}\n{count(float(values.sum()), lang)}")
    for y, line in zip(spread_labels(wanted, 0.125 * top), lines, strict=True):
        ax.annotate(
            line,
            (year, y),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL_SIZE,
            annotation_clip=False,
        )


def _title(results: Results, table: pd.DataFrame, first: int, last: int, lang: str) -> str:
    start, end = at(table, first, function="below"), at(table, last, function="below")
    heavy = sum(at(table, last, function=f) for f in ("severe", "total") if f in set(table["function"]))
    share = end / at(table, last, function="all")
    grows = end >= start
    return text(
        lang,
        f"{results.title(lang)}失能老年人由{first}年末的{count(start, lang)}人"
        f"{'增至' if grows else '减至'}{last}年末的"
        f"{count(end, lang)}人，占60岁及以上人口的{percent(share)}，其中重度和完全失能{count(heavy, lang)}人",
        f"{results.title(lang)}: older people below intact ability {'grow' if grows else 'fall'} "
        f"from {count(start, lang)} "
        f"in {first} to {count(end, lang)} in {last}, {percent(share)} of those aged 60 and over; "
        f"{count(heavy, lang)} at the severe and total levels",
    )


CHART = Chart("function_levels", 20, function_levels_numbers, function_levels, by_default=True)
