"""Time ten thousand trajectories of the cohort step on one core, beside the same task in plain numpy.

Each trajectory draws a level of mortality by sex and a level of fertility; in every one of thirty years the life
table is built from death rates (a pattern times the level, which falls) and the population of 101 ages and two sexes
takes one step. The two versions work in batches of their own best size, run in turn, and must agree in every cell of
the last year.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np

from demo_sim.engine.calendar import Timing, YearFlows, YearTables
from demo_sim.engine.cohort import live
from demo_sim.kernels.lifetable import survival_deficit

TRAJECTORIES, YEARS, AGES = 10_000, 30, 101
LAST = AGES - 1
FERTILE = slice(15, 50)
SRB = 1.06
REPEATS = 7
FALL = 0.985  # death rates of a year over those of the year before
# Draws that are worked on together, the best of several sizes: what one batch touches should stay in the second-level
# cache. Both divide the number of trajectories.
KERNEL_BATCH, NUMPY_BATCH = 80, 100
AGREEMENT = 1e-9

X = np.arange(AGES)
MX = 2e-4 + np.array([[4.0e-5], [2.4e-5]]) * np.exp(np.array([[0.094], [0.096]]) * X)
MX[:, 0] = 0.006, 0.005
PATTERN = np.exp(-0.5 * ((X - 28.0) / 5.5) ** 2)
PATTERN[: FERTILE.start] = PATTERN[FERTILE.stop :] = 0.0
PATTERN /= PATTERN.sum()
PEOPLE = 1e6 * np.exp(-0.5 * ((X - 35.0) / 30.0) ** 2) * np.ones((2, 1))


def levels() -> tuple[np.ndarray, np.ndarray]:
    """Mortality level (sex, draw) and total fertility (draw) of the first year."""
    rng = np.random.default_rng(20210831)
    return np.exp(rng.normal(0.0, 0.1, (2, TRAJECTORIES))), 1.3 * np.exp(rng.normal(0.0, 0.15, TRAJECTORIES))


def with_kernels(mortality: np.ndarray, fertility: np.ndarray) -> np.ndarray:
    """Population after the last year, (sex, age, draw)."""
    out = np.empty((2, AGES, TRAJECTORIES))
    shape, by_mother, by_place = (1, 2, AGES, KERNEL_BATCH), (1, AGES, KERNEL_BATCH), (1, KERNEL_BATCH)
    population, qs, none = (np.zeros(shape) for _ in range(3))
    flows, timing, asfr = YearFlows.empty(shape), Timing.of("even"), np.empty(by_mother)
    boys, nowhere = np.full(by_place, SRB / (1.0 + SRB)), np.zeros((0, *shape[1:]))  # one place has no routes
    for first in range(0, TRAJECTORIES, KERNEL_BATCH):
        batch = slice(first, first + KERNEL_BATCH)
        population[0] = PEOPLE[..., None]
        asfr[0] = PATTERN[:, None] * fertility[batch]
        level = np.ascontiguousarray(mortality[None, :, batch])
        for year in range(YEARS):
            survival_deficit(MX[None, ..., None] * (level * FALL**year)[:, :, None], qs)
            live(population, YearTables(qs, asfr, boys, none, nowhere, nowhere[:, 0, 0]), timing, flows)
            population, flows.end = flows.end, population
        out[:, :, batch] = population[0]
    return out


def with_numpy(mortality: np.ndarray, fertility: np.ndarray) -> np.ndarray:
    """The same in whole-array operations, with the same closed form of the survival ratios."""
    out = np.empty((2, AGES, TRAJECTORIES))
    for first in range(0, TRAJECTORIES, NUMPY_BATCH):
        batch = slice(first, first + NUMPY_BATCH)
        population = np.repeat(PEOPLE[..., None], NUMPY_BATCH, axis=-1)
        asfr = PATTERN[FERTILE, None] * fertility[batch]
        for year in range(YEARS):
            mx = MX[..., None] * (mortality[:, None, batch] * FALL**year)
            population = _numpy_year(population, _numpy_deficit(mx), asfr)
        out[:, :, batch] = population
    return out


def _numpy_deficit(mx: np.ndarray) -> np.ndarray:
    m0 = mx[:, 0]
    a0 = np.stack([
        np.select([m0[0] < 0.0230, m0[0] < 0.08307], [0.14929 - 1.99545 * m0[0], 0.02832 + 3.26021 * m0[0]], 0.29915),
        np.select([m0[1] < 0.01724, m0[1] < 0.06891], [0.14903 - 2.05527 * m0[1], 0.04667 + 3.88089 * m0[1]], 0.31411),
    ])  # fmt: skip
    half = 0.5 * mx
    lost = half.copy()
    lost[:, 0] = a0 * m0
    qs = np.empty_like(mx)
    qs[:, 0] = (1.0 - a0) * m0 / (1.0 + (1.0 - a0) * m0)
    qs[:, 1:LAST] = (half[:, 1:LAST] + lost[:, : LAST - 1]) / (1.0 + half[:, 1:LAST])
    qs[:, LAST] = mx[:, LAST] / (1.0 - lost[:, LAST - 1] + mx[:, LAST])
    return qs


def _numpy_year(population: np.ndarray, qs: np.ndarray, asfr: np.ndarray) -> np.ndarray:
    source = np.empty_like(population)
    source[:, 1:] = population[:, :LAST]
    source[:, LAST] += population[:, LAST]
    deaths = source[:, 1:] * qs[:, 1:]
    end = np.empty_like(population)
    end[:, 1:] = source[:, 1:] - deaths
    women = population[1, FERTILE] + end[1, FERTILE]
    births = (0.5 * asfr * women).sum(axis=0)
    born = births * np.array([[SRB / (1.0 + SRB)], [1.0 / (1.0 + SRB)]])
    end[:, 0] = born - born * qs[:, 0]
    return end


def measure() -> dict[str, object]:
    """Times of both versions in turn, their ratio and their largest relative difference."""
    mortality, fertility = levels()
    versions: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {"kernels": with_kernels, "numpy": with_numpy}
    # the first calls compile; they also give the numbers that must agree
    ours, plain = (version(mortality, fertility) for version in versions.values())
    difference = float(np.abs(ours / plain - 1.0).max())
    if not difference <= AGREEMENT:
        raise SystemExit(f"the two versions differ by {difference:.3g}, more than {AGREEMENT:g}")
    seconds: dict[str, list[float]] = {name: [] for name in versions}
    for _ in range(REPEATS):
        for name, version in versions.items():
            begun = time.perf_counter()
            version(mortality, fertility)
            seconds[name].append(time.perf_counter() - begun)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    return {
        "trajectories": TRAJECTORIES, "years": YEARS, "ages": AGES, "seconds": seconds, "median": medians,
        "best": {name: min(values) for name, values in seconds.items()},
        "ratio": statistics.median(n / k for k, n in zip(seconds["kernels"], seconds["numpy"], strict=True)),
        "difference": difference, "persons": float(ours.sum() / TRAJECTORIES),
        "machine": platform.processor() or platform.machine(), "cores": os.cpu_count(),
        "python": platform.python_version(), "numpy": np.__version__, "numba": numba.__version__,
    }  # fmt: skip


def main() -> None:
    """Print the times; with --json also write them to a file."""
    parser = argparse.ArgumentParser(description="ten thousand trajectories of thirty years on one core")
    parser.add_argument("--json", type=Path, help="file to write the measurements to")
    file = parser.parse_args().json
    found = measure()
    median, best = found["median"], found["best"]
    for name in ("kernels", "numpy"):
        print(f"{name:8} median {median[name]:.3f} s, best {best[name]:.3f} s of {REPEATS}")  # type: ignore[index]
    print(f"ratio {found['ratio']:.1f}, largest relative difference {found['difference']:.1e}")
    if file is not None:
        aside = file.with_name(file.name + ".partial")
        aside.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        os.replace(aside, file)


if __name__ == "__main__":
    main()
