"""Life tables, old ages and levels on cases with a known answer."""

from __future__ import annotations

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.demography.lifetable import e0_range, infant_a0, level_factor, life_table, period_deaths
from demo_sim.demography.mortality import close_at, expand_abridged, kannisto, old_age_tilt, to_open_age
from demo_sim.errors import InputError
from demo_sim.inputs.build import build_inputs
from demo_sim.inputs.draws import STATED
from demo_sim.inputs.rates import _within_reach


def test_constant_rate_gives_its_inverse() -> None:
    """With the same rate at all ages remaining life is close to 1/m at any age."""
    table = life_table(np.full(121, 0.05), "female")
    assert table.ex[60] == pytest.approx(20.0, rel=1e-3)
    assert table.ex[-1] == pytest.approx(20.0, rel=1e-12)


def test_columns_of_three_ages_by_hand() -> None:
    """m = 0.1, 0.2, 0.5; a0 = 0.29915 for boys."""
    table = life_table(np.array([0.1, 0.2, 0.5]), "male")
    q0 = 0.1 / (1 + 0.70085 * 0.1)
    q1 = 0.2 / 1.1
    l1, l2 = 1 - q0, (1 - q0) * (1 - q1)
    np.testing.assert_allclose(table.lx, [1.0, l1, l2], rtol=1e-15)
    np.testing.assert_allclose(table.Lx, [l1 + 0.29915 * q0, (l1 + l2) / 2, l2 / 0.5], rtol=1e-15)
    assert table.ex[0] == pytest.approx(table.Lx.sum(), rel=1e-15)
    assert table.sx[2] == pytest.approx(table.Lx[2] / (table.Lx[1] + table.Lx[2]), rel=1e-15)


@pytest.mark.parametrize("bad", [[0.01, 2.5, 0.5], [0.01, -0.1, 0.5], [0.01, 0.1, 0.0]])
def test_impossible_rates_are_refused(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="rates must lie in"):
        life_table(np.array(bad), "male")


@pytest.mark.parametrize(("sex", "m0", "a0"), [
    ("male", 0.01, 0.129_335_5), ("male", 0.05, 0.191_330_5), ("male", 0.1, 0.29915),
    ("female", 0.01, 0.128_477_3), ("female", 0.05, 0.240_714_5), ("female", 0.1, 0.31411),
])  # fmt: skip
def test_infant_separation(sex: str, m0: float, a0: float) -> None:
    assert infant_a0(m0, sex) == pytest.approx(a0, rel=1e-12)


def test_level_out_of_reach_is_refused() -> None:
    mx = 1e-4 + 3e-5 * np.exp(0.095 * np.arange(101))
    with pytest.raises(ValueError, match=r"life expectancy of 30\.0 to 140\.0"):
        level_factor(mx, "male", np.array([30.0, 140.0]))


def test_level_of_the_pattern_itself_is_one() -> None:
    mx = 1e-4 + 3e-5 * np.exp(0.095 * np.arange(101))
    e0 = life_table(mx, "female").ex[0]
    assert level_factor(mx, "female", np.array([e0, e0 + 1.0]))[0] == pytest.approx(1.0, abs=1e-9)


def test_a_tilt_bends_the_oldest_ages_and_keeps_life_expectancy() -> None:
    """By hand: at 100 the factor is exp(theta), at 85 the 0.4th power of it, at 75 and below 1."""
    mx = 1e-4 + 3e-5 * np.exp(0.095 * np.arange(101))
    theta = np.array([-0.4, 0.0, 0.2])
    tilt = old_age_tilt(theta, 101)
    np.testing.assert_allclose(tilt[[0, 75, 85, 100]], [np.ones(3), np.ones(3), np.exp(0.4 * theta), np.exp(theta)])
    bent = mx[:, None] * tilt
    factor = level_factor(bent, "female", np.full(3, 81.0))
    for d in range(3):
        assert life_table(bent[:, d] * factor[d], "female").ex[0] == pytest.approx(81.0, abs=1e-9)
    assert factor[0] > factor[1] > factor[2]  # fewer deaths of the oldest are made up for by more before
    oldest = [life_table(bent[:, d] * factor[d], "female").lx[90] for d in range(3)]
    assert oldest[0] > oldest[1] > oldest[2]


def test_period_deaths_by_hand() -> None:
    """Even deaths inside a year: half of a cohort's deaths fall at the younger age where rates are small."""
    mx = np.full((1, 2, 4, 1), 1e-6)
    deaths = np.zeros((1, 2, 4, 1))
    deaths[0, :, 2, 0] = 10.0
    by_age = period_deaths(deaths, mx)[0, 0, :, 0]
    np.testing.assert_allclose(by_age, [0.0, 5.0, 5.0, 0.0], atol=1e-4)


