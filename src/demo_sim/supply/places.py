"""Places that deaths use up: burial places, niches, eco-burial plots."""

from __future__ import annotations

import numpy as np

from demo_sim.supply.book import Stocks
from demo_sim.supply.entry import Entry
from demo_sim.supply.flows import Flow, follow_stock


def free_places(entry: Entry, stocks: Stocks) -> None:
    """Free places: those built in a year, less those that the deaths of the year use.

    Series `x.wanted` is what the deaths would use, `x.short` what is lacking of it.
    """
    name = entry.name
    if "deaths" not in entry.context.flows:
        raise entry.error("share_of_deaths", "本次运行没有死亡人数", "this run has no deaths")
    dated, deaths = entry.opening(), entry.context.flows["deaths"]
    wanted = np.nan_to_num(deaths) * entry.path("share_of_deaths", 1.0) * entry.path("places_each", 1.0)
    flows = (
        Flow("completions", "completions", 1, count=entry.path("built", 0.0), absorbs=True),
        Flow("used", "used", -1, count=wanted),
        Flow("closures", "closures", -1, absorbs=True),
    )
    stocks.series[name], amounts = follow_stock(dated, flows)
    stocks.enter_all(name, flows, amounts, name)
    stocks.flow(f"{name}.wanted", wanted)
    stocks.flow(f"{name}.short", wanted - amounts["used"])
    stocks.note(name, dated)
