"""The template of our own, made by code, and the styles that an office's template may lack."""

from __future__ import annotations

import copy
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo_sim.errors import InputError, Problem
from demo_sim.files import MOST_DOCUMENT, hindrance
from demo_sim.report.pages import Type

if TYPE_CHECKING:
    from docx.document import Document

# Fonts of running text and of headings by language: (Latin, East Asian).
_BODY = {"zh": ("Times New Roman", "宋体"), "en": ("Times New Roman", "宋体")}
_HEAD = {"zh": ("Arial", "黑体"), "en": ("Arial", "黑体")}
_TABLE_STYLE = """
<w:style xmlns:w="{w}" w:type="table" w:customStyle="1" w:styleId="DemoSimTable">
  <w:name w:val="demo_sim table"/><w:uiPriority w:val="99"/>
  <w:tblPr><w:tblInd w:w="0" w:type="dxa"/>
    <w:tblBorders>
      <w:top w:val="single" w:sz="12" w:space="0" w:color="1F2933"/>
      <w:bottom w:val="single" w:sz="12" w:space="0" w:color="1F2933"/>
      <w:insideH w:val="single" w:sz="4" w:space="0" w:color="D5DADE"/>
    </w:tblBorders>
    <w:tblCellMar><w:top w:w="25" w:type="dxa"/><w:left w:w="55" w:type="dxa"/><w:bottom w:w="25" w:type="dxa"/>
      <w:right w:w="55" w:type="dxa"/></w:tblCellMar>
  </w:tblPr>
  <w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>
    <w:bottom w:val="single" w:sz="6" w:space="0" w:color="1F2933"/></w:tcBorders></w:tcPr></w:tblStylePr>
</w:style>
"""

# Our styles: name -> (size, height of a line, space before, after, first-line indent in characters). Lines have an
# exact height, as in official documents: what a page holds does not hang on the font that stands in for another.
_TEXT: dict[str, tuple[float, float, float, float, int]] = {
    "demo_sim body": (10.5, 19, 0, 3, 2),
    "demo_sim item": (10.5, 18, 0, 2, 0),
    "demo_sim note": (8.5, 12, 2, 6, 0),
    "demo_sim cell": (8, 11, 0, 0, 0),
    "demo_sim figure": (10.5, 0, 4, 0, 0),
}
_HEADINGS = {"Heading 1": (15, 22, 14, 6), "Heading 2": (12.5, 18, 10, 4), "Heading 3": (10.5, 16, 8, 3)}
_CAPTION = (9, 13, 5, 3)
_TOC = (10.5, 20)
_OF_NORMAL = ("demo_sim body", "demo_sim item")  # in an office's template these are its Normal
_CELL_OF_NORMAL = 0.75  # size of a table's text over that of the office's Normal, within these points
_CELL_SIZES = (8.0, 10.0)


def open_template(template: str | Path | None, lang: str) -> Document:
    """A document to write into: our own template, or the office's with the styles it lacks.

    Raises
    ------
    InputError
        The template is no Word document.
    """
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    if template is None:
        document = docx.Document()
        _own(document, lang)
        return document
    if hinders := hindrance(Path(template), MOST_DOCUMENT):
        raise InputError([Problem(str(template), 0, "", *hinders)])
    try:
        document = docx.Document(as_document(Path(template)))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InputError(
            [
                Problem(
                    str(template),
                    0,
                    "",
                    f"不是可用的 Word 模板（需要 .docx 或 .dotx 文件）：{error}",
                    f"no Word document that can serve as template (a .docx or .dotx file is needed): {error}",
                )
            ]
        ) from error
    _add_missing(document, lang)
    return document


def as_document(template: Path) -> io.BytesIO:
    """The bytes of a document; a template (.dotx, .potx) differs from one by a word in its list of parts."""
    content = template.read_bytes()
    of_slides = template.suffix.lower() == ".potx"
    form, main = (b"presentationml", b"presentation") if of_slides else (b"wordprocessingml", b"document")
    kind, plain = form + b".template.main+xml", form + b"." + main + b".main+xml"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        if kind not in opened.read("[Content_Types].xml"):
            return io.BytesIO(content)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            for name in opened.namelist():
                part = opened.read(name)
                made.writestr(name, part.replace(kind, plain) if name == "[Content_Types].xml" else part)
    out.seek(0)
    return out


