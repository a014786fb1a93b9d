"""Lee-Carter: log death rates as a mean by age and one index of time, by least squares or by the likelihood of deaths.

Lee and Carter 1992; the likelihood after Brouhns, Denuit and Vermunt 2002. Arrays in, arrays out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from demo_sim.demography.lifetable import life_table

_WIDEST = 500.0  # of an index of time, on either side, where it is solved for
_STEPS = 20_000
_SETTLED = 1e-13  # change of the deviance, relative, at which the likelihood is held to be at its top


@dataclass(frozen=True)
class LeeCarter:
    """ln m[x, t] = a[x] + b[x] k[t], sum b = 1, sum k = 0 (before a second stage).

    Attributes
    ----------
    a, b : (age,)
    k : (year,)
    deviance : of the likelihood of deaths; None where the fit is by least squares
    explained : share of the variance of log rates around their means
    """

    a: np.ndarray
    b: np.ndarray
    k: np.ndarray
    deviance: float | None = None
    explained: float | None = None

    def rates(self, k: np.ndarray | None = None) -> np.ndarray:
        """(age, year) death rates of the fit, at other indices of time where they are given."""
        return np.asarray(np.exp(self.a[:, None] + self.b[:, None] * (self.k if k is None else k)))


def by_least_squares(mx: np.ndarray) -> LeeCarter:
    """Leading singular pair of centred log rates.

    Parameters
    ----------
    mx : (age, year), deaths per person-year, all above zero
    """
    if not (mx > 0.0).all():
        raise ValueError("rates of zero have no logarithm: smooth them first, or fit by the likelihood of deaths")
    logs = np.log(mx)
    a = logs.mean(axis=1)
    left, size, right = np.linalg.svd(logs - a[:, None], full_matrices=False)
    total = left[:, 0].sum()
    if abs(total) < 1e-12:
        raise ValueError("the first pattern of change sums to 0 over age: Lee-Carter does not fit these rates")
    b, k = left[:, 0] / total, size[0] * right[0] * total
    return LeeCarter(a, b, k, explained=float(size[0] ** 2 / (size**2).sum()))


def by_likelihood(deaths: np.ndarray, exposure: np.ndarray, weights: np.ndarray | None = None) -> LeeCarter:
    """Poisson likelihood of deaths, by Newton steps for a, b and k in turn.

    Parameters
    ----------
    deaths, exposure : (age, year); cells without exposure have no weight
    weights : (age, year), 0 for cells that are left out; 1 for all where None
    """
    weights = np.ones(deaths.shape) if weights is None else weights
    weights = weights * (exposure > 0.0)
    deaths, exposure = deaths * weights, np.where(weights > 0.0, exposure, 1.0)
    if not (deaths.sum(axis=1) > 0.0).all():
        raise ValueError("an age without deaths in any year: join it with its neighbours")
    a = np.log(deaths.sum(axis=1) / (exposure * weights).sum(axis=1))
    n_ages, n_years = deaths.shape
    b, k = np.full(n_ages, 1.0 / n_ages), np.zeros(n_years)
    before = np.inf
    for _ in range(_STEPS):
        a += _step(deaths, exposure, weights, a, b, k, 1.0, axis=1)
        k += _step(deaths, exposure, weights, a, b, k, b[:, None], axis=0)
        a, k = a + b * k.mean(), k - k.mean()
        if np.ptp(k) > 0.0:
            b += _step(deaths, exposure, weights, a, b, k, k, axis=1)
            total = b.sum()
            b, k = b / total, k * total
        deviance = _deviance(deaths, weights, weights * exposure * np.exp(a[:, None] + b[:, None] * k))
        if abs(before - deviance) <= _SETTLED * (abs(deviance) + 1.0):
            break
        before = deviance
    else:
        raise ValueError("the likelihood has not settled: the deaths do not follow Lee-Carter")
    return LeeCarter(a, b, k, deviance=deviance)


def _step(
    deaths: np.ndarray,
    exposure: np.ndarray,
    weights: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    k: np.ndarray,
    slope: np.ndarray | float,
    axis: int,
) -> np.ndarray:
    expected = weights * exposure * np.exp(a[:, None] + b[:, None] * k)
    curvature = (expected * np.square(slope)).sum(axis=axis)
    change = ((deaths - expected) * slope).sum(axis=axis)
    return np.divide(change, curvature, out=np.zeros_like(change), where=curvature > 0.0)


def _deviance(deaths: np.ndarray, weights: np.ndarray, expected: np.ndarray) -> float:
    logs = np.log(np.divide(deaths, expected, out=np.ones_like(deaths), where=deaths > 0.0))
    return float(2.0 * (weights * (deaths * logs - (deaths - expected))).sum())


def meet_deaths(fit: LeeCarter, deaths: np.ndarray, exposure: np.ndarray) -> np.ndarray:
    """Second stage: the index of each year at which expected deaths of all ages equal those counted; (year,)."""

    def excess(k: float, t: int) -> float:
        return float((exposure[:, t] * np.exp(fit.a + fit.b * k)).sum() - deaths[:, t].sum())

    return _solved(excess, fit.k)


def meet_e0(fit: LeeCarter, e0: np.ndarray, sex: str) -> np.ndarray:
    """Second stage: the index of each year at which life expectancy at birth is the one published; (year,)."""

    def excess(k: float, t: int) -> float:
        return e0_of(np.exp(fit.a + fit.b * k)[:, None], sex)[0] - float(e0[t])

    return _solved(excess, fit.k)


def _solved(excess, k: np.ndarray) -> np.ndarray:  # type: ignore[no-untyped-def]
    out = np.empty_like(k)
    for t, near in enumerate(k):
        low, high, width = near - 0.5, near + 0.5, 0.5
        while excess(low, t) * excess(high, t) > 0.0:
            width *= 2.0
            if width > _WIDEST:
                raise ValueError("no index of time meets the figure of a year")
            low, high = near - width, near + width
        out[t] = brentq(excess, low, high, args=(t,), xtol=1e-13, rtol=1e-14)
    return out


def e0_of(mx: np.ndarray, sex: str) -> np.ndarray:
    """Life expectancy at birth of rates by age, the last open; (draw,) of (age, draw)."""
    return np.array([life_table(rates, sex).ex[0] for rates in mx.T])
