"""Families that move together: everybody's chances as before, and both do it as often as the rule says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from chances import holm
from kin_hunan import Hunan
from region import AGES
from scipy.stats import t as student

from demo_sim.engine.people import Population, live_year
from demo_sim.engine.persons import Persons
from demo_sim.engine.synthesis import synthesise
from demo_sim.engine.thresholds import Thresholds, cut
from demo_sim.kernels.columns import LEVELS, columns

AWAY = columns(2).away

N, YEAR, KEY = 400_000, 2021, (np.uint64(17), np.uint64(0))
HIS, HER, CHILD = (0, 31), (1, 28), (0, 5)  # sex and age
UNKNOWN = 4  # place of a parent without a row
NOBODY = np.zeros((1, 2, 2, AGES, 5), np.int64)


def couples(outside: bool = False) -> Population:
    """Couples with a child each, all rural or all outside from there, everybody in order."""
    counts = np.zeros((2, 2, AGES), np.int64)
    for sex, age in (HIS, HER, CHILD):
        counts[1, sex, age] = N
    none, childless = np.zeros_like(counts), np.zeros((2, AGES, 4))
    childless[..., 0] = 1.0
    persons = Persons.room([3 * N], 0.0, True, 2)
    stocks = (none, counts) if outside else (counts, none)
    synthesise(persons, stocks[0], YEAR, childless, None, KEY, stocks[1])
    table, kin = persons.segments, persons.kin
    assert kin is not None
    first = {(s, YEAR - 1 - y): row for s, y, row in zip(table.sex, table.birth_year, table.start, strict=True)}
    him, her, child = (np.arange(first[who], first[who] + N) for who in (HIS, HER, CHILD))
    kin.partner[him], kin.partner[her], persons.mother[child] = her, him, her
    return Population.of(persons, KEY, YEAR, AGES)


def chances(moves: dict[tuple[int, int], list[float]], returns: dict[tuple[int, int], list[float]]) -> Thresholds:
    """Nothing but moves of rural people, cumulative over the six kinds, or returns to there, over the halves."""
    nobody_enters = np.full((1, 2, 2, AGES, 4), np.uint64(1 << 32))
    out = Thresholds(columns(2), np.zeros((1, 2, AGES, columns(2).cuts), np.uint64), nobody_enters)
    for (sex, age), shares in moves.items():
        out.move[0, sex, age, 1] = cut(np.cumsum(shares))
    for (sex, age), shares in returns.items():
        out.abroad[0, sex, age, 1, 1:] = cut(np.cumsum(shares))
    out.back[:] = np.uint64(1 << 32)
    out.keep_most()
    return out


def kinds(population: Population, cuts: Thresholds, rho: tuple[float, float]) -> np.ndarray:
    """Code of him, of her and of the child after a year; (3, couple)."""
    p, kin = population.persons, population.persons.kin
    assert kin is not None
    child = np.flatnonzero(p.mother >= 0)
    her = p.mother[child]
    him = kin.partner[her]
    live_year(population, YEAR, cuts, (NOBODY, NOBODY), True, together=cut(np.array([rho])))
    return p.code[np.stack([him, her, child])]


def near(share: float, expected: float) -> None:
    assert abs(share - expected) < 4.0 * np.sqrt(expected * (1.0 - expected) / N) + 1e-9, (share, expected)


def both(rho: float, *p: float) -> float:
    return rho * min(p) + (1.0 - rho) * float(np.prod(p))


@pytest.mark.parametrize("rho", [0.0, 0.6, 1.0])
def test_leaving_as_one(rho: float) -> None:
    his, hers, childs = 0.30, 0.20, 0.12
    cuts = chances({HIS: [his, 0, 0, 0, 0, 0], HER: [hers, 0, 0, 0, 0, 0], CHILD: [childs, 0, 0, 0, 0, 0]}, {})
    him, her, child = kinds(couples(), cuts, (rho, rho)) >= AWAY
    for found, expected in ((him, his), (her, hers), (child, childs)):
        near(found.mean(), expected)
    near((him & her).mean(), both(rho, his, hers))
    near((her & child).mean(), both(rho, hers, childs))
    near((him & her & child).mean(), both(rho, his, hers, childs))
    left_behind = rho * (hers - childs) + (1.0 - rho) * his * hers * (1.0 - childs)
    near((him & her & ~child).mean(), left_behind)


def test_a_man_who_leaves_more_often_than_his_wife_leaves_alone_beyond_her() -> None:
    cuts = chances({HIS: [0.0, 0, 0, 0, 0, 0.4], HER: [0.0, 0, 0, 0, 0, 0.1], CHILD: [0.0, 0, 0, 0, 0, 0.1]}, {})
    him, her, child = kinds(couples(), cuts, (1.0, 1.0)) >= AWAY
    np.testing.assert_array_equal(her, child)
    assert him[her].all()
    near((him & ~her).mean(), 0.3)


def test_kinds_of_moves_are_kept_apart() -> None:
    """Re-coded as one, else alone: her chances of leaving are not his, so the same word would mean another kind."""
    his, hers = [0.20, 0.05, 0.10, 0.04, 0.0, 0.06], [0.05, 0.08, 0.10, 0.04, 0.0, 0.10]
    cuts = chances({HIS: his, HER: hers, CHILD: hers}, {})
    found = kinds(couples(), cuts, (0.0, 1.0))
    for codes, shares in zip(found, (his, hers, hers), strict=True):
        near((codes >= AWAY).mean(), shares[0] + shares[5])
        near((codes <= LEVELS).mean(), sum(shares[1:4]))
    as_one = 0.05 + 0.04
    alone = (sum(his[1:4]) - as_one) * (sum(hers[1:4]) - as_one) / (1.0 - as_one)
    near((found[:2] <= LEVELS).all(axis=0).mean(), as_one + alone)


def test_coming_home_as_one() -> None:
    cuts = chances({}, {HIS: [0.1, 0.2], HER: [0.2, 0.2], CHILD: [0.05, 0.1]})
    him, her, child = kinds(couples(outside=True), cuts, (0.7, 0.0)) < AWAY
    for found, expected in ((him, 0.3), (her, 0.4), (child, 0.15)):
        near(found.mean(), expected)
    halves = 0.7 * (0.1 + 0.2) + 0.3 * 0.3 * 0.4
    near((him & her).mean(), halves)


def test_a_household_that_never_acts_as_one_is_nobody() -> None:
    his, hers = [0.2, 0.02, 0.05, 0.02, 0.05, 0.1], [0.1, 0.02, 0.05, 0.02, 0.05, 0.1]
    cuts = chances({HIS: his, HER: hers, CHILD: hers}, {})
    found = kinds(couples(), cuts, (0.0, 0.0))
    alone = couples()
    live_year(alone, YEAR, cuts, (NOBODY, NOBODY), True)
    assert np.array_equal(np.sort(found.ravel()), np.sort(alone.persons.code[alone.persons.code > 0].ravel()))


REPLICATES = 40


@pytest.fixture(scope="module")
def flows() -> list[np.ndarray]:
    """Moves of three years of Hunan, each alone and as one; (replicate, count), by residence, sex and broad age."""
    out = []
    for together in (0.0, 0.85):
        hunan = Hunan(4000.0, 2025, together)
        rows = []
        for replicate in range(REPLICATES):
            ensemble = hunan.ensemble(replicate)
            seen = []
            for year, start, tables, expected in hunan.years[:3]:
                events = ensemble.advance(year, start, tables, expected)
                parts = (events.left[0], events.entered[0], events.moved[0].reshape(4, 2, 2, AGES))
                seen += [sum_ages(part).ravel() for part in parts]
            rows.append(np.concatenate(seen))
            ensemble.close()
        out.append(np.stack(rows))
    return out


def sum_ages(counts: np.ndarray) -> np.ndarray:
    return np.stack([counts[..., a:b].sum(axis=-1) for a, b in pairwise((0, 18, 40, 60, AGES))], axis=-1)


def test_means_of_all_moves_stay(flows: list[np.ndarray]) -> None:
    difference = (flows[1] - flows[0]).astype(float)
    moving = flows[0].sum(axis=0) > 5 * REPLICATES
    assert moving.sum() > 60
    chosen = difference[:, moving & (difference.std(axis=0) > 0.0)]
    z = chosen.mean(axis=0) / (chosen.std(axis=0, ddof=1) / np.sqrt(REPLICATES))
    assert holm(2.0 * student.sf(np.abs(z), REPLICATES - 1)) > 0.01
    total = difference.sum(axis=1)
    assert abs(total.mean()) < 3.5 * total.std(ddof=1) / np.sqrt(REPLICATES)
    together, alone = (part[:, moving].sum(axis=1).var(ddof=1) for part in reversed(flows))
    assert 1.2 < together / alone < 6.0  # moves come in families: their sum spreads more
