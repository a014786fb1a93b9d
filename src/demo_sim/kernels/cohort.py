"""One year of the cohort-component projection, draws innermost.

The order of events is that of the method: first half of external and internal moves, deaths of the
cohorts, second half of internal and external moves, births, newborns. Each stage is a loop over all
cells; the stages of newborns, who skip the first half, run over age 0 alone.

An innermost loop touches at most five arrays and reads a cell once, before it writes: the compiler
makes vector instructions of it only while the checks for overlapping arrays stay few.
"""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel, part


@kernel
def _any(values):
    """Whether a value is not zero (a count: it vectorises where an early exit does not)."""
    count = 0
    for d in range(values.shape[0]):
        count += values[d] != 0.0
    return count > 0


@part
def _enter(stock, external, share, ages, cut):
    """External migrants of half a year at the given ages; an outflow beyond the stock is cut and recorded."""
    residences, sexes, _, draws = stock.shape
    for r in range(residences):
        for s in range(sexes):
            for x in ages:
                for d in range(draws):
                    value = stock[r, s, x, d] + share * external[r, s, x, d]
                    missing = min(value, 0.0)
                    cut[r, s, x, d] -= missing
                    stock[r, s, x, d] = value - missing


@part
def _clear(values):
    """Zeros, by a loop: an array assignment would take the compiler seconds."""
    for d in range(values.shape[0]):
        values[d] = 0.0


@part
def _leave(stock, rate, out, internal):
    """Half a year of leavers of one kind of one cell by one route, added to those of the other kinds."""
    for d in range(stock.shape[0]):
        left = 0.5 * stock[d] * rate[d]
        internal[d] += left
        out[d] += left


@part
def _exchange(stock, move_rate, reclass_rate, ages, out, internal):
    """Half a year of internal moves at the given ages: leavers of each place arrive in the others, all at once.

    Routes are numbered as in `space.places`; two places lose to each other what the two routes between them leave over.
    """
    places, sexes, _, draws = stock.shape
    others = places - 1
    for s in range(sexes):
        for x in ages:
            for route in range(places * others):
                here = stock[route // others, s, x]
                _clear(out[route, s, x])
                _leave(here, move_rate[route, s, x], out[route, s, x], internal[0, route, s])
                _leave(here, reclass_rate[route], out[route, s, x], internal[1, route, s])
            for a in range(places):
                for b in range(a + 1, places):
                    there, back = a * others + b - 1, b * others + a
                    for d in range(draws):
                        change = out[back, s, x, d] - out[there, s, x, d]
                        stock[a, s, x, d] += change
                        stock[b, s, x, d] -= change


@part
def _survive(mid, qs, deaths, end):
    """Deaths and survivors of all cohorts by the age reached; two of them reach the open group."""
    residences, sexes, ages, draws = mid.shape
    last = ages - 1
    for r in range(residences):
        for s in range(sexes):
            for x in range(1, ages):
                for d in range(draws):
                    alive = mid[r, s, x - 1, d]
                    dead = alive * qs[r, s, x, d]
                    deaths[r, s, x, d] = dead
                    end[r, s, x, d] = alive - dead
            for d in range(draws):
                alive = mid[r, s, last, d]
                dead = alive * qs[r, s, last, d]
                deaths[r, s, last, d] += dead
                end[r, s, last, d] += alive - dead


@part
def _give_birth(asfr, mid, end, births):
    """Births by mother's age: half the rate on each of the two stocks of women."""
    residences, ages, draws = asfr.shape
    for r in range(residences):
        for x in range(ages):
            _clear(births[r, x])
            if x > 0 and _any(asfr[r, x]):
                for d in range(draws):
                    births[r, x, d] = 0.5 * asfr[r, x, d] * (mid[r, 1, x, d] + end[r, 1, x, d])


@part
def _newborns(births, male_share, qs, deaths, end):
    """Deaths and survivors among the newborns."""
    residences, ages, draws = births.shape
    total = np.empty(draws)
    for r in range(residences):
        _clear(total)
        for x in range(ages):
            for d in range(draws):
                total[d] += births[r, x, d]
        for s in range(2):
            for d in range(draws):
                born = total[d] * (male_share[r, d] if s == 0 else 1.0 - male_share[r, d])
                dead = born * qs[r, s, 0, d]
                deaths[r, s, 0, d] = dead
                end[r, s, 0, d] = born - dead


@kernel
def _year(
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
    migrating,
    apart,
):
    """The stages of a year in their order; `mid` holds the start, `cut` and `internal` zeros where people may move."""
    ages = start.shape[2]
    newborn, older, everyone = range(1), range(1, ages), range(ages)
    first = mid if migrating or apart else start
    if migrating:
        _enter(mid, external, first_share, everyone, cut)
    if apart:
        _exchange(mid, move_rate, reclass_rate, everyone, out_first, internal)
    _survive(first, qs, deaths, end)
    if apart:
        _exchange(end, move_rate, reclass_rate, older, out_second, internal)
    if late_births == 0.0:
        _give_birth(asfr, first, end, births)
    if migrating:
        _enter(end, external, 1.0 - first_share, older, cut)
    if late_births != 0.0:
        _give_birth(asfr, first, end, births)
    _newborns(births, male_share, qs, deaths, end)
    if apart:
        _exchange(end, move_rate, reclass_rate, newborn, out_second, internal)
    if migrating:
        _enter(end, external, 1.0 - first_share, newborn, cut)


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
    move_rate : (route, sex, age, draw), yearly share of a place moving to another, see `space.places`
    reclass_rate : (route, draw), yearly share whose place is re-coded, all ages alike
    first_share : share of external moves at the start of the year: 0.5 (even) or 0 (end)
    late_births : whether births see the year-end stock with (1) or without (0) the second external half
    mid : written, stock after the first half of the moves (A)
    end : written, stock at the end of the year (E, the next start)
    deaths : written, deaths by the age reached
    births : (residence, age, draw), written, by mother's age
    out_first, out_second : (route, sex, age, draw), written, internal leavers of each half, by age at the move
    internal : (2, route, sex, draw), written: movers and re-coded persons leaving
    cut : written, outflow that could not be met because the cell was empty

    Returns
    -------
    bool, whether anyone may have moved. If not, `mid` would equal `start`, `cut` and `internal` would be zero, and
    the three are left as they are: writing them would cost a quarter of the time.
    """
    apart = start.shape[0] > 1
    migrating = bool(_any(external.reshape(-1)))
    if migrating or apart:
        mid[...] = start
        cut.fill(0.0)
        internal.fill(0.0)
    _year(
        start, qs, asfr, male_share, external, move_rate, reclass_rate, first_share, late_births, mid, end, deaths,
        births, out_first, out_second, internal, cut, migrating, apart,
    )  # fmt: skip
    return migrating or apart
