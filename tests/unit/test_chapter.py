"""The chapter: nothing technical in it, one unit a column, one value a quantity, no sentence twice, whole in Word."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from docx.shared import Pt

import demo_sim as ds
from demo_sim.report import write_report
from demo_sim.report.content import build_report
from demo_sim.report.measure import measure
from demo_sim.report.pages import PICTURE, SMALLEST, PageLayout, column_widths, lines, width
from demo_sim.report.pictures import Pictures
from demo_sim.report.reader import Reader
from demo_sim.report.tree import (
    Cell,
    Column,
    DocumentBlock,
    Number,
    Paragraph,
    Picture,
    Report,
    Section,
    Table,
    TableRow,
    words,
)
from demo_sim.report.word_styles import open_template, types
from demo_sim.report.writing import annex_of
from demo_sim.results import Results
from demo_sim.results.subjects import by_subject
from demo_sim.vocab import codes, label

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "mycounty" / "scenario.yaml"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BARE = re.compile(r"[≥≤=≈<+−*\d,.†‡\s—–至]*(?: to )?[≥≤=≈<+−*\d,.†‡\s—–至]*")
REMARK = re.compile(r"（预计）|（推算）| \((?:expected|estimated)\)")  # what a number is, behind it
TECHNICAL = (
    re.compile(r"\.(yaml|csv|nc|json|docx)\b"),
    re.compile(r"\b[a-z]+(?:_[a-z0-9]+)*\.[a-z_]{2,}"),
    re.compile(r"\b[a-z]+_[a-z_]+\b"),
    re.compile(r"种子|引擎|\bseed\b|\bengine\b"),
)


@pytest.fixture(scope="module", params=["hunan", "kaiping", str(EXAMPLE)], ids=["hunan", "kaiping", "own"])
def results(request: pytest.FixtureRequest) -> Results:
    """Runs of a province, a county and a county with resources, groups and targets of its own."""
    return ds.simulate(ds.load(request.param).replace({"draws": 24}), engine="cohort")


@pytest.fixture(params=["zh", "en"])
def report(results: Results, request: pytest.FixtureRequest) -> Report:
    return build_report(results, request.param)


def texts(report: Report) -> Iterator[str]:
    """Every piece of text of the chapter: headings, paragraphs, captions, heads, cells, notes."""
    yield from (report.title, report.subtitle, *(part for fact in report.facts for part in fact))
    for section in report.sections:
        yield section.title
    for block in report.all_blocks():
        if isinstance(block, Paragraph):
            yield words(block.parts, report.lang, {})
        elif isinstance(block, Table):
            yield block.caption
            yield from (column.head for column in block.columns)
            yield from (words(c.parts, report.lang, {}) for row in block.rows for c in row.cells)
            yield words(block.note, report.lang, {})


def tables(report: Report) -> list[Table]:
    return [block for block in report.all_blocks() if isinstance(block, Table)]


def without_keys(report: Report) -> list[str]:
    """Texts without the keys that stand for cross references."""
    keys = [block.key for block in tables(report)]
    found = []
    for text in texts(report):
        for key in sorted(keys, key=len, reverse=True):
            text = text.replace(key, "")
        found.append(text)
    return found


def test_nothing_technical_is_in_it(report: Report) -> None:
    for text in without_keys(report):
        for pattern in TECHNICAL:
            assert not pattern.search(text), (pattern.pattern, text)
        assert not re.search(r"(?i)\b(nan|inf)\b|\{|\}", text), text


def test_a_column_has_one_unit(report: Report) -> None:
    """Numbers of a column are bare; its unit is in its head, in the caption, or in the row's own cell for it."""
    for table in tables(report):
        units = [i for i, column in enumerate(table.columns) if column.head in ("单位", "Unit")]
        for i, column in enumerate(table.columns):
            if not column.numeric:
                continue
            forms = set()
            for row in table.rows:
                if row.band:
                    continue
                text = REMARK.sub("", words(row.cells[i].parts, report.lang, {}))
                assert BARE.fullmatch(text), (table.key, column.head, text)
                numbers = [part for part in row.cells[i].parts if isinstance(part, Number)]
                forms |= {(n.unit, n.scale, n.digits) for n in numbers}
                assert len({(n.scale, n.digits) for n in numbers}) < 2, (table.key, text)
            assert units or len(forms) < 2, (table.key, column.head, forms)


def test_no_sentence_stands_twice(report: Report) -> None:
    seen: set[str] = set()
    for block in report.all_blocks():
        if isinstance(block, Paragraph):
            for sentence in re.split(r"[。；;]|\. ", words(block.parts, report.lang, {})):
                if len(sentence) > 15:
                    assert sentence not in seen, sentence
                    seen.add(sentence)


