"""Life expectancy by sex and total fertility of past years, from the published deaths and births of a scenario.

    python calibration/vital_rates.py hunan          # `mort.e0_past` of the register
    python calibration/vital_rates.py china          # `mortality.e0` and `fertility.tfr` of scenarios/china.yaml

The pattern of the United Nations with the tilt of the scenario above 75 is multiplied by one factor a year for both
sexes, and the age pattern of births by another, until the place has its published deaths and births. Those of the years
of the run are the run's own; those of its opening year fall on the people of that year-end, traced back through it.
"""

from __future__ import annotations

import sys

import numpy as np

import demo_sim as ds
from demo_sim.demography.lifetable import life_table
from demo_sim.demography.mortality import old_age_tilt
from demo_sim.inputs.build import build_inputs
from demo_sim.inputs.draws import STATED
from demo_sim.inputs.grid import SEXES
from demo_sim.scenario import Scenario

ROUNDS = 8


def main(name: str) -> None:
    """Print the numbers by year."""
    scenario = ds.load(name)
    deaths, births = (observed(scenario, series) for series in ("deaths", "births"))
    years = sorted(set(deaths) & set(births))
    scenario = scenario.replace({"draws": 0, "period.end": years[-1], "plan": []})
    wanted = np.array([[deaths[year], births[year]] for year in years])
    pattern, tfr = tilted_pattern(scenario, len(years)), np.full(len(years), 1.2)
    factor, model = np.ones(len(years)), wanted
    for _ in range(ROUNDS):
        e0 = {
            sex: {year: life_table(pattern[t, s] * factor[t], sex).ex[0] for t, year in enumerate(years)}
            for s, sex in enumerate(SEXES)
        }
        model = run(scenario, e0, dict(zip(years, tfr, strict=True)))
        ratio = wanted / model
        factor, tfr = factor * ratio[:, 0], tfr * ratio[:, 1]
    print("run over published, deaths:", *np.round(model[:, 0] / wanted[:, 0], 5))
    print("run over published, births:", *np.round(model[:, 1] / wanted[:, 1], 5))
    for t, year in enumerate(years):
        print(year, *(f"{sex} {e0[sex][year]:.2f}" for sex in SEXES), f"tfr {tfr[t]:.3f}")


def observed(scenario: Scenario, series: str) -> dict[int, float]:
    """Published figures by year, from the opening year on."""
    rows = scenario.quantities[f"outcomes.{series}.observed"].rows
    return {
        row.year: row.value for row in rows if row.year is not None and row.year >= scenario.settings.period.base.year
    }


def tilted_pattern(scenario: Scenario, years: int) -> np.ndarray:
    """Death rates of the standard, both residences alike, with the stated tilt; (year, sex, age)."""
    theta = scenario.quantities["mortality.old_age_tilt"].rows[0].value
    mx = build_inputs(scenario).patterns.mx[:years, 0]
    return np.asarray(mx * old_age_tilt(np.array([theta]), mx.shape[-1])[:, 0])


def run(scenario: Scenario, e0: dict[str, dict[int, float]], tfr: dict[int, float]) -> np.ndarray:
    """Deaths and births of each year with these rates; (year, 2)."""
    fitted = {"source": "fit", "status": "fitted"}
    changed = scenario.replace(
        {
            "mortality.e0": {"value": e0, **fitted},
            "fertility.tfr": {"value": {y: float(v) for y, v in tfr.items()}, **fitted},
        }
    )
    opening = build_inputs(changed).draw(np.array([STATED]))
    mx, asfr, people = opening.rates.mx[0][..., 0], opening.rates.asfr[0][..., 0], opening.base.start[..., 0]
    began = np.zeros_like(people)  # who reaches age x + 1 at the end was x at the beginning, less those who died
    began[..., :-1] = people[..., 1:] * (1.0 + mx[..., :-1])
    began[..., -2] -= people[..., -1] * (1.0 + mx[..., -2])
    began[..., -1] = people[..., -1]
    lived = 0.5 * (began + people)
    women = lived[:, 1] if len(asfr) == len(lived) else lived[:, 1].sum(axis=0, keepdims=True)
    first = [[float((mx * lived).sum()), float((asfr * women).sum())]]
    flows = ds.simulate(changed, engine="cohort").central.flows
    later = [
        flows.sel(flow=name).sum([d for d in flows.dims if d not in ("year", "flow")]) for name in ("deaths", "births")
    ]
    return np.concatenate([first, np.stack(later, axis=1)])


if __name__ == "__main__":
    main(*sys.argv[1:])
