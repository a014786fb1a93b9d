"""Figures of finished targets: each belongs to a target of the scenario's plans, has a year, and is in its unit."""

from __future__ import annotations

from collections.abc import Iterator

from demo_sim.scenario.catalog import Catalog
from demo_sim.scenario.cross_checks import LARGEST_SHARE
from demo_sim.scenario.entries import Target
from demo_sim.scenario.messages import Problems, Text, listed, make_problem, nearest, quoted
from demo_sim.scenario.quantity import Quantity
from demo_sim.scenario.settings import Settings
from demo_sim.scenario.values import ValueReader

ACTUAL = "actual."
REPORTED = "reported."
DECIDES = ("published", "reported", "derived")  # what a year can be closed with
FAR = 20.0  # a figure so many times the target, or so small a part of it, is likely in another unit


def actual_name(indicator: str) -> str:
    """Name under `actual` of what a target is set for: its indicator, or the figure of the office without its block.

    Examples
    --------
    >>> actual_name("nursing_bed_share"), actual_name("reported.child_files")
    ('nursing_bed_share', 'child_files')
    """
    return indicator.removeprefix(REPORTED)


def _wanted(settings: Settings, catalog: Catalog) -> Iterator[tuple[str, Target]]:
    """Names under `actual` that the plans of the scenario have a use for, each with its target."""
    for plan in (catalog.plans[id_] for id_ in settings.plan if id_ in catalog.plans):
        for target in plan.targets:
            yield actual_name(target.indicator), target
            yield from ((name, target) for name in target.also)


def check_actual(settings: Settings, catalog: Catalog, values: ValueReader, problems: Problems) -> None:
    """Each figure under `actual` can close a year of a target."""
    wanted = dict(_wanted(settings, catalog))
    known = dict.fromkeys([*wanted, *catalog.indicators])
    for path, quantity in values.quantities.items():
        if not path.startswith(ACTUAL):
            continue
        name = path.removeprefix(ACTUAL)
        if name not in known:
            problems.add(quantity.where, "unknown_actual", given=name, near=nearest(name, known))
            continue
        if not _closes(quantity, problems):
            continue
        if name not in wanted:
            values.notes.append(make_problem(quantity.where, "note_actual", near=nearest(name, wanted)))
        else:
            _check_unit(quantity, wanted[name], values, problems)


def _closes(quantity: Quantity, problems: Problems) -> bool:
    """Whether the figures have years, no band, and a status that a year can be closed with."""
    before = len(problems.found)
    if any(row.year is None for row in quantity.rows):
        problems.add(quantity.where, "actual_year")
    if any(row.drawn for row in quantity.rows):
        problems.add(quantity.where, "actual_band")
    for status in dict.fromkeys(row.status for row in quantity.rows if row.status not in DECIDES):
        problems.add(quantity.where, "actual_status", given=status, allowed=listed(DECIDES))
    return len(problems.found) == before


def _check_unit(quantity: Quantity, target: Target, values: ValueReader, problems: Problems) -> None:
    """A figure is in the unit of its target."""
    label = Text(target.label.zh, target.label.en)
    if quantity.unit and quantity.unit != target.unit:
        problems.add(quantity.where, "unit", given=quoted(quantity.unit), allowed=quoted(target.unit))
        return
    if target.unit == "share":
        largest = max(row.value for row in quantity.rows)
        if largest > LARGEST_SHARE:
            problems.add(quantity.where, "reported_share", target=label, given=f"{largest:g}")
        return
    for row in quantity.rows if target.value else ():
        ratio = abs(row.value / target.goal)
        if ratio and not 1.0 / FAR <= ratio <= FAR:
            values.notes.append(
                make_problem(
                    quantity.where, "note_actual_far", target=label, given=f"{row.value:g}", allowed=f"{target.goal:g}"
                )
            )
