"""Lee-Carter: surfaces without noise, likelihood, second stage, coherent sexes, bands that hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.demography.lifetable import life_table
from demo_sim.errors import InputError
from demo_sim.fit.coherent import fit_coherent
from demo_sim.fit.lee_carter import by_least_squares, by_likelihood, e0_of, meet_deaths, meet_e0
from demo_sim.fit.walk import fit_walk, go_on

AGES, YEARS = np.arange(101), np.arange(1990, 2020)
A = np.log(np.exp(-9.3 + 0.092 * AGES) + 0.004 * np.exp(-1.2 * AGES) + 2e-4)
B = np.linspace(1.6, 0.2, AGES.size) / np.linspace(1.6, 0.2, AGES.size).sum()


def walk_index(rng: np.random.Generator, years: int = YEARS.size) -> np.ndarray:
    k = np.cumsum(-1.5 + 1.0 * rng.standard_normal(years))
    return k - k.mean()


def surface(seed: int = 3, people: float = 2e4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Deaths and exposures of both sexes, made up: one index for both, women lower by a fixed ratio."""
    rng = np.random.default_rng(seed)
    k = walk_index(rng)
    gap = np.where(AGES > 90, 0.15, 0.25)
    exposure = np.full((2, AGES.size, YEARS.size), people) * np.exp(-0.0005 * np.maximum(AGES - 50, 0) ** 2)[:, None]
    rates = np.stack([np.exp(A[:, None] + side * gap[:, None] + B[:, None] * k) for side in (1, -1)])
    return rng.poisson(exposure * rates).astype(float), exposure, k


def test_a_surface_without_noise_is_found_again() -> None:
    k = walk_index(np.random.default_rng(1))
    mx = np.exp(A[:, None] + B[:, None] * k)
    for fit in (by_least_squares(mx), by_likelihood(1e5 * mx, np.full(mx.shape, 1e5))):
        assert np.abs(fit.b - B).max() < 1e-10
        assert np.abs(fit.k - k).max() < 1e-10 * np.ptp(k)
        assert fit.b.sum() == pytest.approx(1.0, abs=1e-12) and fit.k.sum() == pytest.approx(0.0, abs=1e-9)
        assert np.abs(fit.rates() / mx - 1.0).max() < 1e-9


def test_the_likelihood_is_at_its_top() -> None:
    """The sums of a fit: deaths by age and by year are met, and no step away is better."""
    deaths, exposure, _ = surface()
    fit = by_likelihood(deaths[0], exposure[0])
    expected = exposure[0] * fit.rates()
    assert np.abs(expected.sum(axis=1) / deaths[0].sum(axis=1) - 1.0).max() < 1e-6
    assert np.abs((fit.b[:, None] * (deaths[0] - expected)).sum(axis=0)).max() < 1e-3

    def likelihood(k: np.ndarray) -> float:
        mean = exposure[0] * fit.rates(k)
        return float((deaths[0] * np.log(mean) - mean).sum())

    for t in (0, 10, 29):
        for step in (-0.3, 0.3):
            k = fit.k.copy()
            k[t] += step
            assert likelihood(k) < likelihood(fit.k)


def test_cells_left_out_do_not_matter() -> None:
    deaths, exposure, _ = surface()
    weights = np.ones(deaths[0].shape)
    weights[:5, :3] = 0.0
    wild = deaths[0].copy()
    wild[:5, :3] *= 50.0
    fits = [by_likelihood(cells, exposure[0], weights) for cells in (deaths[0], wild)]
    assert np.array_equal(fits[0].k, fits[1].k)


def test_second_stage_meets_deaths_and_life_expectancy() -> None:
    deaths, exposure, _ = surface()
    fit = by_least_squares((deaths[0] + 0.5) / exposure[0])
    met = (exposure[0] * fit.rates(meet_deaths(fit, deaths[0], exposure[0]))).sum(axis=0)
    assert np.abs(met / deaths[0].sum(axis=0) - 1.0).max() < 1e-10
    wanted = np.linspace(68.0, 79.0, YEARS.size)
    assert np.abs(e0_of(fit.rates(meet_e0(fit, wanted, "male")), "male") - wanted).max() < 1e-9


def test_life_expectancy_is_that_of_the_life_table() -> None:
    assert e0_of(np.exp(A)[:, None], "female")[0] == life_table(np.exp(A), "female").ex[0]


def test_rates_of_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="rates of zero"):
        by_least_squares(np.array([[0.0, 0.1], [0.1, 0.1]]))


def test_unequal_years_have_the_drift_of_equal_ones() -> None:
    """Every third year of a straight line, and of a walk: the same drift; the spread is that of a year."""
    line = fit_walk(-0.5 * np.array([0.0, 3.0, 10.0]), np.array([2000, 2003, 2010]))
    assert line.drift == pytest.approx(-0.5) and line.sigma == pytest.approx(0.0, abs=1e-12)
    rng = np.random.default_rng(2)
    walk = np.cumsum(rng.standard_normal((4000, 31)), axis=1)
    years = np.array([0, 2, 3, 9, 10, 18, 30])
    spread = [fit_walk(path[years], years).sigma ** 2 for path in walk]
    assert np.mean(spread) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("uncertain", "covered"), [(True, (0.775, 0.825)), (False, (0.59, 0.65))])
