"""Tables of the state mode from a scenario: transitions and relative mortality by age reached."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from demo_sim.demography.ages import parse_age
from demo_sim.demography.function import FIRST_AGE
from demo_sim.demography.states import TransitionShape, mortality_ratios, solve_onward
from demo_sim.errors import InputError, Problem
from demo_sim.inputs.base import Base
from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.inputs.grid import SEXES, Grid
from demo_sim.inputs.prevalence import LEVEL_NAMES, FunctionTable
from demo_sim.inputs.rates import Rates
from demo_sim.kernels.lifetable import survival_deficit
from demo_sim.scenario import Location

SHAPE, RATIO = "function.states.transition_shape", "function.states.mortality_ratio"
FACTORS = (0.1, 10.0)  # an onward factor outside contradicts the shape rather than mending its level
MISS = 1e-3  # relative miss of a cumulative share from which the prevalence counts as out of reach


@dataclass(frozen=True)
class StateTables:
    """Transitions and relative mortality, by age reached from 61; ages W-1 and W+ share the entry of W.

    Attributes
    ----------
    given_survival : (residence, sex, age, level, new level, draw or 1), transitions of survivors
    hazard : (residence, sex, age, level, draw or 1), relative mortality h
    factors : (residence, sex, age, 4, draw or 1), onward hazards over those of the shape; None where there is no shape
    warnings : findings at the stated values in Chinese and English
    """

    given_survival: np.ndarray
    hazard: np.ndarray
    factors: np.ndarray | None = None
    warnings: list[tuple[str, str]] = field(default_factory=list)


def state_tables(
    function: FunctionTable, draws: Draws, grid: Grid, base: Base, rates: Rates, shares: np.ndarray
) -> StateTables:
    """Tables of the first year for every draw.

    Every draw has transitions of its own, solved for its own prevalence: one table for all would pull the draws
    together and hide most of what is uncertain about the prevalence.

    Parameters
    ----------
    draws, grid, base, rates : of the run
    shares : (time, residence, sex, age from 60, level, draw), the stated prevalence, two year-ends at least

    Notes
    -----
    The shares of an age at the opening are carried to those of the next age at the first year-end, so a stated
    trend is followed. The open age and the one below it reach the open age as one group.

    Raises
    ------
    InputError
        The transitions or the mortality ratios are missing or incomplete.
    """
    ages = np.arange(FIRST_AGE, grid.ages - 1)
    shape, ratios, share_left = _hazards(function.where, draws)
    qs = np.empty(base.start.shape)
    survival_deficit(rates.mx[1], qs)
    start = source_shares(shares[0], base.start)
    hazards = [one.at(ages) for one in shape]
    excess = [mortality_ratios(r, left, ages) for r, left in zip(ratios, share_left, strict=True)]
    by_draw = (
        np.stack([onward for onward, _ in hazards]),
        np.stack([back for _, back in hazards]),
        np.stack(excess),
    )
    found = solve_onward(
        _draw_first(start),
        _draw_first(shares[1][:, :, 1:]),
        _draw_first(qs[:, :, FIRST_AGE + 1 :]),
        *(values[:, None, None] for values in by_draw),
    )
    stated = np.flatnonzero(draws.numbers < 0)
    return StateTables(
        _draw_last(found.given_survival),
        _draw_last(found.hazard),
        _draw_last(found.factors),
        _findings(found.factors[stated[0]], found.miss[stated[0]], grid) if stated.size else [],
    )


def source_shares(shares: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Shares of those who reach each age from 61; the last two ages reach the open one together.

    Parameters
    ----------
    shares : (residence, sex, age from 60, state, draw)
    people : (residence, sex, age, draw)
    """
    last = people[:, :, -2:, None]
    total = last.sum(axis=2)
    weight = np.divide(last[:, :, 0], total, out=np.ones_like(total), where=total > 0.0)
    out = shares[:, :, :-1].copy()
    out[:, :, -1] = weight * out[:, :, -1] + (1.0 - weight) * shares[:, :, -1]
    return out


def _draw_first(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(values, -1, 0))


def _draw_last(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(values, 0, -1))


