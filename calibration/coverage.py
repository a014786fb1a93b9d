"""Do the bands of a random walk hold, and does Lee-Carter reach the published fit of England and Wales?

    python calibration/coverage.py [FOLDER]

Made-up histories of 25 years, 25 years ahead: how many of 20,000 lie inside their 80 % band, with the drift uncertain
and without. FOLDER has, where it is given, ew_male.csv (age, year, deaths, exposure; England and Wales, males, 1961 to
2011, Human Mortality Database, as in the R package StMoMo) and the two fits of R's gnm, ages 55 to 89, with the three
first and three last cohorts left out and with all: their kt and deviances (11196.5 and 11534.14) are the reference.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from demo_sim.fit.lee_carter import by_likelihood
from demo_sim.fit.walk import fit_walk, go_on

SEEN, AHEAD, HISTORIES, DRAWS = 25, 25, 20_000, 2_000
DEVIANCES = {"": 11196.5, "_noweights": 11534.14}
AGES, YEARS = np.arange(55, 90), np.arange(1961, 2012)


def covered(uncertain: bool, rng: np.random.Generator) -> float:
    """Part of histories whose last year lies in the band forecast for it."""
    inside = 0
    for _ in range(HISTORIES):
        path = np.cumsum(rng.normal(-0.5, 1.0, SEEN + AHEAD))
        walk = fit_walk(path[:SEEN], np.arange(SEEN))
        last = go_on(walk, path[SEEN - 1], AHEAD, DRAWS, rng, drift_uncertain=uncertain)[-1]
        low, high = np.quantile(last, [0.1, 0.9])
        inside += bool(low <= path[-1] <= high)
    return inside / HISTORIES


def reference(folder: Path) -> None:
    """Deviance and index of time beside those of R."""
    deaths, exposure = np.zeros((2, AGES.size, YEARS.size))
    with (folder / "stmomo" / "ew_male.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if int(row["age"]) in AGES:
                at = int(row["age"]) - AGES[0], int(row["year"]) - YEARS[0]
                deaths[at], exposure[at] = float(row["deaths"]), float(row["exposure"])
    cohorts = YEARS - AGES[:, None]
    kept = np.isin(cohorts, np.unique(cohorts)[3:-3]).astype(float)
    for name, weights in (("", kept), ("_noweights", None)):
        fit = by_likelihood(deaths, exposure, weights)
        with (folder / "leecarter" / f"ew_male_5589_1961_2011_poissonLC{name}_kt.csv").open(encoding="utf-8") as file:
            k = np.array([float(row["kt"]) for row in csv.DictReader(file)])
        away = np.abs(fit.k - k).max() / np.ptp(k)
        print(f"deviance {fit.deviance:.3f}, that of R {DEVIANCES[name]}; kt at most {away:.1e} of its range away")


if __name__ == "__main__":
    rng = np.random.default_rng(20261128)
    for uncertain in (True, False):
        share = covered(uncertain, rng)
        print(f"drift {'uncertain' if uncertain else 'held for known'}: {share:.1%} inside the 80 % band")
    if len(sys.argv) > 1:
        reference(Path(sys.argv[1]))
