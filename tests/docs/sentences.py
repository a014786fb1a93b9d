"""How long the sentences of the English pages are; `make check` runs this file, which names those that are too long."""

from __future__ import annotations

import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
LONGEST = 35  # words


def pages() -> list[str]:
    """The English pages that are written by hand, from `docs`."""
    files = (file.relative_to(DOCS) for file in DOCS.rglob("*.md"))
    return sorted(f.as_posix() for f in files if f.parts[0] not in ("_build", "reference") and ".zh-CN" not in f.name)


def sentences(text: str) -> list[str]:
    """Sentences of the prose; code, formulas, tables and headings are no prose, a code span is one word."""
    text = re.sub(r"^```.*?^```\s*$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^(\||#|中文：).*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"`[^`]*`|\$[^$]*\$", "code", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    found = []
    for part in re.split(r"\n\s*\n|\n(?=- |\d+\. )", text):
        plain = re.sub(r"^(- |\d+\. )", "", part.strip())
        found += [sentence for sentence in re.split(r"(?<=[.!?])\s+", plain) if length(sentence) > 1]
    return found


def length(sentence: str) -> int:
    """Words of a sentence."""
    return len(re.findall(r"[\w%'’–-]+", sentence))


def too_long(text: str) -> list[str]:
    """Sentences of a page that are too long, the longest first, on one line each."""
    found = sorted((s for s in sentences(text) if length(s) > LONGEST), key=length, reverse=True)
    return [f"{length(sentence)} words: {' '.join(sentence.split())}" for sentence in found]


if __name__ == "__main__":
    long = {page: too_long((DOCS / page).read_text(encoding="utf-8")) for page in pages()}
    for page, found in long.items():
        for sentence in found:
            print(f"docs/{page}: a sentence of {sentence[:150]}; at most {LONGEST}")
    sys.exit(any(long.values()))
