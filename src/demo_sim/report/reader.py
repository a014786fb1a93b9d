"""Reads numbers from the results: every number of a report is made here, from the place it is traced to."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from demo_sim.report.tree import Number, Trace
from demo_sim.results.quantiles import DRAWS_FOR_QUANTILES
from demo_sim.results.rounding import largest_remainder, left
from demo_sim.results.subjects import by_subject
from demo_sim.vocab import kinds, label, label_or_code, unit_label

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from demo_sim.results import Results

_QUANTILES = {"q10": 0.1, "q90": 0.9}
_TABLES = ("target", "input", "outcome", "answer", "closing_row", "check", "kin_row", "part")
Made = TypeVar("Made")
AGE_SPANS = {
    "0-14": (0, 14),
    "15-59": (15, 59),
    "15-64": (15, 64),
    "60+": (60, 200),
    "65+": (65, 200),
    "80+": (80, 200),
}


class Reader:
    """The results of one run as numbers of a report.

    Parameters
    ----------
    results : a run
    lang : zh or en
    mask_below : persons and households below this are withheld, 0 for none
    others : runs that a trace may stand in beside this one, from number 1 on
    draws : of all runs at most so many draws are looked at, the first ones; None for all
    """

    def __init__(
        self,
        results: Results,
        lang: str = "zh",
        mask_below: int = 0,
        others: Sequence[Results] = (),
        draws: int | None = None,
    ) -> None:
        self.draws = results.draws if draws is None else min(draws, results.draws)
        self.others = [Reader(other, lang, mask_below, draws=draws) for other in others]
        self.results, self.lang, self.mask_below = results, lang, mask_below
        self._arrays: dict[str, xr.DataArray] = {}
        self._planes: dict[str, _Plane] = {}
        self._values: dict[Trace, float] = {}
        self._once: dict[Callable[[Reader], Any], Any] = {}
        self.targets: pd.DataFrame = results.targets
        self.inputs: pd.DataFrame = results.inputs
        self.outcomes: pd.DataFrame = results.outcomes
        summary = results.summary
        self.years: list[int] = [int(y) for y in summary["time"].values]
        self.first, self.last = self.years[0], self.years[-1]
        self.banded = self.draws >= DRAWS_FOR_QUANTILES
        self.residences = [str(r) for r in summary["residence"].values]

    def say(self, zh: str, en: str) -> str:
        """The text of the report's language."""
        return en if self.lang == "en" else zh

    @property
    def comma(self) -> str:
        """What stands between clauses."""
        return self.say("，", ", ")

    def has(self, path: str) -> bool:
        """Whether the run holds the array."""
        return path in self.results or (path == "population/summary" and "population/population" in self.results)

    def array(self, path: str) -> xr.DataArray:
        """An array of the run, opened once; what has draws has the run at stated values before them."""
        if path not in self._arrays:
            drawn = self.results.summary if path == "population/summary" else self.results.array(path)
            own = drawn if "draw" not in drawn.dims else self.results.spread(path)
            self._arrays[path] = own if own is drawn else own.isel(draw=slice(0, 1 + self.draws))
        return self._arrays[path]

    def table(self, group: str, dim: str) -> pd.DataFrame:
        """A table of the tree, one row a place along `dim`; empty where the run has none."""
        import pandas as pd

        if group not in self.results.tree.children:
            return pd.DataFrame()
        node: Any = self.results.tree[group]
        columns = {str(name): node.variables[name] for name in node.data_vars}
        return pd.DataFrame({name: v.values for name, v in columns.items() if v.dims == (dim,)})

    def once(self, make: Callable[[Reader], Made]) -> Made:
        """What a function makes of this reader, made when it is first asked for."""
        if make not in self._once:
            self._once[make] = make(self)
        made: Made = self._once[make]
        return made

    def attribute(self, key: str) -> Any:
        """An attribute of the run, decoded where it was kept as JSON; None where it has none."""
        return self.once(_attributes).get(key)

    def _plane(self, path: str) -> _Plane:
        if path not in self._planes:
            drawn = self.results.summary if path == "population/summary" else self.results.array(path)
            if "draw" in drawn.dims:
                central = self.results.central
                stated = central.summary if path == "population/summary" else central.array(path)
                drawn = drawn.transpose("draw", ...)
                self._planes[path] = _Plane(stated.transpose(*drawn.dims[1:]), drawn.values)
            else:
                self._planes[path] = _Plane(drawn)
        return self._planes[path]

    # -- values ------------------------------------------------------------------------------------------------------

    def series(self, trace: Trace, drawn: bool = True) -> np.ndarray:
        """The stated value and those of every draw, before the statistic; the first alone where none are `drawn`."""
        out = (self.others[trace.run - 1] if trace.run else self)._read(trace, drawn)
        if trace.minus is not None:
            out = out - self.series(trace.minus, drawn)
        if trace.over is not None:
            below = self.series(trace.over, drawn)
            out = np.divide(out, below, out=np.full_like(out, np.nan, dtype=float), where=below != 0)
        return out

    def _read(self, trace: Trace, drawn: bool) -> np.ndarray:
        """What a trace points to in this run, without what is taken off or divided by."""
        plane = self._plane(trace.path)
        chosen: list[Any] = [slice(None)] * len(plane.dims)
        for dim, wanted in trace.where:
            chosen[plane.dims.index(dim)] = plane.places(dim, wanted)
        stated = np.atleast_1d(np.sum(_part(plane.stated, chosen)))
        if plane.drawn is None or not drawn:
            return stated
        draws = _part(plane.drawn[: self.draws], [slice(None), *chosen])
        return np.concatenate([stated, draws.sum(axis=tuple(range(1, draws.ndim)), dtype=float)])

    def along(self, trace: Trace, dim: str, labels: Sequence[int]) -> np.ndarray:
        """A place at several labels of one more dimension: the stated values, then those of every draw."""
        plane = self._plane(trace.path)
        chosen: list[Any] = [slice(None)] * len(plane.dims)
        for named, wanted in (*trace.where, (dim, tuple(labels))):
            chosen[plane.dims.index(named)] = plane.places(named, wanted)
        left = [name for name, place in zip(plane.dims, chosen, strict=True) if isinstance(place, list | slice)]
        summed = tuple(i for i, name in enumerate(left) if name != dim)
        stated = _part(plane.stated, chosen).sum(axis=summed, dtype=float)[None]
        if plane.drawn is None:
            return stated
        drawn = _part(plane.drawn[: self.draws], [slice(None), *chosen])
        return np.concatenate([stated, drawn.sum(axis=tuple(i + 1 for i in summed), dtype=float)])

    def value(self, trace: Trace) -> float:
        """The number itself, unrounded; NaN where it is not known, and of a quantile of too few draws."""
        if trace not in self._values:
            self._values[trace] = self._statistic(trace)
        return self._values[trace]

    def _statistic(self, trace: Trace) -> float:
        if trace.statistic in ("value", "row"):
            return float(self.series(trace, drawn=False)[0])
        drawn = self.series(trace)[1:]
        if not self.banded or drawn.size < DRAWS_FOR_QUANTILES or np.isnan(drawn).any():
            return float("nan")
        return float(np.quantile(drawn, _QUANTILES[trace.statistic]))

    def number(self, trace: Trace, unit: str, digits: int | None = None, **how: Any) -> Number:
        """A number with its unit and rounding; `how` are further fields of `Number`."""
        return Number(self.value(trace), unit, digits, mask=self.mask_below, trace=trace, **how)

    def adding_up(self, traces: Sequence[Trace], unit: str, digits: int, scale: float) -> list[Number]:
        """Parts of one total as bare numbers of a table, rounded so that they add up to the rounded total."""
        numbers = [self.number(t, unit, digits, scale=scale, bare=True) for t in traces]
        rounded = largest_remainder([n.value / scale for n in numbers], digits) * scale
        hidden = [n.hidden for n in numbers]
        # A single masked part could be found by subtraction: the next smallest goes with it.
        open_ = [i for i, n in enumerate(numbers) if not hidden[i] and n.value > 0]
        second = min(open_, key=lambda i: numbers[i].value) if sum(hidden) == 1 and open_ else -1
        return [
            Number(**{**vars(n), "rounded": float(r), "withheld": i == second})
            for i, (n, r) in enumerate(zip(numbers, rounded, strict=True))
        ]

    def left(self, trace: Trace, unit: str, **how: Any) -> Number:
        """A difference of two counts as the two are printed, each to its own figures."""
        number = self.number(trace, unit, **how)
        if trace.minus is None or not math.isfinite(number.value):
            return number
        whole, taken = self.value(replace(trace, minus=None)), self.value(trace.minus)
        return replace(number, rounded=left(whole, taken, self.lang))

    # -- places in the results ---------------------------------------------------------------------------------------

    def people(self, year: int, ages: str = "", residence: str = "", **where: object) -> Trace:
        """Residents at a year-end, of an age range of `AGE_SPANS` and a residence where given."""
        chosen: list[tuple[str, object]] = [("time", year)]
        if ages:
            chosen.append(("age_group", self.once(_age_groups)[ages]))
        if residence:
            chosen.append(("residence", residence))
        return Trace("population/summary", (*chosen, *where.items()))

    def group(self, group: str, year: int, statistic: str = "value") -> Trace:
        """Size of a group at a year-end, all residences together."""
        return Trace("groups/groups", (("group", group), ("time", year)), statistic)

    def flow(self, flow: str, year: int) -> Trace:
        """Events of a year."""
        return Trace("flows/flows", (("flow", flow), ("year", year)))

    def need(self, resource: str, kind: str, year: int, statistic: str = "value") -> Trace:
        """Need of a resource at a year-end."""
        return Trace("demand/need", (("resource", resource), ("need_kind", kind), ("time", year)), statistic)

    def supply(self, resource: str, year: int, statistic: str = "value") -> Trace:
        """Supply of a resource at a year-end."""
        return Trace("demand/supply", (("resource", resource), ("time", year)), statistic)

    def stock(self, stock: str, year: int, statistic: str = "value") -> Trace:
        """A stock or flow of the supply at a year-end."""
        return Trace("demand/stocks", (("stock", stock), ("time", year)), statistic)

    def indicator(self, row: int, year: int, statistic: str = "value") -> Trace:
        """Value of the indicator of a row of the target table at a year-end."""
        return Trace("plan/indicator", (("target", row), ("time", year)), statistic)

    def figure(self, row: int, year: int) -> int:
        """Whether the value of a row at a year-end is expected (0), lies between two figures (1) or is one (2)."""
        if "plan/figure" not in self.results.central:
            return 0
        return int(self.results.central.array("plan/figure").isel(target=row).sel(time=year))

    def cell(self, row: int, column: str) -> Trace:
        """A number of the target table itself."""
        name = "target_value" if column == "target" else column
        return Trace(f"plan/{name}", (("target", row),), "row")

    def row(self, group: str, dim: str, place: int, column: str) -> Trace:
        """A number of a table of the tree."""
        return Trace(f"{group}/{column}", ((dim, place),), "row")

    # -- names -------------------------------------------------------------------------------------------------------

    def names(self, path: str, dim: str) -> Mapping[str, str]:
        """Labels of the codes of a dimension of an array."""
        array = self.array(path)
        codes = [str(c) for c in array[dim].values]
        kept = f"{dim}_label_{self.lang}"
        if kept in array.coords:
            return dict(zip(codes, (str(v) for v in array[kept].values), strict=True))
        return {code: self.label(dim, code) for code in codes}

    def codes(self, path: str, dim: str, what: str) -> Mapping[str, str]:
        """What an array keeps beside the codes of a dimension, such as the unit."""
        array = self.array(path)
        if f"{dim}_{what}" not in array.coords:
            return {}
        return {str(c): str(v) for c, v in zip(array[dim].values, array[f"{dim}_{what}"].values, strict=True)}

    def label(self, kind: str, code: str | None = None) -> str:
        """Label of a code of the vocabulary; of a list it does not know, the code."""
        if code is None:
            return label(kind, lang=self.lang)
        return label_or_code(kind, code, self.lang) if kind in kinds() else code

    def unit(self, unit: str) -> str:
        """A unit in words."""
        return unit_label(unit, self.lang)

    def driver(self, name: str) -> str:
        """Name of the input that moves a value most."""
        kept = self.attribute("driver_labels") or {}
        return str(kept.get(name, {}).get(self.lang, name))

    def scale(self, largest: float, unit: str) -> tuple[float, str]:
        """What a column of a table is divided by, and the unit that stands in its head."""
        unit_words = self.unit(unit)
        if self.lang == "en":
            return (1e3, f"thousand {unit_words}") if largest >= 1e4 else (1.0, unit_words)
        return (1e4, f"万{unit_words}") if largest >= 1e4 else (1.0, unit_words)

    @property
    def shared_years(self) -> list[int]:
        """Year-ends that this run and all others have."""
        return [y for y in self.years if all(y in other.years for other in self.others)]

    @cached_property
    def target_year(self) -> int:
        """The year most targets are dated to, or the last year of a run without a plan."""
        if self.targets.empty:
            return self.last
        return int(self.targets["year"].mode().iloc[0])

    @cached_property
    def known(self) -> int:
        """The last year-end of which figures were used; the first of a run without any."""
        return min(max(int(self.attribute("known_until") or self.first), self.first), self.last)

    @cached_property
    def next_goal(self) -> int:
        """The end of the five-year plan after what is known and the plan's own year, or the last year."""
        since = max(self.known, min(self.target_year, self.last))
        return min(self.last, (since // 5 + 1) * 5)

    @cached_property
    def milestones(self) -> list[int]:
        """Year-ends that are told of: first, last known, those of this plan and the next, last."""
        return sorted({self.first, self.known, min(self.target_year, self.last), self.next_goal, self.last})

    def subjects(self, path: str, dim: str, detail: bool = False) -> dict[str, list[str]]:
        """Codes of a dimension under their subjects, as the catalogue orders them."""
        return by_subject(self.array(path), dim, detail)

    def key_years(self, most: int = 6) -> list[int]:
        """Years of the columns of a table: first, last, that of the targets, and those divisible by five."""
        always = {self.first, min(self.target_year, self.last), self.last}
        others = [y for y in self.years if y % 5 == 0 and y not in always]
        while len(always) + len(others) > most:
            others.pop(len(others) // 2)
        return sorted(always | set(others))


def _attributes(reader: Reader) -> dict[str, Any]:
    """All attributes of the run, decoded."""
    kept = reader.results.attrs
    return {k: json.loads(v) if isinstance(v, str) and v[:1] in ("{", "[") else v for k, v in kept.items()}


def _age_groups(reader: Reader) -> dict[str, tuple[str, ...]]:
    """The five-year ages of the run that each range of `AGE_SPANS` has."""
    names = [str(name) for name in reader.results.summary["age_group"].values]
    first = {name: int(name.rstrip("+").partition("-")[0]) for name in names}
    return {key: tuple(n for n in names if low <= first[n] <= high) for key, (low, high) in AGE_SPANS.items()}


def _part(values: np.ndarray, chosen: list[Any]) -> np.ndarray:
    """A block of an array: places along each axis, one, several or all."""
    block = values[tuple(slice(None) if isinstance(place, list) else place for place in chosen)]
    left = [place for place in chosen if isinstance(place, list | slice)]
    for axis in reversed(range(len(left))):  # one by one: several lists choose a block, not pairs
        if isinstance(left[axis], list):
            block = block[(slice(None),) * axis + (left[axis],)]
    return block


class _Plane:
    """An array as numpy with the places of its labels: a report reads hundreds of single numbers.

    The run at stated values stands apart from the draws: together they would be copied, with twice the digits.
    """

    def __init__(self, stated: xr.DataArray, drawn: np.ndarray | None = None) -> None:
        self.stated, self.drawn = stated.values, drawn
        self.dims = [str(dim) for dim in stated.dims]
        self._labels = {
            dim: {label: i for i, label in enumerate(stated[dim].values.tolist())}
            for dim in self.dims
            if dim in stated.coords and dim not in _TABLES
        }

    def places(self, dim: str, wanted: object) -> Any:
        """Place of one label, or of several, along a dimension; rows of a table are named by their place."""
        if dim in _TABLES:  # two readings of a target share its id
            return list(wanted) if isinstance(wanted, tuple) else wanted
        labels = self._labels[dim]
        if isinstance(wanted, tuple):
            return [labels[w] for w in wanted]
        return labels[wanted]
