"""Writer for slides: one chart a slide, its finding as the title, in the office's template or a plain one."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo_sim.errors import InputError, Problem
from demo_sim.execution.helpers import Helpers
from demo_sim.execution.limits import processes
from demo_sim.files import MOST_DOCUMENT, hindrance
from demo_sim.plot.aside import MODULES, Drawing
from demo_sim.report.content import CAPTIONS, chart_of, section_of
from demo_sim.report.pictures import CHARTS_OF_A_REPORT, drawn
from demo_sim.report.tree import Report
from demo_sim.report.word_styles import as_document
from demo_sim.results.clean import clean
from demo_sim.results.handover import Handed

if TYPE_CHECKING:
    from pptx.presentation import Presentation

    from demo_sim.results import Results

_WIDE = (12_192_000, 6_858_000)  # 13.33 by 7.5 inches in English metric units, of 16 by 9
_EDGE, _TITLE_TOP, _TITLE_HEIGHT = 380_000, 230_000, 900_000
_TITLE_SIZE = 304_800  # 24 points
_FONT = "Microsoft YaHei"  # of Chinese letters, where the master names none
_PLAIN = "plain"  # category of the document that has no template
_TABLES = ("target_table",)  # pictures of tables, which a document prints as tables, have a slide


def pptx_bytes(
    runs: Sequence[Results],
    reports: Sequence[Report],
    lang: str,
    template: str | os.PathLike[str] | None = None,
    mask_below: int = 0,
) -> bytes:
    """Charts of runs as slides: of each a title slide, then those of its sections in their order.

    Parameters
    ----------
    runs : whose charts are drawn
    reports : their reports; a chart whose section is not in them is left out
    lang : language of the charts
    template : slides of the office (.pptx), whose master is used
    mask_below : charts that hold counts below this are left out

    Raises
    ------
    InputError
        The template is no file of slides, or has no layout with a title alone.
    """
    slides = _opened(template, lang)
    layout = _title_only(slides, template)
    for run, report in zip(runs, reports, strict=True):
        _first(slides, report)
        keys = {section.key for section in report.sections}
        names = [n for n in (*CHARTS_OF_A_REPORT, *_TABLES) if section_of(n) in keys]
        with tempfile.TemporaryDirectory(prefix="demo_sim-", ignore_cleanup_errors=True) as folder:
            place = Path(folder) / "charts"
            place.mkdir()
            with Helpers(processes() - 1, MODULES) as helpers, Handed(run, helpers, Path(folder)) as handed:
                Drawing(handed, place, lang, names, ("svg", "png"), "inset").finish()
            found = drawn(place).without_small(mask_below)
            order = {name: i for i, name in enumerate(CAPTIONS)}
            for name in sorted(found.titles, key=lambda n: (order.get(_chart_of(n), len(order)), _page(n))):
                _chart(slides, layout, found.titles[name], found.png(name))
    out = io.BytesIO()
    slides.save(out)
    return out.getvalue()


def _chart_of(name: str) -> str:
    """Name of the chart that an inset is of."""
    return chart_of(name.removesuffix("_inset"))


def _page(name: str) -> tuple[str, int]:
    """Chart and page of an inset."""
    chart = _chart_of(name)
    return chart, int(name.removesuffix("_inset").removeprefix(chart).lstrip("_") or 1)


def _opened(template: str | os.PathLike[str] | None, lang: str) -> Presentation:
    """The office's slides without those that are in it, or plain ones of 16 by 9."""
    from pptx import Presentation as open_slides
    from pptx.util import Emu

    if template is None:
        slides = open_slides()
        slides.slide_width, slides.slide_height = Emu(_WIDE[0]), Emu(_WIDE[1])
        slides.core_properties.category = _PLAIN
    else:
        if hinders := hindrance(Path(template), MOST_DOCUMENT):
            raise InputError([Problem(str(template), 0, "--template", *hinders)])
        try:
            slides = open_slides(as_document(Path(template)))
        except Exception as error:  # whatever a file that is none runs into
            zh, en = "不是 PowerPoint 模板（.pptx 或 .potx）", "is no file of slides (.pptx, .potx)"
            raise InputError([Problem(str(template), 0, "--template", zh, en)]) from error
        listed = slides.slides._sldIdLst
        for one in list(listed):
            slides.part.drop_rel(one.rId)
            listed.remove(one)
    about = slides.core_properties
    about.author, about.last_modified_by, about.language = "demo_sim", "demo_sim", "zh-CN" if lang == "zh" else "en"
    about.title, about.comments, about.keywords = "", "", ""
    return slides


