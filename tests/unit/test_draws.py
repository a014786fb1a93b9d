"""Draws: look-ups by key, percentiles, compositions, numbers of the draws, and the stated values."""

from __future__ import annotations

import numpy as np
import pytest

from demo_sim.inputs.draws import STATED, Draws, compositions, draw_row, stated
from demo_sim.scenario.quantity import Location, Quantity, Row, Source


def quantity(rows: list[Row], unit: str = "rate", path: str = "p", at: str = "draw", region: str = "") -> Quantity:
    ids = dict.fromkeys(row.id for row in rows)
    sources = tuple(Source(id_, "test", "assumed", unit) for id_ in ids)
    return Quantity(path, tuple(rows), unit, Location("test", 0), sources, at, region)


def sampled(rows: list[Row], n: int = 4, **kwargs: str):  # type: ignore[no-untyped-def]
    return Draws({"p": quantity(rows, **kwargs)}, 1, range(n))["p"]


def test_percentiles_of_many_draws() -> None:
    row = Row(2.0, 1.0, 6.0, id="a")
    values = sampled([row], 40_000).values[0]
    # three standard errors of a quantile of 40,000 draws, on the log scale of each side
    assert np.quantile(values, [0.1, 0.5, 0.9]) == pytest.approx([1.0, 2.0, 6.0], rel=0.035)
    assert np.exp(np.log(values).mean()) != pytest.approx(2.0, rel=0.05)  # the two sides differ


def test_the_stated_value_is_the_typed_one_to_the_last_digit() -> None:
    """On any scale, alone and beside draws; one draw alone is a draw like any other."""
    rows = [Row(0.1, 0.05, 0.3, id="a"), Row(0.7, 0.6, 0.75, name="x", id="a")]
    for unit in ("share", "rate"):
        quantities = {"p": quantity(rows, unit)}
        assert stated(quantities)["p"].values.tolist() == [[0.1], [0.7]]
        mixed = Draws(quantities, 1, [3, STATED, 0])
        assert mixed["p"].values[:, 1].tolist() == [0.1, 0.7]
        np.testing.assert_array_equal(mixed["p"].values[:, 0], sampled(rows, 4, unit=unit).values[:, 3])
        np.testing.assert_array_equal(mixed.uniforms[:, 1], 0.5)
    assert (sampled(rows, 1).values != stated({"p": quantity(rows)})["p"].values).all()


def test_stated_parts_of_a_whole_are_the_typed_ones() -> None:
    rows = [Row(0.5, 0.4, 0.6, level="a", id="c"), Row(0.3, 0.2, 0.4, level="b", id="c"), Row(0.2, level="c", id="c")]
    values = stated({"p": quantity(rows, "share")})["p"].values[:, 0]
    np.testing.assert_allclose(values, [0.5, 0.3, 0.2], rtol=1e-15)


def test_one_quantile_for_all_keys_of_a_row_set() -> None:
    rows = [Row(1.0, 0.5, 2.0, year=y, id="a") for y in (2020, 2030)] + [Row(1.0, 0.5, 2.0, name="x", id="a")]
    values = sampled(rows, 30).values
    np.testing.assert_array_equal(values[0], values[1])
    assert np.abs(values[0] - values[2]).max() > 0.1  # another name is another draw


def test_regions_are_drawn_apart() -> None:
    rows = [Row(1.0, 0.5, 2.0, id="a")]
    one, two = sampled(rows, 30, region="hunan").values, sampled(rows, 30, region="suzhou").values
    assert np.abs(one - two).max() > 0.1


@pytest.mark.parametrize(("at", "expected"), [("low", 1.0), ("value", 2.0), ("high", 6.0)])
def test_held_inputs_are_not_drawn(at: str, expected: float) -> None:
    assert (sampled([Row(2.0, 1.0, 6.0, id="a")], at=at).values == expected).all()


def test_a_draw_is_its_number() -> None:
    """In any order, beside any others, with the stated values anywhere between."""
    quantities = {
        "p": quantity([Row(2.0, 1.0, 6.0, id="a")], path="p"),
        "q": quantity([Row(0.2, 0.1, 0.4, id="b")], "share", path="q"),
    }
    whole = Draws(quantities, 1, range(1000))
    some = Draws(quantities, 1, [999, STATED, 7, 0, 7])
    assert some.size == 5 and some.numbers.tolist() == [999, STATED, 7, 0, 7]
    for path, typed in (("p", 2.0), ("q", 0.2)):
        values, every = some[path].values[0], whole[path].values[0]
        assert values.tolist() == [every[999], typed, every[7], every[0], every[7]]


