"""The saved run that a scenario starts from: its persons at a year-end, draw by draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from demo_sim.errors import InputError, Problem
from demo_sim.inputs.draws import taking_turns
from demo_sim.inputs.grid import SEXES
from demo_sim.results import Results
from demo_sim.results.store import RUN_FILE, open_results
from demo_sim.results.tiers import sum_ages
from demo_sim.scenario import Scenario

_PATH = "population.from_run"


def earlier_run(scenario: Scenario) -> Results | None:
    """The run that the scenario starts from, or None where it starts from a table.

    Raises
    ------
    InputError
        The run is not there, is damaged, or does not reach the year.
    """
    folder = scenario.earlier
    if folder is None:
        return None
    file = folder / RUN_FILE
    if not file.is_file():
        raise _error(
            scenario,
            f"{folder.as_posix()} 中没有已保存的运行结果；请先运行 demo-sim run {folder.name}",
            f"no saved run is in {folder.as_posix()}; first do demo-sim run {folder.name}",
        )
    results = _open(file, file.stat().st_mtime_ns)
    year, times = scenario.settings.population.year, _times(results)
    if year not in times:
        raise _error(
            scenario,
            f"{folder.as_posix()} 的运行结果为 {times[0]}–{times[-1]} 年末，没有 {year} 年末",
            f"the run in {folder.as_posix()} holds the year-ends {times[0]} to {times[-1]}, not {year}",
        )
    return results


@lru_cache(maxsize=2)
def _open(file: Path, stamp: int) -> Results:
    return open_results(file)


def _times(results: Results) -> list[int]:
    return [int(t) for t in results.summary["time"].values]


def _error(scenario: Scenario, zh: str, en: str) -> InputError:
    where = scenario.locations[_PATH]
    return InputError([Problem(where.file, where.line, _PATH, zh, en)])


@dataclass(frozen=True)
class Earlier:
    """What a saved run left at the year-end that a scenario starts from.

    The last axis of all arrays is first the run at stated values, then its draws, so that what was drawn high stays
    high: both runs draw the same numbers from the same seed.

    Attributes
    ----------
    numbers : of the random draws of that run; draws : how many it was asked for, more where some failed
    people : (residence, sex, age, 1 + draw), persons
    groups : (residence, 1 + draw) by id; stocks : (1 + draw,) by series
    """

    numbers: np.ndarray
    draws: int
    people: np.ndarray
    groups: Mapping[str, np.ndarray] = field(default_factory=dict)
    stocks: Mapping[str, np.ndarray] = field(default_factory=dict)

    def at(self, values: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Values on the draws of this run: draw i from draw i, over again where that run had fewer."""
        if not self.draws:
            return np.repeat(values[..., :1], numbers.size, axis=-1)
        places = 1 + taking_turns(numbers, self.numbers, self.draws)
        return np.asarray(values[..., np.where(numbers < 0, 0, places)])


def read_earlier(scenario: Scenario, ages: int) -> Earlier | None:
    """What the run that a scenario starts from left, or None where it starts from a table.

    Raises
    ------
    InputError
        The run is not there, is damaged, does not reach the year or has another open age.
    """
    run = earlier_run(scenario)
    if run is None:
        return None
    year = scenario.settings.population.year
    assert year is not None
    if run.central.population.sizes["age"] != ages:
        given = run.central.population.sizes["age"] - 1
        raise _error(
            scenario, f"运行结果的开口年龄是 {given}，与 options.open_age 不同", f"the run has the open age {given}"
        )
    places = ("group", "residence", "draw")
    groups = _both(run, "groups/groups", places, year)
    stocks = _both(run, "demand/stocks", ("stock", "draw"), year) if "demand/stocks" in run else None
    numbers = run.draw_numbers
    return Earlier(
        numbers,
        int(numbers[-1]) + 1 if numbers.size else 0,
        _people(run, year),
        dict(zip(_names(run, "groups/groups", "group"), groups, strict=True)),
        {}
        if stocks is None
        else {
            name: values
            for name, values in zip(_names(run, "demand/stocks", "stock"), stocks, strict=True)
            if np.isfinite(values).all()
        },
    )


def _names(run: Results, path: str, dim: str) -> list[str]:
    return [str(name) for name in run.array(path)[dim].values]


def _both(run: Results, path: str, dims: tuple[str, ...], year: int) -> np.ndarray:
    """An array at a year-end, at stated values and in every draw; (..., 1 + draw)."""
    stated = run.central.array(path).sel(time=year).transpose(*dims[:-1]).values
    drawn = run.array(path).sel(time=year).transpose(*dims).values
    return np.concatenate([stated[..., None], drawn], axis=-1)


def _people(run: Results, year: int) -> np.ndarray:
    """Persons at single ages; (residence, sex, age, 1 + draw).

    Where single ages of the draws were not kept they have those of the stated run, with the five-year sums of the draw.
    """
    dims = ("residence", "sex", "age", "draw")
    stated = run.central.population.sel(time=year, sex=list(SEXES)).sum("function").transpose(*dims[:-1]).values
    if "population/population" in run:
        drawn = run.population.sel(time=year, sex=list(SEXES)).sum("function").transpose(*dims).values
        return np.concatenate([stated[..., None], drawn], axis=-1)
    sums = run.summary.sel(time=year, sex=list(SEXES)).sum("function").transpose(*dims[:2], "age_group", "draw")
    ages = stated.shape[2]
    mine = np.repeat(sum_ages(stated, 2), 5, axis=2)[:, :, :ages, None]
    wide = np.repeat(sums.values.astype(float), 5, axis=2)[:, :, :ages]
    drawn = stated[..., None] * np.divide(wide, mine, out=np.ones_like(wide), where=mine > 0.0)
    return np.concatenate([stated[..., None], drawn], axis=-1)
