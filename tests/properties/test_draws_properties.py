"""What holds for any set of draws."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from demo_sim.inputs.draws import Z90, Draws, draw_row, stated
from demo_sim.scenario.quantity import Location, Quantity, Row, Source

quick = settings(deadline=None, max_examples=60, derandomize=True)
NOWHERE = Location("test", 0)
QUANTILES = np.array([-Z90, 0.0, Z90])


def quantity(path: str, rows: list[Row], unit: str) -> Quantity:
    source = Source(path, "test", "assumed", unit)
    return Quantity(path, tuple(rows), unit, NOWHERE, (source,))


@quick
@given(st.floats(0.01, 0.98), st.floats(0.02, 0.9), st.floats(0.02, 0.9))
def test_percentiles_of_a_share(value: float, down: float, up: float) -> None:
    low, high = value * (1.0 - down), value + up * (1.0 - value)
    row = Row(value, low, high, id="a")
    np.testing.assert_allclose(draw_row(row, "share", QUANTILES), [low, value, high], rtol=1e-9)
    lowest, highest = draw_row(row, "share", np.array([-8.0, 8.0]))
    assert 0.0 < lowest < value < highest <= 1.0


@quick
@given(st.floats(1e-3, 1e8), st.floats(0.01, 0.9), st.floats(1.01, 10.0))
def test_percentiles_of_a_rate(value: float, down: float, up: float) -> None:
    row = Row(value, value * down, value * up, id="a")
    np.testing.assert_allclose(draw_row(row, "persons", QUANTILES), [row.low, value, row.high], rtol=1e-9)


@quick
@given(st.floats(-1e6, 1e6), st.floats(1.0, 1e5), st.floats(1.0, 1e5))
def test_percentiles_where_the_band_passes_zero(value: float, down: float, up: float) -> None:
    row = Row(value, min(value, 0.0) - down, value + up, id="a")
    np.testing.assert_allclose(draw_row(row, "persons", QUANTILES), [row.low, value, row.high], rtol=1e-9, atol=1e-6)


@quick
@given(st.integers(0, 2**31), st.lists(st.floats(0.02, 1.0), min_size=2, max_size=6), st.integers(0, 6))
def test_compositions_sum_to_one(seed: int, weights: list[float], drawn: int) -> None:
    """Whatever number of parts has a band, all of them or some."""
    shares = np.array(weights) / sum(weights)
    rows = [
        Row(float(v), float(v) * 0.5 if i < drawn else None, float(v) * 0.6 + 0.4 if i < drawn else None,
            level=str(i), id="a")
        for i, v in enumerate(shares)
    ]  # fmt: skip
    draws = Draws({"a": quantity("a", rows, "share")}, seed, range(-1, 40))
    values = draws["a"].values
    np.testing.assert_allclose(values.sum(axis=0), 1.0, rtol=1e-12)
    assert (values >= -1e-12).all()


@quick
@given(st.integers(0, 2**31), st.lists(st.integers(-1, 199), min_size=1, max_size=50))
def test_a_draw_is_the_same_whatever_their_number_and_order(seed: int, numbers: list[int]) -> None:
    quantities = {name: quantity(name, [Row(2.0, 1.0, 5.0, id=name)], "rate") for name in ("fertility.tfr", "other")}
    few, many = Draws(quantities, seed, numbers), Draws(quantities, seed, range(-1, 200))
    for name in quantities:
        np.testing.assert_array_equal(few[name].values, many[name].values[:, np.array(numbers) + 1])


@quick
@given(st.floats(1e-6, 1.0 - 1e-6), st.floats(0.02, 0.9), st.floats(0.02, 0.9), st.sampled_from(["share", "persons"]))
def test_the_stated_value_is_the_typed_one(value: float, down: float, up: float, unit: str) -> None:
    row = Row(value, value * (1.0 - down), value + up * (1.0 - value), id="a")
    assert stated({"a": quantity("a", [row], unit)})["a"].values.tolist() == [[value]]


@quick
@given(st.integers(0, 2**31), st.integers(0, 5))
def test_a_thousand_draws_are_spread_evenly(seed: int, block: int) -> None:
    """Of 1,024 draws as many lie below the stated value as above, and a tenth beyond low and beyond high.

    Each of the 8 replicates has 12 or 13 of its 128 draws there.
    """
    numbers = np.arange(1024) + 1024 * block
    values = Draws({"a": quantity("a", [Row(2.0, 1.0, 5.0, id="a")], "rate")}, seed, numbers)["a"].values[0]
    assert (values < 2.0).sum() == 512
    assert 96 <= (values < 1.0).sum() <= 104 and 96 <= (values > 5.0).sum() <= 104


@quick
@given(st.integers(0, 2**31))
def test_an_input_keeps_its_draws_beside_any_others(seed: int) -> None:
    """Scenarios share random numbers: a further uncertain input moves nobody else's."""
    one = {"a": quantity("a", [Row(2.0, 1.0, 5.0, id="a")], "rate")}
    two = {"b": quantity("b", [Row(0.2, 0.1, 0.5, id="b")], "share"), **one}
    alone, beside = (Draws(quantities, seed, range(30))["a"].values for quantities in (one, two))
    np.testing.assert_array_equal(alone, beside)
