"""A stock that nothing moves after its last dated figure: it goes on as it did, or keeps its relation to need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class GoingOn:
    """How a stock goes on: `trend` of two figures, `need` or `whole` to which it keeps its relation, or `level`.

    Attributes
    ----------
    how : of these four
    since : year of its last figure
    first : year of the earlier figure of a trend, else 0
    """

    how: str
    since: int
    first: int = 0


@dataclass(frozen=True)
class YearlyChange:
    """What two dated figures of a stock show of a year.

    Attributes
    ----------
    first, last : years of the figures
    before, after : (draw,), the figures
    """

    first: int
    last: int
    before: np.ndarray
    after: np.ndarray

    @property
    def years(self) -> int:
        """Between the figures."""
        return self.last - self.first


def by_number(start: np.ndarray, change: YearlyChange, steps: np.ndarray) -> np.ndarray:
    """A number that goes on: where it rose by as many a year, where it fell by the same share of what is there.

    Parameters
    ----------
    start : (draw,), what it goes on from
    change : what was observed
    steps : (year, draw), years since, times the part of the change that goes on

    Returns
    -------
    (year, draw), never below 0

    Examples
    --------
    >>> up = YearlyChange(2020, 2024, np.array([60.0]), np.array([100.0]))
    >>> down = YearlyChange(2020, 2024, np.array([400.0]), np.array([25.0]))
    >>> by_number(np.array([100.0]), up, np.array([[1.0], [2.0]])).ravel().tolist()
    [110.0, 120.0]
    >>> by_number(np.array([24.0]), down, np.array([[1.0], [2.0]])).ravel().tolist()
    [12.0, 6.0]
    """
    step = np.maximum(change.after - change.before, 0.0) / change.years
    return np.asarray((start + step * steps) * _left(change.before, change.after, change.years) ** steps)


def by_share(start: np.ndarray, change: YearlyChange, steps: np.ndarray) -> np.ndarray:
    """A share that goes on: the rest of it, or the share itself where it fell, is left by the same part each year.

    Parameters and result as those of `by_number`; the result lies between 0 and 1.

    Examples
    --------
    >>> up = YearlyChange(2020, 2022, np.array([0.2]), np.array([0.8]))
    >>> by_share(np.array([0.8]), up, np.array([[1.0], [2.0]])).round(12).ravel().tolist()
    [0.9, 0.95]
    """
    rest = _left(1.0 - change.before, 1.0 - change.after, change.years) ** steps
    share = _left(change.before, change.after, change.years) ** steps
    return np.asarray(np.where(change.after >= change.before, 1.0 - (1.0 - start) * rest, start * share))


def _left(before: np.ndarray, after: np.ndarray, years: int) -> np.ndarray:
    """What is left of a number after a year; 1 where it did not fall."""
    fell = np.divide(after, before, out=np.ones_like(after), where=before > 0.0)
    return np.asarray(np.clip(fell, 0.0, 1.0) ** (1.0 / years))
