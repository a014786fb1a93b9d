"""Places by code and name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from demo_sim.places.census import NATION, rows

_LEVELS = ("nation", "province", "prefecture", "county", "zone")
UNITS = ("streets", "towns", "townships", "other_town_level", "communities", "villages", "other_village_level")
_ENDINGS = re.compile(
    "(壮族自治区|回族自治区|维吾尔自治区|自治区|自治州|自治县|自治旗|地区|林区|特区|省|市|盟|县|区|旗)$"
)


@dataclass(frozen=True)
class Place:
    """A place of the census of 2020.

    Attributes
    ----------
    code : division code; with a Z where it is ours, of zones that have none
    name : as the census prints it
    level : of `_LEVELS`
    parent : code of the place it lies in, empty for the nation
    total, older_60 : residents on 2020-11-01, all and of 60 and over
    units : streets, towns, communities, villages and so on, of 2023-06-30; empty where not known
    """

    code: str
    name: str
    level: str
    parent: str
    total: int
    older_60: int
    units: dict[str, int] = field(default_factory=dict)

    @property
    def province(self) -> str:
        """Code of its province, or of the nation."""
        return NATION if self.level == "nation" else f"{self.code[:2]}0000"

    @property
    def above(self) -> list[Place]:
        """The places it lies in, the province first; the nation is left out."""
        out: list[Place] = []
        here = places().get(self.parent)
        while here is not None and here.level != "nation":
            out.insert(0, here)
            here = places().get(here.parent)
        return out

    @property
    def full_name(self) -> str:
        """Name after those of the places it lies in."""
        names = [place.name for place in self.above if "直辖县级" not in place.name]
        return " ".join([*(name for name in names if name != self.name), self.name])


@cache
def places() -> dict[str, Place]:
    """All places by code, in the order of the census."""
    return {
        row["code"]: Place(
            row["code"],
            row["name"],
            row["level"],
            row["parent"],
            int(row["total"]),
            int(row["older_60"]),
            {name: int(row[name]) for name in UNITS if row[name]},
        )
        for row in rows("places.csv")
    }


def place_of(code: str) -> Place | None:
    """The place of a code."""
    return places().get(code)


def children(code: str) -> list[Place]:
    """Places that lie directly in one."""
    return [place for place in places().values() if place.parent == code]


def counties_of(place: Place) -> list[Place]:
    """Counties that lie in a place; of a county itself, or a prefecture without counties, the place alone."""
    inside = [
        one for one in places().values() if one.level == "county" and (place in one.above or place.level == "nation")
    ]
    return inside or [place]


def find(text: str) -> list[Place]:
    """Places that a text may mean, the best first: by code, by name, by names one after the other, by a part of it."""
    wanted = re.sub(r"\s+", "", text)
    if not wanted:
        return [*places().values()]
    if (exact := place_of(wanted)) is not None:
        return [exact]
    named = [place for place in places().values() if place.name == wanted] or [
        place for place in places().values() if wanted in _ways(place)
    ]
    if named:
        return named
    return [place for place in places().values() if wanted in place.full_name.replace(" ", "")]


def the_place(text: str) -> Place | None:
    """The place that a text names without doubt, or None."""
    found = find(text)
    if len(found) == 1 and text == found[0].code:
        return found[0]  # without the ways to name each place, which take a twentieth of a second
    if len(found) == 1 and re.sub(r"\s+", "", text) in {found[0].code, *_ways(found[0])}:
        return found[0]
    return None


@cache
def _all_ways() -> dict[str, frozenset[str]]:
    return {code: frozenset(_named(place)) for code, place in places().items()}


def _ways(place: Place) -> frozenset[str]:
    """Ways to name a place: its name, with or without ending, after those of places it lies in."""
    return _all_ways()[place.code]


def _named(place: Place) -> list[str]:
    own = [place.name, stem(place.name)]
    above = [[p.name, stem(p.name)] for p in place.above]
    fronts = [""]
    for names in above:
        fronts += [front + name for front in fronts for name in names]
    return [front + name for front in fronts for name in own]


def stem(name: str) -> str:
    """A name without its ending; whole where little would be left."""
    out = _ENDINGS.sub("", name)
    return out if len(out) > 1 else name
