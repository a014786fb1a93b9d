"""Rates of registered groups after their last known total: held, or along a trend."""

from __future__ import annotations

import numpy as np
import pytest

import demo_sim as ds

TREND = {"value": {2020: 5.0, 2025: 2.0, 2030: 1.0, 2035: 0.5}, "source": "made up", "status": "assumed"}


def groups(**changes: object) -> object:
    held = {"value": 1.0, "source": "made up", "status": "assumed"}
    base = {"draws": 0, "period.end": 2035, "groups.orphans_trend": held}
    return ds.simulate(ds.load("hunan").replace(base | changes), engine="cohort").central


@pytest.fixture(scope="module")
def held() -> object:
    return groups()


def series(central: object, group: str) -> np.ndarray:
    return np.asarray(central.groups.sel(group=group).sum("residence").values).ravel()  # type: ignore[attr-defined]


def test_the_trend_holds_after_the_last_known_total(held: object) -> None:
    """Orphans are known in 2020 and 2025: from then on the rate follows the ratios of the trend."""
    found = series(groups(**{"groups.orphans_trend": TREND}), "orphans") / series(held, "orphans")
    assert found[:6] == pytest.approx(1.0)  # 2020 to 2025
    assert found[10] == pytest.approx(0.5) and found[15] == pytest.approx(0.25)
    assert found[8] == pytest.approx((2.0 - 0.2 * 3) / 2.0)


def test_a_trend_serves_all_groups_of_a_total(held: object) -> None:
    """Destitute persons are one total in three ages, known in 2020 alone."""
    found = groups(**{"groups.tekun_trend": TREND})
    for group in ("tekun", "tekun_0_17", "tekun_18_59", "tekun_60"):
        ratio = series(found, group) / series(held, group)
        assert ratio[0] == pytest.approx(1.0)
        assert ratio[[5, 10, 15]] == pytest.approx([0.4, 0.2, 0.1])


def test_other_groups_stay(held: object) -> None:
    found = groups(**{"groups.orphans_trend": TREND})
    for group in ("tekun", "de_facto", "older_60"):
        assert np.array_equal(series(found, group), series(held, group))
