"""Who asks for a place in a home, who gets one: a pass over older persons, and the choice of exactly k of n.

Wishes and attributes come from words of the person that no year enters, so that they last; the order of equals in the
queue comes from a word of person and year.
"""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel, part
from demo_sim.kernels.columns import LEVELS, layout
from demo_sim.kernels.person_year import BLOCK, WORDS_PLACEMENT
from demo_sim.kernels.philox import philox4x32, words_of
from demo_sim.kernels.screening import gather

AT_HOME, COMMUNITY, INSTITUTION = range(3)
LONGEST = 255  # years on the list that a byte can tell
UNKNOWN_FAMILY = 128  # behind the codes of families
NOBODY, SPOUSE, OTHER_KIN, AVERAGE_KIN = range(4)  # no living spouse or child, spouse alive, a child alone, not known

# What stands in the place of the year in the counter of words that last; four words each. The first block serves the
# wish, the level and two services, the second two more services, the others four attributes each.
LASTING_CARE, LASTING_COMMUNITY, LASTING_ATTRIBUTES = range(3)

# Rows of the counters of a year.
APPLIED, ENTERED, DIED_OR_LEFT, RECOVERED, DISPLACED, GONE_WAITING, RECOVERED_WAITING = range(7)

_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_STORED = np.uint64(0xFFFFFFFFFFFFFFFF)
_TOP_BITS = 16
_SHIFT = np.uint32(32 - _TOP_BITS)


@part
def _lasting(first, n, segment_start, upper, ident, ident_from, k0, k1, wish, ability, one, two):
    """Words of the first lasting block of `n` rows from `first` on; plain loops, which become vector instructions."""
    stream, block = np.uint64(LASTING_CARE), np.uint64(WORDS_PLACEMENT)
    if upper == _STORED:
        own = ident[first - ident_from : first - ident_from + n]
        for i in range(n):
            wish[i], ability[i], one[i], two[i] = philox4x32(own[i] & _MASK, own[i] >> _32, stream, block, k0, k1)
    else:
        offset = np.uint64(first - segment_start)
        for i in range(n):
            wish[i], ability[i], one[i], two[i] = philox4x32(offset + np.uint64(i), upper, stream, block, k0, k1)


@kernel
def count_kin(items, seg_sex, seg_age, code, family, kin_of, first_age, out):
    """Count older persons by sex, age, code and kin class.

    Parameters
    ----------
    items, seg_sex, seg_age, code, first_age : as in `rank_older`
    family : uint8 (row,), code of the kin of each person
    kin_of : uint8 (129,), kin class of each family code
    out : int64 (sex, age from first_age, code, 4), added to; the dead under code 0
    """
    for item in range(items.shape[0]):
        segment = items[item, 0]
        count = out[seg_sex[segment], seg_age[segment] - first_age]
        codes, families = code[items[item, 1] : items[item, 2]], family[items[item, 1] : items[item, 2]]
        for i in range(codes.shape[0]):
            count[codes[i], kin_of[families[i]]] += 1


