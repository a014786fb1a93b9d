"""The cohort engine: expected population and flows year by year, with an identity check every year."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from demo_sim.demography.shares import share_of
from demo_sim.engine.accounts import check_identity
from demo_sim.engine.calendar import Timing, YearFlows, YearTables
from demo_sim.errors import InputError, Problem
from demo_sim.inputs.base import Base, asfr_by_residence
from demo_sim.inputs.grid import Grid
from demo_sim.inputs.rates import Rates
from demo_sim.kernels import cohort as events
from demo_sim.kernels.lifetable import survival_deficit
from demo_sim.scenario import Location
from demo_sim.space.places import route, routes

NOWHERE = Location("", 0)
MOVE_LIMIT = 0.9  # no cell loses more than this share of itself to internal moves in a year


def step(start: np.ndarray, tables: YearTables, timing: Timing, flows: YearFlows) -> np.ndarray:
    """One year; writes `flows` and gives its year-end population."""
    if not live(start, tables, timing, flows):
        flows.mid[:] = start
        flows.internal[:] = 0.0
        flows.cut[:] = 0.0
    return flows.end


def live(start: np.ndarray, tables: YearTables, timing: Timing, flows: YearFlows) -> bool:
    """The events of a year one after another; gives whether anyone may have moved.

    If not, `flows.mid` would equal the start, `cut` and `internal` would be zero, and the three are left as they are:
    writing them would cost a quarter of the time.
    """
    moving = {"migrate": bool(events.any_value(tables.external.reshape(-1))), "move": len(start) > 1}
    first, stock = start, flows.end
    if any(moving.values()):
        flows.mid[...] = start
        flows.cut.fill(0.0)
        flows.internal.fill(0.0)
        first = stock = flows.mid
    for event in timing.year:
        if not moving.get(event.name, True):
            continue
        ages = event.ages.indices(start.shape[2])[:2]
        if event.name == "migrate":
            events.migrate(stock, tables.external, timing.shares[event.half], *ages, flows.cut)
        elif event.name == "move":
            out = flows.moves[event.half]
            events.move(stock, tables.move_rate, tables.reclass_rate, *ages, out, flows.internal)
        elif event.name == "die":
            events.die(first, tables.qs, flows.deaths, flows.end)
            stock = flows.end
        elif event.name == "deliver":
            events.deliver(tables.asfr, first, flows.end, flows.births)
        elif event.name == "be born":
            events.be_born(flows.births, tables.male_share, tables.qs, flows.deaths, flows.end)
    return any(moving.values())


def project_cohort(
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