def _own(document: Document, lang: str) -> None:
    """Page, fonts and styles of our own template, in a fresh document."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin, section.bottom_margin = Cm(2.6), Cm(2.4)
    styles = document.styles
    _drop_theme_fonts(document)
    _fonts(styles["Normal"], *_BODY[lang], lang)
    styles["Normal"].font.size = Pt(10.5)
    for name, (size, line, before, after) in _HEADINGS.items():
        style = styles[name]
        _fonts(style, *_HEAD[lang], lang)
        style.font.size, style.font.bold, style.font.italic = Pt(size), lang == "en", False
        style.font.color.rgb = RGBColor(0x1F, 0x29, 0x33)
        _spacing(style, before, after, line)
        style.paragraph_format.keep_with_next = True
    for name, size in (("Title", 20), ("Subtitle", 12)):
        style = styles[name]
        _fonts(style, *_HEAD[lang], lang)
        style.font.size, style.font.italic, style.font.bold = Pt(size), False, False
        style.font.color.rgb = RGBColor(0x1F, 0x29, 0x33)
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for border in style.element.pPr.findall(_w("pBdr")):
            style.element.pPr.remove(border)
    _caption(styles["Caption"], lang)
    _add_missing(document, lang, own=True)
    _number_headings(document, lang)


def _caption(style: Any, lang: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    _fonts(style, *_HEAD[lang], lang)
    size, line, before, after = _CAPTION
    style.font.size, style.font.bold, style.font.italic = Pt(size), False, False
    style.font.color.rgb = RGBColor(0x1F, 0x29, 0x33)
    style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _spacing(style, before, after, line)
    _no_indent(style)


def _add_missing(document: Document, lang: str, own: bool = False) -> None:
    """Add the styles that the writer uses and the document has not."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.oxml import parse_xml
    from docx.shared import Cm, Emu, Pt

    styles = document.styles
    present = {style.name for style in styles}
    for name in (*_HEADINGS, "Caption", "toc 1", "toc 2"):
        if name not in present:
            style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
            style.base_style = styles["Normal"] if "Normal" in present else None
            if name in _HEADINGS:
                style.font.size, style.font.bold = Pt(_HEADINGS[name][0]), True
                style.paragraph_format.keep_with_next = True
                _outline(style, int(name[-1]) - 1)
            elif name == "Caption":
                _caption(style, lang)
            else:
                room = Emu(page_text_width(document))
                style.paragraph_format.tab_stops.add_tab_stop(room, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
                style.paragraph_format.left_indent = Cm(0 if name.endswith("1") else 0.7)
                _spacing(style, 0, 0, _TOC[1])
                _no_indent(style)
    normal = _points(styles["Normal"].font.size) if "Normal" in present else None
    cell = min(max((normal or 0) * _CELL_OF_NORMAL, _CELL_SIZES[0]), _CELL_SIZES[1])
    for name, (size, line, before, after, indent) in _TEXT.items():
        if name in present:
            continue
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"] if "Normal" in present else None
        if not own and name in _OF_NORMAL:
            continue
        if not own and name == "demo_sim cell":
            size, line = cell, cell * 1.35
        style.font.size = Pt(size)
        _spacing(style, before, after, line)
        _no_indent(style)
        if indent and lang == "zh":
            _first_line(style, indent)
        if name.endswith("figure"):
            style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
            style.paragraph_format.keep_with_next = True
    if "demo_sim table" not in present:
        styles.element.append(parse_xml(_TABLE_STYLE.format(w=_w("")[1:-1])))


def page_text_width(document: Document) -> int:
    """Room between the margins of the last section, in English metric units; that of A4 where it is not said."""
    section = document.sections[-1]
    page, left, right = section.page_width, section.left_margin, section.right_margin
    if page is None or left is None or right is None:
        return 5760000
    return int(page) - int(left) - int(right)


def _spacing(style: Any, before: float, after: float, line: float) -> None:
    """Room above and below, and an exact height of lines in points; 0 for lines as high as what they hold."""
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt

    form = style.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    if line:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    else:
        form.line_spacing = 1.0


def _points(length: Any) -> float | None:
    return None if length is None else float(length.pt)


def types(document: Document, lang: str, own: bool) -> dict[str, Type]:
    """Measures of the styles that a document is laid out by; those of an office's template are an estimate."""
    out = {name: Type(size, line, before, after) for name, (size, line, before, after) in _HEADINGS.items()}
    out["Caption"] = Type(*_CAPTION)
    out["toc"] = Type(*_TOC)
    for name, (size, line, before, after, indent) in _TEXT.items():
        hangs = 21.0 if name == "demo_sim item" else 0.0
        out[name] = Type(size, line, before, after, float(indent) if lang == "zh" else 0.0, hangs)
    if not own:
        normal = document.styles["Normal"]
        size = _points(normal.font.size) or 10.5
        spacing = normal.paragraph_format.line_spacing
        line = float(spacing.pt) if hasattr(spacing, "pt") else size * 1.3 * float(spacing or 1.0)
        for name in _OF_NORMAL:
            out[name] = Type(size, line, 0, 0, 2.0 if lang == "zh" else 0.0)
    return out


def _w(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/wordprocessingml/2006/main}}{name}"


