"""Scenario files that extend others, and changes set from outside (`--set`, `replace`)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from demo_sim.errors import InputError
from demo_sim.files import is_file
from demo_sim.scenario.messages import Problems, listed, nearest, quoted
from demo_sim.scenario.nodes import Node, from_python, join, parse_yaml, read_yaml
from demo_sim.scenario.places import shipped_folder
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.settings import is_block


def shipped_names() -> list[str]:
    """Names of the shipped scenarios."""
    return sorted(path.stem for path in shipped_folder().glob("*.yaml"))


def find_scenario(source: str | Path, problems: Problems, asked_at: Location | None = None) -> Path | None:
    """File of a scenario given as a path or the name of a shipped one."""
    start = Path(source)
    if is_file(start):
        return start
    named = shipped_folder() / f"{start}.yaml"
    if re.fullmatch(r"[\w-]+", str(start)) and is_file(named):
        return named
    names = shipped_names()
    siblings = [str(start.parent / p.name) for p in start.parent.glob("*.yaml")] if os.path.isdir(start.parent) else []
    problems.add(
        asked_at or Location(start.as_posix(), 0),
        "no_scenario",
        given=quoted(start.as_posix()),
        allowed=listed(names),
        near=nearest(str(start), [*names, *siblings]),
    )
    return None


def read_merged(path: Path, problems: Problems, files: list[Path], above: tuple[Path, ...] = ()) -> Node | None:
    """Tree of a scenario file with everything it extends merged in; `files` takes the files read."""
    full = path.resolve()
    files.append(full)
    node = read_yaml(path, problems)
    if node is None:
        return None
    if not node.is_map:
        problems.add(node.where, "want_mapping", given=node.shown())
        return None
    base = node.map.get("extends")
    if base is None:
        return node
    own = Node({key: child for key, child in node.map.items() if key != "extends"}, node.where, node.folder)
    if not isinstance(base.value, str):
        problems.add(base.where, "want_text", given=base.shown(), hint="")
        return None
    beside = base.folder / base.value
    parent = beside if is_file(beside) else find_scenario(_or_name(beside, base.value), problems, base.where)
    if parent is None:
        return None
    if parent.resolve() in (*above, full):
        chain = (*above, full, parent.resolve())
        problems.add(base.where, "cycle", given=" → ".join(item.name for item in chain))
        return None
    below = read_merged(parent, problems, files, (*above, full))
    return None if below is None else merge(below, own)


def _or_name(beside: Path, written: str) -> Path | str:
    return written if re.fullmatch(r"[\w-]+", written) else beside


def merge(below: Node, over: Node, path: tuple[str, ...] = ()) -> Node:
    """`over` on top of `below`: blocks key by key, lists and quantities whole, null removes a key."""
    if not (below.is_map and over.is_map and is_block(path)) or _other_kind(below, over):
        return over
    merged = dict(below.map)
    for key, child in over.map.items():
        if child.value is None and key in merged:
            del merged[key]
        elif key in merged:
            merged[key] = merge(merged[key], child, (*path, key))
        else:
            merged[key] = child
    return Node(merged, over.where, over.folder)


def _other_kind(below: Node, over: Node) -> bool:
    """A series whose kind changes keeps nothing of the old kind's keys."""
    kinds = (below.map.get("kind"), over.map.get("kind"))
    return kinds[0] is not None and kinds[1] is not None and kinds[0].value != kinds[1].value


def parse_overrides(overrides: Iterable[str], problems: Problems) -> dict[str, Node]:
    """Trees of changes written as `path=value`, the value in YAML, by dotted path."""
    changes: dict[str, Node] = {}
    for text in overrides:
        path, sign, written = text.partition("=")
        path = path.strip()
        where = Location(f"--set {path}", 0, path)
        if not sign or not path or not written.strip():
            problems.add(Location(f"--set {text}", 0), "override_form", given=quoted(text))
            continue
        node = parse_yaml(written, where, Path.cwd(), problems)
        if node is not None:
            changes[path] = node
    return changes


def apply_nodes(root: Node, changes: Mapping[str, Node], problems: Problems) -> Node:
    """Tree with the changes set at their dotted paths."""
    for path, node in changes.items():
        root = _set(root, path.split("."), node, problems)
    return root


def _set(here: Node, steps: list[str], node: Node, problems: Problems) -> Node:
    if not steps:
        return node
    if not here.is_map:
        problems.add(node.where, "override_path", given=here.where.path)
        return here
    children = dict(here.map)
    key, rest = steps[0], steps[1:]
    if node.value is None and not rest:
        children.pop(key, None)
    else:
        empty = Node({}, replace(node.where, path=join(here.where.path, key)), node.folder)
        children[key] = _set(children.get(key, empty), rest, node, problems)
    return replace(here, value=children)


def apply_changes(root: Node, changes: Mapping[str, Any]) -> Node:
    """Tree with Python values set at dotted paths; raises InputError where a path cannot be set."""
    problems = Problems()
    nodes = {
        path: from_python(value, Location(f"--set {path}", 0, path), Path.cwd()) for path, value in changes.items()
    }
    changed = apply_nodes(root, nodes, problems)
    if problems:
        raise InputError(problems.found)
    return changed
