"""Families in three places: Hunan whose countryside is two regions, with moves between all three."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from kin_hunan import Hunan

from demo_sim.engine.calendar import YearFlows, YearTables
from demo_sim.engine.cohort import step
from demo_sim.engine.ensemble import Ensemble, Setting
from demo_sim.engine.pairs import places_of_kin
from demo_sim.engine.parity import ParityShares
from demo_sim.engine.persons import Persons
from demo_sim.inputs.parity import opening_parity
from demo_sim.kernels.founding import PER_PLACE, UNITED
from demo_sim.space.places import by_route

PLACES, SCALE = 3, 2_000.0
HALVED = np.array([1.0, 0.5, 0.5])  # of people; rates are those of the countryside in both its parts


def split(values: np.ndarray, people: bool) -> np.ndarray:
    """(residence, ...) as (place, ...)."""
    parts = values[[0, 1, 1]]
    return parts * HALVED.reshape(-1, *([1] * (values.ndim - 1))) if people else parts


def three(tables: YearTables) -> YearTables:
    """Tables of three places, with moves between all of them."""
    matrix = np.full((PLACES, PLACES, *tables.move_rate.shape[1:]), 0.01)
    matrix[1:, 0] = tables.move_rate[1]
    recode = np.zeros((PLACES, PLACES, 1))
    recode[1:, 0] = tables.reclass_rate[1]
    return YearTables(
        split(tables.qs, False), split(tables.asfr, False), split(tables.male_share, False),
        split(tables.external, True), by_route(matrix), by_route(recode), split(tables.inflow, True),
    )  # fmt: skip


@pytest.fixture(scope="module")
def lived() -> list[tuple[Ensemble, int]]:
    """The base year and two years with all families."""
    hunan = Hunan(SCALE, 2025, 0.85)
    past = replace(hunan.past, children=split(hunan.past.children, False), absent=split(hunan.past.absent, True))
    shares, factors = opening_parity(hunan.draws, hunan.grid)
    start, first = split(hunan.base.start, True), three(hunan.years[0][2])
    married, kin = past.ever_married, hunan.kin
    places = places_of_kin(start, past.absent, first, kin.returnee_share, kin.together, married)
    kin = replace(kin, past=replace(past, places=places))
    setting = Setting(1, SCALE, 7, 1)
    parity = ParityShares(split(shares, False), factors, hunan.twins)
    ensemble = Ensemble(start, hunan.grid.start, parity, setting, hunan.timing, 2, None, kin)
    seen = [(ensemble, ensemble.population.persons.rows, look(ensemble.population.persons))]
    for year, _, tables, _ in hunan.years[:2]:
        own = three(tables)
        flows = YearFlows.empty(start.shape)
        step(start, own, hunan.timing, flows)
        ensemble.advance(year, start, own, flows)
        start = flows.end.copy()
        seen.append((ensemble, ensemble.population.persons.rows, look(ensemble.population.persons)))
    return seen


def look(p: Persons) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Place of everybody, living children by place as counted and by links, and partners."""
    code = p.code[: p.rows].astype(np.int64)
    place = np.where(code == 0, p.at.dead, np.minimum((code - 1) // 5, p.at.outside))
    assert p.kin is not None
    kids = p.kin.kids[: p.rows].astype(np.int64)
    counted = np.stack([kids >> PER_PLACE * at & 31 for at in range(PLACES + 1)], axis=1)
    linked = np.zeros_like(counted)
    for links in (p.mother[: p.rows], p.kin.father[: p.rows]):
        child = np.flatnonzero((links >= 0) & (place < p.at.dead))
        np.add.at(linked, (links[child], place[child]), 1)
    united = np.flatnonzero((p.kin.union[: p.rows] == UNITED) & (place < p.at.dead))
    np.testing.assert_array_equal(p.kin.spouse[united], place[p.kin.partner[united]])
    return place, counted, linked, p.kin.partner[: p.rows].copy()


def test_the_base_year_has_families_in_all_places(lived: list) -> None:
    ensemble, _, (place, counted, linked, partner) = lived[0]
    assert ensemble.fits[0].minors < 0.05 and ensemble.fits[0].husbands < 0.05
    assert np.bincount(place, minlength=5).min() > 100
    couples = np.flatnonzero(partner >= 0)
    same = place[couples] == place[partner[couples]]
    assert 0.6 < same.mean() < 1.0
    # the two halves of the countryside are alike: as many couples in one place, within chance
    shares = [same[place[couples] == half].mean() for half in (1, 2)]
    number = np.bincount(place[couples], minlength=3)[1:3]
    assert abs(shares[0] - shares[1]) < 5.0 * np.sqrt(0.25 / number.min())
    assert (counted.sum(axis=1) >= linked.sum(axis=1)).all()


def test_children_are_counted_where_their_rows_are(lived: list) -> None:
    """Children without a row stay where they were put; all others are where they are, in each place or outside."""
    for (_, rows, before), (_, _, after) in pairwise(lived):
        alive = np.flatnonzero((before[0] <= PLACES) & (after[0][:rows] <= PLACES))
        np.testing.assert_array_equal((after[1] - after[2])[alive], (before[1] - before[2])[alive])
        moved = (before[0] != after[0][:rows]) & (after[0][:rows] < PLACES) & (before[0] < PLACES)
        pairs = before[0][moved] * 3 + after[0][:rows][moved]
        assert set(pairs.tolist()) == {1, 2, 3, 5, 6, 7}  # by all six routes


def test_couples_go_to_one_place(lived: list) -> None:
    """Of couples in one place who both move, nearly all go to the same of two others: they act as one in 85 of 100."""
    together = both = 0
    for (_, rows, before), (_, _, after) in pairwise(lived):
        place, partner = before[0], before[3]
        one = np.flatnonzero((partner >= 0) & (place < PLACES))
        other = partner[one]
        now = after[0]
        moved = (place[one] == place[other]) & (now[one] != place[one]) & (now[other] != place[other])
        moved &= (now[one] < PLACES) & (now[other] < PLACES)
        both += moved.sum()
        together += (now[one] == now[other])[moved].sum()
        assert rows <= now.size
    assert both > 200 and together / both > 0.95
