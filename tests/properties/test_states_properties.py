"""What holds for any shares, hazards and year in state mode."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from test_states import LEVELS, OLD, random_year

from demo_sim.demography.states import alive_after, generator, solve_mortality
from demo_sim.engine.levels import LevelShares

weights = st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1.0)), min_size=5, max_size=5).filter(lambda v: sum(v) > 0)
hazards = st.lists(st.floats(1e-4, 5.0), min_size=5, max_size=5)
deaths = st.one_of(st.just(0.0), st.floats(1e-12, 1.0 - 1e-12), st.floats(1e-12, 1e-6).map(lambda v: 1.0 - v))


@settings(deadline=None, max_examples=200)
@given(weights, hazards, deaths)
def test_mortality_by_level_keeps_the_death_probability(pi: list[float], h: list[float], qs: float) -> None:
    shares = np.array(pi)[:, None] / sum(pi)
    theta, q = solve_mortality(shares, np.array(h)[:, None], np.array([qs]))
    assert abs(float((shares * q).sum()) - qs) <= 1e-13 * qs
    assert (q >= 0.0).all() and (q <= 1.0).all() and theta[0] >= 0.0
    by_hazard = q[np.argsort(h), 0]
    assert (np.diff(by_hazard) >= 0.0).all()


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.floats(0.0, 5.0), min_size=4, max_size=4),
    st.lists(st.floats(0.0, 2.0), min_size=4, max_size=4),
    st.lists(st.floats(1e-6, 3.0), min_size=5, max_size=5),
)
def test_a_year_of_a_generator_is_two_halves(onward: list[float], recovery: list[float], death: list[float]) -> None:
    q = generator(np.array(onward), np.array(recovery), np.array(death))
    whole, half = alive_after(q), alive_after(0.5 * q)
    np.testing.assert_allclose(whole, half @ half, rtol=1e-11, atol=1e-300)
    assert (whole >= 0.0).all() and (whole.sum(axis=1) < 1.0).all()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([1, 2]), st.sampled_from(["even", "end"]))
def test_shares_are_shares_and_levels_add_up(seed: int, residences: int, timing: str) -> None:
    year = random_year(seed, residences, timing)
    levels = LevelShares(year.prevalence, year.states, 2021)
    got = levels.advance(year.start, year.tables, year.flows, year.when)
    assert (levels.shares >= -1e-15).all()
    np.testing.assert_allclose(levels.shares.sum(axis=3), 1.0, rtol=1e-12)
    np.testing.assert_allclose(got.deaths.sum(axis=3), year.flows.deaths[:, :, OLD:], rtol=1e-11)
    assert got.death.shape[3] == LEVELS and (got.death >= 0.0).all() and (got.death <= 1.0).all()