def test_a_quantity_has_one_value(report: Report) -> None:
    """What is read at one place of the run is printed as one value, in words and in tables."""
    printed: dict[object, float] = {}
    for number in report.numbers():
        if number.trace is None or number.rounded is not None or number.tail is None or number.value != number.value:
            continue
        shown = number.render(report.lang).removesuffix(number.tail).replace(",", "").replace("−", "-")
        value = float(shown.lstrip("+")) * number.scale
        half = 0.5 * number.scale * 10.0 ** -(number.digits or 0)
        before = printed.setdefault((number.trace, number.scale, number.digits), value)
        assert value == pytest.approx(before, abs=1e-9 * max(abs(value), 1.0))
        assert abs(value - number.value) <= half * (1 + 1e-9)


def test_it_has_its_sections_and_a_summary_page(report: Report) -> None:
    keys = [section.key for section in report.sections]
    assert keys[0] == "summary" and report.sections[0].page
    assert keys == [k for k in ("summary", "population", "groups", "demand", "supply", "targets", "measures",
                                "uncertainty") if k in keys]  # fmt: skip
    assert {"population", "groups", "targets", "uncertainty"} <= set(keys)


def test_services_stand_in_the_order_of_the_catalogue(results: Results, report: Report) -> None:
    found = next(table for table in tables(report) if table.key == "table.need")
    bands = [words(row.cells[0].parts, report.lang) for row in found.rows if row.band]
    assert bands == [w for w in _subjects(report.lang) if w in bands]
    names = [words(row.cells[0].parts, report.lang) for row in found.rows if not row.band and row.cells[0].parts[0]]
    labels = results.need[f"resource_label_{report.lang}"].values.tolist()
    codes_ = results.need["resource"].values.tolist()
    order = [code for members in by_subject(results.need, "resource", detail=False).values() for code in members]
    assert names == [w for w in (labels[codes_.index(code)] for code in order) if w in names]


def _subjects(lang: str) -> list[str]:
    return [label("subject", code, lang) for code in codes("subject")]


def test_own_resources_take_their_place() -> None:
    run = ds.simulate(ds.load(EXAMPLE).replace({"draws": 0}), engine="cohort")
    for lang in ("zh", "en"):
        report = build_report(run, lang)
        name = str(run.need.sel(resource="meal_places")[f"resource_label_{lang}"].item())
        found = [t.key for t in tables(report) for row in t.rows if words(row.cells[0].parts, lang) == name]
        assert {"table.need", "table.gap"} <= set(found)


def test_a_quantity_keeps_its_unit() -> None:
    run = ds.simulate(ds.load(EXAMPLE).replace({"draws": 0}), engine="cohort")
    chinese, english = Reader(run, "zh"), Reader(run, "en")
    assert measure(chinese, "beds", [123_456.0]).word == "万张" and measure(chinese, "beds", [9_000.0]).word == "张"
    assert measure(english, "persons", [2.5e6]).word == "million persons"
    assert measure(english, "share", [0.5]).word == "%"


def test_lines_are_counted_as_they_are_set() -> None:
    assert lines("一二三四五", 5.0) == 1 and lines("一二三四五六", 5.0) == 2
    assert lines("一二三四五。", 5.0) == 2  # the mark takes the character before it along
    assert lines("ab 123,456", 5.0) == 1 and lines("abcdefgh 123,456", 5.0) == 2
    table = Table("t", "t", [Column("名称", 1.0), Column("数", 1.0, True)], [])
    assert sum(column_widths(table, 400.0, 8.0, "zh")) == pytest.approx(400.0)
    assert width("2030年") == pytest.approx(2.0 + 0.2 + 1.0)  # programs leave a fifth of an em before 年
    assert lines("第2030年末", 5.3) == 2 and lines("第2030年末", 5.4) == 1


def test_a_full_column_is_wider_than_one_with_a_single_long_cell() -> None:
    columns = [Column("指标", 1.0), Column("单位", 1.0), Column("值", 1.0, True)]
    texts = [
        ("每百户居民拥有的城乡社区综合服务设施建筑面积", "平方米每百户居民每年，按年末户数平均计算", "1"),
        *[("享受补贴的残疾人覆盖率达标情况", "%", "2")] * 9,
    ]
    rows = [TableRow(tuple(Cell((text,)) for text in of_row)) for of_row in texts]
    wide = column_widths(Table("t", "t", columns, rows), 180.0, 8.0, "zh")
    assert sum(wide) == pytest.approx(180.0) and wide[0] > 1.4 * wide[1]


def laid_out(blocks: list[DocumentBlock], shape: float) -> PageLayout:
    """On pages of 450 by 700 points, behind a heading."""
    layout = PageLayout(450.0, 700.0, types(open_template(None, "zh"), "zh", own=True), {"p": shape}, "zh")
    layout.section(Section("s", "标题", blocks), 1)
    return layout


