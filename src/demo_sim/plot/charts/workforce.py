"""Posts: need against supply of caregivers, community workers and child directors, with the gap shaded."""

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

RESOURCES = ("caregivers", "community_workers", "child_directors")
_INPUTS = ("workforce.", "supply.caregivers", "supply.community_workers", "supply.child_directors")
_LEFT, _WIDTH, _STEP = 1.25, 2.75, 5.1  # cm


def workforce_numbers(results: Results) -> pd.DataFrame:
    """Return need by meaning, supply, and gap (planning need less supply) of posts by year."""
    table = need_numbers(results, RESOURCES)
    if table.empty or not (table["series"] == "supply").any():
        raise NothingToDraw("本次运行没有护理员、社区工作者和儿童主任的需求", "this run has no need for posts")
    return table


def workforce(results: Results, lang: str = "zh") -> ChartFigure:
    """Draw need against supply of posts, one panel a kind, each on its own scale."""
    table = workforce_numbers(results)
    resources = [r for r in RESOURCES if r in set(table["resource"])]
    coords = results.need.coords
    with style():
        sheet = new_sheet(
            _title(results, table, resources, lang),
            text(
                lang,
                "年末岗位数，各图刻度不同。缺口按第一种有定义的需求减供给计，正数为不足",
                "Posts at year-end, each panel on its own scale. The gap is the first need that is defined less "
                "supply, positive where posts are short",
            ),
            footer(results, lang, _INPUTS),
            body=8.2,
        )
        step = _STEP * 3 / len(resources)
        for i, resource in enumerate(resources):
            rows = table[table["resource"] == resource]
            ax = sheet.axes(_LEFT + i * step, _LEFT + i * step + _WIDTH + step - _STEP, above=1.55)
            draw_panel(ax, rows)
            unit = scale(height(rows), "posts", lang)
            value_axis(ax, height(rows), unit.divisor)
            ax.set_title(coordinate_label(coords, "resource", resource, lang), loc="left", fontsize=TEXT_SIZE, pad=5)
            ax.set_ylabel(unit.unit)
            ax.set_xlabel(text(lang, "年末", "Year-end"))
            label_ends(ax, rows, lang)
        put_legend(sheet, table, lang)
    return sheet.figure


def _title(results: Results, table: pd.DataFrame, resources: list[str], lang: str) -> str:
    year = int(table["year"].max())
    coords = results.need.coords
    parts = []
    for resource in resources:
        rows = table[table["resource"] == resource]
        need, supply = (at(rows, year, series=series) for series in (kinds_of(rows)[0], "supply"))
        name = coordinate_label(coords, "resource", resource, lang)
        kind = label("need_kind", kinds_of(rows)[0], lang)
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
