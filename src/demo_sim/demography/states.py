"""Functional ability in state mode: yearly transitions among five levels and death.

One year at one age is a row of expm(Q), with a generator Q of onward moves one level down, recovery one level up
and death from each level. Shapes of the hazards are given; how high the onward ones are is solved, so that the
stated prevalence follows from one age to the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STATE_COUNT = 5
FADE_FROM, FADE_TO = 80, 90  # ages between which the mortality ratios sink to those of the oldest
FACTOR_LIMITS = (1e-4, 1e4)  # the search for an onward factor ends here
_SERIES_REACH, _SERIES_TERMS = 0.5, 14  # 0.5**15 / 15! is below one unit in the last place
_AT_ONCE = 2048  # cells solved together; their matrices stay in the cache
_TURNS, _REFRESH = 40, 10  # Newton steps at most, and after how many the derivative is formed anew
_CLOSE = 1e-9  # relative miss of a share with which a cell is done
_NUDGE = 1e-6  # of a logarithm, for the numerical derivative
_SMALL = 1e-12  # a share below this counts as nobody
_DEATHS = (1e-9, 1.0 - 1e-9)  # probabilities of death between which hazards are solved


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
    out = np.ones((len(part), STATE_COUNT))
    out[:, 1:] += part[:, None] * (np.asarray(ratios) - 1.0)
    return out


def generator(onward: np.ndarray, recovery: np.ndarray, death: np.ndarray) -> np.ndarray:
    """Generator Q of the five levels, the column of the dead left out: a row sums to minus its hazard of death.

    Parameters
    ----------
    onward, recovery : (..., 4), hazards per year from level j to j + 1, and from j + 1 to j
    death : (..., 5), hazards of death by level

    Returns
    -------
    (..., 5, 5)
    """
    shape = np.broadcast_shapes(onward.shape[:-1], recovery.shape[:-1], death.shape[:-1])
    q = np.zeros((*shape, STATE_COUNT, STATE_COUNT))
    from_level = np.arange(STATE_COUNT - 1)
    q[..., from_level, from_level + 1] = onward
    q[..., from_level + 1, from_level] = recovery
    every = np.arange(STATE_COUNT)
    q[..., every, every] = -q.sum(axis=-1) - death
    return q


def alive_after(q: np.ndarray) -> np.ndarray:
    """Probabilities of the levels after one year, expm(Q); what a row lacks to 1 is its probability of death.

    The diagonal is lifted until no entry is negative (uniformisation), so the series adds positive terms only and
    small probabilities keep their digits; then halving and squaring. Many small matrices at once take a twentieth
    of the time of `scipy.linalg.expm`.

    Parameters
    ----------
    q : (..., 5, 5), no negative entry off the diagonal
    """
    every = np.arange(q.shape[-1])
    lift = -q[..., every, every].min(axis=-1)
    # how often a matrix is squared is its own affair: it must not depend on the others it is worked out with
    squarings = np.maximum(np.ceil(np.log2(np.maximum(lift, 1e-300) / _SERIES_REACH)), 0.0).astype(int)
    halved = 0.5**squarings
    part = q * halved[..., None, None]
    lift = lift * halved
    part[..., every, every] += lift[..., None]
    out, spare = np.zeros_like(part), np.empty_like(part)
    out[..., every, every] = 1.0
    for term in range(_SERIES_TERMS, 0, -1):
        np.matmul(part, out, out=spare)
        spare /= term
        spare[..., every, every] += 1.0
        out, spare = spare, out
    out *= np.exp(-lift)[..., None, None]
    for done in range(int(squarings.max(initial=0))):
        more = squarings > done
        out[more] = out[more] @ out[more]
    return out


def solve_onward(
    start: np.ndarray,
    target: np.ndarray,
    deaths: np.ndarray,
    onward: np.ndarray,
    recovery: np.ndarray,
    ratios: np.ndarray,
) -> Transitions:
    """Transitions that bring the shares of one age to those of the next, with a given mortality in all.

    Four factors on the onward hazards and the mortality of the intact are solved together, so that the survivors
    have the four cumulative shares (mild or worse ... total) of `target` and the share `deaths` dies. Recovery and
    the mortality ratios are fixed. All cells at once: Newton on logarithms, the derivative numerical at first and
    then mended by Broyden's rule.

    Parameters
    ----------
    start, target : (..., 5), shares of the levels at the start and among the survivors
    deaths : (...), probability of death of all levels together
    onward, recovery : (..., 4), hazards per year of the shape
    ratios : (..., 5), mortality over that of the intact

    Returns
    -------
    Transitions; where no factors reach the target, the nearest found, with its `miss`
    """
    cells = start.shape[:-1]
    qs = np.clip(np.broadcast_to(deaths, cells), *_DEATHS)
    parts = [np.broadcast_to(a, (*cells, a.shape[-1])) for a in (start, target, onward, recovery, ratios)]
    flat = [np.ascontiguousarray(a).reshape(-1, a.shape[-1]) for a in (*parts, qs[..., None])]
    count = len(flat[0])
    found = [_solve_cells(*(a[i : i + _AT_ONCE] for a in flat)) for i in range(0, count, _AT_ONCE)]
    a, h, factors, miss = (np.concatenate(part) for part in zip(*found, strict=True))
    return Transitions(
        a.reshape(*cells, STATE_COUNT, STATE_COUNT),
        h.reshape(*cells, STATE_COUNT),
        factors.reshape(*cells, STATE_COUNT - 1),
        miss.reshape(cells),
    )


def _solve_cells(
    start: np.ndarray,
    target: np.ndarray,
    onward: np.ndarray,
    recovery: np.ndarray,
    ratios: np.ndarray,
    qs: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A, h, factors and miss of some cells; unknowns are the logarithms of four factors and of the mortality."""
    wanted = np.concatenate([np.log(np.maximum(_worse(target), _SMALL)), np.log(-np.log1p(-qs))], axis=-1)

    def off(unknown: np.ndarray, at: np.ndarray) -> np.ndarray:
        factors, mortality = np.exp(unknown[..., :4]), np.exp(unknown[..., 4:])
        p = alive_after(generator(onward[at] * factors, recovery[at], ratios[at] * mortality))
        survivors = (start[at][:, None] @ p)[..., 0, :]
        total = survivors.sum(axis=-1, keepdims=True)
        worse = np.log(np.maximum(_worse(survivors / total), _SMALL * _SMALL))
        return np.concatenate([worse, np.log(-np.log(total))], axis=-1) - wanted[at]

    def inverse_slope(unknown: np.ndarray, now: np.ndarray, at: np.ndarray) -> np.ndarray:
        slope = np.stack([(off(unknown + n, at) - now) / _NUDGE for n in _NUDGE * np.eye(5)], axis=-1)
        # a touch on the diagonal keeps cells solvable whose share no longer answers to a factor
        return np.linalg.inv(slope + _SMALL * np.eye(5))

    at = np.arange(len(start))
    unknown = np.zeros((len(start), 5))
    unknown[:, 4] = wanted[:, 4] - np.log((start * ratios).sum(axis=-1))
    now = off(unknown, at)
    best, least = unknown.copy(), np.abs(now).max(axis=-1)
    inverse = np.zeros((len(start), 5, 5))
    for turn in range(_TURNS):
        at = np.flatnonzero(least > _CLOSE)
        if at.size == 0:
            break
        if turn % _REFRESH == 0:
            unknown[at] = best[at]
            now[at] = off(unknown[at], at)
            inverse[at] = inverse_slope(unknown[at], now[at], at)
        step = -(inverse[at] @ now[at][..., None])[..., 0]
        step *= np.minimum(1.0, 1.0 / np.maximum(np.abs(step).max(axis=-1, keepdims=True), _SMALL))
        new = unknown[at] + step
        new[:, :4] = np.clip(new[:, :4], *np.log(FACTOR_LIMITS))
        after = off(new, at)
        _mend(inverse, at, new - unknown[at], after - now[at])
        unknown[at], now[at] = new, after
        size = np.abs(after).max(axis=-1)
        better = size < least[at]
        best[at[better]], least[at[better]] = new[better], size[better]
    p = alive_after(generator(onward * np.exp(best[:, :4]), recovery, ratios * np.exp(best[:, 4:])))
    alive = p.sum(axis=-1)
    miss = np.abs(np.expm1(off(best, np.arange(len(start)))[:, :4])).max(axis=-1)
    return p / alive[..., None], -np.log(alive), np.exp(best[:, :4]), miss


