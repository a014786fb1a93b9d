"""The ledger: which series add to which stock, so that every stock can be seen to balance in every year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Movement:
    """One movement of one stock: `sign * series` of the year enters the stock at its end."""

    stock: str
    movement: str
    series: str
    sign: int


def imbalance(series: Mapping[str, np.ndarray], lines: Sequence[Movement]) -> dict[str, float]:
    """Largest difference of any year and draw between the closing stock and opening plus movements, by stock."""
    out = {}
    for stock in dict.fromkeys(line.stock for line in lines):
        closing = series[stock]
        moved = sum(line.sign * series[line.series][1:] for line in lines if line.stock == stock)
        out[stock] = float(np.abs(closing[:-1] + moved - closing[1:]).max(initial=0.0))
    return out
