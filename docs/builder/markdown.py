"""Small pieces of Markdown: tables, codes, both languages of a help text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LANGUAGES = ("en", "zh")


def page_name(name: str, lang: str) -> str:
    """File of a page in one language."""
    return f"{name}.md" if lang == "en" else f"{name}.zh-CN.md"


def code(text: object) -> str:
    """Text as it is typed; empty stays empty."""
    return f"`{text}`" if str(text) else ""


def anchor(heading: str) -> str:
    """Where a link to a heading leads, as a git host and the site make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def cell(text: object) -> str:
    """Text that may stand between the bars of a table."""
    return re.sub(r"\s+", " ", str(text)).replace("|", "\\|").strip() or " "


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; columns that are empty in every row are left out."""
    cells = [[cell(value) for value in row] for row in rows]
    kept = [i for i in range(len(heads)) if any(row[i].strip() for row in cells)]
    lines = [[heads[i] for i in kept], ["---"] * len(kept), *([row[i] for i in kept] for row in cells)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def one_language(text: str, lang: str) -> str:
    """Of a text written as `中文 / English` the part in one language.

    >>> one_language("引擎 / engine", "en"), one_language("语言", "en")
    ('engine', '语言')
    """
    chinese, both, english = re.sub(r"\s+", " ", text).partition("/ ")
    return (chinese if lang == "zh" else english).strip() if both else text.strip()
