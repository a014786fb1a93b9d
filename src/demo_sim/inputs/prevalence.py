"""Shares of functional levels by residence, sex and age for every year-end (prevalence mode)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.demography.ages import parse_age
from demo_sim.demography.function import FIRST_AGE, five_levels, single_age_prevalence, with_odds_ratios
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.grid import SEXES, Grid
from demo_sim.scenario import InputTable, Location, Scenario

LEVEL_NAMES = ("intact", "mild", "moderate", "severe", "total")
_HIGHEST = 0.999


@dataclass(frozen=True)
class FunctionTable:
    """Functional ability as the scenario states it.

    Attributes
    ----------
    base_year : to which the shares are dated
    below : (level from mild, residence, sex, age from 60), shares, or None where they come by age with odds ratios
    states : whether levels are followed as states
    where : place of the block in the scenario
    """

    base_year: int
    below: np.ndarray | None
    states: bool
    where: Location


def read_function(scenario: Scenario, grid: Grid) -> FunctionTable | None:
    """Functional ability of a scenario, or None where it has none."""
    function = scenario.settings.function
    if function is None:
        return None
    table = scenario.tables.get("function.prevalence.table")
    below = None if table is None else _from_table(table, grid)
    year = scenario.settings.period.base.year
    return FunctionTable(year, below, function.mode == "states", scenario.locations["function"])


def function_shares(function: FunctionTable, draws: Draws, grid: Grid, base: np.ndarray) -> np.ndarray:
    """Shares of the five levels.

    Parameters
    ----------
    base : (residence, sex, age, draw), the population whose mean keeps the given shares

    Returns
    -------
    (time, residence, sex, age from 60, function, draw), sums to 1 over function
    """
    if function.below is not None:
        below = np.repeat(function.below[..., None], draws.size, axis=-1)
        shares = np.concatenate([1.0 - below.sum(axis=0, keepdims=True), below])
        return np.asarray(_ordered(np.repeat(shares[None], grid.times.size, axis=0)))
    path = "function.prevalence."
    any_groups, any_shares = draws[path + "any"].groups()
    worst_groups, worst_shares = draws[path + "severe_total"].groups()
    sex_ratio, rural_ratio = (
        draws[path + key].at() if path + key in draws else np.ones(draws.size) for key in ("sex_ratio", "rural_ratio")
    )
    below_intact, severe_total = (
        with_odds_ratios(single_age_prevalence(s, g, grid.ages), base, sex_ratio, rural_ratio)
        for g, s in ((any_groups, any_shares), (worst_groups, worst_shares))
    )
    split = draws[path + "split"]
    mild = split.at(level="mild", name="of_mild_moderate")
    severe = split.at(level="severe", name="of_severe_total")
    trend = draws[path + "trend"].at() if path + "trend" in draws else np.zeros(draws.size)
    old = slice(FIRST_AGE, None)
    years = grid.times - function.base_year
    out = []
    for year in years:
        growth = (1.0 + trend) ** year
        out.append(
            five_levels(
                np.minimum(below_intact[:, :, old] * growth, _HIGHEST),
                np.minimum(severe_total[:, :, old] * growth, _HIGHEST),
                mild,
                severe,
            )
        )
    return _ordered(np.stack(out))


def _ordered(shares: np.ndarray) -> np.ndarray:
    """(time, function, residence, sex, age, draw) with the level behind the age."""
    return np.ascontiguousarray(np.moveaxis(shares, 1, 4))


def _from_table(table: InputTable, grid: Grid) -> np.ndarray:
    """Levels below intact from a table; (function 4, residence, sex, age from 60)."""
    columns = table.columns
    count = len(columns["prevalence"])
    residences, sexes = columns.get("residence", [""] * count), columns.get("sex", [""] * count)
    out = np.zeros((4, len(grid.residences), 2, grid.ages - FIRST_AGE))
    for f, level in enumerate(LEVEL_NAMES[1:]):
        for r, residence in enumerate(grid.residences):
            for s, sex in enumerate(SEXES):
                rows = sorted(
                    (columns["age"][i], float(columns["prevalence"][i]))
                    for i in range(count)
                    if columns["function"][i] == level and residences[i] in ("", residence) and sexes[i] in ("", sex)
                )
                if not rows:
                    continue
                groups = [age if isinstance(age, tuple) else parse_age(age) for age, _ in rows]
                shares = np.clip(np.array([v for _, v in rows]), 1e-9, 1.0 - 1e-9)[:, None]
                out[f, r, s] = single_age_prevalence(shares, groups, grid.ages)[FIRST_AGE:, 0]
    return out
