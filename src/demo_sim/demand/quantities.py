"""Quantities of the scenario as a rule reads them: by year, or on the axes of the cells."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from demo_sim.demography.ages import age_mask, parse_age
from demo_sim.demography.function import FIRST_AGE
from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.inputs.grid import SEXES, Grid
from demo_sim.scenario.entries import FactorSpec
from demo_sim.vocab import FUNCTIONS


class MissingInput(KeyError):
    """A rule asks for a quantity, group or attribute that the scenario does not have."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Quantities:
    """Drawn quantities on the years, residences, sexes, ages and levels of a run."""

    def __init__(self, draws: Draws, grid: Grid, conditions: Mapping[str, np.ndarray] = MappingProxyType({})) -> None:
        self.draws = draws
        self.grid = grid
        self.conditions = conditions  # (time, residence, sex, age from 60, draw), in place of the stated shares

    def sampled(self, path: str) -> Sampled:
        """A quantity with its draws; MissingInput where the scenario has none of this path."""
        if path not in self.draws:
            raise MissingInput(path)
        return self.draws[path]

    def path(self, factor: FactorSpec) -> np.ndarray:
        """A quantity by year; (time, draw)."""
        try:
            out = self.sampled(factor.of).series(self.grid.times, name=factor.name, level=factor.level, age=factor.age)
        except MissingInput:
            raise
        except KeyError as error:
            raise MissingInput(str(error.args[0])) from None
        return 1.0 - out if factor.complement else out

    def units(self, factor: FactorSpec) -> np.ndarray:
        """Units by year; (time, draw). All kinds of unit together where the rule names none."""
        kinds = [] if factor.name else self.sampled(factor.of).distinct("name")
        if not kinds:
            return self.path(factor)
        parts = [self.path(factor.model_copy(update={"name": kind})) for kind in kinds]
        return np.asarray(np.sum(parts, axis=0))

    def on_cells(self, factor: FactorSpec, ages: np.ndarray) -> np.ndarray:
        """A quantity on the axes (time, residence, sex, age, level, draw), length 1 where it does not differ.

        Parameters
        ----------
        ages : bool, the ages asked for; those that no row holds for are NaN
        """
        if factor.of in self.conditions:
            followed = self.conditions[factor.of]
            out = np.full((*followed.shape[:3], ages.size, 1, self.draws.size), np.nan)
            out[:, :, :, FIRST_AGE:, 0] = followed
            out = out[:, :, :, ages]
            return 1.0 - out if factor.complement else out
        sampled, grid = self.sampled(factor.of), self.grid
        fixed = {"name": factor.name} if factor.name else {}
        if factor.level:
            fixed["level"] = factor.level
        if factor.age:
            fixed["age"] = factor.age
        rows = [row for row in sampled.rows if all(getattr(row, k) == v for k, v in fixed.items())]
        if not fixed.get("name"):
            rows = [row for row in rows if not row.name] or rows
        used = {k for k in ("residence", "sex", "age", "level") if k not in fixed and any(getattr(r, k) for r in rows)}
        residences = list(grid.residences) if "residence" in used else [""]
        sexes = list(SEXES) if "sex" in used else [""]
        levels = list(FUNCTIONS) if "level" in used else [""]
        labels = sorted({r.age for r in rows if r.age}, key=lambda a: parse_age(a)[0]) if "age" in used else [""]
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
