"""Population, ageing and care demand of a region, set against its civil-affairs plan.

The public names are found on first use, so that `import demo_sim` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "InputError": "demo_sim.errors",
    "Results": "demo_sim.results",
    "Scenario": "demo_sim.scenario",
    "backtest": "demo_sim.fit.backtests",
    "compare": "demo_sim.report",
    "check_targets": "demo_sim.plan",
    "fit": "demo_sim.fit.fitting",
    "import_table": "demo_sim.importing",
    "load": "demo_sim.scenario",
    "open_results": "demo_sim.results",
    "places": "demo_sim.places.listing",
    "plot": "demo_sim",
    "request_form": "demo_sim.request",
    "run": "demo_sim.running",
    "simulate": "demo_sim.run",
    "write_report": "demo_sim.report",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name == "plot":
        return import_module("demo_sim.plot")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'demo_sim' has no attribute {name!r}")


class _Package(ModuleType):
    """This package: `run`, `places` and `fit` are the functions also where the modules of these names were imported."""

    @property
    def run(self) -> Any:
        return import_module("demo_sim.running").run

    @run.setter
    def run(self, module: ModuleType) -> None:
        """What an import of the module would put in its place is found in `sys.modules` all the same."""

    @property
    def places(self) -> Any:
        return import_module("demo_sim.places.listing").places

    @places.setter
    def places(self, module: ModuleType) -> None:
        """As for `run`."""

    @property
    def fit(self) -> Any:
        return import_module("demo_sim.fit.fitting").fit

    @fit.setter
    def fit(self, module: ModuleType) -> None:
        """As for `run`."""


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    return sorted(__all__)