def test_kannisto_finds_its_own_law() -> None:
    x = np.arange(96) + 0.5
    scale = np.array([[0.05], [0.03]])
    odds = scale * np.exp(0.11 * (x - 80.0))
    mx = odds / (1.0 + odds)
    old = np.arange(96, 121) + 0.5
    odds = scale * np.exp(0.11 * (old - 80.0))
    np.testing.assert_allclose(kannisto(mx, 96), odds / (1.0 + odds), rtol=1e-4)


def test_kannisto_refuses_too_few_ages() -> None:
    with pytest.raises(ValueError, match="fewer than five single closed ages"):
        kannisto(np.full((2, 84), 0.05), 84)


def test_a_table_open_at_90_is_extended_by_the_law_of_its_closed_ages() -> None:
    """Not by its one rate of 90 and over, which is far too high at 90 and too low at 105."""
    odds = np.array([[0.05], [0.03]]) * np.exp(0.11 * (np.arange(121) + 0.5 - 80))
    true = odds / (1.0 + odds)
    table = close_at(true, 90)
    found = to_open_age(table, 105)
    np.testing.assert_array_equal(found[:, :90], true[:, :90])
    np.testing.assert_allclose(found[:, 90:105], true[:, 90:105], rtol=1e-3)
    np.testing.assert_allclose(found[:, 105], close_at(true, 105)[:, 105], rtol=1e-3)
    assert (found[:, 104] > 1.5 * table[:, 90]).all() and (found[:, 90] < 0.9 * table[:, 90]).all()


def test_open_age_of_the_table_is_kept_as_it_is() -> None:
    mx = np.random.default_rng(1).uniform(0.01, 0.5, (2, 101))
    assert close_at(mx, 100) is mx
    np.testing.assert_array_equal(to_open_age(mx, 100), mx)


def test_population_totals_do_not_depend_on_where_the_table_is_closed() -> None:
    """A stationary population closed at 100 or 120 has the same persons."""
    mx = np.tile(1e-4 + 3e-5 * np.exp(0.09 * np.arange(121)), (2, 1))
    long, short = life_table(mx[0], "male"), life_table(close_at(mx, 100)[0], "male")
    assert short.Lx.sum() == pytest.approx(long.Lx.sum(), rel=1e-12)
    assert short.Lx[-1] == pytest.approx(long.Lx[100:].sum(), rel=1e-12)


def test_expansion_keeps_ends_and_middles() -> None:
    groups = [(0, 0), (1, 4), *((a, a + 4) for a in range(5, 100, 5)), (100, None)]
    middles = np.array([(a + (b or a) + 1) / 2 for a, b in groups])
    mx = 5e-5 * np.exp(0.09 * middles)
    single = expand_abridged(mx, groups, 101)
    assert single[0] == mx[0] and single[100] == mx[-1]
    np.testing.assert_allclose(single[3:98], 5e-5 * np.exp(0.09 * (np.arange(3, 98) + 0.5)), rtol=1e-9)
    with pytest.raises(ValueError, match="open at 100"):
        expand_abridged(mx, groups, 91)


def test_a_pattern_reaches_the_ends_of_its_range_and_nothing_beyond() -> None:
    mx = 1e-4 + 3e-5 * np.exp(0.095 * np.arange(101))
    least, most = (float(end[0]) for end in e0_range(mx, "male"))
    factor = level_factor(mx, "male", np.array([least, most]))
    assert factor == pytest.approx([min(10.0, 1.99 / mx[:-1].max()), 0.02], rel=1e-9)
    for beyond in (least - 0.01, most + 0.01):
        with pytest.raises(ValueError, match="no level of the pattern"):
            level_factor(mx, "male", np.array([beyond]))


@pytest.mark.parametrize("years", [-65.0, 160.0])
def test_draws_at_the_end_of_a_wide_band_stop_at_what_the_pattern_has(years: float) -> None:
    """A draw of a band is no error of the file; a stated value is, and is told where it stands."""
    scenario = ds.load("hunan").replace({"draws": 4, "period.end": 2025})
    inputs = build_inputs(scenario)
    draws = inputs.draw(np.array([STATED, 0, 1])).draws
    mx = 1e-4 + 3e-5 * np.exp(0.095 * np.arange(101))
    e0 = np.array([70.0, 70.0 + years, 71.0])
    mx = np.repeat(mx[:, None], 3, axis=1)
    reached = _within_reach(e0, mx, "male", 2021, draws)
    least, most = (float(end[0]) for end in e0_range(mx, "male"))
    assert reached.tolist() == [70.0, least if years < 0 else most, 71.0]
    with pytest.raises(InputError, match=r"mortality\.e0.*out of reach of the pattern") as error:
        _within_reach(e0[[1, 0, 2]], mx, "male", 2021, draws)
    assert "预期寿命" in error.value.render("zh") and "hunan.yaml:" in error.value.render("zh")
