"""What a file in `charts/` declares: its name, its numbers and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from demo_sim.plot.style import ChartFigure
    from demo_sim.results import Results


@dataclass(frozen=True)
class Chart:
    """One chart of the set that a run writes.

    `numbers` gives the tidy table behind the chart and raises `NothingToDraw` where the results lack
    what is shown; `draw` shows those numbers. `order` is the place in the set.
    """

    name: str
    order: int
    numbers: Callable[[Results], pd.DataFrame]
    draw: Callable[[Results, str], ChartFigure]
