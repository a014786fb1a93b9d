"""Beds: need in its three meanings against supply, for institution beds and nursing-type beds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from demo_sim.plot.chart import Chart
from demo_sim.plot.need_panel import draw_panel, height, kinds_of, label_ends, need_numbers, put_legend
from demo_sim.plot.numbers import NothingToDraw, at
from demo_sim.plot.sheet import new_sheet, value_axis
from demo_sim.plot.style import TEXT_SIZE, ChartFigure, style
from demo_sim.plot.text import coordinate_label, footer, scale, text
from demo_sim.results.rounding import count, left
from demo_sim.vocab import label

if TYPE_CHECKING:
    from demo_sim.results import Results

RESOURCES = ("institution_beds", "nursing_beds")
_INPUTS = ("services.institution", "services.occupancy", "supply.institution_beds")


def beds_numbers(results: Results) -> pd.DataFrame:
    """Return need by meaning, supply, and gap (planning need less supply) by year and kind of bed."""
    table = need_numbers(results, RESOURCES)
    if table.empty:
        raise NothingToDraw("本次运行没有养老床位需求", "this run has no need for beds")
    return table


def beds(results: Results, lang: str = "zh") -> ChartFigure:
    """Draw need against supply of institution beds and nursing-type beds, with the gap shaded."""
    table = beds_numbers(results)
    resources = [r for r in RESOURCES if r in set(table["resource"])]
    heights = {resource: height(table[table["resource"] == resource]) for resource in resources}
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
            draw_panel(ax, table[table["resource"] == resource])
            value_axis(ax, heights[resource], unit.divisor)
            ax.set_title(coordinate_label(coords, "resource", resource, lang), loc="left", fontsize=TEXT_SIZE, pad=5)
            ax.set_ylabel(unit.unit)
            ax.set_xlabel(text(lang, "年末", "Year-end"))
            label_ends(ax, table[table["resource"] == resource], lang)
        put_legend(sheet, table, lang)
    return sheet.figure


def _subtitle(results: Results, table: pd.DataFrame, lang: str) -> str:
    kind = kinds_of(table)[0]
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
        kinds = kinds_of(of_resource)
        if not kinds:
            continue
        name = coordinate_label(coords, "resource", resource, lang)
        name = name if lang == "zh" else name.lower()
        need = at(of_resource, year, series=kinds[0])
        supply = at(of_resource, year, series="supply")
        if not np.isfinite(supply):
            sentences.append(
                text(
                    lang,
                    f"{name}需{count(need, lang)}张（供给未知）",
                    f"{count(need, lang)} {name} needed (supply unknown)",
                )
            )
            continue
        gap = left(need, supply, lang)
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


CHART = Chart("beds", 30, beds_numbers, beds, by_default=True)
