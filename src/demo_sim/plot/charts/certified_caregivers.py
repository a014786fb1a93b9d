"""Certified caregivers: how many of those in post hold a certificate, and the share against the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from demo_sim.plot.chart import Chart
from demo_sim.plot.marks import end_labels, line_with_band
from demo_sim.plot.numbers import NothingToDraw, at, banded, require, summarise
from demo_sim.plot.sheet import new_sheet, value_axis, year_ticks
from demo_sim.plot.style import INK, MAIN, SMALL_SIZE, STOCK, TARGET, TEXT_SIZE, ChartFigure, style
from demo_sim.plot.text import footer, scale, text
from demo_sim.results.rounding import count, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from demo_sim.results import Results

_INPUTS = ("supply.caregivers",)
_TARGET = "certified_caregivers"  # in the id of a target


def certified_caregivers_numbers(results: Results) -> pd.DataFrame:
    """Return caregivers, those certified, their share (0 to 1), new certificates a year, and targets of the share."""
    stocks = require(results, "demand/stocks")
    if "caregivers.certified" not in stocks["stock"].values:
        raise NothingToDraw("本次运行没有持证护理员", "this run follows no certified caregivers")
    whole, part = stocks.sel(stock="caregivers"), stocks.sel(stock="caregivers.certified")
    parts = [
        summarise(whole, series="caregivers"),
        summarise(part, series="certified"),
        summarise(part / whole.where(whole > 0), series="share"),
    ]
    if "caregivers.new_certificates" in stocks["stock"].values:
        parts.append(summarise(stocks.sel(stock="caregivers.new_certificates"), series="new_certificates"))
    targets = results.targets
    marks = targets[targets["id"].astype(str).str.contains(_TARGET) & (targets["unit"] == "share")]
    marks = marks.drop_duplicates(["year", "target"])
    goals = {"year": marks["year"].astype(int), "series": "target", "value": marks["target"].astype(float)}
    table = pd.concat([*parts, pd.DataFrame(goals)], ignore_index=True)
    return table[table["value"].notna()].reset_index(drop=True)


def certified_caregivers(results: Results, lang: str = "zh") -> ChartFigure:
    """Draw caregivers with the certified part, and its share with the 80% band and the targets."""
    table = certified_caregivers_numbers(results)
    with style():
        sheet = new_sheet(
            _title(results, table, lang),
            text(
                lang,
                f"年末在岗养老护理员，深色为持证者；右：持证者占比{'及80%区间' if banded(table) else ''}，◆为目标值",
                "Caregivers in post at year-end, the certified dark; right: their share"
                f"{' with its 80% band' if banded(table) else ''}, ◆ marks a target",
            ),
            footer(results, lang, _INPUTS),
            body=7.4,
        )
        _numbers(sheet.axes(1.35, 5.7, above=0.55), table, lang)
        _share(sheet.axes(8.6, 14.5, above=0.55), table, lang)
    return sheet.figure


def _rows(table: pd.DataFrame, series: str) -> pd.DataFrame:
    return table[table["series"] == series].sort_values("year")


def _numbers(ax: Axes, table: pd.DataFrame, lang: str) -> None:
    whole, part = _rows(table, "caregivers"), _rows(table, "certified")
    years = whole["year"].to_numpy()
    ax.fill_between(years, whole["value"], color=STOCK["whole"], linewidth=0)
    ax.fill_between(years, part["value"], color=STOCK["part"], linewidth=0)
    top = float(whole["value"].max())
    unit = scale(top, "persons", lang)
    value_axis(ax, top, unit.divisor)
    year_ticks(ax, years)
    ax.set_ylabel(unit.unit)
    ax.set_xlabel(text(lang, "年末", "Year-end"))
    ax.set_title(text(lang, "在岗护理员", "Caregivers in post"), loc="left", fontsize=TEXT_SIZE, pad=5)
    everyone, certified = float(whole["value"].iloc[-1]), float(part["value"].iloc[-1])
    words = [
        text(lang, f"合计\n{count(everyone, lang)}人", f"All\n{count(everyone, lang)}"),
        text(lang, f"持证\n{count(certified, lang)}人", f"Certified\n{count(certified, lang)}"),
    ]
    end_labels(ax, float(years[-1]), [everyone, certified / 2], words, [INK, STOCK["part"]], lines=2)


def _share(ax: Axes, table: pd.DataFrame, lang: str) -> None:
    share, marks = _rows(table, "share"), _rows(table, "target")
    years = share["year"].to_numpy()
    line_with_band(ax, share, MAIN, width=2, gid="share")
    value_axis(ax, max(float(np.nanmax([*share["value"], *share["q90"], *marks["value"]])) * 1.05, 0.1), 0.01)
    ax.set_ylim(0, min(ax.get_ylim()[1], 1.05))
    year_ticks(ax, years)
    ax.set_ylabel("%")
    ax.set_xlabel(text(lang, "年末", "Year-end"))
    ax.set_title(text(lang, "持证占比", "Certified share"), loc="left", fontsize=TEXT_SIZE, pad=5)
    for year, goal in zip(marks["year"].astype(int), marks["value"].astype(float), strict=True):
        reached = share.loc[share["year"] == year, "value"]
        if len(reached):
            ax.plot([year] * 2, [float(reached.iloc[0]), goal], color=TARGET, linewidth=0.8, linestyle=(0, (3, 2)))
            ax.annotate(percent(float(reached.iloc[0])), (year, float(reached.iloc[0])), xytext=(0, -11),
                        textcoords="offset points", ha="center", color=MAIN, fontsize=SMALL_SIZE)  # fmt: skip
        ax.scatter([year], [goal], marker="D", s=26, color=TARGET, zorder=4)
        ax.annotate(
            text(lang, f"{year}年目标 {percent(goal, 0)}", f"{percent(goal, 0)} by {year}"),
            (year, goal), xytext=(7, 0), textcoords="offset points", va="center", color=TARGET,
        )  # fmt: skip
    last = float(share["value"].iloc[-1])
    end_labels(ax, float(years[-1]), [last], [percent(last)], [MAIN])


def _title(results: Results, table: pd.DataFrame, lang: str) -> str:
    share, marks = _rows(table, "share"), _rows(table, "target")
    marks = marks[marks["year"].isin(set(share["year"]))]
    first = int(share["year"].iloc[0])
    year = int(marks["year"].iloc[-1]) if len(marks) else int(share["year"].iloc[-1])
    value, start = at(table, year, series="share"), float(share["value"].iloc[0])
    certified = at(table, year, series="certified")
    ending_zh = ending_en = ""
    if len(marks):
        goal = float(marks["value"].iloc[-1])
        reached = value >= goal
        ending_zh = f"，{'高于' if reached else '低于'}{percent(goal, 0)}的目标{100 * abs(value - goal):.1f}个百分点"
        ending_en = (
            f", {100 * abs(value - goal):.1f} points {'above' if reached else 'below'} the target of {percent(goal, 0)}"
        )
    return text(
        lang,
        f"{results.title(lang)}养老护理员持证占比{year}年末预期为{percent(value)}（{count(certified, lang)}人；"
        f"{first}年末{percent(start)}）{ending_zh}",
        f"{results.title(lang)}: {percent(value)} of caregivers certified at the end of {year} "
        f"({count(certified, lang)} persons; {percent(start)} in {first}){ending_en}",
    )


CHART = Chart("certified_caregivers", 42, certified_caregivers_numbers, certified_caregivers)
