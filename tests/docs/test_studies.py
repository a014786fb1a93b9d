"""The studies of the site run without Sphinx, and what their text says of the results holds."""

from __future__ import annotations

import contextlib
import io
import re
from typing import Any

import matplotlib
from walking import DOCS

import demo_sim as ds

_CELL = re.compile(r"^```\{code-cell\}\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def work_out(name: str) -> dict[str, Any]:
    """Names of a study after all of its cells, with fewer draws."""
    matplotlib.use("agg")
    cells = _CELL.findall((DOCS / "studies" / f"{name}.md").read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells:
            exec(compile(cell.replace("draws = 200", "draws = 40"), name, "exec"), names)
    return names


def test_all_studies_are_tested() -> None:
    assert {file.stem for file in (DOCS / "studies").glob("*.md")} == {
        "ageing_counties",
        "beds_by_definition",
        "training_plan",
    }


def test_beds_under_three_definitions() -> None:
    found = work_out("beds_by_definition")
    value = found["need"]["value"]
    assert value["census 2020"] < value["survey 2021"] < value["survey 2015"]
    assert found["spread"] < found["width"]
    chart = ds.plot.fan(found["runs"]["survey 2021"], "need.nursing_beds.observed", lang="en")
    assert chart._repr_png_().startswith(b"\x89PNG")


def test_counties_that_age() -> None:
    shares = work_out("ageing_counties")["shares"]
    assert len(shares) == 9 and (shares["rise"] > 0.05).all()
    districts = ["430202", "430203", "430211"]
    assert shares.loc[districts, "rise"].max() < shares.drop(districts)["rise"].min()


def test_trainings_raise_the_certified_share() -> None:
    found = work_out("training_plan")["found"]
    assert found["share"].is_monotonic_increasing and found["p(90%)"].is_monotonic_increasing
