"""Numbers as offices print them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo_sim.results import rounding


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [(13_214_567, "1321万", "13.2 million"), (192_800, "19.3万", "192,800"), (8_560, "8,560", "8,560"),
     (-65_300, "−6.53万", "−65,300"), (float("nan"), "–", "–")],
)  # fmt: skip
def test_counts_read_as_each_language_writes_them(value: float, zh: str, en: str) -> None:
    assert rounding.count(value, "zh") == zh
    assert rounding.count(value, "en") == en


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (0.122789, "share", "+12.3个百分点", "+12.3 pp"),
        (-0.5, "persons", "0人", "0 persons"),
        (-3070.0, "persons", "−3,070人", "−3,070 persons"),
        (0.0, "share", "0.0个百分点", "0.0 pp"),
    ],
)
def test_differences_carry_their_sign(value: float, unit: str, zh: str, en: str) -> None:
    assert rounding.difference(value, unit, "zh") == zh
    assert rounding.difference(value, unit, "en") == en


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.integers(-2, 3))
def test_rounded_parts_add_up_to_the_rounded_total(values: list[float], digits: int) -> None:
    rounded = rounding.largest_remainder(values, digits)
    unit = 10.0**-digits
    assert np.all(np.abs(rounded - values) < unit * (1 + 1e-6))
    assert abs(rounded.sum() - np.sum(values)) <= unit / 2 * (1 + 1e-3) + 1e-6
    np.testing.assert_allclose(rounded / unit, np.round(rounded / unit), atol=1e-6)


def test_shares_print_to_one_hundred() -> None:
    assert rounding.largest_remainder(np.full(3, 100 / 3), 1).sum() == pytest.approx(100.0, abs=1e-12)
    assert rounding.largest_remainder([2.0, 0.0, 1.0]).tolist() == [2, 0, 1]
    assert np.isnan(rounding.largest_remainder([np.nan, 1.4])[0])


@pytest.mark.parametrize(
    ("value", "unit", "digits", "zh", "en"),
    [
        (0.98765, "share", None, "98.8%", "98.8%"),
        (0.98765, "share", 2, "98.77%", "98.77%"),
        (0.0123, "pp", None, "1.2个百分点", "1.2 percentage points"),
        (1.234e9, "yuan", None, "12.3亿元", "1.23 billion yuan"),
        (83_456, "beds", 1, "8.3万张", "83,456.0 beds"),
        (12.13, "per_10k_urban", None, "12.1人/万城镇常住人口", "12.1 per 10,000 urban residents"),
    ],
)
def test_units_as_offices_write_them(value: float, unit: str, digits: int | None, zh: str, en: str) -> None:
    assert rounding.office(value, unit, "zh", digits) == zh
    assert rounding.office(value, unit, "en", digits) == en


def test_one_masked_part_cannot_be_found_by_subtraction() -> None:
    assert rounding.masked_parts([4.0, 30.0, 200.0], 10) == ["<10", "*", "200"]
    assert rounding.masked_parts([4.0, 3.0, 200.0, 0.0], 10) == ["<10", "<10", "200", "0"]
    assert rounding.masked_parts([12.4, 12.4, 12.2], 10) == ["13", "12", "12"]
