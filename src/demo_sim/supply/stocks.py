"""All stocks of a scenario: each entry under `supply` is built by the recipe of its kind.

A recipe only says which flows a kind has and where their numbers stand; `flows.py` and `parts.py` do the years,
`ledger.py` keeps the balance. Flows stand at the year-end of their year; that of the opening stock is unknown (NaN).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from demo_sim.errors import IdentityError
from demo_sim.supply.beds import bed_stock
from demo_sim.supply.book import Stocks
from demo_sim.supply.budgets import budget
from demo_sim.supply.covered import covered
from demo_sim.supply.entry import Context, Entry
from demo_sim.supply.ledger import imbalance
from demo_sim.supply.places import free_places
from demo_sim.supply.plain import plain_stock
from demo_sim.supply.staff import staff

__all__ = ["Context", "Stocks", "build_supply"]

RECIPES: dict[str, Callable[[Entry, Stocks], None]] = {
    "beds": bed_stock,
    "staff": staff,
    "stock": plain_stock,
    "covered": covered,
    "places": free_places,
    "budget": budget,
}
_TOLERANCE = 1e-9  # of the largest stock: sums of floating-point numbers in another order


class _Setting(Protocol):
    """An entry of the scenario, of whatever kind."""

    @property
    def kind(self) -> str:
        """Name of the recipe."""
        ...


def build_supply(entries: Mapping[str, _Setting], context: Context) -> Stocks:
    """All stocks of a scenario.

    Parameters
    ----------
    entries : settings of each entry under `supply`
    context : years, draws, and the groups and flows that stocks refer to

    Raises
    ------
    InputError
        An entry gives no stock, or refers to a group that could not be counted.
    IdentityError
        A stock does not balance.
    """
    stocks = Stocks()
    for name, setting in entries.items():
        RECIPES[setting.kind](Entry(name, setting, context), stocks)
    for name, off in imbalance(stocks.series, stocks.ledger).items():
        if off > _TOLERANCE * max(float(stocks.series[name].max(initial=0.0)), 1.0):
            raise IdentityError(
                f"supply.{name}：年初存量加减全年变动与年末存量相差 {off:g}",
                f"supply.{name}: opening stock and movements of a year differ from the closing stock by {off:g}",
            )
    return stocks
