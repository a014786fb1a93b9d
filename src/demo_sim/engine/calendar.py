"""What happens in a year, in which order, said once; and the tables and flows of a year.

The expected pass lives these events one after another. Whatever goes along with it (functional levels, children ever
born, the account) walks over them again in `stages`, once a year is settled. A person's year has the same order: the
bands of the move word in `kernels.columns` follow it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from demo_sim.space.places import routes

EVERYONE, OLDER, NEWBORN = slice(None), slice(1, None), slice(0, 1)


class Event(NamedTuple):
    """One event of a year.

    Attributes
    ----------
    name : what happens
    half : the half of the year it belongs to
    ages : of those whom it meets, by age at the time
    lines : of the account and of the table of flows that it is counted in
    """

    name: str
    half: int
    ages: slice
    lines: tuple[str, ...]


_IN, _MOVES = ("in", "out"), ("moved", "reclassified")
YEAR = (
    Event("migrate", 0, EVERYONE, _IN),
    Event("move", 0, EVERYONE, _MOVES),
    Event("die", 0, OLDER, ("deaths",)),  # and are a year older then
    Event("move", 1, OLDER, _MOVES),
    Event("migrate", 1, OLDER, _IN),
    Event("deliver", 1, OLDER, ()),
    Event("be born", 1, NEWBORN, ("births", "deaths")),
    Event("move", 1, NEWBORN, _MOVES),
    Event("migrate", 1, NEWBORN, _IN),
)
ACCOUNT_LINES = tuple(dict.fromkeys(line for event in YEAR for line in event.lines))


@dataclass(frozen=True)
class Timing:
    """When external migrants move: half at each end of the year, or all at its end.

    Attributes
    ----------
    first_share : part of them that moves at the start of the year
    late_births : whether births see who comes and leaves at the year's end (1) or not (0)
    """

    first_share: float
    late_births: float

    @classmethod
    def of(cls, name: str) -> Timing:
        """From the scenario's word: `even` or `end`."""
        return cls(0.5, 1.0) if name == "even" else cls(0.0, 0.0)

    @property
    def shares(self) -> tuple[float, float]:
        """Parts of external migrants in the two halves."""
        return self.first_share, 1.0 - self.first_share

    @property
    def year(self) -> tuple[Event, ...]:
        """Events of the year in order."""
        if self.late_births > 0.0:
            return YEAR
        out = list(YEAR)
        delivery = next(event for event in out if event.name == "deliver")
        out.remove(delivery)
        out.insert(out.index(Event("migrate", 1, OLDER, _IN)), delivery)
        return tuple(out)


@dataclass
class YearTables:
    """What one year of the projection reads; a people engine reads the same.

    Attributes
    ----------
    qs : (residence, sex, age, draw), death probability of cohorts by the age reached
    asfr : (residence, age, draw), births per woman-year
    male_share : (residence, draw), boys among births
    external : (residence, sex, age, draw), net external migrants, persons
    move_rate : (route, sex, age, draw), yearly share of a place moving to another, see `space.places`
    reclass_rate : (route, draw), yearly share whose place is re-coded
    inflow : shape of `external`, people who move in beside as many more who leave, or None
    """

    qs: np.ndarray
    asfr: np.ndarray
    male_share: np.ndarray
    external: np.ndarray
    move_rate: np.ndarray
    reclass_rate: np.ndarray
    inflow: np.ndarray | None = None

    @property
    def entering(self) -> np.ndarray:
        """People who move in from outside in the year; without gross flows those of a net gain."""
        return np.maximum(self.external, 0.0 if self.inflow is None else self.inflow)

    @property
    def leaving(self) -> np.ndarray:
        """People who move out in the year."""
        return np.asarray(self.entering - self.external)

    @property
    def sexes(self) -> np.ndarray:
        """Boys and girls among births; (residence, sex, draw)."""
        return np.stack([self.male_share, 1.0 - self.male_share], axis=1)


