"""One year of many persons: every decision from four random words keyed by person and year.

A person is a row: `code` holds residence and functional level (0 when gone), age and sex belong to the segment the row
lies in. Blocks of rows are screened (`screening.py`); only rows with an event by the thresholds of their own code are
treated one by one. Screening changes no result.
"""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import inlined, kernel, part
from demo_sim.kernels.columns import AWAY_DEATH, LEVELS, PARITIES, RETURN, RETURN_FIRST, layout
from demo_sim.kernels.philox import philox4x32
from demo_sim.kernels.screening import choose, choose_called, draw_words, gather, screen, screen_stored
from demo_sim.kernels.together import LEADS, WITH_PARTNER, call, follow_leader, mark

BLOCK = 8192  # rows screened at a time; their codes and flags stay in the first-level cache

# Named blocks of the counter: append only, never renumber.
WORDS_YEAR, WORDS_SECOND, WORDS_NEWBORN, WORDS_IDENTITY, WORDS_TWIN, WORDS_TWIN_IDENTITY = range(6)
WORDS_ARRIVAL, WORDS_LEVEL, WORDS_ROUNDING = 6, 7, 8
WORDS_FAMILY, WORDS_BIRTHS, WORDS_UNION = 9, 10, 11  # 12 is no longer drawn
WORDS_PLACEMENT, WORDS_RETURN, WORDS_RETURN_LEVEL = 13, 14, 15  # 16 is that of the draws, see `sequence`
WORDS_HOUSEHOLD = 17

# The log of moves: row << 8 | place before << 4 | place after; beside the places there are, outside and dead.
LOG_ROW, LOG_BEFORE, LOG_PLACE = 8, 4, 15

_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
TOP = np.uint64(1 << 63)  # bit of the ids of people born or entered later
_HALF = np.uint64(1 << 31)


@part
def _near(each, cut, fertile, families, near):
    """Thresholds by code of one sex and age, as `choose` reads them; the dead keep zeros.

    Whoever has an event is below one of these: who does not move lives in one place all year. Nothing happens to
    those outside where no families are followed.
    """
    at = layout(each)
    for r in range(at.places):
        outside = at.away + r
        near[outside, 0], near[outside, 2] = cut[at.abroad + 3 * r + AWAY_DEATH], cut[at.abroad + 3 * r + RETURN]
        for parity in range(PARITIES):
            birth = at.birth + 2 * (PARITIES * r + parity)
            births = cut[birth] + cut[birth + 1]
            near[outside, 3 + parity] = births if fertile and families else 0
            for f in range(LEVELS):
                near[1 + r * LEVELS + f, 3 + parity] = births if fertile else 0
        for f in range(LEVELS):
            c = 1 + r * LEVELS + f
            near[c, 0] = cut[at.death + c - 1]
            near[c, 1] = cut[at.change + LEVELS * c - 1]
            near[c, 2] = cut[at.move + at.bands * (r + 1) - 1]


@inlined
def _goes(cut, first, word, place, others, moved, count):
    """Where somebody goes whose word is below the cuts of half a year of moves, which is counted.

    Parameters
    ----------
    first : column of the first cut: to each other place re-coded, then to each of them moved
    place, others : place left, and how many others there are
    moved : column of the counts of movers, and of the re-coded after them, by route
    """
    band = 0
    for k in range(2 * others - 1):  # the word is below the last
        band += word >= cut[first + k]
    other = band if band < others else band - others
    count[moved + place * others + other + (others + 1) * others * (band < others)] += 1
    return other if other < place else other + 1


