"""Words in both languages, and what messages of all rooms have in common."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple


class Text(NamedTuple):
    """The same words in both languages."""

    zh: str
    en: str


NONE = Text("", "")


def nearest(word: str, candidates: Iterable[str], typed: str = "") -> Text:
    """Words that name the known name most like `word`; empty where none is, or where it is what was typed."""
    found = difflib.get_close_matches(word, list(candidates), n=1, cutoff=0.6)
    if not found or found[0] == (typed or word):
        return NONE
    return Text(f"；是否要写“{found[0]}”？", f'; did you mean "{found[0]}"?')


def quoted(text: object) -> Text:
    """Text in the quotation marks of each language."""
    return Text(f"“{text}”", f'"{text}"')


def listed(names: Iterable[object]) -> Text:
    """Names in a row, with the comma of each language; cut after thirty."""
    words = [str(name) for name in names]
    shown = words[:30] + (["…"] if len(words) > 30 else [])
    return Text("、".join(shown), ", ".join(shown)) if words else Text("（无）", "(none)")


def filled(template: Text, values: dict[str, object]) -> Text:
    """A template with values put in; a `Text` goes in by language."""
    zh = {name: value.zh if isinstance(value, Text) else value for name, value in values.items()}
    en = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
    return Text(template.zh.format(**zh), template.en.format(**en))
