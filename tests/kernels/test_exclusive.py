"""Weights of exclusive choices against plain iterative scaling of one cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo_sim.kernels.exclusive import CLOSE, LEAST_WEIGHT, PASSES, ROUNDS, fit_exclusive

QUICK = settings(deadline=None, max_examples=60, derandomize=True)
numbers = st.floats(1e-3, 1e6) | st.just(0.0)
parts = st.floats(1e-6, 1.0) | st.just(0.0)


def chosen(people: np.ndarray, open_to: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """People in each choice, where everybody chooses among what is open in proportion to the weights."""
    own = open_to * weights[:, None]
    whole = own.sum(axis=0)
    return (np.divide(own, whole, out=np.zeros_like(own), where=whole > 0.0) * people).sum(axis=1)


def scaled(people: np.ndarray, open_to: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights by which people spread as in `target`, each scaled by what its choice lacks; and how they did last."""
    weights, found = np.full(target.size, 1.0 / target.size), target
    for _ in range(ROUNDS):
        found = chosen(people, open_to, weights)
        if (np.abs(found - target) <= CLOSE * people.sum()).all():
            break
        weights = weights * np.divide(target, found, out=np.zeros_like(found), where=found > 0.0)
        weights = np.where(target > 0.0, np.maximum(weights / max(weights.sum(), LEAST_WEIGHT), LEAST_WEIGHT), 0.0)
    return weights, found


def fitted_by_hand(people: np.ndarray, open_to: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """What is wanted, cut to all people there are, then choice by choice to those who can choose it."""
    asked = wanted * (people.sum() / wanted.sum()) if wanted.sum() > people.sum() else wanted
    for _ in range(PASSES):
        rest = people.sum() - asked.sum()
        rest = rest if rest > CLOSE * people.sum() else 0.0  # what rounding leaves is nobody
        weights, found = scaled(people, open_to, np.append(asked, rest))
        within = np.minimum(asked, found[:-1])
        if (asked - within <= CLOSE * people.sum()).all():
            break
        asked = within
    return weights


def fitted(people: np.ndarray, open_to: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The kernel on cells side by side."""
    out = np.full((open_to.shape[0], people.shape[1]), np.nan)
    fit_exclusive(people, open_to, wanted, out)
    return out


@st.composite
def cells(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Some cells: people by pattern, what is open to each pattern (none of them always), and what is wanted."""
    choices, patterns, count = draw(st.integers(1, 4)), draw(st.integers(1, 5)), draw(st.integers(1, 3))

    def table(values: st.SearchStrategy, rows: int, columns: int) -> np.ndarray:
        size = rows * columns
        return np.array(draw(st.lists(values, min_size=size, max_size=size))).reshape(rows, columns)

    open_to = np.concatenate([table(st.booleans(), choices, patterns), np.ones((1, patterns), bool)])
    people, part = table(numbers, patterns, count), table(parts, choices, count)
    return people, open_to, part * people.sum(axis=0)


@QUICK
@given(cells())
def test_every_cell_equals_the_plain_scaling(cell: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    people, open_to, wanted = cell
    got = fitted(people, open_to, wanted)
    for c in range(people.shape[1]):
        expected = fitted_by_hand(people[:, c], open_to, wanted[:, c])
        np.testing.assert_allclose(got[:, c], expected, rtol=1e-6, atol=1e-12)


@QUICK
@given(cells())
def test_nobody_takes_what_is_not_open_and_no_choice_more_than_wanted(
    cell: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    people, open_to, wanted = cell
    got = fitted(people, open_to, wanted)
    assert np.isfinite(got).all() and (got >= 0.0).all()
    for c in range(people.shape[1]):
        found = chosen(people[:, c], open_to, got[:, c])
        # where all who can choose are wanted the scaling comes near slowly
        assert (found[:-1] <= wanted[:, c] + 0.01 * people[:, c].sum()).all()
        assert (found[:-1] <= (open_to[:-1] * people[:, c]).sum(axis=1) * (1.0 + 1e-12)).all()
        assert found.sum() <= people[:, c].sum() * (1.0 + 1e-12)


def test_what_can_be_is_reached() -> None:
    people = np.array([[40.0, 10.0], [60.0, 90.0]])
    open_to = np.array([[True, False], [True, True], [True, True]])
    wanted = np.array([[20.0, 4.0], [30.0, 30.0]])
    got = fitted(people, open_to, wanted)
    for c in range(2):
        np.testing.assert_allclose(chosen(people[:, c], open_to, got[:, c])[:-1], wanted[:, c], rtol=1e-8)


def test_where_all_are_wanted_a_choice_short_of_people_takes_none_from_another() -> None:
    """2.5 people of 3.75 wanted: half a person can choose the first, all others the second, which is to have 5/3."""
    people, wanted = np.array([[0.5], [2.0]]), np.array([[1.25], [2.5]])
    open_to = np.array([[True, False], [False, True], [True, True]])
    got = fitted(people, open_to, wanted)[:, 0]
    np.testing.assert_allclose(chosen(people[:, 0], open_to, got)[:-1], [0.5, 5.0 / 3.0], rtol=0.01)


@pytest.mark.parametrize("wanted", [0.0, 5.0])
def test_a_cell_without_people_has_finite_weights(wanted: float) -> None:
    got = fitted(np.zeros((2, 1)), np.array([[True, False], [True, True]]), np.array([[wanted]]))
    assert np.isfinite(got).all()
