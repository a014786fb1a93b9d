"""Conditions on relatives: which of the 128 codes of a family satisfy a rule, and what the engine has to count.

A person below 18 carries `father * 5 + mother`, from 18 `grandchild * 60 + partner * 12 + children * 3 + born`,
each in the order of the words of the vocabulary. Families that no rule of the catalogue tells apart fall into one
class, so the engine counts each person once a year however many rules there are, and every rule is a set of classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from math import prod

import numpy as np

from demo_sim.scenario.entries import GroupDefinition, KinCondition, Resource, Rule, Where
from demo_sim.vocab import CHILDREN, CHILDREN_BORN, GRANDCHILD, PARENTS, PARTNERS

FAMILY = 128
_CHILD = (("father", PARENTS), ("mother", PARENTS))
_GROWN = (
    ("grandchild", GRANDCHILD), ("partner", PARTNERS), ("children", CHILDREN), ("children_born", CHILDREN_BORN),
)  # fmt: skip
_USED = tuple(prod(len(words) for _, words in attributes) for attributes in (_CHILD, _GROWN))


def family_mask(kin: KinCondition) -> np.ndarray:
    """Which families satisfy a condition; bool (below 18 and from 18, family code)."""
    out = np.zeros((2, FAMILY), bool)
    for row, attributes in enumerate((_CHILD, _GROWN)):
        if not any(getattr(kin, name) for name, _ in attributes):
            continue
        holds = np.ones(1, bool)
        for name, words in attributes:
            wanted = getattr(kin, name) or words
            holds = np.outer(holds, [word in wanted for word in words]).ravel()
        out[row, : holds.size] = holds
    return out


def where_mask(where: Where) -> np.ndarray | None:
    """Which families a rule takes; bool (2, 128), None where it does not ask."""
    masks = [family_mask(where.kin)] if where.kin is not None else []
    if where.any:
        masks.append(reduce(np.logical_or, map(family_mask, where.any)))
    return reduce(np.logical_and, masks) if masks else None


@dataclass(frozen=True)
class Classes:
    """The coarsest classes of families that the rules of a catalogue are made of.

    Attributes
    ----------
    of : uint8 (2, 128), class of each family below 18 and from 18; codes that do not occur have the last, 255
    size : classes, the larger number of the two ages
    """

    of: np.ndarray
    size: int

    @classmethod
    def of_masks(cls, masks: Iterable[np.ndarray]) -> Classes:
        """Classes that tell apart what the masks tell apart; each mask is bool (2, 128)."""
        stack = np.array([np.ones((2, FAMILY), bool), *masks])
        of = np.full((2, FAMILY), 255, np.uint8)
        for row, used in enumerate(_USED):
            _, of[row, :used] = np.unique(stack[:, row, :used], axis=1, return_inverse=True)
        return cls(of, int(of[of < 255].max()) + 1)

    @property
    def numbers(self) -> np.ndarray:
        """Class of each family as the engine counts by it; uint8 (2, 128), the first for codes that do not occur."""
        return np.where(self.of < self.size, self.of, 0).astype(np.uint8)

    def members(self, mask: np.ndarray) -> np.ndarray:
        """Classes that a mask of the catalogue is made of; bool (2, class)."""
        return np.array([[bool((mask[row] & (self.of[row] == i)).any()) for i in range(self.size)] for row in (0, 1)])


def kin_classes(populations: Mapping[str, GroupDefinition], resources: Mapping[str, Resource]) -> Classes | None:
    """Classes that the rules of a catalogue ask for; None where none asks for relatives."""
    rules = _rules(populations, resources)
    masks = [mask for rule in rules if (mask := where_mask(rule.where)) is not None]
    return Classes.of_masks(masks) if masks else None


def _rules(populations: Mapping[str, GroupDefinition], resources: Mapping[str, Resource]) -> Iterator[Rule]:
    for population in populations.values():
        yield population
        yield from (item for item in population.union if isinstance(item, Rule))
    for resource in resources.values():
        yield from resource.needs.values()
