"""The cohort step against loops written from the method, one draw at a time."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from samples import take_step, year_inputs
from textbook import project_year

STOCKS = ("mid", "end", "deaths", "births", "cut")
INTERNAL = ("out_first", "out_second", "internal")


def assert_same(inputs: SimpleNamespace, timing: str, rtol: float = 1e-12) -> SimpleNamespace:
    got = take_step(inputs, timing)
    for d in range(inputs.start.shape[-1]):
        expected = project_year(
            inputs.start[..., d],
            inputs.qs[..., d],
            inputs.asfr[..., d],
            inputs.srb[..., d],
            inputs.external[..., d],
            inputs.move_rate[..., d],
            inputs.reclass_rate[..., d],
            timing,
        )
        for name in STOCKS + INTERNAL:
            np.testing.assert_allclose(
                getattr(got, name)[..., d], getattr(expected, name), rtol=rtol, atol=1e-12, err_msg=name
            )
    return got


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("timing", ["even", "end"])
@pytest.mark.parametrize("residences", [1, 2, 3])
def test_step_equals_the_textbook(residences: int, timing: str, seed: int) -> None:
    got = assert_same(year_inputs(seed, residences), timing)
    assert not got.cut.any()


@pytest.mark.parametrize("timing", ["even", "end"])
@pytest.mark.parametrize("residences", [1, 2, 3])
def test_cut_outflow_equals_the_textbook(residences: int, timing: str) -> None:
    inputs = year_inputs(7, residences)
    # some cells lose more than they have in the first half, some in the second half only
    inputs.external[..., 20:25, :] = -3.0 * inputs.start[..., 20:25, :]
    inputs.external[..., 60, :] = -1.3 * inputs.start[..., 59, :]
    inputs.external[..., 0, 1] = -1e5
    inputs.external[..., -1, 2] = -1e5
    got = assert_same(inputs, timing)
    for cell in (got.cut[..., 20:25, :], got.cut[..., 60, :], got.cut[..., 0, 1], got.cut[..., -1, 2]):
        assert cell.any()
    assert (got.end >= 0.0).all() and (got.births >= 0.0).all()


@pytest.mark.parametrize("timing", ["even", "end"])
@pytest.mark.parametrize("residences", [1, 2, 3])
def test_step_without_migration_equals_the_textbook(residences: int, timing: str) -> None:
    inputs = year_inputs(3, residences)
    inputs.external[:] = 0.0
    got = assert_same(inputs, timing)
    assert not got.cut.any()


def test_one_migrant_in_one_draw_is_not_lost() -> None:
    inputs = year_inputs(4, 1)
    inputs.external[:] = 0.0
    inputs.external[0, 1, 33, 2] = 1.0
    assert_same(inputs, "even")


def test_a_step_is_the_same_beside_any_other_draws() -> None:
    wide, narrow = year_inputs(5, 2, draws=9), year_inputs(5, 2, draws=9)
    for name, value in vars(narrow).items():
        setattr(narrow, name, np.ascontiguousarray(value[..., 4:5]))
    np.testing.assert_array_equal(take_step(wide).end[..., 4:5], take_step(narrow).end)


def test_other_numbers_of_ages() -> None:
    for ages in (51, 121):
        assert_same(year_inputs(6, 2, ages), "even")
