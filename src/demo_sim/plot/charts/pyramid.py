"""Population pyramid of two years: the later one filled, the earlier one as an outline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from demo_sim.plot.chart import Chart
from demo_sim.plot.numbers import NothingToDraw, banded
from demo_sim.plot.sheet import new_sheet
from demo_sim.plot.style import INK, MUTED, SEX, SMALL_SIZE, ChartFigure, style
from demo_sim.plot.text import font_scale, footer, text
from demo_sim.results.quantiles import statistics
from demo_sim.results.rounding import count, percent
from demo_sim.vocab import label

if TYPE_CHECKING:
    from demo_sim.results import Results

_OLD = 60
_BAND = 0.35  # how dark the band lies over the bars
_INPUTS = ("population.", "mortality.", "fertility.", "migration.")


def pyramid_numbers(results: Results, years: tuple[int, int] | None = None) -> pd.DataFrame:
    """Return persons by year, sex and single age at stated values, residences and functions together.

    The 80% band of the last year stands in `q10` and `q90` where the run keeps single ages of every draw.
    """
    stated = results.central.population
    known = [int(y) for y in stated["time"].values]
    years = years or (known[0], known[-1])
    absent = [y for y in years if y not in known]
    if absent:
        raise NothingToDraw(
            f"本次运行没有{absent[0]}年末的人口（有{known[0]}—{known[-1]}年）",
            f"this run has no population for the year-end of {absent[0]} (it has {known[0]} to {known[-1]})",
        )
    persons = stated.sel(time=list(years)).sum(["residence", "function"]).transpose("time", "sex", "age")
    index = pd.MultiIndex.from_product(
        [years, persons["sex"].values, persons["age"].values.astype(int)], names=["year", "sex", "age"]
    )
    table = pd.DataFrame({"value": persons.values.ravel()}, index=index).reset_index()
    table[["q10", "q90"]] = np.nan
    if "population/population" in results:
        found = statistics(
            results.spread("population/population", lambda a: a.sel(time=years[1]).sum(["residence", "function"]))
        ).transpose("sex", "age")
        for name in ("q10", "q90"):
            table.loc[table["year"] == years[1], name] = found[name].values.ravel()
    return table


def pyramid(results: Results, lang: str = "zh", years: tuple[int, int] | None = None) -> ChartFigure:
    """Draw the population of two years by sex and single age.

    Parameters
    ----------
    results : Results
        A run.
    lang : {"zh", "en"}
        Language of all text.
    years : (int, int), optional
        Year-ends to show, the earlier as an outline; the first and last of the run unless given.
    """
    table = pyramid_numbers(results, years)
    first, last = (int(y) for y in table["year"].unique()[[0, -1]])
    largest = float(table[["value", "q90"]].max().max())
    unit = font_scale(largest, "persons", lang)
    with style():
        sheet = new_sheet(
            _title(results, table, first, last, lang),
            text(
                lang,
                f"年末常住人口，按性别和单岁年龄（周岁）；横轴单位：{unit.unit}",
                f"Residents at year-end by sex and single completed age; horizontal axis in {unit.unit}",
            ),
            footer(results, lang, _INPUTS),
            body=10.2,
        )
        middle, ages = 8.0, np.sort(table["age"].unique())
        panels = {
            "male": sheet.axes(0.9, middle - 0.55, below=1.0, above=0.65),
            "female": sheet.axes(middle + 0.55, 15.4, below=1.0, above=0.65),
        }
        for sex, ax in panels.items():
            _side(ax, table, sex, (first, last), ages, largest, unit.divisor)
            name = label("sex", sex, lang)
            ax.set_xlabel(text(lang, f"{name}（{unit.unit}）", f"{name} ({unit.unit})"))
            _old_share(ax, table, sex, last, lang)
        _age_axis(panels["male"], panels["female"], ages, lang)
        handles = [Patch(facecolor=colour, edgecolor="none") for colour in SEX.values()]
        handles.append(Patch(facecolor="none", edgecolor=INK, linewidth=1))
        names = [f"{label('sex', sex, lang)} {last}" for sex in SEX]
        names.append(text(lang, f"{first}年（线框）", f"{first} (outline)"))
        if banded(table):
            handles.append(Patch(facecolor=INK, alpha=_BAND, linewidth=0))
            names.append(text(lang, f"{last}年80%区间", f"80% band in {last}"))
        sheet.legend(handles, names, columns=4)
    sheet.figure.numbers = table
    return sheet.figure


def _older(table: pd.DataFrame, year: int) -> tuple[float, float]:
    of_year = table[table["year"] == year]
    older, everyone = of_year.loc[of_year["age"] >= _OLD, "value"].sum(), of_year["value"].sum()
    return float(older), float(older / everyone) if everyone else float("nan")


def _title(results: Results, table: pd.DataFrame, first: int, last: int, lang: str) -> str:
    (old_first, share_first), (old_last, share_last) = _older(table, first), _older(table, last)
    grows = old_last >= old_first
    return text(
        lang,
        f"{results.title(lang)}60岁及以上人口由{first}年末的{count(old_first, lang)}人"
        f"{'增至' if grows else '减至'}{last}年末的{count(old_last, lang)}人，"
        f"占总人口的比例由{percent(share_first)}"
        f"{'升至' if share_last >= share_first else '降至'}{percent(share_last)}",
        f"{results.title(lang)}: people aged 60 and over {'grow' if grows else 'fall'} from "
        f"{count(old_first, lang)} at the end of {first} to {count(old_last, lang)} at the end of {last}, "
        f"from {percent(share_first)} to {percent(share_last)} of the population",
    )


def _side(
    ax: Axes,
    table: pd.DataFrame,
    sex: str,
    years: tuple[int, int],
    ages: np.ndarray,
    largest: float,
    divisor: float,
) -> None:
    first, last = (
        table[(table["year"] == y) & (table["sex"] == sex)].sort_values("age")["value"].to_numpy() for y in years
    )
    edges = np.append(ages, ages[-1] + 1)
    ax.stairs(last, edges, orientation="horizontal", fill=True, color=SEX[sex], linewidth=0)
    if banded(table):
        rows = table[(table["year"] == years[1]) & (table["sex"] == sex)].sort_values("age")
        ax.stairs(rows["q90"].to_numpy(), edges, baseline=rows["q10"].to_numpy(), orientation="horizontal",
                  fill=True, color=INK, alpha=_BAND, linewidth=0)  # fmt: skip
    ax.stairs(first, edges, orientation="horizontal", fill=False, color=INK, linewidth=0.9, baseline=None)
    ax.axhline(_OLD, color=MUTED, linewidth=0.6, linestyle=(0, (4, 3)))
    step = _step(largest * 1.06 / divisor)
    marks = np.arange(0, int(largest * 1.06 / divisor / step) + 1) * step
    ax.set_xticks(marks * divisor, [f"{mark:,.0f}" if float(step).is_integer() else f"{mark:g}" for mark in marks])
    limits = (0.0, largest * 1.06)
    ax.set_xlim(limits[::-1] if sex == "male" else limits)
    ax.set_ylim(0, edges[-1])
    ax.grid(True, axis="x")
    ax.grid(False, axis="y")
    ax.spines["left"].set_visible(False)


def _step(top: float) -> float:
    power = 10.0 ** np.floor(np.log10(max(top, 1e-12) / 4))
    return float(next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= top / 4))


def _age_axis(left: Axes, right: Axes, ages: np.ndarray, lang: str) -> None:
    """Write the ages once, in the gutter between the two sides."""
    marks = [int(a) for a in ages if a % 10 == 0]
    names = [f"{a}+" if a == ages[-1] else str(a) for a in marks]
    right.set_yticks([a + 0.5 for a in marks], names, ha="center")
    right.tick_params(axis="y", pad=12, length=0)
    left.set_yticks([a + 0.5 for a in marks], [])
    left.yaxis.set_label_coords(-0.06, 0.5)  # no tick labels stand on this side
    left.set_ylabel(text(lang, "年龄（周岁）", "Age (completed years)"))


def _old_share(ax: Axes, table: pd.DataFrame, sex: str, year: int, lang: str) -> None:
    of_sex = table[(table["year"] == year) & (table["sex"] == sex)]
    older = float(of_sex.loc[of_sex["age"] >= _OLD, "value"].sum())
    x = 0.02 if sex == "male" else 0.98
    ax.text(
        x,
        0.985,
        text(lang, f"{year}年60岁及以上\n{count(older, lang)}人", f"aged 60+ in {year}\n{count(older, lang)}"),
        transform=ax.transAxes,
        ha="left" if sex == "male" else "right",
        va="top",
        fontsize=SMALL_SIZE,
        color=MUTED,
        bbox={"facecolor": "#FFFFFF", "edgecolor": "none", "pad": 1.5},
    )


CHART = Chart("pyramid", 10, pyramid_numbers, pyramid, by_default=True)
