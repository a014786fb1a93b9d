"""Charts of fits and back-tests: observed points, fitted lines with 80 % bands."""

from __future__ import annotations

import tempfile
from itertools import cycle
from pathlib import Path
from typing import Any

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from demo_sim.plot.marks import BAND_ALPHA
from demo_sim.plot.panel import Panel
from demo_sim.plot.sheet import WIDTH, new_sheet
from demo_sim.plot.style import LINE_COLOURS, ChartFigure, style
from demo_sim.plot.write import write_figure

_HEIGHT = 6.0  # cm of the body


def panel_figure(panel: Panel, lang: str = "zh") -> ChartFigure:
    """Return the chart of a panel.

    Parameters
    ----------
    panel : Panel
        What to show.
    lang : str
        Language of the words.
    """
    at = 1 if lang == "en" else 0
    with style():
        sheet = new_sheet(panel.title[at], panel.up[at], panel.note[at], _HEIGHT)
        ax = sheet.axes(1.6, WIDTH - 0.4, below=1.0, above=0.9)
        handles: list[Any] = []
        labels: list[str] = []
        colours = cycle(LINE_COLOURS)
        for line in panel.lines:
            colour = next(colours)
            if line.low is not None and line.high is not None:
                ax.fill_between(line.x, line.low, line.high, color=colour, alpha=BAND_ALPHA, linewidth=0)
            ax.plot(line.x, line.y, color=colour, linewidth=1.6)
            handle = Line2D([], [], color=colour)
            handles.append((Patch(facecolor=colour, alpha=BAND_ALPHA), handle) if line.low is not None else handle)
            labels.append(line.label[at])
        colours = cycle(LINE_COLOURS)
        for mark in panel.points:
            colour = next(colours)
            ax.plot(mark.x, mark.y, linestyle="none", marker="o", markersize=3.0, color=colour)
            handles.append(Line2D([], [], linestyle="none", marker="o", markersize=3.0, color=colour))
            labels.append(mark.label[at])
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        ax.set_xlabel(panel.across[at])
        if len(handles) > 1:
            sheet.legend(handles, labels, 3)
    return sheet.figure


def panel_svg(panel: Panel, lang: str = "zh") -> str:
    """Return the chart of a panel as SVG, the same for the same numbers."""
    with tempfile.TemporaryDirectory() as folder:
        write_figure(panel_figure(panel, lang), Path(folder) / "chart", ("svg",))
        return (Path(folder) / "chart.svg").read_text(encoding="utf-8")
