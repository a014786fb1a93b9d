"""The office's statistical form and its own figures: rows known by name, codes a check, the rest listed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner
from office_form import ROWS, UNKNOWN, form
from table_shapes import Cells, write_book, write_text

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.imported_scenario import Found
from demo_sim.scenario.forms import read_forms
from demo_sim.scenario.messages import Problems

CODE = {name: number for name, _, _, number in ROWS}


def known(figures: list[Found]) -> dict[tuple[str, int], float]:
    return {(one.row.id, one.figure.year): one.figure.value for one in figures if one.row is not None}


def lines(arguments: list[str], lang: str = "zh") -> tuple[int, list[str]]:
    outcome = CliRunner().invoke(cli, ["import", *arguments, "--lang", lang])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    return outcome.exit_code, outcome.output.splitlines()


def test_a_form_of_sixty_rows(tmp_path: Path) -> None:
    assert len(ROWS) == 60
    write_book(form(), tmp_path / "季报.xlsx", ((0, 0, 0, 6),), "季报")
    read = ds.import_table(tmp_path / "季报.xlsx")
    numbers = [row for row in ROWS if row[3] != ""]
    assert len(read.figures) == len(numbers)
    assert [one.figure.name for one in read.figures if one.row is None] == UNKNOWN
    found = known(read.figures)
    assert found["institution_beds", 2024] == 4052 and found["institution_residents", 2024] == 1702
    assert found["tekun_urban", 2024] == 310 and found["tekun_rural", 2024] == 4207
    assert found["orphans", 2024] == 96 and found["orphans_institutions", 2024] == 21
    assert found["orphans_dispersed", 2024] == 75
    assert found["living_allowance", 2024] == 5310 and found["care_allowance", 2024] == 6008
    assert found["dibao_urban", 2024] == 2410 and found["dibao_rural_households", 2024] == 8104
    assert found["children_in_difficulty", 2024] == 2205 and found["de_facto", 2024] == 227
    assert found["associations", 2024] == 88 and found["marriages", 2024] == 3012
    assert found["expenditure_relief", 2024] == 20_410.7e4  # under expenditure, not the heading further down


def test_rows_that_are_not_known_are_listed(tmp_path: Path) -> None:
    write_text(form(), tmp_path / "季报.csv", "gbk")
    code, printed = lines([str(tmp_path / "季报.csv"), "--out", str(tmp_path / "out")])
    assert code == 0
    for name in UNKNOWN:
        assert any("不认得" in line and name in line for line in printed), name
    code, printed = lines([str(tmp_path / "季报.csv"), "--out", str(tmp_path / "out")], "en")
    assert code == 0 and any("row 65 is not known" in line and "某项新设指标 7 个" in line for line in printed)
    with (tmp_path / "out" / "figures.csv").open(encoding="utf-8-sig") as opened:
        rows = list(csv.DictReader(line for line in opened if not line.startswith("#")))
    assert [row["name"] for row in rows if not row["id"]] == UNKNOWN
    assert {row["row"] for row in rows if row["name"] == UNKNOWN[1]} == {"65"}


def test_rows_of_the_user_are_known_too(tmp_path: Path) -> None:
    write_book(form(), tmp_path / "季报.xlsx")
    folder = tmp_path / "out" / "catalog" / "forms"
    folder.mkdir(parents=True)
    row = "{id: new_one, label: 某项新设指标, names: [成员组织/某项新设指标], unit: units, into: groups.special_fp}"
    (folder / "own.yaml").write_text(f"id: own\ntitle: {{zh: 本地, en: local}}\nrows:\n  - {row}\n", encoding="utf-8")
    read = ds.import_table(tmp_path / "季报.xlsx", out=tmp_path / "out")
    assert known(read.figures)["new_one", 2024] == 7
    assert "special_fp: {value: {2024: 7}" in (tmp_path / "out" / "imported.yaml").read_text(encoding="utf-8")
    (folder / "own.yaml").write_text("id: own\ntitle: {zh: 本地, en: local}\nrows: [{id: x}]\n", encoding="utf-8")
    with pytest.raises(ds.InputError, match=r"own\.yaml"):
        ds.import_table(tmp_path / "季报.xlsx", out=tmp_path / "out")


def test_codes_are_a_check_alone(tmp_path: Path) -> None:
    rows = form()
    place = {str(row[0]): i for i, row in enumerate(rows)}
    rows[place["（2）孤儿"]][2] = "YZH012320000"  # that of another row in another year
    rows[place["1.社会团体"]][2] = "JZH013210000"  # that of the marriages in this form
    write_book(rows, tmp_path / "季报.xlsx")
    read = ds.import_table(tmp_path / "季报.xlsx")
    assert known(read.figures)["orphans", 2024] == 96 and known(read.figures)["associations", 2024] == 88
    printed = "\n".join(read.lines())
    assert "“孤儿”的代码 YZH012320000 曾是“事实无人抚养儿童”的代码" in printed
    assert "代码 JZH013210000 出现两次" in printed


@pytest.mark.parametrize(
    ("month", "year"), [("2024年12月", 2024), ("2023年度", 2023), ("2022年09月", 2022), ("2021年第2季度", 2021)]
)
def test_the_time_of_a_form(month: str, year: int, tmp_path: Path) -> None:
    write_book(form(month, codes=False), tmp_path / "表.xlsx")
    read = ds.import_table(tmp_path / "表.xlsx")
    assert known(read.figures)["orphans", year] == 96
    told = any("作为" in line and f"{year} 年末" in line for line in read.lines())
    assert told == ("12月" not in month and "年度" not in month)


def test_a_form_without_its_time_is_asked_for_it(tmp_path: Path) -> None:
    write_book(form(""), tmp_path / "表.xlsx")
    code, printed = lines([str(tmp_path / "表.xlsx"), "--out", str(tmp_path / "out")])
    assert code == 2 and any("找不到数据的时间" in line for line in printed)
    assert not (tmp_path / "out").exists()
    write_book(form(""), tmp_path / "202412.xlsx")
    assert known(ds.import_table(tmp_path / "202412.xlsx").figures)["orphans", 2024] == 96


def test_another_layout(tmp_path: Path) -> None:
    """No codes, no numbering below the headings, ten-thousands, one heading above persons of two kinds."""
    rows: Cells = [
        ["2022年社会服务统计12月份报表", "", ""],
        ["指标名称", "单位", "数量"],
        ["三、民政机构和设施", "", ""],
        ["  1.提供住宿的民政机构", "个", 61],
        ["        养老机构", "个", 58],
        ["  2.提供住宿的民政机构床位", "万张", 1.2],
        ["        养老机构床位", "万张", 1.13],
        ["四、社会救助", "", ""],
        ["      城市最低生活保障", "", ""],
        ["         最低生活保障人数", "万人", 0.71],
        ["         最低生活保障平均标准", "元/人·月", "1,245.0"],
        ["      农村最低生活保障", "", ""],
        ["         最低生活保障人数", "万人", 0.38],
        ["      城市特困人员救助供养人数", "万人", 0.01],
        ["      农村特困人员救助供养人数", "万人", 0.05],
        ["七、儿童福利和未成年保护", "", ""],
        ["       孤儿", "人", 96],
        ["          集中养育孤儿", "人", 40],
        ["九、成员组织", "", ""],
        ["       结婚登记*", "对", 811],
        ["注：带“*”指标是累计数", "", ""],
    ]
    write_text(rows, tmp_path / "表.csv", "gb18030")
    read = ds.import_table(tmp_path / "表.csv", out=tmp_path / "out")
    found = known(read.figures)
    assert found["institution_beds", 2022] == 11_300 and found["care_institutions", 2022] == 58
    assert found["dibao_urban", 2022] == 7_100 and found["dibao_rural", 2022] == 3_800
    assert found["marriages", 2022] == 811 and all(one.row is not None for one in read.figures)
    text = (tmp_path / "out" / "imported.yaml").read_text(encoding="utf-8")
    assert "dibao: {value: {2022: {rural: 3800, urban: 7100}}" in text
    assert "tekun: {value: {2022: {rural: 500, urban: 100}}" in text


def test_indicators_by_year_and_years_by_indicator(tmp_path: Path) -> None:
    down: Cells = [
        ["某县养老服务", "", "", ""],
        ["指标", "单位", "2023年末", "2024年末"],
        ["养老机构床位数", "张", "3,980", "4,052"],
        ["其中：护理型床位", "张", "1,910", "2,105"],
        ["养老护理员", "人", 402, "—"],
    ]
    across: Cells = [["年份", "养老机构床位（张）", "护理型床位（张）", "养老护理员（人）"]]
    across += [["2023年", "3,980", "1,910", 402], ["2024年", "4,052", "2,105", ""]]
    write_text(down, tmp_path / "down.csv", "gbk")
    write_text(across, tmp_path / "across.csv", "gbk")
    expected = {
        ("institution_beds", 2023): 3980, ("institution_beds", 2024): 4052, ("nursing_beds", 2023): 1910,
        ("nursing_beds", 2024): 2105, ("caregivers", 2023): 402,
    }  # fmt: skip
    for name in ("down", "across"):
        assert known(ds.import_table(tmp_path / f"{name}.csv").figures) == expected


def test_two_files_that_differ_are_refused(tmp_path: Path) -> None:
    write_book(form(), tmp_path / "季报.xlsx")
    write_text([["指标", "单位", "2024年"], ["养老机构床位数", "张", 4000]], tmp_path / "床位.csv", "gbk")
    files = [str(tmp_path / "季报.xlsx"), str(tmp_path / "床位.csv")]
    code, printed = lines([*files, "--out", str(tmp_path / "out")])
    assert code == 2 and any("床位.csv:2: “养老机构床位数”与 季报.xlsx 第 30 行的数不同" in line for line in printed), (
        printed
    )


def test_parts_and_wholes(tmp_path: Path) -> None:
    def text(*rows: list[object]) -> str:
        write_text([["指标", "单位", "2024年"], *rows], tmp_path / "t.csv")
        result = ds.import_table(tmp_path / "t.csv", out=tmp_path / "out")
        return "\n".join([(tmp_path / "out" / "imported.yaml").read_text(encoding="utf-8"), *result.lines()])

    city, country, whole = ["城市低保人数", "人", 20], ["农村低保人数", "人", 70], ["低保人数", "人", 95]
    assert "dibao: {value: {2024: {rural: 70, urban: 20}}" in text(city, country)
    assert "dibao: {value: {2024: 95}" in text(whole)
    both = text(city, country, whole)
    assert "{rural: 70, urban: 20}" in both and "合计 95，各部分之和 90" in both
    alone = text(city)
    assert "dibao" not in alone.split("groups.dibao")[0] and "缺 rural，未填入" in alone


def test_a_unit_that_cannot_be_is_left_out(tmp_path: Path) -> None:
    write_text([["指标", "单位", "2024年"], ["养老机构床位数", "个", 31], ["养老护理员", "人", 4]], tmp_path / "t.csv")
    read = ds.import_table(tmp_path / "t.csv")
    assert known(read.figures) == {("caregivers", 2024): 4}
    assert any("单位是 个，应为 beds" in line for line in read.lines())


def test_every_setting_of_the_catalogue_exists(tmp_path: Path) -> None:
    """Each row that goes into a setting is taken by a scenario."""
    problems = Problems()
    rows = [row for row in read_forms([], problems) if row.into is not None]
    assert not problems.found and len(rows) > 15
    stated: Cells = [["指标", "单位", "2024年"]]
    units = {"persons": "人", "beds": "张", "rate": "%"}
    stated += [[row.names[0], units[row.unit], 50] for row in rows if row.id != "nursing_beds"]
    write_text(stated, tmp_path / "all.csv")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "place.yaml").write_text('place: "430223"\n', encoding="utf-8")
    ds.import_table(tmp_path / "all.csv", out=tmp_path / "out")
    scenario = ds.load(tmp_path / "out" / "imported.yaml")
    assert {row.into for row in rows if row.id != "nursing_beds"} <= set(scenario.quantities)
    assert scenario["supply.institution_beds.nursing_share"].rows[0].value == 0.5


def test_names_of_the_catalogue_are_told_apart() -> None:
    problems = Problems()
    seen: dict[str, str] = {}
    for row in read_forms([], problems):
        for name in row.names:
            assert seen.setdefault(name, row.id) == row.id, name
