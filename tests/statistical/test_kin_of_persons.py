"""Living kin of the engine's persons beside the kinship matrices: constant rates, no parity factors, twins or moves."""

from __future__ import annotations

import numpy as np
import pytest
from kin import compare_kin, expected_kin, kin_faults
from kin_hunan import Rows
from village import AGES, SRB, Seen, Village, rates, stable_by_sex

from demo_sim.engine.calendar import Timing, YearFlows, YearTables
from demo_sim.engine.cohort import step
from demo_sim.engine.parity import ParityShares
from demo_sim.engine.people import Population, live_year
from demo_sim.engine.persons import Persons
from demo_sim.engine.synthesis import synthesise
from demo_sim.engine.thresholds import build_thresholds

REPLICATES, YEARS, FIRST, OLDEST_FOCAL, GIRLS = 24, 115, 1900, 60, 160.0
NOBODY = np.zeros((1, 2, 2, AGES, 5), np.int64)


def tables() -> YearTables:
    """The rates of the village, alike in both residences; nobody moves."""
    qs, asfr = rates()
    both = np.ones((2, 1))
    return YearTables(
        np.repeat(qs[None, ..., None], 2, axis=0),
        np.repeat(asfr[None, :, None], 2, axis=0),
        SRB / (1.0 + SRB) * both,
        np.zeros((2, 2, AGES, 1)),
        np.zeros((2, 2, AGES, 1)),
        np.zeros((2, 1)),
    )


def opening() -> Population:
    """Persons of a stable population, all childless: with parity factors of one that changes nothing."""
    stable = stable_by_sex(*rates()) * GIRLS * REPLICATES
    counts = np.stack([np.rint(stable * part) for part in (0.4, 0.6)]).astype(np.int64)
    key = (np.uint64(404), np.uint64(0))
    childless = np.zeros((2, AGES, 4))
    childless[:, :, 0] = 1.0
    persons = Persons.room([int(counts.sum())], 3.0, False, counts.shape[0])
    synthesise(persons, counts, FIRST, childless, None, key)
    return Population.of(persons, key, FIRST, AGES)


def lines(mother: np.ndarray, base: int) -> np.ndarray:
    """Replicate of everybody: that of the first mother of the line, dealt out in turn; lines share no relatives."""
    out = np.arange(mother.size) % REPLICATES
    for row in range(base, mother.size):
        out[row] = out[mother[row]]
    return out


@pytest.fixture(scope="module")
def seen() -> Seen:
    timing, own = Timing.of("even"), tables()
    start = np.repeat(stable_by_sex(*rates())[None, ..., None], 2, axis=0) * GIRLS
    flows = YearFlows.empty(start.shape)
    step(start, own, timing, flows)
    childless = np.zeros((2, AGES, 4, 1))
    childless[:, :, 0] = 1.0
    parity = ParityShares(childless, np.ones((4, 1))).advance(start, own, flows, timing)
    cuts = build_thresholds(start, own, flows, timing, parity)
    population = opening()
    for year in range(FIRST, FIRST + YEARS):
        live_year(population, year, cuts, (NOBODY, NOBODY), True)
    p, who = population.persons, Rows.of(population.persons)
    mother = p.mother[: p.rows].astype(np.int64)
    return Village(lines(mother, p.base_rows), who.sex, who.birth - FIRST, mother, who.place < 2, YEARS).seen()


FOCAL = slice(0, OLDEST_FOCAL + 1)  # mothers and grandmothers of older persons were born before the run


def test_persons_have_the_kin_of_the_matrices(seen: Seen) -> None:
    expected = expected_kin(*rates(), SRB)
    cells = compare_kin(seen, expected, FOCAL)
    assert kin_faults(cells) == []
    assert len(cells) > 300 and {cell.kind for cell in cells} == set(expected)
    assert max(cell.error for cell in cells if cell.age is None) < 0.006
    z = np.array([cell.z for cell in cells])
    assert 0.8 < z.std() < 1.3


@pytest.mark.parametrize("kind", ["mothers", "daughters", "sons", "older_sisters"])
def test_five_per_cent_too_many_are_found(kind: str, seen: Seen) -> None:
    expected = expected_kin(*rates(), SRB)
    faults = kin_faults(compare_kin(seen, expected | {kind: 1.05 * expected[kind]}, FOCAL))
    assert faults and all(fault.startswith(f"{kind},") for fault in faults)
