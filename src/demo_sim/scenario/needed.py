"""What a count of one's own needs beside it: borrowed where a rate can be, else named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from demo_sim.scenario.catalog import Catalog
from demo_sim.scenario.entries import GroupDefinition
from demo_sim.scenario.messages import Problems, listed
from demo_sim.scenario.nodes import Node, read_yaml
from demo_sim.scenario.place_tree import SHARED
from demo_sim.scenario.register import COUNT_UNITS, Register
from demo_sim.scenario.rules import BRIDGE, NONLOCAL, rule_paths
from demo_sim.scenario.shipped import shipped_folder

BLOCK = "groups"
LENT = (BLOCK, "disability")  # blocks of what places share that may be lent from


def with_needed(root: Node, catalog: Catalog, register: Register, region: str, notes: Problems) -> Node:
    """Tree in which groups with a count of their own have what their rules need, too.

    What lacks is taken from what places share (rates of the register, borrowed where the region has none), and told;
    what cannot be borrowed is named.

    Parameters
    ----------
    register, region : as the scenario looks rows up
    notes : takes what is told
    """
    block = root.map.get(BLOCK)
    if block is None or not block.is_map:
        return root
    lacking = _lacking(catalog.populations, set(block.map), "history" in root.map)
    shared = read_yaml(shipped_folder() / SHARED, Problems()) if lacking else None
    for typed, paths in lacking.items():
        where = block.map[typed].where
        lent, missing = [], []
        for path in paths:
            top, _, key = path.partition(".")
            if top in root.map and key in root.map[top].map:
                continue  # another count has brought it, or the scenario itself
            found = None if shared is None or top not in LENT else shared.map[top].map.get(key)
            if found is None or not _lends(found, register, region):
                missing.append(path)
                continue
            here = root.map.get(top) or Node({}, replace(where, path=top), block.folder)
            child = _moved(found, where.file, where.line)
            root = replace(root, value={**root.map, top: replace(here, value={**here.map, key: child})})
            lent.append(path)
        if lent:
            notes.add(where, "note_needed", given=where.path, allowed=listed(lent))
        if missing:
            notes.add(where, "note_lacking", given=where.path, allowed=listed(missing))
    return root


def _lacking(populations: Mapping[str, GroupDefinition], given: set[str], kin: bool) -> dict[str, list[str]]:
    """Paths that groups with a typed count need and nobody gives, by the key of the count."""
    counted: dict[str, str] = {}  # group: key of the count it hangs on
    while True:
        found = dict(counted)
        for id_, item in populations.items():
            own = [f.of.partition(".")[2] for f in item.level if f.of.partition(".")[0] == BLOCK]
            parts = [*item.sum] if item.sum else [item.of] if item.of else []
            typed = next((key for key in own[:1] if key in given), None)
            if typed is not None:
                found[id_] = typed
            elif not own and parts and all(part in found for part in parts):
                found.setdefault(id_, found[parts[0]])
        if found == counted:
            break
        counted = found
    out: dict[str, list[str]] = {}
    for id_, typed in counted.items():
        item = populations[id_]
        rule = item if kin or item.without_kin is None else item.without_kin
        paths = rule_paths(rule)
        if item.base == "hukou" and not (item.of or item.sum):
            paths.append(NONLOCAL if rule is item and item.asks_kin else BRIDGE)
        for path in paths:
            top, _, key = path.partition(".")
            if (top != BLOCK or key not in given) and path not in out.get(typed, []):
                out.setdefault(typed, []).append(path)
    return out


def _lends(node: Node, register: Register, region: str) -> bool:
    """Whether an entry of what places share is there for a region, a rate that can be borrowed, or a number."""
    asked = node.map.get("assume")
    if asked is None or not isinstance(asked.value, str):
        return True
    taken = register.take(asked.value, region)
    return taken is not None and not (taken.borrowed and taken.entry.unit in COUNT_UNITS)


def _moved(node: Node, file: str, line: int) -> Node:
    """The entry at the line of the count that needs it."""
    where = replace(node.where, file=file, line=line)
    if node.is_map:
        return replace(node, where=where, value={key: _moved(child, file, line) for key, child in node.map.items()})
    return replace(node, where=where)
