"""Time kinship matrices of 101 ages and fourteen kinds of kin: constant rates, and rates that change over 70 years."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from demo_sim.demography.kinship import KinMatrices, kinship, kinship_changing
from demo_sim.demography.lifetable import life_table

YEARS, SRB, REPEATS = 70, 1.06, 21
X = np.arange(101)


def rates() -> tuple[np.ndarray, np.ndarray]:
    """Deficit of survival and births per woman-year, (year, age): mortality falls, births fall and come later."""
    qs, asfr = np.empty((YEARS, 101)), np.empty((YEARS, 101))
    for year in range(YEARS):
        mx = 0.985**year * (4e-4 + 4e-5 * np.exp(0.094 * X))
        mx[0] = 0.04 * 0.96**year
        qs[year] = 1.0 - life_table(mx, "female").sx
        pattern = np.where((X >= 15) & (X < 50), np.exp(-0.5 * ((X - 26.0 - 0.05 * year) / 5.5) ** 2), 0.0)
        asfr[year] = (4.0 - 0.04 * year) * pattern / pattern.sum()
    return qs, asfr


def main() -> None:
    """Print the median and the best of some calls; what must be met is a limit for both."""
    qs, asfr = rates()
    calls: dict[str, tuple[float, Callable[[], KinMatrices]]] = {
        "constant rates": (0.1, lambda: kinship(qs[0], asfr[0], SRB)),
        f"rates changing over {YEARS} years": (1.0, lambda: kinship_changing(qs, asfr, SRB)),
    }
    for name, (limit, call) in calls.items():
        seconds = []
        for _ in range(REPEATS):
            begun = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - begun)
        median = statistics.median(seconds)
        print(f"{name}: median {median:.4f} s, best {min(seconds):.4f} s of {REPEATS}; at most {limit:g} s")
        if median > limit:
            raise SystemExit(f"{name}: slower than {limit:g} s")


if __name__ == "__main__":
    main()
