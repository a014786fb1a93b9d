"""What every peer is given and gives back; needs numpy alone, so that it runs in any environment.

The closed-population task, one year: (1) a person moves to the other residence, (2) dies by sex, age and level,
(3) a survivor changes the functional level, (4) each woman alive on 1 January delivers by her age, also if she dies in
the year; the child gets a sex, may die in the year, and else is a new person with the mother's residence and a link to
her, (5) everybody grows a year older. Ages in the rates are those on 1 January; the last age is open.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np

AGES, LEVELS, GONE, OLD = 101, 5, 5, 60


def given() -> SimpleNamespace:
    """Rates, opening counts and years, from the file named on the command line."""
    with np.load(Path(sys.argv[1]), allow_pickle=False) as file:
        values = {name: file[name] for name in file.files}
    values["years"] = int(values["years"])
    values["seed"] = int(values["seed"])
    values["cumulated"] = np.cumsum(values["change"], axis=2)
    return SimpleNamespace(**values)


def opening(task: SimpleNamespace, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Columns of the opening population: home (0 urban, 1 rural), sex (0 male), age, level."""
    counts = task.counts.ravel()
    home, sex, age = (np.repeat(index.ravel(), counts) for index in np.indices(task.counts.shape))
    shares = np.cumsum(task.levels, axis=1)[age]
    level = np.minimum((rng.random(age.size)[:, None] >= shares).sum(axis=1), LEVELS - 1)
    return {"home": home, "sex": sex, "age": age, "level": level}


def told(step: Callable[[], tuple[int, int, int]], years: int, state: Callable[[], dict[str, int]]) -> None:
    """Run the years and print one line of JSON; speeds are per second of processor time.

    Parameters
    ----------
    step : lives one year; gives the persons alive before it, the births and the deaths (newborns included)
    years : the first one warms up
    state : at the end: population, urban, impaired (level above 0), linked (newborns alive with a mother)
    """
    births = deaths = 0
    speeds = []
    for _ in range(years):
        begun = time.process_time()
        living, born, dead = step()
        speeds.append(living / (time.process_time() - begun))
        births, deaths = births + born, deaths + dead
    print(json.dumps({"births": births, "deaths": deaths, **state(), "speeds": speeds[1:]}))
