"""What of the inputs is odd in its level: other units, sexes exchanged or copied, rates of another kind.

A notice stops nothing. Tables of the census speak for themselves: only what a user brings is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from demo_sim.errors import Problem
from demo_sim.places import place_of
from demo_sim.scenario import Scenario
from demo_sim.scenario.messages import Text, listed, make_problem
from demo_sim.scenario.model import InputTable
from demo_sim.scenario.place_tree import PREFIX
from demo_sim.scenario.plain_rates import HIGHEST, pattern_e0, rates_by_cell, steps
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path
from demo_sim.sense.going_on import begun_early, going_on_notes
from demo_sim.sense.held import held_years
from demo_sim.sense.implied import USUAL, ImpliedFigure, implied_figures, of_place
from demo_sim.sense.inputs import SEXES, Ages, Level
from demo_sim.sense.to_come import to_come
from demo_sim.sense.unread import unread
from demo_sim.tables.layouts import Age, age_text

_FEWEST = 10_000  # people: fewer have few counties, and none of them a code that is not known
APART = 4.0  # times as many, or as few, as the census counted under the same code
MEN = USUAL["men_per_100_women"]
ALIKE = 1.25  # as many times more or less than the census counted in the same place is nothing to ask about
DOUBLE = (170.0, 230.0)
FIVE_YEARS = (65.0, 88.0)  # life expectancy that rates have once they are no longer taken five times too high
FIVE_TFR = (0.7, 2.0)
_MOTHERS = (24.0, 34.0)  # mean age at birth
_UNITS = ((1e4, "万人", "ten thousands"), (1e3, "千人", "thousands"), (1195.0, "0.837‰ 抽样", "a sample of 0.837‰"))


def notices(scenario: Scenario) -> list[Problem]:
    """Notices on a scenario: odd levels, years held beyond tables, stocks that nothing moves, numbers nothing reads."""
    level = Level(scenario)
    odd = [*_people(level), *_deaths(level), *_births(level)]
    said = {(one.file, one.line) for one in odd}
    odd += [one for one in _outside(level, implied_figures(level)) if (one.file, one.line) not in said]
    others = (notice for of in (held_years, to_come, going_on_notes, begun_early, unread) for notice in of(scenario))
    return list(dict.fromkeys([*odd, *others]))


def at_table(table: InputTable, row: int = 0) -> Location:
    """Place of a row of a table."""
    return Location(shown_path(table.file), table.lines[row], table.path)


def has_own_table(scenario: Scenario, path: str) -> InputTable | None:
    """A table that is no part of the census in the package."""
    table, node = scenario.tables.get(path), scenario.root.find(tuple(path.split(".")))
    return None if table is None or str(node.value).startswith(PREFIX) else table


def _people(level: Level) -> Iterator[Problem]:
    scenario = level.scenario
    for path in ("population.total", "population.tie_total"):
        total = scenario.get(path)
        if total is not None and total.rows:
            yield from _size(scenario, total.where, total.rows[0].value)
    table, base = has_own_table(scenario, "population.table"), level.base
    if table is None or base is None or level.counted is None:
        return
    where = at_table(table)
    if "population.total" not in scenario.quantities:
        parts = any(number % 1.0 for number in table.columns["population"])
        yield from _size(scenario, where, sum(map(sum, base.values())), parts)
    rows = {
        sex: [row for key, part in rates_by_cell(table, "population").items() if key[2] == sex for row in part]
        for sex in SEXES
    }
    if rows["male"] == rows["female"] and len(rows["male"]) > 3:
        yield make_problem(where, "odd_copied", what=Text("人数", "people"))
        return
    counted = level.counted
    men, women = (sum(counted[sex]) for sex in SEXES)
    ratio = 100.0 * men / women if women else float("inf")
    odd = not MEN[0] <= ratio <= MEN[1] or _ages_apart(counted) > 0.5
    if odd and not _as_counted(scenario, "men_per_100_women", ratio):
        double = DOUBLE[0] <= ratio <= DOUBLE[1] or DOUBLE[0] <= 1e4 / max(ratio, 1e-9) <= DOUBLE[1]
        yield make_problem(where, "odd_men_double" if double else "odd_men", given=f"{ratio:.0f}")
    elif _part(counted, 0, 14) < 98.0 and _part(counted, 80, 100) > 115.0 and men + women > _FEWEST:
        young, old = _part(counted, 0, 14), _part(counted, 80, 100)
        yield make_problem(where, "odd_exchanged", young=f"{young:.0f}", old=f"{old:.0f}")


def _size(scenario: Scenario, where: Location, people: float, parts: bool = False) -> Iterator[Problem]:
    """People, whole or in parts, beside those of the census under the same code; without one, of small counties."""
    place = place_of(scenario.settings.place or scenario.settings.region.code)
    fractions = Text("，且有小数" if parts else "", ", with fractions of persons" if parts else "")
    if place is not None and place.total:
        times = place.total / people
        if not 1.0 / APART <= times <= APART:
            meant = next(((zh, en) for size, zh, en in _UNITS if 0.4 * size < times < 2.5 * size), ("", ""))
            unit = Text(f"；单位是否为{meant[0]}？" if meant[0] else "", f"; are these {meant[1]}?" if meant[1] else "")
            yield make_problem(
                where, "odd_census", given=f"{people:,.0f}", place=place.full_name, total=f"{place.total:,}",
                fractions=fractions, unit=unit,
            )  # fmt: skip
    elif people < _FEWEST:
        yield make_problem(where, "odd_few", given=f"{people:,.10g}", fractions=fractions)


def _as_counted(scenario: Scenario, name: str, value: float) -> bool:
    """Whether a figure is about that of the census for the same place, which explains what is unusual."""
    place = place_of(scenario.settings.place or scenario.settings.region.code)
    known = None if place is None else of_place(place).get(name)
    return known is not None and value * known > 0.0 and 1.0 / ALIKE <= value / known <= ALIKE


def _part(people: Ages, first: int, last: int) -> float:
    """Men per 100 women of some ages."""
    men, women = (sum(people[sex][first : last + 1]) for sex in SEXES)
    return 100.0 * men / women if women else 100.0


def _ages_apart(people: Ages) -> float:
    """Part of the five-year ages below 60 with some people whose sexes are far apart."""
    some = [age for age in range(0, 60, 5) if sum(sum(people[sex][age : age + 5]) for sex in SEXES) > 200]
    odd = [age for age in some if not MEN[0] <= _part(people, age, age + 4) <= MEN[1]]
    return len(odd) / len(some) if some else 0.0


def _deaths(level: Level) -> Iterator[Problem]:
    scenario = level.scenario
    path = "mortality.table" if "mortality.table" in scenario.tables else "mortality.standard"
    table = has_own_table(scenario, path)
    if table is None:
        return
    by_cell = rates_by_cell(table, "mx")
    men = {key[:2]: rows for key, rows in by_cell.items() if key[2] == "male"}
    women = {key[:2]: rows for key, rows in by_cell.items() if key[2] == "female"}
    if men == women:
        yield make_problem(at_table(table), "odd_copied", what=Text("死亡率", "death rates"))
    start = level.years[0]
    he, she = (level.e0(start, sex) for sex in SEXES)
    if he > she + 0.5:
        place = scenario.get("mortality.e0")
        where = at_table(table) if place is None else place.where
        yield make_problem(where, "odd_men_live", male=f"{he:.1f}", female=f"{she:.1f}")
    if path == "mortality.table":
        divided = [_divided(level, table, sex) for sex in SEXES]
        if max(he, she) < FIVE_YEARS[0] and all(FIVE_YEARS[0] < e0 < FIVE_YEARS[1] for e0 in divided):
            words = Text(
                f"男 {divided[0]:.0f} 岁、女 {divided[1]:.0f} 岁", f"{divided[0]:.0f} and {divided[1]:.0f} years"
            )
            yield make_problem(at_table(table), "odd_nqx", male=f"{he:.0f}", female=f"{she:.0f}", divided=words)
    yield from _noise(table)


def _divided(level: Level, table: InputTable, sex: str) -> float:
    """Life expectancy where each rate is a probability of dying over the years of its group."""
    rows = next(part for key, part in rates_by_cell(table, "mx").items() if key[2] == sex)
    out: list[tuple[Age, float]] = []
    for (first, last), q in rows:
        width = 1 if last is None else last - first + 1
        out.append(((first, last), q if width == 1 else q / (width * max(1.0 - 0.5 * q, 0.1))))
    return pattern_e0(steps(out))


def _noise(table: InputTable) -> Iterator[Problem]:
    """Rates of few people: groups without deaths, rates above 1."""
    ages = table.columns["age"]
    zero = [row for row, rate in enumerate(table.columns["mx"]) if rate == 0.0 and ages[row][1] is not None]
    if zero:
        names = listed(dict.fromkeys(age_text(ages[row]) for row in zero[:12]))
        yield make_problem(at_table(table, zero[0]), "note_no_deaths", count=len(zero), ages=names)
    # The last group of a census is often above 1: such a rate is told only where it is taken as another.
    high = [
        row for row, rate in enumerate(table.columns["mx"]) if rate > (1.0 if ages[row][1] is not None else HIGHEST)
    ]
    if high:
        row = max(high, key=lambda item: table.columns["mx"][item])
        given = f"{table.columns['mx'][row]:g}"
        yield make_problem(at_table(table, row), "note_high_mx", given=given, age=age_text(ages[row]))


def _births(level: Level) -> Iterator[Problem]:
    scenario, start = level.scenario, level.years[0]
    table = has_own_table(scenario, "fertility.table") or has_own_table(scenario, "fertility.schedule")
    rates = level.asfr(start)
    tfr = sum(rates)
    if table is None or tfr <= 0.0:
        return
    if table.path == "fertility.table" and tfr > USUAL["tfr"][1] and FIVE_TFR[0] <= tfr / 5.0 <= FIVE_TFR[1]:
        yield make_problem(at_table(table), "odd_tfr_five", given=f"{tfr:.2f}", divided=f"{tfr / 5.0:.2f}")
    mean = sum((age + 0.5) * rate for age, rate in enumerate(rates)) / tfr
    if not _MOTHERS[0] <= mean <= _MOTHERS[1]:
        yield make_problem(at_table(table), "odd_mothers", given=f"{mean:.1f}")


# Where the figure comes from, so that a notice names a line; and whether the year matters.
_FROM = {
    "older_60": ("population.table",), "older_80": ("population.table",),
    "e0_male": ("mortality.e0", "mortality.table", "mortality.standard"),
    "e0_female": ("mortality.e0", "mortality.table", "mortality.standard"),
    "tfr": ("fertility.tfr", "fertility.table"),
    "net_per_1000": ("migration.net", "migration.table"),
    "beds_per_1000_60": ("supply.institution_beds.stock",),
    "workers_per_10000": ("supply.community_workers.stock", "supply.community_workers.per_10000_urban"),
}  # fmt: skip
_OF_THE_BASE = ("older_60", "older_80", "beds_per_1000_60", "workers_per_10000")  # later years are a projection


def _outside(level: Level, found: list[ImpliedFigure]) -> Iterator[Problem]:
    """Figures outside the usual."""
    scenario = level.scenario
    for figure in found:
        where = next((at for path in _FROM.get(figure.name, ()) if (at := _place(scenario, path)) is not None), None)
        if figure.usual is None or where is None:
            continue
        values = [figure.first] if figure.name in _OF_THE_BASE else [figure.first, figure.last]
        odd = next((v for v in values if v is not None and not figure.usual[0] <= v <= figure.usual[1]), None)
        if odd is not None and not _as_counted(scenario, figure.name, odd):
            low, high = (f"{bound:g}" for bound in figure.usual)
            name = figure.label
            yield make_problem(where, "odd_level", name=name, given=f"{odd:.{figure.digits}f}", low=low, high=high)


def _place(scenario: Scenario, path: str) -> Location | None:
    quantity = scenario.get(path)
    if quantity is not None:
        return quantity.where if quantity.status != "borrowed" else None
    table = has_own_table(scenario, path)
    return None if table is None else at_table(table)
