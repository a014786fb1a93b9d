"""Reports: every number is one of the run at its rounding, files are whole, nothing from outside gets in."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from docx import Document

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.errors import InputError
from demo_sim.plot import write_figures
from demo_sim.report import write_report
from demo_sim.report.content import build_report
from demo_sim.report.pictures import Pictures, drawn
from demo_sim.report.tree import Number, Paragraph, Report, Table, Trace, words
from demo_sim.report.writing import annex_of
from demo_sim.results import Results, save
from demo_sim.results.clean import clean

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
DRAWS = 24
TABLES = ("target", "outcome", "answer", "part", "check", "input")  # whose rows have no names
VOID = {"meta", "br", "img", "input", "link", "hr"}


def no_charts() -> list[Pictures]:
    """Drawing takes longest, and most tests are of the text."""
    return [Pictures(Path("."), {})]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved run of Hunan, without charts."""
    results = ds.simulate(ds.load("hunan").replace({"draws": DRAWS, "period.end": 2030}), engine="cohort")
    return save(results, tmp_path_factory.mktemp("report") / "hunan")


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return ds.open_results(folder)


@pytest.fixture(scope="module")
def written(folder: Path) -> dict[tuple[str, str], Path]:
    """The reports of the verb in both languages, by language and ending."""
    found = {}
    for lang in ("zh", "en"):
        place = folder / lang
        done = CliRunner().invoke(cli, ["report", str(folder), "--out", str(place), "--lang", lang])
        assert done.exit_code == 0, done.output
        for ending in ("html", "docx"):
            found[lang, ending] = place / f"report.{ending}"
            assert str(found[lang, ending]) in done.output
    return found


