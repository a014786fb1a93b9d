"""The base population: single ages, residences, moved to 1 January of the start year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import numpy as np

from demo_sim.demography.ages import Group, age_mask, parse_age, split_by_spline, split_by_template
from demo_sim.demography.fertility import residence_rates, rural_ratio_of_births
from demo_sim.demography.lifetable import infant_a0, life_table
from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.inputs.grid import BOTH, SEXES, Grid, by_residence, cells
from demo_sim.inputs.local import fit_to_local, follow_urban_share
from demo_sim.inputs.rates import Rates, mortality_pattern
from demo_sim.results import Results
from demo_sim.scenario import Row, Scenario
from demo_sim.scenario.process import AGE_GROUPS

GROWTH = (-0.02, 0.05)  # of births a year, where people of an open group were born


@dataclass(frozen=True)
class Base:
    """Base population as counted and as moved to the start.

    Attributes
    ----------
    counted : (residence, sex, age, draw), persons at the base date
    start : same shape, persons on 1 January of the start year, tied if the scenario says so
    moved_total : (draw,), persons at the start before tying
    tied_total : (draw,), the published total it is tied to, or None
    later_totals : by year, (draw,), published totals of year-ends after the start that the run is tied to
    rural_ratio : (draw,), rural over urban fertility at equal age, from the births of the base year
    """

    counted: np.ndarray
    start: np.ndarray
    moved_total: np.ndarray
    tied_total: np.ndarray | None
    rural_ratio: np.ndarray
    later_totals: Mapping[int, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class BaseTable:
    """The base population as its table gives it, at single ages.

    Attributes
    ----------
    date : of the table; start : first projected year
    cells : (residence or 1, sex, age), persons; one residence where the residences come by urban shares. None where a
        saved run gives the people
    groups : by residence and sex, the age groups that were split
    tie : whether the start is tied to a published total
    """

    date: date
    start: int
    cells: np.ndarray | None
    groups: dict[tuple[int, int], list[Group]]
    tie: bool


def model_grid(scenario: Scenario, run: Results | None = None) -> Grid:
    """Residences, ages and years of a scenario; `run` is the saved run that it starts from."""
    period, options = scenario.settings.period, scenario.settings.options
    if run is not None:
        apart = run.summary.sizes["residence"] == len(BOTH)
    else:
        table = scenario.tables["population.table"]
        apart = "residence" in table.columns or "population.urban_by_age" in scenario.quantities
    return Grid(BOTH if apart else ("all",), options.open_age + 1, period.start, period.end)


def read_base(scenario: Scenario, grid: Grid) -> BaseTable:
    """The table of the base population at single ages."""
    period, tie = scenario.settings.period, scenario.settings.population.tie == "total"
    if "population.table" not in scenario.tables:
        return BaseTable(period.base, period.start, None, {}, tie)
    parts = cells(scenario.tables["population.table"], "population").parts
    apart = any(key[1] for key in parts)
    by_cell = np.zeros((len(grid.residences) if apart else 1, 2, grid.ages))
    template = _template(scenario) if "population.template" in scenario.tables else None
    pattern = cache(lambda: mortality_pattern(scenario, grid))
    split: dict[tuple[int, int], list[Group]] = {}
    for (_, residence, sex), (groups, totals) in parts.items():
        s = SEXES.index(sex)
        r = grid.residences.index(residence) if apart else 0
        single = _single_ages(totals, groups, None if template is None else template[s], grid.ages)
        if single.size < grid.ages:
            single = open_further(single, pattern()[r, s], sex)
        by_cell[r, s], split[r, s] = single, groups
    return BaseTable(period.base, period.start, by_cell, split, tie)


def counted_population(table: BaseTable, draws: Draws, grid: Grid) -> np.ndarray:
    """Persons at the base date by residence, sex and single age; (residence, sex, age, draw)."""
    assert table.cells is not None
    year = table.date.year
    population = np.repeat(table.cells[..., None], draws.size, axis=-1)
    if "population.births_factor" in draws:
        factor = births_factor(draws["population.births_factor"], table, population.shape[2])
        for (r, s), groups in table.groups.items():
            population[r, s] = within_groups(population[r, s], groups, factor)
    if "population.age_error" in draws:
        population = misreported(draws["population.age_error"], population)
    population = fit_to_local(draws, population, year)
    if len(population) == len(grid.residences):
        return population
    return population[0] * by_residence(grid, urban_share_by_age(draws, population[0], year))[:, None]


def births_factor(sampled: Sampled, table: BaseTable, ages: int) -> np.ndarray:
    """Factor on the people of each age, who were born in two calendar years; (age, draw).

    1 for years of birth that are not named.
    """
    by_year: dict[int, np.ndarray] = {}
    for cohort in sampled.distinct("cohort"):
        first, last = int(cohort[:4]), int(cohort[-4:])
        by_year |= dict.fromkeys(range(first, last + 1), sampled.at(cohort=cohort))
    before = year_fraction(table.date, table.date.year + 1)  # part of an age that had its birthday the year before
    ones = np.ones_like(next(iter(by_year.values())))
    born = [table.date.year - age for age in range(ages)]
    return np.stack([
        before * by_year.get(year - 1, ones) + (1.0 - before) * by_year.get(year, ones) for year in born
    ])  # fmt: skip


def within_groups(persons: np.ndarray, groups: list[Group], factor: np.ndarray) -> np.ndarray:
    """Persons at single ages times a factor, each age group brought back to its total.

    Parameters
    ----------
    persons, factor : (age, draw)
    groups : first and last age of each group

    Returns
    -------
    Same shape.
    """
    out = persons * factor
    for group in groups:
        inside = age_mask(group, len(persons))
        left = out[inside].sum(axis=0)
        out[inside] *= np.divide(persons[inside].sum(axis=0), left, out=np.ones_like(left), where=left > 0.0)
    return out


def misreported(sampled: Sampled, persons: np.ndarray) -> np.ndarray:
    """Persons with an error of the census in each of its five-year ages, the total of each residence as it was.

    Parameters
    ----------
    persons : (residence, sex, age, draw)
    """
    factor = np.ones(persons.shape[2:])
    for name in sampled.distinct("name"):
        factor[age_mask(AGE_GROUPS[name], persons.shape[2])] *= np.exp(sampled.at(name=name))
    out = persons * factor
    total = (persons.sum(axis=(1, 2)) / out.sum(axis=(1, 2)))[:, None, None]
    return np.where(factor.std(axis=0) == 0.0, persons, out * total)


def _single_ages(totals: np.ndarray, groups: list[Group], template: np.ndarray | None, ages: int) -> np.ndarray:
    last = groups[-1][0]
    width = last + 1
    if all(b == a for a, b in groups[:-1]):
        single = np.asarray(totals, float)
    elif template is not None:
        single = split_by_template(totals, groups, template)
        width = single.shape[0]
    else:
        # the open group is kept whole; closed groups are split by a monotone spline
        closed = split_by_spline(totals[:-1], groups[:-1], last)
        single = np.concatenate([closed, totals[-1:]])
    if width >= ages:
        return np.append(single[: ages - 1], single[ages - 1 :].sum())
    return single


def open_further(single: np.ndarray, mx: np.ndarray, sex: str) -> np.ndarray:
    """Split an open group by the survivors of some death rates and the growth of births before them.

    Parameters
    ----------
    single : persons at single ages, the last one open
    mx : death rates at the ages wanted, the last one open; sex : of both

    Returns
    -------
    Persons at the ages of `mx`. The growth of births is that between the two last groups of five closed ages, within
    `GROWTH`.
    """
    first, survivors = single.size - 1, life_table(mx, sex).Lx
    older, younger = (slice(first - i, first - i + 5) for i in (5, 10))
    births = [single[ages].sum() / survivors[ages].sum() if first >= 10 else 0.0 for ages in (older, younger)]
    growth = np.log(births[1] / births[0]) / 5.0 if min(births) > 0.0 else 0.0
    tail = survivors[first:] * np.exp(-np.clip(growth, *GROWTH) * np.arange(mx.size - first))
    return np.concatenate([single[:first], single[-1] * tail / tail.sum()])


def _template(scenario: Scenario) -> np.ndarray:
    """Single ages at the base date, linear between the template's dates; (sex, age)."""
    table = scenario.tables["population.template"]
    base = scenario.settings.period.base
    dates = sorted(set(table.columns["date"]))
    ages = max(a for a, _ in table.columns["age"]) + 1
    known = np.zeros((len(dates), 2, ages))
    for when, sex, age, value in zip(
        table.columns["date"],
        table.columns["sex"],
        table.columns["age"],
        table.columns["population"],
        strict=True,
    ):
        known[dates.index(when), SEXES.index(sex), age[0]] = value
    position = np.interp(base.toordinal(), [d.toordinal() for d in dates], np.arange(len(dates)))
    before = int(position)
    after = min(before + 1, len(dates) - 1)
    return np.asarray(known[before] * (1.0 - (position - before)) + known[after] * (position - before))


