"""Families of the base population: women walk their past, take a husband and give rows to their children.

Every choice comes from the woman's own words; rows are handed out in order from pools of one birth year, sex and
place, so that the same rows and words always give the same families.
"""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel, part
from demo_sim.kernels.person_year import WORDS_BIRTHS, WORDS_FAMILY
from demo_sim.kernels.philox import philox4x32, words_of

NOBODY, DEAD = -1, -2  # links: unknown to the model; dead, without a row
NEVER, UNITED, LOST, UNSEEN = 0, 1, 2, 3  # union: never, with a partner's row, widowed or divorced, partner not in rows
YOUNGEST = 15  # fathers; of a child that a man is too young for the father is not known
TAKEN = 4  # while families are founded: a man whose wife is dead or divorced
_REACH = 8  # years around the wanted birth year in which a husband is looked for
PER_PLACE, MOST_KIDS = 5, 31  # bits of the count of living children in one place

_MASK = np.uint64(0xFFFFFFFF)
_32, _WHOLE = np.uint64(32), np.uint64(1 << 32)


@kernel
def ever_marry(start, stop, upper, never, year, k0, k1, union):
    """Mark the men of some segments who ever married as `LOST`; those who find a wife become `UNITED` later.

    Parameters
    ----------
    start, stop, upper : rows and upper id of each segment
    never : uint64 (segment,), cut of never having married; from 2**32 on nobody has
    """
    for segment in range(start.shape[0]):
        first = start[segment]
        if never[segment] >= np.uint64(1 << 32):
            for row in range(first, stop[segment]):
                union[row] = NEVER
            continue
        for i in range(stop[segment] - first):
            a, _, _, _ = philox4x32(np.uint64(i), upper[segment], year, np.uint64(WORDS_FAMILY), k0, k1)
            union[first + i] = NEVER if a < never[segment] else LOST


@part
def take_row(following, stops, place, union, wanted):
    """Next free row of a place, with a given state of union if `wanted` is not negative; -1 where none is left."""
    while following[place] < stops[place]:
        row = following[place]
        following[place] += 1
        if wanted < 0 or union[row] == wanted:
            return row
    return -1


@part
def find_husband(man_next, man_stop, union, year, place):
    """A man who married and has no wife yet, of about the birth year, if possible in the place; his place, cohort."""
    last, places = man_next.shape[0] - 1, man_next.shape[1]
    for other in range(places):
        here = place if other == 0 else (place + other) % places
        for step in range(2 * _REACH + 1):
            distance = (step + 1) // 2 if step % 2 else -(step // 2)
            born = min(max(year + distance, 0), last)
            row = take_row(man_next[born], man_stop[born], here, union, LOST)
            if row >= 0:
                return row, here, born
    return -1, place, year


