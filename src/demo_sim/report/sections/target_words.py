"""Targets in words: their rows, names, goals and values, and the sentence on each."""

from __future__ import annotations

import math
import re
from typing import Any

from demo_sim.report.phrases import cell, with_band
from demo_sim.report.reader import Reader
from demo_sim.report.tree import COUNTED, Cell, Inlines, Number, Trace
from demo_sim.results.closing_sheet import BRACKET, OPERATORS
from demo_sim.results.judgements import evidence_words, goes_on_words, headline, verdict_words
from demo_sim.results.rounding import UNKNOWN

_DATED = re.compile(r" L\d+$")
_SAID_AFTER = COUNTED | {"share", "pp"}


def rows_of(reader: Reader) -> list[dict[str, Any]]:
    """Rows of the target table with their place, that of the plan's own table, and the title of their plan."""
    return reader.once(_rows)


def _rows(reader: Reader) -> list[dict[str, Any]]:
    if not len(reader.targets):  # a run without a plan
        return []
    coords: Any = reader.results.tree["plan"].coords
    numbers = coords["target_table_no"].values if "target_table_no" in coords else [0] * len(reader.targets)
    plans = coords["target_plan"].values if "target_plan" in coords else reader.targets["plan"].tolist()
    titles = reader.attribute("plans") or {}
    out = []
    for place, found in enumerate(reader.targets.to_dict("records")):
        plan = str(plans[place])
        title = titles.get(plan, {}).get(reader.lang) or _DATED.sub("", str(found["source"])) or plan
        out.append({**found, "place": place, "number": int(numbers[place]), "plan_id": plan, "plan_title": title})
    return out


def assessed(found: dict[str, Any]) -> bool:
    """Whether a row has a verdict."""
    return str(found["verdict"]) != "not_assessed"


def name_of(reader: Reader, found: dict[str, Any]) -> str:
    """Label of a target; a second reading names itself."""
    label = str(found[f"label_{reader.lang}"] or found["label_zh"] or found["id"]).strip()
    if found["reading"] in ("indicator", ""):
        return label
    return label + reader.say("（", " (") + reader.label("reading", str(found["reading"])) + reader.say("）", ")")


def spoken(reader: Reader, found: dict[str, Any]) -> tuple[str, str | None]:
    """Name of a target in a sentence, without the unit in brackets at its end, and the word behind its numbers.

    A plan's label names its unit: what it calls (平方米) is written behind the number, in place of a unit of the
    vocabulary that would say the label again.
    """
    unit = str(found["unit"])
    label = str(found[f"label_{reader.lang}"] or found["label_zh"] or found["id"]).strip()
    bracket = BRACKET.search(label)
    name = name_of(reader, found).replace(label, label[: bracket.start()] if bracket else label)
    if unit in _SAID_AFTER:
        return name, None
    return name, bracket.group(1) if bracket and reader.lang == "zh" else ""


def value_of(reader: Reader, trace: Trace, found: dict[str, Any], in_table: bool = True, **how: Any) -> Number:
    """A number in the unit of a target; in a table without a unit that its label names."""
    unit = str(found["unit"])
    word = spoken(reader, found)[1]
    if in_table and word is not None:
        how["bare"] = True
    elif word is not None:
        how["word"] = word
    return reader.number(trace, unit, **how)


def goal(reader: Reader, found: dict[str, Any], in_table: bool = True) -> Inlines:
    """The target as the plan prints it, without decimals it has not; a dash where it prints no number."""
    unit, value = str(found["unit"]), float(found["target"])
    if not math.isfinite(value):
        return (UNKNOWN,)
    shown = f"{100 * value:.6g}" if unit in ("share", "pp") else f"{value:.6g}"
    digits = len(shown.partition(".")[2]) if "e" not in shown else 0
    exact = unit in ("share", "pp") or abs(value) < 1e4
    trace = reader.cell(found["place"], "target")
    number = value_of(reader, trace, found, in_table, **({"digits": digits} if exact else {}))
    return (OPERATORS.get(str(found["operator"]), ""), number)


def is_listed(found: dict[str, Any]) -> bool:
    """Whether a row is a deliverable or a direction, which is listed and not judged."""
    return str(found["driver"]).startswith("listed: ")


def by_plan(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows of each plan of the place; those of a reference set are counted nowhere."""
    out: dict[str, list[dict[str, Any]]] = {}
    for found in rows:
        if not of_reference(found):
            out.setdefault(str(found["plan_id"]), []).append(found)
    return out


def of_reference(found: dict[str, Any]) -> bool:
    """Whether a row is one of a reference set."""
    return str(found["tally"]) == "reference"


def tally_words(reader: Reader, rows: list[dict[str, Any]]) -> str:
    """How many targets of each plan have which verdict, on what evidence, and how many are listed alone."""
    parts = []
    for found in by_plan(rows).values():
        title, count = found[0]["plan_title"], sum(is_listed(r) for r in found)
        part = f"{title}{reader.say('', ': ')}{headline(found, reader.lang)}"
        if count:
            part += reader.say(
                f"；另列示交付事项或方向性要求{count}项", f"; {count} deliverables or directions are listed"
            )
        parts.append(part)
    return reader.say("。", ". ").join(parts)


def verdict_cell(reader: Reader, found: dict[str, Any]) -> Cell:
    """The verdict, coloured; one that rests on what somebody assumed says so."""
    order = {"missed": 0, "at_risk": 1, "met": 2, "not_assessed": 3}
    verdict = str(found["verdict"])
    return cell(verdict_words(found, reader.lang), tone=verdict, key=float(order.get(verdict, 4)))


def value_cell(reader: Reader, found: dict[str, Any], year: int) -> Cell:
    """Value of the indicator of a row at a year-end; a dash where it has none."""
    number = value_of(reader, reader.indicator(found["place"], year), found)
    return cell(number, key=number.value if math.isfinite(number.value) else -math.inf)


def rests_on(reader: Reader, found: dict[str, Any]) -> str:
    """What a value rests on, and how its stock goes on after its last figure; empty for a row without a value."""
    evidence = evidence_words(found, reader.lang)
    words = (evidence, goes_on_words(found, reader.lang) if evidence else "")
    return reader.say("，", ", ").join(word for word in words if word)


def short_by(reader: Reader, found: dict[str, Any]) -> Number:
    """How far the expected value stays off the target, as a positive number."""
    unit = "pp" if found["unit"] == "share" else str(found["unit"])
    trace = reader.cell(found["place"], "gap")
    word = spoken(reader, found)[1]
    return Number(abs(float(found["gap"])), unit, word=word, mask=reader.mask_below, trace=trace)


def statement(reader: Reader, found: dict[str, Any]) -> Inlines:
    """`到2025年末……预计为……，低于目标……个百分点`: one target in a sentence, without its full stop."""
    year = int(found["year"])
    name = spoken(reader, found)[0]
    out: Inlines = (reader.say(f"到{year}年末，{name}预计为", f"{name}, {year}: "),)
    cells = (reader.cell(found["place"], c) for c in ("value", "low80", "high80"))
    out += with_band(reader, *(value_of(reader, c, found, in_table=False) for c in cells))
    off = short_by(reader, found)
    aim = goal(reader, found, in_table=False)
    if off.value == 0.0 or str(found["operator"]) in ("==", "~"):
        return (*out, reader.say("，目标为", ", target "), *aim)
    below = float(found["gap"]) < 0
    if reader.lang == "zh":
        return (*out, "，低于目标（" if below else "，高于目标（", *aim, "）", off)
    return (*out, ", below the target of " if below else ", above the target of ", *aim[1:], " by ", off)
