"""The set of charts of a run, drawn and written to a folder with the numbers behind each."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from demo_sim.plot.charts import charts
from demo_sim.plot.numbers import NothingToDraw
from demo_sim.plot.style import DPI, ChartFigure, style

if TYPE_CHECKING:
    from demo_sim.results import Results

# No dates: the same run gives the same files.
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": "demo_sim"},
    "pdf": {"CreationDate": None, "Creator": "demo_sim", "Producer": None},
}


class FigureSet(dict[str, ChartFigure]):
    """Charts by name; `left_out` says in words why a chart of the set is not among them."""

    def __init__(self) -> None:
        super().__init__()
        self.left_out: dict[str, str] = {}


def figures(results: Results, lang: str = "zh", names: Iterable[str] | None = None) -> FigureSet:
    """Draw every chart of the set (or those named) that the results allow; `left_out` says why not the others."""
    found = FigureSet()
    for chart in charts() if names is None else [c for c in charts() if c.name in set(names)]:
        try:
            found[chart.name] = chart.draw(results, lang)
        except NothingToDraw as reason:
            found.left_out[chart.name] = reason.render(lang)
    return found


def write_figures(
    results: Results,
    folder: str | os.PathLike[str],
    lang: str = "zh",
    formats: Iterable[str] = ("svg", "png", "pdf"),
    names: Iterable[str] | None = None,
) -> FigureSet:
    """Write every chart of the set, each in all formats, with the CSV of its numbers beside it.

    Parameters
    ----------
    results : Results
        A run.
    folder : path
        Where to write; made if it does not exist.
    lang : {"zh", "en"}
        Language of all text.
    formats : iterable of str
        Endings of the files, of svg, png and pdf.
    names : iterable of str, optional
        Charts to write; all of the set if left out.

    Returns
    -------
    FigureSet
        The figures written; `left_out` names those that were not, with the reason.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    found = figures(results, lang, names)
    numbers = {chart.name: chart.numbers for chart in charts()}
    # Pictures are compressed beside the drawing of the next file; drawing itself stays on one thread,
    # since matplotlib's settings are shared by all.
    with style(), _uncollected(), ThreadPoolExecutor(max_workers=2) as pool:
        waiting: list[Future[None]] = []
        for name, figure in found.items():
            for ending in formats:
                path = place / f"{name}.{ending}"
                if ending == "png":
                    waiting.append(pool.submit(_compress, _paint(figure), path))
                else:
                    _save(figure, path)
            _write_numbers(numbers[name](results), place / f"{name}.csv")
        for done in waiting:
            done.result()
    return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold back the garbage collector: drawing makes many small objects, and going over them costs a tenth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _save(figure: ChartFigure, path: Path) -> None:
    partial = path.with_name(f"{path.name}.partial")
    ending = path.suffix[1:]
    figure.savefig(partial, format=ending, metadata=_METADATA.get(ending))
    os.replace(partial, path)


def _paint(figure: ChartFigure) -> Image.Image:
    """Return the pixels of a figure at the resolution of a file."""
    shown_at = figure.dpi
    figure.dpi = DPI
    try:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        # The page is opaque, so the fourth channel says nothing.
        return Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3].copy())
    finally:
        figure.dpi = shown_at


def _compress(pixels: Image.Image, path: Path) -> None:
    partial = path.with_name(f"{path.name}.partial")
    pixels.save(partial, format="png", dpi=(DPI, DPI), compress_level=4)
    os.replace(partial, path)


def _write_numbers(table: pd.DataFrame, path: Path) -> None:
    partial = path.with_name(f"{path.name}.partial")
    table.to_csv(partial, index=False, encoding="utf-8-sig", lineterminator="\n")
    os.replace(partial, path)
