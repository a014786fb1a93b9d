"""The charts that a run writes, one file each: a file that declares `CHART` is found by listing the folder."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from demo_sim.plot.chart import Chart


@lru_cache(maxsize=1)
def charts() -> tuple[Chart, ...]:
    """Return every chart of this folder, in the order of the set."""
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    found = [module.CHART for module in modules if hasattr(module, "CHART")]
    return tuple(sorted(found, key=lambda chart: chart.order))
