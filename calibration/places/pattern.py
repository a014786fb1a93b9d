"""How much of a province's own pattern of mortality to take (`places/mortality.py`): 2010 carried to 2020.

    python calibration/places/pattern.py

People of 65 and over of each province in 2010 are carried ten years with the pattern of the United Nations, the tilt of
the register, the published life expectancy of the province and a part of the pattern that its deaths of 2010 show.
Moves are left out: few of these ages move. The share that is kept was chosen between none, a quarter, a half and all.
"""

from __future__ import annotations

import numpy as np
import tilt

from demo_sim.demography.mortality import old_age_tilt
from demo_sim.places.census import SEXES, census_row
from demo_sim.places.finding import Place, places
from demo_sim.places.mortality import province_pattern
from demo_sim.places.rates import E0

THETA = -0.37
LEAST = (75, 80, 90)


def main() -> None:
    """Print the errors of each part."""
    pattern = tilt.patterns()
    provinces = [place for place in places().values() if place.level == "province"]
    for kept in (0.0, 0.25, 0.5, 1.0):
        errors = np.array([error(pattern, place, kept) for place in provinces])
        told = "  ".join(
            f"{least}+ {100 * np.abs(e).mean():.1f} ({100 * e.mean():+.1f})"
            for least, e in zip(LEAST, errors.T, strict=True)
        )
        print(f"kept {kept:.2f}: mean absolute error (mean), %: {told}")


def error(pattern: dict[int, np.ndarray], place: Place, kept: float) -> list[float]:
    """Relative errors of people of some ages and over, 2020."""
    found, true = np.zeros(tilt.OPEN_AGE + 1), np.zeros(tilt.OPEN_AGE + 1)
    for s in range(len(SEXES)):
        found += carried(pattern, place, s, kept)
        true += tilt.people(2020, s, place.code)
    return [float(found[least:].sum() / true[least:].sum() - 1.0) for least in LEAST]


def carried(pattern: dict[int, np.ndarray], place: Place, s: int, kept: float) -> np.ndarray:
    """People of 2010 ten years later by single age."""
    found = census_row("province_e0.csv", place.code)
    assert found is not None
    own = province_pattern(place.code, (2010,), kept)[SEXES[s]]
    middles = [(first + (first if last is None else last) + 1) / 2 for first, last in tilt.GROUPS]
    ages = np.arange(tilt.OPEN_AGE + 1)
    shape = np.interp(ages, middles, own) * old_age_tilt(np.array([THETA]), ages.size)[:, 0]
    alive = tilt.people(2010, s, place.code)
    return tilt.ten_years(pattern, 2010, s, alive, shape, float(found["e0"]) - E0)


if __name__ == "__main__":
    main()
