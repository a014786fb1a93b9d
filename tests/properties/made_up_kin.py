"""Made-up families of persons: every agent with a code, counted the slow way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from demo_sim.demand.kin_counts import KinCounts
from demo_sim.demand.kin_rules import FAMILY, Classes
from demo_sim.vocab import CHILDREN, CHILDREN_BORN, GRANDCHILD, PARENTS, PARTNERS

CHILD_CODES = [(f, m) for f in PARENTS for m in PARENTS]
GROWN_CODES = [(p, c, b, g) for g in GRANDCHILD for p in PARTNERS for c in CHILDREN for b in CHILDREN_BORN]
URBAN, RURAL, AWAY = range(3)


@dataclass(frozen=True)
class Families:
    """Agents by family; int (code, time, place, sex, age, level, draw), levels from 60 and at home only."""

    agents: np.ndarray

    @classmethod
    def random(cls, seed: int, times: int, ages: int, draws: int, size: float = 6.0) -> Families:
        """Any families: each cell has a mix of its own, the same in all draws but for chance."""
        random = np.random.default_rng(seed)
        agents = np.zeros((FAMILY, times, 3, 2, ages, 5, draws), np.int32)
        for first, last, codes in ((0, 18, len(CHILD_CODES)), (18, ages, len(GROWN_CODES))):
            mix = np.moveaxis(random.dirichlet(np.full(codes, 0.3), (times, 3, 2, last - first)), -1, 0)
            levels = np.array([0.5, 0.2, 0.1, 0.1, 0.1])
            share = mix[..., None] * levels if first else mix[..., None] * np.eye(5)[0]
            agents[:codes, :, :, :, first:last] = random.poisson(codes * size * share[..., None], (*share.shape, draws))
        young = agents[:, :, :, :, :60]
        young[..., 0, :] += young[..., 1:, :].sum(axis=-2)
        young[..., 1:, :] = 0
        away = agents[:, :, AWAY]
        away[..., 0, :] += away[..., 1:, :].sum(axis=-2)
        away[..., 1:, :] = 0
        return cls(agents)

    @property
    def everyone(self) -> np.ndarray:
        """Agents; (time, place, sex, age, level, draw)."""
        return self.agents.sum(axis=0)

    def persons(self) -> np.ndarray:
        """Residents of a run in which an agent is a person; (time, residence, sex, age, draw)."""
        return self.everyone[:, :AWAY].sum(axis=4).astype(float)

    def levels(self) -> np.ndarray:
        """Shares of the levels among these; (time, residence, sex, age from 60, level, draw)."""
        old = self.everyone[:, :AWAY, :, 60:].astype(float)
        return old / old.sum(axis=4, keepdims=True)

    def counts(self, classes: Classes, scale: float = 1.0) -> KinCounts:
        """What the engine would hand over."""
        counts = np.zeros((classes.size, *self.agents.shape[1:]), np.int32)
        for number in range(classes.size):
            for row, ages in enumerate((slice(0, 18), slice(18, None))):
                inside = classes.of[row] == number
                counts[number, :, :, :, ages] = self.agents[inside][:, :, :, :, ages].sum(axis=0)
        return KinCounts(classes, counts, scale)

    def draws(self, *chosen: int) -> Families:
        """Some draws alone."""
        return Families(self.agents[..., list(chosen)])

    def children(self, holds: Callable[[str, str], bool], last: int = 17) -> np.ndarray:
        """Agents below 18 whose father and mother are so; (time, place, sex, age, draw)."""
        chosen = [i for i, words in enumerate(CHILD_CODES) if holds(*words)]
        return self.agents[chosen][:, :, :, :, : last + 1].sum(axis=(0, 5))

    def grown(self, holds: Callable[[str, str, str, str], bool], first: int) -> np.ndarray:
        """Agents whose partner, children, children born and grandchild are so; (time, place, sex, age, draw)."""
        chosen = [i for i, words in enumerate(GROWN_CODES) if holds(*words)]
        return self.agents[chosen][:, :, :, :, first:].sum(axis=(0, 5))
