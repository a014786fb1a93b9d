"""What must hold between tables: the same residences, a template that has people where the table has."""

from __future__ import annotations

from collections.abc import Container, Mapping

from demo_sim.scenario.messages import Problems
from demo_sim.scenario.model import InputTable
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.tables import TableProblems
from demo_sim.tables.layouts import HIGHEST_AGE as OLDEST
from demo_sim.tables.layouts import Age, age_text

MOST_LEAVE = 1.5  # of those of an age: single ages inside a group differ, and a run spreads them along a curve
BY_RESIDENCE = ("mortality.table", "fertility.table", "migration.table", "function.prevalence.table")


def tells_residence(root: Node, tables: Mapping[str, InputTable]) -> bool | None:
    """Whether a run tells urban from rural; None where the saved run that it starts from decides."""
    if "from_run" in root.find(("population",)).map:
        return None
    table = tables.get("population.table")
    return (table is not None and "residence" in table.columns) or "urban_by_age" in root.find(("population",)).map


def check_between(root: Node, tables: Mapping[str, InputTable], numbers: Container[str], problems: Problems) -> None:
    """Note what of one table does not go with another; `numbers` has the paths of the quantities."""
    if "population.table" in tables and tells_residence(root, tables) is False:
        for path in BY_RESIDENCE:
            if path in tables and "residence" in tables[path].columns:
                table = tables[path]
                problems.add(Location(shown_path(table.file), table.lines[0], path), "not_apart")
    if "population.table" in tables and "population.template" in tables:
        _check_template(tables["population.table"], tables["population.template"], problems)
    scaled = any(f"population.{key}" in numbers for key in ("total", "age_share", "male_share"))
    kept = root.find(("options", "on_negative")).value == "cap" or "migration.kept" in numbers
    if "population.table" in tables and "migration.table" in tables and not scaled and not kept:
        _check_outflow(tables["population.table"], tables["migration.table"], problems)


def _check_outflow(table: InputTable, moves: InputTable, problems: Problems) -> None:
    """Those who leave in a year are no more than live there: by sex, and by residence where both tables tell it."""
    findings = TableProblems(problems, shown_path(moves.file), moves.path)
    apart = "residence" in table.columns and "residence" in moves.columns
    people: dict[tuple[str, str], list[tuple[Age, float]]] = {}
    for row, age in enumerate(table.columns["age"]):
        key = (table.columns["residence"][row] if apart else "", table.columns["sex"][row])
        people.setdefault(key, []).append((age, table.columns["population"][row]))
    for row, line in enumerate(moves.lines):
        net, age = moves.columns["net_migration"][row], moves.columns["age"][row]
        key = (moves.columns["residence"][row] if apart else "", moves.columns["sex"][row])
        if net < 0.0:
            for other, number in people.get(key, []):
                living, leaving = number * _overlap(other, age), -net * _overlap(age, other)
                if leaving > MOST_LEAVE * living + 1.0:
                    given = f"{leaving:,.0f}"
                    findings.add(line, "outflow", given=given, people=f"{living:,.0f}", age=age_text(other))
                    break
    findings.close()


def _overlap(age: Age, other: Age) -> float:
    """Part of an age group that lies inside another; all of an open one that does in part."""
    (first, last), (a, b) = age, other
    if last is None:
        return 1.0 if b is None or b >= first else 0.0
    inside = min(last, OLDEST if b is None else b) - max(first, a) + 1
    return max(inside, 0) / (last - first + 1)


def _check_template(table: InputTable, template: InputTable, problems: Problems) -> None:
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
