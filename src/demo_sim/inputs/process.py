"""Chance by year on the path of an input: an autoregression that begins after the last year that is known.

One quantile for all years moves a path in parallel; what comes moves about it besides. The draws of a year are a
stream of their own, a function of seed, input, year and draw alone, so scenarios share them whatever their years.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from demo_sim.inputs.streams import Stream
from demo_sim.kernels.philox import seed_word
from demo_sim.kernels.sequence import stratified_uniforms
from demo_sim.scenario.process import MOST_PERSISTENT
from demo_sim.scenario.quantity import OBSERVED, Row


@dataclass(frozen=True)
class Process:
    """x[t] = persistence x[t-1] + spread e[t] on a path, 0 up to `start`.

    Attributes
    ----------
    path : of the input
    start : last year that is known
    persistence, spread : (draw,)
    log : whether the path takes exp(x) as a factor, else x is added
    band : (draw,), part of the path's own band that is left after `start`
    seed, numbers : of the draws; below 0 the stated value, which has no chance
    """

    path: str
    start: int
    persistence: np.ndarray
    spread: np.ndarray
    log: bool
    band: np.ndarray
    seed: int
    numbers: np.ndarray

    def on(self, years: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Values by year with their chance; (year, draw)."""
        last = int(np.max(years))
        if last <= self.start:
            return values
        ahead = np.arange(self.start + 1, last + 1)
        x = np.zeros((ahead.size + 1, self.numbers.size))  # the first is the year that is known
        persistence = np.clip(self.persistence, 0.0, MOST_PERSISTENT)
        for t, shock in enumerate(self._shocks(ahead), 1):
            x[t] = persistence * x[t - 1] + self.spread * shock
        here = x[np.maximum(np.asarray(years) - self.start, 0)]
        return np.asarray(values * np.exp(here) if self.log else values + here)

    def _shocks(self, years: np.ndarray) -> np.ndarray:
        """Standard normal numbers; (year, draw)."""
        return np.where(self.numbers < 0, 0.0, ndtri(self.uniforms(years)))

    def uniforms(self, years: np.ndarray) -> np.ndarray:
        """Quantiles of the chance of each year; (year, draw), those of draw 0 at the stated value."""
        hashes = np.array([Stream(self.path, "", f"by year {year}").hash for year in years], np.uint64)
        return stratified_uniforms(seed_word(self.seed), hashes, np.maximum(self.numbers, 0))


def known_until(rows: tuple[Row, ...]) -> int | None:
    """Last year of a path that was observed, or the first that it is dated to; None where it has no years."""
    dated = [row.year for row in rows if row.year is not None]
    seen = [row.observed_year for row in rows if row.status in OBSERVED]
    return max([year for year in seen if year is not None], default=min(dated, default=None))
