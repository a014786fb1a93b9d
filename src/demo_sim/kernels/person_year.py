"""One year of many persons: every decision from four random words keyed by person and year.

A person is a row: `code` holds residence and functional level (0 when gone), age and sex belong to the segment the row
lies in. Blocks of rows are screened (`screening.py`); only rows with an event by the thresholds of their own code are
treated one by one. Screening changes no result.
"""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel
from demo_sim.kernels.philox import philox4x32
from demo_sim.kernels.screening import choose, draw_words, gather, screen, screen_stored

BLOCK = 1024  # rows screened at a time; what they need stays in the first-level cache
LEVELS = 5  # functional levels of a code: code = 1 + residence * LEVELS + level
AWAY = 1 + 2 * LEVELS  # code of people outside the region, plus the residence they left

# Named blocks of the counter: append only, never renumber.
WORDS_YEAR, WORDS_SECOND, WORDS_NEWBORN, WORDS_IDENTITY, WORDS_TWIN, WORDS_TWIN_IDENTITY = range(6)
WORDS_ARRIVAL, WORDS_LEVEL, WORDS_ROUNDING = 6, 7, 8
WORDS_FAMILY, WORDS_BIRTHS, WORDS_UNION = 9, 10, 11  # 12 is no longer drawn
WORDS_PLACEMENT, WORDS_RETURN, WORDS_RETURN_LEVEL = 13, 14, 15

# Where somebody is, as the log of moves has it: row << 4 | place before << 2 | place after.
URBAN, RURAL, OUTSIDE, DEAD = range(4)

# Columns of the move thresholds: cumulative cuts of one word for a person who did not move before.
LEAVE_FIRST, RECODE_FIRST, MOVE_FIRST, RECODE_SECOND, MOVE_SECOND, LEAVE_SECOND = range(6)
# Columns of the thresholds of people outside: death, and cumulative cuts of the move word.
AWAY_DEATH, RETURN_FIRST, RETURN = range(3)

_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
TOP = np.uint64(1 << 63)  # bit of the ids of people born or entered later
_HALF = np.uint64(1 << 31)


@kernel
def _near(cut_death, cut_level, cut_move, cut_birth, cut_away, fertile, families, near):
    """Thresholds by code of one sex and age, as `choose` reads them; the dead keep zeros.

    Whoever has an event is below one of these: who does not move lives in one residence all year. Nothing happens to
    those outside where no families are followed.
    """
    for r in range(2):
        near[AWAY + r, 0], near[AWAY + r, 2] = cut_away[r, AWAY_DEATH], cut_away[r, RETURN]
        for parity in range(4):
            births = cut_birth[r, parity, 0] + cut_birth[r, parity, 1]
            near[AWAY + r, 3 + parity] = births if fertile and families else 0
        for f in range(LEVELS):
            c = 1 + r * LEVELS + f
            near[c, 0], near[c, 1], near[c, 2] = cut_death[r, f], cut_level[r, f, LEVELS - 1], cut_move[r, LEAVE_SECOND]
            for parity in range(4):
                near[c, 3 + parity] = cut_birth[r, parity, 0] + cut_birth[r, parity, 1] if fertile else 0


