"""What raking does to a base table, in words: shares that are moved, and shares that are somebody else's."""

from __future__ import annotations

from collections.abc import Mapping

from demo_sim.errors import Problem
from demo_sim.scenario.messages import Problems, listed, make_problem
from demo_sim.scenario.model import InputTable
from demo_sim.scenario.quantity import Quantity
from demo_sim.tables.layouts import read_age

POINT = 0.01  # of a share, from which a change is told
SHARES = ("population.age_share", "population.male_share", "population.urban_by_age", "population.total")
OPEN = 130  # years, where an open age group is taken to end
TABLE, URBAN = "population.table", "urbanisation.urban_share"


def check_raking(quantities: Mapping[str, Quantity], tables: Mapping[str, InputTable], problems: Problems) -> None:
    """A table is never brought to shares that another region lent."""
    for path in SHARES:
        quantity = quantities.get(path)
        if quantity is not None and TABLE in tables and any(row.status == "borrowed" for row in quantity.rows):
            problems.add(quantity.where, "raked_to_borrowed", given=path.partition(".")[2])


def raking_notes(quantities: Mapping[str, Quantity], tables: Mapping[str, InputTable], year: int) -> list[Problem]:
    """A note for each setting that moves the base table by more than a point, with the largest of its changes."""
    table = tables.get(TABLE)
    if table is None:
        return []
    columns = table.columns
    people = [float(n) for n in columns["population"]]
    total = sum(people)
    notes = []
    moved: list[tuple[str, str, float, float]] = []
    if total > 0.0 and "population.age_share" in quantities:
        for label, wanted in _at(quantities["population.age_share"], year).items():
            group = read_age(label)
            if group is None:
                continue
            have = sum(n * _inside(age, group) for n, age in zip(people, columns["age"], strict=True)) / total
            moved.append(("population.age_share", label, have, wanted))
    if total > 0.0 and "population.male_share" in quantities:
        have = sum(n for n, sex in zip(people, columns["sex"], strict=True) if sex == "male") / total
        moved += [
            ("population.male_share", "male", have, v) for v in _at(quantities["population.male_share"], year).values()
        ]
    for path in ("population.age_share", "population.male_share"):
        own = [(abs(wanted - have), label, have, wanted) for p, label, have, wanted in moved if p == path]
        if own and max(own)[0] > POINT:
            _, label, have, wanted = max(own)
            notes.append(_note("note_raked", quantities[path], label, have, wanted))
    if total > 0.0 and URBAN in quantities and "residence" in columns:
        have = sum(n for n, r in zip(people, columns["residence"], strict=True) if r == "urban") / total
        for wanted in _at(quantities[URBAN], year).values():
            if abs(wanted - have) > POINT:
                notes.append(_note("note_urban_gap", quantities[URBAN], "urban", have, wanted))
    return notes


def _note(key: str, quantity: Quantity, label: str, have: float, wanted: float) -> Problem:
    return make_problem(quantity.where, key, group=label, given=f"{100 * have:.1f}%", allowed=f"{100 * wanted:.1f}%")


def _inside(age: tuple[int, int | None], group: tuple[int, int | None]) -> float:
    """Part of an age group that lies in another, its years alike."""
    first, last = age[0], OPEN if age[1] is None else age[1]
    low, high = group[0], OPEN if group[1] is None else group[1]
    return max(min(last, high) - max(first, low) + 1, 0) / (last - first + 1)


def _at(quantity: Quantity, year: int) -> dict[str, float]:
    """Values of a year by age group: linear between dated rows, held outside."""
    out = {}
    for age in dict.fromkeys(row.age for row in quantity.rows):
        rows = sorted(
            (row.year if row.year is not None else year, row.value) for row in quantity.rows if row.age == age
        )
        before = [one for one in rows if one[0] <= year] or rows[:1]
        after = [one for one in rows if one[0] >= year] or rows[-1:]
        (y0, v0), (y1, v1) = before[-1], after[0]
        out[age] = v0 if y0 == y1 else v0 + (v1 - v0) * (year - y0) / (y1 - y0)
    return out


def tied_years(quantities: Mapping[str, Quantity], start: int, end: int) -> list[int]:
    """Years of the run, after its opening, whose total the scenario ties."""
    quantity = quantities.get("population.tie_total")
    return sorted({r.year for r in quantity.rows if r.year is not None and start <= r.year <= end}) if quantity else []


def tie_notes(quantities: Mapping[str, Quantity], start: int, end: int) -> list[Problem]:
    """A word on where the difference goes that tying later years leaves."""
    years = tied_years(quantities, start, end)
    if not years:
        return []
    return [make_problem(quantities["population.tie_total"].where, "note_tied", given=listed(map(str, years)))]