def test_a_picture_leaves_no_page_half_empty() -> None:
    text = [Paragraph(("字" * 40 * 4,)) for _ in range(5)]  # a good half of a page
    picture = Picture("figure.p", "p", "图", "")
    after = [Paragraph(("后" * 40 * 6,)) for _ in range(4)]
    waits = laid_out([*text, picture, *after], 1.2)
    order = waits.orders["s"]
    assert order.index(picture) > len(text) and waits.widths["p"] == PICTURE  # text of behind fills the page first
    whole = [block for block in order if block is not picture]
    assert whole == [*text, *after]
    shrunk = laid_out([*text, picture, *after], 0.65)
    assert SMALLEST <= shrunk.widths["p"] < PICTURE and shrunk.orders["s"].index(picture) == len(text)
    items = [Paragraph((f"第{i}项",), "item") for i in range(30)]
    listed = laid_out([*text, picture, *items, *after], 1.2).orders["s"]
    at = [listed.index(item) for item in items]
    assert at == list(range(at[0], at[0] + 30))  # no picture inside a list


def test_a_page_that_is_asked_for_keeps_the_room_above_its_heading() -> None:
    """As word processors do: it falls away only at the top of a page that begins by itself."""
    kinds = types(open_template(None, "zh"), "zh", own=True)
    sections = [Section("a", "一"), Section("b", "二", page=True)]
    layout = PageLayout(450.0, 700.0, kinds, {}, "zh")
    layout.report(Report("n", "p", "zh", "t", "", [], sections), first_page=False)
    heading = kinds["Heading 1"]
    assert layout.page == 2 and layout.used == pytest.approx(heading.before + heading.line)
    assert laid_out([], 1.0).used == heading.line


def test_the_last_row_of_a_table_stays_with_its_note() -> None:
    rows = [TableRow((Cell(("值",)),)) for _ in range(60)]
    columns = [Column("名", 1.0)]
    pages = [laid_out([Table("t", "表", columns, rows[:n], note=("注",))], 1.0) for n in range(30, 60)]
    # Where the note would stand alone on the next page, the last row with the repeated head goes there too.
    first = next(p for p in pages if p.page == 2)
    head_and_row = 2 * (3.0 + first.types["demo_sim cell"].line)
    assert first.used >= head_and_row + first.types["demo_sim note"].line


def no_charts() -> list[Pictures]:
    return [Pictures(Path("."), {})]


def test_contents_have_pages_and_properties_say_nothing_of_others(results: Results, tmp_path: Path) -> None:
    file = write_report(results, tmp_path / "report.docx", "zh", charts=no_charts)
    assert annex_of(file).is_file()
    document = Document(str(file))
    entries = [p for p in document.paragraphs if p.style is not None and p.style.name.lower().startswith("toc")]
    report = build_report(results, "zh")
    assert len(entries) == len(report.sections)
    pages = [int(re.findall(r"\d+$", "".join(t.text or "" for t in p._p.iter(f"{W}t")))[0]) for p in entries]
    assert pages == sorted(pages) and pages[0] == 2
    for entry in entries:
        assert any("PAGEREF" in (i.text or "") for i in entry._p.iter(f"{W}instrText"))
    found = document.core_properties
    assert (found.author, found.last_modified_by, found.comments, found.keywords) == ("", "", "", "")
    with zipfile.ZipFile(file) as opened:
        assert not [n for n in opened.namelist() if n.startswith("docProps/") and n != "docProps/core.xml"]


def test_sections_low_on_a_page_begin_another(results: Results) -> None:
    report = build_report(results, "zh")
    document = open_template(None, "zh")
    layout = PageLayout(450.0, 700.0, types(document, "zh", own=True), {}, "zh")
    layout.report(report, first_page=True)
    assert list(layout.found) == [s.key for s in report.sections]
    assert list(layout.found.values()) == sorted(layout.found.values())


def test_a_template_of_the_office_keeps_its_normal(results: Results, tmp_path: Path) -> None:
    """Text takes size and spacing of the office's Normal; a .dotx serves as a .docx does."""
    office = Document()
    normal = office.styles["Normal"]
    normal.font.size, normal.paragraph_format.line_spacing = Pt(16), Pt(28)
    office.save(str(tmp_path / "office.docx"))
    with (
        zipfile.ZipFile(tmp_path / "office.docx") as opened,
        zipfile.ZipFile(tmp_path / "office.dotx", "w") as made,
    ):
        for name in opened.namelist():
            made.writestr(name, opened.read(name).replace(b"document.main+xml", b"template.main+xml"))
    for ending in ("docx", "dotx"):
        made_of = write_report(
            results, tmp_path / f"r{ending}.docx", template=tmp_path / f"office.{ending}", charts=no_charts
        )
        document = Document(str(made_of))
        body = document.styles["demo_sim body"]
        assert body.font.size is None and body.paragraph_format.line_spacing is None
        assert body.base_style is not None and body.base_style.name == "Normal"
        assert document.styles["Normal"].font.size == Pt(16)
        assert document.styles["demo_sim cell"].font.size == Pt(10)
