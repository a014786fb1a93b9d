"""Older people by whom they live with, as shares of those aged 60 and over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from demo_sim.plot.chart import Chart
from demo_sim.plot.numbers import NothingToDraw, at, summarise
from demo_sim.plot.sheet import new_sheet, spread_labels, year_ticks
from demo_sim.plot.style import INK, LIVING, SMALL_SIZE, ChartFigure, style
from demo_sim.plot.text import footer, text
from demo_sim.results.rounding import count, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from demo_sim.results import Results

_OLDER = "older_60"
# Groups from the bottom up; the last part is what they leave of all older people.
ARRANGEMENTS = {
    "older_alone": ("独居", "Alone"),
    "older_couple": ("仅与配偶同住", "With the spouse only"),
    "older_with_child": ("与子女同住", "With a child"),
    "older_with_grandchild": ("仅与孙辈同住", "With grandchildren only"),
    "other": ("其他（含机构）", "Others, institutions"),
}
_INPUTS = ("groups.living_alone", "groups.couple_only", "groups.coresident")


def living_arrangements_numbers(results: Results) -> pd.DataFrame:
    """Return shares of people aged 60 and over by year and `arrangement`, and `all`, their number."""
    known = set(results.groups["group"].values) if "groups/groups" in results else set()
    own = [name for name in ARRANGEMENTS if name != "other"]
    if not known.issuperset([*own, _OLDER]):
        raise NothingToDraw("本次运行没有老年人居住安排", "this run has no living arrangements of older people")
    totals = results.spread("groups/groups", lambda array: array.sum("residence"))
    everyone = totals.sel(group=_OLDER, drop=True)
    shares = {name: totals.sel(group=name, drop=True) / everyone for name in own}
    shares["other"] = (everyone - totals.sel(group=own).sum("group")) / everyone
    parts = [summarise(share, arrangement=name) for name, share in shares.items()]
    return pd.concat([*parts, summarise(everyone, arrangement="all")], ignore_index=True)


def living_arrangements(results: Results, lang: str = "zh") -> ChartFigure:
    """Draw people aged 60 and over by whom they live with, in shares that make up all of them."""
    table = living_arrangements_numbers(results)
    years = np.sort(table["year"].unique())
    # Drawn shares of several sources may pass 1 together in a run without relatives: nothing is left then.
    values = {name: np.clip(_series(table, name), 0.0, None) for name in ARRANGEMENTS}
    with style():
        sheet = new_sheet(
            _title(results, table, int(years[0]), int(years[-1]), lang),
            _subtitle(results, lang),
            footer(results, lang, _INPUTS),
            body=7.6,
        )
        ax = sheet.axes(1.35, 12.6, above=0.35)
        ax.stackplot(
            years, list(values.values()), colors=[LIVING[name] for name in values], edgecolor="#FFFFFF", linewidth=0.6
        )
        ax.set_ylim(0.0, 1.0)
        ax.set_yticks(np.arange(0.0, 1.01, 0.2))
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        ax.set_ylabel(text(lang, "占60岁及以上人口", "Share of those aged 60 and over"))
        year_ticks(ax, years)
        ax.set_xlabel(text(lang, "年末", "Year-end"))
        _labels(ax, table, values, years, lang)
    return sheet.figure


def _series(table: pd.DataFrame, name: str) -> np.ndarray:
    return table[table["arrangement"] == name].sort_values("year")["value"].to_numpy()


def _labels(ax: Axes, table: pd.DataFrame, values: dict[str, np.ndarray], years: np.ndarray, lang: str) -> None:
    """Name the parts beside their areas with share and number of the last year, the first year's share inside."""
    first, last = int(years[0]), int(years[-1])
    end = np.array([series[-1] for series in values.values()])
    places = spread_labels(np.cumsum(end) - end / 2, 0.125)
    everyone = at(table, last, arrangement="all")
    for name, share, place in zip(values, end, places, strict=True):
        words = text(lang, *ARRANGEMENTS[name])
        number = count(float(share * everyone), lang) + text(lang, "人", "")
        ax.annotate(
            f"{words}\n{percent(float(share))}{text(lang, '，', ', ')}{number}",
            (last, place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL_SIZE,
            color=INK,
            annotation_clip=False,
        )
    start = np.array([series[0] for series in values.values()])
    for middle, share, name in zip(np.cumsum(start) - start / 2, start, values, strict=True):
        if share > 0.045:
            dark = name in ("older_alone", "older_with_child")
            ax.annotate(
                percent(float(share)),
                (first, middle),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL_SIZE,
                color="#FFFFFF" if dark else INK,
            )


def _subtitle(results: Results, lang: str) -> str:
    group = results.groups["group_rule"].sel(group="older_alone") if "group_rule" in results.groups.coords else None
    related = group is not None and str(group.item()).startswith("kin")
    return text(
        lang, "年末60周岁及以上常住人口，按与谁同住", "Residents aged 60 and over at year-end by whom they live with"
    ) + (
        text(
            lang,
            "；随配偶、子女的有无和住处变化，以基期占比校准",
            "; follows spouses and children and where they live, fitted to the shares of the base year",
        )
        if related
        else text(
            lang,
            "；本次运行不推算亲属，分年龄占比保持不变",
            "; this run follows no relatives, shares by age are held",
        )
    )


def _title(results: Results, table: pd.DataFrame, first: int, last: int, lang: str) -> str:
    nest = [sum(at(table, y, arrangement=name) for name in ("older_alone", "older_couple")) for y in (first, last)]
    alone = at(table, last, arrangement="older_alone")
    everyone = at(table, last, arrangement="all")
    number, lone = (count(share * everyone, lang) for share in (nest[1], alone))
    return text(
        lang,
        f"{results.title(lang)}空巢老年人（独居或仅与配偶同住）占60岁及以上人口的比例{first}年末为{percent(nest[0])}，"
        f"{last}年末为{percent(nest[1])}，即{number}人，其中独居{lone}人",
        f"{results.title(lang)}: {percent(nest[0])} of those aged 60 and over live alone or with the spouse only "
        f"in {first}, {percent(nest[1])} in {last}: {number} people, {lone} of them alone",
    )


CHART = Chart("living_arrangements", 25, living_arrangements_numbers, living_arrangements, by_default=True)
