"""A user's own resources, stocks and targets stand in the charts and the chapter, in their place; no id is known."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pandas as pd
import pytest

import demo_sim as ds
from demo_sim import plot
from demo_sim.report.content import build_report, hang
from demo_sim.report.tree import Paragraph, Picture, Section, Table

SOURCE = Path(ds.__file__).parent
RESOURCES = {
    "respite_beds": "label: {zh: 喘息床位, en: Respite beds}\nunit: beds\nsubject: beds\nrank: 1\n"
    "supply: respite_beds\nneeds: {observed: {where: {age: 70+}, times: [services.respite]}}\n",
    "night_nurses": "label: {zh: 夜班护士, en: Night nurses}\nunit: persons\nsubject: staff\nrank: 90\n"
    "supply: night_nurses\nneeds: {normative: {where: {age: 80+}, times: [services.night]}}\n",
    "night_nurses_away": "label: {zh: 夜班护士（在外）, en: Night nurses away}\nunit: persons\nsubject: staff\n"
    "rank: 91\ndetail: true\nneeds: {normative: {where: {age: 80+}, times: [services.night]}}\n",
}
INDICATOR = (
    "id: respite_per_1000\nlabel: {zh: 每千名老年人喘息床位, en: 'Respite beds per 1,000 older people'}\nunit: ratio\n"
    "kind: ratio\nnumerator: supply.respite_beds\ndenominator: groups.older_60\nper: 1000\ntakes: [build]\n"
    "definition: {zh: 喘息床位与60岁及以上人口之比, en: Respite beds over residents of 60 and over}\n"
)
TARGET = (
    "  - {{id: own.respite_{year}, label: {{zh: 每千名老年人喘息床位, en: Respite beds}}, indicator: respite_per_1000,"
    " operator: '>=', value: {value}, unit: ratio, year: {year}}}\n"
)
PLAN = "id: {id}\ntitle: {id}\ndocument: 某县规划\npublisher: 某县民政局\ntargets:\n"
SCENARIO = """catalog: [catalog]
extends: '430223'
name: own
plan: [own-2021-2025, own-2026-2030]
services:
  respite: {value: 0.002, source: 某县, status: reported}
  night: {value: 0.001, source: 某县, status: reported}
supply:
  respite_beds:
    kind: beds
    stock: {2020: 40}
    closure: 0.05
    pipeline: {openings_per_year: 5}
    source: 某县民政局
    status: reported
  night_nurses:
    kind: staff
    stock: {2020: 10}
    turnover: 0.1
    added: 2
    source: 某县民政局
    status: reported
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ds.Results:
    folder = tmp_path_factory.mktemp("own")
    for kind in ("resources", "indicators", "plans"):
        (folder / "catalog" / kind).mkdir(parents=True)
    for name, text in RESOURCES.items():
        (folder / f"catalog/resources/{name}.yaml").write_text(f"id: {name}\n{text}", encoding="utf-8")
    (folder / "catalog/indicators/respite.yaml").write_text(INDICATOR, encoding="utf-8")
    for name, goals in (("own-2021-2025", {2023: 0.3, 2025: 0.4}), ("own-2026-2030", {2030: 2.0})):
        targets = "".join(TARGET.format(year=year, value=value) for year, value in goals.items())
        (folder / f"catalog/plans/{name}.yaml").write_text(PLAN.format(id=name) + targets, encoding="utf-8")
    (folder / "own.yaml").write_text(SCENARIO, encoding="utf-8")
    return ds.simulate(ds.load(folder / "own.yaml").replace({"draws": 0}), engine="cohort")


def resources_of(table: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(table["resource"]))


def test_own_beds_and_staff_stand_among_those_of_the_catalogue_by_rank(run: ds.Results) -> None:
    # ranks 1, 1, 2, 3 of the subject beds: of one rank by id
    beds = [name for name in resources_of(plot.beds.numbers(run))]
    assert beds == ["institution_beds", "respite_beds", "nursing_beds", "home_care_beds"]
    staff = resources_of(plot.workforce.numbers(run))
    assert staff[:2] == ["caregivers", "night_nurses"] and "night_nurses_away" not in staff
    numbers = plot.beds.numbers(run)
    own = numbers[(numbers["resource"] == "respite_beds") & (numbers["series"] == "supply") & (numbers["year"] == 2021)]
    assert own["value"].item() == pytest.approx(40 * 0.95 + 5, rel=0.01)
    figures = plot.figures(run, "en", ["beds", "workforce"])
    assert figures["beds"].pages == 2  # three would not hold four
    titles = [ax.get_title(loc="left") for name in ("beds", "beds_2") for ax in figures[name].axes]
    assert titles == [
        "Beds in care institutions", "Respite beds", "Nursing-type beds in institutions", "Home-care beds",
    ]  # fmt: skip


