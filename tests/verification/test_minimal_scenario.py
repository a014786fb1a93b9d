"""The smallest scenario, four tables, run as a user runs it, against a projection made of plain loops."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from textbook import life_table, project_year

import demo_sim as ds

FOLDER = Path(__file__).parents[1] / "data" / "minimal"
YEARS = range(2021, 2026)
SEXES = ("male", "female")
SRB = {2021: 1.10, 2025: 1.08}


def rows(name: str) -> list[dict[str, str]]:
    text = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in text if not line.startswith("#")))


def column(name: str, measure: str, year: int | None, sex: str | None) -> np.ndarray:
    """One column of a table by single age, zero at ages that it does not hold."""
    out = np.zeros(101)
    for row in rows(name):
        if (year is None or row["year"] == str(year)) and (sex is None or row["sex"] == sex):
            out[int(row["age"].rstrip("+"))] = float(row[measure])
    return out


def textbook_projection(timing: str) -> dict[str, np.ndarray]:
    """Population by year-end, births, deaths by age at death and migrants of each year."""
    stock = np.array([[column("population.csv", "population", None, sex) for sex in SEXES]])
    population, births, deaths = [stock], [], []
    for year in YEARS:
        tables = [life_table(column("mortality.csv", "mx", year, sex), sex) for sex in SEXES]
        asfr = column("fertility.csv", "asfr", year, None)[None]
        net = np.array([[column("migration.csv", "net_migration", year, sex) for sex in SEXES]])
        srb = np.array([SRB[2021] + (SRB[2025] - SRB[2021]) * (year - 2021) / 4])
        flows = project_year(stock, np.array([[t.qs for t in tables]]), asfr, srb, net, 0 * stock, np.zeros(1), timing)
        by_age = np.zeros((2, 101))
        for s in range(2):
            reached, share = flows.deaths[0, s], tables[s].cx
            by_age[s, 0] = reached[0] + share[0] * reached[1]
            for x in range(1, 100):
                by_age[s, x] = (1 - share[x - 1]) * reached[x] + share[x] * reached[x + 1]
            by_age[s, 100] = (1 - share[99]) * reached[100]
        stock = flows.end
        population.append(stock)
        births.append(flows.births[0])
        deaths.append(by_age)
    return {"population": np.array(population)[:, 0], "births": np.array(births), "deaths": np.array(deaths)}


@pytest.mark.parametrize("timing", ["even", "end"])
def test_run_equals_the_textbook(timing: str) -> None:
    scenario = ds.load(FOLDER / "scenario.yaml").replace({"migration.timing": timing})
    run = ds.simulate(scenario, engine="cohort")
    expected = textbook_projection(timing)
    population = run.central.population.sel(residence="all").sum("function")
    assert population.time.values.tolist() == [2020, *YEARS]
    np.testing.assert_allclose(population.transpose("time", "sex", "age"), expected["population"], rtol=1e-9, atol=1e-9)
    flows = run.central.tree["flows"].to_dataset()
    np.testing.assert_allclose(flows["births_by_age"].isel(residence=0), expected["births"], rtol=1e-9)
    np.testing.assert_allclose(flows["deaths_by_age"].isel(residence=0), expected["deaths"], rtol=1e-9)
    totals = flows["flows"].isel(residence=0).sum("sex")
    np.testing.assert_allclose(totals.sel(flow="births"), expected["births"].sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(totals.sel(flow="deaths"), expected["deaths"].sum(axis=(1, 2)), rtol=1e-9)
    net = [sum(float(row["net_migration"]) for row in rows("migration.csv") if row["year"] == str(y)) for y in YEARS]
    np.testing.assert_allclose(totals.sel(flow="in") - totals.sel(flow="out"), net, rtol=1e-9)
