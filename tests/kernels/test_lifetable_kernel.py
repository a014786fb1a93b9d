"""The life-table kernels against the textbook table in 40 digits."""

from __future__ import annotations

import numpy as np
import pytest
from samples import death_rates
from textbook import life_table

from demo_sim.kernels.lifetable import e0_of_factor, survival_deficit

SEXES = ("male", "female")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("residences", "ages"), [(1, 101), (2, 121), (2, 3)])
def test_survival_deficit_equals_the_textbook(seed: int, residences: int, ages: int) -> None:
    rng = np.random.default_rng(seed)
    mx = death_rates(rng, residences, ages)
    factor = rng.uniform(0.3, 1.5, (residences, 2, 3))
    qs = np.full((residences, 2, ages, 3), np.nan)
    survival_deficit(mx[..., None] * factor[:, :, None], qs)
    for r, s, d in np.ndindex(residences, 2, 3):
        expected = life_table(mx[r, s] * factor[r, s, d], SEXES[s]).qs
        np.testing.assert_allclose(qs[r, s, :, d], expected, rtol=1e-12, atol=0.0)


def test_deficit_keeps_its_digits_at_the_lowest_rates() -> None:
    mx = np.full((1, 2, 101), 1e-9)
    mx[..., -1] = 0.3
    qs = np.empty((1, 2, 101, 1))
    survival_deficit(mx[..., None].copy(), qs)
    for s in range(2):
        np.testing.assert_allclose(qs[0, s, :, 0], life_table(mx[0, s], SEXES[s]).qs, rtol=1e-12, atol=0.0)


@pytest.mark.parametrize("m0", [0.001, 0.01723, 0.01725, 0.02299, 0.02301, 0.0688, 0.0690, 0.0830, 0.0831, 0.2])
@pytest.mark.parametrize("sex", SEXES)
def test_infant_deaths_on_each_branch(m0: float, sex: str) -> None:
    mx = np.full((1, 2, 101), 0.02)
    mx[..., 0] = m0
    qs = np.empty((1, 2, 101, 1))
    survival_deficit(mx[..., None].copy(), qs)
    s = SEXES.index(sex)
    np.testing.assert_allclose(qs[0, s, :, 0], life_table(mx[0, s], sex).qs, rtol=1e-12, atol=0.0)


@pytest.mark.parametrize("sex", SEXES)
def test_life_expectancy_equals_the_textbook(sex: str) -> None:
    rng = np.random.default_rng(11)
    mx = death_rates(rng, 1, 101)[0, 0]
    factor = np.array([0.05, 0.4, 1.0, 1.4])
    patterns = np.stack([mx, 0.5 * mx, mx, 1.2 * mx], axis=1)
    alive, e0 = np.empty(4), np.empty(4)
    e0_of_factor(patterns, factor, sex == "female", alive, e0)
    expected = [life_table(m * k, sex).e0 for m, k in zip(patterns.T, factor, strict=True)]
    np.testing.assert_allclose(e0, expected, rtol=1e-12)
