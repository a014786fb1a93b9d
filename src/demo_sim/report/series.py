"""Series that runs are compared in, each as a table of draws by years: people, events, groups, stocks, targets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from demo_sim.report.reader import AGE_SPANS, Reader
from demo_sim.report.sections.target_words import name_of, rows_of
from demo_sim.report.tree import COUNTED, Trace
from demo_sim.results.quantiles import DRAWS_FOR_QUANTILES

_BANDS = (("0-14", "0—14岁", "0-14"), ("15-59", "15—59岁", "15-59"), ("60+", "60岁及以上", "60 and over"),
          ("80+", "80岁及以上", "80 and over"))  # fmt: skip
_SAME = 1e-9  # of the larger of two numbers: what differs by less is the same number
_ROUNDED = 1e-5  # the same of the draws, which are kept with seven digits


@dataclass(frozen=True)
class ComparedSeries:
    """One series that runs are compared in.

    Attributes
    ----------
    key : as a chart finds it, where one can show it
    label, unit : what is shown
    section : of the comparison: population, groups, demand, stocks or targets
    places : where it stands in each run, but for the year; None in a run that lacks it
    when : dimension of the year
    yearly : whether it is of a whole year, not of its end
    """

    key: str
    label: str
    unit: str
    section: str
    places: tuple[Trace | None, ...]
    when: str = "time"
    yearly: bool = False

    @property
    def shared(self) -> bool:
        """Whether all runs have it."""
        return all(place is not None for place in self.places)

    @property
    def word(self) -> str | None:
        """What stands behind its numbers in a sentence where that is not the unit: a target's label names its own."""
        return "" if self.section == "targets" and self.unit not in COUNTED | {"share"} else None

    @property
    def drawn(self) -> bool:
        """Whether a chart can show it."""
        return self.section in ("groups", "demand") or self.key == "population.total"

    def trace(self, year: int, run: int) -> Trace:
        """Where the value of a year stands in a run."""
        place = self.places[run]
        assert place is not None
        return replace(place, where=(*place.where, (self.when, year)), run=run)


@dataclass(frozen=True)
class Pair:
    """One series of the first run beside that of another, by year.

    Attributes
    ----------
    years : year-ends, or years of events
    first, value : at stated values
    apart : difference, of the run at stated values
    low, high : its 80% band draw by draw; NaN without one
    """

    line: ComparedSeries
    run: int
    years: list[int]
    first: np.ndarray
    value: np.ndarray
    apart: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def unlike(self) -> np.ndarray:
        """Of each year, whether the numbers or the band of their difference say that the runs differ."""
        size = np.fmax(np.abs(self.first), np.abs(self.value))
        wide = np.fmax(np.abs(self.low), np.abs(self.high))
        one_known = np.isfinite(self.first) != np.isfinite(self.value)
        out: np.ndarray = one_known | (np.abs(self.apart) > _SAME * size) | (wide > _ROUNDED * size)
        return out

    def at(self, year: int) -> int | None:
        """Place of a year; None where the series has it not."""
        return self.years.index(year) if year in self.years else None


def compared(reader: Reader) -> list[ComparedSeries]:
    """Series of any of the runs: people, events, groups, needs and supply, stocks, targets."""
    lines = [*_people(reader), *_events(reader), *_groups(reader), *_resources(reader), *_stocks(reader)]
    return [*lines, *_targets(reader)]


def pairs(reader: Reader, line: ComparedSeries, years: Iterable[int]) -> list[Pair]:
    """A series of the first run beside those of the others; none where a run lacks it."""
    if not line.shared:
        return []
    # Nothing happens in the year before the start.
    shown = list(years)[1:] if line.when == "year" else list(years)
    values = [_along(reader, line, run, shown) for run in range(len(line.places))]
    out = []
    for run in range(1, len(values)):
        first, other = values[0], values[run]
        low = high = np.full(len(shown), np.nan)
        if (draws := min(len(first), len(other)) - 1) >= DRAWS_FOR_QUANTILES:
            low, high = np.quantile(other[1 : 1 + draws] - first[1 : 1 + draws], (0.1, 0.9), axis=0)
        out.append(Pair(line, run, shown, first[0], other[0], other[0] - first[0], low, high))
    return out


def _along(reader: Reader, line: ComparedSeries, run: int, years: list[int]) -> np.ndarray:
    """The run at stated values, then its draws, by year."""
    place = line.places[run]
    assert place is not None
    return (reader.others[run - 1] if run else reader).along(place, line.when, years)


def _everywhere(reader: Reader, place: Trace) -> tuple[Trace | None, ...]:
    """The same place in each run that has it."""
    return tuple(place if _has(run, place) else None for run in (reader, *reader.others))


def _has(run: Reader, place: Trace) -> bool:
    if not run.has(place.path):
        return False
    coords = run.array(place.path).coords
    return all(dim not in coords or isinstance(code, tuple) or code in coords[dim].values for dim, code in place.where)


