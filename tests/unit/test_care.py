"""Placement of a whole run: what the scenario gives, what the tables say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import demo_sim as ds
from demo_sim.block.persons import follow_persons
from demo_sim.engine.care_record import CareRecord
from demo_sim.engine.size import REPLICATES, Size
from demo_sim.errors import InputError
from demo_sim.inputs.build import build_inputs
from demo_sim.results.tables import tables
from demo_sim.results.workbook import write_workbook
from demo_sim.vocab import CARE_FLOWS

MINIMAL = Path(__file__).parents[1] / "data" / "minimal" / "scenario.yaml"
PLACEMENT = {
    "institution": {"use": "services.use", "beds": "beds"},
    "attributes": {"alone": {"group": "older_alone"}},
    "priority": [{"id": "alone_80", "label": {"zh": "独居高龄", "en": "80+ alone"}, "any": [
        {"age": "80+", "attributes": "alone"}
    ]}],
}  # fmt: skip
CHANGES = {
    "services": {"use": 0.04},
    "groups": {"living_alone": {"60-79": 0.1, "80+": 0.3}},
    "supply": {
        "beds": {
            "kind": "beds",
            "stock": {2020: 20_000},
            "closure": 0.1,
            "pipeline": {"value": {"openings_per_year": 0}},
        }
    },
    "placement": PLACEMENT,
    "scale": 20,
    "draws": 2,
    "options.person_draws": 3,
}


@pytest.fixture(scope="module")
def scenario() -> ds.Scenario:
    return ds.load(MINIMAL).replace(CHANGES)


@pytest.fixture(scope="module")
def run(scenario: ds.Scenario) -> ds.Results:
    return ds.simulate(scenario)


@pytest.fixture(scope="module")
def replicates(scenario: ds.Scenario) -> CareRecord:
    """What the persons at stated values show, one column a replicate."""
    inputs = build_inputs(scenario)
    size = Size.of(inputs, "people", 2)
    [numbers] = size.replicates()
    record = follow_persons(inputs, numbers, size).care
    assert record is not None
    return record


def picked(frame: pd.DataFrame, measure: str, **labels: str) -> pd.Series:
    """Values by year of one measure."""
    chosen = frame["care_measure"] == measure
    for name, value in ({"care_class": "all", "residence": "all"} | labels).items():
        chosen &= frame[name] == value
    return frame[chosen].set_index("year")["value"]


def test_the_table_balances(run: ds.Results) -> None:
    frame = tables(run)["placement"]
    homes, waiting, places = (picked(frame, m) for m in ("in_institutions", "waiting", "usable_places"))
    assert (homes <= places).all() and (waiting > 0).any()
    flows = {name: picked(frame, name) for name in CARE_FLOWS}
    change = flows["entered"] - flows["gone"] - flows["recovered"] - flows["displaced"]
    np.testing.assert_allclose(homes.diff().dropna(), change)
    for measure, total in (("waiting", waiting), ("in_institutions", homes)):
        by_class = sum(picked(frame, measure, care_class=c) for c in ("alone_80", "others"))
        np.testing.assert_allclose(by_class, total)
    years = picked(frame, "waiting_years")
    assert (years[waiting > 0] >= 0.5).all() and (years[waiting == 0] == 0).all()


def test_homes_and_list_are_the_need(run: ds.Results) -> None:
    """Those in homes and on the list are the share stated of people of 60 and over, but for chance."""
    frame = tables(run)["placement"]
    asking = picked(frame, "in_institutions") + picked(frame, "waiting")
    older = run.central.population.sel(age=slice(60, None)).sum(["residence", "sex", "age", "function"])
    wanted = 0.04 * older.to_series()
    agents = asking / 20
    assert (abs(agents - wanted / 20) < 4.5 * np.sqrt(agents / REPLICATES)).all()


def test_the_value_is_the_mean_of_the_replicates_and_their_spread_its_error(
    run: ds.Results, replicates: CareRecord
) -> None:
    frame = tables(run)["placement"]
    frame = frame[(frame["care_class"] == "all") & (frame["residence"] == "all")]
    for measure, seen in (
        ("waiting", replicates.waiting.sum(axis=(1, 2))),
        ("in_institutions", replicates.homes.sum(axis=(1, 2))),
        ("usable_places", replicates.places),
    ):
        rows = frame[frame["care_measure"] == measure]
        assert seen.shape[1] == REPLICATES
        np.testing.assert_allclose(rows["value"], seen.mean(axis=1), rtol=1e-12, err_msg=measure)
    errors = run.central.array("placement/waiting_mc_se").values
    np.testing.assert_allclose(errors, replicates.waiting.std(axis=-1, ddof=1) / np.sqrt(REPLICATES), rtol=1e-12)
    assert errors.max() > 0.0


def test_the_draws_of_placement_are_the_person_draws_that_the_run_has(run: ds.Results, scenario: ds.Scenario) -> None:
    assert run.array("placement/waiting").sizes["draw"] == 2
    more = ds.simulate(scenario.replace({"draws": 30}))
    waiting = more.array("placement/waiting")
    assert waiting.sizes["draw"] == 3
    np.testing.assert_array_equal(waiting[:2], run.array("placement/waiting"))
    np.testing.assert_array_equal(more.central.array("placement/waiting"), run.central.array("placement/waiting"))
    frame = tables(more)["placement"]
    assert frame["q50"].isna().all()  # so few say nothing of the spread


def test_with_no_draws_there_is_placement_at_stated_values(run: ds.Results, scenario: ds.Scenario) -> None:
    alone = ds.simulate(scenario.replace({"draws": 0}))
    assert alone.array("placement/waiting").sizes["draw"] == 0
    for name in ("waiting", "in_institutions", "care_flows", "waited_years"):
        np.testing.assert_array_equal(alone.central.array(f"placement/{name}"), run.central.array(f"placement/{name}"))


def test_the_cohort_engine_places_nobody(scenario: ds.Scenario) -> None:
    run = ds.simulate(scenario, engine="cohort")
    assert "placement" not in run and "placement" not in tables(run)


def test_saved_and_labelled(run: ds.Results, tmp_path: Path) -> None:
    import openpyxl

    write_workbook(run, tables(run, single_ages=False), tmp_path / "tables.xlsx", "en")
    rows = list(openpyxl.load_workbook(tmp_path / "tables.xlsx")["Institutions and waiting"].values)
    assert rows[0][:5] == ("Year", "Measure", "Priority class", "Residence", "Unit")
    assert {row[1] for row in rows} >= {"In institutions", "Waiting", "Entered", "Usable places"}
    assert {row[2] for row in rows[1:]} == {"All", "80+ alone", "Other older people"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"services": {"use": {"60-69": 0.01, "70+": 0.03}}}, "services.use"),
        ({"services": {"use": {"mild": 0.01, "total": 0.03}}}, "level intact"),
    ],
)
def test_numbers_that_do_not_fit_are_named(scenario: ds.Scenario, changes: dict, said: str) -> None:
    with pytest.raises(InputError) as caught:
        ds.simulate(scenario.replace(changes))
    [problem] = caught.value.problems
    assert said in problem.render("en") and problem.path == "placement"
