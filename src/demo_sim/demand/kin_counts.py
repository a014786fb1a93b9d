"""Persons by class of family, as the engine counts them, and the shares that are formed of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np

from demo_sim.demand.kin_rules import Classes
from demo_sim.kernels.kin import ADULT

_PLACES = ("urban", "rural", "away")
HERE = _PLACES.index("away")  # places of the region


@dataclass(frozen=True)
class KinCounts:
    """Agents of some draws by class of family.

    Attributes
    ----------
    classes : what tells families apart
    counts : int32 (class, time, place, sex, age, level, draw); levels of those below 60 and away are the first
    scale : persons that an agent stands for
    """

    classes: Classes
    counts: np.ndarray
    scale: float

    @property
    def draws(self) -> int:
        """Length of the draw axis."""
        return int(self.counts.shape[-1])

    @cached_property
    def _by_age(self) -> np.ndarray:
        """Agents without levels; (class, time, place, sex, age, 1, draw)."""
        return np.asarray(self.counts.sum(axis=5, keepdims=True, dtype=self.counts.dtype))

    @cached_property
    def _everyone(self) -> dict[tuple[bool, bytes], np.ndarray]:
        return {}

    def _agents(self, chosen: Sequence[int], levels: bool, ages: np.ndarray) -> np.ndarray:
        """Agents of some classes together who live in the region; (time, residence, sex, age, level or 1, draw)."""
        source = self.counts if levels else self._by_age
        first, last = np.flatnonzero(ages)[[0, -1]]
        return np.asarray(reduce(np.add, [source[i, :, :HERE, :, first : last + 1] for i in chosen]))

    def everyone(self, levels: bool, ages: np.ndarray) -> np.ndarray:
        """Agents of all classes in the region; (time, residence, sex, age, level or 1, draw)."""
        key = (levels, ages.tobytes())
        if key not in self._everyone:
            self._everyone[key] = self._agents(range(self.classes.size), levels, ages)
        return self._everyone[key]

    def deviation(self, shares: KinShares, chosen: Sequence[int], levels: bool, ages: np.ndarray) -> np.ndarray:
        """How far the share of some classes in each draw lies from pooled `shares`; shape as `everyone`.

        A cell without agents deviates by nothing.
        """
        everyone = self.everyone(levels, ages)
        own = self._agents(chosen, levels, ages) / np.maximum(everyone, 1)
        return np.asarray(np.where(everyone > 0, own - shares.of(chosen, levels, ages), 0.0))

    def outside(self, chosen: Sequence[int], ages: np.ndarray) -> np.ndarray:
        """Persons of some classes who live outside the region; (time, sex, age, draw)."""
        agents = self._by_age[list(chosen), :, HERE].sum(axis=0)
        return np.asarray(self.scale * agents[:, :, ages, 0])


@dataclass(frozen=True)
class KinShares:
    """Shares of the classes in each cell of the region, pooled over draws or of each draw by itself.

    Attributes
    ----------
    classes : what tells families apart
    by_level, by_age : (class, time, residence, sex, age, level or 1, draw or 1), sum to 1 over the class
    persons_outside : (class, time, sex, age, draw or 1), registered people who live outside the region
    agents : (time, residence, sex, age), agents behind the shares, mean over draws
    """

    classes: Classes
    by_level: np.ndarray
    by_age: np.ndarray
    persons_outside: np.ndarray
    agents: np.ndarray

    @classmethod
    def pooled(cls, parts: Iterable[KinCounts]) -> KinShares:
        """Shares over all draws of the parts together, which are looked at one after the other."""
        draws, cells = 0, np.zeros(())
        for part in parts:
            draws += part.draws
            cells = cells + part.counts.sum(axis=-1, keepdims=True, dtype=float)
        return cls._of(part, cells, draws)

    @classmethod
    def own(cls, counts: KinCounts) -> KinShares:
        """Shares of each draw by itself."""
        return cls._of(counts, counts.counts.astype(float), 1)

    @classmethod
    def _of(cls, counts: KinCounts, cells: np.ndarray, draws: int) -> KinShares:
        """A cell without an agent takes the share of its age over levels, then over places and sexes, then of the
        nearest younger age that has agents."""
        by_age = cells.sum(axis=5, keepdims=True)
        coarse = _from_younger(by_age.sum(axis=(2, 3), keepdims=True))
        without = _share(by_age, _share(coarse, np.zeros(coarse.shape)))
        outside = counts.scale * by_age[:, :, HERE, :, :, 0] / draws
        agents = by_age[:, :, :HERE, :, :, 0].sum(axis=0).mean(axis=-1) / draws
        return cls(counts.classes, _share(cells, without)[:, :, :HERE], without[:, :, :HERE], outside, agents)

    def of(self, chosen: Sequence[int], levels: bool, ages: np.ndarray) -> np.ndarray:
        """Share of some classes together in the region; (time, residence, sex, age, level or 1, draw or 1).

        Parameters
        ----------
        chosen : numbers of the classes
        levels : whether functional levels are told apart
        ages : bool (age,), ages without a gap
        """
        first, last = np.flatnonzero(ages)[[0, -1]]
        source = self.by_level if levels else self.by_age
        return np.asarray(reduce(np.add, [source[i, :, :, :, first : last + 1] for i in chosen]))

    def outside(self, chosen: Sequence[int], ages: np.ndarray) -> np.ndarray:
        """Persons of some classes who live outside the region; (time, sex, age, draw or 1)."""
        return np.asarray(reduce(np.add, [self.persons_outside[i] for i in chosen]))[:, :, ages]

    def by_condition(self, members: np.ndarray, number: int, ages: np.ndarray) -> np.ndarray:
        """Whether a class belongs to a condition at each age; bool (age,). `members` as from `Classes.members`."""
        grown = np.flatnonzero(ages) >= ADULT
        return np.asarray(np.where(grown, members[1, number], members[0, number]))


def _share(parts: np.ndarray, where_empty: np.ndarray) -> np.ndarray:
    """Parts over their sum along the first axis; where there is none, what is given."""
    total = parts.sum(axis=0, keepdims=True)
    out = np.broadcast_to(where_empty, parts.shape).copy()
    return np.divide(parts, total, out=out, where=total > 0.0)


def _from_younger(agents: np.ndarray) -> np.ndarray:
    """Agents by class at each age, at an age that has none those of the nearest younger one; (..., age, level, draw).

    Minors and adults apart: their classes are made of other relatives.
    """
    ages = np.arange(agents.shape[4])[:, None, None]
    there = agents.sum(axis=0) > 0.0
    found = np.where(there, ages, -1)
    for span in (slice(0, ADULT), slice(ADULT, None)):
        found[..., span, :, :] = np.maximum.accumulate(found[..., span, :, :], axis=3)
    found = np.where(found < 0, ages, found)
    return np.take_along_axis(agents, np.broadcast_to(found, agents.shape), axis=4)


def shrink(deviations: np.ndarray, chance: np.ndarray, scale: float) -> float:
    """Factor on deviations over draws that leaves chance its one-to-one variance.

    With V the variance over draws and Vc its part from chance among agents that stand for `scale` persons each,
    sqrt((max(V - Vc, 0) + Vc / scale) / V), at most 1.

    Parameters
    ----------
    deviations : (time, draw)
    chance : (time,), Vc
    """
    if deviations.shape[-1] < 2:
        return 1.0
    total, own = float(deviations.var(axis=-1, ddof=1).mean()), float(chance.mean())
    if total <= 0.0:
        return 1.0
    return float(min(1.0, np.sqrt((max(total - own, 0.0) + own / scale) / total)))
