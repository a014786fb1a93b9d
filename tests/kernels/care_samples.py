"""Made-up wishes, places, attributes and classes for older persons of the made-up region."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from demo_sim.engine.care_cuts import CARE_FAMILIES, CareInputs, Terms
from demo_sim.engine.thresholds import cut

OLD = 41  # ages from 60
USE = np.array([0.05, 0.15, 0.3, 0.5, 0.7])


def terms(*conditions: tuple[int, tuple[int, int], int, list[int], int | None], places: int = 2) -> Terms:
    """Conditions (class, ages, attributes as bits, levels, family or None for any)."""
    allowed = np.zeros((len(conditions), places, 2, 5, CARE_FAMILIES), bool)
    for i, (_, _, _, levels, family) in enumerate(conditions):
        allowed[i, :, :, levels, slice(None) if family is None else family] = True
    return Terms(
        np.array([c[0] for c in conditions], np.int64),
        np.array([c[1] for c in conditions], np.int64).reshape(-1, 2),
        np.array([c[2] for c in conditions], np.int64),
        allowed,
    )


def care(places: list[float], kin: bool = True, regions: int = 2) -> CareInputs:
    """Three classes beside the rest, five attributes that families of two kinds have more or less often, services.

    The places of two of the three services are limited; people live in so many `regions`.
    """
    times = len(places)
    use = np.repeat(USE[None, None], regions, axis=1) * np.array([1.0, 0.8, 0.9])[:regions, None]
    community = np.stack([0.1 + 0 * use, 0.3 * use, use])
    limits = np.full((3, times, 1), np.inf)
    limits[1:] = np.array([20.0, 0.0])[:, None, None]
    share = np.ones((5, 2, 2, OLD, regions, 5)) * np.array([0.3, 0.5, 0.0, 1.0, 0.2])[:, None, None, None, None, None]
    share *= np.linspace(0.5, 1.0, OLD)[:, None, None] * np.array([0.4, 0.6, 0.8, 1.0, 0.9])
    share[:, 1] *= 0.5
    class_of = np.arange(CARE_FAMILIES, dtype=np.uint8) % 2
    return CareInputs(
        np.repeat(use[..., None], times, axis=0),
        np.array([[3.0], [0.6]]) if kin else None,
        np.array(places)[:, None],
        np.repeat(community[..., None], times, axis=1),
        limits,
        class_of,
        cut(share)[None],
        terms(
            (0, (60, 101), 0b00011, [2, 3, 4], None),
            (1, (80, 89), 0, [1], None),
            (1, (60, 101), 0b11000, [0, 1, 2, 3, 4], None),
            (2, (60, 101), 0, [0, 1, 2, 3, 4], 1),
            places=regions,
        ),
        ("poor", "old", "lost_child", "others"),
    )


def without_classes(inputs: CareInputs) -> CareInputs:
    """The same with one class for everybody."""
    return replace(inputs, terms=terms(), classes=("others",))
