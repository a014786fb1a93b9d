"""The cohort engine: expected population and flows year by year, with an identity check every year."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from demo_sim.demography.shares import share_of
from demo_sim.errors import IdentityError, InputError, Problem
from demo_sim.inputs.base import Base, asfr_by_residence
from demo_sim.inputs.grid import Grid
from demo_sim.inputs.rates import Rates
from demo_sim.kernels.cohort import cohort_step
from demo_sim.kernels.lifetable import survival_deficit
from demo_sim.scenario import Location
from demo_sim.space.places import arriving, leaving, route, routes

NOWHERE = Location("", 0)
MOVE_LIMIT = 0.9  # no cell loses more than this share of itself to internal moves in a year


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


@dataclass
class YearFlows:
    """What happened in one year, expected values; shapes as in `cohort_step`."""

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


@dataclass(frozen=True)
class Timing:
    """When external migrants move: half at each end of the year, or all at its end."""

    first_share: float
    late_births: float

    @classmethod
    def of(cls, name: str) -> Timing:
        """From the scenario's word: `even` or `end`."""
        return cls(0.5, 1.0) if name == "even" else cls(0.0, 0.0)


def step(start: np.ndarray, tables: YearTables, timing: Timing, flows: YearFlows) -> np.ndarray:
    """One year; writes `flows` and gives its year-end population."""
    moved = cohort_step(
        start,
        tables.qs,
        tables.asfr,
        tables.male_share,
        tables.external,
        tables.move_rate,
        tables.reclass_rate,
        timing.first_share,
        timing.late_births,
        flows.mid,
        flows.end,
        flows.deaths,
        flows.births,
        flows.out_first,
        flows.out_second,
        flows.internal,
        flows.cut,
    )
    if not moved:  # the kernel leaves these three alone where nobody can move
        flows.mid[:] = start
        flows.internal[:] = 0.0
        flows.cut[:] = 0.0
    return flows.end


def project(
    base: Base,
    rates: Rates,
    grid: Grid,
    timing: Timing,
    refused: np.ndarray | bool = True,
    where: Location = NOWHERE,
) -> Iterator[tuple[int, np.ndarray, YearTables, YearFlows]]:
    """Project year by year.

    Parameters
    ----------
    base, rates, grid : opening population, schedules, coordinates
    timing : when external migrants move
    refused : bool or bool (draw,), whether an outflow beyond the people of a cell is refused; else it is cut and
        recorded
    where : place of the migration block, for the message

    Yields
    ------
    year, population at the start (residence, sex, age, draw), the year's tables, its flows.
    The arrays of the flows are used again in the next year: copy what is to be kept.

    Raises
    ------
    IdentityError
        The accounting identity fails in a cell.
    InputError
        Migration would make a cell of a draw negative where that is refused.
    """
    population = base.start.copy()
    shape = mover_shape(base, rates, grid)
    flows = YearFlows.empty(population.shape)
    for index, year in enumerate(grid.years, start=1):
        tables = year_tables(population, base, rates, grid, index)
        live = partial(_live, population, tables, timing, flows, rates, grid, index, shape)
        live()
        if int(year) in base.later_totals:
            _tie(live, population, tables, flows, rates, base.later_totals[int(year)])
        _require_stock(np.where(refused, flows.cut, 0.0), grid, int(year), where)
        check_identity(population, tables, timing, flows, grid, int(year))
        yield int(year), population, tables, flows
        population = flows.end.copy()


def year_tables(population: np.ndarray, base: Base, rates: Rates, grid: Grid, index: int) -> YearTables:
    """Tables of one year before internal moves; `index` counts from 1 for the first step."""
    r = population.shape[0]
    qs = np.empty(population.shape)
    survival_deficit(rates.mx[index], qs)
    asfr = np.ascontiguousarray(asfr_by_residence(rates.asfr[index], population[:, 1], base.rural_ratio))
    boys = rates.srb[index] / (1.0 + rates.srb[index])
    return YearTables(
        qs,
        asfr,
        np.repeat(boys[None], r, axis=0),
        np.ascontiguousarray(rates.external[index]),
        *given_moves(rates, population.shape),
        rates.inflow,
    )


