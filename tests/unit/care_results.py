"""Homes and waiting of a made-up run: the variables of the group `placement` and their coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np

from demo_sim import vocab

CLASSES = ("destitute", "poor_disabled", "others")


def placement(draws: int, times: np.ndarray) -> tuple[dict[str, tuple[tuple[str, ...], np.ndarray]], dict[str, Any]]:
    """Beds that close while more people ask: a list from the third year-end on, longest for the last class.

    The run at stated values comes first on `draw`, so many random draws after it.
    """
    rng = np.random.default_rng(8)
    steps = np.arange(times.size)
    places = np.linspace(160_000.0, 90_000.0, times.size) * _scatter(rng, draws)
    asking = np.linspace(110_000.0, 180_000.0, times.size) * _scatter(rng, draws)
    homes = np.minimum(asking, places)
    by_class = np.array([0.02, 0.03, 0.95])[:, None] * np.array([0.6, 0.4])
    waiting = (asking - homes)[:, :, None, None] * np.array([[0.005], [0.015], [0.98]]) * np.array([0.6, 0.4])
    years = np.where(waiting.sum(axis=3) > 0.0, 0.3 * steps[:, None] * np.array([0.2, 0.5, 1.0]), 0.0)
    flows = rng.lognormal(8.0, 0.1, (draws + 1, times.size - 1, len(vocab.CARE_FLOWS), 2))
    settings = np.stack([homes / 2.0, homes], axis=2)[..., None] * np.array([0.6, 0.4])
    variables = {
        "care_settings": (("draw", "time", "care_setting", "residence"), settings),
        "waiting": (("draw", "time", "care_class", "residence"), waiting),
        "in_institutions": (("draw", "time", "care_class", "residence"), homes[:, :, None, None] * by_class),
        "waiting_years": (("draw", "time", "care_class"), years),
        "waiting_years_all": (("draw", "time"), years[:, :, -1]),
        "waited_years": (("draw", "year"), years[:, 1:, -1]),
        "care_flows": (("draw", "year", "care_flow", "residence"), flows),
        "usable_places": (("draw", "time"), places),
    }
    coords = {
        "year": times[1:],
        "care_setting": list(vocab.CARE_SETTINGS),
        "care_flow": list(vocab.CARE_FLOWS),
        "care_class": list(CLASSES),
        "care_class_label_zh": ["生活不能自理且愿意集中供养的特困人员", "经济困难的失能失智老年人", "其他老年人"],
        "care_class_label_en": [
            "Destitute persons unable to care for themselves",
            "Poor older people, disabled or demented",
            "Other older people",
        ],
    }
    return variables, coords


def _scatter(rng: np.random.Generator, draws: int) -> np.ndarray:
    return np.concatenate([[[1.0]], rng.lognormal(0.0, 0.1, (draws, 1))])
