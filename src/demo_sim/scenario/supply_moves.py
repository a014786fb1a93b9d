"""What moves each kind of stock after its last dated figure: where none of it is given, the stock goes on as it did."""

from __future__ import annotations

from collections.abc import Mapping

from demo_sim.scenario.measures import without_measures
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import Quantity
from demo_sim.scenario.settings import Settings
from demo_sim.scenario.values import ValueReader

_KEPT = "supply.kept"  # the row of the register
STOCKS = ("stock", "per_10000_urban", "per_100_households", "share")  # keys of a stock, and of its part
STOCK_PARTS = ("nursing_share", "nursing", "certified_share")

# By kind: keys that say what comes in, with the names of a key where only some of them do.
MoveKeys = Mapping[str, Mapping[str, tuple[str, ...]]]
OF_STOCK: MoveKeys = {
    "beds": {"pipeline": ("under_construction", "starts_per_year", "openings_per_year"), "reclassified": ()},
    "staff": {"added": (), "replaced": ()},
    "stock": {"yearly_change": ()},
    "covered": {"signed": ()},
}
# The same of the nursing-type and the certified part.
OF_PART: MoveKeys = {
    "beds": {"pipeline": ("conversion_starts_per_year", "conversions_per_year"), "opened_nursing_share": ()},
    "staff": {"trainings": (), "hired_certified": ()},
}


def moves(quantities: Mapping[str, Quantity], name: str, kind: str, of: MoveKeys = OF_STOCK) -> bool:
    """Whether the scenario says what comes into a stock, or into its part; so it is with kinds that events move."""
    for key, names in of.get(kind, {}).items():
        quantity = quantities.get(f"supply.{name}.{key}")
        if quantity is not None and (not names or any(row.name in names for row in quantity.rows)):
            return True
    return kind not in of


def dated_twice(quantities: Mapping[str, Quantity], path: str) -> bool:
    """Whether a number has figures of two years or more."""
    return path in quantities and len({row.year for row in quantities[path].rows if row.year is not None}) > 1


def goes_on(quantities: Mapping[str, Quantity], name: str, kind: str) -> bool:
    """Whether a stock or its part is carried on by what its dated figures show."""
    return any(
        not moves(quantities, name, kind, of) and any(dated_twice(quantities, f"supply.{name}.{key}") for key in keys)
        for of, keys in ((OF_STOCK, STOCKS), (OF_PART, STOCK_PARTS))
    )


def going_on(quantities: Mapping[str, Quantity], settings: Settings, known: int) -> list[str]:
    """Stocks that their dated figures carry on, or would if the measures of the years after `known` were not there."""
    without = without_measures(quantities, settings.supply, known)
    return [
        name
        for name, entry in settings.supply.items()
        if any(goes_on(found, name, entry.kind) for found in (quantities, without.get(name, {})))
    ]


def take_kept(settings: Settings, root: Node, values: ValueReader, known: int) -> None:
    """Take from the register how much of an observed change goes on, for the stocks that ask for it."""
    for name in going_on(values.quantities, settings, known):
        path = f"supply.{name}.kept"
        if path not in values.quantities:
            values.assume(path, _KEPT, root.find(("supply", name)).where)
