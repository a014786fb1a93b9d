"""Who belongs to a group: the chance of each person, by cell and by class of family.

A chance has one array a class of families, on the axes (time, residence, sex, age, level, draw) with length 1 where it
does not differ; classes for which it is the same share one array. Chances of several groups are joined as independent
given cell and family, so exclusive conditions on relatives stay exclusive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from demo_sim.demand.kin_counts import KinShares
from demo_sim.demand.kin_rules import where_mask
from demo_sim.demand.quantities import MissingInput, Quantities
from demo_sim.demography.ages import age_mask, parse_age
from demo_sim.inputs.grid import BOTH, SEXES
from demo_sim.scenario.entries import FactorSpec, Rule, Where
from demo_sim.scenario.rules import KIN, RURAL_OF_URBAN
from demo_sim.vocab import FUNCTIONS

FUNCTION_FROM = 60

_AXES = {"time": 0, "residence": 1, "sex": 2, "age": 3, "level": 4, "draw": 5}


def on_axes(values: np.ndarray, *names: str) -> np.ndarray:
    """An array with the named axes, in order, on all six."""
    shape = [1] * len(_AXES)
    for name, length in zip(names, values.shape, strict=True):
        shape[_AXES[name]] = length
    return values.reshape(shape)


@dataclass(frozen=True)
class Chance:
    """Chance to belong to a group.

    Attributes
    ----------
    arrays : one a class of families, on the six axes; classes that are not told apart share one
    levels : bool (level,), functional levels outside which nobody belongs; None for none such. Kept apart from the
        arrays: most conditions on levels are yes or no, and the arrays stay a fifth as large
    """

    arrays: tuple[np.ndarray, ...]
    levels: np.ndarray | None = None

    @classmethod
    def same(cls, array: np.ndarray, classes: int, levels: np.ndarray | None = None) -> Chance:
        """The same for all classes."""
        return cls((array,) * classes, levels)

    @property
    def alike(self) -> bool:
        """Whether all classes have the same."""
        return all(array is self.arrays[0] for array in self.arrays)

    def whole(self) -> Chance:
        """The same with the levels in the arrays."""
        if self.levels is None:
            return self
        mask = on_axes(self.levels.astype(float), "level")
        return each([self], lambda array: array * mask)

    def sure(self) -> bool:
        """Whether everybody at the levels belongs."""
        return all(array.size == 1 and array.item() == 1.0 for array in self.arrays)


def each(chances: Sequence[Chance], join: Callable[..., np.ndarray], levels: np.ndarray | None = None) -> Chance:
    """Arrays of chances joined class by class; where all of them are the same for all classes, so is the result."""
    made: dict[tuple[int, ...], np.ndarray] = {}
    out = []
    for arrays in zip(*(chance.arrays for chance in chances), strict=True):
        key = tuple(map(id, arrays))
        if key not in made:
            made[key] = join(*arrays)
        out.append(made[key])
    return Chance(tuple(out), levels)


def all_of(chances: Sequence[Chance]) -> Chance:
    """Chance to belong to all."""
    return each(chances, lambda *arrays: reduce(np.multiply, arrays), _and([chance.levels for chance in chances]))


def none_of(chances: Sequence[Chance]) -> Chance:
    """Chance to belong to none."""
    made: dict[int, np.ndarray] = {}  # many classes share a chance

    def without(own: np.ndarray) -> np.ndarray:
        if id(own) not in made:
            rest = 1.0 - own
            made[id(own)] = np.minimum(np.maximum(rest, 0.0, out=rest), 1.0, out=rest)
        return made[id(own)]

    sure = [chance for chance in chances if chance.levels is not None and chance.sure()]
    others = [chance.whole() for chance in chances if not (chance.levels is not None and chance.sure())]
    levels = _and([~chance.levels for chance in sure if chance.levels is not None])
    if not others:
        return Chance(sure[0].arrays, levels)
    return each(others, lambda *arrays: reduce(np.multiply, map(without, arrays)), levels)


def complement(chance: Chance) -> Chance:
    """Chance not to belong."""
    return each([chance.whole()], lambda own: 1.0 - own)


def _and(masks: Sequence[np.ndarray | None]) -> np.ndarray | None:
    known = [mask for mask in masks if mask is not None]
    return reduce(np.logical_and, known) if known else None


class Membership:
    """What a rule says of cells and relatives by itself, without other groups.

    Parameters
    ----------
    quantities : drawn quantities
    levels : whether the run tells functional levels apart
    kin : shares of families, or None
    """

    def __init__(self, quantities: Quantities, levels: bool, kin: KinShares | None) -> None:
        self.quantities = quantities
        self.grid = quantities.grid
        self.levels = levels
        self.kin = kin

    @property
    def classes(self) -> int:
        """Classes of families; 1 where relatives are not known."""
        return 1 if self.kin is None else self.kin.classes.size

    def ages(self, where: Where) -> np.ndarray:
        """Ages that a rule counts; bool (age,)."""
        return age_mask(parse_age(where.age) if where.age else (0, None), self.grid.ages)

    def weight(self, rule: Rule, ages: np.ndarray) -> Chance:
        """Shares of a rule where its cells are, 0 elsewhere, whatever the relatives.

        Raises
        ------
        MissingInput
            A quantity, a residence or the levels are not there, or do not hold for an age.
        """
        where, inside = rule.where, self.ages(rule.where) & ages
        levels = np.array([f in where.function for f in FUNCTIONS]) if where.function else None
        if not inside.any():
            return Chance.same(np.zeros((1,) * len(_AXES)), self.classes, levels)
        weights = [self.quantities.on_cells(f, inside) for f in rule.times]
        weights += [1.0 / self.quantities.on_cells(f, inside) for f in rule.over]
        out = reduce(np.multiply, weights, np.full((1,) * len(_AXES), 1.0 / rule.per))
        if np.isnan(out).any():
            names = " × ".join(f.of for f in (*rule.times, *rule.over))
            raise MissingInput(f"{names}: {where.age or 'all ages'}")
        out = reduce(np.multiply, self._conditions(where, inside), out)
        by_level = out.shape[4] > 1 or bool(where.function)
        if by_level and not self.levels:
            raise MissingInput("function.prevalence")
        if by_level and np.flatnonzero(inside)[0] < FUNCTION_FROM:
            raise MissingInput(f"function: {where.age or 'all ages'} (levels exist from age {FUNCTION_FROM})")
        if inside.sum() == ages.sum():
            return Chance.same(out, self.classes, levels)
        wide = np.zeros((*out.shape[:3], int(ages.sum()), *out.shape[4:]))
        wide[:, :, :, inside[ages]] = out
        return Chance.same(wide, self.classes, levels)

    def _conditions(self, where: Where, ages: np.ndarray) -> list[np.ndarray]:
        found = []
        if where.sex:
            found.append(on_axes(np.array([float(s == where.sex) for s in SEXES]), "sex"))
        if where.residence:
            found.append(self._residences(where.residence))
        if where.registered:
            urban, rural = (self._residences(name) for name in BOTH)
            share = on_axes(self.quantities.path(FactorSpec(of=RURAL_OF_URBAN)), "time", "draw")
            found.append(rural + urban * share)
        if where.below is not None:
            limit = np.round(self.quantities.path(where.below))
            below = np.flatnonzero(ages)[None, :, None] < limit[:, None]
            found.append(on_axes(below.astype(float), "time", "age", "draw"))
        return found

    def _residences(self, name: str) -> np.ndarray:
        if name not in self.grid.residences:
            raise MissingInput("urbanisation.urban_share")
        return on_axes(np.array([float(r == name) for r in self.grid.residences]), "residence")

    def related(self, where: Where, ages: np.ndarray) -> Chance | None:
        """1 where the relatives of a class satisfy a rule, else 0; None where the rule does not ask.

        Raises
        ------
        MissingInput
            Relatives are not known in this run.
        """
        mask = where_mask(where)
        if mask is None:
            return None
        if self.kin is None:
            raise MissingInput(KIN)
        members = self.kin.classes.members(mask)
        made: dict[bytes, np.ndarray] = {}
        out = []
        for i in range(self.classes):
            row = self.kin.by_condition(members, i, ages).astype(float)
            # Classes that a rule does not tell apart share an array, and are counted together.
            out.append(made.setdefault(row.tobytes(), on_axes(row, "age")))
        return Chance(tuple(out))