def test_own_stock_of_beds_has_its_pipeline(run: ds.Results) -> None:
    table = plot.bed_pipeline.numbers(run)
    assert "respite_beds" in set(table["stock"])
    opened = table[(table["stock"] == "respite_beds") & (table["series"] == "openings")]
    assert (opened["value"] == 5.0).all()


def test_own_target_of_the_newest_plan_has_its_gap(run: ds.Results) -> None:
    table = plot.closing_gap.numbers(run)
    targets = [case for case in dict.fromkeys(table["case"]) if not case.startswith("need.")]
    assert targets == ["own.respite_2030"]  # not 0.4 of 2025
    own = table[table["case"] == "own.respite_2030"]
    older = float(run.central.groups.sel(group="older_60", time=2030).sum("residence"))
    goal = own[own["kind"] == "goal"]
    assert goal["value"].item() == pytest.approx(2.0 * older / 1000, abs=1.0)
    assert goal["step"].item() == "目标：2|Target: 2"
    assert own.loc[own["kind"] == "gap", "step"].item() == "还需新建|Still to add"
    assert "need.night_nurses" in set(table["case"]) or "need.respite_beds" in set(table["case"])


def test_own_indicator_has_its_path_with_its_dated_targets(run: ds.Results) -> None:
    table = plot.target_paths.numbers(run)
    marks = table[(table["series"] == "target") & table["id"].str.startswith("own.")]
    assert marks[["year", "value"]].to_numpy().tolist() == [[2023, 0.3], [2025, 0.4], [2030, 2.0]]


def test_own_resources_and_targets_stand_in_the_tables_of_the_chapter(run: ds.Results) -> None:
    report = build_report(run)
    tables = {b.key: b for s in report.sections for b in s.blocks if isinstance(b, Table)}
    heads = {}
    for key, table in tables.items():
        heads[key] = ["".join(str(part) for part in row.cells[0].parts) for row in table.rows]
    need = [head for head in heads["table.need"] if head]
    at = {
        name: need.index(name)
        for name in ("养老机构床位", "喘息床位", "护理型床位（养老机构）", "养老护理员（机构）", "夜班护士")
    }
    assert list(at.values()) == sorted(at.values())
    assert "夜班护士（在外）" not in need
    assert "喘息床位" in heads["table.gap"] and "夜班护士" in heads["table.gap"]
    told = "".join(str(part) for s in report.sections for b in s.blocks if isinstance(b, Paragraph) for part in b.parts)
    assert "喘息床位" in told


def test_the_chapter_has_the_first_page_of_a_chart_and_the_annex_the_rest(run: ds.Results) -> None:
    report = build_report(run)
    hang(report, {"ageing": "", "beds": "", "beds_2": "", "closing_gap": "", "closing_gap_2": ""})

    def hung(sections: list[Section]) -> dict[str, str]:
        return {block.name: s.key for s in sections for block in s.blocks if isinstance(block, Picture)}

    assert hung(report.sections) == {"ageing": "summary", "beds": "supply", "closing_gap": "measures"}
    assert report.annex is not None
    assert hung(report.annex.sections) == {"beds_2": "supply", "closing_gap_2": "answers"}


# Why a word that is also an id may stand in the code of plot and report.
REASONS = {
    "households": "a unit of counting, beside persons",
    "urban_residents": "the urban column of the table of residents, which is that of the state",
    "older_60": "all older people, of whom the living arrangements are shares",
    "older_alone": "a chart of the census question on living arrangements, whose words an empty nest is made of",
    "older_couple": "likewise",
    "older_with_child": "likewise",
    "older_with_grandchild": "likewise",
    "community_workers": "name of a chart of the last release",
    "certified_caregivers": "name of a chart of the last release",
}
_ONE_WORD = re.compile(r"[A-Za-z0-9_.]+")


def strings(file: Path) -> list[tuple[int, str]]:
    """String constants of a file that are one word or dotted path, with their lines; no text, no docstring."""
    nodes = [n for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.Constant)]
    return [(n.lineno, n.value) for n in nodes if isinstance(n.value, str) and _ONE_WORD.fullmatch(n.value)]


def test_no_id_of_the_catalogue_stands_in_the_code_of_charts_and_reports() -> None:
    entries = ds.load("hunan").catalog
    ids = {*entries.resources, *entries.populations, *entries.indicators}
    assert len(ids) > 100
    found: dict[str, list[str]] = {}
    for folder in ("plot", "report"):
        for file in sorted((SOURCE / folder).rglob("*.py")):
            for line, words in strings(file):
                for word in ids & set(words.split(".")):
                    found.setdefault(word, []).append(f"{file.relative_to(SOURCE)}:{line}")
    unknown = {word: places for word, places in found.items() if word not in REASONS}
    assert not unknown, f"ids of the catalogue in the code: {unknown}"
    assert not set(REASONS) - set(found), "exceptions that nothing needs any more"
