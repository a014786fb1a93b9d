"""Persons who lived under constant rates, their kin counted row by row, and a stable population to begin with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

AGES, SRB = 101, 1.1
X = np.arange(AGES)
Seen = dict[str, tuple[np.ndarray, np.ndarray]]


def rates() -> tuple[np.ndarray, np.ndarray]:
    """Men's and women's deficit of survival, many dying at the ages of mothers; two and a half children a woman."""
    qs = np.minimum(np.array([[0.012], [0.008]]) + 3e-5 * np.exp(0.09 * X), 0.5)
    qs[:, 0] = 0.05
    asfr = np.where((X >= 18) & (X < 42), np.exp(-0.5 * ((X - 27) / 6.0) ** 2), 0.0)
    return qs, 2.5 * asfr / asfr.sum()


@dataclass
class Village:
    """Everybody ever alive at a year-end, one row a person; row numbers grow with the birth year.

    `mother` is a row, or -1 for those who were there at the start; `born` is the year of birth, 0 the first one that is
    lived, `years` their number.
    """

    replicate: np.ndarray
    sex: np.ndarray
    born: np.ndarray
    mother: np.ndarray
    alive: np.ndarray
    years: int

    def seen(self) -> Seen:
        """Living kin of the living by age at the last year-end, counted row by row."""
        grandmother = np.where(self.mother >= 0, self.mother[self.mother], -1)
        living_girl, living_boy = self.alive & (self.sex == 1), self.alive & (self.sex == 0)
        daughters, sons = (self._of_mothers(chosen.astype(float)) for chosen in (living_girl, living_boy))
        any_daughters = self._of_mothers(np.where(self.sex == 1, daughters, 0.0))
        older, younger = self._sisters(living_girl)
        return {
            "mothers": self._by_age((self.mother >= 0) & self.alive[self.mother]),
            "grandmothers": self._by_age((grandmother >= 0) & self.alive[grandmother]),
            "daughters": self._by_age(daughters, sex=1),
            "granddaughters": self._by_age(any_daughters, sex=1),
            "sons": self._by_age(sons, sex=1),
            "older_sisters": self._by_age(older),
            "younger_sisters": self._by_age(younger),
        }

    def _of_mothers(self, weights: np.ndarray) -> np.ndarray:
        linked = self.mother >= 0
        return np.bincount(self.mother[linked], weights[linked], minlength=len(self.mother))

    def _sisters(self, living_girl: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Living girls of the same mother in rows before and after one's own."""
        order = np.lexsort((np.arange(len(self.mother)), self.mother))
        mother, girl = self.mother[order], living_girl[order].astype(int)
        first = np.searchsorted(mother, mother)
        last = np.searchsorted(mother, mother, side="right")
        sums = np.concatenate([[0], np.cumsum(girl)])
        here = np.arange(len(order))
        older, younger = np.empty(len(order)), np.empty(len(order))
        older[order], younger[order] = sums[here] - sums[first], sums[last] - sums[here + 1]
        return older, younger

    def _by_age(self, kin: np.ndarray, sex: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        focal = self.alive if sex is None else self.alive & (self.sex == sex)
        cell = self.replicate[focal] * AGES + np.minimum(self.years - 1 - self.born[focal], AGES - 1)
        size = (int(self.replicate.max()) + 1) * AGES
        counts = np.bincount(cell, kin[focal].astype(float), minlength=size), np.bincount(cell, minlength=size)
        return counts[0].reshape(-1, AGES), counts[1].reshape(-1, AGES)


def stable_by_sex(qs: np.ndarray, asfr: np.ndarray) -> np.ndarray:
    """Stable population per newborn girl alive at the year-end, by power iteration; (sex, age)."""
    stock = np.ones((2, AGES))
    for _ in range(3000):
        then = np.zeros_like(stock)
        then[:, 1:] = stock[:, :-1]
        then[:, -1] += stock[:, -1]
        then *= 1.0 - qs
        births = (asfr / 2 * (stock[1] + np.where(X > 0, then[1], 0.0))).sum()
        then[:, 0] = births * np.array([SRB, 1.0]) / (1.0 + SRB) * (1.0 - qs[:, 0])
        stock = then / then[1, 0]
    return stock
