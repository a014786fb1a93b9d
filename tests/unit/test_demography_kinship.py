"""Kinship matrices against explicit Leslie matrices, closed forms and what holds between both ends of a relation."""

from __future__ import annotations

import numpy as np
import pytest

from demo_sim.demography.kinship import KIN_KINDS, KinMatrices, kinship, kinship_changing, living_children, of_cohort

AGES, SRB = 18, 1.08
# a woman of one end of the relation is counted by a woman of the other
RECIPROCAL = [
    ("daughters", "mothers"),
    ("granddaughters", "grandmothers"),
    ("great_granddaughters", "great_grandmothers"),
    ("younger_sisters", "older_sisters"),
    ("nieces_older", "younger_aunts"),
    ("nieces_younger", "older_aunts"),
    ("cousins_older", "cousins_younger"),
]


def made_up(seed: int, years: int | None = None, ages: int = AGES) -> tuple[np.ndarray, np.ndarray]:
    """Rates with many deaths at every age and births in the middle ages."""
    rng = np.random.default_rng(seed)
    shape = (ages,) if years is None else (years, ages)
    asfr = rng.uniform(0.1, 0.9, shape)
    asfr[..., : ages // 5] = asfr[..., ages // 2 :] = 0.0
    return rng.uniform(0.02, 0.3, shape), asfr


def survival_matrix(qs: np.ndarray) -> np.ndarray:
    """U: from each age on 1 January to the age reached."""
    u = np.zeros((len(qs), len(qs)))
    for x in range(len(qs)):
        reached = min(x + 1, len(qs) - 1)
        u[reached, x] = 1.0 - qs[reached]
    return u


def birth_matrix(qs: np.ndarray, asfr: np.ndarray) -> np.ndarray:
    """F: newborn girls alive at the year-end by the mother's age on 1 January."""
    f = np.zeros((len(qs), len(qs)))
    for x in range(len(qs) - 1):
        f[0, x] = (1.0 - qs[0]) / (1.0 + SRB) * (asfr[x] / 2 + (1.0 - qs[x + 1]) * asfr[x + 1] / 2)
    return f


def stable_women(qs: np.ndarray, asfr: np.ndarray) -> tuple[np.ndarray, float]:
    """Right eigenvector without the last age, which has no births and may outlive all others, and its growth factor."""
    values, vectors = np.linalg.eig((survival_matrix(qs) + birth_matrix(qs, asfr))[:-1, :-1])
    leading = int(np.argmax(np.real(values)))
    chosen = np.real(vectors[:, leading])
    return np.append(chosen / chosen[0], 0.0), float(np.real(values[leading]))


def later_women(women: np.ndarray, qs: np.ndarray, asfr: np.ndarray) -> list[np.ndarray]:
    out = [women]
    for q, f in zip(qs, asfr, strict=True):
        out.append((survival_matrix(q) + birth_matrix(q, f)) @ out[-1])
    return out


def twin_year(
    before: dict[str, np.ndarray], women: np.ndarray, qs: np.ndarray, asfr: np.ndarray
) -> dict[str, np.ndarray]:
    """One year of every kind and focal age with whole matrices; (kin age, focal age)."""
    u, f = survival_matrix(qs), birth_matrix(qs, asfr)
    ages = len(qs)
    after = {kind: np.zeros((ages, ages)) for kind in KIN_KINDS}
    for x in range(ages - 1):
        k = {kind: before[kind][:, x] for kind in KIN_KINDS}
        own = np.zeros(ages)
        own[0] = (1.0 - qs[0]) / (1.0 + SRB) * (asfr[x] + asfr[x + 1]) / 2
        then = {
            "daughters": u @ k["daughters"] + own,
            "granddaughters": u @ k["granddaughters"] + f @ k["daughters"],
            "great_granddaughters": u @ k["great_granddaughters"] + f @ k["granddaughters"],
            "mothers": u @ k["mothers"],
            "grandmothers": u @ k["grandmothers"],
            "great_grandmothers": u @ k["great_grandmothers"],
            "older_sisters": u @ k["older_sisters"],
            "younger_sisters": u @ k["younger_sisters"] + f @ k["mothers"],
            "nieces_older": u @ k["nieces_older"] + f @ k["older_sisters"],
            "nieces_younger": u @ k["nieces_younger"] + f @ k["younger_sisters"],
            "older_aunts": u @ k["older_aunts"],
            "younger_aunts": u @ k["younger_aunts"] + f @ k["grandmothers"],
            "cousins_older": u @ k["cousins_older"] + f @ k["older_aunts"],
            "cousins_younger": u @ k["cousins_younger"] + f @ k["younger_aunts"],
        }
        for kind, counts in then.items():
            after[kind][:, x + 1] = counts
    # births of each age on 1 January, and how many of their mothers live
    births = np.array([women[x] * f[0, x] for x in range(ages)]) / (f[0] @ women)
    for x in range(ages - 1):
        if births[x] == 0.0:
            continue
        lives = 1.0 - qs[x + 1]
        after["mothers"][x + 1, 0] = births[x] * lives * (asfr[x] + asfr[x + 1]) / (asfr[x] + lives * asfr[x + 1])
        # sisters are her mother's daughters of before the year
        after["older_sisters"][:, 0] += births[x] * (u @ before["daughters"][:, x])
        for kind, of_mother in [
            ("grandmothers", "mothers"), ("great_grandmothers", "grandmothers"), ("nieces_older", "granddaughters"),
            ("older_aunts", "older_sisters"), ("younger_aunts", "younger_sisters"),
            ("cousins_older", "nieces_older"), ("cousins_younger", "nieces_younger"),
        ]:  # fmt: skip
            after[kind][:, 0] += births[x] * after[of_mother][:, x + 1]
    return after


def twin(qs: np.ndarray, asfr: np.ndarray, women: list[np.ndarray]) -> list[dict[str, np.ndarray]]:
    """Year-ends of the slow twin; it starts without any kin and lives the first year until nobody of then is left."""
    ages = qs.shape[1]
    kin = {kind: np.zeros((ages, ages)) for kind in KIN_KINDS}
    for _ in range(5 * ages):
        kin = twin_year(kin, women[0], qs[0], asfr[0])
    out = []
    for q, f, w in zip(qs, asfr, women, strict=False):
        kin = twin_year(kin, w, q, f)
        out.append(kin)
    return out


@pytest.mark.parametrize("seed", range(3))
def test_constant_rates_equal_explicit_matrices_that_start_without_kin(seed: int) -> None:
    qs, asfr = made_up(seed)
    (expected,) = twin(qs[None], asfr[None], [stable_women(qs, asfr)[0]])
    kin = kinship(qs, asfr, SRB)
    for kind in KIN_KINDS:
        np.testing.assert_allclose(getattr(kin, kind), expected[kind], rtol=1e-10, atol=1e-15, err_msg=kind)
        assert expected[kind].sum() > 0.01


@pytest.mark.parametrize("seed", range(3))
def test_changing_rates_equal_explicit_matrices(seed: int) -> None:
    qs, asfr = made_up(seed, years=25)
    expected = twin(qs, asfr, later_women(stable_women(qs[0], asfr[0])[0], qs, asfr))
    kin = kinship_changing(qs, asfr, SRB)
    for kind in KIN_KINDS:
        wanted = np.stack([year[kind] for year in expected])
        np.testing.assert_allclose(getattr(kin, kind), wanted, rtol=1e-10, atol=1e-15, err_msg=kind)


def test_women_who_are_given_decide_the_ages_of_mothers() -> None:
    qs, asfr = made_up(5, years=6)
    women = np.random.default_rng(5).uniform(1.0, 9.0, qs.shape)
    kin = kinship_changing(qs, asfr, SRB, women)
    for kind in KIN_KINDS:
        wanted = np.stack([year[kind] for year in twin(qs, asfr, list(women))])
        np.testing.assert_allclose(getattr(kin, kind), wanted, rtol=1e-10, atol=1e-15, err_msg=kind)
    np.testing.assert_array_equal(kinship(qs[0], asfr[0], SRB, women[0]).mothers, kin.mothers[0])


def test_sex_ratio_by_year() -> None:
    qs, asfr = made_up(6, years=4)
    kin = kinship_changing(qs, asfr, np.array([1.0, 1.0, 1.5, 1.0]))
    even = kinship_changing(qs, asfr, 1.0)
    np.testing.assert_allclose(kin.daughters[2, 0, 1:], even.daughters[2, 0, 1:] * 2.0 / 2.5, rtol=1e-12)
    np.testing.assert_array_equal(kin.daughters[:2], even.daughters[:2])


def test_constant_rates_are_the_fixed_point_of_changing_ones() -> None:
    """After a change of rates everybody's kin become those of the new rates once all of before are dead."""
    (q0, f0), (q1, f1) = made_up(7), made_up(8)
    qs, asfr = np.tile(q1, (9 * AGES, 1)), np.tile(f1, (9 * AGES, 1))
    qs[0], asfr[0] = q0, f0
    kin, old, new = kinship_changing(qs, asfr, SRB), kinship(q0, f0, SRB), kinship(q1, f1, SRB)
    for kind in KIN_KINDS:
        counts = getattr(kin, kind)
        np.testing.assert_allclose(counts[0], getattr(old, kind), rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(counts[-1], getattr(new, kind), rtol=1e-7, atol=1e-12)
        assert abs(counts[-1] - counts[0]).max() > 1e-3


def assert_reciprocal(kin: KinMatrices, women: np.ndarray) -> None:
    """Pairs of relatives counted from both ends, everywhere below the open age; arrays (..., kin age, focal age)."""
    for kind, back in RECIPROCAL:
        one, other = (getattr(kin, name) * women[..., None, :] for name in (kind, back))
        below = (..., slice(None, -1), slice(None, -1))
        np.testing.assert_allclose(one[below], np.swapaxes(other, -1, -2)[below], rtol=1e-9, atol=1e-15, err_msg=kind)


@pytest.mark.parametrize("seed", range(5))
def test_pairs_of_relatives_are_the_same_from_both_ends(seed: int) -> None:
    """The women of age x with their daughters of age a are the women of age a with their mothers of age x."""
    qs, asfr = made_up(seed, ages=40)
    assert_reciprocal(kinship(qs, asfr, SRB), stable_women(qs, asfr)[0])
    qs, asfr = made_up(seed, years=30)
    women = later_women(stable_women(qs[0], asfr[0])[0], qs, asfr)
    assert_reciprocal(kinship_changing(qs, asfr, SRB), np.stack(women[1:]))


def test_without_deaths_counts_are_sums_of_rates() -> None:
    qs, asfr = np.zeros(101), np.zeros(101)
    asfr[20:40] = 0.1
    asfr *= 2.05 / asfr.sum()  # each woman has one daughter, so the ages of mothers are those of the rates
    kin = kinship(qs, asfr, 1.05)
    yearly = (asfr[:-1] + asfr[1:]) / 2 / 2.05
    np.testing.assert_allclose(kin.mothers[1:, 0], yearly, atol=1e-14)
    np.testing.assert_allclose(kin.mothers.sum(axis=0), 1.0, rtol=1e-12)
    np.testing.assert_allclose(kin.grandmothers.sum(axis=0), 1.0, rtol=1e-12)
    np.testing.assert_allclose(kin.daughters.sum(axis=0)[1:], np.cumsum(yearly), rtol=1e-12)
    assert kin.granddaughters.sum(axis=0)[-1] == pytest.approx(1.0)
    # all daughters of her mother but those of the year in which she was born herself
    sisters = 1.0 - (yearly**2).sum()
    assert (kin.older_sisters + kin.younger_sisters).sum(axis=0)[45] == pytest.approx(sisters)
    assert (kin.older_aunts + kin.younger_aunts).sum(axis=0)[45] == pytest.approx(sisters)
    assert (kin.nieces_older + kin.nieces_younger).sum(axis=0)[-1] == pytest.approx(sisters)
    assert (kin.cousins_older + kin.cousins_younger).sum(axis=0)[-1] == pytest.approx(sisters)
    older = (yearly * np.concatenate([[0.0], np.cumsum(yearly)[:-1]])).sum()
    np.testing.assert_allclose(kin.older_sisters.sum(axis=0), older, rtol=1e-12)


def test_mothers_who_die_in_the_year_of_birth_are_missing_from_the_start() -> None:
    """Births at one age only, so all mothers are 5 or 6 at the year-end and the survivors are known."""
    qs, asfr = np.full(12, 0.1), np.zeros(12)
    asfr[5] = 2.0
    kin = kinship(qs, asfr, SRB)
    # Of those who reach 5 only the living gave birth; of those who reach 6, a year older, all did at half the rate.
    growth = stable_women(qs, asfr)[1]
    younger, elder = growth / (growth + 1.0), 1.0 / (growth + 1.0)
    expected = np.zeros(12)
    expected[5:7] = younger, 0.9 * elder
    np.testing.assert_allclose(kin.mothers[:, 0], expected, rtol=1e-10)
    # the mothers who died leave the grandmothers to their daughters
    expected = younger * kin.mothers[:, 5] + elder * kin.mothers[:, 6]
    np.testing.assert_allclose(kin.grandmothers[:, 0], expected, rtol=1e-10)


def test_children_by_sex() -> None:
    qs, asfr = made_up(3)
    daughters = kinship(qs, asfr, SRB).daughters
    np.testing.assert_allclose(living_children(qs, asfr, 1.0 / (1.0 + SRB)), daughters, rtol=1e-12, atol=1e-16)
    # sons with the daughters' survival are more in the ratio at birth
    np.testing.assert_allclose(living_children(qs, asfr, SRB / (1.0 + SRB)), SRB * daughters, rtol=1e-12, atol=1e-16)


def test_a_cohort_is_the_diagonal_of_years() -> None:
    qs, asfr = made_up(4, years=10)
    mothers = kinship_changing(qs, asfr, SRB).mothers
    before, within = of_cohort(mothers, -4), of_cohort(mothers, 3)
    assert np.isnan(before[:, :4]).all() and np.isnan(before[:, 14:]).all()
    np.testing.assert_array_equal(before[:, 7], mothers[3, :, 7])
    np.testing.assert_array_equal(within[:, 0], mothers[3, :, 0])
    np.testing.assert_array_equal(within[:, 6], mothers[9, :, 6])
    assert np.isnan(within[:, 7:]).all()


def test_bad_rates_are_refused() -> None:
    qs, asfr = made_up(0)
    late = asfr.copy()
    late[-1] = 0.1
    for wrong, message in [
        ((qs[:-1], asfr, SRB), "same shape"),
        ((qs[None], asfr[None], SRB), "one row of ages"),
        ((np.where(qs > 0.2, np.nan, qs), asfr, SRB), "qs must lie"),
        ((qs + 0.9, asfr, SRB), "qs must lie"),
        ((qs, -asfr, SRB), "asfr must not be negative"),
        ((qs, 0.0 * asfr, SRB), "asfr must not be negative"),
        ((qs, late, SRB), "last, open age"),
        ((qs, asfr, 0.0), "srb must be positive"),
        ((np.ones(AGES), asfr, SRB), "nobody lives"),
        ((qs, asfr, SRB, np.ones(3)), "women must have the shape"),
        ((qs, asfr, SRB, np.where(asfr > 0.0, 0.0, np.arange(AGES) > AGES // 2)), "no woman"),
    ]:
        with pytest.raises(ValueError, match=message):
            kinship(*wrong)
    with pytest.raises(ValueError, match="years of ages"):
        kinship_changing(qs, asfr, SRB)
