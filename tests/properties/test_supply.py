"""Stocks: what holds for any stock of beds, staff or plain things."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo_sim.errors import InputError
from demo_sim.inputs.draws import stated
from demo_sim.scenario import Location, Quantity, Row, Source
from demo_sim.supply.stocks import Context, Stocks, build_supply

TIMES = np.arange(2020, 2031)
QUICK = settings(deadline=None, max_examples=60, derandomize=True)

shares = st.floats(0.0, 1.0)
counts = st.floats(0.0, 1e6)
# a key of `pipeline` holds for one name; any other key is one number, or {year: number}
Values = Mapping[str, str | float | Mapping[int, float] | Mapping[str, float]]


def supply(kind: str, values: Values, status: str = "assumed", groups: Mapping[str, float] | None = None) -> Stocks:
    """Stocks of one entry `x`, without bands."""
    quantities = {}
    words = {"certificate": "skill_level", "of": "group"}
    for key, given_ in values.items():
        if isinstance(given_, str):
            words[key] = given_
            continue
        path = f"supply.x.{key}"
        pairs = given_ if isinstance(given_, Mapping) else {None: given_}
        rows = tuple(
            Row(float(value), id=path, status=status, **({"name": k} if isinstance(k, str) else {"year": k}))
            for k, value in pairs.items()
        )
        source = Source(path, "test", status, "")
        quantities[path] = Quantity(path, rows, "", Location("x.yaml", 7, path), (source,))
    heads = {name: np.full((TIMES.size, 1), size) for name, size in (groups or {}).items()}
    happened = {"deaths": heads.pop("deaths")} if "deaths" in heads else {}
    context = Context(TIMES, stated(quantities), heads, happened)
    return build_supply({"x": SimpleNamespace(kind=kind, **words)}, context)


def path(stocks: Stocks, name: str) -> np.ndarray:
    return stocks.series[name][:, 0]


beds = st.fixed_dictionaries(
    {
        "stock": counts,
        "nursing_share": shares,
        "closure": shares,
        "closure_nursing_share": shares,
        "pipeline": st.fixed_dictionaries(
            {"openings_per_year": counts, "conversions_per_year": counts, "under_construction": counts}
        ),
    }
)
staff = st.fixed_dictionaries(
    {
        "stock": counts,
        "turnover": shares,
        "replaced": st.floats(0.0, 2.0),
        "certified_share": shares,
        "trainings": counts,
        "to_certificate": shares,
        "pass_rate": shares,
    }
)


@QUICK
@given(beds)
def test_beds_balance_and_bounds(values: Values) -> None:
    stocks = supply("beds", values)
    total, nursing = path(stocks, "x"), path(stocks, "x.nursing")
    assert (total >= 0.0).all() and (nursing >= 0.0).all()
    assert (nursing <= total).all()
    opened, closed = path(stocks, "x.openings")[1:], path(stocks, "x.closures")[1:]
    assert (opened >= 0.0).all() and (closed >= 0.0).all()
    np.testing.assert_allclose(total[1:], total[:-1] + opened - closed, rtol=1e-12, atol=1e-6)


@QUICK
@given(staff)
def test_staff_balance_and_bounds(values: Values) -> None:
    stocks = supply("staff", values)
    total, certified = path(stocks, "x"), path(stocks, "x.certified")
    assert (total >= 0.0).all() and (certified >= 0.0).all()
    assert (certified <= total * (1.0 + 1e-12)).all()
    hires, leavers = path(stocks, "x.hires")[1:], path(stocks, "x.leavers")[1:]
    np.testing.assert_allclose(total[1:], total[:-1] + hires - leavers, rtol=1e-12, atol=1e-6)
    new = path(stocks, "x.new_certificates")[1:]
    left = np.divide(leavers, total[:-1], out=np.zeros_like(leavers), where=total[:-1] > 0.0)
    expected = np.minimum(certified[:-1] * (1.0 - left), total[1:]) + new
    np.testing.assert_allclose(certified[1:], expected, rtol=1e-12, atol=1e-6)


@QUICK
@given(beds, counts)
def test_a_conversion_changes_the_share_and_not_the_total(values: dict, conversions: float) -> None:
    plain = supply("beds", {**values, "pipeline": {**values["pipeline"], "conversions_per_year": 0.0}})
    more = supply("beds", {**values, "pipeline": {**values["pipeline"], "conversions_per_year": conversions}})
    np.testing.assert_array_equal(path(more, "x"), path(plain, "x"))
    # in the first year nothing else differs yet: what is added is the conversion, as far as beds allow
    room = path(plain, "x")[1] - path(plain, "x.nursing")[1]
    gained = path(more, "x.nursing")[1] - path(plain, "x.nursing")[1]
    assert gained == pytest.approx(min(conversions, room), rel=1e-9, abs=1e-6)


@QUICK
@given(staff, counts)
def test_more_training_never_lowers_the_certified_share(values: dict, more: float) -> None:
    fewer = path(supply("staff", values), "x.certified")
    after = path(supply("staff", {**values, "trainings": values["trainings"] + more}), "x.certified")
    assert (after >= fewer - 1e-6).all()


@QUICK
@given(
    posts=st.floats(2e4, 1e6),
    certified=st.floats(0.0, 0.9),
    turnover=st.floats(0.05, 0.6),
    leads=st.floats(0.0, 0.99),
)
def test_training_alone_certifies_not_all(posts: float, certified: float, turnover: float, leads: float) -> None:
    """100,000 person-times a year: those hired come without a certificate, so the share stays below one while
    fewer certificates are gained than people leave; a certificate for each training and post is a warning."""
    values = {"stock": posts, "turnover": turnover, "certified_share": certified, "to_certificate": leads}
    stocks = supply("staff", values | {"pass_rate": 0.85, "trainings": 100_000.0})
    share = path(stocks, "x.certified") / path(stocks, "x")
    if 100_000.0 * leads * 0.85 < turnover * posts:
        assert (share < 1.0).all()
    assert bool(stocks.warnings) is (posts < 100_000.0)


@QUICK
@given(posts=st.floats(0.0, 1e6), trainings=st.floats(1.0, 1e6))
def test_more_trainings_than_posts_is_a_warning(posts: float, trainings: float) -> None:
    stocks = supply("staff", {"stock": posts, "trainings": trainings})
    assert bool(stocks.warnings) is (trainings > posts)
    if stocks.warnings:
        zh, en = stocks.warnings[0]
        assert "培训人次" in zh and "more trainings than posts in 2021" in en


def test_a_hundred_thousand_trainings_for_twenty_thousand_posts_warn() -> None:
    values = {"stock": 21_500, "turnover": 0.3, "certified_share": 0.5, "to_certificate": 0.12, "pass_rate": 0.85}
    stocks = supply("staff", values | {"trainings": 100_000})
    assert stocks.warnings
    spread = supply("staff", values | {"trainings": 20_000})
    assert not spread.warnings
    share = path(spread, "x.certified") / path(spread, "x")
    assert (share < 0.6).all()


@pytest.mark.parametrize("kind", ["beds", "staff", "stock"])
def test_a_start_of_zero_works(kind: str) -> None:
    values: dict[str, object] = {"stock": 0.0}
    grows = {
        "beds": {"nursing_share": 0.5, "closure": 0.1, "pipeline": {"openings_per_year": 100.0}},
        "staff": {"stock_community": 0.0, "turnover": 0.3, "certified_share": 0.5, "trainings": 10.0},
        "stock": {"yearly_change": 100.0},
    }[kind]
    stocks = supply(kind, values | grows)
    for name, series in stocks.series.items():
        assert np.isfinite(series[1:]).all(), name
    assert path(stocks, "x")[0] == 0.0
    assert path(stocks, "x")[-1] == pytest.approx({"beds": 651.3, "staff": 0.0, "stock": 1000.0}[kind], rel=1e-3)


@QUICK
@given(
    first=st.floats(1.0, 1e6), later=st.floats(1.0, 1e6), kind=st.sampled_from(["beds", "staff", "stock"]),
    year=st.integers(2021, 2029),
)  # fmt: skip
def test_a_dated_stock_overrides_to_its_year(first: float, later: float, kind: str, year: int) -> None:
    none_opened = {"closure": 0.2, "pipeline": {"openings_per_year": 0.0}}
    moving = {"beds": none_opened, "staff": {"turnover": 0.3, "replaced": 0.5}, "stock": {"yearly_change": 9.0}}
    stocks = supply(kind, {"stock": {2020: first, year: later}, **moving[kind]}, status="published")
    total = path(stocks, "x")
    known = np.interp(np.arange(2020, year + 1), [2020, year], [first, later])
    np.testing.assert_allclose(total[: known.size], known, rtol=1e-12)
    assert stocks.observed == {"x": (2020, year)}
    after = {"beds": later * 0.8, "staff": later * 0.85, "stock": later + 9.0}[kind]
    assert total[year - 2020 + 1] == pytest.approx(after, rel=1e-9)
    assert not supply(kind, {"stock": {2020: first, year: later}}).observed  # a judgement is no observation


def test_a_dated_share_holds_in_its_year_also_beyond_the_last_stock() -> None:
    falls = {"closure": 0.1, "pipeline": {"openings_per_year": 0.0}}
    stocks = supply("beds", {"stock": 1000.0, **falls, "nursing_share": {2020: 0.5, 2023: 0.8}})
    total, nursing = path(stocks, "x"), path(stocks, "x.nursing")
    assert total[3] == pytest.approx(729.0)
    assert nursing[3] / total[3] == pytest.approx(0.8)


def test_dated_certificates_hold_in_their_year() -> None:
    stocks = supply("staff", {"stock": 100.0, "turnover": 0.2, "certified_share": {2020: 0.5, 2022: 0.7}})
    np.testing.assert_allclose(path(stocks, "x.certified")[:3], [50.0, 60.0, 70.0])


def test_staff_that_shrank_more_than_its_turnover_hired_nobody() -> None:
    stocks = supply("staff", {"stock": {2020: 100.0, 2021: 60.0}, "turnover": 0.1, "certified_share": 0.5})
    assert (path(stocks, "x.hires")[1], path(stocks, "x.leavers")[1]) == (0.0, 40.0)
    assert path(stocks, "x.certified")[1] == pytest.approx(30.0)


def test_beds_without_a_nursing_part_have_none() -> None:
    assert "x.nursing" not in supply("beds", {"stock": 10.0}).series


def test_a_stock_per_head_follows_its_heads_to_the_last_dated_figure() -> None:
    values = {"per_10000_urban": {2020: 10.0, 2022: 12.0}, "turnover": 0.1, "replaced": 1.0}
    stocks = supply("staff", values, groups={"urban_residents": 2e6})
    np.testing.assert_allclose(path(stocks, "x")[:4], [2000.0, 2200.0, 2400.0, 2400.0])


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("stock", {"yearly_change": 1.0}, "no stock is given"),
        ("stock", {"per_100_households": 1.0}, r"x.yaml:7: supply.x.per_100_households: needs groups.households"),
        ("staff", {"per_10000_urban": 1.0}, r"needs groups.urban_residents"),
    ],
)
def test_a_stock_that_cannot_be_formed_is_named(kind: str, values: Values, words: str) -> None:
    with pytest.raises(InputError, match=words):
        supply(kind, values)
