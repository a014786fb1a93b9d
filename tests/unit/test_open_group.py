"""An open age group is split by survivors and the growth of births, and that is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import demo_sim as ds
from demo_sim.demography.lifetable import life_table
from demo_sim.inputs.base import GROWTH, open_further

MX = np.minimum(0.0002 * np.exp(0.092 * np.arange(101)), 0.9)


@settings(deadline=None)
@given(st.integers(55, 99), st.floats(*GROWTH), st.sampled_from(["male", "female"]))
def test_a_stable_population_is_found_again(last: int, growth: float, sex: str) -> None:
    true = life_table(MX, sex).Lx * np.exp(-growth * np.arange(101)) * 1e5
    found = open_further(np.append(true[:last], true[last:].sum()), MX, sex)
    # two groups of five closed ages tell the growth up to how people lie inside them
    np.testing.assert_allclose(found, true, rtol=0.05)
    assert found.sum() == pytest.approx(true.sum(), rel=1e-12)
    np.testing.assert_array_equal(found[:last], true[:last])


def test_nobody_below_the_open_group() -> None:
    single = np.zeros(66)
    single[65] = 700.0
    found = open_further(single, MX, "male")
    assert found.sum() == pytest.approx(700.0) and (np.diff(found[65:-1]) < 0.0).all()


def county(folder: Path, last: int) -> Path:
    """One residence, ages of five years, everything above in one group."""
    survivors = {sex: life_table(MX, sex).Lx for sex in ("male", "female")}
    groups = [*((a, a + 4) for a in range(0, last, 5)), (last, None)]
    rows = [
        f"{sex},{a}{'+' if b is None else f'-{b}'},{1000 * survivors[sex][a : None if b is None else b + 1].sum():.4f}"
        for sex in survivors
        for a, b in groups
    ]
    (folder / "population.csv").write_text("sex,age,population\n" + "\n".join(rows) + "\n", encoding="utf-8")
    ages = [*map(str, range(100)), "100+"]
    rows = [f"{y},{s},{a},{m:.8f}" for y in (2020, 2030) for s in survivors for a, m in zip(ages, MX, strict=True)]
    (folder / "mx.csv").write_text("year,sex,age,mx\n" + "\n".join(rows) + "\n", encoding="utf-8")
    rows = [f"{y},{a},0.05" for y in (2020, 2030) for a in range(20, 40)]
    (folder / "asfr.csv").write_text("year,age,asfr\n" + "\n".join(rows) + "\n", encoding="utf-8")
    file = folder / "county.yaml"
    file.write_text(
        "name: county\nregion: {concept: resident}\nperiod: {base: 2020-11-01, start: 2021, end: 2025}\n"
        "population: {table: population.csv}\nmortality: {table: mx.csv, interpolate: true}\n"
        "fertility: {table: asfr.csv, interpolate: true, srb: 1.05}\nmigration: {net: 0}\ndraws: 0\n",
        encoding="utf-8",
    )
    return file


@pytest.mark.parametrize("last", [60, 65, 80, 85])
def test_a_low_open_group_keeps_its_old_people_and_is_told(last: int, tmp_path: Path) -> None:
    scenario = ds.load(county(tmp_path, last))
    (note,) = scenario.notes
    assert f"ends with {last}+" in note.text_en and note.file.endswith("population.csv") and note.line > 1
    people = ds.simulate(scenario, engine="cohort").central.population.sum(["residence", "sex", "function"])
    true = 1000.0 * sum(life_table(MX, sex).Lx[80:].sum() for sex in ("male", "female"))
    found = people.sel(time=2020).isel(age=slice(80, None)).sum()
    assert float(found) == pytest.approx(true, rel=0.03)
