"""Pages of the repository that lie outside `docs` and are part of the site: where they come to stand."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

# Where each stands on the site; the start pages take the READMEs in by themselves.
PAGES = {
    "README.md": "docs/index.md",
    "README.zh-CN.md": "docs/index.zh-CN.md",
    "CHANGELOG.md": "docs/reference/changes.md",
    "CONTRIBUTING.md": "docs/reference/contributing.md",
    "benchmarks/README.md": "docs/reference/benchmarks.md",
}
_REFERENCE = "docs/reference"
_LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)#\s]+)")


def brought_in(root: Path) -> dict[str, str]:
    """Their text, with links that hold where they stand on the site."""
    pages = {}
    for source, place in PAGES.items():
        if posixpath.dirname(place) != _REFERENCE:
            continue
        text = (root / source).read_text(encoding="utf-8")
        home = posixpath.dirname(source)
        turned = _LINK.sub(lambda link, home=home: _link(_REFERENCE, posixpath.join(home, link[1])), text)
        pages[posixpath.basename(place)] = turned
    return pages


def setup(app: Any) -> dict[str, bool]:
    """Turn links to them in all other pages, too."""
    app.connect("source-read", _turn_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _turn_links(app: Any, name: str, source: list[str]) -> None:
    home = posixpath.join("docs", posixpath.dirname(name))
    source[0] = _LINK.sub(lambda link: _turned(home, link[1]), source[0])


def _turned(home: str, link: str) -> str:
    target = posixpath.normpath(posixpath.join(home, link))
    return _link(home, target) if target in PAGES else link


def _link(home: str, target: str) -> str:
    """The way from a folder to a file of the repository, both seen from its root."""
    target = posixpath.normpath(target)
    return posixpath.relpath(PAGES.get(target, target), home)
