"""Who belongs to a group: the chance of each person, by cell and by class of family.

A chance has one array a class, on the axes (time, residence, sex, age, level, draw) with length 1 where it does not
differ; classes for which it is the same share one array. Chances of several groups are joined as independent given
cell and family, so exclusive conditions on relatives stay exclusive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

from demo_sim.demand.kin_counts import KinCounts
from demo_sim.demand.kin_rules import where_mask
from demo_sim.demand.quantities import MissingInput, Quantities
from demo_sim.demography.ages import age_mask, parse_age
from demo_sim.inputs.grid import BOTH, SEXES
from demo_sim.scenario.entries import FactorSpec, Rule, Where
from demo_sim.vocab import FUNCTIONS

FUNCTION_FROM = 60
RURAL_OF_URBAN = "groups.rural_share_of_urban"
KIN = "kin (history, --engine people)"  # what a run without relatives lacks

Chance = list[np.ndarray]
_AXES = {"time": 0, "residence": 1, "sex": 2, "age": 3, "level": 4, "draw": 5}


def on_axes(values: np.ndarray, *names: str) -> np.ndarray:
    """An array with the named axes, in order, on all six."""
    shape = [1] * len(_AXES)
    for name, length in zip(names, values.shape, strict=True):
        shape[_AXES[name]] = length
    return values.reshape(shape)


def each(chances: Sequence[Chance], join: Callable[..., np.ndarray]) -> Chance:
    """Chances joined class by class; where all of them are the same for all classes, so is the result."""
    made: dict[tuple[int, ...], np.ndarray] = {}
    out = []
    for arrays in zip(*chances, strict=True):
        key = tuple(map(id, arrays))
        if key not in made:
            made[key] = join(*arrays)
        out.append(made[key])
    return out


def all_of(chances: Sequence[Chance]) -> Chance:
    """Chance to belong to all."""
    return each(chances, lambda *arrays: reduce(np.multiply, arrays))


def none_of(chances: Sequence[Chance]) -> Chance:
    """Chance to belong to none."""
    made: dict[int, np.ndarray] = {}  # many classes share a chance

    def without(own: np.ndarray) -> np.ndarray:
        if id(own) not in made:
            made[id(own)] = np.clip(1.0 - own, 0.0, 1.0)
        return made[id(own)]

    return each(chances, lambda *arrays: reduce(np.multiply, map(without, arrays)))


def any_of(chances: Sequence[Chance]) -> Chance:
    """Chance to belong to at least one."""
    return each([none_of(chances)], lambda none: 1.0 - none)


class Cells:
    """What a rule says of cells and relatives by itself, without other groups.

    Parameters
    ----------
    quantities : drawn quantities
    levels : whether the run tells functional levels apart
    kin : relatives of the persons, or None
    """

    def __init__(self, quantities: Quantities, levels: bool, kin: KinCounts | None) -> None:
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

    def weight(self, rule: Rule, ages: np.ndarray) -> np.ndarray:
        """Shares of a rule where its cells are, 0 elsewhere, whatever the relatives.

        Raises
        ------
        MissingInput
            A quantity, a residence or the levels are not there, or do not hold for an age.
        """
        where, inside = rule.where, self.ages(rule.where) & ages
        if not inside.any():
            return np.zeros((1,) * len(_AXES))
        weights = [self.quantities.on_cells(f, inside) for f in rule.times]
        weights += [1.0 / self.quantities.on_cells(f, inside) for f in rule.over]
        out = reduce(np.multiply, weights, np.full((1,) * len(_AXES), 1.0 / rule.per))
        if np.isnan(out).any():
            names = " × ".join(f.of for f in (*rule.times, *rule.over))
            raise MissingInput(f"{names}: {where.age or 'all ages'}")
        out = reduce(np.multiply, self._conditions(where, inside), out)
        if out.shape[4] > 1 and not self.levels:
            raise MissingInput("function.prevalence")
        if out.shape[4] > 1 and np.flatnonzero(inside)[0] < FUNCTION_FROM:
            raise MissingInput(f"function: {where.age or 'all ages'} (levels exist from age {FUNCTION_FROM})")
        if inside.sum() == ages.sum():
            return out
        wide = np.zeros((*out.shape[:3], int(ages.sum()), *out.shape[4:]))
        wide[:, :, :, inside[ages]] = out
        return wide

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
        if where.function:
            found.append(on_axes(np.array([float(f in where.function) for f in FUNCTIONS]), "level"))
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
            row = self.kin.by_age(members, i, ages).astype(float)
            # Classes that a rule does not tell apart share an array, and are counted together.
            out.append(made.setdefault(row.tobytes(), on_axes(row, "age")))
        return out
