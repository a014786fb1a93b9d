"""The saved run that a scenario starts from: its persons at a year-end, draw by draw."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from demo_sim.errors import InputError, Problem
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.grid import SEXES
from demo_sim.results import Results
from demo_sim.results.store import RUN_FILE, open_results
from demo_sim.scenario import Scenario

PATH = "population.from_run"


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
    where = scenario.locations[PATH]
    return InputError([Problem(where.file, where.line, PATH, zh, en)])


def persons_of_run(scenario: Scenario, results: Results, draws: Draws, ages: int) -> np.ndarray:
    """Persons at the year-end that the scenario starts from; (residence, sex, age, draw).

    Draw i takes draw i of the run (over again where that has fewer), so that what was drawn high stays high: both
    draw the same numbers from the same seed. The draws that serve the drivers take the mean.

    Raises
    ------
    InputError
        The run has another open age.
    """
    year = scenario.settings.population.year
    assert year is not None
    mean = results.mean_population([year]).isel(time=0).sum("function")
    mean = mean.transpose("residence", "sex", "age").sel(sex=list(SEXES))
    if mean.sizes["age"] != ages:
        given = mean.sizes["age"] - 1
        raise _error(
            scenario, f"运行结果的开口年龄是 {given}，与 options.open_age 不同", f"the run has the open age {given}"
        )
    if "population/population" in results:
        own = results.population.sel(time=year).sum("function").transpose("residence", "sex", "age", "draw")
        return _of_draws(own.sel(sex=list(SEXES)).values, draws)
    # single ages of every draw were not kept: the mean, with the five-year sums of the draw
    sums = results.summary.sel(time=year).sum("function").transpose("residence", "sex", "age_group", "draw")
    wide = np.repeat(sums.sel(sex=list(SEXES)).values, 5, axis=2)[:, :, :ages]
    middle = wide.mean(axis=-1, keepdims=True)
    single = np.asarray(mean.values, float)[..., None]
    return single * _of_draws(np.divide(wide, middle, out=np.ones_like(wide), where=middle > 0.0), draws)


def _of_draws(values: np.ndarray, draws: Draws) -> np.ndarray:
    """Values of a saved run (..., draw) on the draws of this one: draw i from draw i, the mean for the drivers."""
    out = np.repeat(values.mean(axis=-1, keepdims=True), draws.size, axis=-1)
    if draws.n > 1 or draws.first:
        out[..., : draws.n] = values[..., (draws.first + np.arange(draws.n)) % values.shape[-1]]
    return out


@dataclass(frozen=True)
class Carried:
    """What an earlier run leaves at the opening year-end.

    Attributes
    ----------
    groups : (residence, draw) by id; stocks : (draw,) by series
    """

    groups: dict[str, np.ndarray] = field(default_factory=dict)
    stocks: dict[str, np.ndarray] = field(default_factory=dict)


def carried_over(scenario: Scenario, draws: Draws) -> Carried:
    """Groups and stocks of the run that the scenario starts from; none where it starts from a table.

    They open the count of a group and a stock whose last known figure is older than the start.
    """
    results = earlier_run(scenario)
    if results is None:
        return Carried()
    year = scenario.settings.population.year
    groups = results.groups.sel(time=year).transpose("group", "residence", "draw")
    stocks = {}
    if "demand/stocks" in results:
        left = results.stocks.sel(time=year).transpose("stock", "draw")
        stocks = {str(name): _of_draws(left.sel(stock=name).values, draws) for name in left["stock"].values}
    return Carried(
        {str(name): _of_draws(groups.sel(group=name).values, draws) for name in groups["group"].values},
        {name: values for name, values in stocks.items() if np.isfinite(values).all()},
    )
