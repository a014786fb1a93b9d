"""Units of what plans ask for."""

from __future__ import annotations

from demo_sim.scenario import Scenario

_WHOLE = (
    "persons", "beds", "households", "posts", "places", "units", "person_times", "m2", "yuan", "years", "remains",
    "minutes", "rank",
)  # fmt: skip
_PARTS = 10_000  # of a share or another rate: a hundredth of a percentage point
OF_KIND = {"beds": "beds", "staff": "posts", "covered": "persons", "places": "places", "budget": "yuan"}


def per_unit(unit: str) -> int:
    """How many steps that can be told apart make one unit: one of what is counted in whole numbers."""
    return 1 if unit in _WHOLE else _PARTS


def unit_of_series(name: str, scenario: Scenario, whole: str = "") -> str:
    """Unit of a series of the run, or of a figure of the office.

    Parameters
    ----------
    whole : series that it is set against: people of a group who have something are people
    """
    catalog = scenario.catalog
    kind, _, rest = name.partition(".")
    if kind == "supply" and ".certified" in rest:
        return "persons"  # who has a certificate, not the post
    if kind == "groups":
        return catalog.populations[rest].unit if rest in catalog.populations else "persons"
    if kind in ("flows", "population"):
        return "persons"
    first = rest.partition(".")[0]
    ids = {(r.id if kind == "need" else r.supply): r.unit for r in catalog.resources.values()}
    entry = scenario.settings.supply.get(first) if kind == "supply" else None
    known = ids.get(rest if kind == "supply" else first) or (OF_KIND.get(entry.kind, "") if entry else "")
    # A stock of one's own, of which nothing says what it counts, is so many of it.
    return known or ids.get(first, "persons" if whole.startswith("groups.") and entry is None else "units")
