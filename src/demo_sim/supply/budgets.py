"""What a cash entitlement costs: persons times a standard that follows consumption."""

from __future__ import annotations

import numpy as np

from demo_sim.supply.book import Stocks
from demo_sim.supply.entry import Entry

MONTHS = 12


def budget(entry: Entry, stocks: Stocks) -> None:
    """Yuan a year at the year-end's number of persons; no stock, so nothing to balance.

    `standard[t] = standard[t-1] x (1 + indexation x growth[t-1])` after the last dated standard: the plans tie the
    standard to the growth of consumption of the year before. Series `x.standard` is the mean over those who draw it.
    """
    name, of = entry.name, entry.setting.of
    key, months = ("monthly", MONTHS) if entry.has("monthly") else ("standard", 1)
    if not entry.has(key):
        raise entry.error(key, "没有给出标准（standard 或 monthly）", "no standard is given (standard or monthly)")
    rise = 1.0 + entry.path("indexation", 1.0) * entry.path("growth", 0.0)
    persons = entry.group(of, key)
    cost = np.zeros(entry.shape)
    for residence in entry.get(key).distinct("residence") or [""]:
        heads = entry.group(f"{of}.{residence}", key) if residence else persons
        cost += heads * _indexed(entry, key, months, rise, residence)
    stocks.series[name] = cost
    stocks.series[f"{name}.standard"] = np.divide(cost, persons, out=np.zeros_like(cost), where=persons > 0.0)


def _indexed(entry: Entry, key: str, months: int, rise: np.ndarray, residence: str) -> np.ndarray:
    keys = {"residence": residence} if residence else {}
    dated = entry.dated(key, **keys)
    path = dated.path * months
    for t in range(dated.last + 1, len(path)):
        path[t] = path[t - 1] * rise[t - 1]
    return path
