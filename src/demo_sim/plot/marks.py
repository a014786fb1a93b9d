"""Marks that several charts share: a line with its band, labels at the end of lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Patch

from demo_sim.plot.sheet import frame_size, spread_labels
from demo_sim.plot.style import SMALL_SIZE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BAND_ALPHA = 0.16


def line_with_band(
    ax: Axes, table: pd.DataFrame, colour: str, *, dashes: Any = "-", width: float = 1.8, gid: str = ""
) -> Any:
    """Draw a series of a tidy table, with its 80% band where there is one, and return its legend handle."""
    rows = table.sort_values("year")
    years = rows["year"].to_numpy()
    banded = "q10" in rows and bool(rows["q10"].notna().any())
    if banded:
        ax.fill_between(years, rows["q10"], rows["q90"], color=colour, alpha=BAND_ALPHA, linewidth=0)
    (line,) = ax.plot(years, rows["value"], color=colour, linestyle=dashes, linewidth=width, gid=gid or None)
    return (Patch(facecolor=colour, alpha=BAND_ALPHA, linewidth=0), line) if banded else line


def end_labels(
    ax: Axes,
    year: float,
    values: Sequence[float],
    words: Sequence[str],
    colours: Sequence[str],
    lines: int = 1,
) -> None:
    """Write words to the right of the last points, moved apart where they would touch.

    The limits of the axis have to be set before. `lines` is how many lines a label has.
    """
    low, high = ax.get_ylim()
    points = frame_size(ax)[1] / 2.54 * 72
    distance = (high - low) * lines * SMALL_SIZE * 1.3 / points
    for value, word, colour, place in zip(values, words, colours, spread_labels(values, distance), strict=True):
        if np.isfinite(value):
            ax.annotate(
                word,
                (year, place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL_SIZE,
                color=colour,
                annotation_clip=False,
            )
