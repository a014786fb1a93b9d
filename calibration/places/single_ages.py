"""Single ages of the nation at the census of 2020, the template that splits age groups of any place.

    python calibration/places/single_ages.py FILE

FILE is the yearbook's table of mean population and deaths by single age (November 2019 to October 2020) with the
columns census, residence, age, male_mean_population, female_mean_population, male_deaths, female_deaths. The mean
stands for the middle of that year, half a year before the census: moved on by half a year through a cubic of the
cumulated ages (group totals at 20 to 60 then agree with the census to 0.5 %), less half a year's deaths, and brought
to the census' own groups. So the trough of those born from 1959 to 1961 keeps its depth, which a table that is
smoothed or given for 1 July loses.
"""

from __future__ import annotations

import csv
import gzip
import sys
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline

from demo_sim.demography.ages import Group
from demo_sim.places.census import NATION, SEXES, of_province
from demo_sim.scenario.shipped import shipped_folder

GROUPS: list[Group] = [(0, 0), (1, 4), *((age, age + 4) for age in range(5, 100, 5))]
HEADING = (
    "# publisher: National Bureau of Statistics of China, census yearbook 2020, mean population by single age, moved "
    "to the census date and brought to its age groups by calibration/places/single_ages.py; "
    "licence: official statistics; date: 2020-11-01; status: derived"
)


def main(file: Path) -> None:
    """Write the template."""
    out = Path(shipped_folder()) / "inputs/china/population_single_age.csv"
    with gzip.open(file, "rt", encoding="utf-8") as text:
        rows = [row for row in csv.DictReader(text) if row["census"] == "2020" and row["residence"] == "all"]
    lines = [HEADING, "date,sex,age,population"]
    for sex in SEXES:
        mean = np.array([float(row[f"{sex}_mean_population"]) for row in rows])
        deaths = np.array([float(row[f"{sex}_deaths"]) for row in rows])
        for age, persons in enumerate(at_census(mean, deaths, sex)):
            lines.append(f"2020-11-01,{sex},{age if age < 100 else '100+'},{persons:.0f}")
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def at_census(mean: np.ndarray, deaths: np.ndarray, sex: str) -> np.ndarray:
    """Persons by single age, the last one open; (age,), as `mean` and `deaths`."""
    known = of_province(NATION, "population", 2020)
    counted = np.add(known["urban", sex], known["rural", sex]).astype(float)
    alive = mean * np.exp(-0.5 * deaths / mean)
    cumulated = CubicSpline(np.arange(101), np.concatenate([[0.0], np.cumsum(alive[:100])]))
    out = np.append(np.diff(cumulated(np.maximum(np.arange(101) - 0.5, 0.0))), counted[-1])
    out[0] = mean[0]
    for (first, last), total in zip(GROUPS, counted, strict=False):
        assert last is not None
        out[first : last + 1] *= total / out[first : last + 1].sum()
    return out


if __name__ == "__main__":
    main(Path(sys.argv[1]))
