"""Families year by year: counts equal a recount of the links, unions stay couples of the living, nothing acts back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from kin_hunan import Hunan, Rows, everybody, linked_children, living_children
from region import identities, recount

from demo_sim.engine import ensemble as ensemble_module
from demo_sim.engine.ensemble import Ensemble
from demo_sim.engine.people import Population
from demo_sim.kernels.columns import columns
from demo_sim.kernels.founding import LOST, UNITED, UNSEEN

AWAY = columns(2).away


@pytest.fixture(scope="module")
def hunan() -> Hunan:
    return Hunan(400.0, 2025)


@dataclass
class Snapshot:
    """What a year-end is checked against."""

    places: np.ndarray
    beyond: np.ndarray
    union: np.ndarray
    partner: np.ndarray
    father: np.ndarray
    code: np.ndarray
    spouse: np.ndarray

    @classmethod
    def of(cls, population: Population) -> Snapshot:
        p = population.persons
        kin, n = p.kin, p.rows
        columns = (kin.union, kin.partner, kin.father, p.code, kin.spouse)
        beyond = living_children(p) - linked_children(p)
        return cls(Rows.of(p).place, beyond, *(column[:n].copy() for column in columns))


@pytest.fixture(scope="module")
def lived(hunan: Hunan) -> tuple[Ensemble, list[tuple[Snapshot, Snapshot]]]:
    """Five years with all families, and a look before and after each."""
    ensemble = hunan.ensemble()
    population, looks = ensemble.population, []
    for year, start, tables, flows in hunan.years:
        before = Snapshot.of(population)
        ensemble.advance(year, start, tables, flows)
        looks.append((before, Snapshot.of(population)))
        np.testing.assert_array_equal(recount(population, year + 1), population.count)
    return ensemble, looks


def test_counts_of_living_children_follow_the_links(lived: tuple) -> None:
    """Children without a row stay where they were put; all others are where their rows are."""
    ensemble, looks = lived
    rows = ensemble.population.persons.rows
    for before, after in looks:
        known = np.flatnonzero(before.places < 4)
        stay = known[after.places[known] < 3]
        np.testing.assert_array_equal(after.beyond[stay], before.beyond[stay])
        new = np.setdiff1d(np.flatnonzero(after.places < 3), known)
        assert (after.beyond[new] >= 0).all()  # who enters brings children without rows
    base = ensemble.population.persons.base_rows
    last, women = looks[-1][1], Rows.of(ensemble.population.persons).sex[:base] == 1
    assert (last.beyond[:base, :2][women & (last.places[:base] < 3)] == 0).all() and rows > base


def test_couples_of_every_year(lived: tuple) -> None:
    ensemble, looks = lived
    sex = Rows.of(ensemble.population.persons).sex
    married = 0
    for before, after in looks:
        one = np.flatnonzero((after.partner >= 0) & (after.places < 3))
        other = after.partner[one]
        np.testing.assert_array_equal(after.partner[other], one)  # symmetric, so nobody has two
        assert (after.places[other] < 3).all() and (sex[one] != sex[other]).all()
        np.testing.assert_array_equal(after.spouse[one], after.places[other])
        np.testing.assert_array_equal(one, np.flatnonzero((after.union == UNITED) & (after.places < 3)))
        n = before.union.size
        alive = after.places[:n] < 3
        # who was united and still lives is so with the same person, is widowed or divorced, or found another one
        was = np.flatnonzero((before.union == UNITED) & alive)
        spouse = before.partner[was]
        died = after.places[spouse] == 3
        assert (after.union[was[died]] != 0).all() and (after.partner[was[died]] != spouse[died]).all()
        assert (after.union[was[died]] == LOST).mean() > 0.9
        apart = ~died & (after.partner[was] != spouse)
        assert 0 < apart.sum() < 0.01 * was.size
        assert not (after.union[:n][alive] == 0)[before.union[alive] != 0].any()  # ever married for ever
        married += int(((before.union == 0) & (after.union[:n] == UNITED) & alive).sum())
    assert married > 5_000


def test_newborns_have_the_father_that_the_mother_has(lived: tuple) -> None:
    ensemble, looks = lived
    p = ensemble.population.persons
    for before, after in looks:
        new = np.arange(before.union.size, after.union.size)
        new = new[p.mother[new] >= 0]
        mother = p.mother[new]
        known = after.father[new] >= 0
        assert 0.97 < known[after.union[mother] != UNSEEN].mean() < 1.0
        assert not known[(after.union[mother] == UNSEEN) & (after.places[mother] < 3)].any()  # no row to name
        stays = known & (after.union[mother] == UNITED) & (after.places[mother] < 3)
        assert (after.partner[mother[stays]] == after.father[new[stays]]).mean() > 0.98  # but for those who divorced


def test_nobody_is_lost_and_people_outside_go_and_come_and_die(hunan: Hunan, lived: tuple) -> None:
    ensemble, looks = lived
    population = ensemble.population
    for before, after in looks:
        were = np.flatnonzero(before.places == 2)
        now = np.bincount(after.places[were], minlength=4)
        assert now[2] > 0.8 * were.size and (now > 0).all()
        born = after.places[before.places.size :]
        assert (born == 2).sum() > 0.02 * born.size
    p = population.persons
    outside = np.flatnonzero(p.code[: p.rows] >= AWAY)
    assert (Rows.of(p).place < 3).sum() == population.count.sum() + outside.size
    for before, after in looks:  # the dead stay dead; everybody else is somewhere
        assert (after.places[: before.places.size][before.places == 3] == 3).all()


def test_classes_of_families_add_up_to_everybody(lived: tuple) -> None:
    ensemble, looks = lived
    classes = ensemble.by_family()[..., 0]
    assert classes.shape[1] == len(looks) + 1
    for time, (_, after) in enumerate(looks, start=1):
        people = np.bincount(after.places, minlength=4)[:3]
        np.testing.assert_array_equal(classes[:, time].sum(axis=(0, 2, 3, 4)), people)
    np.testing.assert_array_equal(classes[:, -1, :2].sum(axis=0), ensemble.counts()[..., 0])


def test_everybody_has_an_id_of_their_own(lived: tuple) -> None:
    """Also children of women who return: nobody delivers outside and here in one year."""
    population = lived[0].population
    p = population.persons
    covered = np.zeros(p.rows, bool)
    for start, stop in zip(p.segments.start, p.segments.stop, strict=True):
        covered[start:stop] = True
    ids = identities(population)[covered]
    assert np.unique(ids).size == ids.size
    mother = p.mother[p.base_rows : p.rows]
    year = Rows.of(p).birth[p.base_rows : p.rows]
    pairs = np.stack([mother, year])[:, mother >= 0]
    assert np.unique(pairs, axis=1, return_counts=True)[1].max() == 2  # twins


def years_of(hunan: Hunan, ensemble: Ensemble) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    out = []
    for year, start, tables, flows in hunan.years[:3]:
        ensemble.advance(year, start, tables, flows)
        out.append(everybody(ensemble.population))
    return out


def test_families_never_act_back(hunan: Hunan, monkeypatch: pytest.MonkeyPatch) -> None:
    following = years_of(hunan, hunan.ensemble())
    monkeypatch.setattr(ensemble_module, "live_families", lambda *arguments: None)
    for with_families, without in zip(following, years_of(hunan, hunan.ensemble()), strict=True):
        for one, other in zip(with_families, without, strict=True):
            np.testing.assert_array_equal(one, other)


def test_one_more_row_changes_nobody_else(hunan: Hunan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Birth, death, place and children ever born of everybody; expected tables are held. Links may go to others."""
    whole = ensemble_module.whole_numbers

    def histories() -> dict[int, tuple[int, int]]:
        ensemble = hunan.ensemble()
        years_of(hunan, ensemble)
        p = ensemble.population.persons
        rows = Rows.of(p)
        columns = (identities(ensemble.population), p.code, p.born, rows.sex, rows.birth)
        return {
            int(i): (int(c), int(b) * int(s))
            for i, c, b, s, y in zip(*(x[: p.rows] for x in columns), strict=True)
            if y
        }

    def one_more(cells: np.ndarray, scale: float) -> np.ndarray:
        out = whole(cells, scale)
        if cells is not hunan.past.absent and out.sum() > 100_000:
            out[1, 1, 24] += 1
        return out

    before = histories()
    monkeypatch.setattr(ensemble_module, "whole_numbers", one_more)
    after = histories()
    assert before.items() <= after.items()
    assert 0 < len(after) - len(before) < 5


