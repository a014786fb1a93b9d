"""Unions of a year: first marriages, remarriages, divorces, deaths of partners who have no row."""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import inlined, kernel, part
from demo_sim.kernels.founding import LOST, NEVER, NOBODY, UNITED, UNSEEN
from demo_sim.kernels.kin import place_of_code
from demo_sim.kernels.person_year import BLOCK, WORDS_UNION
from demo_sim.kernels.philox import philox4x32, words_of
from demo_sim.kernels.screening import gather

REACH = 6  # years around the wanted birth year in which a partner is looked for
_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


@kernel
def count_never(items, sex, birth, code, union, out):
    """Number of women who never married by birth year; out is int64 (birth year,), added to."""
    for item in range(items.shape[0]):
        segment = items[item, 0]
        if sex[segment] == 1:
            for row in range(items[item, 1], items[item, 2]):
                out[birth[segment]] += np.int64((code[row] != 0) & (union[row] == NEVER))


@part
def _next_man(each, men, men_from, cursor, union, code, year, place):
    """The next unmarried man of a birth year in a place; -1 where there is none left."""
    segment, row = cursor[year, place, 0], cursor[year, place, 1]
    while segment < men_from[year + 1]:
        row = max(row, men[segment, 0])
        while row < men[segment, 1]:
            row += 1
            state = union[row - 1]
            if (state == NEVER or state == LOST) and place_of_code(each, code[row - 1]) == place:
                cursor[year, place, 0], cursor[year, place, 1] = segment, row
                return row - 1
        segment += 1
        row = 0
    cursor[year, place, 0], cursor[year, place, 1] = segment, row
    return -1


@part
def _next_single(each, men, men_from, cursor, union, code, wife, gap, ages, here):
    """The next unmarried man born about so many years before a woman, in the place if possible; -1 without any.

    Birth years are counted through all draws, so many `ages` in each; those of one draw are looked at.
    """
    oldest = wife // ages * ages
    wanted = wife - gap
    for other in range(len(each) + 1):
        place = (here + other) % (len(each) + 1)
        for step in range(2 * REACH + 1):
            distance = (step + 1) // 2 if step % 2 else -(step // 2)
            year = min(max(wanted + distance, oldest), oldest + ages - 1)
            man = _next_man(each, men, men_from, cursor, union, code, year, place)
            if man >= 0:
                return man
    return -1


@kernel
def marry_mothers(first, stop, father_unknown, clock, each, mother_birth, market, persons, kin, wed):
    """Give unmarried mothers of newborn rows a husband, the father, but for those of unknown fathers.

    Parameters
    ----------
    first, stop : rows of the newborns; father_unknown : uint64, cut; mother_birth : birth years of their mothers
    clock, market, persons, kin : see `given`, with the key of the draw; columns are changed in place
    each : one number for each place there is, see `columns.layout`
    wed : int64 (birth year,), first marriages, added to
    """
    ages, gaps, men, men_from, cursor = market
    code, _, mother, ident, ident_from = persons
    _, partner, union, spouse, _ = kin
    year, k0, k1 = clock
    for row in range(first, stop):
        parent = mother[row]
        if union[parent] == UNITED or union[parent] == UNSEEN or code[parent] == 0:
            continue
        low, high = ident[row - ident_from] & _MASK, ident[row - ident_from] >> _32
        a, b, _, _ = words_of(low, high, year, np.uint64(WORDS_UNION), k0, k1)
        if a < father_unknown:
            continue
        c = mother_birth[row - first]
        gap = 0
        while b >= gaps[c, gap]:
            gap += 1
        husband = _next_single(
            each, men, men_from, cursor, union, code, c, gap - 10, ages, place_of_code(each, code[parent])
        )
        if husband < 0:
            continue
        if union[parent] == NEVER:
            wed[c] += 1
        union[parent] = UNITED
        union[husband] = UNITED
        partner[parent] = husband
        partner[husband] = parent
        spouse[parent], spouse[husband] = place_of_code(each, code[husband]), place_of_code(each, code[parent])


@inlined
def _may_change(a, d, state, never, again, united, dies):
    """Whether the words of a woman are below a cut of her state."""
    cut = never if state == NEVER else again if state == LOST else united
    return np.uint8((a < cut) | ((d < dies) & (state == UNSEEN)))


@part
def _screen_women(low, upper, own, stored, year, k0, k1, never, again, united, dies, unions, flag):
    """Flag women by the cut of their state: who may marry, divorce or lose a partner without a row.

    Parameters
    ----------
    low, upper : id of the first where ids are positions; own : uint64 ids where they are `stored`
    never, again, united : cuts of a first marriage, another one, a divorce; dies : of the death of a partner
    """
    words = np.uint64(WORDS_UNION)
    if stored:
        for i in range(flag.shape[0]):
            a, _, d, _ = philox4x32(own[i] & _MASK, own[i] >> _32, year, words, k0, k1)
            flag[i] = _may_change(a, d, unions[i], never, again, united, dies)
    else:
        for i in range(flag.shape[0]):
            a, _, d, _ = philox4x32(low + np.uint64(i), upper, year, words, k0, k1)
            flag[i] = _may_change(a, d, unions[i], never, again, united, dies)


