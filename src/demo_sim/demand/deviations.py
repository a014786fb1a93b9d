"""How far the persons of single draws lie from the shares that all of them have together.

Groups by relatives are counted by shares pooled over the person draws. What persons of one draw show beyond that is
kept for each count as a factor by year-end and residence, 1 for no deviation. The factors of all draws are formed
together: the chance among agents is brought to that among single persons, which takes the spread over draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from demo_sim.demand.kin_counts import KinCounts, shrink


@dataclass(frozen=True)
class Seen:
    """What the persons of some draws show of one count; (time, residence, draw) unless said.

    Attributes
    ----------
    mean : by the pooled shares
    living, outside : beyond it, from residents, and from people outside spread over the residences
    residents : (time, draw), part of the mean that lives here
    everyone : (time, draw), residents of all classes
    square : (time, draw), residents by the square of their chance
    agents : (time,), of all classes, mean over draws
    outside_square : (time, draw), people outside by the square of their chance
    """

    mean: np.ndarray
    living: np.ndarray
    outside: np.ndarray
    residents: np.ndarray
    everyone: np.ndarray
    square: np.ndarray
    agents: np.ndarray
    outside_square: np.ndarray

    def first(self, draws: int) -> Seen:
        """The first draws alone."""
        return Seen(**{name: v if name == "agents" else v[..., :draws] for name, v in vars(self).items()})

    @classmethod
    def join(cls, parts: Sequence[Seen]) -> Seen:
        """Draws of several blocks, in order; the agents behind pooled shares are the same in all."""
        arrays = {
            name: np.concatenate([getattr(part, name) for part in parts], axis=-1)
            for name in vars(parts[0])
            if name != "agents"
        }
        return cls(agents=parts[0].agents, **arrays)


@dataclass
class Watch:
    """Notes of some draws what their persons show, count by count."""

    counts: KinCounts
    seen: dict[str, Seen] = field(default_factory=dict)


@dataclass(frozen=True)
class Deviations:
    """Factors of the counts by name; (time, residence, person draw) each, absent where nothing deviates.

    Attributes
    ----------
    shrunk : with the chance of single persons, for the draws
    whole : with the chance of agents, for the error of the run at stated values
    draws : person draws
    """

    shrunk: Mapping[str, np.ndarray]
    whole: Mapping[str, np.ndarray]
    draws: int


def settle_factors(seen: Mapping[str, Seen], scale: float, draws: int) -> Deviations:
    """Factors from what the persons of all draws show.

    Parameters
    ----------
    seen : by count, all person draws together
    scale : persons that an agent stands for
    draws : person draws
    """
    shrunk, whole = {}, {}
    for name, one in seen.items():
        of_living = shrink(one.living.sum(axis=1) / one.everyone, _chance_of_agents(one), scale)
        of_outside = shrink(one.outside.sum(axis=1), scale * one.outside_square.mean(axis=-1), scale)
        whole[name] = _factor(one.living + one.outside, one.mean)
        shrunk[name] = _factor(of_living * one.living + of_outside * one.outside, one.mean)
    return Deviations(shrunk, whole, draws)


def _chance_of_agents(one: Seen) -> np.ndarray:
    """Variance of the share of members among agents by chance; (time,)."""
    everyone = one.everyone.mean(axis=-1)
    share = one.residents.mean(axis=-1) / everyone
    return np.asarray((one.square.mean(axis=-1) / everyone - share**2) / np.maximum(one.agents, 1.0))


def _factor(beyond: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return np.asarray(1.0 + np.divide(beyond, mean, out=np.zeros_like(mean), where=mean > 0.0))
