"""Errors of the ages of censuses: what was put in comes out; in a run they move ages against each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.errors import InputError
from demo_sim.inputs.base import misreported
from demo_sim.inputs.draws import STATED, Draws
from demo_sim.scenario.process import AGE_GROUPS

HEAD = "# publisher: Bureau of Nowhere; licence: MIT; date: 2020-01-01; status: published\n"
SPEC = "name: own\nmethod: age_error\ndate: '2020-11-01'\ntables: {counts: counts.csv}\noutput: own.yaml\n"


def fitted(folder: Path, counts: np.ndarray, years: tuple[int, ...] = (2000, 2010, 2020)) -> float:
    """Standard deviation found in counts; (census, sex, five-year age from 0 to 100)."""
    rows = [
        f"{year},{sex},{5 * g}-{5 * g + 4},{counts[y, s, g]:.6f}"
        for y, year in enumerate(years)
        for s, sex in enumerate(("male", "female"))
        for g in range(counts.shape[2])
    ]
    (folder / "counts.csv").write_text(HEAD + "year,sex,age,population\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (folder / "own.spec.yaml").write_text(SPEC, encoding="utf-8")
    (folder / "own.yaml").unlink(missing_ok=True)
    return float(ds.fit(folder / "own.spec.yaml").outcome.parameters["sd"][0])


def censuses(error: float, rng: np.random.Generator) -> np.ndarray:
    """Three counts of people who die a little less each decade, each with errors of its own."""
    age = np.arange(20)
    out = np.empty((3, 2, 20))
    out[0] = 1e6 * np.exp(-0.02 * age)
    for y in (1, 2):
        survived = np.exp(-(0.02 + 0.0005 * age**2) * (1.0 - 0.1 * y))
        out[y] = 1e6
        out[y, :, 2:] = out[y - 1, :, :-2] * survived[:-2]
    return np.asarray(out * np.exp(error * rng.standard_normal(out.shape)))


def test_errors_that_were_put_in_come_out(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    assert fitted(tmp_path, censuses(0.0, rng)) < 2e-4
    found = [fitted(tmp_path, censuses(0.01, rng)) for _ in range(60)]
    assert np.sqrt(np.mean(np.square(found))) == pytest.approx(0.01, rel=0.1)


def test_censuses_that_are_no_ten_years_apart_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="three censuses ten years apart"):
        fitted(tmp_path, censuses(0.0, np.random.default_rng(1)), (2000, 2010, 2015))


def test_in_a_run_ages_move_against_each_other_and_the_total_stays() -> None:
    quantities = ds.load("hunan").quantities
    draws = Draws(quantities, 5, [STATED, *range(2000)])
    persons = np.ones((2, 2, 101, draws.size)) * np.linspace(2.0, 1.0, 101)[:, None]
    found = misreported(draws["population.age_error"], persons)
    assert np.array_equal(found[..., 0], persons[..., 0])
    assert found.sum(axis=(1, 2)) == pytest.approx(persons.sum(axis=(1, 2)))
    moved = np.log(found[0, 0] / persons[0, 0])[:, 1:]
    for first, last in AGE_GROUPS.values():
        inside = moved[first : 101 if last is None else last + 1]
        assert inside == pytest.approx(np.broadcast_to(inside[0], inside.shape), abs=1e-12)
    apart = (moved[30] - moved[35]).std()  # two errors, whatever the total takes back
    assert apart == pytest.approx(0.0098 * np.sqrt(2.0), rel=0.05)
    assert abs(np.corrcoef(moved[30], moved[35])[0, 1]) < 0.15


def test_a_table_of_ones_own_leaves_the_census_error_behind(tmp_path: Path) -> None:
    rows = ["sex,age,population", *(f"{sex},{age},1000" for sex in ("male", "female") for age in range(101))]
    (tmp_path / "own.csv").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    file = tmp_path / "own.yaml"
    file.write_text(
        "extends: china\nname: own\npopulation: {table: own.csv}\nurbanisation: {urban_share: null}\n", encoding="utf-8"
    )
    try:
        quantities = ds.load(file).quantities
    except InputError as error:  # other keys may ask for more: the error must not be among what is told
        assert "age_error" not in str(error)
    else:
        assert "population.age_error" not in quantities
    with pytest.raises(InputError, match="age_5"):
        ds.load("hunan").replace({"population.age_error": {"value": {"age_6": 0.0}}})
