"""What a year does to families: births and moves in the counts of parents, and what groups ask of kin."""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel, part
from demo_sim.kernels.columns import LEVELS
from demo_sim.kernels.founding import LOST, NOBODY, PER_PLACE, UNITED, UNSEEN
from demo_sim.kernels.person_year import DEAD, WORDS_UNION
from demo_sim.kernels.philox import words_of

ADULT = 18  # family codes below 18: father * 5 + mother
HERE, ELSEWHERE, ABROAD, GONE, UNSURE = range(5)
FAMILIES = 64
_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_BITS = np.uint16(31)


# Place of a code: 0 urban, 1 rural, 2 outside, 3 dead.
_PLACE = np.array([DEAD, *[0] * LEVELS, *[1] * LEVELS, 2, 2])


def _seen_from(own: int, place: int) -> int:
    """Where somebody in a place is for somebody in another."""
    if place == DEAD:
        return GONE
    return HERE if place == own else ABROAD if place == 2 else ELSEWHERE


# By the code of one person and that of another.
_SEEN = np.array([[_seen_from(own, place) for place in _PLACE.tolist()] for own in _PLACE.tolist()], np.uint8)


@part
def place_of(code):
    """0 urban, 1 rural, 2 outside, 3 dead, of a code."""
    return _PLACE[code]


@part
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
        place = place_of(code[row])
        _count(kids, parent, DEAD, place)
        if union[parent] != UNITED or partner[parent] < 0:
            continue
        a, _, _, _ = words_of(
            ident[row - first] & _MASK, ident[row - first] >> _32, year, np.uint64(WORDS_UNION), k0, k1
        )
        if a >= father_unknown:
            father[row] = partner[parent]
            _count(kids, father[row], DEAD, place)
            if born[father[row]] < 255:
                born[father[row]] += 1


@kernel
def follow_children(log, mother, father, kids):
    """Carry moves and deaths to the parents' counts.

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


@kernel
def follow_partners(log, partner, union, spouse):
    """Carry moves and deaths to the partner; `log` as in `follow_children`."""
    for i in range(log.shape[0]):
        row = log[i] >> 4
        other = partner[row]
        if other >= 0:
            if log[i] & 3 == DEAD:
                partner[other] = NOBODY
                partner[row] = NOBODY
                union[other] = LOST
            else:
                spouse[other] = log[i] & 3


@part
def _grown(codes, borns, unions, spouses, kids, families):
    """Family codes of people from 18 on; without branches, so that they become vector code."""
    for i in range(codes.shape[0]):
        own, all_kids = np.int32(codes[i]), np.int32(kids[i])
        here = np.int32(own > LEVELS) + np.int32(own > 2 * LEVELS)
        spouse = np.int32(spouses[i])
        united = 2 + (HERE if spouse == here else ABROAD if spouse == 2 else ELSEWHERE)
        partner = united if unions[i] == UNITED else 2 if unions[i] == UNSEEN else 1 if unions[i] == LOST else 0
        beside = all_kids & (31 << 10 if here == 2 else 31 << 5 if here == 1 else 31)
        child = 1 if beside else 2 if all_kids & 1023 else 3 if all_kids else 0
        born = min(borns[i], np.uint8(2))
        families[i] = np.uint8(12 * partner + 3 * child + born)


@part
def _growing(codes, mothers, fathers, code, families):
    """Family codes of people below 18."""
    for i in range(codes.shape[0]):
        mum, dad = mothers[i], fathers[i]
        seen = _SEEN[codes[i]]
        at_mum = seen[code[np.uint32(mum)]] if mum >= 0 else UNSURE
        at_dad = seen[code[np.uint32(dad)]] if dad >= 0 else GONE if dad < NOBODY else UNSURE
        families[i] = np.uint8(at_dad * 5 + at_mum)


@kernel
def family_codes(
    items, cell, age, code, born, mother, father, union, spouse, kids, family, classes, first_cell, out
):  # fmt: skip
    """What groups ask of the kin of everybody alive, and how many there are of each.

    Below 18: father * 5 + mother, each here, elsewhere, away, dead, unknown. From 18: partner * 12 + children * 3 +
    born: partner never, lost, here, elsewhere, away; the nearest living child none, here, elsewhere, away; children
    ever born 0, 1, 2 and more. Rows of a piece of work are sliced first: counting from 0 needs no test of the index.

    Parameters
    ----------
    items : pieces of work; cell, age : of each segment, at the year-end
    family : uint8 (row,), written; of the dead without meaning
    classes : uint8 (2, family), class of each family, below 18 and from 18
    out : int64 (cell from the first one, code, class), added to; the dead under code 0
    """
    width = out.shape[2]
    # neighbours are often of one kind: two tables, so that one count need not wait for the last
    tally = np.zeros((2, out.shape[1] * width), np.int64)
    for item in range(items.shape[0]):
        segment, first, stop = items[item, 0], items[item, 1], items[item, 2]
        x = age[segment]
        codes, families = code[first:stop], family[first:stop]
        if x < ADULT:
            of = classes[0]
            _growing(codes, mother[first:stop], father[first:stop], code, families)
        else:
            of = classes[1]
            rows = slice(first, stop)
            _grown(codes, born[rows], union[rows], spouse[rows], kids[rows], families)
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
