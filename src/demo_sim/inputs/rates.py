"""Yearly schedules of a scenario on the model grid: mortality, fertility, migration, urbanisation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from demo_sim.demography.ages import Group, split_by_spline
from demo_sim.demography.fertility import shift_schedule
from demo_sim.demography.lifetable import e0_range, level_factor
from demo_sim.demography.mortality import LEAST_RATE, expand_abridged, old_age_tilt, to_open_age
from demo_sim.errors import InputError, Problem
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.forecast_error import missed
from demo_sim.inputs.grid import BOTH, SEXES, Grid, TableCells, by_residence, by_year, cells
from demo_sim.inputs.local import follow_urban_share
from demo_sim.scenario import InputTable, Scenario


@dataclass(frozen=True)
class Rates:
    """Schedules for the part of a year before the start (index 0) and for every step.

    Attributes
    ----------
    years : (year,), the base year, then the steps
    mx : (year, residence, sex, age, draw), deaths per person-year
    asfr : (year, residence or 1, age, draw), births per woman-year; one residence means all women
    urban_births : (draw,) share of births to urban women in the base year, or None
    srb : (year, draw), boys per girl
    external : (year, residence, sex, age, draw), net external migrants, persons a year
    urban_share : (year, draw) of residents at the year-end, or None
    reclass_share : (draw,) part of the urban gain that is re-coding of places
    mover_profile : (sex, age, draw), sums to 1, of those who move from rural to urban
    inflow : (residence, sex, age, draw), people who move in from outside in a year, or None where only the net is known
    moves : (route, sex, age, draw), yearly share of a place moving to another, or None where an urban share sets them
    """

    years: np.ndarray
    mx: np.ndarray
    asfr: np.ndarray
    urban_births: np.ndarray | None
    srb: np.ndarray
    external: np.ndarray
    urban_share: np.ndarray | None
    reclass_share: np.ndarray
    mover_profile: np.ndarray | None
    inflow: np.ndarray | None = None
    moves: np.ndarray | None = None


@dataclass(frozen=True)
class Patterns:
    """Schedules as their tables give them, brought onto the grid once for all draws.

    Attributes
    ----------
    base_year : of the population table; years : (year,), the base year, then the steps
    mx : (year, residence, sex, age), death rates per person-year; as they are where `mx_direct`, else of any level
    asfr : (year, residence or 1, age), births per woman-year; as they are where `asfr_direct`, else a pattern
    net_migration : (year, residence or 1, sex, age), persons, or None where the numbers come by a profile
    """

    base_year: int
    years: np.ndarray
    mx: np.ndarray
    mx_direct: bool
    asfr: np.ndarray
    asfr_direct: bool
    net_migration: np.ndarray | None


def read_patterns(scenario: Scenario, grid: Grid) -> Patterns:
    """Schedules of a scenario."""
    years = np.concatenate([[grid.start - 1], grid.years])
    mx_direct, asfr_direct = (f"{name}.table" in scenario.tables for name in ("mortality", "fertility"))
    return Patterns(
        scenario.settings.period.base.year,
        years,
        _mortality_table(scenario.tables["mortality.table" if mx_direct else "mortality.standard"], grid, years),
        mx_direct,
        _fertility_table(
            scenario.tables["fertility.table" if asfr_direct else "fertility.schedule"], grid, years, asfr_direct
        ),
        asfr_direct,
        _migration_table(scenario.tables["migration.table"], grid, years)
        if "migration.table" in scenario.tables
        else None,
    )


def mortality_pattern(scenario: Scenario, grid: Grid) -> np.ndarray:
    """Death rates at single ages before the first year, of any level if they are a pattern; (residence, sex, age)."""
    name = "mortality.table" if "mortality.table" in scenario.tables else "mortality.standard"
    return _mortality_table(scenario.tables[name], grid, np.array([grid.start - 1]))[0]


def build_rates(patterns: Patterns, draws: Draws, grid: Grid, counted: np.ndarray) -> Rates:
    """All schedules of some draws.

    Parameters
    ----------
    patterns, grid : of the scenario
    draws : of its quantities
    counted : (residence, sex, age, draw), the base population
    """
    years = patterns.years
    urban_share = None
    if "urbanisation.urban_share" in draws and grid.residences == BOTH:
        urban_share = draws["urbanisation.urban_share"].series(years)
    reclass = (
        draws["urbanisation.reclass_share"].at() if "urbanisation.reclass_share" in draws else np.zeros(draws.size)
    )
    mx = _death_rates(patterns, draws, grid, urban_share, older_urban_share(counted, grid))
    external, mover = _migration(patterns, draws, grid, counted)
    if "migration.error" in draws:
        external += missed(draws, counted, mx, external, urban_share)
    asfr = _fertility(patterns, draws)
    split_births = grid.residences == BOTH and asfr.shape[1] == 1
    urban_births = None
    if split_births and "fertility.urban_births" in draws:
        urban_births = draws["fertility.urban_births"].at()
        if "population.urban_share" in draws:
            urban_births = follow_urban_share(draws, urban_births, patterns.base_year)
    return Rates(
        years,
        mx,
        asfr,
        urban_births,
        draws["fertility.srb"].series(years),
        external,
        urban_share,
        reclass,
        mover,
        _inflow(draws, grid),
    )


def older_urban_share(population: np.ndarray, grid: Grid) -> np.ndarray | None:
    """Urban share of people aged 60 and over; (draw,), None where residences are not told apart."""
    if grid.residences != BOTH:
        return None
    older = population[:, :, 60:].sum(axis=(1, 2))
    return np.asarray(older[grid.residences.index("urban")] / older.sum(axis=0))


Expand = Callable[[list[Group], np.ndarray], np.ndarray]


def _fill(parts: TableCells, grid: Grid, sexes: tuple[str, ...], expand: Expand) -> np.ndarray:
    """Cells of a table as (known year, residence, sex, age); a table without residence serves all."""
    out = np.empty((len(parts.years), len(grid.residences), len(sexes), grid.ages))
    expanded = {key: expand(*part) for key, part in parts.parts.items()}
    for y, year in enumerate(parts.years):
        for r, residence in enumerate(grid.residences):
            for s, sex in enumerate(sexes):
                key = residence if (year, residence, sex) in parts.parts else ""
                out[y, r, s] = expanded[year, key, sex]
    return out


def single_age_rates(groups: list[Group], mx: np.ndarray) -> np.ndarray:
    """Death rates at single ages, the last one open, from single or abridged ages."""
    have = groups[-1][0] + 1
    return mx if len(groups) == have else expand_abridged(mx, groups, have)


def _mortality_table(table: InputTable, grid: Grid, years: np.ndarray) -> np.ndarray:
    """Death rates at single ages of every year; (year, residence, sex, age)."""
    parts = cells(table, "mx")
    oldest = {groups[-1][0] for groups, _ in parts.parts.values()}
    wide = Grid(grid.residences, max(oldest) + 1, grid.start, grid.end)
    known = _fill(parts, wide, SEXES, single_age_rates)
    closed = np.stack(
        [
            np.stack([to_open_age(known[y, r], grid.ages - 1) for r in range(known.shape[1])])
            for y in range(known.shape[0])
        ]
    )
    return np.exp(by_year(parts.years, np.log(np.maximum(closed, LEAST_RATE)), years))


def _death_rates(
    patterns: Patterns, draws: Draws, grid: Grid, urban_share: np.ndarray | None, urban_base: np.ndarray | None
) -> np.ndarray:
    """Death rates of each draw: the pattern, tilted at old ages, at the level of the given life expectancy.

    Returns
    -------
    (year, residence, sex, age, draw)
    """
    years = patterns.years
    mx = np.repeat(patterns.mx[..., None], draws.size, axis=-1)
    if patterns.mx_direct:
        return mx
    if "mortality.old_age_tilt" in draws:
        mx *= old_age_tilt(draws["mortality.old_age_tilt"].at(), grid.ages)
    share = None
    if urban_base is not None:
        # most deaths are of older people: the regional level is the mean of the residences in their weights
        share = np.repeat(urban_base[None], years.size, axis=0)
        if urban_share is not None:
            share = share + urban_share - urban_share[:1]
    for s, sex in enumerate(SEXES):
        e0 = draws["mortality.e0"].series(years, sex=sex)
        gap = draws["mortality.residence_gap"].at(sex=sex) if "mortality.residence_gap" in draws else 0.0
        for r, residence in enumerate(grid.residences):
            weight = 0.0 if share is None else (share if residence == "rural" else share - 1.0)
            target = e0 + gap * weight
            level = np.ones(draws.size)
            for t in range(years.size):
                reached = _within_reach(target[t], mx[t, r, s], sex, int(years[t]), draws)
                level = level_factor(mx[t, r, s], sex, reached, level)
                mx[t, r, s] *= level
    return mx


def _within_reach(e0: np.ndarray, mx: np.ndarray, sex: str, year: int, draws: Draws) -> np.ndarray:
    """Life expectancies that the pattern can take: draws at the end of a wide band stop at the last that it has.

    Raises
    ------
    InputError
        The stated value itself lies beyond.
    """
    least, most = e0_range(mx, sex)
    reached = np.clip(e0, least, most)
    beyond = (reached != e0) & (draws.numbers < 0)
    if beyond.any():
        quantity, asked = draws.quantities["mortality.e0"], float(e0[beyond][0])
        low, high = float(least[beyond][0]), float(most[beyond][0])
        label = {"male": "男", "female": "女"}[sex]
        zh = (
            f"{year}年{label}性预期寿命 {asked:.1f} 岁超出死亡率模式可达的范围（{low:.1f} 至 {high:.1f}）；"
            "请核对该值，或换一个死亡率模式 mortality.standard"
        )
        en = (
            f"a life expectancy of {asked:.1f} ({sex}, {year}) is out of reach of the pattern at any level "
            f"({low:.1f} to {high:.1f}); check it, or take another pattern, mortality.standard"
        )
        raise InputError([Problem(quantity.where.file, quantity.where.line, "mortality.e0", zh, en)])
    return reached


def _fertility_table(table: InputTable, grid: Grid, years: np.ndarray, direct: bool) -> np.ndarray:
    """Births per woman-year, or their pattern, of every year; (year, residence or 1, age)."""
    parts = cells(table, "asfr")

    def place(groups: list[Group], asfr: np.ndarray) -> np.ndarray:
        out = np.zeros(grid.ages)
        for (first, last), value in zip(groups, asfr, strict=True):
            out[first : (first if last is None else last) + 1] = value
        return out

    residences = grid.residences if direct and parts.residences != [""] else ("",)
    known = _fill(parts, Grid(residences, grid.ages, grid.start, grid.end), ("",), place)[:, :, 0]
    return by_year(parts.years, known, years)


def _fertility(patterns: Patterns, draws: Draws) -> np.ndarray:
    """(year, residence or 1, age, draw)."""
    if patterns.asfr_direct:
        return np.repeat(patterns.asfr[..., None], draws.size, axis=-1)
    shift = draws["fertility.mean_age_shift"].at() if "fertility.mean_age_shift" in draws else np.zeros(draws.size)
    tfr = draws["fertility.tfr"].series(patterns.years)
    # shifts are few numbers: the pattern of each year is moved for all draws at once
    moved = [shift_schedule(asfr[0], shift) for asfr in patterns.asfr]
    return (np.stack(moved) * tfr[:, None])[:, None]


def _migration_table(table: InputTable, grid: Grid, years: np.ndarray) -> np.ndarray:
    """Net migrants at single ages of every year; (year, residence or 1, sex, age)."""
    parts = cells(table, "net_migration")
    apart = parts.residences != [""]
    known = np.zeros((len(parts.years), len(grid.residences) if apart else 1, 2, grid.ages))
    for (year, residence, sex), (groups, values) in parts.parts.items():
        y, s = parts.years.index(year), SEXES.index(sex)
        known[y, grid.residences.index(residence) if apart else 0, s] = split_net(values, groups, grid.ages)
    return by_year(parts.years, known, years)


def _migration(
    patterns: Patterns, draws: Draws, grid: Grid, counted: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """Net external migrants (year, residence, sex, age, draw), and the profile of movers (sex, age, draw) or None."""
    residences, years = len(grid.residences), patterns.years
    people = counted.sum(axis=0)  # where the residence of migrants is not given they are split like the residents
    living = np.divide(counted, people, out=np.full_like(counted, 1.0 / residences), where=people > 0.0)
    external = np.zeros((years.size, residences, 2, grid.ages, draws.size))
    if patterns.net_migration is not None:
        apart = patterns.net_migration.shape[1] == residences
        external[:] = patterns.net_migration[..., None] * (1.0 if apart else living)
        if "migration.kept" in draws:
            external *= draws["migration.kept"].series(years)[:, None, None, None]
        return external, None
    net = draws["migration.net"].series(years)
    if "migration.profile" not in draws:
        return external, None
    groups, shares = draws["migration.profile"].groups()
    by_age = split_by_spline(shares, groups, grid.ages)
    male = draws["migration.male_share"].at() if "migration.male_share" in draws else np.full(draws.size, 0.5)
    profile = by_age[None] * np.stack([male, 1.0 - male])[:, None, :]
    if grid.residences == BOTH and "migration.urban_part" in draws:
        living = by_residence(grid, draws["migration.urban_part"].at())[:, None, None]
    external[:] = net[:, None, None, None, :] * profile[None, None] * living[None]
    return external, profile


def _inflow(draws: Draws, grid: Grid) -> np.ndarray | None:
    """People who move in a year, by the age pattern given; their sex and residence follow the net flow."""
    if "migration.gross" not in draws:
        return None
    groups, values = draws["migration.gross"].groups(name="in")
    by_age = split_by_spline(values, groups, grid.ages)
    male = draws["migration.male_share"].at() if "migration.male_share" in draws else np.full(draws.size, 0.5)
    out = np.stack([male, 1.0 - male])[None, :, None] * by_age
    if grid.residences == BOTH:
        urban = draws["migration.urban_part"].at() if "migration.urban_part" in draws else np.full(draws.size, 0.5)
        out = by_residence(grid, urban)[:, None, None] * out
    return out


def split_net(values: np.ndarray, groups: list[Group], ages: int) -> np.ndarray:
    """Net migrants of age groups at single ages: outflow and inflow groups split apart, sums kept."""
    single = all(b == a or b is None for a, b in groups)
    if single:
        out = np.zeros(ages)
        for (a, _), value in zip(groups, values, strict=True):
            out[min(a, ages - 1)] += value
        return out
    return split_by_spline(np.maximum(values, 0.0), groups, ages) - split_by_spline(
        np.maximum(-values, 0.0), groups, ages
    )
