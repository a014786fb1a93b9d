"""Groups and needs of a run, counted by the catalogue's rules; what lacks an input is left out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from demo_sim.demand.counting import Counter
from demo_sim.demand.quantities import MissingInput
from demo_sim.demography.ages import age_mask
from demo_sim.inputs.base import free_groups, solve_remainder
from demo_sim.inputs.draws import Draws
from demo_sim.scenario.entries import Resource
from demo_sim.scenario.rules import BRIDGE

REGISTERED = "groups.hukou_population"


def bridge_by_age(draws: Draws, start: np.ndarray) -> np.ndarray | None:
    """Registered persons per resident at each age; (age, draw), or None where the scenario has no bridge.

    The age group without a band takes what the drawn ones leave of the registered total.

    Parameters
    ----------
    start : (residence, sex, age, draw), the opening population
    """
    if BRIDGE not in draws:
        return None
    sampled = draws[BRIDGE]
    if not sampled.distinct("age"):
        return np.repeat(sampled.at()[None], start.shape[2], axis=0)
    groups, ratios = sampled.groups()
    if REGISTERED in draws:
        weights = np.stack([start[:, :, age_mask(g, start.shape[2])].sum(axis=(0, 1, 2)) for g in groups])
        ratios = solve_remainder(ratios, free_groups(sampled.rows, groups), weights, draws[REGISTERED].at())
    out = np.full(start.shape[2:], np.nan)
    for group, ratio in zip(groups, ratios, strict=True):
        out[age_mask(group, start.shape[2])] = ratio
    return out


def count_groups(counter: Counter) -> dict[str, np.ndarray]:
    """All groups of the counter's catalogue whose inputs are there; (time, residence, draw) each."""
    out = {}
    for name in counter.catalog:
        try:
            out[name] = counter.group(name)
        except MissingInput:
            continue  # the scenario does not give what the group needs; a target that asks for it names it
    return out


def count_needs(counter: Counter, catalog: Mapping[str, Resource]) -> dict[tuple[str, str], np.ndarray]:
    """Needs of all resources by (resource, need kind); (time, draw) each."""
    out: dict[tuple[str, str], np.ndarray] = {}
    for resource in catalog.values():
        for kind, rule in resource.needs.items():
            try:
                out[resource.id, kind] = counter.count(rule, name=f"need.{resource.id}.{kind}").sum(axis=1)
            except MissingInput:
                continue
    return out
