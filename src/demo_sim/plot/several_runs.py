"""The same series of several runs side by side: regions, or variants of one scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from demo_sim.plot.marks import end_labels, line_with_band
from demo_sim.plot.numbers import NothingToDraw, banded
from demo_sim.plot.one_series import axis_unit, fan_numbers, find_series
from demo_sim.plot.sheet import frame_size, new_sheet, page, value_axis, year_ticks
from demo_sim.plot.style import MAIN, NOTE_SIZE, TEXT_SIZE, ChartFigure, style
from demo_sim.plot.text import shorten, text
from demo_sim.results.rounding import three_figures
from demo_sim.results.titles import run_titles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from demo_sim.plot.sheet import FigureSheet
    from demo_sim.results import Results

_LEFT, _RIGHT, _BETWEEN = 1.2, 14.9, 1.9  # cm


def several_numbers(runs: Sequence[Results], name: str) -> pd.DataFrame:
    """Return the series of each run by year with its value and quantiles; a run without it is left out.

    `run` counts the runs given, from 0; `label` is the title of the run in Chinese, made unlike others by its name.
    """
    parts = []
    titles = run_titles(runs, "zh")
    for i, run in enumerate(runs):
        try:
            numbers = fan_numbers(run, name)
        except NothingToDraw:
            continue
        numbers.insert(0, "run", i)
        numbers.insert(1, "label", titles[i])
        parts.append(numbers)
    if not parts:
        raise NothingToDraw(f"各次运行都没有序列“{name}”", f"no run has the series {name!r}")
    return pd.concat(parts, ignore_index=True)


def small_multiples(
    runs: Sequence[Results], name: str, lang: str = "zh", size: str = "column", same_scale: bool | None = None
) -> ChartFigure:
    """Draw one series of several runs, one small panel a run, each with its 80% band.

    Parameters
    ----------
    runs : sequence of Results
        Runs, for instance of five regions, in the order of the panels.
    name : str
        Series, as `fan` takes it.
    lang : {"zh", "en"}
        Language of all text.
    size : {"column", "slide", "inset"}
        The text column of an A4 page, a slide of 16 by 9, or what a slide shows below its own title.
    same_scale : bool, optional
        One scale for all panels; unless given, where the largest of the runs is at most five times the smallest.
    """
    table = several_numbers(runs, name)
    shown = list(dict.fromkeys(table["run"]))
    _, words, unit = find_series(runs[shown[0]], name, lang)
    titles = run_titles(runs, lang)
    tops = {i: float(np.nanmax(table.loc[table["run"] == i, ["value", "q90"]].to_numpy())) for i in shown}
    shared = max(tops.values()) <= 5 * min(tops.values()) if same_scale is None else same_scale
    with page(size), style():
        columns = min(len(shown), 3)
        rows = int(np.ceil(len(shown) / columns))
        _, axis_words = axis_unit(max(tops.values()), unit, lang)
        where = text(lang, f"，单位：{axis_words}", f", in {axis_words}") if shared else ""
        own = "" if shared else text(lang, "，各图刻度不同", ", each panel on its own scale")
        bands_zh, bands_en = ("；阴影为80%区间", "; 80% bands") if banded(table) else ("", "")
        sheet = new_sheet(
            _title(table, shown, titles, words, unit, lang),
            text(lang, f"{words}，年末{where}{own}{bands_zh}", f"{words} at year-end{where}{own}{bands_en}"),
            _notes(runs, lang),
            body=4.4 * rows,
        )
        for place, i in enumerate(shown):
            top = max(tops.values()) if shared else tops[i]
            ax = _panel(sheet, place, columns, rows)
            divisor, own_words = axis_unit(top, unit, lang)
            _draw(ax, table[table["run"] == i], top, divisor)
            # Where scales differ, the unit stands with the title: beside the axis it would meet the panel before.
            title = titles[i] if shared else titles[i] + text(lang, f"（{own_words}）", f" ({own_words})")
            room = frame_size(ax)[0] + _BETWEEN - 0.2
            ax.set_title(shorten(title, room, TEXT_SIZE)[0], loc="left", fontsize=TEXT_SIZE, pad=5)
    sheet.figure.numbers = table
    return sheet.figure


def _panel(sheet: FigureSheet, place: int, columns: int, rows: int) -> Axes:
    width = (_RIGHT - _LEFT - (columns - 1) * _BETWEEN) / columns
    height = sheet.height / rows
    left = _LEFT + (place % columns) * (width + _BETWEEN)
    row = place // columns
    return sheet.axes(left, left + width, below=(rows - 1 - row) * height + 0.65, above=row * height + 0.5)


def _draw(ax: Axes, table: pd.DataFrame, top: float, divisor: float) -> None:
    line_with_band(ax, table, MAIN, gid="value")
    value_axis(ax, top, divisor)
    first, last = int(table["year"].min()), int(table["year"].max())
    year_ticks(ax, table["year"].to_numpy())
    ax.set_xticks([first, last], [str(first), str(last)])
    start, end = float(table["value"].iloc[0]), float(table["value"].iloc[-1])
    # In the unit of the axis: the words of a unit would reach into the next panel.
    end_labels(ax, last, [end], [three_figures(end / divisor)], [MAIN])
    ax.annotate(
        three_figures(start / divisor),
        (first, start),
        xytext=(3, -10 if end >= start else 4),
        textcoords="offset points",
        fontsize=NOTE_SIZE,
        color=MAIN,
    )


def _title(table: pd.DataFrame, shown: list[int], titles: list[str], words: str, unit: str, lang: str) -> str:
    ratios = {}
    for i in shown:
        rows = table[table["run"] == i].sort_values("year")
        first, last = float(rows["value"].iloc[0]), float(rows["value"].iloc[-1])
        ratios[i] = (last - first) if unit == "share" else (last / first - 1 if first else np.nan)
    year0, year1 = int(table["year"].min()), int(table["year"].max())
    ordered = sorted((i for i in shown if np.isfinite(ratios[i])), key=lambda i: ratios[i])
    if len(ordered) < 2:
        return text(lang, f"{words}，{year0}—{year1}年", f"{words}, {year0} to {year1}")
    low, high = ordered[0], ordered[-1]

    def change(i: int) -> str:
        points = text(lang, "个百分点", " points") if unit == "share" else "%"
        return f"{100 * ratios[i]:+.1f}{points}".replace("-", "−")

    return text(
        lang,
        f"{words}{year0}—{year1}年变化：{titles[high]}最大（{change(high)}），{titles[low]}最小（{change(low)}）",
        f"{words}, {year0} to {year1}: largest change in {titles[high]} ({change(high)}), "
        f"smallest in {titles[low]} ({change(low)})",
    )


def _notes(runs: Sequence[Results], lang: str) -> str:
    told = [f"{run.attrs.get('name', '')} {text(lang, f'{run.draws}次抽样', f'{run.draws} draws')}" for run in runs]
    return text(
        lang,
        f"情景：{'，'.join(told)}；参数及来源见各次运行的 inputs.csv",
        f"Scenarios: {', '.join(told)}; inputs and sources in the inputs.csv of each run",
    )