def test_quantiles_are_those_of_the_values() -> None:
    """The quantile of each input is at hand, the same for every path that it is read by."""
    quantities = {
        "p": quantity([Row(2.0, 1.0, 6.0, id="a")], path="p"),
        "q": quantity([Row(0.2, 0.1, 0.4, id="b")], "share", path="q"),
        "r": quantity([Row(3.0, 1.0, 6.0, id="a")], path="r"),  # shares its quantile with p
        "s": quantity([Row(3.0, id="c")], path="s"),  # has none
    }
    draws = Draws(quantities, 1, range(200))
    assert [stream.id for stream in draws.streams] == ["a", "b"] and draws.uniforms.shape == (2, 200)
    for path, stream in (("p", 0), ("q", 1), ("r", 0)):
        order = np.argsort(draws.uniforms[stream])
        assert (np.diff(draws[path].values[0, order]) > 0.0).all()
    assert (draws["s"].values == 3.0).all()
    below = draws["p"].values[0] < 2.0
    np.testing.assert_array_equal(below, draws.uniforms[0] < 0.5)


def test_another_seed_is_other_draws() -> None:
    quantities = {"p": quantity([Row(2.0, 1.0, 6.0, id="a")])}
    one, two = (Draws(quantities, seed, range(50))["p"].values for seed in (1, 2))
    assert (one != two).all()


def test_shares_that_touch_the_ends_stay_inside() -> None:
    values = draw_row(Row(0.02, 0.0, 0.1, id="a"), "share", np.linspace(-6.0, 6.0, 50))
    assert values.min() == 0.0 and values.max() <= 1.0
    values = draw_row(Row(5.0, 0.0, 9.0, id="a"), "beds", np.linspace(-6.0, 6.0, 50))
    assert values.min() == 0.0


def test_series_between_and_outside_dated_rows() -> None:
    series = sampled([Row(1.0, year=2020, id="a"), Row(3.0, year=2024, id="a")])
    got = series.series(np.array([2018, 2020, 2021, 2024, 2030]))[:, 0]
    np.testing.assert_allclose(got, [1.0, 1.0, 1.5, 3.0, 3.0])
    assert series.at()[0] == 1.0 and series.at(2022)[0] == 2.0 and series.years() == [2020, 2024]


def test_filled_keys_win_over_blank_ones() -> None:
    some = sampled([Row(1.0, id="a"), Row(2.0, sex="female", id="a"), Row(3.0, sex="female", age="60-64", id="a")])
    assert some.at()[0] == 1.0
    assert some.at(sex="female")[0] == 2.0 and some.at(sex="male")[0] == 1.0
    assert some.at(sex="female", age="60-64")[0] == 3.0
    assert some.has(sex="female") and some.distinct("sex") == ["female"]


def test_missing_rows_are_named() -> None:
    some = sampled([Row(1.0, sex="female", id="a"), Row(2.0, sex="male", id="a")])
    with pytest.raises(KeyError, match="p: no row for no key"):
        some.at()
    assert not some.has(sex="both")


def test_groups_are_sorted_by_age() -> None:
    some = sampled([Row(float(i), age=a, id="a") for i, a in enumerate(["80+", "5-9", "60-69"])])
    groups, values = some.groups()
    assert groups == [(5, 9), (60, 69), (80, None)] and values[:, 0].tolist() == [1.0, 2.0, 0.0]


def test_parts_without_a_band_share_the_remainder() -> None:
    rows = [Row(0.5, 0.4, 0.6, level="a", id="c"), Row(0.3, level="b", id="c"), Row(0.2, level="c", id="c")]
    values = sampled(rows, 200, unit="share").values
    np.testing.assert_allclose(values.sum(axis=0), 1.0, rtol=1e-14)
    np.testing.assert_allclose(values[1] / values[2], 1.5, rtol=1e-12)
    assert np.ptp(values[0]) > 0.1


def test_only_sets_that_sum_to_one_are_compositions() -> None:
    units = {"c": "share"}
    whole = tuple(Row(v, level=k, id="c") for k, v in (("a", 0.6), ("b", 0.4)))
    part = tuple(Row(v, level=k, id="c") for k, v in (("a", 0.6), ("b", 0.3)))
    nested = tuple(Row(v, age=a, id="c") for a, v in (("0-14", 0.2), ("15+", 0.8), ("60+", 0.3), ("65+", 0.2)))
    assert compositions(whole, units) == [([0, 1], {})]
    assert compositions(part, units) == []
    assert compositions(nested, units) == [([0, 1], {2: 1, 3: 1})]
