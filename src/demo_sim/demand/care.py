"""What placement reads of the inputs: shares that ask for a place, places, attributes, priority classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from demo_sim.demand.counting import Counter
from demo_sim.demand.kin_counts import KinShares
from demo_sim.demand.kin_rules import family_mask
from demo_sim.demand.quantities import MissingInput
from demo_sim.demand.sizes import Projected
from demo_sim.demography.ages import parse_age
from demo_sim.demography.function import FIRST_AGE
from demo_sim.engine.care_cuts import CARE_FAMILIES, CareInputs, Terms
from demo_sim.engine.thresholds import cut
from demo_sim.errors import InputError, Problem
from demo_sim.inputs.build import Inputs
from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.inputs.grid import SEXES, Grid
from demo_sim.scenario.care import KIN_FACTORS, Condition, Placement
from demo_sim.supply.stocks import Context, build_supply
from demo_sim.vocab import FUNCTIONS

OTHERS = "others"


def care_inputs(
    inputs: Inputs,
    draws: Draws,
    opening: np.ndarray,
    stated: np.ndarray | None,
    bridge: np.ndarray | None,
    kin: KinShares | None,
    conditions: Mapping[str, np.ndarray],
) -> CareInputs | None:
    """What placement needs of some draws, or None where the scenario places nobody.

    Parameters
    ----------
    opening : (residence, sex, age, draw), the opening population
    stated : (time, residence, sex, age from 60, level, draw), shares of levels, or None
    bridge : (age, draw), registered persons per resident, or None
    kin : families of the persons of each draw at the opening, or None where they are not followed
    conditions : (time, residence, sex, age from 60, draw), shares that are followed as states; those of the opening
        hold for each age

    Raises
    ------
    InputError
        A share has no number for a level or residence, or an attribute cannot be counted.
    """
    placement = inputs.placement
    if placement is None:
        return None
    try:
        return _inputs(placement, inputs, draws, opening, stated, bridge, kin, conditions)
    except (KeyError, MissingInput) as error:
        where = inputs.where["placement"]
        lacking = str(error.args[0])
        raise InputError(
            [
                Problem(
                    where.file,
                    where.line,
                    "placement",
                    f"没有与能力等级、城乡、年龄或名称相符的数值：{lacking}",
                    f"no number that fits a level, residence, age or name: {lacking}",
                )
            ]
        ) from None


def _inputs(
    placement: Placement,
    inputs: Inputs,
    draws: Draws,
    opening: np.ndarray,
    stated: np.ndarray | None,
    bridge: np.ndarray | None,
    kin: KinShares | None,
    conditions: Mapping[str, np.ndarray],
) -> CareInputs:
    grid = inputs.grid
    home = placement.institution
    named = {home.beds, *(s.supply for s in placement.community.values() if s.supply)}
    kinds = {name: entry for name, entry in inputs.supply.items() if name in named}
    stocks = build_supply(kinds, Context(grid.times, draws, {})).series
    places = stocks[home.beds]
    if home.occupancy:
        places = places * draws[home.occupancy].series(grid.times)
    services = list(placement.community.values())
    shape = (grid.times.size, len(grid.residences), len(FUNCTIONS), draws.size)
    community = np.zeros((len(services), *shape))
    limits = np.full((len(services), grid.times.size, draws.size), np.inf)
    for k, service in enumerate(services):
        levels = [FUNCTIONS.index(name) for name in service.function or FUNCTIONS]
        community[k][:, :, levels] = by_level(draws[service.use], grid)[:, :, levels]
        if service.supply:
            limits[k] = stocks[service.supply]
    opening_alone = Grid(grid.residences, grid.ages, grid.start, grid.start - 1)
    first = None if stated is None else stated[:1]
    people = Projected(
        opening[None], first, opening_alone, bridge, kin, conditions={path: v[:1] for path, v in conditions.items()}
    )
    counter = Counter(people, draws, inputs.populations)
    return CareInputs(
        by_level(draws[home.use], grid),
        np.stack([draws[home.kin].at(name=name) for name in KIN_FACTORS]) if home.kin else None,
        places,
        community,
        limits,
        class_of_families(kin),
        attribute_cuts(placement, counter, stated),
        priority_terms(placement, grid),
        (*(group.id for group in placement.priority), OTHERS),
    )


def by_level(share: Sampled, grid: Grid) -> np.ndarray:
    """A share by functional level and residence, as far as its rows differ; (time, residence, level, draw)."""
    levels = list(FUNCTIONS) if share.distinct("level") else [""] * len(FUNCTIONS)
    places = grid.residences if share.distinct("residence") else [""] * len(grid.residences)
    return np.stack(
        [np.stack([share.series(grid.times, residence=r, level=f) for f in levels], axis=1) for r in places], axis=1
    )


def class_of_families(kin: KinShares | None) -> np.ndarray:
    """Class of families of each family code; uint8 (129,). The last code is that of unknown relatives."""
    out = np.zeros(CARE_FAMILIES, np.uint8)
    if kin is not None:
        of = kin.classes.of[1]
        out[: of.size] = np.where(of < kin.classes.size, of, 0)
    return out


def attribute_cuts(placement: Placement, counter: Counter, stated: np.ndarray | None) -> np.ndarray:
    """Cuts of having each attribute; uint64 (draw, attribute, class of families, sex, age from 60, residence, level).

    The chance of membership at the opening year-end, which holds for all years. Members who all have certain levels
    are found among people at these levels.
    """
    grid, draws = counter.projected.grid, counter.draws
    old = np.arange(grid.ages) >= FIRST_AGE
    shape = (len(grid.residences), len(SEXES), int(old.sum()), len(FUNCTIONS), draws.size)
    out = np.zeros((len(placement.attributes), counter.cells.classes, *shape))
    for a, attribute in enumerate(placement.attributes.values()):
        levels = np.array([not attribute.function or f in attribute.function for f in FUNCTIONS])[:, None]
        part = np.ones(shape) if stated is None else (stated[0] * levels).sum(axis=3, keepdims=True)
        for c, chance in enumerate(counter.chance(attribute.group, old).whole().arrays):
            member = np.broadcast_to(chance[0], shape) * levels
            out[a, c] = np.divide(member, part, out=np.zeros(shape), where=part > 0.0)
    return np.ascontiguousarray(cut(np.moveaxis(out, (2, 6), (5, 0))))


def priority_terms(placement: Placement, grid: Grid) -> Terms:
    """Conditions of all classes in their order."""
    terms = [(group, condition) for group, item in enumerate(placement.priority) for condition in item.any]
    known = {name: bit for bit, name in enumerate(placement.attributes)}
    return Terms(
        np.array([group for group, _ in terms], np.int64),
        np.array([_ages(c, grid.ages) for _, c in terms], np.int64).reshape(-1, 2),
        np.array([sum(1 << known[name] for name in set(c.attributes)) for _, c in terms], np.int64),
        np.array([_allowed(c, grid.residences) for _, c in terms], bool).reshape(
            -1, len(grid.residences), len(SEXES), len(FUNCTIONS), CARE_FAMILIES
        ),
    )


def _ages(condition: Condition, ages: int) -> tuple[int, int]:
    first, last = parse_age(condition.age) if condition.age else (0, None)
    return first, ages if last is None else last


def _allowed(condition: Condition, residences: Sequence[str]) -> np.ndarray:
    """Cells that meet a condition; bool (residence, sex, level, family)."""
    residence = np.array([condition.residence in ("", r) for r in residences])
    sex = np.array([condition.sex in ("", s) for s in SEXES])
    level = np.array([not condition.function or f in condition.function for f in FUNCTIONS])
    cells = residence[:, None, None] & sex[:, None] & level
    family = np.ones(CARE_FAMILIES, bool)
    if condition.kin is not None:
        family[:-1], family[-1] = family_mask(condition.kin)[1], False
    return np.asarray(cells[..., None] & family)