def _people(reader: Reader) -> list[ComparedSeries]:
    def within(ages: str) -> Trace:
        low, high = AGE_SPANS[ages] if ages else (0, 200)
        names = [str(a) for a in reader.results.summary["age_group"].values]
        return Trace("population/summary", (("age_group", tuple(
            n for n in names if low <= int(n.rstrip("+").partition("-")[0]) <= high)),))  # fmt: skip

    def line(key: str, label: str, place: Trace) -> ComparedSeries:
        return ComparedSeries(key, label, "persons", "population", _everywhere(reader, place))

    everyone = Trace("population/summary")
    out = [line("population.total", reader.say("常住人口", "Residents"), everyone)]
    out += [line(f"ages.{ages}", reader.say(zh, en), within(ages)) for ages, zh, en in _BANDS]
    for dim, zh in (("residence", "常住人口"), ("sex", "性常住人口")):
        codes = [str(c) for c in reader.array("population/summary")[dim].values]
        if len(codes) > 1:
            out += [
                line(f"{dim}.{code}", reader.label(dim, code) + reader.say(zh, " residents"),
                     Trace("population/summary", ((dim, code),))) for code in codes
            ]  # fmt: skip
    return out


def _events(reader: Reader) -> list[ComparedSeries]:
    return [
        ComparedSeries(f"flows.{code}", label, "persons", "population", places, "year", yearly=True)
        for code, label, _, places in _codes(reader, "flows/flows", "flow")
    ]


def _groups(reader: Reader) -> list[ComparedSeries]:
    return [
        ComparedSeries(f"groups.{code}", label, unit or "persons", "groups", places)
        for code, label, unit, places in _codes(reader, "groups/groups", "group")
    ]


def _resources(reader: Reader) -> list[ComparedSeries]:
    out = []
    runs = [run for run in (reader, *reader.others) if run.has("demand/need")]
    kinds = dict.fromkeys(str(k) for run in runs for k in run.array("demand/need")["need_kind"].values)
    for code, label, unit, places in _codes(reader, "demand/need", "resource"):
        supplied = tuple(None if p is None else replace(p, path="demand/supply") for p in places)
        name = label + reader.say("供给", ": supply")
        out.append(ComparedSeries(f"supply.{code}", name, unit or "units", "demand", supplied))
        for kind in kinds:
            meant = reader.label("need_kind", kind)
            name = label + reader.say(f"需求（{meant}）", f": need ({meant.lower()})")
            there = tuple(None if p is None else replace(p, where=(*p.where, ("need_kind", kind))) for p in places)
            out.append(ComparedSeries(f"need.{code}.{kind}", name, unit or "units", "demand", there))
    return [line for line in out if _known(reader, line)]


def _stocks(reader: Reader) -> list[ComparedSeries]:
    moves: set[str] = set()
    served: dict[str, str] = {}
    for run in (reader, *reader.others):
        if run.has("demand/ledger_series"):
            moves |= {str(name) for name in run.array("demand/ledger_series").values}
        for id_, unit in zip(run.inputs["id"].astype(str), run.inputs["unit"].astype(str), strict=True):
            place, _, rest = id_.partition(".")
            counted = unit.partition(" ")[0]  # yuan of `yuan a year`
            if place == "supply" and counted in COUNTED:
                served.setdefault(rest.partition(".")[0], counted)
        if run.has("demand/need"):
            served |= run.codes("demand/need", "resource", "unit")
    out = []
    for code, label, _, places in _codes(reader, "demand/stocks", "stock"):
        name, *parts = label.split(reader.say("：", ": "))
        shown = name + (reader.say(f"（{'，'.join(parts)}）", f" ({', '.join(parts).lower()})") if parts else "")
        out.append(
            ComparedSeries(f"stocks.{code}", shown, served.get(code.partition(".")[0], ""), "stocks", places,
                 yearly=code in moves)
        )  # fmt: skip
    return out


def _targets(reader: Reader) -> list[ComparedSeries]:
    """Values of the indicator of each target by year."""
    found = [{(r["id"], r["reading"]): r for r in rows_of(run)} for run in (reader, *reader.others)]
    out = []
    for key in dict.fromkeys(key for rows in found for key in rows):
        first = next(rows[key] for rows in found if key in rows)
        places = tuple(
            Trace("plan/indicator", (("target", rows[key]["place"]),)) if key in rows else None for rows in found
        )
        name = f"indicator.{key[0]}" + ("" if key[1] in ("indicator", "") else f".{key[1]}")
        out.append(ComparedSeries(name, name_of(reader, first), str(first["unit"]), "targets", places))
    return [line for line in out if _known(reader, line)]


def _known(reader: Reader, line: ComparedSeries) -> bool:
    """Whether a run has a number of it."""
    runs = zip((reader, *reader.others), line.places, strict=True)
    return any(place is not None and np.isfinite(run.along(place, "time", run.years)[0]).any() for run, place in runs)


def _codes(reader: Reader, path: str, dim: str) -> list[tuple[str, str, str, tuple[Trace | None, ...]]]:
    """Codes of a dimension that any run has, by subject, with label, unit and places."""
    labels: dict[str, str] = {}
    units: dict[str, str] = {}
    for run in (reader, *reader.others):
        if run.has(path):
            names = run.names(path, dim)
            ordered = [code for codes in run.subjects(path, dim, detail=True).values() for code in codes]
            labels = labels | {code: names[code] for code in ordered if code not in labels}
            units = {**run.codes(path, dim, "unit"), **units}
    return [(code, labels[code], units.get(code, ""), _everywhere(reader, Trace(path, ((dim, code),))))
            for code in labels]  # fmt: skip
