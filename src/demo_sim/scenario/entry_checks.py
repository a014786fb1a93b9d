"""Checks of populations and needs beyond their form: relatives at ages that have them, groups that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from demo_sim.scenario.entries import GroupDefinition, Resource, Rule
from demo_sim.scenario.messages import Problems, listed
from demo_sim.scenario.nodes import Node

_ADULT = 18
_CHILD, _GROWN = ("father", "mother"), ("partner", "children", "children_born", "grandchild")


def check_populations(
    populations: Mapping[str, GroupDefinition], nodes: Mapping[str, Node], problems: Problems
) -> None:
    """Note rules that cannot be counted, at the line that is to be mended.

    Parameters
    ----------
    populations : by id
    nodes : tree of each
    problems : takes what is wrong
    """
    for name, entry in populations.items():
        node = nodes[name]
        for rule, place in placed_rules(entry, node):
            _check_rule(rule, place, problems)
        _check_match(entry, node, populations, problems)
        if entry.without_kin is not None and not entry.asks_kin:
            problems.add(node.find(("without_kin",)).where, "needs", given="without_kin", allowed="where.kin")
    for name, entry in populations.items():
        circle = _circle(name, populations)
        if circle:
            problems.add(nodes[entry.id].find(("id",)).where, "group_circle", given=" → ".join(circle))


def _check_match(
    entry: GroupDefinition, node: Node, populations: Mapping[str, GroupDefinition], problems: Problems
) -> None:
    """Note what does not go with a share that a group, or a set of groups, is fitted to."""
    if entry.one_of and entry.match is None:
        problems.add(node.find(("one_of",)).where, "needs", given="one_of", allowed="match")
    if entry.match is None:
        return
    place = node.find(("match",)).where
    if not entry.where.asks_kin:
        problems.add(place, "needs", given="match", allowed="where.kin")
    for key in ("level", "within", "without", "union"):
        if getattr(entry, key):
            problems.add(place, "either", given="match", allowed=key)
    # What was read first, the shipped before the user's own, is what the others are measured by.
    first = next((other for other in populations.values() if entry.one_of and other.one_of == entry.one_of), entry)
    if _frame(first) != _frame(entry):
        problems.add(node.find(("one_of",)).where, "set_differs", given=entry.one_of, other=first.id)


def _frame(entry: GroupDefinition) -> tuple[object, ...]:
    """What groups of a set have in common: their cells, whatever the relatives, and base."""
    cells = entry.where.model_copy(update={"kin": None, "any": ()})
    return cells, entry.base, entry.times, entry.over, entry.per


def check_needs(resource: Resource, node: Node, problems: Problems) -> None:
    """Note needs whose rule asks for relatives at ages that do not have them."""
    for rule, place in placed_rules(resource, node):
        _check_rule(rule, place, problems)


def placed_rules(entry: GroupDefinition | Resource, node: Node) -> Iterator[tuple[Rule, Node]]:
    """The rules of an entry, each with where it stands."""
    if isinstance(entry, Resource):
        for kind, rule in entry.needs.items():
            yield rule, node.find(("needs", kind))
        return
    yield entry, node
    if entry.without_kin is not None:
        yield entry.without_kin, node.find(("without_kin",))
    for number, item in enumerate(entry.union):
        if isinstance(item, Rule):
            yield item, node.find(("union", number))


def _check_rule(rule: Rule, node: Node, problems: Problems) -> None:
    where = rule.where
    first, last = _ages(where.age)
    for place, kin in [(("kin",), where.kin), *((("any", i), kin) for i, kin in enumerate(where.any))]:
        if kin is None:
            continue
        at = node.find(("where", *place))
        written = [key for key in (*_CHILD, *_GROWN) if getattr(kin, key)]
        if not written:
            problems.add(at.where, "kin_empty", allowed=listed((*_CHILD, *_GROWN)))
        for key in written:
            if key in _CHILD and last >= _ADULT:
                problems.add(at.find((key,)).where, "kin_child", given=key, age=where.age or "0+")
            if key in _GROWN and first < _ADULT:
                problems.add(at.find((key,)).where, "kin_grown", given=key, age=where.age or "0+")


def _ages(text: str) -> tuple[int, int]:
    first, _, last = text.rstrip("+").partition("-")
    return int(first or 0), 999 if text.endswith("+") or not text else int(last or first)


def _circle(name: str, populations: Mapping[str, GroupDefinition]) -> list[str]:
    """Groups from `name` back to itself, or nothing."""
    trail: list[str] = []
    done: set[str] = set()

    def visit(here: str) -> bool:
        trail.append(here)
        for other in _named(populations[here]):
            if other == name:
                trail.append(other)
                return True
            if other in populations and other not in done and visit(other):
                return True
        done.add(trail.pop())
        return False

    return trail if visit(name) else []


def _named(entry: GroupDefinition) -> list[str]:
    own: list[Rule] = [entry, *(item for item in entry.union if isinstance(item, Rule))]
    own += [entry.without_kin] if entry.without_kin is not None else []
    names = [name for rule in own for name in (rule.of, *rule.within, *rule.without) if name]
    return [*names, *entry.sum, *(item for item in entry.union if isinstance(item, str))]
