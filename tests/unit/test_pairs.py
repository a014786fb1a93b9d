"""Where the two of a couple are after a year: chances of each as the tables say, both as the shared word has it."""

from __future__ import annotations

import numpy as np
import pytest

from demo_sim.engine.calendar import YearTables
from demo_sim.engine.pairs import LEAST_SHARE, Moves, places_by_odds, places_of_kin

AGES, HIM, HER = 101, (0, 32), (1, 30)


def tables(leave: float = 0.04, move: float = 0.03, recode: float = 0.02) -> YearTables:
    """Rural people move to town, half of those who leave by age come back; nobody leaves the towns for the country."""
    qs = np.zeros((2, 2, AGES, 1))
    inflow = np.full_like(qs, 0.5 * leave * 1000.0)
    rates = np.zeros((2, 2, AGES, 1))
    rates[1, 0], rates[1, 1] = move, 0.5 * move  # men move twice as often
    recoded = np.array([[0.0], [recode]])
    external = inflow - np.full_like(qs, leave * (1000.0 + 0.5 * 0.5 * leave * 1000.0))
    return YearTables(qs, np.zeros((2, AGES, 1)), np.full((2, 1), 0.5), external, rates, recoded, inflow)


@pytest.fixture
def stock() -> np.ndarray:
    return np.full((2, 2, AGES, 1), 1000.0)


def moves(stock: np.ndarray, rho: float, recoded: float) -> Moves:
    return Moves.of(stock, 0.3 * stock, tables(), np.array([0.8]), np.array([[rho], [recoded]]))


@pytest.mark.parametrize("rho", [0.0, 0.85, 1.0])
def test_both_leave_as_often_as_the_word_they_share_says(stock: np.ndarray, rho: float) -> None:
    m = moves(stock, rho, 1.0)
    pairs = np.zeros((1, 4, 4))
    pairs[0, 1, 1] = 1.0  # all rural
    later = m.later(pairs, HER, HIM, True)[0]
    np.testing.assert_allclose(later.sum(axis=1), m.one[HER][0, 1], atol=1e-15)
    np.testing.assert_allclose(later.sum(axis=0), m.one[HIM][0, 1], atol=1e-15)
    hers, his = (m.kinds[0, sex, age, 0, 1] for sex, age in (HER, HIM))
    assert hers[3] == pytest.approx(0.04, rel=1e-12) and hers[3] == his[3]  # out of the region
    # both go out: by one word, or each alone beside whatever they do together
    if rho == 1.0:
        assert later[3, 3] == pytest.approx(0.04)
        assert later[3].sum() == pytest.approx(later[3, 3])  # she never goes alone
    if rho == 0.0:
        same = m.kinds[1, 1, 30, 0, 1, 0]  # nothing but re-coding is shared
        assert later[3, 3] == pytest.approx(0.04**2 / (1.0 - same))


def test_places_are_those_that_years_of_moves_lead_to(stock: np.ndarray) -> None:
    """A slow twin follows couples of one age of marriage by every year's chances, pair by pair."""
    married = np.zeros((2, AGES, 1))
    married[:, 25:] = 1.0
    together = np.array([[0.85], [1.0]])
    places = places_of_kin(stock, 0.3 * stock, tables(), np.array([0.8]), together, married)
    m = moves(stock, 0.85, 1.0)
    pairs = {(p, p): share for p, share in enumerate((1.0 / 2.6, 1.0 / 2.6, 0.3 / 2.6, 0.3 / 2.6))}
    for age in range(25, 40):
        now: dict[tuple[int, int], float] = {}
        for (a, b), share in pairs.items():
            one = np.zeros((1, 4, 4))
            one[0, a, b] = share
            for (c, d), part in np.ndenumerate(m.later(one, (1, age), (0, age + 2), True)[0]):
                now[c, d] = now.get((c, d), 0.0) + part
        pairs = now
    twin = np.array([[pairs[c, d] for d in range(4)] for c in range(4)])
    np.testing.assert_allclose(places.couples[40, ..., 0], np.maximum(twin, LEAST_SHARE), rtol=1e-12)
    assert twin.sum() == pytest.approx(1.0)


def test_couples_part_with_the_years_and_children_after_eighteen(stock: np.ndarray) -> None:
    married = np.zeros((2, AGES, 1))
    married[:, 25:] = 1.0
    places = places_of_kin(stock, 0.3 * stock, tables(), np.array([0.8]), np.array([[0.85], [1.0]]), married)
    apart = 1.0 - np.einsum("appd->ad", places.couples)[25:60, 0]
    assert apart[0] < 0.01 and (np.diff(apart) > 0.0).all()
    child = 1.0 - np.einsum("appd->ad", places.children[1])[:, 0]
    young, grown = np.diff(child)[10:17].mean(), np.diff(child)[18:25].mean()
    assert grown > 2.0 * young > 0.0


def test_nobody_parts_where_nobody_moves(stock: np.ndarray) -> None:
    still = tables(0.0, 0.0, 0.0)
    married = np.full((2, AGES, 1), 0.9)
    places = places_of_kin(stock, 0.3 * stock, still, np.array([0.8]), np.zeros((2, 1)), married)
    for table in (places.couples[20:], *places.children):
        off = table[..., 0] * (1.0 - np.eye(4))
        assert off.max() == LEAST_SHARE


def test_said_odds_are_kept_and_fall_back_to_the_same_origin(stock: np.ndarray) -> None:
    places = places_by_odds(stock, tables(), np.array([[60.0], [4.0], [150.0]]))
    np.testing.assert_allclose(places.couples[33, 0, :, 0], [150.0, 1.0, 150.0**0.5, 1.0])
    of_rural = places.children[0, [17, 18], 1, :, 0]
    np.testing.assert_allclose(of_rural, [[1.0, 60.0, 1.0, 60.0**0.5], [1.0, 4.0, 1.0, 2.0]])
    qs = tables()
    qs.qs[0, 1, 30:60], qs.qs[1, 1, 30:60] = 0.001, 0.002
    np.testing.assert_allclose(places_by_odds(stock, qs, np.ones((3, 1))).dying[:, 0], [0.001, 0.002])
