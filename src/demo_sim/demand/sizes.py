"""How many people a chance of membership makes: residents, the registered, and those who live outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from demo_sim.demand.kin_counts import KinCounts, shrink
from demo_sim.demand.membership import FUNCTION_FROM, Chance
from demo_sim.demand.quantities import MissingInput, Quantities
from demo_sim.inputs.grid import Grid
from demo_sim.scenario.entries import FactorSpec

BRIDGE = "groups.hukou_per_resident"
NONLOCAL = "groups.hukou_nonlocal"


@dataclass(frozen=True)
class Projected:
    """The projected population a rule is applied to.

    Attributes
    ----------
    persons : (time, residence, sex, age, draw)
    shares : (time, residence, sex, age from 60, function, draw), shares of functional levels, or None
    grid : coordinates
    bridge : (age, draw), registered persons per resident, or None
    kin : relatives of the persons, or None where the run does not follow them
    events : (time, residence, draw) of what happened in the year to a year-end, counted within as a group is
    """

    persons: np.ndarray
    shares: np.ndarray | None
    grid: Grid
    bridge: np.ndarray | None
    kin: KinCounts | None = None
    events: Mapping[str, np.ndarray] = field(default_factory=dict)


class Sizes:
    """Sizes of groups of a projected population; all of them (time, residence, age, draw)."""

    def __init__(self, projected: Projected, quantities: Quantities) -> None:
        self.projected = projected
        self.quantities = quantities
        self._made: dict[tuple[bool, bool, str], np.ndarray] = {}

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
        return self._people(ages, BRIDGE if base == "hukou" else "", chance[0])

    def by_relatives(self, chance: Chance, ages: np.ndarray, base: str, away: bool) -> np.ndarray:
        """People of a group that relatives decide; the registered as local residents and those away.

        Parameters
        ----------
        chance : of membership by class of family
        ages : bool (age,), without a gap
        base : `resident` or `hukou`
        away : whether registered people who live outside can belong to the group
        """
        by = NONLOCAL if base == "hukou" else ""
        if all(part is chance[0] for part in chance):
            out = self._people(ages, by, chance[0])
        else:
            out = self._by_class(chance, ages, by)
        return self._with_away(out, chance, ages) if by and away else out

    def _by_class(self, chance: Chance, ages: np.ndarray, by: str) -> np.ndarray:
        """Residents of a group that differs by class of family, with chance as among persons."""
        p, kin = self.projected, self.projected.kin
        assert kin is not None
        levels = any(part.shape[4] > 1 for part in chance)
        residences, draws = len(p.grid.residences), p.persons.shape[-1]
        several = draws > 1 and kin.draws > 1
        shape = (p.grid.times.size, residences, int(ages.sum()), draws)
        mean, off, square = np.zeros(shape), np.zeros(shape), np.zeros(shape[0])
        for part, chosen in _alike(chance):
            share = kin.pooled(chosen, levels, ages)[:, :residences]
            mean += self._people(ages, by, share, part)
            if several:
                off += self._people(ages, by, kin.deviation(chosen, levels, ages)[:, :residences], part)
                square += self._people(ages, by, share, part, part).sum(axis=(1, 2)).mean(axis=-1)
        if not several:
            return mean
        everyone = self._people(ages, by).sum(axis=(1, 2))
        agents = kin.everyone(False, ages)[:, :residences].sum(axis=(1, 2, 3, 4)).mean(axis=-1)
        first = mean.sum(axis=(1, 2)).mean(axis=-1) / everyone.mean(axis=-1)
        chance_of_agents = (square / everyone.mean(axis=-1) - first**2) / np.maximum(agents, 1.0)
        factor = shrink(off.sum(axis=(1, 2)) / everyone, chance_of_agents, kin.scale)
        return mean + factor * off

    def _with_away(self, residents: np.ndarray, chance: Chance, ages: np.ndarray) -> np.ndarray:
        """Registered people who live outside the region added, to the residences as the members there are."""
        kin = self.projected.kin
        assert kin is not None
        members, square = np.zeros((2, residents.shape[0], *residents.shape[2:]))
        for part, chosen in _alike(chance):
            # Levels are not assessed away: all are counted as intact. What differs by residence is about living here.
            own = part[:, :, :, :, 0].min(axis=1)
            persons = kin.away(chosen, ages)
            members += (persons * own).sum(axis=1)
            square += (persons * own**2).sum(axis=1)
        if kin.draws > 1:
            total = members.sum(axis=1, keepdims=True)
            mean = total.mean(axis=-1, keepdims=True)
            factor = shrink(total[:, 0], kin.scale * square.sum(axis=1).mean(axis=-1), kin.scale)
            wanted = mean + factor * (total - mean)
            members = np.divide(members * wanted, total, out=np.zeros_like(members), where=total > 0.0)
        by_residence = residents.sum(axis=2, keepdims=True)
        whole = by_residence.sum(axis=1, keepdims=True)
        even = np.full_like(by_residence, 1.0 / by_residence.shape[1])
        part_of = np.divide(by_residence, whole, out=even, where=whole > 0.0)
        return np.asarray(residents + part_of * members[:, None])

    def _people(self, ages: np.ndarray, by: str, *weights: np.ndarray) -> np.ndarray:
        """Persons times weights on all axes; `by` names what makes residents the registered, if they are asked for."""
        sexes, levels = (any(weight.shape[axis] > 1 for weight in weights) for axis in (2, 4))
        asked = np.flatnonzero(ages) - (FUNCTION_FROM if levels else 0)
        span = slice(asked[0], asked[-1] + 1) if asked.size else slice(0)
        persons = self._persons(sexes, levels, by)[:, :, :, span]
        full = [np.broadcast_to(weight, persons.shape) for weight in weights]
        return np.einsum(",".join(["trsald"] * (1 + len(full))) + "->trad", persons, *full)

    def _persons(self, by_sex: bool, by_level: bool, by: str) -> np.ndarray:
        """Persons of all ages, from 60 by level; (time, residence, sex or 1, age, level or 1, draw).

        Many rules do not ask for sex or level: what they add up is added up once.
        """
        key = (by_sex, by_level, by)
        if key not in self._made:
            p = self.projected
            if not by_sex:
                made = self._persons(True, by_level, by).sum(axis=2, keepdims=True)
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


def _alike(chance: Chance) -> list[tuple[np.ndarray, list[int]]]:
    """Chances above zero with the classes that share each."""
    found: dict[int, tuple[np.ndarray, list[int]]] = {}
    for number, part in enumerate(chance):
        found.setdefault(id(part), (part, []))[1].append(number)
    return [(part, chosen) for part, chosen in found.values() if part.any()]
