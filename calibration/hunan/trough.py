"""People of Hunan born in 1959 to 1961 against the nation's single ages (`base.births_factor`).

    python calibration/hunan/trough.py

The census gives Hunan in groups of five years; the nation's single ages split them. Hunan lost more births in those
years than the nation, and its published people of 60 and over of 2021 to 2024, who reach that age from 1961 to 1964,
show it. One factor is fitted to the four figures; the band is judged. People of 65 and over are no input.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

import demo_sim as ds
from demo_sim.scenario import Scenario

YEARS = [2021, 2022, 2023, 2024]
COHORTS = "1959-1961"


def main() -> None:
    """Print the factor and what it leaves of the errors."""
    scenario = ds.load("hunan").replace({"draws": 0, "period.end": YEARS[-1], "plan": []})
    fit = minimize_scalar(
        lambda factor: float((errors(scenario, factor, 60) ** 2).sum()),
        bounds=(0.2, 1.5),
        method="bounded",
        options={"xatol": 1e-3},
    )
    print(f"factor {fit.x:.2f}")
    for factor in (1.0, round(fit.x, 2)):
        for least in (60, 65):
            found = " ".join(f"{100.0 * e:+.2f}" for e in errors(scenario, factor, least))
            print(f"  factor {factor}: errors of {least}+ in %: {found}")


def errors(scenario: Scenario, factor: float, least: int) -> np.ndarray:
    """People of an age and over in a run against the published, as far as published; (year,)."""
    entry = {"value": {COHORTS: factor}, "source": "fit", "status": "fitted"}
    run = ds.simulate(scenario.replace({"population.births_factor": entry}), engine="cohort")
    people = run.central.population
    people = people.sum([dim for dim in people.dims if dim not in ("time", "age")])
    published = {row.year: row.value for row in scenario.quantities[f"outcomes.older_{least}.observed"].rows}
    return np.array(
        [float(people.sel(time=year)[least:].sum()) / published[year] - 1.0 for year in YEARS if year in published]
    )


if __name__ == "__main__":
    main()
