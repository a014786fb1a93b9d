"""Checks of definitions and targets: they name what exists, ask what can hold, in the unit of what is measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from demo_sim.errors import Problem
from demo_sim.scenario.arithmetic import evaluate, figure_value
from demo_sim.scenario.catalog import Catalog
from demo_sim.scenario.entries import GroupDefinition, Indicator, Plan, Resource, Rule, Target
from demo_sim.scenario.entry_checks import placed_rules
from demo_sim.scenario.messages import NONE, Problems, Text, listed, make_problem, nearest, quoted
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import Quantity
from demo_sim.scenario.rules import EVENTS, countable, lacking, read_by
from demo_sim.scenario.settings import Settings
from demo_sim.vocab import codes

OLDEST = 130
MOST_SHARE = 3.0  # a ratio of pay or a growth may pass 1; a share in per cent is far beyond
OUTCOMES = ("population", "births", "deaths", "urban_residents")
_STOCK_PARTS = (
    "nursing", "certified", "institution", "under_construction", "standard", "openings", "closures", "completions",
    "hires", "leavers", "retirements", "conversions", "new_certificates", "trainings", "signed", "lapsed", "used",
    "wanted", "short", "reclassified",
)  # fmt: skip
# What an indicator of a kind is formed of: one of each tuple.
_FORMED = {
    "ratio": (("numerator",), ("denominator",)),
    "level": (("numerator",),),
    "growth": (("numerator",),),
    "cumulative": (("numerator",),),
    "coverage": (("coverage",), ("of",)),
    "units": (("units",), ("numerator", "coverage")),
    "years_of_capacity": (("numerator",), ("denominator",)),
    "margin": (("minuend",), ("subtrahend",)),
}
# Units that mean the same count of different things.
_COUNTS = frozenset({"persons", "person_times", "beds", "households", "posts", "places", "units"})
_NAMING = ("numerator", "denominator", "coverage", "of", "whole_else")


def check_entries(catalog: Catalog, problems: Problems) -> None:
    """Note definitions that no run could use, whatever the scenario."""
    for kind in ("populations", "resources"):
        for id_, entry in catalog.entries(kind).items():
            for rule, place in placed_rules(entry, catalog.nodes[kind, id_]):
                _check_rule(rule, place, problems)
                _check_groups(rule, place, catalog, problems)
    for id_, entry in catalog.populations.items():
        if entry.sum and max(entry.sum.values()) <= 0.0:
            place = catalog.nodes["populations", id_].find(("sum",))
            problems.add(place.where, "sum_negative", given=listed(f"{w:g}" for w in entry.sum.values()))
    for id_, indicator in catalog.indicators.items():
        node = catalog.nodes["indicators", id_]
        for keys in _FORMED[indicator.kind]:
            if not any(getattr(indicator, key) for key in keys):
                problems.add(node.where, "formed", given=indicator.kind, missing=listed(keys))


def _check_rule(rule: Rule, node: Node, problems: Problems) -> None:
    """Ages that somebody can have; no condition that is not looked at."""
    age = rule.where.age
    first, _, last = age.rstrip("+").partition("-")
    where = node.find(("where", "age")).where
    if last and int(last) < int(first):
        problems.add(where, "ages_reversed", given=age, allowed=f"{last}-{first}")
    elif first and int(last or first) > OLDEST:
        problems.add(where, "age_beyond", given=age, allowed=OLDEST)
    whole = "of" if rule.of else "sum" if isinstance(rule, GroupDefinition) and rule.sum else ""
    for key in ("where", "over", "within", "without") if whole else ():
        if key in node.map:
            problems.add(node.map[key].where, "either", given=key, allowed=whole)


def _check_groups(rule: Rule, node: Node, catalog: Catalog, problems: Problems) -> None:
    """Groups that a rule names are in the catalogue."""
    known = (*catalog.populations, *EVENTS)
    for name, place in _groups(rule, node):
        if name not in known:
            problems.add(place.where, "unknown_group", given=name, near=nearest(name, known))


def _groups(rule: Rule, node: Node) -> Iterator[tuple[str, Node]]:
    """Groups that a rule names, each with its place."""
    if rule.of:
        yield rule.of, node.find(("of",))
    if isinstance(rule, GroupDefinition):
        for name in rule.sum:
            yield name, node.find(("sum", name))
        for i, seen in enumerate(rule.beside):
            yield seen.of, node.find(("beside", i, "of"))
    for key in ("within", "without", "union"):
        for number, item in enumerate(getattr(rule, key, ())):
            if isinstance(item, str):
                yield item, node.find((key, number))


def check_names(
    settings: Settings, quantities: Mapping[str, Quantity], catalog: Catalog, apart: bool | None, problems: Problems
) -> list[Problem]:
    """Note what the user's own definitions name and nobody has; give back notes on those that this run cannot count."""
    own = {key for key, file in catalog.files.items() if any(file.is_relative_to(folder) for folder in catalog.folders)}
    notes: list[Problem] = []
    if own:
        known = set(quantities) | _series(settings, catalog) | _mentioned(catalog, own)
        for kind, id_ in sorted(own):
            for name, place in _named(catalog.entries(kind)[id_], catalog.nodes[kind, id_]):
                if name not in known and not name.startswith("reported."):
                    problems.add(place.where, "unknown_name", given=name, near=nearest(name, known))
    if own and apart is not None and not problems:
        notes = _not_counted(settings, quantities, catalog, apart, sorted(own))
    for name in settings.outcomes:
        base, _, part = name.partition(".")
        known_series = [*OUTCOMES, *catalog.populations, *settings.supply]
        if base not in known_series or (part and base not in settings.supply):
            where = next(q.where for path, q in quantities.items() if path.startswith(f"outcomes.{name}."))
            problems.add(where, "unknown_series", given=name, near=nearest(name, known_series))
    return notes


