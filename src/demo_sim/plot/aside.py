"""Charts drawn by the processes beside this one, while the run is still being written or its text is made."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from demo_sim.errors import WriteError
from demo_sim.plot import CHARTS

if TYPE_CHECKING:
    from demo_sim.results import Results
    from demo_sim.results.handover import Handed

# What a helper imports before there is anything to draw.
MODULES = ("demo_sim.plot.write",)
_LONGEST = "target_table"  # to draw; it is begun first, so that all processes end together


class Drawing:
    """Charts of a run that are being drawn; `finish` works on what nobody has begun, and waits for the rest.

    Parameters
    ----------
    handed : the run, with the processes that work on it
    folder : of the figures
    lang : of the charts
    names : of the charts, by default those that a run draws
    formats : endings of the files
    size : of the page that they are laid out for
    """

    def __init__(
        self,
        handed: Handed,
        folder: Path,
        lang: str,
        names: Sequence[str] | None = None,
        formats: Sequence[str] = ("svg", "png", "pdf"),
        size: str = "column",
    ) -> None:
        work = partial(_draw, folder=folder, lang=lang, formats=tuple(formats), of_a_run=names is None, size=size)
        each = sorted(CHARTS if names is None else names, key=lambda name: (name != _LONGEST, name))
        self._job = handed.begin(work, each)

    def finish(self) -> dict[str, str]:
        """Wait for all charts; gives those left out with the reason."""
        return {name: reason for found in self._job for name, reason in found.items()}


def _draw(
    results: Results, name: str, folder: Path, lang: str, formats: Sequence[str], of_a_run: bool, size: str
) -> dict[str, str]:
    """Draw a chart; `of_a_run` leaves those out that a run does not draw by itself."""
    from demo_sim.plot.charts import charts  # half a second: only where there is something to draw
    from demo_sim.plot.text import text
    from demo_sim.plot.write import write_figures

    if of_a_run and name not in {chart.name for chart in charts() if chart.by_default}:
        return {}
    try:
        return write_figures(results, folder, lang, formats, names=(name,), size=size).left_out
    except OSError as error:
        raise WriteError(f"图表 {name} 未能写出：{error}", f"chart {name} could not be written: {error}") from error
    except MemoryError:  # told by the run itself
        raise
    except Exception as error:  # whatever it is, a picture never costs the numbers
        said = f"{type(error).__name__}: {error}"
        return {name: text(lang, f"绘图出错，结果不受影响（{said}）", f"drawing failed, the results stand ({said})")}
