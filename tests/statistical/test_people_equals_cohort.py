"""Persons equal the cohort pass: thirty replicates of 200,000 persons over ten years.

Each year is compared given the persons who open it, so differences are independent from year to year and their
variance is exact; ten years together are compared with the cohort pass by the spread of the replicates. Re-coding of
places is tested by its means alone: the method leaves open that it is drawn for whole households.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chances import Compared, faults, holm
from region import Region, YearPlan, by_code
from replicates import Year, gathered, live_all, stock_of_cohorts, summed, year_compared
from scipy.stats import norm
from scipy.stats import t as student

from demo_sim.engine.thresholds import Thresholds

REPLICATES, YEARS = 30, 10


@pytest.fixture(scope="module")
def years(region: Region) -> list[Year]:
    return live_all(region, REPLICATES, YEARS)


@pytest.fixture(scope="module")
def counts(region: Region, years: list[Year]) -> dict[str, Compared]:
    return gathered([year_compared(region, year) for year in years])


def test_all_five_levels_and_every_kind_of_event_are_exercised(years: list[Year]) -> None:
    events = years[-1].events
    assert (years[-1].closing.sum(axis=(1, 2)) > 100).all()
    for counter in (events.died.sum(axis=(3, 4)), events.moved[:, :, 0].sum(axis=-1), events.left.sum(axis=-1)):
        assert (counter.sum(axis=0) > 0).all()
    assert (events.moved[:, :, 1, 1].sum(axis=(0, -1)) > 0).all()
    assert (events.gave_birth.sum(axis=(0, -1)) > 0).all()


def test_each_year_given_its_opening(counts: dict[str, Compared]) -> None:
    parts = {name: count.deviations() for name, count in counts.items()}
    assert sum(z.size for z, _ in parts.values()) > 400_000
    assert min(z.size for z, _ in parts.values()) > 100
    assert faults(parts) == []


def total_z(count: Compared) -> float:
    """All cells together; the variance takes their counts as independent, which never makes it too small."""
    return float((count.seen.sum() - count.mean.sum()) / np.sqrt(count.variance.sum()))


def test_a_small_bias_would_show_in_sums(counts: dict[str, Compared]) -> None:
    parts = {name: count.deviations() for name, count in summed(counts).items()}
    assert holm(np.concatenate([p for _, p in parts.values()])) > 0.01
    assert holm(np.array([2.0 * norm.sf(abs(total_z(count))) for count in counts.values()])) > 0.01


def test_births_of_those_who_enter_are_missed_if_they_are_wrong(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who enters has the parity of the women of the place, and at the year's end the second exposure."""

    def births() -> float:
        years = live_all(region, 15, YEARS, cuts)
        return total_z(gathered([year_compared(region, year) for year in years])["births second"])

    def cuts(plan: YearPlan) -> Thresholds:
        return replace(plan.cuts, arriving=np.full_like(plan.cuts.arriving, np.uint64(1 << 32)))

    assert births() > 4.0  # all childless on entry: too many births
    monkeypatch.setattr(Thresholds, "of_late_arrivals", lambda own: replace(own, table=np.zeros_like(own.table)))
    assert births() < -4.0  # and none at all in the year of entry: too few


