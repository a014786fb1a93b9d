"""Tables as agencies publish them: `import`, and the same file named in a scenario, give one table."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner
from table_shapes import PEOPLE, SHAPES, Cells, long, sections_in_sections, side_by_side, write_book, write_text

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.tables.layouts import age_text

MINIMAL = Path(__file__).resolve().parents[1] / "bad" / "minimal" / "minimal.yaml"
TOTAL = sum(sum(ages.values()) for ages in PEOPLE.values())
EXPECTED = {(sex, age): float(n) for sex, ages in PEOPLE.items() for age, n in ages.items()}


def made(shape: str, folder: Path) -> Path:
    write, ending = SHAPES[shape]
    path = folder / f"人口.{ending}"
    write(path)
    return path


def people(columns: dict[str, list]) -> dict[tuple[str, str], float]:
    keys = zip(columns["sex"], map(age_text, columns["age"]), strict=True)
    found = dict(zip(keys, columns["population"], strict=True))
    assert len(found) == len(columns["age"])
    return found


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_table(shape: str, tmp_path: Path) -> None:
    path = made(shape, tmp_path)
    read = ds.import_table(path, kind="population", out=tmp_path / "out")
    assert people(read.tables["population"].columns) == pytest.approx(EXPECTED)
    written = ds.load(MINIMAL, [f"population.table={read.files[0].as_posix()}"]).tables["population.table"]
    named = ds.load(MINIMAL, [f"population.table={path.as_posix()}"]).tables["population.table"]
    assert people(named.columns) == people(written.columns) == pytest.approx(EXPECTED)
    assert set(named.columns) == set(written.columns) == {"sex", "age", "population"}
    assert named.status == written.status and named.source == written.source


def test_shapes_write_the_same_file(tmp_path: Path) -> None:
    bodies = set()
    for shape in SHAPES:
        path = made(shape, tmp_path)
        file = ds.import_table(path, kind="population", out=tmp_path / shape).files[0]
        bodies.add("\n".join(file.read_text(encoding="utf-8-sig").splitlines()[2:]))
    assert len(bodies) == 1


def imported(arguments: list[str], folder: Path, lang: str = "zh") -> tuple[int, str]:
    outcome = CliRunner().invoke(cli, ["import", *arguments, "--out", str(folder / "out"), "--lang", lang])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    return outcome.exit_code, outcome.output


HEAD = ["年龄", "合计", "男", "女"]


def changed(row: int, column: int, text: object) -> Cells:
    """The table side by side under a title, one cell changed."""
    rows = [["某县人口（人）", "", "", ""], *side_by_side(list(HEAD))]
    rows[row][column] = text
    return rows


def exchanged() -> Cells:
    rows = side_by_side(["年龄", "男", "女", "合计"])
    return [["某县人口（人）", "", "", ""], *rows]


def without(row: int) -> Cells:
    rows = [["某县人口（人）", "", "", ""], *side_by_side(list(HEAD))]
    del rows[2]  # the sums, which would tell first
    del rows[row]
    return rows


WRONG: dict[str, tuple[Cells, str, str, str]] = {
    "no number": (
        changed(5, 2, "多"),
        ":6: ",
        "[Sheet1] C6：男 不是数字：“多”",
        '[Sheet1] C6: 男 is not a number: "多"',
    ),
    "left empty": (changed(5, 3, ""), ":6: ", "[Sheet1] D6：", "cannot be left out"),
    "negative": (changed(6, 2, -5), ":7: ", "[Sheet1] C7：男 不能为负：-5", "cannot be negative: -5"),
    "age in words": (
        changed(7, 0, "中年"),
        ":8: ",
        "[Sheet1] A8：年龄“中年”不能识别",
        'the age "中年" is not understood',
    ),
    "sum": (changed(2, 1, 60_000), ":3: ", "[Sheet1] B3：合计不等于各部分之和：表中 60000", "off by"),
    "part": (changed(4, 3, 11_800), ":5: ", "[Sheet1] B5：合计不等于各部分之和", "is not the sum of its parts"),
    "per cent": (changed(5, 2, "3%"), ":6: ", "人数不能是百分数：3%", "cannot be in per cent: 3%"),
    "exchanged": (exchanged(), ":4: ", "“male”一列等于其余两列之和，看来列名互换了", "the heads seem to be exchanged"),
    "gap": (without(6), ":7: ", "缺少年龄 15-19", "the age 15-19 is missing"),
    "no sexes": (
        [["年龄", "人口"], ["0-4岁", 30_000], ["5岁及以上", 70_000]],
        ":1: ",
        "缺少列“sex”",
        'column "sex" is missing',
    ),
    "nominal ages": ([["虚岁", "性别", "人口"], [1, "男", 5]], ":1: ", "是虚岁", "holds nominal ages"),
    "age not stated": (changed(21, 0, "年龄不详"), ":22: ", "年龄不详的有", "age not stated"),
    "no rows": ([["年龄", "合计"], ["注：无数据", ""]], ":1: ", "缺少列“sex”", 'column "sex" is missing'),
    "no head": ([["甲县", 1, 2], ["乙县", 3, 4]], ":1: ", "找不到表头", "no head was found"),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", WRONG)
def test_wrong_tables_are_refused_with_sheet_row_and_column(name: str, lang: str, tmp_path: Path) -> None:
    rows, line, zh, en = WRONG[name]
    path = tmp_path / "wrong.xlsx"
    write_book(rows, path)
    code, output = imported([str(path), "--kind", "population"], tmp_path, lang)
    assert code == 2
    found = [text for text in output.splitlines() if f"wrong.xlsx{line}" in text]
    assert any((zh if lang == "zh" else en) in text for text in found), output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("data", "zh"),
    [
        (b"%PDF-1.7 ...", "这是 PDF 文件"),
        (b"<html><body><p>no table</p></body></html>", "这是网页"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "找不到表头"),
        (b"<?xml version='1.0'?><Workbook/>", "这是 XML 文件"),
        (b"PK\x03\x04 cut off", "不是能读的工作簿"),
        (bytes(range(256)) * 4, "既不是工作簿，也不是文本"),
        (b"", "表中没有数据行"),
        (b'sex,age,population\nmale,"0,5\n', "引号没有成对"),
    ],
)
def test_files_that_are_no_tables(data: bytes, zh: str, tmp_path: Path) -> None:
    path = tmp_path / "人口.xlsx"
    path.write_bytes(data)
    code, output = imported([str(path)], tmp_path)
    assert code == 2 and zh in output


def test_a_library_that_gives_up_is_told_in_words(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Cut off within its directory of sectors the library panics; with more rows than memory it ends its process."""
    whole = made("old_book", tmp_path).read_bytes()
    at = whole.index(b"\x00\x02\x0e\x00", 512)  # the rectangle of a sheet: code, size, first row, row after the last
    many = whole[: at + 8] + b"\xff\xff\xff\x7f" + whole[at + 12 :]
    for spoilt in (many, *(whole[:end] for end in range(512, len(whole), 501))):
        (tmp_path / "cut.xls").write_bytes(spoilt)
        code, output = imported([str(tmp_path / "cut.xls")], tmp_path)
        assert code == 2 and "不是能读的工作簿" in output
    assert capfd.readouterr() == ("", "")


