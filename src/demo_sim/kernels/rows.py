"""Small jobs on rows of persons: first classes, counts."""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel
from demo_sim.kernels.philox import philox4x32


@kernel
def assign_classes(start, stop, upper, level_cuts, parity_cuts, year, k0, k1, words, code, born):
    """Draw the functional level and the parity of the rows of base segments.

    Parameters
    ----------
    start, stop, upper : rows of each segment, upper half of the ids; the lower half is the position
    level_cuts, parity_cuts : uint64 (segment, class), cumulative cuts, the last one the top
    year, k0, k1, words : counter words and key
    code : uint8 (row,), raised by the level drawn
    born : uint8 (row,), set to the parity drawn
    """
    top = np.uint64(1 << 32)
    for segment in range(start.shape[0]):
        levels, parities = level_cuts[segment], parity_cuts[segment]
        if levels[0] >= top and parities[0] >= top:
            continue
        first = start[segment]
        for i in range(stop[segment] - first):
            a, b, _, _ = philox4x32(np.uint64(i), upper[segment], year, words, k0, k1)
            level = 0
            while a >= levels[level]:
                level += 1
            code[first + i] += level
            parity = 0
            while b >= parities[parity]:
                parity += 1
            born[first + i] = parity


@kernel
def count_codes(start, stop, sex, age, out, code):
    """Count rows by code in every segment; out is int64 (sex, age, 11), added to; those outside are not counted."""
    for segment in range(start.shape[0]):
        row = out[sex[segment], age[segment]]
        for i in range(start[segment], stop[segment]):
            if code[i] < row.shape[0]:
                row[code[i]] += 1
