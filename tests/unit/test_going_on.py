"""Stocks that nothing moves after their last figure: no flow that is missing counts as none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.inputs.draws import stated
from demo_sim.scenario import Location, Quantity, Row, Source
from demo_sim.sense.notices import notices
from demo_sim.supply.going_on import GoingOn
from demo_sim.supply.stocks import Context, Stocks, build_supply

TIMES = np.arange(2020, 2031)
WANTED = 1000.0 * 1.05 ** np.arange(TIMES.size)  # need, 5 % more a year


def supply(
    kind: str, needed: bool = True, guessed: Collection[int] = (), **values: float | Mapping[int | str, float]
) -> Stocks:
    quantities = {}
    for key, given in values.items():
        path = f"supply.x.{key}"
        pairs = given if isinstance(given, Mapping) else {None: given}
        rows = tuple(
            Row(
                float(value), id=path, status="assumed" if k in guessed else "reported",
                **({"name": k} if isinstance(k, str) else {"year": k}),
            )
            for k, value in pairs.items()
        )  # fmt: skip
        quantities[path] = Quantity(
            path, rows, "", Location("x.yaml", 7, path), (Source(path, "test", "reported", ""),)
        )
    context = Context(
        TIMES, stated(quantities), {"group": np.full((TIMES.size, 1), 500.0)}, {}, {},
        {"x": WANTED[:, None]} if needed else {},
    )  # fmt: skip
    setting = SimpleNamespace(kind=kind, certificate="skill_level", of="group")
    return build_supply({"x": setting}, context)


def path(stocks: Stocks, name: str = "x") -> np.ndarray:
    return stocks.series[name][:, 0]


@pytest.mark.parametrize("kind", ["beds", "staff", "stock"])
def test_a_rise_goes_on_by_as_many_a_year(kind: str) -> None:
    stocks = supply(kind, stock={2020: 700.0, 2025: 1170.0}, kept=1.0)
    np.testing.assert_allclose(path(stocks)[5:], 1170.0 + 94.0 * np.arange(6))
    assert stocks.going_on == {"x": GoingOn("trend", 2025, 2020)}


@pytest.mark.parametrize("kind", ["beds", "staff", "stock"])
def test_a_fall_goes_on_by_the_same_share_and_half_of_it_is_half(kind: str) -> None:
    for kept in (1.0, 0.5, 0.0):
        stocks = supply(kind, stock={2021: 1000.0, 2023: 810.0}, kept=kept)
        np.testing.assert_allclose(path(stocks)[3:], 810.0 * 0.9 ** (kept * np.arange(8)))


@pytest.mark.parametrize("kind", ["beds", "staff", "stock"])
def test_one_figure_keeps_its_relation_to_need_or_stays(kind: str) -> None:
    stocks = supply(kind, stock={2020: 60.0})
    np.testing.assert_allclose(path(stocks), 60.0 * WANTED / WANTED[0])
    assert stocks.going_on == {"x": GoingOn("need", 2020)}
    alone = supply(kind, needed=False, stock={2020: 60.0})
    np.testing.assert_allclose(path(alone), 60.0)
    assert alone.going_on == {"x": GoingOn("level", 2020)}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("beds", {"pipeline": {"openings_per_year": 0.0}}),
        ("staff", {"added": 0.0}),
        ("staff", {"replaced": 1.0}),
        ("stock", {"yearly_change": 0.0}),
    ],
)
def test_a_nought_that_is_typed_is_a_nought(kind: str, said: dict[str, Any]) -> None:
    stocks = supply(kind, stock={2020: 700.0, 2025: 1170.0}, **said)
    np.testing.assert_allclose(path(stocks)[5:], 1170.0)
    assert not stocks.going_on


def test_closures_are_made_good_where_openings_are_not_known() -> None:
    stocks = supply("beds", stock={2020: 500.0, 2024: 480.0}, closure=0.1, kept=0.0)
    np.testing.assert_allclose(path(stocks)[4:], 480.0)
    np.testing.assert_allclose(path(stocks, "x.closures")[5:], 48.0)
    np.testing.assert_allclose(path(stocks, "x.openings")[5:], 48.0)


def test_certificates_do_not_leave_with_nobody_trained() -> None:
    """A share of 72 % at the end of 2025 was 12 % in 2030: leavers took certificates along, nobody was trained."""
    stocks = supply("staff", stock={2020: 300.0, 2025: 460.0}, turnover=0.3, certified_share={2025: 0.72}, kept=1.0)
    share = path(stocks, "x.certified") / path(stocks)
    np.testing.assert_allclose(share[5:], 0.72)
    rising = supply("staff", stock=400.0, certified_share={2021: 0.4, 2025: 0.7}, kept=1.0)
    share = path(rising, "x.certified") / path(rising)
    np.testing.assert_allclose(1.0 - share[5:], 0.3 * 0.5 ** (np.arange(6) / 4))
    assert rising.going_on["x.certified"] == GoingOn("trend", 2025, 2021)


@pytest.mark.parametrize("given", [{"nursing": {2020: 200.0}}, {"nursing_share": {2020: 0.25}}])
def test_nursing_beds_go_with_their_whole(given: dict[str, Any]) -> None:
    stocks = supply("beds", stock={2020: 800.0, 2022: 900.0}, kept=1.0, **given)
    np.testing.assert_allclose(path(stocks, "x.nursing"), 0.25 * path(stocks))


def test_two_figures_that_were_counted_go_before_a_guess() -> None:
    stocks = supply("beds", guessed=(2020,), stock={2020: 5000.0, 2023: 4000.0, 2025: 3240.0}, kept=1.0)
    np.testing.assert_allclose(path(stocks)[5:], 3240.0 * 0.9 ** np.arange(6))
    one = supply("beds", guessed=(2020,), stock={2020: 5000.0, 2024: 3000.0}, kept=1.0)
    assert one.going_on["x"] == GoingOn("trend", 2024, 2020)


def test_a_forecast_typed_as_published_is_told(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    text = "extends: '430223'\nname: own\nurbanisation:\n  urban_share: {value: {2020: 0.47, %s: 0.6}, status: %s}\n"
    for year, status, told in ((2045, "published", True), (2045, "assumed", False), (2025, "published", False)):
        file.write_text(text % (year, status), encoding="utf-8")
        words = [note.render("en") for note in notices(ds.load(file))]
        assert any("2045 is not over" in word for word in words) is told, (year, status)


def test_caregivers_of_whom_none_is_said_to_work_in_the_community_are_those_of_institutions() -> None:
    small = {"draws": 0, "plan": [], "period.end": 2022}
    typed = {"kind": "staff", "stock": {2020: 410, 2022: 450}, "status": "reported", "source": "office"}
    alone = ds.simulate(ds.load("430223").replace({**small, "supply.caregivers": typed}), engine="cohort")
    np.testing.assert_allclose(alone.central.supply.sel(resource="caregivers", time=[2020, 2022]), [410.0, 450.0])
    both = {**typed, "stock_community": {2020: 90}}
    split = ds.simulate(ds.load("430223").replace({**small, "supply.caregivers": both}), engine="cohort")
    np.testing.assert_allclose(split.central.supply.sel(resource="caregivers", time=2020), 410.0)
