"""How many births the living go back to, and which cohorts of women had them.

The births that the living people of each age go back to are laid on cohorts of mothers by the age pattern of their
year. Where living women, by the children they are said to have had, bear fewer, mothers who have died make up for it
as far as mortality allows; younger women then have a little more than said, for the census counts their children.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.inputs.history import FIRST_COHORT, MOTHER_AGES, MOTHER_FROM, Past

COMPLETE = 45  # age at which women have had their children: their number is as said, dead mothers make up the rest
UNSEEN = 85  # from this age on survival tells nothing of how many there were


@dataclass(frozen=True)
class Motherhood:
    """How many births go back to which women; expected values, so that one agent more changes nothing.

    Attributes
    ----------
    people, absent : (residence or origin, sex, age), expected agents
    needed : (cohort from 1880, birth year of the child), births that the living go back to
    dead : int64 (cohort,), mothers who have died; one_more : (cohort,), chance of one child more than said, of mothers
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
        dead, one_more = _others(needed.sum(axis=1), women, mean, children, past, people.shape[2])
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
    needed: np.ndarray, women: np.ndarray, mean: np.ndarray, children: np.ndarray, past: Past, ages: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mothers who have died, int64 (cohort,), and the chance of one child more than said, (cohort,)."""
    cohorts = needed.size
    age = past.start - 1 - (np.arange(cohorts) + FIRST_COHORT)
    seen = (age >= MOTHER_FROM) & (age < ages)
    x = np.minimum(np.maximum(age, 0), ages - 1)
    had = np.where(seen, (women * mean).sum(axis=0)[x], 0.0)
    total = np.where(seen, women.sum(axis=0)[x], 0.0)
    of_dead = children[past.of_dead]
    mothers = 1.0 - of_dead[:, 0]
    per_mother = (of_dead @ np.arange(children.shape[2]) / np.maximum(mothers, 1e-9))[x]
    missing = np.maximum(needed - had, 0.0)
    survived = past.adult_survival
    died = np.where(age > UNSEEN, np.inf, total * mothers[x] * (1.0 / np.maximum(survived, 1e-9) - 1.0))
    dead = np.where(age >= MOTHER_FROM, np.minimum(missing / np.maximum(per_mother, 1.0), died), 0.0)
    rest = np.where((age < COMPLETE) & seen, missing - dead * per_mother, 0.0)
    can = np.where(seen, (women * (1.0 - np.concatenate([children[..., 0]] * 2))).sum(axis=0)[x], 0.0)
    one_more = np.clip(np.divide(rest, can + dead, out=np.zeros(cohorts), where=can > 0.0), 0.0, 1.0)
    return np.rint(dead).astype(np.int64), one_more
