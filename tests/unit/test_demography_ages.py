"""Age labels, groups and splits."""

from __future__ import annotations

import numpy as np
import pytest

from demo_sim.demography.ages import (
    age_mask,
    group_midpoints,
    parse_age,
    split_by_spline,
    split_by_template,
    spread_groups,
)


@pytest.mark.parametrize(
    ("text", "group"),
    [("0", (0, 0)), ("1-4", (1, 4)), ("35-39", (35, 39)), ("100+", (100, None)), (" 80+ ", (80, None))],
)
def test_labels(text: str, group: tuple[int, int | None]) -> None:
    assert parse_age(text) == group


@pytest.mark.parametrize("text", ["", "a", "5-", "-5", "1 - 4", "60岁", "80++"])
def test_wrong_labels_are_named(text: str) -> None:
    with pytest.raises(ValueError, match="not an age or age group"):
        parse_age(text)


def test_mask_holds_both_ends_and_the_open_group() -> None:
    assert np.flatnonzero(age_mask((3, 5), 10)).tolist() == [3, 4, 5]
    assert np.flatnonzero(age_mask((8, None), 10)).tolist() == [8, 9]
    assert np.flatnonzero(age_mask((8, 20), 10)).tolist() == [8, 9]


def test_template_keeps_famine_and_boom() -> None:
    """A group of two ages, one three times the other in the template, stays so."""
    out = split_by_template(np.array([80.0, 10.0]), [(0, 1), (2, None)], np.array([1.0, 3.0, 4.0, 1.0]))
    np.testing.assert_allclose(out, [20.0, 60.0, 8.0, 2.0])


def test_empty_template_is_refused_unless_the_group_is_empty() -> None:
    template = np.array([0.0, 0.0, 1.0])
    with pytest.raises(ValueError, match=r"template is empty in the age group \(0, 1\)"):
        split_by_template(np.array([5.0, 1.0]), [(0, 1), (2, None)], template)
    np.testing.assert_array_equal(split_by_template(np.array([0.0, 1.0]), [(0, 1), (2, None)], template), [0, 0, 1])


def test_spline_of_an_even_population_is_even() -> None:
    groups = [(0, 4), (5, 9), (10, 19)]
    out = split_by_spline(np.array([50.0, 50.0, 100.0]), groups, 20)
    np.testing.assert_allclose(out, 10.0, rtol=1e-12)


def test_spread_and_midpoints() -> None:
    groups = [(0, 1), (3, None)]
    np.testing.assert_array_equal(spread_groups(np.array([2.0, 5.0]), groups, 5), [2, 2, 0, 5, 5])
    np.testing.assert_array_equal(group_midpoints([(60, 64), (65, None)]), [62.5, 67.5])
