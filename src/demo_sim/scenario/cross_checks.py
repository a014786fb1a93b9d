"""Checks between settings: table or formula, the period, what plans require of the run."""

from __future__ import annotations

from datetime import date

from demo_sim.scenario.catalog import Catalog
from demo_sim.scenario.entries import Target
from demo_sim.scenario.instead import FORMULAS
from demo_sim.scenario.messages import Problems, Text, listed, make_problem, nearest
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.settings import Settings
from demo_sim.scenario.values import ValueReader

# A key that means nothing without another.
_COMPANIONS = {
    "population": (("urban_by_age", "urban_share"),),
    "fertility": (("urban_births", "tfr"),),
    "urbanisation": (("reclass_share", "urban_share"),),
    "migration": (("returnee_share", "gross"),),
}
# Blocks that mean nothing without another.
_PARTNERS = (("history", "unions"), ("unions", "history"))
# A ratio of pay or a growth may pass 1; a share in per cent is far beyond.
LARGEST_SHARE = 3.0
_REQUIRED = ("mortality.e0", "fertility.tfr", "fertility.srb", "migration.net")


def check_blocks(root: Node, values: ValueReader, problems: Problems) -> None:
    """A block is given by a table or by a formula, whole."""
    for path, (formula, needed) in FORMULAS.items():
        block = root
        for step in path.split("."):
            block = block.map.get(step, Node(None, root.where, root.folder))
        if not block.is_map:
            continue
        given = [key for key in formula if key in block.map]
        if "table" in block.map:
            for key in given:
                problems.add(block.map[key].where, "both", given=key)
        elif not all(key in block.map for key in needed):
            missing = [key for key in needed if key not in block.map]
            if given:
                for key in missing:
                    problems.add(block.where, "missing", given=key)
            else:
                problems.add(block.where, "neither", allowed=listed(needed))
    fertility = root.map.get("fertility")
    if fertility is not None and fertility.is_map and "srb" not in fertility.map:
        problems.add(fertility.where, "missing", given="srb")
    for path, pairs in _COMPANIONS.items():
        here = root.map.get(path)
        for key, partner in pairs:
            tabled = here is not None and path in FORMULAS and "table" in here.map
            if here is not None and not tabled and key in here.map and partner not in here.map:
                problems.add(here.map[key].where, "needs", given=key, allowed=partner)
    for one, other in _PARTNERS:
        if one in root.map and other not in root.map:
            problems.add(root.map[one].where, "needs", given=one, allowed=other)
    if "history" in root.map and fertility is not None and fertility.is_map and "parity" not in fertility.map:
        problems.add(root.map["history"].where, "needs", given="history", allowed="fertility.parity")
    population = root.map.get("population")
    if population is not None and population.is_map:
        _check_start(population, problems)
    if population is not None and population.find(("tie",)).value == "total" and "tie_total" not in population.map:
        problems.add(population.map["tie"].where, "needs", given="tie: total", allowed="tie_total")


def _check_start(population: Node, problems: Problems) -> None:
    """The base is a table, or the year-end of a saved run."""
    keys = population.map
    if "from_run" not in keys:
        if "table" not in keys:
            problems.add(population.where, "neither", allowed=listed(("from_run", "year")))
        if "year" in keys:
            problems.add(keys["year"].where, "needs", given="year", allowed="from_run")
        return
    for key in ("template", "total", "age_share", "male_share", "urban_by_age"):
        if key in keys:
            problems.add(keys[key].where, "of_table", given=key)
    if "table" in keys:
        problems.add(keys["from_run"].where, "both", given="from_run")
    if "year" not in keys:
        problems.add(keys["from_run"].where, "needs", given="from_run", allowed="year")


def check_known(values: ValueReader, problems: Problems) -> None:
    """What the run cannot do without has numbers left after `known_until`."""
    for path in _REQUIRED:
        if path in values.emptied:
            where, count = values.emptied[path]
            problems.add(where, "nothing_known", given=values.known_until, count=count)


def check_period(settings: Settings, root: Node, problems: Problems) -> None:
    """The base date lies in the year before the first projected year; a saved run ends where that begins."""
    period = settings.period
    first, last = date(period.start - 1, 1, 2), date(period.start, 1, 1)
    year = settings.population.year
    if year is not None:
        first = last
        if year != period.start - 1:
            where = root.find(("population", "year")).where
            problems.add(where, "start_year", given=year, allowed=period.start - 1)
    if not first <= period.base <= last:
        where = root.find(("period", "base")).where
        problems.add(where, "base_date", given=period.base.isoformat(), first=first.isoformat(), last=last.isoformat())
    if period.end < period.start:
        problems.add(root.find(("period", "end")).where, "period_order", given=period.end, allowed=period.start)


def wanted_figures(settings: Settings, catalog: Catalog) -> dict[str, Target]:
    """Figures of the office that the plans ask for, by path, each with a target that does."""
    wanted: dict[str, Target] = {}
    for plan in (catalog.plans[id_] for id_ in settings.plan if id_ in catalog.plans):
        for target in plan.targets:
            for item in (catalog.indicators.get(name) for name in (target.indicator, *target.also)):
                factors = (*item.minuend, *item.subtrahend, *item.times) if item else ()
                names = [item.coverage, item.numerator, *(f.of for f in factors)] if item else [target.indicator]
                wanted |= dict.fromkeys(names, target)
    return wanted


def check_reported(settings: Settings, catalog: Catalog, values: ValueReader, problems: Problems) -> None:
    """Figures of the office have a target that asks for them, and shares are written as shares."""
    wanted = wanted_figures(settings, catalog)
    for path, quantity in values.quantities.items():
        if not path.startswith("reported.") or not settings.plan:
            continue
        if path not in wanted:
            known = [name for name in wanted if name.startswith("reported.")]
            values.notes.append(make_problem(quantity.where, "note_reported", near=nearest(path, known)))
            continue
        target = wanted[path]
        given, label = max(row.value for row in quantity.rows), Text(target.label.zh, target.label.en)
        if target.unit == "share" and given > LARGEST_SHARE:
            problems.add(quantity.where, "reported_share", target=label, given=f"{given:g}")


def check_plans(settings: Settings, root: Node, catalog: Catalog, problems: Problems) -> None:
    """Plans exist, end within the projection, and use indicators that exist."""
    for number, id_ in enumerate(settings.plan):
        where = root.find(("plan", number)).where
        plan = catalog.plans.get(id_)
        if plan is None and problems and id_ in catalog.plan_names:
            continue  # its file is at fault, and that is said
        if plan is None:
            known = list(catalog.plan_names)
            problems.add(where, "unknown_plan", given=id_, near=nearest(id_, known), allowed=listed(known))
            continue
        last = max((target.year for target in plan.targets if target.scored), default=0)
        if last > settings.period.end:
            problems.add(where, "plan_horizon", given=id_, year=last, end=settings.period.end)
        tree = catalog.nodes["plans", id_]
        for index, target in enumerate(plan.targets):
            if target.scored and target.value is None:
                problems.add(tree.find(("targets", index)).where, "missing", given="value")
            places: list[tuple[str, tuple[str | int, ...]]] = [
                (name, ("also", number)) for number, name in enumerate(target.also)
            ]
            if not target.indicator.startswith("reported."):
                places.insert(0, (target.indicator, ("indicator",)))
            for name, key in places:
                if name not in catalog.indicators:
                    near = nearest(name, catalog.indicators)
                    problems.add(tree.find(("targets", index, *key)).where, "unknown_indicator", given=name, near=near)
