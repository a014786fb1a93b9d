"""How long the sentences of a page are; `python tests/docs/sentences.py PAGE...` lists the longest of each."""

from __future__ import annotations

import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


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


if __name__ == "__main__":
    for page in sys.argv[1:] or sorted(file.name for file in DOCS.glob("*.md") if ".zh-CN" not in file.name):
        told = sentences((DOCS / page).read_text(encoding="utf-8"))
        lengths = [length(sentence) for sentence in told]
        mean = sum(lengths) / max(len(told), 1)
        print(f"{page}: {len(told)} sentences, mean {mean:.1f}, longest {max(lengths, default=0)}")
        for sentence in sorted((s for s in told if length(s) > 35), key=length, reverse=True):
            print(f"  {length(sentence)}: {' '.join(sentence.split())[:160]}")
