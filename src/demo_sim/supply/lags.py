"""What is begun and comes later: building, converting, training."""

from __future__ import annotations

import numpy as np


def delayed(begun: np.ndarray, lag: np.ndarray, before: float | None = 0.0) -> np.ndarray:
    """Numbers a year, moved on by a lag; a lag of 1.5 years puts half into the next year and half into the one after.

    Parameters
    ----------
    begun : (time, draw), begun in the year; what stands at the opening year-end is of the year before
    lag : (draw,), years, 0 or more
    before : begun in each year before the opening year-end; None takes the opening year's number

    Returns
    -------
    (time, draw), completed in the year; 0 at the opening year-end

    Examples
    --------
    >>> delayed(np.array([[0.0], [8.0], [0.0], [0.0]]), np.array([1.5])).ravel().tolist()
    [0.0, 0.0, 4.0, 4.0]
    """
    times, draws = begun.shape
    whole = np.floor(lag).astype(int)
    part = lag - whole
    out = np.zeros_like(begun)
    columns = np.arange(draws)
    for t in range(1, times):
        for step, weight in ((whole, 1.0 - part), (whole + 1, part)):
            index = t - step
            found = begun[np.clip(index, 0, times - 1), columns]
            # the opening year-end is the year before the first: its beginnings are known as earlier ones are
            earlier = found if before is None else np.full(draws, before)
            out[t] += weight * np.where(index > 0, found, earlier)
    return out


def evenly(number: np.ndarray, lag: np.ndarray, times: int) -> np.ndarray:
    """A number under way at the start, completed in equal parts until the lag is over; (time, draw).

    Examples
    --------
    >>> evenly(np.array([90.0]), np.array([1.5]), 4).ravel().round().tolist()
    [0.0, 60.0, 30.0, 0.0]
    """
    years = np.arange(times, dtype=float)[:, None]
    done = np.divide(years, lag, out=np.ones((times, lag.size)), where=years < lag)
    done[0] = 0.0
    out = np.zeros((times, number.size))
    out[1:] = np.diff(done, axis=0) * number
    return out
