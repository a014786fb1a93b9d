"""Integer thresholds of one year and draw: probabilities of the cohort pass as cuts of 32-bit words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from demo_sim.demography.function import FIRST_AGE
from demo_sim.engine.cohort import Timing, YearFlows, YearTables
from demo_sim.engine.parity import CLASSES, ParityTables
from demo_sim.kernels.person_year import AWAY_DEATH, LEVELS, RETURN

WHOLE = 2.0**32


def cut(probability: np.ndarray) -> np.ndarray:
    """Threshold T of a probability: the event happens when the word is below T; 1 gives 2**32, always."""
    return (np.minimum(np.maximum(probability, 0.0), 1.0) * WHOLE).astype(np.uint64)


def composition_cuts(shares: np.ndarray) -> np.ndarray:
    """Cumulative cuts of compositions along the last axis; the last cut is the top, so that every word falls in."""
    out = np.ascontiguousarray(cut(np.cumsum(shares, axis=-1)))
    out[..., -1] = np.uint64(1 << 32)
    return out


@dataclass
class Thresholds:
    """Cuts of a year, as `person_year` reads them; residences are padded to two."""

    most: np.ndarray
    move: np.ndarray
    again: np.ndarray
    leave: np.ndarray
    death: np.ndarray
    level: np.ndarray
    birth: np.ndarray
    away: np.ndarray
    back: np.ndarray
    boy: np.ndarray
    newborn_death: np.ndarray
    newborn_move: np.ndarray
    arriving: np.ndarray

    def of_late_arrivals(self) -> Thresholds:
        """Cuts of those who entered at the year's end: the second exposure to a birth, and nothing else."""
        names = ("most", "move", "again", "leave", "death", "away")
        nothing = {name: np.zeros_like(getattr(self, name)) for name in names}
        birth = self.birth.copy()
        birth[..., 0] = 0
        nothing["most"][1, :, 3] = birth[..., 1].max(axis=(1, 2))
        return replace(self, **nothing, level=np.zeros_like(self.level), birth=birth)


@dataclass(frozen=True)
class LevelTables:
    """Functional states of one year and draw.

    Attributes
    ----------
    death : (residence, sex, age, level), probability by age on 1 January
    change : (residence, sex, age, level, level), new level given survival, by age on 1 January
    """

    death: np.ndarray
    change: np.ndarray


@dataclass(frozen=True)
class Returns:
    """People outside who return in one year of one draw.

    Attributes
    ----------
    chance : of a return in each half, (origin, sex, age) by age at the move
    levels : shares of functional levels then, (residence, sex, age from 60, level), or None where they are not followed
    """

    chance: Sequence[np.ndarray]
    levels: Sequence[np.ndarray] | None


def reached(by_age: np.ndarray, axis: int = -1) -> np.ndarray:
    """Values of the age reached at the year-end, laid at the age on 1 January; the open group stays."""
    ages = by_age.shape[axis]
    return by_age.take(np.minimum(np.arange(1, ages + 1), ages - 1), axis)


