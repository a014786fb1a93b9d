"""Indicators by kind, on series small enough to work out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from demo_sim.inputs.draws import STATED, Draws, stated
from demo_sim.plan.indicators import SeriesBook, measure_reported, measured_values, required
from demo_sim.scenario.entries import Indicator
from demo_sim.scenario.fields import Label
from demo_sim.scenario.quantity import Location, Quantity, Row, Source

TIMES = np.arange(2020, 2026)
NAME = {"zh": "甲", "en": "a"}
SERIES = {
    "groups.older_65": [100.0, 110.0, 120.0, 130.0, 140.0, 150.0],
    "groups.urban_residents": [1e5, 1e5, 2e5, 2e5, 2e5, 2e5],
    "groups.nobody": [0.0] * 6,
    "supply.workers": [120.0, 130.0, 140.0, 150.0, 160.0, 400.0],
    "flows.deaths": [np.nan, 10.0, 10.0, 20.0, 20.0, 20.0],
}


def quantity(path: str, rows: list[tuple[float, int | None, str]]) -> Quantity:
    made = tuple(Row(value=value, year=year, name=name, id=path, status="assumed") for value, year, name in rows)
    where = Location("scenario.yaml", 1, path)
    return Quantity(path=path, rows=made, unit="", where=where)


def book(**inputs: float | dict[int, float]) -> SeriesBook:
    """Series of a run at stated values alone, and quantities given as `reported__x=...`."""
    quantities = {}
    for key, given in inputs.items():
        path = key.replace("__", ".")
        dated = [(value, year) for year, value in given.items()] if isinstance(given, dict) else [(given, None)]
        quantities[path] = quantity(path, [(value, year, "") for value, year in dated])
    units = [(7.0, None, "towns"), (4.0, None, "streets")]
    quantities["workforce.units"] = quantity("workforce.units", units)
    series = {name: np.array(values)[:, None] for name, values in SERIES.items()}
    return SeriesBook(TIMES, series, stated(quantities), {})


def indicator(kind: str, **keys: Any) -> Indicator:
    name = Label(**NAME)
    factors = {key: tuple(keys.pop(key)) for key in ("times", "minuend", "subtrahend") if key in keys}
    return Indicator(id="x", label=name, unit="share", kind=kind, definition=name, **keys, **factors)  # type: ignore[arg-type]


def values(item: Indicator, where: SeriesBook) -> list[float]:
    measured = measured_values(item, where)
    assert measured.values is not None, measured.missing
    return [float(value) for value in measured.values[:, 0]]


def test_ratio_counts_its_denominator() -> None:
    item = indicator("ratio", numerator="supply.workers", denominator="groups.urban_residents", per=10_000)
    measured = measured_values(item, book())
    assert measured.values is not None and measured.values[:, 0].tolist() == pytest.approx([12, 13, 7, 7.5, 8, 20])
    assert measured.counted == "groups.urban_residents" and measured.basis == "model"
    asked = required(item, 18.0, measured, 2025, TIMES)
    assert asked is not None and asked.tolist() == [360.0]  # posts for 18 per 10,000 of 200,000


def test_a_ratio_over_nobody_is_undefined() -> None:
    assert np.isnan(values(indicator("ratio", numerator="supply.workers", denominator="groups.nobody"), book())).all()


def test_what_is_missing_is_named_and_what_is_counted_is_kept() -> None:
    item = indicator("coverage", coverage="reported.visits", of="groups.older_65")
    measured = measured_values(item, book())
    assert measured.values is None and measured.missing == "reported.visits" and measured.basis == "reported"
    asked = required(item, 0.9, measured, 2025, TIMES)
    assert asked is not None and asked.tolist() == pytest.approx([135.0])
    assert measured_values(indicator("level", numerator="supply.unknown"), book()).missing == "supply.unknown"


def test_coverage_is_the_share_that_is_told() -> None:
    item = indicator("coverage", coverage="reported.visits", of="groups.older_65")
    measured = measured_values(item, book(reported__visits={2023: 0.5, 2025: 0.7}))
    assert measured.values is not None and measured.values[-2:, 0].tolist() == pytest.approx([0.6, 0.7])
    assert measured.reported == ("reported.visits", 2025)
    undated = measured_values(item, book(reported__visits=0.6))
    assert undated.reported is None


def test_growth_as_share_and_in_numbers() -> None:
    share = values(indicator("growth", numerator="groups.older_65"), book())
    assert np.isnan(share[0]) and share[1] == pytest.approx(0.1)
    number = values(indicator("growth", numerator="groups.older_65", absolute=True), book())
    assert number[1:] == [10.0] * 5


def test_cumulative_starts_with_the_first_projected_year() -> None:
    assert values(indicator("cumulative", numerator="flows.deaths"), book()) == [0, 10, 20, 40, 60, 80]


@pytest.mark.parametrize(("told", "served"), [(0.5, 6), (0.6, 7), (0.64, 7), (1.0, 11)])
def test_a_share_of_units_is_whole_units(told: float, served: int) -> None:
    item = indicator("units", coverage="reported.stations", units="workforce.units")
    assert values(item, book(reported__stations=told))[-1] == pytest.approx(served / 11)


@pytest.mark.parametrize(("goal", "asked"), [(0.5, 6), (0.6, 7), (1.0, 11), (6 / 11, 6), (0.01, 1)])
def test_units_that_a_target_asks_for_are_rounded_up(goal: float, asked: int) -> None:
    item = indicator("units", coverage="reported.stations", units="workforce.units")
    needed = required(item, goal, measured_values(item, book()), 2025, TIMES)
    assert needed is not None and needed.tolist() == [asked]


def test_units_of_one_kind() -> None:
    item = indicator("units", numerator="reported.stations", units={"of": "workforce.units", "name": "streets"})
    assert values(item, book(reported__stations=3.0))[-1] == 0.75


def test_years_of_capacity() -> None:
    """45 places: from 2020 on 10 + 10 + 20 are taken by 2023, the last 5 in a quarter of 2024."""
    item = indicator("years_of_capacity", numerator="reported.places", denominator="flows.deaths")
    measured = measured_values(item, book(reported__places=45.0))
    assert measured.values is not None and measured.at_least is not None
    assert measured.values[:2, 0].tolist() == pytest.approx([3.25, 2.75])
    assert measured.at_least[:, 0].tolist() == [False, False, False, True, True, True]
    # half of the deaths take a place: they last twice as long
    halved = indicator(
        "years_of_capacity", numerator="reported.places", denominator="flows.deaths", times=["services.eco"]
    )
    measured = measured_values(halved, book(reported__places=22.5, services__eco=0.5))
    assert measured.values is not None and measured.values[0, 0] == pytest.approx(3.25)
    asked = required(halved, 3.0, measured, 2020, TIMES)
    assert asked is not None and asked.tolist() == [20.0]
    assert required(halved, 20.0, measured, 2025, TIMES) is None  # the run ends before


def test_margin_over_another_series() -> None:
    item = indicator("margin", minuend=["reported.orphans"], subtrahend=["services.dibao"])
    measured = measured_values(item, book(reported__orphans={2025: 0.05}, services__dibao=0.08))
    assert measured.values is not None and measured.values[-1, 0] == pytest.approx(-0.03)
    assert measured.basis == "reported"


def test_the_run_at_stated_values_stands_behind_the_draws() -> None:
    """Each draw is measured by itself; the last place reads what was typed."""
    path = "reported.visits"
    row = Row(value=0.6, low=0.5, high=0.7, id=path, status="assumed")
    source = Source(path, "test", "assumed", "share")
    quantities = {path: Quantity(path, (row,), "share", Location("scenario.yaml", 1, path), (source,))}
    factors = np.array([0.5, 2.0, 1.0])
    series = {name: np.array(v)[:, None] * factors for name, v in SERIES.items()}
    several = SeriesBook(TIMES, series, Draws(quantities, 1, [0, 1, STATED]), {})
    assert several.random == 2 and book().random == 0
    ratio = indicator("ratio", numerator="supply.workers", denominator="groups.older_65")
    measured = measured_values(ratio, several)
    assert measured.values is not None and measured.count is not None
    np.testing.assert_allclose(measured.values, np.repeat(measured_values(ratio, book()).values, 3, axis=1))
    asked = required(ratio, 2.0, measured, 2025, TIMES)
    assert asked is not None and asked.tolist() == [150.0, 600.0, 300.0]
    told = measured_values(indicator("coverage", coverage=path, of="groups.older_65"), several).values
    assert told is not None and (told[:, 2] == 0.6).all() and (told[:, :2] != 0.6).all()
    assert measured_values(indicator("level", numerator=path), several).values[-1, 2] == 0.6


def test_a_figure_of_the_office_by_itself() -> None:
    measured = measure_reported("outlets", book(reported__outlets={2020: 6900.0}))
    assert measured.reported == ("reported.outlets", 2020) and measured.basis == "reported"
    assert measure_reported("outlets", book()).missing == "reported.outlets"
