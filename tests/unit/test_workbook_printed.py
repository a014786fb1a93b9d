"""The workbook: the report's tables first and ready to print, then data without ids and empty columns."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

import demo_sim as ds
from demo_sim.report.content import build_report
from demo_sim.report.printed import entry, report_pages
from demo_sim.report.tree import Cell, Number, Table, words
from demo_sim.results import Results
from demo_sim.results.rounding import MINUS
from demo_sim.results.tables import tables
from demo_sim.results.workbook import write_workbook
from demo_sim.results.workbook_pages import PageCell, sheet_name

ID = re.compile(r"[a-z][a-z_0-9]*(\.[a-z][a-z_0-9]*)+")


@pytest.fixture(scope="module")
def run() -> Results:
    return ds.simulate(ds.load("hunan").replace({"draws": 24, "period.end": 2026}), engine="cohort")


@pytest.fixture(scope="module", params=["zh", "en"])
def book(run: Results, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    path: Path = tmp_path_factory.mktemp("book") / "tables.xlsx"
    lang = request.param
    write_workbook(run, tables(run, single_ages=False), path, lang, report_pages(build_report(run, lang)))
    return lang, openpyxl.load_workbook(path)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((Number(13_204_567.0, "persons", 1, scale=1e4, bare=True, tail=""),), PageCell(1320.5, "#,##0.0")),
        ((Number(-3.61, "other", 2, bare=True, tail=""),), PageCell(-3.61, "#,##0.00")),
        ((Number(0.594, "pp", 1, scale=0.01, bare=True, signed=True, tail=""),), PageCell(59.4, "+#,##0.0")),
        (("≥", Number(0.55, "share", 0)), PageCell(0.55, '"≥"#,##0%')),
        ((Number(12.0, "other", 0, bare=True, tail=""), "†"), PageCell(12.0, '#,##0"†"')),
        ((Number(float("nan"), "persons"),), PageCell("–")),
        (("2025",), PageCell(2025.0, "0")),
        (("2026—2030",), PageCell("2026—2030")),
    ],
)  # fmt: skip
def test_a_cell_becomes_the_number_that_is_printed(parts: tuple, expected: PageCell) -> None:
    assert entry(Cell(parts), "zh") == expected


def test_sheet_names_are_such_as_excel_takes() -> None:
    assert sheet_name("表1 甲/乙[丙]", []) == "表1 甲 乙 丙"
    long = "Table 1 " + "x" * 40
    first = sheet_name(long, [])
    assert len(first) == 31 and sheet_name(long, [first]) != first and len(sheet_name(long, [first])) <= 31


def test_figures_are_those_of_the_document(book, run: Results) -> None:
    """Every cell of every table of the chapter stands in its sheet, as a number of the same digits."""
    lang, found = book
    report = build_report(run, lang)
    blocks = [block for block in report.all_blocks() if isinstance(block, Table)]
    sheets = found.worksheets[1 : 1 + len(blocks)]
    compared = 0
    for table, sheet in zip(blocks, sheets, strict=True):
        assert table.caption in sheet["A1"].value
        there = [_shown(cell) for line in sheet.iter_rows(min_row=2) for cell in line if cell.value is not None]
        for row in table.rows:
            for cell in row.cells:
                text = words(cell.parts, lang).strip()
                if text:
                    assert text in there, (table.key, text)
                    compared += 1
    assert compared > 500


def _shown(cell) -> str:
    """A cell as Excel shows it."""
    if isinstance(cell.value, str):
        return cell.value.strip()
    code = cell.number_format
    body = re.sub('"[^"]*"', "", code)
    before, after = (m.strip('"') for m in re.fullmatch(r'("[^"]*")?[^"]*("[^"]*")?', code).groups(default=""))
    value = cell.value * (100 if "%" in body else 1)
    digits = len(body.replace("%", "").partition(".")[2])
    number = f"{abs(value):{',' if '#,##0' in body else ''}.{digits}f}"
    sign = MINUS if value < 0 else "+" if body.startswith("+") else ""
    return f"{before}{sign}{number}{'%' if '%' in body else ''}{after}".strip()


def test_years_are_columns_and_ages_add_up(book) -> None:
    lang, found = book
    people, ages = found.worksheets[1:3]
    assert [cell.value for cell in people[2]][1:4] == [2020, 2021, 2022] or people["B2"].value == "2020"
    rows = {line[0]: line[1:] for line in ages.iter_rows(min_row=3, values_only=True) if line[0]}
    total = rows["合计" if lang == "zh" else "Total"]
    parts = list(rows.values())[:3]
    known = [i for i, value in enumerate(total) if value != "—"]  # years as published have no sum
    assert [total[i] for i in known] == [pytest.approx(sum(part[i] for part in parts), abs=1e-6) for i in known]
    assert len(known) == 3
    everyone = {cell.value: row.value for cell, row in zip(people[2], people[3], strict=True)}
    assert total[0] == pytest.approx(everyone["2020"], abs=0.06)


def test_sheets_to_print_are_a4_and_data_sheets_print_nothing(book) -> None:
    lang, found = book
    first = found.worksheets[0]
    assert ("不随工作簿打印" if lang == "zh" else "do not print") in " ".join(
        str(cell.value) for line in first.iter_rows() for cell in line if cell.value
    )
    listed = [line[0] for line in first.iter_rows(values_only=True) if line[0] in found.sheetnames]
    assert listed == found.sheetnames[1:]
    data = 0
    for sheet in found.worksheets[1:]:
        kind = next(line[1] for line in first.iter_rows(values_only=True) if line[0] == sheet.title)
        if kind in ("数据表（不打印）", "Data (not printed)"):
            data += 1
            column = re.search(r"\$([A-Z]+)\$1", sheet.print_area).group(1)
            assert openpyxl.utils.column_index_from_string(column) > sheet.max_column
            assert sheet.freeze_panes == "A2"
        else:
            setup = sheet.page_setup
            assert (setup.orientation, str(setup.paperSize), setup.fitToHeight) == ("landscape", "9", 0)
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert data >= 8


def test_data_have_no_ids_and_no_empty_column(book) -> None:
    lang, found = book
    first = found.worksheets[0]
    kinds = {line[0]: line[1] for line in first.iter_rows(values_only=True)}
    inputs = "参数" if lang == "zh" else "Inputs"  # named by where they are set, which is how they are changed
    for sheet in found.worksheets:
        if kinds.get(sheet.title) not in ("数据表（不打印）", "Data (not printed)"):
            continue
        for line in sheet.iter_cols(values_only=True):
            assert any(value is not None for value in line[1:]), (sheet.title, line[0])
            if sheet.title != inputs:
                odd = [value for value in line if isinstance(value, str) and ID.fullmatch(value)]
                assert not odd, (sheet.title, line[0], odd[:3])