def test_a_stray_cell_far_out_is_told(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet().write(1_048_575, 16_383, 1)
    book.close()
    code, output = imported([str(path)], tmp_path)
    assert code == 2 and "工作表过大" in output


def test_who_published_a_table_decides_its_status(tmp_path: Path) -> None:
    """An office's own is reported; published is what a note or the columns name the publisher of."""
    rows = side_by_side(list(HEAD))
    title: Cells = [["某县人口（人）", "", "", ""]]
    notes: dict[str, Cells] = {
        "own": [["注：不含现役军人", "", "", ""]],
        "named": [["资料来源：某省统计局。", "", "", ""]],
        "english": [["Source: Bureau of Somewhere", "", "", ""]],
    }
    for name, note in notes.items():
        write_text([*title, *rows, *note], tmp_path / f"{name}.csv", "gbk")
    found = {name: ds.import_table(tmp_path / f"{name}.csv").tables["population"] for name in notes}
    assert {name: table.status for name, table in found.items()} == {
        "own": "reported",
        "named": "published",
        "english": "published",
    }
    assert found["own"].source == "own.csv"
    assert found["named"].source.startswith("某省统计局, named.csv")
    made("united_nations", tmp_path)
    assert ds.import_table(tmp_path / "人口.csv").tables["population"].status == "published"
    write_text([["sex", "age", "population"], *long()], tmp_path / "mine.csv")
    assert ds.import_table(tmp_path / "mine.csv").tables["population"].status == "assumed"
    written = ds.import_table(tmp_path / "named.csv", out=tmp_path / "out").files[0]
    again = ds.import_table(written).tables["population"]
    assert (again.status, again.source) == ("published", found["named"].source)


def test_the_unit_is_asked_for_where_it_cannot_be_known(tmp_path: Path) -> None:
    path = tmp_path / "人口.xlsx"
    write_book([["某县人口", "", "", ""], *side_by_side(list(HEAD), 1e4)], path)
    code, output = imported([str(path)], tmp_path)
    assert code == 2 and "单位是什么？请用 --unit 指明" in output and f"合计为 {TOTAL / 1e4:g}" in output
    code, output = imported([str(path), "--unit", "万人"], tmp_path)
    assert code == 0 and "单位 万人" in output and f"合计 {TOTAL:,} 人" in output
    for wrong, words in (("斤", "不认识的单位“斤”"), ("‰", "单位“‰”不能用于这类表")):
        code, output = imported([str(path), "--unit", wrong], tmp_path)
        assert code == 2 and words in output
    with pytest.raises(ds.InputError, match="what is the unit"):
        ds.load(MINIMAL, [f"population.table={path.as_posix()}"])
    named = ds.load(MINIMAL, [f"population={{table: {path.as_posix()}, unit: 万人}}"]).tables["population.table"]
    assert people(named.columns) == pytest.approx(EXPECTED)


def test_the_sheet_is_asked_for_where_several_hold_tables(tmp_path: Path) -> None:
    path = tmp_path / "人口.xlsx"
    book = xlsxwriter.Workbook(path)
    for name, factor in (("常住", 1), ("户籍", 2)):
        sheet = book.add_worksheet(name)
        for i, row in enumerate(side_by_side(list(HEAD))):
            for k, cell in enumerate(row):
                sheet.write(i, k, cell if isinstance(cell, str) else cell * factor)
    book.add_worksheet("说明").write(0, 0, "只有文字")
    book.close()
    code, output = imported([str(path), "--kind", "population"], tmp_path)
    assert code == 2 and "常住、户籍" in output and "--sheet" in output
    code, output = imported([str(path), "--kind", "population", "--sheet", "户籍"], tmp_path)
    assert code == 0 and f"合计 {2 * TOTAL:,} 人" in output
    code, output = imported([str(path), "--kind", "population", "--sheet", "人口"], tmp_path)
    assert code == 2 and "没有工作表“人口”；有：常住、户籍、说明" in output
    named = ds.load(MINIMAL, [f"population={{table: {path.as_posix()}, sheet: 常住}}"]).tables["population.table"]
    assert people(named.columns) == pytest.approx(EXPECTED)


def test_the_kind_is_asked_for_where_the_heads_do_not_say_it(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_text([["age", "male", "female"], ["0-4", 5000, 6000], ["5+", 7000, 8000]], path)
    code, output = imported([str(path)], tmp_path, "en")
    assert code == 2 and "name it with --kind: population, mortality" in output
    code, output = imported([str(path), "--kind", "nonsense"], tmp_path)
    assert code == 2 and "没有“nonsense”这类表" in output


def test_what_was_understood_is_printed(tmp_path: Path) -> None:
    path = made("merged_book", tmp_path)
    code, output = imported([str(path)], tmp_path)
    assert code == 0
    assert "[常住人口] 第 5–23 行：人口，38 个数，单位 人" in output
    assert "核对 22 处合计，相符" in output
    assert "写出" in output and f"年龄 19 组：0、1-4、5-9、85+；合计 {TOTAL:,} 人" in output


def test_a_title_with_signs_of_its_own_is_read_again(tmp_path: Path) -> None:
    title = '某县"十四五"人口；单位: 人\n（年末）, "初步'
    write_book([[title, "", "", ""], *side_by_side(list(HEAD))], tmp_path / "t.xlsx")
    read = ds.import_table(tmp_path / "t.xlsx", out=tmp_path / "out")
    again = ds.import_table(read.files[0]).tables["population"]
    assert people(again.columns) == people(read.tables["population"].columns)
    assert '"十四五"' in again.source and again.status == "reported"


def test_what_others_wrote_is_not_overwritten(tmp_path: Path) -> None:
    path = made("merged_book", tmp_path)
    assert imported([str(path)], tmp_path)[0] == 0
    assert imported([str(path)], tmp_path)[0] == 0  # its own file
    (tmp_path / "out" / "population.csv").write_text("sex,age,population\n", encoding="utf-8")
    code, output = imported([str(path)], tmp_path)
    assert code == 2 and "已经存在，不覆盖" in output


RATES = """Inventland, Death rates (period 1x1)

  Year   Age   Female     Male    Total
  2020     0   0.0040   0.0050   0.0045
  2020   1-89  0.0100   0.0110   0.0105
  2020    90   0.2000   1.1000   0.2100
  2020    91        .   0.2300   0.2200
  2020   92+   0.3000   0.3200   0.3100
"""


def test_rates_of_the_mortality_database(tmp_path: Path) -> None:
    path = tmp_path / "Mx.txt"
    path.write_text(RATES, encoding="utf-8")
    read = ds.import_table(path).tables["mortality"]
    assert read.columns["sex"].count("female") == 5 and set(read.columns["year"]) == {2020}
    cells = zip(read.columns["sex"], read.columns["age"], read.columns["mx"], strict=True)
    assert {(s, a[0]): v for s, a, v in cells}["female", 91] == 0.2  # nobody at risk: the rate of the age before


def test_births_between_open_ends_of_single_years(tmp_path: Path) -> None:
    path = tmp_path / "asfr.txt"
    rows = [f"  2020  {a}  {r}" for a, r in (("12-", 0.0), *((str(a), 0.03) for a in range(13, 55)), ("55+", 0.0))]
    path.write_text(
        "\n".join(["Inventland, Age-specific fertility rates", "  Year  Age  ASFR", *rows]), encoding="utf-8"
    )
    read = ds.import_table(path).tables["fertility"]
    assert read.columns["age"][0] == (12, 12) and read.columns["age"][-1] == (55, 55)


def test_rates_in_per_mille(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    rows = [["年份", "年龄", "生育率（‰）"], *(["2020年", f"{a}-{a + 4}岁", 30] for a in range(15, 50, 5))]
    write_text(rows, path, "gbk")
    assert ds.import_table(path).tables["fertility"].columns["asfr"] == [0.03] * 7


def test_groups_that_share_their_bounds(tmp_path: Path) -> None:
    path = tmp_path / "户籍.csv"
    ages = ["18岁以下", "18-35岁", "35-60岁", "60岁以上"]
    write_text([["年龄", "男", "女"], *([age, 9000, 8000] for age in ages)], path)
    read = ds.import_table(path, kind="population").tables["population"]
    assert [age_text(age) for age in read.columns["age"][::2]] == ["0-17", "18-34", "35-59", "60+"]


def test_residence_across_and_below(tmp_path: Path) -> None:
    path = tmp_path / "城乡.xlsx"
    rows: Cells = [["年龄", "合计", "", "", "城镇", "", "", "乡村", "", ""], ["", *["小计", "男", "女"] * 3]]
    for age in ("0-14岁", "15岁及以上"):
        rows.append([age, 30_000, 16_000, 14_000, 20_000, 11_000, 9_000, 10_000, 5_000, 5_000])
    write_book(rows, path, ((0, 0, 1, 0), (0, 1, 0, 3), (0, 4, 0, 6), (0, 7, 0, 9)))
    read = ds.import_table(path, kind="population").tables["population"]
    assert read.checks == 3 * 2 + 2 * 2
    cells = zip(read.columns["residence"], read.columns["sex"], read.columns["population"], strict=True)
    assert set(cells) == {
        ("urban", "male", 11_000),
        ("urban", "female", 9_000),
        ("rural", "male", 5_000),
        ("rural", "female", 5_000),
    }


def test_the_part_that_is_not_printed_is_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    rows: Cells = [["年龄", "合计", "", "", "城镇", "", ""], ["", *["小计", "男", "女"] * 2]]
    rows += [["0-14岁", 30_000, 16_000, 14_000, 20_000, 11_000, 9_000]]
    rows += [["15岁及以上", 50_000, 24_000, 26_000, 30_000, 14_000, 16_000]]
    write_book(rows, path, ((0, 0, 1, 0), (0, 1, 0, 3), (0, 4, 0, 6)))
    read = ds.import_table(path, kind="population")
    found = read.tables["population"].columns
    keys = zip(found["residence"], found["sex"], found["age"], strict=True)
    cells = dict(zip(keys, found["population"], strict=True))
    assert sum(cells.values()) == 80_000 and cells["rural", "female", (15, None)] == 10_000
    assert any("rural = 合计 − urban" in line for line in read.lines())


@pytest.mark.parametrize("factor", [1e4, 1e3, 20])
def test_few_or_broken_people_in_the_projects_columns_are_asked_about(factor: float, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_text([["sex", "age", "population"], *([s, a, n / factor] for s, a, n in long())], path)
    with pytest.raises(ds.InputError, match="what is the unit"):
        ds.import_table(path)
    assert ds.import_table(path, unit="人").tables["population"].columns["population"][0] == 310 / factor
    path.write_text("# publisher: raked; status: derived\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert ds.import_table(path).tables["population"].status == "derived"


def test_a_file_of_all_countries_is_told_to_be_cut(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("sex,age,population\n" + "male,0,1\n" * 200_001, encoding="utf-8")
    code, output = imported([str(path)], tmp_path, "en")
    assert code == 2 and "200002 rows, 200000 at most" in output


def test_a_table_of_older_people_is_written_and_told(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_text([["年龄", "男（人）", "女（人）"], ["60-79岁", 9000, 9500], ["80岁及以上", 1200, 1900]], path)
    read = ds.import_table(path, kind="population", out=tmp_path / "out")
    assert any("年龄从 60 岁开始" in line for line in read.lines())
    with pytest.raises(ds.InputError, match="ages must start at 0"):
        ds.load(MINIMAL, [f"population.table={read.files[0].as_posix()}"])


def test_sections_inside_sections(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    sections_in_sections(path)
    read = ds.import_table(path).tables["population"].columns
    keys = zip(read["residence"], read["sex"], map(age_text, read["age"]), strict=True)
    found = dict(zip(keys, read["population"], strict=True))
    assert {(sex, age): n for (where, sex, age), n in found.items() if where == "urban"} == EXPECTED
    assert len(found) == 2 * len(EXPECTED) and sum(found.values()) == TOTAL
