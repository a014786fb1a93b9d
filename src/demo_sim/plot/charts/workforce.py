"""Posts: need against supply of every kind of staff, with the gap shaded."""

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

_INPUTS = ("workforce.",)


def _is_staff(subject: str, unit: str) -> bool:
    return unit == "posts" or (unit == "persons" and subject == "staff")


def workforce_numbers(results: Results) -> pd.DataFrame:
    """Return need by meaning, supply, and gap (planning need less supply) of posts by year."""
    require(results, "demand/need")
    table = need_numbers(results, chosen(results, _is_staff))
    if table.empty or not (table["series"] == "supply").any():
        raise NothingToDraw("本次运行没有岗位的需求", "this run has no need for posts")
    return table


def workforce(results: Results, lang: str = "zh", page: int = 1) -> ChartFigure:
    """Draw need against supply of posts, one panel a kind, each on its own scale.

    Parameters
    ----------
    results : Results
        A run.
    lang : {"zh", "en"}
        Language of all text.
    page : int
        Page to draw, from 1; the figure says in `pages` how many there are.
    """
    table = workforce_numbers(results)
    resources, pages = on_page(list(dict.fromkeys(table["resource"])), PANELS_A_PAGE, page)
    table = table[table["resource"].isin(resources)]
    with style():
        sheet = new_sheet(
            _title(results, table, resources, lang),
            _subtitle(table, lang),
            footer(results, lang, (*_INPUTS, *supply_inputs(results, resources))),
            body=8.2,
        )
        draw_panels(sheet, results, table, "posts", lang)
    sheet.figure.pages = pages
    return sheet.figure


def _subtitle(table: pd.DataFrame, lang: str) -> str:
    words = text(lang, "年末岗位数，各图刻度不同", "Posts at year-end, each panel on its own scale")
    if not has_gap(table):
        return words
    return words + text(
        lang,
        "。缺口按第一种有定义的需求减供给计，正数为不足",
        ". The gap is the first need that is defined less supply, positive where posts are short",
    )


def _title(results: Results, table: pd.DataFrame, resources: list[str], lang: str) -> str:
    year = int(table["year"].max())
    coords = results.need.coords
    parts = []
    for resource in resources:
        rows = table[table["resource"] == resource]
        name, kinds = coordinate_label(coords, "resource", resource, lang), kinds_of(rows)
        supply = at(rows, year, series="supply")
        if not kinds:
            there = count(supply, lang)
            words = f"{there} {name[0].lower()}{name[1:]} in post (need unknown)"
            parts.append(text(lang, f"{name}在岗{there}（需求未知）", words))
            continue
        need, kind = at(rows, year, series=kinds[0]), label("need_kind", kinds[0], lang)
        if not np.isfinite(supply):
            wanted = count(need, lang)
            words = f"{wanted} {name[0].lower()}{name[1:]} needed ({kind.lower()})"
            parts.append(text(lang, f"{name}按{kind}需{wanted}", words))
            continue
        gap = left(need, supply, lang)
        parts.append(
            text(
                lang,
                f"{name}按{kind}{'缺' if gap > 0 else '富余'}{count(abs(gap), lang)}",
                f"{name[0].lower()}{name[1:]} {count(abs(gap), lang)} {'short' if gap > 0 else 'to spare'} "
                f"({kind.lower()})",
            )
        )
    return text(
        lang,
        f"{results.title(lang)}{year}年末岗位：{'，'.join(parts)}",
        f"{results.title(lang)}, posts at the end of {year}: {'; '.join(parts)}",
    )


CHART = Chart("workforce", 44, workforce_numbers, workforce)
