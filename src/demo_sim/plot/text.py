"""Words on charts: units of axes, line breaks, footers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo_sim.plot.font import advance
from demo_sim.plot.style import NOTE_SIZE, WIDTH
from demo_sim.results.clean import clean
from demo_sim.vocab import label_or_code, source_label, unit_label

if TYPE_CHECKING:
    from demo_sim.results import Results

# Chinese lines break anywhere, but not before a closing mark, after an opening one, inside a number or word,
# or between a number and its measure word.
_TOKEN = re.compile(
    r"[（《“‘(\[]*(?:[A-Za-z0-9À-ÿ][A-Za-z0-9À-ÿ.,:/%\-–'_]*[万亿]?(?:年末|[年岁人张户项个])?|\S)"
    r"[，。；：、）》”’％%,.;:)!?？！\]]*|\s+"
)
_NOTE_ROOM = WIDTH - 0.5  # cm
_BALANCED = 4  # lines: fewer are a heading or a label, more a paragraph


def text(lang: str, zh: str, en: str) -> str:
    """Return the text of the language asked for."""
    return en if lang == "en" else zh


@dataclass(frozen=True)
class _Scale:
    """What the numbers of an axis are divided by, and the unit that is then written beside it."""

    divisor: float
    unit: str


def font_scale(largest: float, unit: str, lang: str) -> _Scale:
    """Choose 万 in Chinese, thousands or millions in English, for an axis that reaches `largest`."""
    word = unit_label(unit, lang)
    if lang == "en":
        if largest >= 2e6:
            return _Scale(1e6, f"million {word}")
        return _Scale(1e3, f"thousand {word}") if largest >= 5e3 else _Scale(1.0, word)
    return _Scale(1e4, f"万{word}") if largest >= 2e4 else _Scale(1.0, word)


def line_width(line: str, size: float) -> float:
    """Return the width in cm of one line of text at a font size in points."""
    return sum(advance(c) for c in line) * size / 72 * 2.54


def _fill(tokens: list[tuple[str, float]], limit: float) -> list[str]:
    """Put tokens, each with its width, on lines of at most `limit`; a space at a line's end is dropped."""
    lines: list[str] = []
    current, used = "", 0.0
    for token, room in tokens:
        if token.isspace() and not current:
            continue
        if current and used + room > limit and not token.isspace():
            lines.append(current.rstrip())
            current, used = "", 0.0
        current, used = current + token, used + room
    return [*lines, current.rstrip()] if current.strip() else lines


def wrap(words: str, limit: float, size: float) -> list[str]:
    """Break text into lines no wider than `limit` cm, as few as possible; two or three are made alike."""
    lines: list[str] = []
    for paragraph in words.split("\n"):
        tokens = _measured(paragraph, size)
        filled = _fill(tokens, limit)
        narrower = limit * 0.95
        widest = max((room for _, room in tokens), default=0.0)
        while 1 < len(filled) < _BALANCED and narrower > widest:
            trial = _fill(tokens, narrower)
            if len(trial) > len(filled):
                break
            filled = trial
            narrower *= 0.95
        lines += filled or [""]
    return lines


def shorten(words: str, limit: float, size: float, most: int = 1) -> list[str]:
    """Break text into at most `most` lines of `limit` cm; the rest is cut and an ellipsis ends it."""
    lines = _fill(_measured(words, size), limit)
    if len(lines) <= most:
        return wrap(words, limit, size)
    last = lines[most - 1]
    while last and line_width(f"{last}…", size) > limit:
        last = last[:-1]
    return [*lines[: most - 1], last.rstrip("，、；：, ;:") + "…"]


def _measured(words: str, size: float) -> list[tuple[str, float]]:
    return [(token, line_width(token, size)) for token in _TOKEN.findall(words)]


def attribute(results: Results, key: str, lang: str) -> str:
    """Return a provenance text that is kept in both languages, as JSON; empty where the run has none."""
    kept = str(results.attrs.get(key, ""))
    return str(json.loads(kept).get(lang, "")) if kept.startswith("{") else kept


def coordinate_label(coords: object, dim: str, code: str, lang: str) -> str:
    """Return the label that an array carries for one code of a dimension, else the code.

    Arrays of the results hold `<dim>_label_zh` and `<dim>_label_en` beside `<dim>`.
    """
    name = f"{dim}_label_{lang}"
    if name not in coords:  # type: ignore[operator]
        return label_or_code(dim, code, lang) if dim in ("sex", "function", "need_kind") else code
    return clean(str(coords[name].sel({dim: code}).item()))  # type: ignore[index]


def footer(results: Results, lang: str, used: tuple[str, ...]) -> str:
    """Return the notes under a chart, two lines at most: sources of published inputs; scenario and how far data go.

    What is assumed stands in `inputs.csv`. `used` are beginnings of the ids of inputs that the chart rests on.
    """
    lines = [_run_line(results, lang)]
    inputs = results.inputs
    if used and len(inputs):
        rows = inputs[inputs["id"].astype(str).str.startswith(used)]
        assumed = rows["status"].isin(["assumed", "borrowed"])
        told = (_published(source) for source in rows.loc[~assumed, "source"].astype(str))
        sources = list(dict.fromkeys(source_label(source, lang) for source in told if source))
        if sources:
            lines.insert(0, _sources(sources, lang))
    return "\n".join(line for line in lines if line)


def _published(source: str) -> str:
    """What a reader can look up: rows of the register, which name their own sources, have no place under a chart."""
    return "; ".join(part for part in source.split("; ") if not part.startswith("register rows"))


def _sources(sources: list[str], lang: str) -> str:
    """As many sources as one line holds, the first ones, and how many there are."""
    head, between = text(lang, "来源：", "Sources: "), text(lang, "；", "; ")
    for most in range(len(sources), 0, -1):
        tail = "" if most == len(sources) else text(lang, f"等{len(sources)}项", f" and {len(sources) - most} more")
        line = head + between.join(sources[:most]) + tail
        if line_width(line, NOTE_SIZE) <= _NOTE_ROOM:
            return line
    return shorten(line, _NOTE_ROOM, NOTE_SIZE)[0]


def _run_line(results: Results, lang: str) -> str:
    known = str(results.attrs.get("known_until", "0"))
    line = text(lang, f"情景：{results.title(lang)}", f"Scenario: {results.title(lang)}")
    if known not in ("", "0"):
        line += text(lang, f"；数据截至{known}年末", f"; data up to the end of {known}")
    return shorten(line, _NOTE_ROOM, NOTE_SIZE)[0]
