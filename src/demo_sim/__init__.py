"""Population, ageing and care demand of a region, set against its civil-affairs plan.

The public names are found on first use, so that `import demo_sim` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "InputError": "demo_sim.errors",
    "Results": "demo_sim.results",
    "Scenario": "demo_sim.scenario",
    "compare": "demo_sim.report",
    "check_targets": "demo_sim.plan",
    "load": "demo_sim.scenario",
    "open_results": "demo_sim.results",
    "plot": "demo_sim",
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


def __dir__() -> list[str]:
    return sorted(__all__)
