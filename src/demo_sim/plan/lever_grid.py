"""The amounts a year of a stock's levers at which figures are worked out, so that between them a straight line will do.

A lever that acts in a straight line needs two amounts. Others get as many as it takes; where a response bends too much
for that, as where no ordinary bed is left to convert, the range of the levers ends before.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.interpolate import interpn

from demo_sim.plan.requirements import SUPPLY
from demo_sim.supply.entry import Context
from demo_sim.supply.levers import Levered, moved

STRAIGHT = 1e-9  # of a stock: a lever whose response bends by less acts in a straight line
BENT, BETWEEN = 2e-3, 3e-3  # of a stock: what interpolation may be off along a lever, and anywhere in the range
SPREAD = 256  # points at which that is looked at: multiples of square roots of primes fill the range evenly
ROOTS = np.sqrt([2.0, 3.0, 5.0, 7.0])
MOST_CLOSED = 0.05  # of a stock, closed in a year beyond what the scenario closes
SOME = 0.05  # of a stock, a year: the least range of a lever
LEAST = 0.1  # of a stock: what is less is measured against this
STEPS = np.linspace(0.0, 1.0, 13) ** 2  # of a range, that are tried: closer together near nothing
MOST_POINTS = 600  # combinations of one stock
HALVINGS = 8  # of the range, where the response bends too much
FIRST = ("converted", "closed")  # whose range is halved first: they end where no bed is left to convert or to close
ROUND = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


class LeverGrid:
    """The levers of one stock that move what is asked, and their amounts.

    Parameters
    ----------
    made, context : as of `moved`
    series : (time,) of the run by name, at stated values
    names : series of the stock, by name after `supply.`, that figures are formed of
    years : indices of the year-ends of these figures
    widest : what the widest gap takes a year, in units of the stock

    Attributes
    ----------
    made : with the levers that move anything
    last : index of the last year in which more is done
    axes : amounts of each lever, from 0 on
    """

    def __init__(
        self,
        made: Levered,
        context: Context,
        series: Mapping[str, np.ndarray],
        names: Sequence[str],
        years: Sequence[int],
        widest: float,
    ) -> None:
        self.made, self.context, self.last = made, context, max(years)
        self._found: dict[bytes, dict[str, np.ndarray]] = {}
        self._names, self._years = list(names), list(years)
        own = series[f"{SUPPLY}{made.name}"]
        self._stock = max(float(np.abs(own[made.first :]).max()), 1.0)
        self._least = LEAST * self._stock
        widest = max(widest, SOME * self._stock)
        most = np.array([self._most(lever, widest, series) for lever in made.levers])
        for tried in range(HALVINGS):
            values = self._tried(most)
            steps = [_needed_steps(values[:, lever], self._least) for lever in range(most.size)]
            axes = [m * STEPS[s] for m, s in zip(most, steps, strict=True)]
            if np.prod([axis.size for axis in axes]) <= MOST_POINTS and self._between(axes) <= BETWEEN:
                break
            bent = [lever for lever, axis in zip(made.levers, axes, strict=True) if axis.size > 2]
            first = [lever for lever in bent if lever in FIRST] if tried < HALVINGS // 2 else []
            less = first or bent or list(made.levers)
            most = np.where(np.isin(made.levers, less), most / 2.0, most)
        moving = [float(np.ptp(values[:, lever], axis=-1).max()) > STRAIGHT * self._stock for lever in range(most.size)]
        kept = {lever for lever, moves in zip(made.levers, moving, strict=True) if moves}
        self.made = replace(made, settings=tuple(s if s.lever in kept else replace(s, lever="") for s in made.settings))
        self.axes = [axis for axis, moves in zip(axes, moving, strict=True) if moves]
        self._found.clear()

    def series(self, amounts: np.ndarray) -> dict[str, np.ndarray]:
        """Series of the stock by their name in the run; (time, combination)."""
        asked = amounts.tobytes()
        if asked not in self._found:  # figures of one stock share their combinations
            found = moved(self.made, self.context, amounts, self.last)
            self._found[asked] = {f"{SUPPLY}{name}": values for name, values in found.items()}
        return self._found[asked]

    def _most(self, lever: str, widest: float, series: Mapping[str, np.ndarray]) -> float:
        """The largest amount a year of a lever."""
        name = f"{SUPPLY}{self.made.name}"
        if lever == "closed":
            return MOST_CLOSED
        if lever == "converted":  # no more than there are to convert
            ordinary = (series[name] - series[f"{name}.nursing"])[self.made.first - 1]
            return _rounded_down(max(min(1.5 * widest, float(ordinary) / (self.last - self.made.first + 1)), 1.0))
        if lever == "trained":
            return _rounded_up(widest / max(self.passing, 0.01))
        return _rounded_up(widest)

    @property
    def passing(self) -> float:
        """Certificates that come of one training."""
        asked = (f"{SUPPLY}{self.made.name}.{key}" for key in ("to_certificate", "pass_rate"))
        return float(np.prod([self.context.draws[path].values[0, 0] for path in asked if path in self.context.draws]))

    @property
    def passes(self) -> bool:
        """Whether not every training gives a certificate."""
        return self.passing < 1.0

    def _at(self, amounts: np.ndarray) -> np.ndarray:
        """Series that are asked for, at the years that are; (series and year, combination)."""
        found = moved(self.made, self.context, amounts, self.last)
        return np.concatenate([found[name][self._years] for name in self._names])

    def _tried(self, most: np.ndarray) -> np.ndarray:
        """Each lever at every step, the others all or nothing; (series and year, lever, what the others do, step)."""
        corners = list(itertools.product((0.0, 1.0), repeat=most.size - 1))
        tried = [
            np.insert(np.array(corner), lever, step) * most
            for lever in range(most.size)
            for corner in corners
            for step in STEPS
        ]
        return self._at(np.array(tried)).reshape(-1, most.size, len(corners), STEPS.size)

    def _between(self, axes: Sequence[np.ndarray]) -> float:
        """How far interpolation is off at points spread over the whole range, as a part of the stock; the largest."""
        every = self._at(np.array(list(itertools.product(*axes)))).reshape(-1, *(axis.size for axis in axes))
        spread = (np.arange(1, SPREAD + 1)[:, None] * ROOTS[: len(axes)]) % 1.0 * [axis[-1] for axis in axes]
        line = interpn(axes, np.moveaxis(every, 0, -1), spread).T
        found = self._at(spread)
        return float((np.abs(found - line) / np.maximum(np.abs(found), self._least)).max())


def _needed_steps(values: np.ndarray, least: float) -> list[int]:
    """Steps between which a straight line is near enough; values lie along the last axis."""
    steps = [0, STEPS.size - 1]
    allowed = STRAIGHT
    while True:
        split = []
        for before, after in itertools.pairwise(steps):
            part = values[..., before : after + 1]
            at = STEPS[before : after + 1]
            weight = (at - at[0]) / (at[-1] - at[0])
            line = part[..., :1] * (1.0 - weight) + part[..., -1:] * weight
            room = np.maximum(np.abs(part), least)
            if (np.abs(part - line) > allowed * room).any() and after > before + 1:
                split.append((before + after) // 2)
        if not split:
            return steps
        steps = sorted([*steps, *split])
        allowed = BENT


def _rounded_up(value: float) -> float:
    """The next round number that is not less: 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15 ..."""
    ten = 10.0 ** np.floor(np.log10(value))
    return float(next(step * ten for step in ROUND if step * ten >= value * (1.0 - 1e-12)))


def _rounded_down(value: float) -> float:
    """The next round number that is not more."""
    ten = 10.0 ** np.floor(np.log10(value))
    return float(max(step * ten for step in ROUND if step * ten <= value * (1.0 + 1e-12)))
