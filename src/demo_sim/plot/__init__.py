"""Charts of a run: each takes `Results` and returns a matplotlib figure.

The names are found on first use, so that a run does not load matplotlib before it draws. A file in `charts/` is a
name here: `plot.beds` is the chart that `charts/beds.py` declares.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

_HOME = {
    "FigureSet": "write",
    "NothingToDraw": "numbers",
    "fan": "one_series",
    "figures": "write",
    "small_multiples": "several_runs",
    "write_figure": "write",
    "write_figures": "write",
}
# Charts of the last release and what shows the same now; their names hold for one more.
_BEFORE = {"certified_caregivers": "target_paths", "community_workers": "target_paths"}
CHARTS = frozenset(info.name for info in iter_modules([str(Path(__file__).parent / "charts")]))

__all__ = [*_HOME, *sorted(CHARTS)]


def present(name: str) -> str:
    """Name of a chart; of one that the last release had, what shows the same now, with a warning."""
    if name not in _BEFORE:
        return name
    said = f"the chart {name} is now part of {_BEFORE[name]}; its name goes with the next release"
    warnings.warn(said, FutureWarning, stacklevel=3)
    return _BEFORE[name]


def __getattr__(name: str) -> Any:
    name = present(name)
    if name in _HOME:
        return getattr(import_module(f"demo_sim.plot.{_HOME[name]}"), name)
    if name in CHARTS:
        return import_module(f"demo_sim.plot.charts.{name}").CHART
    raise AttributeError(f"module 'demo_sim.plot' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
