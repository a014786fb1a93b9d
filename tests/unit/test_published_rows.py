"""Figures as published stand below those of the projection, marked, known to the run, in no sum."""

from __future__ import annotations

import math

import pytest

import demo_sim as ds
from demo_sim.report.content import build_report
from demo_sim.report.printed import report_pages
from demo_sim.report.tree import Table, words

# Hunan Bureau of Statistics, in ten thousands
BIRTHS = {2021: "47.30", 2022: "41.20", 2023: "39.50", 2024: "38.60"}
OLDER_60 = {2021: "1,310.00", 2022: "1,376.00", 2023: "1,460.40", 2024: "1,536.00"}


def run_of(name: str) -> ds.Results:
    return ds.simulate(ds.load(name).replace({"draws": 0}), engine="cohort")


@pytest.fixture(scope="module")
def hunan() -> ds.Results:
    return run_of("hunan")


def table(run: ds.Results, key: str, lang: str = "zh") -> Table:
    return next(b for b in build_report(run, lang).all_blocks() if isinstance(b, Table) and b.key == key)


def published(found: Table, head: str) -> dict[int, str]:
    """Cells of the rows that are marked, by year."""
    column = next(i for i, c in enumerate(found.columns) if c.head.startswith(head))
    rows = [[words(cell.parts, "zh") for cell in row.cells] for row in found.rows]
    assert [row[0].isdecimal() for row in rows] == sorted((row[0].isdecimal() for row in rows), reverse=True)
    return {int(row[0].removesuffix("公布")): row[column] for row in rows if row[0].endswith("公布")}


def test_births_and_older_people_are_printed_as_published(hunan: ds.Results) -> None:
    assert published(table(hunan, "table.population"), "出生") == BIRTHS
    ages = table(hunan, "table.ages")
    assert published(ages, "60岁及以上（") == OLDER_60
    assert published(ages, "其中65岁及以上")[2021] == "1,024.00" and published(ages, "其中65岁及以上")[2023] == "—"
    assert published(ages, "其中80岁及以上")[2023] == "213.07"
    assert published(ages, "60岁及以上占比")[2024] == "23.5"  # 1,536 of 6,539
    assert "不参与合计" in words(ages.note, "zh")


def test_every_published_figure_of_people_is_there(hunan: ds.Results) -> None:
    told = hunan.outcomes[hunan.outcomes["series"].isin(["births", "deaths", "population"])]
    for series, head in (("births", "出生"), ("deaths", "死亡"), ("population", "常住人口")):
        shown = published(table(hunan, "table.population"), head)
        own = told[told["series"] == series].set_index("year")["published"]
        assert own.size
        for year, value in own.items():
            if int(str(year)) <= int(hunan.attrs["known_until"]):
                assert float(shown[int(str(year))].replace(",", "")) == pytest.approx(value / 1e4, abs=0.051)


@pytest.mark.parametrize("name", ["hunan-2020", "kaiping"])
def test_what_a_run_did_not_know_is_not_printed(name: str) -> None:
    """Outcomes of later years are a test in the annex; a place without figures has no such rows."""
    run = run_of(name)
    for key in ("table.population", "table.ages"):
        found = table(run, key)
        assert published(found, "") == {} and "公布" not in words(found.note, "zh")


def test_the_printed_sheet_has_them_as_columns_and_its_total_leaves_them_out(hunan: ds.Results) -> None:
    _, pages = report_pages(build_report(hunan, "zh"))
    page = next(page for page in pages if "年龄构成" in page.title)
    at = page.heads.index("2023公布")
    lines = {str(row[0].value): row for row in page.rows if not isinstance(row, str)}
    total, older = lines["合计"], next(row for name, row in lines.items() if name.startswith("60岁及以上（"))
    assert total[at].value == "—" and older[at].value == pytest.approx(1460.4)
    known = page.heads.index("2025")
    parts = [row[known].value for name, row in lines.items() if name.startswith(("0—14", "15—59", "60岁及以上（"))]
    assert math.isclose(float(total[known].value), sum(map(float, parts)), abs_tol=1e-6)
