"""As things go beside the plan carried out: what is a measure, and that one run says what two runs say."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import openpyxl
import pytest
from plan_samples import indicator
from rich.console import Console

import demo_sim as ds
from demo_sim.block.project import NATURAL, project
from demo_sim.inputs import build
from demo_sim.inputs.build import build_inputs
from demo_sim.inputs.draws import STATED
from demo_sim.plan.natural import Course
from demo_sim.report.content import build_report
from demo_sim.report.tree import Table, words
from demo_sim.results.judgements import goes_on_words, has_natural
from demo_sim.results.tables import tables
from demo_sim.results.workbook import write_workbook
from demo_sim.scenario.measures import without_measures
from demo_sim.sense.going_on import begun_early
from demo_sim.sense.unread import unread_paths
from demo_sim.supply.going_on import GoingOn
from demo_sim.terminal import print_summary

NUMBERS = np.array([*range(24), STATED])
PLANS = ["hunan-2021-2025", "national-2026-2030"]
PLAN = {"source": "十五五项目库", "status": "plan"}
# five stocks, each with what a plan says of 2026 to 2030; the rest of the scenario is Hunan's
MEASURES = {
    "supply.institution_beds.pipeline": {
        "value": {"conversions_per_year": {2025: 0, 2026: 900}, "openings_per_year": {2025: 0, 2026: 1500}},
        **PLAN,
    },
    "supply.caregivers.trainings": {"value": {2025: 0, 2026: 50_000}, **PLAN},
    "supply.community_workers.added": {"value": {2025: 0, 2026: 1200}, **PLAN},
    "supply.social_workers.yearly_change": {"value": {2025: 0, 2026: 6000, 2030: 7000}, **PLAN},
    "supply.family_doctor_contracts.signed": {"value": {2025: 0, 2026: 800_000}, **PLAN},
}
STOCKS = {path.split(".")[1] for path in MEASURES}


def hunan(changes: Mapping[str, Any]) -> ds.Scenario:
    return ds.load("hunan").replace({"draws": 24, "period.end": 2030, "plan": PLANS, **changes})


@pytest.fixture(scope="module")
def planned() -> ds.Scenario:
    return hunan(MEASURES)


@pytest.fixture(scope="module")
def without() -> ds.Scenario:
    """The same with what is said of 2025 alone: a nought; where Hunan says nothing it is taken away wholly."""
    noughts = {
        "supply.institution_beds.pipeline": {
            "value": {"conversions_per_year": {2025: 0}, "openings_per_year": {2025: 0}}, **PLAN,
        },
        **{path: {"value": {2025: 0}, **PLAN} for path in list(MEASURES)[1:]},
    }  # fmt: skip
    return hunan(noughts)


@pytest.fixture(scope="module")
def runs(planned: ds.Scenario, without: ds.Scenario) -> Iterator[tuple[ds.Results, ds.Results]]:
    yield ds.simulate(planned, engine="cohort"), ds.simulate(without, engine="cohort")


def series(scenario: ds.Scenario) -> dict[str, np.ndarray]:
    return project(build_inputs(scenario), NUMBERS, None).series


def test_stocks_without_measures_are_those_of_a_scenario_without_them_in_every_draw(
    planned: ds.Scenario, without: ds.Scenario
) -> None:
    one, other = series(planned), series(without)
    natural = {name.removeprefix(NATURAL): values for name, values in one.items() if name.startswith(NATURAL)}
    assert {name.partition(".")[0] for name in natural} == STOCKS
    for name, values in natural.items():
        np.testing.assert_allclose(values, other[f"supply.{name}"], rtol=1e-9, err_msg=name)
    assert (one["supply.institution_beds"][-1] > natural["institution_beds"][-1] + 5000.0).all()
    for name, values in other.items():
        if not name.startswith("supply.") or name.split(".")[1] not in STOCKS:
            np.testing.assert_array_equal(one[name], values, err_msg=name)


def test_taken_away_wholly_a_stock_goes_on_as_its_figures_show() -> None:
    """Hunan's two figures of its beds, with no word on what comes in: the natural column extrapolates them."""
    change = {"value": {"openings_per_year": {2026: 3000}}, **PLAN}
    one = hunan({"supply.institution_beds.pipeline": change})
    other = hunan({"supply.institution_beds.pipeline": None})
    natural, alone = series(one), series(other)
    for name in ("institution_beds", "institution_beds.nursing"):
        np.testing.assert_allclose(natural[NATURAL + name], alone[f"supply.{name}"], rtol=1e-9)
    assert "supply.institution_beds.kept" in one.quantities
    assert "supply.institution_beds.kept" not in unread_paths(one)


def test_one_run_says_what_two_runs_say(runs: tuple[ds.Results, ds.Results]) -> None:
    one, other = (run.targets.set_index(["plan", "id", "reading"]) for run in runs)
    np.testing.assert_allclose(one["natural_value"], other["value"], rtol=1e-9)
    np.testing.assert_allclose(one["natural_p_met"], other["p_met"], rtol=1e-9)
    assert other["natural_value"].isna().all() and (other["natural_goes_on"] == "").all()
    share = one.loc[("national-2026-2030", "national.nursing_bed_share", "indicator")]
    assert (share["goes_on"], share["natural_goes_on"]) == ("measures", "moves")
    assert share["value"] > share["natural_value"] + 0.01


