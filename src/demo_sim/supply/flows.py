"""One stock, year by year: what comes in, what goes out, and what a dated stock of a later year says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from demo_sim.supply.going_on import GoingOn


@dataclass(frozen=True)
class Dated:
    """A stock, or a part, as figures give it.

    Attributes
    ----------
    path : (time, draw)
    last : index of its last dated year-end
    published : years that are published figures
    carried : whether it is what an earlier run left
    going_on : how it goes on to the end where nothing moves it, or None where flows write the years after `last`
    """

    path: np.ndarray
    last: int
    published: tuple[int, ...] = ()
    carried: bool = False
    going_on: GoingOn | None = None

    @property
    def known(self) -> int:
        """Index of the last year-end that the path has for itself, told by figures or going on."""
        return self.last if self.going_on is None else len(self.path) - 1


@dataclass(frozen=True)
class Flow:
    """A movement of a stock in a year; its amount is the sum of the terms that are given.

    Attributes
    ----------
    series : name of its series under that of the stock, such as `openings`
    movement : column of the ledger
    sign : 1 adds to the stock, -1 takes from it; an added amount may itself be negative
    rate : (time, draw), per head of the opening stock
    count : (time, draw), a number a year
    ratio, to : (time, draw), per unit of the flows named, which come earlier in the list
    absorbs : between dated stocks it takes what the other flows leave unexplained on its side
    told : between dated stocks its own terms are set aside: the dated stocks tell how much it was
    """

    series: str
    movement: str
    sign: int
    rate: np.ndarray | None = None
    count: np.ndarray | None = None
    ratio: np.ndarray | None = None
    to: tuple[str, ...] = ()
    absorbs: bool = False
    told: bool = False


def follow_stock(opening: Dated, flows: Sequence[Flow], ceiling: np.ndarray | None = None) -> tuple[np.ndarray, dict]:
    """A stock at every year-end and the amount of every flow.

    `stock[t] = stock[t-1] + flows in - flows out`, never below zero nor above the ceiling. Up to the last dated
    year-end, and beyond where the stock goes on by itself, it is what the path says, and the flows that absorb make
    it balance.

    Parameters
    ----------
    opening : the stock at its dated year-ends; later years are written over
    flows : in the order in which they are worked out; what goes out is at most what is there
    ceiling : (time, draw), what the stock cannot exceed

    Returns
    -------
    (time, draw), and the same for each flow by its series; a flow of the opening year is zero
    """
    total = opening.path.copy()
    amounts = {flow.series: np.zeros_like(total) for flow in flows}
    gain = next((f.series for f in flows if f.absorbs and f.sign > 0), "")
    loss = next((f.series for f in flows if f.absorbs and f.sign < 0), "")
    for t in range(1, len(total)):
        before = total[t - 1]
        there = before.copy()
        known = t <= opening.known
        for flow in flows:
            amount = np.zeros_like(before) if t <= opening.last and flow.told else _amount(flow, t, before, amounts)
            amount = np.minimum(amount, there) if flow.sign < 0 else np.maximum(amount, -there)
            amounts[flow.series][t] = amount
            there = there + flow.sign * amount
        if known:
            rest = total[t] - there
            amounts[gain][t] += np.maximum(rest, 0.0)
            amounts[loss][t] += np.maximum(-rest, 0.0)
            continue
        if ceiling is not None:
            over = np.maximum(there - ceiling[t], 0.0)
            refused = np.minimum(over, amounts[gain][t])
            amounts[gain][t] -= refused
            amounts[loss][t] += over - refused
            there = there - over
        total[t] = np.maximum(there, 0.0)
    return total, amounts


def _amount(flow: Flow, t: int, before: np.ndarray, amounts: dict[str, np.ndarray]) -> np.ndarray:
    amount = np.zeros_like(before)
    if flow.rate is not None:
        amount = amount + flow.rate[t] * before
    if flow.count is not None:
        amount = amount + flow.count[t]
    if flow.ratio is not None:
        amount = amount + flow.ratio[t] * np.sum([amounts[name][t] for name in flow.to], axis=0)
    return amount
