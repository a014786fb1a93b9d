"""Small jobs on rows of persons: first classes, people who enter, counts."""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel
from demo_sim.kernels.columns import LEVELS
from demo_sim.kernels.founding import MOST_KIDS, PER_PLACE, UNSEEN
from demo_sim.kernels.person_year import TOP, WORDS_ARRIVAL
from demo_sim.kernels.philox import words_of


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
            a, b, _, _ = words_of(np.uint64(i), upper[segment], year, words, k0, k1)
            level = 0
            while a >= levels[level]:
                level += 1
            code[first + i] += level
            parity = 0
            while b >= parities[parity]:
                parity += 1
            born[first + i] = parity


@kernel
def enter(pieces, groups, cells, year, half, k0, k1, parity_cuts, married, ident_from, code, born, ident, union, kids):
    """Write the rows of people who enter; their ids are words of cell and order, their children others of the same.

    Parameters
    ----------
    pieces : int64 (group, 4), rows of each draw, age and sex
    groups : int64 (group, 3), draw, age and sex of each
    cells : int64 (draw, age, sex, residence, level), persons by age at the move
    year, half, k0, k1 : counter words, and key of the first draw
    parity_cuts : uint64 (draw, half, residence, age, parity), cumulative cuts of the children ever born of a woman
    married : uint64 (draw, sex, age), cuts of having a partner; empty where no families are followed, and then men have
        no children
    ident_from, code, born, ident, union, kids : columns, written; ids from the row `ident_from` on

    Notes
    -----
    Mothers have a partner, outside the rows; of the childless so many have one that the share of all women is kept. Of
    men so many as it says. Only who has a partner has children, and they are beside.
    """
    whole = np.float64(1 << 32)
    families = married.shape[0] > 0
    for group in range(groups.shape[0]):
        draw, x, s = groups[group, 0], groups[group, 1], groups[group, 2]
        key = k1 + np.uint64(draw)
        row = pieces[group, 1]
        for r in range(cells.shape[3]):
            parities = parity_cuts[draw, half, r, x]
            none = np.float64(parities[0])
            for level in range(LEVELS):
                cell = np.uint64((r * LEVELS + level) << 8 | ((s * 256 + x) * 2 + half) << 16)
                for order in range(cells[draw, x, s, r, level]):
                    a, b, d, _ = words_of(np.uint64(order), cell, year, np.uint64(WORDS_ARRIVAL), k0, key)
                    parity = 0
                    while d >= parities[parity]:
                        parity += 1
                    code[row] = 1 + r * LEVELS + level
                    ident[row - ident_from] = TOP | (a << np.uint64(32)) | b
                    if not families:
                        born[row] = parity if s == 1 else 0
                        row += 1
                        continue
                    wanted = np.float64(married[draw, s, x])
                    if s == 1:
                        wanted = max(wanted + none - whole, 0.0) / max(none, 1.0) * whole
                    if (s == 1 and parity > 0) or np.float64(b) < wanted:
                        born[row] = parity
                        union[row] = UNSEEN
                        kids[row] = np.int64(min(parity, MOST_KIDS)) << (PER_PLACE * r)
                    row += 1


@kernel
def count_codes(start, stop, cell, out, code):
    """Count rows by code in every segment; out is int64 (cell, code), added to; those outside are not counted."""
    for segment in range(start.shape[0]):
        row = out[cell[segment]]
        for i in range(start[segment], stop[segment]):
            if code[i] < row.shape[0]:
                row[code[i]] += 1
