"""Those of a group who are covered: family-doctor contracts, health records, home adaptations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from demo_sim.supply.book import Stocks
from demo_sim.supply.entry import Entry
from demo_sim.supply.flows import Flow, follow_stock


def covered(entry: Entry, stocks: Stocks) -> None:
    """Signed up and lapsing, never more than the group has members.

    Where it is not said how many sign up in a year, the share goes on as its figures show, or stays as it is: those
    who sign up are then as many as make up for those who lapse and for a group that grows.
    """
    name, of = entry.name, entry.setting.of
    heads = entry.group(of, "share")
    if not entry.has("share"):
        raise entry.error("share", "没有给出已覆盖占比（share）", "no share that is covered is given")
    share = entry.dated("share")
    if not entry.moves():
        share = entry.gone_on("share", share, np.ones_like(heads), share=True)
    dated = replace(share, path=share.path * heads)
    flows = (
        Flow("lapsed", "leavers", -1, rate=entry.path("lapse", 0.0), absorbs=True),
        Flow("signed", "gained", 1, count=entry.path("signed", 0.0), absorbs=True, told=True),
    )
    stocks.series[name], amounts = follow_stock(dated, flows, ceiling=heads)
    stocks.enter_all(name, flows, amounts, name)
    stocks.note(name, dated)
