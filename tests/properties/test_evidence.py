"""Whatever the kind, operator and year: what somebody assumed or borrowed is never counted as a verdict."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_samples import book, indicator, judged, place, quantity, target

from demo_sim.scenario.entries import Indicator
from demo_sim.scenario.quantity import Row

STOCK, FIGURE, WHOLE = "supply.posts", "reported.x", "groups.people"
KINDS: dict[str, Indicator] = {
    "ratio": indicator("ratio", numerator=STOCK, denominator=WHOLE),
    "level": indicator("level", numerator=STOCK),
    "growth": indicator("growth", numerator=STOCK),
    "growth in numbers": indicator("growth", numerator=STOCK, absolute=True),
    "cumulative": indicator("cumulative", numerator=FIGURE),
    "coverage": indicator("coverage", coverage=FIGURE, of=WHOLE),
    "units": indicator("units", coverage=FIGURE, units="workforce.units"),
    "years_of_capacity": indicator("years_of_capacity", numerator=FIGURE, denominator="flows.deaths"),
    "margin": indicator("margin", minuend=FIGURE, subtrahend="services.growth"),
    "rate in place of a stock": indicator("ratio", numerator="supply.none", denominator=WHOLE, rate_else=FIGURE),
}
LEVEL_OF = {
    "ratio": "supply.posts.stock", "level": "supply.posts.stock", "growth": "supply.posts.stock",
    "growth in numbers": "supply.posts.stock",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=25, derandomize=True)
@given(
    status=st.sampled_from(["assumed", "borrowed"]),
    operator=st.sampled_from([">=", "<=", "~", "=="]),
    timing=st.sampled_from(["year_end", "annual", "cumulative", "from"]),
    value=st.floats(0.05, 0.95),
    goal=st.floats(0.05, 0.95),
    width=st.none() | st.floats(0.01, 0.9),
    draws=st.sampled_from([0, 25]),
)
def test_an_assumed_level_never_yields_a_verdict_that_counts(
    kind: str, status: str, operator: str, timing: str, value: float, goal: float, width: float | None, draws: int
) -> None:
    posts = np.linspace(value, value * 1.1, 5) * 100.0
    series = {
        STOCK: np.repeat(posts[:, None], draws + 1, axis=1), WHOLE: [100.0] * 5, "flows.deaths": [np.nan, *[10.0] * 4],
    }  # fmt: skip
    path = LEVEL_OF.get(kind, FIGURE)
    row = Row(value, *((None, None) if width is None else (value * (1.0 - width), value * (1.0 + width))), id=path)
    level = quantity(path, [Row(**{**vars(row), "status": status})])
    others = [quantity("workforce.units", 37.0, "published"), quantity("services.growth", 0.03, "published")]
    aim = target(operator, goal, 2022, timing=timing)
    (found,) = judged(place(aim, indicators=[KINDS[kind]]), book(series, quantities=[level, *others]))
    assert (found["tally"] in ("indicative", "open") and found["verdict"] != "met") or found["tally"] == "indicative"
    if width is None:
        assert found["tally"] == "open" and found["verdict"] == "not_assessed"
        assert found["driver"].startswith("missing: ") and found["missing"]
    seen = quantity(path, [Row(**{**vars(row), "status": "published"})])
    (told,) = judged(place(aim, indicators=[KINDS[kind]]), book(series, quantities=[seen, *others]))
    assert told["tally"] in ("counted", "open") and (told["tally"] == "counted") == (told["verdict"] != "not_assessed")
