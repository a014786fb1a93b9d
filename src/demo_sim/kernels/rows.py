"""Small jobs on rows of persons: first classes, newborn rows, counts."""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel
from demo_sim.kernels.philox import philox4x32


@kernel
def assign_classes(code, born, upper, level_cuts, parity_cuts, year, k0, k1, words):
    """Draw the functional level and the parity of the rows of one base segment.

    Parameters
    ----------
    code : uint8 (row,), raised by the level drawn
    born : uint8 (row,), set to the parity drawn
    upper : upper half of the ids; the lower half is the position
    level_cuts, parity_cuts : uint64 cumulative cuts; empty where nothing is drawn
    year, k0, k1, words : counter words and key
    """
    if level_cuts.shape[0] == 0 and parity_cuts.shape[0] == 0:
        return
    for i in range(code.shape[0]):
        a, b, _, _ = philox4x32(np.uint64(i), upper, year, words, k0, k1)
        if level_cuts.shape[0]:
            level = 0
            while a >= level_cuts[level]:
                level += 1
            code[i] += level
        if parity_cuts.shape[0]:
            parity = 0
            while b >= parity_cuts[parity]:
                parity += 1
            born[i] = parity


@kernel
def count_codes(start, stop, sex, age, out, code):
    """Count rows by code in every segment; out is int64 (sex, age, 11), added to; those outside are not counted."""
    for segment in range(start.shape[0]):
        row = out[sex[segment], age[segment]]
        for i in range(start[segment], stop[segment]):
            if code[i] < row.shape[0]:
                row[code[i]] += 1
