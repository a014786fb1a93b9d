"""What holds for any split of age groups and any open age."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo_sim.demography.ages import Group, age_mask, split_by_spline, split_by_template
from demo_sim.demography.fertility import residence_rates, rural_ratio_of_births, shift_schedule
from demo_sim.demography.lifetable import level_factor, life_table
from demo_sim.demography.mortality import close_at, to_open_age

quick = settings(deadline=None, max_examples=50, derandomize=True)
GROUPS: list[Group] = [(0, 0), (1, 4), *((a, a + 4) for a in range(5, 85, 5)), (85, None)]
totals = st.lists(st.integers(0, 10**7), min_size=len(GROUPS), max_size=len(GROUPS)).map(lambda v: np.array(v, float))
seeds = st.integers(0, 2**32 - 1)


def sums(single: np.ndarray) -> np.ndarray:
    return np.array([single[age_mask(g, single.shape[0])].sum() for g in GROUPS])


def rates(seed: int, ages: int = 121) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = np.arange(ages)
    mx = 1e-4 + rng.uniform(1e-5, 6e-5, (2, 1)) * np.exp(rng.uniform(0.08, 0.095) * x)
    mx[:, 0] = rng.uniform(0.002, 0.05, 2)
    return np.asarray(mx / (1.0 + mx))


@quick
@given(totals, seeds)
def test_template_keeps_every_sum(values: np.ndarray, seed: int) -> None:
    template = np.random.default_rng(seed).uniform(0.1, 10.0, 101)
    single = split_by_template(values, GROUPS, template)
    assert (single >= 0.0).all()
    np.testing.assert_allclose(sums(single), values, rtol=1e-12)


@quick
@given(totals)
def test_spline_keeps_every_sum_and_no_age_is_negative(values: np.ndarray) -> None:
    single = split_by_spline(values, GROUPS, 101)
    assert (single >= -1e-9 * values.sum()).all()
    np.testing.assert_allclose(sums(single), values, rtol=1e-9, atol=1e-9 * values.sum())


@quick
@given(seeds, st.integers(100, 120))
def test_closing_at_a_lower_age_keeps_life_expectancy(seed: int, open_age: int) -> None:
    mx = rates(seed)
    closed = close_at(mx, open_age)
    assert closed.shape == (2, open_age + 1)
    for s, sex in enumerate(("male", "female")):
        long, short = life_table(mx[s], sex), life_table(closed[s], sex)
        np.testing.assert_allclose(short.ex[:open_age], long.ex[:open_age], rtol=1e-12)
        np.testing.assert_allclose(short.Tx[open_age], long.Tx[open_age], rtol=1e-12)
        # nobody is lost in between either: survival into the open group is that of the longer table
        assert short.sx[-1] == pytest.approx(long.Tx[open_age] / long.Tx[open_age - 1], rel=1e-12)


@quick
@given(seeds, st.integers(85, 100), st.integers(100, 120))
def test_any_open_age_gives_rates_of_that_length(seed: int, have: int, open_age: int) -> None:
    mx = rates(seed, have + 1)
    out = to_open_age(mx, open_age)
    assert out.shape == (2, open_age + 1)
    np.testing.assert_array_equal(out[:, :have], mx[:, :have])
    assert ((out > 0.0) & (out < 2.0)).all()


@quick
@given(seeds, st.floats(60.0, 95.0), st.sampled_from(["male", "female"]))
def test_level_reaches_the_life_expectancy(seed: int, e0: float, sex: str) -> None:
    mx = rates(seed, 101)[0]
    factor = level_factor(mx, sex, np.array([e0]))[0]
    assert life_table(mx * factor, sex).ex[0] == pytest.approx(e0, abs=1e-9)


@quick
@given(seeds, st.floats(-3.0, 3.0))
def test_shifted_schedule_sums_to_one(seed: int, years: float) -> None:
    schedule = np.zeros(101)
    schedule[15:50] = np.random.default_rng(seed).uniform(0.01, 1.0, 35)
    out = shift_schedule(schedule, np.array([years, 0.0]))
    np.testing.assert_allclose(out.sum(axis=0), 1.0, rtol=1e-12)
    np.testing.assert_allclose(out[:, 1], schedule / schedule.sum(), rtol=1e-12)
    assert (out >= 0.0).all() and not out[:15].any() and not out[50:].any()


@quick
@given(seeds, st.floats(0.3, 0.7))
def test_births_by_residence_keep_births_by_age(seed: int, urban_share: float) -> None:
    rng = np.random.default_rng(seed)
    asfr = np.zeros((101, 1))
    asfr[15:50] = rng.uniform(0.0, 0.2, (35, 1))
    women = rng.uniform(1e3, 2e3, (2, 101, 1))
    ratio = rural_ratio_of_births(asfr, women, np.array([urban_share]))
    out = residence_rates(asfr, women, ratio)
    births = out * women
    np.testing.assert_allclose(births.sum(axis=0), asfr * women.sum(axis=0), rtol=1e-12)
    assert births[0].sum() / births.sum() == pytest.approx(urban_share, rel=1e-9)
