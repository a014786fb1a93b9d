"""Which rows of the register a scenario takes: those of a region or a place, or Hunan's as borrowed."""

from __future__ import annotations

from dataclasses import replace

from demo_sim.places import Place, place_of, the_place
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.place_tree import PREFIX
from demo_sim.scenario.register import LENDER, PLACES

REGISTER = ("region", "register")


def with_code(root: Node) -> Node:
    """Tree in which a place or register written as a number, or as the name of a place, is the code of the place."""
    region, place = root.map.get("region"), root.map.get("place")
    changed = dict(root.map)
    if place is not None:
        changed["place"] = _coded(place)
    if region is not None and "register" in region.map:
        changed["region"] = replace(region, value={**region.map, "register": _coded(region.map["register"])})
    return replace(root, value=changed)


def _coded(node: Node) -> Node:
    text = str(node.value) if isinstance(node.value, int | str) and not isinstance(node.value, bool) else ""
    found = the_place(text) if text and text not in PLACES else None
    return node if found is None else replace(node, value=found.code)


def own_table(root: Node) -> bool:
    """Whether the base population is a table of the scenario's own."""
    named = root.map.get("population")
    table = None if named is None else named.map.get("table")
    return table is not None and isinstance(table.value, str) and not table.value.startswith(PREFIX)


def region_of(root: Node) -> tuple[str, Place | None]:
    """Name under which rows of the register are looked for, and the place whose census goes with it.

    A scenario with a table of its own that names the register of Hunan without being Hunan borrows: it has the rows of
    its own place, where its code names one, and all else from Hunan as from a lender.
    """
    node = root.find(REGISTER)
    name = node.value if isinstance(node.value, str) else ""
    code, place = (str(root.find(path).value) for path in (("region", "code"), ("place",)))
    own = place_of(code) or place_of(place)
    if name == LENDER and own_table(root) and (own is None or own.code != PLACES[LENDER]):
        name = ""
    named = place_of(name) or place_of(PLACES.get(name, "")) or (None if name else own)
    return (name or named.code if named is not None else name), named
