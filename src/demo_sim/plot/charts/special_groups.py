"""Special groups as rows: the path of each, its size at the first and last year-end, the change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from demo_sim.plot.chart import Chart
from demo_sim.plot.numbers import NothingToDraw, at, banded, require, summarise
from demo_sim.plot.sheet import new_sheet, room_for
from demo_sim.plot.style import CM, INK, MAIN, MUTED, NOTE_SIZE, RULE, SMALL_SIZE, WIDTH, ChartFigure, style
from demo_sim.plot.text import coordinate_label, footer, shorten, text
from demo_sim.results.rounding import count, plain
from demo_sim.results.subjects import by_subject

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from demo_sim.results import Results

_INPUTS = ("groups.", "disability.")
# Where the name, the path and the numbers stand, cm.
_NAME, _PATH, _START, _END, _BAND, _CHANGE = 0.25, (6.5, 8.7), 10.3, 12.0, 14.4, 15.75
_ROW, _HEAD = 0.52, 0.5
_MOST_BODY = 20.5
_FEWEST_FOR_PERCENT = 1.0


def special_groups_numbers(results: Results) -> pd.DataFrame:
    """Return the size of each special group by year, both residences together, with quantiles over draws."""
    groups = require(results, "groups/groups").sum("residence", skipna=False)
    # Residents and households are those of the pyramid and its neighbours.
    names = [n for subject, found in by_subject(groups, "group").items() if subject != "population" for n in found]
    parts = [summarise(groups.sel(group=name), group=name) for name in names]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"value": []})
    table = table[table["value"].notna()].reset_index(drop=True)
    if table.empty:
        raise NothingToDraw("本次运行没有特殊群体", "this run counts no special groups")
    return table


def special_groups(results: Results, lang: str = "zh", page: int = 1) -> ChartFigure:
    """Draw the special groups of a run, the largest first, each with its path and its numbers.

    Parameters
    ----------
    results : Results
        A run.
    lang : {"zh", "en"}
        Language of all text.
    page : int
        Page to draw, from 1; the figure says in `pages` how many there are.
    """
    table = special_groups_numbers(results)
    last = int(table["year"].max())
    sizes = table[table["year"] == last].set_index("group")["value"].sort_values(ascending=False, kind="stable")
    title, subtitle, notes = _title(results, table, lang), _subtitle(lang), footer(results, lang, _INPUTS)
    with style():
        per_page = int((room_for(title, subtitle, notes, _MOST_BODY) - _HEAD - 0.1) / _ROW)
        pages = int(np.ceil(len(sizes) / per_page))
        per_page = int(np.ceil(len(sizes) / pages))  # pages alike rather than a last one of few rows
        shown = list(sizes.index[(page - 1) * per_page : page * per_page])
        sheet = new_sheet(title, subtitle, notes, body=_HEAD + len(shown) * _ROW + 0.1)
        height = sheet.figure.get_figheight() / CM
        ax = sheet.figure.add_axes((0, sheet.bottom / height, 1, sheet.height / height))
        ax.set_xlim(0, WIDTH)
        ax.set_ylim(sheet.height, 0)
        ax.axis("off")
        _header(ax, table, lang)
        coords = results.groups.coords
        for i, name in enumerate(shown):
            words = coordinate_label(coords, "group", name, lang)
            if "group_base" in coords and str(coords["group_base"].sel(group=name).item()) == "hukou":
                words += text(lang, "（户籍）", " (registered)")
            _row(ax, table[table["group"] == name], words, _HEAD + (i + 0.5) * _ROW, lang)
        rules = [_HEAD + (i + 1) * _ROW for i in range(len(shown))]
        ax.hlines(rules, 0.25, WIDTH - 0.25, color=RULE, linewidth=0.5)
    sheet.figure.pages = pages
    return sheet.figure


def _header(ax: Axes, table: pd.DataFrame, lang: str) -> None:
    first, last = int(table["year"].min()), int(table["year"].max())
    heads = [
        (_NAME, "left", text(lang, "群体", "Group")),
        (_PATH[0], "left", f"{first}"),
        (_PATH[1], "right", f"{last}"),
        (_START, "right", text(lang, f"{first}年末", f"{first}")),
        (_END, "right", text(lang, f"{last}年末", f"{last}")),
        (_BAND, "right", text(lang, "80%区间", "80% band") if banded(table) else ""),
        (_CHANGE, "right", text(lang, "变化", "Change")),
    ]
    for x, side, words in heads:
        ax.text(x, _HEAD - 0.1, words, ha=side, va="bottom", fontsize=NOTE_SIZE, color=MUTED)
    ax.plot([0.25, WIDTH - 0.25], [_HEAD, _HEAD], color=MUTED, linewidth=0.8)


def _row(ax: Axes, rows: pd.DataFrame, name: str, y: float, lang: str) -> None:
    rows = rows.sort_values("year")
    first, last = rows.iloc[0], rows.iloc[-1]
    values, years = rows["value"].to_numpy(), rows["year"].to_numpy(dtype=float)
    x = _PATH[0] + (years - years[0]) / max(years[-1] - years[0], 1) * (_PATH[1] - _PATH[0])
    low, high = float(values.min()), float(values.max())
    # Every path fills its row: it shows the direction, the numbers show the size.
    scaled = y + 0.15 - 0.30 * ((values - low) / (high - low) if high > low else np.full(values.size, 0.5))
    ax.plot(x, scaled, color=MAIN, linewidth=1.2)
    ax.plot(x[-1:], scaled[-1:], marker="o", markersize=2.6, color=MAIN)
    ax.text(_NAME, y, shorten(name, _PATH[0] - _NAME - 0.2, SMALL_SIZE)[0], va="center", fontsize=SMALL_SIZE, color=INK)
    start, end = float(first["value"]), float(last["value"])
    change = (
        f"{'+' if end >= start else ''}{plain(100 * (end / start - 1), 0)}%" if start >= _FEWEST_FOR_PERCENT else "–"
    )
    for place, value in ((_START, start), (_END, end)):
        ax.text(place, y, count(value, lang), ha="right", va="center", fontsize=SMALL_SIZE, color=INK)
    if np.isfinite(last["q10"]):
        band = f"{count(float(last['q10']), lang)}–{count(float(last['q90']), lang)}".replace(" million–", "–")
        ax.text(_BAND, y, band, ha="right", va="center", fontsize=NOTE_SIZE, color=MUTED)
    ax.text(_CHANGE, y, change, ha="right", va="center", fontsize=SMALL_SIZE, color=INK)


def _signed_percent(share: float) -> str:
    return f"{'+' if share >= 0 else ''}{plain(100 * share, 0)}%"


def _subtitle(lang: str) -> str:
    return text(
        lang,
        "年末人数，按期末人数由多到少；曲线各自缩放，只示走向。标“户籍”者按户籍人口计",
        "Persons at year-end, the largest first; each path is scaled by itself and shows the direction alone. "
        "Registered: counted on the registered population",
    )


def _title(results: Results, table: pd.DataFrame, lang: str) -> str:
    first, last = int(table["year"].min()), int(table["year"].max())
    changes = {}
    for name in dict.fromkeys(table["group"]):
        rows = table[table["group"] == name]
        start, end = (at(rows, y) for y in (first, last))
        if start >= _FEWEST_FOR_PERCENT:
            changes[name] = end / start - 1
    coords = results.groups.coords
    ups = sum(change > 0 for change in changes.values())
    most, least = max(changes, key=lambda n: changes[n]), min(changes, key=lambda n: changes[n])
    words = {n: coordinate_label(coords, "group", n, lang) for n in (most, least)}
    shown = {n: _signed_percent(changes[n]) for n in (most, least)}
    return text(
        lang,
        f"{results.title(lang)}{first}—{last}年{len(changes)}类群体中{ups}类增加："
        f"{words[most]}变化最大（{shown[most]}），{words[least]}为{shown[least]}",
        f"{results.title(lang)}, {first} to {last}: {ups} of {len(changes)} groups grow, most of all "
        f"{words[most].lower()} ({shown[most]}); {words[least].lower()} {shown[least]}",
    )


CHART = Chart("special_groups", 28, special_groups_numbers, special_groups)
