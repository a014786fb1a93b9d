"""The ledger of all stocks as a table: opening, what came and went, closing, a row for each year and stock."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demo_sim.results.quantiles import QUANTILES, statistics
from demo_sim.results.tree import Results
from demo_sim.vocab import MOVEMENTS

SUPPLY_COLUMNS = (
    "year", "stock", "label_zh", "label_en", "opening", *MOVEMENTS, "closing",
    *(f"closing_{name}" for name in QUANTILES),
)  # fmt: skip


def supply_table(results: Results) -> pd.DataFrame:
    """Stated values; movements that add are positive, those that take negative: across a row they add up.

    A movement that a stock does not have is empty. The quantiles are those of the closing stock.
    """
    stocks = results.central.stocks
    columns = [
        results.array(f"demand/ledger_{part}").values.tolist() for part in ("stock", "movement", "series", "sign")
    ]
    names = list(dict.fromkeys(columns[0]))
    years = stocks["time"].values[1:]
    at = {code: i for i, code in enumerate(stocks["stock"].values.tolist())}
    value = stocks.transpose("stock", "time").values
    spread = statistics(results.spread("demand/stocks", lambda array: array.isel(stock=[at[name] for name in names])))
    frames = []
    for i, name in enumerate(names):
        data: dict[str, object] = {column: np.full(years.size, np.nan) for column in SUPPLY_COLUMNS}
        data |= {"year": years, "stock": name, "opening": value[at[name], :-1], "closing": value[at[name], 1:]}
        for lang in ("zh", "en"):
            data[f"label_{lang}"] = str(stocks[f"stock_label_{lang}"].values[at[name]])
        for stock, movement, series, sign in zip(*columns, strict=True):
            if stock == name:
                moved = sign * value[at[series], 1:]
                before = np.asarray(data[movement])
                data[movement] = moved if np.isnan(before).all() else before + moved
        for q in QUANTILES:
            data[f"closing_{q}"] = spread[q].isel(stock=i).transpose("time").values[1:]
        frames.append(pd.DataFrame(data, columns=list(SUPPLY_COLUMNS)))
    return pd.concat(frames, ignore_index=True)
