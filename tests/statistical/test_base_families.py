"""Families of the base year beside the inputs they are made from: Hunan by 330,000 agents at stated inputs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from kin_hunan import Families, Hunan, Rows, linked_children, living_children

from demo_sim.engine import founding
from demo_sim.inputs.history import FIRST_COHORT
from demo_sim.kernels.founding import LOST, NEVER, UNITED, UNSEEN


@pytest.fixture(scope="module")
def hunan() -> Hunan:
    return Hunan(200.0, 2025)


@pytest.fixture(scope="module")
def families(hunan: Hunan) -> Families:
    return hunan.found()


def share_table(hunan: Hunan, families: Families) -> dict[str, np.ndarray]:
    """Shares of the living by sex and ten-year age group from 20: what a reader compares with published tables."""
    p, rows = families.persons, Rows.of(families.persons)
    kin, n = p.kin, p.rows
    age = hunan.past.start - 1 - rows.birth
    mother = p.mother[:n]
    what = {
        "never": kin.union[:n] == NEVER,
        "partner": np.isin(kin.union[:n], (UNITED, UNSEEN)),
        "lost": kin.union[:n] == LOST,
        "living mother": (mother >= 0) & (rows.place[mother] < 3),
        "living father": (kin.father[:n] >= 0) & (rows.place[kin.father[:n]] < 3),
        "living child": living_children(p).sum(axis=1) > 0,
    }
    cell = rows.sex * 8 + np.clip(age // 10 - 2, 0, 7)
    chosen = (rows.place < 3) & (age >= 20)
    people = np.bincount(cell[chosen], minlength=16)
    return {name: (np.bincount(cell[chosen & w], minlength=16) / people).reshape(2, 8) for name, w in what.items()}


def test_children_ever_born_of_women_are_as_said(hunan: Hunan, families: Families) -> None:
    p, rows = families.persons, Rows.of(families.persons)
    residents, absent = hunan.base.start[:, 1, :, 0], hunan.past.absent[:, 1, :, 0]
    off, people = np.zeros(2), 0
    for cohort in range(1960, 1976):
        women = (rows.sex == 1) & (rows.birth == cohort) & (rows.place < 3)
        age = hunan.past.start - 1 - cohort
        weights = residents[:, age] + absent[:, age]
        said = (hunan.past.children[:, age, :2, 0] * weights[:, None]).sum(axis=0) / weights.sum()
        born = p.born[: p.rows][women]
        found = np.array([(born == number).mean() for number in (0, 1)])
        assert (np.abs(found - said) < 4.0 * np.sqrt(said * (1.0 - said) / born.size)).all(), cohort
        off, people = off + (found - said) * born.size, people + born.size
    assert (np.abs(off / people) < 0.01).all()


def test_shares_ever_married_by_age(hunan: Hunan, families: Families) -> None:
    p, rows = families.persons, Rows.of(families.persons)
    age = hunan.past.start - 1 - rows.birth
    for sex in (0, 1):
        for first, last in ((20, 24), (25, 29), (30, 34), (35, 39), (40, 49), (50, 59), (60, 74), (75, 100)):
            chosen = (rows.sex == sex) & (age >= first) & (age <= last) & (rows.place < 3)
            said = hunan.past.ever_married[sex, age[chosen], 0].mean()
            assert (p.kin.union[: p.rows][chosen] != NEVER).mean() == pytest.approx(said, abs=0.02), (sex, first)
    children = (rows.sex == 1) & (p.born[: p.rows] > 0) & (rows.place < 3)
    assert (p.kin.union[: p.rows][children] != NEVER).all()


def test_couples_are_two_living_people_of_two_sexes(families: Families) -> None:
    p, rows = families.persons, Rows.of(families.persons)
    partner, union = p.kin.partner[: p.rows], p.kin.union[: p.rows]
    one = np.flatnonzero(partner >= 0)
    assert one.size > 200_000
    other = partner[one]
    np.testing.assert_array_equal(partner[other], one)
    assert (rows.place[one] < 3).all() and (rows.sex[one] != rows.sex[other]).all()
    np.testing.assert_array_equal(p.kin.spouse[one], rows.place[other])
    np.testing.assert_array_equal(np.flatnonzero(union == UNITED), one)
    assert set(np.unique(union)) <= {NEVER, UNITED, LOST, UNSEEN}


def test_mothers_are_old_enough_and_have_one_child_a_year(families: Families) -> None:
    p, rows = families.persons, Rows.of(families.persons)
    mother, father = p.mother[: p.rows], p.kin.father[: p.rows]
    child = np.flatnonzero(mother >= 0)
    assert (rows.sex[mother[child]] == 1).all()
    known = child[rows.birth[mother[child]] > 0]  # rows of dead mothers have no birth year
    gap = rows.birth[known] - rows.birth[mother[known]]
    assert gap.min() >= 15 and gap.max() <= 49
    of_a_year = np.unique(np.stack([mother[child], rows.birth[child]]), axis=1, return_counts=True)[1]
    assert of_a_year.max() <= 2 and (of_a_year == 2).sum() < 1e-4 * child.size
    have = np.flatnonzero(father >= 0)
    assert (rows.sex[father[have]] == 0).all()
    assert (father[have] != mother[have]).all() and (rows.birth[have] - rows.birth[father[have]]).min() >= 15


def test_counts_of_living_children_are_those_of_the_links(families: Families) -> None:
    p, rows = families.persons, Rows.of(families.persons)
    counted, linked = living_children(p), linked_children(p)
    alive = rows.place < 3
    # men for whom no wife was left have children without rows, beside them, and no others
    own = np.minimum(rows.place, 2)
    beside = np.take_along_axis(counted - linked, own[:, None], axis=1)[:, 0]
    elsewhere = alive & (rows.sex == 0) & (p.kin.partner[: p.rows] < 0) & (linked.sum(axis=1) == 0) & (beside > 0)
    assert (beside[elsewhere] == p.born[: p.rows][elsewhere]).all()
    assert (counted[elsewhere].sum(axis=1) == beside[elsewhere]).all() and 0.0 < elsewhere.mean() < 0.02
    alive &= ~elsewhere
    np.testing.assert_array_equal(counted[alive, :2], linked[alive, :2])
    without_row = (counted - linked)[alive, 2]
    assert without_row.min() == 0
    mothers = without_row[rows.sex[alive] == 1].sum()
    linked_to_mothers = np.count_nonzero(p.mother[: p.rows] >= 0)
    assert 0 < mothers <= families.fit.children * (linked_to_mothers + mothers) + 1
    # nobody has more living children than were born
    assert (counted[alive].sum(axis=1) <= p.born[: p.rows][alive]).all()


def test_few_are_left_without_a_mother_and_the_numbers_are_told(hunan: Hunan, families: Families) -> None:
    p, rows = families.persons, Rows.of(families.persons)
    resident, minor = rows.place < 2, hunan.past.start - 1 - rows.birth < 18
    lost = p.mother[: p.rows] < 0
    fit = families.fit
    assert fit.minors == pytest.approx(lost[resident & minor].mean()) and fit.minors < 0.02
    assert fit.everybody == pytest.approx(lost[resident].mean()) and fit.everybody < 0.10
    # by the marital status of the census there are fewer husbands than wives of the ages next to them
    assert fit.husbands < 0.03 and fit.children < 0.03


def test_no_sex_has_fewer_mothers(families: Families) -> None:
    """Sons and daughters of a year are born in the ratio that the living go back to."""
    p, rows = families.persons, Rows.of(families.persons)
    lost = p.mother[: p.rows] < 0
    for first in range(1955, 2021, 5):
        year = (rows.birth >= first) & (rows.birth < first + 5) & (rows.place < 3)
        boys, girls = (lost[year & (rows.sex == s)].mean() for s in (0, 1))
        assert abs(boys - girls) < 0.03, first


def test_relatives_by_age_are_plausible(hunan: Hunan, families: Families) -> None:
    """What is published or assumed is met by construction; the rest follows and has to make sense."""
    table = share_table(hunan, families)
    for name, shares in table.items():
        print(f"{name:14}", np.round(100.0 * shares[0], 1), np.round(100.0 * shares[1], 1))
    np.testing.assert_allclose(table["never"] + table["partner"] + table["lost"], 1.0)
    assert (np.diff(table["lost"][1, 2:]) > 0.0).all()  # widowhood of women grows with age
    assert (table["lost"][1, 3:] > table["lost"][0, 3:]).all()  # and is more common than of men
    for parent in ("living mother", "living father"):
        assert (np.diff(table[parent]) <= 0.0).all()
    assert (table["living mother"][:, 2:5] > table["living father"][:, 2:5]).all()  # husbands are older and die earlier
    assert (table["living child"][1, 2:6] > 0.93).all()


def test_dead_mothers_fill_what_the_living_do_not_explain(hunan: Hunan, families: Families) -> None:
    births = hunan.motherhood()
    cohort = FIRST_COHORT + np.arange(len(births.dead))
    assert births.dead[cohort < 1920].sum() > 1_000 and births.dead[cohort > 2000].sum() == 0
    of_both = births.dead[(cohort > 1890) & (cohort < 1960)]
    assert (of_both > 0).all() and 0.2 < of_both[:, 0].sum() / of_both.sum() < 0.7
    assert (births.one_more[cohort <= hunan.past.start - 1 - 45] == 0.0).all() and births.one_more.max() <= 1.0
    p = families.persons
    assert np.count_nonzero(Rows.of(p).birth == 0) == births.dead.sum()
    mothers = p.mother[: p.rows]
    dead_rows = np.arange(p.rows - int(births.dead.sum()), p.rows)
    assert np.isin(dead_rows, mothers).mean() > 0.5


def test_parts_of_the_population_found_their_families_alike_on_any_threads(
    hunan: Hunan, families: Families, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several parts, as a province one to one has them: hardly anybody is lost at their edges."""
    monkeypatch.setattr(founding, "STRIPE", families.persons.base_rows // 6)
    alone = hunan.found()
    with ThreadPoolExecutor(2) as pool:
        shared = hunan.found(pool)
    one, two = (
        [p.code, p.born, p.mother, *vars(p.kin).values()] for p in (alone.persons, shared.persons) if p.kin is not None
    )
    for mine, theirs in zip(one, two, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert (alone.persons.mother != families.persons.mother).any()  # other links than in one piece
    assert alone.fit.minors < families.fit.minors + 0.01 and alone.fit.children < families.fit.children + 0.01
    assert alone.fit.husbands < families.fit.husbands + 0.01
