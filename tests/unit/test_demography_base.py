"""The base population inside a year, moved to 1 January, against a hand-worked case."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from demo_sim.demography.lifetable import infant_a0
from demo_sim.inputs.base import move_to_start, solve_remainder, year_fraction
from demo_sim.inputs.rates import Rates, split_net

# Three ages (2 is open), one residence, one draw; a quarter of a year.
H = 0.25
PEOPLE = np.array([[100.0, 80.0, 60.0], [90.0, 70.0, 50.0]])
MX = np.array([[0.04, 0.01, 0.2], [0.03, 0.02, 0.1]])
ASFR = np.array([0.0, 0.3, 0.1])
NET = np.array([[4.0, 0.0, -8.0], [0.0, 12.0, 0.0]])
SRB = 1.1


def rates() -> Rates:
    return Rates(
        years=np.array([2020]),
        mx=MX[None, None, ..., None],
        asfr=ASFR[None, None, :, None],
        urban_births=None,
        srb=np.array([[SRB]]),
        external=NET[None, None, ..., None],
        urban_share=None,
        reclass_share=np.zeros(1),
        mover_profile=None,
    )


def test_part_of_a_year_by_hand() -> None:
    out = move_to_start(PEOPLE[None, ..., None], rates(), H, np.ones(1))[0, ..., 0]
    births = H * (0.3 * 70.0 + 0.1 * 50.0)
    for s, share in enumerate((SRB / (1 + SRB), 1 / (1 + SRB))):
        m = MX[s]
        stay = 0.75 * PEOPLE[s] * np.exp(-0.25 * m)
        up = 0.25 * PEOPLE[s] * np.exp([-0.125 * (m[0] + m[1]), -0.125 * (m[1] + m[2]), -0.25 * m[2]])
        a0 = infant_a0(m[0], ("male", "female")[s])
        q0 = m[0] / (1 + (1 - a0) * m[0])
        born = births * share * (1 - q0 * H**0.3 / 1.3)
        expected = [stay[0] + born, stay[1] + up[0], stay[2] + up[1] + up[2]] + 0.25 * NET[s]
        np.testing.assert_allclose(out[s], expected, rtol=1e-12)


def test_no_time_no_change() -> None:
    people = PEOPLE[None, ..., None]
    assert move_to_start(people, rates(), 0.0, np.ones(1)) is people


@pytest.mark.parametrize(("base", "part"), [
    (date(2020, 11, 1), 61 / 366), (date(2021, 1, 1), 0.0), (date(2019, 7, 1), 184 / 365),
])  # fmt: skip
def test_part_of_the_year(base: date, part: float) -> None:
    start = base.year if part == 0.0 else base.year + 1
    assert year_fraction(base, start) == pytest.approx(part)


def test_remainder_meets_the_total() -> None:
    values, weights = np.array([[0.5], [0.6], [0.4]]), np.array([[10.0], [20.0], [30.0]])
    out = solve_remainder(values, [0, 2], weights, np.array([30.0]))
    assert (out * weights).sum() == pytest.approx(30.0)
    assert out[1, 0] == 0.6 and out[0, 0] / out[2, 0] == pytest.approx(0.5 / 0.4)


def test_net_migrants_of_groups_keep_both_signs() -> None:
    groups = [(0, 4), (5, 9), (10, None)]
    single = split_net(np.array([50.0, -20.0, 8.0]), groups, 21)
    np.testing.assert_allclose([single[:5].sum(), single[5:10].sum(), single[10:].sum()], [50.0, -20.0, 8.0])
    ages = split_net(np.array([1.0, -2.0, 3.0, 4.0]), [(0, 0), (1, 1), (2, 2), (3, None)], 3)
    np.testing.assert_array_equal(ages, [1.0, -2.0, 7.0])
