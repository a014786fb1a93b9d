"""Numbers as written in a scenario: a constant, a path by year, a mapping by keys, a band."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from demo_sim.scenario.fields import KEYS
from demo_sim.scenario.hints import key_hint, number_hint
from demo_sim.scenario.messages import NONE, Problems, Text, listed, nearest, quoted
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import Location, Row
from demo_sim.tables.layouts import ABILITY_LEVELS, RESIDENCES, SEXES
from demo_sim.vocab import STATUSES

HIGHEST_AGE = 130
AT = ("draw", "low", "value", "high")
_LEAF = {"value", "low", "high"}
_WHOLE = ("value", "low", "high", "source", "status", "unit", "at", "known")

KEY_NAMES = {
    "year": Text("年份", "year"),
    "cohort": Text("出生队列", "cohort"),
    "sex": Text("性别", "sex"),
    "residence": Text("城乡", "residence"),
    "age": Text("年龄", "age"),
    "level": Text("能力等级", "level"),
    "name": Text("其他名称", "other names"),
}


@dataclass(frozen=True)
class Written:
    """Rows of a literal, with what was written beside them."""

    rows: tuple[Row, ...]
    places: tuple[Location, ...]
    source: str = ""
    status: str = ""
    unit: str = ""
    at: str = "draw"
    known: int | None = None


@dataclass(frozen=True)
class _Leaf:
    value: float
    low: float | None
    high: float | None
    where: Location


def key_kind(key: str) -> str:
    """Which key of a row a mapping key is: year, cohort, age, sex, residence, level or name."""
    if re.fullmatch(r"(18|19|20|21)\d\d", key, re.ASCII):
        return "year"
    if re.fullmatch(r"\d{4}-\d{4}", key, re.ASCII):
        return "cohort"
    if re.fullmatch(r"\d{1,3}(-\d{1,3}|\+)?", key, re.ASCII):
        return "age"
    if key in SEXES:
        return "sex"
    if key in RESIDENCES:
        return "residence"
    return "level" if key in ABILITY_LEVELS else "name"


def read_number(node: Node, problems: Problems) -> float | None:
    """Number of a scalar node, or None with the problem noted."""
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        if abs(node.value) < float("inf"):
            return float(node.value)
        problems.add(node.where, "want_number", given=quoted(node.shown()), hint=number_hint("inf"))
        return None
    hint = number_hint(node.value) if isinstance(node.value, str) else NONE
    problems.add(node.where, "want_number", given=quoted(node.shown()), hint=hint)
    return None


def read_written(node: Node, problems: Problems) -> Written | None:
    """Literal of a node: rows with their keys, or None with the problems noted."""
    before = len(problems.found)
    extra: dict[str, Any] = {}
    body: Node = node
    band: dict[str, Node] = {}
    if "value" in node.map or _LEAF & set(node.map):
        body, band = _open_whole(node, extra, problems)
    leaves: dict[tuple[tuple[str, str], ...], _Leaf] = {}
    if len(problems.found) == before:
        _collect(body, (), leaves, problems)
    if band and len(problems.found) == before:
        leaves = _with_band(leaves, band, problems)
    if len(problems.found) > before:
        return None
    rows = []
    for keys, leaf in leaves.items():
        fields: dict[str, Any] = dict(keys)
        if "year" in fields:
            fields["year"] = int(fields["year"])
        row = Row(leaf.value, leaf.low, leaf.high, id=node.where.path, **fields)
        if check_band(row, leaf.where, problems):
            rows.append(row)
    if len(problems.found) > before:
        return None
    return Written(tuple(rows), tuple(leaf.where for leaf in leaves.values()), **extra)


def check_band(row: Row, where: Location, problems: Problems) -> bool:
    """Whether the band of a row is whole and in order; a problem is noted where it is not."""
    if (row.low is None) != (row.high is None):
        problems.add(where, "band_half")
        return False
    if row.low is not None and row.high is not None and not row.low <= row.value <= row.high:
        problems.add(where, "band_order", given=f"low {row.low:g}, value {row.value:g}, high {row.high:g}")
        return False
    return True


def _open_whole(node: Node, extra: dict[str, Any], problems: Problems) -> tuple[Node, dict[str, Node]]:
    for key, child in node.map.items():
        if key not in _WHOLE:
            problems.add(
                child.where,
                "unknown_key",
                given=key,
                near=nearest(key, _WHOLE),
                hint=NONE,
                allowed=listed(_WHOLE),
            )
    if "value" not in node.map:
        problems.add(node.where, "no_value")
        return node, {}
    for key in ("source", "unit"):
        if key in node.map:
            child = node.map[key]
            if isinstance(child.value, str):
                extra[key] = child.value
            else:
                problems.add(child.where, "want_text", given=quoted(child.shown()), hint="")
    if "known" in node.map:
        known = node.map["known"]
        if isinstance(known.value, int) and not isinstance(known.value, bool):
            extra["known"] = known.value
        else:
            problems.add(known.where, "want_whole", given=known.shown(), hint="")
    for key, choices in (("status", STATUSES), ("at", AT)):
        if key in node.map:
            extra[key] = read_choice(node.map[key], choices, problems)
    band: dict[str, Node] = {key: node.map[key] for key in ("low", "high") if key in node.map}
    return node.map["value"], band


def read_choice(node: Node, choices: tuple[str, ...], problems: Problems) -> str:
    """The written word where it is one of the choices, else the first choice with a problem noted."""
    if node.value in choices:
        return str(node.value)
    given = node.shown()
    problems.add(node.where, "choice", given=quoted(given), near=nearest(given, choices), allowed=listed(choices))
    return choices[0]


def _collect(
    node: Node,
    keys: tuple[tuple[str, str], ...],
    leaves: dict[tuple[tuple[str, str], ...], _Leaf],
    problems: Problems,
) -> None:
    if not node.is_map:
        number = read_number(node, problems)
        if number is not None:
            leaves[keys] = _Leaf(number, None, None, node.where)
        return
    if not node.map:
        problems.add(node.where, "empty_map")
        return
    if _LEAF & set(node.map):
        _collect_leaf(node, keys, leaves, problems)
        return
    if len(keys) == 2:
        problems.add(node.where, "deep")
        return
    kinds = {key: key_kind(key) for key in node.map}
    meant = {key: key_hint(key) for key, kind in kinds.items() if kind == "name"}
    for key, kind in kinds.items():
        first, _, last = key.rstrip("+").partition("-")
        if kind == "age" and (int(first) > HIGHEST_AGE or (last and int(last) < int(first))):
            problems.add(node.map[key].where, "key_age", given=key)
            return
    odd = {key: hint for key, hint in meant.items() if hint != NONE}
    for key, hint in odd.items():
        problems.add(node.map[key].where, "key_form", given=key, hint=hint)
    if odd:
        return
    main = max(dict.fromkeys(kinds.values()), key=list(kinds.values()).count)
    strange = [key for key, kind in kinds.items() if kind != main]
    if strange:
        known = (*SEXES, *RESIDENCES, *ABILITY_LEVELS)
        where = node.map[strange[0]].where
        problems.add(where, "mixed_keys", given="、".join(node.map), near=nearest(strange[0], known))
        return
    if main in dict(keys):
        problems.add(node.where, "key_twice", given=KEY_NAMES[main])
        return
    for key, child in node.map.items():
        _collect(child, (*keys, (main, key)), leaves, problems)


def _collect_leaf(
    node: Node,
    keys: tuple[tuple[str, str], ...],
    leaves: dict[tuple[tuple[str, str], ...], _Leaf],
    problems: Problems,
) -> None:
    unknown = [key for key in node.map if key not in _LEAF]
    for key in unknown:
        problems.add(
            node.map[key].where,
            "unknown_key",
            given=key,
            near=nearest(key, _LEAF),
            hint=NONE,
            allowed=listed(sorted(_LEAF)),
        )
    if "value" not in node.map:
        problems.add(node.where, "no_value")
        return
    numbers = {key: read_number(node.map[key], problems) for key in ("value", "low", "high") if key in node.map}
    if numbers["value"] is not None:
        leaves[keys] = _Leaf(numbers["value"], numbers.get("low"), numbers.get("high"), node.where)


def _with_band(
    leaves: dict[tuple[tuple[str, str], ...], _Leaf], band: dict[str, Node], problems: Problems
) -> dict[tuple[tuple[str, str], ...], _Leaf]:
    """Leaves with the band that was written beside `value` as a whole."""
    sides: dict[str, dict[tuple[tuple[str, str], ...], _Leaf]] = {}
    for side, node in band.items():
        sides[side] = {}
        _collect(node, (), sides[side], problems)
        if sides[side] and sides[side].keys() != leaves.keys():
            problems.add(node.where, "band_keys")
            return leaves
    low, high = sides.get("low", {}), sides.get("high", {})
    return {
        keys: replace(
            leaf,
            low=low[keys].value if keys in low else leaf.low,
            high=high[keys].value if keys in high else leaf.high,
        )
        for keys, leaf in leaves.items()
    }


def row_keys(row: Row) -> dict[str, str]:
    """The keys a row fills in, as text, by name."""
    return {key: str(getattr(row, key)) for key in KEYS if getattr(row, key) not in ("", None)}
