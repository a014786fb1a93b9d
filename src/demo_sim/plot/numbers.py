"""The numbers behind a chart, taken from the results without computing anything new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from demo_sim.results.quantiles import statistics
from demo_sim.vocab import label

if TYPE_CHECKING:
    import xarray as xr

    from demo_sim.results import Results


class NothingToDraw(ValueError):
    """The results lack what a chart shows; the text says what, in both languages."""

    def __init__(self, text_zh: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_zh = text_zh
        self.text_en = text_en

    def render(self, lang: str = "zh") -> str:
        """Return the reason in the given language."""
        return self.text_en if lang == "en" else self.text_zh


def require(results: Results, path: str) -> xr.DataArray:
    """Return an array such as `demand/need`, the run at stated values with it, or say that it is missing."""
    if path not in results:
        name = path.rpartition("/")[2]
        raise NothingToDraw(f"本次运行没有{label(name)}（{path}）", f"this run has no {path}")
    return results.spread(path)


def summarise(da: xr.DataArray, **labels: object) -> pd.DataFrame:
    """Return the stated value and quantiles over draws of a series as rows of a tidy table.

    Parameters
    ----------
    da : DataArray
        Series with the dimensions draw and time, in any order, as `require` and `Results.spread` give it.
    labels : object
        Columns that name the series, in front of the numbers.
    """
    found = statistics(da.transpose("draw", "time"))
    columns = {name: found[name].values for name in ("value", "q025", "q10", "q90", "q975")}
    return pd.DataFrame({"year": da["time"].values.astype(int), **labels, **columns})


def banded(table: pd.DataFrame) -> bool:
    """Return whether a tidy table has quantiles: too few draws give none."""
    return bool(table["q10"].notna().any())


def at(table: pd.DataFrame, year: int, column: str = "value", **labels: object) -> float:
    """Return one number of a tidy table."""
    chosen = table["year"] == year
    for name, wanted in labels.items():
        chosen &= table[name] == wanted
    return float(table.loc[chosen, column].iloc[0])
