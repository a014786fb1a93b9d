"""The base year is what the moves of its families lead to: no relation jumps in the first year."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from kin_hunan import Hunan

HERE = Path(__file__).resolve()


@pytest.fixture(scope="module")
def counting() -> ModuleType:
    """The script that counts relations for whoever wants to see them."""
    place = HERE.parents[2] / "calibration" / "hunan" / "kin_places.py"
    spec = importlib.util.spec_from_file_location("kin_places", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lived(counting: ModuleType, base: float, together: float) -> dict[str, np.ndarray]:
    """Shares of each relation at four year-ends, and how many agents had it at the first.

    Parameters
    ----------
    base, together : how often households act as one, for the places of the base year and in the years to come
    """
    hunan = Hunan(150.0, 2025, base)
    hunan.kin.together[:] = together
    ensemble = hunan.ensemble(threads=2)
    seen: dict[str, list[float]] = {}

    def look(year: int) -> None:
        for name, found, among in counting.relations(ensemble.population.persons, year):
            seen.setdefault(name, [found]).append(found / max(among, 1.0))

    look(2020)
    for year, start, tables, flows in hunan.years[:3]:
        ensemble.advance(year, start, tables, flows)
        look(year)
    ensemble.close()
    return {name: np.array(values) for name, values in seen.items()}


def jumps(relations: dict[str, np.ndarray]) -> list[str]:
    """Relations that change in the first year by half a point and what chance does, and beyond these by 1.5 times what
    they do later or by two fifths of those who have it, or have it not."""
    found = []
    for name, (agents, *shares) in relations.items():
        change = np.diff(shares)
        chance = 0.005 + 4.0 * shares[0] / np.sqrt(max(agents, 1.0))
        most = min(1.5 * np.abs(change[1:]).mean(), 0.4 * min(shares[0], 1.0 - shares[0]))
        if abs(change[0]) > most + chance:
            found.append(name)
    return found


@pytest.mark.parametrize("together", [0.85, 0.0])
def test_no_relation_jumps(counting: ModuleType, together: float) -> None:
    relations = lived(counting, together, together)
    assert len(relations) > 60
    assert jumps(relations) == []


def test_other_moves_than_those_of_the_base_year_make_relations_jump(counting: ModuleType) -> None:
    found = jumps(lived(counting, 0.85, 0.0))
    assert {"rural 0-17 father here, mother not", "rural 20-39 spouse outside"} <= set(found)
