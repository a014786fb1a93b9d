"""Levers of a stock: what can be done more in a year, and what the stock is then.

The settings of an entry are written out by year at stated values, so that more of one of them is more of the stock:
a stock that goes on by itself is written as the flows that give the same path. The recipes of the kinds then do the
years, with one column for each combination of amounts; nothing of a stock is worked out a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from demo_sim.inputs.draws import STATED, Draws, Sampled
from demo_sim.scenario.quantity import Location, Quantity, Row
from demo_sim.supply.entry import PER_HEAD, Context, Entry
from demo_sim.supply.stocks import build_supply

OPENINGS, CONVERSIONS = "openings_per_year", "conversions_per_year"
_NOTHING = 1e-9  # of a stock: what differs by less is the same
Series = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class _Setting:
    """One number of an entry, written out by year.

    Attributes
    ----------
    key, name : `pipeline` and `openings_per_year`, or a key alone
    values : (time,), at stated values
    lever : which lever adds to it, "" for none
    new : whether the scenario says it otherwise, so that it has to be said whenever a lever is moved
    since : index of the first year that needs to be said: figures tell those before of a stock that goes on
    """

    key: str
    name: str
    values: np.ndarray
    lever: str = ""
    new: bool = False
    since: int = 0

    def __post_init__(self) -> None:
        """What is not said is as in the first year that is."""
        first = self.values[min(self.since, self.values.size - 1)]
        held = np.where(np.arange(self.values.size) < self.since, first, self.values)
        object.__setattr__(self, "values", held)


@dataclass(frozen=True)
class Levered:
    """An entry with its settings written out.

    Attributes
    ----------
    name : of the entry
    entry : its model
    settings : those that are written out
    first : index of the first year whose amounts move the stock
    """

    name: str
    entry: Any
    settings: tuple[_Setting, ...]
    first: int

    @property
    def levers(self) -> tuple[str, ...]:
        """What can be done more of."""
        return tuple(setting.lever for setting in self.settings if setting.lever)


def levered(name: str, setting: Any, context: Context, series: Series) -> Levered | None:
    """The levers of an entry; None where it has none, or its settings do not give its path back.

    Parameters
    ----------
    name, setting : of the entry
    context : at stated values alone, one draw
    series : (time,) of the entry by name after `supply.`, at stated values
    """
    if setting.kind not in _KINDS:
        return None
    entry = Entry(name, setting, context)
    settings, last = _KINDS[setting.kind](entry, series)
    made = Levered(name, setting, tuple(settings), last + 1)
    if not made.levers or made.first >= context.times.size:
        return None
    found = moved(made, context, np.zeros((1, len(made.levers))), context.times.size - 1)
    for of, values in found.items():
        scale = max(float(np.nanmax(np.abs(series[name]))), 1.0)
        if _is_stock(of, name) and np.abs(values[:, 0] - series[of]).max() > _NOTHING * scale:
            return None
    return made


def moved(made: Levered, context: Context, amounts: np.ndarray, last: int) -> dict[str, np.ndarray]:
    """Series of an entry with more done in each year; (time, combination) by name.

    Parameters
    ----------
    amounts : (combination, lever), more of each lever in every year from the first one on
    last : index of the last year in which more is done
    """
    count = len(amounts)
    prefix = f"supply.{made.name}."
    own = {path: q for path, q in context.draws.quantities.items() if path.startswith(prefix)}
    draws = _Stated(own, np.full(count, STATED))
    times = context.times
    active = (np.arange(times.size) >= made.first) & (np.arange(times.size) <= last)
    by_key: dict[str, list[tuple[_Setting, np.ndarray]]] = {}
    for setting in made.settings:
        more = amounts[:, made.levers.index(setting.lever)] if setting.lever else np.zeros(count)
        values = setting.values[:, None] + active[:, None] * more
        by_key.setdefault(setting.key, []).append((setting, values))
    for key, found in by_key.items():
        rows = [Row(float(v[t, 0]), year=int(y), name=s.name) for s, v in found for t, y in enumerate(times)]
        quantity = Quantity(f"{prefix}{key}", tuple(rows), "", Location("", 0))
        draws.hold(quantity, np.concatenate([values for _, values in found]))

    def again(all_: Series, *names: str) -> dict[str, np.ndarray]:
        return {n: np.broadcast_to(all_[n][..., :1], (*all_[n].shape[:-1], count)) for n in names if n in all_}

    whole = replace(
        context,
        draws=draws,
        groups=again(context.groups, getattr(made.entry, "of", ""), *(group for group, _ in PER_HEAD.values())),
        flows=again(context.flows, "deaths"),
        carried=again(context.carried, *context.carried),
        needs=again(context.needs, *(n for n in context.needs if n.partition(".")[0] == made.name)),
    )
    return build_supply({made.name: made.entry}, whole).series


class _Stated(Draws):
    """Quantities at stated values, some of them in place of the scenario's own."""

    def __init__(self, quantities: Mapping[str, Quantity], numbers: np.ndarray) -> None:
        super().__init__(quantities, 0, numbers)
        self._held: dict[str, Sampled] = {}

    def hold(self, quantity: Quantity, values: np.ndarray) -> None:
        """Take a quantity with its values (row, draw)."""
        self.quantities = {**self.quantities, quantity.path: quantity}
        self._held[quantity.path] = Sampled(quantity.path, quantity.rows, values)

    def __getitem__(self, path: str) -> Sampled:
        return self._held[path] if path in self._held else super().__getitem__(path)


def _is_stock(series: str, name: str) -> bool:
    return series in (name, f"{name}.nursing", f"{name}.certified")


def _path(entry: Entry, key: str, default: float, name: str = "") -> np.ndarray:
    return np.array(entry.path(key, default, **({"name": name} if name else {}))[:, 0])


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)


