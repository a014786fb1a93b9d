"""Placement of a whole run: what the scenario gives, what the tables say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import demo_sim as ds
from demo_sim.errors import InputError
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
    "supply": {"beds": {"kind": "beds", "stock": {2020: 20_000}, "closure": 0.1}},
    "placement": PLACEMENT,
    "scale": 20,
}


@pytest.fixture(scope="module")
def scenario() -> ds.Scenario:
    return ds.load(MINIMAL).replace(CHANGES)


@pytest.fixture(scope="module")
def run(scenario: ds.Scenario) -> ds.Results:
    return ds.simulate(scenario)


def picked(frame: pd.DataFrame, measure: str, **labels: str) -> pd.Series:
    """Means by year of one measure."""
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
    older = run.population.sel(age=slice(60, None)).sum(["residence", "sex", "age", "function"]).mean("draw")
    wanted = 0.04 * older.to_series()
    agents = asking / 20
    assert (abs(agents - wanted / 20) < 4.5 * np.sqrt(agents)).all()


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
