"""What a year does to families: births and moves in the counts of parents, and what groups ask of kin."""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel, part
from demo_sim.kernels.columns import LEVELS, layout
from demo_sim.kernels.founding import LOST, MOST_KIDS, NOBODY, PER_PLACE, UNITED, UNSEEN
from demo_sim.kernels.person_year import LOG_BEFORE, LOG_PLACE, LOG_ROW, WORDS_UNION
from demo_sim.kernels.philox import words_of

ADULT = 18  # family codes below 18: father * 5 + mother
HERE, ELSEWHERE, ABROAD, GONE, UNSURE = range(5)
GRANDCHILD_CODE = 60  # on top of the code of who has a grandchild without parents
FAMILY_COUNT = 128
_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


@part
def place_of_code(each, code):
    """Place of a code; after all of them outside, then dead."""
    at = layout(each)
    return at.dead if code == 0 else at.outside if code >= at.away else (code - 1) // LEVELS


@part
def _count(each, kids, row, before, after):
    """Move one living child of a person from one place to another."""
    at = layout(each)
    counts = np.int64(kids[row])
    if before < at.dead and counts >> PER_PLACE * before & MOST_KIDS:
        counts -= 1 << PER_PLACE * before
    if after < at.dead and counts >> PER_PLACE * after & MOST_KIDS < MOST_KIDS:
        counts += 1 << PER_PLACE * after
    kids[row] = counts


@kernel
def record_births(first, stop, father_unknown, clock, each, persons, kin):
    """Give newborn rows their father, the mother's partner, and count them with both parents.

    Parameters
    ----------
    first, stop : rows of the newborns; father_unknown : uint64, cut
    clock, persons, kin : see `given`, with the key of the draw; columns are changed in place
    each : one number for each place there is, see `columns.layout`
    """
    code, born, mother, ident, ident_from = persons
    father, partner, union, _, kids = kin
    year, k0, k1 = clock
    at = layout(each)
    for row in range(first, stop):
        parent = mother[row]
        place = place_of_code(each, code[row])
        _count(each, kids, parent, at.dead, place)
        if union[parent] != UNITED or partner[parent] < 0:
            continue
        a, _, _, _ = words_of(
            ident[row - ident_from] & _MASK, ident[row - ident_from] >> _32, year, np.uint64(WORDS_UNION), k0, k1
        )
        if a >= father_unknown:
            father[row] = partner[parent]
            _count(each, kids, father[row], at.dead, place)
            if born[father[row]] < 255:
                born[father[row]] += 1


@kernel
def follow_children(each, log, mother, father, kids):
    """Carry moves and deaths to the parents' counts.

    Parameters
    ----------
    log : int64, as `person_year` writes it
    """
    for i in range(log.shape[0]):
        row = log[i] >> LOG_ROW
        before, after = log[i] >> LOG_BEFORE & LOG_PLACE, log[i] & LOG_PLACE
        if mother[row] >= 0:
            _count(each, kids, mother[row], before, after)
        if father[row] >= 0:
            _count(each, kids, father[row], before, after)


@kernel
def follow_partners(each, log, partner, union, spouse):
    """Carry moves and deaths to the partner; `log` as in `follow_children`."""
    at = layout(each)
    for i in range(log.shape[0]):
        row = log[i] >> LOG_ROW
        other = partner[row]
        if other >= 0:
            if log[i] & LOG_PLACE == at.dead:
                partner[other] = NOBODY
                partner[row] = NOBODY
                union[other] = LOST
            else:
                spouse[other] = log[i] & LOG_PLACE


@kernel
def mark_grandparents(each, items, segments, persons, kin, family):
    """Mark who has a grandchild below 18 in the own place, both of whose parents are not there.

    Parameters
    ----------
    each : one number for each place there is, see `columns.layout`
    items : pieces of work; segments, persons, kin : see `given`, ages at the year-end
    family : uint8 (row,), 0 before; 1 where marked
    """
    at, age = layout(each), segments.age
    code, _, mother, _, _ = persons
    father = kin.father
    for item in range(items.shape[0]):
        if age[items[item, 0]] >= ADULT:
            continue
        for row in range(items[item, 1], items[item, 2]):
            mum, dad, place = mother[row], father[row], place_of_code(each, code[row])
            if place >= at.outside or mum < 0 or place_of_code(each, code[mum]) == place:
                continue
            if dad >= 0 and place_of_code(each, code[dad]) == place:
                continue
            for parent in (mum, dad):
                if parent < 0:
                    continue
                for elder in (mother[parent], father[parent]):
                    if elder >= 0 and place_of_code(each, code[elder]) == place:
                        family[elder] = 1