@kernel
def person_year(
    items,
    seg_sex,
    seg_age,
    seg_id,
    code,
    born,
    ident,
    ident_from,
    year,
    k0,
    k1,
    most,
    t_move,
    t_again,
    t_leave,
    t_death,
    t_level,
    t_birth,
    t_away,
    t_back,
    t_twin,
    t_boy,
    t_newborn_death,
    t_newborn_move,
    leavers_deliver,
    ends,
    died,
    left,
    entered,
    moved,
    gave_birth,
    newborn,
    child_mother,
    child_sex,
    child_code,
    child_id,
    log,
    logged,
):
    """Live one year of the persons in some items; writes only their own rows and its own counters.

    Parameters
    ----------
    items : int64 (item, 4), segment, first and last-plus-one row of each piece, first row of the segment
    seg_sex, seg_age : sex (0 male) and age on 1 January of each segment; the last age is open
    seg_id : uint64, upper half of the ids of a segment whose ids are positions; all ones where they are stored
    code : uint8 (row,), 1 + residence * 5 + level; 0 dead, from 11 on outside the region; changed in place
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
    t_away : uint64 (sex, age, origin, 3), of people outside: death, a return at the start (a resident all year then,
        with words of its own), a return at all; births as in the residence they left, in the second half there for
        who has returned
    t_back : uint64 (2, sex, age, residence, 5), cumulative cuts of the level of who returns, by half
    t_twin : uint64, share of deliveries with two children
    t_boy : uint64 (residence,)
    t_newborn_death : uint64 (residence, sex)
    t_newborn_move : uint64 (residence, sex, 3), re-coded, moved (cumulative); left in the second half
    leavers_deliver : whether those who leave at the year's end give birth before (timing `end`)
    ends : int64 (sex, age, 11), change of the year-end count by code against nobody having an event
    died : int64 (residence, level, sex, age), by age on 1 January
    left : int64 (2, residence, sex, age), external leavers of each half
    entered : the same, people who return, by age at the move
    moved : int64 (2, 2, residence, sex, age), half, kind (moved, re-coded), residence left
    gave_birth : int64 (2, residence, age), children by exposure
    newborn : int64 (residence, sex, 5), born, died, re-coded, moved, left
    child_mother, child_sex, child_code, child_id : written, newborns alive at the year-end
    log, logged : int64, written, who is in another place than before or dead, and how many; without room no families
        are followed, and nothing happens to people outside

    Returns
    -------
    Number of newborns written.
    """
    death = np.empty(BLOCK, np.uint64)
    function = np.empty(BLOCK, np.uint64)
    move = np.empty(BLOCK, np.uint64)
    birth = np.empty(BLOCK, np.uint64)
    flag = np.empty(BLOCK, np.uint8)
    found = np.empty(BLOCK + 1, np.uint16)
    chosen = np.empty(BLOCK + 1, np.uint16)
    near = np.zeros((AWAY + 2, 7), np.uint64)
    last = ends.shape[1] - 1
    words = np.uint64(WORDS_YEAR)
    low = np.empty(BLOCK, np.uint64)
    high = np.empty(BLOCK, np.uint64)
    children = 0
    families = log.shape[0] > 0
    for item in range(items.shape[0]):
        segment = items[item, 0]
        s, x = seg_sex[segment], seg_age[segment]
        upper = seg_id[segment]
        stored = upper == np.uint64(0xFFFFFFFFFFFFFFFF)
        t0, t1, t2, t3 = most[s, x, 0], most[s, x, 1], most[s, x, 2], most[s, x, 3]
        all_in = t0 + t1 + t2 + t3 > _HALF  # where half may have an event, screening does not pay
        # sliced once an item: a slice in the loops below would cost its reference count each time
        cut_move, cut_again, cut_leave = t_move[s, x], t_again[s, x], t_leave[s, x]
        cut_death, cut_level, cut_birth = t_death[s, x], t_level[s, x], t_birth[x]
        cut_away, back_first, back_last = t_away[s, x], t_back[0, s, x], t_back[1, s, x]
        _near(cut_death, cut_level, cut_move, cut_birth, cut_away, s == 1, families, near)
        for first in range(items[item, 1], items[item, 2], BLOCK):
            n = min(BLOCK, items[item, 2] - first)
            codes, borns, flags = code[first : first + n], born[first : first + n], flag[:n]
            offset = np.uint64(first - items[item, 3])
            own = ident[first - ident_from : first - ident_from + n] if stored else ident[:0]
            if all_in:
                for i in range(n):
                    flags[i] = codes[i] != 0
            elif stored:
                screen_stored(own, year, words, k0, k1, t0, t1, t2, t3, flags)
            else:
                screen(offset, upper, year, words, k0, k1, t0, t1, t2, t3, flags)
            count = gather(flags, found)
            for j in range(count):
                i = found[j]
                low[j] = own[i] & _MASK if stored else offset + np.uint64(i)
                high[j] = own[i] >> _32 if stored else upper
            draw_words(low[:count], high[:count], year, words, k0, k1, death, function, move, birth)
            count = choose(found[:count], codes, borns, near, death, function, move, birth, chosen)
            for k in range(count):
                j = chosen[k]
                i = found[j]
                was = np.int64(codes[i])
                c = was
                dies, changes, w, v = death[j], function[j], move[j], birth[j]
                abroad = bool(was >= AWAY)
                before = OUTSIDE if abroad else (c - 1) // LEVELS
                if abroad:
                    origin = was - AWAY
                    returns = w < cut_away[origin, RETURN]
                    level = np.int64(0)
                    if returns:
                        cut_back = back_first if w < cut_away[origin, RETURN_FIRST] else back_last
                        extra, _, _, _ = philox4x32(low[j], high[j], year, np.uint64(WORDS_RETURN_LEVEL), k0, k1)
                        while extra >= cut_back[origin, level]:
                            level += 1
                        if w < cut_away[origin, RETURN_FIRST]:
                            entered[0, origin, s, x] += 1
                            c = 1 + origin * LEVELS + level
                            dies, changes, w, v = philox4x32(low[j], high[j], year, np.uint64(WORDS_RETURN), k0, k1)
                            abroad = False
                if abroad:
                    here, place = origin, origin
                    alive = dies >= cut_away[origin, AWAY_DEATH]
                    gone = not returns
                    if alive and returns:
                        entered[1, origin, s, min(x + 1, last)] += 1
                else:
                    r = (c - 1) // LEVELS
                    f = (c - 1) - r * LEVELS
                    if w < cut_move[r, LEAVE_FIRST]:
                        left[0, r, s, x] += 1
                        if before != OUTSIDE:
                            codes[i] = AWAY + r
                            ends[s, x, c] -= 1
                            if families:
                                log[logged[0]] = (first + i) << 4 | r << 2 | OUTSIDE
                                logged[0] += 1
                        continue
                    here = r
                    if w < cut_move[r, MOVE_FIRST]:
                        kind = 1 if w < cut_move[r, RECODE_FIRST] else 0
                        moved[0, kind, r, s, x] += 1
                        here = 1 - r
                    alive = dies >= cut_death[here, f]
                    place, level = here, f
                    gone = False
                    if alive:
                        if changes < cut_level[here, f, LEVELS - 1]:
                            target = 0
                            while changes >= cut_level[here, f, target]:
                                target += 1
                            level = np.int64(target if target < f else target + 1)
                        if here == r:
                            if cut_move[r, MOVE_FIRST] <= w < cut_move[r, LEAVE_SECOND]:
                                if w < cut_move[r, MOVE_SECOND]:
                                    kind = 1 if w < cut_move[r, RECODE_SECOND] else 0
                                    moved[1, kind, r, s, x] += 1
                                    place = 1 - r
                                    if cut_leave[place] > 0:
                                        second = np.uint64(WORDS_SECOND)
                                        extra, _, _, _ = philox4x32(low[j], high[j], year, second, k0, k1)
                                        gone = extra < cut_leave[place]
                                else:
                                    gone = True
                        else:
                            extra, other, _, _ = philox4x32(low[j], high[j], year, np.uint64(WORDS_SECOND), k0, k1)
                            if extra < cut_again[here, 1]:
                                kind = 1 if extra < cut_again[here, 0] else 0
                                moved[1, kind, here, s, x] += 1
                                place = 1 - here
                                gone = other < cut_leave[place]
                            elif extra < cut_again[here, 2]:
                                gone = True
                        if gone:
                            left[1, place, s, x] += 1
                    else:
                        died[here, f, s, x] += 1
                if s == 1:
                    parity = min(np.int64(borns[i]), 3)
                    # at the year-end: by who lives here all year, and who has come or leaves where these count
                    late = (gone or not leavers_deliver) if abroad else (leavers_deliver or not gone)
                    exposure = -1
                    if v < cut_birth[here, parity, 0]:
                        exposure = 0
                        where = here
                    elif alive and late and v < cut_birth[here, parity, 0] + cut_birth[place, parity, 1]:
                        exposure = 1
                        where = place
                    if exposure >= 0:
                        outside = abroad and (gone or exposure == 0)
                        name, serial, twin, _ = philox4x32(low[j], high[j], year, np.uint64(WORDS_IDENTITY), k0, k1)
                        number = 2 if twin < t_twin else 1
                        for order in range(number):
                            block = WORDS_NEWBORN if order == 0 else WORDS_TWIN
                            a, b, d, e = philox4x32(low[j], high[j], year, np.uint64(block), k0, k1)
                            sex = 0 if a < t_boy[where] else 1
                            if borns[i] < 255:
                                borns[i] += 1
                            if not outside:
                                gave_birth[exposure, where, x] += 1
                                newborn[where, sex, 0] += 1
                            if b < t_newborn_death[where, sex]:
                                if not outside:
                                    newborn[where, sex, 1] += 1
                                continue
                            home, goes = where, outside
                            if not outside:
                                if d < t_newborn_move[where, sex, 1]:
                                    newborn[where, sex, 2 if d < t_newborn_move[where, sex, 0] else 3] += 1
                                    home = 1 - where
                                goes = e < t_newborn_move[home, sex, 2]
                                if goes:
                                    newborn[home, sex, 4] += 1
                            if order == 1:
                                block = WORDS_TWIN_IDENTITY
                                name, serial, _, _ = philox4x32(low[j], high[j], year, np.uint64(block), k0, k1)
                            child_mother[children] = first + i
                            child_sex[children] = sex
                            child_code[children] = AWAY + home if goes else 1 + home * LEVELS
                            child_id[children] = TOP | (name << _32) | serial
                            children += 1
                new = np.int64(0)
                if alive:
                    new = AWAY + place if gone else 1 + place * LEVELS + level
                if new != was:
                    codes[i] = new
                    if was < AWAY:
                        ends[s, x, was] -= 1
                    if alive and not gone:
                        ends[s, x, new] += 1
                    after = DEAD if not alive else OUTSIDE if gone else place
                    if families and after != before:
                        log[logged[0]] = (first + i) << 4 | before << 2 | after
                        logged[0] += 1
    return children
