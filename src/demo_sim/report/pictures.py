"""The charts of a report: taken from the run's folder where they were drawn in its language, else drawn."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from demo_sim.execution.helpers import Helpers
from demo_sim.execution.limits import processes
from demo_sim.plot import CHARTS
from demo_sim.plot.aside import MODULES, Drawing
from demo_sim.results.handover import Handed
from demo_sim.results.manifest import read_manifest

if TYPE_CHECKING:
    from demo_sim.results import Results

# Pictures of tables: a report prints the tables themselves.
LEFT_OUT = ("target_table", "special_groups")
CHARTS_OF_A_REPORT = frozenset(name for name in CHARTS if name not in LEFT_OUT)
_FORMATS = ("svg", "png")
_MOST_PROCESSES = 3  # drawing is nearly all that a report takes
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
def pictures(
    runs: Sequence[Results], lang: str, folders: Sequence[Path | None]
) -> Iterator[Callable[[], list[Pictures]]]:
    """Begin to draw every chart that runs allow, where a run's own do not serve; what is given waits for them.

    Parameters
    ----------
    runs : the runs of a report
    lang : language of the charts
    folders : of each run, None where it is no saved one
    """
    with tempfile.TemporaryDirectory(prefix="demo_sim-", ignore_cleanup_errors=True) as scratch, ExitStack() as stack:
        places = [Path(scratch) / str(number) for number in range(len(runs))]
        helpers: Helpers | None = None
        drawings: list[Drawing] = []
        for results, folder, place in zip(runs, folders, places, strict=True):
            place.mkdir()
            ready = set()
            if folder is not None and read_manifest(folder).get("lang") == lang:
                ready = _taken_over(folder, place)
            if names := sorted(CHARTS_OF_A_REPORT - ready):
                if helpers is None:
                    beside = min(processes(), _MOST_PROCESSES) - 1
                    helpers = stack.enter_context(Helpers(beside, MODULES))
                handed = stack.enter_context(Handed(results, helpers, Path(scratch)))
                drawings.append(Drawing(handed, place, lang, names, _FORMATS))

        def wait() -> list[Pictures]:
            for drawing in drawings:
                drawing.finish()
            return [drawn(place) for place in places]

        yield wait


def _taken_over(folder: Path, place: Path) -> set[str]:
    """Copy the charts that a run has drawn; gives the names of those that are there with all their pages."""
    found = drawn(folder / "figures").titles
    ready = {name for name in found if CHARTS & {name, name.rpartition("_")[0]}}  # not what an earlier release drew
    for name in ready:
        for ending in (*_FORMATS, "csv"):
            file = folder / "figures" / f"{name}.{ending}"
            if file.is_file():
                (place / file.name).write_bytes(file.read_bytes())
    return ready
