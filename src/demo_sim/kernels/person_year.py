"""One year of many persons: every decision from four random words keyed by person and year.

A person is a row: `code` holds residence and functional level (0 when gone), age and sex belong to the
segment the row lies in. Blocks of rows get their words at once and are screened against the largest
thresholds of the segment; only rows that may have an event are treated one by one, with the exact thresholds of
their code. Screening changes no result.
"""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import inlined, kernel
from demo_sim.kernels.philox import philox4x32

BLOCK = 1024  # rows screened at a time; their words stay in the first-level cache
LEVELS = 5  # functional levels of a code: code = 1 + residence * LEVELS + level

# Named blocks of the counter: append only, never renumber.
WORDS_YEAR, WORDS_SECOND, WORDS_NEWBORN, WORDS_IDENTITY, WORDS_TWIN, WORDS_TWIN_IDENTITY = range(6)
WORDS_ARRIVAL, WORDS_LEVEL, WORDS_ROUNDING = 6, 7, 8

# Columns of the move thresholds: cumulative cuts of one word for a person who did not move before.
LEAVE_FIRST, RECODE_FIRST, MOVE_FIRST, RECODE_SECOND, MOVE_SECOND, LEAVE_SECOND = range(6)

_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_TOP = np.uint64(1 << 63)


@inlined
def _round(c0, c1, c2, c3, k0, k1):
    p0 = _M0 * (c0 & _MASK)
    p1 = _M1 * (c2 & _MASK)
    return (p1 >> _32) ^ c1 ^ k0, p1 & _MASK, (p0 >> _32) ^ c3 ^ k1, p0 & _MASK


@kernel
def _screen(low, high, year, k0, k1, most, death, function, move, birth, flag):
    """Words of a block of persons whose ids lie in `low` and `high`, and a flag where one may decide something."""
    t0, t1, t2, t3 = most[0], most[1], most[2], most[3]
    for i in range(flag.shape[0]):
        c0, c1, c2, c3 = low[i], high[i], year, np.uint64(WORDS_YEAR)
        a, b = k0, k1
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, a, b)
        a, b = (a + _W0) & _MASK, (b + _W1) & _MASK
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, a, b)
        a, b = (a + _W0) & _MASK, (b + _W1) & _MASK
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, a, b)
        a, b = (a + _W0) & _MASK, (b + _W1) & _MASK
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, a, b)
        a, b = (a + _W0) & _MASK, (b + _W1) & _MASK
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, a, b)
        a, b = (a + _W0) & _MASK, (b + _W1) & _MASK
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, a, b)
        a, b = (a + _W0) & _MASK, (b + _W1) & _MASK
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, a, b)
        a, b = (a + _W0) & _MASK, (b + _W1) & _MASK
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, a, b)
        a, b = (a + _W0) & _MASK, (b + _W1) & _MASK
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, a, b)
        a, b = (a + _W0) & _MASK, (b + _W1) & _MASK
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, a, b)
        death[i] = np.uint32(c0)
        function[i] = np.uint32(c1)
        move[i] = np.uint32(c2)
        birth[i] = np.uint32(c3)
        flag[i] = np.uint8((c0 < t0) | (c1 < t1) | (c2 < t2) | (c3 < t3))


@kernel
def _gather(flag, found):
    """Positions of the flagged rows, without branches; gives their number."""
    count = 0
    for i in range(flag.shape[0]):
        found[count] = i
        count += flag[i]
    return count


