"""What a year does to families: births and moves in the counts of parents, unions, and what groups ask of kin."""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel
from demo_sim.kernels.founding import LOST, NEVER, NOBODY, PER_PLACE, UNITED, UNSEEN
from demo_sim.kernels.person_year import AWAY, DEAD, LEVELS, WORDS_UNION
from demo_sim.kernels.philox import philox4x32

CHILD_CODES, ADULT = 25, 18  # family codes below 18: father * 5 + mother
HERE, ELSEWHERE, ABROAD, GONE, UNSURE = range(5)
FAMILIES = 64
REACH = 6  # years around the wanted birth year in which a partner is looked for
_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_BITS = np.uint16(31)


@kernel
def _place(code):
    """0 urban, 1 rural, 2 outside, 3 dead, of a code."""
    if code == 0:
        return 3
    return (np.int64(code) - 1) // LEVELS if code < AWAY else 2


@kernel
def _count(kids, row, before, after):
    """Move one living child of a person from one place to another."""
    if before < DEAD and (kids[row] >> np.uint16(PER_PLACE * before)) & _BITS:
        kids[row] -= np.uint16(1 << (PER_PLACE * before))
    if after < DEAD and (kids[row] >> np.uint16(PER_PLACE * after)) & _BITS < _BITS:
        kids[row] += np.uint16(1 << (PER_PLACE * after))


@kernel
def record_births(first, stop, father_unknown, ident, k0, k1, year, code, born, mother, father, partner, union, kids):
    """Give newborn rows their father, the mother's partner, and count them with both parents.

    Parameters
    ----------
    first, stop : rows of the newborns; ident : uint64, their ids
    father_unknown : uint64, cut; the remaining are columns, changed in place
    """
    for row in range(first, stop):
        parent = mother[row]
        place = _place(code[row])
        _count(kids, parent, DEAD, place)
        if union[parent] != UNITED or partner[parent] < 0:
            continue
        a, _, _, _ = philox4x32(
            ident[row - first] & _MASK, ident[row - first] >> _32, year, np.uint64(WORDS_UNION), k0, k1
        )
        if a >= father_unknown:
            father[row] = partner[parent]
            _count(kids, father[row], DEAD, place)
            if born[father[row]] < 255:
                born[father[row]] += 1


@kernel
def follow_moves(log, mother, father, partner, union, kids):
    """Carry moves and deaths to the parents' counts and to the partner.

    Parameters
    ----------
    log : int64, row << 4 | place before << 2 | place after, as `person_year` writes it
    """
    for i in range(log.shape[0]):
        row = log[i] >> 4
        before, after = (log[i] >> 2) & 3, log[i] & 3
        if mother[row] >= 0:
            _count(kids, mother[row], before, after)
        if father[row] >= 0:
            _count(kids, father[row], before, after)
        if after == DEAD and partner[row] >= 0:
            other = partner[row]
            partner[other] = NOBODY
            partner[row] = NOBODY
            union[other] = LOST


@kernel
def count_single(items, sex, birth, code, union, out):
    """Number of unmarried men by birth year and place; out is int64 (birth year, place), added to."""
    for item in range(items.shape[0]):
        segment = items[item, 0]
        if sex[segment] == 0:
            for row in range(items[item, 1], items[item, 2]):
                if code[row] != 0 and (union[row] == NEVER or union[row] == LOST):
                    out[birth[segment], _place(code[row])] += 1


@kernel
def list_single(items, sex, birth, code, union, following, out):
    """Rows of unmarried men, sorted by birth year and place; `following` is where each list goes on."""
    for item in range(items.shape[0]):
        segment = items[item, 0]
        if sex[segment] == 0:
            for row in range(items[item, 1], items[item, 2]):
                if code[row] != 0 and (union[row] == NEVER or union[row] == LOST):
                    place = _place(code[row])
                    out[following[birth[segment], place]] = row
                    following[birth[segment], place] += 1


@kernel
def _next_single(single, following, stops, wanted, here):
    """The next unmarried man of about a birth year, in the place if possible; -1 where there is none."""
    last = following.shape[0] - 1
    for other in range(3):
        place = (here + other) % 3
        for step in range(2 * REACH + 1):
            distance = (step + 1) // 2 if step % 2 else -(step // 2)
            year = min(max(wanted + distance, 0), last)
            if following[year, place] < stops[year, place]:
                man = single[following[year, place]]
                following[year, place] += 1
                return man
    return -1


@kernel
def marry_mothers(
    first,
    stop,
    father_unknown,
    ident,
    k0,
    k1,
    year,
    mother_birth,
    gaps,
    single,
    following,
    stops,
    mother,
    code,
    partner,
    union,
    wed,
):
    """Give unmarried mothers of newborn rows a husband, the father, but for those of unknown fathers.

    Parameters
    ----------
    first, stop : rows of the newborns; ident : uint64, their ids; mother_birth : birth years of their mothers
    gaps, single, following, stops : as in `change_unions`
    wed : int64 (birth year,), first marriages, added to
    """
    for row in range(first, stop):
        parent = mother[row]
        if union[parent] == UNITED or union[parent] == UNSEEN or code[parent] == 0:
            continue
        low, high = ident[row - first] & _MASK, ident[row - first] >> _32
        a, b, _, _ = philox4x32(low, high, year, np.uint64(WORDS_UNION), k0, k1)
        if a < father_unknown:
            continue
        c = mother_birth[row - first]
        gap = 0
        while b >= gaps[c, gap]:
            gap += 1
        husband = _next_single(single, following, stops, c - (gap - 10), _place(code[parent]))
        if husband < 0:
            continue
        if union[parent] == NEVER:
            wed[c] += 1
        union[parent] = UNITED
        union[husband] = UNITED
        partner[parent] = husband
        partner[husband] = parent


