"""Bands of counties in a run: what forecasts of counties like them missed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.inputs.draws import STATED, Draws
from demo_sim.inputs.forecast_error import ERROR_YEARS, MOST_LEAVING, missed, yearly_error
from demo_sim.places import census, place_of
from demo_sim.places.errors import BY_MORTALITY, ERROR_AGES, errors_of, growth_class, mean_half, size_class
from demo_sim.scenario.place_tree import KEPT_KEYS

SCRIPT = Path(__file__).parents[2] / "calibration" / "places" / "errors.py"
KEPT_HALF = mean_half([(year, (high - low) / 2) for year, (_, low, high) in KEPT_KEYS.items()])


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("place_errors_script", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_bands_of_the_other_half_hold_what_came(script: ModuleType) -> None:
    """75 to 85 of 100 counties of each class of size lie inside the 80 % band, by age."""
    counties = script.read()
    classes = [(h, s, g) for h in range(2) for s in range(4) for g in range(3)]
    table = {key: script.bands(counties, *key) for key in classes}
    for key, band in table.items():  # what ships is what the script finds
        shipped = census.census_row("county_errors.csv", "-".join(map(str, key)))
        assert shipped is not None
        assert [float(shipped[f"{end}_{age}"]) for age in ERROR_AGES for end in ("low", "high")] == pytest.approx(
            band.ravel().tolist(), abs=1e-4
        )
    found = script.coverage(counties, table)
    shares = {key: inside.mean() for key, inside in found.items()}
    assert all(0.75 <= share <= 0.85 for (name, _), share in shares.items() if name != "15-59"), shares
    assert all(0.65 <= share <= 0.85 for (name, _), share in shares.items() if name == "15-59"), shares
    assert {size: sum(inside.size for (name, s), inside in found.items() if s == size and name == "60+")
            for size in range(4)} == {0: 542, 1: 1072, 2: 747, 3: 169}  # fmt: skip


def test_no_county_is_judged_by_its_own_half(script: ModuleType) -> None:
    counties = script.read()
    for half in range(2):
        assert (counties.half[counties.of(half, 1, 1)] == 1 - half).all()


def test_classes() -> None:
    assert [size_class(people) for people in (1e5, 2e5, 7e5, 3e6)] == [0, 1, 2, 3]
    assert [growth_class(people, 100.0) for people in (80.0, 95.0, 130.0)] == [0, 1, 2]


def test_the_path_of_what_goes_on_is_averaged_over_ten_years() -> None:
    # halves 0.505, 0.58875, 0.6725, 0.75625, 0.84 five times, 0.84
    assert pytest.approx((0.505 + 0.58875 + 0.6725 + 0.75625 + 6 * 0.84) / 10) == KEPT_HALF


def test_only_counties_and_zones_have_them() -> None:
    for code in ("000000", "430000", "430200"):
        place = place_of(code)
        assert place is not None and errors_of(place, KEPT_HALF) is None
        assert "migration.error" not in ds.load(code).quantities


def test_what_is_drawn_already_is_taken_off() -> None:
    """A county that people leave: its own migration fills the younger band; part of it is cut where it is wider."""
    leaving, steady = (errors_of(place_of(code), KEPT_HALF) for code in ("620522", "320214"))  # type: ignore[arg-type]
    assert leaving is not None and steady is not None
    assert leaving.kept < 0.6 and steady.kept == 1.0
    assert leaving.parts["younger"]["25-34"] == (-0.001, 0.001)
    assert steady.parts["younger"]["25-34"][1] > 0.05
    assert errors_of(place_of("320214"), 0.0).parts["older"]["55-64"][1] > steady.parts["older"]["55-64"][1]  # type: ignore[arg-type, union-attr]


@pytest.mark.parametrize("code", ["440783", "430223", "620522"])
def test_a_run_has_the_band_of_its_class(code: str) -> None:
    """After ten years people of 60 and over are spread as forecasts of such counties were, to a fifth."""
    run = ds.simulate(ds.load(code).replace({"draws": 512, "plan": [], "options.person_draws": 1}), engine="cohort")
    people = run.summary.sum(["residence", "sex", "function"]).sel(time=2030)
    central = run.central.summary.sum(["residence", "sex", "function"]).sel(time=2030)
    older = [age for age in people["age_group"].values if int(age.split("-")[0].rstrip("+")) >= 60]
    drawn = people.sel(age_group=older).sum("age_group").values
    low, high = np.log(np.quantile(drawn, (0.1, 0.9)) / float(central.sel(age_group=older).sum()))
    place = place_of(code)
    assert place is not None
    whole = errors_of(place, 0.0)
    assert whole is not None
    ages = {"55-64": (60, 70), "65-74": (70, 80), "75+": (80, 200)}
    weights = {
        name: float(central.sel(age_group=[a for a in older if first <= int(a.split("-")[0].rstrip("+")) < last]).sum())
        for name, (first, last) in ages.items()
    }
    part = {name: weight / sum(weights.values()) for name, weight in weights.items()}
    layer = sum(
        part[age] * np.hypot(*((whole.parts[p][age][1] - whole.parts[p][age][0]) / 2 for p in ("both", "older")))
        for age in ages
    )
    mortality = sum(part[age] * BY_MORTALITY[ERROR_AGES.index(age)] for age in ages)
    half = np.hypot(layer, mortality)  # mortality was taken off and is drawn apart
    assert (high - low) / 2 == pytest.approx(half, rel=0.2)


def test_the_stated_run_has_no_error_and_the_layer_can_be_left_out() -> None:
    scenario = ds.load("440783").replace({"draws": 64, "plan": [], "options.person_draws": 1})
    with_error = ds.simulate(scenario, engine="cohort")
    without = ds.simulate(scenario.replace({"migration.error": None}), engine="cohort")
    assert np.array_equal(with_error.central.summary.values, without.central.summary.values)
    spread = [float(run.summary.sel(time=2035).sum(["residence", "sex", "age_group", "function"]).std())
              for run in (with_error, without)]  # fmt: skip
    assert spread[0] > 1.2 * spread[1]


def test_figures_of_ones_own_have_their_own_band(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text('extends: "430223"\nname: own\nmigration: {kept: {value: 0.3, low: 0.2, high: 0.4}}\n', "utf-8")
    assert "migration.error" not in ds.load(file).quantities
    assert "migration.error" not in ds.load("430223", ["migration.kept=0.3"]).quantities
    assert "migration.error" in ds.load("430223", ["fertility.tfr=1.3"]).quantities


def test_the_band_of_what_goes_on_is_drawn_as_stated() -> None:
    """Its low is below nought and its high above one: it is no share that would be cut there."""
    quantities = ds.load("430200").quantities
    drawn = Draws(quantities, 3, range(4000))["migration.kept"].at(2030)
    assert np.quantile(drawn, (0.1, 0.5, 0.9)) == pytest.approx((-0.54, 0.30, 1.14), abs=0.03)


def test_migrants_of_the_error_by_hand() -> None:
    draws = Draws(ds.load("440783").quantities, 7, [STATED, 0, 1])
    rate = yearly_error(draws, 101)
    assert (rate[:, 0] == 0.0).all() and (rate[:, 1:] != 0.0).all()
    error = sum(draws["migration.error"].at(name=name, age="65-74") for name in ("both", "older"))
    assert rate[70] == pytest.approx(np.exp(error / ERROR_YEARS) - 1.0)
    people = np.zeros((1, 2, 101, 3))
    people[0, 0, 60] = 1000.0
    mx, external = np.full((4, 1, 2, 101, 3), 0.01), np.zeros((4, 1, 2, 101, 3))
    external[2, 0, 0, 61] = -950.0  # nearly all leave by the tables: the error takes no more than `MOST` in all
    found = missed(draws, people, mx, external, None)
    assert (found[0] == 0.0).all()
    first = 1000.0 * rate[60]
    assert found[1, 0, 0, 60] == pytest.approx(first)
    there = (1000.0 + first) * np.exp(-0.01)
    left = there + external[2, 0, 0, 61]
    assert found[2, 0, 0, 61] == pytest.approx(
        np.maximum(there * rate[61], np.minimum(950.0 - MOST_LEAVING * there, 0.0))
    )
    assert found[3, 0, 0, 62] == pytest.approx((left + found[2, 0, 0, 61]) * np.exp(-0.01) * rate[62])
    assert found.sum() == pytest.approx(found[1:, 0, 0, [60, 61, 62]].sum(), abs=1e-9)