@part
def _class(
    low, high, k0, k1, s, x, age, r, level, kind, class_of, attribute,
    term_class, term_age, term_needs, term_allowed, classes,
):  # fmt: skip
    """Priority class of one person: that of the first term whose conditions hold, else the last."""
    has = np.int64(0)
    own = class_of[kind]
    for a in range(0, attribute.shape[0], 4):
        stream = np.uint64(LASTING_ATTRIBUTES + a // 4)
        words = words_of(low, high, stream, np.uint64(WORDS_PLACEMENT), k0, k1)
        for b in range(min(4, attribute.shape[0] - a)):
            has |= np.int64(words[b] < attribute[a + b, own, s, x, r, level]) << (a + b)
    for term in range(term_class.shape[0]):
        if (
            term_allowed[term, r, s, level, kind]
            and term_age[term, 0] <= age <= term_age[term, 1]
            and has & term_needs[term] == term_needs[term]
        ):
            return term_class[term]
    return classes - 1


@part
def _screen(each, codes, settings, waits, wish, ability, one, two, drawn, intact, tops, flag):
    """Flag who is in a home or on the list, or may come there or use a service; the others stay at home as they are.

    Parameters
    ----------
    intact : ability below which everybody is intact, where levels are drawn
    tops : uint64 (3,), largest cuts of the wish and of two services among the intact
    """
    away = layout(each).away
    for i in range(flag.shape[0]):
        c = codes[i]
        here = (c != 0) & (c < away)
        worse = ability[i] >= intact if drawn else c % LEVELS != 1
        may = (wish[i] < tops[0]) | (one[i] < tops[1]) | (two[i] < tops[2]) | worse
        flag[i] = ((settings[i] | waits[i]) != 0) | (here & may)


@kernel
def rank_older(
    each, items, segments, persons, family, kin_of, care, clock, first_age, wishes, priority, flows, ranks, users
):  # fmt: skip
    """Bring wishes of older persons to a year-end, and rank those who live in a home or ask for it.

    Parameters
    ----------
    each : one number for each place there is, see `columns.layout`
    items : int64 (item, 4), segment, first and last-plus-one row, first row of the segment; ages from `first_age` only
    segments, persons, clock, wishes, priority : see `given`, ages at the year-end
    family : uint8 (row,), or empty where kin are not followed
    kin_of : uint8 (129,), kin class of each family code
    care : see `given`, changed in place
    flows : int64 (kind, place), added to
    ranks : see `given`, written for each who lives in a home or asks. Residents come first, then class by class those
        on the list, the longest first
    users : the same of limited services

    Returns
    -------
    Numbers of ranks and of users of limited services written.
    """
    seg_sex, seg_age, seg_id = segments.sex, segments.age, segments.upper
    code, _, _, ident, ident_from = persons
    setting, waiting, lived = care
    year, k0, k1 = clock
    drawn, level_cuts, ask, stay, community, limited, tops = wishes
    class_of, attribute, term_class, term_age, term_needs, term_allowed, classes = priority
    rows, bucket, word = ranks
    service_rows, service_of, service_word = users
    wish, ability = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    one, two = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    block = np.uint64(WORDS_PLACEMENT)
    flag, found = np.empty(BLOCK, np.uint8), np.empty(BLOCK + 1, np.uint16)
    services = community.shape[0]
    ranked = listed = 0
    away = layout(each).away
    for item in range(items.shape[0]):
        segment = items[item, 0]
        s, age = seg_sex[segment], seg_age[segment]
        x, upper = age - first_age, seg_id[segment]
        cuts = level_cuts[s, x] if drawn else level_cuts[0, 0]
        for first in range(items[item, 1], items[item, 2], BLOCK):
            n = min(BLOCK, items[item, 2] - first)
            _lasting(first, n, items[item, 3], upper, ident, ident_from, k0, k1, wish, ability, one, two)
            offset = np.uint64(first - items[item, 3])
            codes, settings = code[first : first + n], setting[first : first + n]
            waits, places = waiting[first : first + n], lived[first : first + n]
            families = family[first : first + n] if family.shape[0] else family
            intact = cuts[:, 0].min()
            _screen(each, codes, settings, waits, wish, ability, one, two, drawn, intact, tops, flag[:n])
            for j in range(gather(flag[:n], found)):
                i = np.int64(found[j])
                c, wait = np.int64(codes[i]), np.int64(waits[i])
                placed = settings[i] == INSTITUTION
                if c == 0 or c >= away:
                    if placed:
                        flows[DIED_OR_LEFT, places[i]] += 1
                    elif wait:
                        flows[GONE_WAITING, places[i]] += 1
                    if placed or wait or settings[i]:
                        settings[i] = AT_HOME
                        waits[i] = 0
                    continue
                r = (c - 1) // LEVELS
                level = (c - 1) - r * LEVELS
                if drawn:
                    level = np.int64(0)
                    while ability[i] >= cuts[r, level]:
                        level += 1
                kind = np.int64(families[i]) if families.shape[0] else UNKNOWN_FAMILY
                stays = placed and wish[i] < stay[r, level]
                asks = not placed and wish[i] < ask[r, level, kin_of[kind]]
                if placed and not stays:
                    flows[RECOVERED, places[i]] += 1
                if wait and not asks:
                    flows[RECOVERED_WAITING, places[i]] += 1
                    waits[i] = 0
                low, high = offset + np.uint64(i), upper
                if upper == _STORED:
                    low = ident[first - ident_from + i] & _MASK
                    high = ident[first - ident_from + i] >> _32
                if stays or asks:
                    if asks and wait == 0:
                        flows[APPLIED, r] += 1
                    group = _class(
                        low, high, k0, k1, s, x, age, r, level, kind, class_of,
                        attribute, term_class, term_age, term_needs, term_allowed, classes,
                    )  # fmt: skip
                    order, _, _, _ = words_of(low, high, year, block, k0, k1)
                    places[i] = r
                    rows[ranked] = first + i
                    bucket[ranked] = group if stays else classes + group * (LONGEST + 1) + (LONGEST - wait)
                    word[ranked] = order
                    ranked += 1
                if stays:
                    continue
                served = AT_HOME
                for k in range(services):
                    if community[k, r, level] == 0:
                        continue
                    own = one[i] if k == 0 else two[i]
                    if k > 1:
                        third, fourth, _, _ = words_of(low, high, np.uint64(LASTING_COMMUNITY), block, k0, k1)
                        own = third if k == 2 else fourth
                    if own < community[k, r, level]:
                        if limited[k]:
                            service_rows[listed] = first + i
                            service_of[listed] = k
                            service_word[listed] = own
                            listed += 1
                        else:
                            served = COMMUNITY
                if settings[i] != served:
                    settings[i] = served
    return ranked, listed


@kernel
def rank_admitted(bucket, word, buckets, places, chosen, edge):
    """Choose those with the lowest rank, in a rank those with the smallest words; linear in their number.

    Parameters
    ----------
    bucket : uint16 (n,), rank of each
    word : uint32 (n,), order within a rank
    buckets : number of ranks
    places : how many are to be chosen
    chosen : uint8 (n,), written: 1 for the chosen, 0 for the others
    edge : int64 (n,), written: positions whose order is left open, as rank and upper bits of the word are equal

    Returns
    -------
    Number of positions in `edge`, and how many of them are still to be chosen.
    """
    n = bucket.shape[0]
    if places >= n or places <= 0:
        for i in range(n):
            chosen[i] = places > 0
        return 0, 0
    count = np.zeros(buckets, np.int64)
    for i in range(n):
        count[bucket[i]] += 1
    last, before = 0, 0
    while before + count[last] < places:
        before += count[last]
        last += 1
    missing = places - before
    fine = np.zeros(1 << _TOP_BITS, np.int64)
    for i in range(n):
        if bucket[i] == last:
            fine[word[i] >> _SHIFT] += 1
    top, before = 0, 0
    while before + fine[top] < missing:
        before += fine[top]
        top += 1
    missing -= before
    found = 0
    for i in range(n):
        same = bucket[i] == last
        bits = np.int64(word[i] >> _SHIFT)
        chosen[i] = bucket[i] < last or (same and bits < top)
        if same and bits == top:
            edge[found] = i
            found += 1
    return found, missing


@kernel
def settle(rows, bucket, chosen, setting, waiting, lived, classes, flows, queue):
    """Write who lives in a home and who waits; `queue` is int64 (4, class, residence), added to.

    Its rows are persons on the list, the years they have been on it (year-ends counted), years on the list of those
    who entered, persons in homes.
    """
    for i in range(rows.shape[0]):
        row = rows[i]
        r = np.int64(lived[row])
        rank = np.int64(bucket[i])
        group = rank if rank < classes else (rank - classes) // (LONGEST + 1)
        placed = setting[row] == INSTITUTION
        if chosen[i]:
            queue[3, group, r] += 1
            if not placed:
                flows[ENTERED, r] += 1
                queue[2, group, r] += waiting[row]
                setting[row] = INSTITUTION
                waiting[row] = 0
            continue
        if placed:
            flows[DISPLACED, r] += 1
            setting[row] = AT_HOME
        waiting[row] = min(np.int64(waiting[row]) + 1, LONGEST)
        queue[0, group, r] += 1
        queue[1, group, r] += waiting[row]


@kernel
def count_settings(items, code, setting, out):
    """Count persons with services and in homes by residence; `out` is int64 (2, residence), added to.

    Whoever is gone is at home, so only the residence is read of the code.
    """
    for item in range(items.shape[0]):
        codes, settings = code[items[item, 1] : items[item, 2]], setting[items[item, 1] : items[item, 2]]
        for i in range(codes.shape[0]):
            if settings[i] != AT_HOME:
                out[0 if settings[i] == COMMUNITY else 1, (codes[i] - 1) // LEVELS] += 1
