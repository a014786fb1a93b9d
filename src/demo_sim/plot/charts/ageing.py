"""Ageing: shares of older people in the population, and dependants per 100 of working age."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from demo_sim.plot.chart import Chart
from demo_sim.plot.marks import end_labels, line_with_band
from demo_sim.plot.numbers import at, banded, summarise
from demo_sim.plot.sheet import new_sheet, value_axis, year_ticks
from demo_sim.plot.style import DEPENDANTS, INK, LINE_COLOURS, LINE_DASHES, SMALL_SIZE, TEXT_SIZE, ChartFigure, style
from demo_sim.plot.text import footer, text
from demo_sim.results.rounding import percent

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from demo_sim.results import Results

_INPUTS = ("population.", "mortality.e0", "fertility.tfr", "migration.net")
# First and last age groups; None is the open end.
_SHARES = {"share_60": ("60-64", None), "share_65": ("65-69", None), "share_80": ("80-84", None)}
RATIOS = {"child_dependency": ("0-4", "10-14"), "old_dependency": ("65-69", None)}
WORKING = ("15-19", "60-64")
_AREA = {"child_dependency": DEPENDANTS["child"], "old_dependency": DEPENDANTS["old"]}


def ageing_numbers(results: Results) -> pd.DataFrame:
    """Return shares of the population and dependency ratios (0 to 1) by year, with quantiles over draws."""
    ages = results.spread("population/summary", lambda array: array.sum(["residence", "sex", "function"]))
    groups = ages["age_group"].values.tolist()

    def persons(first: str, last: str | None) -> xr.DataArray:
        end = None if last is None else groups.index(last) + 1
        return ages.isel(age_group=slice(groups.index(first), end)).sum("age_group")

    everyone, working = ages.sum("age_group"), persons(*WORKING)
    found = {name: persons(*span) / everyone for name, span in _SHARES.items()}
    found |= {name: persons(*span) / working for name, span in RATIOS.items()}
    found["dependency"] = found["child_dependency"] + found["old_dependency"]
    return pd.concat([summarise(da, series=name) for name, da in found.items()], ignore_index=True)


def ageing(results: Results, lang: str = "zh") -> ChartFigure:
    """Draw the shares of people of 60, 65 and 80 and over, and the dependency ratios stacked."""
    table = ageing_numbers(results)
    years = np.sort(table["year"].unique())
    with style():
        sheet = new_sheet(
            _title(results, table, lang),
            text(
                lang,
                f"年末常住人口。左：占总人口的比例{'，阴影为80%区间' if banded(table) else ''}；"
                "右：抚养比，即每100名15—64岁人口对应的0—14岁和65岁及以上人数",
                f"Residents at year-end. Left: share of the population{', with 80% bands' if banded(table) else ''}; "
                "right: dependants, aged 0 to 14 "
                "and 65 and over, per 100 people aged 15 to 64",
            ),
            footer(results, lang, _INPUTS),
            body=7.4,
        )
        left, right = sheet.axes(1.25, 5.3, above=0.5), sheet.axes(9.2, 13.7, above=0.5)
        _shares(left, table, years, lang)
        _ratios(right, table, years, lang)
        for ax in (left, right):
            year_ticks(ax, years)
            ax.set_xlabel(text(lang, "年末", "Year-end"))
    return sheet.figure


def _shares(ax: Axes, table: pd.DataFrame, years: np.ndarray, lang: str) -> None:
    for name, colour, dashes in zip(_SHARES, LINE_COLOURS, LINE_DASHES, strict=True):
        line_with_band(ax, table[table["series"] == name], colour, dashes=dashes, gid=name)
    shown = table[table["series"].isin(list(_SHARES))]
    value_axis(ax, float(np.nanmax([*shown["value"], *shown["q90"]])), 0.01)
    ax.set_ylabel("%")
    ax.set_title(text(lang, "占总人口的比例", "Share of the population"), loc="left", fontsize=TEXT_SIZE, pad=5)
    last = int(years[-1])
    values = [at(table, last, series=name) for name in _SHARES]
    words = [
        text(lang, f"{name[-2:]}岁及以上 {percent(value)}", f"aged {name[-2:]}+ {percent(value)}")
        for name, value in zip(_SHARES, values, strict=True)
    ]
    end_labels(ax, last, values, words, list(LINE_COLOURS))


def _ratios(ax: Axes, table: pd.DataFrame, years: np.ndarray, lang: str) -> None:
    rows = {name: table[table["series"] == name].sort_values("year")["value"].to_numpy() for name in RATIOS}
    colours = [_AREA[name] for name in RATIOS]
    ax.stackplot(years, list(rows.values()), colors=colours, edgecolor="#FFFFFF", linewidth=0.6)
    total = sum(rows.values())
    value_axis(ax, float(np.max(total)), 0.01)
    ax.set_ylabel(text(lang, "每100名15—64岁人口", "per 100 aged 15 to 64"))
    ax.set_title(text(lang, "抚养比", "Dependency ratios"), loc="left", fontsize=TEXT_SIZE, pad=5)
    names = {
        "child_dependency": text(lang, "少儿抚养比", "Child ratio"),
        "old_dependency": text(lang, "老年抚养比", "Old-age ratio"),
    }
    base = np.cumsum([values[-1] for values in rows.values()])
    middles = base - np.array([values[-1] for values in rows.values()]) / 2
    words = [f"{names[n]}\n{100 * values[-1]:.1f}" for n, values in rows.items()]
    words.append(text(lang, f"总抚养比\n{100 * base[-1]:.1f}", f"Both\n{100 * base[-1]:.1f}"))
    end_labels(ax, int(years[-1]), [*middles, base[-1] * 1.03], words, [INK] * 3, lines=2)
    start = float(np.sum([values[0] for values in rows.values()]))
    ax.annotate(
        f"{100 * start:.1f}", (years[0], start), xytext=(2, 4), textcoords="offset points",
        fontsize=SMALL_SIZE, color=INK,
    )  # fmt: skip


def _title(results: Results, table: pd.DataFrame, lang: str) -> str:
    first, last = int(table["year"].min()), int(table["year"].max())
    (s0, s1), (d0, d1) = ([at(table, y, series=n) for y in (first, last)] for n in ("share_60", "dependency"))
    return text(
        lang,
        f"{results.title(lang)}60岁及以上人口占比由{first}年末的{percent(s0)}{'升至' if s1 >= s0 else '降至'}"
        f"{last}年末的{percent(s1)}，总抚养比由{100 * d0:.1f}{'升至' if d1 >= d0 else '降至'}{100 * d1:.1f}",
        f"{results.title(lang)}: people aged 60 and over go from {percent(s0)} of the population at the end of {first} "
        f"to {percent(s1)} at the end of {last}; dependants per 100 of working age from {100 * d0:.1f} "
        f"to {100 * d1:.1f}",
    )


CHART = Chart("ageing", 15, ageing_numbers, ageing)
