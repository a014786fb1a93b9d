"""A solver never lets one draw wait for another: some draws give to the last bit what they give among all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo_sim.demand.exclusive import fit_weights
from demo_sim.demography.function import with_odds_ratios
from demo_sim.demography.lifetable import level_factor
from demo_sim.demography.raking import Margin, rake
from demo_sim.demography.states import alive_after, generator, solve_mortality, solve_onward

DRAWS = 9  # of unequal difficulty: some arrive in the first round, others in the last
Solver = Callable[[np.random.Generator, np.ndarray], np.ndarray]


def spread(rng: np.random.Generator, low: float, high: float, *shape: int) -> np.ndarray:
    return rng.uniform(low, high, (*shape, DRAWS))


def raked(rng: np.random.Generator, some: np.ndarray) -> np.ndarray:
    table, total = spread(rng, 0.01, 50.0, 2, 12), spread(rng, 1.0, 1e6)
    young, men = spread(rng, 0.05, 0.9), spread(rng, 0.3, 0.7)
    ages = np.broadcast_to(np.arange(12) // 6, (2, 12))
    sexes = np.broadcast_to(np.arange(2)[:, None], (2, 12))
    margins = [
        Margin(ages, (np.stack([young, 1.0 - young]) * total)[:, some]),
        Margin(sexes, (np.stack([men, 1.0 - men]) * total)[:, some]),
    ]
    return rake(table[..., some], margins)


def odds(rng: np.random.Generator, some: np.ndarray) -> np.ndarray:
    shares, people = spread(rng, 1e-4, 0.95, 101), spread(rng, 0.0, 1e5, 2, 2, 101)
    women, rural = spread(rng, 0.1, 8.0), spread(rng, 0.1, 8.0)
    return with_odds_ratios(shares[:, some], people[..., some], women[some], rural[some])


def level(rng: np.random.Generator, some: np.ndarray) -> np.ndarray:
    mx = np.exp(-9.0 + 0.085 * np.arange(101))
    return level_factor(mx, "female", spread(rng, 65.0, 95.0)[some])


def weights(rng: np.random.Generator, some: np.ndarray) -> np.ndarray:
    possible = np.array([[1, 0, 1], [0, 1, 1]], bool)
    people, wanted = spread(rng, 0.0, 100.0, 3, 4), spread(rng, 0.0, 120.0, 2, 4)
    return fit_weights(people[..., some], possible, wanted[..., some])


def hazards(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return np.exp(rng.uniform(-6.0, 2.5, (DRAWS, *shape)))


def a_year(rng: np.random.Generator, some: np.ndarray) -> np.ndarray:
    q = generator(hazards(rng, 4), hazards(rng, 4), hazards(rng, 5))
    return alive_after(q[some])


def onward(rng: np.random.Generator, some: np.ndarray) -> np.ndarray:
    start, target = (rng.dirichlet(np.ones(5), DRAWS)[some] for _ in range(2))
    qs = rng.uniform(0.001, 0.4, DRAWS)[some]
    found = solve_onward(start, target, qs, hazards(rng, 4)[some], hazards(rng, 4)[some], 1.0 + hazards(rng, 5)[some])
    return np.concatenate([found.given_survival.reshape(len(some), -1), found.hazard, found.factors], axis=1)


def mortality(rng: np.random.Generator, some: np.ndarray) -> np.ndarray:
    pi = np.moveaxis(rng.dirichlet(np.ones(5), (3, DRAWS)), -1, 1)
    qs = 10.0 ** spread(rng, -9.0, 0.0, 3)
    theta, q = solve_mortality(pi[..., some], np.moveaxis(hazards(rng, 5), 0, -1)[None][..., some], qs[..., some])
    return np.concatenate([theta[:, None], q], axis=1)


DRAW_FIRST = (a_year, onward)


@pytest.mark.parametrize("solver", [raked, odds, level, weights, a_year, onward, mortality])
@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.permutations(range(DRAWS)), st.integers(2, DRAWS))
def test_some_draws_give_what_they_give_among_all(solver: Solver, seed: int, order: list[int], count: int) -> None:
    some = np.array(order[:count])
    every = solver(np.random.default_rng(seed), np.arange(DRAWS))
    own = solver(np.random.default_rng(seed), some)
    np.testing.assert_array_equal(own, every[some] if solver in DRAW_FIRST else every[..., some])
