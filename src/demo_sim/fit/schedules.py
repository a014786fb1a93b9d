"""Age patterns of fertility: gamma, Hadwiger and spline, each with the mean age of what was observed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq, minimize
from scipy.stats import gamma

FIRST, LAST = 15, 49
FERTILE_AGES = np.arange(FIRST, LAST + 1)


@dataclass(frozen=True)
class Schedule:
    """A pattern by single age of mother, 15 to 49, that sums to 1.

    Attributes
    ----------
    name : of the curve
    values : (age,)
    parameters : of the curve
    loss : sum of squared differences to the observed pattern, by the observed groups
    criterion : of Schwarz; the least is the best
    """

    name: str
    values: np.ndarray
    parameters: dict[str, float]
    loss: float
    criterion: float


def mean_age(values: np.ndarray) -> float:
    """Mean age of mothers."""
    return float((values * (FERTILE_AGES + 0.5)).sum() / values.sum())


def summed(values: np.ndarray, groups: list[tuple[int, int]]) -> np.ndarray:
    """Sums over groups of ages."""
    return np.array([values[low - FIRST : high - FIRST + 1].sum() for low, high in groups])


def gamma_curve(mean: float, shape: np.ndarray) -> np.ndarray:
    """Births from a start age on, by the gamma law: shape = (start age, standard deviation)."""
    start, sd = float(shape[0]), abs(float(shape[1]))
    over = max(mean - start, 0.1)
    edges = gamma.cdf(np.arange(FIRST, LAST + 2) - start, (over / sd) ** 2, scale=sd**2 / over)
    return _whole(np.diff(edges))


def hadwiger_curve(mean: float, shape: np.ndarray) -> np.ndarray:
    """Hadwiger's curve, (b / c) (c / x)^1.5 exp(-b² (c / x + x / c - 2)) at the middle of each age."""
    x, c, b = FERTILE_AGES + 0.5, max(mean, 1.0), float(shape[0])
    return _whole((b / c) * (c / x) ** 1.5 * np.exp(-(b**2) * (c / x + x / c - 2.0)))


def _whole(values: np.ndarray) -> np.ndarray:
    total = values.sum()
    return values / total if total > 0.0 else np.full(FERTILE_AGES.size, 1.0 / FERTILE_AGES.size)


def fit_schedules(rates: np.ndarray, groups: list[tuple[int, int]], names: tuple[str, ...]) -> list[Schedule]:
    """Curves fitted to an observed pattern, best first.

    Each has the mean age of the observed pattern; the spline has its sums by five-year group too.

    Parameters
    ----------
    rates : (group,), births per woman-year
    groups : lowest and highest age of each, 15 to 49 without gaps
    names : of the curves that are tried
    """
    sizes = np.array([high - low + 1 for low, high in groups])
    share = rates * sizes / (rates * sizes).sum()
    # a five-year group has its births at its middle
    middle = np.array([(low + high + 1) / 2 for low, high in groups])
    wanted = float((share * middle).sum())
    found = [_CURVES[name](share, groups, wanted) for name in names]
    return sorted(found, key=lambda schedule: schedule.criterion)


def _curve(
    name: str, curve: Callable[[float, np.ndarray], np.ndarray], start: list[float], words: tuple[str, ...]
) -> Callable[[np.ndarray, list[tuple[int, int]], float], Schedule]:
    """A fit of a curve whose location is solved for, so that the mean age is met."""

    def met(shape: np.ndarray, wanted: float) -> tuple[float, np.ndarray]:
        def excess(location: float) -> float:
            return mean_age(curve(location, shape)) - wanted

        low, high = 16.0, 60.0
        if excess(low) * excess(high) > 0.0:
            return np.nan, np.full(FERTILE_AGES.size, 1.0 / FERTILE_AGES.size)
        location = float(brentq(excess, low, high, xtol=1e-12))
        return location, curve(location, shape)

    def fit(share: np.ndarray, groups: list[tuple[int, int]], wanted: float) -> Schedule:
        def loss(shape: np.ndarray) -> float:
            return float(((summed(met(shape, wanted)[1], groups) - share) ** 2).sum())

        best = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-16, "maxiter": 4000})
        location, values = met(best.x, wanted)
        parameters = {"location": location} | dict(zip(words, map(float, best.x), strict=True))
        return Schedule(
            name, values, parameters, float(best.fun), _criterion(float(best.fun), share.size, 1 + len(words))
        )

    return fit


def _spline(share: np.ndarray, groups: list[tuple[int, int]], wanted: float) -> Schedule:
    """A monotone spline through the cumulated births of five-year groups, tilted inside them to the mean age."""
    fives = [(low, low + 4) for low in range(FIRST, LAST + 1, 5)]
    single = np.concatenate(
        [np.full(high - low + 1, s / (high - low + 1)) for (low, high), s in zip(groups, share, strict=True)]
    )
    sums = summed(single, fives)
    curve = PchipInterpolator(np.arange(FIRST, LAST + 2, 5), np.concatenate([[0.0], np.cumsum(sums)]))
    smooth = np.maximum(np.diff(curve(np.arange(FIRST, LAST + 2))), 0.0)
    which = (FERTILE_AGES - FIRST) // 5

    def tilted(tilt: float) -> np.ndarray:
        bent = smooth * np.exp(tilt * (FERTILE_AGES - FIRST - 5 * which - 2))
        now = np.bincount(which, bent)
        return bent * np.divide(sums, now, out=np.zeros_like(sums), where=now > 0.0)[which]

    tilt = float(brentq(lambda t: mean_age(tilted(t)) - wanted, -5.0, 5.0, xtol=1e-14))
    values = tilted(tilt)
    loss = float(((summed(values, groups) - share) ** 2).sum())
    return Schedule("spline", values, {"tilt": tilt}, loss, _criterion(loss, share.size, len(fives)))


def _criterion(loss: float, seen: int, parameters: int) -> float:
    return seen * float(np.log(max(loss, 1e-16) / seen)) + parameters * float(np.log(seen))


_CURVES = {
    "gamma": _curve("gamma", gamma_curve, [14.0, 5.0], ("start", "sd")),
    "hadwiger": _curve("hadwiger", hadwiger_curve, [3.0], ("b",)),
    "spline": _spline,
}
CURVES = tuple(_CURVES)
