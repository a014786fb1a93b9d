"""Tables whose form is right and whose numbers no run can use, and noise of small places that it can."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.demography.mortality import expand_abridged, to_open_age
from demo_sim.errors import InputError
from demo_sim.scenario import load

MINIMAL = Path(__file__).resolve().parents[1] / "bad" / "minimal"


def table(name: str, folder: Path, change: dict[tuple[str, ...], str]) -> str:
    """A table of the minimal scenario with some measures replaced, by the keys of the row; `()` replaces all."""
    first, heading, *rows = (MINIMAL / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    cells = [tuple(row.split(",")) for row in rows]
    new = [",".join([*keys, change.get(tuple(keys), change.get((), value))]) for *keys, value in cells]
    file = folder / f"{name}.csv"
    file.write_text("\n".join([first, heading, *new]) + "\n", encoding="utf-8")
    return f"{name}.table={file.as_posix()}"


def refused(changes: list[str], lang: str = "en") -> str:
    with pytest.raises(InputError) as caught:
        load(MINIMAL / "minimal.yaml", changes)
    return caught.value.render(lang)


def test_a_county_without_people_is_refused(tmp_path: Path) -> None:
    assert "its people sum to 0" in refused([table("population", tmp_path, {(): "0"})])
    assert "more than the people on Earth" in refused([table("population", tmp_path, {("male", "0"): "3e17"})])


def test_rates_that_nobody_dies_or_is_born_by_are_refused(tmp_path: Path) -> None:
    assert "two age groups or more need a rate above 0" in refused([table("mortality", tmp_path, {(): "0"})])
    assert "all fertility rates are 0" in refused([table("fertility", tmp_path, {(): "0"})])


def test_rates_that_end_before_old_age_are_refused_at_their_last_row(tmp_path: Path) -> None:
    rows = (MINIMAL / "mortality.csv").read_text(encoding="utf-8").splitlines()
    short = [
        row for row in rows if not row.split(",")[2:3] or row.split(",")[2][:2] not in ("80", "85", "90", "95", "10")
    ]
    file = tmp_path / "short.csv"
    file.write_text("\n".join(short).replace("75-79", "75+") + "\n", encoding="utf-8")
    text = refused([f"mortality.table={file.as_posix()}"])
    assert "the rates end with 75+" in text
    assert f"short.csv:{next(i for i, row in enumerate(short, 1) if '75-79' in row)}: " in text


def test_births_have_mothers_of_an_age_to_be(tmp_path: Path) -> None:
    file = tmp_path / "asfr.csv"
    file.write_text("year,age,asfr\n2021,0-14,0.001\n2021,15-49,0.03\n2021,50-74,0.0004\n", encoding="utf-8")
    text = refused([f"fertility.table={file.as_posix()}", "period.end=2021"])
    assert "asfr.csv:2: " in text and "nobody of 0-14 gives birth" in text
    assert "asfr.csv:4: " in text


def test_a_table_by_residence_beside_people_without_is_refused(tmp_path: Path) -> None:
    rows = (MINIMAL / "migration.csv").read_text(encoding="utf-8").splitlines()[1:]
    file = tmp_path / "moves.csv"
    body = [f"{row},{place}" for place in ("urban", "rural") for row in rows[1:]]
    file.write_text("\n".join([rows[0] + ",residence", *body]) + "\n", encoding="utf-8")
    assert "tells urban from rural and the base population does not" in refused([f"migration.table={file.as_posix()}"])


@pytest.mark.parametrize("name", ["population", "mortality"])
def test_one_residence_of_two_is_refused(name: str, tmp_path: Path) -> None:
    rows = (MINIMAL / f"{name}.csv").read_text(encoding="utf-8").splitlines()[1:]
    file = tmp_path / "urban.csv"
    file.write_text("\n".join([rows[0] + ",residence", *(f"{row},urban" for row in rows[1:])]) + "\n", encoding="utf-8")
    assert "residence rural is missing" in refused([f"{name}.table={file.as_posix()}"])


def test_a_template_without_people_where_the_table_has_some_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "single.csv"
    cells = [(sex, age) for sex in ("male", "female") for age in range(101)]
    rows = [
        f"2020-07-01,{sex},{age}{'+' if age == 100 else ''},{0 if sex == 'female' and 40 <= age < 45 else 70}"
        for sex, age in cells
    ]
    file.write_text("\n".join(["date,sex,age,population", *rows]) + "\n", encoding="utf-8")
    text = refused([f"population.template={file.as_posix()}"])
    assert "has nobody at female 40-44 on 2020-07-01" in text


def test_groups_without_deaths_stay_without_and_leave_the_others_alone() -> None:
    groups = [(0, 0), (1, 4), (5, 9), (10, 14), (15, 19), (20, None)]
    mx = np.array([0.004, 0.0006, 0.0, 0.0003, 0.0005, 0.01])
    single = expand_abridged(mx, groups, 21)
    assert (single[5:10] == 0.0).all()
    assert single[10:15] == pytest.approx(0.0003, rel=0.35)
    assert single[1:5].mean() == pytest.approx(0.0006, rel=0.5)


def test_noise_of_a_few_old_people_is_taken_as_death_within_the_year() -> None:
    mx = np.tile(np.exp(np.linspace(-9.0, -0.7, 111)), (2, 1))
    mx[0, 103], mx[0, 107], mx[1, 110] = 5.5, 0.0, 0.0
    closed = to_open_age(mx, 100)
    assert closed.shape == (2, 101)
    assert 0.2 < closed[0, 100] < 1.0
    assert 0.2 < closed[1, 100] < 0.7
    assert to_open_age(mx, 110).max() == 2.0
    assert to_open_age(mx, 110)[1, 110] == mx[1, 109]


def test_a_small_county_with_empty_cells_and_noise_runs(tmp_path: Path) -> None:
    change = {("2021", "male", "5-9"): "0", ("2021", "female", "0"): "0", ("2021", "female", "95-99"): "1.34"}
    results = ds.simulate(load(MINIMAL / "minimal.yaml", [table("mortality", tmp_path, change)]), engine="cohort")
    deaths = float(results.central.flows.sel(flow="deaths", year=2023).sum())
    plain = ds.simulate(load(MINIMAL / "minimal.yaml"), engine="cohort").central.flows
    assert deaths == pytest.approx(float(plain.sel(flow="deaths", year=2023).sum()), rel=0.1)