def test_bands_hold_only_with_an_uncertain_drift(uncertain: bool, covered: tuple[float, float]) -> None:
    """25 years seen, 25 ahead: `calibration/coverage.py` has 20,000 histories."""
    rng = np.random.default_rng(8)
    paths = np.cumsum(rng.normal(-0.5, 1.0, (1500, 50)), axis=1)
    inside = 0
    for path in paths:
        drawn = go_on(fit_walk(path[:25], np.arange(25)), path[24], 25, 800, rng, drift_uncertain=uncertain)[-1]
        low, high = np.quantile(drawn, [0.1, 0.9])
        inside += low <= path[-1] <= high
    assert covered[0] < inside / len(paths) < covered[1]


def test_sexes_stay_together() -> None:
    deaths, exposure, k = surface()
    fit = fit_coherent(deaths, exposure, YEARS)
    assert np.corrcoef(fit.common.k, k)[0, 1] > 0.995
    assert np.abs(fit.common.b - B)[40:90].max() < 0.003  # below 40 few die
    far = fit.central(200)
    gap = np.log(far[0] / far[1])
    assert np.abs(gap[:, -1] - gap[:, 150]).max() < 1e-3
    drawn = fit.paths(100, 200, np.random.default_rng(4))
    spread = np.log(drawn[0] / drawn[1]).std(axis=-1).mean(axis=0)
    assert spread[99] < 1.2 * spread[49]


def write(folder: Path, deaths: np.ndarray, exposure: np.ndarray) -> Path:
    rows = ["# publisher: Bureau of Nowhere; licence: MIT; date: 2020-01-01; status: published"]
    rows.append("year,sex,age,deaths,exposure")
    for s, sex in enumerate(("male", "female")):
        for t, year in enumerate(YEARS):
            rows += [f"{year},{sex},{x},{deaths[s, x, t]:.0f},{exposure[s, x, t]:.1f}" for x in AGES]
    (folder / "deaths.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    spec = folder / "mortality.spec.yaml"
    spec.write_text(
        'name: nowhere_mortality\nmethod: lee_carter\ndate: "2020-01-01"\ntables: {deaths: deaths.csv}\n'
        "options: {to: 2035}\noutput: mortality.yaml\n",
        encoding="utf-8",
    )
    return spec


def test_a_scenario_runs_on_the_fit(tmp_path: Path) -> None:
    deaths, exposure, _ = surface()
    found = ds.fit(write(tmp_path, deaths, exposure))
    assert [path.name for path in found.files] == ["mortality.csv", "mortality.yaml", "mortality.html"]
    own = tmp_path / "own.yaml"
    own.write_text("extends: hunan\nname: own\nmortality: {fit: mortality.yaml}\n", encoding="utf-8")
    scenario = ds.load(own)
    rows = scenario.quantities["mortality.e0"].rows
    last = {row.sex: row for row in rows if row.year == 2035}
    assert {row.status for row in rows} == {"fitted"}
    assert last["female"].value > last["male"].value > 70.0
    assert last["male"].low < last["male"].value - 0.3 and last["male"].high > last["male"].value + 0.3
    # the last observed year has its own life expectancy
    seen = life_table(deaths[0, :, -1] / exposure[0, :, -1], "male").ex[0]
    assert next(row for row in rows if row.year == 2019 and row.sex == "male").value == pytest.approx(seen, abs=0.006)
    assert scenario.tables["mortality.standard"].file == tmp_path / "mortality.csv"
    # the table beside the block is sealed too
    table = tmp_path / "mortality.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("2019,male,0,", "2019,male,0,0"), encoding="utf-8")
    with pytest.raises(InputError, match="another digest"):
        ds.load(own)


def test_life_expectancy_from_an_earlier_year(tmp_path: Path) -> None:
    """Fitted to the years up to 2009 the next ten years of a made-up history lie about where they came."""
    write(tmp_path, *surface(seed=12)[:2])
    spec = tmp_path / "own.backtest.yaml"
    spec.write_text(
        "name: own\nfit: mortality.spec.yaml\norigins: [2009]\nahead: 10\noutput: own.csv\n", encoding="utf-8"
    )
    found = ds.backtest(spec)
    assert set(found.rows["series"]) == {"e0_male", "e0_female"}
    assert set(found.rows["year"]) == {2010, 2015, 2019}  # every fifth year, and the last
    assert (found.rows["q975"] - found.rows["q025"] > found.rows["q90"] - found.rows["q10"]).all()
    assert found.rows["value"].sub(found.rows["actual"]).abs().max() < 3.0
    assert found.scores["inside_95"].mean() > 0.6


def test_gaps_in_deaths_are_told(tmp_path: Path) -> None:
    deaths, exposure, _ = surface()
    spec = write(tmp_path, deaths, exposure)
    table = tmp_path / "deaths.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join(lines[:50] + lines[51:]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="each year and single age"):
        ds.fit(spec)
