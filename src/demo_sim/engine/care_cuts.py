"""What placement reads: shares and places of some draws, and their thresholds at one year-end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.engine.thresholds import cut
from demo_sim.kernels import placement as kernels
from demo_sim.kernels.columns import LEVELS

CARE_FAMILIES = kernels.UNKNOWN_FAMILY + 1
KIN_CLASSES = 4


@dataclass(frozen=True)
class Terms:
    """Conditions of the priority classes, in the order in which they are looked at.

    Attributes
    ----------
    group : int64 (term,), class that a person who meets the term belongs to
    age : int64 (term, 2), from and to
    needs : int64 (term,), attributes that it takes, as bits
    allowed : bool (term, residence, sex, level, family); the last family is the unknown one
    """

    group: np.ndarray
    age: np.ndarray
    needs: np.ndarray
    allowed: np.ndarray


@dataclass(frozen=True)
class CareInputs:
    """What placement needs to know of some draws, before any person is looked at.

    Attributes
    ----------
    use : (time, residence, level, draw), share that asks for a place in a home
    kin : (2, draw), factors of those without living spouse or child and of those with a spouse, or None
    places : (time, draw), persons that the beds take
    community : (service, time, residence, level, draw), shares of people at home who use a service
    community_places : (service, time, draw), persons that a service takes; infinite where it is not limited
    class_of : uint8 (129,), class of families that attributes tell apart, of each family code
    attributes : uint64 (draw, attribute, class of families, sex, age from 60, residence, level), cuts of having one
    terms : conditions of the classes
    classes : ids of the classes, the last for everybody else
    """

    use: np.ndarray
    kin: np.ndarray | None
    places: np.ndarray
    community: np.ndarray
    community_places: np.ndarray
    class_of: np.ndarray
    attributes: np.ndarray
    terms: Terms
    classes: tuple[str, ...]


@dataclass(frozen=True)
class CareCuts:
    """Thresholds of one year-end and draw, as the kernels read them.

    Attributes
    ----------
    use : (residence, level), the share that asks for a place
    factors : (4,), of the kin classes, before they are scaled to the mean
    drawn : whether levels are drawn; else persons carry one
    level : uint64 (sex, age, residence, 5), cumulative cuts of the level
    community : uint64 (service, residence, level)
    attributes : uint64 (attribute, class of families, sex, age, residence, level)
    places : agents that the beds take; service_places : the same by service, -1 where not limited
    """

    use: np.ndarray
    factors: np.ndarray
    drawn: bool
    level: np.ndarray
    community: np.ndarray
    attributes: np.ndarray
    places: int
    service_places: np.ndarray


def care_cuts(inputs: CareInputs, time: int, shares: np.ndarray | None, scale: float, draw: int) -> CareCuts:
    """Thresholds of one year-end and draw.

    Parameters
    ----------
    inputs : of all draws
    time : index of the year-end
    shares : (residence, sex, age from 60, level), stated shares of levels, or None where persons carry their level
    scale : persons that one agent stands for
    """
    use = inputs.use[time, ..., draw]
    factors = np.ones(KIN_CLASSES)
    if inputs.kin is not None:
        factors[[kernels.NOBODY, kernels.SPOUSE]] = inputs.kin[:, draw]
    level = np.zeros((1, 1, len(use), LEVELS), np.uint64)
    if shares is not None:
        # shares that worsen with age move the same persons on, and nobody back
        cumulative = np.cumsum(shares, axis=-1)
        cumulative[..., -1] = 1.0
        level = np.ascontiguousarray(np.moveaxis(cut(cumulative), 0, 2))
    limits = inputs.community_places[:, time, draw]
    agents = np.where(np.isfinite(limits), np.floor(np.where(np.isfinite(limits), limits, 0.0) / scale), -1)
    return CareCuts(
        use,
        factors,
        shares is not None,
        level,
        cut(np.ascontiguousarray(inputs.community[:, time, ..., draw])),
        inputs.attributes[draw],
        int(inputs.places[time, draw] / scale),
        agents.astype(np.int64),
    )
