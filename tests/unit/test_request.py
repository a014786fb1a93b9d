"""The form of figures that the office knows: written, filled in with what it says is needed, read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.errors import InputError

HEAD = 4  # the row that names the columns


def fill(form: Path, column: str, out: Path) -> int:
    """Write each cell of a column into the cell to fill in; how many."""
    book, cells = openpyxl.load_workbook(form), 0
    for sheet in book:
        heads = {cell.value: cell.column for cell in sheet[HEAD]}
        for row in range(HEAD + 1, sheet.max_row + 1):
            value = sheet.cell(row, heads[column]).value
            if value is None:
                value = sheet.cell(row, heads["达标所需"]).value
            if value is not None:
                sheet.cell(row, heads["填报数"]).value = value
                cells += 1
    book.save(out)
    return cells


def with_form(place: str, form: Path, folder: Path) -> ds.Scenario:
    file = folder / f"{form.stem}.yaml"
    text = f"extends: {place}\nname: {form.stem}\nreported: {{form: {form.name}}}\n"
    file.write_text(text, encoding="utf-8")
    return ds.load(file)


@pytest.fixture(scope="module", params=["kaiping", "hunan"])
def form(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    place = str(request.param)
    return place, ds.request_form(place, tmp_path_factory.mktemp(place) / f"{place}.xlsx")


def own(run: ds.Results) -> pd.DataFrame:
    table = run.targets
    return table[(table["tally"] != "reference") & (table["tally"] != "listed")]


def test_every_row_that_could_be_judged_is_decided_by_the_form(form: tuple[str, Path]) -> None:
    place, file = form
    filled = file.with_name("filled.xlsx")
    assert fill(file, "达标所需", filled) > 5
    scenario = with_form(place, filled, file.parent)
    was_known = own(ds.simulate(ds.load(place), engine="cohort"))
    for row in own(ds.simulate(scenario, engine="cohort")).to_dict("records"):
        before = was_known[(was_known["id"] == row["id"]) & (was_known["reading"] == row["reading"])].iloc[0]
        if pd.isna(before["actual"]):
            assert row["verdict"] == "met" and pd.notna(row["actual"]), (row["id"], row["value"], row["driver"])


def test_of_a_later_year_the_central_value_is_the_target(tmp_path: Path) -> None:
    """Figures of a year that is still to come are planned: they decide the value, and close no year."""
    (tmp_path / "county.yaml").write_text(
        'place: "430223"\nname: county\nplan: [national-2026-2030]\n', encoding="utf-8"
    )
    file = ds.request_form(tmp_path / "county.yaml", tmp_path / "county.xlsx")
    for column in ("达标所需", "九成把握所需"):
        filled = tmp_path / "filled.xlsx"
        assert (
            fill(file, column, filled) == 5
        )  # nursing-type beds and all, facilities, life expectancy, urban residents
        run = ds.simulate(with_form("county.yaml", filled, tmp_path), engine="cohort")
        table = run.targets.set_index("id")
        assert table["actual"].isna().all() and (table["year"] == 2030).all()
        if column == "达标所需":
            np.testing.assert_allclose(table["value"], table["target"], rtol=1e-3)
        else:
            urban = table.loc["national.urban_share"]
            assert urban["p_met"] == pytest.approx(0.9, abs=4.0 * urban["p_se"] + 1.0 / run.draws)


WRONG = [
    ("abc", "no number"), (-3, "below 0"), (2.5, "whole number|above 1"), ("12%%", "no number"),
    ("五百", "no number"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "words"), WRONG)
def test_what_cannot_be_is_refused_with_sheet_and_cell(form: tuple[str, Path], value: object, words: str) -> None:
    place, file = form
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    heads = {cell.value: cell.column for cell in sheet[HEAD]}
    sheet.cell(HEAD + 1, heads["填报数"]).value = value
    wrong = file.with_name("wrong.xlsx")
    book.save(wrong)
    with pytest.raises(InputError, match=words) as told:
        with_form(place, wrong, file.parent)
    cell = f"[{sheet.title}] {sheet.cell(HEAD + 1, heads['填报数']).coordinate}"
    assert cell in told.value.render("zh") and told.value.exit_code == 2


def test_a_code_that_was_changed_and_two_figures_of_one_are_refused(form: tuple[str, Path]) -> None:
    place, file = form
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    heads = {cell.value: cell.column for cell in sheet[HEAD]}
    sheet.cell(HEAD + 1, heads["填报数"]).value = 1
    sheet.cell(HEAD + 1, heads["代码"]).value = "别的"
    wrong = file.with_name("changed.xlsx")
    book.save(wrong)
    with pytest.raises(InputError, match="leave that column"):
        with_form(place, wrong, file.parent)


def test_a_part_that_is_more_than_its_whole_is_refused(tmp_path: Path) -> None:
    file = ds.request_form("kaiping", tmp_path / "kaiping.xlsx")
    book = openpyxl.load_workbook(file)
    sheet = book["养老"]
    heads = {cell.value: cell.column for cell in sheet[HEAD]}
    typed = {"figure.supply.institution_beds.nursing [beds]": 901, "figure.supply.institution_beds [beds]": 900}
    cells = {}
    for row in range(HEAD + 1, sheet.max_row + 1):
        code = sheet.cell(row, heads["代码"]).value
        if code in typed:
            cells[code] = sheet.cell(row, heads["填报数"])
            cells[code].value = typed[code]
    book.save(tmp_path / "parts.xlsx")
    with pytest.raises(InputError, match="901 is more than its whole 900") as told:
        with_form("kaiping", tmp_path / "parts.xlsx", tmp_path)
    assert f"[养老] {cells[next(iter(typed))].coordinate}" in told.value.render("zh")


def test_the_verb_writes_and_says_how_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["request", "jiuyuan", "--lang", "en"])
    assert done.exit_code == 0 and (tmp_path / "jiuyuan-request.xlsx").is_file()
    assert "reported: {form: jiuyuan-request.xlsx}" in done.output
