"""Counts scaled to known totals."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from demo_sim.demand.quantities import MissingInput, Quantities
from demo_sim.demography.shares import share_of
from demo_sim.inputs.grid import BOTH, by_year
from demo_sim.scenario.entries import FactorSpec
from demo_sim.scenario.rules import TREND


@dataclass(frozen=True)
class Scaling:
    """Rates that meet a known figure, at its dates, linear between and held outside.

    Attributes
    ----------
    rate : members per candidate; (time, residence or 1, draw)
    unseen : members per person of the cells beyond the candidates, whom relatives do not show; likewise, or None
    known : (draw,) by year-end, persons that the figure says there are
    """

    rate: np.ndarray
    unseen: np.ndarray | None = None
    known: dict[int, np.ndarray] = field(default_factory=dict)


def to_total(
    quantities: Quantities,
    level: tuple[FactorSpec, ...],
    counted: np.ndarray,
    open_to: np.ndarray | None,
    age: str = "",
    opening: np.ndarray | None = None,
) -> Scaling:
    """Rates that scale counts to known totals.

    After the last known total the rate is held, or follows its trend where the scenario has one: a quantity of the
    name of the total with `_trend`, factors by year of which only their ratios count.

    Without relatives the count takes whatever rate meets the total. Candidates by relatives take at most 1, and
    what is left of the total is spread over all people of the cells: the model does not see these.

    Parameters
    ----------
    level : quantities whose product is the total; a first one that is a share is that part of all people of the cells.
        Where it differs by age, what divides a total among ages has no part in it
    age : age group of the rule, for a share that differs by age
    counted, open_to : (time, residence, draw), candidates and all people of the cells, or None without relatives
    opening : (residence, draw), members that an earlier run left: the total where none is dated to this run
    """
    times = quantities.grid.times
    known: dict[int, np.ndarray] = {}
    first = quantities.sampled(level[0].of)
    keys = {"name": level[0].name} if level[0].name else {}
    residences = first.distinct("residence")
    if residences and quantities.grid.residences != BOTH:
        raise MissingInput("urbanisation.urban_share")
    by_share = quantities.draws.quantities[level[0].of].unit.startswith("share")
    by_age = by_share and age in first.distinct("age")
    if by_age:
        keys["age"] = age
    divided = [] if by_age else [quantities.path(f) for f in level[1:]]
    share = reduce(np.multiply, divided, np.ones((times.size, counted.shape[-1])))
    if not residences:
        counted = counted.sum(axis=1, keepdims=True)
        open_to = None if open_to is None else open_to.sum(axis=1, keepdims=True)
    rates, unseen = [], []
    trend = f"{level[0].of}{TREND}"
    has_trend = trend in quantities.draws

    def after(last: int) -> np.ndarray | float:
        return _trend(quantities.sampled(trend).series(times), last, times) if has_trend else 1.0

    for r, residence in enumerate(BOTH if residences else ("",)):
        own = keys | ({"residence": residence} if residence else {})
        years, index = dated_places(times.tolist() if by_share else first.years(**own), times)
        factor = after(dated_places(first.years(**own), times)[0][-1])
        total = first.series(np.array(years), **own) * share[index]
        if opening is not None and not by_share and not set(years) & set(first.years(**own)):
            total = (opening[r] if residences else opening.sum(axis=0))[None]
        if by_share:
            total = total * (counted if open_to is None else open_to)[index, r]
        for year, value in zip(years, total, strict=True):
            known[year] = known.get(year, np.zeros(value.shape)) + value
        have = counted[index, r]
        if open_to is None:
            rates.append(by_year(years, share_of(total, have), times) * factor)
            continue
        rates.append(np.minimum(by_year(years, _at_most_one(total, have), times) * factor, 1.0))
        rest_of = by_year(years, share_of(np.maximum(total - have, 0.0), open_to[index, r]), times)
        unseen.append(rest_of * factor)
    rest = np.stack(unseen, axis=1) if unseen else None
    return Scaling(np.stack(rates, axis=1), rest, known)


def _trend(factors: np.ndarray, last: int, times: np.ndarray) -> np.ndarray:
    """Factor on a rate after its last known year, 1 up to it; (time, draw)."""
    at = int(np.searchsorted(times, last))
    out = np.ones_like(factors)
    out[at:] = factors[at:] / factors[at]
    return out


def _at_most_one(wanted: np.ndarray, have: np.ndarray) -> np.ndarray:
    return share_of(np.minimum(wanted, have), have)


def dated_places(years: list[int], times: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Years of the run that figures are dated to, the first one where there is none; and their places."""
    found = [y for y in years if times[0] <= y <= times[-1]] or [int(times[0])]
    return found, np.searchsorted(times, found)
