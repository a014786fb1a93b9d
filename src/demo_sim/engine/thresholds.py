"""Integer thresholds of one year: probabilities of the cohort pass as cuts of 32-bit words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from demo_sim.demography.function import FIRST_AGE
from demo_sim.engine.calendar import Timing, YearFlows, YearTables, reached
from demo_sim.engine.parity import PARITY_CLASSES, ParityTables
from demo_sim.kernels.columns import AWAY_DEATH, LEVELS, RETURN, Columns, columns
from demo_sim.space.places import by_origin

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
    """Cuts of a year for some draws, as `person_year` reads them.

    Attributes
    ----------
    at : columns of the places there are
    table : uint64 (draw, sex, age on 1 January, column), the properties are views of it
    arriving : uint64 (draw, half, residence, age, parity), cumulative cuts of the children ever born of who enters
    """

    at: Columns
    table: np.ndarray
    arriving: np.ndarray

    def _part(self, first: int, *shape: int) -> np.ndarray:
        whole = self.table[..., first : first + math.prod(shape)]
        return whole.reshape(*self.table.shape[:3], *shape)

    @property
    def most(self) -> np.ndarray:
        """(draw, sex, age, word), the largest of each."""
        return self._part(self.at.most, 4)

    @property
    def move(self) -> np.ndarray:
        """(draw, sex, age, place, band), cumulative."""
        return self._part(self.at.move, self.at.places, self.at.bands)

    @property
    def again(self) -> np.ndarray:
        """(draw, sex, age, place, 3 where there is one other place), of who moved in the first half."""
        return self._part(self.at.again, self.at.places, 2 * self.at.others + 1)

    @property
    def leave(self) -> np.ndarray:
        """(draw, sex, age, place), of who moved in the second half."""
        return self._part(self.at.leave, self.at.places)

    @property
    def death(self) -> np.ndarray:
        """(draw, sex, age, place, level)."""
        return self._part(self.at.death, self.at.places, LEVELS)

    @property
    def change(self) -> np.ndarray:
        """(draw, sex, age, place, level, 5), cumulative, staying last."""
        return self._part(self.at.change, self.at.places, LEVELS, LEVELS)

    @property
    def birth(self) -> np.ndarray:
        """(draw, sex, age, place, parity, exposure)."""
        return self._part(self.at.birth, self.at.places, PARITY_CLASSES, 2)

    @property
    def abroad(self) -> np.ndarray:
        """(draw, sex, age, place left, 3), of people outside."""
        return self._part(self.at.abroad, self.at.places, 3)

    @property
    def back(self) -> np.ndarray:
        """(draw, sex, age, half, place, level), cumulative, of who returns."""
        return self._part(self.at.back, 2, self.at.places, LEVELS)

    @property
    def twin(self) -> np.ndarray:
        """(draw, sex, age)."""
        return self._part(self.at.twin)

    @property
    def boy(self) -> np.ndarray:
        """(draw, sex, age, place)."""
        return self._part(self.at.boy, self.at.places)

    @property
    def newborn_death(self) -> np.ndarray:
        """(draw, sex, age, place, sex of the child)."""
        return self._part(self.at.newborn_death, self.at.places, 2)

    @property
    def newborn_move(self) -> np.ndarray:
        """(draw, sex, age, place, sex of the child, 3 where there is one other place)."""
        return self._part(self.at.newborn_move, self.at.places, 2, 2 * self.at.others + 1)

    def keep_most(self) -> None:
        """Set the largest cuts of each word."""
        most = self.most
        most[..., 0] = np.maximum(self.death.max(axis=(3, 4)), self.abroad[..., AWAY_DEATH].max(axis=3))
        most[..., 1] = self.change[..., LEVELS - 1].max(axis=(3, 4))
        most[..., 2] = np.maximum(self.move.max(axis=(3, 4)), self.abroad[..., RETURN].max(axis=3))
        most[..., 3] = self.birth[..., 0].max(axis=(3, 4)) + self.birth[..., 1].max(axis=(3, 4))

    def of_late_arrivals(self) -> Thresholds:
        """Cuts of those who entered at the year's end: the second exposure to a birth, and nothing else."""
        out = Thresholds(self.at, self.table.copy(), self.arriving)
        for cuts in (out.move, out.again, out.leave, out.death, out.change, out.abroad, out.birth[..., 0]):
            cuts[:] = 0
        out.keep_most()
        return out


@dataclass(frozen=True)
class LevelTables:
    """Functional states of one year.

    Attributes
    ----------
    death : (residence, sex, age, level, draw), probability by age on 1 January
    change : (residence, sex, age, level, level, draw), new level given survival, by age on 1 January
    """

    death: np.ndarray
    change: np.ndarray


@dataclass(frozen=True)
class Returns:
    """People outside who return in one year.

    Attributes
    ----------
    chance : of a return in each half, (origin, sex, age, draw) by age at the move
    levels : shares of functional levels then, (residence, sex, age from 60, level, draw), or None where they are not
        followed
    """

    chance: Sequence[np.ndarray]
    levels: Sequence[np.ndarray] | None


