"""Closed-form arithmetic of a gap: posts, conversions, beds that bring an indicator to its target."""

from __future__ import annotations

import numpy as np


def needed(target: float, denominator: np.ndarray, per: float = 1.0) -> np.ndarray:
    """The numerator at which `numerator / denominator * per` is the target.

    Examples
    --------
    >>> needed(18.0, np.array([40_000_000.0]), per=10_000).tolist()
    [72000.0]
    """
    return target * denominator / per


def to_add_for(
    target: float, numerator: np.ndarray, denominator: np.ndarray, per: float = 1.0, both: bool = False
) -> np.ndarray:
    """What has to be added to the numerator to reach the target; 0 where it is reached.

    Parameters
    ----------
    both : whether what is added enters the denominator too, as a new nursing-type bed does and a converted one does
        not: `(v d - n) / (1 - v)` in place of `v d - n`, with v the target over `per`, n and d the two stocks

    Raises
    ------
    ValueError
        A share of 1 or more cannot be reached by adding to both.

    Examples
    --------
    A converted bed changes one of the two stocks, a new one both:

    >>> to_add_for(0.5, np.array([20.0]), np.array([100.0])).tolist()
    [30.0]
    >>> to_add_for(0.5, np.array([20.0]), np.array([100.0]), both=True).tolist()
    [60.0]
    """
    share = target / per
    gap = share * denominator - numerator
    if both:
        if share >= 1.0:
            raise ValueError(f"a share of {share:g} is not reached by adding to numerator and denominator")
        gap = gap / (1.0 - share)
    return np.asarray(np.maximum(gap, 0.0))


def spread(milestones: list[tuple[int, np.ndarray]], times: np.ndarray, known: int) -> np.ndarray:
    """Additions in force at each year-end: what each milestone lacks at its year, linear between.

    Parameters
    ----------
    milestones : (year-end, what is lacking then (draw,)), by year; a later one never takes back an earlier one
    times : year-ends
    known : the last year-end that is known; nothing is added up to it, and no milestone up to it is on the way. Where
        even the last milestone is not later, the additions run from the first year-end

    Returns
    -------
    (time, draw); after the last milestone it stays
    """
    draws = milestones[0][1].size
    begin = known if times[0] < known < milestones[-1][0] else int(times[0])
    years, levels = [begin], [np.zeros(draws)]
    for year, lack in milestones:
        if year <= begin:
            continue
        years.append(year)
        levels.append(np.maximum(lack, levels[-1]))
    table = np.stack(levels)
    position = np.interp(times, years, np.arange(len(years)))
    before = np.floor(position).astype(int)
    after = np.minimum(before + 1, len(years) - 1)
    weight = (position - before)[:, None]
    return np.asarray(table[before] * (1.0 - weight) + table[after] * weight)


def brought_in(stock: np.ndarray, added: np.ndarray, leaving: np.ndarray) -> np.ndarray:
    """What has to come in each year so that the stock with its additions holds: its growth plus what leaves.

    Parameters
    ----------
    stock : (time, draw), as forecast
    added : (time, draw), additions in force at each year-end
    leaving : (time, draw), share of the stock at the year's beginning that leaves in the year

    Returns
    -------
    (time, draw), NaN at the first year-end
    """
    path = stock + added
    out = np.full_like(path, np.nan)
    out[1:] = np.maximum(path[1:] - path[:-1] * (1.0 - leaving[1:]), 0.0)
    return out
