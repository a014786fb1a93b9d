"""What must hold of the stocks of a scenario: there is one, its group can be counted, its parts fit into it."""

from __future__ import annotations

from collections.abc import Mapping

from demo_sim.scenario.catalog import Catalog
from demo_sim.scenario.messages import Problems, listed, nearest
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import Quantity, value_at
from demo_sim.scenario.rules import countable
from demo_sim.scenario.settings import Settings

# A number without which an entry of a kind is nothing; one of each tuple.
_NEEDED = {
    "beds": ("stock", "per_10000_urban", "per_100_households"),
    "staff": ("stock", "per_10000_urban", "per_100_households"),
    "stock": ("stock", "per_10000_urban", "per_100_households"),
    "places": ("stock",),
    "covered": ("share",),
    "budget": ("standard", "monthly"),
}
# A stock given per head of a group.
_PER_HEAD = {"per_10000_urban": "urban_residents", "per_100_households": "households"}


def check_supply(
    settings: Settings,
    root: Node,
    quantities: Mapping[str, Quantity],
    catalog: Catalog,
    apart: bool | None,
    problems: Problems,
) -> None:
    """Note stocks that a run could not form.

    Parameters
    ----------
    apart : whether the run tells urban from rural; None where a saved run decides
    """
    lacks: dict[str, list[str]] | None = None
    for name, entry in settings.supply.items():
        here = root.find(("supply", name))
        needed = [key for key in _NEEDED[entry.kind] if key in type(entry).model_fields]
        given = [key for key in needed if f"supply.{name}.{key}" in quantities]
        if not given:
            problems.add(here.where, "no_stock", given=name, allowed=listed(needed))
        group = getattr(entry, "of", "") or next((_PER_HEAD[key] for key in given if key in _PER_HEAD), "")
        if group and group not in catalog.populations:
            where = here.find(("of",)).where
            problems.add(where, "unknown_group", given=group, near=nearest(group, catalog.populations))
        elif group and apart is not None:
            if lacks is None:
                has_kin = apart and settings.history is not None
                lacks = countable(catalog.populations, quantities, apart, settings.function is not None, has_kin)
            if lacks[group]:
                problems.add(here.where, "not_counted", given=f"groups.{group}", missing=listed(lacks[group]))
        if entry.kind == "beds":
            _check_nursing(name, quantities, settings, problems)


def _check_nursing(name: str, quantities: Mapping[str, Quantity], settings: Settings, problems: Problems) -> None:
    """Nursing beds lie within the beds."""
    part, whole = (quantities.get(f"supply.{name}.{key}") for key in ("nursing", "stock"))
    for row in part.rows if part is not None and whole is not None else ():
        assert part is not None and whole is not None
        beds = value_at(whole.rows, row.year or settings.period.start - 1, {})
        if beds is not None and row.value > beds:
            problems.add(part.where, "part_above", given=f"{row.value:g}", whole=f"{beds:g}", path=whole.path)
            return
