"""When a value meets a target: the window of its operator, and the year that decides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.scenario.entries import Target

MET, MISSED = 0.9, 0.1  # shares of draws from which a target counts as met, up to which as missed
FEWEST_DRAWS = 20
TOLERANCE = 1e-9  # of the target: the rounding of floating-point sums never decides
NEAR = 0.05  # `~` is met within this share either side


@dataclass(frozen=True)
class Bounds:
    """Values from `low` to `high` meet a target."""

    low: float
    high: float

    def from_below(self, value: float) -> bool:
        """Whether the lower edge is the nearer one; so where the value is not known."""
        if not np.isfinite(self.high) or not np.isfinite(self.low):
            return bool(np.isfinite(self.low))
        return not value > (self.low + self.high) / 2.0


def bounds(target: Target) -> Bounds:
    """Least and greatest value that meets a target; a strict bound is read as the plain one."""
    goal = target.goal
    slack = TOLERANCE * max(abs(goal), 1.0)
    if target.operator == ">=":
        return Bounds(goal - slack, np.inf)
    if target.operator == "<=":
        return Bounds(-np.inf, goal + slack)
    if target.operator == "~":
        slack += NEAR * abs(goal)
    return Bounds(goal - slack, goal + slack)


def meets(values: np.ndarray, target: Target) -> np.ndarray:
    """Whether values meet a target, element by element.

    Examples
    --------
    >>> from demo_sim.scenario.entries import Target
    >>> name = {"zh": "x", "en": "x"}
    >>> t = Target(id="x", label=name, indicator="x", operator=">=", value=0.55, unit="share", year=2025)
    >>> meets(np.array([0.549, 0.55]), t).tolist()
    [False, True]
    """
    window = bounds(target)
    return np.asarray((values >= window.low) & (values <= window.high))


def deciding_year(values: np.ndarray, target: Target, times: np.ndarray) -> np.ndarray:
    """Index of the year-end that decides: that of the target, or of an annual target the worst one; (draw,).

    Parameters
    ----------
    values : (time, draw)
    """
    last = int(np.searchsorted(times, target.year))
    if target.timing != "annual":
        return np.full(values.shape[1], last)
    span = values[1 : last + 1]
    if target.operator == ">=":
        lack = -span
    elif target.operator == "<=":
        lack = span
    else:
        lack = np.abs(span - target.goal)
    unknown = np.isnan(lack)
    return np.asarray(1 + np.where(unknown, np.inf, lack).argmax(axis=0))


def at_target(values: np.ndarray, target: Target, times: np.ndarray) -> np.ndarray:
    """Values that decide: the year-end of the target's year, or the worst year of an annual target; (draw,)."""
    at = deciding_year(values, target, times)
    return np.asarray(np.take_along_axis(values, at[None], axis=0)[0])


def first_year_met(path: np.ndarray, target: Target, times: np.ndarray) -> float:
    """First year from which a path stays met to the horizon, or to where it is known; NaN if it never does."""
    known = np.flatnonzero(np.isfinite(path))
    met = meets(path[: known[-1] + 1], target) if known.size else np.zeros(1, dtype=bool)
    if not met[-1]:
        return float("nan")
    unmet = np.flatnonzero(~met)
    return float(times[unmet[-1] + 1] if unmet.size else times[0])
