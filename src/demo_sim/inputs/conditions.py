"""Tables of health conditions: who has one at the opening, who gets it, who dies of it, who recovers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from demo_sim.demography.function import FIRST_AGE, single_age_prevalence, with_odds_ratios
from demo_sim.demography.states import solve_mortality
from demo_sim.inputs.base import Base
from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.inputs.grid import Grid
from demo_sim.inputs.rates import Rates
from demo_sim.inputs.states import StateTables, source_shares
from demo_sim.kernels.lifetable import survival_deficit
from demo_sim.scenario.conditions import HealthCondition


@dataclass(frozen=True)
class ConditionTables:
    """A condition in two states, free of it and with it.

    Attributes
    ----------
    prevalence : (time, residence, sex, age from 60, 2, draw), as stated for every year-end
    tables : transitions of survivors and relative mortality, by age reached
    """

    prevalence: np.ndarray
    tables: StateTables


def condition_tables(
    conditions: Mapping[str, HealthCondition], draws: Draws, grid: Grid, base: Base, rates: Rates
) -> dict[str, ConditionTables]:
    """Tables of every condition, by the path of its prevalence.

    The onset is solved cell by cell: so many of the survivors of an age get it that at the first year-end the next age
    has the share that is stated for it. Where the share falls with age by more than deaths and recovery explain,
    nobody gets it. The open age and the one below it reach the open age as one group.

    Parameters
    ----------
    conditions : of the scenario, by name
    draws, grid, base, rates : of the run
    """
    qs = np.empty(base.start.shape)
    if conditions:
        survival_deficit(rates.mx[1], qs)
    out = {}
    for name, condition in conditions.items():
        ratio, sex_ratio, recovered = (
            draws[path].at() if (path := f"conditions.{name}.{key}") in draws else np.full(draws.size, otherwise)
            for key, otherwise in (("mortality_ratio", 1.0), ("sex_ratio", 1.0), ("remission", 0.0))
        )
        stated = _stated(draws[condition.prevalence], sex_ratio, grid, base.start)
        hazard = np.broadcast_to(np.stack([np.ones_like(ratio), ratio]), (*base.start.shape[:2], 1, 2, draws.size))
        source, target = source_shares(stated[0], base.start), stated[1][:, :, 1:, 1]
        onset = onset_of(source, target, qs[:, :, FIRST_AGE + 1 :], hazard, recovered)
        change = np.empty((*onset.shape[:3], 2, 2, draws.size))
        change[..., 0, 0, :], change[..., 0, 1, :] = 1.0 - onset, onset
        change[..., 1, 0, :], change[..., 1, 1, :] = recovered, 1.0 - recovered
        hazard = np.repeat(hazard, onset.shape[2], axis=2)
        out[condition.prevalence] = ConditionTables(stated, StateTables(change, hazard))
    return out


def onset_of(
    start: np.ndarray, target: np.ndarray, qs: np.ndarray, hazard: np.ndarray, recovered: np.ndarray
) -> np.ndarray:
    """Share of those free of a condition who have it a year later, among survivors; (..., draw), 0 to 1.

    Parameters
    ----------
    start : (..., 2, draw), shares of the free and of those who have it
    target : (..., draw), share that has it among the survivors
    qs : (..., draw), probability of death of all
    hazard : (..., 2, draw), relative mortality
    recovered : (draw,), share of survivors who lose it in the year
    """
    _, q = solve_mortality(start, np.broadcast_to(hazard, start.shape), qs)
    free, have = (start[..., i, :] * (1.0 - q[..., i, :]) for i in range(2))
    new = target * (free + have) - have * (1.0 - recovered)
    return np.clip(np.divide(new, free, out=np.zeros_like(new), where=free > 0.0), 0.0, 1.0)


def _stated(sampled: Sampled, sex_ratio: np.ndarray, grid: Grid, people: np.ndarray) -> np.ndarray:
    """Shares of the free and of those who have it at every year-end."""
    found, changes = [], len({row.year for row in sampled.rows}) > 1
    for year in grid.times.tolist()[: None if changes else 1]:
        groups, shares = sampled.groups(year)
        by_age = single_age_prevalence(shares, groups, grid.ages)
        found.append(with_odds_ratios(by_age, people, sex_ratio, np.ones_like(sex_ratio)))
    have = np.repeat(np.stack(found), grid.times.size // len(found), axis=0)[:, :, :, FIRST_AGE:]
    return np.stack([1.0 - have, have], axis=4)
