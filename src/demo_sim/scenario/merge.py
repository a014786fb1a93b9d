"""Scenario files that extend others, and changes set from outside (`--set`, `replace`)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from demo_sim.errors import InputError, Problem
from demo_sim.files import is_file
from demo_sim.places import Place, the_place
from demo_sim.places import find as places_named
from demo_sim.places import places as all_places
from demo_sim.scenario.fitted import with_fits
from demo_sim.scenario.instead import INSTEAD, replaced
from demo_sim.scenario.messages import Problems, listed, make_problem, nearest, quoted
from demo_sim.scenario.nodes import Node, from_python, join, parse_yaml, read_yaml
from demo_sim.scenario.place_tree import SHARED, place_tree, read_place
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.settings import is_block
from demo_sim.scenario.shipped import shipped_folder
from demo_sim.scenario.written import key_kind

OF_A_FILE = ("extends", "place")  # what they bring is merged when a file is read
MOST_BELOW = 20  # scenarios that extend one another
SHOWN_PLACES = 8  # of several that a name may mean


def shipped_names() -> list[str]:
    """Names of the shipped scenarios."""
    return sorted(path.stem for path in shipped_folder().glob("*.yaml"))


def find_source(source: str, problems: Problems) -> Path | Place | None:
    """File of a scenario, or the place that a code or a name means; a file or a shipped name wins."""
    none = Problems()
    path = find_scenario(source, none)
    if path is not None:
        return path
    try:
        place = place_meant(source)
    except InputError as error:
        problems.found.extend(error.problems)
        return None
    if place is None:
        problems.found.extend([no_such_place(source)] if source.isdigit() else none.found)
    return place


def place_meant(text: str) -> Place | None:
    """The place that a code or a name means, or None where there is none.

    Raises
    ------
    InputError
        The name may mean several; lists them.
    """
    found = places_named(text) if text.strip() else []
    place = the_place(text) or (found[0] if len(found) == 1 else None)
    if place is None and found:
        shown = [f"{one.code} {one.full_name}" for one in found[:SHOWN_PLACES]]
        more = [f"… {len(found)}"] if len(found) > SHOWN_PLACES else []
        where = Location(text, 0)
        raise InputError([make_problem(where, "which_place", given=quoted(text), allowed=listed([*shown, *more]))])
    return place


def no_such_place(text: str) -> Problem:
    """What is said where a text names no place."""
    names = [*all_places()] if text.isdigit() else [place.name for place in all_places().values()]
    return make_problem(Location(text, 0), "no_place", given=quoted(text), near=nearest(text, names))


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
    node = with_fits(node, problems, files)
    base, named = node.map.get("extends"), node.map.get("place")
    place = None if named is None else read_place(named, problems)
    if named is not None and place is None:
        return None
    if base is None:
        return node if place is None else _over_place(node, place, problems, files)
    own = Node({key: child for key, child in node.map.items() if key != "extends"}, node.where, node.folder)
    if not isinstance(base.value, str | int) or isinstance(base.value, bool):
        problems.add(base.where, "want_text", given=base.shown(), hint="")
        return None
    parent = _extended(base, str(base.value), problems)
    if parent is None:
        return None
    if isinstance(parent, Place):
        alone = read_place_alone(parent, problems, files)
        return None if alone is None else merge_trees(alone, own)
    if parent.resolve() in (*above, full):
        chain = (*above, full, parent.resolve())
        problems.add(base.where, "cycle", given=" → ".join(item.name for item in chain))
        return None
    if len(above) >= MOST_BELOW:
        problems.add(base.where, "extends_long", given=MOST_BELOW)
        return None
    below = read_merged(parent, problems, files, (*above, full))
    if below is None or place is None:
        return None if below is None else merge_trees(below, own)
    tree = place_tree(place, problems)
    return None if tree is None else merge_trees(merge_trees(below, tree), own)


def _extended(base: Node, written: str, problems: Problems) -> Path | Place | None:
    """File that a scenario extends: beside it, by the name or the path of one that ships; or a place."""
    for beside in (base.folder / written, shipped_folder() / written):
        if is_file(beside):
            return beside
    none = Problems()
    found = find_scenario(_or_name(base.folder / written, written), none, base.where)
    if found is None:
        place = the_place(written)
        if place is not None:
            return place
        problems.found.extend(none.found)
    return found


def read_place_alone(place: Place, problems: Problems, files: list[Path]) -> Node | None:
    """Tree of a place without a file of its own."""
    own = parse_yaml(f'place: "{place.code}"', Location(f"place {place.code}", 0), Path.cwd(), problems)
    return None if own is None else _over_place(own, place, problems, files)


def _over_place(own: Node, place: Place, problems: Problems, files: list[Path]) -> Node | None:
    """Own entries over what the census knows of a place, over what places share."""
    shared = read_merged(shipped_folder() / SHARED, problems, files)
    tree = place_tree(place, problems)
    return None if shared is None or tree is None else merge_trees(merge_trees(shared, tree), own)


def _or_name(beside: Path, written: str) -> Path | str:
    return written if re.fullmatch(r"[\w-]+", written) else beside


def merge_trees(below: Node, over: Node, path: tuple[str, ...] = ()) -> Node:
    """`over` on top of `below`: blocks key by key, lists and quantities whole, null removes a key.

    A table of its own takes the place of a formula below, and a base population of its own takes nothing of the one
    below that belongs to another.
    """
    if not (below.is_map and over.is_map and is_block(path)) or _other_kind(below, over):
        return over
    merged = dict(below.map)
    dropped = replaced(".".join(path), over)
    merged = {key: child for key, child in merged.items() if key not in dropped}
    for key, child in over.map.items():
        if child.value is None and key in merged:
            del merged[key]
        elif key in merged:
            merged[key] = merge_trees(merged[key], child, (*path, key))
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
        if path in OF_A_FILE:
            problems.add(node.where, "of_a_file", given=path)
            continue
        root = _set(root, path.split("."), node, problems)
    for block, instead in INSTEAD.items():
        for own, keys in instead.items():
            # a saved run named from outside stands for the one of the file, whose ties hold
            if own == "from_run" or (given := changes.get(f"{block}.{own}")) is None:
                continue
            for key in keys:
                if f"{block}.{key}" not in changes and key in root.find(tuple(block.split("."))).map:
                    root = _set(root, [*block.split("."), key], Node(None, given.where, Path.cwd()), problems)
    return root


def _set(here: Node, steps: list[str], node: Node, problems: Problems) -> Node:
    if not steps:
        return node
    if not here.is_map:
        problems.add(node.where, "override_path", given=here.where.path)
        return here
    if key_kind(steps[0]) == "year" and "value" in here.map:  # a year of a path that is written with its source
        steps = ["value", *steps]
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
