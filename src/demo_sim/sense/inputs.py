"""The inputs of a scenario at stated values and single ages, both residences together: enough to see their level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from demo_sim.scenario import Scenario
from demo_sim.scenario.model import InputTable
from demo_sim.scenario.plain_rates import (
    PLAIN_AGES,
    between,
    death_rates,
    level_of,
    pattern_e0,
    rates_by_cell,
    steps,
)
from demo_sim.scenario.quantity import value_at
from demo_sim.tables.layouts import read_age

SEXES = ("male", "female")
_ROUNDS = 20  # of raking: broad ages and the sexes settle in a few

Ages = dict[str, list[float]]  # by sex, one number a single age


@dataclass(frozen=True)
class Level:
    """Levels of a scenario, worked out when they are asked for."""

    scenario: Scenario

    def number(self, path: str, year: int, **keys: str) -> float | None:
        """Stated value of a quantity at a year; None where the scenario does not give it."""
        quantity = self.scenario.get(path)
        return None if quantity is None else value_at(quantity.rows, year, keys)

    @cached_property
    def years(self) -> tuple[int, int]:
        """First and last projected year."""
        period = self.scenario.settings.period
        return period.start, period.end

    @cached_property
    def counted(self) -> Ages | None:
        """People of the base table; None where a saved run gives them."""
        table = self.scenario.tables.get("population.table")
        if table is None:
            return None
        out = {sex: [0.0] * PLAIN_AGES for sex in SEXES}
        for (_, _, sex), rows in rates_by_cell(table, "population").items():
            for age, value in enumerate(_spread(rows)):
                out[sex][age] += value
        return out

    @cached_property
    def base(self) -> Ages | None:
        """People brought to the total, ages and sexes that are known of the place."""
        if self.counted is None:
            return None
        out = {sex: list(values) for sex, values in self.counted.items()}
        year = self.scenario.settings.period.base.year
        known = sum(map(sum, out.values()))
        whole = self.number("population.total", year) or known
        men, shares = self.number("population.male_share", year), self._age_shares(year)
        for _ in range(_ROUNDS if men is not None and shares else 1):
            for ages, share in shares:
                _scale(out, SEXES, ages, share * whole)
            if men is not None:
                for sex, share in zip(SEXES, (men, 1.0 - men), strict=True):
                    _scale(out, (sex,), range(PLAIN_AGES), share * whole)
        _scale(out, SEXES, range(PLAIN_AGES), whole)
        return out

    def _age_shares(self, year: int) -> list[tuple[list[int], float]]:
        """Single ages and share of the people of each class that broad age groups make, the rest last."""
        quantity = self.scenario.get("population.age_share")
        if quantity is None:
            return []
        groups = []
        for label in dict.fromkeys(row.age for row in quantity.rows if row.age):
            age, value = read_age(label), value_at(quantity.rows, year, {"age": label})
            if age is not None and value is not None:
                groups.append((set(range(age[0], PLAIN_AGES if age[1] is None else age[1] + 1)), value))
        groups.append((set(range(PLAIN_AGES)), 1.0))
        groups.sort(key=lambda group: len(group[0]))
        out: list[tuple[list[int], float]] = []
        done: list[tuple[set[int], float]] = []
        for ages, share in groups:
            inner = [(a, s) for a, s in done if a <= ages]
            done = [item for item in done if item not in inner] + [(ages, share)]
            left = ages - set().union(*(a for a, _ in inner))
            if left:
                out.append((sorted(left), max(share - sum(s for _, s in inner), 0.0)))
        return out

    @cached_property
    def urban_share(self) -> float:
        """Share of the people of the base table who are urban; a half where it does not tell."""
        table = self.scenario.tables.get("population.table")
        if table is None or "residence" not in table.columns:
            return self.number("population.urban_share", self.scenario.settings.period.base.year) or 0.5
        pairs = list(zip(table.columns["residence"], table.columns["population"], strict=True))
        return sum(n for residence, n in pairs if residence == "urban") / max(sum(n for _, n in pairs), 1e-9)

    def _mean(self, known: Mapping[tuple[int, str, str], list[float]], year: int, sex: str) -> list[float]:
        """Rates of a year and sex: linear between the years of a table, residences by their people."""
        out = [0.0] * PLAIN_AGES
        for at, weight in between((key[0] for key in known), year):
            here = {residence: known[at, residence, sex] for y, residence, s in known if y == at and s == sex}
            shares = {"": 1.0, "urban": self.urban_share, "rural": 1.0 - self.urban_share}
            for residence, values in here.items():
                for age, value in enumerate(values):
                    out[age] += weight * shares[residence] * value
        return out

    @cached_property
    def _deaths(self) -> dict[tuple[int, str, str], list[float]]:
        table = self._table("mortality.table", "mortality.standard")
        wanted = {at for year in self.years for at, _ in between(table.columns["year"], year)}
        return {key: death_rates(rows) for key, rows in rates_by_cell(table, "mx").items() if key[0] in wanted}

    def _table(self, path: str, other: str) -> InputTable:
        tables = self.scenario.tables
        return tables[path] if path in tables else tables[other]

    def mx(self, year: int, sex: str) -> list[float]:
        """Death rates of the first or the last year."""
        pattern = self._mean(self._deaths, year, sex)
        e0 = self.number("mortality.e0", year, sex=sex)
        if e0 is None:
            return pattern
        factor = level_of(pattern, e0)
        return [rate * factor for rate in pattern]

    def e0(self, year: int, sex: str) -> float:
        """Life expectancy of the first or the last year: that of the table, or the one that is given."""
        given = self.number("mortality.e0", year, sex=sex)
        return pattern_e0(self._mean(self._deaths, year, sex)) if given is None else given

    def asfr(self, year: int) -> list[float]:
        """Fertility rates of the first or the last year."""
        table = self._table("fertility.table", "fertility.schedule")
        wanted = {at for at, _ in between(table.columns["year"], year)}
        known = {key: steps(rows) for key, rows in rates_by_cell(table, "asfr").items() if key[0] in wanted}
        rates = self._mean(known, year, "")
        tfr = self.number("fertility.tfr", year)
        if tfr is None:
            return rates
        total = sum(rates)
        shift = round(self.number("fertility.mean_age_shift", year) or 0.0)
        moved = [rates[age - shift] if 0 <= age - shift < PLAIN_AGES else 0.0 for age in range(PLAIN_AGES)]
        return [rate * tfr / max(total, 1e-9) for rate in moved]

    def moves(self, year: int) -> Ages:
        """Net migrants of a year."""
        table = self.scenario.tables.get("migration.table")
        out = {sex: [0.0] * PLAIN_AGES for sex in SEXES}
        if table is not None:
            kept = self.number("migration.kept", year)
            known = rates_by_cell(table, "net_migration")
            for at, weight in between((key[0] for key in known), year):
                for (y, _, sex), rows in known.items():
                    if y == at:
                        for age, value in enumerate(steps(rows, width=True)):
                            out[sex][age] += weight * value * (1.0 if kept is None else kept)
            return out
        net, profile = self.number("migration.net", year) or 0.0, self.scenario.get("migration.profile")
        if profile is None:
            return out
        ages = [(group, row.value) for row in profile.rows if row.age and (group := read_age(row.age)) is not None]
        by_age = steps(ages, width=True)
        men = self.number("migration.male_share", year)
        for sex, share in zip(SEXES, (0.5, 0.5) if men is None else (men, 1.0 - men), strict=True):
            out[sex] = [net * share * value for value in by_age]
        return out

    @cached_property
    def last(self) -> Ages | None:
        """People at the last year-end by a rough projection, rates going evenly from the first year's to the last's."""
        if self.base is None:
            return None
        (start, end), people = self.years, {sex: list(values) for sex, values in self.base.items()}
        rates = {
            year: ({sex: self.mx(year, sex) for sex in SEXES}, self.asfr(year), self.moves(year))
            for year in (start, end)
        }
        boys = self.number("fertility.srb", start) or 1.06
        for year in range(start, end + 1):
            part = (year - start) / max(end - start, 1)
            (mx, asfr, moves), (mx_last, asfr_last, moves_last) = rates[start], rates[end]
            births = sum(
                (a + (b - a) * part) * n for a, b, n in zip(asfr, asfr_last, people["female"], strict=True) if n
            )
            for sex, share in zip(SEXES, (boys / (1.0 + boys), 1.0 / (1.0 + boys)), strict=True):
                new = [births * share] + [0.0] * (PLAIN_AGES - 1)
                for age, n in enumerate(people[sex]):
                    m = mx[sex][age] + (mx_last[sex][age] - mx[sex][age]) * part
                    new[min(age + 1, PLAIN_AGES - 1)] += n * max(1.0 - m / (1.0 + 0.5 * m), 0.0)
                pair = zip(new, moves[sex], moves_last[sex], strict=True)
                people[sex] = [max(n + a + (b - a) * part, 0.0) for n, a, b in pair]
        return people


def _spread(rows: list[tuple[tuple[int, int | None], float]]) -> list[float]:
    """People at single ages: evenly inside a group, an open group falling by a tenth a year of age."""
    closed = [row for row in rows if row[0][1] is not None]
    out = steps(closed, width=True)
    for (first, last), value in rows:
        if last is None:
            weights = [0.9**i for i in range(max(PLAIN_AGES - first, 1))]
            for i, weight in enumerate(weights):
                out[min(first + i, PLAIN_AGES - 1)] += value * weight / sum(weights)
    return out


def _scale(people: Ages, sexes: tuple[str, ...], ages: list[int] | range, wanted: float) -> None:
    """Bring some cells to a total."""
    have = sum(people[sex][age] for sex in sexes for age in ages)
    if have > 0.0:
        for sex in sexes:
            for age in ages:
                people[sex][age] *= wanted / have