def test_the_headline_stays_that_of_the_plan(
    planned: ds.Scenario, runs: tuple[ds.Results, ds.Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "without_measures", lambda *given: {})
    alone = ds.simulate(planned, engine="cohort").targets
    new = ["natural_value", "natural_p_met", "natural_goes_on", "goes_on"]
    assert alone.drop(columns=new).equals(runs[0].targets.drop(columns=new))


def test_the_closing_table_has_both(runs: tuple[ds.Results, ds.Results]) -> None:
    one, other = (run.closing for run in runs)
    np.testing.assert_allclose(one["natural_value"], other["value"], rtol=1e-9)
    assert other["natural_value"].isna().all()
    done = one[one["value_is"] == "figure"]
    assert len(done) and done["natural_value"].equals(done["value"])


@pytest.mark.parametrize(
    ("known", "value", "status", "left"),
    [
        (2025, {2026: 300.0}, "plan", {}),
        (2025, {2026: 300.0}, "reported", {}),  # what an office reports of a coming year is planned
        (2025, {2026: 300.0}, "assumed", {}),
        (2025, {2024: 80.0, 2025: 90.0, 2026: 300.0, 2031: 0.0}, "reported", {2024: 80.0, 2025: 90.0}),
        (2025, 300.0, "plan", {}),
        (2025, 300.0, "assumed", None),
        (2025, {2026: 0.0}, "plan", None),
        (2026, {2026: 300.0}, "plan", None),
        (2025, {2026: 300.0}, "published", None),
    ],
)
def test_what_is_a_measure(known: int, value: Any, status: str, left: dict[int, float] | None) -> None:
    """What is left of the openings when measures are taken away; None where there is none to take away."""
    path = "supply.institution_beds.pipeline"
    given = {"value": {"openings_per_year": value}, "source": "x", "status": status}
    scenario = ds.load("hunan").replace({path: given})
    found = without_measures(scenario.quantities, scenario.settings.supply, known)
    if left is None:
        assert found == {}
        return
    rows = found["institution_beds"][path].rows if path in found["institution_beds"] else ()
    assert {row.year: row.value for row in rows} == left


def test_a_planned_opening_says_nothing_of_what_is_known() -> None:
    path = "supply.institution_beds.pipeline"
    given = {"value": {"openings_per_year": {2029: 300}}, "source": "x", "status": "reported"}
    assert ds.load("hunan").replace({path: given}).settings.known_until == 2025


def test_a_measure_that_holds_for_years_before_its_first_is_told() -> None:
    """Beds have a figure of 2025, caregivers one of 2020 alone: their trainings of 2026 would be those of 2021, too."""
    changes = {
        "supply.institution_beds.pipeline": {"value": {"openings_per_year": {2026: 1500}}, **PLAN},
        "supply.caregivers.trainings": {"value": {2026: 50_000}, **PLAN},
        "supply.community_workers.added": {"value": {2021: 0, 2026: 1200}, **PLAN},
    }
    [told] = begun_early(hunan(changes))
    assert told.path == "supply.caregivers.trainings"
    assert "2021—2025 年也按 2026 年的数计" in told.render("zh") and "add 2021: 0" in told.render("en")
    assert not list(begun_early(ds.load("hunan-convert-beds")))


def test_an_assumption_of_the_register_is_no_measure() -> None:
    for name in ("hunan", "hunan-2020", "hunan-no-change", "hunan-convert-beds", "kaiping"):
        assert build_inputs(ds.load(name)).natural == MappingProxyType({})


@pytest.fixture(scope="module")
def own_scenario(tmp_path_factory: pytest.TempPathFactory) -> ds.Scenario:
    """A plan of one's own for 2030 on the share of nursing-type beds, which conversions move."""
    folder = tmp_path_factory.mktemp("own")
    shipped = Path(str(ds.load("hunan-2030").files[0])).parent / "hunan-2030" / "plans"
    shutil.copytree(shipped, folder / "catalog" / "plans")
    (folder / "own.yaml").write_text(
        "extends: hunan\nname: own\ncatalog: [catalog]\nplan: [hunan-2021-2025, hunan-2026-2030]\ndraws: 24\n"
        "period: {end: 2030}\nsupply:\n  institution_beds:\n    pipeline:\n"
        "      value: {conversions_per_year: {2025: 0, 2026: 2500}}\n      source: 项目库\n      status: plan\n",
        encoding="utf-8",
    )
    return ds.load(folder / "own.yaml")


@pytest.fixture(scope="module")
def own_plan(own_scenario: ds.Scenario) -> ds.Results:
    return ds.simulate(own_scenario, engine="cohort")


def test_the_report_has_both_columns_where_they_differ(own_plan: ds.Results) -> None:
    report = build_report(own_plan, "zh")
    assert report.annex is not None
    blocks = [*report.all_blocks(), *report.annex.all_blocks()]
    texts = {block.key: block for block in blocks if isinstance(block, Table)}
    chapter, closed = texts["table.targets.hunan-2026-2030"], texts["table.targets.hunan-2021-2025"]
    heads = [column.head for column in chapter.columns]
    place = heads.index("自然趋势")
    assert heads[place + 1] == "实际或落实规划" and "自然趋势" not in [column.head for column in closed.columns]
    row = own_plan.targets.set_index("id").loc["hunan-2030.sample_nursing_bed_share"]
    first = chapter.rows[0]
    assert words(first.cells[place].parts, "zh") == f"{100 * row['natural_value']:.1f}"
    assert words(first.cells[place + 1].parts, "zh").startswith(f"{100 * row['value']:.1f}（预计）")
    assert words(first.cells[heads.index("依据和来源")].parts, "zh").endswith("按规划措施")
    sheet = texts["table.closing.final.hunan-2026-2030"]
    assert [column.head for column in sheet.columns][6:8] == ["自然趋势", "2030实际或落实规划"]
    assert "本次测算，按规划措施" in words(sheet.rows[1].cells[10].parts, "zh")


def test_the_workbook_has_both_columns(own_plan: ds.Results, tmp_path: Path) -> None:
    path = tmp_path / "tables.xlsx"
    write_workbook(own_plan, tables(own_plan, single_ages=False), path)
    sheet = openpyxl.load_workbook(path)["规划收官表"]
    heads = {cell.value: cell.column for row in sheet.iter_rows() for cell in row if cell.value == "自然趋势"}
    column = heads["自然趋势"]
    row = own_plan.targets.set_index("id").loc["hunan-2030.sample_nursing_bed_share"]
    shown = [sheet.cell(cell.row, column + beside).value for cell in sheet["B"] for beside in (0, 1)
             if str(cell.value).startswith("养老机构护理型床位占比") and "示例" in str(cell.value)]  # fmt: skip
    data = openpyxl.load_workbook(path)["规划指标"]
    assert "按规划措施" in {cell.value for line in data.iter_rows() for cell in line}
    assert shown[:2] == pytest.approx([row["natural_value"], row["value"]])


def test_values_by_year_go_up_to_the_last_year_of_each_plan(own_plan: ds.Results) -> None:
    """They ended in 2025 for a target of 2030, since another plan of the run ends then."""
    annex = build_report(own_plan, "zh").annex
    assert annex is not None
    found = {b.key: b for b in annex.all_blocks() if isinstance(b, Table) and b.key.startswith("table.years")}
    assert {key: table.columns[-1].head for key, table in found.items()} == {
        "table.years.hunan-2021-2025": "2025",
        "table.years.hunan-2026-2030": "2030",
    }
    share = next(
        row for row in found["table.years.hunan-2026-2030"].rows if "护理型" in words(row.cells[0].parts, "zh")
    )
    value = own_plan.targets.set_index("id").loc["hunan-2030.sample_nursing_bed_share", "value"]
    assert words(share.cells[-1].parts, "zh") == f"{100 * value:.1f}%"


def test_the_terminal_has_both_columns(own_plan: ds.Results, own_scenario: ds.Scenario) -> None:
    paper = io.StringIO()
    print_summary(own_plan, own_scenario, Console(file=paper, width=300), "zh")
    row = own_plan.targets.set_index("id").loc["hunan-2030.sample_nursing_bed_share"]
    line = next(line for line in paper.getvalue().splitlines() if "（示例）" in line and "护理型" in line)
    assert f"{100 * row['natural_value']:.1f}% ({100 * row['natural_p_met']:.0f}%)" in line
    assert "自然趋势" in paper.getvalue() and "落实规划" in paper.getvalue()


def test_a_run_without_the_columns_is_printed_without_them() -> None:
    row = {"actual": float("nan"), "value": 0.5, "natural_value": "", "goes_on": ""}
    assert not has_natural([row]) and goes_on_words(row, "zh") == ""
    assert not has_natural([{**row, "natural_value": 0.5}]) and has_natural([{**row, "natural_value": 0.4}])


@pytest.mark.parametrize(
    ("stock", "with_measures", "without_them"),
    [
        ("beds", "measures", "trend"),
        ("beds.nursing", "measures", "whole"),
        ("staff", "need", ""),
        ("staff.hires", "moves", ""),
        ("graves", "used_up", ""),
        ("cash", "standard", ""),
    ],
)
def test_how_a_stock_goes_on(stock: str, with_measures: str, without_them: str) -> None:
    nothing = np.zeros((2, 1))
    course = Course(
        {"beds": "beds", "staff": "staff", "graves": "places", "cash": "budget"},
        {"staff": GoingOn("need", 2025)},
        {"beds": GoingOn("trend", 2025, 2020), "beds.nursing": GoingOn("whole", 2025)},
        {"beds": nothing, "beds.nursing": nothing},
        frozenset({"beds"}),
    )
    assert course.words(indicator("level", numerator=f"supply.{stock}")) == (with_measures, without_them)
    assert course.words(indicator("level", numerator="groups.older_60")) == ("", "")
    assert course.words(None) == ("", "")
