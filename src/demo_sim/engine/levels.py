"""Expected shares of states beside the cohort pass: functional levels, and conditions that somebody has or has not.

The cohort pass knows how many people of a cell die; here it is said which of them. Mortality by state follows the
relative hazards h of the tables, times one factor a cell that keeps the deaths of the cohort pass exactly;
it is solved against the shares after the first-half moves, so moves inside the year do not let survival drift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.demography.function import FIRST_AGE
from demo_sim.demography.states import STATE_COUNT, solve_mortality
from demo_sim.engine.calendar import Timing, YearFlows, YearTables, one_year_older, reached, stages
from demo_sim.engine.thresholds import LevelTables
from demo_sim.inputs.build import Drawn
from demo_sim.inputs.states import StateTables
from demo_sim.space.places import came, carried

JUMP = 0.02  # a first year that leaves the stated prevalence by more than this share of it is worth a warning
_NAMES = (
    ("轻度及以上", "mild or worse"),
    ("中度及以上", "moderate or worse"),
    ("重度及以上", "severe or worse"),
    ("完全失能", "total"),
)


@dataclass(frozen=True)
class LevelYear:
    """States in one year of the cohort pass; of functional levels a people engine reads them.

    Attributes
    ----------
    death : (residence, sex, age on 1 January from 59, level, draw), probability of death
    change : (residence, sex, age on 1 January from 60, level, new level, draw or 1), given survival
    entry : (residence, sex, level, draw), level drawn by those who reach 60, given survival
    deaths : (residence, sex, age reached from 60, level, draw), expected deaths, persons
    arriving : for each half of the year (residence, sex, age at the move from 60, level, draw), shares of those
        who come from outside the region
    """

    death: np.ndarray
    change: np.ndarray
    entry: np.ndarray
    deaths: np.ndarray
    arriving: tuple[np.ndarray, np.ndarray]

    def tables(self, qs: np.ndarray, draws: int = 1) -> LevelTables:
        """Tables of the first draws at all ages, as the thresholds of a people engine take them.

        Parameters
        ----------
        qs : (residence, sex, age, draw), of the cohort pass, for the ages without levels
        draws : how many draws
        """
        by_age = reached(qs[..., :draws], 2)
        death = np.repeat(by_age[:, :, :, None], STATE_COUNT, axis=3)
        death[:, :, FIRST_AGE - 1 :] = self.death[..., :draws]
        change = np.zeros((*by_age.shape[:3], STATE_COUNT, STATE_COUNT, draws))
        change[:] = np.eye(STATE_COUNT)[..., None]
        change[:, :, FIRST_AGE - 1, 0] = self.entry[..., :draws]
        change[:, :, FIRST_AGE:] = self.change[..., :draws]
        return LevelTables(death, change)


def follow_levels(drawn: Drawn, first_year: int) -> LevelShares | None:
    """Levels to be followed beside the cohort pass, or None where the scenario keeps to the stated prevalence."""
    if drawn.shares is None or drawn.states is None:
        return None
    stated = np.flatnonzero(drawn.draws.numbers < 0)
    return LevelShares(drawn.shares.copy(), drawn.states, first_year, int(stated[0]) if stated.size else None)


def follow_conditions(drawn: Drawn, first_year: int) -> dict[str, LevelShares]:
    """Conditions to be followed beside the cohort pass, by the path of their prevalence."""
    return {path: LevelShares(of.prevalence, of.tables, first_year) for path, of in drawn.conditions.items()}


class LevelShares:
    """Shares of states by residence, sex and age from 60, moved on by each year of the cohort pass.

    Parameters
    ----------
    prevalence : (time, residence, sex, age from 60, level, draw), stated shares at every year-end; the first are
        the opening shares, those of later years belong to persons reaching 60 and to arrivals from outside
    tables : transitions and relative mortality by age reached
    first_year : calendar year that begins
    judged : place of the draw at stated values, whose jump in the first year of functional levels is told; None for
        no draw

    Attributes
    ----------
    shares : (residence, sex, age from 60, level, draw), at the current year-end; sums to 1 over the level
    warnings : findings in Chinese and English
    """

    def __init__(self, prevalence: np.ndarray, tables: StateTables, first_year: int, judged: int | None = None) -> None:
        self.prevalence, self.tables, self.first_year, self.judged = prevalence, tables, first_year, judged
        self.shares = prevalence[0].copy()
        self.years = 0
        self.warnings: list[tuple[str, str]] = list(tables.warnings)

    def advance(self, start: np.ndarray, tables: YearTables, flows: YearFlows, timing: Timing) -> LevelYear:
        """Levels of the year, and the shares moved to its end.

        Parameters
        ----------
        start : (residence, sex, age, draw), population on 1 January
        tables, flows : of the cohort pass of the year
        timing : when external migrants move
        """
        stated = self.prevalence[self.years], self.prevalence[self.years + 1]
        entering, qs, shares = tables.entering[:, :, FIRST_AGE:], tables.qs[:, :, FIRST_AGE:], self.shares
        for event, before, after, moves in stages(start, tables, flows, timing, FIRST_AGE):
            older = slice(1 - event.half, None)  # before the deaths who reaches 60 in the year is there, without levels
            if event.name == "migrate":
                arrive = timing.shares[event.half] * entering
                shares = _joined(shares, before[:, :, older], arrive, stated[event.half])
            elif event.name == "move":
                shares = carried(shares, came(after, moves)[:, :, older], 3)
            elif event.name == "die":
                # the two cohorts that reach the open age are one source with one entry of the tables
                source, people = _merged(shares, before[:, :, -2:]), one_year_older(before, True)
                _, q = solve_mortality(source, self.tables.hazard, qs[:, :, 1:])
                deaths = np.zeros((*people.shape[:3], source.shape[3], people.shape[3]))
                deaths[:, :, 0, 0] = people[:, :, 0] * qs[:, :, 0]
                deaths[:, :, 1:] = people[:, :, 1:, None] * source * q
                # levels of the survivors, those who reach 60 by the prevalence there
                alive = source * (1.0 - q)
                total = alive.sum(axis=3, keepdims=True)
                given = np.divide(alive, total, out=source.copy(), where=total > 0.0)
                reaching = stated[1][:, :, :1]
                shares = np.concatenate([reaching, _applied(self.tables.given_survival, given)], axis=2)
        self.shares = shares
        self.years += 1
        if self.years == 1 and self.judged is not None:
            self._note_jump(flows.end[:, :, FIRST_AGE:], stated[1])
        youngest = np.repeat(qs[:, :, :1, None], shares.shape[3], axis=3)
        change = self.tables.given_survival
        return LevelYear(
            np.concatenate([youngest, q, q[:, :, -1:]], axis=2),
            np.concatenate([change, change[:, :, -1:]], axis=2),
            stated[1][:, :, 0],
            deaths,
            stated,
        )

    def at_all_ages(self, draw: int) -> np.ndarray:
        """Current shares of one draw, everyone below 60 intact; (residence, sex, age, level)."""
        own = self.shares[..., draw]
        out = np.zeros((*own.shape[:2], FIRST_AGE + own.shape[2], STATE_COUNT))
        out[:, :, :FIRST_AGE, 0] = 1.0
        out[:, :, FIRST_AGE:] = own
        return out

    def jump(self, people: np.ndarray, stated: np.ndarray) -> np.ndarray:
        """Relative distance of the followed from the stated shares among all people aged 60 and over.

        Parameters
        ----------
        people : (residence, sex, age from 60, draw)
        stated : (residence, sex, age from 60, level, draw)

        Returns
        -------
        (4,), mild or worse ... total; of the draw that is judged
        """
        own = slice(self.judged, None if self.judged is None else self.judged + 1)
        followed, wanted = (
            (people[..., None, own] * shares[..., own]).sum(axis=(0, 1, 2, 4))[::-1].cumsum()[-2::-1]
            for shares in (self.shares, stated)
        )
        return np.asarray(np.divide(followed, wanted, out=np.ones_like(wanted), where=wanted > 0.0) - 1.0)

    def _note_jump(self, people: np.ndarray, stated: np.ndarray) -> None:
        for (zh, en), off in zip(_NAMES, self.jump(people, stated).tolist(), strict=True):
            if abs(off) > JUMP:
                self.warnings.append(
                    (
                        f"能力状态模式：{self.first_year}年末60岁及以上{zh}的占比比给定的患病率"
                        f"{'高' if off > 0.0 else '低'}{abs(off):.1%}，第一年即有跳跃",
                        f"state mode: at the end of {self.first_year} the share of 60+ {en} is {abs(off):.1%} "
                        f"{'above' if off > 0.0 else 'below'} the stated prevalence, a jump in the first year",
                    )
                )


def _joined(shares: np.ndarray, people: np.ndarray, arrive: np.ndarray, stated: np.ndarray) -> np.ndarray:
    """Shares after external moves: arrivals carry the stated shares, leavers those of their cell."""
    total = people + arrive
    weight = np.divide(arrive, total, out=np.zeros_like(total), where=total > 0.0)[..., None, :]
    return np.asarray(shares + weight * (stated - shares))


def _merged(shares: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Shares of source cohorts by the age reached from 61; people of the last two ages reach the open one."""
    total = last.sum(axis=2)
    weight = np.divide(last[:, :, 1], total, out=np.ones_like(total), where=total > 0.0)[..., None, :]
    merged = shares[:, :, -2] + weight * (shares[:, :, -1] - shares[:, :, -2])
    return np.concatenate([shares[:, :, :-2], merged[:, :, None]], axis=2)


def _applied(change: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Shares after transitions; (..., level, level, draw or 1) on (..., level, draw)."""
    out = change[..., 0, :, :] * shares[..., 0:1, :]
    for level in range(1, shares.shape[-2]):
        out = out + change[..., level, :, :] * shares[..., level : level + 1, :]
    return np.asarray(out)
