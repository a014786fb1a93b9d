"""Death rates by single age: expansion of abridged tables, old ages, residence."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.optimize import minimize

from demo_sim.demography.ages import Group

LEAST_RATE = 1e-12  # in place of a rate of zero where years are interpolated on the log scale
_HIGHEST = 2.0  # a rate at which nobody lives to the next birthday; small populations print higher ones


def expand_abridged(mx: np.ndarray, groups: list[Group], ages: int) -> np.ndarray:
    """Single-age rates from groups 0, 1-4, 5-9, ..., open: monotone curve through log rates.

    Age 0 and the open group are taken as they are; the curve runs through the middles of the groups
    between, and on to the last closed single age. A group without deaths stays without: the curve passes it by.

    Parameters
    ----------
    mx : (group,), deaths per person-year, two of the closed groups above zero
    groups : as in the table, the last one open
    ages : number of single ages; the last one open and equal to the table's open group

    Returns
    -------
    (age,), deaths per person-year
    """
    start = groups[-1][0]
    if ages - 1 < start:
        raise ValueError(f"the table is open at {start}; the wanted open age {ages - 1} lies below")
    nodes = np.array([0.5, *(0.5 * (a + (a if b is None else b) + 1) for a, b in groups[1:-1])])
    died = mx[:-1] > 0.0
    curve = PchipInterpolator(nodes[died], np.log(mx[:-1][died]), extrapolate=True)
    out = np.empty(start + 1)
    out[0] = mx[0]
    out[1:start] = np.exp(curve(np.arange(1, start) + 0.5))
    for (first, last), some in zip(groups[1:-1], died[1:], strict=True):
        if not some:
            out[first : (first if last is None else last) + 1] = 0.0
    out[start] = mx[-1]
    return out


def kannisto(mx: np.ndarray, first: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Old-age rates of both sexes by the logistic law, one common slope, fitted on ages 80 to 99.

    m(x) = a exp(b (x - 80)) / (1 + a exp(b (x - 80))), by binomial likelihood. If mortality truly followed Gompertz,
    this law would understate deaths at the highest ages; a report names it.

    Parameters
    ----------
    mx : (sex, age), rates of closed single ages, the last closed age at least 84, deaths at some age from 80 up
    first : the first age to replace (the open age of the table)
    weights : (sex, age) exposures; the stationary population of each sex if None

    Returns
    -------
    (sex, 121 - first): rates at ages first..120
    """
    top = min(99, mx.shape[1] - 1)
    x = np.arange(80, top + 1)
    if x.size < 5:
        raise ValueError("fewer than five single closed ages from 80 up: give a model table for old ages")
    rates = mx[:, 80 : top + 1]
    if weights is None:
        lx = np.exp(-np.concatenate([np.zeros((2, 1)), np.cumsum(mx[:, :-1], axis=1)], axis=1))
        weights = lx * np.exp(-0.5 * mx)
    exposure = weights[:, 80 : top + 1]

    def negative_log_likelihood(p: np.ndarray) -> float:
        eta = p[:2, None] + p[2] * (x - 80 + 0.5)
        return float(-(exposure * (rates * eta - np.logaddexp(0.0, eta))).sum())

    level = np.log(np.where(rates[:, 0] > 0.0, rates[:, 0], rates.mean(axis=1)))  # nobody may have died at 80
    start = np.array([*level, 0.1])
    fit = minimize(negative_log_likelihood, start, method="BFGS").x
    old = np.arange(first, 121)
    eta = fit[:2, None] + fit[2] * (old - 80 + 0.5)
    return np.asarray(1.0 / (1.0 + np.exp(-eta)))


def close_at(mx: np.ndarray, open_age: int) -> np.ndarray:
    """Rates closed at a lower open age: m[W] = l[W] / T[W] of the longer table.

    Parameters
    ----------
    mx : (sex, age), the last age open
    open_age : new open age, at most the old one

    Returns
    -------
    (sex, open_age + 1)
    """
    last = mx.shape[1] - 1
    if open_age == last:
        return mx
    out = mx[:, : open_age + 1].copy()
    h = 0.5 * mx
    for s in range(2):
        alive, total = 1.0, 0.0
        for x in range(open_age, last):
            person_years = alive / (1.0 + h[s, x])
            total += person_years
            alive = person_years * (1.0 - h[s, x])
        out[s, open_age] = 1.0 / (total + alive / mx[s, last])
    return out


def to_open_age(mx: np.ndarray, open_age: int) -> np.ndarray:
    """Rates by sex to a wanted open age: closed from a longer table, or extended by the logistic law.

    Rates above 2, the noise of a few very old people, are taken as 2, and an open group in which nobody died has the
    rate of the oldest age at which somebody did.

    Parameters
    ----------
    mx : (sex, age), the last age open
    open_age : 100..120

    Returns
    -------
    (sex, open_age + 1)
    """
    have = mx.shape[1] - 1
    mx = np.minimum(mx, _HIGHEST)
    if have >= open_age:
        oldest = [rates[np.flatnonzero(rates)[-1]] for rates in mx]
        mx[:, -1] = np.where(mx[:, -1] > 0.0, mx[:, -1], oldest)
        return close_at(mx, open_age)
    return close_at(np.concatenate([mx[:, :have], kannisto(mx[:, :have], have)], axis=1), open_age)


def old_age_tilt(theta: np.ndarray, ages: int) -> np.ndarray:
    """Factor on death rates that bends the pattern above age 75: exp(theta (x - 75) / 25), 1 below.

    Model tables differ most at the oldest ages, where registered deaths are scarce; what a census counts there
    against the one before tells theta.

    Parameters
    ----------
    theta : (draw,), log of the factor at age 100
    ages : number of single ages; the open age takes its first year

    Returns
    -------
    (age, draw), dimensionless
    """
    return np.asarray(np.exp(np.maximum(np.arange(ages) - 75.0, 0.0)[:, None] / 25.0 * theta))
