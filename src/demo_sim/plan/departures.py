"""Where the middle of the draws lies beside the run at stated values: bands that are skewed, or limits that are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from demo_sim.plan.indicators import SeriesBook
from demo_sim.plan.meeting import FEWEST_DRAWS

_PART = 0.2  # of the 80% band
KINDS = ("population", "flows", "groups", "need", "supply")


def departures(book: SeriesBook, rows: Sequence[Mapping[str, Any]], medians: Sequence[float]) -> dict[str, list[Any]]:
    """Ids of targets, and names of series, whose median over the draws departs by more than a fifth of the band.

    Parameters
    ----------
    book : series of the run
    rows : of the table of targets
    medians : of each row in its year, NaN where it is not known

    Returns
    -------
    `targets`, a list of ids; `series`, a list of names, each at the year-end where it departs most
    """
    if book.random < FEWEST_DRAWS:
        return {"targets": [], "series": []}
    targets = [
        str(row["id"])
        for row, median in zip(rows, medians, strict=True)
        if departs(float(row["value"]), median, float(row["low80"]), float(row["high80"]))
    ]
    series = []
    for name, values in book.series.items():
        if name.partition(".")[0] not in KINDS or np.isnan(values).all():
            continue
        low, middle, high = np.quantile(values[:, :-1], [0.1, 0.5, 0.9], axis=1)
        if departs(values[:, -1], middle, low, high).any():
            series.append(name)
    return {"targets": list(dict.fromkeys(targets)), "series": series}


def departs(value: Any, median: Any, low: Any, high: Any) -> Any:
    """Whether a median lies further from the stated value than a fifth of the band."""
    band = np.subtract(high, low)
    scale = np.maximum(np.abs(value), 1e-12)
    return (np.abs(np.subtract(median, value)) > _PART * band) & (band > 1e-9 * scale)
