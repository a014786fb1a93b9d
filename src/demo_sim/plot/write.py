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

from demo_sim.plot import present
from demo_sim.plot.charts import charts
from demo_sim.plot.numbers import NothingToDraw
from demo_sim.plot.style import DPI, WIDTH, ChartFigure, style

if TYPE_CHECKING:
    from demo_sim.results import Results

_FORMATS = ("svg", "png", "pdf")
SLIDE_WIDTH = 33.867  # cm, of a wide slide in presentation programs

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


def figures(results: Results, lang: str = "zh", names: Iterable[str] | None = None, size: str = "column") -> FigureSet:
    """Draw every chart of the set (or those named) that the results allow; `left_out` says why not the others.

    The pages of a long chart after its first are named `<chart>_2` and so on.

    Parameters
    ----------
    results : Results
        A run.
    lang : {"zh", "en"}
        Language of all text.
    names : iterable of str, optional
        Charts to draw; all of the set if left out.
    size : {"column", "slide", "inset"}
        What to lay the charts out for.
    """
    found = FigureSet()
    wanted = None if names is None else {present(name) for name in names}
    for chart in [chart for chart in charts() if wanted is None or chart.name in wanted]:
        try:
            figure = found[chart.name] = chart(results, lang, size)
        except NothingToDraw as reason:
            found.left_out[chart.name] = reason.render(lang)
            continue
        for number in range(2, figure.pages + 1):
            found[f"{chart.name}_{number}"] = chart(results, lang, size, page=number)
    return found


def write_figures(
    results: Results,
    folder: str | os.PathLike[str],
    lang: str = "zh",
    formats: Iterable[str] = _FORMATS,
    names: Iterable[str] | None = None,
    size: str = "column",
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
    size : {"column", "slide", "inset"}
        What to lay the charts out for; files of slides are called `<chart>_slide`.

    Returns
    -------
    FigureSet
        The figures written; `left_out` names those that were not, with the reason.
    """
    found = figures(results, lang, names, size)
    for name, figure in found.items():
        write_figure(figure, Path(folder) / (name if size == "column" else f"{name}_{size}"), formats)
    return found


def write_figure(figure: ChartFigure, path: str | os.PathLike[str], formats: Iterable[str] = _FORMATS) -> None:
    """Write one chart in all formats, and the CSV of its numbers.

    Parameters
    ----------
    figure : ChartFigure
        What a chart function gave.
    path : path
        Place and name of the files, without ending.
    formats : iterable of str
        Endings of the files, of svg, png and pdf.
    """
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    # The picture is compressed beside the drawing of the next file; drawing itself stays on one thread,
    # since matplotlib's settings are shared by all.
    with style(), _uncollected(), ThreadPoolExecutor(max_workers=1) as pool:
        waiting: list[Future[None]] = []
        for ending in sorted(formats):  # png before svg, so that it has something to be beside
            file = place.with_name(f"{place.name}.{ending}")
            if ending == "png":
                waiting.append(pool.submit(_compress, paint(figure), file))
            else:
                _save(figure, file)
        if figure.numbers is not None:
            _write_numbers(figure.numbers, place.with_name(f"{place.name}.csv"))
        for done in waiting:
            done.result()


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
    metadata = _METADATA.get(ending, {}) | {"Title": figure.sentence}
    figure.savefig(partial, format=ending, metadata=metadata)
    os.replace(partial, path)


def paint(figure: ChartFigure, dpi: float | None = None) -> np.ndarray:
    """Return the pixels of a figure (height, width, 3), at the resolution of a file unless another is given."""
    shown_at = figure.dpi
    # A slide of 16 cm is seen twice as wide: its picture has the pixels for that. An inset goes into a document with a
    # dozen others, where two thirds of them show no difference.
    larger = {"slide": SLIDE_WIDTH / WIDTH, "inset": SLIDE_WIDTH / WIDTH * 2 / 3}.get(figure.size, 1.0)
    figure.dpi = dpi or DPI * larger
    try:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        # The page is opaque, so the fourth channel says nothing.
        return np.asarray(canvas.buffer_rgba())[:, :, :3]
    finally:
        figure.dpi = shown_at


def _compress(pixels: np.ndarray, path: Path) -> None:
    partial = path.with_name(f"{path.name}.partial")
    # flat areas and letters: the highest compression takes eight times as long for a seventh less
    Image.fromarray(pixels.copy()).save(partial, format="png", dpi=(DPI, DPI), compress_level=1)
    os.replace(partial, path)


def _write_numbers(table: pd.DataFrame, path: Path) -> None:
    partial = path.with_name(f"{path.name}.partial")
    table.to_csv(partial, index=False, encoding="utf-8-sig", lineterminator="\n")
    os.replace(partial, path)
