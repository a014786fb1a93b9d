"""Summaries over draws: mean, quantiles and Monte Carlo standard error of every cell."""

from __future__ import annotations

import numpy as np
import xarray as xr

QUANTILES = {"q025": 0.025, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q975": 0.975}
STATISTICS = ("value", *QUANTILES, "mc_se")

# Below these numbers of draws a quantile says nothing and stays empty.
DRAWS_FOR_QUANTILES = 20
DRAWS_FOR_95 = 200

# Cells sorted at a time, and values: the block stays in the processor's cache, and no second cube is made.
_CHUNK = 4096
_CHUNK_VALUES = 1 << 20


def quantiles(array: xr.DataArray) -> xr.Dataset:
    """Mean (`value`), quantiles and `mc_se` over the dimension `draw`.

    `mc_se` is the standard error of the mean, sd / sqrt(draws). Quantiles are empty (NaN) below 20
    draws, those of the 95 % band below 200. A cell that is NaN in any draw is NaN throughout.
    """
    dims = tuple(dim for dim in array.dims if dim != "draw")
    values = array.transpose("draw", *dims).values
    shape = values.shape[1:]
    result = summarise(values.reshape(values.shape[0], -1))
    coords = {name: coord for name, coord in array.coords.items() if "draw" not in coord.dims}
    variables = {name: (dims, row.reshape(shape)) for name, row in zip(STATISTICS, result, strict=True)}
    return xr.Dataset(variables, coords=coords, attrs=array.attrs)


def summarise(values: np.ndarray) -> np.ndarray:
    """Statistics in the order of `STATISTICS` (7, cells) of `values` (draws, cells)."""
    draws, cells = values.shape
    result = np.full((len(STATISTICS), cells), np.nan)
    width = max(1, min(_CHUNK, _CHUNK_VALUES // draws))
    for start in range(0, cells, width):
        # One row a cell, so that sorting runs over neighbours in memory.
        block = np.array(values[:, start : start + width].T, dtype=np.float64, order="C")
        result[:, start : start + width] = _summarise_block(block, draws)
    return result


def _summarise_block(block: np.ndarray, draws: int) -> np.ndarray:
    result = np.full((len(STATISTICS), len(block)), np.nan)
    mean = block.mean(axis=1)
    result[0] = mean
    if draws > 1:
        result[-1] = np.sqrt(np.square(block - mean[:, None]).sum(axis=1) / (draws - 1) / draws)
    if draws < DRAWS_FOR_QUANTILES:
        return result
    varies = block.min(axis=1) != block.max(axis=1)
    ordered = np.sort(block[varies], axis=1)
    for row, (name, p) in enumerate(QUANTILES.items(), start=1):
        if name in ("q025", "q975") and draws < DRAWS_FOR_95:
            continue
        position = p * (draws - 1)
        low = int(position)
        step = ordered[:, low + 1] - ordered[:, low]
        result[row] = block[:, 0]
        result[row, varies] = ordered[:, low] + step * (position - low)
    result[1:-1, np.isnan(mean)] = np.nan
    return result
