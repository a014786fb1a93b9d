"""Need in its meanings against supply, with the gap shaded: one panel a resource, for any resources of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from demo_sim.plot.marks import BAND_ALPHA, end_labels, line_with_band
from demo_sim.plot.numbers import at, require, summarise
from demo_sim.plot.sheet import value_axis, year_ticks
from demo_sim.plot.style import NEED, NEED_LINE, SUPPLY_COLOUR, TEXT_SIZE
from demo_sim.plot.text import coordinate_label, font_scale, shorten, text
from demo_sim.results.rounding import count
from demo_sim.vocab import NEED_KINDS, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from demo_sim.plot.sheet import FigureSheet
    from demo_sim.results import Results

_BANDED = ("observed", "potential")
PANELS_A_PAGE = 3  # panels of a page
_LEFT, _WIDTH, _STEP = 1.25, 2.75, 5.1  # cm, of three panels


def need_numbers(results: Results, resources: Sequence[str]) -> pd.DataFrame:
    """Return need by meaning, supply, and gap (planning need less supply) by year and resource.

    Resources of which neither is known are left out; the table is empty where none is left.
    """
    need, supply = require(results, "demand/need"), require(results, "demand/supply")
    parts = []
    for resource in resources:
        if resource not in need["resource"].values:
            continue
        series = {k: need.sel(resource=resource, need_kind=k) for k in NEED_KINDS if k in need["need_kind"].values}
        series = {kind: da for kind, da in series.items() if bool(da.notnull().any())}
        stock = supply.sel(resource=resource)
        if not series and not bool(stock.notnull().any()):
            continue
        # The first meaning that is defined is the one to plan by: today's use wherever it is known.
        if series:
            series["gap"] = next(iter(series.values())) - stock
        series["supply"] = stock
        parts += [summarise(da, resource=resource, series=name) for name, da in series.items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def kinds_of(table: pd.DataFrame) -> list[str]:
    """Return the meanings of need in a table, the one to plan by first."""
    return [kind for kind in NEED_KINDS if kind in set(table["series"])]


def has_gap(table: pd.DataFrame) -> bool:
    """Return whether need and supply of any resource are both known."""
    return bool(table.loc[table["series"] == "gap", "value"].notna().any())


def height(table: pd.DataFrame) -> float:
    """Return the largest number drawn, bands included."""
    lines = table.loc[table["series"] != "gap", "value"]
    bands = table.loc[table["series"].isin(_BANDED), "q90"]
    return float(np.nanmax([*lines, *bands]))


def draw_panel(ax: Axes, table: pd.DataFrame) -> None:
    """Draw one resource: lines of need, the supply, the gap to the planning need hatched."""
    kinds = kinds_of(table)
    supply = table[table["series"] == "supply"].sort_values("year")
    years = supply["year"].to_numpy()
    for kind in kinds:
        need = table[table["series"] == kind]
        shown = need if kind in _BANDED else need[["year", "value"]]
        line_with_band(ax, shown, NEED[kind], dashes=NEED_LINE[kind], width=1.6, gid=kind)
    if kinds:
        planning = table[table["series"] == kinds[0]].sort_values("year")["value"].to_numpy()
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
    ax.plot(years, supply["value"], color=SUPPLY_COLOUR, linewidth=2.2, gid="supply")
    year_ticks(ax, years)


def draw_panels(sheet: FigureSheet, results: Results, table: pd.DataFrame, unit: str, lang: str) -> None:
    """Draw the resources of a page side by side, each on its own scale, with the legend of all at the head."""
    shown = list(dict.fromkeys(table["resource"]))
    step = _STEP * PANELS_A_PAGE / len(shown)
    for i, resource in enumerate(shown):
        rows = table[table["resource"] == resource]
        ax = sheet.axes(_LEFT + i * step, _LEFT + i * step + _WIDTH + step - _STEP, above=1.55)
        draw_panel(ax, rows)
        axis = font_scale(height(rows), unit, lang)
        value_axis(ax, height(rows), axis.divisor)
        name = coordinate_label(results.need.coords, "resource", resource, lang)
        ax.set_title(shorten(name, step - 0.6, TEXT_SIZE)[0], loc="left", fontsize=TEXT_SIZE, pad=5)
        ax.set_ylabel(axis.unit)
        ax.set_xlabel(text(lang, "年末", "Year-end"))
        label_ends(ax, rows, lang)
    put_legend(sheet, table, lang)


def label_ends(ax: Axes, table: pd.DataFrame, lang: str) -> None:
    """Write the numbers of the last year beside the lines; the value axis has to be set."""
    year = int(table["year"].max())
    names = [n for n in (*kinds_of(table), "supply") if np.isfinite(at(table, year, series=n))]
    values = [at(table, year, series=n) for n in names]
    colours = [SUPPLY_COLOUR if n == "supply" else NEED[n] for n in names]
    end_labels(ax, year, values, [count(v, lang) for v in values], colours)


def put_legend(sheet: FigureSheet, table: pd.DataFrame, lang: str) -> None:
    """Put the legend of all panels at the head of the sheet, in rows of three."""
    kinds = kinds_of(table)
    banded = [k for k in kinds if k in _BANDED and table.loc[table["series"] == k, "q10"].notna().any()]
    handles: list[Any] = []
    labels: list[str] = []
    if table.loc[table["series"] == "supply", "value"].notna().any():
        handles.append(Line2D([], [], color=SUPPLY_COLOUR, linewidth=2.2))
        labels.append(label("supply", lang=lang))
    for kind in kinds:
        line = Line2D([], [], color=NEED[kind], linestyle=NEED_LINE[kind])
        band = Patch(facecolor=NEED[kind], alpha=BAND_ALPHA, linewidth=0)
        handles.append((band, line) if kind in banded else line)
        words = label("need", lang=lang) + text(lang, "：", ": ") + label("need_kind", kind, lang)
        labels.append(words + (text(lang, "，80%区间", ", 80% band") if kind in banded else ""))
    if (table.loc[table["series"] == "gap", "value"] > 0).any():
        handles.append(Patch(facecolor="none", edgecolor=NEED[kinds[0]], hatch="////", linewidth=0))
        labels.append(label("gap", lang=lang))
    sheet.legend(handles, labels, columns=3)
