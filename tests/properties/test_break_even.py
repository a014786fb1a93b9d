"""What the break-even is: put in as the level, the target is met; one unit less, and it is not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from plan_samples import Figures, book, indicator, judged, place, quantity, target

from demo_sim.plan.indicators import measured_values
from demo_sim.plan.meeting import at_target, meets
from demo_sim.scenario.entries import Indicator

FIRST, LAST = 2020, 2026
YEARS = range(FIRST, LAST + 1)
QUICK = settings(deadline=None, max_examples=8, derandomize=True)
STOCK, WHOLE, TAKERS = "supply.posts", "groups.people", "flows.deaths"
FIGURE, UNITS = "reported.x", "workforce.units"

KINDS: dict[str, tuple[Indicator, float, float]] = {  # with the targets to try: three years of takers follow
    "ratio": (indicator("ratio", numerator=STOCK, denominator=WHOLE, per=10_000, unit="per_10k"), 1.0, 400.0),
    "part": (indicator("ratio", numerator="supply.beds.nursing", denominator="supply.beds"), 0.01, 1.0),
    "level": (indicator("level", numerator=STOCK, unit="posts"), 1.0, 900.0),
    "growth": (indicator("growth", numerator=STOCK), -0.5, 0.5),
    "growth in numbers": (indicator("growth", numerator=STOCK, absolute=True, unit="posts"), -50.0, 50.0),
    "cumulative": (indicator("cumulative", numerator=FIGURE, unit="person_times"), 1.0, 4000.0),
    "coverage": (indicator("coverage", coverage=FIGURE, of=WHOLE), 0.01, 1.0),
    "units": (indicator("units", coverage=FIGURE, units=UNITS), 0.01, 1.0),
    "units counted": (indicator("units", numerator=FIGURE, units=UNITS), 0.01, 1.0),
    "years_of_capacity": (indicator("years_of_capacity", numerator=FIGURE, denominator=TAKERS, unit="years"), 0.2, 2.8),
    "margin": (indicator("margin", minuend=FIGURE, subtrahend="services.growth"), -0.1, 0.1),
}
WHOLE_NUMBERS = ("persons", "posts", "beds", "units", "places", "person_times")
SHARES = ("coverage", "units", "margin")


def levels(kind: str, path: list[float]) -> tuple[dict[str, Any], list[Any]]:
    """Series and quantities of a place where the level of a kind has this path."""
    series: dict[str, Any] = {
        STOCK: path, WHOLE: [20_000.0 + 731.0 * i for i in range(len(YEARS))], "supply.beds": [431.0] * len(YEARS),
        "supply.beds.nursing": path, TAKERS: [math.nan, *(10.0 + 3.0 * i for i in range(len(YEARS) - 1))],
    }  # fmt: skip
    figures: Figures = dict(zip(YEARS, path, strict=True))
    if kind == "cumulative":  # the level is the total up to a year
        figures = dict(zip(YEARS, [0.0, *np.diff([0.0, *path[1:]]).tolist()], strict=True))
    return series, [quantity(FIGURE, figures), quantity(UNITS, 37.0), quantity("services.growth", 0.0317)]


def of_the_plan(kind: str, level: float) -> float:
    """A level as the office types it: a share of the units where that is what is asked for."""
    return level / 37.0 if kind == "units" else level


@pytest.mark.parametrize("timing", ["year_end", "annual", "from", "cumulative"])
@pytest.mark.parametrize("operator", [">=", "<=", "~", "=="])
@pytest.mark.parametrize("kind", KINDS)
@QUICK
@given(where=st.floats(0.0, 1.0), start=st.integers(1, 400), steps=st.lists(st.integers(0, 60), min_size=6, max_size=6))
def test_the_break_even_meets_the_target_and_one_unit_less_does_not(
    kind: str, operator: str, timing: str, where: float, start: int, steps: list[int]
) -> None:
    item, low, high = KINDS[kind]
    goal = round(low + where * (high - low), 3)
    assume(operator != "==" or goal > low)
    year = 2023 if kind == "years_of_capacity" else 2024
    aim = target(operator, goal, year, timing=timing, unit=item.unit)
    path = [float(start + sum(steps[:i])) for i in range(len(YEARS))]
    if kind in SHARES:
        path = [level / 1000.0 for level in path]
    series, quantities = levels(kind, path)
    (row,) = judged(place(aim, indicators=[item]), book(series, FIRST, quantities))
    level, at = row["break_even"], int(row["break_even_year"]) - FIRST
    if kind.startswith("units") and math.isnan(level):  # 95% of 37 townships are no number of townships
        shares = np.arange(38)[:, None] / 37.0
        assert operator in ("~", "==") and not meets(shares, aim).any()
        return
    assert math.isfinite(level) and (timing == "annual" or FIRST + at == year)

    def value(with_level: float) -> np.ndarray:
        """The indicator at the deciding year with another level there, all else as it is."""
        changed = [*path[:at], of_the_plan(kind, with_level), *path[at + 1 :]]
        series, quantities = levels(kind, changed)
        values = measured_values(item, book(series, FIRST, quantities)).values
        assert values is not None
        return values[at]

    alone = aim.model_copy(update={"timing": "year_end", "year": FIRST + at})
    assert bool(meets(value(level), alone)[0]), (level, value(level))
    unit = 1.0 if row["break_even_unit"] in WHOLE_NUMBERS else 1e-4
    sides = {">=": (-unit,), "<=": (unit,)}.get(operator, (-unit, unit))
    beyond = [level + side for side in sides if level + side >= 0.0 or kind in ("margin", "cumulative")]
    missed = [not bool(meets(value(other), alone)[0]) for other in beyond]
    assert any(missed) or not beyond


def test_of_an_annual_target_the_worst_year_decides() -> None:
    aim = target(">=", 100.0, 2024, timing="annual", unit="posts")
    item = KINDS["level"][0]
    series, _ = levels("level", [9.0, 120.0, 80.0, 110.0, 101.0, 5.0, 5.0])
    (row,) = judged(place(aim, indicators=[item]), book(series, FIRST))
    assert (row["break_even"], row["break_even_year"], row["value"]) == (100.0, 2022, 80.0)
    values = measured_values(item, book(series, FIRST)).values
    assert values is not None and at_target(values, aim, np.array(YEARS)).tolist() == [80.0]


def test_where_two_sides_meet_the_nearest_edge_is_taken() -> None:
    item = KINDS["level"][0]
    for path, edge in ((50.0, 95.0), (200.0, 105.0)):
        series, _ = levels("level", [path] * 7)
        (row,) = judged(place(target("~", 100.0, 2024, unit="posts"), indicators=[item]), book(series, FIRST))
        assert row["break_even"] == edge


def test_what_a_place_does_not_know_stands_for_itself() -> None:
    """No stock: the level all the same. No whole: what stands for it, else the figure itself. Never nothing."""
    item = indicator("ratio", numerator=STOCK, denominator=WHOLE, per=10_000, unit="per_10k")
    aim = target(">=", 18.0, 2021, unit="per_10k")
    (row,) = judged(place(aim, indicators=[item]), book({WHOLE: [100_000.0, 463_001.0]}))
    assert row["verdict"] == "not_assessed" and math.isnan(row["value"])
    assert (row["break_even"], row["break_even_of"], row["break_even_unit"]) == (834.0, STOCK, "persons")
    other = item.model_copy(update={"whole_else": "need.people"})
    (row,) = judged(place(aim, indicators=[other]), book({"need.people": [0.0, 10_000.0]}))
    assert (row["break_even"], row["break_even_of"]) == (18.0, f"{STOCK} (need.people)")
    (row,) = judged(place(aim, indicators=[item]), book({"flows.births": [0.0, 1.0]}))
    assert (row["break_even"], row["break_even_of"], row["break_even_unit"]) == (18.0, "x", "per_10k")
    (row,) = judged(place(target(">=", 0.95, 2021, indicator="reported.visits")), book({"flows.births": [0.0, 1.0]}))
    assert (row["break_even"], row["break_even_of"]) == (0.95, "reported.visits")


def test_a_part_stays_inside_its_whole() -> None:
    item = KINDS["part"][0]
    series = {"supply.beds.nursing": [50.0, 60.0], "supply.beds": [100.0, 100.4]}
    (row,) = judged(place(target(">=", 1.0, 2021), indicators=[item]), book(series))
    assert row["break_even"] == 100.4
    (row,) = judged(place(target(">=", 1.2, 2021), indicators=[item]), book(series))
    assert math.isnan(row["break_even"])


@QUICK
@given(
    wholes=st.lists(st.floats(1e4, 1e6), min_size=25, max_size=120), operator=st.sampled_from([">=", "<=", "~"]),
    goal=st.floats(2.0, 30.0),
)  # fmt: skip
def test_the_level_for_nine_in_ten_meets_in_nine_draws_of_ten(wholes: list[float], operator: str, goal: float) -> None:
    draws = np.array([*wholes, float(np.median(wholes))])
    item = indicator("ratio", numerator=STOCK, denominator=WHOLE, per=10_000, unit="per_10k")
    scenario = place(target(operator, goal, 2021, unit="per_10k"), indicators=[item])
    (row,) = judged(scenario, book({WHOLE: np.stack([draws, draws]), STOCK: np.full((2, draws.size), 1.0)}))
    level, unit = row["level_for_90"], 1.0
    if operator == "~" and math.isnan(level):
        return  # the draws lie further apart than the target is wide
    again = [
        judged(scenario, book({WHOLE: np.stack([draws, draws]), STOCK: np.full((2, draws.size), stock)}))[0]["p_met"]
        for stock in (level, level - unit, level + unit)
    ]
    assert again[0] >= 0.9 - 1e-12
    assert again[1 if operator != "<=" else 2] < 0.9


def test_a_year_that_fails_without_it_leaves_no_level_for_nine_in_ten() -> None:
    item, aim = KINDS["level"][0], target(">=", 100.0, 2022, timing="annual", unit="posts")
    draws = np.full(41, 90.0)
    draws[:20] = 110.0
    first = np.stack([draws, draws, np.full(41, 50.0)])
    (row,) = judged(place(aim, indicators=[item]), book({STOCK: first}))
    assert row["break_even"] == 100.0 and row["break_even_year"] == 2022 and math.isnan(row["level_for_90"])
