"""A year of families: newborns get parents, moves and deaths reach kin, unions are made and end.

It comes after births, deaths, functions and moves of the year and never acts back on them. The links of 1 January say
who moves with whom (`kernels/together.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future

import numpy as np

from demo_sim.engine.people import Population, chunks
from demo_sim.engine.thresholds import cut
from demo_sim.inputs.history import OLDER
from demo_sim.inputs.unions import UnionRates
from demo_sim.kernels.columns import LEVELS
from demo_sim.kernels.given import Clock, Market, UnionCuts
from demo_sim.kernels.kin import (
    FAMILY_COUNT,
    family_codes,
    follow_children,
    follow_partners,
    mark_grandparents,
    record_births,
)
from demo_sim.kernels.unions import change_unions, count_never, marry_mothers, screen_unions

MEN_FROM, MEN_TO = 18, 70  # ages at which men marry


def live_families(
    population: Population, year: int, unions: UnionRates, qs: np.ndarray, pool: Executor | None = None
) -> None:
    """Bring the families of all draws to the year-end, after `live_year`.

    Parameters
    ----------
    unions : rates
    qs : (residence, sex, age, draw), chances of death by the age reached, for partners without a row
    pool : where given, draws and pieces of work are shared among threads; results do not depend on it

    A birth to an unmarried woman makes a union, so that the father is known; first marriages of the others are so
    many fewer. Draws have rows of their own, so that one does not see another.
    """
    p, ages, draws = population.persons, population.ages, range(population.draws)
    kin = p.kin
    assert kin is not None
    run = map if pool is None else pool.map
    unknown = cut(unions.father_unknown)
    items, table = population.items(year + 1), p.segments
    birth = table.draw * ages + np.maximum(table.birth_year - (year - (ages - 1)), 0)  # by draw and birth year
    first, again, divorce = (_by_birth(values) for values in unions.of_year(year, population.draws))
    gaps = _by_birth(unions.gap_cuts(year, ages, population.draws))
    market = Market(ages, gaps, *_men(population, year, birth))
    never, wed = np.zeros(len(draws) * ages, np.int64), np.zeros(len(draws) * ages, np.int64)
    count_never(items.pieces[first[birth[items.pieces[:, 0]]] > 0.0], table.sex, birth, p.code, kin.union, never)
    newborn = np.arange(population.first_newborn, p.rows)
    segment = np.searchsorted(table.start, p.mother[newborn], side="right") - 1
    edges = population.first_newborn + np.searchsorted(table.draw[segment], np.arange(len(draws) + 1))
    mothers = birth[segment]

    def bear(draw: int) -> None:
        start, stop = int(edges[draw]), int(edges[draw + 1])
        of_mothers = mothers[start - population.first_newborn : stop - population.first_newborn]
        words = start, stop, unknown[draw], Clock(np.uint64(year), *population.key_of(draw)), p.at.each
        marry_mothers(*words, of_mothers, market, p.columns, kin.columns, wed)
        record_births(*words, p.columns, kin.columns)

    for _ in run(bear, draws):
        pass
    # the counts of children, which nothing below reads, are brought up beside it
    kids = (_now if pool is None else pool.submit)(
        follow_children, p.at.each, population.log, p.mother, kin.father, kin.kids
    )
    follow_partners(p.at.each, population.log, kin.partner, kin.union, kin.spouse)
    first = np.clip((first * never - wed) / np.maximum(never - wed, 1), 0.0, 1.0)
    chances = UnionCuts(*(cut(chance) for chance in (first, again, divorce, _partners(qs[..., : len(draws)]))))

    def screened(part: np.ndarray) -> np.ndarray:
        rows = np.empty((int((part[:, 2] - part[:, 1]).sum()), 2), np.int64)
        clock = Clock(np.uint64(year), *population.key)
        count = screen_unions(part, items.segments, birth, p.columns, clock, chances, kin.union, rows)
        return rows[:count].copy()

    def unite(draw: int, sharing: Executor | None) -> None:
        portions = chunks(items.of_draw(draw))
        for rows in (map if sharing is None else sharing.map)(screened, portions):  # others are screened beside it
            clock = Clock(np.uint64(year), *population.key_of(draw))
            change_unions(p.at.each, rows, items.segments, birth, p.columns, clock, chances, market, kin.columns)

    if len(draws) == 1:
        unite(0, pool)
    else:
        for _ in run(lambda draw: unite(draw, None), draws):
            pass
    kids.result()


def _now(work: Callable[..., object], *arguments: object) -> Future[object]:
    """Done at once, where there are no threads to do it."""
    done: Future[object] = Future()
    done.set_result(work(*arguments))
    return done


def _by_birth(by_age: np.ndarray) -> np.ndarray:
    """(age, ..., draw) as (draw and birth year, ...), the oldest first."""
    values = np.moveaxis(by_age[::-1], -1, 0)
    return np.ascontiguousarray(values).reshape(-1, *values.shape[2:])


def _partners(qs: np.ndarray) -> np.ndarray:
    """Chance that the partner of a man or woman dies; (sex, draw and birth year)."""
    x = np.arange(qs.shape[2])
    by_sex = qs.mean(axis=0)
    wives, husbands = by_sex[1, np.maximum(x - OLDER, 0)], by_sex[0, np.minimum(x + OLDER, x[-1])]
    return np.stack([_by_birth(wives), _by_birth(husbands)])


def _men(population: Population, year: int, birth: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of men of an age to marry by birth year, where each birth year begins, and where the search does."""
    table = population.persons.segments
    age = year - table.birth_year
    men = np.flatnonzero((table.sex == 0) & (age >= MEN_FROM) & (age < MEN_TO))
    men = men[np.argsort(birth[men], kind="stable")]
    begins = np.searchsorted(birth[men], np.arange(population.draws * population.ages + 1))
    cursor = np.zeros((population.draws * population.ages, population.persons.at.dead, 2), np.int64)
    cursor[..., 0] = begins[:-1, None]
    return np.stack([table.start[men], table.stop[men]], axis=1), begins, cursor


