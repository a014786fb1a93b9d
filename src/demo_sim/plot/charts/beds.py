"""Beds: need in its three meanings against supply, for every resource that is counted in beds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from demo_sim.plot.chart import Chart
from demo_sim.plot.need_panel import PANELS_A_PAGE, draw_panels, has_gap, kinds_of, need_numbers
from demo_sim.plot.numbers import NothingToDraw, at, require
from demo_sim.plot.resources import chosen, supply_inputs
from demo_sim.plot.sheet import new_sheet, on_page
from demo_sim.plot.style import ChartFigure, style
from demo_sim.plot.text import coordinate_label, footer, text
from demo_sim.results.rounding import count, left
from demo_sim.vocab import label

if TYPE_CHECKING:
    from demo_sim.results import Results

_INPUTS = ("services.institution", "services.occupancy")
_UNIT = "beds"


def beds_numbers(results: Results) -> pd.DataFrame:
    """Return need by meaning, supply, and gap (planning need less supply) by year and kind of bed."""
    require(results, "demand/need")
    table = need_numbers(results, chosen(results, lambda _, unit: unit == _UNIT))
    if table.empty:
        raise NothingToDraw("本次运行没有养老床位需求", "this run has no need for beds")
    return table


def beds(results: Results, lang: str = "zh", page: int = 1) -> ChartFigure:
    """Draw need against supply of every kind of bed, with the gap shaded.

    Parameters
    ----------
    results : Results
        A run.
    lang : {"zh", "en"}
        Language of all text.
    page : int
        Page to draw, from 1; the figure says in `pages` how many there are.
    """
    table = beds_numbers(results)
    resources, pages = on_page(list(dict.fromkeys(table["resource"])), PANELS_A_PAGE, page)
    table = table[table["resource"].isin(resources)]
    with style():
        sheet = new_sheet(
            _title(results, table, resources, lang),
            _subtitle(table, lang),
            footer(results, lang, (*_INPUTS, *supply_inputs(results, resources))),
            body=8.6,
        )
        draw_panels(sheet, results, table, _UNIT, lang)
    sheet.figure.pages = pages
    return sheet.figure


def _subtitle(table: pd.DataFrame, lang: str) -> str:
    words = text(lang, "年末床位数，各图刻度不同", "Beds at year-end, each panel on its own scale")
    kinds = kinds_of(table)
    if not kinds:
        return words
    words += text(
        lang,
        "。机构床位需求为使用者人数除以规划入住率",
        ". Need of beds in institutions is users divided by the planning occupancy",
    )
    if not has_gap(table):
        return words
    name = label("need_kind", kinds[0], lang)
    return words + text(
        lang,
        f"；缺口按“{name}”需求减供给计，正数为不足",
        f"; the gap is need by {name.lower()} less supply, positive where beds are short",
    )


def _title(results: Results, table: pd.DataFrame, resources: list[str], lang: str) -> str:
    year = int(table["year"].max())
    coords = results.need.coords
    sentences = []
    for resource in resources:
        of_resource = table[table["resource"] == resource]
        kinds = kinds_of(of_resource)
        name = coordinate_label(coords, "resource", resource, lang)
        name = name if lang == "zh" else name.lower()
        supply = at(of_resource, year, series="supply")
        if not kinds:
            there = count(supply, lang)
            sentences.append(text(lang, f"{name}供给{there}张（需求未知）", f"{there} {name} supplied (need unknown)"))
            continue
        need = at(of_resource, year, series=kinds[0])
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
