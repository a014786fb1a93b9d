"""A named definition of functional ability, written as one word, becomes the numbers that go with it."""

from __future__ import annotations

import re
from dataclasses import replace

from demo_sim.scenario.catalog import Catalog
from demo_sim.scenario.entries import Definition
from demo_sim.scenario.messages import Problems, listed, nearest
from demo_sim.scenario.nodes import Node

PATH = ("function", "definition")


def with_definition(root: Node, catalog: Catalog, problems: Problems) -> Node:
    """Tree in which the definition that `function.definition` names has set its numbers and its words.

    A number that the scenario gives itself stays, and the words say so. Words in place of a name stay as they are.
    """
    named = root.find(PATH)
    if not _has(root, PATH):
        return root
    if not isinstance(named.value, str) or not re.fullmatch(r"\w+", named.value, re.ASCII):
        if not any(_has(root, (PATH[0], "prevalence", key)) for key in ("table", "any", "severe_total", "split")):
            problems.add(named.where, "definition_words", allowed=listed(catalog.definitions))
        return root
    chosen = catalog.definitions.get(named.value)
    if chosen is None:
        known = list(catalog.definitions)
        problems.add(
            named.where,
            "unknown_definition",
            given=named.value,
            near=nearest(named.value, known),
            allowed=listed(known),
        )
        return root
    table = _has(root, (PATH[0], "prevalence", "table"))
    own = ["table"] if table else []
    for path, id_ in chosen.sets.items():
        steps = tuple(path.split("."))
        if _has(root, steps):
            own += [steps[-1]] if steps[0] == PATH[0] else []
        elif not (table and steps[0] == PATH[0]):
            row = Node({"assume": _at(named, path, id_)}, replace(named.where, path=path), named.folder)
            root = _set(root, steps, row)
    return _set(root, PATH, _words(named, chosen, own))


def _has(root: Node, steps: tuple[str, ...]) -> bool:
    here = root
    for step in steps:
        if step not in here.map:
            return False
        here = here.map[step]
    return True


def _at(named: Node, path: str, value: str) -> Node:
    """A value at the place of the name; its line is where it comes from."""
    return Node(value, replace(named.where, path=path), named.folder)


def _words(named: Node, chosen: Definition, own: list[str]) -> Node:
    zh, en = (f"{'、'.join(own)}为自填", f"own numbers: {', '.join(own)}") if own else ("", "")
    texts = {
        "zh": f"{chosen.label.zh}；{zh}" if own else chosen.label.zh,
        "en": f"{chosen.label.en}; {en}" if own else chosen.label.en,
    }
    path = ".".join(PATH)
    return Node({lang: _at(named, f"{path}.{lang}", text) for lang, text in texts.items()}, named.where, named.folder)


def _set(here: Node, steps: tuple[str, ...], node: Node) -> Node:
    """Tree with a node set; a block on its way that is not there is left out."""
    if len(steps) > 1 and not (steps[0] in here.map and here.map[steps[0]].is_map):
        return here
    child = node if len(steps) == 1 else _set(here.map[steps[0]], steps[1:], node)
    return replace(here, value={**here.map, steps[0]: child})
