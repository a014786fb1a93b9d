"""Years of birth that were smaller in a place than in the template that splits its age groups."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.inputs.base import BaseTable, births_factor, within_groups
from demo_sim.inputs.draws import STATED, Sampled
from demo_sim.scenario import Row


def sampled(**values: float) -> Sampled:
    rows = tuple(Row(value, None, None, cohort=cohort.strip("_").replace("_", "-")) for cohort, value in values.items())
    return Sampled("population.births_factor", rows, np.array([[row.value] for row in rows]))


def test_an_age_holds_two_years_of_birth() -> None:
    """On 1 October a quarter of each age had its birthday after it, in the year before."""
    table = BaseTable(date(2010, 10, 1), 2011, None, {}, False)
    found = births_factor(sampled(_1950_1951=0.6, _1953_1953=2.0), table, 101)[:, 0]
    part = 92 / 365  # from 1 October to the new year
    expected = {
        56: part * 2.0 + (1 - part) * 1.0,  # born 1953 and 1954
        57: part * 1.0 + (1 - part) * 2.0,
        58: part * 0.6 + (1 - part) * 1.0,  # 1951 and 1952
        59: 0.6,
        60: part * 1.0 + (1 - part) * 0.6,
        61: 1.0,
    }
    for age, value in expected.items():
        assert found[age] == pytest.approx(value, rel=1e-12), age


def test_groups_keep_their_totals() -> None:
    persons = np.array([[10.0], [20.0], [30.0], [40.0], [0.0], [0.0]])
    factor = np.array([[1.0], [0.5], [2.0], [1.0], [3.0], [1.0]])
    found = within_groups(persons, [(0, 1), (2, 3), (4, None)], factor)[:, 0]
    np.testing.assert_allclose(found, [15.0, 15.0, 42.0, 28.0, 0.0, 0.0], rtol=1e-12)


def test_fewer_born_in_the_trough_are_fewer_who_turn_sixty() -> None:
    """Hunan: the group of 55 to 59 is as published, and who is 59 of it depends on the factor."""
    runs = {}
    for factor in (1.0, 0.5):
        entry = {"value": {"1959-1961": factor}, "source": "test", "status": "assumed"}
        changes = {"draws": 0, "plan": [], "period.end": 2022, "population.births_factor": entry}
        people = ds.simulate(ds.load("hunan").replace(changes), engine="cohort").central.population
        runs[factor] = people.sum([dim for dim in people.dims if dim not in ("time", "age")])
    opening = [run.sel(time=2020)[60:].sum() for run in runs.values()]
    # two months of birthdays lie between the census and the new year
    assert float(opening[1] / opening[0]) == pytest.approx(1.0, abs=0.01)
    later = [float(run.sel(time=2021)[60:].sum()) for run in runs.values()]
    assert later[1] < later[0] - 150_000


def test_a_band_of_the_factor_is_drawn() -> None:
    scenario = ds.load("hunan").replace({"draws": 8, "plan": [], "period.end": 2022})
    drawn = ds.simulate(scenario, engine="cohort").summary
    total = drawn.sum([dim for dim in drawn.dims if dim not in ("time", "draw", "age_group")]).sel(time=2021)
    assert float(total.sel(age_group="60-64").std()) > 0.0 and STATED not in drawn["draw"].values
