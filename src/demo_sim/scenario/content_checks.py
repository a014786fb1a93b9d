"""What the numbers of a table must be for a run to make sense of them: somebody lives, dies, is born."""

from __future__ import annotations

from collections import defaultdict

from demo_sim.scenario.messages import Text
from demo_sim.scenario.model import InputTable
from demo_sim.scenario.tables import TableProblems
from demo_sim.tables.layouts import Age, age_text

# Highest death rate of a closed age group below `_OLD` that is taken as a rate per person-year, and the one of infants:
# the worst recorded famines stay below both. From `_OLD` on a few deaths among fewer people make rates above 1.
HIGHEST_MX = 1.0
HIGHEST_INFANT_MX = 0.5
_OLD = 80
NO_RATE = 100.0  # a death rate that no number of people and deaths gives, at whatever age
# A total fertility rate above it was never observed; sums above are rates per 1,000 women.
HIGHEST_TFR = 12.0
MOTHERS = (10, 59)  # ages at which somebody may give birth
# Rates are carried on to 100 by a law fitted from 80: it takes five single ages.
LEAST_OPEN_MX = 85
MOST_PERSONS = 1e10  # in one cell: more than live on Earth

CellKey = tuple[str, ...]
Cells = dict[CellKey, list[int]]


def check_content(table: InputTable, layout: str, cells: Cells, findings: TableProblems) -> None:
    """Note numbers of a table that no population has, and those that a run can make nothing of.

    Parameters
    ----------
    table : checked for its shape
    layout : kind of table, a key of `LAYOUTS`
    cells : rows by the keys besides age
    findings : takes what is wrong
    """
    check = _CHECKS.get(layout)
    if check is not None:
        check(table, cells, findings)


def row_words(cell: CellKey) -> str:
    """A cell as a message names it."""
    return ", ".join(cell) or "—"


def _people(table: InputTable, cells: Cells, findings: TableProblems) -> None:
    people = table.columns["population"]
    for line, number in zip(table.lines, people, strict=True):
        if number > MOST_PERSONS:
            findings.add(line, "cell_huge", given=f"{number:g}")
    if not any(people):
        findings.add(table.lines[0], "nobody")


def _template(table: InputTable, cells: Cells, findings: TableProblems) -> None:
    _people(table, cells, findings)
    for line, (first, last) in zip(table.lines, table.columns["age"], strict=True):
        if last is not None and last > first:
            findings.add(line, "template_groups", given=age_text((first, last)))


def _migrants(table: InputTable, cells: Cells, findings: TableProblems) -> None:
    for line, number in zip(table.lines, table.columns["net_migration"], strict=True):
        if abs(number) > MOST_PERSONS:
            findings.add(line, "cell_huge", given=f"{number:g}")


def _deaths(table: InputTable, cells: Cells, findings: TableProblems) -> None:
    ages, mx = table.columns["age"], table.columns["mx"]
    for line, (low, high), rate in zip(table.lines, ages, mx, strict=True):
        limit = HIGHEST_INFANT_MX if low == 0 else HIGHEST_MX if low < _OLD else NO_RATE
        if rate > (limit if high is not None else NO_RATE):
            key = "per_mille_mx" if low < _OLD and high is not None else "no_mx"
            findings.add(line, key, given=f"{rate:g}", age=age_text((low, high)))
    for cell, rows in cells.items():
        ordered = sorted(rows, key=lambda row: ages[row][0])
        closed, (last, _) = [row for row in ordered if ages[row][1] is not None], ages[ordered[-1]]
        if sum(mx[row] > 0.0 for row in closed) < 2:
            findings.add(table.lines[ordered[0]], "nobody_dies", cell=row_words(cell))
        elif not table.path.startswith("mortality."):
            continue  # the past is not carried on to older ages
        elif last < LEAST_OPEN_MX:
            line = table.lines[ordered[-1]]
            findings.add(line, "mx_open", given=f"{last}+", least=f"{LEAST_OPEN_MX}+", cell=row_words(cell))
        elif not any(mx[row] > 0.0 for row in closed if ages[row][1] >= _OLD):
            findings.add(table.lines[ordered[-1]], "no_old_die", cell=row_words(cell))


def _births(table: InputTable, cells: Cells, findings: TableProblems) -> None:
    ages, asfr = table.columns["age"], table.columns["asfr"]
    for cell, rows in cells.items():
        total = sum(asfr[row] * _width(ages[row]) for row in rows)
        if total > HIGHEST_TFR:
            words = Text(", ".join(cell), ", ".join(cell))
            findings.add(table.lines[rows[0]], "per_mille_asfr", given=f"{total:g}", cell=words)
        elif total <= 0.0:
            findings.add(table.lines[rows[0]], "nobody_born", cell=row_words(cell))
    for line, (low, high), rate in zip(table.lines, ages, asfr, strict=True):
        if rate > 0.0 and (low < MOTHERS[0] or (low if high is None else high) > MOTHERS[1]):
            findings.add(
                line, "no_mother", given=f"{rate:g}", age=age_text((low, high)), allowed="{}–{}".format(*MOTHERS)
            )


def _width(age: Age) -> int:
    low, high = age
    return 1 if high is None else high - low + 1


def _levels(table: InputTable, cells: Cells, findings: TableProblems) -> None:
    """Levels of one cell sum to at most 1, and each has two age groups or more to draw a curve through."""
    names = [name for name in ("residence", "sex") if name in table.columns]
    sums: dict[tuple[object, ...], float] = defaultdict(float)
    lines: dict[tuple[object, ...], int] = {}
    for row, line in enumerate(table.lines):
        place = (*(table.columns[name][row] for name in names), age_text(table.columns["age"][row]))
        sums[place] += table.columns["prevalence"][row]
        lines[place] = line
    for place, total in sums.items():
        if total > 1 + 1e-6:
            findings.add(lines[place], "shares_over", cell=", ".join(map(str, place)), given=f"{total:g}")
    for cell, rows in cells.items():
        if len(rows) < 2:
            findings.add(table.lines[rows[0]], "few_groups", cell=row_words(cell))


_CHECKS = {
    "population": _people,
    "template": _template,
    "migration": _migrants,
    "mortality": _deaths,
    "standard": _deaths,
    "fertility": _births,
    "schedule": _births,
    "prevalence": _levels,
}
