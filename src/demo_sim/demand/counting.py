"""Counting: cells of the population times chances of membership, scaled to what is known, grown.

Groups and needs are both counted by this one rule; a new one is a YAML file and never touches code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np

from demo_sim.demand.kin_counts import KinCounts, shrink
from demo_sim.demand.membership import KIN, Cells, Chance, all_of, any_of, each, none_of, on_axes
from demo_sim.demand.quantities import MissingInput, Quantities
from demo_sim.demography.ages import age_mask, parse_age
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.grid import Grid, by_year
from demo_sim.scenario.entries import FactorSpec, Population, Rule

FUNCTION_FROM = 60
BRIDGE = "groups.hukou_per_resident"
NONLOCAL = "groups.hukou_nonlocal"


@dataclass(frozen=True)
class Projected:
    """The projected population a rule is applied to.

    Attributes
    ----------
    persons : (time, residence, sex, age, draw)
    shares : (time, residence, sex, age from 60, function, draw), shares of functional levels, or None
    grid : coordinates
    bridge : (age, draw), registered persons per resident, or None
    kin : relatives of the persons, or None where the run does not follow them
    """

    persons: np.ndarray
    shares: np.ndarray | None
    grid: Grid
    bridge: np.ndarray | None
    kin: KinCounts | None = None


@dataclass(frozen=True)
class Evidence:
    """What relatives show of a group, beside the figure it is scaled to.

    Attributes
    ----------
    candidates : (time, residence, draw), people whose relatives satisfy the rule, each with the rule's own shares
    known : (draw,) by year-end, persons that the figure says there are
    """

    candidates: np.ndarray
    known: Mapping[int, np.ndarray]


@dataclass(frozen=True)
class _Scaling:
    """Members per candidate, and per person of the cells for those whom relatives do not show.

    Either (time, residence or 1, draw), or by age (time, age, draw) with nobody beyond the candidates.
    """

    rate: np.ndarray
    unseen: np.ndarray | None


class Counter:
    """Applies rules to a projected population; counts are (time, residence, draw)."""

    def __init__(self, projected: Projected, draws: Draws, catalog: Mapping[str, Population]) -> None:
        self.projected = projected
        self.draws = draws
        self.catalog = catalog
        self.quantities = Quantities(draws, projected.grid)
        self.cells = Cells(self.quantities, projected.shares is not None, projected.kin)
        self.groups: dict[str, np.ndarray] = {}
        self.evidence: dict[str, Evidence] = {}
        self._scalings: dict[str, _Scaling] = {}
        self._chances: dict[tuple[str, bytes], Chance] = {}
        self._both_sexes = projected.persons.sum(axis=2, keepdims=True)

    def group(self, name: str) -> np.ndarray:
        """Members of a group; groups it rests on are counted first.

        Raises
        ------
        MissingInput
            Names the quantity or group that is not there.
        """
        if name not in self.groups:
            entry = self._entry(name)
            for other in [*entry.sum, *([entry.of] if entry.of else [])]:
                self.group(other)
            if entry.sum:
                self.groups[name] = self._weighted({g: self.groups[g] for g in entry.sum}, entry)
                if all(g in self.evidence for g in entry.sum):
                    self.evidence[name] = self._joint_evidence(entry)
            else:
                self.groups[name] = self.count(self.rule_of(entry), entry.base, name)
        return self.groups[name]

    def rule_of(self, entry: Population) -> Rule:
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
        if rule.where.asks_kin or isinstance(rule, Population) and rule.asks_kin:
            return True
        return any(self.uses_kin(self.rule_of(self._entry(name))) for name in _named(rule))

    def count(self, rule: Rule, base: str = "resident", name: str = "") -> np.ndarray:
        """Count by a rule; (time, residence, draw). Units are counted in the first residence.

        Parameters
        ----------
        rule : cells, shares and what they are scaled to
        base : `resident`, or `hukou` for the registered
        name : id of the group that the rule is of, under which its scaling is kept
        """
        if rule.units is not None:
            raw = np.zeros((self.projected.grid.times.size, len(self.projected.grid.residences), self.draws.size))
            raw[:, 0] = self.quantities.units(rule.units) / rule.per
        elif rule.of:
            paths = [self.quantities.path(factor)[:, None] for factor in rule.times]
            raw = reduce(np.multiply, paths, self.group(rule.of)) / rule.per
        else:
            return self._grown(self._cells(rule, base, name), rule)
        if rule.level:
            raw = raw * self._to_total(rule, raw, None, {})[0]
        return self._grown(raw, rule)

    def _grown(self, raw: np.ndarray, rule: Rule) -> np.ndarray:
        if rule.grow is None:
            return raw
        times = self.projected.grid.times
        years = np.clip(times, rule.grow.since, rule.grow.until or times[-1]) - rule.grow.since
        return np.asarray(raw * ((1.0 + self.quantities.path(rule.grow.rate)[:1]) ** years[:, None])[:, None])

    def _entry(self, name: str) -> Population:
        if name not in self.catalog:
            raise MissingInput(f"populations/{name}")
        return self.catalog[name]

    def _weighted(self, parts: Mapping[str, np.ndarray], entry: Population) -> np.ndarray:
        return np.asarray(np.sum([weight * parts[g] for g, weight in entry.sum.items()], axis=0))

    def _joint_evidence(self, entry: Population) -> Evidence:
        parts = {g: self.evidence[g] for g in entry.sum}
        years = set.intersection(*(set(part.known) for part in parts.values()))
        return Evidence(
            self._weighted({g: part.candidates for g, part in parts.items()}, entry),
            {y: self._weighted({g: part.known[y] for g, part in parts.items()}, entry) for y in sorted(years)},
        )

    # sizes

    def _cells(self, rule: Rule, base: str, name: str) -> np.ndarray:
        """People of the cells of a rule, scaled to what is known of them."""
        ages = self.cells.ages(rule.where)
        kin = self.uses_kin(rule)
        chance = self._chance(rule, ages)
        raw = self._size(chance, rule, base, kin)
        if not rule.level and rule.match is None:
            if kin and name:
                self.evidence[name] = Evidence(raw.sum(axis=2), {})
            return np.asarray(raw.sum(axis=2))
        known: dict[int, np.ndarray] = {}
        if rule.match is not None:
            weight = [self.cells.weight(rule, ages) * self.quantities.on_cells(rule.match, ages)]
            wanted = self._size(weight * self.cells.classes, rule, base, kin)
            rate = self._to_share(rule.match, ages, raw, wanted, known)
            scaling = _Scaling(rate, None)
            out = (raw * rate[:, None, ages]).sum(axis=2)
        else:
            counted = raw.sum(axis=2)
            open_to = None
            if kin:
                everyone = [self.cells.weight(rule, ages)] * self.cells.classes
                open_to = self._size(everyone, rule, base, kin).sum(axis=2)
            rates, unseen = self._to_total(rule, counted, open_to, known)
            scaling = _Scaling(rates, unseen)
            out = counted * rates
            if open_to is not None and unseen is not None:
                out = out + open_to * unseen
        if name:
            self._scalings[name] = scaling
            if kin:
                self.evidence[name] = Evidence(raw.sum(axis=2), known)
        return np.asarray(out)

    def _size(self, chance: Chance, rule: Rule, base: str, kin: bool) -> np.ndarray:
        """People with a chance of membership; (time, residence, age, draw)."""
        p, ages = self.projected, self.cells.ages(rule.where)
        if not kin:
            return self._people(chance[0], ages, self._registered(ages) if base == "hukou" else None)
        assert p.kin is not None
        local = None
        if base == "hukou":
            local = 1.0 - self.quantities.on_cells(FactorSpec(of=NONLOCAL), ages)[:, :, :, :, 0]
        levels = any(part.shape[4] > 1 for part in chance)
        here = slice(0, len(p.grid.residences))
        several = self.draws.size > 1 and p.kin.draws > 1
        mean, off, square = np.zeros((3, p.grid.times.size, len(p.grid.residences), int(ages.sum()), self.draws.size))
        for i, part in enumerate(chance):
            if not part.any():
                continue
            share = p.kin.pooled(i, levels, ages)[:, here]
            mean += self._people(share * part, ages, local)
            if several:
                off += self._people(p.kin.deviation(i, levels, ages)[:, here] * part, ages, local)
                square += self._people(share * part**2, ages, local)
        out = mean + off * self._shrink_shares(mean, off, square, ages, local) if several else mean
        if base == "hukou" and not (rule.where.residence or rule.where.registered):
            out = self._with_away(out, chance, ages)
        return np.asarray(out)

    def _shrink_shares(
        self, mean: np.ndarray, off: np.ndarray, square: np.ndarray, ages: np.ndarray, local: np.ndarray | None
    ) -> float:
        """Factor on what chance among agents adds to a group; arrays (time, residence, age, draw)."""
        kin = self.projected.kin
        assert kin is not None
        everyone = self._people(np.ones((1,) * 6), ages, local).sum(axis=(1, 2))
        here = kin.everyone[:, : len(self.projected.grid.residences)][:, :, :, ages].sum(axis=(1, 2, 3, 4))
        first = mean.sum(axis=(1, 2)) / everyone
        chance = (square.sum(axis=(1, 2)) / everyone - first**2) / np.maximum(here, 1)
        return shrink(off.sum(axis=(1, 2)) / everyone, chance.mean(axis=-1), kin.scale)

    def _with_away(self, residents: np.ndarray, chance: Chance, ages: np.ndarray) -> np.ndarray:
        """Registered people who live outside the region added, to the residences as the members there are."""
        kin = self.projected.kin
        assert kin is not None
        members, square = np.zeros((2, self.projected.grid.times.size, int(ages.sum()), self.draws.size))
        for i, part in enumerate(chance):
            # Levels are not assessed away: all are counted as intact. What differs by residence is about living here.
            own = part[:, :, :, :, 0].min(axis=1) if part.shape[1] > 1 else part[:, 0, :, :, 0]
            persons = kin.away(i, ages)
            members = members + (persons * own).sum(axis=1)
            square = square + (persons * own**2).sum(axis=1)
        if kin.draws > 1:
            total = members.sum(axis=1, keepdims=True)
            mean = total.mean(axis=-1, keepdims=True)
            factor = shrink(total[:, 0], kin.scale * square.sum(axis=1).mean(axis=-1), kin.scale)
            wanted = mean + factor * (total - mean)
            members = np.divide(members * wanted, total, out=np.zeros_like(members), where=total > 0.0)
        by_residence = residents.sum(axis=2, keepdims=True)
        whole = by_residence.sum(axis=1, keepdims=True)
        even = np.full_like(by_residence, 1.0 / by_residence.shape[1])
        part_of = np.divide(by_residence, whole, out=even, where=whole > 0.0)
        return np.asarray(residents + part_of * members[:, None])

    def _people(self, weight: np.ndarray, ages: np.ndarray, registered: np.ndarray | None) -> np.ndarray:
        """Persons times a weight on all axes; (time, residence, age, draw)."""
        p = self.projected
        by_sex = weight.shape[2] > 1
        if weight.shape[4] > 1:
            assert p.shares is not None
            old = ages[FUNCTION_FROM:]
            # shares[t, r, s, age, level, draw] × weight summed over level, then × persons
            weight = (p.shares[:, :, :, old] * weight).sum(axis=4)
            by_sex = True
        else:
            weight = weight[:, :, :, :, 0]
        if registered is not None:
            weight = weight * registered
        persons = (p.persons if by_sex else self._both_sexes)[:, :, :, ages]
        return np.einsum("trsxd,trsxd->trxd", persons, np.broadcast_to(weight, persons.shape))

    def _registered(self, ages: np.ndarray) -> np.ndarray:
        """Registered persons per resident; (1, 1, 1, age, draw)."""
        if self.projected.bridge is None:
            raise MissingInput(BRIDGE)
        return np.asarray(self.projected.bridge[ages][None, None, None])

    # chances

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
                parts = [[w * array for array in self.chance(g, ages)] for g, w in entry.sum.items()]
                self._chances[key] = each(parts, lambda *arrays: np.asarray(reduce(np.add, arrays)))
            else:
                self._chances[key] = self._scaled(self.rule_of(entry), name, ages)
        return self._chances[key]

    def _scaled(self, rule: Rule, name: str, ages: np.ndarray) -> Chance:
        """Chance by a rule with the rate it is scaled by."""
        if rule.of:
            paths = [on_axes(self.quantities.path(factor), "time", "draw") for factor in rule.times]
            return all_of([self.chance(rule.of, ages), *([path] * self.cells.classes for path in paths)])
        chance = self._chance(rule, ages)
        scaling = self._scalings.get(name)
        if scaling is None:
            return chance
        if rule.match is not None:
            rate = on_axes(scaling.rate[:, ages], "time", "age", "draw")
            return all_of([chance, [rate] * self.cells.classes])
        chance = all_of([chance, [on_axes(scaling.rate, "time", "residence", "draw")] * self.cells.classes])
        if scaling.unseen is None:
            return chance
        more = self.cells.weight(rule, ages) * on_axes(scaling.unseen, "time", "residence", "draw")
        return each([chance, [more] * self.cells.classes], np.add)

    def _chance(self, rule: Rule, ages: np.ndarray) -> Chance:
        """Chance by a rule before it is scaled to what is known."""
        found: list[Chance] = [[self.cells.weight(rule, ages)] * self.cells.classes]
        related = self.cells.related(rule.where, ages)
        if related is not None:
            found.append(related)
        found += [self.chance(name, ages) for name in rule.within]
        if rule.without:
            found.append(none_of([self.chance(name, ages) for name in rule.without]))
        if isinstance(rule, Population) and rule.union:
            found.append(
                any_of([self.chance(i, ages) if isinstance(i, str) else self._chance(i, ages) for i in rule.union])
            )
        return all_of(found)

    # what is known

    def _to_share(
        self, match: FactorSpec, ages: np.ndarray, counted: np.ndarray, wanted: np.ndarray, known: dict[int, np.ndarray]
    ) -> np.ndarray:
        """Wanted persons over candidates, by the age groups of a share, at most 1; (time, age, draw).

        Parameters
        ----------
        counted, wanted : (time, residence, age, draw), candidates, and persons times the share
        known : takes the persons wanted, by year
        """
        grid, sampled = self.projected.grid, self.quantities.sampled(match.of)
        keys = {k: getattr(match, k) for k in ("name", "level", "age") if getattr(match, k)}
        years = sorted({row.year for row in sampled.rows if row.year is not None and all(getattr(row, k) == v for k, v in keys.items())})
        dated, index = self._dated(years)
        have, want = counted.sum(axis=1)[index], wanted.sum(axis=1)[index]
        rate = np.zeros((len(dated), grid.ages, self.draws.size))
        labels = [] if match.age else sampled.distinct("age")
        for group in [parse_age(label) for label in labels] or [(0, None)]:
            inside = age_mask(group, grid.ages) & ages
            if inside.any():
                a, b = have[:, inside[ages]].sum(axis=1), want[:, inside[ages]].sum(axis=1)
                rate[:, inside] = np.divide(np.minimum(a, b), a, out=np.zeros_like(a), where=a > 0.0)[:, None]
        known.update(zip(dated, want.sum(axis=1), strict=True))
        return by_year(dated, rate, grid.times)

    def _to_total(
        self, rule: Rule, counted: np.ndarray, open_to: np.ndarray | None, known: dict[int, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Rates that scale counts to known totals; both (time, residence or 1, draw).

        Without relatives the count takes whatever rate meets the total. Candidates by relatives take at most 1, and
        what is left of the total is spread over all people of the cells: the model does not see these.
        Rates stand at the dated totals, linear between, held outside.

        Parameters
        ----------
        counted, open_to : (time, residence, draw), candidates and all people of the cells, or None
        known : takes the totals by year
        """
        first = self.quantities.sampled(rule.level[0].of)
        keys = {"name": rule.level[0].name} if rule.level[0].name else {}
        residences = first.distinct("residence")
        if residences and list(self.projected.grid.residences) != ["urban", "rural"]:
            raise MissingInput("urbanisation.urban_share")
        share = reduce(np.multiply, [self.quantities.path(f) for f in rule.level[1:]], np.ones((1, 1)))
        share = np.broadcast_to(share, (self.projected.grid.times.size, self.draws.size))
        if not residences:
            counted = counted.sum(axis=1, keepdims=True)
            open_to = None if open_to is None else open_to.sum(axis=1, keepdims=True)
        rates, unseen = [], []
        for r, residence in enumerate(self.projected.grid.residences if residences else ("",)):
            own = keys | ({"residence": residence} if residence else {})
            dated, index = self._dated(first.years(**own))
            total = first.series(np.array(dated), **own) * share[index]
            for year, value in zip(dated, total, strict=True):
                known[year] = known.get(year, 0.0) + value
            have = counted[index, r]
            if open_to is None:
                rates.append(by_year(dated, total / have, self.projected.grid.times))
                continue
            seen = np.minimum(total, have)
            rate = np.divide(seen, have, out=np.zeros_like(seen), where=have > 0.0)
            rates.append(by_year(dated, rate, self.projected.grid.times))
            unseen.append(by_year(dated, (total - seen) / open_to[index, r], self.projected.grid.times))
        return np.stack(rates, axis=1), np.stack(unseen, axis=1) if unseen else None

    def _dated(self, years: list[int]) -> tuple[list[int], np.ndarray]:
        """Years of the run that figures are dated to, the first one where there is none; and their places."""
        times = self.projected.grid.times
        dated = [y for y in years if times[0] <= y <= times[-1]] or [int(times[0])]
        return dated, np.searchsorted(times, dated)


def _named(rule: Rule) -> list[str]:
    """Groups that a rule names."""
    names = [*rule.within, *rule.without, *([rule.of] if rule.of else [])]
    if isinstance(rule, Population):
        names += [*rule.sum, *(item for item in rule.union if isinstance(item, str))]
    return names
