"""What two scenarios have unlike: inputs, settings that are no numbers and tables, with file and line of both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo_sim.scenario.messages import Problems
from demo_sim.scenario.nodes import Node, parse_yaml
from demo_sim.scenario.quantity import Location

if TYPE_CHECKING:
    from demo_sim.results import Results

# Settings that say what a run is called, not what it does.
_NAMES = ("name", "title")
# How a run was made, where that is not a setting that differs already.
_MADE = ("engine", "draws", "person_draws", "scale", "seed", "keep", "method_version")


@dataclass(frozen=True)
class Change:
    """One input or setting that differs; empty text where a run has it not.

    Attributes
    ----------
    path : dotted path in the scenario
    values : as the first and the second run have it
    statuses : of each; empty for a setting that is no number
    places : file and line of each; empty for what is said of the run alone
    """

    path: str
    values: tuple[str, str]
    statuses: tuple[str, str]
    places: tuple[str, str]


def changes(first: Results, second: Results) -> list[Change]:
    """Everything that the scenario of `second` has unlike that of `first`: numbers, tables, settings, how it ran."""
    left, right = _inputs(first), _inputs(second)
    out = []
    for path in dict.fromkeys([*left, *right]):
        one, two = (side.get(path, ("", "", "", "")) for side in (left, right))
        (value, unit, status, place), (other, unit_of_other, another, there) = one, two
        if path in left and path in right and unit != unit_of_other:
            value, other = f"{value} {unit}".strip(), f"{other} {unit_of_other}".strip()
        if (value, status) != (other, another):
            out.append(Change(path, (value, other), (status, another), (place, there)))
    out += _tables(first, second, {change.path for change in out})
    numbers = {change.path for change in out}
    settings, others = _settings(first), _settings(second)
    for path in dict.fromkeys([*settings, *others]):
        (value, place), (other, there) = (side.get(path, ("", "")) for side in (settings, others))
        # The words of a number are cut after forty rows, and a change of them all is one change.
        if value != other and not any(path == n or path.startswith(f"{n}.") for n in numbers):
            out.append(Change(path, (value, other), ("", ""), (place, there)))
    known = {change.path.rpartition(".")[2] for change in out}
    for key in _MADE:
        value, other = (str(run.attrs.get(key, "")) for run in (first, second))
        if value != other and key not in known:
            out.append(Change(key, (value, other), ("", ""), ("", "")))
    return out


def _inputs(results: Results) -> dict[str, tuple[str, str, str, str]]:
    """Value, unit, status and place of each; a band that is held at one of its ends says so, as it is written."""
    out = {}
    for row in results.inputs.to_dict("records"):
        held = f" at: {row['at']}" if row["at"] not in ("", "draw") else ""
        told = (str(row["unit"]), str(row["status"]), str(row["file:line"]))
        out[str(row["id"])] = (f"{row['value']}{held}", *told)
    return out


def _tables(first: Results, second: Results, told: set[str]) -> Iterator[Change]:
    """Tables of the same name whose content differs."""
    hashes = [_decoded(run, "input_files") for run in (first, second)]
    rows = [{str(r["id"]): r for r in run.inputs.to_dict("records")} for run in (first, second)]
    for path in (path for path in rows[0] if path in rows[1] and path not in told):
        names = [str(side[path]["value"]) for side in rows]
        kept = [{Path(f).name: sha for f, sha in side.items()}.get(n) for side, n in zip(hashes, names, strict=True)]
        if None not in kept and kept[0] != kept[1]:
            one, other = (f"{name} (sha256 {str(sha)[:8]})" for name, sha in zip(names, kept, strict=True))
            (a, b), (c, d) = ((str(side[path][key]) for side in rows) for key in ("status", "file:line"))
            yield Change(path, (one, other), (a, b), (c, d))


def _settings(results: Results) -> dict[str, tuple[str, str]]:
    """Leaves of the scenario's text by dotted path, each with its file and line where the run has kept them."""
    top = parse_yaml(str(results.attrs.get("text", "")), Location("", 0), Path(), Problems())
    places = _decoded(results, "setting_places")
    numbers = {str(row["id"]): str(row["file:line"]) for row in results.inputs.to_dict("records")}
    leaves = {} if top is None else dict(_leaves(top))
    return {
        path: (value, places.get(path, "") or _of_number(path, numbers))
        for path, value in leaves.items()
        if path.partition(".")[0] not in _NAMES
    }


def _of_number(path: str, places: dict[str, str]) -> str:
    """Where the number stands that a setting is a part of."""
    while path:
        if path in places:
            return places[path]
        path = path.rpartition(".")[0]
    return ""


def _decoded(results: Results, key: str) -> dict[str, Any]:
    """A mapping among the attributes of a run; empty where an earlier version has not kept it."""
    kept = results.attrs.get(key, "{}")
    found = json.loads(kept) if isinstance(kept, str) else kept
    return found if isinstance(found, dict) else {}


def _leaves(node: Node) -> Iterator[tuple[str, str]]:
    """Path and whole value of every setting; a list is one."""
    if node.is_map:
        for child in node.map.values():
            yield from _leaves(child)
    else:
        yield node.where.path, str([item.plain() for item in node.items] if node.is_list else node.value)
