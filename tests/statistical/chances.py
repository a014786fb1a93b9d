"""What one year should bring to given persons: mean, variance and third moment of every count.

Written from the stages of the method, with probabilities of the tables as floats; nothing is taken from the
integer thresholds that the persons read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from region import AGES, TWINS, YearPlan, by_code
from scipy.special import gammainc, gammaincc
from scipy.stats import norm

from demo_sim.engine.calendar import reached
from demo_sim.engine.thresholds import leave_shares
from demo_sim.space.places import routes

LEVELS = 5


@dataclass
class Compared:
    """A count of persons beside its moments; arrays of one shape."""

    seen: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    third: np.ndarray

    def deviations(self) -> tuple[np.ndarray, np.ndarray]:
        """Standardised differences and two-sided p-values of the counts whose expectation is above 5.

        The tail is that of a gamma distribution with the same three moments, shifted or mirrored: exact enough for
        sums of many unlike yes-or-no chances far out, where the normal one is wrong by orders.
        """
        chosen = (self.mean > 5.0) & (self.variance > 0.0)
        seen, mean = self.seen[chosen], self.mean[chosen]
        sd, skew = np.sqrt(self.variance[chosen]), self.third[chosen] / self.variance[chosen] ** 1.5
        above = _upper((seen - 0.5 - mean) / sd, skew)
        below = _upper((mean - seen - 0.5) / sd, -skew)
        return (seen - mean) / sd, np.minimum(1.0, 2.0 * np.minimum(above, below))


def _upper(z: np.ndarray, skew: np.ndarray) -> np.ndarray:
    """Probability of a value above z for a standardised variable of the given skewness."""
    size = np.maximum(np.abs(skew), 1e-5)
    shape = 4.0 / size**2
    right = gammaincc(shape, np.maximum(shape + z * np.sqrt(shape), 0.0))
    left = gammainc(shape, np.maximum(shape - z * np.sqrt(shape), 0.0))
    return np.where(np.abs(skew) < 1e-5, norm.sf(z), np.where(skew > 0.0, right, left))


def compared(seen: np.ndarray, persons: np.ndarray, chance: np.ndarray) -> Compared:
    """Persons (replicate, sex, age, from) who have a chance (sex, age, from, ...) each of being counted."""
    moments = (chance, chance * (1.0 - chance), chance * (1.0 - chance) * (1.0 - 2.0 * chance))
    return Compared(seen, *(np.einsum("nsxf,sxf...->nsx...", persons, m) for m in moments))


class YearChances:
    """Chances of a person by sex, age on 1 January, residence and level, in the order of the stages.

    Attributes
    ----------
    left_first : (sex, age, residence)
    here : (sex, age, residence, residence), in the region after the first half, by the place then
    moved_first, moved_second : (sex, age, route), changes place in the half, re-coding aside; the second given that the
        person is there
    death : (sex, age, residence, level)
    end : (sex, age, residence, level, residence, level), there at the year-end
    left_second : (sex, age, residence, level, residence), leaves from there in the second half
    """

    def __init__(self, plan: YearPlan, timing: object) -> None:
        tables = plan.tables
        leave = [share[..., 0] for share in leave_shares(plan.start, tables, plan.flows, timing)]
        levels = plan.levels.tables(tables.qs)
        half = tables.move_rate[..., 0] / 2
        self.recoded = np.broadcast_to(tables.reclass_rate[:, 0] / 2, (2, AGES, len(half)))
        self.left_first = leave[0].transpose(1, 2, 0)
        self.moved_first = half.transpose(1, 2, 0)
        self.moved_second = reached(half).transpose(1, 2, 0)
        self.leave_second = reached(leave[1]).transpose(1, 2, 0)
        self.death = by_code(levels.death[..., 0])
        self.change = levels.change[..., 0].transpose(1, 2, 0, 3, 4)
        self.here = (1.0 - self.left_first)[..., None] * _places(self.recoded + self.moved_first, len(plan.start))
        alive = self.here[..., None, :] * (1.0 - self.death.swapaxes(-1, -2)[:, :, None])
        there = np.einsum(
            "sxrfh,sxhfg,sxhp->sxrfhgp", alive, self.change, _places(self.recoded + self.moved_second, len(plan.start))
        )
        self.left_second = np.einsum("sxrfhgp,sxp->sxrfp", there, self.leave_second)
        self.end = np.einsum("sxrfhgp,sxp->sxrfpg", there, 1.0 - self.leave_second)
        self.alive = alive

    def deaths(self) -> np.ndarray:
        """(sex, age, residence, level, residence at death)."""
        return self.here[..., None, :] * self.death.swapaxes(-1, -2)[:, :, None]

    def second_moves(self) -> np.ndarray:
        """(sex, age, residence, level, route)."""
        origins = [origin for origin, _ in routes(self.alive.shape[2])]
        return self.alive[..., origins] * self.moved_second[:, :, None, None]


def _places(out: np.ndarray, places: int) -> np.ndarray:
    """(sex, age, route) who move as (sex, age, from, to)."""
    go = np.zeros((*out.shape[:2], places, places))
    for k, (origin, destination) in enumerate(routes(places)):
        go[:, :, origin, destination] = out[:, :, k]
    here = np.arange(places)
    go[:, :, here, here] = 1.0 - go.sum(axis=-1)
    return go


def children(delivery: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, variance and third central moment of the children of a woman who delivers with a chance."""
    raw = [delivery * ((1.0 - TWINS) + TWINS * 2**k) for k in (1, 2, 3)]
    return raw[0], raw[1] - raw[0] ** 2, raw[2] - 3 * raw[0] * raw[1] + 2 * raw[0] ** 3


def aged(cells: np.ndarray, axis: int) -> np.ndarray:
    """Cells by age on 1 January laid at the age reached; nobody at age 0."""
    cells = np.moveaxis(cells, axis, 0)
    out = np.concatenate([np.zeros_like(cells[:1]), cells[:-1]])
    out[-1] += cells[-1]
    return np.moveaxis(out, 0, axis)


def holm(p: np.ndarray) -> float:
    """Smallest p-value of a family after Holm; a value below the level rejects."""
    return float(min(p.min() * p.size, 1.0)) if p.size else 1.0


def faults(parts: dict[str, tuple[np.ndarray, np.ndarray]]) -> list[str]:
    """What is wrong with standardised differences and p-values by name; nothing where persons equal the tables."""
    found = []
    for name, (z, _) in parts.items():
        if abs(z.mean()) > 4.0 / np.sqrt(z.size):
            found.append(f"{name}: mean {z.mean():.4f} of {z.size}")
        if abs(z.std() - 1.0) > max(0.1, 4.0 / np.sqrt(2.0 * z.size)):  # few cells spread more by chance
            found.append(f"{name}: spread {z.std():.3f}")
    smallest = {name: p.min() for name, (_, p) in parts.items()}
    if holm(np.concatenate([p for _, p in parts.values()])) < 0.01:
        found.append(f"{min(smallest, key=smallest.get)}: Holm")
    return found
