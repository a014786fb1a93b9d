"""Families of the base population: how many births each cohort of women had, where the children live, who married."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from demo_sim.engine.motherhood import Motherhood, Wives
from demo_sim.engine.persons import Persons
from demo_sim.engine.synthesis import ABSENT, GONE, draw_classes, place_in, synthesise, upper_of
from demo_sim.engine.thresholds import composition_cuts, cut
from demo_sim.inputs.history import FIRST_COHORT, GAP_FROM, MOTHER_AGES, MOTHER_FROM, Past
from demo_sim.kernels.founding import ever_marry, found_families, settle_men
from demo_sim.kernels.given import Clock, PastCuts, Pools, Women

NEIGHBOURS = 11  # birth years of men over which those are counted
_COUNTED = 60  # age of men from which their number tells how many wives still have a husband
STRIPE = 2_000_000  # rows of a part of the population that founds its families by itself; the cache holds its pools
_ROUNDS = 40  # of fitting places to both margins


@dataclass(frozen=True)
class LinkQuality:
    """How well families fit the base population.

    Attributes
    ----------
    minors, everybody : shares of residents aged 0 to 17, and of all, whose mother has no row
    husbands, children : living husbands and children for whom no row was left, as shares of them all
    """

    minors: float
    everybody: float
    husbands: float
    children: float

    @classmethod
    def mean(cls, fits: Sequence[LinkQuality], weights: Sequence[int] | None = None) -> LinkQuality:
        """Mean over draws, or over batches with so many draws each."""
        table = np.array([list(vars(fit).values()) for fit in fits])
        return cls(*np.average(table, axis=0, weights=weights).tolist())


def found(
    persons: Persons,
    stocks: tuple[np.ndarray, np.ndarray],
    births: Motherhood,
    past: Past,
    draw: int,
    levels: np.ndarray | None,
    key: tuple[np.uint64, np.uint64],
    pool: Executor | None = None,
) -> LinkQuality:
    """Fill the columns of one draw with the persons of the base year and their families; gives how well these fit.

    Parameters
    ----------
    persons : with room for those counted, those absent and the dead wives
    stocks : int64 (residence or origin, sex, age), agents here and outside
    births : of the same draw
    past : of the scenario; draw : which draw of it
    levels, key : as in `synthesise`
    pool : where given, parts of the population are shared among threads; results do not depend on it
    """
    counts, absent = stocks
    ages = counts.shape[2]
    children = np.ascontiguousarray(past.children[..., draw])
    dead, needed = births.dead, births.needed
    synthesise(persons, counts, past.start, children, levels, key, absent, pool)
    kin = persons.kin
    assert kin is not None
    wives = Wives.of(past, draw)
    start, stop, upper, born_in, group = _women(persons, dead, wives, past, key)
    by_group = _births_by_group(births, children, wives)
    man, child = _pools(persons, past.start, ages)
    men = persons.segments.sex == 0
    _, birth_year, _, begin, end, own = (column[men] for column in persons.segments)
    never = cut(1.0 - past.ever_married[0, past.start - 1 - birth_year, draw])
    ever_marry(begin, end, own, never, np.uint64(past.start), *key, kin.union)
    chances = PastCuts(
        *_unions(past, draw, births.people, births.absent, dead),
        cut(past.father_unknown[draw]),
        cut(births.one_more),
        _cumulated(needed),
        cut(births.boys(past)),
        cut(np.stack([past.only_survival, past.child_survival], axis=-1)[:, ::-1].transpose(1, 0, 2).copy()),
        _child_places(needed, by_group, child, past, draw),
    )
    clock = Clock(np.uint64(past.start), *key)
    stripes = max(1, round(persons.base_rows / STRIPE))

    def stripe(number: int) -> np.ndarray:
        """Families of a part of every segment and pool; the parts share no row."""
        (begins, ends), men, children = (
            [first + (last - first) * (number + edge) // stripes for edge in (0, 1)]
            for first, last in ((start, stop), man, child)
        )
        short = np.zeros(2, np.int64)
        women = Women(begins, ends, start, upper, born_in, group)
        pools = Pools(men[0], men[1], children[0], children[1])
        found_families(women, clock, persons.at.each, chances, pools, persons.columns, kin.columns, short)
        return short

    short = sum((map if pool is None else pool.map)(stripe, range(stripes)))
    lived = place_in(own)
    place = np.where(persons.code[begin] >= persons.at.away, persons.at.outside, lived)
    of_men = composition_cuts(children[lived, past.start - 1 - birth_year])
    settle_men(begin, end, own, place, of_men, np.uint64(past.start), *key, kin.union, persons.born, kin.kids)
    return _fit(persons, past.start, np.asarray(short))


def _listed(persons: Persons) -> Iterator[tuple[int, ...]]:
    """Segments one by one: draw, birth year, sex, first row, past-the-last row, upper half of the ids."""
    return zip(*(column.tolist() for column in persons.segments), strict=True)


def _women(
    persons: Persons, dead: np.ndarray, wives: Wives, past: Past, key: tuple[np.uint64, np.uint64]
) -> tuple[np.ndarray, ...]:
    """Segments of women from 15 on and of dead wives, oldest first; the dead get rows and children ever born."""
    rows, start, places = [], past.start, persons.at.places
    for _, year, sex, begin, end, own in _listed(persons):
        if sex == 1 and start - 1 - year >= MOTHER_FROM:
            rows.append((begin, end, own, year - FIRST_COHORT, _group(own, places)))
    cohort, place = np.nonzero(dead)
    number = dead[cohort, place]
    last = persons.base_rows - int(dead.sum()) + np.cumsum(number)
    mark = upper_of(GONE, cohort + FIRST_COHORT, 1, place).astype(np.int64)
    shares = wives.children[place, np.minimum(start - 1 - (cohort + FIRST_COHORT), wives.children.shape[1] - 1)]
    nothing = np.full((cohort.size, 1), np.inf)
    draw_classes(persons, last - number, last, mark.astype(np.uint64), nothing, shares, start, key)
    rows += np.stack([last - number, last, mark, cohort, 2 * places + place], axis=1).tolist()
    table = np.array(sorted(rows, key=lambda segment: segment[3]), np.int64)
    begins, ends, ids, cohorts, groups = np.ascontiguousarray(table.T)
    return begins, ends, ids.astype(np.uint64), cohorts, groups


def _group(upper: int, places: int) -> int:
    """Where the people of a base segment are: a place, or after all of them away from one."""
    return int(place_in(np.array(upper & ~ABSENT))) + (places if upper & ABSENT else 0)


def _births_by_group(births: Motherhood, children: np.ndarray, wives: Wives) -> np.ndarray:
    """Births of each cohort by where the mother is: in a place, away from one, dead in one; (cohort, group)."""
    women = np.concatenate([births.people[:, 1], births.absent[:, 1]])  # (place, age)
    mean = np.concatenate([children, children]) @ np.arange(children.shape[2])
    cohorts, places = births.dead.shape
    ages = women.shape[1]
    out = np.zeros((cohorts, 3 * places))
    out[cohorts - ages :, : 2 * places] = (women * mean)[:, ::-1].T  # from the oldest age on
    age = np.minimum(np.arange(cohorts)[::-1], ages - 1)
    out[:, 2 * places :] = births.dead * wives.mean[:, age].T
    nobody = out.sum(axis=1) == 0.0
    out[nobody, 2 * places :] = 1.0
    return out


def _pools(persons: Persons, start: int, ages: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """First and past-the-last row of men by cohort and place, and of all by birth year, sex and place."""
    cohorts = start - FIRST_COHORT
    places = persons.at.places
    man = [np.zeros((cohorts, 2 * places), np.int64) for _ in range(2)]
    child = [np.zeros((ages, 2, 2 * places), np.int64) for _ in range(2)]
    for _, year, sex, begin, end, own in _listed(persons):
        place = _group(own, places)
        child[0][year - start + ages, sex, place], child[1][year - start + ages, sex, place] = begin, end
        if sex == 0:
            man[0][year - FIRST_COHORT, place], man[1][year - FIRST_COHORT, place] = begin, end
    return man, child


def _unions(
    past: Past, draw: int, counts: np.ndarray, absent: np.ndarray, dead: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cuts of never marrying, divorce, age gap, living husband, and the husband's place.

    From `_COUNTED` on the men there are say how many wives still have a husband, not a life table: else too many of
    them would have neither wife nor children.
    """
    ages = counts.shape[2]
    cohorts = len(dead)
    x = np.minimum(past.start - 1 - FIRST_COHORT - np.arange(cohorts), ages - 1)
    ever = past.ever_married[1, :, draw]
    childless = np.concatenate([past.children[:, :, 0, draw]] * 2)  # (place, age)
    single = np.divide(1.0 - ever, childless, out=np.zeros_like(childless), where=childless > 0.0)
    places = len(childless)
    never = np.zeros((cohorts, places + dead.shape[1]))
    never[:, :places] = np.minimum(single[:, x], 1.0).T
    divorced = np.divide(past.divorced[:, draw], ever, out=np.zeros(ages), where=ever > 0.0)[x]
    gaps = past.gaps[..., draw]
    husbands = (np.concatenate([counts[:, 0], absent[:, 0]]) * past.ever_married[0, :, draw])[:, ::-1]
    men = np.zeros((cohorts, places))
    men[cohorts - ages :] = husbands.T
    wives = np.zeros((cohorts, places + dead.shape[1]))
    wives[cohorts - ages :, :places] = (np.concatenate([counts[:, 1], absent[:, 1]]) * ever)[:, ::-1].T
    wives[:, places:] = dead
    offered, asked = np.zeros((cohorts, places)), np.zeros(cohorts)
    for g in range(gaps.shape[1]):
        his = np.arange(cohorts) - (g + GAP_FROM)
        inside = (his >= 0) & (his < cohorts)
        offered[inside] += gaps[inside, g, None] * men[his[inside]]
        np.add.at(asked, his[inside], gaps[inside, g] * wives[inside].sum(axis=1))
    alive = past.husband_survival.copy()
    counted = (np.arange(cohorts) <= past.start - 1 - _COUNTED - FIRST_COHORT) & (asked > 0.0)
    around = np.ones(NEIGHBOURS)  # small cohorts between large ones marry into these
    nearby, asking = (np.convolve(values, around, "same") for values in (men.sum(axis=1), asked))
    share = np.minimum(nearby[counted] / asking[counted], 1.0)
    alive[:, counted] = share  # second husbands matter for fathers of minors only
    odds = _with_dead(past.places.couples[..., draw])[x]
    of_husbands = fit_places(wives + 1e-9, offered + 1e-9, odds)
    return (
        cut(never),
        cut(divorced),
        composition_cuts(gaps),
        cut(alive.T.copy()),
        composition_cuts(of_husbands),
    )


