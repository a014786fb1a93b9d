"""What the inputs imply for the first and the last year, beside usual bounds and the place above."""

from __future__ import annotations

from dataclasses import dataclass

from demo_sim.places import Place, census, place_of
from demo_sim.places.migration import residual
from demo_sim.places.rates import fertility, life_expectancy
from demo_sim.scenario import Scenario
from demo_sim.scenario.messages import Text
from demo_sim.sense.inputs import Ages, Level
from demo_sim.vocab import label

NATION = "000000"


@dataclass(frozen=True)
class ImpliedFigure:
    """One figure that the inputs imply.

    Attributes
    ----------
    name : key of the labels in `vocab` (`implied`)
    first, last : at the first and last year-end, None where the inputs do not tell
    usual : lowest and highest value that is nothing to ask about, None for any
    above : of the place above, or of the nation; None where not published
    digits : after the point
    """

    name: str
    first: float | None
    last: float | None
    usual: tuple[float, float] | None
    above: float | None
    digits: int = 1

    @property
    def label(self) -> Text:
        """Name in both languages."""
        return Text(*(label("implied", self.name, lang) for lang in ("zh", "en")))


# Wider than the counties of China at the census of 2020, migrants of 2010 to 2020 with them, but for the sexes of a
# dozen towns of miners, frontiers and shipyards (up to 238 men per 100 women).
USUAL = {
    "older_60": (2.5, 50.0),
    "older_80": (0.2, 15.0),
    "men_per_100_women": (70.0, 150.0),
    "e0_male": (58.0, 84.0),
    "e0_female": (62.0, 90.0),
    "tfr": (0.4, 3.5),
    "net_per_1000": (-60.0, 40.0),
    "beds_per_1000_60": (2.0, 120.0),
    "workers_per_10000": (1.0, 60.0),
}


def place_above(scenario: Scenario) -> Place:
    """The place that the scenario's lies in, by its code; the nation where there is none."""
    own = place_of(scenario.settings.place or scenario.settings.region.code)
    above = None if own is None else place_of(own.parent)
    nation = place_of(NATION)
    assert nation is not None
    return above or nation


def implied_figures(level: Level) -> list[ImpliedFigure]:
    """The figures of a scenario."""
    start, end = level.years
    above = place_above(level.scenario)
    theirs = of_place(above)
    first, last = level.base, level.last

    def both(name: str, one: float | None, other: float | None, digits: int = 1) -> ImpliedFigure:
        return ImpliedFigure(name, one, other, USUAL.get(name), theirs.get(name), digits)

    def ages(name: str, from_: int) -> ImpliedFigure:
        return both(name, _share(first, from_), _share(last, from_))

    moved = [_sum(level.moves(year)) for year in (start, end)]
    net = [
        1000.0 * n / people if people and n is not None else None
        for n, people in zip(moved, (_sum(first), _sum(last)), strict=True)
    ]
    found = [
        both("people", _sum(first), _sum(last), 0),
        ages("older_60", 60),
        ages("older_80", 80),
        both("men_per_100_women", _ratio(first), _ratio(last)),
        *(both(f"e0_{sex}", level.e0(start, sex), level.e0(end, sex)) for sex in ("male", "female")),
        both("tfr", sum(level.asfr(start)), sum(level.asfr(end)), 2),
        both("net_per_1000", net[0], net[1]),
        both("beds_per_1000_60", *_per(level, "beds", first, last)),
        both("workers_per_10000", *_per(level, "staff", first, last)),
    ]
    return [figure for figure in found if figure.first is not None or figure.last is not None]


def _sum(people: Ages | None) -> float | None:
    return None if people is None else sum(map(sum, people.values()))


def _share(people: Ages | None, from_: int) -> float | None:
    whole = _sum(people)
    return None if people is None or not whole else 100.0 * sum(sum(v[from_:]) for v in people.values()) / whole


def _ratio(people: Ages | None) -> float | None:
    return None if people is None or not sum(people["female"]) else 100.0 * sum(people["male"]) / sum(people["female"])


_MAIN = {"beds": "institution_beds", "staff": "community_workers"}


def _per(level: Level, kind: str, first: Ages | None, last: Ages | None) -> tuple[float | None, float | None]:
    """Beds per 1,000 people of 60 and over, or community workers per 10,000 people, the stock as last known."""
    name = _MAIN[kind]
    out: list[float | None] = []
    for year, people in ((level.years[0] - 1, first), (level.years[1], last)):
        per = level.number(f"supply.{name}.per_10000_urban", year) if kind == "staff" else None
        stock = level.number(f"supply.{name}.stock", year)
        whole = _sum(people) if kind == "staff" or people is None else sum(sum(v[60:]) for v in people.values())
        heads = 1e4 if kind == "staff" else 1e3
        out.append(per if per is not None else None if stock is None or not whole else heads * stock / whole)
    return out[0], out[1]


def of_place(place: Place) -> dict[str, float]:
    """Figures of a place at the census of 2020."""
    counted = census.counted(place.code, 2020)
    out: dict[str, float] = {}
    if counted is not None:
        whole = sum(map(sum, counted.values()))
        old = {from_: sum(_from(values, from_) for values in counted.values()) for from_ in (60, 80)}
        out |= {
            "people": float(whole),
            "older_60": 100.0 * old[60] / whole,
            "older_80": 100.0 * old[80] / whole,
            "men_per_100_women": 100.0 * sum(counted["male"]) / sum(counted["female"]),
        }
    e0 = life_expectancy(place)
    out |= {f"e0_{sex}": one.value for sex, one in e0.items()} | {"tfr": fertility(place).value}
    moved = None if place.level == "nation" else residual(place)
    if moved is not None and counted is not None:
        out["net_per_1000"] = 100.0 * sum(map(sum, moved[1].values())) / out["people"]
    return out


def _from(values: list[int], age: int) -> int:
    labels = [int(label.rstrip("+").split("-")[0]) for label in census.AGES]
    return sum(n for first, n in zip(labels, values, strict=True) if first >= age)
