"""Community workers per 10,000 urban residents, with the milestones of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from demo_sim.plot.chart import Chart
from demo_sim.plot.numbers import NothingToDraw, at, require, summarise
from demo_sim.plot.sheet import new_sheet, value_axis, year_ticks
from demo_sim.plot.style import MAIN, SMALL_SIZE, TARGET, ChartFigure, style
from demo_sim.plot.text import footer, text
from demo_sim.results.rounding import percent
from demo_sim.vocab import unit_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from demo_sim.results import Results

_TARGETS = "community_workers"  # in the id of a target
_INPUTS = ("supply.community_workers", "urbanisation.urban_share")


def community_workers_numbers(results: Results) -> pd.DataFrame:
    """Return the density by year (series `density`) and the dated targets (series `target`)."""
    indicator = require(results, "plan/indicator")
    targets = results.targets
    milestones = _milestones(targets)
    # Every milestone is judged on the same density, so the last one stands for all.
    density = indicator.isel(target=int(milestones.index[-1])) if len(milestones) else None
    if density is None or not bool(density.notnull().any()):
        raise NothingToDraw(
            "本次运行没有每万城镇常住人口社区工作者数",
            "this run has no density of community workers in urban places",
        )
    table = summarise(density, series="density")
    marks = pd.DataFrame(
        {
            "year": milestones["year"].astype(int),
            "series": "target",
            "value": milestones["target"].astype(float),
        }
    )
    return pd.concat([table[table["value"].notna()], marks], ignore_index=True)


def _milestones(targets: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of dated targets on the density, one a year."""
    rows = targets[targets["id"].astype(str).str.contains(_TARGETS) & (targets["unit"] == "per_10k_urban")]
    return rows.sort_values("year", kind="stable").drop_duplicates("year")


def community_workers(results: Results, lang: str = "zh") -> ChartFigure:
    """Draw community workers per 10,000 urban residents with the 80% band and the milestones."""
    table = community_workers_numbers(results)
    density = table[table["series"] == "density"].sort_values("year")
    marks = table[table["series"] == "target"]
    with style():
        sheet = new_sheet(
            _title(results, table, lang),
            text(
                lang,
                "年末社区工作者人数与城镇常住人口之比，单位：人/万城镇常住人口。◆为目标值",
                "Community workers at year-end per 10,000 urban residents. ◆ marks a target",
            ),
            footer(results, lang, _INPUTS),
            body=7.6,
        )
        ax = sheet.axes(1.35, 14.6, above=0.75)
        years = density["year"].to_numpy()
        banded = bool(density["q10"].notna().any())
        band = (
            ax.fill_between(years, density["q10"], density["q90"], color=MAIN, alpha=0.18, linewidth=0)
            if banded
            else None
        )
        (line,) = ax.plot(years, density["value"], color=MAIN, linewidth=2, gid="density")
        points = ax.scatter(marks["year"], marks["value"], marker="D", s=26, color=TARGET, zorder=4)
        _marks(ax, density, marks, lang)
        top = float(np.nanmax([*density["value"], *density["q90"], *marks["value"]]))
        value_axis(ax, top * 1.06, 1.0)
        year_ticks(ax, years)
        ax.set_xlabel(text(lang, "年末", "Year-end"))
        ax.set_ylabel(unit_label("per_10k_urban", lang))
        ax.annotate(
            f"{density['value'].iloc[-1]:.1f}",
            (years[-1], density["value"].iloc[-1]),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=MAIN,
            annotation_clip=False,
        )
        handles = [line, *([band] if band is not None else []), points]
        names = [text(lang, "预期值", "Expected")]
        names += [text(lang, "80%区间", "80% band")] if banded else []
        sheet.legend(handles, [*names, text(lang, "目标", "Target")], columns=3)
    return sheet.figure


def _marks(ax: Axes, density: pd.DataFrame, marks: pd.DataFrame, lang: str) -> None:
    """Write each target above its mark and tie it to the value expected that year."""
    for year, target in zip(marks["year"].astype(int), marks["value"].astype(float), strict=True):
        reached = density.loc[density["year"] == year, "value"]
        if len(reached):
            ax.plot(
                [year, year],
                [float(reached.iloc[0]), target],
                color=TARGET,
                linewidth=0.8,
                linestyle=(0, (3, 2)),
            )
            ax.annotate(
                f"{float(reached.iloc[0]):.1f}",
                (year, float(reached.iloc[0])),
                xytext=(0, -10),
                textcoords="offset points",
                ha="center",
                color=MAIN,
                fontsize=SMALL_SIZE,
            )
        ax.annotate(
            text(lang, f"{year}年目标 {target:g}", f"{target:g} by {year}"),
            (year, target),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            color=TARGET,
        )


def _title(results: Results, table: pd.DataFrame, lang: str) -> str:
    marks = table[table["series"] == "target"].sort_values("year")
    year, target = int(marks["year"].iloc[-1]), float(marks["value"].iloc[-1])
    density = table[table["series"] == "density"]
    start_year = int(density["year"].min())
    start = at(density, start_year)
    if year not in set(density["year"]):
        return text(
            lang,
            f"{results.title(lang)}每万城镇常住人口社区工作者{start_year}年末为{start:.1f}人",
            f"{results.title(lang)}: {start:.1f} community workers per 10,000 urban residents "
            f"at the end of {start_year}",
        )
    value = at(density, year)
    targets = results.targets
    p_met = _milestones(targets).query("year == @year")["p_met"]
    chance = float(pd.to_numeric(p_met, errors="coerce").iloc[-1])
    known = np.isfinite(chance)
    reached = value >= target
    return text(
        lang,
        f"{results.title(lang)}每万城镇常住人口社区工作者{year}年末预期{value:.1f}人（{start_year}年末{start:.1f}人），"
        + (f"达到{target:g}人的目标" if reached else f"距{target:g}人的目标差{target - value:.1f}人")
        + (f"，达标概率{percent(chance, 0)}" if known else ""),
        f"{results.title(lang)}: {value:.1f} community workers per 10,000 urban residents expected "
        f"at the end of {year} "
        f"({start:.1f} in {start_year}), "
        + (f"reaching the target of {target:g}" if reached else f"{target - value:.1f} below the target of {target:g}")
        + (f"; probability of meeting it {percent(chance, 0)}" if known else ""),
    )


CHART = Chart("community_workers", 40, community_workers_numbers, community_workers, by_default=True)
