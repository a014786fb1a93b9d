"""A part of a stock: nursing-type beds among beds, certified caregivers among caregivers, levels among these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from demo_sim.demography.shares import share_of
from demo_sim.supply.flows import Dated, Flow

RECLASSIFIED = "reclassified"


@dataclass(frozen=True)
class Part:
    """How a part follows its whole.

    Attributes
    ----------
    opening : the part at its dated year-ends, as numbers (by_share False) or as shares of the whole
    transfer : (time, draw), numbers a year that change from the rest into the part, at most the rest
    shares : (time, draw) by flow of the whole, which share of it is of the part; the share of the part in the
        opening stock where a flow is not named
    """

    opening: Dated
    by_share: bool
    transfer: np.ndarray
    shares: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Followed:
    """A part at every year-end (time, draw), its share of each flow of the whole, its own flows.

    Attributes
    ----------
    gained : changed from the rest into the part
    reclassified : what a dated part lacks that no flow of the whole explains; 0 or less
    """

    stock: np.ndarray
    amounts: dict[str, np.ndarray]
    gained: np.ndarray
    reclassified: np.ndarray


def follow_part(part: Part, total: np.ndarray, flows: Sequence[Flow], amounts: Mapping[str, np.ndarray]) -> Followed:
    """A part year by year, between nothing and the whole.

    Parameters
    ----------
    part : see there
    total : (time, draw), the whole
    flows, amounts : those of the whole, as `follow` gave them
    """
    told = part.opening.path * total if part.by_share else part.opening.path
    stock = np.zeros_like(total)
    stock[0] = np.clip(told[0], 0.0, total[0])
    own = {flow.series: np.zeros_like(total) for flow in flows}
    gained, reclassified = np.zeros_like(total), np.zeros_like(total)
    for t in range(1, len(total)):
        share = share_of(stock[t - 1], total[t - 1])
        kept = stock[t - 1]
        losses = np.zeros_like(kept)
        for flow in flows:
            amount = amounts[flow.series][t] * (part.shares[flow.series][t] if flow.series in part.shares else share)
            own[flow.series][t] = amount
            if flow.sign > 0:
                kept = kept + amount
            else:
                losses = losses + amount
        # what leaves is at most what is there, and at least so much that the part fits into the whole
        possible = np.clip(losses, np.maximum(kept - total[t], 0.0), np.maximum(kept, 0.0))
        _spread(own, flows, t, losses, possible)
        kept = np.clip(kept - possible, 0.0, total[t])
        if t > part.opening.known:
            gained[t] = np.minimum(part.transfer[t], total[t] - kept)
            stock[t] = kept + gained[t]
        else:
            stock[t] = np.clip(told[t], 0.0, total[t])
            gained[t] = np.maximum(stock[t] - kept, 0.0)
            reclassified[t] = np.minimum(stock[t] - kept, 0.0)
    return Followed(stock, own, gained, reclassified)


def _spread(
    own: dict[str, np.ndarray], flows: Sequence[Flow], t: int, losses: np.ndarray, possible: np.ndarray
) -> None:
    """Bring the losses of a year to what is possible: fewer in proportion, more of the first kind."""
    factor = np.divide(possible, losses, out=np.ones_like(losses), where=losses > possible)
    out = [flow.series for flow in flows if flow.sign < 0]
    for series in out:
        own[series][t] *= factor
    own[out[0]][t] += np.maximum(possible - losses, 0.0)


def follow_grades(
    part: Followed, flows: Sequence[Flow], opening: np.ndarray, promotion: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Levels of a part, lowest first: who gains the part starts at the lowest, some rise every year.

    Parameters
    ----------
    part : what the levels add up to
    flows : of the whole
    opening : (level, draw), shares that sum to 1
    promotion : (level, time, draw), share of a level that rises a year; that of the highest is not read

    Returns
    -------
    stock (level, time, draw); factor (level, time, draw), share of the level in the part before it moved, by which
    the part's flows are shared; risen (level, time, draw), who rose out of the level
    """
    levels, (times, draws) = len(opening), part.stock.shape
    stock, factor, risen = (np.zeros((levels, times, draws)) for _ in range(3))
    opening = opening / opening.sum(axis=0)
    stock[:, 0] = opening * part.stock[0]
    for t in range(1, times):
        before = stock[:, t - 1]
        whole = before.sum(axis=0)
        factor[:, t] = np.where(whole > 0.0, before / np.where(whole > 0.0, whole, 1.0), opening)
        net = sum(flow.sign * part.amounts[flow.series][t] for flow in flows) + part.reclassified[t]
        after = np.maximum(before + factor[:, t] * net, 0.0)
        after[0] += part.gained[t]
        risen[:-1, t] = np.minimum(promotion[:-1, t] * before[:-1], after[:-1])
        stock[:, t] = after - risen[:, t]
        stock[1:, t] += risen[:-1, t]
    return stock, factor, risen
