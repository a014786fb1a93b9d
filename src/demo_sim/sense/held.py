"""Years of a run beyond those of its tables: the rates of the nearest year are held there."""

from __future__ import annotations

from collections.abc import Iterator

from demo_sim.errors import Problem
from demo_sim.scenario import Scenario
from demo_sim.scenario.messages import Text, make_problem
from demo_sim.scenario.place_tree import PREFIX
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path

LONG = 5  # years that a table may be away from the run without a word: it is then still of the time
_TABLES = ("mortality.table", "fertility.table", "migration.table")


def held_years(scenario: Scenario) -> Iterator[Problem]:
    """A note for each table that ends well before the run, or begins after it does."""
    start, end = scenario.settings.period.start, scenario.settings.period.end
    for path in _TABLES:
        table = scenario.tables.get(path)
        if table is None or str(scenario.root.find(tuple(path.split("."))).value).startswith(PREFIX):
            continue
        first, last = min(table.columns["year"]), max(table.columns["year"])
        spans = [(start, min(first - 1, end), first)] if first > start else []
        spans += [(max(last + 1, start), end, last)] if last < end else []
        long = [(a, b, year) for a, b, year in spans if max(abs(a - year), abs(b - year)) > LONG]
        if not long:
            continue
        held = Text(
            "、".join(f"{a}–{b} 年沿用 {year} 年" for a, b, year in long),
            ", ".join(f"{a}-{b} have those of {year}" for a, b, year in long),
        )
        where = Location(shown_path(table.file), table.lines[-1], path)
        yield make_problem(where, "note_held", first=first, last=last, held=held)
