"""Stocks of beds, staff and plain things, year-end by year-end.

`stock[t+1] = stock[t] + inflow - outflow`; a dated stock of a later year overrides the forecast up to its
year, and the change between dated stocks is taken as the net flow.

Flows stand at the year-end of their year; that of the opening stock is unknown (NaN).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from demo_sim.errors import InputError, Problem
from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.scenario import Location

PUBLISHED = ("published", "derived")

# a stock may be given per head of a group: key -> (group, heads)
PER_HEAD = {"per_10000_urban": ("urban_residents", 1e4), "per_100_households": ("households", 100.0)}


@dataclass
class Stocks:
    """Series of all stocks and flows, and the last year of each stock that is a published figure.

    Attributes
    ----------
    series : (time, draw) by name: `x`, its parts `x.nursing`, `x.certified`, `x.institution`, its flows
        `x.openings`, `x.closures`, `x.conversions`, `x.hires`, `x.leavers`, `x.new_certificates`
    observed_until : last year-end with a published figure, by series name
    warnings : findings in Chinese and English
    """

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

    Raises
    ------
    InputError
        An entry gives no stock, or gives it per head of a group that could not be counted.
    """
    stocks = Stocks()
    builders: dict[str, Callable[[_Entry, Stocks], None]] = {
        "beds": _beds,
        "staff": _staff,
        "stock": _plain,
    }
    for name, kind in kinds.items():
        builders[kind](_Entry(name, context), stocks)
    return stocks


@dataclass(frozen=True)
class _Dated:
    """A path (time, draw), the index of its last dated row, and the last year of a published one."""

    path: np.ndarray
    last: int
    published: int | None


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

    def dated(self, key: str) -> _Dated:
        """Path through the opening value and later dated ones."""
        times, sampled = self.context.times, self.get(key)
        known = [y for y in sampled.years() if times[0] <= y <= times[-1]]
        last = int(np.searchsorted(times, known[-1])) if known else 0
        told = [int(r.year) for r in sampled.rows if r.year in known and r.status in PUBLISHED]
        return _Dated(sampled.series(times), last, max((y for y in told if y > times[0]), default=None))

    def opening(self) -> _Dated:
        """The stock at its dated year-ends; what lies after the last one is for the builder to write."""
        for key, (group, heads) in PER_HEAD.items():
            if self.has(key):
                if group not in self.context.groups:
                    raise self._error(key, f"groups.{group}")
                per = self.dated(key)
                return _Dated(per.path * self.context.groups[group] / heads, per.last, per.published)
        if not self.has("stock"):
            raise self._error("stock", "")
        stock = self.dated("stock")
        if not self.has("stock_community"):
            return stock
        whole = stock.path + self.get("stock_community").series(self.context.times)
        return _Dated(whole, stock.last, stock.published)

    def _error(self, key: str, lacking: str) -> InputError:
        path = f"supply.{self.name}.{key}"
        quantities = self.context.draws.quantities
        entry = [q.where for name, q in quantities.items() if name.startswith(f"supply.{self.name}.")]
        where = quantities[path].where if path in quantities else next(iter(entry), Location("supply", 0))
        zh = f"要先能推算 {lacking}" if lacking else "没有给出存量（stock）或按人均、户均给出的存量"
        en = f"needs {lacking}, which could not be counted" if lacking else "no stock is given, nor one per head"
        return InputError([Problem(where.file, where.line, path, zh, en)])


def _note(stocks: Stocks, name: str, dated: _Dated) -> None:
    if dated.published is not None:
        stocks.observed_until[name] = dated.published


def _flow(values: np.ndarray) -> np.ndarray:
    """A flow by year-end: that of the opening year is unknown."""
    values[0] = np.nan
    return values


