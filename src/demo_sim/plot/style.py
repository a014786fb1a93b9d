"""Colours, sizes and the matplotlib settings that every chart shares."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib
from matplotlib.figure import Figure

from demo_sim.plot.font import register_font

if TYPE_CHECKING:
    import pandas as pd

CM = 1 / 2.54
WIDTH = 16.0  # cm, the text column of an A4 page
DPI = 300  # Word keeps pictures at this resolution

TITLE_SIZE, TEXT_SIZE, SMALL_SIZE, NOTE_SIZE = 11.0, 8.0, 7.2, 6.3

INK, MUTED, RULE = "#1F2933", "#5F6B76", "#D5DADF"

# Each set differs in lightness as well as in hue: it reads in grey print and with colour-blind eyes.
SEX = {"male": "#2B6CA3", "female": "#E39A3B"}
FUNCTION = {
    "intact": "#CBD9E6",
    "mild": "#F6D9A8",
    "moderate": "#E8A04C",
    "severe": "#B4531F",
    "total": "#5A1A16",
}
# Alternately dark and light, so that neighbours differ in grey print.
LIVING = {
    "older_alone": "#B4531F",
    "older_couple": "#F6D9A8",
    "older_with_child": "#2B6CA3",
    "older_with_grandchild": "#A9C7E0",
    "other": "#E3E7EB",
}
SUPPLY_COLOUR = "#1F2933"
NEED = {"observed": "#A63A16", "normative": "#5B9BD5", "potential": "#8A96A1"}
NEED_LINE: dict[str, Any] = {"observed": "-", "normative": (0, (5, 2)), "potential": (0, (1.5, 1.5))}
# What adds to a stock, changes within it, takes from it.
FLOW = {"in": "#5B9BD5", "within": "#F2C879", "out": "#8E2A14"}
GAP = "#A63A16"
STOCK = {"whole": "#C3CCD4", "part": "#17406B"}
DEPENDANTS = {"child": "#F2C879", "old": "#17406B"}
LINE_COLOURS = ("#17406B", "#D9822B", "#8A96A1")
LINE_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)))
# From few to many; lightness falls all the way.
HEAT = ("#FFF7E8", "#F5D394", "#EDB25F", "#D9822B", "#A63A16", "#5A1A16")
MAIN = "#2B6CA3"
TARGET = "#B4531F"
VERDICT = {"met": "#5B9BD5", "missed": "#8E2A14", "at_risk": "#F2C879", "not_assessed": "#FFFFFF"}
VERDICT_TEXT = {"met": "#1F2933", "missed": "#FFFFFF", "at_risk": "#1F2933", "not_assessed": "#5F6B76"}
VERDICT_SYMBOL = {"met": "✓", "missed": "×", "at_risk": "▲", "not_assessed": "–"}


def settings() -> dict[Any, Any]:
    """Return the matplotlib settings of the charts."""
    return {
        "font.family": [register_font()],
        "font.size": TEXT_SIZE,
        "text.color": INK,
        "text.parse_math": False,
        # At the resolution of print hinting changes nothing to the eye; for Chinese it costs a quarter of the time.
        "text.hinting": "none",
        "axes.unicode_minus": True,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": MUTED,
        "axes.labelsize": SMALL_SIZE,
        "axes.linewidth": 0.6,
        # A fixed place spares measuring all tick labels at each drawing.
        "axes.titley": 1.0,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.color": RULE,
        "grid.linewidth": 0.5,
        "xtick.labelsize": SMALL_SIZE,
        "ytick.labelsize": SMALL_SIZE,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.major.size": 2.5,
        "ytick.major.size": 0,
        "legend.frameon": False,
        "legend.fontsize": SMALL_SIZE,
        "legend.handlelength": 2.2,
        "legend.columnspacing": 1.4,
        "legend.borderpad": 0,
        "legend.borderaxespad": 0,
        "lines.linewidth": 1.6,
        "hatch.linewidth": 0.5,
        "figure.dpi": 100,
        "figure.facecolor": "#FFFFFF",
        "savefig.dpi": DPI,
        "pdf.fonttype": 42,
        # Matplotlib 3.11 reads this one, too, for a PDF: unequal, the font would be cut and embedded twice.
        "ps.fonttype": 42,
        "svg.fonttype": "path",
        "svg.hashsalt": "demo_sim",
    }


@contextmanager
def style() -> Iterator[None]:
    """Hold the settings of the charts for a while, and give back the user's own afterwards."""
    with matplotlib.rc_context(settings()):
        yield


class ChartFigure(Figure):
    """A figure that keeps its look wherever it is shown or saved later.

    Matplotlib makes tick labels and chooses the kind of font in a file only when it draws, with the
    settings of that moment, so the settings must hold there too.

    Attributes
    ----------
    numbers : the table behind the chart, where it has been drawn by its chart
    size : page it is laid out for
    pages : pages that the chart fills; this is one of them
    sentence : the title in full, which an inset leaves to the slide
    """

    numbers: pd.DataFrame | None = None
    size: str = "column"
    pages: int = 1
    sentence: str = ""

    def draw(self, renderer: Any) -> None:
        """Draw with the settings of the charts."""
        with style():
            super().draw(renderer)

    def _repr_png_(self) -> bytes:
        """What a notebook shows, also one that has not imported pyplot."""
        held = io.BytesIO()
        self.savefig(held, format="png")
        return held.getvalue()

    def savefig(self, *args: Any, **kwargs: Any) -> None:
        """Save with the settings of the charts."""
        with style():
            super().savefig(*args, **kwargs)
