"""Functional ability in prevalence mode, and fertility schedules."""

from __future__ import annotations

import numpy as np
import pytest

from demo_sim.demography.fertility import residence_rates, rural_ratio_of_births, shift_schedule
from demo_sim.demography.function import (
    FIRST_AGE,
    five_levels,
    healthy_years,
    single_age_prevalence,
    with_odds_ratios,
)
from demo_sim.demography.lifetable import life_table

GROUPS = [(60, 69), (70, 79), (80, None)]


def test_prevalence_passes_through_the_middles_and_is_held_above() -> None:
    shares = np.array([[0.05], [0.15], [0.4]])
    out = single_age_prevalence(shares, GROUPS, 101)
    assert not out[:FIRST_AGE].any()
    # the middle of 60-69 is exact age 65, between the middles of the ages 64 and 65
    assert out[64, 0] < 0.05 < out[65, 0]
    assert out[74, 0] < 0.15 < out[75, 0]
    np.testing.assert_allclose(out[83:, 0], 0.4)
    assert (np.diff(out[FIRST_AGE:, 0]) >= 0.0).all()


def test_odds_ratios_keep_the_share_of_each_age() -> None:
    rng = np.random.default_rng(2)
    population = rng.uniform(10.0, 100.0, (2, 2, 101, 3))
    prevalence = np.zeros((101, 3))
    prevalence[FIRST_AGE:] = rng.uniform(0.05, 0.6, (41, 3))
    out = with_odds_ratios(prevalence, population, np.array([1.3, 1.0, 0.8]), np.array([1.5, 1.0, 2.0]))
    mean = (out * population).sum(axis=(0, 1)) / population.sum(axis=(0, 1))
    np.testing.assert_allclose(mean[FIRST_AGE:], prevalence[FIRST_AGE:], rtol=1e-10)
    odds = out[..., FIRST_AGE:, :] / (1.0 - out[..., FIRST_AGE:, :])
    np.testing.assert_allclose(odds[:, 1] / odds[:, 0], np.broadcast_to([1.3, 1.0, 0.8], (2, 41, 3)), rtol=1e-8)
    np.testing.assert_allclose(odds[1] / odds[0], np.broadcast_to([1.5, 1.0, 2.0], (2, 41, 3)), rtol=1e-8)


def test_five_levels_sum_to_one_and_are_split_as_asked() -> None:
    below, worst = np.array([[0.2, 0.1]]), np.array([[0.05, 0.3]])
    out = five_levels(below, worst, np.array([0.7, 0.7]), np.array([0.6, 0.6]))
    np.testing.assert_allclose(out.sum(axis=0), 1.0, rtol=1e-15)
    np.testing.assert_allclose(out[:, 0, 0], [0.8, 0.15 * 0.7, 0.15 * 0.3, 0.03, 0.02])
    # a share of severe above the share of any is held there
    np.testing.assert_allclose(out[:, 0, 1], [0.9, 0.0, 0.0, 0.06, 0.04], atol=1e-15)


def test_healthy_years_of_a_constant_share() -> None:
    """Sullivan: where a fifth is disabled at every age, four fifths of remaining life are healthy."""
    mx = 1e-4 + 3e-5 * np.exp(0.095 * np.arange(101))
    table = life_table(mx, "female")
    assert healthy_years(mx, "female", np.full(101, 0.2), 60) == pytest.approx(0.8 * table.ex[60], rel=1e-12)
    assert healthy_years(mx, "female", np.zeros(101), 65) == pytest.approx(table.ex[65], rel=1e-12)


def test_schedule_moves_its_mean_age() -> None:
    x = np.arange(101)
    schedule = np.exp(-0.5 * ((x - 28) / 4.0) ** 2) * ((x >= 15) & (x < 50))
    out = shift_schedule(schedule, np.array([-1.0, 0.0, 1.5]))
    mean = (out * x[:, None]).sum(axis=0)
    np.testing.assert_allclose(mean - mean[1], [-1.0, 0.0, 1.5], atol=0.01)


def test_equal_residences_share_births_as_women() -> None:
    asfr = np.zeros((101, 1))
    asfr[20:40] = 0.08
    women = np.ones((2, 101, 1))
    women[0] *= 3.0
    assert rural_ratio_of_births(asfr, women, np.array([0.75]))[0] == pytest.approx(1.0, abs=1e-9)
    np.testing.assert_allclose(residence_rates(asfr, women, np.array([1.0])), np.stack([asfr, asfr]), rtol=1e-15)