@kernel
def found_families(women, clock, each, past, pools, persons, kin, short):
    """Found the families of some women, in order.

    Parameters
    ----------
    women, clock, past : see `given`
    each : one number for each place there is
    pools : rows of men and of children, see `given`; moves on
    persons, kin : columns, written; children ever born of women are drawn before
    short : int64 (2,), written: living husbands and living children for whom no row was left
    """
    start, stop, first, upper, born_in, group = women
    never, divorced, gaps, husband_alive, husband_place, father_unknown = past[:6]
    one_more, birth_age, boy, alive, child_place = past[6:]
    man_next, man_stop, child_next, child_stop = pools
    year, k0, k1 = clock
    born, mother = persons.born, persons.mother
    father, partner, union, spouse, kids = kin
    outside = len(each)
    places = 2 * outside  # of rows: those there are, and away from each
    first_child = birth_age.shape[0] - child_next.shape[0]  # cohort of the oldest child's birth year
    for segment in range(start.shape[0]):
        g, c = group[segment], born_in[segment]
        ages = birth_age[c]
        for row in range(start[segment], stop[segment]):
            low = np.uint64(row - first[segment])
            a, b, d, e = words_of(low, upper[segment], year, np.uint64(WORDS_FAMILY), k0, k1)
            number = np.int64(born[row])
            if number == 0:
                if a < never[c, g]:
                    continue
                a = (a - never[c, g] << _32) // (_WHOLE - never[c, g])  # of those who married, as of mothers
            gap = 0
            while b >= gaps[c, gap]:
                gap += 1
            his = c - (gap - 10)
            husband = -1
            if g < places:
                union[row] = LOST
            apart = a < divorced[c]
            dad = DEAD
            lived = husband_alive[min(max(his, 0), husband_alive.shape[0] - 1)]
            if apart or d < lived[1]:
                place = 0
                while e >= husband_place[c, g, place]:
                    place += 1
                husband, place, his = find_husband(man_next, man_stop, union, his, place)
                first_one = apart or d < lived[0]  # else he is the second husband, and the children's father is dead
                if first_one:
                    dad = husband if husband >= 0 else NOBODY
                if husband < 0:
                    short[0] += 1
                if g < places and not apart:
                    union[row] = UNITED if husband >= 0 else UNSEEN
                    partner[row] = husband
                if husband >= 0 and g < places and not apart:
                    union[husband] = UNITED
                    partner[husband] = row
                    spouse[row], spouse[husband] = min(place, outside), min(g, outside)
                elif husband >= 0:
                    union[husband] = TAKEN  # a widower or divorced, no longer to be found
            if number == 0:
                continue
            if one_more[c] > 0:
                a, _, _, _ = words_of(low, upper[segment], year + np.uint64(100), np.uint64(WORDS_BIRTHS), k0, k1)
                if a < one_more[c]:
                    number += 1
                    born[row] = number
            age = 0
            before = -1
            for order in range(number):
                a, b, d, e = words_of(low, upper[segment], year + np.uint64(order), np.uint64(WORDS_BIRTHS), k0, k1)
                u = (order + a / 4294967296.0) / number
                while age < ages.shape[0] - 1 and u >= ages[age]:
                    age += 1
                if age <= before and before + 1 < ages.shape[0] and ages[before + 1] > ages[before]:
                    age = before + 1
                before = age
                child = c + 15 + age - first_child
                if child < 0 or child >= child_next.shape[0]:
                    continue
                s = 0 if b < boy[child] else 1
                if husband >= 0 and dad == husband and born[husband] < 255:
                    born[husband] += 1
                if d >= alive[child, s, 0 if number == 1 else 1]:
                    continue
                place = 0
                while e >= child_place[child, s, g, place]:
                    place += 1
                found = -1
                for other in range(places):
                    here = place if other == 0 else (place + other) % places
                    found = take_row(child_next[child, s], child_stop[child, s], here, union, -1)
                    if found >= 0:
                        place = here
                        break
                if found < 0:
                    short[1] += 1
                    place = outside
                else:
                    mother[found] = row
                    known = ((a * np.uint64(0x9E3779B1)) & _MASK) >= father_unknown and c + 15 + age >= his + YOUNGEST
                    father[found] = dad if known else NOBODY
                bit = np.int64(1) << (PER_PLACE * min(place, outside))
                kids[row] += bit
                if husband >= 0 and dad == husband and (found < 0 or father[found] == husband):
                    kids[husband] += bit


@kernel
def settle_men(start, stop, upper, place, parity, year, k0, k1, union, born, kids):
    """Men whose wife is dead or divorced go back to `LOST`, and who was left over gets a family outside the rows.

    The inputs know more husbands than wives. Men left over are widowed or divorced as often as others of their segment,
    else have a partner without a row, and have children without rows beside them: else they would be taken for men
    who have nobody.

    Parameters
    ----------
    start, stop, upper, place : rows, upper id and place of each segment of men
    parity : uint64 (segment, parity), cumulative cuts of their children
    union, born, kids : columns, changed
    """
    for segment in range(start.shape[0]):
        first, last = start[segment], stop[segment]
        apart = united = left_over = 0
        for row in range(first, last):
            apart += union[row] == TAKEN
            united += union[row] == UNITED
            left_over += union[row] == LOST
        if apart + left_over == 0:
            continue
        cut = np.uint64(4294967296.0 * apart / max(apart + united, 1))
        for row in range(first, last):
            if union[row] == TAKEN:
                union[row] = LOST
            elif union[row] == LOST:
                low = np.uint64(row - first)
                _, b, d, _ = words_of(low, upper[segment], year, np.uint64(WORDS_FAMILY), k0, k1)
                union[row] = LOST if b < cut else UNSEEN
                number = 0
                while d >= parity[segment, number]:
                    number += 1
                born[row] = number
                kids[row] = np.int64(number) << (PER_PLACE * place[segment])
