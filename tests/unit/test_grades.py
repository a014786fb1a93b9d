"""Grades of health that a scenario reads as levels of ability, and tables that take the place of a formula."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.errors import InputError

GRADES = "{good: intact, fair: intact, poor but able: mild, unable: total}"
SHARES = {"good": 0.44, "fair": 0.33, "poor but able": 0.18, "unable": 0.05}
WIDE = "age,good,fair,poor but able,unable\n" + "".join(
    f"{age}," + ",".join(map(str, SHARES.values())) + "\n" for age in ("60-74", "75+")
)
LONG = "age,function,prevalence\n" + "".join(
    f"{age},{grade},{share}\n" for age in ("60-74", "75+") for grade, share in SHARES.items()
)


def scenario(folder: Path, rows: str = LONG, grades: str = GRADES) -> Path:
    (folder / "health.csv").write_text(rows, encoding="utf-8")
    file = folder / "mine.yaml"
    told = f", grades: {grades}" if grades else ""
    file.write_text(
        "extends: jiuyuan\nname: mine\nfunction:\n  definition: self-rated health\n"
        f"  prevalence: {{table: health.csv{told}}}\n",
        encoding="utf-8",
    )
    return file


def test_grades_that_share_a_level_are_added(tmp_path: Path) -> None:
    """The file extends one whose prevalence is a formula: the table takes its place without a word more."""
    columns = ds.load(scenario(tmp_path)).tables["function.prevalence.table"].columns
    found = dict(zip(zip(columns["age"], columns["function"], strict=True), columns["prevalence"], strict=True))
    for age in ((60, 74), (75, None)):
        assert found[age, "intact"] == pytest.approx(0.77) and found[age, "mild"] == 0.18
        assert found[age, "total"] == 0.05
    run = ds.simulate(ds.load(scenario(tmp_path)).replace({"draws": 0, "plan": [], "period.end": 2022}))
    summary = run.central.summary
    older = [g for g in summary["age_group"].values.tolist() if int(g.rstrip("+").partition("-")[0]) >= 60]
    levels = summary.sel(age_group=older).sum([d for d in summary.dims if d not in ("time", "function")])
    shares = levels / levels.sum("function")
    np.testing.assert_allclose(shares.sel(function="total"), 0.05, rtol=1e-9)
    np.testing.assert_allclose(shares.sel(function="severe"), 0.0, atol=1e-12)


@pytest.mark.parametrize(
    ("grades", "word"),
    [
        ("", "say under function.prevalence"),
        (GRADES.replace("unable: total", "helpless: total"), 'no grade "helpless"'),
        (GRADES.replace("mild", "mildly"), "did you mean .mild."),
        ("{good: intact, fair: intact, poor but able: mild}", "unable"),
    ],
)
def test_a_grade_that_is_wrong_is_told_with_the_right_ones(tmp_path: Path, grades: str, word: str) -> None:
    with pytest.raises(InputError, match=word):
        ds.load(scenario(tmp_path, grades=grades))


@pytest.mark.parametrize(
    ("block", "rows", "gone"),
    [
        ("mortality", "year,sex,age,mx\n", ("e0", "standard", "old_age_tilt")),
        ("fertility", "year,age,asfr\n", ("tfr", "schedule")),
    ],
)
def test_a_table_takes_the_place_of_a_formula_of_the_file_below(
    tmp_path: Path, block: str, rows: str, gone: tuple[str, ...]
) -> None:
    if block == "mortality":
        rows += "".join(
            f"{year},{sex},{age},{0.001 * 1.09 ** min(i, 70)}\n"
            for year in (2021, 2035)
            for sex in ("male", "female")
            for i, age in enumerate([*range(100), "100+"])
        )
    else:
        rows += "".join(f"{year},{age},0.03\n" for year in (2021, 2035) for age in range(15, 50))
    (tmp_path / "own.csv").write_text(rows, encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(f"extends: jiuyuan\nname: mine\n{block}: {{table: own.csv, interpolate: true}}\n", encoding="utf-8")
    for loaded in (
        ds.load(file),
        ds.load("jiuyuan", [f"{block}.table={(tmp_path / 'own.csv').as_posix()}", f"{block}.interpolate=true"]),
    ):
        assert f"{block}.table" in loaded.tables
        assert not [key for key in gone if f"{block}.{key}" in loaded.quantities]


def test_a_table_and_a_formula_of_one_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("year,age,asfr\n2021,15-49,0.03\n", encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text("extends: jiuyuan\nname: mine\nfertility: {table: own.csv, tfr: 1.2}\n", encoding="utf-8")
    with pytest.raises(InputError, match="exclude each other"):
        ds.load(file)