def leave_shares(
    start: np.ndarray, tables: YearTables, flows: YearFlows, timing: Timing, draw: int
) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the expected stock that leave the region in each half; (residence, sex, age), by age at the move.

    Parameters
    ----------
    start : (residence, sex, age, draw), expected population on 1 January
    """
    external, entering = tables.external[..., draw], tables.entering[..., draw]
    leaving = entering - external
    first, second = timing.first_share, 1.0 - timing.first_share
    present = start[..., draw] + first * entering  # who enters in the first half may leave in it
    before_second = flows.end[..., draw] - second * external
    return (
        np.divide(first * leaving, present, out=np.zeros_like(present), where=present > 0.0),
        np.divide(second * leaving, before_second, out=np.zeros_like(present), where=before_second > 0.0),
    )


def build_thresholds(
    start: np.ndarray,
    tables: YearTables,
    flows: YearFlows,
    timing: Timing,
    parity: ParityTables,
    twins: float,
    draw: int,
    levels: LevelTables | None = None,
    returns: Returns | None = None,
) -> Thresholds:
    """Thresholds of one year for one draw of the cohort pass.

    Parameters
    ----------
    start : (residence, sex, age, draw), expected population on 1 January
    tables, flows : of the cohort pass
    parity : factors on the delivery rate
    twins : share of deliveries with two children; rates count children, so deliveries are fewer
    draw : which draw
    levels : functional states, where they are followed
    returns : of people outside, where families are followed
    """
    d = draw
    residences, _, ages, _ = start.shape
    leave1, leave2 = leave_shares(start, tables, flows, timing, d)
    recode = 0.5 * tables.reclass_rate[:, d][:, None, None]
    move1 = 0.5 * tables.move_rate[..., d]
    move2, leave_later = reached(move1), reached(leave2)
    p = np.zeros((6, *leave1.shape))
    p[0] = leave1
    p[1] = leave1 + (1.0 - leave1) * recode
    p[2] = leave1 + (1.0 - leave1) * (recode + move1)
    stay = (1.0 - leave1) * (1.0 - recode - move1)
    p[3] = p[2] + stay * recode
    p[4] = p[2] + stay * (recode + move2)
    p[5] = p[4] + stay * (1.0 - recode - move2) * leave_later
    again = np.stack([recode + 0.0 * move2, recode + move2, recode + move2 + (1.0 - recode - move2) * leave_later])
    if levels is None:
        death = np.repeat(cut(reached(tables.qs[..., d]))[..., None], LEVELS, axis=-1)
        change = _unchanged((*leave1.shape, LEVELS, LEVELS))
    else:
        death, change = cut(levels.death), cut(_cumulated(levels.change))
    rate = 0.5 * tables.asfr[..., d] / (1.0 + twins)
    birth = np.stack(
        [rate[..., None] * parity.at_start[..., d], reached(rate)[..., None] * parity.at_end[..., d]], axis=-1
    )
    newborn = np.zeros((3, residences, 2))
    newborn[0] = recode[..., 0]
    newborn[1] = recode[..., 0] + move1[..., 0]
    newborn[2] = leave2[..., 0]
    cuts = {
        "move": _two(cut(p), 1).transpose(2, 3, 1, 0),
        "again": _two(cut(again), 1).transpose(2, 3, 1, 0),
        "leave": _two(cut(leave_later), 0).transpose(1, 2, 0),
        "death": _two(death, 0).transpose(1, 2, 0, 3),
        "level": _two(change, 0).transpose(1, 2, 0, 3, 4),
        "birth": _two(cut(birth), 0).transpose(1, 0, 2, 3),
        "away": _away(tables.qs[..., d], returns),
        "back": _back(tables.qs[..., d], returns),
        "boy": _two(cut(tables.male_share[:, d]), 0),
        "newborn_death": _two(cut(tables.qs[:, :, 0, d]), 0),
        "newborn_move": _two(cut(newborn), 1).transpose(1, 2, 0),
        "arriving": _two(_arriving(parity, (2, residences, ages), d), 1),
    }
    cuts = {name: np.ascontiguousarray(values) for name, values in cuts.items()}
    most = np.zeros((2, ages, 4), np.uint64)
    most[:, :, 0] = np.maximum(cuts["death"].max(axis=(2, 3)), cuts["away"][..., AWAY_DEATH].max(axis=2))
    most[:, :, 1] = cuts["level"][..., LEVELS - 1].max(axis=(2, 3))
    most[:, :, 2] = np.maximum(cuts["move"].max(axis=(2, 3)), cuts["away"][..., RETURN].max(axis=2))
    most[1, :, 3] = cuts["birth"][..., 0].max(axis=(1, 2)) + cuts["birth"][..., 1].max(axis=(1, 2))
    return Thresholds(most=most, **cuts)


def _arriving(parity: ParityTables, shape: tuple[int, int, int], draw: int) -> np.ndarray:
    """Cumulative cuts of the children ever born of women who enter; (half, residence, age, parity)."""
    if parity.arriving is None:
        return np.full((*shape, CLASSES), np.uint64(1 << 32))
    return composition_cuts(np.stack([half[..., draw] for half in parity.arriving]))


def _away(qs: np.ndarray, returns: Returns | None) -> np.ndarray:
    """Cuts of people outside, as `person_year` reads them; nothing where no families are followed."""
    if returns is None:
        return np.zeros((*qs.shape[1:], 2, 3), np.uint64)
    first, later = returns.chance[0], reached(returns.chance[1])
    out = cut(np.stack([reached(qs), first, first + (1.0 - first) * later]))
    return _two(out, 1).transpose(2, 3, 1, 0)


def _back(qs: np.ndarray, returns: Returns | None) -> np.ndarray:
    """Cumulative cuts of the level of who returns, by age on 1 January; (half, sex, age, residence, level)."""
    if returns is None or returns.levels is None:
        return _without_level((2, *qs.shape[1:], 2, LEVELS))
    out = np.full((2, *qs.shape, LEVELS), np.uint64(1 << 32))
    for half, shares in enumerate(returns.levels):
        out[half, :, :, FIRST_AGE:] = composition_cuts(shares)
    out[1] = reached(out[1], axis=2)
    return _two(out, 1).transpose(0, 2, 3, 1, 4)


@cache
def _without_level(shape: tuple[int, ...]) -> np.ndarray:
    return np.full(shape, np.uint64(1 << 32))


@cache
def _unchanged(shape: tuple[int, ...]) -> np.ndarray:
    return np.zeros(shape, np.uint64)


def _two(values: np.ndarray, axis: int) -> np.ndarray:
    """Pad one residence to two; nobody is in the second."""
    if values.shape[axis] == 2:
        return values
    return np.concatenate([values, values], axis=axis)


def _cumulated(change: np.ndarray) -> np.ndarray:
    """Cumulative probabilities of the levels other than one's own, in order, the last column all of them."""
    out = np.zeros(change.shape)
    for level in range(LEVELS):
        others = [k for k in range(LEVELS) if k != level]
        total = np.cumsum(change[..., level, others], axis=-1)
        out[..., level, : LEVELS - 1] = total
        out[..., level, LEVELS - 1] = total[..., -1]
    return out
