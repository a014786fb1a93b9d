"""Groups and needs of a run, counted by the catalogue's rules; what lacks an input is left out."""

from __future__ import annotations

from collections.abc import Container, Mapping

import numpy as np

from demo_sim.demand.counting import Counter, named_groups
from demo_sim.demand.membership import KIN
from demo_sim.demand.quantities import MissingInput
from demo_sim.demography.ages import age_mask
from demo_sim.inputs.base import free_groups, solve_remainder
from demo_sim.inputs.draws import Draws
from demo_sim.scenario.entries import Population, Resource, Rule
from demo_sim.scenario.needed import BRIDGE, NONLOCAL, rule_paths

EVENTS = ("deaths",)  # of a year, counted within as a group is: `of: deaths`; unknown at the opening year-end
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


def lacking(rule: Rule, known: Container[str], groups: Container[str], kin: bool) -> list[str]:
    """Paths and groups that a rule names and the run does not have; what explains a rule that was left out.

    Parameters
    ----------
    known : paths of the quantities; groups : ids that were counted
    kin : whether the run knows relatives
    """
    asks = rule.asks_kin if isinstance(rule, Population) else rule.where.asks_kin
    if asks and not kin:
        if not isinstance(rule, Population) or rule.without_kin is None:
            return [KIN]
        return lacking(rule.without_kin, known, groups, kin)
    needed = rule_paths(rule)
    named = [group for group in named_groups(rule) if group not in EVENTS]
    if isinstance(rule, Population) and rule.base == "hukou" and not (rule.of or rule.sum):
        needed.append(NONLOCAL if asks else BRIDGE)
    missing = [path for path in needed if path not in known] + [f"groups.{g}" for g in named if g not in groups]
    return list(dict.fromkeys(missing))


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
