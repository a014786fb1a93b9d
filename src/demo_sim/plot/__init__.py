"""Charts of a run: each takes `Results` and returns a matplotlib figure.

The names are found on first use, so that a run does not load matplotlib before it draws.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "FigureSet": "write",
    "NothingToDraw": "numbers",
    "beds": "charts.beds",
    "community_workers": "charts.community_workers",
    "fan": "one_series",
    "figures": "write",
    "function_levels": "charts.function_levels",
    "pyramid": "charts.pyramid",
    "target_table": "charts.target_table",
    "waiting": "charts.waiting",
    "write_figures": "write",
}

__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"demo_sim.plot.{_HOME[name]}"), name)
    raise AttributeError(f"module 'demo_sim.plot' has no attribute {name!r}")
