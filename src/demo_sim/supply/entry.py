"""The numbers of one entry under `supply`, by year and draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from demo_sim.errors import InputError, Problem
from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.scenario import Location
from demo_sim.supply.flows import Dated

PUBLISHED = ("published", "derived")

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
    """

    times: np.ndarray
    draws: Draws
    groups: Mapping[str, np.ndarray]
    flows: Mapping[str, np.ndarray] = field(default_factory=dict)
    carried: Mapping[str, np.ndarray] = field(default_factory=dict)


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
        return Dated(sampled.series(times, **keys), last, tuple(sorted({y for y in told if y > times[0]})))

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

    def opening(self) -> Dated:
        """The stock at its dated year-ends; what lies after the last one is for the flows to write."""
        for key, (group, heads) in PER_HEAD.items():
            if self.has(key):
                per = self.dated(key)
                if per.carried:
                    return per
                return Dated(per.path * self.group(group, key) / heads, per.last, per.published)
        if not self.has("stock"):
            raise self.error(
                "stock", "没有给出存量（stock）或按人均、户均给出的存量", "no stock is given, nor one per head"
            )
        stock = self.dated("stock")
        if stock.carried or not self.has("stock_community"):
            return stock
        whole = stock.path + self.get("stock_community").series(self.context.times)
        return Dated(whole, stock.last, stock.published)

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
