"""How many births the living go back to, and which cohorts of women had them.

The births that the living people of each age go back to are laid on cohorts of mothers by the age pattern of their
year. Where living women, by the children they are said to have had, bear fewer, wives who have died make up for it as
far as mortality allows. Younger women then have a little more than said, for the census counts their children.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.inputs.history import FIRST_COHORT, MOTHER_AGES, MOTHER_FROM, Past

COMPLETE = 45  # age at which women have had their children: their number is as said, dead mothers make up the rest
UNSEEN = 85  # from this age on survival tells nothing of how many there were


@dataclass(frozen=True)
class Wives:
    """Children ever born of women who ever married.

    Attributes
    ----------
    share : (place, age), of women; all mothers are among them
    children : (place, age, class), their shares by children ever born
    mean : (place, age), children
    """

    share: np.ndarray
    children: np.ndarray
    mean: np.ndarray

    @classmethod
    def of(cls, past: Past, draw: int) -> Wives:
        """Of one draw."""
        children = np.ascontiguousarray(past.children[..., draw])
        share = np.maximum(np.maximum(past.ever_married[1, :, draw], 1.0 - children[..., 0]), 1e-9)
        own = children / share[..., None]
        own[..., 0] = np.maximum(1.0 - own[..., 1:].sum(axis=-1), 0.0)
        return cls(share, own, own @ np.arange(own.shape[2]))


@dataclass(frozen=True)
class Motherhood:
    """How many births go back to which women; expected values, so that one agent more changes nothing.

    Attributes
    ----------
    people, absent : (residence or origin, sex, age), expected agents
    needed : (cohort from 1880, birth year of the child), births that the living go back to
    dead : int64 (cohort, place), wives who have died, by where they were registered
    one_more : (cohort,), chance of one child more than said, of mothers
    """

    people: np.ndarray
    absent: np.ndarray
    needed: np.ndarray
    dead: np.ndarray
    one_more: np.ndarray

    @classmethod
    def of(cls, people: np.ndarray, absent: np.ndarray, past: Past, draw: int) -> Motherhood:
        """From expected agents of one draw."""
        children = np.ascontiguousarray(past.children[..., draw])
        women = np.concatenate([people[:, 1], absent[:, 1]])  # (place, age)
        mean = np.concatenate([children, children]) @ np.arange(children.shape[2])
        needed = _births_by_cohort(people, absent, past)
        dead, one_more = _others(needed.sum(axis=1), women, mean, Wives.of(past, draw), past, draw)
        return cls(people, absent, needed, dead, one_more)

    def parity(self, shares: np.ndarray, start: int) -> np.ndarray:
        """Shares of women by children ever born with the children beyond those said; (residence, age, parity)."""
        cohort = start - 1 - np.arange(shares.shape[1]) - FIRST_COHORT
        gain = shares[:, :, 1:-1] * self.one_more[cohort][:, None]
        out = shares.copy()
        out[:, :, 1:-1] -= gain
        out[:, :, 2:] += gain
        return out

    def boys(self, past: Past) -> np.ndarray:
        """Share of boys among the births that the living go back to; (birth year from the oldest age on,)."""
        born = (self.people + self.absent).sum(axis=0)[:, ::-1] / past.child_survival[:, ::-1]
        return np.divide(born[0], born.sum(axis=0), out=np.full(born.shape[1], 0.5), where=born.sum(axis=0) > 0.0)


def _births_by_cohort(counts: np.ndarray, absent: np.ndarray, past: Past) -> np.ndarray:
    """Births that the living go back to, by the mother's birth year; (cohort from 1880, birth year of the child)."""
    ages = counts.shape[2]
    living = (counts + absent).sum(axis=0)[:, ::-1]  # (sex, birth year from the oldest age on)
    births = (living / past.child_survival[:, ::-1]).sum(axis=0)
    first_child = past.start - ages
    cohorts = past.adult_survival.size
    entered = np.zeros(cohorts)
    known = np.arange(max(first_child, past.start - 1 - UNSEEN), past.start) - FIRST_COHORT
    women = (counts + absent)[:, 1].sum(axis=0)
    entered[known] = women[past.start - 1 - (known + FIRST_COHORT)] / past.adult_survival[known]
    entered[: known[0]] = entered[known[0]]
    out = np.zeros((cohorts, ages))
    for age in range(MOTHER_AGES):
        child = np.arange(ages)
        cohort = first_child + child - (MOTHER_FROM + age) - FIRST_COHORT
        out[cohort, child] = past.asfr[:, age] * entered[cohort]
    total = out.sum(axis=0)
    return np.asarray(out * np.divide(births, total, out=np.zeros(ages), where=total > 0.0))


def _others(
    needed: np.ndarray, women: np.ndarray, mean: np.ndarray, wives: Wives, past: Past, draw: int
) -> tuple[np.ndarray, np.ndarray]:
    """Wives who have died, int64 (cohort, place), and the chance of one child more than said, (cohort,)."""
    cohorts, ages = needed.size, mean.shape[1]
    age = past.start - 1 - (np.arange(cohorts) + FIRST_COHORT)
    seen = (age >= MOTHER_FROM) & (age < ages)
    x = np.minimum(np.maximum(age, 0), ages - 1)
    had = np.where(seen, (women * mean).sum(axis=0)[x], 0.0)
    married = (women.reshape(2, -1, ages).sum(axis=0) * wives.share)[:, x]  # registered in each place
    dying = married * past.places.dying[:, draw, None]
    even = np.full_like(dying, 1.0 / len(dying))
    where = np.divide(dying, dying.sum(axis=0), out=even, where=dying.sum(axis=0) > 0.0)
    each = np.maximum((where * wives.mean[:, x]).sum(axis=0), 1.0)
    missing = np.maximum(needed - had, 0.0)
    survived = past.adult_survival
    died = np.where(age > UNSEEN, np.inf, married.sum(axis=0) * (1.0 / np.maximum(survived, 1e-9) - 1.0))
    dead = np.where(age >= MOTHER_FROM, np.minimum(missing / each, died), 0.0)
    rest = np.where((age < COMPLETE) & seen, missing - dead * each, 0.0)
    childless = np.concatenate([past.children[:, :, 0, draw]] * 2)
    mothers = (where * (1.0 - wives.children[:, x, 0])).sum(axis=0)
    can = np.where(seen, (women * (1.0 - childless)).sum(axis=0)[x], 0.0)
    one_more = np.clip(np.divide(rest, can + dead * mothers, out=np.zeros(cohorts), where=can > 0.0), 0.0, 1.0)
    return np.rint(dead * where).astype(np.int64).T, one_more