@part
def _grown(each, codes, borns, unions, spouses, kids, families):
    """Family codes of people from 18 on, on top of the marks of grandparents; without branches, so that they become
    vector code."""
    at = layout(each)
    outside, inside = np.int32(at.outside), (1 << PER_PLACE * at.places) - 1
    for i in range(codes.shape[0]):
        own, all_kids = np.int32(codes[i]), np.int64(kids[i])
        here = min((own - np.int32(own > 0)) * 205 >> 10, outside)  # a fifth of any code, and quicker
        spouse = np.int32(spouses[i])
        united = 2 + (HERE if spouse == here else ABROAD if spouse == outside else ELSEWHERE)
        partner = united if unions[i] == UNITED else 2 if unions[i] == UNSEEN else 1 if unions[i] == LOST else 0
        beside = all_kids >> PER_PLACE * here & MOST_KIDS
        child = 1 if beside else 2 if all_kids & inside else 3 if all_kids else 0
        born = min(borns[i], np.uint8(2))
        families[i] = np.uint8(GRANDCHILD_CODE * families[i] + 12 * partner + 3 * child + born)


@part
def _growing(seen, codes, mothers, fathers, code, families):
    """Family codes of people below 18; `seen` is where somebody of one code is for one of another."""
    for i in range(codes.shape[0]):
        mum, dad = mothers[i], fathers[i]
        others = seen[codes[i]]
        at_mum = others[code[np.uint32(mum)]] if mum >= 0 else UNSURE
        at_dad = others[code[np.uint32(dad)]] if dad >= 0 else GONE if dad < NOBODY else UNSURE
        families[i] = np.uint8(at_dad * 5 + at_mum)


@part
def _seen_from(each):
    """Where somebody of one code is for somebody of another."""
    at = layout(each)
    codes = at.away + at.places
    out = np.empty((codes, codes), np.uint8)
    for own in range(codes):
        for other in range(codes):
            place = place_of_code(each, other)
            there = HERE if place == place_of_code(each, own) else ABROAD if place == at.outside else ELSEWHERE
            out[own, other] = GONE if place == at.dead else there
    return out


@kernel
def family_codes(each, items, segments, persons, kin, family, classes, first_cell, out):
    """What groups ask of the kin of everybody alive, and how many there are of each.

    Below 18: father * 5 + mother, each here, elsewhere, away, dead, unknown. From 18: grandchild * 60 + partner * 12 +
    children * 3 + born: partner never, lost, here, elsewhere, away; the nearest living child none, here, elsewhere,
    away; children ever born 0, 1, 2 and more. Rows of a piece of work are sliced first: counting from 0 needs no test
    of the index.

    Parameters
    ----------
    each : one number for each place there is, see `columns.layout`
    items : pieces of work; segments, persons, kin : see `given`, ages at the year-end
    family : uint8 (row,), with the marks of `mark_grandparents` before, written; of the dead without meaning
    classes : uint8 (2, family), class of each family, below 18 and from 18
    out : int64 (cell from the first one, code, class), added to; the dead under code 0
    """
    cell, age = segments.cell, segments.age
    code, born, mother, _, _ = persons
    father, _, union, spouse, kids = kin
    width, seen = out.shape[2], _seen_from(each)
    # neighbours are often of one kind: two tables, so that one count need not wait for the last
    tally = np.zeros((2, out.shape[1] * width), np.int64)
    for item in range(items.shape[0]):
        segment, first, stop = items[item, 0], items[item, 1], items[item, 2]
        x = age[segment]
        codes, families = code[first:stop], family[first:stop]
        if x < ADULT:
            of = classes[0]
            _growing(seen, codes, mother[first:stop], father[first:stop], code, families)
        else:
            of = classes[1]
            rows = slice(first, stop)
            _grown(each, codes, born[rows], union[rows], spouse[rows], kids[rows], families)
        even, odd = tally[0], tally[1]
        half = codes.shape[0] // 2
        for i in range(half):
            even[np.int64(codes[i]) * width + of[families[i]]] += 1
            j = i + half
            odd[np.int64(codes[j]) * width + of[families[j]]] += 1
        if codes.shape[0] > 2 * half:
            odd[np.int64(codes[2 * half]) * width + of[families[2 * half]]] += 1
        count = out[cell[segment] - first_cell]
        for c in range(count.shape[0]):
            for k in range(width):
                i = c * width + k
                count[c, k] += even[i] + odd[i]
                even[i] = odd[i] = 0
