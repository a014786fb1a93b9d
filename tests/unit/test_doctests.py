"""The examples in docstrings run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import demo_sim

MODULES = [
    m.name for m in pkgutil.walk_packages(demo_sim.__path__, "demo_sim.") if not m.name.startswith("demo_sim.plot")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert failed == 0
