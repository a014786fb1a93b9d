"""Where the two of a couple are, and mother and child, if they have always moved as they do now.

Families of the base year are put in places by these odds, so that the years that follow do not have to bring them
there: what a relation is in the base year is what its moves lead to. Everything is expected values; a person's chances
are those of the first year's tables, and two in one place act together as `kernels.together` has it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.engine.absent import MOST_RETURNING
from demo_sim.engine.calendar import YearTables
from demo_sim.engine.cohort import MOVE_LIMIT
from demo_sim.inputs.history import MOTHER_FROM, OLDER, KinPlaces
from demo_sim.kernels.kin import ADULT
from demo_sim.space.places import routes

GENERATION = 27  # years between mother and child; a year or two more or less changes little
LEAST_SHARE = 1e-4  # share of a pair of places that never comes out: fitting to margins needs all of them


@dataclass(frozen=True)
class Moves:
    """Chances of a year's moves; the second half of the places are outside the region, by the place left.

    Attributes
    ----------
    kinds : (kind, sex, age, draw, from, to), of a move out, inside or back, and of being re-coded
    one : (sex, age, draw, from, to), where somebody is a year later
    together : (2, draw), chances that two in one place move as one, and are re-coded as one
    """

    kinds: np.ndarray
    one: np.ndarray
    together: np.ndarray

    @classmethod
    def of(
        cls, start: np.ndarray, absent: np.ndarray, tables: YearTables, returnee_share: np.ndarray, together: np.ndarray
    ) -> Moves:
        """From a year's tables.

        Parameters
        ----------
        start, absent : (place, sex, age, draw), residents and people outside on 1 January
        returnee_share : (draw,), part of those who move in that returns
        """
        places, _, ages, draws = start.shape
        kinds = np.zeros((2, 2 * places, 2 * places, 2, ages, draws))
        moved, recoded = kinds
        present, wanted = start + 0.5 * tables.entering, tables.entering * returnee_share
        leaving = np.divide(tables.leaving, present, out=np.zeros_like(start), where=present > 0.0)
        back = np.divide(wanted, absent, out=np.zeros_like(start), where=absent > 0.0)
        for place in range(places):
            moved[place, place + places] = np.minimum(leaving[place], MOVE_LIMIT)
            moved[place + places, place] = np.minimum(back[place], MOST_RETURNING)
        for way, (origin, destination) in enumerate(routes(places)):
            staying = 1.0 - moved[origin, origin + places]
            recoded[origin, destination] = staying * tables.reclass_rate[way]
            moved[origin, destination] = staying * tables.move_rate[way] * (1.0 - tables.reclass_rate[way])
        kinds = np.ascontiguousarray(kinds.transpose(0, 3, 4, 5, 1, 2))
        one = kinds.sum(axis=0)
        stay = np.arange(2 * places)
        one[..., stay, stay] = 1.0 - one.sum(axis=-1)
        return cls(kinds, one, together)

    def later(self, pairs: np.ndarray, first: tuple[int, int], second: tuple[int, int], as_one: bool) -> np.ndarray:
        """Where two are a year later.

        Parameters
        ----------
        pairs : (draw, place of the first, of the second), shares
        first, second : sex and age of each
        as_one : whether they act together where they are in one place
        """
        one, other = self.one[first], self.one[second]
        out = one.swapaxes(-1, -2) @ pairs @ other
        if not as_one:
            return np.asarray(out)
        same = np.einsum("dpp->dp", pairs)
        moves, recoded = self.together
        both = np.minimum(moves, recoded)
        alone = (same[..., None] * one).swapaxes(-1, -2) @ other
        for share, kinds in ((both, (1.0, 1.0)), (moves - both, (1.0, 0.0)), (recoded - both, (0.0, 1.0))):
            if share.any():
                out += share[:, None, None] * (self._coupled(same, first, second, kinds) - alone)
        return np.asarray(out)

    def _coupled(
        self, same: np.ndarray, first: tuple[int, int], second: tuple[int, int], as_one: tuple[float, float]
    ) -> np.ndarray:
        """Where two from one place are a year later who do the same as often as both chances allow.

        Parameters
        ----------
        same : (draw, place), shares of those in one place
        as_one : of each kind, whether they do
        """
        kinds = [self.kinds[:, sex, age] for sex, age in (first, second)]
        both = sum(part * np.minimum(a, b) for part, a, b in zip(as_one, *kinds, strict=True))
        left = np.maximum(1.0 - both.sum(axis=-1), 1e-12)  # (draw, from)
        rest, other = (self.one[who] - both for who in (first, second))
        out = (rest * (same / left)[..., None]).swapaxes(-1, -2) @ other
        to = np.arange(same.shape[1])
        out[:, to, to] += (same[..., None] * both).sum(axis=1)
        return np.asarray(out)


def places_of_kin(
    start: np.ndarray,
    absent: np.ndarray,
    tables: YearTables,
    returnee_share: np.ndarray,
    together: np.ndarray,
    ever_married: np.ndarray,
) -> KinPlaces:
    """Where the moves of one year lead kin to, were they always the same.

    Parameters
    ----------
    start, absent : (place, sex, age, draw), residents and people outside on 1 January
    tables : of the year
    returnee_share : (draw,), part of those who move in that returns
    together : (2, draw), chances that two in one place move as one, and are re-coded as one
    ever_married : (sex, age, draw), shares; a couple begins in one place
    """
    moves = Moves.of(start, absent, tables, returnee_share, together)
    women = np.moveaxis(np.concatenate([start, absent])[:, 1], -1, 0)  # (draw, place, age)
    draws, size, ages = women.shape
    here = np.arange(size)
    where = women / np.maximum(women.sum(axis=1, keepdims=True), 1e-9)
    couples = np.zeros((ages, draws, size, size))
    share = np.maximum.accumulate(ever_married[1], axis=0)
    pairs, married = np.zeros(couples.shape[1:]), np.zeros(draws)
    for age in range(MOTHER_FROM, ages):
        pairs = moves.later(pairs, (1, age - 1), (0, min(age - 1 + OLDER, ages - 1)), True)
        new = np.maximum(share[age] - married, 0.0)
        pairs[:, here, here] += new[:, None] * where[:, :, age]
        married = married + new
        couples[age] = pairs / np.maximum(married, 1e-9)[:, None, None]
    children = np.zeros((2, *couples.shape))
    for sex in range(2):
        pairs = np.zeros(couples.shape[1:])
        pairs[:, here, here] = where[:, :, GENERATION]
        for age in range(ages):
            children[sex, age] = pairs
            pairs = moves.later(pairs, (1, min(GENERATION + age, ages - 1)), (sex, age), age < ADULT)
    couples, children = (np.maximum(np.moveaxis(part, -3, -1), LEAST_SHARE) for part in (couples, children))
    return KinPlaces(couples, children, dying(start, tables))


def places_by_odds(start: np.ndarray, tables: YearTables, odds: np.ndarray) -> KinPlaces:
    """Where kin are by odds that are said.

    Parameters
    ----------
    start : (place, sex, age, draw), residents; tables : of the first year
    odds : (kind, draw), of a child below 18 and of a grown one with the mother, and of a couple, in the same place
    """
    places, _, ages, draws = start.shape
    seeds = np.ones((3, 2 * places, 2 * places, draws))
    for place in range(2 * places):
        seeds[:, place, place] = odds
        seeds[:, place, (place + places) % (2 * places)] = np.sqrt(odds)  # of the same origin
    grown = (np.arange(ages) >= ADULT).astype(int)
    return KinPlaces(np.repeat(seeds[2:], ages, axis=0), np.stack([seeds[grown]] * 2), dying(start, tables))


def dying(start: np.ndarray, tables: YearTables) -> np.ndarray:
    """Death rates of women of 30 to 59 by place; (place, draw)."""
    women, ages = start[:, 1], slice(30, 60)
    deaths = (women[:, ages] * tables.qs[:, 1, ages]).sum(axis=1)
    return np.maximum(np.asarray(deaths / np.maximum(women[:, ages].sum(axis=1), 1e-9)), 1e-9)
