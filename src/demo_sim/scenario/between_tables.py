"""What must hold between tables: the same residences, a template that has people where the table has."""

from __future__ import annotations

from collections.abc import Mapping

from demo_sim.scenario.messages import Problems
from demo_sim.scenario.model import Table
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.tables import TableProblems, age_text

BY_RESIDENCE = ("mortality.table", "fertility.table", "migration.table", "function.prevalence.table")


def tells_residence(root: Node, tables: Mapping[str, Table]) -> bool | None:
    """Whether a run tells urban from rural; None where the saved run that it starts from decides."""
    if "from_run" in root.find(("population",)).map:
        return None
    table = tables.get("population.table")
    return (table is not None and "residence" in table.columns) or "urban_by_age" in root.find(("population",)).map


def check_between(root: Node, tables: Mapping[str, Table], problems: Problems) -> None:
    """Note what of one table does not go with another."""
    if "population.table" in tables and tells_residence(root, tables) is False:
        for path in BY_RESIDENCE:
            if path in tables and "residence" in tables[path].columns:
                table = tables[path]
                problems.add(Location(shown_path(table.file), table.lines[0], path), "not_apart")
    if "population.table" in tables and "population.template" in tables:
        _check_template(tables["population.table"], tables["population.template"], problems)


def _check_template(table: Table, template: Table, problems: Problems) -> None:
    """A template has people, at each of its dates, at the ages of every group of the table that has."""
    ages = table.columns["age"]
    if all(last in (None, first) for first, last in ages):
        return  # single ages are not split
    last_age = max(first for first, _ in template.columns["age"])
    known: dict[tuple[object, str], list[float]] = {}
    columns = (template.columns[name] for name in ("date", "sex", "age", "population"))
    for when, sex, (first, _), number in zip(*columns, strict=True):
        known.setdefault((when, sex), [0.0] * (last_age + 1))[first] += number
    findings = TableProblems(problems, shown_path(table.file), table.path)
    for row, line in enumerate(table.lines):
        first, last = ages[row]
        people, sex = table.columns["population"][row], table.columns["sex"][row]
        for (when, other), single in known.items():
            if other == sex and people > 0.0 and not sum(single[first : None if last is None else last + 1]):
                file, cell = shown_path(template.file), f"{sex} {age_text((first, last))}"
                findings.add(line, "template_empty", file=file, date=when, cell=cell, given=f"{people:g}")
    findings.close()
