"""Beds: need in its three meanings against supply, for institution beds and nursing-type beds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from demo_sim.plot.chart import Chart
from demo_sim.plot.numbers import NothingToDraw, at, require, summarise
from demo_sim.plot.sheet import Sheet, new_sheet, spread, value_axis, year_ticks
from demo_sim.plot.style import NEED, NEED_LINE, SMALL_SIZE, SUPPLY, TEXT_SIZE, ChartFigure, style
from demo_sim.plot.text import coordinate_label, footer, scale, text
from demo_sim.results.rounding import count
from demo_sim.vocab import NEED_KINDS, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from demo_sim.results import Results

RESOURCES = ("institution_beds", "nursing_beds")
_BANDED = ("observed", "potential")
_INPUTS = ("services.institution", "services.occupancy", "supply.institution_beds")


def beds_numbers(results: Results) -> pd.DataFrame:
    """Return need by meaning, supply, and gap (planning need less supply) by year and kind of bed."""
    need, supply = require(results, "demand/need"), require(results, "demand/supply")
    parts = []
    for resource in RESOURCES:
        if resource not in need["resource"].values:
            continue
        series = {k: need.sel(resource=resource, need_kind=k) for k in NEED_KINDS if k in need["need_kind"].values}
        series = {kind: da for kind, da in series.items() if bool(da.notnull().any())}
        stock = supply.sel(resource=resource)
        if series:
            # The first meaning that is defined is the one to plan by: today's use wherever it is known.
            series["gap"] = next(iter(series.values())) - stock
        series["supply"] = stock
        parts += [summarise(da, resource=resource, series=name) for name, da in series.items()]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if table.empty or not set(table["series"]) & set(NEED_KINDS):
        raise NothingToDraw("本次运行没有养老床位需求", "this run has no need for beds")
    return table


def beds(results: Results, lang: str = "zh") -> ChartFigure:
    """Draw need against supply of institution beds and nursing-type beds, with the gap shaded."""
    table = beds_numbers(results)
    resources = [r for r in RESOURCES if r in set(table["resource"])]
    heights = {resource: _height(table[table["resource"] == resource]) for resource in resources}
    unit = scale(max(heights.values()), "beds", lang)
    coords = results.need.coords
    with style():
        sheet = new_sheet(
            _title(results, table, resources, lang),
            _subtitle(results, table, lang),
            footer(results, lang, _INPUTS),
            body=8.6,
        )
        places = [(1.25, 6.5), (9.1, 14.35)] if len(resources) == 2 else [(1.25, 14.35)]
        for resource, (left, right) in zip(resources, places, strict=True):
            ax = sheet.axes(left, right, above=1.55)
            _panel(ax, table[table["resource"] == resource], lang)
            value_axis(ax, heights[resource], unit.divisor)
            ax.set_title(coordinate_label(coords, "resource", resource, lang), loc="left", fontsize=TEXT_SIZE, pad=5)
            ax.set_ylabel(unit.unit)
            ax.set_xlabel(text(lang, "年末", "Year-end"))
            _end_labels(ax, table[table["resource"] == resource], lang)
        _legend(sheet, table, lang)
    return sheet.figure


def _height(table: pd.DataFrame) -> float:
    """Return the largest number drawn, bands included."""
    lines = table.loc[table["series"] != "gap", "value"]
    bands = table.loc[table["series"].isin(_BANDED), "q90"]
    return float(np.nanmax([*lines, *bands]))


def _series(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table["series"] == name].sort_values("year")


def _panel(ax: Axes, table: pd.DataFrame, lang: str) -> None:
    kinds = [k for k in NEED_KINDS if k in set(table["series"])]
    supply = _series(table, "supply")
    years = supply["year"].to_numpy()
    for kind in kinds:
        need = _series(table, kind)
        if kind in _BANDED and need["q10"].notna().any():
            ax.fill_between(years, need["q10"], need["q90"], color=NEED[kind], alpha=0.16, linewidth=0)
        ax.plot(years, need["value"], color=NEED[kind], linestyle=NEED_LINE[kind], gid=kind)
    if kinds:
        planning = _series(table, kinds[0])["value"].to_numpy()
        stock = supply["value"].to_numpy()
        ax.fill_between(
            years,
            stock,
            planning,
            where=(planning > stock).tolist(),
            interpolate=True,
            facecolor="none",
            edgecolor=NEED[kinds[0]],
            hatch="////",
            linewidth=0,
            gid="gap",
        )
    ax.plot(years, supply["value"], color=SUPPLY, linewidth=2.2, gid="supply")
    year_ticks(ax, years)


def _end_labels(ax: Axes, table: pd.DataFrame, lang: str) -> None:
    year = int(table["year"].max())
    names = [n for n in (*NEED_KINDS, "supply") if n in set(table["series"])]
    names = [n for n in names if np.isfinite(at(table, year, series=n))]
    values = [at(table, year, series=n) for n in names]
    places = spread(values, 0.055 * ax.get_ylim()[1])
    for name, value, place in zip(names, values, places, strict=True):
        ax.annotate(
            count(value, lang),
            (year, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL_SIZE,
            color=SUPPLY if name == "supply" else NEED[name],
            annotation_clip=False,
        )


def _legend(sheet: Sheet, table: pd.DataFrame, lang: str) -> None:
    kinds = [k for k in NEED_KINDS if k in set(table["series"])]
    banded = [k for k in kinds if k in _BANDED and table.loc[table["series"] == k, "q10"].notna().any()]
    handles: list[Any] = []
    labels: list[str] = []
    if table.loc[table["series"] == "supply", "value"].notna().any():
        handles.append(Line2D([], [], color=SUPPLY, linewidth=2.2))
        labels.append(label("supply", lang=lang))
    for kind in kinds:
        line = Line2D([], [], color=NEED[kind], linestyle=NEED_LINE[kind])
        band = Patch(facecolor=NEED[kind], alpha=0.16, linewidth=0)
        handles.append((band, line) if kind in banded else line)
        words = label("need", lang=lang) + text(lang, "：", ": ") + label("need_kind", kind, lang)
        labels.append(words + (text(lang, "，80%区间", ", 80% band") if kind in banded else ""))
    gap = table.loc[table["series"] == "gap", "value"]
    if (gap > 0).any():
        handles.append(Patch(facecolor="none", edgecolor=NEED[kinds[0]], hatch="////", linewidth=0))
        labels.append(label("gap", lang=lang))
    sheet.legend(handles, labels, columns=3)


def _subtitle(results: Results, table: pd.DataFrame, lang: str) -> str:
    kind = next(k for k in NEED_KINDS if k in set(table["series"]))
    name = label("need_kind", kind, lang)
    return text(
        lang,
        f"年末床位数。需求为使用者人数除以规划入住率；三种需求分别列出，缺口按“{name}”需求减供给计，正数为不足",
        "Beds at year-end. Need is users divided by the planning occupancy, in three meanings; "
        f"the gap is need by {name.lower()} less supply, positive where beds are short",
    )


def _title(results: Results, table: pd.DataFrame, resources: list[str], lang: str) -> str:
    year = int(table["year"].max())
    coords = results.need.coords
    sentences = []
    for resource in resources:
        of_resource = table[table["resource"] == resource]
        kinds = [k for k in NEED_KINDS if k in set(of_resource["series"])]
        if not kinds:
            continue
        name = coordinate_label(coords, "resource", resource, lang)
        name = name if lang == "zh" else name.lower()
        need = at(of_resource, year, series=kinds[0])
        supply, gap = at(of_resource, year, series="supply"), at(of_resource, year, series="gap")
        if not np.isfinite(gap):
            sentences.append(
                text(
                    lang,
                    f"{name}需{count(need, lang)}张（供给未知）",
                    f"{count(need, lang)} {name} needed (supply unknown)",
                )
            )
            continue
        short = gap > 0
        sentences.append(
            text(
                lang,
                f"{name}需{count(need, lang)}张、供给{count(supply, lang)}张，"
                f"{'缺' if short else '富余'}{count(abs(gap), lang)}张",
                f"{count(need, lang)} {name} needed, {count(supply, lang)} supplied, "
                f"{count(abs(gap), lang)} {'short' if short else 'to spare'}",
            )
        )
    return text(
        lang,
        f"{results.title(lang)}{year}年末{'；'.join(sentences)}",
        f"{results.title(lang)} at the end of {year}: {'; '.join(sentences)}",
    )


CHART = Chart("beds", 30, beds_numbers, beds)
