"""Raking (iterative proportional fitting): a table brought to known margins, its structure kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from demo_sim.demography.ages import Group, age_mask

MAX_ROUNDS = 200
_ROUNDED = 0.005  # most that printed shares may miss 1 by
EXACT = 1e-13  # relative distance of every margin from its total at which raking ends


@dataclass(frozen=True)
class Margin:
    """A known distribution of the cells over some classes.

    Attributes
    ----------
    classes : whole numbers of the shape of a table without its draws, the class of each cell, from 0
    totals : (class, draw), persons; the totals of all margins have the same sum
    """

    classes: np.ndarray
    totals: np.ndarray


def rake(table: np.ndarray, margins: Sequence[Margin]) -> np.ndarray:
    """Table with the given margins and the odds ratios of the old one (Deming and Stephan 1940).

    One margin after the other, the cells of each class are multiplied by one factor, until all margins hold. Where
    nothing is known (inside a class of every margin) the proportions stay as they were; zeros stay zeros.

    Parameters
    ----------
    table : (..., draw), persons, none negative
    margins : at least one; with a single one a first round is exact

    Returns
    -------
    Same shape.

    Raises
    ------
    ValueError
        The margins have different sums, a class with people wanted is empty, or no table has these margins.
    """
    out = np.array(table, dtype=float)
    sums = np.stack([margin.totals.sum(axis=0) for margin in margins])
    if np.any(np.abs(sums - sums[0]) > 1e-9 * np.abs(sums[0])):
        raise ValueError("the margins have different sums")
    if any((margin.totals < 0.0).any() for margin in margins):
        raise ValueError("a margin is negative")
    going = np.ones(out.shape[-1], bool)  # a draw that has arrived stays: it does not wait for the others
    for _ in range(MAX_ROUNDS):
        worst = np.zeros(out.shape[-1])
        for margin in margins:
            have, wanted = _class_sums(out, margin), margin.totals > 0.0
            if np.any((have <= 0.0) & wanted):
                raise ValueError("a class that should hold people is empty in the table")
            factor = np.divide(margin.totals, have, out=np.zeros_like(have), where=have > 0.0)
            worst = np.maximum(worst, np.where(wanted, np.abs(factor - 1.0), 0.0).max(axis=0))
            out *= np.where(going, factor, 1.0)[margin.classes]
        going &= worst > EXACT
        if not going.any() or len(margins) == 1:
            return out
    raise ValueError(f"the margins cannot be reached together within {MAX_ROUNDS} rounds")


def _class_sums(table: np.ndarray, margin: Margin) -> np.ndarray:
    """Persons of each class; (class, draw).

    Added row by row: a matrix product would add in an order that depends on the number of draws.
    """
    flat, classes = table.reshape(-1, table.shape[-1]), margin.classes.ravel()
    return np.stack([flat[classes == number].sum(axis=0) for number in range(len(margin.totals))])


def age_classes(groups: Sequence[Group], shares: np.ndarray, ages: int) -> tuple[np.ndarray, np.ndarray]:
    """Classes of single ages, and their shares, from the shares of age groups that may lie inside each other.

    A group keeps what the groups inside it leave (60+ of which 65+ gives 60-64 and 65+); ages in no group take the
    rest to 1.

    Parameters
    ----------
    groups : disjoint or one inside the other
    shares : (group, draw), of the whole population
    ages : number of single ages, the last one open

    Returns
    -------
    (age,) class of each age, and (class, draw) shares that sum to 1

    Raises
    ------
    ValueError
        Two groups overlap in part, a group holds less than those inside it, or shares of all ages do not sum to 1.
    """
    masks = [age_mask(group, ages) for group in groups]
    order = sorted(range(len(groups)), key=lambda i: -int(masks[i].sum()))
    classes = np.full(ages, len(groups))
    own = np.concatenate([shares, np.ones((1, shares.shape[1]))])
    for i in order:
        around = np.unique(classes[masks[i]])
        if around.size > 1:
            raise ValueError(f"the age group {_label(groups[i])} overlaps another in part")
        own[around[0]] -= shares[i]
        classes[masks[i]] = i
    if int(classes.max()) < len(groups):
        if (np.abs(own[-1]) > _ROUNDED).any():
            raise ValueError(f"the shares of all ages sum to {float(1.0 - own[-1].mean()):.4g}, not 1")
        own = own[:-1] / own[:-1].sum(axis=0)
    for i, share in enumerate(own):
        if (share < -1e-9).any():
            name = _label(groups[i]) if i < len(groups) else "0+"
            raise ValueError(f"the age group {name} holds less than the groups inside it")
    return classes, np.maximum(own, 0.0)


def _label(group: Group) -> str:
    first, last = group
    return f"{first}+" if last is None else f"{first}-{last}"