def urban_share_by_age(draws: Draws, persons: np.ndarray, year: int) -> np.ndarray:
    """Urban share at each age, whose total equals the published share; (age, draw).

    The group without a band takes what the drawn groups leave.

    Parameters
    ----------
    persons : (sex, age, draw)
    """
    sampled = draws["population.urban_by_age"]
    groups, shares = sampled.groups()
    shares = follow_urban_share(draws, shares, year)
    weights = np.stack([persons[:, age_mask(g, persons.shape[1])].sum(axis=(0, 1)) for g in groups])
    total = draws["population.urban_share"].at(year) * persons.sum(axis=(0, 1))
    shares = solve_remainder(shares, free_groups(sampled.rows, groups), weights, total)
    out = np.zeros(persons.shape[1:])
    for group, share in zip(groups, shares, strict=True):
        out[age_mask(group, persons.shape[1])] = share
    return out


def free_groups(rows: tuple[Row, ...], groups: list[Group]) -> list[int]:
    """Positions of the age groups without a band, in the sorted order of `groups`."""
    free = {parse_age(row.age) for row in rows if not row.drawn}
    return [i for i, g in enumerate(groups) if g in free]


def solve_remainder(values: np.ndarray, free: list[int], weights: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Scale the free groups so that the weighted sum is a known total.

    Parameters
    ----------
    values : (group, draw); weights : (group, draw); total : (draw,)
    free : positions that are scaled by a common factor
    """
    out = values.copy()
    if free:
        taken = (values * weights).sum(axis=0) - (values[free] * weights[free]).sum(axis=0)
        out[free] *= (total - taken) / (values[free] * weights[free]).sum(axis=0)
    return out


def year_fraction(base: date, start: int) -> float:
    """Part of a year from the base date to 1 January of the start year.

    Examples
    --------
    >>> round(year_fraction(date(2020, 11, 1), 2021), 4)
    0.1667
    """
    return (date(start, 1, 1) - base).days / (date(base.year + 1, 1, 1) - date(base.year, 1, 1)).days


def move_to_start(population: np.ndarray, rates: Rates, h: float, rural_ratio: np.ndarray) -> np.ndarray:
    """Population moved over the part h of a year by the rates of the base year (index 0).

    Parameters
    ----------
    population : (residence, sex, age, draw)
    rates : of the scenario
    h : years, below 1
    rural_ratio : (draw,), rural over urban fertility

    Returns
    -------
    Same shape.
    """
    if h == 0.0:
        return population
    m = rates.mx[0]
    stay = population * (1.0 - h) * np.exp(-h * m)
    up = population * h
    up[:, :, :-1] *= np.exp(-0.5 * h * (m[:, :, :-1] + m[:, :, 1:]))
    up[:, :, -1] *= np.exp(-h * m[:, :, -1])
    out = stay
    out[:, :, 1:] += up[:, :, :-1]
    out[:, :, -1] += up[:, :, -1]
    asfr = asfr_by_residence(rates.asfr[0], population[:, 1], rural_ratio)
    births = h * (asfr * population[:, 1]).sum(axis=1)
    boys = rates.srb[0] / (1.0 + rates.srb[0])
    for s, share in enumerate((boys, 1.0 - boys)):
        m0 = m[:, s, 0]
        q0 = m0 / (1.0 + (1.0 - infant_a0(m0, SEXES[s])) * m0)
        out[:, s, 0] += births * share * (1.0 - q0 * h**0.3 / 1.3)
    return np.maximum(out + h * rates.external[0], 0.0)  # two months of leavers do not take more than there are


def asfr_by_residence(asfr: np.ndarray, women: np.ndarray, rural_ratio: np.ndarray) -> np.ndarray:
    """Rates by residence: as given, or those of all women split by the rural to urban ratio.

    Parameters
    ----------
    asfr : (residence or 1, age, draw); women : (residence, age, draw); rural_ratio : (draw,)
    """
    if asfr.shape[0] == women.shape[0]:
        return asfr
    return residence_rates(asfr[0], women, rural_ratio)


def build_base(table: BaseTable, draws: Draws, counted: np.ndarray, rates: Rates) -> Base:
    """Base population at the start, tied to a published total where the scenario says so."""
    ratio = np.ones(draws.size)
    if rates.urban_births is not None:
        ratio = rural_ratio_of_births(rates.asfr[0, 0], counted[:, 1], rates.urban_births)
    start = move_to_start(counted, rates, year_fraction(table.date, table.start), ratio)
    moved = start.sum(axis=(0, 1, 2))
    if not table.tie:
        return Base(counted, start, moved, None, ratio)
    totals, later = draws["population.tie_total"], later_totals(draws, table.start)
    if later and min(totals.years()) in later:  # nothing is published of the opening
        return Base(counted, start, moved, None, ratio, later)
    wanted = totals.at(table.start - 1)
    return Base(counted, start * (wanted / moved), moved, wanted, ratio, later)


def later_totals(draws: Draws, start: int) -> dict[int, np.ndarray]:
    """Published totals of the dated year-ends from the first projected year on; (draw,) by year."""
    totals = draws["population.tie_total"]
    return {year: totals.at(year) for year in totals.years() if year >= start}
