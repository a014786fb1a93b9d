"""The ledger and the kinds of stock beside beds and staff: what holds whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_supply import QUICK, TIMES, Values, beds, counts, path, shares, staff, supply

from demo_sim.errors import InputError
from demo_sim.supply.lags import delayed, evenly
from demo_sim.supply.ledger import imbalance
from demo_sim.supply.stocks import Stocks
from demo_sim.vocab import MOVEMENTS

lags = st.floats(0.0, 6.0)
pipelines = st.fixed_dictionaries(
    {
        name: counts
        for name in (
            "under_construction", "starts_per_year", "openings_per_year", "conversion_starts_per_year",
            "conversions_per_year",
        )
    }
)  # fmt: skip
more_beds = st.builds(
    lambda plain, pipeline, build, convert, moved, opened: {
        **plain, "pipeline": pipeline, "build_lag": {"build": build, "convert": convert}, "reclassified": moved,
        "opened_nursing_share": opened,
    },
    beds, pipelines, lags, lags, st.floats(-1e5, 1e5), shares,
)  # fmt: skip
ladders = st.builds(
    lambda plain, old, added, hired, lag, low, rise: {
        **plain, "aged_50": old, "added": added, "hired_certified": hired, "training_lag": lag,
        "skill": {"basic": low, "higher": 1.0 - low}, "promotion": {"basic": rise},
    },
    staff, shares, counts, shares, lags, shares, shares,
)  # fmt: skip
covered = st.fixed_dictionaries({"of": st.just("group"), "share": shares, "lapse": shares, "signed": counts})
places = st.fixed_dictionaries({"stock": counts, "built": counts, "share_of_deaths": shares, "places_each": shares})
plain = st.fixed_dictionaries({"stock": counts, "yearly_change": st.floats(-1e5, 1e5)})
KINDS = {"beds": more_beds, "staff": ladders, "stock": plain, "covered": covered, "places": places}
GROUPS = {"group": 3e5, "deaths": 4e3}


def balanced(stocks: Stocks) -> None:
    """Every stock balances in every year, is never negative, and no movement is of a kind the table does not know."""
    for name, off in imbalance(stocks.series, stocks.ledger).items():
        assert off <= 1e-9 * max(stocks.series[name].max(), 1.0), name
        assert (stocks.series[name] >= 0.0).all(), name
    assert {line.movement for line in stocks.ledger} <= set(MOVEMENTS)
    for line in stocks.ledger:
        if line.movement != "reclassified":
            assert (stocks.series[line.series][1:] >= -1e-9).all(), line


@pytest.mark.parametrize("kind", list(KINDS))
def test_any_stock_balances(kind: str) -> None:
    @QUICK
    @given(KINDS[kind])
    def check(values: Values) -> None:
        stocks = supply(kind, values, groups=GROUPS)
        assert stocks.ledger
        balanced(stocks)

    check()


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_stock_between_dated_ones_balances_too(kind: str) -> None:
    level = "share" if kind == "covered" else "stock"

    @QUICK
    @given(KINDS[kind], shares, shares)
    def check(values: Values, first: float, later: float) -> None:
        size = 1.0 if kind == "covered" else 1e5
        told = {**values, level: {2020: first * size, 2024: later * size}}
        if kind == "beds":
            told["nursing_share"] = {2020: 0.4, 2023: 0.7}
        if kind == "staff":
            told["certified_share"] = {2020: 0.6, 2022: 0.3}
        stocks = supply(kind, told, groups=GROUPS)
        balanced(stocks)
        held = later * (GROUPS["group"] if kind == "covered" else size)
        assert path(stocks, "x")[4] == pytest.approx(held, rel=1e-9, abs=1e-6)

    check()


def test_the_ledger_notices_what_is_missing() -> None:
    stocks = supply("beds", {"stock": 100.0, "closure": 0.1})
    lost = [line for line in stocks.ledger if line.movement != "closures"]
    assert imbalance(stocks.series, lost)["x"] == pytest.approx(10.0)


@QUICK
@given(ladders)
def test_levels_add_up_to_the_certified(values: Values) -> None:
    stocks = supply("staff", values)
    levels = path(stocks, "x.certified.basic") + path(stocks, "x.certified.higher")
    np.testing.assert_allclose(levels, path(stocks, "x.certified"), rtol=1e-9, atol=1e-6)


@QUICK
@given(ladders)
def test_shares_of_parts_lie_between_0_and_1(values: Values) -> None:
    stocks = supply("staff", values)
    assert (path(stocks, "x.certified") <= path(stocks, "x") * (1.0 + 1e-12) + 1e-9).all()


@QUICK
@given(begun=st.lists(counts, min_size=6, max_size=6), lag=lags)
def test_what_is_begun_is_finished_once(begun: list[float], lag: float) -> None:
    starts = np.zeros((20, 1))
    starts[1:7, 0] = begun
    done = delayed(starts, np.array([lag]))
    assert done.sum() == pytest.approx(sum(begun), rel=1e-9)
    assert (np.cumsum(done) <= np.cumsum(starts) + 1e-6).all()  # never before it is begun


@QUICK
@given(number=counts, lag=lags)
def test_what_is_under_way_is_finished_when_the_lag_is_over(number: float, lag: float) -> None:
    done = evenly(np.array([number]), np.array([lag]), 12)[:, 0]
    assert done.sum() == pytest.approx(number, rel=1e-9)
    assert done[0] == 0.0 and (done[2 + int(lag) :] <= 1e-9 * max(number, 1.0)).all()


def test_beds_begun_open_after_the_lag() -> None:
    pipeline = {"starts_per_year": 100.0, "under_construction": 60.0}
    stocks = supply("beds", {"stock": 1000.0, "pipeline": pipeline, "build_lag": {"build": 2.0}})
    np.testing.assert_allclose(path(stocks, "x.openings")[1:5], [30.0, 30.0, 100.0, 100.0])
    np.testing.assert_allclose(path(stocks, "x.under_construction")[:4], [60.0, 130.0, 200.0, 200.0])


def test_reclassified_beds_leave_the_kind() -> None:
    out = {2020: 0.0, 2021: -200.0, 2022: 0.0}
    stocks = supply("beds", {"stock": 1000.0, "nursing_share": 0.5, "reclassified": out})
    np.testing.assert_allclose(path(stocks, "x")[:4], [1000.0, 800.0, 800.0, 800.0])
    assert path(stocks, "x.nursing")[1] == pytest.approx(400.0)


def test_retirements_are_part_of_those_who_leave() -> None:
    stocks = supply("staff", {"stock": 1000.0, "turnover": 0.3, "aged_50": 0.5})
    assert path(stocks, "x.retirements")[1] == pytest.approx(50.0)
    assert path(stocks, "x.leavers")[1] == pytest.approx(250.0)
    assert path(stocks, "x.hires")[1] == pytest.approx(300.0)


def test_the_certificate_that_counts_is_a_setting() -> None:
    values = {
        "stock": 100.0, "turnover": 0.0, "trainings": 50.0,
        "certified_share": {"skill_level": 0.2, "induction": 0.7},
        "to_certificate": {"skill_level": 0.1, "induction": 0.4},
    }  # fmt: skip
    skill = path(supply("staff", {**values, "certificate": "skill_level"}), "x.certified")
    induction = path(supply("staff", {**values, "certificate": "induction"}), "x.certified")
    np.testing.assert_allclose(skill[:2], [20.0, 25.0])
    np.testing.assert_allclose(induction[:2], [70.0, 90.0])


def test_training_takes_its_time() -> None:
    values = {"stock": 1000.0, "certified_share": 0.0, "trainings": {2020: 0.0, 2021: 100.0, 2022: 0.0}}
    stocks = supply("staff", {**values, "training_lag": 0.5})
    np.testing.assert_allclose(path(stocks, "x.new_certificates")[1:4], [50.0, 50.0, 0.0])


@QUICK
@given(covered)
def test_never_more_are_covered_than_there_are(values: Values) -> None:
    stocks = supply("covered", values, groups={"group": 1000.0})
    assert (path(stocks, "x") <= 1000.0 * (1.0 + 1e-12)).all()


def test_without_a_number_signed_up_the_share_stays() -> None:
    stocks = supply("covered", {"share": 0.68, "lapse": 0.1}, groups={"group": 1000.0})
    np.testing.assert_allclose(path(stocks, "x"), 680.0)
    np.testing.assert_allclose(path(stocks, "x.signed")[1:], 68.0)


def test_places_run_out_and_the_lack_is_told() -> None:
    stocks = supply("places", {"stock": 100.0, "share_of_deaths": 0.5, "places_each": 0.8}, groups={"deaths": 150.0})
    np.testing.assert_allclose(path(stocks, "x")[:4], [100.0, 40.0, 0.0, 0.0])
    np.testing.assert_allclose(path(stocks, "x.short")[1:4], [0.0, 20.0, 60.0])


def test_a_budget_follows_the_consumption_of_the_year_before() -> None:
    growth = {2020: 0.10, 2021: 0.05, 2022: 0.0}
    values = {"monthly": {2020: 500.0}, "growth": growth, "indexation": 1.0}
    stocks = supply("budget", values, groups={"group": 1000.0})
    expected = 500.0 * 12 * 1000 * np.array([1.0, 1.10, 1.155, 1.155])
    np.testing.assert_allclose(path(stocks, "x")[:4], expected)
    assert not stocks.ledger  # an amount a year is no stock


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("covered", {"share": 0.5}, r"needs groups\.group, which could not be counted"),
        ("places", {"stock": 5.0}, "this run has no deaths"),
    ],
)
def test_what_a_kind_lacks_is_named(kind: str, values: Values, words: str) -> None:
    with pytest.raises(InputError, match=words):
        supply(kind, values)


def test_more_posts_added_are_more_posts() -> None:
    few = path(supply("staff", {"stock": 100.0, "turnover": 0.1, "added": 5.0}), "x")
    assert few[-1] == pytest.approx(100.0 + 5.0 * (TIMES.size - 1))