def _before(stock: np.ndarray) -> np.ndarray:
    return np.concatenate([stock[:1], stock[:-1]])


def _later(own: np.ndarray, last: int, told: np.ndarray) -> np.ndarray:
    """A setting of its own up to the last figure, then what the path of the stock tells."""
    return np.where(np.arange(own.size) > last, np.nan_to_num(told), own)


def _beds(entry: Entry, series: Series) -> tuple[list[_Setting], int]:
    dated, name = entry.opening(), entry.name
    last = dated.last
    given = entry.get("pipeline").distinct("name") if entry.has("pipeline") else []
    paths = {key: _path(entry, "pipeline", 0.0, key) for key in dict.fromkeys((*given, OPENINGS))}
    closure = _path(entry, "closure", 0.0)
    goes_on = dated.going_on is not None
    if goes_on:
        paths[OPENINGS] = _later(paths[OPENINGS], last, series[f"{name}.openings"])
        closure = _later(closure, last, _over(series[f"{name}.closures"], _before(series[name])))
    own = _path(entry, "closure", 0.0)
    out = [_Setting("closure", "", closure, "closed", goes_on and not np.allclose(closure, own, rtol=0.0, atol=1e-12))]
    part_goes_on = False
    since = {OPENINGS: last + 1} if goes_on else {}
    if f"{name}.nursing" in series:
        key = "nursing_share" if entry.has("nursing_share") else "nursing"
        told = entry.part(key, series[name][:, None])
        part_goes_on = told.going_on is not None
        paths.setdefault(CONVERSIONS, np.zeros_like(closure))
        if part_goes_on:
            gained = series[f"{name}.conversions"] + series[f"{name}.nursing.taken_back"]
            paths[CONVERSIONS] = _later(paths[CONVERSIONS], told.last, gained)
            since[CONVERSIONS] = told.last + 1
        last = max(last, told.last)
    levers = {OPENINGS: "built", CONVERSIONS: "converted"}
    new = goes_on or part_goes_on
    out += [
        _Setting("pipeline", key, values, levers.get(key, ""), new, since.get(key, 0)) for key, values in paths.items()
    ]
    return sorted(out, key=lambda s: ("built", "converted", "closed", "").index(s.lever)), last


def _staff(entry: Entry, series: Series) -> tuple[list[_Setting], int]:
    dated, name = entry.opening(), entry.name
    last = dated.last
    added, goes_on = _path(entry, "added", 0.0), dated.going_on is not None
    out = []
    if goes_on:
        left = series[f"{name}.leavers"] + series.get(f"{name}.retirements", np.zeros_like(added))
        hired, turnover = series[f"{name}.hires"], _path(entry, "turnover", 0.0)
        rate = _later(turnover, last, _over(np.nan_to_num(left), _before(series[name])))
        rises = (hired - left)[last + 1 :] >= 0.0
        if np.allclose(rate, turnover, rtol=0.0, atol=1e-12) and rises.all():
            added = _later(added, last, hired - left)
        else:  # it falls: fewer are replaced, or more leave
            replaced = _later(np.ones_like(added), last, _over(np.nan_to_num(hired), np.nan_to_num(left)))
            out = [_Setting("turnover", "", rate, "", True), _Setting("replaced", "", replaced, "", True)]
    out.insert(0, _Setting("added", "", added, "hired", goes_on, last + 1 if goes_on else 0))
    if f"{name}.certified" in series:
        which = entry.setting.certificate
        told = entry.part("certified_share", series[name][:, None], name=which)
        passed = _path(entry, "to_certificate", 1.0, which) * _path(entry, "pass_rate", 1.0, which)
        trained = _path(entry, "trainings", 0.0)
        if told.going_on is None:
            out.insert(1, _Setting("trainings", "", trained, "trained"))
        elif (passed > 0.0).all():
            gained = series[f"{name}.new_certificates"] + series[f"{name}.certified.taken_back"]
            trained = _later(trained, told.last, gained / passed)
            if (trained >= 0.0).all():
                out.insert(1, _Setting("trainings", "", trained, "trained", True, told.last + 1))
                if entry.has("training_lag"):
                    out.append(_Setting("training_lag", which, np.zeros_like(trained), "", True))
        last = max(last, told.last)
    return out, last


def _stock(entry: Entry, series: Series) -> tuple[list[_Setting], int]:
    dated, change = entry.opening(), _path(entry, "yearly_change", 0.0)
    goes_on = dated.going_on is not None
    if goes_on:
        change = _later(change, dated.last, series[entry.name] - _before(series[entry.name]))
    since = dated.last + 1 if goes_on else 0
    return [_Setting("yearly_change", "", change, "added", goes_on, since)], dated.last


def _covered(entry: Entry, series: Series) -> tuple[list[_Setting], int]:
    name, share, signed = entry.name, entry.dated("share"), _path(entry, "signed", 0.0)
    goes_on = not entry.moves()
    out = []
    if goes_on:
        lapse = _path(entry, "lapse", 0.0)
        rate = _later(lapse, share.last, _over(np.nan_to_num(series[f"{name}.lapsed"]), _before(series[name])))
        signed = _later(signed, share.last, series[f"{name}.signed"])
        if not np.allclose(rate, lapse, rtol=0.0, atol=1e-12):
            out = [_Setting("lapse", "", rate, "", True)]
    since = share.last + 1 if goes_on else 0
    return [_Setting("signed", "", signed, "signed", goes_on, since), *out], share.last


def _places(entry: Entry, series: Series) -> tuple[list[_Setting], int]:
    return [_Setting("built", "", _path(entry, "built", 0.0), "built")], entry.opening().last


_KINDS = {"beds": _beds, "staff": _staff, "stock": _stock, "covered": _covered, "places": _places}
