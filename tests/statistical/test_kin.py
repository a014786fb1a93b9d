"""Kinship matrices against made-up persons who live year by year, and the comparison against wrong expectations."""

from __future__ import annotations

import numpy as np
import pytest
from kin import LEVEL, compare_kin, expected_kin, holm_adjusted, kin_faults
from village import AGES, SRB, Seen, Village, X, rates, stable_by_sex

from demo_sim.demography.kinship import kinship

REPLICATES, YEARS, OLDEST_FOCAL = 24, 120, 60


def live(seed: int, girls: float) -> Village:
    """Persons of all replicates; each year deaths by the age reached, then at most one birth a woman."""
    rng = np.random.default_rng(seed)
    qs, asfr = rates()
    start = stable_by_sex(qs, asfr) * girls
    sex, age = (a.ravel() for a in np.meshgrid([0, 1], X, indexing="ij"))
    count = rng.poisson(np.tile(start.ravel(), REPLICATES))
    columns = [np.repeat(np.arange(REPLICATES), 2 * AGES), np.tile(sex, REPLICATES), np.tile(-1 - age, REPLICATES)]
    replicate, sex, born = ([np.repeat(column, count)] for column in columns)
    mother, here = [np.full(count.sum(), -1)], np.arange(count.sum())
    table = [replicate[0], sex[0], born[0]]
    rows = len(here)
    for year in range(YEARS):
        age = np.minimum(year - 1 - table[2], AGES - 1)
        reached = np.minimum(age + 1, AGES - 1)
        lives = rng.random(len(here)) >= qs[table[1], reached]
        chance = np.where(table[1] == 1, asfr[age] / 2 + lives * asfr[reached] / 2, 0.0)
        bears = rng.random(len(here)) < chance
        boy = rng.random(bears.sum()) < SRB / (1.0 + SRB)
        kept = rng.random(bears.sum()) >= qs[(~boy).astype(int), 0]
        new = [table[0][bears][kept], (~boy[kept]).astype(int), np.full(kept.sum(), year)]
        mother.append(here[bears][kept])
        for column, add in zip((replicate, sex, born), new, strict=True):
            column.append(add)
        table = [np.concatenate([old[lives], add]) for old, add in zip(table, new, strict=True)]
        here = np.concatenate([here[lives], np.arange(rows, rows + kept.sum())])
        rows += int(kept.sum())
    alive = np.zeros(rows, bool)
    alive[here] = True
    return Village(*(np.concatenate(column) for column in (replicate, sex, born, mother)), alive, YEARS)


@pytest.fixture(scope="module")
def seen() -> Seen:
    return live(seed=20240607, girls=250.0).seen()


@pytest.fixture(scope="module")
def expected() -> dict[str, np.ndarray]:
    return expected_kin(*rates(), SRB)


FOCAL = slice(0, OLDEST_FOCAL + 1)  # mothers and grandmothers of older persons were born before the run


def test_persons_who_live_by_years_have_the_kin_of_the_matrices(seen: Seen, expected: dict[str, np.ndarray]) -> None:
    cells = compare_kin(seen, expected, FOCAL)
    assert kin_faults(cells) == []
    assert len(cells) > 300 and {cell.kind for cell in cells} == set(expected)
    assert max(cell.error for cell in cells if cell.age is None) < 0.004
    z = np.array([cell.z for cell in cells])
    assert 0.8 < z.std() < 1.25


@pytest.mark.parametrize("kind", ["mothers", "daughters", "sons", "older_sisters", "younger_sisters"])
def test_four_per_cent_too_many_are_found(kind: str, seen: Seen, expected: dict[str, np.ndarray]) -> None:
    faults = kin_faults(compare_kin(seen, expected | {kind: 1.04 * expected[kind]}, FOCAL))
    assert faults and all(fault.startswith(f"{kind},") for fault in faults)


def test_a_second_birth_in_the_focal_birth_year_is_found(seen: Seen, expected: dict[str, np.ndarray]) -> None:
    """Older sisters start from the mother's daughters of before the year, not of its end."""
    qs, asfr = rates()
    kin = kinship(qs[1], asfr, SRB)
    same_year = (kin.mothers[:, 0] * kin.daughters[0]).sum()
    more = expected["older_sisters"] + same_year * np.cumprod(np.where(X > 0, 1.0 - qs[1], 1.0))
    assert 0.05 < more[0] / expected["older_sisters"][0] - 1.0 < 0.3
    assert kin_faults(compare_kin(seen, expected | {"older_sisters": more}, FOCAL))


def test_cells_state_means_errors_and_adjusted_p() -> None:
    kin = np.array([[10.0, 40.0], [14.0, 40.0], [12.0, 40.0]])
    focal = np.array([[20, 100], [20, 100], [20, 100]])
    first, second, together = compare_kin({"daughters": (kin, focal)}, {"daughters": np.array([0.5, 0.4])})
    assert (first.age, second.age, together.age) == (0, 1, None)
    assert (first.seen, first.expected) == pytest.approx((0.6, 0.5))
    assert first.error == pytest.approx(0.1 / np.sqrt(3.0)) and first.z == pytest.approx(np.sqrt(3.0))
    assert (second.z, second.p) == (0.0, 1.0)
    assert together.seen == pytest.approx((36 + 120) / 360)
    assert first.adjusted == pytest.approx(2.0 * first.p) and first.p == pytest.approx(0.2254, abs=1e-4)


def test_chance_in_the_number_of_focal_persons_does_not_count() -> None:
    focal = np.array([[50], [150], [100]])
    (cell, _) = compare_kin({"sons": (0.8 * focal + [[1.0], [-1.0], [0.0]], focal)}, {"sons": np.array([0.8])})
    assert cell.error == pytest.approx(0.01 / np.sqrt(3.0)) and cell.z == pytest.approx(0.0, abs=1e-12)


def test_too_few_persons_are_left_out() -> None:
    focal = np.full((4, 3), 1000)
    kin = np.array([[999.0, 700.0, 3.0]] * 4) + np.arange(4)[:, None]
    cells = compare_kin({"mothers": (kin, focal)}, {"mothers": np.array([0.999, 0.7, 0.003])})
    assert [cell.age for cell in cells] == [1, None]
    with pytest.raises(ValueError, match="enough"):
        compare_kin({"mothers": (kin[:, :1], focal[:, :1])}, {"mothers": np.array([0.999])})


def test_replicates_that_are_all_off_by_the_same_are_a_fault() -> None:
    cells = compare_kin({"sons": (np.full((4, 1), 60.0), np.full((4, 1), 100))}, {"sons": np.array([0.5])})
    assert len(kin_faults(cells)) == 2 and cells[0].z == np.inf


def test_holm() -> None:
    np.testing.assert_allclose(holm_adjusted(np.array([0.04, 0.01, 0.03, 0.9])), [0.09, 0.04, 0.09, 0.9])
    assert pytest.approx(0.0027, abs=1e-5) == LEVEL