def leave_shares(
    start: np.ndarray, tables: YearTables, flows: YearFlows, timing: Timing
) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the expected stock that leave the region in each half; (residence, sex, age, draw), by age at the move.

    Parameters
    ----------
    start : (residence, sex, age, draw), expected population on 1 January
    """
    external, entering = tables.external, tables.entering
    leaving = entering - external
    first, second = timing.first_share, 1.0 - timing.first_share
    present = start + first * entering  # who enters in the first half may leave in it
    before_second = flows.end - second * external
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
    draws: int = 1,
    levels: LevelTables | None = None,
    returns: Returns | None = None,
) -> Thresholds:
    """Thresholds of one year for the first draws of the cohort pass.

    Parameters
    ----------
    start : (residence, sex, age, draw), expected population on 1 January
    tables, flows : of the cohort pass
    parity : factors on the delivery rate; rates count children, so with twins deliveries are fewer
    draws : how many draws
    levels : functional states, where they are followed
    returns : of people outside, where families are followed
    """
    own = slice(0, draws)
    twins = np.broadcast_to(np.atleast_1d(np.asarray(parity.twins, float))[own], draws)
    places, _, ages, _ = start.shape
    at = columns(places)
    leave1, leave2 = (share[..., own] for share in leave_shares(start, tables, flows, timing))
    recode = 0.5 * by_origin(tables.reclass_rate[:, own], places)[:, :, None, None]
    move1, qs = 0.5 * by_origin(tables.move_rate[..., own], places), tables.qs[..., own]
    move2, leave_later = reached(move1, 3), reached(leave2, 2)
    rest = 1.0 - leave1
    goes, stays = _to_others(recode, move1)
    first = [leave1, *(leave1 + rest * band for band in goes)]
    stay, (goes, stays_later) = rest * stays, _to_others(recode, move2)
    second = [first[-1] + stay * band for band in goes]
    move = [*first, *second]
    move.append(move[-1] + stay * stays_later * leave_later)
    again = [*goes, (goes[-1] if goes else 0.0) + stays_later * leave_later]
    rate = 0.5 * tables.asfr[..., own][:, :, None] / (1.0 + twins)
    birth = np.stack([rate * parity.at_start[..., own], reached(rate, 1) * parity.at_end[..., own]])
    newborn = np.stack([*(band[:, :, 0] for band in _to_others(recode, move1)[0]), leave2[:, :, 0]])

    out = Thresholds(at, np.zeros((draws, 2, ages, at.cuts), np.uint64), _arriving(parity, places, ages, draws))
    out.move[:] = cut(np.stack(move)).transpose(4, 2, 3, 1, 0)
    out.again[:] = cut(np.stack(again)).transpose(4, 2, 3, 1, 0)
    out.leave[:] = cut(leave_later).transpose(3, 1, 2, 0)
    if levels is None:
        out.death[:] = cut(reached(qs, 2)).transpose(3, 1, 2, 0)[..., None]
    else:
        out.death[:] = cut(levels.death).transpose(4, 1, 2, 0, 3)
        out.change[:] = cut(_cumulated(levels.change)).transpose(5, 1, 2, 0, 3, 4)
    out.birth[:, 1] = cut(birth).transpose(4, 2, 1, 3, 0)
    if returns is not None:
        out.abroad[:] = _abroad(qs, returns, own)
    out.back[:] = np.uint64(1 << 32)
    if returns is not None and returns.levels is not None:
        for half, shares in enumerate(returns.levels):
            cuts = composition_cuts(np.moveaxis(shares[..., own], 3, 4)).transpose(3, 1, 2, 0, 4)
            out.back[:, :, FIRST_AGE - half : FIRST_AGE - half + cuts.shape[2], half] = cuts
        out.back[:, :, -1, 1] = cuts[:, :, -1]
    out.twin[:] = cut(twins)[:, None, None]
    out.boy[:] = cut(tables.male_share[:, own]).T[:, None, None]
    out.newborn_death[:] = cut(qs[:, :, 0]).transpose(2, 0, 1)[:, None, None]
    out.newborn_move[:] = cut(newborn).transpose(3, 1, 2, 0)[:, None, None]
    out.keep_most()
    return out


def _to_others(recode: np.ndarray, move: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Half a year of moves from each place to the others: cumulative chances of a re-coding, then of a move, to each of
    them in turn, and what is left.

    Parameters
    ----------
    recode, move : (place, other place, sex, age, draw)
    """
    total, left, bands = np.zeros(()), np.ones(()), []
    for kind in (np.broadcast_to(recode, move.shape), move):
        for other in range(move.shape[1]):
            total, left = total + kind[:, other], left - kind[:, other]
            bands.append(total)
    return bands, left


def _arriving(parity: ParityTables, residences: int, ages: int, draws: int) -> np.ndarray:
    """Cumulative cuts of the children ever born of women who enter; (draw, half, residence, age, parity)."""
    if parity.arriving is None:
        return np.full((draws, 2, residences, ages, PARITY_CLASSES), np.uint64(1 << 32))
    halves = np.stack([half[..., :draws] for half in parity.arriving])
    return composition_cuts(np.ascontiguousarray(halves.transpose(4, 0, 1, 2, 3)))


def _abroad(qs: np.ndarray, returns: Returns, own: slice) -> np.ndarray:
    """Cuts of people outside; (draw, sex, age, origin, 3)."""
    first, later = returns.chance[0][..., own], reached(returns.chance[1][..., own], 2)
    out = cut(np.stack([reached(qs, 2), first, first + (1.0 - first) * later]))
    return out.transpose(4, 2, 3, 1, 0)


def _cumulated(change: np.ndarray) -> np.ndarray:
    """Cumulative probabilities of the levels other than one's own, in order, the last column all of them."""
    out = np.zeros(change.shape)
    for level in range(LEVELS):
        others = [k for k in range(LEVELS) if k != level]
        total = np.cumsum(change[..., level, others, :], axis=-2)
        out[..., level, : LEVELS - 1, :] = total
        out[..., level, LEVELS - 1, :] = total[..., -1, :]
    return out
