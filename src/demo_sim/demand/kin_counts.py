"""Counts of persons by class of family, as the persons of the run give them, and shares formed of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce

import numpy as np

from demo_sim.demand.kin_rules import ADULT, Classes

PLACES = ("urban", "rural", "away")


@dataclass(frozen=True)
class KinCounts:
    """Persons of a batch by class of family.

    Attributes
    ----------
    classes : what tells families apart
    counts : (class, time, place, sex, age, level, draw), agents; levels of those below 60 and away are the first.
        The draw axis is that of the random draws, or of length 1 for their mean
    scale : persons that an agent stands for
    """

    classes: Classes
    counts: np.ndarray
    scale: float
    _everyone: dict[tuple[bool, bytes], np.ndarray] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, classes: Classes, by_key: Mapping[str, np.ndarray], everyone: np.ndarray, scale: float) -> KinCounts:
        """Counts as the engine gives them, by the keys of `Classes.masks`.

        Raises
        ------
        ValueError
            The classes do not add up to everyone.
        """
        counts = np.stack([by_key[classes.key(i)] for i in range(classes.size)])
        if not np.array_equal(counts.sum(axis=0), everyone):
            raise ValueError("persons by class of family do not add up to all persons")
        return cls(classes, counts, scale)

    @property
    def draws(self) -> int:
        """Length of the draw axis."""
        return int(self.counts.shape[-1])

    @cached_property
    def _by_age(self) -> np.ndarray:
        """Agents without levels; (class, time, place, sex, age, 1, draw)."""
        return np.asarray(self.counts.sum(axis=5, keepdims=True, dtype=self.counts.dtype))

    def _agents(self, chosen: Sequence[int], levels: bool, ages: np.ndarray) -> np.ndarray:
        """Agents of some classes together who live in the region; (time, residence, sex, age, level or 1, draw)."""
        source = self.counts if levels else self._by_age
        first, last = np.flatnonzero(ages)[[0, -1]]
        parts = [source[i, :, : PLACES.index("away"), :, first : last + 1] for i in chosen]
        return np.asarray(reduce(np.add, parts))

    @cached_property
    def _pooled(self) -> tuple[np.ndarray, np.ndarray]:
        """Shares of the classes over all draws together, with levels and without.

        Both (class, time, place, sex, age, level). A cell in which no draw has an agent takes the share of its age
        over levels, then over places and sexes.
        """
        cells = self.counts.sum(axis=-1, dtype=float)
        by_age = cells.sum(axis=-1, keepdims=True)
        coarse = by_age.sum(axis=(2, 3), keepdims=True)
        without = _share(by_age, _share(coarse, np.zeros(coarse.shape)))
        return _share(cells, without), without

    def pooled(self, chosen: Sequence[int], levels: bool, ages: np.ndarray) -> np.ndarray:
        """Mean share of some classes together in the region; (time, residence, sex, age, level or 1, 1).

        Parameters
        ----------
        chosen : numbers of the classes
        levels : whether functional levels are told apart
        ages : bool (age,), ages without a gap
        """
        first, last = np.flatnonzero(ages)[[0, -1]]
        share = self._pooled[0 if levels else 1][:, :, : PLACES.index("away"), :, first : last + 1]
        return np.asarray(share[list(chosen)].sum(axis=0)[..., None])

    def deviation(self, chosen: Sequence[int], levels: bool, ages: np.ndarray) -> np.ndarray:
        """How far the share of some classes in each draw lies from the mean, with a draw axis; as `pooled`.

        A cell without agents deviates by nothing.
        """
        everyone = self.everyone(levels, ages)
        share = self._agents(chosen, levels, ages) / np.maximum(everyone, 1)
        return np.asarray(np.where(everyone > 0, share - self.pooled(chosen, levels, ages), 0.0))

    def everyone(self, levels: bool, ages: np.ndarray) -> np.ndarray:
        """Agents of all classes in the region; (time, residence, sex, age, level or 1, draw)."""
        key = (levels, ages.tobytes())
        if key not in self._everyone:
            self._everyone[key] = self._agents(range(self.classes.size), levels, ages)
        return self._everyone[key]

    def away(self, chosen: Sequence[int], ages: np.ndarray) -> np.ndarray:
        """Persons of some classes who live outside the region; (time, sex, age, draw)."""
        agents = self._by_age[list(chosen), :, PLACES.index("away")].sum(axis=0)
        return np.asarray(self.scale * agents[:, :, ages, 0])

    def by_age(self, members: np.ndarray, number: int, ages: np.ndarray) -> np.ndarray:
        """Whether a class belongs to a condition at each age; bool (age,). `members` as from `Classes.members`."""
        grown = np.flatnonzero(ages) >= ADULT
        return np.asarray(np.where(grown, members[1, number], members[0, number]))


class KinMean:
    """Mean of the random draws of all batches, which stands for the draws of the drivers."""

    def __init__(self) -> None:
        self._sum: np.ndarray | None = None
        self._draws = 0
        self._last: KinCounts | None = None

    def take(self, kin: KinCounts) -> KinCounts:
        """Note a batch of random draws, and give it back."""
        total = kin.counts.sum(axis=-1, keepdims=True, dtype=float)
        self._sum = total if self._sum is None else self._sum + total
        self._draws += kin.draws
        self._last = kin
        return kin

    def mean(self) -> KinCounts | None:
        """Mean counts, draw axis of length 1; None where no batch had any."""
        if self._last is None or self._sum is None:
            return None
        return KinCounts(self._last.classes, self._sum / self._draws, self._last.scale)


def _share(parts: np.ndarray, where_empty: np.ndarray) -> np.ndarray:
    """Parts over their sum along the first axis; where there is none, what is given."""
    total = parts.sum(axis=0, keepdims=True)
    out = np.broadcast_to(where_empty, parts.shape).copy()
    return np.divide(parts, total, out=out, where=total > 0.0)


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
