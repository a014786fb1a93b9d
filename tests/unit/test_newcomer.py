"""A newcomer's county: what is read of files as an office has them, and where it goes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from office_form import form
from table_shapes import AGES, PEOPLE, Cells, chinese, write_book, write_text

import demo_sim as ds

OFFICE = Path(__file__).resolve().parents[2] / "examples" / "office"
TIMES = {"urban": 5, "rural": 7}  # of the small table, so that the county has 601,920 people


def people(path: Path) -> None:
    """Residents by residence, sex and age in 万人, under merged heads."""
    rows: Cells = [["某县2020年分城乡、性别、年龄的常住人口", *[""] * 9], ["单位：万人", *[""] * 9]]
    rows += [["年龄", "合计", "", "", "城镇", "", "", "乡村", "", ""], ["", *["小计", "男", "女"] * 3]]

    def row(name: str, ages: list[str]) -> list[object]:
        out: list[object] = [name]
        for times in (sum(TIMES.values()), *TIMES.values()):
            men, women = (times * sum(PEOPLE[sex][age] for age in ages) / 1e4 for sex in ("male", "female"))
            out += [round(n, 4) for n in (men + women, men, women)]
        return out

    rows += [row("合计", AGES), *(row(chinese(age), [age]) for age in AGES)]
    merged = ((0, 0, 0, 9), (2, 0, 3, 0), (2, 1, 2, 3), (2, 4, 2, 6), (2, 7, 2, 9))
    write_book(rows, path, merged, "分城乡")


def office(folder: Path) -> None:
    """The three files of the tutorial; `tests/docs` runs its commands."""
    shutil.copytree(OFFICE, folder, dirs_exist_ok=True)


def test_people_of_another_year_are_not_taken_for_those_of_the_base(tmp_path: Path) -> None:
    people(tmp_path / "人口.xlsx")
    folder = tmp_path / "county"
    folder.mkdir()
    (folder / "county.yaml").write_text('place: "430223"\n', encoding="utf-8")
    assert "\npopulation:\n  table: population.csv" in written(tmp_path / "人口.xlsx", folder)
    rows: Cells = [["某县2023年末人口", "", ""], ["年龄", "男（人）", "女（人）"]]
    rows += [[chinese(age), PEOPLE["male"][age], PEOPLE["female"][age]] for age in AGES]
    write_book(rows, tmp_path / "later.xlsx")
    text = written(tmp_path / "later.xlsx", folder)
    assert "\npopulation:" not in text and "# period: {base: 2023-12-31, start: 2024, end: 2035}" in text


def written(file: Path, folder: Path) -> str:
    ds.import_table(file, kind="population", out=folder)
    ds.load(folder / "imported.yaml")
    return (folder / "imported.yaml").read_text(encoding="utf-8")


def test_imports_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file at a time gives what all together give; a file imported again replaces its own figures."""
    office(tmp_path)
    monkeypatch.chdir(tmp_path)
    for folder in ("together", "apart"):
        Path(folder).mkdir()
        (Path(folder) / "county.yaml").write_text('place: "430223"\n', encoding="utf-8")
    files = ["人口.xlsx", "床位.csv", "季报.xlsx"]
    ds.import_table(*files, out="together")
    for file in files:
        read = ds.import_table(file, out="apart")
    assert any("此前读入的一并保留：population.csv、床位.csv" in line for line in read.lines())
    for name in ("population.csv", "figures.csv", "imported.yaml"):
        one, other = ((Path(folder) / name).read_text(encoding="utf-8-sig") for folder in ("together", "apart"))
        assert one.splitlines()[1:] == other.splitlines()[1:], name
    write_text([["指标", "单位", "2024年末"], ["养老护理员", "人", 500]], Path("床位.csv"), "gbk")
    ds.import_table("床位.csv", out="apart")
    assert ds.load("apart/imported.yaml")["supply.caregivers.stock"].rows[0].value == 500
    figures = Path("apart/figures.csv")
    figures.write_text(figures.read_text(encoding="utf-8").replace(",2024,", ",x,"), encoding="utf-8")
    with pytest.raises(ds.InputError, match="was changed and cannot be read"):
        ds.import_table("床位.csv", out="apart")


def test_figures_are_reported_unless_a_note_names_the_publisher(tmp_path: Path) -> None:
    rows: Cells = [["指标", "单位", "2024年末"], ["养老护理员", "人", 500], ["来源：某市民政局统计公报", "", ""]]
    write_text(rows, tmp_path / "公报.csv", "gbk")
    write_book(form(), tmp_path / "季报.xlsx", name="季报")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "county.yaml").write_text('place: "430223"\n', encoding="utf-8")
    ds.import_table(tmp_path / "公报.csv", tmp_path / "季报.xlsx", out=tmp_path / "out")
    ds.import_table(tmp_path / "季报.xlsx", out=tmp_path / "out")  # what was read before keeps its publisher
    scenario = ds.load(tmp_path / "out" / "imported.yaml")
    assert scenario["supply.caregivers.stock"].status == "published"
    assert scenario["supply.caregivers.stock"].source.startswith("某市民政局统计公报，公报.csv")
    assert scenario["groups.orphans"].status == "reported"


def test_of_two_months_of_a_year_the_later_counts(tmp_path: Path) -> None:
    for month, orphans in (("2024年12月", 96), ("2024年9月", 99)):
        rows = form(month)
        next(row for row in rows if row[0] == "（2）孤儿")[3] = orphans
        write_book(rows, tmp_path / f"{month}.xlsx")
    ds.import_table(tmp_path / "2024年12月.xlsx", tmp_path / "2024年9月.xlsx", out=tmp_path / "out")
    assert "orphans: {value: {2024: 96}" in (tmp_path / "out" / "imported.yaml").read_text(encoding="utf-8")
