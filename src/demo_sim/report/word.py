"""Writer for Word: headings, captions with cross references, tables whose heads repeat, pictures with alt text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo_sim.report import word_xml as xml
from demo_sim.report.pages import PICTURE, PageLayout, column_widths
from demo_sim.report.pictures import Pictures
from demo_sim.report.tree import (
    DocumentBlock,
    Fold,
    Inlines,
    Number,
    Paragraph,
    Picture,
    Ref,
    Report,
    Section,
    Table,
    caption_name,
    number_captions,
    numbered,
    second,
    words,
)
from demo_sim.report.word_styles import add_list, open_template, page_text_width, types
from demo_sim.results.clean import clean

if TYPE_CHECKING:
    from docx.document import Document

MARK = "{{report}}"  # a paragraph of the office's template that says where the report goes
_DEEPEST = 3
_PAPER = 248  # of 255: the darkest channel of what counts as white
_ROOM = 4e6  # bytes of pictures that are put in as they are
_POINT = 12700  # English metric units in a point
_TWIPS = 635  # English metric units in a twentieth of a point


def docx_bytes(
    reports: Sequence[Report], charts: Sequence[Pictures | None], lang: str, template: str | Path | None = None
) -> bytes:
    """Reports as one Word document; those of several regions follow one another.

    Parameters
    ----------
    reports : one a run
    charts : the pictures of each, None where it has none
    lang : language of the document
    template : a document of the office, whose styles and page are used
    """
    document = open_template(template, lang)
    writer = _Writer(document, lang)
    size = 0
    for report, pictures in zip(reports, charts, strict=True):
        names = [block.name for block in report.all_blocks() if isinstance(block, Picture)]
        size += sum(pictures.png(name).stat().st_size for name in names) if pictures is not None else 0
    writer.slim = size > _ROOM
    if template is None:
        writer.cover(reports, charts)
        _header_and_footer(document, reports[0].title, lang)
    for number, (report, pictures) in enumerate(zip(reports, charts, strict=True)):
        writer.write(report, pictures, number, several=len(reports) > 1)
    writer.place()
    _properties(document, reports[0].title, lang)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _properties(document: Document, title: str, lang: str) -> None:
    """Title, language and date; nothing of who made the template."""
    found = document.core_properties
    found.title, found.language = clean(title), "zh-CN" if lang == "zh" else "en-GB"
    for name in ("author", "last_modified_by", "comments", "subject", "keywords", "category", "content_status"):
        setattr(found, name, "")
    found.revision = 1
    found.created = found.modified = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    package = document.part.package
    for key, relation in list(package.rels.items()):
        if relation.reltype.rpartition("/")[2] in ("extended-properties", "custom-properties", "thumbnail"):
            del package.rels[key]


class _Writer:
    """Turns reports into elements and puts them into the document at the end."""

    def __init__(self, document: Document, lang: str) -> None:
        self.document, self.lang = document, lang
        self.elements: list[Any] = []
        self.bookmarks = 0
        self.prefix = ""
        self.captions: dict[str, Table | Picture] = {}
        self.charts: Pictures | None = None
        self.slim = False
        self.break_next = False
        self.layouts: list[PageLayout] = []  # of each report
        self.layout: PageLayout | None = None  # of the report that is being written
        self.room = int(page_text_width(document) / _TWIPS)
        self.style_ids = {style.name: style.style_id for style in document.styles}

    # -- whole ---------------------------------------------------------------------------------------------------------

    def cover(self, reports: Sequence[Report], charts: Sequence[Pictures | None]) -> None:
        """Title, what the run was, table of contents."""
        first = reports[0]
        title = first.title if len(reports) == 1 else "、".join(r.title for r in reports)
        self._text("Title", title)
        self._text("Subtitle", first.subtitle)
        for report in reports:
            between, colon = ("；", "：") if self.lang == "zh" else ("; ", ": ")
            facts = between.join(f"{name}{colon}{value}" for name, value in report.facts)
            self._text("demo_sim note", facts, '<w:jc w:val="center"/>')
        self.layouts = self._laid_out(reports, charts)
        self._contents(reports, [layout.found for layout in self.layouts])
        self.break_next = True

    def _laid_out(self, reports: Sequence[Report], charts: Sequence[Pictures | None]) -> list[PageLayout]:
        """Each report on its pages, counted as the document is laid out."""
        section = self.document.sections[-1]
        inches = (section.page_height, section.top_margin, section.bottom_margin)
        high = (int(inches[0] or 0) - int(inches[1] or 0) - int(inches[2] or 0)) / _POINT
        found = []
        page = 1
        for report, pictures in zip(reports, charts, strict=True):
            number_captions(report)
            names = [block.name for block in report.all_blocks() if isinstance(block, Picture)]
            shapes = {} if pictures is None else {name: _shape(pictures.png(name)) for name in names}
            layout = PageLayout(self.room / 20, high, types(self.document, self.lang, own=True), shapes, self.lang)
            layout.page, layout.used = page, 1.0
            layout.report(report, first_page=True)
            page = layout.page
            found.append(layout)
        return found

    def write(self, report: Report, charts: Pictures | None, number: int, several: bool) -> None:
        """All sections of a report; of several, each stands under the name of its region."""
        self.prefix, self.charts, self.captions = f"r{number}_", charts, number_captions(report)
        self.layout = self.layouts[number] if self.layouts else None
        if several:
            self._heading(report.place, 1, f"{self.prefix}top", page=number > 0 or self.break_next)
            self.break_next = False
        for section in report.sections:
            if self.layout is not None and section.key in self.layout.breaks:
                self.break_next = True
            self._section(section, 1 + several)
            # What follows a page that stands alone begins another.
            self.break_next = section.page

    def place(self) -> None:
        """Put everything where the template says, else behind what it holds."""
        body = self.document.element.body
        mark = next((p for p in self.document.paragraphs if p.text.strip() == MARK), None)
        if mark is not None:
            for element in self.elements:
                mark._p.addprevious(element)
            mark._p.getparent().remove(mark._p)
            return
        end = body.sectPr if hasattr(body, "sectPr") else None
        for element in self.elements:
            if end is not None:
                end.addprevious(element)
            else:
                body.append(element)

    # -- blocks --------------------------------------------------------------------------------------------------------

    def _add(self, text: str) -> None:
        from docx.oxml import parse_xml

        self.elements.append(parse_xml(text))

    def _text(self, style: str, text: str, properties: str = "") -> None:
        self._add(xml.paragraph(self._style(style), xml.run_xml(text), properties))

    def _style(self, name: str) -> str:
        return self.style_ids.get(name, "Normal")

    def _bookmark(self, key: str, inside: str) -> str:
        self.bookmarks += 1
        return xml.bookmark(self.bookmarks, self._anchor(key), inside)

    def _anchor(self, key: str) -> str:
        # Word takes names of forty letters, digits and underscores, and hides those that begin with one.
        plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in key)
        return f"_{self.prefix}{plain}"[:40]

    def _heading(self, title: str, level: int, key: str, page: bool = False, numbered: bool = True) -> None:
        breaks = "<w:pageBreakBefore/>" if page else ""
        breaks += "" if numbered else '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>'
        inside = self._bookmark(key, xml.run_xml(title))
        self._add(xml.paragraph(self._style(f"Heading {min(level, _DEEPEST)}"), inside, breaks))

    def _section(self, section: Section, level: int) -> None:
        self._heading(section.title, level, section.key, section.page or self.break_next, not section.page)
        self.break_next = False
        self._blocks(section.blocks if self.layout is None else self.layout.orders[section.key], level)
        for inner in section.sections:
            self._section(inner, level + 1)

    def _blocks(self, blocks: Sequence[DocumentBlock], level: int) -> None:
        items = 0
        for block in blocks:
            if isinstance(block, Paragraph) and block.style == "item":
                items = items or add_list(self.document, [("%1.", "")])
                listed = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{items}"/></w:numPr>'
                self._add(xml.paragraph(self._style("demo_sim item"), self._runs(block.parts), listed))
                continue
            items = 0
            if isinstance(block, Paragraph):
                style = "demo_sim note" if block.style == "note" else "demo_sim body"
                self._add(xml.paragraph(self._style(style), self._runs(block.parts)))
            elif isinstance(block, Fold):
                self._text(f"Heading {_DEEPEST}", block.head)
                self._blocks(block.blocks, level + 1)
            elif isinstance(block, Table):
                self._table(block)
            else:
                self._picture(block)

    def _caption(self, block: Table | Picture) -> None:
        kind = "表" if isinstance(block, Table) else "图"
        kind = kind if self.lang == "zh" else ("Table" if isinstance(block, Table) else "Figure")
        name = caption_name(block, self.lang)
        lead = name.removesuffix(str(block.number))
        number = (xml.run_xml(lead) if lead else "") + xml.field(f"SEQ {kind} \\* ARABIC", str(block.number))
        gap = "　" if self.lang == "zh" else ". "
        above = "<w:keepNext/>" if isinstance(block, Table) else ""
        inside = self._bookmark(block.key, number) + xml.run_xml(gap + block.caption)
        self._add(xml.paragraph(self._style("Caption"), inside, above))

    def _table(self, table: Table) -> None:
        self._caption(table)
        size = self.document.styles["demo_sim cell"].font.size
        points = column_widths(table, self.room / 20, 8.0 if size is None else float(size.pt), self.lang)
        widths = [int(20 * width) for width in points]
        heads = [
            xml.cell_xml(width, [xml.run_xml(column.head, bold=True)], right=column.numeric, keep=True)
            for width, column in zip(widths, table.columns, strict=True)
        ]
        rows = [xml.table_row(heads, head=True)]
        last = len(table.rows) - 1
        for i, row in enumerate(table.rows):
            keep = row.band or (i == last and bool(table.note))  # a band with its rows, the note with the table
            if row.band:
                name = words(row.cells[0].parts, self.lang)
                inside = [xml.run_xml(name, bold=True)]
                cells = [xml.cell_xml(sum(widths), inside, shade="F4F6F8", span=len(widths), keep=keep)]
            else:
                cells = [
                    xml.cell_xml(width, [self._runs(cell.parts, cell.tone)], right=column.numeric, keep=keep)
                    for width, column, cell in zip(widths, table.columns, row.cells, strict=True)
                ]
            rows.append(xml.table_row(cells))
        self._add(xml.table(widths, rows, self._style("demo_sim table"), self._style("demo_sim cell")))
        self._add(xml.paragraph(self._style("demo_sim note"), self._runs(table.note)))

    def _picture(self, picture: Picture) -> None:
        from docx.shared import Emu

        assert self.charts is not None
        part = PICTURE if self.layout is None else self.layout.widths.get(picture.name, PICTURE)
        width = Emu(int(part * self.room * _TWIPS))
        inline = self.document.part.new_pic_inline(self._file(self.charts.png(picture.name)), width, None)
        inline.docPr.set("descr", clean(picture.alt or picture.caption))
        inline.docPr.set("title", clean(picture.caption))
        self._add(xml.paragraph(self._style("demo_sim figure"), "<w:r/>"))
        run = self.elements[-1].find(f"{{{xml.W}}}r")
        run.add_drawing(inline)
        self._caption(picture)

    def _file(self, path: Path) -> Any:
        """A picture as it is put into the document: with fewer colours where all together would be too large."""
        if not self.slim:
            return str(path)
        from PIL import Image

        small = io.BytesIO()
        with Image.open(path) as opened:
            dpi = opened.info.get("dpi", (300, 300))
            # Charts have few colours; 256 of them show no difference and take a third of the room.
            fewer = opened.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        palette = fewer.getpalette() or []
        # What is nearly white is the page and has to look like it.
        fewer.putpalette(
            [255 if min(palette[i - i % 3 : i - i % 3 + 3]) >= _PAPER else c for i, c in enumerate(palette)]
        )
        fewer.save(small, "png", dpi=dpi)
        small.seek(0)
        return small

    def _runs(self, parts: Inlines, tone: str = "") -> str:
        out, text = [], ""
        colour = xml.TONES.get(tone, "")
        for part in parts:
            if isinstance(part, Ref):
                if text:
                    out.append(xml.run_xml(text, bool(tone), colour))
                    text = ""
                shown = caption_name(self.captions[part.key], self.lang)
                out.append(xml.field(f"REF {self._anchor(part.key)} \\h", shown))
            else:
                text += part.render(self.lang) if isinstance(part, Number) else part
        if text:
            out.append(xml.run_xml(text, bool(tone) and tone != "not_assessed", colour))
        return "".join(out)

    def _contents(self, reports: Sequence[Report], pages: Sequence[dict[str, int]]) -> None:
        """A table of contents with the pages as counted; the word processor brings it up to date when asked."""
        heading = "目录" if self.lang == "zh" else "Contents"
        self._text("Subtitle", heading, "<w:keepNext/>")
        lines: list[tuple[int, str, str, int]] = []
        gap = "" if self.lang == "zh" else " "
        for number, (report, found) in enumerate(zip(reports, pages, strict=True)):
            self.prefix = f"r{number}_"
            deeper = int(len(reports) > 1)
            if deeper:
                first = min(found.values(), default=1)
                lines.append((1, report.place, self._anchor(f"{self.prefix}top"), first))
            for section, before in zip(report.sections, numbered(report), strict=True):
                name = f"{before}{gap if before else ''}{section.title}"
                lines.append((1 + deeper, name, self._anchor(section.key), found[section.key]))
                for i, inner in enumerate(section.sections if not deeper else (), start=1):
                    name = f"{second(self.lang, before, i)}{gap}{inner.title}"
                    lines.append((2, name, self._anchor(inner.key), found[inner.key]))
        begin = (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
            '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\h \\z \\u </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        )
        end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        for i, (level, title, anchor, page) in enumerate(lines):
            shown = xml.run_xml(title) + "<w:r><w:tab/></w:r>" + xml.field(f"PAGEREF {anchor} \\h", str(page))
            link = f'<w:hyperlink w:anchor="{anchor}" w:history="1">{shown}</w:hyperlink>'
            inside = (begin if i == 0 else "") + link + (end if i == len(lines) - 1 else "")
            self._add(xml.paragraph(self._style(f"toc {level}"), inside))


def _shape(path: Path) -> float:
    """Height over width of a picture."""
    from PIL import Image

    with Image.open(path) as opened:
        return opened.height / opened.width


def _header_and_footer(document: Document, title: str, lang: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import parse_xml
    from docx.shared import Pt

    section = document.sections[0]
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    head.text = clean(title)
    head.alignment = foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for run in head.runs:
        run.font.size = Pt(8.5)
    before, between, after = ("第", "页，共", "页") if lang == "zh" else ("Page ", " of ", "")
    inside = (
        xml.run_xml(before)
        + xml.field("PAGE", "1")
        + xml.run_xml(between)
        + xml.field("NUMPAGES", "1")
        + xml.run_xml(after)
    )
    foot._p.getparent().replace(
        foot._p, parse_xml(xml.paragraph(foot.style.style_id, inside, '<w:jc w:val="center"/>'))
    )