def given_moves(rates: Rates, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Rates of moving and of re-coding that the schedules give, zero where they come from an urban share."""
    ways = len(routes(shape[0]))
    move = np.zeros((ways, *shape[1:])) if rates.moves is None else rates.moves.copy()
    return move, np.zeros((ways, shape[3]))


def mover_shape(base: Base, rates: Rates, grid: Grid) -> np.ndarray:
    """Shape of the rate of moving from rural to urban; (sex, age, draw), any level.

    The profile of movers over the rural people of the base year. As a rate it leaves nobody behind zero: the same
    numbers of movers year after year would empty the young ages of a shrinking countryside. Without a profile all
    ages move alike.
    """
    if rates.urban_share is None or rates.mover_profile is None:
        return np.ones(base.start.shape[1:])
    rural = base.start[grid.residences.index("rural")]
    return np.divide(rates.mover_profile, rural, out=np.zeros_like(rural), where=rural > 0.0)


def _live(
    population: np.ndarray,
    tables: YearTables,
    timing: Timing,
    flows: YearFlows,
    rates: Rates,
    grid: Grid,
    index: int,
    shape: np.ndarray,
) -> None:
    """One year with its internal moves."""
    step(population, tables, timing, flows)
    if rates.urban_share is not None:
        _urbanise(population, tables, timing, flows, rates, grid, index, shape)


def _tie(
    live: Callable[[], None],
    population: np.ndarray,
    tables: YearTables,
    flows: YearFlows,
    rates: Rates,
    total: np.ndarray,
) -> None:
    """Set net migration so that the year-end has a published total, and redo the year.

    What is lacking comes, or what is too much leaves, by the ages of movers where the scenario has a profile, else like
    the residents; split between the places like the residents of the age.

    Parameters
    ----------
    live : makes `flows` of `population` and `tables`, which has been done once
    rates : with the profile of movers
    total : (draw,), persons at the year-end
    """
    people, movers = population.sum(axis=0), rates.mover_profile
    profile = people if movers is None else np.maximum(movers, 0.0) * (people > 0.0)
    living = np.divide(population, people, out=np.zeros_like(population), where=people > 0.0)
    pattern = living * profile / profile.sum(axis=(0, 1))
    given = tables.external

    def lacking() -> np.ndarray:
        return np.asarray(total - flows.end.sum(axis=(0, 1, 2)))

    def with_added(added: np.ndarray) -> np.ndarray:
        tables.external = np.ascontiguousarray(given + pattern * added)
        tables.move_rate, tables.reclass_rate = given_moves(rates, population.shape)
        live()
        return lacking()

    at_first = lacking()
    _secant(with_added, at_first, at_first, 1e-9 * total, -np.inf)


def _secant(
    miss_of: Callable[[np.ndarray], np.ndarray], at_zero: np.ndarray, x: np.ndarray, near: np.ndarray, least: float
) -> None:
    """Move x until what is missed is near 0; the last call of `miss_of` leaves the year as it is wanted.

    A draw that has arrived stays as it is, so that it does not depend on the others of its batch.

    Parameters
    ----------
    at_zero : (draw,), what is missed where x is 0
    x : (draw,), the first guess; near : (draw,), miss that counts as none; least : lower bound of x
    """
    before, missed = np.zeros_like(x), at_zero
    for _ in range(8):
        now = miss_of(x)
        going = np.abs(now) > near
        if not going.any():
            return
        slope = now - missed
        change = np.divide(now * (x - before), slope, out=np.zeros_like(now), where=going & (slope != 0.0))
        before, missed = np.where(going, x, before), np.where(going, now, missed)
        x = np.maximum(x - change, least)


def _urbanise(
    population: np.ndarray,
    tables: YearTables,
    timing: Timing,
    flows: YearFlows,
    rates: Rates,
    grid: Grid,
    index: int,
    shape: np.ndarray,
) -> None:
    """Set the internal moves so that the year-end urban share is the given one, and redo the year.

    The urban gain needed is the target less the urban population without internal moves; a part of it is
    re-coding of places, even over all rural cells, the rest moves at rates of the given shape. Moves change
    deaths and births a little, so the scale is mended by secant steps.
    """
    assert rates.urban_share is not None
    target = rates.urban_share[index]
    town, country = (grid.residences.index(name) for name in ("urban", "rural"))
    way = route(country, town, len(grid.residences))

    def gap() -> np.ndarray:
        urban = flows.end[town].sum(axis=(0, 1))
        return np.asarray(target * (urban + flows.end[country].sum(axis=(0, 1))) - urban)

    needed = np.maximum(gap(), 0.0)  # urban to rural is 0 unless given
    rural = population[country]
    recoded = share_of(rates.reclass_share * needed, rural.sum(axis=(0, 1)))
    rate = shape * share_of((1.0 - rates.reclass_share) * needed, (shape * rural).sum(axis=(0, 1)))
    people = population.sum(axis=(0, 1, 2))

    def with_scale(scale: np.ndarray) -> np.ndarray:
        tables.move_rate[way] = np.minimum(rate * scale, MOVE_LIMIT)
        tables.reclass_rate[way] = np.minimum(recoded * scale, MOVE_LIMIT)
        step(population, tables, timing, flows)
        return gap()

    # a draw that needs no gain has no moves to scale
    near = np.where(needed > 0.0, 1e-9 * people, np.inf)
    _secant(with_scale, needed, np.ones(needed.shape), near, 0.0)


def _require_stock(cut: np.ndarray, grid: Grid, year: int, where: Location) -> None:
    if not cut.any():
        return
    r, s, x, _ = (int(v[0]) for v in np.nonzero(cut))
    sex = ("male", "female")[s]
    place = grid.residences[r]
    raise InputError(
        [
            Problem(
                where.file,
                where.line,
                "migration",
                f"{year}年{place} {sex} {x}岁的净迁出超过该年龄人口；请减小迁出，或设置 options.on_negative: cap",
                f"{year}: net outflow exceeds the people in cell {place} {sex} age {x}; "
                "lower the outflow or set options.on_negative: cap",
            )
        ]
    )


def check_identity(
    start: np.ndarray, tables: YearTables, timing: Timing, flows: YearFlows, grid: Grid, year: int
) -> None:
    """End = start + births - deaths + external net + internal net, in every cell and in total.

    Each cell may miss by 1e-9 of itself plus 1e-6 person.

    Raises
    ------
    IdentityError
        Names the first cell that fails.
    """
    first = timing.first_share * tables.external
    expected = np.zeros(start.shape)
    places = start.shape[0]
    internal_first, internal_second = (
        arriving(moves, places) - leaving(moves, places) for moves in (flows.out_first, flows.out_second)
    )
    moved = start + first + internal_first
    expected[:, :, 1:] = moved[:, :, :-1]
    expected[:, :, -1] += moved[:, :, -1]
    births = flows.births.sum(axis=1)
    expected[:, 0, 0] = births * tables.male_share
    expected[:, 1, 0] = births * (1.0 - tables.male_share)
    expected += internal_second + (1.0 - timing.first_share) * tables.external - flows.deaths
    miss = flows.end - expected
    if flows.cut.any():
        # an outflow that was cut shows up at the age of the cut or one later: totals are checked instead
        miss = (miss.sum(axis=2) - flows.cut.sum(axis=2))[:, :, None]
        bound = 1e-9 * flows.end.sum(axis=2)[:, :, None] + 1e-6
    else:
        bound = 1e-9 * np.abs(flows.end) + 1e-6
    if not (np.abs(miss) <= bound).all():
        r, s, x, d = (int(v[0]) for v in np.nonzero(~(np.abs(miss) <= bound)))
        place = f"{grid.residences[r]} {('male', 'female')[s]} {x}"
        raise IdentityError(
            f"{year}年 {place} 岁（第{d}次抽样）：年末人口与出生、死亡、迁移不平衡，差 {miss[r, s, x, d]:.6g} 人",
            f"{year}: {place} years, draw {d}: the year-end is off its births, deaths and moves by "
            f"{miss[r, s, x, d]:.6g} persons",
        )
