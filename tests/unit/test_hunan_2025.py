"""What was published of Hunan in 2025 decides, and what was known a year and five years before is judged by it."""

from __future__ import annotations

import numpy as np
import pytest

import demo_sim as ds

NAMES = ("hunan", "hunan-2024", "hunan-2020")


@pytest.fixture(scope="module")
def runs() -> dict[str, ds.Results]:
    changes = {"draws": 24, "period.end": 2026}
    return {name: ds.simulate(ds.load(name).replace(changes), engine="cohort") for name in NAMES}


def test_published_figures_of_2025_decide(runs: dict[str, ds.Results]) -> None:
    rows = runs["hunan"].targets.set_index(["id", "reading"])
    found = rows.loc[("hunan.nursing_bed_share", "indicator")]
    assert (found["actual"], found["verdict"], found["p_met"], found["basis"]) == (0.745, "met", 1.0, "observed")
    assert found["completion"] == pytest.approx(0.745 / 0.55) and found["last_figure"] == 2025
    assert "2025-11-18" in found["actual_source"] and found["driver"] == ""
    # the plan's own wording is another stock, of which nothing is published
    assert np.isnan(rows.loc[("hunan.nursing_bed_share", "plan_text"), "actual"])


def test_standards_of_the_subsistence_allowance_are_read_both_ways(runs: dict[str, ds.Results]) -> None:
    rows = runs["hunan"].targets.set_index(["id", "reading"]).loc["hunan.rural_urban_dibao_ratio"]
    average, floor = rows.loc["indicator"], rows.loc["provincial_floor"]
    assert (average["verdict"], average["last_figure"]) == ("not_assessed", 2023)
    assert (floor["verdict"], floor["last_figure"]) == ("missed", 2025)
    assert floor["actual"] == pytest.approx(485 / 740, abs=5e-4)
    path = runs["hunan"].central.array("plan/indicator")
    first = int(np.flatnonzero(runs["hunan"].targets["id"] == "hunan.rural_urban_dibao_ratio")[0])
    assert float(path.isel(target=first).sel(time=2023)) == pytest.approx(487.42 / 657, abs=5e-4)


@pytest.mark.parametrize(
    ("series", "year", "published"), [("institution_beds", 2025, 192_800), ("orphans", 2025, 7_000)]
)
def test_what_is_not_known_is_a_test(runs: dict[str, ds.Results], series: str, year: int, published: float) -> None:
    found = {name: run.outcomes.set_index(["series", "year"]).loc[(series, year)] for name, run in runs.items()}
    assert {name: row["mark"] for name, row in found.items()} == dict(
        zip(NAMES, ("tied", "tested", "tested"), strict=True)
    )
    assert all(row["published"] == published for row in found.values())
    assert found["hunan"]["difference"] == 0.0
    assert all(abs(found[name]["relative_difference"]) > 0.05 for name in NAMES[1:])


def test_an_earlier_view_has_no_actual_of_a_later_year(runs: dict[str, ds.Results]) -> None:
    for name in NAMES[1:]:
        rows = runs[name].targets
        assert rows["actual"].isna().all() or (rows.loc[rows["actual"].notna(), "year"] <= 2024).all()
        assert not rows["last_figure"].gt(2024).any()
