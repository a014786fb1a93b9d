"""Functional ability in state mode: yearly transitions among five levels and death.

One year at one age is a row of expm(Q), with a generator Q of onward moves one level down, recovery one level up
and death from each level. Shapes of the hazards are given; how high the onward ones are is solved, so that the
stated prevalence follows from one age to the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm

LEVELS = 5
DEAD = LEVELS
FADE_FROM, FADE_TO = 80, 90  # ages between which the mortality ratios sink to those of the oldest
FACTOR_LIMITS = (1e-4, 1e4)  # the search for an onward factor ends here
_PULL = 1.0  # largest step of a logarithm in one Newton iteration
_NUDGE = 1e-6  # of a logarithm, for the numerical derivative


@dataclass(frozen=True)
class TransitionShape:
    """Relative sizes of the yearly hazards between neighbouring levels.

    Attributes
    ----------
    onward : (4,), from intact, mild, moderate, severe to the next worse level, per year at `age`
    recovery : (4,), from mild, moderate, severe, total to the next better level, per year at `age`
    doubling : years of age in which onward hazards double
    halving : years of age in which recovery halves
    age : at which the hazards hold
    """

    onward: np.ndarray
    recovery: np.ndarray
    doubling: float
    halving: float
    age: float

    def at(self, ages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Onward and recovery hazards at some ages; (age, 4) each."""
        years = np.asarray(ages, float)[:, None] - self.age
        return self.onward * 2.0 ** (years / self.doubling), self.recovery * 0.5 ** (years / self.halving)


@dataclass(frozen=True)
class Transitions:
    """Transitions of one year that carry a prevalence from one age to the next.

    Attributes
    ----------
    given_survival : (..., 5, 5), level at the end by level at the start among survivors (A)
    hazard : (..., 5), -ln of the survival of each level (h)
    factors : (..., 4), onward hazards over those of the shape
    miss : (...), largest relative miss of a cumulative share; about zero where the prevalence can be reached
    """

    given_survival: np.ndarray
    hazard: np.ndarray
    factors: np.ndarray
    miss: np.ndarray


def mortality_ratios(ratios: np.ndarray, oldest_share: float, ages: np.ndarray) -> np.ndarray:
    """Mortality of each level over that of the intact, by age.

    The excess over 1 is whole up to age 80 and sinks in a straight line to `oldest_share` of itself at 90, where
    it stays. The source states the two ends; the line between them is a choice.

    Parameters
    ----------
    ratios : (4,), mild, moderate, severe, total
    oldest_share : part of the excess that is left from age 90 on
    ages : (age,), years

    Returns
    -------
    (age, 5), 1 for the intact
    """
    part = np.interp(ages, [FADE_FROM, FADE_TO], [1.0, oldest_share])
    out = np.ones((len(part), LEVELS))
    out[:, 1:] += part[:, None] * (np.asarray(ratios) - 1.0)
    return out


def generator(onward: np.ndarray, recovery: np.ndarray, death: np.ndarray) -> np.ndarray:
    """Generator Q of the five levels and death; rows sum to 0.

    Parameters
    ----------
    onward, recovery : (..., 4), hazards per year from level j to j + 1, and from j + 1 to j
    death : (..., 5), hazards of death by level

    Returns
    -------
    (..., 6, 6), death last
    """
    shape = np.broadcast_shapes(onward.shape[:-1], recovery.shape[:-1], death.shape[:-1])
    q = np.zeros((*shape, LEVELS + 1, LEVELS + 1))
    levels = np.arange(LEVELS - 1)
    q[..., levels, levels + 1] = onward
    q[..., levels + 1, levels] = recovery
    q[..., :LEVELS, DEAD] = death
    diagonal = np.arange(LEVELS + 1)
    q[..., diagonal, diagonal] = -q.sum(axis=-1)
    return q


