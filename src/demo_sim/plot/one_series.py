"""Fan chart of any one series of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from demo_sim.plot.marks import end_labels
from demo_sim.plot.numbers import NothingToDraw, summarise
from demo_sim.plot.sheet import new_sheet, page, value_axis, year_ticks
from demo_sim.plot.style import MAIN, TARGET, ChartFigure, style
from demo_sim.plot.text import coordinate_label, font_scale, footer, text
from demo_sim.results.rounding import count, office
from demo_sim.vocab import label

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from demo_sim.results import Results


def find_series(results: Results, name: str, lang: str = "zh") -> tuple[xr.DataArray, str, str]:
    """Return a series (draw, time) with its label and unit.

    Parameters
    ----------
    name : str
        `groups.<group>`, `supply.<resource or stock>`, `need.<resource>.<need kind>`,
        `indicator.<target>` or `population.total`; a bare name is looked for in this order.
    """
    found = _candidates(results, lang)
    for wanted in (
        name,
        *(f"{kind}.{name}" for kind in ("groups", "supply", "need", "indicator", "population")),
    ):
        if wanted in found:
            return found[wanted]
    raise NothingToDraw(
        f"本次运行没有序列“{name}”；现有：{'、'.join(found)}",
        f"this run has no series {name!r}; it has: {', '.join(found)}",
    )


def _candidates(results: Results, lang: str) -> dict[str, tuple[xr.DataArray, str, str]]:
    found: dict[str, tuple[xr.DataArray, str, str]] = {}
    if "groups/groups" in results:
        totals = results.spread("groups/groups", lambda array: array.sum("residence"))
        for code in totals["group"].values:
            words = coordinate_label(totals.coords, "group", code, lang)
            found[f"groups.{code}"] = totals.sel(group=code), words, _unit(totals, "group", code)
    for path, dim in (("demand/supply", "resource"), ("demand/stocks", "stock")):
        if path not in results:
            continue
        array = results.spread(path)
        for code in array[dim].values:
            words = f"{coordinate_label(array.coords, dim, code, lang)}{text(lang, '', ': ')}{_supply_word(lang)}"
            found.setdefault(f"supply.{code}", (array.sel({dim: code}), words, _unit(array, dim, code)))
    if "demand/need" in results:
        need = results.spread("demand/need")
        for code in need["resource"].values:
            for kind in need["need_kind"].values:
                series = need.sel(resource=code, need_kind=kind)
                if not bool(series.notnull().any()):
                    continue
                words = f"{coordinate_label(need.coords, 'resource', code, lang)}{text(lang, '', ': ')}" + (
                    text(
                        lang,
                        f"需求（{label('need_kind', kind, lang)}）",
                        f"need ({label('need_kind', kind, lang).lower()})",
                    )
                )
                entry = (series, words, _unit(need, "resource", code))
                found[f"need.{code}.{kind}"] = entry
                found.setdefault(f"need.{code}", entry)
    if "plan/indicator" in results:
        indicator = results.spread("plan/indicator")
        for i, row in results.targets.iterrows():
            # A second reading of the same target follows the first and is not shown here.
            entry = indicator.isel(target=int(str(i))), str(row[f"label_{lang}"]), str(row["unit"])
            found.setdefault(f"indicator.{row['id']}", entry)
    everyone = results.spread(
        "population/summary", lambda array: array.sum(["residence", "sex", "age_group", "function"])
    )
    found["population.total"] = everyone, label("population", lang=lang), "persons"
    return found


def _supply_word(lang: str) -> str:
    return label("supply", lang=lang) if lang == "zh" else label("supply", lang=lang).lower()


def _unit(array: xr.DataArray, dim: str, code: str) -> str:
    name = f"{dim}_unit"
    return str(array.coords[name].sel({dim: code}).item()) if name in array.coords else "units"


def fan_numbers(results: Results, name: str) -> pd.DataFrame:
    """Return the series by year with its value and quantiles; years without a value are left out."""
    series, _, _ = find_series(results, name)
    table = summarise(series, series=name)
    table = table[table["value"].notna()].reset_index(drop=True)
    if table.empty:
        raise NothingToDraw(f"序列“{name}”没有数值", f"the series {name!r} has no values")
    return table


def find_target(results: Results, name: str) -> tuple[int, float] | None:
    """Return the year and value of the plan target that an indicator series is judged by."""
    rows = results.targets
    rows = rows[rows["id"] == name.removeprefix("indicator.")]
    return (int(rows["year"].iloc[0]), float(rows["target"].iloc[0])) if len(rows) else None


def fan(
    results: Results, name: str, lang: str = "zh", target: tuple[int, float] | None = None, size: str = "column"
) -> ChartFigure:
    """Draw one series with its 80% band, and from 200 draws the 95% band.

    Parameters
    ----------
    results : Results
        A run.
    name : str
        Series, as `find_series` takes it: `older_60`, `supply.nursing_beds`,
        `need.institution_beds.observed`, `indicator.hunan.nursing_bed_share`.
    lang : {"zh", "en"}
        Language of all text.
    target : (int, float), optional
        Year and value of a target, drawn as a line up to that year; that of the plan where the series is the
        indicator of a target.
    size : {"column", "slide", "inset"}
        The text column of an A4 page, a slide of 16 by 9, or what a slide shows below its own title.
    """
    table = fan_numbers(results, name)
    _, words, unit = find_series(results, name, lang)
    target = target or find_target(results, name)
    with page(size), style():
        highest = float(np.nanmax([*table["value"], *table["q90"], *table["q975"], target[1] if target else 0.0]))
        divisor, axis_words = axis_unit(highest, unit, lang)
        sheet = new_sheet(
            _title(results, table, words, unit, target, lang),
            text(lang, f"{words}，年末，单位：{axis_words}", f"{words}, year-end, in {axis_words}"),
            footer(results, lang, ()),
            body=7.6,
        )
        ax = sheet.axes(1.3, 13.9, above=0.75)
        handles, names = draw_fan(ax, table, unit, target, lang)
        value_axis(ax, highest, divisor)
        ax.set_xlabel(text(lang, "年末", "Year-end"))
        ax.set_ylabel(axis_words)
        end_labels(ax, float(table["year"].iloc[-1]), [float(table["value"].iloc[-1])],
                   [short(float(table["value"].iloc[-1]), unit, lang)], [MAIN])  # fmt: skip
        sheet.legend(handles, names, columns=4)
    sheet.figure.numbers = table
    return sheet.figure


def draw_fan(
    ax: Axes, table: pd.DataFrame, unit: str, target: tuple[int, float] | None, lang: str
) -> tuple[list[Any], list[str]]:
    """Draw a series with its bands and the line of its target; returns what a legend needs."""
    years = table["year"].to_numpy()
    handles: list[Any] = []
    names: list[str] = []
    for low, high, alpha, share in (("q025", "q975", 0.12, 95), ("q10", "q90", 0.22, 80)):
        if table[low].notna().any():
            handles.append(ax.fill_between(years, table[low], table[high], color=MAIN, alpha=alpha, linewidth=0))
            names.append(text(lang, f"{share}%区间", f"{share}% band"))
    handles.append(ax.plot(years, table["value"], color=MAIN, linewidth=2, gid="value")[0])
    names.append(text(lang, "预期值", "Expected"))
    if target:
        line = (0, (4, 2))
        handles += ax.plot([years[0], target[0]], [target[1]] * 2, color=TARGET, linestyle=line, gid="target")
        names.append(f"{label('column', 'target', lang)} {short(target[1], unit, lang)}")
        ax.plot([target[0]], [target[1]], marker="D", markersize=5, color=TARGET, clip_on=False)
    year_ticks(ax, years)
    return handles[::-1], names[::-1]


def axis_unit(largest: float, unit: str, lang: str) -> tuple[float, str]:
    """Return what an axis is divided by and its words; shares are 0 to 1 inside and per cent on the axis."""
    chosen = font_scale(largest, unit, lang)
    return (0.01, "%") if unit == "share" else (chosen.divisor, chosen.unit)


def short(value: float, unit: str, lang: str) -> str:
    """Return a number without its unit, which stands on the axis."""
    return (
        office(value, unit, lang) if unit == "share" else count(value, lang) if abs(value) >= 1000 else f"{value:.1f}"
    )


def _title(
    results: Results, table: pd.DataFrame, words: str, unit: str, target: tuple[int, float] | None, lang: str
) -> str:
    # What a target is set for is said of its year.
    at_target = table[table["year"] == target[0]] if target else table.iloc[:0]
    start, end = table.iloc[0], at_target.iloc[0] if len(at_target) else table.iloc[-1]
    shown = office if lang == "zh" else short
    first, last = shown(float(start["value"]), unit, lang), shown(float(end["value"]), unit, lang)
    band = ""
    if np.isfinite(end["q10"]):
        low, high = (shown(float(end[q]), unit, lang) for q in ("q10", "q90"))
        band = text(lang, f"（80%区间{low}—{high}）", f" (80% band {low} to {high})")
    grows = float(end["value"]) >= float(start["value"])
    goal = ""
    if target and len(at_target):
        goal = text(lang, f"，目标{shown(target[1], unit, lang)}", f"; target {shown(target[1], unit, lang)}")
    return text(
        lang,
        f"{results.title(lang)}{words}由{int(start['year'])}年末的{first}{'增至' if grows else '减至'}"
        f"{int(end['year'])}年末的{last}{band}{goal}",
        f"{results.title(lang)}: {words[0].lower()}{words[1:]} {'grows' if grows else 'falls'} "
        f"from {first} at the end of "
        f"{int(start['year'])} to {last} at the end of {int(end['year'])}{band}{goal}",
    )
