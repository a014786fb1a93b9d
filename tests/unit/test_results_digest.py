"""Rounding to nine digits and the digest."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from results_samples import sample

from demo_sim.results import Results, build, digest
from demo_sim.results.digest import round_significant

# Where a power of ten is exact in a double, the textbook way gives the same nine digits.
FLOATS = st.floats(min_value=1e-13, max_value=1e30) | st.floats(min_value=-1e30, max_value=-1e-13)


@given(st.lists(FLOATS, min_size=1, max_size=50))
def test_rounding_agrees_with_decimal_notation(values):
    expected = [float(f"{v:.8e}") for v in values]
    rounded = round_significant(np.array(values))
    # A tie may fall either way: the product with a power of ten is itself rounded.
    assert np.allclose(rounded, expected, rtol=1.1e-8, atol=0)
    near_tie = [abs((abs(v) * 10.0 ** (8 - int(f"{v:e}"[-3:])) % 1) - 0.5) < 1e-6 for v in values]
    assert all(a == b or tie for a, b, tie in zip(rounded, expected, near_tie, strict=True))


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=50))
def test_rounding_takes_any_double_and_rounding_again_changes_nothing(values):
    once = round_significant(np.array(values))
    assert np.array_equal(np.isnan(once), np.isnan(values))
    finite = np.isfinite(values)
    assert np.allclose(once[finite], np.array(values)[finite], rtol=1e-8, atol=1e-289)
    ordinary = finite & (np.abs(once) < 1e30) & (np.abs(once) > 1e-13)
    assert np.array_equal(round_significant(once)[ordinary], once[ordinary])


def test_zero_has_no_sign_and_nan_one_pattern():
    other_nan = np.array([0x7FF8000000000001], dtype=np.int64).view(np.float64)
    assert round_significant(np.array([-0.0])).tobytes() == round_significant(np.array([0.0])).tobytes()
    assert round_significant(other_nan).tobytes() == np.array([np.nan]).tobytes()


def test_the_bytes_that_are_hashed():
    parts = {"population": {"population": (("draw", "time"), np.array([[1.00000000049, -2.5]]))}}
    central = {"population": {"population": (("time",), np.array([1.0, -2.0 / 3.0]))}}
    results = build(parts, {"time": [2020, 2021]}, {"name": "tiny"}, central)
    expected = hashlib.sha256()
    for name, dims, shape, values, kind in (
        ("central/population/population", "time", "(2,)", [1.0, -0.666666667], "<f8"),
        ("central/time", "time", "(2,)", [2020, 2021], "<i8"),
        ("population/draw", "draw", "(1,)", [0], "<i8"),
        ("population/population", "draw,time", "(1, 2)", [1.0, -2.5], "<f8"),
        ("population/time", "time", "(2,)", [2020, 2021], "<i8"),
    ):
        expected.update(f"{name}|{dims}|{shape}|".encode())
        expected.update(np.array(values, dtype=kind).tobytes())
    assert digest(results) == expected.hexdigest()


def changed(results: Results, **attrs: object) -> Results:
    tree = results.tree.copy(deep=True)
    tree.attrs.update(attrs)
    return Results(tree)


def test_times_host_and_versions_are_outside_the_digest():
    results = sample(3)
    other = changed(results, timings='{"a": 1.5}', versions='{"numpy": "1"}', name="another")
    assert digest(other) == digest(results)


@pytest.mark.parametrize(("factor", "same"), [(1 + 1e-13, True), (1 + 1e-7, False)])
def test_the_digest_sees_nine_digits(factor, same):
    results = sample(3)
    values = np.full((3, 2), 1234.5)
    one, other = (
        build({"groups": {"groups": (("draw", "time"), v)}}, {"time": [1, 2]}, {}) for v in (values, values * factor)
    )
    assert (digest(one) == digest(other)) is same
    moved = changed(results)
    moved.tree["groups"]["groups"].values[0, 0, 0, 0] += 1.0
    assert digest(moved) != digest(results)


def test_the_digest_sees_the_stated_run():
    results = sample(3)
    moved = changed(results)
    moved.tree["central/groups"]["groups"].values[0, 0, 0] += 1.0
    assert digest(moved) != digest(results)


def test_seven_digits_of_a_draw_are_hashed_as_they_are():
    values = np.array([[1234.5678]], np.float32)
    one, other = (
        build({"groups": {"groups": (("draw", "time"), v)}}, {"time": [2020]}, {})
        for v in (values, values.astype(float))
    )
    assert digest(one) == digest(other)