def one_year(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Transitions given survival A and cumulated hazard of death h of one year of a generator.

    Parameters
    ----------
    q : (..., 6, 6)

    Returns
    -------
    A (..., 5, 5), rows sum to 1; h (..., 5), -ln(1 - P[level][dead])
    """
    p = expm(q)[..., :LEVELS, :LEVELS]
    alive = p.sum(axis=-1)
    return p / alive[..., None], -np.log(alive)


def solve_onward(
    start: np.ndarray,
    target: np.ndarray,
    deaths: np.ndarray,
    onward: np.ndarray,
    recovery: np.ndarray,
    ratios: np.ndarray,
    iterations: int = 40,
) -> Transitions:
    """Transitions that bring the shares of one age to those of the next, with a given mortality in all.

    Four factors on the onward hazards and the mortality of the intact are solved together by Newton steps on
    their logarithms, so that the survivors have the four cumulative shares (mild or worse ... total) of `target`
    and the share `deaths` dies. Recovery and the mortality ratios are fixed.

    Parameters
    ----------
    start, target : (..., 5), shares of the levels at the start and among the survivors
    deaths : (...), probability of death of all levels together
    onward, recovery : (..., 4), hazards per year of the shape
    ratios : (..., 5), mortality over that of the intact
    iterations : at most so many

    Returns
    -------
    Transitions; where no factors reach the target, the nearest found, with its `miss`
    """
    cells = start.shape[:-1]
    flat = [np.broadcast_to(a, (*cells, a.shape[-1])).reshape(-1, a.shape[-1]) for a in (start, target, onward)]
    start, target, onward = flat
    recovery = np.broadcast_to(recovery, (*cells, LEVELS - 1)).reshape(-1, LEVELS - 1)
    ratios = np.broadcast_to(ratios, (*cells, LEVELS)).reshape(-1, LEVELS)
    qs = np.clip(np.broadcast_to(deaths, cells).reshape(-1), 1e-9, 1.0 - 1e-9)
    wanted = np.log(np.maximum(_worse(target), 1e-12))

    def miss_of(unknown: np.ndarray, at: np.ndarray) -> np.ndarray:
        factors, level = np.exp(unknown[..., :4]), np.exp(unknown[..., 4:])
        a, h = one_year(generator(onward[at] * factors, recovery[at], ratios[at] * level))
        alive = start[at] * np.exp(-h)
        total = alive.sum(axis=-1)
        shares = ((alive / total[..., None])[..., None] * a).sum(axis=-2)
        worse = np.log(np.maximum(_worse(shares), 1e-300)) - wanted[at]
        died = np.log(-np.log(total)) - np.log(-np.log1p(-qs[at]))
        return np.concatenate([worse, died[..., None]], axis=-1)

    unknown = np.zeros((len(start), 5))
    unknown[:, 4] = np.log(-np.log1p(-qs) / (start * ratios).sum(axis=-1))
    limits = np.log(np.array(FACTOR_LIMITS))
    every = np.arange(len(start))
    miss = miss_of(unknown, every)
    best, least = unknown.copy(), np.abs(miss).max(axis=-1)
    for _ in range(iterations):
        at = np.flatnonzero(least > 1e-11)
        if at.size == 0:
            break
        nudged = np.repeat(unknown[at][None], 5, axis=0) + _NUDGE * np.eye(5)[:, None, :]
        slope = np.moveaxis((miss_of(nudged, at) - miss[at]) / _NUDGE, 0, -1)
        # a touch on the diagonal keeps cells solvable whose share no longer answers to a factor
        slope = slope + 1e-12 * np.eye(5)
        step = -np.linalg.solve(slope, miss[at][..., None])[..., 0]
        step *= np.minimum(1.0, _PULL / np.maximum(np.abs(step).max(axis=-1, keepdims=True), 1e-300))
        unknown[at] += step
        unknown[at, :4] = np.clip(unknown[at, :4], *limits)
        miss[at] = miss_of(unknown[at], at)
        now = np.abs(miss).max(axis=-1)
        better = now < least
        best[better], least[better] = unknown[better], now[better]
    factors = np.exp(best[:, :4])
    a, h = one_year(generator(onward * factors, recovery, ratios * np.exp(best[:, 4:])))
    return Transitions(
        a.reshape(*cells, LEVELS, LEVELS),
        h.reshape(*cells, LEVELS),
        factors.reshape(*cells, LEVELS - 1),
        np.abs(np.expm1(miss_of(best, every)[:, :4])).max(axis=-1).reshape(cells),
    )


def _worse(shares: np.ndarray) -> np.ndarray:
    """Cumulative shares mild or worse ... total; (..., 4)."""
    return np.asarray(np.cumsum(shares[..., ::-1], axis=-1)[..., -2::-1])


def solve_mortality(pi: np.ndarray, hazard: np.ndarray, qs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The factor theta on the hazards of all levels that gives a cell its probability of death.

    With q_d = 1 - exp(-theta h_d), theta solves sum_d pi_d q_d = qs. Newton on the cumulated hazard of the whole
    cell, -ln(sum_d pi_d exp(-theta h_d)), which rises and bends down: from the left it never overshoots.

    Parameters
    ----------
    pi : (..., level, draw), shares of the source cohort, sum to 1 over the level
    hazard : (..., level, draw or 1), h, above zero
    qs : (..., draw), probability of death of the cell

    Returns
    -------
    theta (..., draw), infinite where qs is 1; q (..., level, draw)
    """
    certain = qs >= 1.0
    wanted = -np.log1p(-np.where(certain, 0.0, qs))
    theta = wanted / (pi * hazard).sum(axis=-2)
    for _ in range(60):
        gone = np.expm1(-theta[..., None, :] * hazard)
        weight = pi * (1.0 + gone)
        died, alive = -(pi * gone).sum(axis=-2), weight.sum(axis=-2)
        # near certain death the sum of survivors is exact, near none that of the dead
        reached = np.where(died < 0.5, -np.log1p(-np.minimum(died, 0.5)), -np.log(alive))
        change = (wanted - reached) * alive / (weight * hazard).sum(axis=-2)
        theta = theta + change
        if (np.abs(change) <= 1e-15 * theta).all():
            break
    theta = np.where(certain, np.inf, theta)
    return theta, -np.expm1(-theta[..., None, :] * hazard)
