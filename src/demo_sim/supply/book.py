"""Where the recipes write what they find: series, ledger lines, warnings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from demo_sim.supply.flows import Dated, Flow
from demo_sim.supply.going_on import GoingOn
from demo_sim.supply.ledger import Movement


@dataclass
class Stocks:
    """Series of all stocks and flows, the ledger, and the years of each stock that are published figures.

    Attributes
    ----------
    series : (time, draw) by name: a stock `x`, its parts such as `x.nursing`, its flows such as `x.openings`
    ledger : which flow enters which stock
    observed : year-ends with a published figure, by series name
    going_on : how a stock goes on after its last figure where nothing is said to move it, by series name
    warnings : findings in Chinese and English
    """

    series: dict[str, np.ndarray] = field(default_factory=dict)
    ledger: list[Movement] = field(default_factory=list)
    observed: dict[str, tuple[int, ...]] = field(default_factory=dict)
    going_on: dict[str, GoingOn] = field(default_factory=dict)
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def note(self, name: str, dated: Dated) -> None:
        """Remember when a stock is a published figure, and how it goes on."""
        if dated.going_on is not None:
            self.going_on[name] = dated.going_on
        if dated.published:
            self.observed[name] = dated.published

    def flow(self, series: str, values: np.ndarray) -> None:
        """Keep a flow; that of the opening year is unknown."""
        self.series[series] = np.concatenate([np.full_like(values[:1], np.nan), values[1:]])

    def enter(self, stock: str, movement: str, series: str, sign: int, values: np.ndarray | None = None) -> None:
        """Enter a movement of a stock, and keep its flow unless it is kept already."""
        if values is not None:
            self.flow(series, values)
        self.ledger.append(Movement(stock, movement, series, sign))

    def enter_all(self, stock: str, flows: Iterable[Flow], amounts: Mapping[str, np.ndarray], prefix: str) -> None:
        """Enter every flow of a stock under `prefix.series`."""
        for flow in flows:
            self.enter(stock, flow.movement, f"{prefix}.{flow.series}", flow.sign, amounts[flow.series])
