"""Low-discrepancy numbers of the draws: one scrambled van der Corput sequence for each stream.

A draw spreads every uncertain input evenly over its belief, so that a thousand draws tell a probability as well as
several thousand random ones. Streams are sequences of their own, not the axes of a joint one: another input more
changes no number of the others. Eight replicates, keyed apart, take turns (draw i belongs to replicate i mod 8); how
they differ says how far a probability can be trusted.

Source: Owen 1995, Randomly permuted (t,m,s)-nets and (t,s)-sequences; van der Corput 1935.
"""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel, part
from demo_sim.kernels.philox import words_of

SEQUENCES = 8  # independent sequences of a stream, which take turns
WORDS_SEQUENCE = 16  # block of the random words, see the list in `person_year`
_MASK = np.uint64(0xFFFFFFFF)
_NONE, _ONE, _32 = np.uint64(0), np.uint64(1), np.uint64(32)
_LEVELS = 7  # binary digits decided by one block of 128 random bits: the 127 forks of a tree of that depth
_ROW = 16  # draws of a replicate that lie in random order; 4 binary digits
_SHUFFLE, _SCRAMBLE, _ORDER = (np.uint64(WORDS_SEQUENCE | purpose << 8) for purpose in (1, 2, 3))


@part
def permuted(value, low, high, block, seed, replicate):
    """A 32-bit number whose digits are flipped, from the highest on, by words that depend on the digits above.

    Numbers that share their upper digits go on sharing them (nested uniform scrambling), so an aligned row of 2**k
    numbers becomes an aligned row of 2**k numbers.
    """
    out = _NONE
    for first in range(0, 32, _LEVELS):
        above = value >> np.uint64(32 - first)
        a, b, c, d = words_of(low, high, above, block | np.uint64(first << 16), seed, replicate)
        fork = np.int64(1)
        for level in range(first, min(first + _LEVELS, 32)):
            word = a if fork < 32 else b if fork < 64 else c if fork < 96 else d
            digit = (value >> np.uint64(31 - level)) & _ONE
            flip = (word >> np.uint64(fork % 32)) & _ONE
            out = (out << _ONE) | (digit ^ flip)
            fork = 2 * fork + np.int64(digit)
    return out


@part
def reversed_digits(value):
    """The 32 binary digits of a number, the last one first."""
    out = _NONE
    for _ in range(32):
        out = (out << _ONE) | (value & _ONE)
        value >>= _ONE
    return out


@part
def shuffled(index, low, high, seed, replicate):
    """The place of a draw of a replicate: rows of 16 at random, the draws of a row in random order.

    Digit flips alone would set the neighbours of every row into opposite halves of all streams at once, and what two
    inputs do together would be told half as well.
    """
    row, own = index >> np.uint64(4), index & np.uint64(_ROW - 1)
    words = np.empty(_ROW, np.uint64)
    for first in range(0, _ROW, 4):
        words[first], words[first + 1], words[first + 2], words[first + 3] = words_of(
            low, high, row, _ORDER | np.uint64(first << 16), seed, replicate
        )
    rank = _NONE
    for other in range(_ROW):
        if words[other] < words[own] or (words[other] == words[own] and np.uint64(other) < own):
            rank += _ONE
    return ((permuted(row, low, high, _SHUFFLE, seed, replicate) << np.uint64(4)) | rank) & _MASK


@kernel
def stratified_uniforms(seed, streams, numbers):
    """Numbers of the draws of each stream in (0, 1).

    Of any 2**k draws of a replicate, 16 or more, that follow on a multiple of 2**k, one falls into each of the 2**k
    equal parts of the unit interval; which one where, and where in it, is random.

    Parameters
    ----------
    seed : uint64, below 2**32
    streams : uint64 array (s,), 64-bit hashes of the names of the streams
    numbers : int64 array (n,), numbers of the draws, 0 or more

    Returns
    -------
    float64 array (s, n); a number depends on the seed, its stream and its draw alone
    """
    out = np.empty((streams.shape[0], numbers.shape[0]))
    for s in range(streams.shape[0]):
        low, high = streams[s] & _MASK, streams[s] >> _32
        for i in range(numbers.shape[0]):
            replicate = np.uint64(numbers[i] % SEQUENCES)
            index = np.uint64(numbers[i] // SEQUENCES)
            place = shuffled(index, low, high, seed, replicate)
            point = permuted(reversed_digits(place), low, high, _SCRAMBLE, seed, replicate)
            out[s, i] = (np.float64(point) + 0.5) / 4294967296.0
    return out
