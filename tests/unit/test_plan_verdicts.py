"""Signs, years and ends of what a verdict prints, on figures that are worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from plan_samples import book, indicator, judged, place, quantity, target

from demo_sim.plan.answers import answer_columns
from demo_sim.plan.explained import Explained
from demo_sim.plan.indicators import SeriesBook
from demo_sim.plan.outcomes import outcome_columns
from demo_sim.plan.verdicts import BETWEEN, EXPECTED, FIGURE, judge
from demo_sim.results.judgements import inside_of_tested
from demo_sim.scenario.quantity import Row

BEDS = "supply.beds"
LEVEL = indicator("level", numerator=BEDS, unit="beds", takes=("build",))


def row(values: Any, goal: Any, **keys: Any) -> dict[str, Any]:
    """Row of one target for beds."""
    (found,) = judged(place(goal, indicators=[LEVEL]), book({BEDS: values}, **keys))
    return found


@pytest.mark.parametrize(("goal", "gap"), [(130.0, -20.0), (90.0, 20.0)])
def test_the_gap_is_what_is_there_less_what_is_asked(goal: float, gap: float) -> None:
    found = row([100.0, 105.0, 110.0, 140.0], target(">=", goal, 2022))
    assert found["value"] == 110.0 and found["gap"] == pytest.approx(gap)


def test_the_gap_of_an_upper_limit_has_the_same_sign() -> None:
    assert row([5.0, 8.0], target("<=", 6.0, 2021))["gap"] == pytest.approx(2.0)


def test_a_band_begins_at_its_lower_end() -> None:
    drawn = np.append(np.arange(101.0), 50.0)  # 0 to 100, at stated values 50
    found = row(np.stack([drawn, drawn]), target(">=", 75.0, 2021))
    assert (found["low80"], found["high80"]) == (pytest.approx(10.0), pytest.approx(90.0))
    assert found["p_met"] == pytest.approx(26 / 101)


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ([80.0, 90.0, 100.0, 110.0], 2022),
        ([100.0, 90.0, 100.0, 110.0], 2022),  # met at first, lost, met again
        ([100.0, 101.0, 102.0, 103.0], 2020),
        ([80.0, 81.0, 82.0, 100.0], 2023),
        ([100.0, 101.0, 102.0, 99.0], None),
        ([80.0, 100.0, 101.0, np.nan], 2021),  # the last year is not known
    ],
)
def test_the_first_year_from_which_a_target_stays_met(path: list[float], first: int | None) -> None:
    found = row(path, target(">=", 100.0, 2021))["first_year_met"]
    assert np.isnan(found) if first is None else found == first


def test_the_year_that_decides_is_the_targets_own() -> None:
    path = [10.0, 20.0, 30.0, 40.0]
    assert [row(path, target(">=", 30.0, year))["verdict"] for year in (2021, 2022, 2023)] == ["missed", "met", "met"]
    worst = row([0.0, 40.0, 25.0, 30.0, 5.0], target(">=", 30.0, 2023, timing="annual"))
    assert worst["value"] == 25.0 and worst["verdict"] == "missed"
    highest = row([99.0, 1.0, 7.0, 2.0, 50.0], target("<=", 5.0, 2023, timing="annual"))
    assert highest["value"] == 7.0 and highest["verdict"] == "missed"


def test_the_difference_of_an_outcome_is_the_projection_less_what_was_published() -> None:
    published = quantity("outcomes.beds", [Row(200.0, year=2021), Row(240.0, year=2022)], "published")
    outcome = SimpleNamespace(observed=published, mark="tied")
    scenario = place(target(">=", 1.0, 2022), outcomes={"beds": outcome}, known_until=2021)
    table = outcome_columns(scenario, book({BEDS: [100.0, 220.0, 180.0]}))
    assert table["difference"] == pytest.approx([20.0, -60.0])
    assert table["relative_difference"] == pytest.approx([0.1, -0.25])
    assert table["mark"] == ["tied", "tested"]


def test_a_published_figure_lies_inside_its_band_or_not() -> None:
    """Draws 0 to 100 in equal steps, their 80 % band 10 to 90; ends count as inside, few draws have no band."""
    published = quantity("outcomes.beds", [Row(v, year=2021 + i) for i, v in enumerate((9.9, 10.0, 90.0))], "published")
    outcome = SimpleNamespace(observed=published, mark="tied")
    scenario = place(target(">=", 1.0, 2022), outcomes={"beds": outcome}, known_until=2020)
    drawn = np.append(np.linspace(0.0, 100.0, 101), 50.0)
    many = outcome_columns(scenario, book({BEDS: np.tile(drawn, (4, 1))}))
    assert many["q10"] == pytest.approx([10.0] * 3) and many["q90"] == pytest.approx([90.0] * 3)
    assert many["inside"] == ["no", "yes", "yes"] and many["projected"] == [50.0] * 3
    few = outcome_columns(scenario, book({BEDS: np.tile(drawn[-20:], (4, 1))}))
    assert few["inside"] == [""] * 3
    assert inside_of_tested(pd.DataFrame(many)) == (2, 3) and inside_of_tested(pd.DataFrame(few)) == (0, 0)


def test_who_leaves_in_a_year_is_a_share_of_the_stock_at_its_beginning() -> None:
    """100 posts, of whom 10 leave in 2021; 80 at its end, of whom 24 leave in 2022. 160 are asked for, 40 are lacking.

    With 20 more by the end of 2021 there are 100 of 100: a tenth is replaced. Of these 100, 30 leave in 2022, and 60
    more are needed for 160.
    """
    posts = "supply.posts"
    item = indicator("level", numerator=posts, unit="posts", takes=("hire",))
    scenario = place(target(">=", 160.0, 2022), indicators=[item])
    where = book({posts: [100.0, 80.0, 120.0], f"{posts}.leavers": [np.nan, 10.0, 24.0]})
    table = answer_columns(scenario, where, judged(scenario, where))
    assert table["year"] == [2020, 2021, 2022]
    assert table["to_add"][1:] == pytest.approx([20.0, 20.0])
    assert table["to_bring_in"][1:] == pytest.approx([10.0, 90.0])
    assert table["gap"] == pytest.approx([60.0, 80.0, 40.0])


def told(figures: dict[int, float], goal: Any) -> dict[str, Any]:
    """Row of a target that the office reports on."""
    (found,) = judged(place(goal), book({"flows.births": [1.0] * 7}, quantities=[quantity("reported.visits", figures)]))
    return found


def test_a_year_whose_figure_is_reported_is_done_or_not_done_by_that_figure() -> None:
    aim = target(">=", 0.8, 2024, indicator="reported.visits")
    found = told({2022: 0.5, 2024: 0.9}, aim)
    assert (found["verdict"], found["actual"], found["completion"]) == ("met", 0.9, pytest.approx(1.125))
    missed = told({2024: 0.6}, aim)
    assert (missed["verdict"], missed["actual"], missed["completion"]) == ("missed", 0.6, pytest.approx(0.75))
    assert told({2024: 0.6}, target("<=", 0.3, 2024, indicator="reported.visits"))["completion"] == pytest.approx(0.5)


def test_what_lies_between_two_figures_is_no_actual() -> None:
    found = told({2022: 0.7, 2026: 0.9}, target(">=", 0.75, 2024, indicator="reported.visits"))
    assert found["value"] == pytest.approx(0.8) and np.isnan(found["actual"]) and found["verdict"] == "met"


def test_nothing_is_shown_before_the_first_and_after_the_last_figure() -> None:
    scenario = place(target(">=", 0.75, 2024, indicator="reported.visits"))
    where = book({"flows.births": [1.0] * 7}, quantities=[quantity("reported.visits", {2022: 0.8, 2024: 0.9})])
    verdicts = judge(scenario, where, Explained(where.draws))
    np.testing.assert_allclose(verdicts.paths[0, :, 0], [np.nan, np.nan, 0.8, 0.85, 0.9, np.nan, np.nan])
    assert verdicts.figures[0].tolist() == [EXPECTED, EXPECTED, FIGURE, BETWEEN, FIGURE, EXPECTED, EXPECTED]
    assert verdicts.rows[0]["first_year_met"] == 2022


def test_an_annual_target_is_done_once_every_year_has_its_figure() -> None:
    aim = target("<=", 10.0, 2023, indicator="reported.visits", timing="annual")
    assert told({2021: 8.0, 2022: 12.0, 2023: 9.0}, aim)["actual"] == 12.0
    assert np.isnan(told({2021: 8.0, 2023: 9.0}, aim)["actual"])
    assert told({2022: 8.0, 2023: 9.0}, aim)["verdict"] == "not_assessed"


def test_a_published_stock_decides_its_own_year_and_no_other() -> None:
    values = {
        BEDS: np.stack([np.full(31, 100.0), np.full(31, 104.0), np.linspace(90.0, 120.0, 31), np.full(31, 110.0)])
    }
    where = book(values)
    known = SeriesBook(where.times, where.series, where.draws, {"beds": (2021, 2023)})
    first, between, last = (
        judged(place(target(">=", 105.0, year), indicators=[LEVEL]), known)[0] for year in (2021, 2022, 2023)
    )
    assert (first["verdict"], first["basis"], first["actual"], first["p_met"]) == ("missed", "observed", 104.0, 0.0)
    assert (last["verdict"], last["p_met"], last["p_se"]) == ("met", 1.0, 0.0)
    assert between["basis"] == "model" and np.isnan(between["actual"]) and 0.0 < between["p_met"] < 1.0
