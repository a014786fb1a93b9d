"""What a verdict rests on: levels by their last dated year, families by their variance, and when there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from plan_samples import NAME, book, indicator, judged, place, quantity, target

from demo_sim.inputs.draws import STATED, Draws
from demo_sim.plan.indicators import SeriesBook
from demo_sim.scenario.entries import Indicator, Plan, Target
from demo_sim.scenario.quantity import Quantity, Row

COVERED = indicator("coverage", coverage="services.x", of="groups.people")
YEARS = 4  # 2020 to 2023
PEOPLE = {"groups.people": [100.0] * YEARS}


def band(value: float, low: float | None, high: float | None, status: str, **keys: Any) -> Row:
    return Row(value, low, high, id="services.x", status=status, **keys)


def covered(goal: Target, *rows: Row) -> dict[str, Any]:
    """Row of a target for a share covered, with these figures for it."""
    (found,) = judged(place(goal, indicators=[COVERED]), book(PEOPLE, quantities=[quantity("services.x", rows)]))
    return found


@pytest.mark.parametrize("status", ["assumed", "borrowed"])
def test_a_level_that_somebody_assumed_gives_no_verdict_but_what_it_takes(status: str) -> None:
    """Coverage of 0.95 [0.95..0.99] against 1: missed in every draw, and only because it was assumed so."""
    found = covered(target(">=", 1.0, 2023), band(0.95, 0.95, 0.99, status))
    assert (found["verdict"], found["evidence"], found["tally"]) == ("not_assessed", status, "open")
    assert (found["value"], found["break_even"], found["missing"]) == (0.95, 1.0, "services.x")
    assert np.isnan(found["p_met"]) and found["per_point"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("low", "high", "goal", "operator", "told"),
    [
        (None, None, 0.5, ">=", False),  # no band
        (0.6, 0.8, 0.5, ">=", False),  # all of it meets the target
        (0.6, 0.8, 0.9, ">=", False),  # none of it does
        (0.6, 0.8, 0.75, ">=", True),
        (0.6, 0.8, 0.65, "<=", True),
        (0.6, 0.8, 0.9, "<=", False),
        (0.6, 0.8, 0.75, "~", True),
        (0.69, 0.71, 0.7, "~", False),
    ],
)
def test_an_indicative_verdict_needs_a_band_that_leaves_doubt(
    low: float | None, high: float | None, goal: float, operator: str, told: bool
) -> None:
    found = covered(target(operator, goal, 2023), band(0.7, low, high, "assumed"))
    assert (found["verdict"] != "not_assessed") is told
    assert found["tally"] == ("indicative" if told else "open")


@pytest.mark.parametrize("status", ["published", "reported", "fitted", "derived"])
def test_a_level_that_was_seen_always_gives_a_verdict(status: str) -> None:
    found = covered(target(">=", 1.0, 2023), band(0.95, None, None, status))
    assert (found["verdict"], found["evidence"], found["tally"]) == ("missed", status, "counted")


def test_a_planned_flow_is_counted_apart() -> None:
    found = covered(target(">=", 0.5, 2023), band(0.95, None, None, "plan"))
    assert (found["verdict"], found["evidence"], found["tally"]) == ("met", "plan", "planned")


def test_the_last_dated_year_decides_and_both_ends_of_a_line_between_two() -> None:
    rows = (band(0.5, None, None, "assumed", year=2020), band(0.7, None, None, "published", year=2022))
    assert covered(target(">=", 0.6, 2023), *rows)["evidence"] == "published"
    assert covered(target(">=", 0.6, 2022), *rows)["evidence"] == "published"
    assert covered(target(">=", 0.6, 2021), *rows)["evidence"] == "assumed"
    assert covered(target(">=", 0.6, 2023, timing="annual"), *rows)["evidence"] == "assumed"  # of all years so far


def ratio(*quantities: Quantity, numerator: str = "supply.beds.nursing") -> dict[str, Any]:
    item = indicator("ratio", numerator=numerator, denominator="supply.beds")
    series = {"supply.beds": [100.0] * YEARS, "supply.beds.nursing": [40.0] * YEARS}
    (found,) = judged(place(target(">=", 0.5, 2023), indicators=[item]), book(series, quantities=quantities))
    return found


def test_a_stock_cancels_from_the_share_of_its_part() -> None:
    stock = quantity("supply.beds.stock", 100.0, "assumed")
    assert ratio(stock, quantity("supply.beds.nursing_share", 0.4, "published"))["evidence"] == "published"
    assert ratio(stock, quantity("supply.beds.nursing", 40.0, "published"))["evidence"] == "assumed"
    found = ratio(
        quantity("supply.beds.stock", 100.0, "reported"), quantity("supply.beds.nursing_share", 0.4, "borrowed")
    )
    assert (found["evidence"], found["verdict"]) == ("borrowed", "not_assessed")
    assert found["rests_on"] == found["missing"] == "supply.beds.nursing_share"


def drawn(weight: float, own: float) -> dict[str, Any]:
    """Row of a stock that moves with an assumed rate of closures by `weight` and with a published one by `own`."""
    closure = quantity("supply.beds.closure", [Row(0.1, 0.05, 0.2, id="closure", status="assumed")], "assumed")
    other = quantity("supply.beds.build", [Row(0.1, 0.05, 0.2, id="build", status="published")], "published")
    stock = quantity("supply.beds.stock", {2020: 100.0}, "published")
    quantities = {q.path: q for q in (closure, other, stock)}
    draws = Draws(quantities, 1, [*range(512), STATED])
    by = [draws[path].series(np.array([2023]))[0] for path in ("supply.beds.closure", "supply.beds.build")]
    beds = 100.0 * (1.0 + weight * (by[0] - 0.1) + own * (by[1] - 0.1))
    item = indicator("level", numerator="supply.beds", unit="beds")
    where = SeriesBook(2020 + np.arange(YEARS), {"supply.beds": np.tile(beds, (YEARS, 1))}, draws, {})
    (found,) = judged(place(target(">=", 100.0, 2023, unit="beds"), indicators=[item]), where)
    return found


def test_an_assumed_input_decides_where_it_explains_more_than_a_twentieth() -> None:
    assert drawn(weight=1.0, own=0.0)["evidence"] == "assumed" and drawn(1.0, 0.0)["rests_on"] == "closure"
    assert drawn(weight=1.0, own=1.0)["tally"] == "indicative"
    assert drawn(weight=0.1, own=1.0)["evidence"] == "published"  # a hundredth of the variance
    assert drawn(weight=0.0, own=1.0)["tally"] == "counted"


def test_a_rate_stands_for_a_stock_that_is_not_known() -> None:
    item = indicator(
        "ratio", numerator="supply.workers", denominator="groups.people", per=10_000, rate_else="services.rate",
        unit="per_10k", department="community",
    )  # fmt: skip
    rate = quantity("services.rate", [Row(13.0, 9.0, 17.0, id="services.rate", status="borrowed")], "borrowed")
    aims = [target(">=", goal, 2023, unit="per_10k", id=f"t{goal}") for goal in (16, 18)]
    near, far = judged(place(*aims, indicators=[item]), book({"groups.people": [41_000.0] * YEARS}, quantities=[rate]))
    assert (near["verdict"], near["tally"], near["basis"]) == ("missed", "indicative", "assumed")
    assert (far["verdict"], far["value"], far["break_even"]) == ("not_assessed", 13.0, 74.0)
    assert (far["missing"], far["department"], far["break_even_unit"]) == ("supply.workers", "community", "persons")


def test_a_reference_set_is_no_part_of_a_count_and_repeats_no_plan() -> None:
    """Of two targets of others the one that the plan sets too is left out."""
    own, other = target(">=", 0.5, 2023), target(">=", 0.6, 2023, id="other")
    scenario = place(own, indicators=[COVERED])
    elsewhere = Plan(
        id="r",
        title=NAME,
        document=NAME,
        publisher="r",
        reference=True,
        targets=(own.model_copy(update={"id": "again"}), other),
    )
    scenario.catalog.plans["r"] = elsewhere
    scenario.settings.plan = ("p", "r")  # type: ignore[misc]
    told = quantity("services.x", 0.7, "published")
    rows = judged(scenario, book(PEOPLE, quantities=[told]))
    assert [(row["id"], row["tally"]) for row in rows] == [("t", "counted"), ("other", "reference")]


def test_a_second_reading_belongs_to_the_target_and_is_not_counted() -> None:
    second: Indicator = COVERED.model_copy(update={"id": "y", "reading": "plan_text"})
    aim = target(">=", 0.5, 2023, also=("y",))
    rows = judged(place(aim, indicators=[COVERED, second]), book(PEOPLE, quantities=[quantity("services.x", 0.7)]))
    assert [(row["reading"], row["tally"]) for row in rows] == [("indicator", "counted"), ("plan_text", "reading")]
    alone = judged(
        place(target(">=", 0.5, 2023), indicators=[COVERED, second]),
        book(PEOPLE, quantities=[quantity("services.x", 0.7)]),
    )
    assert len(alone) == 1
