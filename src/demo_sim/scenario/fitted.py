"""Blocks that `calibrate` has fitted, taken up by `fit: FILE` inside a block of a scenario.

A block holds the digests of its data and a seal over all it says, so that numbers changed by hand, or data that are
not those it was fitted to, are refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from demo_sim.files import is_file
from demo_sim.scenario.messages import Problems
from demo_sim.scenario.nodes import Node, join, read_yaml
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path

KEY = "fit"
GIVES = "gives"  # what a block brings to the scenario
ABOUT = "fitted"  # how it came about
SEAL = "seal"


def digest_of(path: Path) -> str:
    """SHA-256 of a text file, whatever its ends of lines (a checkout on Windows has others)."""
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    return hashlib.sha256(data).hexdigest()


def seal_of(block: Mapping[str, Any]) -> str:
    """SHA-256 over everything that a block says but its seal."""
    about = {key: value for key, value in block[ABOUT].items() if key != SEAL}
    plain = json.dumps({**block, ABOUT: about}, sort_keys=True, ensure_ascii=False, default=list)
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()


def with_fits(node: Node, problems: Problems, files: list[Path]) -> Node:
    """Tree with what its fitted blocks give in place of their names; entries written beside `fit` win over it."""
    if not node.is_map:
        return node
    children = {key: with_fits(child, problems, files) for key, child in node.map.items() if key != KEY}
    named = node.map.get(KEY)
    if named is None:
        return Node(children, node.where, node.folder, node.written)
    given: dict[str, Node] = {}
    for item in named.items or [named]:
        if not isinstance(item.value, str):
            problems.add(item.where, "want_text", given=item.shown(), hint="")
            continue
        found = _given(item.folder / item.value, item.where, problems, files)
        given |= {key: _moved(child, node.where.path, key) for key, child in found.items()}
    return Node(given | children, node.where, node.folder, node.written)


def _given(path: Path, where: Location, problems: Problems, files: list[Path]) -> dict[str, Node]:
    """What a fitted block gives, or nothing where it cannot be trusted."""
    block = read_yaml(path, problems, where)
    if block is None:
        return {}
    about, gives = block.map.get(ABOUT), block.map.get(GIVES)
    if about is None or gives is None or not gives.is_map or SEAL not in about.map:
        problems.add(where, "no_fitted_block", given=shown_path(path))
        return {}
    if seal_of(block.plain()) != about.map[SEAL].value:
        problems.add(about.map[SEAL].where, "fit_seal", given=about.map["spec"].value if "spec" in about.map else "")
        return {}
    files.append(path.resolve())
    for table in [*_named(about, "data"), *_named(about, "writes")]:
        file = path.parent / str(table.map["file"].value)
        if is_file(file) and digest_of(file) != table.map["sha256"].value:
            problems.add(table.where, "fit_data", given=shown_path(file), spec=about.map["spec"].value)
            return {}
    return gives.map


def _moved(node: Node, path: str, key: str) -> Node:
    """A node of a block under the path that it has in the scenario."""
    here = replace(node.where, path=join(path, key))
    if node.is_map:
        value: Any = {name: _moved(child, here.path, name) for name, child in node.map.items()}
    else:
        value = node.value
    return replace(node, where=here, value=value)


def _named(about: Node, key: str) -> list[Node]:
    listed = about.map.get(key)
    return [] if listed is None else [item for item in listed.items if {"file", "sha256"} <= item.map.keys()]