def _beds(entry: _Entry, stocks: Stocks) -> None:
    """Beds with a nursing-type part: closures, openings, conversions.

    Closed beds are nursing-type in the share `closure_nursing_share`, opened beds in the share of the stock; a
    conversion changes the part and not the total. Where later stocks are dated, their change is the net flow:
    the openings that are declared are taken to have happened, and the rest is closures.
    """
    name, context = entry.name, entry.context
    dated = entry.opening()
    total, last = dated.path, dated.last
    by_share, by_count = entry.has("nursing_share"), entry.has("nursing")
    told = entry.dated("nursing_share" if by_share else "nursing") if by_share or by_count else None
    part = np.zeros_like(total) if told is None else total * told.path if by_share else told.path
    closure = entry.path("closure", 0.0)
    lost_share = entry.path("closure_nursing_share", 1.0)
    if entry.has("pipeline") and any(not row.name for row in entry.get("pipeline").rows):
        where = context.draws.quantities[f"supply.{name}.pipeline"].where
        names = "under_construction, openings_per_year, conversions_per_year"
        zh, en = f"要写明是哪一种：{names}", f"say which of {names} the number is"
        raise InputError([Problem(where.file, where.line, f"supply.{name}.pipeline", zh, en)])
    planned = entry.path("pipeline", 0.0, name="openings_per_year") + _under_construction(entry)
    conversions = entry.path("pipeline", 0.0, name="conversions_per_year")
    opened, closed, converted = (np.zeros_like(total) for _ in range(3))
    part[0] = np.clip(part[0], 0.0, total[0])
    for t in range(1, context.times.size):
        before, part_before = total[t - 1], part[t - 1]
        if t <= last:
            net = total[t] - before
            closed[t] = np.maximum(planned[t] - net, 0.0)
            opened[t] = net + closed[t]
        else:
            closed[t] = closure[t] * before
            opened[t] = planned[t]
            total[t] = before - closed[t] + opened[t]
        share = np.divide(part_before, before, out=np.zeros_like(before), where=before > 0.0)
        kept = np.clip(part_before + opened[t] * share - closed[t] * lost_share[t], 0.0, total[t])
        if told is None or t > told.last:
            converted[t] = np.minimum(conversions[t], total[t] - kept)
            part[t] = kept + converted[t]
        else:
            # the dated part tells how many were converted, or taken back
            part[t] = np.clip(total[t] * told.path[t] if by_share else told.path[t], 0.0, total[t])
            converted[t] = part[t] - kept
    stocks.series[name] = total
    stocks.series[f"{name}.openings"] = _flow(opened)
    stocks.series[f"{name}.closures"] = _flow(closed)
    if told is not None:
        stocks.series[f"{name}.nursing"] = part
        stocks.series[f"{name}.conversions"] = _flow(converted)
        _note(stocks, f"{name}.nursing", told)
    _note(stocks, name, dated)


def _under_construction(entry: _Entry) -> np.ndarray:
    """Beds under construction at the start open in equal parts in the first two years."""
    out = np.zeros((entry.context.times.size, entry.context.draws.size))
    begun = entry.path("pipeline", 0.0, name="under_construction")
    out[1:3] = begun[0] / 2.0
    return out


def _staff(entry: _Entry, stocks: Stocks) -> None:
    """Posts with turnover, replacement and certificates.

    A leaver takes the certificate along; new certificates are trainings x to_certificate x pass rate, at most
    the uncertified in post; those hired come without one.
    """
    name, context = entry.name, entry.context
    dated = entry.opening()
    total, last = dated.path, dated.last
    turnover, replaced = entry.path("turnover", 0.0), entry.path("replaced", 1.0)
    hires, leavers, gained = (np.zeros_like(total) for _ in range(3))
    shares = entry.dated("certified_share") if entry.has("certified_share") else None
    certified = total * (0.0 if shares is None else shares.path)
    trainings = entry.path("trainings", 0.0)
    new = trainings * entry.path("to_certificate", 1.0) * entry.path("pass_rate", 1.0)
    for t in range(1, context.times.size):
        before = total[t - 1]
        leavers[t] = turnover[t] * before
        if t <= last:
            # a stock that shrank by more than the turnover lost more people than usual
            leavers[t] = np.maximum(leavers[t], before - total[t])
            hires[t] = total[t] - before + leavers[t]
        else:
            hires[t] = replaced[t] * leavers[t]
            total[t] = before - leavers[t] + hires[t]
        left = np.divide(leavers[t], before, out=np.zeros_like(before), where=before > 0.0)
        kept = np.minimum(certified[t - 1] * (1.0 - left), total[t])
        gained[t] = np.minimum(new[t], total[t] - kept)
        certified[t] = kept + gained[t]
        if shares is not None and t <= shares.last:
            certified[t] = total[t] * shares.path[t]
            gained[t] = certified[t] - kept
    stocks.series[name] = total
    stocks.series[f"{name}.hires"] = _flow(hires)
    stocks.series[f"{name}.leavers"] = _flow(leavers)
    if entry.has("stock_community"):
        community = entry.get("stock_community").series(context.times)[:1]
        part = np.divide(community, total[:1], out=np.zeros_like(community), where=total[:1] > 0.0)
        stocks.series[f"{name}.institution"] = total * (1.0 - part)
    if shares is not None:
        stocks.series[f"{name}.certified"] = certified
        stocks.series[f"{name}.new_certificates"] = _flow(gained)
        _note(stocks, f"{name}.certified", shares)
    crowded = np.flatnonzero(trainings[1:].mean(axis=1) > total[1:].mean(axis=1))
    if crowded.size:
        year = int(context.times[1 + crowded[0]])
        stocks.warnings.append(
            (
                f"{name}：{year}年培训人次多于在岗人数，请核对是否人次、是否含岗外人员",
                f"{name}: more trainings than posts in {year}; are these person-times, and of people in post?",
            )
        )
    _note(stocks, name, dated)


def _plain(entry: _Entry, stocks: Stocks) -> None:
    """A stock with one yearly change."""
    dated = entry.opening()
    total = dated.path
    change = entry.path("yearly_change", 0.0)
    for t in range(dated.last + 1, entry.context.times.size):
        total[t] = np.maximum(total[t - 1] + change[t], 0.0)
    stocks.series[entry.name] = total
    _note(stocks, entry.name, dated)
