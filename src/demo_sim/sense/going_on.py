"""Stocks of the user's own that nothing is said to move after their last figure: they go on, and that is told."""

from __future__ import annotations

from collections.abc import Iterator

from demo_sim.errors import Problem
from demo_sim.scenario import Scenario
from demo_sim.scenario.messages import Text, make_problem
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shipped_folder
from demo_sim.scenario.supply_moves import OF_PART, OF_STOCK, PARTS, STOCKS, dated_twice, moves

_NONE = {
    "beds": "pipeline: {openings_per_year: 0}",
    "staff": "added: 0",
    "stock": "yearly_change: 0",
    "covered": "signed: 0",
}
_NONE_OF_PART = {"beds": "pipeline: {conversions_per_year: 0}", "staff": "trainings: 0"}


def going_on(scenario: Scenario) -> Iterator[Problem]:
    """A note for each stock, or part of one, without a word on what comes in: what is done, how to say otherwise."""
    quantities = scenario.quantities
    for name, entry in scenario.settings.supply.items():
        node = scenario.root.find(("supply", name))
        for keys, of, says in ((STOCKS, OF_STOCK, _NONE), (PARTS, OF_PART, _NONE_OF_PART)):
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
