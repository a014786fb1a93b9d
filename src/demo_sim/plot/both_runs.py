"""The same series of several runs in one picture, to see what a change of the scenario does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from demo_sim.plot.marks import end_labels
from demo_sim.plot.one_series import axis_unit, find_series, short
from demo_sim.plot.several_runs import several_numbers
from demo_sim.plot.sheet import new_sheet, page, value_axis, year_ticks
from demo_sim.plot.style import FUNCTION, MAIN, MUTED, TARGET, ChartFigure, style
from demo_sim.plot.text import text

if TYPE_CHECKING:
    from demo_sim.results import Results

# Each differs in lightness and in dashes, so that six lines are told apart in grey print.
_LOOKS: tuple[tuple[str, Any], ...] = (
    (MAIN, "-"), (TARGET, (0, (6, 2))), (MUTED, (0, (1.5, 1.5))), (FUNCTION["total"], (0, (6, 2, 1.5, 2))),
    (FUNCTION["mild"], (0, (3, 1))), (FUNCTION["severe"], (0, (1, 1))),
)  # fmt: skip
_MOST = len(_LOOKS)


def both_runs(
    runs: Sequence[Results], names: Sequence[str], series: str, lang: str = "zh", size: str = "column"
) -> ChartFigure:
    """Draw one series of up to six runs on one pair of axes, each with its 80% band.

    Parameters
    ----------
    runs : sequence of Results
        The first is the one that the others are compared with.
    names : sequence of str
        What the runs are called.
    series : str
        Series, as `fan` takes it.
    lang : {"zh", "en"}
        Language of all text.
    size : {"column", "slide", "inset"}
        The text column of an A4 page, a slide of 16 by 9, or what a slide shows below its own title.
    """
    table = several_numbers(runs[:_MOST], series)
    _, words, unit = find_series(runs[0], series, lang)
    shown = list(dict.fromkeys(table["run"]))
    with page(size), style():
        highest = float(np.nanmax(table[["value", "q90"]].to_numpy()))
        divisor, axis_words = axis_unit(highest, unit, lang)
        last = int(table["year"].max())
        ends = {i: float(table[(table["run"] == i) & (table["year"] == last)]["value"].iloc[0]) for i in shown}
        sheet = new_sheet(
            _title([names[i] for i in shown], list(ends.values()), words, unit, last, lang),
            text(lang, f"{words}，年末，单位：{axis_words}；阴影为80%区间",
                 f"{words}, year-end, in {axis_words}; 80% bands shaded"),
            text(lang, "情景：", "Scenarios: ") + text(lang, "、", ", ").join(names[i] for i in shown),
            body=7.2,
        )  # fmt: skip
        ax = sheet.axes(1.3, 13.9, above=0.75)
        handles: list[Any] = []
        for i in shown:
            colour, dashes = _LOOKS[i]
            rows = table[table["run"] == i]
            if rows["q10"].notna().any():
                ax.fill_between(rows["year"], rows["q10"], rows["q90"], color=colour, alpha=0.15, linewidth=0)
            handles += ax.plot(rows["year"], rows["value"], color=colour, linestyle=dashes, linewidth=2, gid=f"run{i}")
        value_axis(ax, highest, divisor)
        year_ticks(ax, table["year"].unique())
        ax.set_xlabel(text(lang, "年末", "Year-end"))
        ax.set_ylabel(axis_words)
        end_labels(ax, last, list(ends.values()), [short(v, unit, lang) for v in ends.values()],
                   [_LOOKS[i][0] for i in shown])  # fmt: skip
        sheet.legend(handles, [names[i] for i in shown], columns=2)
    sheet.figure.numbers = table
    return sheet.figure


def _title(names: list[str], ends: list[float], words: str, unit: str, year: int, lang: str) -> str:
    told = [f"{name} {short(value, unit, lang)}" for name, value in zip(names, ends, strict=True)]
    return text(lang, f"{words}{year}年末：{'；'.join(told)}", f"{words} at the end of {year}: {'; '.join(told)}")
