"""Writer for the browser: one file without a single reference to anything outside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from demo_sim import __version__
from demo_sim.report.calculator import CALCULATOR
from demo_sim.report.pictures import Pictures
from demo_sim.report.svg import ChartSheet
from demo_sim.report.tree import (
    Cell,
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
from demo_sim.results.clean import clean

_TEMPLATES = Path(__file__).parent / "templates"
_WORD = 20  # characters of a name that may be cut anywhere
_SHORT, _LONG = 5, 14  # characters up to which a cell is not broken, from which it asks for room


def html_page(reports: Sequence[Report], charts: Sequence[Pictures | None], lang: str) -> str:
    """Reports as one page; several get a picker of regions.

    Parameters
    ----------
    reports : one a run
    charts : the pictures of each, None where it has none
    lang : language of the page
    """
    from jinja2 import Environment, FileSystemLoader
    from markupsafe import Markup

    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True)
    sheet = ChartSheet()
    shown = [_Page(r, c, f"r{i}", sheet).view() for i, (r, c) in enumerate(zip(reports, charts, strict=True))]
    say: dict[str, Any] = {key: pair[0 if lang == "zh" else 1] for key, pair in CALCULATOR.items()} | {
        "pick": "地区" if lang == "zh" else "Region",
        "annex": "技术附件" if lang == "zh" else "Technical annex",
        "larger": "放大" if lang == "zh" else "Larger",
        "contents": "目录" if lang == "zh" else "Contents",
        "made": f"由 demo_sim {__version__} 依据保存的运行结果生成" if lang == "zh"
        else f"Made by demo_sim {__version__} from a saved run",
    }  # fmt: skip
    scripts = ["page.js", *(["calculator.js"] if any(r.calculator for r in reports) else [])]
    return environment.get_template("report.html.j2").render(
        lang=lang,
        version=__version__,
        title=clean(reports[0].title),
        reports=shown,
        glyphs=Markup(sheet.shared()),
        style=Markup((_TEMPLATES / "page.css").read_text(encoding="utf-8")),
        script=Markup("\n".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in scripts)),
        say=say,
    )


class _Page:
    """One report as the plain values that the template sets."""

    def __init__(self, report: Report, charts: Pictures | None, prefix: str, sheet: ChartSheet) -> None:
        self.report, self.charts, self.prefix, self.sheet = report, charts, prefix, sheet
        self.lang = report.lang
        self.captions = number_captions(report)

    def view(self) -> dict[str, Any]:
        report = self.report
        return {
            "id": self.prefix,
            "place": clean(report.place),
            "title": clean(report.title),
            "subtitle": clean(report.subtitle),
            "facts": [(clean(name), clean(value)) for name, value in report.facts],
            "sections": [self._section(s, n) for s, n in zip(report.sections, numbered(report), strict=True)],
            "calculator": report.calculator,
            "annex": None
            if report.annex is None
            else _Page(report.annex, self.charts, f"{self.prefix}a", self.sheet).view(),
        }

    def _id(self, key: str) -> str:
        return f"{self.prefix}-{key.replace('.', '-')}"

    def _section(self, section: Section, number: str) -> dict[str, Any]:
        return {
            "id": self._id(section.key),
            "number": number,
            "title": clean(section.title),
            "blocks": self._blocks(section.blocks),
            "sections": [self._section(s, second(self.lang, number, i)) for i, s in enumerate(section.sections, 1)],
        }

    def _blocks(self, blocks: Sequence[DocumentBlock]) -> list[dict[str, Any]]:
        out: list[dict[str, Any]] = []
        for block in blocks:
            if isinstance(block, Paragraph) and block.style == "item":
                if not out or out[-1]["kind"] != "items":
                    out.append({"kind": "items", "all": []})
                out[-1]["all"].append(self._inlines(block.parts))
            else:
                out.append(self._block(block))
        return out

    def _block(self, block: DocumentBlock) -> dict[str, Any]:
        if isinstance(block, Paragraph):
            return {"kind": "paragraph", "parts": self._inlines(block.parts), "note": block.style == "note"}
        if isinstance(block, Fold):
            return {"kind": "fold", "head": clean(block.head), "blocks": self._blocks(block.blocks)}
        caption = f"{caption_name(block, self.lang)}{'　' if self.lang == 'zh' else '. '}{clean(block.caption)}"
        if isinstance(block, Picture):
            return {"kind": "picture", "id": self._id(block.key), "caption": caption, "svg": self._svg(block)}
        return {"kind": "table", "id": self._id(block.key), "caption": caption, **self._table(block)}

    def _svg(self, picture: Picture) -> Any:
        from markupsafe import Markup

        assert self.charts is not None
        name = f"{self.prefix}-{picture.name}"
        return Markup(self.sheet.inline(name, self.charts.svg(picture.name), clean(picture.alt)))

    def _table(self, table: Table) -> dict[str, Any]:
        bodies: list[dict[str, Any]] = []
        for row in table.rows:
            if row.band or not bodies:
                bodies.append({"band": "", "rows": []})
            if row.band:
                bodies[-1]["band"] = clean(words(row.cells[0].parts, self.lang))
            else:
                pairs = zip(row.cells, table.columns, strict=True)
                bodies[-1]["rows"].append([self._cell(cell, column.numeric) for cell, column in pairs])
        columns = [{"head": clean(c.head), "numeric": c.numeric} for c in table.columns]
        return {
            "columns": columns, "bodies": bodies, "note": self._inlines(table.note), "folded": table.folded,
        }  # fmt: skip

    def _cell(self, cell: Cell, numeric: bool) -> dict[str, Any]:
        text = words(cell.parts, self.lang)
        classes = [cell.tone] if cell.tone else []
        if numeric:
            classes.append("num")
        elif len(text) <= _SHORT:
            classes.append("short")
        elif len(text) >= _LONG:
            classes.append("long")
        if max(map(len, text.split()), default=0) > _WORD and text.isascii():
            classes.append("cut")
        key: Any = cell.key
        if isinstance(key, float):
            key = f"{key:.10g}" if math.isfinite(key) else ("-1e308" if key < 0 else "1e308")
        elif isinstance(key, str):
            key = None  # sorted by what it shows
        return {"parts": self._inlines(cell.parts), "cls": " ".join(classes), "key": key}

    def _inlines(self, parts: Inlines) -> list[dict[str, str]]:
        out = []
        for part in parts:
            if isinstance(part, Ref):
                shown = caption_name(self.captions[part.key], self.lang)
                out.append({"kind": "ref", "target": self._id(part.key), "text": shown})
            elif isinstance(part, Number):
                out.append({"kind": "number", "text": part.render(self.lang)})
            elif part:
                out.append({"kind": "text", "text": clean(part)})
        return out
