"""Death rates of a province differ by age from the nation's as its own deaths do, by half; never in level."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.places import census, places
from demo_sim.places.finding import Place
from demo_sim.places.mortality import province_pattern

PROVINCES = [place for place in places().values() if place.level == "province"]


def test_the_nation_is_its_own_pattern() -> None:
    for factors in province_pattern("000000").values():
        np.testing.assert_allclose(factors, 1.0, rtol=1e-12)


@pytest.mark.parametrize("place", PROVINCES, ids=lambda place: place.code)
def test_a_part_of_the_pattern_is_a_power_of_the_whole(place: Place) -> None:
    whole, half = province_pattern(place.code, kept=1.0), province_pattern(place.code)
    for sex in census.SEXES:
        np.testing.assert_allclose(np.square(half[sex]), whole[sex], rtol=1e-12)
        assert min(whole[sex]) > 0.0 and len(whole[sex]) == len(census.OLDER_AGES)


def test_a_county_has_the_pattern_of_its_province() -> None:
    county, province = (ds.load(code).tables["mortality.standard"].columns["mx"] for code in ("430223", "430000"))
    assert county == province


def test_ages_of_a_broad_group_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """A province with twice the nation's deaths at 70 to 79 and the nation's elsewhere."""
    people = dict.fromkeys(((r, s) for r in ("urban", "rural") for s in census.SEXES), [1000] * 22)
    deaths = dict.fromkeys(people, [50] * 22)
    doubled = {key: [100 if 15 <= i < 17 else 50 for i in range(22)] for key in people}

    def table(code: str, measure: str, year: int = 2020) -> dict[tuple[str, str], list[int]]:
        return people if measure == "population" else deaths if code == "000000" else doubled

    monkeypatch.setattr(import_module("demo_sim.places.mortality"), "of_province", table)
    factors = province_pattern.__wrapped__("430000", kept=1.0)["male"]
    log_ratio = np.log((2 * 2 * 2 * 100 + 1) / (2 * 2 * 2 * 50 + 1))  # two censuses, residences and ages
    # the mean over six broad groups is taken off; 70-74 and 75-79 lie 2.5 years from 75, where the group stands
    assert np.log(factors[0]) == pytest.approx(-log_ratio / 6, rel=1e-9)
    between = 1.0 - 2.5 / 10.0
    assert np.log(factors[15]) == pytest.approx(log_ratio * (between - 1 / 6), rel=1e-9)
    assert np.log(factors[16]) == pytest.approx(log_ratio * (1.0 - 2.5 / 13.0 - 1 / 6), rel=1e-9)


def test_the_pattern_is_a_table_of_the_scenario() -> None:
    own, nation = (ds.load(code).tables["mortality.standard"] for code in ("430000", "000000"))
    assert own.columns["age"] == nation.columns["age"] and own.status == "derived"
    factors = province_pattern("430000")
    ratio = np.divide(own.columns["mx"], nation.columns["mx"])
    assert sorted({round(float(r), 9) for r in ratio}) == sorted(
        {round(float(f), 9) for sex in factors.values() for f in sex}
    )


def test_the_part_of_migration_that_goes_on_is_no_observation() -> None:
    """It is fitted and has years, but none that `known_until` could hide."""
    scenario = ds.load("430223").replace({"known_until": 2022})
    assert [row.year for row in scenario.quantities["migration.kept"].rows] == [2021, 2025, 2030, 2035]
    free = ds.load("430223")
    assert free.settings.known_until == 2020  # the census is its newest figure
