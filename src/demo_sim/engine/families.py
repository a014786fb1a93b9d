"""A year of families: newborns get parents, moves and deaths reach kin, unions are made and end.

It comes after births, deaths, functions and moves of the year and never acts back on them.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future

import numpy as np

from demo_sim.engine.people import Population, chunks
from demo_sim.engine.thresholds import cut
from demo_sim.inputs.unions import UnionRates
from demo_sim.kernels.kin import (
    FAMILIES,
    change_unions,
    count_never,
    family_codes,
    follow_children,
    follow_partners,
    marry_mothers,
    record_births,
    screen_unions,
)
from demo_sim.kernels.person_year import AWAY

CODES = AWAY + 2
MEN_FROM, MEN_TO = 18, 70  # ages at which men marry
OLDER = 2  # years that an unseen husband is older; near the mean of the age gaps


def live_families(
    population: Population, year: int, unions: UnionRates, draw: int, qs: np.ndarray, pool: Executor | None = None
) -> None:
    """Bring the families of one draw to the year-end, after `live_year`.

    Parameters
    ----------
    unions : rates; draw : which draw of them
    qs : (residence, sex, age), chances of death by the age reached, for partners without a row
    pool : where given, pieces of work are shared among threads; results do not depend on it

    A birth to an unmarried woman makes a union, so that the father is known; first marriages of the others are so
    many fewer.
    """
    p, key, ages = population.persons, population.key, population.ages
    kin = p.kin
    assert kin is not None
    newborn = slice(population.first_newborn, p.rows)
    ident = p.ident[newborn.start - p.base_rows : newborn.stop - p.base_rows]
    unknown = cut(unions.father_unknown[draw])
    pieces, sex, _, upper = population.items(year + 1)
    birth = np.maximum(p.segments.birth_year - (year - (ages - 1)), 0)
    first, again, divorce = (values[::-1].copy() for values in unions.of_year(year, draw))
    gaps = unions.gap_cuts(year, ages, draw)[::-1].copy()
    men = _men(population, year, birth)
    never = np.zeros(ages, np.int64)
    count_never(pieces[first[birth[pieces[:, 0]]] > 0.0], sex, birth, p.code, kin.union, never)
    wed = np.zeros(ages, np.int64)
    segment = np.searchsorted(p.segments.start, p.mother[newborn], side="right") - 1
    marry_mothers(
        newborn.start, newborn.stop, unknown, ident, *key, np.uint64(year), birth[segment], gaps,
        *men, p.mother, p.code, kin.partner, kin.union, kin.spouse, wed,
    )  # fmt: skip
    record_births(
        newborn.start, newborn.stop, unknown, ident, *key, np.uint64(year),
        p.code, p.born, p.mother, kin.father, kin.partner, kin.union, kin.kids,
    )  # fmt: skip
    # the counts of children, which nothing below reads, are brought up beside it
    kids = (_now if pool is None else pool.submit)(follow_children, population.log, p.mother, kin.father, kin.kids)
    follow_partners(population.log, kin.partner, kin.union, kin.spouse)
    first = np.clip((first * never - wed) / np.maximum(never - wed, 1), 0.0, 1.0)
    cuts = [cut(chance) for chance in (first, again, divorce, _partners(qs))]

    def screened(part: np.ndarray) -> np.ndarray:
        rows = np.empty((int((part[:, 2] - part[:, 1]).sum()), 2), np.int64)
        count = screen_unions(
            part, sex, birth, upper, p.ident, p.base_rows, np.uint64(year), *key, *cuts, kin.union, rows
        )
        return rows[:count].copy()

    candidates = (map if pool is None else pool.map)(screened, chunks(pieces))
    for rows in candidates:
        change_unions(
            rows, sex, birth, upper, p.segments.start, p.ident, p.base_rows, np.uint64(year), *key, *cuts,
            gaps, *men, p.code, kin.partner, kin.union, kin.spouse,
        )  # fmt: skip
    kids.result()


def _now(work: Callable[..., object], *arguments: object) -> Future[object]:
    """Done at once, where there are no threads to do it."""
    done: Future[object] = Future()
    done.set_result(work(*arguments))
    return done


def _partners(qs: np.ndarray) -> np.ndarray:
    """Chance that the partner of a man or woman dies; (sex, birth year)."""
    x = np.arange(qs.shape[2])
    by_sex = qs.mean(axis=0)
    wives, husbands = by_sex[1, np.maximum(x - OLDER, 0)], by_sex[0, np.minimum(x + OLDER, x[-1])]
    return np.stack([wives, husbands])[:, ::-1]


def _men(population: Population, year: int, birth: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of men of an age to marry by birth year, where each birth year begins, and where the search does."""
    table = population.persons.segments
    age = year - table.birth_year
    men = np.flatnonzero((table.sex == 0) & (age >= MEN_FROM) & (age < MEN_TO))
    men = men[np.argsort(birth[men], kind="stable")]
    begins = np.searchsorted(birth[men], np.arange(population.ages + 1))
    cursor = np.zeros((population.ages, 3, 2), np.int64)
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
    int32 (class, place, sex, age, level); places are urban, rural, away
    """
    p = population.persons
    kin = p.kin
    assert kin is not None
    pieces, sex, age, _ = population.items(year + 1)
    assert classes.dtype == np.uint8 and classes.shape == (2, FAMILIES)  # the kernel counts without looking

    def counted(part: np.ndarray) -> np.ndarray:
        found = np.zeros((2, population.ages, CODES, int(classes.max()) + 1), np.int64)
        family_codes(
            part, sex, age, p.code, p.born, p.mother, kin.father, kin.union, kin.spouse, kin.kids, kin.family, classes,
            found,
        )  # fmt: skip
        return found

    found = sum((map if pool is None else pool.map)(counted, chunks(pieces)))
    return _by_place(np.moveaxis(np.asarray(found), -1, 0))


def _by_place(counts: np.ndarray) -> np.ndarray:
    """(..., sex, age, code) as int32 (..., place, sex, age, level)."""
    inside = counts[..., 1:AWAY].reshape(*counts.shape[:-1], 2, 5)
    inside = np.moveaxis(inside, -2, -4)
    away = np.zeros_like(inside[..., :1, :, :, :])
    away[..., 0, :, :, 0] = counts[..., AWAY:].sum(axis=-1)
    return np.concatenate([inside, away], axis=-4).astype(np.int32)