@kernel
def person_year(
    items, segments, persons, clock, each, cuts, leavers_deliver, first_cell, counts, newborns, log, logged, households
):  # fmt: skip
    """Live one year of the persons in some items; writes only their own rows and its own counters.

    Parameters
    ----------
    items : int64 (item, 4), segment, first and last-plus-one row of each piece, first row of the segment
    segments, persons, clock : see `given`; codes and children ever born are changed in place
    each : one number for each place there is, see `columns.layout`
    cuts : uint64 (cell, column), thresholds. Of people outside a return at the start makes a resident all year, with
        words of its own; births are as in the place they left, in the second half there for who has returned
    leavers_deliver : whether those who leave at the year's end give birth before (timing `end`)
    first_cell : cell of the first row of `counts`
    counts : int64 (cell, column), added to; movers by the place they leave, returns by the age on 1 January
    newborns : written, see `given`
    log, logged : int64, written, see `LOG_ROW`, of who is in another place than before or dead, and how many; without
        room no families are followed, and nothing happens to people outside
    households : see `given`

    Returns
    -------
    Number of newborns written.
    """
    at = layout(each)
    seg_cell, seg_sex, seg_draw, seg_id, seg_role, seg_start = (
        segments.cell, segments.sex, segments.draw, segments.upper, segments.role, segments.start
    )  # fmt: skip
    code, born, mother, ident, ident_from = persons
    year, k0, k1 = clock
    child_mother, child_group, child_code, child_id = newborns
    together, partner, led = households
    death = np.empty(BLOCK, np.uint64)
    function = np.empty(BLOCK, np.uint64)
    move = np.empty(BLOCK, np.uint64)
    birth = np.empty(BLOCK, np.uint64)
    flag = np.empty(BLOCK, np.uint8)
    called, leaders = np.empty(BLOCK, np.uint8), np.empty((2, BLOCK), np.int64)
    words_of_two = np.empty((4, BLOCK), np.uint64)
    found = np.empty(BLOCK + 1, np.uint16)
    chosen = np.empty(BLOCK + 1, np.uint16)
    near = np.zeros((at.away + at.places, 3 + PARITIES), np.uint64)
    words = np.uint64(WORDS_YEAR)
    low = np.empty(BLOCK, np.uint64)
    high = np.empty(BLOCK, np.uint64)
    others = at.others
    children, halfway = 0, 2 * others  # bands of the moves of half a year
    moved_late = at.moved + halfway * at.places
    families = log.shape[0] > 0
    for item in range(items.shape[0]):
        segment = items[item, 0]
        s, upper, draw, cell = seg_sex[segment], seg_id[segment], seg_draw[segment], seg_cell[segment]
        key = k1 + np.uint64(draw)
        stored = upper == np.uint64(0xFFFFFFFFFFFFFFFF)
        # sliced once an item: a slice in the loops below would cost its reference count each time
        cut, count = cuts[cell], counts[cell - first_cell]
        t0, t1, t2, t3 = cut[at.most], cut[at.most + 1], cut[at.most + 2], cut[at.most + 3]
        all_in = t0 + t1 + t2 + t3 > _HALF  # where half may have an event, screening does not pay
        _near(each, cut, s == 1, families, near)
        role = seg_role[segment] if led.shape[0] > 0 else 0
        follows = role > LEADS
        for first in range(items[item, 1], items[item, 2], BLOCK):
            n = min(BLOCK, items[item, 2] - first)
            codes, borns, flags = code[first : first + n], born[first : first + n], flag[:n]
            offset = np.uint64(first - items[item, 3])
            own = ident[first - ident_from : first - ident_from + n] if stored else ident[:0]
            if all_in:
                for i in range(n):
                    flags[i] = codes[i] != 0
            elif stored:
                screen_stored(own, year, words, k0, key, t0, t1, t2, t3, flags)
            else:
                screen(offset, upper, year, words, k0, key, t0, t1, t2, t3, flags)
            if follows:
                links = (partner if role == WITH_PARTNER else mother)[first : first + n]
                call(links, codes, led, called[:n], flags)
            drawn = gather(flags, found)
            for j in range(drawn):
                i = found[j]
                low[j] = own[i] & _MASK if stored else offset + np.uint64(i)
                high[j] = own[i] >> _32 if stored else upper
            draw_words(low[:drawn], high[:drawn], year, words, k0, key, death, function, move, birth)
            if follows:
                number = choose_called(found[:drawn], codes, borns, near, called, death, function, move, birth, chosen)
                follow_leader(
                    each, found, codes, near, move, chosen[:number], called, links, code, led, cell, seg_role,
                    seg_start, seg_id, seg_cell, ident, ident_from, year, words, np.uint64(WORDS_HOUSEHOLD), k0, key,
                    cuts, together[draw, 0], together[draw, 1], words_of_two, leaders,
                )  # fmt: skip
            else:
                number = choose(found[:drawn], codes, borns, near, death, function, move, birth, chosen)
                if role == LEADS:
                    mark(found, codes, near, move, chosen[:number], led[first : first + n])
            for k in range(number):
                j = chosen[k]
                i = found[j]
                was = np.int64(codes[i])
                c = was
                dies, changes, w, v = death[j], function[j], move[j], birth[j]
                abroad = bool(was >= at.away)
                before = at.outside if abroad else (c - 1) // LEVELS
                if abroad:
                    origin = was - at.away
                    returning = at.abroad + 3 * origin
                    returns = w < cut[returning + RETURN]
                    level = np.int64(0)
                    if returns:
                        half = 0 if w < cut[returning + RETURN_FIRST] else 1
                        back = at.back + (at.places * half + origin) * LEVELS
                        extra, _, _, _ = philox4x32(low[j], high[j], year, np.uint64(WORDS_RETURN_LEVEL), k0, key)
                        while extra >= cut[back + level]:
                            level += 1
                        if half == 0:
                            count[at.entered + origin] += 1
                            c = 1 + origin * LEVELS + level
                            dies, changes, w, v = philox4x32(low[j], high[j], year, np.uint64(WORDS_RETURN), k0, key)
                            abroad = False
                if abroad:
                    here, place = origin, origin
                    alive = dies >= cut[returning + AWAY_DEATH]
                    gone = not returns
                    if alive and returns:
                        count[at.entered + at.places + origin] += 1
                else:
                    r = (c - 1) // LEVELS
                    f = (c - 1) - r * LEVELS
                    moves = at.move + at.bands * r
                    if w < cut[moves]:
                        count[at.left + r] += 1
                        if before != at.outside:
                            codes[i] = at.away + r
                            count[at.ends + c] -= 1
                            if families:
                                log[logged[0]] = (first + i) << LOG_ROW | r << LOG_BEFORE | at.outside
                                logged[0] += 1
                        continue
                    here = r
                    moved = w < cut[moves + halfway]
                    if moved:
                        here = _goes(cut, moves + 1, w, r, others, at.moved, count)
                    alive = dies >= cut[at.death + here * LEVELS + f]
                    place, level = here, f
                    gone = False
                    if alive:
                        levels = at.change + (here * LEVELS + f) * LEVELS
                        if changes < cut[levels + LEVELS - 1]:
                            target = 0
                            while changes >= cut[levels + target]:
                                target += 1
                            level = np.int64(target if target < f else target + 1)
                        if not moved:
                            if w < cut[moves + at.bands - 1]:
                                if w < cut[moves + 2 * halfway]:
                                    place = _goes(cut, moves + 1 + halfway, w, r, others, moved_late, count)
                                    if cut[at.leave + place] > 0:
                                        second = np.uint64(WORDS_SECOND)
                                        extra, _, _, _ = philox4x32(low[j], high[j], year, second, k0, key)
                                        gone = extra < cut[at.leave + place]
                                else:
                                    gone = True
                        else:
                            extra, later, _, _ = philox4x32(low[j], high[j], year, np.uint64(WORDS_SECOND), k0, key)
                            again = at.again + (halfway + 1) * here
                            if halfway > 0 and extra < cut[again + halfway - 1]:
                                place = _goes(cut, again, extra, here, others, moved_late, count)
                                gone = later < cut[at.leave + place]
                            elif extra < cut[again + halfway]:
                                gone = True
                        if gone:
                            count[at.left + at.places + place] += 1
                    else:
                        count[at.died + here * LEVELS + f] += 1
                if s == 1:
                    parity = min(int(borns[i]), 3)
                    # at the year-end: by who lives here all year, and who has come or leaves where these count
                    late = (gone or not leavers_deliver) if abroad else (leavers_deliver or not gone)
                    exposure, where = -1, here
                    earlier = cut[at.birth + 2 * (PARITIES * here + parity)]
                    if v < earlier:
                        exposure = 0
                    elif alive and late and v < earlier + cut[at.birth + 2 * (PARITIES * place + parity) + 1]:
                        exposure = 1
                        where = place
                    if exposure >= 0:
                        outside = abroad and (gone or exposure == 0)
                        name, serial, twin, _ = philox4x32(low[j], high[j], year, np.uint64(WORDS_IDENTITY), k0, key)
                        for order in range(2 if twin < cut[at.twin] else 1):
                            block = WORDS_NEWBORN if order == 0 else WORDS_TWIN
                            a, b, d, e = philox4x32(low[j], high[j], year, np.uint64(block), k0, key)
                            sex = 0 if a < cut[at.boy + where] else 1
                            if borns[i] < 255:
                                borns[i] += 1
                            newborn = at.newborn + (3 + halfway) * (2 * where + sex)
                            if not outside:
                                count[at.gave_birth + at.places * exposure + where] += 1
                                count[newborn] += 1
                            if b < cut[at.newborn_death + 2 * where + sex]:
                                if not outside:
                                    count[newborn + 1] += 1
                                continue
                            home, goes = where, outside
                            if not outside:
                                moves_with = at.newborn_move + (halfway + 1) * (2 * where + sex)
                                if halfway > 0 and d < cut[moves_with + halfway - 1]:
                                    band = 0
                                    for k in range(halfway - 1):
                                        band += d >= cut[moves_with + k]
                                    count[newborn + 2 + band] += 1
                                    other = band if band < others else band - others
                                    home = other if other < where else other + 1
                                leave = at.newborn_move + (halfway + 1) * (2 * home + sex) + halfway
                                goes = e < cut[leave]
                                if goes:
                                    count[at.newborn + (3 + halfway) * (2 * home + sex) + 2 + halfway] += 1
                            if order == 1:
                                block = WORDS_TWIN_IDENTITY
                                name, serial, _, _ = philox4x32(low[j], high[j], year, np.uint64(block), k0, key)
                            child_mother[children] = first + i
                            child_group[children] = 2 * draw + sex
                            child_code[children] = at.away + home if goes else 1 + home * LEVELS
                            child_id[children] = TOP | (name << _32) | serial
                            children += 1
                new = np.int64(0)
                if alive:
                    new = at.away + place if gone else 1 + place * LEVELS + level
                if new != was:
                    codes[i] = new
                    if was < at.away:
                        count[at.ends + was] -= 1
                    if alive and not gone:
                        count[at.ends + new] += 1
                    after = at.dead if not alive else at.outside if gone else place
                    if families and after != before:
                        log[logged[0]] = (first + i) << LOG_ROW | before << LOG_BEFORE | after
                        logged[0] += 1
    return children
