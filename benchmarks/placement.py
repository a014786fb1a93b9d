"""Seconds to choose who gets a bed, and to bring the care setting of a province to a year-end.

    python benchmarks/placement.py

Prints the best of five times of one thread: 490,000 beds among 3 million eligible by class, years waited and word; and
a whole year-end of 13 million persons of 60 and over: wishes, levels, attributes, classes, services.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from demo_sim.engine.care_cuts import CARE_FAMILIES, CareInputs, Terms, care_cuts
from demo_sim.engine.people import Population
from demo_sim.engine.persons import Persons
from demo_sim.engine.placement import Residents, choose_places, place
from demo_sim.engine.synthesis import synthesise

ELIGIBLE, BEDS, CLASSES, YEAR = 3_000_000, 490_000, 4, 2020
OLDER, FIRST = 13_000_000, 60


def best(work: Callable[[], object], repeats: int = 5) -> float:
    """Shortest of some times, after one call that compiles."""
    work()
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def queue() -> float:
    """Choose exactly k of n."""
    rng = np.random.default_rng(1)
    ranks = CLASSES * 257
    rank = rng.integers(0, ranks, ELIGIBLE).astype(np.uint16)
    word = rng.integers(0, 2**32, ELIGIBLE, np.uint32)
    return best(lambda: choose_places(rank, word, ranks, BEDS, lambda at: at.astype(np.uint64)))


def inputs() -> CareInputs:
    """Shares about those of Hunan, four classes by two attributes, two services."""
    use = np.array([0.0044, 0.013, 0.04, 0.088, 0.106])
    allowed = np.ones((3, 2, 2, 5, CARE_FAMILIES), bool)
    terms = Terms(np.arange(3), np.tile([60, 101], (3, 1)), np.array([1, 2, 3]), allowed)
    by_level = np.broadcast_to(use[:, None], (1, 2, 5, 1)).copy()
    community = np.stack([by_level, 0.01 + 0.0 * by_level])
    attributes = np.full((1, 2, 1, 2, 41, 2, 5), 2**32 // 20, np.uint64)
    class_of = np.zeros(CARE_FAMILIES, np.uint8)
    names = ("a", "b", "c", "others")
    places, unlimited = np.array([[100_000.0]]), np.full((2, 1, 1), np.inf)
    return CareInputs(by_level, None, places, community, unlimited, class_of, attributes, terms, names)


def year_end() -> float:
    """All persons of 60 and over of a province, their level drawn."""
    counts = np.zeros((2, 2, 101), np.int64)
    counts[:, :, FIRST:] = OLDER // (4 * 41)
    parity = np.zeros((2, 101, 4))
    parity[..., 0] = 1.0
    key = (np.uint64(1), np.uint64(0))
    persons = Persons.room([int(counts.sum())], 0.0, False, counts.shape[0])
    synthesise(persons, counts, YEAR + 1, parity, None, key)
    population = Population.of(persons, key, YEAR + 1)
    shares = np.broadcast_to([0.884, 0.06, 0.03, 0.016, 0.01], (2, 2, 41, 5))
    made = inputs()
    cuts, residents = care_cuts(made, 0, shares, 1.0, 0), Residents(population)
    return best(lambda: place(residents, YEAR, cuts, made))


if __name__ == "__main__":
    print(f"{BEDS:,} beds among {ELIGIBLE:,} eligible: {1000 * queue():.0f} ms")
    print(f"a year-end of {OLDER:,} older persons: {1000 * year_end():.0f} ms")
