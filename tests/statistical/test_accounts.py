"""Exact accounts: every person is somewhere, every child has a mother, nobody is counted twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from lived import live
from region import FIRST_YEAR, Region, identities, recount
from small import minimal, small_hunan

import demo_sim as ds
from demo_sim.kernels.columns import columns

AWAY = columns(2).away


def small(folder: Path) -> ds.Scenario:
    return small_hunan(folder, end=2025, draws=2)


def at_the_end(folder: Path) -> ds.Scenario:
    return minimal().replace({"migration.timing": "end"})


@pytest.mark.parametrize("scenario", [small, at_the_end, lambda folder: minimal()], ids=["states", "end", "even"])
def test_whole_persons_balance_every_year(scenario: Callable[[Path], ds.Scenario], tmp_path: Path) -> None:
    lived = live(scenario(tmp_path), (0, 1))
    people, flows = lived.stocks.sum(axis=(3, 4)), lived.flows
    assert people.dtype == np.int64 and people.min() > 0
    missing = np.diff(people, axis=0) - flows["births"] + flows["deaths"] - flows["in"] + flows["out"]
    internal = flows["rural_to_urban"] + flows["reclassified"]
    if people.shape[1] == 1:
        np.testing.assert_array_equal(missing, 0)
        return
    np.testing.assert_array_equal(missing, -internal)
    np.testing.assert_array_equal(internal.sum(axis=1), 0)
    assert (internal[:, 1].sum(axis=0) > 0).all()


@pytest.mark.parametrize("scenario", [small, at_the_end, lambda folder: minimal()], ids=["states", "end", "even"])
def test_expected_numbers_balance_every_year(scenario: Callable[[Path], ds.Scenario], tmp_path: Path) -> None:
    """What a run tells, at stated values to the rounding of sums, in every draw to seven digits."""
    run = ds.simulate(scenario(tmp_path).replace({"draws": 3}), engine="cohort")
    for told, digits in ((run.central, 1e-12), (run, 1e-6)):
        people, flows = told.summary.astype(float).sum(["age_group", "function"]), told.flows.astype(float)
        change = people.diff("time").rename(time="year").assign_coords(year=flows.year)
        natural = flows.sel(flow="births") - flows.sel(flow="deaths")
        missing = change - natural - flows.sel(flow="in") + flows.sel(flow="out")
        if people.residence.size == 2:  # counted once, where people leave
            internal = (flows.sel(flow="rural_to_urban") + flows.sel(flow="reclassified")).sum("residence")
            assert float(internal.sum("year").min()) > 0.0
            sign = xr.DataArray([1.0, -1.0], dims="residence", coords={"residence": ["urban", "rural"]})
            missing = missing - sign * internal
        assert float(np.abs(missing).max()) < digits * float(people.max())


def test_rows_mothers_twins_and_parity_of_every_year() -> None:
    region = Region(years=8)
    population = region.opening(5)
    persons = population.persons
    twins = 0
    for plan in region.plans:
        known = identities(population)
        rows, born, code = np.flatnonzero(known), persons.born.copy(), persons.code.copy()
        events = region.live(population, plan)
        np.testing.assert_array_equal(recount(population, plan.year + 1), population.count)
        assert (persons.born[rows] >= born[rows]).all()
        assert (persons.code[rows][code[rows] == 0] == 0).all()
        sex, birth_year = np.zeros((2, persons.rows), np.int64)
        _, years, sexes, starts, stops, _ = persons.segments
        for begin, end, s, year in zip(starts, stops, sexes, years, strict=True):
            sex[begin:end], birth_year[begin:end] = s, year
        assert (persons.born[: persons.rows][sex == 0] == 0).all()
        # only the born have a mother; who entered has none
        new = np.setdiff1d(np.flatnonzero(identities(population)), rows)
        children = new[persons.mother[new] >= 0]
        mother = persons.mother[children]
        assert (mother < children).all()
        assert (sex[mother] == 1).all()
        age = plan.year - birth_year[mother]
        assert age.min() >= 15 and age.max() <= 50
        assert (birth_year[children] == plan.year).all()
        surviving = events.newborn[..., 0] - events.newborn[..., 1]
        assert children.size == int(surviving.sum())
        assert np.count_nonzero(persons.code[children] >= AWAY) == int(events.newborn[..., -1].sum())
        assert persons.mother[: persons.base_rows].max() == -1
        _, per_mother = np.unique(mother, return_counts=True)
        assert per_mother.max() == 2
        twins += int((per_mother == 2).sum())
        # children ever born rise by the children born, of the women there and of those who entered
        rise = int(persons.born[rows].sum()) - int(born[rows].sum())
        assert 0 <= int(events.newborn[..., 0].sum()) - rise < 0.05 * rise
    births = int((persons.segments.birth_year >= FIRST_YEAR).sum())
    assert births > 0 and twins > 50


def test_women_of_no_other_age_give_birth() -> None:
    region = Region(years=3)
    population = region.opening(1)
    for plan in region.plans:
        events = region.live(population, plan)
        fertile = np.zeros(101, bool)
        fertile[15:50] = True
        assert (events.gave_birth[0, 0][:, ~fertile] == 0).all()
        assert (events.gave_birth[0, 1][:, ~np.roll(fertile, -1)] == 0).all()


def test_the_chance_of_scaled_agents_is_that_of_persons_times_the_scale() -> None:
    """Counts after four years from 100 replicates at scale 50 and at scale 1.

    The variance of persons is that of agents times the scale squared; over the scale it is that of one to one, which
    the deviations of single draws are brought to. Nobody comes from outside: an arriving agent that stands for fifty
    has a rounding chance of its own.
    """
    replicates, size, scale = 100, 100_000.0, 50.0
    found = {}
    for factor in (1.0, scale):
        region = Region(years=4, size=size / factor, arrivals=False)
        region.counts = np.rint(region.counts_of(size) / scale).astype(np.int64) * int(scale / factor)
        seen = []
        for replicate in range(replicates):
            population = region.opening(replicate)
            deaths = births = 0
            for plan in region.plans:
                events = region.live(population, plan)
                deaths += int(events.died.sum())
                births += int(events.newborn[..., 0].sum())
            urban = population.count[..., 1:6].sum()
            seen.append((births, deaths, population.count[:, :, 65:].sum(), urban))
        agents = np.array(seen, float)
        found[factor] = factor * agents.var(axis=0, ddof=1)
    # the ratio of two variances of 100 has a standard error of 0.2; five of them on the log scale
    assert (np.abs(np.log(found[scale] / found[1.0])) < 0.7).all()
