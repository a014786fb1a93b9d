"""What two scenarios have unlike: inputs with the file and line of both, and settings that are no numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from demo_sim.scenario.messages import Problems
from demo_sim.scenario.nodes import Node, parse_yaml
from demo_sim.scenario.quantity import Location

if TYPE_CHECKING:
    from demo_sim.results import Results

# Settings that say what a run is called, not what it does.
_NAMES = ("name", "title")


@dataclass(frozen=True)
class Change:
    """One input or setting that differs; empty text where a run has it not.

    Attributes
    ----------
    path : dotted path in the scenario
    values : as the first and the second run have it
    statuses : of each; empty for a setting that is no number
    places : file and line of each; empty for a setting that is no number
    """

    path: str
    values: tuple[str, str]
    statuses: tuple[str, str]
    places: tuple[str, str]


def changes(first: Results, second: Results) -> list[Change]:
    """Everything that the scenario of `second` has unlike that of `first`, inputs before other settings."""
    left, right = _inputs(first), _inputs(second)
    none = ("", "")
    out = []
    for path in dict.fromkeys([*left, *right]):
        (value, status, place), (other, another, there) = (side.get(path, ("", "", "")) for side in (left, right))
        if (value, status) != (other, another):
            out.append(Change(path, (value, other), (status, another), (place, there)))
    settings, others = _settings(first), _settings(second)
    for path in dict.fromkeys([*settings, *others]):
        number = any(path == p or path.startswith(f"{p}.") for p in (*left, *right))
        if not number and settings.get(path, "") != others.get(path, ""):
            out.append(Change(path, (settings.get(path, ""), others.get(path, "")), none, none))
    for key in ("engine", "draws", "seed"):
        value, other = (str(run.attrs.get(key, "")) for run in (first, second))
        if value != other and not any(change.path == key for change in out):
            out.append(Change(key, (value, other), none, none))
    return out


def _inputs(results: Results) -> dict[str, tuple[str, str, str]]:
    """Value, status and place of each; a band that is held at one of its ends says so, as it is written."""
    out = {}
    for row in results.inputs.to_dict("records"):
        held = f" at: {row['at']}" if row["at"] not in ("", "draw") else ""
        out[str(row["id"])] = (f"{row['value']}{held}", str(row["status"]), str(row["file:line"]))
    return out


def _settings(results: Results) -> dict[str, str]:
    """Leaves of the scenario's text by dotted path."""
    top = parse_yaml(str(results.attrs.get("text", "")), Location("", 0), Path(), Problems())
    leaves = {} if top is None else dict(_leaves(top))
    return {path: value for path, value in leaves.items() if path.partition(".")[0] not in _NAMES}


def _leaves(node: Node) -> Iterator[tuple[str, str]]:
    """Path and whole value of every setting; a list is one."""
    if node.is_map:
        for child in node.map.values():
            yield from _leaves(child)
    else:
        yield node.where.path, str([item.plain() for item in node.items] if node.is_list else node.value)
