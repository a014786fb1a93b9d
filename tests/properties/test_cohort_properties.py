"""What holds for any input of the cohort step."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import take_step, year_inputs

from demo_sim.demography.lifetable import period_deaths
from demo_sim.engine.accounts import check_identity
from demo_sim.engine.calendar import Timing, YearFlows, YearTables
from demo_sim.engine.cohort import step
from demo_sim.errors import IdentityError
from demo_sim.inputs.grid import BOTH, Grid

# Few draws and ages keep an example to a millisecond; 51 ages still hold all fertile ones.
AGES = 51
quick = settings(deadline=None, max_examples=40, derandomize=True)
seeds = st.integers(0, 2**32 - 1)
residences = st.sampled_from([1, 2, 3])
timings = st.sampled_from(["even", "end"])


def engine_year(inputs: SimpleNamespace, timing: str) -> tuple[YearTables, YearFlows, Grid]:
    """The step as the engine takes it."""
    tables = YearTables(
        inputs.qs, inputs.asfr, inputs.male_share, inputs.external, inputs.move_rate, inputs.reclass_rate
    )
    flows = YearFlows.empty(inputs.start.shape)
    step(inputs.start, tables, Timing.of(timing), flows)
    places = inputs.start.shape[0]
    grid = Grid(BOTH if places == 2 else tuple("abc"[:places]), inputs.start.shape[2], 2021, 2021)
    return tables, flows, grid


@quick
@given(seeds, residences, timings)
def test_identity_holds_in_every_cell(seed: int, places: int, timing: str) -> None:
    inputs = year_inputs(seed, places, AGES)
    tables, flows, grid = engine_year(inputs, timing)
    check_identity(inputs.start, tables, Timing.of(timing), flows, grid, 2021)
    # and by sex, in total: internal moves cancel
    before, after = (stock.sum(axis=(0, 2)) for stock in (inputs.start, flows.end))
    births = flows.births.sum(axis=1)
    born = np.stack([(births * share).sum(axis=0) for share in (inputs.male_share, 1.0 - inputs.male_share)])
    died, net, cut = (values.sum(axis=(0, 2)) for values in (flows.deaths, inputs.external, flows.cut))
    np.testing.assert_allclose(after, before + born - died + net + cut, rtol=1e-11)


@quick
@given(seeds, residences, timings, st.floats(1.0, 50.0))
def test_no_cell_turns_negative_and_cuts_balance(seed: int, places: int, timing: str, size: float) -> None:
    inputs = year_inputs(seed, places, AGES)
    inputs.external *= 10.0 * size  # beyond what many cells hold
    tables, flows, grid = engine_year(inputs, timing)
    for values in (flows.mid, flows.end, flows.deaths, flows.births, flows.cut, flows.out_first, flows.out_second):
        assert (values >= 0.0).all()
    check_identity(inputs.start, tables, Timing.of(timing), flows, grid, 2021)


@quick
@given(seeds, st.sampled_from(["end", "deaths", "births"]))
def test_a_wrong_cell_is_named(seed: int, name: str) -> None:
    inputs = year_inputs(seed, 2, AGES)
    tables, flows, grid = engine_year(inputs, "even")
    getattr(flows, name)[1, ..., 30, 2] += 0.01
    with pytest.raises(IdentityError, match=r"2021.*rural"):
        check_identity(inputs.start, tables, Timing.of("even"), flows, grid, 2021)


@quick
@given(seeds, residences, timings, st.floats(1e-3, 1e5))
def test_twice_the_persons_twice_the_flows(seed: int, places: int, timing: str, factor: float) -> None:
    inputs, larger = year_inputs(seed, places, AGES), year_inputs(seed, places, AGES)
    larger.start *= factor
    larger.external *= factor
    one, many = take_step(inputs, timing), take_step(larger, timing)
    for name in ("end", "deaths", "births", "cut"):
        np.testing.assert_allclose(getattr(many, name), factor * getattr(one, name), rtol=1e-10, atol=1e-12 * factor)


@quick
@given(seeds, timings, st.floats(1.0, 3.0))
def test_more_deaths_leave_no_more_people(seed: int, timing: str, factor: float) -> None:
    inputs, worse = year_inputs(seed, 1, AGES), year_inputs(seed, 1, AGES)
    worse.qs = np.minimum(factor * worse.qs, 1.0)
    assert (take_step(worse, timing).end <= take_step(inputs, timing).end + 1e-9).all()


@quick
@given(seeds, residences, timings)
def test_draws_do_not_meet(seed: int, places: int, timing: str) -> None:
    """Draws in another order give the same numbers in that order, to the last bit."""
    inputs = year_inputs(seed, places, AGES, 5)
    order = np.random.default_rng(seed).permutation(5)
    mixed = SimpleNamespace(**{k: np.ascontiguousarray(v[..., order]) for k, v in vars(inputs).items()})
    np.testing.assert_array_equal(take_step(mixed, timing).end, take_step(inputs, timing).end[..., order])


@quick
@given(seeds, residences)
def test_migrants_at_the_end_touch_no_birth_and_no_death(seed: int, places: int) -> None:
    inputs, closed = year_inputs(seed, places, AGES), year_inputs(seed, places, AGES)
    inputs.external = np.abs(inputs.external)
    closed.external[:] = 0.0
    end, none = take_step(inputs, "end"), take_step(closed, "end")
    np.testing.assert_array_equal(end.births, none.births)
    np.testing.assert_array_equal(end.deaths, none.deaths)
    np.testing.assert_allclose(end.end, none.end + inputs.external, rtol=1e-12)


@quick
@given(seeds, st.sampled_from([2, 3]))
def test_places_with_equal_rates_are_one(seed: int, places: int) -> None:
    """Places with equal rates are one when taken together, whatever moves between them."""
    inputs = year_inputs(seed, places, AGES)
    for name in ("qs", "asfr", "male_share"):
        getattr(inputs, name)[1:] = getattr(inputs, name)[0]
    one = SimpleNamespace(**{k: np.ascontiguousarray(v[:1]) for k, v in vars(inputs).items()})
    one.start = inputs.start.sum(axis=0, keepdims=True)
    one.external = inputs.external.sum(axis=0, keepdims=True)
    np.testing.assert_allclose(take_step(inputs).end.sum(axis=0), take_step(one).end[0], rtol=1e-10)


@quick
@given(seeds)
def test_period_deaths_keep_the_sum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (2, 2, AGES, 3)
    deaths = rng.uniform(0.0, 100.0, shape)
    mx = np.minimum(1e-4 + 5e-5 * np.exp(0.09 * np.arange(AGES))[:, None] * rng.uniform(0.5, 2.0, shape), 0.9)
    by_age = period_deaths(deaths, mx)
    assert (by_age >= 0.0).all()
    np.testing.assert_allclose(by_age.sum(axis=2), deaths.sum(axis=2), rtol=1e-12)


@pytest.mark.parametrize("places", [1, 2, 3])
def test_a_year_without_migrants_leaves_nothing_of_the_year_before(places: int) -> None:
    """The engine uses its flow arrays again: a quiet year after a year with cuts shows no cut and no stock of then."""
    wild, quiet = year_inputs(1, places, AGES), year_inputs(2, places, AGES)
    wild.external *= 1000.0
    quiet.external[:] = 0.0
    _, flows, grid = engine_year(wild, "even")
    assert flows.cut.any()
    tables = YearTables(quiet.qs, quiet.asfr, quiet.male_share, quiet.external, quiet.move_rate, quiet.reclass_rate)
    step(quiet.start, tables, Timing.of("even"), flows)
    assert not flows.cut.any()
    np.testing.assert_allclose(flows.mid.sum(axis=0), quiet.start.sum(axis=0), rtol=1e-12)
    check_identity(quiet.start, tables, Timing.of("even"), flows, grid, 2022)
