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
        self._both_sexes = projected.persons.sum(axis=2, keepdims=True)

    def by_cells(self, chance: Chance, ages: np.ndarray, base: str) -> np.ndarray:
        """People of a group that relatives do not decide; the registered through the bridge.

        Parameters
        ----------
        chance : of membership, the same for all classes
        ages : bool (age,)
        base : `resident` or `hukou`

        Raises
        ------
        MissingInput
            The scenario has no bridge to the registered.
        """
        if base != "hukou":
            return self._people(chance[0], ages, None)
        if self.projected.bridge is None:
            raise MissingInput(BRIDGE)
        return self._people(chance[0], ages, self.projected.bridge[ages][None, None, None])

    def by_relatives(self, chance: Chance, ages: np.ndarray, base: str, away: bool) -> np.ndarray:
        """People of a group that relatives decide; the registered as local residents and those away.

        Parameters
        ----------
        chance : of membership by class of family
        ages : bool (age,)
        base : `resident` or `hukou`
        away : whether registered people who live outside can belong to the group
        """
        kin = self.projected.kin
        assert kin is not None
        local = None
        if base == "hukou":
            local = 1.0 - self.quantities.on_cells(FactorSpec(of=NONLOCAL), ages)[:, :, :, :, 0]
        if all(part is chance[0] for part in chance):
            out = self._people(chance[0], ages, local)
        else:
            out = self._by_class(chance, ages, local)
        return self._with_away(out, chance, ages) if base == "hukou" and away else out

    def _by_class(self, chance: Chance, ages: np.ndarray, local: np.ndarray | None) -> np.ndarray:
        """Residents of a group that differs by class of family, with chance as among persons."""
        p, kin = self.projected, self.projected.kin
        assert kin is not None
        levels = any(part.shape[4] > 1 for part in chance)
        draws = p.persons.shape[-1]
        several = draws > 1 and kin.draws > 1
        shape = (p.grid.times.size, len(p.grid.residences), int(ages.sum()), draws)
        mean, off, square = np.zeros(shape), np.zeros(shape), np.zeros(shape[0])
        for part, chosen in _alike(chance):
            share = kin.pooled(chosen, levels, ages)[:, : shape[1]]
            mean += self._people(share * part, ages, local)
            if several:
                off += self._people(kin.deviation(chosen, levels, ages)[:, : shape[1]] * part, ages, local)
                square += self._people(share * part**2, ages, local).sum(axis=(1, 2)).mean(axis=-1)
        if not several:
            return mean
        everyone = self._people(np.ones((1,) * 6), ages, local).sum(axis=(1, 2))
        agents = kin.everyone(False, ages)[:, : shape[1]].sum(axis=(1, 2, 3, 4)).mean(axis=-1)
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

    def _people(self, weight: np.ndarray, ages: np.ndarray, registered: np.ndarray | None) -> np.ndarray:
        """Persons times a weight on all axes."""
        p = self.projected
        by_sex = weight.shape[2] > 1
        if weight.shape[4] > 1:
            assert p.shares is not None
            old = ages[FUNCTION_FROM:]
            # shares[t, r, s, age, level, draw] × weight summed over level, then × persons
            weight = (p.shares[:, :, :, old] * weight).sum(axis=4)
            by_sex = True
        else:
            weight = weight[:, :, :, :, 0]
        if registered is not None:
            weight = weight * registered
        persons = (p.persons if by_sex else self._both_sexes)[:, :, :, ages]
        return np.einsum("trsxd,trsxd->trxd", persons, np.broadcast_to(weight, persons.shape))


def _alike(chance: Chance) -> list[tuple[np.ndarray, list[int]]]:
    """Chances above zero with the classes that share each."""
    found: dict[int, tuple[np.ndarray, list[int]]] = {}
    for number, part in enumerate(chance):
        found.setdefault(id(part), (part, []))[1].append(number)
    return [(part, chosen) for part, chosen in found.values() if part.any()]
