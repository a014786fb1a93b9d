"""Raking: margins are kept exactly, structure where no margin says otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo_sim.demography.raking import Margin, age_classes, rake

GROUPS = [(0, 14), (15, 59), (60, None), (65, None)]
AGES = 101


def table(seed: int, draws: int = 2) -> np.ndarray:
    """Persons by residence, sex and age; (2, 2, 101, draw)."""
    return np.random.default_rng(seed).uniform(0.5, 50.0, (2, 2, AGES, draws))


def margins(people: np.ndarray, young: float, old: float, oldest: float, men: float, total: float) -> list[Margin]:
    shares = np.repeat(np.array([young, 1.0 - young - old, old, old * oldest])[:, None], people.shape[-1], axis=1)
    classes, own = age_classes(GROUPS, shares, AGES)
    shape = people.shape[:-1]
    sexes = np.repeat(np.array([men, 1.0 - men])[:, None], people.shape[-1], axis=1)
    return [
        Margin(np.broadcast_to(classes, shape), own * total),
        Margin(np.broadcast_to(np.arange(2)[:, None], shape), sexes * total),
    ]


share = st.floats(0.05, 0.4)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9999), share, share, st.floats(0.1, 0.9), st.floats(0.3, 0.7), st.floats(1.0, 1e8))
def test_margins_are_kept_exactly(seed: int, young: float, old: float, oldest: float, men: float, total: float) -> None:
    people = table(seed)
    raked = rake(people, margins(people, young, old, oldest, men, total))
    np.testing.assert_allclose(raked.sum(axis=(0, 1, 2)), total, rtol=1e-12)
    np.testing.assert_allclose(raked[:, :, :15].sum(axis=(0, 1, 2)), young * total, rtol=1e-11)
    np.testing.assert_allclose(raked[:, :, 60:].sum(axis=(0, 1, 2)), old * total, rtol=1e-11)
    np.testing.assert_allclose(raked[:, :, 65:].sum(axis=(0, 1, 2)), old * oldest * total, rtol=1e-11)
    np.testing.assert_allclose(raked[:, 0].sum(axis=(0, 1)), men * total, rtol=1e-11)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 9999), share, share, st.floats(0.3, 0.7))
def test_structure_is_kept_inside_the_classes(seed: int, young: float, old: float, men: float) -> None:
    people = table(seed)
    raked = rake(people, margins(people, young, old, 0.7, men, 1e6))
    factor = raked / people
    # ages 20 and 50 are in one class, and so is each residence: one factor for both
    np.testing.assert_allclose(factor[:, :, 20], factor[:, :, 50], rtol=1e-12)
    np.testing.assert_allclose(factor[0], factor[1], rtol=1e-12)
    # odds ratios of sex and broad age are those of the table
    odds = factor[0, 0, 70] * factor[0, 1, 5] / (factor[0, 1, 70] * factor[0, 0, 5])
    np.testing.assert_allclose(odds, 1.0, rtol=1e-11)


def test_a_total_alone_only_scales() -> None:
    people = table(1)
    raked = rake(people, [Margin(np.zeros(people.shape[:-1], dtype=int), np.array([[1e6, 2e6]]))])
    factor = np.array([1e6, 2e6]) / people.sum(axis=(0, 1, 2))
    np.testing.assert_allclose(raked, people * factor, rtol=1e-13)


def test_two_margins_against_the_textbook_loop() -> None:
    cells = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])
    rows, columns = np.array([40.0, 60.0]), np.array([20.0, 30.0, 50.0])
    slow = cells.copy()
    for _ in range(500):
        slow *= (rows / slow.sum(axis=1))[:, None]
        slow *= columns / slow.sum(axis=0)
    by_row = Margin(np.broadcast_to(np.arange(2)[:, None], (2, 3)), rows[:, None])
    by_column = Margin(np.broadcast_to(np.arange(3), (2, 3)), columns[:, None])
    np.testing.assert_allclose(rake(cells[..., None], [by_row, by_column])[..., 0], slow, rtol=1e-12)


def test_what_cannot_be_reached_is_refused() -> None:
    people = table(1, draws=1)
    classes = np.broadcast_to(np.arange(2)[:, None], people.shape[:-1])
    whole = np.zeros(people.shape[:-1], dtype=int)
    with pytest.raises(ValueError, match="different sums"):
        rake(people, [Margin(classes, np.array([[1.0], [2.0]])), Margin(whole, np.array([[4.0]]))])
    with pytest.raises(ValueError, match="empty"):
        rake(people * 0.0, [Margin(whole, np.array([[4.0]]))])
    with pytest.raises(ValueError, match="0-9 overlaps"):
        age_classes([(0, 9), (5, None)], np.array([[0.3], [0.7]]), AGES)
    with pytest.raises(ValueError, match=r"60\+ holds less"):
        age_classes([(0, 59), (60, None), (65, None)], np.array([[0.8], [0.2], [0.3]]), AGES)
    with pytest.raises(ValueError, match=r"sum to 0\.9"):
        age_classes([(0, 59), (60, None)], np.array([[0.7], [0.2]]), AGES)


def test_ages_of_no_group_take_the_rest() -> None:
    classes, own = age_classes([(65, None)], np.array([[0.2]]), AGES)
    assert classes.tolist() == [1] * 65 + [0] * 36
    np.testing.assert_allclose(own[:, 0], [0.2, 0.8])
