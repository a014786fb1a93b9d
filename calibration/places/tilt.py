"""Tilt of death rates above age 75 (`mort.old_age_tilt`), from survivors between the censuses of the nation.

    python calibration/places/tilt.py

The people of one census by sex are carried ten years with the pattern of the United Nations at the published life
expectancy and compared with the next census. Without a tilt too few of the oldest are left. Each sex and decade gives
the tilt at which the squared log errors of 80+ and 90+ are least.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar

from demo_sim.demography.ages import Group, split_by_spline
from demo_sim.demography.lifetable import level_factor, life_table
from demo_sim.demography.mortality import expand_abridged, old_age_tilt, to_open_age
from demo_sim.places.census import NATION, SEXES, of_province
from demo_sim.scenario.shipped import shipped_folder

# National Bureau of Statistics: life expectancy of men and women in the years of the censuses.
E0 = {2000: (69.63, 73.33), 2010: (72.38, 77.37), 2020: (75.37, 80.88)}
OPEN_AGE = 110
COMPARED = (80, 90)
GROUPS: list[Group] = [(0, 0), (1, 4), *((age, age + 4) for age in range(5, 100, 5)), (100, None)]


def main() -> None:
    """Print the tilt of each decade and sex, their mean and its band."""
    pattern = patterns()
    found = []
    for year in (2000, 2010):
        for s, sex in enumerate(SEXES):
            fit = minimize_scalar(
                lambda theta, y=year, s=s: float((errors(pattern, y, s, theta) ** 2).sum()),
                bounds=(-1.5, 0.5),
                method="bounded",
            )
            found.append(fit.x)
            before, after = (100.0 * np.expm1(errors(pattern, year, s, theta)) for theta in (0.0, fit.x))
            print(
                f"{year} to {year + 10} {sex:6}: {fit.x:+.2f}; error of 80+, 90+ in % without "
                f"{before[0]:+.1f} {before[1]:+.1f}, with {after[0]:+.1f} {after[1]:+.1f}"
            )
    mean, spread = np.mean(found), 1.2816 * np.std(found, ddof=1)
    print(f"mean {mean:+.2f}, 10th and 90th percentile {mean - spread:+.2f} {mean + spread:+.2f}")


def patterns() -> dict[int, np.ndarray]:
    """Death rates of the United Nations to age 110 by the year of their centre; (sex, age) each."""
    rates: dict[int, dict[str, list[float]]] = {}
    for name in ("mx_history.csv", "mx.csv"):  # the later file holds the years that both have
        new: dict[int, dict[str, list[float]]] = {}
        lines = (Path(shipped_folder()) / "inputs/china" / name).read_text(encoding="utf-8").splitlines()
        for row in csv.DictReader(line for line in lines if not line.startswith("#")):
            new.setdefault(int(row["year"]), {}).setdefault(row["sex"], []).append(float(row["mx"]))
        rates |= new
    return {
        year: to_open_age(np.stack([expand_abridged(np.array(of[sex]), GROUPS, 101) for sex in SEXES]), OPEN_AGE)
        for year, of in rates.items()
    }


def people(year: int, s: int, code: str = NATION) -> np.ndarray:
    """People of a census by single age; the open age is spread by a falling tail, of little weight; (age,)."""
    known = of_province(code, "population", year)
    counted = np.add(known["urban", SEXES[s]], known["rural", SEXES[s]]).astype(float)
    out = np.zeros(OPEN_AGE + 1)
    out[:100] = split_by_spline(counted[:-1, None], GROUPS[:-1], 100)[:, 0]
    tail = np.exp(-0.6 * np.arange(OPEN_AGE - 99))
    out[100:] = counted[-1] * tail / tail.sum()
    return out


def errors(pattern: dict[int, np.ndarray], year: int, s: int, theta: float) -> np.ndarray:
    """Log of people carried from a census over those of the next, at 80+ and 90+."""
    bent = old_age_tilt(np.array([theta]), OPEN_AGE + 1)[:, 0]
    alive, later = ten_years(pattern, year, s, people(year, s), bent), people(year + 10, s)
    return np.array([np.log(alive[least:].sum() / later[least:].sum()) for least in COMPARED])


def ten_years(
    pattern: dict[int, np.ndarray], year: int, s: int, alive: np.ndarray, shape: np.ndarray, away: float = 0.0
) -> np.ndarray:
    """People ten years later, with the nation's life expectancy moved by `away` years; (age,)."""
    years = sorted(pattern)
    for step in range(10):
        when, way = year + step + 4 / 3, (step + 0.5) / 10.0  # the middle of a year from November on
        at = [np.interp(when, years, [np.log(pattern[y][s, x]) for y in years]) for x in range(OPEN_AGE + 1)]
        mx = np.exp(at) * shape
        e0 = (1.0 - way) * E0[year][s] + way * E0[year + 10][s] + away
        survival = life_table(mx * level_factor(mx, SEXES[s], np.array([e0]))[0], SEXES[s]).sx
        older = alive[:-1] * survival[1:]
        older[-1] += alive[-1] * survival[-1]
        alive = np.concatenate([[0.0], older])
    return alive


if __name__ == "__main__":
    main()
