"""The numbers of one entry under `supply`, by year and draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from demo_sim.errors import InputError, Problem
from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.scenario import Location
from demo_sim.scenario.supply_moves import OF_PART, OF_STOCK, MoveKeys, moves
from demo_sim.supply.flows import Dated
from demo_sim.supply.going_on import GoingOn, YearlyChange, by_number, by_share

PUBLISHED = ("published", "reported", "derived")  # figures of past years, which no projection replaces
_COUNTED = ("published", "reported")

# a stock may be given per head of a group: key -> (group, heads)
PER_HEAD = {"per_10000_urban": ("urban_residents", 1e4), "per_100_households": ("households", 100.0)}


@dataclass(frozen=True)
class Context:
    """What stocks refer to.

    Attributes
    ----------
    times : year-ends
    draws : quantities of the scenario
    groups : (time, draw) by id, and by `id.residence`
    flows : (time, draw) by name, such as `deaths`; unknown at the opening year-end
    carried : (draw,) by stock, what an earlier run left at the opening year-end
    needs : (time, draw) by stock, what is needed of it where a resource says so
    """

    times: np.ndarray
    draws: Draws
    groups: Mapping[str, np.ndarray]
    flows: Mapping[str, np.ndarray] = field(default_factory=dict)
    carried: Mapping[str, np.ndarray] = field(default_factory=dict)
    needs: Mapping[str, np.ndarray] = field(default_factory=dict)


class Entry:
    """One entry: its name, its settings (`kind` and the words beside the numbers), its quantities."""

    def __init__(self, name: str, setting: Any, context: Context) -> None:
        self.name, self.setting, self.context = name, setting, context

    @property
    def shape(self) -> tuple[int, int]:
        """Year-ends and draws."""
        return self.context.times.size, self.context.draws.size

    def has(self, key: str) -> bool:
        """Whether the scenario gives the key."""
        return f"supply.{self.name}.{key}" in self.context.draws

    def get(self, key: str) -> Sampled:
        """The quantity of a key."""
        return self.context.draws[f"supply.{self.name}.{key}"]

    def path(self, key: str, default: float, **keys: str) -> np.ndarray:
        """Yearly values (time, draw), or a constant where the key is not given."""
        if not self.has(key) or (keys and not self.get(key).has(**keys)):
            return np.full(self.shape, default)
        return self.get(key).series(self.context.times, **keys)

    def at_start(self, key: str, default: float, **keys: str) -> np.ndarray:
        """The value at the opening year-end; (draw,)."""
        return self.path(key, default, **keys)[0]

    def dated(self, key: str, **keys: str) -> Dated:
        """Path through the opening value and later dated ones."""
        times, sampled = self.context.times, self.get(key)
        known = [y for y in sampled.years(**keys) if times[0] <= y <= times[-1]]
        last = int(np.searchsorted(times, known[-1])) if known else 0
        told = [int(r.year) for r in sampled.rows if r.year in known and r.status in PUBLISHED]
        carried = self._carried(key)
        if not known and carried is not None:
            return Dated(np.repeat(carried[None], times.size, axis=0), 0, carried=True)
        return Dated(sampled.series(times, **keys), last, tuple(sorted(set(told))))

    def _carried(self, key: str) -> np.ndarray | None:
        """What an earlier run left of a stock or a part of it, as the key states it; (draw,)."""
        carried, name = self.context.carried, self.name
        part = {"nursing": "nursing", "nursing_share": "nursing", "certified_share": "certified"}.get(key)
        if key in ("stock", *PER_HEAD):
            return carried.get(name)
        if part is None or f"{name}.{part}" not in carried:
            return None
        number, whole = carried[f"{name}.{part}"], carried[name]
        return number if key == part else np.divide(number, whole, out=np.zeros_like(number), where=whole > 0.0)

    def moves(self, of: MoveKeys = OF_STOCK) -> bool:
        """Whether the scenario says what comes into the stock, or into its part."""
        return moves(self.context.draws.quantities, self.name, self.setting.kind, of)

    def opening(self) -> Dated:
        """The stock at its dated year-ends; what lies after the last one is for the flows to write, or goes on."""
        for key, (group, heads) in PER_HEAD.items():
            if self.has(key):
                per, persons = self.dated(key), self.group(group, key)
                if per.carried and self.moves():
                    return per
                if per.carried:  # a number, not one per head
                    start = np.divide(
                        per.path[0] * heads, persons[0], out=np.zeros(self.shape[1]), where=persons[0] > 0
                    )
                    per = replace(per, path=np.repeat(start[None], self.shape[0], axis=0))
                if not self.moves():
                    per = self.gone_on(key, per, np.ones(self.shape))
                return replace(per, path=per.path * persons / heads)
        if not self.has("stock"):
            raise self.error(
                "stock", "没有给出存量（stock）或按人均、户均给出的存量", "no stock is given, nor one per head"
            )
        stock = self.dated("stock")
        if not stock.carried and self.has("stock_community"):
            stock = replace(stock, path=stock.path + self.get("stock_community").series(self.context.times))
        return stock if self.moves() else self.gone_on("stock", stock, self.context.needs.get(self.name))

    def part(self, key: str, total: np.ndarray, **keys: str) -> Dated:
        """The nursing-type or certified part at its dated year-ends, as the key states it; it goes on with its whole
        where nothing is said to move it."""
        told = self.dated(key, **keys)
        share = self.get(key).path.endswith("_share")
        beside = np.ones_like(total) if share else total
        return told if self.moves(OF_PART) else self.gone_on(key, told, beside, share, **keys)

    def gone_on(self, key: str, dated: Dated, beside: np.ndarray | None, share: bool = False, **keys: str) -> Dated:
        """A stock that nothing moves: by the change between its figures, else beside a series, else as it is.

        Parameters
        ----------
        beside : (time, draw), to which it keeps its relation; all 1 for a number per head or a share
        share : whether it lies between 0 and 1
        """
        times, path, last = self.context.times, dated.path.copy(), dated.last
        later = np.arange(last + 1, times.size)
        change = self._change(key, **keys)
        since = int(times[last])
        if change is not None:
            steps = self.path("kept", 1.0)[later] * (later - last)[:, None]
            path[later] = (by_share if share else by_number)(path[last], change, steps)
            return replace(dated, path=path, going_on=GoingOn("trend", since, change.first))
        how = "level"
        if beside is not None:
            how = "need" if beside is self.context.needs.get(self.name) else "whole"
            start = beside[last]
            path[later] = path[last] * np.divide(
                beside[later], start, out=np.ones_like(beside[later]), where=start > 0.0
            )
        return replace(dated, path=path, going_on=GoingOn(how, since))

    def _change(self, key: str, **keys: str) -> YearlyChange | None:
        """What the first and last figure show, of those an office has counted where there are two; else None."""
        sampled, end = self.get(key), int(self.context.times[-1])
        years = [year for year in sampled.years(**keys) if year <= end]
        counted = [year for year in years if any(r.year == year and r.status in _COUNTED for r in sampled.rows)]
        if len(counted) > 1:
            years = counted
        if len(years) < 2:
            return None
        before, after = sampled.series(np.array([years[0], years[-1]]), **keys)
        return YearlyChange(years[0], years[-1], before, after)

    def group(self, name: str, key: str) -> np.ndarray:
        """Members of a group by year; (time, draw). InputError names the key that asks where it was not counted."""
        if name not in self.context.groups:
            zh, en = f"要先能推算 groups.{name}", f"needs groups.{name}, which could not be counted"
            raise self.error(key, zh, en)
        return self.context.groups[name]

    def error(self, key: str, zh: str, en: str) -> InputError:
        """An error at the key, or at the entry where the key is not written."""
        path = f"supply.{self.name}.{key}"
        quantities = self.context.draws.quantities
        entry = [q.where for name, q in quantities.items() if name.startswith(f"supply.{self.name}.")]
        where = quantities[path].where if path in quantities else next(iter(entry), Location("supply", 0))
        return InputError([Problem(where.file, where.line, path, zh, en)])
