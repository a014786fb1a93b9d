"""Fertility schedules."""

from __future__ import annotations

import numpy as np


def shift_schedule(schedule: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Fertility pattern moved to later (positive) or earlier ages, renormalised to sum 1.

    Parameters
    ----------
    schedule : (age,), births by single age of mother, any level
    years : (draw,), shift of the mean age in years

    Returns
    -------
    (age, draw), sums to 1 over age
    """
    ages = np.arange(schedule.shape[0])
    used = np.flatnonzero(schedule)
    # linear between single ages: a part of the shift below one age lies between two whole ones
    whole = np.floor(years).astype(int)
    part = years - whole
    later, earlier = (ages[:, None] - whole - step for step in (0, 1))
    known = [np.where((at >= 0) & (at < ages.size), schedule[np.clip(at, 0, ages[-1])], 0.0) for at in (later, earlier)]
    out = known[0] * (1.0 - part) + known[1] * part
    # births stay at the ages of the schedule: a shift never makes mothers outside them
    out[: used[0]] = 0.0
    out[used[-1] + 1 :] = 0.0
    return np.asarray(out / out.sum(axis=0))


def residence_rates(asfr: np.ndarray, women: np.ndarray, rural_ratio: np.ndarray) -> np.ndarray:
    """Rates by residence with a given rural to urban ratio whose births by age equal those of the whole.

    Parameters
    ----------
    asfr : (age, draw), births per woman-year of all women
    women : (residence, age, draw), urban first
    rural_ratio : (draw,), rural rate over urban rate, all ages alike

    Returns
    -------
    (residence, age, draw)
    """
    urban, rural = women
    weighted = urban + rural_ratio * rural
    scale = np.divide(urban + rural, weighted, out=np.ones_like(weighted), where=weighted > 0.0)
    return np.stack([asfr * scale, asfr * scale * rural_ratio])


def rural_ratio_of_births(asfr: np.ndarray, women: np.ndarray, urban_share: np.ndarray) -> np.ndarray:
    """Rural to urban fertility ratio at which a given share of births falls to urban women.

    Parameters
    ----------
    asfr : (age, draw); women : (residence, age, draw); urban_share : (draw,), share of births

    Returns
    -------
    (draw,), solved to 1e-12
    """
    low, high = np.full(urban_share.shape, 0.05), np.full(urban_share.shape, 20.0)
    births = (asfr * women.sum(axis=0)).sum(axis=0)
    for _ in range(60):
        middle = np.sqrt(low * high)
        rates = residence_rates(asfr, women, middle)
        share = (rates[0] * women[0]).sum(axis=0) / births
        low = np.where(share > urban_share, middle, low)
        high = np.where(share > urban_share, high, middle)
    return np.asarray(np.sqrt(low * high))
