"""What a comparison says first: the largest differences in sentences, with their bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from demo_sim.report.phrases import joined
from demo_sim.report.reader import Reader
from demo_sim.report.sections.target_words import goal, rows_of, spoken, value_of
from demo_sim.report.series import ComparedSeries, Pair
from demo_sim.report.tree import COUNTED, Inlines, Number, Trace, words
from demo_sim.results.judgements import verdict_words
from demo_sim.results.rounding import MINUS

if TYPE_CHECKING:
    from demo_sim.report.differences import Compared

SMALLEST = 1e-4  # of a value: what differs by less is not told in words
_PLAIN = 0.01  # of a value: what differs by more is told in the order of the catalogue
# What is told of the people, in this order, and at most so many of each other section.
_PEOPLE = ("flows.births", "flows.deaths", "population.total", "ages.60+", "residence.urban")
_MOST = {"groups": 3, "demand": 4, "stocks": 3}
_TARGETS = 6


@dataclass(frozen=True)
class _Told:
    """A difference that is told, and of which year."""

    pair: Pair
    place: int


def headlines(found: Compared, run: int) -> list[Inlines]:
    """Sentences on one run beside the first: people, needs and stocks, groups, targets."""
    reader, names = found.reader, found.names
    out = []
    # A group that is a part of the people is told with them.
    people = [p for p in found.pairs if p.run == run and p.line.section == "population"]
    seen: set[float] = set()
    for section, most in (("population", len(_PEOPLE)), *_MOST.items()):
        of_section = [p for p in found.pairs if p.run == run and p.line.section == section]
        if section == "population":
            first = [p for key in _PEOPLE for p in of_section if p.line.key == key]
            of_section = first + [p for p in of_section if p.line.key not in _PEOPLE]
        told = _worth_telling(found, of_section, seen, most, plain=section != "population")
        if section == "population":
            seen |= {_mark(one, place) for one in people if (place := _year(found, one)) is not None}
        clauses = [_clause(reader, one) for one in told]
        if clauses:
            start = reader.say(f"与{names[0]}相比，{names[run]}", f"“{names[run]}” against “{names[0]}”: ")
            out.append((start, *joined(reader, clauses, reader.say("，", "; "))))
    return out + _verdicts(found, run)


def nothing(found: Compared, run: int, changed: int) -> Inlines | None:
    """What is said where results and settings do not both differ."""
    names, say = found.names, found.reader.say
    unlike = any(p.run == run and p.unlike.any() for p in found.pairs) or bool(found.rest.get(run))
    if unlike and changed:
        return None
    if unlike:
        return (
            say(
                f"{names[run]}与{names[0]}的设置没有不同，结果却有差别：请核对两次运行所用的文件和程序版本。",
                f"{names[run]} has no setting unlike {names[0]}, yet its results differ: check files and versions.",
            ),
        )
    if changed:
        return (
            say(
                f"{names[run]}与{names[0]}的设置有{changed}项不同，各项结果没有差别。",
                f"{names[run]} has {changed} settings unlike {names[0]}, and no result differs.",
            ),
        )
    return (say(f"{names[run]}与{names[0]}的设置和结果都没有不同。", f"{names[run]} and {names[0]} are the same."),)


def _worth_telling(
    found: Compared, of_section: Sequence[Pair], seen: set[float], most: int, plain: bool
) -> list[_Told]:
    """Differences that are told of one section; what another series has told is not told again."""
    told = []
    for pair in of_section:
        place = _year(found, pair)
        if place is None or (plain and pair.line.yearly):
            continue
        if (mark := _mark(pair, place)) not in seen:
            seen.add(mark)
            told.append(_Told(pair, place))
    if plain:
        large = [one for one in told if _size(one.pair, one.place) >= _PLAIN]
        told = large or sorted(told, key=lambda one: -_size(one.pair, one.place))[:1]
    return told[:most]


def _mark(pair: Pair, place: int) -> float:
    """What two series share that tell the same difference."""
    return float(f"{pair.apart[place]:.4g}")


def _year(found: Compared, pair: Pair) -> int | None:
    """Where a difference is told: at the last year or that of the targets, or else where it is largest."""
    last, goal = pair.at(found.reader.shared_years[-1]), pair.at(found.target_year)
    told = [place for place in (last, goal) if place is not None and _size(pair, place) > SMALLEST]
    if told:  # what a plan moves it moves by its own year
        return told[0] if pair.line.section == "population" else max(told, key=lambda place: _size(pair, place))
    apart = np.nan_to_num(np.abs(pair.apart))
    place = int(apart.argmax()) if apart.size else 0
    return place if apart.size and _size(pair, place) > SMALLEST else None


def _size(pair: Pair, place: int) -> float:
    """A difference for the value it is one of."""
    apart, whole = abs(pair.apart[place]), max(abs(pair.first[place]), abs(pair.value[place]))
    return float(apart / whole) if math.isfinite(apart) and whole > 0 else 0.0


def _clause(reader: Reader, one: _Told) -> Inlines:
    """`2035年出生多9.8万人（80%区间9.1—10.5万人）`."""
    pair, i = one.pair, one.place
    line, year, more = pair.line, pair.years[i], pair.apart[i] > 0
    sign = 1 if more else -1
    apart, low, high = (sign * float(x[i]) for x in (pair.apart, *(pair.low, pair.high)[::sign]))
    amount, lowest, highest = _amounts(reader, line, (apart, low, high), line.trace(year, pair.run))
    band: Inlines = ()
    if (
        math.isfinite(low)
        and math.isfinite(high)
        and lowest.render("zh") != highest.render("zh").removesuffix(highest.tail or "")
    ):
        dash = "至" if MINUS in lowest.render("zh") else "—"
        band = (reader.say("（80%区间", " (80% band "), lowest, reader.say(dash, " to "), highest,
                reader.say("）", ")"))  # fmt: skip
    if reader.lang == "zh":
        words = ("多" if more else "少") if line.unit in COUNTED else ("高" if more else "低")
        return (f"{year}年{'' if line.yearly else '末'}{line.label}{words}", amount, *band)
    label = line.label[:1].lower() + line.label[1:] if line.label[1:2].islower() else line.label
    return (f"{label}, {year}, {'higher' if more else 'lower'} by ", amount, *band)


def _amounts(reader: Reader, line: ComparedSeries, values: tuple[float, float, float], trace: Trace) -> list[Number]:
    """A difference and the ends of its band in one unit, which the first end leaves out."""
    unit, zh, apart = line.unit, reader.lang == "zh", values[0]
    scale, digits, tail = 1.0, 2, ""
    if unit in ("share", "pp"):
        scale, digits, tail = 0.01, 1 if abs(apart) >= 0.001 else 3, reader.say("个百分点", " points")
    elif unit in COUNTED:
        word = reader.say("人", "posts") if unit == "posts" else reader.unit(unit)
        digits, tail = 0 if abs(apart) >= 10 else 1, word if zh else "" if unit == "persons" else f" {word}"
        if zh and abs(apart) >= 1e4:
            scale, digits, tail = (1e8, 2, f"亿{word}") if abs(apart) >= 1e8 else (1e4, 1, f"万{word}")
        elif not zh and abs(apart) >= 1e6:
            scale, digits, tail = 1e6, 2, f" million{tail}"
    elif line.word is None and unit:
        tail = reader.unit(unit) if zh else f" {reader.unit(unit)}"
    step = 10.0 ** max(0, math.floor(math.log10(abs(apart))) - 2) if not zh and scale == 1.0 and apart else 0.0
    return [
        Number(v, unit, digits, scale=scale, tail=t, trace=trace,
               rounded=round(v / step) * step if step and math.isfinite(v) else None)
        for v, t in zip(values, (tail, "", tail), strict=True)
    ]  # fmt: skip


def _verdicts(found: Compared, run: int) -> list[Inlines]:
    """Targets whose verdict is another."""
    reader, names = found.reader, found.names
    other = {(r["id"], r["reading"]): r for r in rows_of(reader.others[run - 1])}
    changed: dict[str, Inlines] = {}
    for one in rows_of(reader):
        two = other.get((one["id"], one["reading"]))
        if two is None or two["verdict"] == one["verdict"]:
            continue
        was, now = (verdict_words(r, reader.lang) for r in (one, two))
        values = [
            value_of(reader, Trace("plan/value", (("target", row["place"]),), "row", run=place), one, in_table=False)
            for place, row in ((0, one), (run, two))
        ]
        year, aim = int(one["year"]), goal(reader, one, in_table=False)
        clause: Inlines = (
            spoken(reader, one)[0], reader.say(f"（{year}年目标", f" (target {year}: "), *aim,
            reader.say(f"）由{was}（", f"): {was.lower()} ("), values[0],
            reader.say(f"）变为{now}（", f") becomes {now.lower()} ("), values[1], reader.say("）", ")"),
        )  # fmt: skip
        changed.setdefault(words(clause, reader.lang), clause)
    if not changed:
        return []
    clauses = list(changed.values())[:_TARGETS]
    if more := len(changed) - len(clauses):
        clauses.append((reader.say(f"另有{more}项判定不同", f"{more} more verdicts differ"),))
    start = reader.say(
        f"规划指标中，与{names[0]}相比，{names[run]}的", f"Targets, “{names[run]}” against “{names[0]}”: "
    )
    return [(start, *joined(reader, clauses, reader.say("；", "; ")))]
