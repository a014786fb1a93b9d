"""What a rule of the catalogue names, and what a scenario lacks of it."""

from __future__ import annotations

from collections.abc import Container, Mapping

from demo_sim.scenario.entries import FactorSpec, GroupDefinition, Rule

EVENTS = ("deaths",)  # of a year, counted within as a group is: `of: deaths`; unknown at the opening year-end
BRIDGE = "groups.hukou_per_resident"
TREND = "_trend"  # after the name of a total: factors by year on its rate, after its last known year
NONLOCAL = "groups.hukou_nonlocal"
RURAL_OF_URBAN = "groups.rural_share_of_urban"
KIN = "kin (history, --engine people)"  # what a run without relatives lacks
RESIDENCE = "urbanisation.urban_share"
_LEVELS = "function.prevalence"


def named_groups(rule: Rule) -> list[str]:
    """Groups that a rule names."""
    names = [*rule.within, *rule.without, *([rule.of] if rule.of else [])]
    if isinstance(rule, GroupDefinition):
        names += [*rule.sum, *(item for item in rule.union if isinstance(item, str))]
    return names


def read_by(rule: Rule) -> list[FactorSpec]:
    """Quantities that a rule reads, its parts left out."""
    found = [*rule.times, *rule.over, *rule.level]
    found += [f for f in (rule.units, rule.grow.rate if rule.grow else None, rule.where.below) if f]
    return found + ([rule.match] if isinstance(rule, GroupDefinition) and rule.match is not None else [])


def rule_paths(rule: Rule) -> list[str]:
    """Paths of the quantities that a rule itself names."""
    return [f.of for f in read_by(rule)] + ([RURAL_OF_URBAN] if rule.where.registered else [])


def parts(rule: Rule) -> list[Rule]:
    """A rule and those inside it."""
    if not isinstance(rule, GroupDefinition):
        return [rule]
    inside = [item for item in rule.union if isinstance(item, Rule)]
    return [rule, *inside, *([] if rule.without_kin is None else [rule.without_kin])]


def lacking(rule: Rule, known: Container[str], groups: Container[str], kin: bool) -> list[str]:
    """Paths and groups that a rule names and the run does not have; what explains a rule that was left out.

    Parameters
    ----------
    known : paths of the quantities; groups : ids that were counted
    kin : whether the run knows relatives
    """
    asks = rule.asks_kin if isinstance(rule, GroupDefinition) else rule.where.asks_kin
    if asks and not kin:
        if not isinstance(rule, GroupDefinition) or rule.without_kin is None:
            return [KIN]
        return lacking(rule.without_kin, known, groups, kin)
    needed = rule_paths(rule)
    named = [group for group in named_groups(rule) if group not in EVENTS]
    if isinstance(rule, GroupDefinition) and rule.base == "hukou" and not (rule.of or rule.sum):
        needed.append(NONLOCAL if asks else BRIDGE)
    missing = [path for path in needed if path not in known] + [f"groups.{g}" for g in named if g not in groups]
    return list(dict.fromkeys(missing))


def countable(
    populations: Mapping[str, GroupDefinition], known: Container[str], apart: bool, levels: bool, kin: bool
) -> dict[str, list[str]]:
    """What each group lacks to be counted, by id; empty where nothing does.

    Parameters
    ----------
    known : paths of the quantities
    apart, levels, kin : whether the run tells urban from rural, functional levels, relatives
    """
    out: dict[str, list[str]] = {}
    groups: set[str] = set()
    while True:
        before = len(groups)
        for id_, entry in populations.items():
            if id_ not in groups:
                out[id_] = _without(entry, apart, levels) + lacking(entry, known, groups, kin)
                if not out[id_]:
                    groups.add(id_)
        if len(groups) == before:
            return out


def _without(rule: Rule, apart: bool, levels: bool) -> list[str]:
    """Residences and levels that a rule asks for in a run without."""
    residence = not apart and bool(rule.where.residence or rule.where.registered)
    return [RESIDENCE] * residence + [_LEVELS] * (not levels and bool(rule.where.function))
