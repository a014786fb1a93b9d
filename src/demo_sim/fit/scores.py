"""Errors of forecasts, bands from the errors of others, and how many of what came lies inside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t as student

_LEVELS = {"q025": 0.025, "q10": 0.1, "q90": 0.9, "q975": 0.975}
ENOUGH = 40  # errors from which quantiles are read as they stand


def twofold(rows: pd.DataFrame, within: Sequence[str]) -> pd.DataFrame:
    """Rows with bands: each half is given what the forecasts of the other half missed.

    Errors are logs of what came over what was forecast, within classes; where a class of the other half has fewer than
    40 they are taken to be without bias and Student's, by their root mean square.

    Parameters
    ----------
    rows : value, actual, half (0 or 1) and the columns of `within`
    within : columns that make a class
    """
    out = rows.copy()
    for name in _LEVELS:
        out[name] = np.nan
    missed = np.log(rows["actual"] / rows["value"])
    for _, group in rows.groupby(list(within), sort=False):
        half = group["half"]
        for own in (0, 1):
            mine, others = half.index[half == own], missed.loc[half.index[half != own]]
            if not len(others):
                continue
            for name, level in _LEVELS.items():
                out.loc[mine, name] = out.loc[mine, "value"] * np.exp(_quantile(others.to_numpy(), level))
    return out


def _quantile(errors: np.ndarray, level: float) -> float:
    if errors.size >= ENOUGH:
        return float(np.quantile(errors, level))
    return float(student.ppf(level, errors.size) * np.sqrt((errors**2).mean()))


def scores(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Number, mean error, mean absolute error and coverage of each class.

    Errors are in per cent of what came; where a series is not above 0 throughout, in its own unit
    (`unit` 1).

    Parameters
    ----------
    rows : value, actual, q025, q10, q90, q975 and the columns of `by`
    by : columns that make a class
    """
    whole = rows.groupby("series")["actual"].transform("min") > 0.0
    scale = np.where(whole, 100.0 / rows["actual"].where(whole, 1.0), 1.0)
    error = (rows["value"] - rows["actual"]) * scale
    told = pd.DataFrame(
        {
            **{name: rows[name] for name in by},
            "n": 1,
            "unit": np.where(whole, "%", "1"),
            "mean_error": error,
            "mean_absolute_error": error.abs(),
            "inside_80": _inside(rows, "q10", "q90"),
            "inside_95": _inside(rows, "q025", "q975"),
        }
    )
    groups = told.groupby(list(by), sort=False)
    out = groups.mean(numeric_only=True)
    out["n"] = groups["n"].sum()
    out.insert(1, "unit", groups["unit"].first())
    return out.reset_index()


def _inside(rows: pd.DataFrame, low: str, high: str) -> pd.Series:
    """1 inside, 0 outside, nothing where there is no band."""
    inside = ((rows["actual"] >= rows[low]) & (rows["actual"] <= rows[high])).astype(float)
    return inside.where(rows[low].notna())
