"""Pipeline of beds: what is built, converted and closed each year, and the stock that results, a page a stock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from demo_sim.plot.chart import Chart
from demo_sim.plot.marks import end_labels
from demo_sim.plot.numbers import NothingToDraw, at, require, summarise
from demo_sim.plot.resources import chosen, stock_of
from demo_sim.plot.sheet import new_sheet, on_page, signed_axis, value_axis, year_ticks
from demo_sim.plot.style import FLOW, INK, STOCK, TEXT_SIZE, ChartFigure, style
from demo_sim.plot.text import coordinate_label, font_scale, footer, text
from demo_sim.results.rounding import count, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from demo_sim.results import Results

_OPENINGS = ".openings"
# Series of the stock: what it does to the number of beds.
_FLOWS = {"openings": 1, "conversions": 0, "closures": -1}
_DONE = {
    "openings": ("新建和开放", "opened"),
    "closures": ("关停", "closed"),
    "conversions": ("改造为护理型", "converted to nursing-type"),
}
_COLOURS = {"openings": FLOW["in"], "conversions": FLOW["within"], "closures": FLOW["out"]}


def bed_pipeline_numbers(results: Results) -> pd.DataFrame:
    """Return, for each `stock` of beds, those opened, converted and closed by year, and the stock with its part.

    The part is that of nursing type.
    """
    stocks = require(results, "demand/stocks")
    known = stocks["stock"].values.tolist()
    parts = []
    for stock in _beds(results, known):
        names = {"beds": stock, "nursing": f"{stock}.nursing"} | {flow: f"{stock}.{flow}" for flow in _FLOWS}
        for name, code in names.items():
            if code in known:
                parts.append(summarise(stocks.sel(stock=code), stock=stock, series=name))
    if not parts:
        raise NothingToDraw("本次运行没有养老床位的投用与关停", "this run follows no openings and closures of beds")
    table = pd.concat(parts, ignore_index=True)
    return table[table["value"].notna()].reset_index(drop=True)


def _beds(results: Results, known: list[str]) -> list[str]:
    """Stocks of beds, which open: first those that supply a resource, in its order."""
    served = [stock_of(results, name) for name in chosen(results, lambda *_: True)] if "demand/need" in results else []
    opening = [name.removesuffix(_OPENINGS) for name in known if name.endswith(_OPENINGS)]
    whole = [name for name in opening if "." not in name]
    return sorted(whole, key=lambda name: served.index(name) if name in served else len(served))


def bed_pipeline(results: Results, lang: str = "zh", page: int = 1) -> ChartFigure:
    """Draw the yearly flows of a stock of beds as bars, closures downwards, beside the stock they lead to.

    Parameters
    ----------
    results : Results
        A run.
    lang : {"zh", "en"}
        Language of all text.
    page : int
        Page to draw, from 1, a stock each; the figure says in `pages` how many there are.
    """
    table = bed_pipeline_numbers(results)
    (stock,), pages = on_page(list(dict.fromkeys(table["stock"])), 1, page)
    table = table[table["stock"] == stock]
    with style():
        sheet = new_sheet(
            _title(results, table, stock, lang),
            _subtitle(table, lang),
            footer(results, lang, (f"supply.{stock}",)),
            body=8.0,
        )
        left, right = sheet.axes(1.35, 8.0, above=1.15), sheet.axes(9.8, 13.8, above=1.15)
        handles, names = _flows(left, table, lang)
        _stock(right, table, lang)
        sheet.legend(handles, names, columns=3)
    sheet.figure.pages = pages
    return sheet.figure


def _subtitle(table: pd.DataFrame, lang: str) -> str:
    if not (table["series"] == "nursing").any():
        return text(
            lang,
            "左：当年床位数变化（各项输入取给定值）；右：年末床位数",
            "Left: beds opened and closed in each year, at stated inputs. Right: beds at year-end",
        )
    return text(
        lang,
        "左：当年床位数变化（各项输入取给定值），改造只改变类型、不改变总数；右：年末床位数，深色为其中的护理型床位",
        "Left: beds opened, converted and closed in each year, at stated inputs; a conversion changes the type "
        "and not the number. Right: beds at year-end, the nursing-type part dark",
    )


def _flows(ax: Axes, table: pd.DataFrame, lang: str) -> tuple[list[Patch], list[str]]:
    words = {
        "openings": text(lang, "新建和开放", "Built or opened"),
        "conversions": text(lang, "改造为护理型", "Converted to nursing-type"),
        "closures": text(lang, "关停", "Closed"),
    }
    shown = [name for name in _FLOWS if name in set(table["series"])]
    rows = {name: table[table["series"] == name].sort_values("year") for name in shown}
    years = rows[shown[0]]["year"].to_numpy()
    base = np.zeros(years.size)
    for name in shown:
        values = rows[name]["value"].to_numpy()
        if _FLOWS[name] < 0:
            ax.bar(years, -values, width=0.72, color=_COLOURS[name], gid=name)
        else:
            ax.bar(years, values, width=0.72, bottom=base, color=_COLOURS[name], gid=name)
            base = base + np.clip(values, 0, None)
    lowest = max((float(rows[n]["value"].max()) for n in shown if _FLOWS[n] < 0), default=0.0)
    unit = font_scale(max(lowest, float(base.max())), "beds", lang)
    signed_axis(ax, -lowest, float(base.max()), unit.divisor)
    ax.axhline(0, color=INK, linewidth=0.8)
    year_ticks(ax, years)
    ax.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    ax.set_ylabel(unit.unit)
    ax.set_xlabel(text(lang, "年", "Year"))
    ax.set_title(text(lang, "当年变化", "Change in the year"), loc="left", fontsize=TEXT_SIZE, pad=5)
    return [Patch(facecolor=_COLOURS[n], linewidth=0) for n in shown], [words[n] for n in shown]


def _stock(ax: Axes, table: pd.DataFrame, lang: str) -> None:
    beds = table[table["series"] == "beds"].sort_values("year")
    nursing = table[table["series"] == "nursing"].sort_values("year")
    years = beds["year"].to_numpy()
    ax.fill_between(years, beds["value"], color=STOCK["whole"], linewidth=0, gid="beds")
    if len(nursing):
        ax.fill_between(years, nursing["value"], color=STOCK["part"], linewidth=0, gid="nursing")
    top = float(beds["value"].max())
    unit = font_scale(top, "beds", lang)
    value_axis(ax, top, unit.divisor)
    year_ticks(ax, years)
    ax.set_ylabel(unit.unit)
    ax.set_xlabel(text(lang, "年末", "Year-end"))
    ax.set_title(text(lang, "年末床位", "Beds at year-end"), loc="left", fontsize=TEXT_SIZE, pad=5)
    values = [float(beds["value"].iloc[-1])]
    words = [text(lang, f"床位\n{count(values[0], lang)}张", f"Beds\n{count(values[0], lang)}")]
    if len(nursing):
        values.append(float(nursing["value"].iloc[-1]))
        share = percent(values[1] / values[0], 0)
        words.append(text(lang, f"护理型\n{count(values[1], lang)}张\n占{share}",
                          f"Nursing-type\n{count(values[1], lang)}\n({share})"))  # fmt: skip
        values[1] /= 2
    end_labels(ax, float(years[-1]), values, words, [INK, STOCK["part"]][: len(words)], lines=3)


def _title(results: Results, table: pd.DataFrame, stock: str, lang: str) -> str:
    first, last = int(table["year"].min()), int(table["year"].max())
    start, end = (at(table, y, series="beds") for y in (first, last))
    sums = {name: float(table.loc[table["series"] == name, "value"].sum()) for name in _FLOWS}
    name = coordinate_label(results.stocks.coords, "stock", stock, lang)
    zh, en = [], []
    for flow, (done_zh, done_en) in _DONE.items():
        if sums[flow] > 0:
            zh.append(f"{done_zh}{count(sums[flow], lang)}张")
            en.append(f"{count(sums[flow], lang)} {done_en}")
    return text(
        lang,
        f"{results.title(lang)}{name}由{first}年末的{count(start, lang)}张{'增至' if end >= start else '减至'}"
        f"{last}年末的{count(end, lang)}张{'：其间' if zh else ''}{'，'.join(zh)}",
        f"{results.title(lang)}: {name[0].lower()}{name[1:]} {'grow' if end >= start else 'fall'} from "
        f"{count(start, lang)} at the end of {first} to {count(end, lang)} at the end of {last}{': ' if en else ''}"
        f"{', '.join(en)}",
    )


CHART = Chart("bed_pipeline", 32, bed_pipeline_numbers, bed_pipeline)
