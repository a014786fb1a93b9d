"""What happened to persons in a year, counted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from demo_sim.kernels.columns import LEVELS, Columns


@dataclass
class YearEvents:
    """What happened to the persons of some draws in one year, as integers.

    Attributes
    ----------
    at : columns of the places there are
    counts : int64 (draw, sex, age on 1 January, column)
    arrivals : int64 (draw, half, place, sex, age at the move), people new to the region
    """

    at: Columns
    counts: np.ndarray
    arrivals: np.ndarray

    @classmethod
    def empty(cls, at: Columns, draws: int, ages: int) -> YearEvents:
        """Counters at zero."""
        counts = np.zeros((draws, 2, ages, at.counts), np.int64)
        return cls(at, counts, np.zeros((draws, 2, at.places, 2, ages), np.int64))

    def _part(self, first: int, *shape: int) -> np.ndarray:
        whole = self.counts[..., first : first + math.prod(shape)]
        return whole.reshape(*self.counts.shape[:3], *shape)

    def all_ages(self) -> YearEvents:
        """The same with one age, all of them together: what is summed anyway is summed once."""
        return YearEvents(self.at, self.counts.sum(axis=2, keepdims=True), self.arrivals.sum(axis=4, keepdims=True))

    @property
    def ends(self) -> np.ndarray:
        """(draw, sex, age, code), change of the count by code against nobody having an event."""
        return self._part(self.at.ends, self.at.away)

    @property
    def died(self) -> np.ndarray:
        """(draw, place, level, sex, age), by place after the first moves and age on 1 January."""
        return self._part(self.at.died, self.at.places, LEVELS).transpose(0, 3, 4, 1, 2)

    @property
    def left(self) -> np.ndarray:
        """(draw, half, place, sex, age), external leavers."""
        return self._part(self.at.left, 2, self.at.places).transpose(0, 3, 4, 1, 2)

    @property
    def entered(self) -> np.ndarray:
        """(draw, half, place, sex, age at the move), people new to the region and those who return."""
        back = self._part(self.at.entered, 2, self.at.places).transpose(0, 3, 4, 1, 2)
        out = self.arrivals.copy()
        out[:, 0] += back[:, 0]
        out[:, 1, :, :, 1:] += back[:, 1, :, :, :-1]
        out[:, 1, :, :, -1] += back[:, 1, :, :, -1]
        return out

    @property
    def moved(self) -> np.ndarray:
        """(draw, half, kind, route, sex, age): kind is moved or re-coded."""
        return self._part(self.at.moved, 2, 2, self.at.places * self.at.others).transpose(0, 3, 4, 5, 1, 2)

    @property
    def gave_birth(self) -> np.ndarray:
        """(draw, exposure, place, age), children by age on 1 January."""
        return self._part(self.at.gave_birth, 2, self.at.places)[:, 1].transpose(0, 2, 3, 1)

    @property
    def newborn(self) -> np.ndarray:
        """(draw, place, sex, 5 where there is one other place), born, died, re-coded and moved to each other, left."""
        return np.asarray(self._part(self.at.newborn, self.at.places, 2, 3 + 2 * self.at.others).sum(axis=(1, 2)))

    @property
    def newborn_moved(self) -> np.ndarray:
        """(draw, kind, route, sex) of the newborn: kind is moved or re-coded."""
        draws, others = self.counts.shape[0], self.at.others
        moved = self.newborn[..., 2:-1].reshape(draws, self.at.places, 2, 2, others)[:, :, :, ::-1]
        return np.asarray(moved.transpose(0, 3, 1, 4, 2)).reshape(draws, 2, self.at.places * others, 2)