def _title_only(slides: Presentation, template: str | os.PathLike[str] | None) -> Any:
    """A layout whose one placeholder besides date, foot and number is the title."""
    for layout in slides.slide_layouts:
        kinds = [int(shape.placeholder_format.type or 0) for shape in layout.placeholders]  # type: ignore[misc]
        if [kind for kind in kinds if kind not in (13, 15, 16)] == [1]:
            return layout
    zh, en = "模板没有“仅标题”版式", "has no layout with a title alone"
    raise InputError([Problem(str(template), 0, "--template", zh, en)])


def _first(slides: Presentation, report: Report) -> None:
    slide = slides.slides.add_slide(slides.slide_layouts[0])
    slides.core_properties.title = slides.core_properties.title or clean(report.title)
    lines = [report.subtitle, *(f"{name}{'：' if report.lang == 'zh' else ': '}{told}" for name, told in report.facts)]
    texts = [report.title, "\n".join(line for line in lines if line)]
    for shape in slide.placeholders:
        if texts and shape.has_text_frame:
            _say(shape, texts.pop(0))
    if _is_plain(slide.slide_layout):
        boxes = ((1_900_000, 1_500_000), (3_600_000, 1_200_000))
        for shape, (top, height) in zip(slide.placeholders, boxes, strict=False):
            shape.left, shape.top, shape.width, shape.height = 900_000, top, _WIDE[0] - 1_800_000, height


def _chart(slides: Presentation, layout: Any, sentence: str, picture: Path) -> None:
    """A slide with its sentence and, as large as there is room below, its picture."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Emu

    slide = slides.slides.add_slide(layout)
    width, height = int(slides.slide_width or 0), int(slides.slide_height or 0)
    title = slide.shapes.title
    _say(title, sentence)
    if _is_plain(layout):
        title.left, title.top = Emu(_EDGE), Emu(_TITLE_TOP)
        title.width, title.height = Emu(width - 2 * _EDGE), Emu(_TITLE_HEIGHT)
        title.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        title.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        title.text_frame.paragraphs[0].runs[0].font.size = Emu(_TITLE_SIZE)
    top = int(title.top + title.height) + _EDGE // 4
    shown = slide.shapes.add_picture(str(picture), 0, 0)
    part = min((width - 2 * _EDGE) / shown.width, (height - top - _EDGE // 2) / shown.height)
    shown.width, shown.height = Emu(int(shown.width * part)), Emu(int(shown.height * part))
    shown.left, shown.top = Emu((width - shown.width) // 2), Emu(top)
    shown.name = sentence
    shown._element.nvPicPr.cNvPr.set("descr", sentence)


def _is_plain(layout: Any) -> bool:
    """Whether a layout is one of the plain slides, which are made for a narrower page."""
    return bool(layout.part.package.core_properties.category == _PLAIN)


def _say(shape: Any, text: str) -> None:
    """Put text in a shape, with fonts that have Chinese letters where the master names none."""
    from pptx.oxml.ns import qn

    shape.text_frame.text = clean(text)
    for paragraph in shape.text_frame.paragraphs:
        for run in paragraph.runs:
            properties = run._r.get_or_add_rPr()
            if properties.find(qn("a:ea")) is None:
                properties.append(properties.makeelement(qn("a:ea"), {"typeface": _FONT}))
