"""One unit and one number of decimals for a quantity, wherever the chapter prints it: in a sentence or a column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from demo_sim.report.reader import Reader
from demo_sim.report.tree import COUNTED, Inlines, Number, Trace
from demo_sim.results.rounding import MINUS

_WAN, _LARGE, _MANY = 1e4, 1e5, 1e6  # ten thousands; from here on in them; from here on with one decimal of them
_POSTS = {"posts": ("人", "posts")}


@dataclass(frozen=True)
class Measure:
    """How a quantity is printed.

    Attributes
    ----------
    unit : of the vocabulary
    scale : what its numbers are divided by
    digits : decimals
    word : the unit as it stands in a head, or behind a number in a sentence
    """

    unit: str
    scale: float
    digits: int
    word: str

    def bare(self, reader: Reader, trace: Trace, **how: Any) -> Number:
        """A number of a column, whose head has the unit."""
        return self._number(reader, trace, "", how)

    def told(self, reader: Reader, trace: Trace, **how: Any) -> Number:
        """A number of a sentence, with its unit."""
        return self._number(reader, trace, self.tail(reader), how)

    def _number(self, reader: Reader, trace: Trace, tail: str, how: dict[str, Any]) -> Number:
        return reader.number(trace, self.unit, self.digits, scale=self.scale, bare=True, tail=tail, **how)

    def tail(self, reader: Reader) -> str:
        """The unit as it stands behind a number."""
        if self.unit == "share":
            return "%"
        if reader.lang == "en" and self.unit == "persons":  # who they are is said beside the number
            return f" {self.word.removesuffix('persons').strip()}" if self.scale > 1 else ""
        return reader.say(self.word, f" {self.word}")

    def shown(self, value: float) -> float:
        """A value as it is printed, in its own unit."""
        return round(value / self.scale, self.digits) * self.scale if np.isfinite(value) else value

    def left(self, reader: Reader, trace: Trace, told: bool = False, **how: Any) -> Number:
        """A difference as the two numbers beside it are printed."""
        assert trace.minus is not None
        number = (self.told if told else self.bare)(reader, trace, **how)
        whole, taken = reader.value(replace(trace, minus=None)), reader.value(trace.minus)
        if not np.isfinite(whole - taken):
            return number
        return replace(number, rounded=self.shown(whole) - self.shown(taken))

    def band(self, reader: Reader, trace: Trace, told: bool = False) -> Inlines:
        """The 80% band in one unit; nothing where there is none."""
        low, high = (self.bare(reader, replace(trace, statistic=q)) for q in ("q10", "q90"))
        if not np.isfinite(low.value) or low.render(reader.lang) == high.render(reader.lang):
            return () if told else (reader.say("—", "–"),)
        between = reader.say("至", " to ") if MINUS in low.render(reader.lang) + high.render(reader.lang) else "—"
        if not told:
            return (low, between if reader.lang == "zh" else between.replace("—", "–"), high)
        last = replace(high, tail=self.tail(reader))
        return (reader.say("（80%区间", " (80% interval "), low, reader.say("至", "–"), last, reader.say("）", ")"))


def measure(reader: Reader, unit: str, values: Iterable[float]) -> Measure:
    """The measure in which values of a unit are printed, chosen by the largest of them."""
    known = [abs(v) for v in values if np.isfinite(v)]
    largest = max(known, default=0.0)
    if unit == "share":
        return Measure(unit, 0.01, 1, "%")
    word = reader.say(*_POSTS[unit]) if unit in _POSTS else reader.unit(unit)
    if unit == "yuan":
        return money(reader, largest)
    if unit not in COUNTED and largest < _LARGE:
        return Measure(unit, 1.0, 1 if unit not in ("ratio", "other") else 2, word)
    if reader.lang == "en":
        if largest >= _MANY:
            return Measure(unit, 1e6, 2, f"million {word}")
        return Measure(unit, 1e3, 1, f"thousand {word}") if largest >= _LARGE else Measure(unit, 1.0, 0, word)
    if largest >= _LARGE:
        return Measure(unit, _WAN, 1 if largest >= _MANY else 2, f"万{word}")
    return Measure(unit, 1.0, 0, word)


def money(reader: Reader, largest: float) -> Measure:
    """Money in 万元, in English in million yuan."""
    if reader.lang == "en":
        return Measure("yuan", 1e6, 1 if largest >= 1e7 else 2, "million yuan")
    return Measure("yuan", _WAN, 0 if largest >= 1e7 else 1, "万元")


def share(reader: Reader) -> Measure:
    """Shares in per cent with one decimal."""
    return measure(reader, "share", ())
