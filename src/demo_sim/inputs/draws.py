"""Draws of every uncertain input: one quantile for each register row set, region and name.

Two-piece normal on the log (counts, rates), the logit (shares) or the plain scale (where the value or a bound
leaves the domain of the other two); low and high are the 10th and 90th percentile of belief.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import expit, logit, ndtri

from demo_sim.demography.ages import Group, parse_age
from demo_sim.inputs.process import Process, known_until
from demo_sim.inputs.streams import Stream
from demo_sim.kernels.philox import seed_word
from demo_sim.kernels.sequence import stratified_uniforms
from demo_sim.scenario.process import BAND, NAMES, PROCESSES
from demo_sim.scenario.quantity import ASKED, Quantity, Row, rows_for

Z90 = 1.2815515655446004  # standard normal quantile of 0.9
STATED = -1  # number of the draw that holds every input at its stated value


class Sampled:
    """A quantity with values for every draw: look-ups by key, path over years, ages.

    Attributes
    ----------
    rows : the rows, with their keys
    values : float64 (row, draw)
    process : chance by year on the path, or None
    """

    def __init__(self, path: str, rows: tuple[Row, ...], values: np.ndarray, process: Process | None = None) -> None:
        self.path, self.rows, self.values, self.process = path, rows, values, process
        self._selected: dict[tuple[tuple[str, str], ...], list[int]] = {}

    def _select(self, **keys: str) -> list[int]:
        """Rows that hold for the keys; looked for once."""
        asked = tuple(sorted(keys.items()))
        if asked not in self._selected:
            chosen = rows_for(self.rows, keys)
            if not chosen:
                words = ", ".join(f"{k} {v}" for k, v in keys.items() if v) or "no key"
                raise KeyError(f"{self.path}: no row for {words}")
            self._selected[asked] = chosen
        return self._selected[asked]

    def has(self, **keys: str) -> bool:
        """Whether rows exist for the keys."""
        try:
            return bool(self._select(**keys))
        except KeyError:
            return False

    def distinct(self, key: str) -> list[str]:
        """Values of a key that occur, in the order of the rows."""
        return list(dict.fromkeys(getattr(row, key) for row in self.rows if getattr(row, key)))

    def series(self, years: np.ndarray, **keys: str) -> np.ndarray:
        """Values by year: linear between dated rows, held before the first and after the last.

        Returns
        -------
        (year, draw)
        """
        path = self._path(years, **keys)
        return path if self.process is None else self.process.on(years, path)

    def _path(self, years: np.ndarray, **keys: str) -> np.ndarray:
        chosen = self._select(**keys)
        dated = {year: i for i in chosen if (year := self.rows[i].year) is not None}
        if not dated:
            return np.repeat(self.values[chosen[-1]][None], len(years), axis=0)
        known = np.array(sorted(dated))
        table = self.values[[dated[y] for y in known.tolist()]]
        position = np.interp(years, known, np.arange(known.size))
        before = np.floor(position).astype(int)
        after = np.minimum(before + 1, known.size - 1)
        weight = (position - before)[:, None]
        return np.asarray(table[before] * (1.0 - weight) + table[after] * weight)

    def at(self, year: int | None = None, **keys: str) -> np.ndarray:
        """Values at a year (the first dated row if none is given); (draw,)."""
        if year is None:
            year = min(self.years(**keys), default=0)
        return np.asarray(self.series(np.array([year]), **keys)[0])

    def years(self, **keys: str) -> list[int]:
        """Years that have a row of their own."""
        years = {self.rows[i].year for i in self._select(**keys)}
        return sorted(year for year in years if year is not None)

    def groups(self, year: int | None = None, **keys: str) -> tuple[list[Group], np.ndarray]:
        """Age groups, sorted, and their values; (group, draw). With a name asked for, the groups of that name."""
        name = keys.get("name")
        named = {row.age for row in self.rows if row.age and (name is None or row.name == name)}
        labels = sorted(named, key=lambda text: parse_age(text)[0])
        return [parse_age(a) for a in labels], np.stack([self.at(year, age=a, **keys) for a in labels])


class Draws:
    """All quantities of a scenario with a draw axis.

    Parameters
    ----------
    quantities : by dotted path
    seed : of the scenario
    numbers : of the draws on the axis, in any order; those below 0 hold every input at its stated value

    Attributes
    ----------
    streams : the uncertain inputs
    uniforms : (stream, draw), quantile of each input; 0.5 at the stated value
    """

    def __init__(self, quantities: Mapping[str, Quantity], seed: int, numbers: Sequence[int] | np.ndarray) -> None:
        self.quantities, self.seed = quantities, seed
        self.numbers = np.asarray(numbers, np.int64)
        self.streams = list(dict.fromkeys(stream for q in quantities.values() for stream in streams_of(q)))
        self._index = {stream: i for i, stream in enumerate(self.streams)}
        hashes = np.array([stream.hash for stream in self.streams], np.uint64)
        drawn = stratified_uniforms(seed_word(seed), hashes, np.maximum(self.numbers, 0))
        self.uniforms = np.where(self.numbers < 0, 0.5, drawn)
        self._z = ndtri(self.uniforms)
        self._cache: dict[str, Sampled] = {}

    @property
    def size(self) -> int:
        """Length of the draw axis."""
        return self.numbers.size

    def __contains__(self, path: str) -> bool:
        return path in self.quantities

    def __getitem__(self, path: str) -> Sampled:
        if path not in self._cache:
            self._cache[path] = self._sample(self.quantities[path])
        return self._cache[path]

    def by_year(self, last: int) -> dict[str, np.ndarray]:
        """Quantiles of the chance of each year up to `last`, by the path that it moves; (year, draw)."""
        moved = {path: self[path].process for path in PROCESSES if path in self}
        return {
            path: process.uniforms(np.arange(process.start + 1, last + 1))
            for path, process in moved.items()
            if process is not None and process.start < last
        }

    def _sample(self, quantity: Quantity) -> Sampled:
        units = {s.id: s.unit for s in quantity.sources}
        process = self._process(quantity)
        values = np.empty((len(quantity.rows), self.size))
        for i, row in enumerate(quantity.rows):
            held = {"low": row.low, "high": row.high}.get(quantity.at)
            if not row.drawn or quantity.at != "draw":
                values[i] = row.value if held is None else held
                continue
            z = self._z[self._index[Stream(row.id, quantity.region, row.name)]]
            if process is not None and row.year is not None and row.year > process.start:
                z = z * process.band
            values[i] = draw_row(row, units.get(row.id, quantity.unit), z)
        for members, inside in compositions(quantity.rows, units):
            before = {i: values[i].copy() for i in inside.values()}
            _close(values, members, [quantity.rows[i] for i in members], quantity.at)
            for i, whole in inside.items():
                # 65+ keeps its part of 60+
                values[i] *= np.divide(values[whole], before[whole], out=np.ones(self.size), where=before[whole] > 0.0)
        return Sampled(quantity.path, quantity.rows, values, process)

    def _process(self, quantity: Quantity) -> Process | None:
        """Chance by year of a quantity, where the scenario tells it and the path is written by year and drawn."""
        told, log = PROCESSES.get(quantity.path, ("", False))
        start = known_until(quantity.rows)
        if told not in self or quantity.at != "draw" or start is None:
            return None
        persistence, spread = (self[told].at(name=name) for name in NAMES)
        band = self[told].at(name=BAND) if BAND in self[told].distinct("name") else np.ones(self.size)
        return Process(quantity.path, start, persistence, spread, log, band, self.seed, self.numbers)


def taking_turns(numbers: np.ndarray, present: np.ndarray, of: int) -> np.ndarray:
    """Places of draws in a shorter list: draw i has draw i mod `of`, or where that is missing the next one.

    Parameters
    ----------
    numbers : of the draws
    present : numbers of the list, in order, of 0 ... `of` - 1
    """
    return np.asarray(np.searchsorted(present, numbers % of) % present.size)


def stated(quantities: Mapping[str, Quantity]) -> Draws:
    """All quantities at their stated values, one draw long."""
    return Draws(quantities, 0, [STATED])


def streams_of(quantity: Quantity) -> list[Stream]:
    """Uncertain inputs that a quantity is drawn by."""
    drawn = [row for row in quantity.rows if row.drawn and quantity.at == "draw"]
    return list(dict.fromkeys(Stream(row.id, quantity.region, row.name) for row in drawn))


def draw_row(row: Row, unit: str, z: np.ndarray) -> np.ndarray:
    """Two-piece normal draws of one number.

    Parameters
    ----------
    row : with value, low and high
    unit : a unit that starts with `share` is drawn on the logit, others on the log
    z : (draw,), standard normal quantiles

    Returns
    -------
    (draw,); the median is the value, the 10th and 90th percentiles are low and high
    """
    return np.where(z == 0.0, row.value, _two_piece(row, unit, z))  # the stated value to its last digit


def _two_piece(row: Row, unit: str, z: np.ndarray) -> np.ndarray:
    assert row.low is not None and row.high is not None
    v, low, high = row.value, row.low, row.high
    share = unit.startswith("share")
    if share and 0.0 < low and high < 1.0:
        centre, below, above = logit(v), logit(v) - logit(low), logit(high) - logit(v)
        return np.asarray(expit(centre + z / Z90 * np.where(z < 0.0, below, above)))
    if not share and low > 0.0:
        centre, below, above = np.log(v), np.log(v / low), np.log(high / v)
        return np.asarray(np.exp(centre + z / Z90 * np.where(z < 0.0, below, above)))
    out = v + z / Z90 * np.where(z < 0.0, v - low, high - v)
    if share:
        return np.clip(out, 0.0, 1.0)
    # a count or rate that may be zero stays non-negative where belief does not go below zero
    return np.maximum(out, 0.0) if low >= 0.0 else np.asarray(out)


def compositions(rows: tuple[Row, ...], units: Mapping[str, str]) -> list[tuple[list[int], dict[int, int]]]:
    """Row sets that sum to 1 over age, level or name with all other keys equal.

    With each set come the rows that lie inside one of its age groups, and which.
    """
    found = []
    for over in ("age", "level", "name"):
        sets: dict[tuple[object, ...], list[int]] = {}
        for i, row in enumerate(rows):
            if getattr(row, over) and units.get(row.id, "").startswith("share"):
                key = (row.id, row.year, *(getattr(row, k) for k in ASKED if k != over))
                sets.setdefault(key, []).append(i)
        for every in sets.values():
            ages = [rows[i].age for i in every] if over == "age" else []
            members = [i for i in every if not any(_lies_inside(rows[i].age, age) for age in ages)]
            if len(members) > 1 and abs(sum(rows[i].value for i in members) - 1.0) < 1e-6:
                inner = [i for i in every if i not in members]
                found.append(
                    (members, {i: j for i in inner for j in members if _lies_inside(rows[i].age, rows[j].age)})
                )
    return found


def _lies_inside(age: str, other: str) -> bool:
    (first, last), (a, b) = parse_age(age), parse_age(other)
    return other != age and a <= first and (999 if last is None else last) <= (999 if b is None else b)


def _close(values: np.ndarray, members: list[int], rows: list[Row], at: str) -> None:
    """Make a composition sum to 1: keys without a band share the remainder, else all are rescaled."""
    if at == "value" or not any(row.drawn for row in rows):
        return
    free = [i for i, row in zip(members, rows, strict=True) if not row.drawn]
    fixed = [i for i, row in zip(members, rows, strict=True) if row.drawn]
    if not free:
        values[members] /= values[members].sum(axis=0)
        return
    taken = values[fixed].sum(axis=0)
    over = np.maximum(taken, 1.0)
    values[fixed] /= over
    values[free] *= (1.0 - taken / over) / values[free].sum(axis=0)
