"""A year of the people outside the region: they return, die and have children there; nobody else sees it."""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel
from demo_sim.kernels.person_year import (
    AWAY,
    DEAD,
    LEVELS,
    OUTSIDE,
    WORDS_AWAY,
    WORDS_IDENTITY,
)
from demo_sim.kernels.philox import philox4x32

LEVELS_FROM = 60
_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_TOP = np.uint64(1 << 63)


@kernel
def _return_words(ident, year, half, k0, k1):
    """Words of somebody outside: of a return in one half of the year, and of the level then."""
    slot = np.uint64(2 * WORDS_AWAY * 16 + half)
    a, b, _, _ = philox4x32(ident & _MASK, ident >> _32, year, slot, k0, k1)
    return a, b


@kernel
def return_home(rows, age, sex, ident, year, half, k0, k1, cut, levels, code, back, entered, log):
    """Bring back those whose word says so, at the start of the year (half 0) or at its end (half 1).

    Parameters
    ----------
    rows, age, sex, ident : int32, int16, uint8, uint64 of everybody outside; age at the time of the return
    cut : uint64 (origin, sex, age); levels : uint64 (residence, sex, age from 60, level), cumulative
    code : uint8 (row,), changed in place
    back : uint8, written, who came back
    entered : int64 (residence, sex, age, level), added to
    log : int64, written, moves as in `person_year`

    Returns
    -------
    Number of moves in the log.
    """
    count = 0
    for i in range(rows.shape[0]):
        row = rows[i]
        back[i] = 0
        if code[row] < AWAY:
            back[i] = 2  # died in the year
            continue
        origin = np.int64(code[row]) - AWAY
        s, x = sex[i], age[i]
        a, b = _return_words(ident[i], year, half, k0, k1)
        if a >= cut[origin, s, x]:
            continue
        level = 0
        if x >= LEVELS_FROM:
            while b >= levels[origin, s, x - LEVELS_FROM, level]:
                level += 1
        back[i] = 1
        code[row] = 1 + origin * LEVELS + level
        entered[origin, s, x, level] += 1
        log[count] = row << 4 | OUTSIDE << 2 | origin
        count += 1
    return count


@kernel
def live_away(
    rows,
    age,
    sex,
    ident,
    year,
    k0,
    k1,
    death,
    birth,
    goes,
    boy,
    newborn_death,
    code,
    born,
    log,
    child_mother,
    child_sex,
    child_code,
    child_id,
):
    """Deaths and births of a year outside the region, by the tables of the residence they left.

    Parameters
    ----------
    rows, age, sex, ident : everybody outside, age on 1 January
    death : uint64 (origin, sex, age), by age on 1 January; birth : uint64 (origin, age, parity, 2), cut of each of the
        two exposures: at the start, and at the year-end of those alive who do not return then
    goes : uint64 (origin, sex, age), cut of a return at the year-end, by age on 1 January
    boy : uint64 (origin,); newborn_death : uint64 (origin, sex)
    code, born : columns, changed in place
    log : int64, written, deaths as in `person_year`
    child_mother, child_sex, child_code, child_id : written, newborns alive at the year-end

    Returns
    -------
    deaths in the log, newborns written
    """
    deaths, children = 0, 0
    for i in range(rows.shape[0]):
        row = rows[i]
        origin = np.int64(code[row]) - AWAY
        s, x = sex[i], age[i]
        low, high = ident[i] & _MASK, ident[i] >> _32
        a, b, d, e = philox4x32(low, high, year, np.uint64(WORDS_AWAY), k0, k1)
        delivers = False
        if s == 1:
            cuts = birth[origin, x, min(born[row], np.uint8(3))]
            delivers = b < cuts[0]
            if not delivers and b < cuts[0] + cuts[1] and a >= death[origin, s, x]:
                delivers = _return_words(ident[i], year, 1, k0, k1)[0] >= goes[origin, s, x]
        if delivers:
            if born[row] < 255:
                born[row] += 1
            child = 0 if d < boy[origin] else 1
            if e >= newborn_death[origin, child]:
                name, serial, _, _ = philox4x32(low, high, year, np.uint64(WORDS_IDENTITY), k0, k1)
                child_mother[children] = row
                child_sex[children] = child
                child_code[children] = AWAY + origin
                child_id[children] = _TOP | (name << _32) | serial
                children += 1
        if a < death[origin, s, x]:
            code[row] = 0
            log[deaths] = row << 4 | OUTSIDE << 2 | DEAD
            deaths += 1
    return deaths, children
