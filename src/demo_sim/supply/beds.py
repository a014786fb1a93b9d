"""Beds: begun, opened after a build lag, closed, re-classified, with a nursing-type part by conversion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.supply.book import Stocks
from demo_sim.supply.entry import Entry
from demo_sim.supply.flows import Flow, follow_stock
from demo_sim.supply.lags import delayed, evenly
from demo_sim.supply.parts import Part, follow_part

BUILD, CONVERT = 2.0, 1.0  # years, where the scenario gives no lag


def bed_stock(entry: Entry, stocks: Stocks) -> None:
    """Beds by year, with the nursing-type part where the scenario gives one.

    Closed beds are nursing-type in the share `closure_nursing_share`, opened ones in `opened_nursing_share` or in
    the share of the stock; a conversion changes the part and not the total. Where later stocks are dated their
    change is the net flow: the openings that are declared are taken to have happened, the rest is closures.
    """
    name, dated = entry.name, entry.opening()
    sites = _Sites.of(entry)
    flows = [
        Flow("openings", "completions", 1, count=_yearly(entry, "openings_per_year") + sites.finished, absorbs=True),
        Flow("closures", "closures", -1, rate=entry.path("closure", 0.0), absorbs=True, told=True),
    ]
    if entry.has("reclassified"):
        flows.insert(0, Flow("reclassified", "reclassified", 1, count=entry.path("reclassified", 0.0)))
    total, amounts = follow_stock(dated, flows)
    stocks.series[name] = total
    stocks.enter_all(name, flows, amounts, name)
    stocks.note(name, dated)
    sites.enter(f"{name}.under_construction", stocks)
    by_share = entry.has("nursing_share")
    if not by_share and not entry.has("nursing"):
        return
    told = entry.part("nursing_share" if by_share else "nursing", total)
    shares = {"closures": entry.path("closure_nursing_share", 1.0)}
    if entry.has("opened_nursing_share"):
        shares["openings"] = entry.path("opened_nursing_share", 0.0)
    begun = _yearly(entry, "conversion_starts_per_year")
    lag = entry.at_start("build_lag", CONVERT, name="convert")
    transfer = _yearly(entry, "conversions_per_year") + delayed(begun, lag)
    nursing = follow_part(Part(told, by_share, transfer, shares), total, flows, amounts)
    part = f"{name}.nursing"
    stocks.series[part] = nursing.stock
    stocks.enter_all(part, flows, nursing.amounts, part)
    stocks.enter(part, "conversions", f"{name}.conversions", 1, nursing.gained)
    if told.known:
        stocks.enter(part, "reclassified", f"{part}.taken_back", 1, nursing.reclassified)
    stocks.note(part, told)


def _yearly(entry: Entry, name: str) -> np.ndarray:
    return entry.path("pipeline", 0.0, name=name)


@dataclass(frozen=True)
class _Sites:
    """Beds under construction: those of the start (draw,), begun and finished in each year (time, draw)."""

    at_start: np.ndarray
    begun: np.ndarray
    finished: np.ndarray
    given: bool

    @classmethod
    def of(cls, entry: Entry) -> _Sites:
        lag = entry.at_start("build_lag", BUILD, name="build")
        at_start, begun = _yearly(entry, "under_construction")[0], _yearly(entry, "starts_per_year")
        begun[0] = 0.0
        names = entry.get("pipeline").distinct("name") if entry.has("pipeline") else []
        given = bool({"under_construction", "starts_per_year"} & set(names))
        return cls(at_start, begun, evenly(at_start, lag, len(begun)) + delayed(begun, lag), given)

    def enter(self, name: str, stocks: Stocks) -> None:
        """They are a stock of their own, where the scenario speaks of them."""
        if self.given:
            stocks.series[name] = np.maximum(self.at_start + np.cumsum(self.begun - self.finished, axis=0), 0.0)
            stocks.enter(name, "begun", f"{name}.begun", 1, self.begun)
            stocks.enter(name, "moved_on", f"{name}.finished", -1, self.finished)
