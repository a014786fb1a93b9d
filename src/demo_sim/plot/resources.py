"""Which resources of a run a chart shows: by kind, in the order of the catalogue; and what their supply rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from demo_sim.results.subjects import by_subject

if TYPE_CHECKING:
    from demo_sim.results import Results


def chosen(results: Results, asked: Callable[[str, str], bool]) -> list[str]:
    """Resources of a kind, by subject and rank; those that are parts or checks of others are left out.

    Parameters
    ----------
    results : a run with needs
    asked : whether a resource of this subject and unit is shown
    """
    need = results.need
    units = dict(zip(need["resource"].values.tolist(), need["resource_unit"].values.tolist(), strict=True))
    found = by_subject(need, "resource", detail=False)
    return [name for subject, names in found.items() for name in names if asked(subject, str(units[name]))]


def stock_of(results: Results, resource: str) -> str:
    """The stock that supplies a resource, '' where none does."""
    need = results.need
    return str(need["resource_supply"].sel(resource=resource).item()) if "resource_supply" in need.coords else ""


def supply_inputs(results: Results, resources: Iterable[str]) -> tuple[str, ...]:
    """Beginnings of the ids of inputs that the supply of resources rests on."""
    stocks = (stock_of(results, name).partition(".")[0] for name in resources)
    return tuple(dict.fromkeys(f"supply.{stock}" for stock in stocks if stock))
