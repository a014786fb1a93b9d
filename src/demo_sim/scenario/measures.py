"""Measures that a scenario plans: what it says of coming years on what comes into a stock; and the stocks without them.

A number of a key that says what comes in (openings, conversions, hires, trainings, contracts, a yearly change, places
built) is a measure where it is not nought and

- is dated to a year after `known_until`, and is written in the scenario or marked `status: plan`; or
- has no year and is marked `status: plan`.

All else is how things go: figures of years that are over, rates and assumptions of the register, a typed nought.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from demo_sim.scenario.fields import Numeric
from demo_sim.scenario.quantity import Quantity, Row

PLANNED = "plan"
HAPPENED = ("published", "fitted", "derived")  # statuses of what is over, whatever its year


def without_measures(
    quantities: Mapping[str, Quantity], supply: Mapping[str, Any], known: int
) -> dict[str, dict[str, Quantity]]:
    """Quantities of the stocks for which measures are planned, as they are with these taken away; by stock and path.

    What is dated up to the last known year stays, and holds on; a key of which nothing is left is not there.

    Parameters
    ----------
    quantities : of the scenario
    supply : its entries
    known : the last year-end that it knows
    """
    found: dict[str, dict[str, Quantity]] = {}
    for name, entry in supply.items():
        planned = dict(measures(quantities, name, entry, known))
        if not planned:
            continue
        own = {path: quantity for path, quantity in quantities.items() if path.startswith(f"supply.{name}.")}
        for path, rows in planned.items():
            left = tuple(row for row in own[path].rows if row not in rows)
            if left:
                own[path] = replace(own[path], rows=left)
            else:
                del own[path]
        found[name] = own
    return found


def measures(
    quantities: Mapping[str, Quantity], name: str, entry: Any, known: int
) -> Iterator[tuple[str, tuple[Row, ...]]]:
    """Paths of a stock that hold measures, with their rows: of a name those that one of them goes with."""
    for key, setting in type(entry).model_fields.items():
        path = f"supply.{name}.{key}"
        if path not in quantities or not any(isinstance(mark, Numeric) and mark.inflow for mark in setting.metadata):
            continue
        coming = [row for row in quantities[path].rows if _of_coming_years(row, path, known)]
        named = {row.name for row in coming if row.value != 0.0}
        rows = tuple(row for row in coming if row.name in named)
        if rows:
            yield path, rows


def _of_coming_years(row: Row, path: str, known: int) -> bool:
    if row.year is None:
        return row.status == PLANNED
    return row.year > known and (row.status == PLANNED or (row.id == path and row.status not in HAPPENED))
