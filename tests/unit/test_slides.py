"""Parts of the chapter that are ordered alone, and slides with one chart each."""

from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner
from pptx import Presentation

import demo_sim as ds
from demo_sim.cli.verbs import cli
from demo_sim.errors import InputError
from demo_sim.report.content import CONTENT, build_report, with_parts
from demo_sim.results import save


@pytest.fixture(scope="module")
def run() -> ds.Results:
    return ds.simulate(ds.load("430223").replace({"draws": 24, "period.end": 2026}), engine="cohort")


@pytest.fixture(scope="module")
def saved(run: ds.Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(run, tmp_path_factory.mktemp("run") / "run")


def texts(path: Path) -> list[str]:
    return [slide.shapes.title.text for slide in Presentation(str(path)).slides]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_slide_has_its_sentence_and_its_picture_inside(run: ds.Results, tmp_path: Path, lang: str) -> None:
    file = ds.write_report(run, tmp_path / "talk.pptx", lang, only=("summary", "groups"))
    slides = Presentation(str(file))
    assert slides.slide_width / slides.slide_height == pytest.approx(16 / 9, rel=1e-3)
    first, *others = slides.slides
    assert first.shapes.title.text == build_report(run, lang).title
    assert len(others) >= 3
    for slide in others:
        sentence = slide.shapes.title.text
        assert len(sentence) > 10 and any(char.isdigit() for char in sentence)
        [picture] = [shape for shape in slide.shapes if shape.shape_type == 13]
        assert picture.top >= slide.shapes.title.top + slide.shapes.title.height
        assert picture.left >= 0 and picture.left + picture.width <= slides.slide_width
        assert picture.top + picture.height <= slides.slide_height
        assert picture._element.nvPicPr.cNvPr.get("descr") == sentence
    assert len(set(texts(file))) == len(texts(file))
    assert file.stat().st_size < 4e6


def test_slides_of_a_template_have_its_page_and_none_of_its_slides(run: ds.Results, tmp_path: Path) -> None:
    office = Presentation()
    office.slide_width, office.slide_height = 9_144_000, 6_858_000
    office.slides.add_slide(office.slide_layouts[0]).shapes.title.text = "of the office"
    office.save(str(tmp_path / "office.pptx"))
    file = ds.write_report(run, tmp_path / "talk.pptx", template=tmp_path / "office.pptx", only=("demand",))
    found = Presentation(str(file))
    assert (found.slide_width, found.slide_height) == (9_144_000, 6_858_000)
    assert "of the office" not in texts(file)
    (tmp_path / "no.pptx").write_bytes(b"no slides")
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
    with zipfile.ZipFile(tmp_path / "bomb.pptx", "w") as packed:
        packed.writestr("[Content_Types].xml", bomb)
    for wrong in ("no.pptx", "bomb.pptx", "absent.pptx", "."):
        with pytest.raises(InputError):
            ds.write_report(run, tmp_path / "talk.pptx", template=tmp_path / wrong)


def test_counts_that_are_withheld_have_no_slide(run: ds.Results, tmp_path: Path) -> None:
    every = texts(ds.write_report(run, tmp_path / "a.pptx"))
    some = texts(ds.write_report(run, tmp_path / "b.pptx", mask_below=10_000))
    assert set(some[1:]) < set(every[1:])


@pytest.mark.parametrize("parts", [("summary",), ("targets", "uncertainty"), ("annex",), ("population", "annex")])
def test_parts_that_are_ordered_are_the_sections_of_the_whole(run: ds.Results, parts: tuple[str, ...]) -> None:
    whole = build_report(run)
    found = with_parts(whole, parts)
    if parts == ("annex",):
        assert whole.annex is not None and found.title == whole.annex.title
        return
    assert [section.key for section in found.sections] == [p for p in CONTENT if p in parts and p != "annex"]
    assert (found.annex is not None) is ("annex" in parts)


def test_the_verb_writes_one_file_or_the_parts(saved: Path, tmp_path: Path) -> None:
    ask = CliRunner().invoke
    file = tmp_path / "brief.docx"
    done = ask(cli, ["report", str(saved), "--out", str(file), "--only", "summary, targets", "--lang", "en"])
    assert done.exit_code == 0 and file.is_file() and not (tmp_path / "annex.docx").exists()
    heads = [p.text for p in docx.Document(str(file)).paragraphs if p.style.name.startswith("Heading 1")]
    assert [any(word in head for head in heads) for word in ("Summary", "Targets", "Need for")] == [True, True, False]
    for asked, word in ((["--only", "sumary"], "no part of a report"), (["--out", str(tmp_path / "a.txt")], ".pptx")):
        failed = ask(cli, ["report", str(saved), *asked, "--lang", "en"], catch_exceptions=True)
        told = failed.output + str(failed.exception or "")
        assert failed.exit_code != 0 and word in told, told
