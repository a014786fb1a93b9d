"""Events of a year of the cohort-component projection, draws innermost; `engine.calendar` has their order.

An innermost loop touches at most five arrays and reads a cell once, before it writes: the compiler
makes vector instructions of it only while the checks for overlapping arrays stay few.
"""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel, part


@kernel
def any_value(values):
    """Whether a value is not zero (a count: it vectorises where an early exit does not)."""
    count = 0
    for d in range(values.shape[0]):
        count += values[d] != 0.0
    return count > 0


@kernel
def migrate(stock, external, share, first, stop, cut):
    """External migrants of half a year.

    Parameters
    ----------
    stock : float64 (place, sex, age, draw), changed
    external : same shape, net migrants of the year, persons; share : part of them that moves now
    first, stop : ages that are met
    cut : same shape, added to: an outflow beyond the stock
    """
    residences, sexes, _, draws = stock.shape
    for r in range(residences):
        for s in range(sexes):
            for x in range(first, stop):
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


@kernel
def move(stock, move_rate, reclass_rate, first, stop, out, internal):
    """Half a year of internal moves: leavers of each place arrive in the others, all at once.

    Parameters
    ----------
    stock : float64 (place, sex, age, draw), changed
    move_rate : (route, sex, age, draw), yearly share of a place moving to another, see `space.places`
    reclass_rate : (route, draw), yearly share whose place is re-coded, all ages alike
    first, stop : ages that are met
    out : (route, sex, age, draw), written
    internal : (2, route, sex, draw), added to: movers and re-coded persons
    """
    places, sexes, _, draws = stock.shape
    others = places - 1
    for s in range(sexes):
        for x in range(first, stop):
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


@kernel
def die(mid, qs, deaths, end):
    """Deaths and survivors of all cohorts by the age reached; two of them reach the open group.

    Parameters
    ----------
    mid : float64 (place, sex, age, draw), people before
    qs : same shape, probability of death of the cohort by the age reached
    deaths, end : same shape, written from age 1 on
    """
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


@kernel
def deliver(asfr, mid, end, births):
    """Births by mother's age: half the rate on each of the two stocks of women.

    Parameters
    ----------
    asfr : float64 (place, age, draw), births per woman-year
    mid, end : (place, sex, age, draw), people of the two exposures
    births : as `asfr`, written
    """
    residences, ages, draws = asfr.shape
    for r in range(residences):
        for x in range(ages):
            _clear(births[r, x])
            if x > 0 and any_value(asfr[r, x]):
                for d in range(draws):
                    births[r, x, d] = 0.5 * asfr[r, x, d] * (mid[r, 1, x, d] + end[r, 1, x, d])


@kernel
def be_born(births, male_share, qs, deaths, end):
    """Deaths and survivors among the newborns.

    Parameters
    ----------
    births : float64 (place, age, draw); male_share : (place, draw), boys among births, srb / (1 + srb)
    qs : (place, sex, age, draw), probability of death
    deaths, end : same shape, written at age 0
    """
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
