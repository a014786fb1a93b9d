"""Who may have an event this year: random words of many persons compared with thresholds, without branches.

A block of rows is treated in three passes. All ids are screened against the largest thresholds of their segment, and
only a flag is kept; the few that are flagged get their words once more; those whose words are below the thresholds of
their own code are chosen. Drawing again costs less than keeping the words of everybody, and each pass is a plain loop
that the compiler makes vector instructions of.
"""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import part
from demo_sim.kernels.philox import philox4x32

_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


@part
def screen(first, upper, year, words, k0, k1, t0, t1, t2, t3, flag):
    """Flag the persons, with ids of one upper half and following lower halves, who may have an event.

    The upper half is one number for all: the compiler takes what depends on it alone out of the loop.
    """
    for i in range(flag.shape[0]):
        a, b, c, d = philox4x32(first + np.uint64(i), upper, year, words, k0, k1)
        flag[i] = np.uint8((a < t0) | (b < t1) | (c < t2) | (d < t3))


@part
def screen_stored(ident, year, words, k0, k1, t0, t1, t2, t3, flag):
    """The same for persons whose ids are stored."""
    for i in range(flag.shape[0]):
        a, b, c, d = philox4x32(ident[i] & _MASK, ident[i] >> _32, year, words, k0, k1)
        flag[i] = np.uint8((a < t0) | (b < t1) | (c < t2) | (d < t3))


@part
def gather(flag, found):
    """Positions of the flagged rows; gives their number. `found` has room for one more than the flags."""
    count = 0
    for i in range(flag.shape[0]):
        found[count] = i
        count += flag[i]
    return count


@part
def draw_words(low, high, year, words, k0, k1, w0, w1, w2, w3):
    """The four words of each of these persons."""
    for j in range(low.shape[0]):
        w0[j], w1[j], w2[j], w3[j] = philox4x32(low[j], high[j], year, words, k0, k1)


@part
def choose(found, codes, borns, near, w0, w1, w2, w3, chosen):
    """Places in `found` of those with an event by the thresholds of their own code; gives their number.

    Parameters
    ----------
    found : positions of the candidates among `codes` and `borns`
    near : uint64 (code, 3 + parity), thresholds of the first three words, and of the fourth by parity
    w0, w1, w2, w3 : words of the candidates
    chosen : written, room for one more than the candidates
    """
    count = 0
    for j in range(found.shape[0]):
        code = codes[found[j]]
        parity = min(borns[found[j]], np.uint8(3))
        chosen[count] = j
        first = (w0[j] < near[code, 0]) | (w1[j] < near[code, 1])
        count += int(first | (w2[j] < near[code, 2]) | (w3[j] < near[code, 3 + parity]))
    return count


@part
def choose_called(found, codes, borns, near, called, w0, w1, w2, w3, chosen):
    """The same with those who are called, who have an event by the word of another; `called` is of all rows."""
    count = 0
    for j in range(found.shape[0]):
        code = codes[found[j]]
        parity = min(borns[found[j]], np.uint8(3))
        chosen[count] = j
        first = (w0[j] < near[code, 0]) | (w1[j] < near[code, 1]) | (called[found[j]] != 0)
        count += int(first | (w2[j] < near[code, 2]) | (w3[j] < near[code, 3 + parity]))
    return count