def _hazards(where: Location, draws: Draws) -> tuple[list[TransitionShape], np.ndarray, np.ndarray]:
    """Shape of each draw; mortality ratios (draw, 4) and the part of their excess left at the oldest (draw,)."""
    for path in (SHAPE, RATIO):
        if path not in draws:
            zh, en = "能力状态模式需要此项", "the state mode of functional ability needs this key"
            raise InputError([_problem(where, path, zh, en)])
    shape, ratio = draws[SHAPE], draws[RATIO]
    here, there = draws.quantities[SHAPE].where, draws.quantities[RATIO].where
    age = next(iter(shape.distinct("age")), "70")
    onward = [_need(shape, here, level=level, name="onward", age=age) for level in LEVEL_NAMES[:-1]]
    recovery = [_need(shape, here, level=level, name="recovery", age=age) for level in LEVEL_NAMES[1:]]
    doubling = _need(shape, here, name="onward_doubling_years")
    halving = _need(shape, here, name="recovery_halving_years")
    ratios = [_need(ratio, there, level=level) for level in LEVEL_NAMES[1:]]
    oldest = next(iter(ratio.distinct("age")), "90+")
    left = _need(ratio, there, name="share_of_ratio_minus_1", age=oldest)
    first_age = float(parse_age(age)[0])
    shapes = [
        TransitionShape(worse, better, twice, half, first_age)
        for worse, better, twice, half in zip(
            np.stack(onward, axis=-1), np.stack(recovery, axis=-1), doubling, halving, strict=True
        )
    ]
    return shapes, np.stack(ratios, axis=-1), left


def _need(sampled: Sampled, where: Location, **keys: str) -> np.ndarray:
    """Values of a row that must be there; (draw,)."""
    named = keys.get("name", "")
    # a row without a name holds for any name elsewhere; here a hazard is no ratio and no number of years
    if sampled.has(**keys) and (not named or named in sampled.distinct("name")):
        return sampled.at(None, **keys)
    asked = ", ".join(f"{key} {value}" for key, value in keys.items())
    raise InputError([_problem(where, sampled.path, f"缺少 {asked} 的数值", f"no number for {asked}")])


def _problem(where: Location, path: str, zh: str, en: str) -> Problem:
    return Problem(where.file, where.line, path, zh, en)


def _findings(factors: np.ndarray, miss: np.ndarray, grid: Grid) -> list[tuple[str, str]]:
    """Factors outside the bounds, and prevalences that no factors reach; counted over cells, worst named.

    Of the stated values: single draws at the rim of belief are no finding.

    Parameters
    ----------
    factors : (residence, sex, age, 4); miss : (residence, sex, age)
    """
    out: list[tuple[str, str]] = []
    beyond = (factors < FACTORS[0]) | (factors > FACTORS[1])
    if beyond.any():
        distance = np.where(beyond, np.abs(np.log(factors)), 0.0)
        r, s, x, j = (int(v) for v in np.unravel_index(int(distance.argmax()), distance.shape))
        cell = f"{grid.residences[r]} {SEXES[s]} {FIRST_AGE + x}"
        step = f"{LEVEL_NAMES[j]} → {LEVEL_NAMES[j + 1]}"
        value = f"{factors[r, s, x, j]:.3g}"
        out.append(
            (
                f"能力状态模式：{int(beyond.sum())}个转移强度的调整倍数超出0.1—10，最远为{cell}岁 {step}，{value}倍；"
                "请核对患病率和 function.states.transition_shape",
                f"state mode: {int(beyond.sum())} onward factors lie outside 0.1 to 10, the farthest is {value} "
                f"({cell} years, {step}); check the prevalence and function.states.transition_shape",
            )
        )
    missed = miss > MISS
    if missed.any():
        r, s, x = (int(v) for v in np.unravel_index(int(miss.argmax()), miss.shape))
        cell = f"{grid.residences[r]} {SEXES[s]} {FIRST_AGE + x}"
        out.append(
            (
                f"能力状态模式：{int(missed.sum())}个单元的患病率无法由转移强度得到，"
                f"最远为{cell}岁，差{miss[r, s, x]:.1%}",
                f"state mode: in {int(missed.sum())} cells no transitions reach the stated prevalence, the worst is "
                f"{cell} years, off by {miss[r, s, x]:.1%}",
            )
        )
    return out
