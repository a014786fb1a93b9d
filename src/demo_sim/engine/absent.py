"""People registered here who live outside: expected values for all draws, and the persons of one draw.

They age and die by the tables of the residence they left, have children there and return; their expected number sets
the chance of a return, so that those who return are on average the given part of all who move in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from demo_sim.demography.function import FIRST_AGE
from demo_sim.engine.cohort import Timing, YearTables
from demo_sim.engine.synthesis import STORED, Persons
from demo_sim.engine.thresholds import cut, reached
from demo_sim.kernels.away import live_away, return_home
from demo_sim.kernels.founding import PER_PLACE, UNSEEN
from demo_sim.kernels.person_year import AWAY, LEVELS, OUTSIDE

MOST = 0.9  # of a cell that can return in half a year


@dataclass(frozen=True)
class Returns:
    """Returns of a year: chances by half (origin, sex, age, draw) by age at the move, and expected persons."""

    chance: tuple[np.ndarray, np.ndarray]
    expected: tuple[np.ndarray, np.ndarray]


class AbsentStock:
    """Expected people outside; (origin, sex, age, draw), moved on with the cohort pass.

    Parameters
    ----------
    stock : opening stock
    returnee_share : (draw,), part of those who move in that returns
    """

    def __init__(self, stock: np.ndarray, returnee_share: np.ndarray) -> None:
        self.stock, self.returnee_share = stock.copy(), returnee_share

    def advance(self, tables: YearTables, timing: Timing) -> Returns:
        """Returns of the year; moves the stock to its end."""
        first, second = timing.first_share, 1.0 - timing.first_share
        wanted, leaving = tables.entering * self.returnee_share, tables.leaving
        back = np.minimum(first * wanted, MOST * self.stock)
        chances = [_share(back, self.stock)]
        present = self.stock - back
        alive = _aged(present) * (1.0 - tables.qs)
        later = np.minimum(second * wanted, MOST * alive)  # newborns stay where they are born: there are none as yet
        chances.append(_share(later, alive))
        alive -= later
        births = (0.5 * tables.asfr * (present[:, 1] + alive[:, 1])).sum(axis=1)
        sexes = np.stack([tables.male_share, 1.0 - tables.male_share], axis=1)
        alive[:, :, 0] += births[:, None] * sexes * (1.0 - tables.qs[:, :, 0])
        self.stock = alive + _aged(first * leaving) + second * leaving
        return Returns((chances[0], chances[1]), (back, later))


def _aged(stock: np.ndarray) -> np.ndarray:
    """By the age reached; the last two ages together."""
    out = np.zeros_like(stock)
    out[:, :, 1:] = stock[:, :, :-1]
    out[:, :, -1] += stock[:, :, -1]
    return out


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0.0)


@dataclass(frozen=True)
class AbsentYear:
    """What happens to the people outside in one year of one draw.

    Attributes
    ----------
    chance : of a return by half, (origin, sex, age) by age at the move
    levels : shares of functional levels of those who enter by half, (residence, sex, age from 60, level), or None
    married : uint64 (sex, age), cuts of having a partner, for new people
    tables : of the cohort pass; parity : (residence, age, parity, draw), factors times scales on the birth rate
    draw : which draw of them
    """

    chance: Sequence[np.ndarray]
    levels: Sequence[np.ndarray | None]
    married: np.ndarray
    tables: YearTables
    parity: np.ndarray
    draw: int

    def welcome(self, persons: Persons, first: int, year: int, childless: np.ndarray) -> None:
        """Give the people in the rows from `first` on, new to the region, a partner and their children beside them.

        Parameters
        ----------
        year : at whose end they have the age of their move
        childless : uint64 (residence, age), cuts of a woman without children

        Notes
        -----
        Mothers have a partner; of the childless so many have one that the share of all women is kept. Of men so many as
        it says, and only those have children.
        """
        kin, rows = persons.kin, slice(first, persons.rows)
        if kin is None or first == persons.rows:
            return
        new = _details(persons, np.arange(first, persons.rows, dtype=np.int32))
        word = (new.ident & np.uint64(0xFFFFFFFF)).astype(float)
        age = np.clip(year - new.birth, 0, self.married.shape[1] - 1)
        place = (persons.code[rows].astype(np.int64) - 1) // LEVELS
        wanted, none = self.married[new.sex, age].astype(float), childless[place, age].astype(float)
        of_childless = np.maximum(wanted + none - 2.0**32, 0.0) / np.maximum(none, 1.0) * 2.0**32
        mothers = (new.sex == 1) & (persons.born[rows] > 0)
        united = mothers | (word < np.where(new.sex == 1, of_childless, wanted))
        kin.union[rows] = np.where(united, UNSEEN, 0)
        persons.born[rows] *= united
        kin.kids[rows] = np.minimum(persons.born[rows], 31).astype(np.uint16) << (PER_PLACE * place).astype(np.uint16)


@dataclass
class Absentees:
    """Rows of the people outside in one draw; age on 1 January of the year follows from `birth`."""

    rows: np.ndarray
    birth: np.ndarray
    sex: np.ndarray
    ident: np.ndarray

    @classmethod
    def of(cls, persons: Persons) -> Absentees:
        """Everybody outside at the base."""
        return _details(persons, np.flatnonzero(persons.code[: persons.rows] >= AWAY).astype(np.int32))

    def age(self, year: int, ages: int) -> np.ndarray:
        """Completed years at the start of a calendar year."""
        return np.minimum(year - 1 - self.birth, ages - 1).astype(np.int16)

    def keep(self, chosen: np.ndarray) -> None:
        """Leave out the others."""
        self.rows, self.birth, self.sex, self.ident = (column[chosen] for column in vars(self).values())

    def add(self, persons: Persons, rows: np.ndarray) -> None:
        """Take in people who have just left."""
        new = _details(persons, rows.astype(np.int32))
        for name, column in vars(new).items():
            setattr(self, name, np.concatenate([getattr(self, name), column]))

    def come_back(
        self, persons: Persons, year: int, half: int, absent: AbsentYear, ages: int, key: tuple[np.uint64, np.uint64]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns of one half.

        Returns
        -------
        int64 (residence, sex, age, level) of those back; their moves, as `person_year` logs them; their rows
        """
        chance, levels = absent.chance[half], absent.levels[half]
        entered = np.zeros((*chance.shape, LEVELS), np.int64)
        back = np.zeros(self.rows.size, np.uint8)
        log = np.empty(self.rows.size, np.int64)
        age = self.age(year + half, ages)
        cuts = _level_cuts(levels, chance.shape[2])
        count = return_home(
            self.rows, age, self.sex, self.ident, np.uint64(year), half, *key, cut(chance), cuts, persons.code, back,
            entered, log,
        )  # fmt: skip
        rows = self.rows[back == 1]
        self.keep(back == 0)
        return entered, log[:count].copy(), rows

    def live(
        self, persons: Persons, year: int, absent: AbsentYear, key: tuple[np.uint64, np.uint64]
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """Deaths and births of the year; the log of deaths, and mother, sex, code and id of the newborns."""
        tables, parity, draw = absent.tables, absent.parity, absent.draw
        ages = tables.qs.shape[2]
        rate = 0.5 * tables.asfr[..., draw]
        birth = cut(np.stack([rate, reached(rate)], axis=-1)[:, :, None] * parity[..., draw, None])
        goes = cut(reached(absent.chance[1]))
        log = np.empty(self.rows.size, np.int64)
        women = int(np.count_nonzero(self.sex))
        babies = tuple(np.empty(women, kind) for kind in (np.int32, np.uint8, np.uint8, np.uint64))
        deaths, children = live_away(
            self.rows, self.age(year, ages), self.sex, self.ident, np.uint64(year), *key,
            cut(reached(tables.qs[..., draw])), birth, goes, cut(tables.male_share[:, draw]),
            cut(tables.qs[:, :, 0, draw]),
            persons.code, persons.born, log, *babies,
        )  # fmt: skip
        return log[:deaths].copy(), tuple(column[:children].copy() for column in babies)


def _level_cuts(shares: np.ndarray | None, ages: int) -> np.ndarray:
    if shares is None:
        return np.full((2, 2, ages - FIRST_AGE, LEVELS), np.uint64(1 << 32))
    out = cut(np.cumsum(shares, axis=-1))
    out[..., -1] = np.uint64(1 << 32)
    return out


def _details(persons: Persons, rows: np.ndarray) -> Absentees:
    """Birth year, sex and id of some rows."""
    table = persons.segments
    segment = np.searchsorted(table.start, rows, side="right") - 1
    begin, upper = table.start[segment], table.upper[segment]
    ident = (upper << np.uint64(32)) | (rows - begin).astype(np.uint64)
    stored = upper == STORED
    ident[stored] = persons.ident[rows[stored] - persons.base_rows]
    return Absentees(rows, table.birth_year[segment], table.sex[segment].astype(np.uint8), ident)


def leavers(log: np.ndarray) -> np.ndarray:
    """Rows of a log whose move led outside."""
    return np.asarray(log[(log & 3) == OUTSIDE] >> 4)
