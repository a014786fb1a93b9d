"""Constant rates: the population must become stationary or stable as the theory says."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from samples import death_rates, take_step, year_inputs
from textbook import life_table

AGES = 101
FEMALE_SHARE = 1.0 / 2.06


def closed_population(seed: int, growth: float = 1.0) -> tuple[SimpleNamespace, np.ndarray]:
    """A closed population, one residence, whose net reproduction rate is `growth`; and its stationary form."""
    rng = np.random.default_rng(seed)
    mx = death_rates(rng, 1, AGES)[0]
    tables = [life_table(mx[s], sex) for s, sex in enumerate(("male", "female"))]
    years_lived = np.array([[float(v) for v in t.Lx] for t in tables])
    inputs = year_inputs(seed, 1, AGES, 1)
    inputs.external[:] = 0.0
    inputs.qs[0, :, :, 0] = [t.qs for t in tables]
    inputs.male_share[:] = 1.0 - FEMALE_SHARE
    # daughters per woman over a life: the net reproduction rate
    inputs.asfr *= growth / (FEMALE_SHARE * (inputs.asfr[0, :, 0] * years_lived[1]).sum())
    born = np.array([1.0 - FEMALE_SHARE, FEMALE_SHARE])[:, None]
    return inputs, 1e6 * born * years_lived


def after(inputs: SimpleNamespace, stock: np.ndarray) -> np.ndarray:
    inputs.start = np.ascontiguousarray(stock)
    return take_step(inputs).end


@pytest.mark.parametrize("seed", range(3))
def test_stationary_population_stays(seed: int) -> None:
    """With a net reproduction rate of 1 the life-table population comes back year after year."""
    inputs, stationary = closed_population(seed)
    stock = stationary[None, ..., None]
    for _ in range(200):
        stock = after(inputs, stock)
    np.testing.assert_allclose(stock[0, ..., 0], stationary, rtol=1e-9)


def step_matrix(inputs: SimpleNamespace) -> np.ndarray:
    """The year as a matrix, one column for each cell of one person."""
    residences = inputs.start.shape[0]
    size = residences * 2 * AGES
    people = np.eye(size).reshape(residences, 2, AGES, size)
    wide = SimpleNamespace(**vars(inputs))
    for name in ("qs", "asfr", "male_share", "external", "move_rate", "reclass_rate"):
        setattr(wide, name, np.ascontiguousarray(np.repeat(getattr(inputs, name), size, axis=-1)))
    return after(wide, people).reshape(size, size)


def leslie(inputs: SimpleNamespace) -> np.ndarray:
    """Women's matrix by the formulas: survival below the diagonal, births of both halves of the year on top."""
    survival = 1.0 - inputs.qs[0, 1, :, 0]
    asfr = inputs.asfr[0, :, 0]
    matrix = np.zeros((AGES, AGES))
    for x in range(AGES):
        reached = min(x + 1, AGES - 1)
        matrix[reached, x] += survival[reached]
        matrix[0, x] = survival[0] * FEMALE_SHARE * 0.5 * (asfr[x] + survival[reached] * asfr[reached])
    return matrix


@pytest.mark.parametrize("growth", [0.5, 1.0, 1.7])
def test_step_is_the_leslie_matrix(growth: float) -> None:
    inputs, _ = closed_population(4, growth)
    women = step_matrix(inputs)[AGES:, AGES:]
    np.testing.assert_allclose(women, leslie(inputs), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("residences", "growth"), [(1, 0.5), (1, 1.7), (2, 1.0)])
def test_growth_is_the_leading_eigenvalue(residences: int, growth: float) -> None:
    """After many years any population grows by the leading eigenvalue and has its eigenvector's shape."""
    if residences == 1:
        inputs, _ = closed_population(5, growth)
    else:
        inputs = year_inputs(5, 2, AGES, 1)
        inputs.external[:] = 0.0
    values, vectors = np.linalg.eig(step_matrix(inputs))
    lead = np.argmax(values.real)
    shape = np.abs(vectors[:, lead].real)
    stock = inputs.start
    for _ in range(3000):
        stock = after(inputs, stock)
        stock /= stock.sum()
    assert after(inputs, stock).sum() == pytest.approx(values[lead].real, rel=1e-9)
    np.testing.assert_allclose(stock.ravel(), shape / shape.sum(), rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("growth", [0.6, 1.5])
def test_growth_follows_lotka(growth: float) -> None:
    """The yearly factor solves the discrete Euler-Lotka equation of the same rates."""
    inputs, stationary = closed_population(6, growth)
    top = leslie(inputs)[0]
    survivors = np.cumprod(np.concatenate([[1.0], 1.0 - inputs.qs[0, 1, 1 : AGES - 1, 0]]))
    low, high = 0.9, 1.1
    for _ in range(200):
        middle = 0.5 * (low + high)
        renewal = (top[: AGES - 1] * survivors / middle ** np.arange(1, AGES)).sum()
        low, high = (middle, high) if renewal > 1.0 else (low, middle)
    stock = stationary[None, ..., None]
    for _ in range(3000):
        stock = after(inputs, stock)
        stock /= stock.sum()
    assert after(inputs, stock).sum() == pytest.approx(low, rel=1e-9)