def test_two_threads(hunan: Hunan, monkeypatch: pytest.MonkeyPatch) -> None:
    from demo_sim.engine import people

    monkeypatch.setattr(people, "CHUNK", 20_000)
    monkeypatch.setattr(people, "ITEM", 5_000)
    ends = []
    for draws, threads in ((1, 1), (1, 2)):
        ensemble = hunan.ensemble(draws=draws, threads=threads)
        years_of(hunan, ensemble)
        ensemble.close()
        p = ensemble.population.persons
        ends.append([column[: p.rows].copy() for column in (p.code, p.born, p.mother, *vars(p.kin).values())])
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)


def doubled(inputs: object) -> object:
    """The same inputs for two draws."""
    return replace(
        inputs,
        **{
            name: np.repeat(values, 2, axis=-1)
            for name, values in vars(inputs).items()
            if isinstance(values, np.ndarray) and values.shape[-1] == 1
        },
    )


def test_a_draw_is_the_same_beside_others(hunan: Hunan) -> None:
    """Persons of all draws lie in the same columns; what happens to those of one depends on no other."""
    two = Hunan(hunan.scale, hunan.end)
    two.base, two.past = doubled(hunan.base), replace(doubled(hunan.past), places=doubled(hunan.past.places))
    two.kin = doubled(replace(hunan.kin, past=two.past, unions=doubled(hunan.kin.unions)))
    two.years = [
        (y, np.repeat(start, 2, -1), doubled(tables), doubled(flows)) for y, start, tables, flows in hunan.years
    ]
    both, alone = two.ensemble(4, draws=2), [hunan.ensemble(4), hunan.ensemble(5)]
    for ensemble, region in ((both, two), *((one, hunan) for one in alone)):
        years_of(region, ensemble)
    for draw, one in enumerate(alone):
        np.testing.assert_array_equal(both.counts()[..., draw], one.counts()[..., 0])
        np.testing.assert_array_equal(both.by_family()[..., draw], one.by_family()[..., 0])
    assert (both.counts()[..., 0] != both.counts()[..., 1]).any()
