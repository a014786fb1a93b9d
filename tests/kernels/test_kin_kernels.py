"""Kernels of kin against slow twins in plain Python, on made-up rows."""

from __future__ import annotations

import numpy as np
import pytest
from entry import entry

from demo_sim.kernels import founding
from demo_sim.kernels import kin as module
from demo_sim.kernels.columns import LEVELS, columns
from demo_sim.kernels.founding import LOST, NEVER, UNITED, UNSEEN
from demo_sim.kernels.given import KinColumns, PersonColumns, SegmentColumns
from demo_sim.kernels.kin import FAMILY_COUNT, follow_children

HERE, ELSEWHERE, ABROAD, GONE, UNSURE = range(5)
AT = columns(2)
AWAY, OUTSIDE, DEAD = AT.away, AT.outside, AT.dead
K = (np.uint64(3), np.uint64(4))


def place_of(code: int, places: int = 2) -> int:
    """Place of a code, after all of them outside, then dead."""
    return places + 1 if code == 0 else min((int(code) - 1) // LEVELS, places)


class Village:
    """Three generations with links at random; counts of children from the links."""

    def __init__(self, seed: int, places: int = 2, size: int = 600) -> None:
        rng = np.random.default_rng(seed)
        self.at = columns(places)
        kinds = [0, *range(1, 1 + places * LEVELS, 2), *range(self.at.away, self.at.away + places)]
        self.sex = np.repeat(np.tile([0, 1], 3), size // 6).astype(np.int64)
        self.age = np.repeat([70, 70, 40, 40, 10, 10], size // 6).astype(np.int64)
        self.code = rng.choice(kinds, size).astype(np.uint8)
        third = size // 3
        self.mother, self.father = np.full(size, -1, np.int32), np.full(size, -1, np.int32)
        for generation in (1, 2):
            men = np.arange((generation - 1) * third, (generation - 1) * third + third // 2)
            rows = slice(generation * third, (generation + 1) * third)
            self.mother[rows] = np.where(rng.random(third) < 0.9, rng.choice(men + third // 2, third), -1)
            self.father[rows] = rng.choice([*men.tolist(), -1, -2], third)
        self.union = np.zeros(size, np.uint8)
        self.partner = np.full(size, -1, np.int32)
        for generation in range(3):
            men = np.arange(generation * third, generation * third + third // 2)
            for man in men[self.code[men] > 0].tolist():
                wife = man + third // 2
                if self.code[wife] and generation < 2 and rng.random() < 0.6:
                    self.union[[man, wife]] = UNITED
                    self.partner[man], self.partner[wife] = wife, man
        self.spouse = np.zeros(size, np.uint8)
        for row in np.flatnonzero(self.partner >= 0).tolist():
            self.spouse[row] = self.place(self.partner[row])
        free = self.union == NEVER
        self.union[free] = rng.choice([NEVER, LOST, UNSEEN], free.sum())
        self.kids = np.zeros(size, np.uint16 if places == 2 else np.int64)
        self.born = np.zeros(size, np.uint8)
        for row in range(size):
            for parent in (self.mother[row], self.father[row]):
                if parent >= 0:
                    self.born[parent] += 1
                    if self.code[row]:
                        self.kids[parent] += 1 << (5 * self.place(row))

    def place(self, row: int) -> int:
        """Where somebody is."""
        return place_of(self.code[row], self.at.places)

    def items(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Six segments, each in two pieces; sex and age of each."""
        size = self.sex.size // 6
        starts = np.arange(6) * size
        pieces = [(s, first, last, starts[s]) for s in range(6) for first, last in (
            (starts[s], starts[s] + 7), (starts[s] + 7, starts[s] + size))]  # fmt: skip
        return np.array(pieces, np.int64), self.sex[starts], self.age[starts]

    def children(self, row: int) -> list[int]:
        """Rows of the living children."""
        mine = (self.mother == row) | (self.father == row)
        return np.flatnonzero(mine & (self.code > 0)).tolist()


def seen_from(own: int, other: int, places: int) -> int:
    if other == places + 1:
        return GONE
    if own == other:
        return HERE
    return ELSEWHERE if own == places or other < places else ABROAD


def family_of(v: Village, row: int) -> int:
    """The code by its words: parents of children; partner, nearest child and number born of adults."""
    own, outside = v.place(row), v.at.outside
    if v.age[row] < 18:
        mother = seen_from(own, v.place(v.mother[row]), outside) if v.mother[row] >= 0 else UNSURE
        father = {-1: UNSURE, -2: GONE}.get(int(v.father[row]))
        if father is None:
            father = seen_from(own, v.place(v.father[row]), outside)
        return father * 5 + mother
    spouse = {NEVER: 0, LOST: 1, UNSEEN: 2}.get(int(v.union[row]))
    if spouse is None:
        spouse = (2, 3, 4)[seen_from(own, v.place(v.partner[row]), outside)]
    where = {v.place(child) for child in v.children(row)}
    if not where:
        nearest = 0
    elif own in where:
        nearest = 1
    else:
        nearest = 2 if own == outside or where - {outside} else 3
    return int(raises(v, row)) * 60 + spouse * 12 + nearest * 3 + min(int(v.born[row]), 2)


def raises(v: Village, row: int) -> bool:
    """Whether a grandchild below 18 is in the place and neither parent is."""
    own = v.place(row)
    for child in np.flatnonzero((v.mother == row) | (v.father == row)).tolist():  # the dead ones too
        for small in v.children(child):
            if v.age[small] >= 18 or v.mother[small] < 0 or own >= v.at.outside or v.place(small) != own:
                continue
            parents = [link for link in (v.mother[small], v.father[small]) if link >= 0]
            if all(v.place(parent) != own for parent in parents):
                return True
    return False


@pytest.fixture(params=["compiled", "plain"])
def kin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> object:
    """The kernels as compiled, and their Python source."""
    if request.param == "plain":
        for name in (
            "family_codes",
            "mark_grandparents",
            "follow_children",
            "follow_partners",
            "_grown",
            "_growing",
            "_count",
            "place_of_code",
            "_seen_from",
        ):
            monkeypatch.setattr(module, name, getattr(module, name).py_func)
    return module


@pytest.mark.parametrize("places", [2, 3])
def test_family_codes_are_those_of_the_words(kin, places: int) -> None:
    v = Village(1, places)
    items, sex, age = v.items()
    first = 3 * 2 * 101  # of the fourth draw
    codes = v.at.away + places
    counted = np.zeros((2 * 101, codes, FAMILY_COUNT), np.int64)
    none = np.zeros(6, np.int64)
    segments = SegmentColumns(first + sex * 101 + age, sex, age, none, none.astype(np.uint64), none, none)
    persons = PersonColumns(v.code, v.born, v.mother, np.zeros(0, np.uint64), 0)
    columns_of_kin = KinColumns(v.father, v.partner, v.union, v.spouse, v.kids)
    classes = np.tile(np.arange(FAMILY_COUNT, dtype=np.uint8), (2, 1))
    family = np.zeros(v.sex.size, np.uint8)
    kin.mark_grandparents(v.at.each, items, segments, persons, columns_of_kin, family)
    assert family.sum() > 10
    kin.family_codes(v.at.each, items, segments, persons, columns_of_kin, family, classes, first, counted)
    out = counted.reshape(2, 101, codes, FAMILY_COUNT)
    expected = np.zeros_like(out)
    for row in np.flatnonzero(v.code).tolist():
        found = family_of(v, row)
        assert family[row] == found, row
        expected[v.sex[row], v.age[row], v.code[row], found] += 1
    np.testing.assert_array_equal(out[:, :, 1:], expected[:, :, 1:])
    assert np.unique(family[(v.code > 0) & (v.age < 18)]).size > 15 and np.unique(family[v.age >= 18]).size > 25


@pytest.mark.parametrize("places", [2, 3])
def test_moves_and_deaths_reach_parents_and_partner(kin, places: int) -> None:
    v = Village(2, places)
    rng = np.random.default_rng(7)
    log = []
    for row in rng.permutation(np.flatnonzero(v.code))[:300].tolist():
        for _ in range(1 + int(rng.random() < 0.2)):  # some leave and return in a year
            before = v.place(row)
            if before == v.at.dead:
                continue
            after = int(rng.choice([p for p in range(places + 2) if p != before]))
            log.append(row << 8 | before << 4 | after)
            v.code[row] = [*range(1, v.at.away, LEVELS), v.at.away, 0][after]
    partner, union = v.partner.copy(), v.union.copy()
    kin.follow_children(v.at.each, np.array(log, np.int64), v.mother, v.father, v.kids)
    kin.follow_partners(v.at.each, np.array(log, np.int64), v.partner, v.union, v.spouse)
    for row in range(v.sex.size):
        children = [v.place(child) for child in v.children(row)]
        assert [int(v.kids[row]) >> 5 * p & 31 for p in range(places + 1)] == [
            children.count(p) for p in range(places + 1)
        ], row
    for row in np.flatnonzero(v.code).tolist():
        spouse = partner[row]
        if spouse >= 0 and v.code[spouse] == 0:
            assert (v.union[row], v.partner[row]) == (LOST, -1)
        else:
            assert (v.union[row], v.partner[row]) == (union[row], spouse)
            assert spouse < 0 or v.spouse[row] == v.place(spouse)
    assert (v.code[v.partner[v.partner >= 0]] > 0).any()


def test_more_than_31_children_neither_wrap_nor_fall_below_zero() -> None:
    kids = np.array([31, 0, 0], np.uint16)
    none = np.full(3, -1, np.int32)
    log = np.array([1 << 8 | OUTSIDE << 4 | 0, 2 << 8 | 1 << 4 | DEAD], np.int64)
    mother = np.array([-1, 0, 0], np.int32)
    follow_children(AT.each, log, mother, none, kids)
    assert kids[0] == 31


def test_rows_are_handed_out_in_order_and_once() -> None:
    union = np.array([NEVER, LOST, UNITED, LOST, LOST], np.uint8)
    following, stops = np.array([0, 3]), np.array([3, 5])
    take_row = entry(founding.take_row)
    assert [take_row(following, stops, 0, union, LOST) for _ in range(2)] == [1, -1]
    take_row = entry(founding.take_row)
    assert [take_row(following, stops, 1, union, -1) for _ in range(3)] == [3, 4, -1]


def test_a_husband_is_of_the_nearest_birth_year_and_place() -> None:
    first = np.zeros((20, 4), np.int64)
    last = first.copy()
    first[12, 0], last[12, 0] = 0, 1
    first[9, 0], last[9, 0] = 1, 2
    first[10, 1], last[10, 1] = 2, 4
    union = np.full(4, LOST, np.uint8)
    find_husband = entry(founding.find_husband)
    found = [find_husband(first, last, union, 10, 0) for _ in range(5)]
    # one year off, two years off, then in another place; then nobody; with the place and the birth year of each
    assert found == [(1, 0, 9), (0, 0, 12), (2, 1, 10), (3, 1, 10), (-1, 0, 10)]