def _child_places(needed: np.ndarray, births: np.ndarray, child: list[np.ndarray], past: Past, draw: int) -> np.ndarray:
    """Cuts of where a living child is by birth year, sex and the mother's group; (child, sex, group, place)."""
    share = births / np.maximum(births.sum(axis=1, keepdims=True), 1e-9)
    mothers = needed.T @ share  # (child, group)
    rows = (child[1] - child[0]).astype(float)  # (child, sex, place)
    odds = _with_dead(past.places.children[..., draw])[:, ::-1]
    return composition_cuts(
        np.stack([fit_places(mothers + 1e-9, rows[:, s] + 1e-9, odds[s]) for s in range(2)], axis=1)
    )


def _with_dead(odds: np.ndarray) -> np.ndarray:
    """Odds of places for kin of those here, away and dead: who died in a place has kin where the living there have."""
    return np.concatenate([odds, odds[..., : odds.shape[-1] // 2, :]], axis=-2)


def fit_places(groups: np.ndarray, places: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """Shares of places in each group, with the odds of `seed`, so that the places come out as they are.

    Iterative proportional fitting of many small tables at once.

    Parameters
    ----------
    groups : (table, group), weights; places : (table, place), weights, brought to the same sum; seed : odds

    Returns
    -------
    (table, group, place), shares that sum to 1 over places
    """
    # tables last: sums of four or five numbers are quick where many of them lie side by side
    groups, places, seed = (np.ascontiguousarray(np.moveaxis(values, 0, -1)) for values in (groups, places, seed))
    wanted = places / places.sum(axis=0) * groups.sum(axis=0)
    table = seed * groups[:, None] / seed.sum(axis=1, keepdims=True)
    for _ in range(_ROUNDS):
        table *= wanted / table.sum(axis=0)
        table *= (groups / table.sum(axis=1))[:, None]
    return np.moveaxis(table / table.sum(axis=1, keepdims=True), -1, 0)


def _cumulated(needed: np.ndarray) -> np.ndarray:
    """Cumulative shares of births by the mother's age from 15; (cohort, age), 1 from the last age on."""
    cohorts, ages = needed.shape
    out = np.zeros((cohorts, MOTHER_AGES))
    for age in range(MOTHER_AGES):
        child = np.arange(cohorts) + MOTHER_FROM + age - (cohorts - ages)
        inside = (child >= 0) & (child < ages)
        out[inside, age] = needed[inside, child[inside]]
    total = out.sum(axis=1, keepdims=True)
    shares = np.divide(out, total, out=np.zeros_like(out), where=total > 0.0)
    return np.cumsum(shares, axis=1)


def _fit(persons: Persons, start: int, short: np.ndarray) -> LinkQuality:
    """Shares without a mother's row (0 to 17, all residents), husbands and children for whom no row was left."""
    kin = persons.kin
    assert kin is not None
    table = persons.segments
    lost = np.add.reduceat(persons.mother[: table.stop[-1]] < 0, table.start, dtype=np.int64)
    here = persons.code[table.start] < persons.at.away
    young = here & (start - 1 - table.birth_year < 18)
    minors, everybody = (lost[who].sum() / max((table.stop - table.start)[who].sum(), 1) for who in (young, here))
    united = np.count_nonzero(kin.union[: persons.base_rows] == 1) / 2.0
    linked = np.count_nonzero(persons.mother[: persons.base_rows] >= 0)
    return LinkQuality(
        float(minors),
        float(everybody),
        float(short[0] / max(united + short[0], 1.0)),
        float(short[1] / max(linked + short[1], 1.0)),
    )