def _first_line(style: Any, characters: int) -> None:
    """Indent of the first line in characters, which follows the size of the font."""
    from docx.shared import Pt

    style.paragraph_format.first_line_indent = Pt(10.5 * characters)
    style.element.pPr.ind.set(_w("firstLineChars"), str(100 * characters))


def _no_indent(style: Any) -> None:
    """Take back the indent of first lines that an office's Normal may have."""
    from docx.shared import Pt

    style.paragraph_format.first_line_indent = Pt(0)
    style.element.pPr.ind.set(_w("firstLineChars"), "0")


def _outline(style: Any, level: int) -> None:
    from docx.oxml import OxmlElement

    outline = OxmlElement("w:outlineLvl")
    outline.set(_w("val"), str(level))
    style.element.get_or_add_pPr().append(outline)


def _fonts(style: Any, latin: str, asian: str, lang: str) -> None:
    """Name the fonts of all scripts; with a theme font beside them Word would not look at the East Asian one."""
    style.font.name = latin
    fonts = style.element.rPr.rFonts
    for key in list(fonts.attrib):
        if key.endswith("Theme"):
            del fonts.attrib[key]
    for script in ("ascii", "hAnsi", "cs"):
        fonts.set(_w(script), latin)
    fonts.set(_w("eastAsia"), asian)
    # Quotation marks and dashes are set in the font of the language.
    fonts.set(_w("hint"), "eastAsia" if lang == "zh" else "default")


def _drop_theme_fonts(document: Document) -> None:
    for fonts in document.styles.element.iter(_w("rFonts")):
        for key in list(fonts.attrib):
            if key.endswith("Theme"):
                del fonts.attrib[key]
    for language in document.styles.element.iter(_w("lang")):
        language.set(_w("eastAsia"), "zh-CN")


def _number_headings(document: Document, lang: str) -> None:
    """Number the headings 一、（一） or 1, 1.1 by a list that their styles belong to."""
    patterns = (
        [("%1、", "Heading1"), ("（%2）", "Heading2")] if lang == "zh" else [("%1", "Heading1"), ("%1.%2", "Heading2")]
    )
    form = "chineseCountingThousand" if lang == "zh" else "decimal"
    number = add_list(document, patterns, hanging=0, form=form, gap="nothing" if lang == "zh" else "space")
    for level, name in enumerate(("Heading 1", "Heading 2")):
        properties = document.styles[name].element.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_numId().val = number
        properties.get_or_add_ilvl().val = level


def _numbering(document: Document) -> Any:
    """The definitions of lists; a document that has none gets those of an empty one."""
    import docx
    from docx.opc.constants import RELATIONSHIP_TYPE

    if not any(r.reltype == RELATIONSHIP_TYPE.NUMBERING for r in document.part.rels.values()):
        document.part.relate_to(docx.Document().part.numbering_part, RELATIONSHIP_TYPE.NUMBERING)
    return document.part.numbering_part.element


def add_list(
    document: Document, levels: list[tuple[str, str]], hanging: int = 420, form: str = "decimal", gap: str = "tab"
) -> int:
    """A numbered list of its own, which begins at one; gives its number.

    Parameters
    ----------
    document : to add it to
    levels : pattern of the number and id of the style that it belongs to (may be empty), level by level
    hanging : twentieths of a point by which the text stands in from its number
    form : kind of number
    gap : what stands between number and text: tab, space, nothing
    """
    from docx.oxml import parse_xml

    numbering = _numbering(document)
    abstracts = numbering.findall(_w("abstractNum"))
    new = max((int(a.get(_w("abstractNumId"))) for a in abstracts), default=-1) + 1
    inner = ""
    for level, (pattern, style) in enumerate(levels):
        linked = f'<w:pStyle w:val="{style}"/>' if style else ""
        inner += (
            f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{linked}<w:suff w:val="{gap}"/>'
            f'<w:lvlText w:val="{pattern}"/><w:lvlJc w:val="left"/>'
            f'<w:pPr><w:ind w:left="{hanging}" w:hanging="{hanging}"/></w:pPr></w:lvl>'
        )
    w = _w("")[1:-1]
    element = parse_xml(
        f'<w:abstractNum xmlns:w="{w}" w:abstractNumId="{new}"><w:multiLevelType w:val="multilevel"/>{inner}'
        "</w:abstractNum>"
    )
    # Definitions have to stand before the lists that use them.
    place = numbering.index(abstracts[-1]) + 1 if abstracts else 0
    numbering.insert(place, copy.deepcopy(element))
    return int(numbering.add_num(new).numId)
