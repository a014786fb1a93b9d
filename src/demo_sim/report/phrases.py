"""Clauses and cells that several sections build: a change in words, a value with its band, tables by year."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from string import Formatter

from demo_sim.report.reader import Reader
from demo_sim.report.tree import Cell, Inline, Inlines, Number, TableRow, Trace


def told(reader: Reader, zh: str, en: str, **parts: Inline | Inlines) -> Inlines:
    """A sentence of the report's language with numbers, names and clauses in the places that it names in braces."""
    out: list[Inline] = []
    for words, name, _, _ in Formatter().parse(reader.say(zh, en)):
        if words:
            out.append(words)
        if name:
            part = parts[name]
            out += part if isinstance(part, tuple) else (part,)
    return tuple(out)


def with_statistic(trace: Trace, statistic: str) -> Trace:
    """The same place under another statistic."""
    return replace(trace, statistic=statistic)


def banded(reader: Reader, trace: Trace, unit: str, digits: int | None = None) -> Inlines:
    """A number with its 80% band behind it, where there are draws enough for one."""
    number = reader.number(trace, unit, digits)
    if not reader.banded:
        return (number,)
    low, high = (reader.number(with_statistic(trace, q), unit, digits) for q in ("q10", "q90"))
    return with_band(reader, number, low, high)


def with_band(reader: Reader, number: Number, low: Number, high: Number) -> Inlines:
    """A number with its 80% band, whose unit is said once."""
    if not math.isfinite(low.value) or low.render(reader.lang) == high.render(reader.lang):
        return (number,)
    if low.unit not in ("share", "pp"):
        low = replace(low, word="")
    return (number, reader.say("（80%区间", " (80% band "), low, reader.say("—", " to "), high, reader.say("）", ")"))


def change(reader: Reader, later: Trace, earlier: Trace, unit: str, digits: int | None = None) -> Inlines:
    """`increases by ...` or `falls by ...` between two places, with a positive number."""
    up = reader.number(replace(later, minus=earlier), unit, digits)
    if up.value >= 0:
        return (reader.say("增加", "up by "), up)
    return (reader.say("减少", "down by "), reader.number(replace(earlier, minus=later), unit, digits))


def cell(*parts: Inline, tone: str = "", key: float | str | None = None) -> Cell:
    """A cell; sorted by its first number where no key is given."""
    if key is None:
        key = next((p.value for p in parts if isinstance(p, Number) and math.isfinite(p.value)), None)
        key = next((p for p in parts if isinstance(p, str)), "") if key is None and parts else key
    return Cell(tuple(parts), tone, key)


def row(*cells: Cell | Inline) -> TableRow:
    """A row of cells; plain parts become cells of their own."""
    return TableRow(tuple(c if isinstance(c, Cell) else cell(c) for c in cells))


def band(words: str) -> TableRow:
    """A row that heads the rows under it."""
    return TableRow((Cell((words,)),), band=True)


def listing(reader: Reader, names: Sequence[str], most: int = 12) -> str:
    """Names in a row; a long list ends with their number."""
    shown = reader.say("、", ", ").join(names[:most])
    if len(names) <= most:
        return shown
    return shown + reader.say(f"等{len(names)}项", f" and {len(names) - most} more")


def joined(reader: Reader, clauses: Iterable[Inlines], between: str | None = None, end: bool = True) -> Inlines:
    """Clauses as one sentence."""
    out: list[Inline] = []
    for clause in clauses:
        if not clause:
            continue
        if out:
            out.append(reader.say("，", ", ") if between is None else between)
        out += clause
    if end and out:
        out.append(reader.say("。", "."))
    return tuple(out)


def lower(words: str) -> str:
    """A name as it stands within an English sentence; Chinese is as it was."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words
