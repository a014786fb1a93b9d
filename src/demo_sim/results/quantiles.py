"""Summaries: the run at stated values, and quantiles over the draws beside it."""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

STATED_PLACE = -1  # where an array holds the run at stated values beside the draws, its place on the dimension `draw`

QUANTILES = {"q025": 0.025, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q975": 0.975}
STATISTICS = ("value", *QUANTILES, "mc_se")
OVER_DRAWS = ("mean", *QUANTILES)

# Below these numbers of draws a quantile says nothing and stays empty.
DRAWS_FOR_QUANTILES = 20
DRAWS_FOR_95 = 200

# Cells sorted at a time, and values: the block stays in the processor's cache, and no second cube is made.
_CHUNK = 4096
_CHUNK_VALUES = 1 << 20


def is_drawn(low: float, high: float) -> bool:
    """Whether a band is more than the last digits of its arithmetic; False where there is none."""
    return math.isfinite(low) and math.isfinite(high) and not math.isclose(low, high, rel_tol=1e-6, abs_tol=1e-12)


def statistics(array: xr.DataArray) -> xr.Dataset:
    """The value at stated inputs (`value`), quantiles over the draws, and `mc_se`, the chance error of the value.

    Quantiles are empty (NaN) below 20 draws, those of the 95 % band below 200. A cell that is NaN in any draw has none.

    Parameters
    ----------
    array
        With the run at stated values at the place `STATED_PLACE` of the dimension `draw`, as `Results.spread` gives it.
    """
    dims = tuple(dim for dim in array.dims if dim != "draw")
    values = array.transpose("draw", *dims).values
    stated = np.flatnonzero(array["draw"].values == STATED_PLACE)
    drawn = np.delete(values, stated, axis=0)
    shape = values.shape[1:]
    found = dict(zip(OVER_DRAWS, over_draws(drawn.reshape(len(drawn), math.prod(shape))), strict=True))
    value = values[stated[0]].astype(float).ravel()
    columns = {"value": value} | {name: found[name] for name in QUANTILES} | {"mc_se": np.zeros(value.shape)}
    coords = {name: coord for name, coord in array.coords.items() if "draw" not in coord.dims}
    variables = {name: (dims, columns[name].reshape(shape)) for name in STATISTICS}
    return xr.Dataset(variables, coords=coords, attrs=array.attrs)


def over_draws(values: np.ndarray) -> np.ndarray:
    """Mean and quantiles in the order of `OVER_DRAWS` (6, cells) of `values` (draws, cells)."""
    draws, cells = values.shape
    result = np.full((len(OVER_DRAWS), cells), np.nan)
    width = max(1, min(_CHUNK, _CHUNK_VALUES // max(draws, 1)))
    for start in range(0, cells if draws else 0, width):
        # One row a cell, so that sorting runs over neighbours in memory.
        block = np.array(values[:, start : start + width].T, order="C")
        result[:, start : start + width] = _of_block(block, draws)
    return result


def _of_block(block: np.ndarray, draws: int) -> np.ndarray:
    result = np.full((len(OVER_DRAWS), len(block)), np.nan)
    result[0] = block.mean(axis=1, dtype=float)
    if draws < DRAWS_FOR_QUANTILES:
        return result
    varies = block.min(axis=1) != block.max(axis=1)
    ordered = np.sort(block[varies], axis=1)
    for row, (name, p) in enumerate(QUANTILES.items(), start=1):
        if name in ("q025", "q975") and draws < DRAWS_FOR_95:
            continue
        position = p * (draws - 1)
        low = int(position)
        below = ordered[:, low].astype(float)
        result[row] = block[:, 0]
        result[row, varies] = below + (ordered[:, low + 1] - below) * (position - low)
    result[1:, np.isnan(result[0])] = np.nan
    return result
