"""How objects show themselves in a notebook: a small table as HTML, everything in it escaped."""

from __future__ import annotations

import os
from collections.abc import Sequence
from html import escape


def language() -> str:
    """Language of what shows itself without being asked: DEMO_SIM_LANG, else Chinese."""
    return "en" if os.environ.get("DEMO_SIM_LANG") == "en" else "zh"


def html_table(heads: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """A table with a caption; texts that hold digits first stand to the right."""
    head = "".join(f"<th style='text-align:left'>{escape(h)}</th>" for h in heads)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    title = f"<caption style='text-align:left;font-weight:bold'>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(text: str) -> str:
    side = "right" if text[:1].isdigit() or (text[:1] in "≥≤−+–" and len(text) > 0) else "left"
    return f"<td style='text-align:{side}'>{escape(text)}</td>"
