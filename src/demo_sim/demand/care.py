"""What placement reads of a scenario: shares that ask for a place, places, attributes, priority classes."""

from __future__ import annotations

import numpy as np

from demo_sim.demand.counting import Counter
from demo_sim.demand.needs import count_groups
from demo_sim.demand.quantities import MissingInput
from demo_sim.demand.sizes import Projected
from demo_sim.demography.ages import age_mask, parse_age
from demo_sim.demography.function import FIRST_AGE
from demo_sim.engine.placement import FAMILIES, CareInputs, Terms
from demo_sim.errors import InputError, Problem
from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.inputs.grid import BOTH, SEXES, Grid
from demo_sim.scenario import Scenario
from demo_sim.scenario.care import KIN_NAMES, Attribute, Condition, Placement
from demo_sim.scenario.entries import Rule
from demo_sim.supply.stocks import Context, build_supply
from demo_sim.vocab import FUNCTIONS

OTHERS = "others"


def care_inputs(
    scenario: Scenario,
    draws: Draws,
    grid: Grid,
    opening: np.ndarray,
    stated: np.ndarray | None,
    bridge: np.ndarray | None,
) -> CareInputs | None:
    """What placement needs of some draws, or None where the scenario places nobody.

    Parameters
    ----------
    opening : (residence, sex, age, draw), the opening population
    stated : (time, residence, sex, age from 60, level, draw), shares of levels, or None
    bridge : (age, draw), registered persons per resident, or None

    Raises
    ------
    InputError
        A share has no number for a level or residence, or an attribute cannot be counted.
    """
    placement = scenario.settings.placement
    if placement is None:
        return None
    try:
        return _inputs(placement, scenario, draws, grid, opening, stated, bridge)
    except (KeyError, MissingInput) as error:
        where = scenario.locations["placement"]
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
    scenario: Scenario,
    draws: Draws,
    grid: Grid,
    opening: np.ndarray,
    stated: np.ndarray | None,
    bridge: np.ndarray | None,
) -> CareInputs:
    home = placement.institution
    named = {home.beds, *(s.supply for s in placement.community.values() if s.supply)}
    kinds = {name: entry for name, entry in scenario.settings.supply.items() if name in named}
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
    year_end = Grid(grid.residences, grid.ages, grid.start, grid.start - 1)  # the opening alone
    first = None if stated is None else stated[:1]
    counter = Counter(Projected(opening[None], first, year_end, bridge), draws, scenario.catalog.populations)
    count_groups(counter)
    shares = [attribute_share(a, counter, scenario, draws, grid) for a in placement.attributes.values()]
    old = grid.ages - FIRST_AGE
    return CareInputs(
        by_level(draws[home.use], grid),
        np.stack([draws[home.kin].at(name=name) for name in KIN_NAMES]) if home.kin else None,
        places,
        community,
        limits,
        np.stack(shares) if shares else np.zeros((0, len(SEXES), old, len(grid.residences), draws.size)),
        priority_terms(placement, grid.ages),
        (*(group.id for group in placement.priority), OTHERS),
    )


def by_level(share: Sampled, grid: Grid) -> np.ndarray:
    """A share by functional level and residence, as far as its rows differ; (time, residence, level, draw)."""
    levels = list(FUNCTIONS) if share.distinct("level") else [""] * len(FUNCTIONS)
    places = grid.residences if share.distinct("residence") else [""] * len(grid.residences)
    return np.stack(
        [np.stack([share.series(grid.times, residence=r, level=f) for f in levels], axis=1) for r in places], axis=1
    )


def attribute_share(attribute: Attribute, counter: Counter, scenario: Scenario, draws: Draws, grid: Grid) -> np.ndarray:
    """Share of people who have an attribute at the opening; (sex, age from 60, residence, draw).

    Members are set against those of the same base, resident or registered, that they are counted among.
    """
    old = grid.ages - FIRST_AGE
    out = np.empty((len(SEXES), old, len(grid.residences), draws.size))
    if attribute.members is not None:
        groups = scenario.catalog.populations
        rule = attribute.members
        base = groups[rule.of].base if rule.of else "resident"
        if rule.of and rule.of not in counter.groups:
            raise MissingInput(f"groups.{rule.of}")
        members = counter.count(rule, base)[0]
        people = counter.count(Rule.model_validate({"where": attribute.among}), base)[0]
        out[:] = np.divide(members, people, out=np.zeros_like(members), where=people > 0.0)
        return np.minimum(out, 1.0)
    share = draws[attribute.share]
    labels = share.distinct("age") or [""]
    for s, sex in enumerate(SEXES):
        for r, residence in enumerate(grid.residences):
            keys = {"sex": sex if share.distinct("sex") else "", "residence": residence}
            keys["residence"] *= bool(share.distinct("residence"))
            for label in labels:
                ages = age_mask(parse_age(label), grid.ages)[FIRST_AGE:] if label else slice(None)
                out[s, ages, r] = share.series(grid.times[:1], age=label, **keys)[0]
    return out


def priority_terms(placement: Placement, ages: int) -> Terms:
    """Conditions of all classes in their order."""
    terms = [(group, condition) for group, item in enumerate(placement.priority) for condition in item.any]
    known = {name: bit for bit, name in enumerate(placement.attributes)}
    return Terms(
        np.array([group for group, _ in terms], np.int64),
        np.array([_ages(c, ages) for _, c in terms], np.int64).reshape(-1, 2),
        np.array([sum(1 << known[name] for name in set(c.attributes)) for _, c in terms], np.int64),
        np.array([_allowed(c) for _, c in terms], bool).reshape(-1, 2, 2, len(FUNCTIONS), FAMILIES),
    )


def _ages(condition: Condition, ages: int) -> tuple[int, int]:
    first, last = parse_age(condition.age) if condition.age else (0, None)
    return first, ages if last is None else last


def _allowed(condition: Condition) -> np.ndarray:
    """Cells that meet a condition; bool (residence, sex, level, family)."""
    residence = np.array([condition.residence in ("", r) for r in BOTH])
    sex = np.array([condition.sex in ("", s) for s in SEXES])
    level = np.array([not condition.function or f in condition.function for f in FUNCTIONS])
    cells = residence[:, None, None] & sex[:, None] & level
    return np.repeat(cells[..., None], FAMILIES, axis=-1)
