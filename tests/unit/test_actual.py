"""Figures that the scenario enters for a target (`actual`): they decide their year, or are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from plan_samples import book, indicator, place, quantity, target

import demo_sim as ds
from demo_sim.errors import InputError
from demo_sim.plan.explained import Explained
from demo_sim.plan.verdicts import BETWEEN, EXPECTED, FIGURE, Verdicts, judge
from demo_sim.scenario.quantity import Quantity

RATE = indicator("ratio", numerator="supply.workers", denominator="groups.town", per=10.0)
SERIES = {"supply.workers": [10.0, 11.0, 12.0, 13.0, 14.0, 15.0], "groups.town": [100.0] * 6}


def told(goal: Any, figure: Quantity, indicators: tuple[Any, ...] = (RATE,), series: Any = SERIES) -> Verdicts:
    """Verdicts on one target, 2020 to 2025, of a scenario that enters one figure."""
    scenario = place(goal, indicators=indicators)
    scenario.quantities[figure.path] = figure  # type: ignore[index]
    where = book(series, quantities=[figure])
    return judge(scenario, where, Explained(where.draws))


def test_the_figure_of_a_computed_indicator_decides_its_year() -> None:
    # the run says 15 of 100, times ten 1.5; the office counted 1.2, where 1.25 was asked for
    entered = quantity("actual.x", {2025: 1.2}, "reported")
    found = told(target(">=", 1.25, 2025), entered).rows[0]
    assert (found["value"], found["actual"], found["verdict"], found["basis"]) == (1.2, 1.2, "missed", "reported")
    assert found["gap"] == pytest.approx(-0.05) and found["completion"] == pytest.approx(0.96)
    assert (found["last_figure"], found["actual_source"], found["driver"]) == (2025, "made up", "")
    published = told(target(">=", 1.25, 2025), quantity("actual.x", {2025: 1.3}, "published")).rows[0]
    assert (published["verdict"], published["basis"]) == ("met", "observed")


def test_between_two_figures_lies_the_line_and_it_is_no_actual() -> None:
    verdicts = told(target(">=", 1.0, 2024), quantity("actual.x", {2022: 1.0, 2024: 2.0}, "reported"))
    assert verdicts.paths[0, :, 0] == pytest.approx([1.0, 1.1, 1.0, 1.5, 2.0, 1.5])
    assert verdicts.figures[0].tolist() == [EXPECTED, EXPECTED, FIGURE, BETWEEN, FIGURE, EXPECTED]


def test_a_figure_of_another_year_leaves_the_target_to_the_run() -> None:
    found = told(target(">=", 1.5, 2025), quantity("actual.x", {2023: 1.2}, "reported")).rows[0]
    assert np.isnan(found["actual"]) and found["value"] == pytest.approx(1.5) and found["last_figure"] == 2023


def test_a_target_that_the_run_cannot_form_is_decided_all_the_same() -> None:
    unknown = indicator("coverage", of="groups.nobody", coverage="reported.x")
    figure = quantity("actual.x", {2023: 0.7, 2025: 0.9}, "reported")
    found = told(target(">=", 0.8, 2025), figure, (unknown,)).rows[0]
    assert (found["actual"], found["verdict"]) == (0.9, "met")
    early = told(target(">=", 0.8, 2022), figure, (unknown,)).rows[0]
    assert (early["verdict"], early["driver"]) == ("not_assessed", "missing: groups.nobody")


def test_a_figure_of_the_office_is_named_without_its_block() -> None:
    aim = target(">=", 9.0, 2025, indicator="reported.outlets", unit="units")
    found = told(aim, quantity("actual.outlets", {2025: 8.0}, "reported"), ()).rows[0]
    assert (found["actual"], found["verdict"], found["completion"]) == (8.0, "missed", pytest.approx(8 / 9))


def test_a_total_that_is_entered_needs_no_earlier_years() -> None:
    trained = indicator("cumulative", numerator="flows.births", unit="persons")
    series = {"flows.births": [np.nan, 10.0, 10.0, 10.0, 10.0, 10.0]}
    aim = target(">=", 60.0, 2025, unit="persons", timing="cumulative")
    found = told(aim, quantity("actual.x", {2025: 66.0}, "reported"), (trained,), series).rows[0]
    assert (found["actual"], found["verdict"], found["completion"]) == (66.0, "met", pytest.approx(1.1))


def test_an_annual_target_needs_every_year() -> None:
    aim = target(">=", 1.0, 2022, timing="annual")
    assert told(aim, quantity("actual.x", {2021: 0.9, 2022: 1.2}, "reported")).rows[0]["actual"] == 0.9
    assert np.isnan(told(aim, quantity("actual.x", {2022: 1.2}, "reported")).rows[0]["actual"])


def test_actual_figures_of_hunan_go_from_the_file_to_the_verdict() -> None:
    changes = {
        "draws": 0,
        "actual.social_workers": {"value": {2025: 93000}, "source": "省民政厅"},
        "actual.so_staff": {2025: 360000},
    }
    rows = ds.simulate(ds.load("hunan").replace(changes), engine="cohort").targets.set_index(["id", "reading"])
    workers, staff = rows.loc[("hunan.social_workers", "indicator")], rows.loc[("hunan.so_staff", "indicator")]
    assert (workers["actual"], workers["verdict"], workers["actual_source"]) == (93000.0, "met", "省民政厅")
    assert workers["completion"] == pytest.approx(93 / 90) and workers["basis"] == "reported"
    assert (staff["actual"], staff["verdict"]) == (360000.0, "missed")


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("nursing_bed_shar", {2025: 0.745}, "nursing_bed_share"),
        ("nursing_bed_share", 0.745, "needs its year"),
        ("nursing_bed_share", {2025: 74.5}, "80% is written 0.8"),
        ("nursing_bed_share", {"value": {2025: 0.7}, "low": {2025: 0.6}, "high": {2025: 0.8}}, "no band"),
        ("so_staff", {"value": {2025: 370000}, "status": "assumed"}, "status assumed"),
        ("social_workers", {"value": {2025: 9.3}, "unit": "万人"}, '"persons"'),
    ],
)
def test_what_cannot_close_a_year_is_refused(name: str, given: Any, words: str) -> None:
    with pytest.raises(InputError) as error:
        ds.load("hunan").replace({f"actual.{name}": given})
    (problem,) = error.value.problems
    assert problem.path == f"actual.{name}" and words in problem.render("en")


def test_a_figure_in_another_unit_or_for_no_target_is_told() -> None:
    scenario = ds.load("hunan").replace({"actual.social_workers": {2025: 9.3}, "actual.cremation_rate": {2025: 0.5}})
    notes = {note.path: note.render("en") for note in scenario.notes}
    assert "check the unit" in notes["actual.social_workers"]
    assert "actual.cremation_zone_all" not in notes


def test_known_until_hides_later_figures_alone() -> None:
    """Every series is read to its own last figure; the default is the newest of the scenario's own files."""
    hunan = ds.load("hunan")
    assert hunan.settings.known_until == 2025
    assert max(row.year or 0 for row in hunan["supply.institution_beds.stock"].rows) == 2025
    assert max(row.year or 0 for row in hunan["population.tie_total"].rows) == 2020
    early = ds.load("hunan-2024")
    assert early.settings.known_until == 2024
    assert [row.year for row in early["supply.institution_beds.stock"].rows] == [2020, 2023]
    assert {row.year for row in early["supply.institution_beds.nursing_share"].rows} == {2020}
    # what is lent is no figure of the place: Hunan knows 2025, Kaiping its census
    assert ds.load("kaiping").settings.known_until == 2020
    assert ds.load("kaiping").replace({"actual.institution_beds": {2024: 900}}).settings.known_until == 2024
