"""Chinese pages (`NAME.zh-CN.md`) beside English ones: words around them, the four sections, the way to the twin."""

from __future__ import annotations

import gettext
import re
from pathlib import Path
from typing import Any

import pydata_sphinx_theme
import sphinx

MARK = ".zh-CN"
SECTIONS = ("tutorials", "howto", "explanation", "reference")


def setup(app: Any) -> dict[str, bool]:
    """Tell every page its language, the sections of it, and its twin."""
    app.connect("html-page-context", _context, priority=400)
    app.connect("source-read", _without_twin_line)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _without_twin_line(app: Any, name: str, source: list[str]) -> None:
    """Take away the link to the twin under a title: the head of every page has it."""
    source[0] = re.sub(r"^(中文：|English: )\[\S+\]\(\S+\)\n", "", source[0], count=1, flags=re.MULTILINE)


def is_chinese(name: str) -> bool:
    return name.endswith(MARK)


def twin(name: str) -> str:
    return name.removesuffix(MARK) if is_chinese(name) else name + MARK


# Words that the theme has in English alone.
_OWN = {"Collapse Sidebar": "收起侧栏", "Expand Sidebar": "展开侧栏"}


def _catalogue() -> gettext.NullTranslations:
    """Chinese words of the theme, then those of Sphinx."""
    theme = Path(pydata_sphinx_theme.__file__).parent / "locale"
    words = gettext.translation("sphinx", theme, ["zh"], fallback=True)
    words.add_fallback(gettext.translation("sphinx", Path(sphinx.__file__).parent / "locale", ["zh_CN"], fallback=True))
    return words


def _context(app: Any, name: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    pages, pathto = app.env.found_docs, context["pathto"]
    chinese = is_chinese(name)
    mark = MARK if chinese else ""
    context["sections"] = [
        (app.env.titles[page].astext(), pathto(page), _within(app, name, page))
        for page in (section + mark for section in SECTIONS)
        if page in pages
    ]
    other = twin(name) if twin(name) in pages else ("index" if chinese else "index" + MARK)
    context["other_language"] = ("English" if chinese else "中文", pathto(other), "en" if chinese else "zh-CN")
    if chinese:
        words = _catalogue()

        def say(text: str) -> str:
            return _OWN.get(text) or words.gettext(text)

        context.update({"language": "zh-CN", "_": say, "gettext": say})
        context["root_doc"] = context["master_doc"] = "index" + MARK


def _within(app: Any, name: str, section: str) -> bool:
    """Whether a page lies in a section."""
    return name == section or any(
        _within(app, name, below) for below in app.env.toctree_includes.get(section, ()) if below != section
    )
