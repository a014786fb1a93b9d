"""Groups that exclude each other: weights by which people who have a choice spread as is wanted."""

from __future__ import annotations

import numpy as np

from demo_sim.kernels._jit import kernel, part

ROUNDS = 300
PASSES = 3  # a set of choices that asks too much is cut in the first, and its neighbours in the next
CLOSE = 1e-10
LEAST_WEIGHT = 1e-12  # weight of a choice that is wanted: where all who can choose another do, it goes towards nought


@part
def scale(people, open_to, target, everyone, weights, found, part_of):
    """Weights of one cell by which people spread over choices as in `target` (iterative scaling), and how they do."""
    choices, patterns = open_to.shape
    for k in range(choices):
        weights[k] = 1.0 / choices
    for _ in range(ROUNDS):
        for p in range(patterns):
            whole = 0.0
            for k in range(choices):
                if open_to[k, p]:
                    whole += weights[k]
            part_of[p] = people[p] / whole if whole > 0.0 else 0.0
        arrived = True
        for k in range(choices):
            reached = 0.0
            for p in range(patterns):
                if open_to[k, p]:
                    reached += part_of[p]
            found[k] = weights[k] * reached
            if not abs(found[k] - target[k]) <= CLOSE * everyone:
                arrived = False
        if arrived:
            return
        total = 0.0
        for k in range(choices):
            weights[k] = weights[k] * (target[k] / found[k]) if found[k] > 0.0 else 0.0
            total += weights[k]
        for k in range(choices):
            weights[k] = max(weights[k] / max(total, LEAST_WEIGHT), LEAST_WEIGHT) if target[k] > 0.0 else 0.0


@kernel
def fit_exclusive(people, open_to, wanted, out):
    """Weights of exclusive choices, cell by cell.

    Parameters
    ----------
    people : float64 (pattern, cell), people by what is possible for them
    open_to : bool (choice + 1, pattern); the last choice, none of them, is open to all
    wanted : float64 (choice, cell), people wanted in each
    out : float64 (choice + 1, cell), weights, written
    """
    choices, patterns = open_to.shape
    target, found, weights = np.empty(choices), np.empty(choices), np.empty(choices)
    own, part_of, asked = np.empty(patterns), np.empty(patterns), np.empty(choices - 1)
    for c in range(people.shape[1]):
        everyone, whole = 0.0, 0.0
        for p in range(patterns):
            own[p] = people[p, c]
            everyone += own[p]
        for k in range(choices - 1):
            whole += wanted[k, c]
        for k in range(choices - 1):  # more in all than there are people is cut in proportion
            asked[k] = wanted[k, c] * (everyone / whole) if whole > everyone else wanted[k, c]
        for _ in range(PASSES):
            rest = everyone
            for k in range(choices - 1):
                target[k] = asked[k]
                rest -= asked[k]
            target[choices - 1] = rest if rest > CLOSE * everyone else 0.0  # not the crumb that rounding leaves
            scale(own, open_to, target, everyone, weights, found, part_of)
            again = False
            for k in range(choices - 1):  # where those who can choose are too few, the rest of them goes to none
                within = min(asked[k], found[k])
                if not asked[k] - within <= CLOSE * everyone:
                    again = True
                asked[k] = within
            if not again:
                break
        for k in range(choices):
            out[k, c] = weights[k]
