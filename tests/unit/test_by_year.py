"""Chance by year on total fertility, life expectancy and net migration."""

from __future__ import annotations

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.errors import InputError
from demo_sim.inputs.draws import STATED, Draws

YEARS = np.arange(2015, 2036)
CHANCE = {"value": {"persistence": 0.8, "spread": 0.05}, "source": "made up", "status": "assumed"}


def scenario(**changes: object) -> ds.Scenario:
    return ds.load("hunan-2020").replace({"fertility.by_year": CHANCE} | changes)


def series(changed: ds.Scenario, numbers: object, path: str = "fertility.tfr", **keys: str) -> np.ndarray:
    return Draws(changed.quantities, 7, numbers)[path].series(YEARS, **keys)


def test_nothing_moves_up_to_the_year_that_is_known_nor_the_stated_run() -> None:
    plain, moved = series(scenario(**{"fertility.by_year": None}), range(64)), series(scenario(), range(64))
    assert np.array_equal(plain[YEARS <= 2020], moved[YEARS <= 2020])
    assert (plain[YEARS > 2020] != moved[YEARS > 2020]).all()
    stated = [series(one, [STATED]) for one in (scenario(**{"fertility.by_year": None}), scenario())]
    assert np.array_equal(*stated)


def test_a_draw_is_a_draw() -> None:
    whole = series(scenario(), range(100))
    assert np.array_equal(series(scenario(), [90, 3]), whole[:, [90, 3]])
    assert np.array_equal(Draws(scenario().quantities, 7, [5])["fertility.tfr"].at(2030), whole[YEARS == 2030, 5])
    assert not np.array_equal(Draws(scenario().quantities, 8, [5])["fertility.tfr"].at(2030), whole[YEARS == 2030, 5])


def test_the_spread_is_that_of_the_autoregression() -> None:
    plain, moved = series(scenario(**{"fertility.by_year": None}), range(8000)), series(scenario(), range(8000))
    x = np.log(moved / plain)
    for ahead in (1, 4, 15):
        here = x[YEARS == 2020 + ahead][0]
        assert here.mean() == pytest.approx(0.0, abs=0.003)
        assert here.std() == pytest.approx(0.05 * np.sqrt((1 - 0.64**ahead) / 0.36), rel=0.03)
    lag = np.corrcoef(x[YEARS == 2031][0], x[YEARS == 2030][0])[0, 1]
    assert lag == pytest.approx(0.8, abs=0.03)
    # it is a layer of its own, not the quantile of the path again
    assert abs(np.corrcoef(x[YEARS == 2030][0], plain[YEARS == 2030][0])[0, 1]) < 0.04


def test_sexes_and_years_added() -> None:
    """Life expectancy of both sexes moves by the same years; net migration by persons."""
    told = {"value": {"persistence": 0.9, "spread": 0.2}, "source": "made up", "status": "assumed"}
    plain, moved = scenario(), scenario(**{"mortality.by_year": told})
    gain = [
        series(moved, range(50), "mortality.e0", sex=sex) - series(plain, range(50), "mortality.e0", sex=sex)
        for sex in ("male", "female")
    ]
    assert gain[0] == pytest.approx(gain[1], abs=1e-9)
    assert np.ptp(gain[0][-1]) > 1.0
    told = {"value": {"persistence": 0.9, "spread": 50_000}, "source": "made up", "status": "assumed"}
    away = series(scenario(**{"migration.by_year": told}), range(50), "migration.net")
    assert 60_000 < (away - series(plain, range(50), "migration.net"))[-1].std() < 200_000


def test_observed_years_hold_where_they_are_later() -> None:
    """In `hunan` total fertility is fitted up to its last published births: chance begins after them."""
    known = ds.load("hunan")
    last = max(row.year for row in known.quantities["fertility.tfr"].rows if row.status in ("fitted", "derived"))
    moved = known.replace({"fertility.by_year": CHANCE})
    same = (series(known.replace({"fertility.by_year": None}), range(9)) == series(moved, range(9))).all(axis=1)
    assert same[YEARS <= last].all() and not same[YEARS > last].any()


def test_a_number_for_all_years_is_held() -> None:
    """What is typed without years has no chance by year, so `--set fertility.tfr=1.2` is 1.2 in every draw."""
    assert (series(scenario(**{"fertility.tfr": 1.2}), range(20)) == 1.2).all()


def test_persistence_and_spread_go_together() -> None:
    with pytest.raises(InputError, match="no number for other names spread"):
        scenario(**{"fertility.by_year": {"value": {"persistence": 0.8}}})


def test_the_band_of_the_path_may_be_left_out_after_the_year_that_is_known() -> None:
    """Life expectancy of `hunan` has the spread of its process in 2050, and its own band up to 2024."""
    known = ds.load("hunan")
    drawn = Draws(known.quantities, 7, range(4000))["mortality.e0"]
    chance = drawn.process
    assert chance is not None and chance.start == 2024 and (chance.band == 0.0).all()
    low, high = np.quantile(drawn.at(2024, sex="male"), (0.1, 0.9))
    assert (low, high) == pytest.approx((75.48, 76.68), abs=0.02)
    for year in (2030, 2035, 2050):
        sd = 0.5992 * np.sqrt((1 - 0.9759 ** (2 * (year - 2024))) / (1 - 0.9759**2))
        assert drawn.at(year, sex="male").std() == pytest.approx(sd, rel=0.03)
    whole = known.replace({"mortality.by_year": {"value": {"persistence": 0.9759, "spread": 0.5992, "band": 1},
                                                 "source": "made up", "status": "assumed"}})  # fmt: skip
    wider = Draws(whole.quantities, 7, range(4000))["mortality.e0"].at(2050, sex="male").std()
    assert wider > 1.3 * drawn.at(2050, sex="male").std()


def test_a_path_of_ones_own_keeps_its_band() -> None:
    """`hunan-slow-mortality` writes its own life expectancy with a band: the chance of `hunan` is not laid over it."""
    slow = ds.load("hunan-slow-mortality")
    assert "mortality.by_year" not in slow.quantities and "migration.by_year" in slow.quantities
    low, high = np.quantile(Draws(slow.quantities, 7, range(2000))["mortality.e0"].at(2050, sex="male"), (0.1, 0.9))
    assert (low, high) == pytest.approx((75.54, 82.14), abs=0.1)
    assert not {"mortality.by_year", "migration.by_year"} & set(ds.load("hunan-2020").quantities)