@kernel
def screen_unions(items, segments, birth, persons, clock, chances, union, out):
    """Who may marry, divorce or lose a partner without a row this year, by the chances of their state.

    Parameters
    ----------
    items, segments, persons, clock, chances : see `given`
    birth : birth year of each segment, counted through all draws, as in the lists of men
    union : column; of women it does not change until they are looked at
    out : int64 (n, 2), written, row and segment

    Returns
    -------
    Their number.
    """
    sex, draw, seg_id = segments.sex, segments.draw, segments.upper
    ident, ident_from = persons.ident, persons.ident_from
    first, again, divorce, widow = chances
    year, k0, k1 = clock
    flag = np.empty(BLOCK, np.uint8)
    found = np.empty(BLOCK + 1, np.uint16)
    none, count = np.uint64(0), 0
    for item in range(items.shape[0]):
        segment = items[item, 0]
        c, upper, key = birth[segment], seg_id[segment], k1 + np.uint64(draw[segment])
        female = sex[segment] == 1
        dies = widow[sex[segment], c]
        if dies == none and (not female or max(first[c], again[c], divorce[c]) == none):
            continue
        stored = upper == np.uint64(0xFFFFFFFFFFFFFFFF)
        for begin in range(items[item, 1], items[item, 2], BLOCK):
            n = min(BLOCK, items[item, 2] - begin)
            flags, unions = flag[:n], union[begin : begin + n]
            if female:
                own = ident[begin - ident_from : begin - ident_from + n] if stored else ident[:0]
                low = np.uint64(begin - items[item, 3])
                _screen_women(
                    low, upper, own, stored, year, k0, key, first[c], again[c], divorce[c], dies, unions, flags
                )
            else:  # few men have a partner without a row
                for i in range(n):
                    flags[i] = unions[i] == UNSEEN
            for j in range(gather(flags, found)):
                out[count, 0], out[count, 1] = begin + found[j], segment
                count += 1
    return count


@kernel
def change_unions(each, rows, segments, birth, persons, clock, chances, market, kin):
    """Deaths of partners without a row, divorces and marriages of some women, in order; a woman's words decide.

    Parameters
    ----------
    each : one number for each place there is, see `columns.layout`
    rows : int64 (n, 2), row and segment of one draw, from `screen_unions`
    segments, persons, clock, chances, market, kin : see `given`, with the key of the draw; columns of kin are changed
    birth : as in `screen_unions`

    Returns
    -------
    marriages, divorces, women who found nobody
    """
    sex, seg_id, seg_start = segments.sex, segments.upper, segments.start
    code, ident, ident_from = persons.code, persons.ident, persons.ident_from
    first, again, divorce, widow = chances
    ages, gaps, men, men_from, cursor = market
    _, partner, union, spouse, _ = kin
    year, k0, k1 = clock
    married, divorced, missed = 0, 0, 0
    for i in range(rows.shape[0]):
        row, segment = rows[i, 0], rows[i, 1]
        if code[row] == 0:
            continue
        c = birth[segment]
        if seg_id[segment] == np.uint64(0xFFFFFFFFFFFFFFFF):
            low, high = ident[row - ident_from] & _MASK, ident[row - ident_from] >> _32
        else:
            low, high = np.uint64(row - seg_start[segment]), seg_id[segment]
        a, b, d, _ = words_of(low, high, year, np.uint64(WORDS_UNION), k0, k1)
        if union[row] == UNSEEN and d < widow[sex[segment], c]:
            union[row] = LOST
        if sex[segment] == 0:
            continue
        state = union[row]
        united = state == UNITED or state == UNSEEN
        if a >= (divorce[c] if united else first[c] if state == NEVER else again[c]):
            continue
        if united:
            other = partner[row]
            union[row] = LOST
            partner[row] = NOBODY
            if other >= 0:
                union[other] = LOST
                partner[other] = NOBODY
            divorced += 1
            continue
        gap = 0
        while b >= gaps[c, gap]:
            gap += 1
        husband = _next_single(
            each, men, men_from, cursor, union, code, c, gap - 10, ages, place_of_code(each, code[row])
        )
        if husband < 0:
            missed += 1
            continue
        union[row] = UNITED
        union[husband] = UNITED
        partner[row] = husband
        partner[husband] = row
        spouse[row], spouse[husband] = place_of_code(each, code[husband]), place_of_code(each, code[row])
        married += 1
    return married, divorced, missed
