"""WordprocessingML of runs, fields, bookmarks and tables, as text that is parsed once a block."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from demo_sim.results.clean import clean

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SPACES = f'xmlns:w="{W}"'

TONES = {"met": "1D5C8F", "missed": "A63A16", "at_risk": "8A5A0A", "not_assessed": "5F6B76"}


def run_xml(text: str, bold: bool = False, colour: str = "") -> str:
    """A run of text."""
    marks = ("<w:b/>" if bold else "") + (f'<w:color w:val="{colour}"/>' if colour else "")
    properties = f"<w:rPr>{marks}</w:rPr>" if marks else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(clean(text))}</w:t></w:r>'


def field(code: str, shown: str) -> str:
    """A field with what it shows until it is brought up to date."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {escape(code)} </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run_xml(shown)}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def bookmark(number: int, name: str, inside: str) -> str:
    """Runs that a cross reference can point to."""
    return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{inside}<w:bookmarkEnd w:id="{number}"/>'


def paragraph(style: str, inside: str, properties: str = "") -> str:
    """A paragraph of a style, by its id."""
    return f'<w:p {_SPACES}><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{inside}</w:p>'


def cell_xml(
    width: int, inside: Sequence[str], *, right: bool = False, shade: str = "", span: int = 1, keep: bool = False
) -> str:
    """A cell of a table; `inside` are runs, `width` is in twentieths of a point; `keep` with what follows the row."""
    spans = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    shading = f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else ""
    side = '<w:jc w:val="right"/>' if right else ""
    keeps = "<w:keepNext/>" if keep else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spans}{shading}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{{cell}}"/>{keeps}{side}</w:pPr>{"".join(inside)}</w:p></w:tc>'
    )


def table_row(cells: Sequence[str], *, head: bool = False) -> str:
    """A row that does not break over pages; a head is repeated on each."""
    marks = "<w:cantSplit/>" + ("<w:tblHeader/>" if head else "")
    return f"<w:tr><w:trPr>{marks}</w:trPr>{''.join(cells)}</w:tr>"


def table(widths: Sequence[int], rows: Sequence[str], style: str, cell_style: str) -> str:
    """A table of fixed column widths in twentieths of a point."""
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    look = '<w:tblLook w:val="0420" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0"/>'
    return (
        f'<w:tbl {_SPACES}><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/>{look}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        + "".join(rows).replace("{cell}", cell_style)
        + "</w:tbl>"
    )