def count_families(population: Population, year: int, classes: np.ndarray, pool: Executor | None = None) -> np.ndarray:
    """People by what groups ask of their kin at the end of a year; writes the family code of each.

    Parameters
    ----------
    classes : uint8 (2, family), class of each family, below 18 and from 18
    pool : where given, pieces of work are shared among threads

    Returns
    -------
    int32 (class, place, sex, age, level, draw); the last place is outside
    """
    p, ages = population.persons, population.ages
    kin = p.kin
    assert kin is not None
    items = population.items(year + 1)
    assert classes.dtype == np.uint8 and classes.shape == (2, FAMILY_COUNT)  # the kernel counts without looking
    away, places = p.at.away, p.at.places
    found = np.zeros((population.draws, 2, ages, away + places, int(classes.max()) + 1), np.int64)

    run = map if pool is None else pool.map
    kin.family[: p.rows] = 0
    for _ in run(
        lambda part: mark_grandparents(p.at.each, part, items.segments, p.columns, kin.columns, kin.family),
        chunks(items.pieces),
    ):
        pass

    def counted(part: np.ndarray) -> tuple[slice, np.ndarray]:
        draws = items.draws_of(part)
        out = np.zeros((draws.stop - draws.start, *found.shape[1:]), np.int64)
        family_codes(
            p.at.each, part, items.segments, p.columns, kin.columns, kin.family, classes, draws.start * 2 * ages,
            out.reshape(-1, *found.shape[3:]),
        )  # fmt: skip
        return draws, out

    for draws, out in run(counted, chunks(items.pieces)):
        found[draws] += out
    out = np.zeros((found.shape[-1], places + 1, 2, ages, LEVELS, population.draws), np.int32)
    out[:, :places] = found[..., 1:away, :].reshape(*found.shape[:3], places, LEVELS, -1).transpose(5, 3, 1, 2, 4, 0)
    out[:, places, :, :, 0] = found[..., away:, :].sum(axis=3).transpose(3, 1, 2, 0)
    return out