class Page(HTMLParser):
    """Text, attributes and ids of a page; refuses tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "action", "data", "srcset"):
                self.addresses.append(value or "")
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "script" not in self.open and "style" not in self.open:
            self.text.append(data)


def text_of(path: Path) -> str:
    """All text of a report, in the order of the file."""
    if path.suffix == ".html":
        return "".join(Page(path.read_text(encoding="utf-8")).text)
    annex = annex_of(path)
    documents = [Document(str(file)) for file in (path, annex) if file.is_file()]
    lines = [p for document in documents for p in document.element.iter(f"{W}p")]
    return "\n".join("".join(t.text or "" for t in line.iter(f"{W}t")) for line in lines)


def all_blocks(report: Report) -> list[Any]:
    """Blocks of the chapter and of its annex."""
    assert report.annex is not None
    return [*report.all_blocks(), *report.annex.all_blocks()]


def all_numbers(report: Report) -> list[Number]:
    """Numbers of the chapter and of its annex."""
    assert report.annex is not None
    return [*report.numbers(), *report.annex.numbers()]


def from_file(tree: xr.DataTree, trace: Trace) -> float:
    """What a trace points to, worked out from run.nc alone."""
    stated = trace.statistic == "value"

    def array_of(path: str) -> xr.DataArray:
        group, _, name = path.partition("/")
        if not stated:
            return tree[group][name].astype(float)
        if path != "population/summary":
            return tree[f"central/{group}"][name]
        single = tree["central/population"]["population"]  # the stated run has single ages
        first = np.minimum(single["age"].values // 5 * 5, 100)
        names = [f"{a}-{a + 4}" if a < 100 else "100+" for a in first.tolist()]
        return single.groupby(xr.DataArray(names, dims="age", name="age_group", coords={"age": single["age"]})).sum()

    def series(place: Trace) -> np.ndarray:
        group, _, name = place.path.partition("/")
        array = tree[group]["number"].sel(number_column=name) if row else array_of(place.path)
        for dim, wanted in place.where:
            if dim in TABLES:
                array = array.isel({dim: wanted})
            else:
                chosen = array.sel({dim: list(wanted) if isinstance(wanted, tuple) else wanted})
                array = chosen.sum(dim) if isinstance(wanted, tuple) else chosen
        out = array.sum([d for d in array.dims if d != "draw"], skipna=False).values
        if place.minus is not None:
            out = out - series(place.minus)
        return out / series(place.over) if place.over is not None else out

    row = trace.statistic == "row"
    values = np.atleast_1d(series(trace))
    assert len(values) == (1 if row or stated else DRAWS)
    return float({"q10": np.quantile(values, 0.1), "q90": np.quantile(values, 0.9)}.get(trace.statistic, values[0]))


SCALES = {"亿": 1e8, "万": 1e4, "million": 1e6, "billion": 1e9, "m": 1e6, "bn": 1e9, "": 1.0}


def read(shown: str) -> tuple[float, float]:
    """A number as it is printed, and half a unit of its last figure."""
    found = re.match(r"([+−<]?)([\d,]+)(\.\d+)?\s*(亿|万|million|billion|bn|m(?!²)|)(%?)", shown)
    assert found, shown
    sign, whole, decimals, scale, percent = found.groups()
    factor = SCALES[scale] * (0.01 if percent else 1.0) * (-1 if sign == "−" else 1)
    figures = len(decimals) - 1 if decimals else 0
    half = 0.5 * 10.0**-figures
    if not figures and not scale and not percent:
        # Counts of a thousand and more are rounded to tens, of ten thousand and more to hundreds.
        value = float(whole.replace(",", ""))
        half = 50.0 if value >= 1e4 and value % 100 == 0 else 5.0 if value >= 1e3 and value % 10 == 0 else 0.5
    return float(whole.replace(",", "") + (decimals or "")) * factor, half * abs(factor)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_fifty_numbers_are_those_of_the_run(
    results: Results, folder: Path, written: dict[tuple[str, str], Path], lang: str
) -> None:
    report = build_report(results, lang)
    numbers = [n for n in all_numbers(report) if n.trace is not None and np.isfinite(n.value)]
    assert len(numbers) > 1000
    told = [n for b in all_blocks(report) if isinstance(b, Paragraph) for n in b.parts if isinstance(n, Number)]
    random = np.random.default_rng(20210831)
    sample = [numbers[i] for i in random.choice(len(numbers), 50, replace=False)]
    sample += [told[i] for i in random.choice(len(told), 50, replace=False)]
    texts = {ending: text_of(written[lang, ending]) for ending in ("html", "docx")}
    banded = 0
    with xr.open_datatree(folder / "run.nc", engine="h5netcdf", decode_timedelta=False) as tree:
        for number in sample:
            if number.trace is None:
                continue
            value = from_file(tree, number.trace)
            banded += number.trace.statistic in ("q10", "q90")
            assert abs(number.value) == pytest.approx(abs(value), rel=1e-9, abs=1e-12)
            shown = number.render(lang)
            assert shown in texts["html"] and shown in texts["docx"]
            if number.tail is not None:  # in a fixed unit, which stands behind it or in a head
                printed = float(shown.removesuffix(number.tail).replace(",", "").replace("−", "-").lstrip("+"))
                half = 0.5 * 10.0 ** -(number.digits or 0) * number.scale
                half *= 2 if number.rounded is not None else 1
                assert abs(printed * number.scale - number.value) <= half * (1 + 1e-9) + 1e-12, (shown, number.value)
                continue
            stated, half = read(shown)
            points = number.unit == "pp" or any(word in shown for word in ("个百分点", " pp", "percentage points"))
            unit = (number.scale if number.bare else 1.0) * (0.01 if points else 1.0)
            off, half = abs(stated * unit - number.value), half * unit
            if number.rounded is not None and number.trace.minus is not None:  # each part to three figures
                half += sum(0.005 * abs(from_file(tree, part)) for part in parts_of(number.trace))
            assert off <= half * (2 if number.rounded is not None else 1) * (1 + 1e-9) + 1e-12, (shown, number.value)
    assert banded > 0


def parts_of(trace: Trace) -> tuple[Trace, Trace]:
    """What a difference is of."""
    assert trace.minus is not None
    return replace(trace, minus=None), trace.minus


def printed_in(cell: Any, lang: str) -> float:
    """The number of a cell as it stands there."""
    return float(words(cell.parts, lang).replace(",", "").replace("−", "-").lstrip("+"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_differences_are_those_of_the_numbers_beside_them(results: Results, lang: str) -> None:
    """Need less supply is the gap, as printed; births less deaths the decrease that the sentence names."""
    report = build_report(results, lang)
    table = next(b for b in report.all_blocks() if isinstance(b, Table) and b.key == "table.gap")
    first = 1 + max(i for i, column in enumerate(table.columns) if not column.numeric)
    seen = 0
    for line in table.rows:
        if line.band:
            continue
        numbers = [printed_in(cell, lang) for cell in line.cells[first:]]
        for need, there, gap in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
            assert need - there == pytest.approx(gap, abs=1e-6)
            seen += 1
    assert seen > 10
    changes = [p for b in report.all_blocks() if isinstance(b, Paragraph) for p in b.parts if isinstance(p, Number)]
    told_of = {n.trace.path for n in changes if n.trace is not None}
    assert {"flows/flows", "population/summary"} <= told_of


def test_numbers_say_where_they_were_read(results: Results) -> None:
    """All but those worked out in a section (arithmetic of gaps, balance) are traced."""
    numbers = [n for n in all_numbers(build_report(results)) if np.isfinite(n.value)]
    assert sum(n.trace is None for n in numbers) < 0.05 * len(numbers)


def test_parts_of_a_printed_total_add_up(results: Results) -> None:
    report = build_report(results, "zh")
    table = next(b for b in report.all_blocks() if isinstance(b, Table) and b.key == "table.population")
    projected = [row for row in table.rows if words(row.cells[0].parts, "zh").isdecimal()]
    assert projected
    for row in projected:
        total, urban, rural = (float(words(c.parts, "zh").replace(",", "")) for c in row.cells[1:4])
        assert total == pytest.approx(urban + rural, abs=1e-9)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_one_file(written: dict[tuple[str, str], Path], lang: str) -> None:
    file = written[lang, "html"]
    source = file.read_text(encoding="utf-8")
    page = Page(source)
    assert file.stat().st_size < 3e6
    assert all(address.startswith("#") for address in page.addresses)
    assert set(page.addresses) <= {f"#{id_}" for id_ in page.ids}
    assert not re.search(r"(?<!xmlns)(?<!xmlns:xlink)=\"https?:|@import|url\((?!#)", source)
    assert len(page.ids) == len(set(page.ids))
    for tag in ("details", "table", "svg", "button"):
        assert tag in page.tags
    assert page.tags.count("article") == 1 and "select" not in page.tags


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_word_reads_the_document(written: dict[tuple[str, str], Path], results: Results, lang: str) -> None:
    file = written[lang, "docx"]
    assert file.stat().st_size < 4e6
    document = Document(str(file))
    report = build_report(results, lang)
    headings = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert headings == [s.title for s in report.sections]
    tables = [b for b in report.all_blocks() if isinstance(b, Table)]
    assert len(document.tables) == len(tables)
    body = document.element
    for table, made in zip(tables, document.tables, strict=True):
        assert len(made._tbl.tr_lst) == len(table.rows) + 1
        marked = [i for i, tr in enumerate(made._tbl.tr_lst) if tr.find(f"{W}trPr/{W}tblHeader") is not None]
        assert marked == [0]
    for picture in body.iter(f"{WP}docPr"):
        assert len(picture.get("descr")) > 10
    codes = ["".join(t.text or "" for t in [i]) for i in body.iter(f"{W}instrText")]
    assert sum("TOC" in code for code in codes) == 1
    assert sum("SEQ" in code for code in codes) == len(tables) + len(document.inline_shapes)
    names = {b.get(f"{W}name") for b in body.iter(f"{W}bookmarkStart")}
    referred = {code.split()[1] for code in codes if code.split()[0] == "REF"}
    assert referred and referred <= names
    with zipfile.ZipFile(file) as opened:
        styles = opened.read("word/styles.xml").decode()
    assert "Theme=" not in styles and 'eastAsia="宋体"' in styles


def hostile(results: Results) -> Results:
    """The run under a title and labels that try to break out."""
    tree = results.tree.copy()
    tree.attrs["title"] = (
        '{"zh": "<script>alert(1)</script>\\u0000\\u0007]]>&amp;", "en": "</style><img src=x>\\u001f"}'
    )
    groups = tree["groups"].to_dataset()
    names = groups["group_label_zh"].values.astype(object)
    names[list(groups["group"].values).index("older_60")] = '=HYPERLINK("x")\x0b<b onclick="x">'
    tree["groups"] = xr.DataTree(groups.assign_coords(group_label_zh=("group", names)))
    return Results(tree)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_from_outside_stay_text(results: Results, tmp_path: Path, lang: str) -> None:
    bad = hostile(results)
    page = Page(write_report(bad, tmp_path / "r.html", lang, charts=no_charts).read_text(encoding="utf-8"))
    assert page.tags.count("script") == 1 and "img" not in page.tags
    text = "".join(page.text)
    assert ("<script>alert(1)</script>" in text) if lang == "zh" else ("</style><img src=x>" in text)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
    document = Document(str(write_report(bad, tmp_path / "r.docx", lang, charts=no_charts)))
    assert ("<script>" if lang == "zh" else "<img") in document.core_properties.title
    if lang == "zh":
        assert any('=HYPERLINK("x")' in c.text for t in document.tables for c in t.columns[0].cells)


def test_clean_leaves_what_xml_allows() -> None:
    assert clean("a\tb\n湖南😀") == "a\tb\n湖南😀"
    assert clean("a\x00b\ud800c\uffffd\u202ee") == "abcde"


def test_small_counts_are_withheld(results: Results, tmp_path: Path) -> None:
    below = 10_000
    shown = build_report(results, "zh", mask_below=below)
    small = [n for n in all_numbers(shown) if n.unit == "persons" and 0 < abs(n.value) < below - 1]
    assert small and all(n.render("zh") in ("<10000", "*") for n in small)
    open_ = [
        n for n in all_numbers(build_report(results, "zh")) if n.unit == "persons" and 0 < abs(n.value) < below - 1
    ]
    assert not any("<" in n.render("zh") for n in open_)
    # A pyramid has ages with fewer persons, the totals of bigger groups have not.
    write_figures(results, tmp_path, formats=("svg", "png"), names=("pyramid", "function_levels"))
    charts = drawn(tmp_path)
    assert set(charts.titles) == {"pyramid", "function_levels"}
    page = write_report(results, tmp_path / "r.html", mask_below=below, charts=lambda: [charts]).read_text(
        encoding="utf-8"
    )
    assert "少于10000的人数、户数" in page
    assert page.count('<svg class="chart"') == 1 and "老年人能力等级" in page and "人口金字塔" not in page


def test_an_office_template_keeps_its_head_and_styles(results: Results, tmp_path: Path) -> None:
    office = Document()
    office.add_paragraph("某某市民政局文件")
    office.add_paragraph("{{report}}")
    office.add_paragraph("附件：")
    office.styles["Heading 1"].font.name = "方正小标宋"
    office.save(str(tmp_path / "office.docx"))
    made = Document(
        str(write_report(results, tmp_path / "r.docx", template=tmp_path / "office.docx", charts=no_charts))
    )
    texts = [p.text for p in made.paragraphs]
    assert texts[0] == "某某市民政局文件" and texts[-1] == "附件：" and "{{report}}" not in texts
    assert "一页摘要" in texts[1]
    assert made.styles["Heading 1"].font.name == "方正小标宋"
    (tmp_path / "no.docx").write_text("no document", encoding="utf-8")
    with pytest.raises(InputError, match=r"no\.docx.*no Word document"):
        write_report(results, tmp_path / "r.docx", "en", template=tmp_path / "no.docx")


def test_several_regions_share_a_page(results: Results, tmp_path: Path) -> None:
    page = Page(
        write_report([results, results], tmp_path / "two.html", charts=lambda: 2 * no_charts()).read_text(
            encoding="utf-8"
        )
    )
    assert page.tags.count("article") == 2 and page.tags.count("option") == 2
    assert len(page.ids) == len(set(page.ids))
    document = Document(str(write_report([results, results], tmp_path / "two.docx", charts=lambda: 2 * no_charts())))
    tops = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert tops == ["湖南省", "湖南省"]


def test_an_unknown_ending_is_refused(results: Results, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.html, \.docx or \.pptx"):
        write_report(results, tmp_path / "report.pdf")


def told(results: Results, lang: str, key: str) -> str:
    """The words of the paragraphs of a section of the annex."""
    annex = build_report(results, lang).annex
    assert annex is not None
    section = next(s for s in annex.sections if s.key == key)
    return " ".join(words(b.parts, lang) for b in section.blocks if isinstance(b, Paragraph))


def test_what_the_numbers_are_is_said(results: Results) -> None:
    assert "给定值" in told(results, "zh", "uncertainty") and "24次" in told(results, "zh", "uncertainty")
    assert "run at stated inputs" in told(results, "en", "uncertainty")
    old = Results(results.tree.copy())
    old.tree.attrs["value_is"] = "mean"  # as a run of an earlier version opens
    assert "旧版本" in told(old, "zh", "uncertainty") and "给定值" not in told(old, "zh", "uncertainty")
    assert "means over draws" in told(old, "en", "uncertainty")


def test_targets_whose_median_departs_are_named(results: Results) -> None:
    assert json.loads(str(results.attrs["departures"])).keys() == {"targets", "series"}
    one = Results(results.tree.copy())
    target = results.targets[results.targets["verdict"] == "missed"].iloc[0]
    one.tree.attrs["departures"] = json.dumps({"targets": [target["id"]], "series": []})
    said = told(one, "en", "uncertainty")
    assert "departs from the stated value by more than a fifth of the band" in said
    one.tree.attrs["departures"] = json.dumps({"targets": [], "series": []})
    assert "departs" not in told(one, "en", "uncertainty")


def test_a_report_of_the_central_run_alone(tmp_path: Path) -> None:
    run = ds.simulate(ds.load("hunan").replace({"draws": 0, "period.end": 2025}), engine="cohort")
    assert run.draws == 0 and run.targets["p_met"].isna().all()
    verdicts = set(run.targets["verdict"])
    assert {"met", "missed"} <= verdicts and "at_risk" not in verdicts  # by the central run
    for lang in ("zh", "en"):
        for ending in ("html", "docx"):
            text = text_of(write_report(run, tmp_path / f"r.{ending}", lang, charts=no_charts))
            assert ("不计算区间和达标概率" if lang == "zh" else "no bands and no probabilities") in text
            assert not re.search(r"(?i)\b(nan|inf)\b", text)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_where_the_uncertainty_comes_from(lang: str) -> None:
    run = ds.simulate(ds.load("hunan").replace({"draws": 200, "period.end": 2026}), engine="cohort")
    report = build_report(run, lang)
    table = next(b for b in all_blocks(report) if isinstance(b, Table) and b.key == "table.variance")
    varied = run.variance.drop_duplicates(["plan", "id", "reading"])
    assert 0 < len(table.rows) <= len(varied)
    for row in table.rows:
        shares = [c.parts[0].value for c in row.cells[1:-1]]
        printed = [int(c.parts[0].render(lang).rstrip("%").replace("−", "-")) for c in row.cells[1:]]
        assert sum(printed) == 100
        assert printed[:-1] == pytest.approx([100.0 * share for share in shares], abs=1.0)
        assert all(isinstance(n, Number) and n.trace is not None for c in row.cells[1:-1] for n in c.parts[::2])
    drivers = next(b for b in all_blocks(report) if isinstance(b, Table) and b.key == "table.drivers")
    shown = [float(n.value) for row in drivers.rows for n in row.cells[-1].parts if isinstance(n, Number)]
    assessed = run.targets[run.targets["verdict"].isin(["met", "missed", "at_risk"])]
    assert sorted(shown) == sorted(assessed["driver_share"].dropna().tolist()) and shown
    errors = [float(n.value) for row in drivers.rows for n in row.cells[4].parts if isinstance(n, Number)]
    assert sorted(errors) == sorted(assessed["p_se"].dropna().tolist())
