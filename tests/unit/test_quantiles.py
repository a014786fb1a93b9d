"""What tells a band from the last digits of arithmetic."""

from __future__ import annotations

import math

import pytest

from demo_sim.results.quantiles import is_drawn


@pytest.mark.parametrize(
    ("low", "high", "drawn"),
    [
        (0.52, 0.52, False),
        (0.52, math.nextafter(0.52, 1.0), False),
        (0.0, 0.0, False),
        (math.nan, math.nan, False),
        (0.52, 0.5201, True),
        (-1.0, 1.0, True),
        (240_000.0, 240_001.0, True),
    ],
)
def test_a_band_is_more_than_rounding(low: float, high: float, drawn: bool) -> None:
    assert is_drawn(low, high) is drawn