def _mend(inverse: np.ndarray, at: np.ndarray, step: np.ndarray, change: np.ndarray) -> None:
    """Broyden's update of the inverse derivative of some cells, left out where the step says nothing."""
    old = inverse[at]
    answer = old @ change[..., None]
    weight = step[:, None] @ old
    scale = weight @ change[..., None]
    said = np.abs(scale) > _SMALL * (step * step).sum(axis=-1)[:, None, None]
    share = np.divide(step[..., None] - answer, scale, out=np.zeros_like(answer), where=said)
    inverse[at] = old + share @ weight


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
    going = np.ones(theta.shape, bool)
    for _ in range(60):
        gone = np.expm1(-theta[..., None, :] * hazard)
        weight = pi * (1.0 + gone)
        died, alive = -(pi * gone).sum(axis=-2), weight.sum(axis=-2)
        # near certain death the sum of survivors is exact, near none that of the dead
        reached = np.where(died < 0.5, -np.log1p(-np.minimum(died, 0.5)), -np.log(alive))
        change = (wanted - reached) * alive / (weight * hazard).sum(axis=-2)
        theta = np.where(going, theta + change, theta)
        going &= np.abs(change) > 1e-15 * theta  # a cell that has arrived stays as it is
        if not going.any():
            break
    theta = np.where(certain, np.inf, theta)
    return theta, -np.expm1(-theta[..., None, :] * hazard)
