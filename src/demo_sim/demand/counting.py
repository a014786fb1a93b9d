"""Counting: cells of the population times declared shares, scaled to a known total, grown.

Groups and needs are both counted by this one rule; a new one is a YAML file and never touches code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from demo_sim.demography.ages import age_mask, parse_age
from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.inputs.grid import SEXES, Grid, by_year
from demo_sim.scenario.entries import FactorSpec, Population, Rule

LEVELS = ("intact", "mild", "moderate", "severe", "total")
FUNCTION_FROM = 60


class MissingInput(KeyError):
    """A rule asks for a quantity, group or attribute that the scenario does not have."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True)
class Projected:
    """The projected population a rule is applied to.

    Attributes
    ----------
    persons : (time, residence, sex, age, draw)
    shares : (time, residence, sex, age from 60, function, draw), shares of functional levels, or None
    grid : coordinates
    bridge : (age, draw), registered persons per resident, or None
    """

    persons: np.ndarray
    shares: np.ndarray | None
    grid: Grid
    bridge: np.ndarray | None


class Counter:
    """Applies rules to a projected population; counts are (time, residence, draw)."""

    def __init__(self, projected: Projected, draws: Draws) -> None:
        self.projected = projected
        self.draws = draws
        self.groups: dict[str, np.ndarray] = {}
        self._both_sexes = projected.persons.sum(axis=2, keepdims=True)

    def group(self, entry: Population, catalog: Mapping[str, Population]) -> np.ndarray:
        """Members of a group; groups it rests on are counted first.

        Raises
        ------
        MissingInput
            Names the quantity or group that is not there.
        """
        if entry.id not in self.groups:
            for other in [*entry.sum, *([entry.of] if entry.of else [])]:
                if other not in catalog:
                    raise MissingInput(f"populations/{other}")
                self.group(catalog[other], catalog)
            if entry.sum:
                parts = [weight * self.groups[name] for name, weight in entry.sum.items()]
                self.groups[entry.id] = np.sum(parts, axis=0)
            else:
                self.groups[entry.id] = self.count(entry, entry.base)
        return self.groups[entry.id]

    def count(self, rule: Rule, base: str = "resident") -> np.ndarray:
        """Count by a rule; (time, residence, draw). Units are counted in the first residence."""
        times = self.projected.grid.times
        if rule.units is not None:
            total = self._units(rule.units)
            out = np.zeros((times.size, len(self.projected.grid.residences), self.draws.size))
            out[:, 0] = total
            raw = out
        elif rule.of:
            raw = self.groups[rule.of]
            for factor in rule.times:
                raw = raw * self._path(factor)[:, None]
        else:
            raw = self._cells(rule, base)
        raw = raw / rule.per
        if rule.level:
            raw = self._calibrate(raw, rule.level)
        if rule.grow is not None:
            until = rule.grow.until or times[-1]
            years = np.clip(times, rule.grow.since, until) - rule.grow.since
            raw = raw * ((1.0 + self._path(rule.grow.rate)[:1]) ** years[:, None])[:, None]
        return raw

    def _path(self, factor: FactorSpec) -> np.ndarray:
        """A quantity by year; (time, draw)."""
        sampled = self._sampled(factor.of)
        try:
            out = sampled.series(
                self.projected.grid.times, name=factor.name, level=factor.level, age=factor.age
            )
        except KeyError as error:
            raise MissingInput(str(error.args[0])) from None
        return 1.0 - out if factor.complement else out

    def _units(self, factor: FactorSpec) -> np.ndarray:
        """Units by year; (time, draw). All kinds of unit together where the rule names none."""
        kinds = [] if factor.name else self._sampled(factor.of).distinct("name")
        if not kinds:
            return self._path(factor)
        parts = [self._path(factor.model_copy(update={"name": kind})) for kind in kinds]
        return np.asarray(np.sum(parts, axis=0))

    def _sampled(self, path: str) -> Sampled:
        if path not in self.draws:
            raise MissingInput(path)
        return self.draws[path]

    def _cells(self, rule: Rule, base: str) -> np.ndarray:
        p, where = self.projected, rule.where
        grid = p.grid
        group = parse_age(where.age) if where.age else (0, None)
        ages = age_mask(group, grid.ages)
        weights = [self._weight(f, grid, ages) for f in rule.times]
        weights += [1.0 / self._weight(f, grid, ages) for f in rule.over]
        if base == "hukou":
            if p.bridge is None:
                raise MissingInput("groups.hukou_per_resident")
            weights.append(p.bridge[ages][None, None, None, :, None, :])
        weight = np.ones((1, 1, 1, 1, 1, 1))
        for w in weights:
            weight = weight * w
        if np.isnan(weight).any():
            raise MissingInput(
                f"{' × '.join(f.of for f in (*rule.times, *rule.over))}: {where.age or 'all ages'}"
            )
        by_sex = weight.shape[2] > 1 or bool(where.sex)
        by_level = weight.shape[4] > 1 or bool(where.function)
        if by_level and p.shares is None:
            raise MissingInput("function.prevalence")
        if by_level and not np.flatnonzero(ages)[0] >= FUNCTION_FROM:
            raise MissingInput(f"function: {where.age or 'all ages'} (levels exist from age 60)")
        if by_level:
            assert p.shares is not None
            old = ages[FUNCTION_FROM:]
            levels = [LEVELS.index(name) for name in where.function] or list(range(len(LEVELS)))
            if weight.shape[4] > 1:
                weight = weight[:, :, :, :, levels]
            # shares[t, r, s, age, level, draw] × weight summed over level, then × persons
            weight = (p.shares[:, :, :, old][:, :, :, :, levels] * weight).sum(axis=4)
            by_sex = True
        else:
            weight = weight[:, :, :, :, 0]
        persons = (p.persons if by_sex else self._both_sexes)[:, :, :, ages]
        if where.sex:
            persons = persons[:, :, [SEXES.index(where.sex)]]
            weight = weight[:, :, [SEXES.index(where.sex)]] if weight.shape[2] > 1 else weight
        out = np.einsum("trsxd,trsxd->trd", persons, np.broadcast_to(weight, persons.shape))
        if where.residence:
            if where.residence not in grid.residences:
                raise MissingInput("urbanisation.urban_share")
            keep = np.array([r == where.residence for r in grid.residences])
            out = out * keep[None, :, None]
        return np.asarray(out)

    def _weight(self, factor: FactorSpec, grid: Grid, ages: np.ndarray) -> np.ndarray:
        """A quantity on the axes (time, residence, sex, age, function, draw), length 1 where it does not differ."""
        sampled = self._sampled(factor.of)
        fixed = {"name": factor.name} if factor.name else {}
        if factor.level:
            fixed["level"] = factor.level
        if factor.age:
            fixed["age"] = factor.age
        rows = [row for row in sampled.rows if all(getattr(row, k) == v for k, v in fixed.items())]
        if not fixed.get("name"):
            rows = [row for row in rows if not row.name] or rows
        used = {
            k
            for k in ("residence", "sex", "age", "level")
            if k not in fixed and any(getattr(r, k) for r in rows)
        }
        residences = [r if "residence" in used else "" for r in grid.residences][
            : None if "residence" in used else 1
        ]
        sexes = list(SEXES) if "sex" in used else [""]
        levels = list(LEVELS) if "level" in used else [""]
        labels = (
            sorted({r.age for r in rows if r.age}, key=lambda a: parse_age(a)[0]) if "age" in used else [""]
        )
        times = grid.times if any(r.year is not None for r in rows) else grid.times[:1]
        width = int(ages.sum()) if "age" in used else 1
        out = np.full((times.size, len(residences), len(sexes), width, len(levels), self.draws.size), np.nan)
        try:
            for i, residence in enumerate(residences):
                for j, sex in enumerate(sexes):
                    for k, level in enumerate(levels):
                        for label in labels:
                            keys = {"residence": residence, "sex": sex, "level": level, "age": label} | fixed
                            values = sampled.series(times, **keys)
                            inside = age_mask(parse_age(label), grid.ages)[ages] if label else slice(None)
                            out[:, i, j, inside, k] = values[:, None, :]
        except KeyError as error:
            raise MissingInput(str(error.args[0])) from None
        return 1.0 - out if factor.complement else out

    def _calibrate(self, raw: np.ndarray, level: tuple[FactorSpec, ...]) -> np.ndarray:
        """Scale counts to known totals: the rate at each dated total, linear between, held outside."""
        times = self.projected.grid.times
        first = self._sampled(level[0].of)
        residences = first.distinct("residence")
        keys = {"name": level[0].name} if level[0].name else {}
        if residences and list(self.projected.grid.residences) != ["urban", "rural"]:
            raise MissingInput("urbanisation.urban_share")
        share = np.ones((times.size, self.draws.size))
        for factor in level[1:]:
            share = share * self._path(factor)
        out = np.empty_like(raw)
        if not residences:
            return raw * self._rate(first, keys, raw.sum(axis=1), share)[:, None]
        for r, residence in enumerate(self.projected.grid.residences):
            rate = self._rate(first, keys | {"residence": residence}, raw[:, r], share)
            out[:, r] = raw[:, r] * rate
        return out

    def _rate(
        self, level: Sampled, keys: dict[str, str], counted: np.ndarray, share: np.ndarray
    ) -> np.ndarray:
        """Known total over count at the dated totals, linear between, held outside; (time, draw)."""
        times = self.projected.grid.times
        known = [y for y in level.years(**keys) if times[0] <= y <= times[-1]] or [int(times[0])]
        index = np.searchsorted(times, known)
        rate = level.series(np.array(known), **keys) * share[index] / counted[index]
        return by_year(known, rate, times)
