"""Families that move together: who follows a word of the woman's, and what it says of the own move.

A woman from 18 on leads her household: the partner in her place and her children below 18 there. Whether a household
acts as one this year is a word of its own. Where it does, a follower does what she does as often as the chances of both
allow, and what his own chances have beyond hers by the own word. So everybody's chances stay what the tables say, and
both do the same with probability min(p, q) in place of p q.
"""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import part
from demo_sim.kernels.columns import LEVELS, RETURN_FIRST, layout
from demo_sim.kernels.philox import philox4x32

ALONE, LEADS, WITH_PARTNER, WITH_MOTHER = range(4)  # of the people of a segment, whom they follow
CALLS = 128  # mark of a leader whose word says to move, on top of the code that she had

_WHOLE = np.uint64(1 << 32)
_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


@part
def call(links, codes, led, called, flag):
    """Note the living whose leader moves, and flag them beside those of `screening.screen`.

    Parameters
    ----------
    links : rows of those whom they follow, below 0 nobody
    codes : of the people themselves
    led : uint8 (row,), of leaders with an event, see `CALLS`
    called : written; flag : set
    """
    called[:] = 0
    for i in range(links.shape[0]):
        link = links[i]
        if link >= 0 and led[link] >= CALLS and codes[i] != 0:
            called[i] = flag[i] = 1


@part
def _place(each, code):
    """Place, or after all of them outside from one, of the code of somebody alive."""
    at = layout(each)
    return code - at.away + at.places if code >= at.away else (code - 1) // LEVELS


@part
def _recodes(each):
    """Bits of the bands of the move word that are re-coding."""
    at = layout(each)
    others = (1 << at.others) - 1
    return others << 1 | others << (1 + 2 * at.others)


@part
def segment_of(starts, row, guess):
    """Segment of a row; starts grow. The guess is looked at first: leaders of neighbours lie together."""
    if starts[guess] <= row and (guess + 1 == starts.shape[0] or row < starts[guess + 1]):
        return guess
    low, high = 0, starts.shape[0]
    while high - low > 1:
        middle = (low + high) // 2
        if starts[middle] <= row:
            low = middle
        else:
            high = middle
    return low


@part
def word_beside(own, hers, cuts, cell, her_cell, first, bands, as_one):
    """A word for the own cuts that goes with hers, as probable everywhere as the own one.

    Parameters
    ----------
    own, hers : words of the follower and of the leader
    cuts : uint64 (cell, column); cell, her_cell : of the two; first, bands : columns of the cumulative cuts
    as_one : bits of the bands in which they act as one

    Returns
    -------
    The least word of the band that is meant; 2**32 for none of them.
    """
    both = more = mine = theirs = np.uint64(0)
    meant = _WHOLE
    for k in range(bands):  # without branches: which band it is nobody can foretell
        top, her_top = cuts[cell, first + k], cuts[her_cell, first + k]
        width = top - mine
        same = min(width, her_top - theirs) * np.uint64(as_one >> k & 1)
        meant = mine if (theirs <= hers) & (hers < theirs + same) else meant
        both += same
        more += width - same
        mine, theirs = top, her_top
    rest = own * (_WHOLE - both) >> _32
    if meant < _WHOLE or rest >= more:
        return meant
    mine = theirs = np.uint64(0)
    for k in range(bands):
        top, her_top = cuts[cell, first + k], cuts[her_cell, first + k]
        width = top - mine
        width -= min(width, her_top - theirs) * np.uint64(as_one >> k & 1)
        if rest < width:
            break
        rest -= width
        mine, theirs = top, her_top
    return mine


@part
def mark(found, codes, near, move, chosen, led):
    """Note what leaders with an event were, and whether they move.

    Parameters
    ----------
    found, codes, near, move, chosen : as in `screening.choose`, of those that it chose
    led : uint8, of the rows of `codes`, written
    """
    for k in range(chosen.shape[0]):
        j = chosen[k]
        code = codes[found[j]]
        led[found[j]] = code + (CALLS if move[j] < near[code, 2] else 0)


@part
def _draw(low, high, year, words, household, k0, key, move, word):
    """Words for the move of some leaders, and of their households; a loop that becomes vector code."""
    for m in range(low.shape[0]):
        _, _, move[m], _ = philox4x32(low[m], high[m], year, words, k0, key)
        word[m], _, _, _ = philox4x32(low[m], high[m], year, household, k0, key)


@part
def follow_leader(
    each, found, codes, near, move, chosen, called, links, code, led, cell, role, start, upper, seg_cell, ident,
    ident_from, year, words, household, k0, key, cuts, moves, recodes, words_of_two, leaders,
):  # fmt: skip
    """Words for the moves of those who follow, in place of their own.

    Parameters
    ----------
    each : one number for each place there is, see `columns.layout`
    found, codes, near, move, chosen, called : as in `mark` and `call`; `move` is changed
    links : rows of those whom they follow
    code, led : columns of everybody
    cell : row of the cuts of the followers
    role, start, upper, seg_cell, ident, ident_from : of all segments, and ids, as in `person_year`
    year, words, household, k0, key : counter words of a year's words and of the household's, and the key
    cuts : uint64 (cell, column)
    moves, recodes : uint64, cuts of the household's word
    words_of_two : uint64 (4, row), leaders : int64 (2, row), room to work in
    """
    at = layout(each)
    segment = number = 0
    low, high, word, hers = words_of_two
    who, at_segment = leaders
    recoding = _recodes(each)
    moving = (1 << at.bands) - 1 ^ recoding
    for k in range(chosen.shape[0]):
        j = chosen[k]
        i = found[j]
        was = np.int64(codes[i])
        leader = np.int64(links[i])
        if leader < 0 or not (called[i] or move[j] < near[was, 2]):
            continue
        her_code = np.int64(led[leader] % CALLS if led[leader] else code[leader])
        if her_code == 0 or _place(each, her_code) != _place(each, was):
            continue
        segment = segment_of(start, leader, segment)
        if role[segment] != LEADS:
            continue
        who[number], at_segment[number] = j, segment
        low[number], high[number] = np.uint64(leader - start[segment]), upper[segment]
        if upper[segment] == np.uint64(0xFFFFFFFFFFFFFFFF):
            low[number], high[number] = ident[leader - ident_from] & _MASK, ident[leader - ident_from] >> _32
        number += 1
    _draw(low[:number], high[:number], year, words, household, k0, key, hers, word)
    for m in range(number):
        j = who[m]
        was = np.int64(codes[found[j]])
        as_one = (moving if word[m] < moves else 0) | (recoding if word[m] < recodes else 0)
        first, bands = at.move + at.bands * _place(each, was), at.bands
        if was >= at.away:
            first, bands = at.abroad + 3 * (was - at.away) + RETURN_FIRST, 2
            as_one = 3 if word[m] < moves else 0
        if as_one:
            move[j] = word_beside(move[j], hers[m], cuts, cell, seg_cell[at_segment[m]], first, bands, as_one)
