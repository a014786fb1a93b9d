"""Homes for older people: who lives there, who waits for a place, and what part of each class has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from demo_sim.plot.chart import Chart
from demo_sim.plot.numbers import NothingToDraw, at, summarise
from demo_sim.plot.resources import chosen, supply_inputs
from demo_sim.plot.sheet import frame_size, new_sheet, spread_labels, value_axis, year_ticks
from demo_sim.plot.style import INK, SMALL_SIZE, TEXT_SIZE, ChartFigure, style
from demo_sim.plot.text import coordinate_label, font_scale, footer, shorten, text
from demo_sim.results.rounding import count
from demo_sim.vocab import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from demo_sim.results import Results

_INPUTS = ("services.institution", "services.occupancy")
# Light to dark, told apart in grey print; classes beyond repeat them with other dashes.
_IN, _WAIT = "#9DB9D4", "#B4531F"
_CLASSES = ("#5A1A16", "#E8A04C", "#2B6CA3", "#6B7B8A")
_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)))
_LABEL_ROOM = 2.9  # cm beside the right panel
_FEWEST = 50  # agents of a class, all replicates together, below which its part is chance and not drawn


def waiting_numbers(results: Results) -> pd.DataFrame:
    """Return persons in institutions, usable places, persons waiting and mean years waited, by class, by year.

    `care_class` is `all` or a class; `series` is in_institutions, usable_places, waiting or waiting_years.
    """
    if "placement/waiting" not in results:
        raise NothingToDraw(
            "本次运行没有入住与轮候（须用个体引擎，情景中有 placement）",
            "this run places nobody (it takes the people engine and the block `placement`)",
        )
    parts = [
        summarise(results.spread("placement/usable_places"), series="usable_places", care_class="all"),
        summarise(results.spread("placement/waiting_years_all"), series="waiting_years", care_class="all"),
    ]
    for series in ("in_institutions", "waiting"):
        persons = results.spread(f"placement/{series}", lambda array: array.sum("residence"))
        parts.append(summarise(persons.sum("care_class"), series=series, care_class="all"))
        for name in persons["care_class"].values.tolist():
            parts.append(summarise(persons.sel(care_class=name), series=series, care_class=name))
    return pd.concat(parts, ignore_index=True)


def waiting(results: Results, lang: str = "zh") -> ChartFigure:
    """Draw those in institutions and on the list against the usable places; right, who of each class has none."""
    table = waiting_numbers(results)
    years = np.sort(table["year"].unique())
    inside, places, listed = (_series(table, name) for name in ("in_institutions", "usable_places", "waiting"))
    # beds far beyond what is used would press the rest together
    top = float(max((inside + listed).max(), min(places.max(), 1.6 * (inside + listed).max())))
    unit = font_scale(top, "persons", lang)
    with style():
        sheet = new_sheet(
            _title(results, table, int(years[0]), int(years[-1]), lang),
            _subtitle(lang),
            footer(results, lang, (*_INPUTS, *_beds(results))),
            7.8,
        )
        left = sheet.axes(1.25, 7.4, above=1.2)
        left.stackplot(years, [inside, listed], colors=[_IN, _WAIT], edgecolor="#FFFFFF", linewidth=0.6)
        left.plot(years, places, color=INK, linewidth=2.0, linestyle=(0, (5, 2)), gid="usable_places")
        value_axis(left, top, unit.divisor)
        left.set_ylabel(unit.unit)
        left.set_title(
            text(lang, "入住和轮候人数", "In institutions and waiting"), loc="left", fontsize=TEXT_SIZE, pad=5
        )
        right = sheet.axes(8.9, 15.75 - _LABEL_ROOM, above=1.2)
        _without_place(right, results, table, years, lang)
        for ax in (left, right):
            year_ticks(ax, years)
            ax.set_xlabel(text(lang, "年末", "Year-end"))
        sheet.legend(
            [
                Patch(facecolor=_IN, linewidth=0),
                Patch(facecolor=_WAIT, linewidth=0),
                Line2D([], [], color=INK, linewidth=2.0, linestyle=(0, (5, 2))),
            ],
            [label(name, lang=lang) for name in ("in_institutions", "waiting", "usable_places")],
            columns=3,
        )
    return sheet.figure


def _beds(results: Results) -> tuple[str, ...]:
    """Inputs on the beds that people are placed in."""
    beds = chosen(results, lambda _, unit: unit == "beds") if "demand/need" in results else ()
    return supply_inputs(results, beds)


def _series(table: pd.DataFrame, series: str, care_class: str = "all") -> np.ndarray:
    chosen = table[(table["series"] == series) & (table["care_class"] == care_class)]
    return chosen.sort_values("year")["value"].to_numpy()


def _classes(table: pd.DataFrame) -> list[str]:
    return [name for name in dict.fromkeys(table["care_class"]) if name != "all"]


def _without_place(ax: Axes, results: Results, table: pd.DataFrame, years: np.ndarray, lang: str) -> None:
    """Draw for each class the part of those who ask that waits, named beside its end with the persons."""
    names = _classes(table)
    fewest = _FEWEST * float(results.attrs.get("scale", 0.0)) / max(int(results.attrs.get("replicates", 0)), 1)
    parts = {name: _part(table, name, fewest) for name in names}
    for i, name in enumerate(names):
        dash = _DASHES[i // len(_CLASSES) % len(_DASHES)]
        ax.plot(years, parts[name], color=_CLASSES[i % len(_CLASSES)], linestyle=dash, gid=name)
    value_axis(ax, max(float(np.nanmax(np.nan_to_num(list(parts.values())), initial=0.0)), 0.04), 0.01)
    words = text(lang, "各类中轮候者占申请者比例", "Of those who ask, waiting")
    ax.set_title(words, loc="left", fontsize=TEXT_SIZE, pad=5)
    ax.set_ylabel("%")
    year = int(years[-1])
    top, line = ax.get_ylim()[1], SMALL_SIZE * 1.3 / 72 * 2.54  # cm
    room = frame_size(ax)[1]
    most = min(max(int(room / line / max(len(names), 1)) - 1, 1), 3)
    texts = [_class_label(results, table, name, year, most, np.isnan(parts[name][-1]), lang) for name in names]
    height = top * line / room * max(len(t.split("\n")) for t in texts)
    wanted = spread_labels([float(np.nan_to_num(parts[name][-1])) for name in names], height)
    wanted -= max(0.0, float(wanted.max()) + 0.4 * height - top)
    wanted += max(0.0, 0.4 * height - float(wanted.min()))
    for i, y in enumerate(wanted.tolist()):
        ax.annotate(
            texts[i],
            (year, y),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL_SIZE,
            color=_CLASSES[i % len(_CLASSES)],
            annotation_clip=False,
        )


def _part(table: pd.DataFrame, care_class: str, fewest: float) -> np.ndarray:
    """Part of those in institutions or on the list that waits; unknown where fewer than so many of the class ask."""
    listed, inside = (_series(table, name, care_class) for name in ("waiting", "in_institutions"))
    asking = listed + inside
    return np.divide(listed, asking, out=np.full(asking.shape, np.nan), where=(asking > 0.0) & (asking >= fewest))


def _class_label(
    results: Results, table: pd.DataFrame, name: str, year: int, most: int, unknown: bool, lang: str
) -> str:
    """Return the name of a class on at most so many lines, and who waits on another, or that too few are followed."""
    coords = results.array("placement/waiting").coords
    words = shorten(coordinate_label(coords, "care_class", name, lang), _LABEL_ROOM, SMALL_SIZE, most)
    persons = at(table, year, series="waiting", care_class=name)
    if unknown and persons > 0.0:
        return "\n".join([*words, text(lang, "个体过少，不画线", "too few to draw")])
    return "\n".join([*words, text(lang, f"{count(persons, lang)}人轮候", f"{count(persons, lang)} waiting")])


def _subtitle(lang: str) -> str:
    return text(
        lang,
        "年末60周岁及以上常住人口。可入住床位为养老机构床位乘以规划入住率；床位不足时按轮候类别、在册时间先后入住。"
        "轮候只作观测，不影响人口和需求",
        "Residents of 60 and over at year-end. Usable places are beds in institutions times the planning occupancy; "
        "where they are short, classes enter in their order, the longest waiting first. Nothing of it acts back",
    )


def _title(results: Results, table: pd.DataFrame, first: int, last: int, lang: str) -> str:
    inside, listed = (at(table, last, series=name, care_class="all") for name in ("in_institutions", "waiting"))
    begun = at(table, first, series="in_institutions", care_class="all")
    years = at(table, last, series="waiting_years", care_class="all")
    head = text(
        lang,
        f"{results.title(lang)}入住养老机构的老年人由{first}年末的{count(begun, lang)}人"
        f"{'增至' if inside >= begun else '减至'}{last}年末的{count(inside, lang)}人，",
        f"{results.title(lang)}: {count(begun, lang)} older people live in institutions at the end of {first}, "
        f"{count(inside, lang)} at the end of {last}; ",
    )
    if listed < 0.5:
        return head + text(lang, "无人轮候", "nobody waits")
    return head + text(
        lang,
        f"另有{count(listed, lang)}人轮候，平均已等{years:.1f}年",
        f"{count(listed, lang)} more wait for a place, {years:.1f} years so far on average",
    )


CHART = Chart("waiting", 35, waiting_numbers, waiting, by_default=True)
