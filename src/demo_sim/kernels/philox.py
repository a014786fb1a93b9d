"""Philox 4x32-10, the counter-based generator behind every chance event and every draw.

Source: Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
"""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import inlined, kernel, part

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


def seed_word(seed: int) -> np.uint64:
    """The key word of a seed: its two halves folded, so that seeds below 2**32 are themselves."""
    return np.uint64((seed ^ (seed >> 32)) & 0xFFFFFFFF)


@inlined
def philox4x32(c0, c1, c2, c3, k0, k1):
    """Four 32-bit words (as uint64) of counter (c0..c3) under key (k0, k1)."""
    for _ in range(10):
        # upper halves may hold rubbish between rounds: a 32-bit multiplication does not see them
        p0 = _M0 * (c0 & _MASK)
        p1 = _M1 * (c2 & _MASK)
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1, (p0 >> _32) ^ c3 ^ k1, p0
        k0 = (k0 + _W0) & _MASK
        k1 = (k1 + _W1) & _MASK
    return c0 & _MASK, c1 & _MASK, c2 & _MASK, c3 & _MASK


@part
def words_of(c0, c1, c2, c3, k0, k1):
    """The same where it is wanted now and then: a call, not folded in, so that what calls it compiles faster."""
    return philox4x32(c0, c1, c2, c3, k0, k1)


@kernel
def philox_words(counters, keys):
    """Words for many counters and keys, for checks against the published vectors.

    Parameters
    ----------
    counters : uint64 array (n, 4)
    keys : uint64 array (n, 2)

    Returns
    -------
    uint64 array (n, 4), each word below 2**32
    """
    out = np.empty_like(counters)
    for i in range(counters.shape[0]):
        a, b, c, d = philox4x32(counters[i, 0], counters[i, 1], counters[i, 2], counters[i, 3], keys[i, 0], keys[i, 1])
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = a, b, c, d
    return out
