"""Figures said to be known of years that have not ended: a forecast typed as published makes those years known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from demo_sim.errors import Problem
from demo_sim.scenario import Scenario
from demo_sim.scenario.messages import make_problem
from demo_sim.scenario.shipped import shipped_folder

_KNOWN = ("published", "reported")
_OF_THE_FORM = ("reported.", "actual.")  # later years of these are plans, and are read as such


def to_come(scenario: Scenario) -> Iterator[Problem]:
    """A notice for each number of the user's own that is published or reported of a year to come."""
    this_year = date.today().year
    for path, quantity in scenario.quantities.items():
        node = scenario.root.find(tuple(path.split(".")))
        if path.startswith(_OF_THE_FORM) or node.folder.is_relative_to(shipped_folder()):
            continue
        years = [row.year for row in quantity.rows if row.year is not None and row.status in _KNOWN]
        if years and max(years) > this_year:
            yield make_problem(quantity.where, "note_to_come", year=max(years), given=quantity.rows[-1].status)