def _not_counted(
    settings: Settings,
    quantities: Mapping[str, Quantity],
    catalog: Catalog,
    apart: bool,
    own: list[tuple[str, str]],
) -> list[Problem]:
    """Notes on the user's own definitions that this scenario has no numbers for."""
    kin = apart and settings.history is not None
    lacks = countable(catalog.populations, quantities, apart, settings.function is not None, kin)
    groups = [id_ for id_, missing in lacks.items() if not missing]
    notes = []
    for kind, id_ in own:
        found = {id_: lacks[id_]} if kind == "populations" else {}
        if kind == "resources":
            needs = catalog.resources[id_].needs
            found = {f"{id_} {name}": lacking(rule, quantities, groups, kin) for name, rule in needs.items()}
        where = catalog.nodes[kind, id_].find(("id",)).where
        for name, missing in found.items():
            if missing:
                notes.append(make_problem(where, "note_not_counted", given=name, missing=listed(missing)))
    return notes


def _series(settings: Settings, catalog: Catalog) -> set[str]:
    """Names of series that a run of the scenario may have."""
    names = {"population.total", "flows.births", "flows.deaths"} | {f"groups.{id_}" for id_ in catalog.populations}
    names |= {f"need.{r.id}.{kind}" for r in catalog.resources.values() for kind in r.needs}
    for name in settings.supply:
        names |= {f"supply.{name}", *(f"supply.{name}.{part}" for part in _STOCK_PARTS)}
    return names


def _mentioned(catalog: Catalog, own: set[tuple[str, str]]) -> set[str]:
    """Names in the definitions that ship: a scenario need not have them all."""
    found: set[str] = set()
    for kind in ("populations", "resources", "indicators"):
        for id_, entry in catalog.entries(kind).items():
            if (kind, id_) not in own:
                found |= {name for name, _ in _named(entry, catalog.nodes[kind, id_])}
    return found


def _named(entry: GroupDefinition | Resource | Indicator | Plan, node: Node) -> Iterator[tuple[str, Node]]:
    """Paths and series that an entry names, each with its place."""
    if isinstance(entry, GroupDefinition | Resource):
        for rule, place in placed_rules(entry, node):
            for key in ("times", "over", "level"):
                items = getattr(rule, key)
                for number, factor in enumerate(items):
                    here = place.find((key, number) if place.find((key,)).is_list else (key,))
                    yield factor.of, here
            for factor in read_by(rule)[len(rule.times) + len(rule.over) + len(rule.level) :]:
                yield factor.of, place
        if isinstance(entry, Resource) and entry.supply:
            yield f"supply.{entry.supply}", node.find(("supply",))
    elif isinstance(entry, Indicator):
        for key in _NAMING:
            if getattr(entry, key):
                yield getattr(entry, key), node.find((key,))
        for key in ("times", "minuend", "subtrahend"):
            for factor in getattr(entry, key):
                yield factor.of, node.find((key,))
        if entry.units is not None:
            yield entry.units.of, node.find(("units",))
        for number, way in enumerate(entry.takes):
            if way.cost:
                yield way.cost, node.find(("takes", number))


def check_targets(settings: Settings, catalog: Catalog, problems: Problems) -> None:
    """Targets of the plans: ids of their own, in the unit of their indicator, of a possible size; checks that work."""
    for id_ in settings.plan:
        plan = catalog.plans.get(id_)
        if plan is None:
            continue
        tree = catalog.nodes["plans", id_]
        seen: dict[str, Node] = {}
        for index, target in enumerate(plan.targets):
            node = tree.find(("targets", index))
            first = seen.setdefault(target.id, node)
            if first is not node:
                problems.add(node.find(("id",)).where, "repeated_id", given=target.id, other=str(first.where))
            _check_target(target, catalog.indicators.get(target.indicator), node, problems)
        _check_arithmetic(plan, tree, catalog, problems)


def _check_target(target: Target, indicator: Indicator | None, node: Node, problems: Problems) -> None:
    known = codes("unit")
    wanted = indicator.unit if indicator is not None else target.unit
    place = node.find(("unit",)).where
    if indicator is not None and target.unit != wanted and not {target.unit, wanted} <= _COUNTS:
        problems.add(place, "target_unit", given=quoted(target.unit), allowed=quoted(wanted), id=indicator.id)
    elif indicator is None and target.unit.isascii() and target.unit not in {*known, "boolean", "other"}:
        problems.add(
            place, "choice", given=quoted(target.unit), near=nearest(target.unit, known), allowed=listed(known)
        )
    if target.value is None:
        return
    at = node.find(("value",)).where
    kind = "" if indicator is None else indicator.kind
    if target.unit == "share" and target.value > (1.0 if kind in ("coverage", "units") else MOST_SHARE):
        hint = NONE
        if target.value <= 100.0:
            hint = Text(f"；百分数写成 {target.value / 100:g}", f"; per cent is written {target.value / 100:g}")
        problems.add(at, "target_share", given=f"{target.value:g}", hint=hint)
    elif target.value < 0.0 and kind not in ("margin", "growth") and (kind or target.unit in _COUNTS):
        problems.add(at, "negative", given=f"{target.value:g}")


def _check_arithmetic(plan: Plan, tree: Node, catalog: Catalog, problems: Problems) -> None:
    for index, check in enumerate(plan.checks):
        try:
            numbers = {name: figure_value(figure, catalog.register) for name, figure in check.figures.items()}
            for expression in (check.left, check.right):
                evaluate(expression, numbers)
        except ValueError as error:
            problems.add(tree.find(("checks", index)).where, "arithmetic", detail=str(error))
