"""The charts of a report: taken from the run's folder where they were drawn in its language, else drawn."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from demo_sim.results.manifest import read_manifest

if TYPE_CHECKING:
    from demo_sim.results import Results

_TITLE = re.compile(r"<dc:title>([^<]+)</dc:title>\s*<dc:(?:type|format|date)", re.DOTALL)


class Pictures:
    """Charts at hand by name, each as SVG and PNG, with their titles."""

    def __init__(self, folder: Path, titles: Mapping[str, str]) -> None:
        self.folder, self.titles = folder, dict(titles)

    def without_small(self, below: int) -> Pictures:
        """The charts whose numbers, as their CSV has them, are none that `below` would mask."""
        return Pictures(self.folder, {n: t for n, t in self.titles.items() if not below or not self._small(n, below)})

    def _small(self, name: str, below: int) -> bool:
        file = self.folder / f"{name}.csv"
        if not file.is_file():  # a further page: its numbers lie beside the first
            return name.rpartition("_")[2].isdigit() and self._small(name.rpartition("_")[0], below)
        numbers = pd.read_csv(file)
        values = numbers["value"] if "value" in numbers else numbers.select_dtypes("float").stack()
        return bool(((values >= 1) & (values < below)).any())

    def svg(self, name: str) -> str:
        """A chart as SVG text."""
        return (self.folder / f"{name}.svg").read_text(encoding="utf-8")

    def png(self, name: str) -> Path:
        """The file of a chart in pixels."""
        return self.folder / f"{name}.png"


def drawn(folder: Path) -> Pictures:
    """Charts that lie in a folder of figures."""
    found = [p.stem for p in sorted(folder.glob("*.svg")) if p.with_suffix(".png").is_file()]
    return Pictures(folder, {name: _title(folder / f"{name}.svg") for name in found if not name.endswith("_slide")})


def _title(file: Path) -> str:
    with file.open(encoding="utf-8") as opened:
        found = _TITLE.search(opened.read(4000))
    return unescape(found.group(1)).strip() if found else ""


@contextmanager
def pictures(results: Results, lang: str, folder: Path | None) -> Iterator[Pictures]:
    """Every chart the results allow; drawn to a temporary folder where the run's own do not serve.

    Parameters
    ----------
    results : a run
    lang : language of the charts
    folder : of the run, if it is a saved one
    """
    from demo_sim.plot.write import write_figures  # matplotlib takes a second to load

    with tempfile.TemporaryDirectory(prefix="demo_sim-", ignore_cleanup_errors=True) as scratch:
        place = Path(scratch)
        ready: set[str] = set()
        if folder is not None and read_manifest(folder).get("lang") == lang:
            for name in drawn(folder / "figures").titles:
                for ending in ("svg", "png", "csv"):
                    (place / f"{name}.{ending}").write_bytes((folder / "figures" / f"{name}.{ending}").read_bytes())
                ready.add(name)
        write_figures(results, place, lang, ("svg", "png"), names=[n for n in _names() if n not in ready])
        yield drawn(place)


def _names() -> list[str]:
    from demo_sim.plot.charts import charts

    return [chart.name for chart in charts()]
