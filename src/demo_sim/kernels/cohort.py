"""One year of the cohort-component projection, draws innermost.

The order of events is that of the method: first half of external and internal moves, deaths of the
cohorts, second half of internal and external moves, births, newborns.

Every helper works on one row of draws: it takes at most five arrays, since the compiler turns a loop
into vector instructions only while the checks for overlapping arrays stay few.
"""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel


@kernel
def _occurs(values):
    """Whether any value is not zero (a count, which vectorises where an early exit does not)."""
    count = 0
    for d in range(values.shape[0]):
        count += values[d] != 0.0
    return count > 0


@kernel
def _copy(source, target):
    """Values of one array into another."""
    for d in range(source.shape[0]):
        target[d] = source[d]


@kernel
def _add_migrants(stock, external, share, cut):
    """External migrants of half a year, in place; an outflow beyond the stock is cut and recorded."""
    for d in range(stock.shape[0]):
        value = stock[d] + share * external[d]
        missing = min(value, 0.0)
        cut[d] -= missing
        stock[d] = value - missing


@kernel
def _survive(source, qs, deaths, stock):
    """Deaths and survivors of one cohort."""
    for d in range(source.shape[0]):
        alive = source[d]  # read once: the compiler must not reread it after the first write
        dead = alive * qs[d]
        deaths[d] = dead
        stock[d] = alive - dead


@kernel
def _survive_more(source, qs, deaths, stock):
    """Deaths and survivors of the open group, added to those of the age below."""
    for d in range(source.shape[0]):
        alive = source[d]
        dead = alive * qs[d]
        deaths[d] += dead
        stock[d] += alive - dead


@kernel
def _leave(stock, rate, total, out):
    """Half a year of leavers of one cell and one kind of move, not yet taken from the stock."""
    for d in range(stock.shape[0]):
        left = 0.5 * stock[d] * rate[d]
        total[d] += left
        out[d] = left


@kernel
def _leave_more(stock, rate, total, out):
    """The same for another kind of move, added to the leavers."""
    for d in range(stock.shape[0]):
        left = 0.5 * stock[d] * rate[d]
        total[d] += left
        out[d] += left


@kernel
def _exchange(urban, rural, urban_out, rural_out):
    """Leavers of each residence arrive in the other, all at once."""
    for d in range(urban.shape[0]):
        change = rural_out[d] - urban_out[d]
        urban[d] += change
        rural[d] -= change


@kernel
def _move(stock, move_rate, reclass_rate, out, internal):
    """Half a year of internal moves of one sex and age, both residences at once; (residence, draw)."""
    for r in range(2):
        _leave(stock[r], move_rate[r], internal[0, r], out[r])
        _leave_more(stock[r], reclass_rate[r], internal[1, r], out[r])
    _exchange(stock[0], stock[1], out[0], out[1])


@kernel
def _give_birth(asfr, before, after, births):
    """Births by mother's age: half the rate on each of the two stocks."""
    for d in range(asfr.shape[0]):
        births[d] = 0.5 * asfr[d] * (before[d] + after[d])


@kernel
def _add(values, total):
    """Values added to a total."""
    for d in range(values.shape[0]):
        total[d] += values[d]


@kernel
def _newborns(births, male_share, sex, qs, deaths, stock):
    """Deaths and survivors among the newborns of one sex (0 male, 1 female)."""
    for d in range(births.shape[0]):
        born = births[d] * (male_share[d] if sex == 0 else 1.0 - male_share[d])
        dead = born * qs[d]
        deaths[d] = dead
        stock[d] = born - dead


@kernel
def cohort_step(
    start,
    qs,
    asfr,
    male_share,
    external,
    move_rate,
    reclass_rate,
    first_share,
    late_births,
    mid,
    end,
    deaths,
    births,
    out_first,
    out_second,
    internal,
    cut,
):
    """Expected population one year later, with every flow on the way.

    Parameters
    ----------
    start : float64 (residence, sex, age, draw), persons on 1 January
    qs : same shape, cohort death probability by the age reached
    asfr : (residence, age, draw), births per woman-year
    male_share : (residence, draw), boys among births, srb / (1 + srb)
    external : (residence, sex, age, draw), net external migrants of the year, persons
    move_rate : (residence, sex, age, draw), yearly share moving to the other residence
    reclass_rate : (residence, draw), yearly share whose place is re-coded, all ages alike
    first_share : share of external moves at the start of the year: 0.5 (even) or 0 (end)
    late_births : whether births see the year-end stock with (1) or without (0) the second external half
    mid : written, stock after the first half of the moves (A)
    end : written, stock at the end of the year (E, the next start)
    deaths : written, deaths by the age reached
    births : (residence, age, draw), written, by mother's age
    out_first, out_second : written where there are two residences, internal leavers of each half, by age
    internal : (2, residence, sex, draw), written: movers and re-coded persons leaving
    cut : written, outflow that could not be met because the cell was empty
    """
    residences, sexes, ages, _ = start.shape
    last = ages - 1
    second_share = 1.0 - first_share
    internal[:] = 0.0
    births[:] = 0.0
    cut[:] = 0.0
    moving = _occurs(external.reshape(-1))
    _copy(start.reshape(-1), mid.reshape(-1))
    for s in range(sexes):
        # first half of the moves, by age at the start
        for x in range(ages):
            if moving:
                for r in range(residences):
                    _add_migrants(mid[r, s, x], external[r, s, x], first_share, cut[r, s, x])
            if residences == 2:
                _move(mid[:, s, x], move_rate[:, s, x], reclass_rate, out_first[:, s, x], internal[:, :, s])
        # deaths of the cohorts and the second half of the moves, by age reached
        for x in range(1, ages):
            for r in range(residences):
                _survive(mid[r, s, x - 1], qs[r, s, x], deaths[r, s, x], end[r, s, x])
                if x == last:
                    _survive_more(mid[r, s, last], qs[r, s, last], deaths[r, s, last], end[r, s, last])
            if residences == 2:
                _move(end[:, s, x], move_rate[:, s, x], reclass_rate, out_second[:, s, x], internal[:, :, s])
            for r in range(residences):
                fertile = s == 1 and _occurs(asfr[r, x])
                if fertile and not late_births:
                    _give_birth(asfr[r, x], mid[r, s, x], end[r, s, x], births[r, x])
                if moving:
                    _add_migrants(end[r, s, x], external[r, s, x], second_share, cut[r, s, x])
                if fertile and late_births:
                    _give_birth(asfr[r, x], mid[r, s, x], end[r, s, x], births[r, x])
    total = np.zeros(male_share.shape)
    for r in range(residences):
        for x in range(1, ages):
            _add(births[r, x], total[r])
    for s in range(sexes):
        for r in range(residences):
            _newborns(total[r], male_share[r], s, qs[r, s, 0], deaths[r, s, 0], end[r, s, 0])
        if residences == 2:
            _move(end[:, s, 0], move_rate[:, s, 0], reclass_rate, out_second[:, s, 0], internal[:, :, s])
        if moving:
            for r in range(residences):
                _add_migrants(end[r, s, 0], external[r, s, 0], second_share, cut[r, s, 0])
