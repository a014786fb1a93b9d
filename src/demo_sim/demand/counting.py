"""Counting: cells of the population times chances of membership, scaled to what is known, grown.

Groups and needs are both counted by this one rule; a new one is a YAML file and never touches code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from types import MappingProxyType

import numpy as np

from demo_sim.demand.exclusive import Fitted, fit_weights
from demo_sim.demand.membership import Chance, Membership, all_of, complement, each, none_of, on_axes
from demo_sim.demand.quantities import MissingInput, Quantities
from demo_sim.demand.scaling import Scaling, dated_places, to_total
from demo_sim.demand.sizes import Projected, Sizes
from demo_sim.demography.ages import parse_age
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.grid import by_year
from demo_sim.scenario.entries import GroupDefinition, Growth, Rule
from demo_sim.scenario.rules import KIN, named_groups


@dataclass(frozen=True)
class Evidence:
    """What relatives show of a group, beside the figure it is scaled to.

    Attributes
    ----------
    candidates : (time, residence, draw), people whose relatives satisfy the rule, with the rule's own shares
    known : (draw,) by year-end, persons that the figure says there are
    """

    candidates: np.ndarray
    known: Mapping[int, np.ndarray]

    def of(self, draw: int) -> Evidence:
        """That of one draw, without the axis."""
        return Evidence(self.candidates[..., draw], {year: v[draw] for year, v in self.known.items()})


class Counter:
    """Applies rules to a projected population; counts are (time, residence, draw).

    Attributes
    ----------
    groups : counts by id, of the groups asked for and those they rest on
    evidence : of the groups that relatives decide, by id
    """

    def __init__(
        self,
        projected: Projected,
        draws: Draws,
        catalog: Mapping[str, GroupDefinition],
        opening: Mapping[str, np.ndarray] = MappingProxyType({}),
    ) -> None:
        self.opening = opening  # (residence, draw) by group, what an earlier run left at the opening year-end
        self.projected = projected
        self.draws = draws
        self.catalog = catalog
        self.quantities = Quantities(draws, projected.grid, projected.conditions)
        self.cells = Membership(self.quantities, projected.shares is not None, projected.kin)
        self.sizes = Sizes(projected, self.quantities)
        self.groups: dict[str, np.ndarray] = {}
        self.evidence: dict[str, Evidence] = {}
        self._scalings: dict[str, Scaling] = {}
        self._sets: dict[str, Fitted] = {}
        self._chances: dict[tuple[str, bytes], Chance] = {}

    def group(self, name: str) -> np.ndarray:
        """Members of a group; groups it rests on are counted first.

        Raises
        ------
        MissingInput
            Names the quantity or group that is not there.
        """
        if name in self.projected.events:
            return self.projected.events[name]
        if name not in self.groups:
            entry = self._entry(name)
            if entry.sum:
                self.groups[name] = _weighted(entry, {g: self.group(g) for g in entry.sum})
                self._note_sum(entry)
            else:
                self.groups[name] = self.count(self.rule_of(entry), entry.base, group=name)
        return self.groups[name]

    def rule_of(self, entry: GroupDefinition) -> Rule:
        """The rule by which a group is counted in this run: its own, or the one for runs without relatives.

        Raises
        ------
        MissingInput
            The run has no relatives, and the group no other rule.
        """
        if self.projected.kin is not None or not entry.asks_kin:
            return entry
        if entry.without_kin is None:
            raise MissingInput(KIN)
        return entry.without_kin

    def uses_kin(self, rule: Rule) -> bool:
        """Whether relatives decide, in the rule or in a group it rests on, as this run counts it."""
        if rule.where.asks_kin or (isinstance(rule, GroupDefinition) and rule.asks_kin):
            return True
        named = [name for name in named_groups(rule) if name not in self.projected.events]
        return any(self.uses_kin(self.rule_of(self._entry(name))) for name in named)

    def count(self, rule: Rule, base: str = "resident", group: str = "", name: str = "") -> np.ndarray:
        """Count by a rule; (time, residence, draw). Units are counted in the first residence.

        Parameters
        ----------
        rule : cells, shares and what they are scaled to
        base : `resident`, or `hukou` for the registered
        group : id of the group that the rule is of, under which its scaling and evidence are kept
        name : of another count, under which the factors of its persons stand
        """
        times = self.projected.grid.times
        if rule.units is None and not rule.of:
            out = self._cells(rule, base, group, name or group)
        else:
            if rule.units is not None:
                out = np.zeros((times.size, len(self.projected.grid.residences), self.draws.size))
                out[:, 0] = self.quantities.units(rule.units)
            else:
                paths = [self.quantities.path(factor)[:, None] for factor in rule.times]
                out = reduce(np.multiply, paths, self.group(rule.of))
            out = out / rule.per
            if rule.level:
                out = out * to_total(self.quantities, rule.level, out, None, rule.where.age).rate
        return out if rule.grow is None else np.asarray(out * self._growth(rule.grow)[:, None])

    def _growth(self, grow: Growth) -> np.ndarray:
        """Factor of a count by year; (time, draw)."""
        times = self.projected.grid.times
        years = np.clip(times, grow.since, grow.until or times[-1]) - grow.since
        return np.asarray((1.0 + self.quantities.path(grow.rate)[:1]) ** years[:, None])

    def _cells(self, rule: Rule, base: str, group: str, name: str) -> np.ndarray:
        """People of the cells of a rule, scaled to what is known of them."""
        ages = self.cells.ages(rule.where)
        kin = self.uses_kin(rule)
        away = not (rule.where.residence or rule.where.registered)

        def size(chance: Chance, part: str = "") -> np.ndarray:
            if not kin:
                return self.sizes.by_cells(chance, ages, base)
            own = f"{name}{part}" if name else ""
            return self.sizes.by_relatives(chance, ages, base, away, own)

        counted = self._members(rule, ages, size)
        out = counted
        known: Mapping[int, np.ndarray] = {}
        if isinstance(rule, GroupDefinition) and rule.match is not None:
            related = self.cells.related(rule.where, ages)
            candidates = [self.cells.weight(rule, ages), *([] if related is None else [related])]
            counted = size(all_of(candidates), " candidates")
            known = self._set(rule).known[rule.id]
        elif rule.level:
            open_to = size(self.cells.weight(rule, ages), " everyone") if kin else None
            opening = self.opening.get(group)
            if opening is not None and rule.grow is not None:
                opening = opening / self._growth(rule.grow)[0]
            scaling = to_total(self.quantities, rule.level, counted, open_to, rule.where.age, opening)
            out, known = counted * scaling.rate, scaling.known
            if open_to is not None and scaling.unseen is not None:
                out = out + open_to * scaling.unseen
            if group:
                self._scalings[group] = scaling
        if group and kin:
            self.evidence[group] = Evidence(counted, known)
        return np.asarray(out)

    def _members(self, rule: Rule, ages: np.ndarray, size: Callable[..., np.ndarray]) -> np.ndarray:
        """People of a rule before they are scaled; of a union that takes whole levels, all but those in none of it."""
        rest, none = self._factors(rule, ages)
        if none is None:
            return size(all_of(rest))
        if none.levels is None:
            return size(all_of([*rest, complement(none)]))
        return np.asarray(size(all_of(rest), " all") - size(all_of([*rest, none]), " none"))

    def how(self, name: str) -> tuple[str, str]:
        """How a group is counted in this run: a code of `group_rule`, and for the registered `bridge` or `persons`."""
        entry = self._entry(name)
        rule = self.rule_of(entry)
        kin = self.uses_kin(rule)
        by = "" if entry.base == "resident" else "persons" if kin else "bridge"
        if entry.sum:
            parts = {self.how(g)[1] for g in entry.sum}
            return "sum", parts.pop() if len(parts) == 1 else "mixed"
        if rule.of:
            return "within", by
        if rule.level and self.draws.quantities[rule.level[0].of].unit.startswith("share"):
            return "rate", by
        if rule.level or (isinstance(rule, GroupDefinition) and rule.match is not None):
            return ("kin_known" if kin else "known"), by
        if isinstance(rule, GroupDefinition) and rule.union:
            return "union", by
        shares = bool(rule.times or rule.over or rule.within or rule.without)
        return ("kin_share" if shares else "kin") if kin else ("share" if shares else "cells"), by

    def _note_sum(self, entry: GroupDefinition) -> None:
        """Keep the evidence of a sum whose parts all have some."""
        parts = {g: self.evidence[g] for g in entry.sum if g in self.evidence}
        if len(parts) == len(entry.sum):
            years = sorted(set.intersection(*(set(part.known) for part in parts.values())))
            known = {y: _weighted(entry, {g: part.known[y] for g, part in parts.items()}) for y in years}
            candidates = _weighted(entry, {g: part.candidates for g, part in parts.items()})
            self.evidence[entry.id] = Evidence(candidates, known)

    def _entry(self, name: str) -> GroupDefinition:
        if name not in self.catalog:
            raise MissingInput(f"populations/{name}")
        return self.catalog[name]

    def chance(self, name: str, ages: np.ndarray) -> Chance:
        """Chance of membership in a group at some ages, by cell and class of family.

        Parameters
        ----------
        ages : bool (age,)

        Raises
        ------
        MissingInput
            Names the quantity or group that is not there.
        """
        key = (name, ages.tobytes())
        if key not in self._chances:
            self.group(name)
            entry = self._entry(name)
            if entry.sum:
                parts = [each([self.chance(g, ages).whole()], partial(np.multiply, w)) for g, w in entry.sum.items()]
                self._chances[key] = each(parts, lambda *arrays: np.asarray(reduce(np.add, arrays)))
            else:
                self._chances[key] = self._scaled(self.rule_of(entry), name, ages)
        return self._chances[key]

    def _scaled(self, rule: Rule, name: str, ages: np.ndarray) -> Chance:
        """Chance by a rule with the rate it is scaled by."""
        same = self.cells.classes
        if rule.of:
            paths = [on_axes(self.quantities.path(factor), "time", "draw") for factor in rule.times]
            return all_of([self.chance(rule.of, ages), *(Chance.same(path, same) for path in paths)])
        chance = self._chance(rule, ages)
        scaling = self._scalings.get(name)
        if scaling is None:
            return chance
        chance = all_of([chance, Chance.same(on_axes(scaling.rate, "time", "residence", "draw"), same)])
        if scaling.unseen is None:
            return chance
        unseen = Chance.same(on_axes(scaling.unseen, "time", "residence", "draw"), same)
        return each([chance.whole(), all_of([self.cells.weight(rule, ages), unseen]).whole()], np.add)

    def _chance(self, rule: Rule, ages: np.ndarray) -> Chance:
        """Chance by a rule before it is scaled to what is known."""
        rest, none = self._factors(rule, ages)
        return all_of(rest if none is None else [*rest, complement(none)])

    def _factors(self, rule: Rule, ages: np.ndarray) -> tuple[list[Chance], Chance | None]:
        """What has to hold for a member, and where there is a union, the chance to be in none of its parts."""
        found = [self.cells.weight(rule, ages)]
        related = self.cells.related(rule.where, ages)
        if isinstance(rule, GroupDefinition) and rule.match is not None:
            fitted = self._set(rule)
            arrays = [on_axes(values, "time", "age", "draw") for values in fitted.chances(rule.id, ages)]
            found.append(Chance(tuple(arrays[pattern] for pattern in fitted.patterns)))
        elif related is not None:
            found.append(related)
        found += [self.chance(name, ages) for name in rule.within]
        if rule.without:
            found.append(none_of([self.chance(name, ages) for name in rule.without]))
        if not isinstance(rule, GroupDefinition) or not rule.union:
            return found, None
        parts = [self.chance(i, ages) if isinstance(i, str) else self._chance(i, ages) for i in rule.union]
        return found, none_of(parts)

    def _set(self, entry: GroupDefinition) -> Fitted:
        """The exclusive groups that a group is one of, fitted to their shares by age in the base year."""
        key = entry.one_of or f"only {entry.id}"
        if key not in self._sets:
            together = [e for e in self.catalog.values() if entry.one_of and e.one_of == entry.one_of] or [entry]
            self._sets[key] = self._fit(together)
        return self._sets[key]

    def _fit(self, together: Sequence[GroupDefinition]) -> Fitted:
        first, grid = together[0], self.projected.grid
        ages = self.cells.ages(first.where)
        weight = self.cells.weight(first, ages)
        away = not (first.where.residence or first.where.registered)

        name = first.one_of or first.id

        def people(chances: list[Chance], part: str) -> np.ndarray:
            own = f"{name} {part}"
            return self.sizes.by_relatives(all_of(chances), ages, first.base, away, own, by_age=True).sum(axis=1)

        allowed = [self.cells.related(entry.where, ages) for entry in together]
        by_class = [
            tuple(related is not None and bool(related.arrays[i].any()) for related in allowed)
            for i in range(self.cells.classes)
        ]
        distinct = list(dict.fromkeys(by_class))
        yes, no = (np.full((1,) * 6, value) for value in (1.0, 0.0))
        open_to = [
            people([weight, Chance(tuple(yes if own == pattern else no for own in by_class))], f"open {i}")
            for i, pattern in enumerate(distinct)
        ]
        shares = [entry.match for entry in together if entry.match is not None]
        wanted = [
            people([weight, Chance.same(self.quantities.on_cells(f, ages), self.cells.classes)], f"wanted {i}")
            for i, f in enumerate(shares)
        ]
        rows = [row for f in shares for row in self.quantities.sampled(f.of).rows if f.name in ("", row.name)]
        years, index = dated_places(sorted({row.year for row in rows if row.year is not None}), grid.times)
        starts = sorted({parse_age(row.age)[0] for row in rows if row.age} | {int(np.flatnonzero(ages)[0])})
        group = np.searchsorted(starts, np.flatnonzero(ages), side="right")
        weights = np.zeros((len(together) + 1, len(years), grid.ages, self.draws.size))
        for number in np.unique(group):
            inside = group == number
            have, want = (np.stack([x[index][:, inside].sum(axis=1) for x in xs]) for xs in (open_to, wanted))
            fitted = fit_weights(have, np.array(distinct).T, want)
            weights[:, :, np.flatnonzero(ages)[inside]] = fitted[:, :, None]
        over_time = np.stack([by_year(years, member, grid.times) for member in weights])
        known = {
            entry.id: dict(zip(years, want[index].sum(axis=1), strict=True))
            for entry, want in zip(together, wanted, strict=True)
        }
        patterns = tuple(distinct.index(own) for own in by_class)
        return Fitted(tuple(e.id for e in together), patterns, np.array(distinct).T, over_time, known)


def _weighted(entry: GroupDefinition, parts: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.asarray(np.sum([weight * parts[g] for g, weight in entry.sum.items()], axis=0))
