"""Stocks of beds, staff and plain things, year-end by year-end.

`stock[t+1] = stock[t] + inflow - outflow`; a published stock of a later year overrides the forecast up to
its year, and the change between observations is taken as the net flow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from demo_sim.inputs.draws import Draws, Sampled


@dataclass
class Stocks:
    """Series of all stocks and flows, each (time, draw); and the last year that is observed."""

    series: dict[str, np.ndarray] = field(default_factory=dict)
    observed_until: dict[str, int] = field(default_factory=dict)
    warnings: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Context:
    """What stocks refer to: year-ends, and series of the projected population (time, draw)."""

    times: np.ndarray
    draws: Draws
    groups: Mapping[str, np.ndarray]


def build_supply(kinds: Mapping[str, str], context: Context) -> Stocks:
    """All stocks of a scenario.

    Parameters
    ----------
    kinds : kind (beds, staff, stock) of each entry under `supply`
    context : years, draws and the groups that stocks are expressed in
    """
    stocks = Stocks()
    builders: dict[str, Callable[[str, Context, Stocks], None]] = {
        "beds": _beds,
        "staff": _staff,
        "stock": _plain,
    }
    for name, kind in kinds.items():
        builders[kind](name, context, stocks)
    return stocks


class _Entry:
    """Quantities of one supply entry."""

    def __init__(self, name: str, context: Context) -> None:
        self.name, self.context = name, context

    def has(self, key: str) -> bool:
        return f"supply.{self.name}.{key}" in self.context.draws

    def get(self, key: str) -> Sampled:
        return self.context.draws[f"supply.{self.name}.{key}"]

    def path(self, key: str, default: float, **keys: str) -> np.ndarray:
        """Yearly values (time, draw), or a constant where the key is not given."""
        times, draws = self.context.times, self.context.draws
        if not self.has(key) or (keys and not self.get(key).has(**keys)):
            return np.full((times.size, draws.size), default)
        return self.get(key).series(times, **keys)


def _observed(entry: _Entry, key: str) -> tuple[np.ndarray, int]:
    """Path through the opening stock and dated observations, and the index of the last one."""
    times = entry.context.times
    sampled = entry.get(key)
    known = [y for y in sampled.years() if times[0] <= y <= times[-1]]
    last = int(np.searchsorted(times, known[-1])) if known else 0
    return sampled.series(times), last


def _opening(entry: _Entry) -> tuple[np.ndarray, int]:
    """Stock at its observed year-ends (time, draw), held after the last one, whose index is returned."""
    groups = entry.context.groups
    if entry.has("per_10000_urban"):
        if "urban_residents" not in groups:
            raise KeyError("groups.urban_residents")
        per, last = _observed(entry, "per_10000_urban")
        return np.repeat((per[:1] * groups["urban_residents"][:1]) / 1e4, per.shape[0], axis=0), last
    if entry.has("per_100_households"):
        per, last = _observed(entry, "per_100_households")
        return np.repeat(per[:1] * groups["households"][:1] / 100.0, per.shape[0], axis=0), last
    stock, last = _observed(entry, "stock")
    if entry.has("stock_community"):
        stock = stock + entry.get("stock_community").series(entry.context.times)
    return stock, last


def _note(stocks: Stocks, name: str, context: Context, last: int) -> None:
    if last > 0:
        stocks.observed_until[name] = int(context.times[last])


def _beds(name: str, context: Context, stocks: Stocks) -> None:
    """Beds with a nursing-type part: closures, openings, conversions.

    Closed beds are nursing-type in the share `closure_nursing_share`; opened beds in the share of the stock; a
    conversion changes the part and not the total.
    """
    entry = _Entry(name, context)
    total, last = _opening(entry)
    part, part_last = total.copy(), 0
    if entry.has("nursing_share"):
        share, part_last = _observed(entry, "nursing_share")
        part = total * share
    elif entry.has("nursing"):
        part, part_last = _observed(entry, "nursing")
    closure = entry.path("closure", 0.0)
    lost_share = entry.path("closure_nursing_share", 1.0)
    opened = entry.path("pipeline", 0.0, name="openings_per_year")
    opened = opened + _under_construction(entry)
    converted = entry.path("pipeline", 0.0, name="conversions_per_year")
    for t in range(1, context.times.size):
        before, part_before = total[t - 1], part[t - 1]
        if t <= last:
            net = total[t] - before
            gone = np.maximum(opened[t] - net, 0.0)
            added = np.maximum(net + gone, 0.0)
        else:
            gone = closure[t] * before
            added = opened[t]
            total[t] = before - gone + added
        if t > part_last:
            share = np.divide(part_before, before, out=np.zeros_like(before), where=before > 0.0)
            part[t] = part_before + added * share - gone * lost_share[t] + converted[t]
        part[t] = np.clip(part[t], 0.0, total[t])
    stocks.series[name] = total
    stocks.series[f"{name}.nursing"] = part
    _note(stocks, name, context, last)
    _note(stocks, f"{name}.nursing", context, part_last)


def _under_construction(entry: _Entry) -> np.ndarray:
    """Beds under construction at the start open in equal parts in the first two years."""
    out = np.zeros((entry.context.times.size, entry.context.draws.size))
    begun = entry.path("pipeline", 0.0, name="under_construction")
    out[1:3] = begun[0] / 2.0
    return out


def _staff(name: str, context: Context, stocks: Stocks) -> None:
    """Posts with turnover, replacement and certificates.

    A leaver takes the certificate along; new certificates are trainings x to_certificate x pass rate, at most
    the uncertified in post; those hired come without one.
    """
    entry = _Entry(name, context)
    total, last = _opening(entry)
    turnover, replaced = entry.path("turnover", 0.0), entry.path("replaced", 1.0)
    hires, leavers = np.zeros_like(total), np.zeros_like(total)
    certified = total * entry.path("certified_share", 0.0)
    trainings = entry.path("trainings", 0.0)
    new = trainings * entry.path("to_certificate", 1.0) * entry.path("pass_rate", 1.0)
    for t in range(1, context.times.size):
        leavers[t] = turnover[t] * total[t - 1]
        if t <= last:
            hires[t] = total[t] - total[t - 1] + leavers[t]
        else:
            hires[t] = replaced[t] * leavers[t]
            total[t] = total[t - 1] - leavers[t] + hires[t]
        kept = np.minimum(certified[t - 1] * (1.0 - turnover[t]), total[t])
        certified[t] = kept + np.minimum(new[t], total[t] - kept)
    stocks.series[name] = total
    stocks.series[f"{name}.hires"] = hires
    stocks.series[f"{name}.leavers"] = leavers
    if entry.has("stock_community"):
        community = entry.get("stock_community").series(context.times)
        stocks.series[f"{name}.institution"] = total * (1.0 - community[:1] / total[:1])
    if entry.has("certified_share"):
        stocks.series[f"{name}.certified"] = certified
    if (trainings[1:].mean(axis=1) > total[1:].mean(axis=1)).any():
        stocks.warnings.append(
            (f"{name}：每年培训人次多于在岗人数，请核对口径", f"{name}: more trainings than posts in a year")
        )
    _note(stocks, name, context, last)


def _plain(name: str, context: Context, stocks: Stocks) -> None:
    """A stock with one yearly change."""
    entry = _Entry(name, context)
    total, last = _opening(entry)
    change = entry.path("yearly_change", 0.0)
    for t in range(last + 1, context.times.size):
        total[t] = np.maximum(total[t - 1] + change[t], 0.0)
    stocks.series[name] = total
    _note(stocks, name, context, last)