def t_test(seen: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Two-sided p-values of means over replicates (first axis), cells of more than five persons."""
    chosen = expected > 5.0
    seen, expected = seen[:, chosen], expected[chosen]
    error = seen.std(axis=0, ddof=1) / np.sqrt(len(seen))
    return np.asarray(2.0 * student.sf(np.abs(seen.mean(axis=0) - expected) / error, len(seen) - 1))


def test_ten_year_means_equal_the_cohort_pass(region: Region, years: list[Year]) -> None:
    p = []
    for year in years:
        plan, events = year.plan, year.events
        flows = plan.flows
        p.append(t_test(year.closing, stock_of_cohorts(region, plan.year)))
        p.append(t_test(events.newborn[..., 0].sum(axis=-1), flows.births[..., 0].sum(axis=-1)))
        deaths = events.died.sum(axis=(2, 4)) + events.newborn[..., 1]
        p.append(t_test(deaths, flows.deaths[..., 0].sum(axis=-1)))
        reached = np.zeros_like(events.died)
        reached[..., 1:] = events.died[..., :-1]
        reached[..., -1] += events.died[..., -1]
        p.append(t_test(reached[..., 60:].transpose(0, 3, 4, 1, 2), by_code(plan.levels.deaths[..., 0])))
    # by the age of the mother at the exposure; nobody of the open age gives birth
    births = sum(y.events.gave_birth[:, 0] + np.roll(y.events.gave_birth[:, 1], 1, axis=-1) for y in years)
    p.append(t_test(births, sum(year.plan.flows.births[..., 0] for year in years)))
    assert sum(part.size for part in p) > 9_000
    assert holm(np.concatenate(p)) > 0.01


def test_recoded_places_by_their_means(years: list[Year]) -> None:
    recoded = np.stack([y.events.moved[:, :, 1].sum(axis=(1, 4)) + y.events.newborn[..., 2] for y in years])
    moved = np.stack([y.events.moved[:, :, 0].sum(axis=(1, 4)) + y.events.newborn[..., 3] for y in years])
    expected = np.stack([y.plan.flows.internal[..., 0] for y in years])
    assert (recoded[:, :, 0] == 0).all()
    p = [t_test(np.moveaxis(seen, 0, 1), expected[:, kind]) for kind, seen in enumerate((moved, recoded))]
    together = t_test(recoded.sum(axis=(0, 2, 3))[:, None], expected[:, 1].sum(keepdims=True).ravel())
    assert holm(np.concatenate([*(part.ravel() for part in p), together])) > 0.01
    by_age = np.stack([y.events.moved[:, :, 1, 1].sum(axis=(1, 2)) for y in years]).sum(axis=0)
    expected_by_age = sum(_recoded_by_age(year) for year in years)
    assert holm(t_test(by_age[:, :99], expected_by_age[:99])) > 0.01


def _recoded_by_age(year: Year) -> np.ndarray:
    """Expected re-coded people by age on 1 January, both halves."""
    plan = year.plan
    rate = plan.tables.reclass_rate[1, 0] / 2
    total = rate + plan.tables.move_rate[1, ..., 0] / 2
    first = plan.flows.out_first[1, ..., 0] * rate / total
    second = plan.flows.out_second[1, ..., 0] * rate / total
    return np.asarray((first + np.concatenate([second[:, 1:], np.zeros((2, 1))], axis=1)).sum(axis=0))


def test_survival_by_one_minus_q_is_found(region: Region) -> None:
    wrong = live_all(region, 10, 3, region.mistaken_cuts)
    counts = gathered([year_compared(region, year) for year in wrong])
    found = faults({name: count.deviations() for name, count in counts.items()})
    assert {"deaths", "deaths by level"} <= {fault.split(":")[0] for fault in found}
    assert abs(total_z(counts["deaths"])) > 5.0


def test_moves_at_the_end_of_the_year() -> None:
    region = Region(years=3, timing="end")
    counts = gathered([year_compared(region, year) for year in live_all(region, 10, 3)])
    kept = {name: count.deviations() for name, count in counts.items() if name != "left first"}
    assert counts["left first"].seen.sum() == 0
    assert faults(kept) == []


def test_three_places_and_a_matrix_of_moves() -> None:
    """Moves by six routes, each with rates of its own: what leaves one place arrives in another, person by person."""
    region = Region(years=5, places=3)
    assert np.unique(region.tables().move_rate[:, 0, 25, 0]).size == 6
    years = live_all(region, 20, 5)
    counts = gathered([year_compared(region, year) for year in years])
    assert faults({name: count.deviations() for name, count in counts.items()}) == []
    parts = {name: count.deviations() for name, count in summed(counts).items()}
    assert holm(np.concatenate([p for _, p in parts.values()])) > 0.01
    p = []
    for year in years:
        plan, events = year.plan, year.events
        p.append(t_test(year.closing, stock_of_cohorts(region, plan.year)))
        moved = events.moved.sum(axis=(1, 5)) + events.newborn_moved  # replicate, kind, route, sex
        p.append(t_test(moved, plan.flows.internal[..., 0]))
        deaths = events.died.sum(axis=(2, 4)) + events.newborn[..., 1]
        p.append(t_test(deaths, plan.flows.deaths[..., 0].sum(axis=-1)))
    assert sum(part.size for part in p) > 2_000
    assert holm(np.concatenate(p)) > 0.01
