"""`project(inputs, draws) -> Block`: the road of some draws from inputs to population, groups, stocks and needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from demo_sim.block.expected import Expected, at_least_two
from demo_sim.block.relatives import Relatives, opening_groups, projected
from demo_sim.demand.counting import Counter, Evidence
from demo_sim.demand.kin_counts import KinShares
from demo_sim.demand.needs import count_groups, count_needs
from demo_sim.demand.sizes import Projected
from demo_sim.inputs.build import Inputs
from demo_sim.inputs.draws import STATED, Draws
from demo_sim.results.tiers import cube, five_year_ages, pack_cells
from demo_sim.scenario.entries import GroupDefinition
from demo_sim.supply.stocks import Context, Stocks, build_supply

_TOGETHER = 128  # person draws that take the place of all at once, for the error
NATURAL = "natural."  # before the names of series of stocks without the measures that are planned for them
_ROUNDING = 1e-9  # of a count: what differs by less does not depend on persons


@dataclass(frozen=True)
class Counts:
    """What the rules of the catalogue count in the population of some draws.

    Attributes
    ----------
    groups : (time, residence, draw) by id; needs : (time, draw) by resource and meaning
    stocks : of the supply
    natural : of its entries for which measures are planned, as they go without these
    """

    groups: dict[str, np.ndarray]
    needs: dict[tuple[str, str], np.ndarray]
    stocks: Stocks
    natural: Stocks


@dataclass(frozen=True)
class StatedRun:
    """What is kept of the run at stated values alone.

    Attributes
    ----------
    population : (time, residence, sex, age, function)
    births_by_age, deaths_by_age : (year, residence, age) and (year, residence, sex, age)
    opening : base population as counted, moved and tied, persons
    evidence : of the groups that relatives decide, with families pooled over the replicates
    candidates : (time, residence) by id, those of the pooled person draws
    how : rule by which each group is counted, and what makes residents the registered
    groups_error, needs_error : chance error of groups and needs by relatives, as in `Counts` without draws
    warnings : findings in Chinese and English
    """

    population: np.ndarray
    births_by_age: np.ndarray
    deaths_by_age: np.ndarray
    opening: dict[str, float]
    evidence: dict[str, Evidence]
    candidates: dict[str, np.ndarray]
    how: dict[str, tuple[str, str]]
    groups_error: dict[str, np.ndarray]
    needs_error: dict[tuple[str, str], np.ndarray]
    warnings: list[tuple[str, str]]


@dataclass(frozen=True)
class Block:
    """Some draws, after the whole road; the draw is the last axis of all arrays unless said.

    Attributes
    ----------
    numbers : of the draws; `STATED` for the run at stated values
    shape : of the population of one draw (time, residence, sex, age, function)
    summary : (draw, time, residence, sex, age group, function), five-year ages
    cells : (draw, cell), single ages as `results.tiers.pack` lays them
    flows : (year, flow, residence, sex, draw); cut : (year, draw)
    groups : (time, residence, draw) by id
    series : (time, draw) by name, what indicators are formed of
    stocks : the supply, whose series are among `series`
    natural : stocks without the measures that are planned for them; their series are among `series` under NATURAL
    needs : names of the needs there are
    stated : what only the run at stated values has, where it is among the draws
    """

    numbers: np.ndarray
    shape: tuple[int, ...]
    summary: np.ndarray
    cells: np.ndarray
    flows: np.ndarray
    cut: np.ndarray
    groups: dict[str, np.ndarray]
    series: dict[str, np.ndarray]
    stocks: Stocks
    natural: Stocks
    needs: tuple[tuple[str, str], ...]
    stated: StatedRun | None


def project(inputs: Inputs, numbers: np.ndarray, relatives: Relatives | None) -> Block:
    """The road of some draws: inputs, expected pass, groups, stocks, needs.

    It reads its arguments and changes nothing else, and each draw is the same whichever others go with it.

    Parameters
    ----------
    inputs : of the scenario
    numbers : of the draws, in any order; `STATED` is the run at stated values
    relatives : families of all person draws, or None where they are not followed
    """
    expected = Expected.of(inputs, at_least_two(np.asarray(numbers))).run()
    own, projection = expected.drawn.draws.numbers, expected.projection
    counter = _counter(expected, relatives, relatives.factors(own) if relatives is not None else {})
    counts = count_rules(expected, counter)
    series = projection.series()
    series |= {f"groups.{name}": values.sum(axis=1) for name, values in counts.groups.items()}
    series |= {f"supply.{name}": values for name, values in counts.stocks.series.items()}
    series |= {f"{NATURAL}{name}": values for name, values in counts.natural.series.items()}
    series |= {f"need.{resource}.{kind}": values for (resource, kind), values in counts.needs.items()}
    stated = np.flatnonzero(own == STATED)
    levels = 1 if projection.shares is None else projection.shares.shape[-2]
    return Block(
        own,
        (*projection.persons.shape[:-1], levels),
        five_year_ages(projection.persons, projection.shares),
        pack_cells(projection.persons, projection.shares),
        projection.flows,
        projection.cut,
        counts.groups,
        series,
        counts.stocks,
        counts.natural,
        tuple(counts.needs),
        _stated(expected, counter, int(stated[0]), relatives) if stated.size else None,
    )


def _counter(expected: Expected, relatives: Relatives | None, factors: Mapping[str, np.ndarray]) -> Counter:
    shares = None if relatives is None else relatives.shares
    people = projected(expected, shares, factors)
    return Counter(people, expected.drawn.draws, expected.inputs.populations, opening_groups(expected))


def count_rules(expected: Expected, counter: Counter) -> Counts:
    """Groups, needs and stocks of some draws."""
    inputs, draws, grid = expected.inputs, expected.drawn.draws, expected.inputs.grid
    groups = count_groups(counter)
    needs = count_needs(counter, inputs.resources)
    totals = {name: values.sum(axis=1) for name, values in groups.items()}
    parts = {f"{g}.{r}": v[:, i] for g, v in groups.items() for i, r in enumerate(grid.residences)}
    happened = {name: values.sum(axis=1) for name, values in counter.projected.events.items()}
    earlier = inputs.earlier
    carried = {} if earlier is None else {k: earlier.at(v, draws.numbers) for k, v in earlier.stocks.items()}
    wanted: dict[str, np.ndarray] = {}
    for (id_, _), values in needs.items():
        wanted.setdefault(inputs.resources[id_].supply, values)  # the first meaning of each resource
    context = Context(grid.times, draws, totals | parts, happened, carried, wanted)
    return Counts(groups, needs, build_supply(inputs.supply, context), _without_measures(inputs, context))


def _without_measures(inputs: Inputs, context: Context) -> Stocks:
    """Stocks for which measures are planned as they go without them: the same draws, people and needs."""
    if not inputs.natural:
        return Stocks()
    given = {path: quantity for own in inputs.natural.values() for path, quantity in own.items()}
    draws = Draws(given, inputs.seed, context.draws.numbers)
    return build_supply({name: inputs.supply[name] for name in inputs.natural}, replace(context, draws=draws))


def _stated(expected: Expected, counter: Counter, at: int, relatives: Relatives | None) -> StatedRun:
    """What is kept of the run at stated values, which stands at a place of the draw axis."""
    projection, base = expected.projection, expected.drawn.base
    shares = None if projection.shares is None else projection.shares[..., at]
    opening = {
        "base_counted": float(base.counted[..., at].sum()),
        "base_moved": float(base.moved_total[at]),
        "base_tied": 0.0 if base.tied_total is None else float(base.tied_total[at]),
    }
    candidates = {name: found.of(at).candidates for name, found in counter.evidence.items()}
    evidence, groups_error, needs_error = _by_persons(expected, at, relatives)
    return StatedRun(
        cube(projection.persons[..., at], shares),
        projection.births_by_age[..., 0],
        projection.deaths_by_age[..., 0],
        opening,
        evidence,
        candidates,
        {name: counter.how(name) for name in counter.groups},
        groups_error,
        needs_error,
        [] if expected.levels is None else expected.levels.warnings,
    )


def _by_persons(
    expected: Expected, at: int, relatives: Relatives | None
) -> tuple[dict[str, Evidence], dict[str, np.ndarray], dict[tuple[str, str], np.ndarray]]:
    """What persons say of the run at stated values: evidence as its replicates give it, errors of groups and needs.

    The shares of families are pooled over the person draws. For the error of what is counted by them each person draw
    in its turn takes the place of all; sd / sqrt(P) of what comes out.
    """
    if relatives is None:
        return {}, {}, {}
    inputs, draws = expected.inputs, relatives.deviations.draws
    counter = Counter(*_stated_again(expected, at, 2, relatives.replicates, {}))
    count_groups(counter)
    evidence = {name: found.of(0) for name, found in counter.evidence.items()}
    if draws < 2:
        return evidence, {}, {}
    by_group: list[dict[str, np.ndarray]] = []
    by_need: list[dict[tuple[str, str], np.ndarray]] = []
    for part in np.array_split(np.arange(draws), math.ceil(draws / _TOGETHER)):
        factors = {name: factor[..., part] for name, factor in relatives.deviations.whole.items()}
        counter = Counter(*_stated_again(expected, at, part.size, relatives.shares, factors))
        by_group.append(count_groups(counter))
        by_need.append(count_needs(counter, inputs.resources))
    groups = {name: np.concatenate([found[name] for found in by_group], axis=-1) for name in by_group[0]}
    needs = {key: np.concatenate([found[key] for found in by_need], axis=-1) for key in by_need[0]}

    def error(values: np.ndarray) -> np.ndarray:
        spread = values.std(axis=-1, ddof=1)
        return np.where(spread > _ROUNDING * np.abs(values[..., 0]), spread, 0.0) / np.sqrt(draws)

    return evidence, {name: error(v) for name, v in groups.items()}, {key: error(v) for key, v in needs.items()}


def _stated_again(
    expected: Expected, at: int, times: int, shares: KinShares, factors: Mapping[str, np.ndarray]
) -> tuple[Projected, Draws, Mapping[str, GroupDefinition], dict[str, np.ndarray]]:
    """What a counter takes: the run at stated values so many times on the draw axis."""
    inputs = expected.inputs
    whole = projected(expected, shares, factors)

    def again(values: np.ndarray) -> np.ndarray:
        return np.repeat(values[..., at : at + 1], times, axis=-1)

    people = replace(
        whole,
        persons=again(whole.persons),
        shares=None if whole.shares is None else again(whole.shares),
        conditions={path: again(values) for path, values in whole.conditions.items()},
        bridge=None if whole.bridge is None else again(whole.bridge),
        events={name: again(values) for name, values in whole.events.items()},
    )
    opening = {name: again(values) for name, values in opening_groups(expected).items()}
    return people, Draws(inputs.quantities, inputs.seed, np.full(times, STATED)), inputs.populations, opening
