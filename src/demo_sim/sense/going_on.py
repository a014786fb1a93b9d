"""Stocks of the user's own that nothing is said to move after their last figure: they go on, and that is told.

So are measures that begin later than their stock ends: numbers hold for the years before their first one, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from demo_sim.errors import Problem
from demo_sim.scenario import Scenario
from demo_sim.scenario.measures import measures
from demo_sim.scenario.messages import Text, make_problem
from demo_sim.scenario.quantity import Location, Row
from demo_sim.scenario.shipped import shipped_folder
from demo_sim.scenario.supply_moves import OF_PART, OF_STOCK, STOCK_PARTS, STOCKS, dated_twice, moves

_NONE = {
    "beds": "pipeline: {openings_per_year: 0}",
    "staff": "added: 0",
    "stock": "yearly_change: 0",
    "covered": "signed: 0",
}
_NONE_OF_PART = {"beds": "pipeline: {conversions_per_year: 0}", "staff": "trainings: 0"}


def going_on_notes(scenario: Scenario) -> Iterator[Problem]:
    """A note for each stock, or part of one, without a word on what comes in: what is done, how to say otherwise."""
    quantities = scenario.quantities
    for name, entry in scenario.settings.supply.items():
        node = scenario.root.find(("supply", name))
        for keys, of, says in ((STOCKS, OF_STOCK, _NONE), (STOCK_PARTS, OF_PART, _NONE_OF_PART)):
            path = next((path for key in keys if (path := f"supply.{name}.{key}") in quantities), None)
            if path is None or entry.kind not in says or moves(quantities, name, entry.kind, of):
                continue
            if node.folder.is_relative_to(shipped_folder()) or "kept" in node.map:
                continue
            years = [row.year for row in quantities[path].rows if row.year is not None]
            last = max(years, default=scenario.settings.period.start - 1)
            if last >= scenario.settings.period.end:
                continue
            how = (
                Text("按已有年份之间的变化外推", "it goes on by the change between its figures")
                if dated_twice(quantities, path)
                else Text("与需求或总量同比例变化", "it keeps its relation to the need, or to its whole")
            )
            yield make_problem(
                Location(node.where.file, node.where.line, path), "note_going_on",
                year=last, way=f"supply.{name}.{says[entry.kind]}", how=how,
            )  # fmt: skip


def begun_early(scenario: Scenario) -> Iterator[Problem]:
    """A note for each measure whose first year lies beyond the year after the last figure of its stock."""
    settings, quantities = scenario.settings, scenario.quantities
    for name, entry in settings.supply.items():
        for path, rows in measures(quantities, name, entry, settings.known_until or 0):
            key = path.rpartition(".")[2]
            for kind in dict.fromkeys(row.name for row in rows):
                years = sorted(row.year for row in quantities[path].rows if row.name == kind and row.year is not None)
                last = _last(scenario, name, STOCK_PARTS if _of_part(entry.kind, key, kind) else STOCKS)
                if years and years[0] > last + 1:
                    yield make_problem(
                        quantities[path].where, "note_begun_early",
                        given=f"{key}.{kind}" if kind else key, first=years[0], since=last + 1, until=years[0] - 1,
                    )  # fmt: skip


def _of_part(kind: str, key: str, name: str) -> bool:
    """Whether a key moves the part of a stock alone."""
    names = OF_PART.get(kind, {}).get(key)
    return names is not None and (not names or name in names)


def _last(scenario: Scenario, name: str, keys: tuple[str, ...]) -> int:
    """The last year-end of which a stock, or its part, has a figure, at least that before the run begins."""
    rows: list[Row] = []
    for key in keys:
        quantity = scenario.quantities.get(f"supply.{name}.{key}")
        rows += [] if quantity is None else quantity.rows
    before = scenario.settings.period.start - 1
    return max([before, *(row.year for row in rows if row.year is not None)])
