"""Waterfalls of what closes a gap: of each target of the newest plan that rests on a stock, then of what is needed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from demo_sim.plot.chart import Chart
from demo_sim.plot.closing import closing_numbers
from demo_sim.plot.sheet import current_page, frame_size, new_sheet, on_page
from demo_sim.plot.style import FLOW, GAP, INK, MUTED, NOTE_SIZE, SMALL_SIZE, STOCK, TEXT_SIZE, ChartFigure, style
from demo_sim.plot.text import footer, line_width, shorten, text, wrap
from demo_sim.results.rounding import count, left, office
from demo_sim.vocab import unit_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from demo_sim.results import Results

_COLOURS = {"stock": STOCK["whole"], "goal": STOCK["part"], **FLOW}
_BRACKETS = re.compile(r"\s?[（(][^（(]*[)）]$")
_ROOM_FOR_NAMES, _ROOM_FOR_NUMBERS = 2.8, 1.3  # cm
_PANEL = 7.6  # cm from one panel to the next
_COLUMNS = 2
_MOST = {"column": 6, "slide": 4, "inset": 4}  # panels of a page


def closing_gap(results: Results, lang: str = "zh", page: int = 1) -> ChartFigure:
    """Draw, for each gap, the opening stock, what adds to it and takes from it, and what is still lacking.

    Parameters
    ----------
    results : Results
        A run.
    lang : {"zh", "en"}
        Language of all text.
    page : int
        Page to draw, from 1; the figure says in `pages` how many there are.
    """
    table = closing_numbers(results)
    cases, pages = on_page(list(dict.fromkeys(table["case"])), _MOST[current_page()], page, _COLUMNS)
    table = table[table["case"].isin(cases)]
    rows = int(np.ceil(len(cases) / _COLUMNS))
    slide = current_page() != "column"  # which has no room for a legend; the bars are named anyway
    head = 0.0 if slide else 0.6
    with style():
        sheet = new_sheet(
            _title(results, table, lang),
            text(
                lang,
                "各项输入取给定值，单位见各图标题。期初存量加减各年变化之和得到年末存量，斜线为与目标或需求的差额（按所列数值）",
                "At stated inputs, units beside the panel titles. The opening stock and the sums of its changes give "
                "the stock reached; hatched is what is left to the target or need, as printed",
            ),
            footer(results, lang, tuple(f"supply.{name}" for name in table["stock"].str.partition(".")[0].unique())),
            body=head + 4.3 * rows,
        )
        height = (sheet.height - head) / rows
        for i, case in enumerate(cases):
            column, row = i % _COLUMNS, i // _COLUMNS
            left = 0.25 + _ROOM_FOR_NAMES + column * _PANEL
            right = (column + 1) * _PANEL - _ROOM_FOR_NUMBERS + 0.45
            if len(cases) == 1:
                right += _PANEL
            below = (rows - 1 - row) * height + 0.1
            ax = sheet.axes(left, right, below=below, above=head + row * height + 0.55)
            _waterfall(ax, table[table["case"] == case].sort_values("order"), lang, NOTE_SIZE if slide else SMALL_SIZE)
        if not slide:
            _legend(sheet, lang)
    sheet.figure.pages = pages
    return sheet.figure


def _waterfall(ax: Axes, rows: pd.DataFrame, lang: str, size: float) -> None:
    bars, lacking = rows[rows["kind"] != "other_way"], _lacking(rows, lang)
    level, ends = 0.0, []
    for y, (kind, value) in enumerate(zip(bars["kind"], bars["value"].astype(float), strict=True)):
        start = 0.0 if kind in ("stock", "goal") else level
        end = value if kind in ("stock", "goal") else level + value
        look: dict[str, Any] = {"color": _COLOURS.get(kind)}
        if kind == "gap":
            look = {"facecolor": "none", "edgecolor": GAP, "hatch": "////", "linewidth": 0.8}
        ax.barh(y, end - start, left=start, height=0.68, **look)
        printed = lacking if kind == "gap" else value
        shown = count(value, lang) if kind in ("stock", "goal") else _signed(printed, lang)
        ax.annotate(shown, (max(start, end), y), xytext=(3, 0), textcoords="offset points", va="center",
                    fontsize=size, color=GAP if kind == "gap" else INK, annotation_clip=False)  # fmt: skip
        ends.append(end)
        level = end
    for y, end in enumerate(ends[:-1]):
        ax.plot([end, end], [y - 0.34, y + 1.34], color=MUTED, linewidth=0.5)
    names = [_words(row, lacking, lang) for _, row in bars.iterrows()]
    other = rows[rows["kind"] == "other_way"]
    if len(other) and lacking > 0 and current_page() == "column":  # a slide has no room for what would do instead
        said = f"{text(lang, *str(other['step'].iloc[0]).split('|'))} {count(float(other['value'].iloc[0]), lang)}"
        names[bars["kind"].tolist().index("gap")] += text(lang, f"\n（{said}）", f"\n({said})")
    ax.set_yticks(range(len(bars)), ["\n".join(wrap(n, _ROOM_FOR_NAMES - 0.15, size)) for n in names], fontsize=size)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(bars) - 0.5, -0.5)
    ax.set_xlim(0, 1.02 * max(max(ends), 1.0))
    ax.set_xticks([])
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)
    unit, year = unit_label(str(rows["unit"].iloc[0]), lang), int(rows["year"].iloc[0])
    words = str(rows[f"label_{lang}"].iloc[0])
    tail = text(lang, f"，{year}年末（{unit}）", f", {year} ({unit})")
    room = _PANEL - 0.2 - line_width(tail, TEXT_SIZE)
    if line_width(words, TEXT_SIZE) > room:
        words = _BRACKETS.sub("", words)  # which certificate, which beds
    words = shorten(words, room, TEXT_SIZE)[0] + tail
    ax.set_title(words, loc="left", fontsize=TEXT_SIZE, pad=5, x=-_ROOM_FOR_NAMES / frame_size(ax)[0])


def _signed(value: float, lang: str) -> str:
    return f"+{count(value, lang)}" if value > 0 else count(value, lang)


def _lacking(rows: pd.DataFrame, lang: str) -> float:
    """What is still to add in a case, as the goal and the stock reached are printed."""
    goal = float(rows.loc[rows["kind"] == "goal", "value"].iloc[-1])
    return left(goal, float(rows.loc[rows["kind"] == "stock", "value"].iloc[-1]), lang)


def _words(row: pd.Series, lacking: float, lang: str) -> str:
    words = str(row["step"])
    if row["kind"] == "stock":
        return text(lang, f"{words}年末", f"End of {words}")
    if row["kind"] == "gap" and lacking <= 0:
        return text(lang, "富余", "To spare") if lacking < 0 else text(lang, "持平", "Even")
    return text(lang, *words.split("|"))


def _legend(sheet: Any, lang: str) -> None:
    handles = [Patch(facecolor=_COLOURS[k], linewidth=0) for k in ("stock", "in", "within", "out", "goal")]
    handles.insert(4, Patch(facecolor="none", edgecolor=GAP, hatch="////", linewidth=0.8))
    names = text(lang, "存量|增加|改造|减少|还需|目标或需求", "Stock|Added|Converted|Lost|Lacking|Target or need")
    sheet.legend(handles, names.split("|"), columns=6)


def _title(results: Results, table: pd.DataFrame, lang: str) -> str:
    lacking = {case: _lacking(rows, lang) for case, rows in table.groupby("case")}
    gaps = table[(table["kind"] == "gap") & (table["case"].map(lacking) > 0)]
    if gaps.empty:
        return text(lang, f"{results.title(lang)}所列目标均已满足", f"{results.title(lang)}: the targets shown are met")
    years = []
    for year, rows in gaps.groupby("year"):
        parts = []
        for _, row in rows.iterrows():
            gap, unit = lacking[row["case"]], str(row["unit"])
            whole, _, part = str(row[f"label_{lang}"]).partition(text(lang, "：", ": "))
            what = whole + text(lang, f"（{part}）", f" ({part})") if part else whole
            way = str(row["step"]).partition("|")[0].removeprefix("还需")
            parts.append(
                text(lang, f"{what}{way}{office(gap, unit, lang)}", f"{what[0].lower()}{what[1:]} {count(gap, lang)}")
            )
        years.append(text(lang, f"到{year}年{'、'.join(parts)}", f"by {year}, {', '.join(parts)}"))
    return text(
        lang, f"{results.title(lang)}还需：{'；'.join(years)}", f"{results.title(lang)} still needs: {'; '.join(years)}"
    )


CHART = Chart("closing_gap", 46, closing_numbers, closing_gap)
