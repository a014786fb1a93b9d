"""A plain stock with one yearly change."""

from __future__ import annotations

import numpy as np

from demo_sim.supply.book import Stocks
from demo_sim.supply.entry import Entry
from demo_sim.supply.flows import Flow, follow_stock


def plain_stock(entry: Entry, stocks: Stocks) -> None:
    """A rise is what was completed in the year, a fall what was closed; never below zero."""
    name, dated = entry.name, entry.opening()
    change = entry.path("yearly_change", 0.0)
    flows = (
        Flow("completions", "completions", 1, count=np.maximum(change, 0.0), absorbs=True, told=True),
        Flow("closures", "closures", -1, count=np.maximum(-change, 0.0), absorbs=True, told=True),
    )
    stocks.series[name], amounts = follow_stock(dated, flows)
    stocks.enter_all(name, flows, amounts, name)
    stocks.note(name, dated)
