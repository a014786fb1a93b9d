"""Where each assessed indicator goes: small fans with the line of the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from demo_sim.plot.chart import Chart
from demo_sim.plot.marks import end_labels
from demo_sim.plot.numbers import NothingToDraw, banded, require, summarise
from demo_sim.plot.one_series import axis_unit, draw_fan, short
from demo_sim.plot.sheet import current_page, frame_size, new_sheet, value_axis
from demo_sim.plot.style import INK, MAIN, MUTED, NOTE_SIZE, SMALL_SIZE, TARGET, ChartFigure, style
from demo_sim.plot.text import footer, shorten, text
from demo_sim.results.judgements import verdict_words
from demo_sim.results.rounding import percent
from demo_sim.vocab import label, unit_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from demo_sim.results import Results

_LEFT, _RIGHT, _BETWEEN = 1.0, 14.95, 1.75  # cm
_ROW = 4.7
_COLUMNS = 3
_ROWS = {"column": 4, "slide": 2, "inset": 2}


def target_paths_numbers(results: Results) -> pd.DataFrame:
    """Return the path of each assessed target by year (series `path`), with quantiles over draws, and its `target`.

    `row` is the row in the table of targets; dated targets on one indicator and reading share the path of the last.
    """
    indicator, targets = require(results, "plan/indicator"), results.targets
    # Milestones of one indicator lie on one path: the last stands for all.
    stem = targets["id"].astype(str).str.replace(r"_\d{4}$", "", regex=True)
    targets = targets.assign(key=stem.str.rpartition(".")[2] + "/" + targets["reading"].astype(str))
    assessed = targets[targets["verdict"] != "not_assessed"]
    assessed = assessed.sort_values("year", kind="stable").drop_duplicates("key", keep="last")
    parts = []
    for i in sorted(assessed.index):
        path = indicator.isel(target=int(i))
        known = int(path.notnull().any([d for d in path.dims if d != "time"]).sum())  # figures of one year are no path
        if known > 1 and float(path.max() - path.min()) > 0:
            name = {"row": int(i), "id": targets.at[i, "id"], "reading": targets.at[i, "reading"]}
            parts.append(summarise(path, **name, series="path"))
            dated = targets[targets["key"] == targets.at[i, "key"]].sort_values("year", kind="stable")
            dated = dated.drop_duplicates("year", keep="last")
            marks = {"year": dated["year"].astype(int), "value": dated["target"].astype(float)}
            parts.append(pd.DataFrame(marks).assign(**name, series="target"))
    if not parts:
        raise NothingToDraw("本次运行没有可评估的规划指标", "this run assesses no target")
    table = pd.concat(parts, ignore_index=True)
    return table[table["value"].notna()].reset_index(drop=True)


def target_paths(results: Results, lang: str = "zh", page: int = 1) -> ChartFigure:
    """Draw the path of each assessed indicator with its 80% band and the target of the plan.

    Parameters
    ----------
    results : Results
        A run.
    lang : {"zh", "en"}
        Language of all text.
    page : int
        Page to draw, from 1; the figure says in `pages` how many there are.
    """
    table = target_paths_numbers(results)
    every = list(dict.fromkeys(table["row"]))
    columns = min(_COLUMNS, len(every))
    per_page = columns * _ROWS[current_page()]
    shown = every[(page - 1) * per_page : page * per_page]
    rows = int(np.ceil(len(shown) / columns))
    with style():
        sheet = new_sheet(
            _title(results, every, lang),
            _subtitle(table[table["row"].isin(shown)], lang),
            footer(results, lang, ()),
            body=_ROW * rows,
        )
        width = (_RIGHT - _LEFT - (columns - 1) * _BETWEEN) / columns
        height = sheet.height / rows
        for place, i in enumerate(shown):
            left, line = _LEFT + (place % columns) * (width + _BETWEEN), place // columns
            ax = sheet.axes(left, left + width, below=(rows - 1 - line) * height + 0.55, above=line * height + 1.35)
            _draw(ax, table[table["row"] == i], results.targets.loc[i], width + _BETWEEN - 0.35, lang)
    sheet.figure.pages = int(np.ceil(len(every) / per_page))
    return sheet.figure


def _subtitle(table: pd.DataFrame, lang: str) -> str:
    band = text(lang, "；阴影为80%区间", "; 80% bands shaded") if banded(table) else ""
    marks = table[table["series"] == "target"]
    more = (
        text(lang, "，小◆为其他年份的目标", ", a small ◆ one of another year")
        if marks["row"].duplicated().any()
        else ""
    )
    return text(
        lang,
        f"各指标年末数值，各图单位和刻度不同{band}；虚线和◆为目标{more}，括号内为目标年份的达标概率和判定",
        f"Indicators at year-end, each on its own scale{band}; dashes and ◆ the target{more}, in brackets the "
        "probability of meeting it in its year and the verdict",
    )


def _draw(ax: Axes, table: pd.DataFrame, row: pd.Series, room: float, lang: str) -> None:
    unit, year, goal = str(row["unit"]), int(row["year"]), float(row["target"])
    highest = float(np.nanmax([*table["value"], *table["q90"]]))
    marks, table = table[table["series"] == "target"], table[table["series"] == "path"]
    draw_fan(ax, table, unit, (year, goal), lang)
    within = marks[marks["year"].between(*table["year"].iloc[[0, -1]]) & (marks["year"] != year)]
    ax.plot(within["year"], within["value"], "D", markersize=3.5, color=TARGET, clip_on=False, gid="milestones")
    divisor, words = axis_unit(highest, unit, lang)
    value_axis(ax, highest, divisor)
    years = table["year"].to_numpy()
    marks = [int(years[0]), year, int(years[-1])]
    far = (years[-1] - years[0]) / 4
    marks = [m for m in marks if m == year or abs(m - year) >= far]
    ax.set_xticks(marks, [str(m) for m in marks])
    last = float(table["value"].iloc[-1])
    end_labels(ax, float(years[-1]), [last], [short(last, unit, lang)], [MAIN])
    name = str(row[f"label_{lang}"] or row["label_zh"])
    if row["reading"] == "plan_text":
        second = label("reading", "plan_text", lang)
        name += text(lang, f"（{second}）", f" ({second.lower()})")
    p_met = pd.to_numeric(row["p_met"], errors="coerce")
    verdict = verdict_words(row, lang)
    chance = f"{percent(float(p_met), 0)} {verdict}" if np.isfinite(p_met) else verdict
    unit_words = "" if unit == "share" else text(lang, "，", ", ") + unit_label(unit, lang)
    if divisor != 1.0 and unit != "share":
        unit_words = text(lang, "，", ", ") + words
    aim = f"{100 * goal:.4g}%" if unit == "share" else short(goal, unit, lang).removesuffix(".0")
    said = text(lang, f"目标{aim}（{chance}）", f"target {aim} ({chance})")
    above = [*shorten(name, room, SMALL_SIZE, 2), ""][:2]
    width, height = frame_size(ax)
    left = -0.8 / width
    for i, (line, colour, points) in enumerate(
        [(above[0], INK, SMALL_SIZE), (above[1], INK, SMALL_SIZE),
         (shorten(said + unit_words, room, NOTE_SIZE)[0], MUTED, NOTE_SIZE)]
    ):  # fmt: skip
        if line:
            # Text over the frame and its topmost number; a label of one line stands on the second.
            y = 1 + (1.05 - 0.34 * max(i, not above[1]) if i < 2 else 0.3) / height
            ax.text(left, y, line, transform=ax.transAxes, va="center", fontsize=points, color=colour)


def _title(results: Results, rows: list[int], lang: str) -> str:
    targets = results.targets.loc[rows]
    reaching = int((targets["verdict"] == "met").sum())
    return text(
        lang,
        f"{results.title(lang)}可评估的{len(rows)}项指标走势：{reaching}项达标，{len(rows) - reaching}项未达标或有风险",
        f"{results.title(lang)}: paths of the {len(rows)} indicators that are assessed; {reaching} met, "
        f"{len(rows) - reaching} missed or at risk",
    )


CHART = Chart("target_paths", 55, target_paths_numbers, target_paths, by_default=True)
