"""Width of the bands of `china` and `hunan` beside the probabilistic projection of the United Nations for China.

    python benchmarks/un_bands.py

Prints the table of docs/trust.md: the ends of 80 % bands against the central value, 2035 and 2050.
"""

from __future__ import annotations

import numpy as np

import demo_sim as ds
from demo_sim.inputs.draws import Draws

YEARS = (2035, 2050)
DRAWS = 1024
# United Nations, DESA, Population Division, World Population Prospects 2024, China (156), CC BY 3.0 IGO: median (of
# residents the medium variant, thousands, at the year-end), lower and upper 80 % bound.
UN = {
    "residents, %": {2035: (1370645, 1345346, 1395549), 2050: (1255126, 1187012, 1318976)},
    "total fertility": {2035: (1.097, 0.827, 1.362), 2050: (1.184, 0.817, 1.528)},
    "life expectancy, men": {2035: (78.45, 75.92, 80.93), 2050: (81.54, 78.07, 84.75)},
    "life expectancy, women": {2035: (83.17, 81.02, 85.22), 2050: (85.26, 82.35, 88.09)},
}
_AGES = {"60 and over, %": 60, "65 and over, %": 65, "80 and over, %": 80}


def widths(name: str) -> dict[str, dict[int, tuple[float, float]]]:
    """Ends of the 80 % band less the central value, of the people in per cent of it; by measure and year."""
    scenario = ds.load(name).replace({"draws": DRAWS, "period.end": max(YEARS), "options.person_draws": 1, "plan": []})
    run = ds.simulate(scenario, engine="cohort")
    out: dict[str, dict[int, tuple[float, float]]] = {}
    for label, first in {"residents, %": 0, **_AGES}.items():
        ages = [age for age in run.summary["age_group"].values if int(age.split("-")[0].rstrip("+")) >= first]
        for year in YEARS:
            drawn, central = (
                one.summary.sel(time=year, age_group=ages).sum(["residence", "sex", "age_group", "function"]).values
                for one in (run, run.central)
            )
            low, high = 100.0 * (np.quantile(drawn, (0.1, 0.9)) / float(central) - 1.0)
            out.setdefault(label, {})[year] = (low, high)
    numbers, stated = (Draws(scenario.quantities, scenario.settings.seed, n) for n in (range(DRAWS), [-1]))
    for label, path, keys in (
        ("total fertility", "fertility.tfr", {}),
        ("life expectancy, men", "mortality.e0", {"sex": "male"}),
        ("life expectancy, women", "mortality.e0", {"sex": "female"}),
    ):
        for year in YEARS:
            low, high = np.quantile(numbers[path].at(year, **keys), (0.1, 0.9)) - stated[path].at(year, **keys)[0]
            out.setdefault(label, {})[year] = (low, high)
    return out


def main() -> None:
    """Print the table."""
    found = {name: widths(name) for name in ("china", "hunan")}
    print("| 80 % band about the centre | year | United Nations, China | `china` | `hunan` |\n|---|---|---|---|---|")
    for label in found["china"]:
        for year in YEARS:
            ours = [_shown(label, *found[name][label][year]) for name in found]
            theirs = "–"
            if label in UN:
                middle, low, high = UN[label][year]
                scale = 100.0 / middle if label.endswith("%") else 1.0
                theirs = _shown(label, (low - middle) * scale, (high - middle) * scale)
            print(f"| {label} | {year} | {theirs} | {' | '.join(ours)} |")


def _shown(label: str, low: float, high: float) -> str:
    digits = 2 if label == "total fertility" else 1
    return f"{low:+.{digits}f}, {high:+.{digits}f}"


if __name__ == "__main__":
    main()
