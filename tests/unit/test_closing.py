"""The closing table of a plan: every row once, figures apart from what is expected, and ready to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from plan_samples import book, indicator, place, quantity, target

import demo_sim as ds
from demo_sim.plan.closing import closing_columns
from demo_sim.plan.explained import Explained
from demo_sim.plan.verdicts import judge
from demo_sim.report.content import build_report
from demo_sim.report.tree import Table, words
from demo_sim.results.closing_sheet import printed, sheet_name_of, source_of
from demo_sim.results.columns import CLOSING_COLUMNS
from demo_sim.results.tables import tables
from demo_sim.results.workbook import write_workbook

LEVEL = indicator("level", numerator="supply.beds", unit="beds")
OTHER = indicator("level", numerator="supply.nothing", unit="beds").model_copy(update={"id": "y"})
BEDS = {"supply.beds": [100.0, 110.0, 120.0, 130.0, 140.0, 150.0]}


def closed(*targets: Any, **figures: Any) -> dict[str, list[Any]]:
    """Columns of the closing table of a plan of 2020 to 2025."""
    scenario = place(*targets, indicators=[LEVEL, OTHER])
    given = [quantity(f"actual.{name}", years, "published") for name, years in figures.items()]
    scenario.quantities.update({q.path: q for q in given})  # type: ignore[attr-defined]
    where = book(BEDS, quantities=given)
    return closing_columns(scenario, judge(scenario, where, Explained(where.draws)), where.times)


def stage(columns: dict[str, list[Any]], name: str) -> list[dict[str, Any]]:
    """Rows of one stage."""
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    return [row for row in rows if row["stage"] == name]


def test_every_row_of_the_plan_is_there_once() -> None:
    columns = closed(
        target(">=", 120.0, 2025, id="met", unit="beds"),
        target(">=", 200.0, 2025, id="unknown", indicator="y", unit="beds"),
        target("==", 1.0, 2025, id="law", kind="boolean", indicator="reported.law", unit="boolean"),
        target(">=", 500.0, 2023, id="early", unit="beds"),
        x={2025: 140.0},
    )
    final = {row["id"]: row for row in stage(columns, "final")}
    assert list(columns) == list(CLOSING_COLUMNS)
    assert {name: row["outcome"] for name, row in final.items()} == {
        "met": "met", "unknown": "to_fill", "law": "listed", "early": "expected_missed",
    }  # fmt: skip
    found = final["met"]
    assert (found["value"], found["value_is"], found["completion"]) == (140.0, "figure", pytest.approx(140 / 120))
    assert (found["data_source"], found["last_figure"], found["last_value"]) == ("made up", 2025, 140.0)
    assert (final["early"]["value"], final["early"]["value_is"], final["early"]["year"]) == (130.0, "expected", 2023)
    assert np.isnan(final["unknown"]["value"]) and np.isnan(final["unknown"]["completion"])


def test_the_mid_term_lies_two_years_before_the_end_of_the_plan() -> None:
    columns = closed(
        target(">=", 120.0, 2025, id="a", unit="beds"),
        target(">=", 135.0, 2025, id="b", unit="beds"),
        target(">=", 10.0, 2023, id="early", unit="beds"),
    )
    rows = {row["id"]: row for row in stage(columns, "midterm")}
    assert {name: (row["year"], row["value"], row["outcome"]) for name, row in rows.items()} == {
        "a": (2023, 130.0, "expected_reached"), "b": (2023, 130.0, "expected_not_yet"),
    }  # fmt: skip


def test_between_two_figures_nothing_is_done() -> None:
    columns = closed(target(">=", 110.0, 2024, unit="beds"), x={2022: 100.0, 2025: 130.0})
    (row,) = stage(columns, "final")
    assert (row["value"], row["value_is"], row["outcome"]) == (pytest.approx(120.0), "between", "expected_met")
    assert (row["last_figure"], row["last_value"]) == (2025, 130.0)


@pytest.fixture(scope="module")
def hunan() -> ds.Results:
    return ds.simulate(ds.load("hunan").replace({"draws": 20, "period.end": 2026}), engine="cohort")


def test_hunan_is_closed_with_all_its_rows(hunan: ds.Results) -> None:
    rows = hunan.closing
    final = rows[(rows["stage"] == "final") & (rows["reading"] == "indicator")]
    assert len(final) == 157 and final["id"].is_unique and set(rows["plan"]) == {"hunan-2021-2025"}
    done = rows.set_index(["stage", "id", "reading"]).loc[("final", "hunan.nursing_bed_share", "indicator")]
    assert (done["value"], done["outcome"], done["baseline"]) == (0.745, "met", 0.38)
    assert source_of(done.to_dict(), "en").endswith("(China News Service, 2025-11-18)")
    assert "2023年度" not in source_of(done.to_dict(), "zh")  # the source of another year's figure
    waits = rows.set_index(["stage", "id", "reading"]).loc[("final", "hunan.rural_urban_dibao_ratio", "indicator")]
    assert source_of(waits.to_dict(), "zh") == "待填报（社会救助）；2023年为74.2%"


@pytest.mark.parametrize(
    ("lang", "sheet", "done"), [("zh", "规划收官表", "完成"), ("en", "Closing of the plan", "Done")]
)
def test_the_sheet_keeps_numbers_and_leaves_a_column_to_fill(
    hunan: ds.Results, lang: str, sheet: str, done: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.xlsx"
    write_workbook(hunan, tables(hunan, single_ages=False), path, lang)
    found = openpyxl.load_workbook(path)[sheet]
    assert openpyxl.load_workbook(path).sheetnames[0] == sheet
    rows = [row for row in found.iter_rows(min_row=3) if row[0].value == "14"]
    (row,) = rows
    assert [cell.value for cell in row[4:8]] == [0.38, 0.55, 0.745, pytest.approx(74.5 / 0.55)]
    assert (row[8].value, row[10].value) == (done, None)
    assert row[5].number_format == '"≥"0%'
    assert sum(1 for _ in found.iter_rows(min_row=3)) > 157


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_prints_the_closing_table(hunan: ds.Results, lang: str) -> None:
    report = build_report(hunan, lang)
    every = [block for part in (report, report.annex) if part is not None for block in part.all_blocks()]
    found = {block.key: block for block in every if isinstance(block, Table)}
    annex = found["table.closing.final.hunan-2021-2025"]
    assert sum(not row.band for row in annex.rows) == 159  # two rows have a second reading
    chapter = found["table.targets.hunan-2021-2025"]
    texts = [[words(cell.parts, lang) for cell in row.cells] for row in chapter.rows]
    (bed,) = [row for row in texts if row[0] == "14"]
    (area,) = [row for row in texts if row[0] == "6"]
    assert bed[6] == "74.5" and "2025-11-18" in bed[-2] and bed[-1] == ""
    assert area[6].endswith("（预计）" if lang == "zh" else "*")


def test_numbers_of_a_plan_are_written_as_it_prints_them() -> None:
    assert (printed(0.7792, "share"), printed(float("nan"), "beds"), printed(1.0, "boolean")) == ("0.00%", "", "")
    row = {"label_zh": "社会工作专业人才总量(万人)", "label_en": "x", "reading": "plan_text"}
    assert sheet_name_of(row, "zh") == "社会工作专业人才总量（规划原文口径）"


def test_years_without_a_published_population_are_projected(hunan: ds.Results) -> None:
    """Stocks are known to 2025, people to 2024."""
    (section,) = [s for s in build_report(hunan, "en").sections if s.key == "population"]
    tables_ = {block.key: block for block in section.all_blocks() if isinstance(block, Table)}
    assert "years after 2024 are projected" in words(tables_["table.population"].note, "en")