@kernel
def person_year(
    items, seg_sex, seg_age, seg_id, code, born, ident, ident_from, year, k0, k1,
    most, t_move, t_again, t_leave, t_death, t_level, t_birth, t_twin, t_boy, t_newborn_death, t_newborn_move,
    leavers_deliver, ends, died, left, moved, gave_birth, newborn, child_mother, child_sex, child_code, child_id,
):
    """Live one year of the persons in some items; writes only their own rows and its own counters.

    Parameters
    ----------
    items : int64 (item, 4), segment, first and last-plus-one row of each piece, first row of the segment
    seg_sex, seg_age : sex (0 male) and age on 1 January of each segment; the last age is open
    seg_id : uint64, upper half of the ids of a segment whose ids are positions; all ones where they are stored
    code : uint8 (row,), 1 + residence * 5 + level, 0 gone; changed in place
    born : uint8 (row,), children ever born; changed in place
    ident, ident_from : uint64 ids of the rows from `ident_from` on
    year, k0, k1 : counter word and key
    most : uint64 (sex, age, 4), largest threshold of each word in a segment
    t_move : uint64 (sex, age, residence, 6), cumulative cuts of the move word
    t_again : uint64 (sex, age, residence, 3), second-half cuts of who moved in the first half
    t_leave : uint64 (sex, age, residence), second-half external cut of who moved in the second half
    t_death : uint64 (sex, age, residence, level), by the age on 1 January
    t_level : uint64 (sex, age, residence, level, 5), cumulative cuts of the new level, staying last
    t_birth : uint64 (age, residence, parity, 2), cut of each of the two exposures
    t_twin : uint64, share of deliveries with two children
    t_boy : uint64 (residence,)
    t_newborn_death : uint64 (residence, sex)
    t_newborn_move : uint64 (residence, sex, 3), re-coded, moved (cumulative); left in the second half
    leavers_deliver : whether those who leave at the year's end give birth before (timing `end`)
    ends : int64 (sex, age, 11), change of the year-end count by code against nobody having an event
    died : int64 (residence, level, sex, age), by age on 1 January
    left : int64 (2, residence, sex, age), external leavers of each half
    moved : int64 (2, 2, residence, sex, age), half, kind (moved, re-coded), residence left
    gave_birth : int64 (2, residence, age), children by exposure
    newborn : int64 (residence, sex, 5), born, died, re-coded, moved, left
    child_mother, child_sex, child_code, child_id : written, newborns alive at the year-end

    Returns
    -------
    Number of newborns written.
    """
    death = np.empty(BLOCK, np.uint32)
    function = np.empty(BLOCK, np.uint32)
    move = np.empty(BLOCK, np.uint32)
    birth = np.empty(BLOCK, np.uint32)
    flag = np.empty(BLOCK, np.uint8)
    found = np.empty(BLOCK + 1, np.int64)
    low = np.empty(BLOCK, np.uint64)
    high = np.empty(BLOCK, np.uint64)
    children = 0
    for item in range(items.shape[0]):
        segment = items[item, 0]
        s, x = seg_sex[segment], seg_age[segment]
        stored = seg_id[segment] == np.uint64(0xFFFFFFFFFFFFFFFF)
        begin = items[item, 3]
        for first in range(items[item, 1], items[item, 2], BLOCK):
            n = min(BLOCK, items[item, 2] - first)
            if stored:
                own = ident[first - ident_from : first - ident_from + n]
                for i in range(n):
                    low[i] = own[i] & _MASK
                    high[i] = own[i] >> _32
            else:
                upper = seg_id[segment]
                offset = np.uint64(first - begin)
                for i in range(n):
                    low[i] = offset + np.uint64(i)
                    high[i] = upper
            _screen(
                low[:n], high[:n], year, k0, k1, most[s, x], death[:n], function[:n], move[:n], birth[:n], flag[:n]
            )
            count = _gather(flag[:n], found)
            codes = code[first : first + n]
            borns = born[first : first + n]
            for j in range(count):
                i = found[j]
                c = np.int64(codes[i])
                if c == 0:
                    continue
                r = (c - 1) // LEVELS
                f = (c - 1) - r * LEVELS
                w = np.uint64(move[i])
                cuts = t_move[s, x, r]
                if w < cuts[LEAVE_FIRST]:
                    codes[i] = 0
                    ends[s, x, c] -= 1
                    left[0, r, s, x] += 1
                    continue
                here = r
                if w < cuts[MOVE_FIRST]:
                    kind = 1 if w < cuts[RECODE_FIRST] else 0
                    moved[0, kind, r, s, x] += 1
                    here = 1 - r
                alive = np.uint64(death[i]) >= t_death[s, x, here, f]
                place, level = here, f
                gone = False
                if alive:
                    v = np.uint64(function[i])
                    levels = t_level[s, x, here, f]
                    if v < levels[LEVELS - 1]:
                        target = 0
                        while v >= levels[target]:
                            target += 1
                        level = np.int64(target if target < f else target + 1)
                    if here == r:
                        if cuts[MOVE_FIRST] <= w < cuts[LEAVE_SECOND]:
                            if w < cuts[MOVE_SECOND]:
                                kind = 1 if w < cuts[RECODE_SECOND] else 0
                                moved[1, kind, r, s, x] += 1
                                place = 1 - r
                                extra, _, _, _ = philox4x32(low[i], high[i], year, np.uint64(WORDS_SECOND), k0, k1)
                                gone = extra < t_leave[s, x, place]
                            else:
                                gone = True
                    else:
                        extra, _, _, _ = philox4x32(low[i], high[i], year, np.uint64(WORDS_SECOND), k0, k1)
                        again = t_again[s, x, here]
                        if extra < again[1]:
                            kind = 1 if extra < again[0] else 0
                            moved[1, kind, here, s, x] += 1
                            place = 1 - here
                            _, other, _, _ = philox4x32(low[i], high[i], year, np.uint64(WORDS_SECOND), k0, k1)
                            gone = other < t_leave[s, x, place]
                        elif extra < again[2]:
                            gone = True
                    if gone:
                        left[1, place, s, x] += 1
                else:
                    died[here, f, s, x] += 1
                if s == 1:
                    parity = min(np.int64(borns[i]), 3)
                    v = np.uint64(birth[i])
                    exposure = -1
                    if v < t_birth[x, here, parity, 0]:
                        exposure = 0
                        where = here
                    elif (
                        alive and (leavers_deliver or not gone)
                        and v < t_birth[x, here, parity, 0] + t_birth[x, place, parity, 1]
                    ):
                        exposure = 1
                        where = place
                    if exposure >= 0:
                        _, _, hash_twin, _ = philox4x32(low[i], high[i], year, np.uint64(WORDS_IDENTITY), k0, k1)
                        number = 2 if hash_twin < t_twin else 1
                        for order in range(number):
                            words = WORDS_NEWBORN if order == 0 else WORDS_TWIN
                            a, b, d, e = philox4x32(low[i], high[i], year, np.uint64(words), k0, k1)
                            sex = 0 if a < t_boy[where] else 1
                            gave_birth[exposure, where, x] += 1
                            newborn[where, sex, 0] += 1
                            if borns[i] < 255:
                                borns[i] += 1
                            if b < t_newborn_death[where, sex]:
                                newborn[where, sex, 1] += 1
                                continue
                            home = where
                            cut = t_newborn_move[where, sex]
                            if d < cut[1]:
                                newborn[where, sex, 2 if d < cut[0] else 3] += 1
                                home = 1 - where
                            if e < t_newborn_move[home, sex, 2]:
                                newborn[home, sex, 4] += 1
                                continue
                            words = WORDS_IDENTITY if order == 0 else WORDS_TWIN_IDENTITY
                            a, b, _, _ = philox4x32(low[i], high[i], year, np.uint64(words), k0, k1)
                            child_mother[children] = first + i
                            child_sex[children] = sex
                            child_code[children] = 1 + home * LEVELS
                            child_id[children] = _TOP | (a << _32) | b
                            children += 1
                new = 0 if (gone or not alive) else 1 + place * LEVELS + level
                if new != c:
                    codes[i] = new
                    ends[s, x, c] -= 1
                    if new != 0:
                        ends[s, x, new] += 1
    return children
