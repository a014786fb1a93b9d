"""Heat map of who needs care: older people below intact ability, by year and age."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap

from demo_sim.plot.chart import Chart
from demo_sim.plot.numbers import NothingToDraw
from demo_sim.plot.sheet import new_sheet
from demo_sim.plot.style import CM, HEAT, INK, MUTED, NOTE_SIZE, SMALL_SIZE, WIDTH, ChartFigure, style
from demo_sim.plot.text import attribute, font_scale, footer, text
from demo_sim.results.rounding import count, percent, plain, three_figures

if TYPE_CHECKING:
    from demo_sim.plot.sheet import FigureSheet
    from demo_sim.results import Results

_FIRST_OLD = "60-64"
_LEVELS = ("mild", "moderate", "severe", "total")
_INPUTS = ("function.",)
_MOST_COLUMNS = 16  # in which a number of three figures can be read
_VERY_OLD = "80-84"


def need_heat_map_numbers(results: Results) -> pd.DataFrame:
    """Return persons of 60 and over below intact ability by year and five-year age, at stated values."""
    people = results.central.summary
    levels = [level for level in _LEVELS if level in people["function"].values]
    groups = people["age_group"].values.tolist()
    older = people.isel(age_group=slice(groups.index(_FIRST_OLD), None))
    below = older.sel(function=levels).sum(["residence", "sex", "function"]).transpose("time", "age_group")
    if not float(below.sum()) > 0:
        raise NothingToDraw("本次运行没有老年人能力等级", "this run has no functional ability of older people")
    index = pd.MultiIndex.from_product(
        [below["time"].values.astype(int), below["age_group"].values], names=["year", "age_group"]
    )
    return pd.DataFrame({"value": below.values.ravel()}, index=index).reset_index()


def need_heat_map(results: Results, lang: str = "zh") -> ChartFigure:
    """Draw persons below intact ability as shades by year-end and five-year age, with the numbers in the cells."""
    table = need_heat_map_numbers(results)
    cells = table.pivot(index="age_group", columns="year", values="value")
    cells = cells.loc[list(dict.fromkeys(table["age_group"]))]
    years = cells.columns.to_numpy()
    if years.size > _MOST_COLUMNS:
        step = int(np.ceil(years.size / _MOST_COLUMNS))
        cells = cells[[y for y in years if (years[-1] - y) % step == 0]]
    unit = font_scale(float(cells.to_numpy().max()), "persons", lang)
    definition = attribute(results, "function_definition", lang)
    with style():
        sheet = new_sheet(
            _title(results, table, lang),
            text(lang, f"年末轻度及以上失能老年人，按五岁年龄组，单位：{unit.unit}",
                 f"Older people below intact ability at year-end by five-year age, in {unit.unit}")
            + (text(lang, "；", "; ") + definition if definition else ""),
            footer(results, lang, _INPUTS),
            body=7.6,
        )  # fmt: skip
        _cells(sheet, cells, unit.divisor, lang)
    return sheet.figure


def _cells(sheet: FigureSheet, cells: pd.DataFrame, divisor: float, lang: str) -> None:
    colours = LinearSegmentedColormap.from_list("need", HEAT)
    ax = sheet.axes(1.75, 14.3, above=0.15)
    top = float(cells.to_numpy().max())
    # Squares rather than a smoothed picture: each is one number of the table.
    ax.pcolormesh(cells.to_numpy(), cmap=colours, vmin=0, vmax=top, edgecolors="#FFFFFF", linewidth=0.6)
    ax.grid(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    rows, columns = cells.shape
    for i in range(rows):
        for j in range(columns):
            value = float(cells.iat[i, j])
            shown = value / divisor
            words = plain(shown, 1 if divisor > 1 and shown < 100 else 0)
            dark = value > 0.55 * top
            ax.text(j + 0.5, i + 0.5, words, ha="center", va="center", fontsize=NOTE_SIZE,
                    color="#FFFFFF" if dark else INK)  # fmt: skip
    ax.set_xticks(np.arange(columns) + 0.5, [str(y) for y in cells.columns])
    ax.set_yticks(np.arange(rows) + 0.5, [str(a).replace("-", "–") for a in cells.index])
    ax.tick_params(length=0)
    ax.set_xlabel(text(lang, "年末", "Year-end"))
    ax.set_ylabel(text(lang, "年龄（周岁）", "Age (completed years)"))
    ax.yaxis.set_label_coords(-1.3 / 12.55, 0.5)
    height = sheet.figure.get_figheight() / CM
    key = sheet.figure.add_axes(
        (14.75 / WIDTH, (sheet.bottom + 0.9) / height, 0.3 / WIDTH, (sheet.height - 1.05) / height)
    )
    key.pcolormesh(np.linspace(0, top, 64)[:, None], cmap=colours, vmin=0, vmax=top)
    key.grid(False)
    marks = [0, 32, 64]
    key.set_yticks(marks, [three_figures(top * m / 64 / divisor) for m in marks], color=MUTED, fontsize=SMALL_SIZE)
    key.yaxis.tick_right()
    key.set_xticks([])
    for spine in key.spines.values():
        spine.set_visible(False)


def _title(results: Results, table: pd.DataFrame, lang: str) -> str:
    first, last = int(table["year"].min()), int(table["year"].max())
    groups = list(dict.fromkeys(table["age_group"]))
    very_old = groups[groups.index(_VERY_OLD) :]
    total, oldest = (
        {y: float(rows.loc[rows["year"] == y, "value"].sum()) for y in (first, last)}
        for rows in (table, table[table["age_group"].isin(very_old)])
    )
    grows = total[last] >= total[first]
    return text(
        lang,
        f"{results.title(lang)}失能老年人由{first}年末的{count(total[first], lang)}人{'增至' if grows else '减至'}"
        f"{last}年末的{count(total[last], lang)}人，其中80岁及以上占{percent(oldest[last] / total[last], 0)}"
        f"（{first}年末{percent(oldest[first] / total[first], 0)}）",
        f"{results.title(lang)}: older people below intact ability {'grow' if grows else 'fall'} from "
        f"{count(total[first], lang)} at the end of {first} to {count(total[last], lang)} at the end of {last}; "
        f"{percent(oldest[last] / total[last], 0)} of them are aged 80 and over "
        f"({percent(oldest[first] / total[first], 0)} in {first})",
    )


CHART = Chart("need_heat_map", 22, need_heat_map_numbers, need_heat_map)