@dataclass
class YearFlows:
    """What happened in one year, expected values.

    Attributes
    ----------
    mid : (residence, sex, age, draw), people after the first half of the moves, by age on 1 January
    end : same shape, people at the year-end
    deaths : same shape, by the age reached
    births : (residence, age, draw), by mother's age
    out_first, out_second : (route, sex, age, draw), internal leavers of each half, by age at the move
    internal : (2, route, sex, draw), movers and re-coded persons
    cut : (residence, sex, age, draw), outflow that could not be met because the cell was empty
    """

    mid: np.ndarray
    end: np.ndarray
    deaths: np.ndarray
    births: np.ndarray
    out_first: np.ndarray
    out_second: np.ndarray
    internal: np.ndarray
    cut: np.ndarray

    @classmethod
    def empty(cls, shape: tuple[int, int, int, int]) -> YearFlows:
        """Arrays to be written for a population of the shape (residence, sex, age, draw)."""
        r, _, ages, draws = shape
        ways = len(routes(r))
        mid, end, deaths, cut = (np.zeros(shape) for _ in range(4))
        first, second = (np.zeros((ways, *shape[1:])) for _ in range(2))
        return cls(mid, end, deaths, np.zeros((r, ages, draws)), first, second, np.zeros((2, ways, 2, draws)), cut)

    @property
    def moves(self) -> tuple[np.ndarray, np.ndarray]:
        """Internal leavers of the two halves."""
        return self.out_first, self.out_second


class Stage(NamedTuple):
    """An event of a year that is settled, and those whom it meets; to be looked at before the next one.

    Attributes
    ----------
    event : of the calendar
    before, after : (residence, sex, age, draw), people of the ages that it meets; of deaths everybody by age on 1
        January, and survivors by the age reached
    moves : (route, sex, age, draw), who moves, of an event in which people move
    """

    event: Event
    before: np.ndarray
    after: np.ndarray
    moves: np.ndarray


def stages(
    start: np.ndarray, tables: YearTables, flows: YearFlows, timing: Timing, youngest: int = 0
) -> Iterator[Stage]:
    """The events of a settled year in order, with the people before and after each.

    Parameters
    ----------
    start : (residence, sex, age, draw), people on 1 January
    tables, flows : of the year
    youngest : age from which people are followed, with those who reach it in the year, who are a year younger before;
        from 1 on, nobody who is born in the year is among them
    """
    ages = max(youngest - 1, 0)  # of the youngest that `people` has now
    people, nobody_moves = start[:, :, ages:].copy(), flows.out_first[:, :, :0]
    for event in timing.year:
        if event.ages == NEWBORN and youngest > 0:
            continue
        first = event.ages.start or 0
        met = slice(max(first - ages, 0), event.ages.stop)
        own = slice(max(first, ages), event.ages.stop)
        here, moves = people[:, :, met], nobody_moves
        before = people if event.name == "die" else here.copy() if event.name in ("migrate", "move") else here
        if event.name == "migrate":
            here += timing.shares[event.half] * tables.external[:, :, own]
            np.maximum(here, 0.0, out=here)
        elif event.name == "move":
            moves = flows.moves[event.half][:, :, own]
            for (origin, destination), moved in zip(routes(len(start)), moves, strict=True):
                here[origin] -= moved
                here[destination] += moved
        elif event.name == "die":
            people, ages = one_year_older(before, youngest > 0), youngest
            here = people[:, :, 0 if youngest else 1 :]
            here -= flows.deaths[:, :, max(youngest, 1) :]
        elif event.name == "be born":
            here[:, :, 0] = flows.births.sum(axis=1)[:, None] * tables.sexes - flows.deaths[:, :, 0]
        yield Stage(event, before, here, moves)


def one_year_older(people: np.ndarray, from_first: bool = False) -> np.ndarray:
    """People laid at the age reached; the last two ages together.

    Parameters
    ----------
    people : (residence, sex, age, draw)
    from_first : whether the first age of the result is the one that the youngest reach, else nobody is in it
    """
    reached = people[:, :, :-1].copy()
    reached[:, :, -1] += people[:, :, -1]
    if from_first:
        return reached
    return np.concatenate([np.zeros_like(people[:, :, :1]), reached], axis=2)


def reached(by_age: np.ndarray, axis: int = -1) -> np.ndarray:
    """Values of the age reached at the year-end, laid at the age on 1 January; the open group stays."""
    ages = by_age.shape[axis]
    return by_age.take(np.minimum(np.arange(1, ages + 1), ages - 1), axis)
