"""Persons of many draws at once, beside the cohort pass that feeds them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from demo_sim.engine.arrivals import whole_arrivals
from demo_sim.engine.cohort import Timing, YearFlows, YearTables
from demo_sim.engine.parity import ParityShares
from demo_sim.engine.people import CODES, Population, YearEvents, live_year
from demo_sim.engine.synthesis import synthesise, whole_numbers
from demo_sim.engine.thresholds import build_thresholds
from demo_sim.kernels.person_year import LEVELS
from demo_sim.kernels.rows import count_codes

BYTES_PER_PERSON = 14.0  # code, children born, mother link, and ids of the rows that are added
GROWTH_A_YEAR = 0.008  # rows added a year, as a share of the opening stock: newborns and arrivals


@dataclass(frozen=True)
class Setting:
    """How persons are followed.

    Attributes
    ----------
    draws : draws that are followed by persons, the first ones of the cohort pass
    scale : persons that one agent stands for; 1 is one to one
    seed : of the scenario
    threads : at most so many; results do not depend on it
    twins : share of deliveries with two children
    first_draw : number of the first draw in the whole run; it is part of the key of the random numbers
    """

    draws: int
    scale: float
    seed: int
    threads: int
    twins: float
    first_draw: int = 0


def memory_needed(persons: float, setting: Setting, years: int) -> float:
    """Bytes of the columns of all draws at the end of a run."""
    rows = persons / setting.scale * (1.0 + GROWTH_A_YEAR * years)
    return setting.draws * rows * BYTES_PER_PERSON


class Ensemble:
    """Populations of persons, one a draw, moved on year by year with the cohort pass.

    Parameters
    ----------
    start : (residence, sex, age, draw), opening stock of the cohort pass
    first_year : calendar year that begins
    parity : shares of women by children ever born
    setting, timing : how persons are followed, and when migrants move
    years : number of years to come, for the room reserved
    """

    def __init__(
        self, start: np.ndarray, first_year: int, parity: ParityShares, setting: Setting, timing: Timing, years: int
    ) -> None:
        self.setting, self.timing, self.parity = setting, timing, parity
        self.residences, _, self.ages, _ = start.shape
        self.pool = ThreadPoolExecutor(setting.threads) if setting.threads > 1 else None
        self.populations = [self._begin(start, first_year, draw, years) for draw in range(setting.draws)]

    def _begin(self, start: np.ndarray, first_year: int, draw: int, years: int) -> Population:
        counts = whole_numbers(start[..., draw], self.setting.scale)
        key = (np.uint64(self.setting.seed & 0xFFFFFFFF), np.uint64(self.setting.first_draw + draw))
        persons = synthesise(counts, first_year, self.parity.shares[..., draw], None, key, GROWTH_A_YEAR * years)
        population = Population(persons, np.zeros((2, self.ages, CODES), np.int64), key, self.ages)
        _, sex, age, _ = population.items(first_year)
        count_codes(np.array(persons.start), np.array(persons.stop), sex, age, population.count, persons.code)
        return population

    def advance(self, year: int, start: np.ndarray, tables: YearTables, flows: YearFlows) -> list[YearEvents]:
        """One year of all draws; the events of each."""
        parity = self.parity.advance(start, tables, flows, self.timing.first_share)
        setting, timing = self.setting, self.timing
        late = timing.late_births > 0.0

        def one(draw: int, pool: ThreadPoolExecutor | None) -> YearEvents:
            population = self.populations[draw]
            cuts = build_thresholds(start, tables, flows, timing, parity, setting.twins, draw)
            external = tables.external[..., draw]
            halves = [
                whole_arrivals(external, share, setting.scale, year, half, population.key)
                for half, share in enumerate((timing.first_share, 1.0 - timing.first_share))
            ]
            arrivals = [np.zeros((*h.shape, LEVELS), np.int64) for h in halves]
            for target, half in zip(arrivals, halves, strict=True):
                target[..., 0] = half
            return live_year(
                population, year, cuts, arrivals, late, setting.twins, pool, setting.threads if pool else 1
            )

        if self.pool is None or setting.draws < setting.threads:
            return [one(draw, self.pool) for draw in range(setting.draws)]
        return list(self.pool.map(lambda draw: one(draw, None), range(setting.draws)))

    def counts(self) -> np.ndarray:
        """Persons at the current year-end as agents; int64 (residence, sex, age, draw)."""
        codes = np.stack([p.count for p in self.populations], axis=-1)
        own = [codes[:, :, 1 + r * LEVELS : 1 + (r + 1) * LEVELS].sum(axis=2) for r in range(self.residences)]
        return np.stack(own)

    def close(self) -> None:
        """Give the threads back."""
        if self.pool is not None:
            self.pool.shutdown()


def with_chance(expected: np.ndarray, agents: np.ndarray, scale: float) -> np.ndarray:
    """Expected values plus the chance of persons, with its one-to-one variance.

    An agent stands for `scale` persons, so the deviation of a count of agents is the root of the scale too large;
    it is shrunk by that. With scale 1 the result is the count itself.
    """
    return np.asarray(expected + (agents * scale - expected) / np.sqrt(scale))


def default_threads() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
