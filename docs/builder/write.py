"""Write the pages that come from the code into `docs/reference`, which git ignores."""

from __future__ import annotations

from pathlib import Path

from builder import api, catalogue, columns, keys, verbs, vocabulary
from builder.outside import brought_in


def write_pages(docs: Path) -> None:
    """Write every page whose text has changed, and take away those that are no longer made."""
    folder = docs / "reference"
    pages = all_pages(docs.parent)
    for name, text in pages.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8", newline="\n")
    for file in folder.glob("*.md"):
        if file.name not in pages:
            file.unlink()


def all_pages(root: Path) -> dict[str, str]:
    """Text of each page of the reference, by its file name."""
    pages = brought_in(root)
    for maker in (keys, verbs, columns, vocabulary, catalogue, api):
        pages |= maker.pages()
    return pages
