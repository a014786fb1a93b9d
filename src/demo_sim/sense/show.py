"""What the inputs imply, as lines of a table for the terminal."""

from __future__ import annotations

import unicodedata

from demo_sim.scenario import Scenario
from demo_sim.sense.implied import ImpliedFigure, implied_figures, place_above
from demo_sim.sense.inputs import Level

_NONE = "–"


def implied_lines(scenario: Scenario, lang: str) -> list[str]:
    """Lines of the table: figures at the first and last year-end, what is usual, the place above at the census.

    Parameters
    ----------
    lang : `zh` or `en`
    """
    start, end = scenario.settings.period.start, scenario.settings.period.end
    above = place_above(scenario)
    if lang == "zh":
        head = ["输入所隐含的（粗算）", f"{start - 1}年末", f"{end}年末", "通常", f"{above.name}2020年"]
    else:
        head = ["implied by the inputs (roughly)", f"end {start - 1}", f"end {end}", "usual", f"{above.name} 2020"]
    rows = [head, *(_row(figure, lang) for figure in implied_figures(Level(scenario)))]
    widths = [max(_width(row[i]) for row in rows) for i in range(len(head))]
    widths[1:] = [-width for width in widths[1:]]  # numbers stand on the right
    return ["  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _row(figure: ImpliedFigure, lang: str) -> list[str]:
    usual = _NONE if figure.usual is None else "{:g}–{:g}".format(*figure.usual)
    numbers = (_NONE if n is None else f"{n:,.{figure.digits}f}" for n in (figure.first, figure.last))
    above = _NONE if figure.above is None else f"{figure.above:,.{figure.digits}f}"
    return [figure.label.en if lang == "en" else figure.label.zh, *numbers, usual, above]


def _width(text: str) -> int:
    """Columns that a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _pad(text: str, width: int) -> str:
    """Text filled up to a width, on the left where it is negative."""
    blanks = " " * (abs(width) - _width(text))
    return text + blanks if width > 0 else blanks + text