@kernel
def change_unions(
    items,
    sex,
    birth,
    seg_id,
    ident,
    ident_from,
    year,
    k0,
    k1,
    first,
    again,
    divorce,
    gaps,
    single,
    following,
    stops,
    code,
    partner,
    union,
):
    """Divorces and marriages of the women of some pieces of work, in order; a woman's words decide.

    Parameters
    ----------
    items, seg_id, ident, ident_from : as in `person_year`
    sex, birth : of each segment; birth years counted as in the lists of men
    first, again, divorce : uint64 (birth year,), cuts of a first marriage, of another one, of a divorce
    gaps : uint64 (birth year, gap), cumulative cuts of husband minus wife in years, -10 first
    single, following, stops : rows of unmarried men by birth year and place
    code, partner, union : columns, changed in place

    Returns
    -------
    marriages, divorces, women who found nobody
    """
    married, divorced, missed = 0, 0, 0
    for item in range(items.shape[0]):
        segment = items[item, 0]
        c = birth[segment]
        if sex[segment] == 0 or first[c] + again[c] + divorce[c] == 0:
            continue
        stored = seg_id[segment] == np.uint64(0xFFFFFFFFFFFFFFFF)
        for row in range(items[item, 1], items[item, 2]):
            if code[row] == 0:
                continue
            state = union[row]
            wanted = divorce[c] if state == UNITED or state == UNSEEN else first[c] if state == NEVER else again[c]
            if wanted == 0:
                continue
            if stored:
                low, high = ident[row - ident_from] & _MASK, ident[row - ident_from] >> _32
            else:
                low, high = np.uint64(row - items[item, 3]), seg_id[segment]
            a, b, _, _ = philox4x32(low, high, year, np.uint64(WORDS_UNION), k0, k1)
            if a >= wanted:
                continue
            if state == UNITED or state == UNSEEN:
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
            husband = _next_single(single, following, stops, c - (gap - 10), _place(code[row]))
            if husband < 0:
                missed += 1
                continue
            union[row] = UNITED
            union[husband] = UNITED
            partner[row] = husband
            partner[husband] = row
            married += 1
    return married, divorced, missed


@kernel
def widow_unseen(items, sex, birth, seg_id, ident, ident_from, year, k0, k1, chance, code, union):
    """Death of partners who have no row: those whose word says so are widowed.

    Parameters
    ----------
    items, sex, birth, seg_id, ident, ident_from : as in `change_unions`
    chance : uint64 (sex, birth year), cuts of the death of a partner
    """
    for item in range(items.shape[0]):
        segment = items[item, 0]
        wanted = chance[sex[segment], birth[segment]]
        stored = seg_id[segment] == np.uint64(0xFFFFFFFFFFFFFFFF)
        for row in range(items[item, 1], items[item, 2]):
            if union[row] != UNSEEN or code[row] == 0:
                continue
            if stored:
                low, high = ident[row - ident_from] & _MASK, ident[row - ident_from] >> _32
            else:
                low, high = np.uint64(row - items[item, 3]), seg_id[segment]
            _, _, d, _ = philox4x32(low, high, year, np.uint64(WORDS_UNION), k0, k1)
            if d < wanted:
                union[row] = LOST


@kernel
def _relative(own, other):
    """Where another person is for somebody: here, elsewhere in the region, outside it, dead."""
    if other == 3:
        return GONE
    if own == other:
        return HERE
    if own == 2 or other < 2:
        return ELSEWHERE
    return ABROAD


@kernel
def family_codes(items, sex, age, code, born, mother, father, partner, union, kids, family, out):
    """What groups ask of the kin of everybody alive, and how many there are of each.

    Below 18: father * 5 + mother, each here, elsewhere, away, dead, unknown. From 18: partner * 12 + children * 3 +
    born: partner never, lost, here, elsewhere, away; the nearest living child none, here, elsewhere, away; children
    ever born 0, 1, 2 and more.

    Parameters
    ----------
    items : pieces of work; sex, age : of each segment, at the year-end
    family : uint8 (row,), written
    out : int64 (sex, age, code, family), added to
    """
    for item in range(items.shape[0]):
        segment = items[item, 0]
        s, x = sex[segment], age[segment]
        for row in range(items[item, 1], items[item, 2]):
            if code[row] == 0:
                continue
            own = _place(code[row])
            if x < ADULT:
                mum = _relative(own, _place(code[mother[row]])) if mother[row] >= 0 else UNSURE
                dad = UNSURE
                if father[row] >= 0:
                    dad = _relative(own, _place(code[father[row]]))
                elif father[row] == NOBODY - 1:
                    dad = GONE
                found = dad * 5 + mum
            else:
                spouse = 0
                if union[row] == LOST:
                    spouse = 1
                elif union[row] == UNSEEN:
                    spouse = 2
                elif union[row] == UNITED:
                    spouse = 2 + min(_relative(own, _place(code[partner[row]])), 2)
                held = kids[row]
                child = 0
                if held:
                    here = (held >> np.uint16(PER_PLACE * own)) & _BITS
                    near = held if own == 2 else held & np.uint16(1023)
                    child = 1 if here else 2 if near else 3
                found = spouse * 12 + child * 3 + min(born[row], np.uint8(2))
            family[row] = found
            out[s, x, code[row], found] += 1
