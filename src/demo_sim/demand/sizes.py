"""How many people a chance of membership makes: residents, the registered, and those who live outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from demo_sim.demand.deviations import Seen, Watch
from demo_sim.demand.kin_counts import KinShares
from demo_sim.demand.membership import FUNCTION_FROM, Chance
from demo_sim.demand.quantities import MissingInput, Quantities
from demo_sim.inputs.grid import Grid
from demo_sim.scenario.entries import FactorSpec
from demo_sim.scenario.rules import BRIDGE, NONLOCAL

Alike = list[tuple[np.ndarray, list[int]]]  # chances with the classes of families that share each


@dataclass(frozen=True)
class Projected:
    """The projected population a rule is applied to.

    Attributes
    ----------
    persons : (time, residence, sex, age, draw)
    shares : (time, residence, sex, age from 60, function, draw), shares of functional levels, or None
    grid : coordinates
    bridge : (age, draw), registered persons per resident, or None
    kin : shares of families, or None where the run does not follow them
    events : (time, residence, draw) of what happened in the year to a year-end, counted within as a group is
    factors : (time, residence, draw) by count, what persons of the draw show beyond the shares of all
    watch : where the persons of these draws are to be noted
    conditions : (time, residence, sex, age from 60, draw), shares that are followed as states, by their path
    """

    persons: np.ndarray
    shares: np.ndarray | None
    grid: Grid
    bridge: np.ndarray | None
    kin: KinShares | None = None
    events: Mapping[str, np.ndarray] = field(default_factory=dict)
    factors: Mapping[str, np.ndarray] = field(default_factory=dict)
    watch: Watch | None = None
    conditions: Mapping[str, np.ndarray] = field(default_factory=dict)


class Sizes:
    """Sizes of groups of a projected population; (time, residence, draw), with an axis of ages before it if asked."""

    def __init__(self, projected: Projected, quantities: Quantities) -> None:
        self.projected = projected
        self.quantities = quantities
        self._made: dict[tuple[bool, bool, str, bytes], np.ndarray] = {}
        self._classes: dict[tuple[tuple[int, ...], bytes, str, bytes], np.ndarray] = {}

    def by_cells(self, chance: Chance, ages: np.ndarray, base: str) -> np.ndarray:
        """People of a group that relatives do not decide; the registered through the bridge.

        Parameters
        ----------
        chance : of membership, the same for all classes
        ages : bool (age,), without a gap
        base : `resident` or `hukou`

        Raises
        ------
        MissingInput
            The scenario has no bridge to the registered.
        """
        if base == "hukou" and self.projected.bridge is None:
            raise MissingInput(BRIDGE)
        return self._people(ages, BRIDGE if base == "hukou" else "", chance.levels, chance.arrays[0])

    def by_relatives(
        self, chance: Chance, ages: np.ndarray, base: str, away: bool, name: str, by_age: bool = False
    ) -> np.ndarray:
        """People of a group that relatives decide; the registered as local residents and those away.

        Parameters
        ----------
        chance : of membership by class of family
        ages : bool (age,), without a gap
        base : `resident` or `hukou`
        away : whether registered people who live outside can belong to the group
        name : of the count, under which its factors stand
        by_age : whether each age is told apart
        """
        by = NONLOCAL if base == "hukou" else ""
        alike, levels, same = _alike(chance), chance.levels, chance.alike
        if same:
            living = self._people(ages, by, levels, chance.arrays[0], by_age=by_age)
        else:
            living = self._by_class(alike, ages, by, levels, by_age)
        outside = self._outside(alike, ages, levels) if by and away else None
        out = living
        if outside is not None:
            out = living + (_spread(outside, living) if by_age else _spread_sum(outside.sum(axis=1), living))
        if self.projected.watch is not None and name and not (same and outside is None):
            shown = living.sum(axis=2) if by_age else living
            mean = out.sum(axis=2) if by_age else out
            self._note(name, shown, mean, outside is not None, alike, ages, by, levels)
        factor = self.projected.factors.get(name)
        if factor is None:
            return out
        return out * (factor[:, :, None] if by_age else factor)

    def _by_class(self, alike: Alike, ages: np.ndarray, by: str, levels: np.ndarray | None, by_age: bool) -> np.ndarray:
        """Residents of a group that differs by class of family."""
        kin = self.projected.kin
        assert kin is not None
        found = []
        for part, chosen in alike:
            if part.shape[2] == part.shape[4] == 1:
                people = self._of_classes(chosen, ages, by, levels)
                weight = np.broadcast_to(part[:, :, 0, :, 0], people.shape)
                found.append(people * weight if by_age else np.einsum("trad,trad->trd", people, weight))
            else:
                by_level = levels is not None or part.shape[4] > 1
                found.append(self._people(ages, by, levels, kin.of(chosen, by_level, ages), part, by_age=by_age))
        if found:
            return np.asarray(reduce(np.add, found))
        p = self.projected
        width = (int(ages.sum()),) if by_age else ()
        return np.zeros((p.grid.times.size, len(p.grid.residences), *width, p.persons.shape[-1]))

    def _of_classes(self, chosen: list[int], ages: np.ndarray, by: str, levels: np.ndarray | None) -> np.ndarray:
        """Residents of some classes of families together, at some levels or all; (time, residence, age, draw).

        Many rules tell the same classes apart.
        """
        key = (tuple(chosen), ages.tobytes(), by, b"" if levels is None else levels.tobytes())
        if key not in self._classes:
            kin = self.projected.kin
            assert kin is not None
            share = kin.of(chosen, levels is not None, ages)
            self._classes[key] = self._people(ages, by, levels, share, by_age=True)
        return self._classes[key]

    def _outside(self, alike: Alike, ages: np.ndarray, levels: np.ndarray | None) -> np.ndarray:
        """Registered people of a group who live outside the region; (time, age, draw)."""
        kin = self.projected.kin
        assert kin is not None
        return np.asarray(
            sum((kin.outside(chosen, ages) * _abroad(part, levels)).sum(axis=1) for part, chosen in alike)
        )

    def _note(
        self,
        name: str,
        living: np.ndarray,
        mean: np.ndarray,
        with_outside: bool,
        alike: Alike,
        ages: np.ndarray,
        by: str,
        levels: np.ndarray | None,
    ) -> None:
        """Keep what persons of these draws show of a count beyond the pooled shares.

        Parameters
        ----------
        living, mean : residents, and all of the count; (time, residence, draw)
        """
        kin, watch = self.projected.kin, self.projected.watch
        by_level = levels is not None or any(part.shape[4] > 1 for part, _ in alike)
        assert kin is not None and watch is not None
        off = np.zeros(living.shape)
        square, away, away_square = np.zeros((3, living.shape[0], living.shape[-1]))
        for part, chosen in alike:
            share, deviation = (
                kin.of(chosen, by_level, ages),
                watch.counts.deviation(kin, chosen, by_level, ages),
            )
            off += self._people(ages, by, levels, deviation, part)
            square += self._people(ages, by, levels, share, part, part).sum(axis=1)
            if with_outside:
                persons, own = watch.counts.outside(chosen, ages), _abroad(part, levels)
                away += ((persons - kin.outside(chosen, ages)) * own).sum(axis=(1, 2))
                away_square += (persons * own**2).sum(axis=(1, 2))
        watch.seen[name] = Seen(
            mean,
            off,
            _spread_sum(away, living),
            living.sum(axis=1),
            self._people(ages, by, None).sum(axis=1),
            square,
            kin.agents[..., ages].sum(axis=(1, 2, 3)),
            away_square,
        )

    def _people(
        self, ages: np.ndarray, by: str, levels: np.ndarray | None, *weights: np.ndarray, by_age: bool = False
    ) -> np.ndarray:
        """Persons times weights on all axes, at some levels or all.

        Parameters
        ----------
        ages : bool (age,), without a gap
        by : what makes residents the registered, if they are asked for
        levels : bool (level,), or None for all
        weights : each on all six axes
        """
        sexes, by_level = (any(weight.shape[axis] > 1 for weight in weights) for axis in (2, 4))
        persons = self._persons(sexes, by_level, by, None if by_level else levels)
        persons = persons[:, :, :, _span(ages, by_level or levels is not None)]
        if by_level and levels is not None:
            at = _place(levels)
            persons = persons[..., at, :]
            weights = tuple(w[..., at, :] if w.shape[4] > 1 else w for w in weights)
        full = [np.broadcast_to(weight, persons.shape) for weight in weights]
        return np.einsum(",".join(["trsald"] * (1 + len(full))) + ("->trad" if by_age else "->trd"), persons, *full)

    def _persons(self, by_sex: bool, by_level: bool, by: str, levels: np.ndarray | None = None) -> np.ndarray:
        """Persons of all ages, or from 60 by level or at some; (time, residence, sex or 1, age, level or 1, draw).

        Many rules do not ask for sex or level: what they add up is added up once.
        """
        key = (by_sex, by_level, by, b"" if levels is None else levels.tobytes())
        if key not in self._made:
            p = self.projected
            if not by_sex:
                made = self._persons(True, by_level, by, levels).sum(axis=2, keepdims=True)
            elif levels is not None:
                made = self._persons(True, True, by)[..., _place(levels), :].sum(axis=4, keepdims=True)
            elif by_level:
                assert p.shares is not None
                made = self._persons(True, False, by)[:, :, :, FUNCTION_FROM:] * p.shares
            else:
                made = p.persons[:, :, :, :, None]
                made = made * self._registered(by) if by else made
            self._made[key] = made
        return self._made[key]

    def _registered(self, by: str) -> np.ndarray:
        """Registered persons per resident, on the axes of the cells."""
        if by == NONLOCAL:
            return 1.0 - self.quantities.on_cells(FactorSpec(of=by), np.ones(self.projected.grid.ages, bool))
        assert self.projected.bridge is not None
        return self.projected.bridge[:, None]


def _alike(chance: Chance) -> Alike:
    """Chances above zero with the classes that share each."""
    found: dict[int, tuple[np.ndarray, list[int]]] = {}
    for number, part in enumerate(chance.arrays):
        found.setdefault(id(part), (part, []))[1].append(number)
    return [(part, chosen) for part, chosen in found.values() if part.any()]


def _span(ages: np.ndarray, from_60: bool) -> slice:
    """Places of ages without a gap, on an axis from 0 or from 60."""
    asked = np.flatnonzero(ages) - (FUNCTION_FROM if from_60 else 0)
    return slice(asked[0], asked[-1] + 1) if asked.size else slice(0)


def _place(levels: np.ndarray) -> slice | np.ndarray:
    """Levels that follow on each other as a slice, which copies nothing; others as they are."""
    asked = np.flatnonzero(levels)
    together = asked.size > 0 and asked[-1] - asked[0] + 1 == asked.size
    return slice(asked[0], asked[-1] + 1) if together else levels


def _abroad(chance: np.ndarray, levels: np.ndarray | None) -> np.ndarray:
    """Chance of people outside; (time, sex, age, draw).

    Levels are not assessed away: all are counted as intact. What differs by residence is about living here.
    """
    own = chance[:, :, :, :, 0].min(axis=1)
    return np.asarray(own if levels is None or levels[0] else np.zeros_like(own))


def _spread(outside: np.ndarray, living: np.ndarray) -> np.ndarray:
    """People outside, (time, age, draw), put down to the residences as the members of all ages there are."""
    return _part(living.sum(axis=2))[:, :, None] * outside[:, None]


def _spread_sum(outside: np.ndarray, living: np.ndarray) -> np.ndarray:
    """The same without ages: people outside, (time, draw), and members, (time, residence, draw)."""
    return _part(living) * outside[:, None]


def _part(living: np.ndarray) -> np.ndarray:
    """Part of each residence in the members, (time, residence, draw); the same of all where there is nobody."""
    whole = living.sum(axis=1, keepdims=True)
    even = np.full_like(living, 1.0 / living.shape[1])
    return np.asarray(np.divide(living, whole, out=even, where=whole > 0.0))
