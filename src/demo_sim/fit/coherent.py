"""Mortality of both sexes by Lee-Carter with a common factor (Li and Lee 2005): sexes that do not drift apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.fit.autoregression import Autoregression, fit_autoregression
from demo_sim.fit.lee_carter import LeeCarter, by_least_squares, by_likelihood, meet_deaths
from demo_sim.fit.walk import Walk, fit_walk, go_on

SEXES = ("male", "female")


@dataclass(frozen=True)
class Coherent:
    """ln m[s, x, t] = a[s, x] + B[x] K[t] + b[s, x] k[s, t]; K a walk with drift, k of each sex returns to its mean.

    Attributes
    ----------
    common : factor of both sexes together, its index after the second stage
    walk : of the common index
    own_b : (sex, age), own_k : (sex, year), own : how the own indices go on
    last : (sex, age), log rates of the last year, from which forecasts start
    """

    common: LeeCarter
    walk: Walk
    own_b: np.ndarray
    own_k: np.ndarray
    own: tuple[Autoregression, ...]
    last: np.ndarray

    def central(self, years: int) -> np.ndarray:
        """Death rates without chance; (sex, age, year)."""
        change = self.walk.drift * np.arange(1, years + 1)
        own = np.stack([auto.central(k[-1], years) - k[-1] for auto, k in zip(self.own, self.own_k, strict=True)])
        return self._rates(change, own)

    def paths(self, years: int, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Death rates of drawn paths; (sex, age, year, draw)."""
        change = go_on(self.walk, 0.0, years, draws, rng)
        own = [auto.go_on(k[-1], years, draws, rng) - k[-1] for auto, k in zip(self.own, self.own_k, strict=True)]
        return self._rates(change, np.stack(own))

    def _rates(self, change: np.ndarray, own: np.ndarray) -> np.ndarray:
        common = np.multiply.outer(self.common.b, change)
        return np.stack(
            [np.exp(last.reshape(-1, *[1] * change.ndim) + common + np.multiply.outer(b, k))
             for last, b, k in zip(self.last, self.own_b, own, strict=True)]
        )  # fmt: skip


def fit_coherent(
    deaths: np.ndarray, exposure: np.ndarray, years: np.ndarray, *, likelihood: bool = True, second_stage: bool = True
) -> Coherent:
    """Common factor, own factors and how they go on.

    Parameters
    ----------
    deaths, exposure : (sex, age, year)
    years : (year,), equally far apart or not
    likelihood : by the likelihood of deaths, else by least squares of log rates
    second_stage : meet the deaths of each year
    """
    both, lived = deaths.sum(axis=0), exposure.sum(axis=0)
    common = by_likelihood(both, lived) if likelihood else by_least_squares(both / lived)
    if second_stage:
        k = meet_deaths(common, both, lived)
        common = LeeCarter(common.a, common.b, k, common.deviance, common.explained)
    factor = common.b[:, None] * common.k
    # a cell without deaths says nothing of its own: it follows the common factor
    expected = deaths.sum(axis=2) / (exposure * np.exp(factor)).sum(axis=2)
    if not (expected > 0.0).all():
        raise ValueError(
            "有年龄在所有年份都没有死亡：请并组", "an age without deaths in any year: join it with its neighbours"
        )
    logs = np.where(deaths > 0.0, np.log(np.where(deaths > 0.0, deaths, 1.0) / exposure), np.nan)
    a = np.log(expected)
    left = np.nan_to_num(logs - a[:, :, None] - factor)
    own_b, own_k = np.empty_like(a), np.empty((len(SEXES), years.size))
    for s, cells in enumerate(left):
        up, size, across = np.linalg.svd(cells, full_matrices=False)
        scale = np.abs(up[:, 0]).sum() * (1.0 if up[:, 0].sum() >= 0.0 else -1.0)
        own_b[s], own_k[s] = up[:, 0] / scale, size[0] * across[0] * scale
    own = tuple(_returning(k) for k in own_k)
    last = np.where(np.isfinite(logs[:, :, -1]), logs[:, :, -1], a + factor[:, -1])
    return Coherent(common, fit_walk(common.k, years), own_b, own_k, own, last)


def _returning(k: np.ndarray) -> Autoregression:
    """How an own index goes on; where it shows no persistence it has none."""
    return fit_autoregression(k, None, None if k.size >= 12 else 0.5)
