"""One table of people in the shapes in which agencies publish tables; all numbers are made up."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter

AGES = ["0", "1-4", *(f"{low}-{low + 4}" for low in range(5, 85, 5)), "85+"]
MEN = [310, 1290, 1710, 1680, 1540, 1420, 1500, 1730, 1810, 1660, 1720, 1930, 1840, 1390, 1210, 980, 690, 420, 250]
WOMEN = [290, 1180, 1560, 1550, 1450, 1390, 1480, 1700, 1790, 1640, 1730, 1950, 1880, 1420, 1260, 1050, 790, 560, 410]
PEOPLE = {"male": dict(zip(AGES, MEN, strict=True)), "female": dict(zip(AGES, WOMEN, strict=True))}
Cells = list[list[object]]


def chinese(age: str) -> str:
    return f"{age[:-1]}岁及以上" if age.endswith("+") else f"{age}岁"


def both(age: str) -> int:
    return PEOPLE["male"][age] + PEOPLE["female"][age]


def write_text(rows: Cells, path: Path, encoding: str = "utf-8", separator: str = ",") -> None:
    lines = []
    for row in rows:
        cells = [str(cell) for cell in row]
        lines.append(separator.join(f'"{cell}"' if separator in cell else cell for cell in cells))
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))


def write_book(
    rows: Cells, path: Path, merged: tuple[tuple[int, int, int, int], ...] = (), name: str = "Sheet1"
) -> None:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet(name)
    for i, row in enumerate(rows):
        for k, cell in enumerate(row):
            if cell != "":
                sheet.write(i, k, cell)
    for top, left, bottom, right in merged:
        sheet.merge_range(top, left, bottom, right, rows[top][left])
    book.close()


def write_ods(rows: Cells, path: Path) -> None:
    def cell(value: object) -> str:
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(cell(value) for value in row)}</table:table-row>" for row in rows)
    kinds = ("office", "table", "text")
    names = " ".join(f'xmlns:{kind}="urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0"' for kind in kinds)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="表1">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        packed.writestr("content.xml", content)


def side_by_side(head: list[object], factor: float = 1) -> Cells:
    rows: Cells = [head, ["合计", sum(map(both, AGES)) / factor, sum(MEN) / factor, sum(WOMEN) / factor]]
    rows += [[chinese(a), both(a) / factor, PEOPLE["male"][a] / factor, PEOPLE["female"][a] / factor] for a in AGES]
    return [
        [round(c, 4) if isinstance(c, float) and c % 1 else int(c) if isinstance(c, float) else c for c in row]
        for row in rows
    ]


def tidy(path: Path) -> None:
    write_text([["sex", "age", "population"], *long()], path, "utf-8-sig")


def long() -> Cells:
    return [[sex, age, n] for sex, ages in PEOPLE.items() for age, n in ages.items()]


def gbk_long(path: Path) -> None:
    words = {"male": "男", "female": "女"}
    rows: Cells = [["性别", "年龄（岁）", "人口数（人）"]]
    for sex, age, n in long():
        rows.append([words[str(sex)], chinese(str(age)), n])
    write_text(rows, path, "gbk")


def unicode_text(path: Path) -> None:
    words = {"male": "男性", "female": "女性"}
    rows: Cells = [["Sex", "Age", "Population"], *([words[str(sex)], age, n] for sex, age, n in long())]
    write_text(rows, path, "utf-16", "\t")


def titled_gb18030(path: Path) -> None:
    rows = side_by_side(["年龄", "合计", "男", "女"])
    notes: Cells = [["注：本表不含现役军人。", "", "", ""], ["资料来源：样例", "", "", ""]]
    write_text([["表1-2 某县分年龄、性别的人口", "", "", ""], ["", "", "", "单位：人"], *rows, *notes], path, "gb18030")


def merged_book(path: Path) -> None:
    rows = side_by_side(["年龄", "小计", "男", "女"])
    rows = [["2020年某县常住人口", "", "", ""], ["年龄", "常住人口（人）", "", ""], ["", *rows[0][1:]], *rows[1:]]
    write_book(rows, path, ((0, 0, 0, 3), (1, 0, 2, 0), (1, 1, 1, 3)), "常住人口")


def ten_thousands(path: Path) -> None:
    rows = side_by_side(["年龄组", "总计", "男性", "女性"], 1e4)
    write_book([["某县人口", "", "", ""], ["单位：万人", "", "", ""], *rows], path)


def stacked(path: Path) -> None:
    rows: Cells = [["年龄", "人口"], ["合计", sum(MEN) + sum(WOMEN)], *([chinese(a), both(a)] for a in AGES)]
    for word, sex in (("男", "male"), ("女", "female")):
        rows += [[word, sum(PEOPLE[sex].values())], *([chinese(a), PEOPLE[sex][a]] for a in AGES)]
    write_book(rows, path)


def ages_across(path: Path) -> None:
    rows: Cells = [["性别", *AGES], ["男", *MEN], ["女", *WOMEN], ["合计", *map(both, AGES)]]
    write_text(rows, path)


def with_subtotals(path: Path) -> None:
    rows = side_by_side(["年龄", "合计", "男", "女"])
    for text, first in (("其中：60岁及以上", "60-64"), ("65岁及以上", "65-69"), ("#80岁及以上", "80-84")):
        old = AGES[AGES.index(first) :]
        men, women = (sum(PEOPLE[sex][a] for a in old) for sex in ("male", "female"))
        rows.append([text, men + women, men, women])
    write_text([["某县人口", "", "", ""], *rows], path)


def united_nations(path: Path) -> None:
    rows: Cells = [
        [
            "LocID",
            "Location",
            "VarID",
            "Variant",
            "Time",
            "AgeGrp",
            "AgeGrpStart",
            "AgeGrpSpan",
            "PopMale",
            "PopFemale",
            "PopTotal",
        ]
    ]
    for age in AGES:
        men, women = PEOPLE["male"][age], PEOPLE["female"][age]
        rows.append([999, "Inventland", 2, "Medium", 2020, age, 0, 5, men / 1e3, women / 1e3, (men + women) / 1e3])
    write_text(rows, path)


def eurostat(path: Path) -> None:
    codes = {"0": "Y_LT1", "85+": "Y_GE85"}
    lines = ["freq,unit,age,sex,geo\\TIME_PERIOD\t2020 \t2021 "]
    for word, sex in (("T", ""), ("M", "male"), ("F", "female")):
        for age in ["TOTAL", *AGES]:
            found = AGES if age == "TOTAL" else [age]
            n = sum(both(a) if not sex else PEOPLE[sex][a] for a in found)
            code = age if age == "TOTAL" else codes.get(age, f"Y{age}")
            lines.append(f"A,NR,{code},{word},IV99\t{n} {'b' if age == '0' else 'p'}\t: ")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def fixed_width(path: Path) -> None:
    lines = [
        "Inventland, Population size (abridged)\tLast modified: some day",
        "",
        "  Year   Age   Female    Male    Total",
    ]
    lines += [f"  2020  {a:>5}  {PEOPLE['female'][a]:.2f}  {PEOPLE['male'][a]:.2f}  {both(a):.2f}" for a in AGES]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def open_document(path: Path) -> None:
    write_ods([["某县人口", "", "", ""], *side_by_side(["年龄", "合计", "男", "女"])], path)


def old_book(path: Path) -> None:
    """The binary form of Excel before 2007, which no kept library writes: heads of three rows, merged, in a file."""
    path.write_bytes((Path(__file__).resolve().parents[1] / "data" / "workbooks" / "people.xls").read_bytes())


def semicolons(path: Path) -> None:
    rows: Cells = [["性别", "年龄", "人口"]]
    rows += [
        ["男" if s == "male" else "女", str(a).replace("-", " - ") + " 岁", f"{n:,}"]
        for s, a, n in long()
        if a != "85+"
    ]
    rows += [["男", "85 岁 及以上", MEN[-1]], ["女", "85 岁 及以上", WOMEN[-1]]]
    write_text(rows, path, "utf-8", ";")


def full_width(path: Path) -> None:
    wide = str.maketrans("0123456789-+,", "０１２３４５６７８９－＋，")
    rows: Cells = [["性别", "年龄", "人口"]]
    rows += [["男" if s == "male" else "女", str(a).translate(wide), f"{n:,}".translate(wide)] for s, a, n in long()]
    write_text(rows, path)


def english_words(path: Path) -> None:
    words = {"0": "Under 1 year", "85+": "85 years and over"}
    rows: Cells = [["Age", "Both sexes", "Male", "Female"]]
    for age in AGES:
        word = words.get(age, age.replace("-", " to ") + " years")
        rows.append([word, f"{both(age):,}", f"{PEOPLE['male'][age]:,}", f"{PEOPLE['female'][age]:,}"])
    write_text([["Population by age and sex, 2020", "", "", ""], *rows, ["Source: invented", "", "", ""]], path)


def excel_dates(path: Path) -> None:
    dates = {"1-4": "1月4日", "5-9": "5月9日", "10-14": "Oct-14"}
    write_text([["sex", "age", "population"], *([s, dates.get(str(a), a), n] for s, a, n in long())], path)


def years_across(path: Path) -> None:
    rows: Cells = [
        ["年龄", "性别", "2020年末", "2021年末"],
        *([chinese(str(a)), s, f"{n}人", "…"] for s, a, n in long()),
    ]
    write_text([["某县人口", "", "", ""], *rows], path)


def web_page(path: Path) -> None:
    rows = side_by_side(["年龄", "小计", "男", "女"])
    head = "<tr><td rowspan=2>年龄</td><td colspan=3>人口（人）</td></tr><tr><td>小计</td><td>男</td><td>女</td></tr>"
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows[1:])
    title = "<tr><td colspan=4>某县人口</td></tr>"
    path.write_bytes(f"<html><body><table>{title}{head}{body}</table></body></html>".encode("gbk"))


def ages_without_a_head(path: Path) -> None:
    rows = side_by_side(["", "合计", "男", "女"])
    rows += [["老年人口比重（%）", 10.1, 9.8, 10.5], ["平均年龄", 38.2, 37.9, 38.6]]
    write_book([["某县人口", "", "", ""], *rows], path)


def two_panels(path: Path) -> None:
    """A printed page: ages to 39 at the left, the others and the sum at the right, the columns numbered."""
    rows = side_by_side(["年龄", "合计", "男", "女"])
    half = AGES.index("40-44")
    left, right = rows[2 : 2 + half], [*rows[2 + half :], rows[1]]
    blank = [""] * 4
    body = [[*(left[i] if i < len(left) else blank), *right[i]] for i in range(len(right))]
    write_book([["某县人口（人）", *[""] * 7], [*rows[0], *rows[0]], list(range(1, 9)), *body], path)


def sections_in_sections(path: Path) -> None:
    """Urban and rural above one another, in each first the sum and then the sexes; here all live in towns or none."""
    rows: Cells = [["年龄", "人口（人）"]]
    for word, share in (("城镇", 1), ("乡村", 0)):
        rows += [[word, ""], ["合计", share * sum(map(both, AGES))], *([chinese(a), share * both(a)] for a in AGES)]
        for sex, name in (("male", "男"), ("female", "女")):
            rows += [[name, ""], *([chinese(a), share * PEOPLE[sex][a]] for a in AGES)]
    write_book(rows, path)


SHAPES: dict[str, tuple[Callable[[Path], None], str]] = {
    "tidy": (tidy, "csv"),
    "gbk_long": (gbk_long, "csv"),
    "unicode_text": (unicode_text, "txt"),
    "titled_gb18030": (titled_gb18030, "csv"),
    "merged_book": (merged_book, "xlsx"),
    "ten_thousands": (ten_thousands, "xlsx"),
    "stacked": (stacked, "xlsx"),
    "ages_across": (ages_across, "csv"),
    "with_subtotals": (with_subtotals, "csv"),
    "united_nations": (united_nations, "csv"),
    "eurostat": (eurostat, "tsv"),
    "fixed_width": (fixed_width, "txt"),
    "open_document": (open_document, "ods"),
    "old_book": (old_book, "xls"),
    "semicolons": (semicolons, "csv"),
    "full_width": (full_width, "csv"),
    "english_words": (english_words, "csv"),
    "excel_dates": (excel_dates, "csv"),
    "years_across": (years_across, "csv"),
    "web_page": (web_page, "xls"),
    "two_panels": (two_panels, "xlsx"),
    "ages_without_a_head": (ages_without_a_head, "xlsx"),
}
