"""Part of a decade's net migration that goes on in the next (`migration.kept` of a place): 2000-2010 and 2010-2020.

    python calibration/places/fading.py

Net migration of each province is what its census has beyond the survivors of the one before, at the nation's survival
of that decade. The rate of the later decade is regressed on that of the earlier one through the origin, weighted by
people. The middles of the decades lie ten years apart, so the part falls by that slope every ten years: what was kept
of the mean of 2010 to 2020 (its middle is 2015) in a year t is slope^((t - 2015) / 10). The band holds what the
regression leaves, by the size of moves in the earlier decade.
"""

from __future__ import annotations

import numpy as np

from demo_sim.fit import census_rule
from demo_sim.places.census import NATION
from demo_sim.places.finding import places

YEARS = (2021, 2025, 2030, 2035)


def main() -> None:
    """Print the slope, its error, and the parts by year with their band."""
    codes = [place.code for place in places().values() if place.level == "province"]
    people = np.array([census_rule.census_people(code, 2010).sum() for code in codes])
    earlier, later = (np.array([net(code, year) for code in codes]) / people for year in (2000, 2010))
    slope = fit(earlier, later, people)
    without = [fit(*(np.delete(x, i) for x in (earlier, later, people))) for i in range(len(codes))]
    error = np.sqrt((len(codes) - 1) * np.var(without))
    left = later - slope * earlier
    spread = np.sqrt((left**2 * people).sum() / (earlier**2 * people).sum())
    print(f"slope {slope:.2f}, standard error {error:.2f}, spread of what is left {spread:.2f} of the earlier moves")
    for year in YEARS:
        part, half = slope ** ((year - 2015) / 10), 1.2816 * spread * min(1.0, (year - 2015) / 10)
        print(f"{year}: {part:.2f}, 10th and 90th percentile {part - half:.2f} {part + half:.2f}")


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """Weighted slope through the origin."""
    return float((x * y * weight).sum() / (x * x * weight).sum())


def net(code: str, year: int) -> float:
    """Net migrants of ten years from a census on, of those who are 10 and over at the end."""
    then, now = census_rule.census_people(NATION, year), census_rule.census_people(NATION, year + 10)
    survived = np.concatenate(
        [now[:, 2:-1] / then[:, :-3], now[:, -1:] / then[:, -3:].sum(axis=1, keepdims=True)], axis=1
    )
    expected = census_rule.ten_years_on(census_rule.census_people(code, year), survived)
    return float((census_rule.census_people(code, year + 10) - expected)[:, 2:].sum())


if __name__ == "__main__":
    main()
