"""What a file in `charts/` declares: its name, its numbers and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo_sim.plot.sheet import page

if TYPE_CHECKING:
    import pandas as pd

    from demo_sim.plot.style import ChartFigure
    from demo_sim.results import Results


@dataclass(frozen=True)
class Chart:
    """One chart of the set: `ds.plot.beds(run)` draws it, `ds.plot.beds.numbers(run)` gives what it shows.

    `numbers` gives the tidy table behind the chart and raises `NothingToDraw` where the results lack
    what is shown; `draw` shows those numbers. `order` is the place in the set. A run writes those `by_default`;
    drawing is the longest part of its end, so they are few.
    """

    name: str
    order: int
    numbers: Callable[[Results], pd.DataFrame]
    draw: Callable[..., ChartFigure]
    by_default: bool = False

    def __call__(self, results: Results, lang: str = "zh", size: str = "column", **options: Any) -> ChartFigure:
        """Draw the chart.

        Parameters
        ----------
        results : Results
            A run.
        lang : {"zh", "en"}
            Language of all text.
        size : {"column", "slide", "inset"}
            The text column of an A4 page, a slide of 16 by 9, or what a slide shows below its own title.
        **options
            What the chart's own `draw` takes beside these.
        """
        with page(size):
            figure = self.draw(results, lang, **options)
        if figure.numbers is None:
            figure.numbers = self.numbers(results)
        return figure
