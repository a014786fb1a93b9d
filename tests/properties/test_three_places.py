"""Places are an axis of any length: regions joined by a matrix of moves in one expected pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from demo_sim.engine.calendar import Timing, YearFlows, YearTables
from demo_sim.engine.cohort import project_cohort
from demo_sim.engine.parity import ParityShares, ParityTables
from demo_sim.inputs.base import Base
from demo_sim.inputs.grid import Grid
from demo_sim.inputs.rates import Rates
from demo_sim.space.places import by_route, gained, route, routes

AGES, DRAWS, YEARS = 61, 2, 4
Year = tuple[int, np.ndarray, YearTables, YearFlows]


def region(seed: int) -> tuple[Base, Rates]:
    """One place of its own with migrants from outside."""
    rng = np.random.default_rng(seed)
    shape = (1, 2, AGES, DRAWS)
    x = np.arange(AGES)[:, None]
    start = rng.uniform(100.0, 1000.0, shape)
    mx = np.minimum(4e-4 * np.exp(0.08 * x) * rng.uniform(0.5, 1.5, (YEARS + 1, *shape)), 0.9)
    fertile = np.exp(-0.5 * ((x - 28) / 6.0) ** 2) * ((x >= 15) & (x < 50))
    none = np.zeros(DRAWS)
    rates = Rates(
        np.arange(2020, 2021 + YEARS),
        mx,
        fertile * rng.uniform(0.05, 0.2, (YEARS + 1, 1, 1, DRAWS)),
        None,
        np.full((YEARS + 1, DRAWS), 1.08),
        rng.normal(0.0, 3.0, (YEARS + 1, *shape)),
        None,
        none,
        None,
    )
    return Base(start, start, start.sum(axis=(0, 1, 2)), None, np.ones(DRAWS)), rates


def joined(regions: list[tuple[Base, Rates]], moves: np.ndarray | None) -> list[Year]:
    """All of them in one pass; `moves` is the matrix (from, to, sex, age, draw) of yearly rates."""
    bases, rates = zip(*regions, strict=True)
    start = np.concatenate([base.start for base in bases])
    names = ("mx", "asfr", "external")
    together = {name: np.concatenate([getattr(r, name) for r in rates], axis=1) for name in names}
    base = replace(bases[0], counted=start, start=start, moved_total=start.sum(axis=(0, 1, 2)))
    all_rates = replace(rates[0], **together, moves=None if moves is None else by_route(moves))
    grid = Grid(tuple(f"region {i}" for i in range(len(regions))), AGES, 2021, 2020 + YEARS)
    return [
        (year, start.copy(), tables, YearFlows(*(values.copy() for values in vars(flows).values())))
        for year, start, tables, flows in project_cohort(base, all_rates, grid, Timing.of("even"))
    ]


def matrix(places: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    out = rng.uniform(0.0, 0.2, (places, places, 2, AGES, DRAWS))
    out[np.arange(places), np.arange(places)] = 9.0  # nobody moves from a place to itself, whatever stands here
    return out


def test_two_places_are_numbered_by_where_they_are_left() -> None:
    assert routes(2) == ((0, 1), (1, 0))
    assert [route(a, b, 3) for a, b in routes(3)] == [0, 1, 2, 3, 4, 5]
    one = np.arange(6.0)
    # routes 2 and 4 lead to the first place, 0 and 1 away from it, ...
    assert gained(one, 3).tolist() == [2.0 + 4.0 - 0.0 - 1.0, 0.0 + 5.0 - 2.0 - 3.0, 1.0 + 3.0 - 4.0 - 5.0]


def test_the_outflow_of_one_place_is_the_inflow_of_another() -> None:
    moves = matrix(3)
    for year, start, tables, flows in joined([region(i) for i in range(3)], moves):
        want = np.einsum("psxd,pqsxd->pqsxd", start + 0.5 * tables.external, 0.5 * moves)
        np.testing.assert_allclose(flows.out_first, by_route(want), rtol=1e-12, err_msg=str(year))
        came = np.zeros_like(start)
        for q in range(3):
            came[q] = sum(want[p, q] for p in range(3) if p != q)
        left = np.stack([sum(want[p, q] for q in range(3) if q != p) for p in range(3)])
        np.testing.assert_allclose(flows.mid, start + 0.5 * tables.external + came - left, rtol=1e-11)
        out = flows.out_first + flows.out_second
        np.testing.assert_allclose(flows.internal.sum(axis=0), out.sum(axis=2), rtol=1e-11)
        natural = flows.births.sum(axis=(0, 1)) - flows.deaths.sum(axis=(0, 1, 2)) + tables.external.sum(axis=(0, 1, 2))
        np.testing.assert_allclose(flows.end.sum(axis=(0, 1, 2)) - start.sum(axis=(0, 1, 2)), natural, rtol=1e-9)


@pytest.mark.parametrize("moves", [None, np.zeros((2, 2, 2, AGES, DRAWS))], ids=["none", "zero"])
def test_two_regions_without_moves_are_two_runs_cell_by_cell(moves: np.ndarray | None) -> None:
    both = joined([region(5), region(5)], moves)
    alone = joined([region(5)], None)
    for (_, start, tables, flows), (_, start_1, tables_1, flows_1) in zip(both, alone, strict=True):
        for place in range(2):
            here = slice(place, place + 1)
            np.testing.assert_array_equal(start[here], start_1)
            np.testing.assert_array_equal(tables.qs[here], tables_1.qs)
            for name in ("mid", "end", "deaths", "births"):
                np.testing.assert_array_equal(getattr(flows, name)[here], getattr(flows_1, name), err_msg=name)


def test_places_in_another_order_give_the_same() -> None:
    order = [2, 0, 1]
    moves = matrix(3)
    regions = [region(i) for i in range(3)]
    first = joined(regions, moves)[-1][3].end
    second = joined([regions[i] for i in order], moves[np.ix_(order, order)])[-1][3].end
    np.testing.assert_allclose(second, first[order], rtol=1e-12)


def parity_of(years: list[Year], places: int) -> tuple[ParityShares, list[ParityTables]]:
    start = np.linspace(0.1, 0.7, AGES)[None, :, None] * np.ones((places, 1, DRAWS))
    shares = ParityShares(
        np.stack([1.0 - start, 0.5 * start, 0.3 * start, 0.2 * start], axis=2),
        np.ones((4, DRAWS)) * [[1], [1], [2], [3]],
    )
    return shares, [shares.advance(start, tables, flows, Timing.of("even")) for _, start, tables, flows in years]


def test_parity_goes_along_with_the_movers() -> None:
    """Two regions alike send people to a third: they stay alike, and shares add up everywhere."""
    moves = matrix(3)
    moves[1], moves[0, 1], moves[1, 0] = moves[0], 0.0, 0.0
    moves[2] = 0.0
    moves[1, 2] = moves[0, 2]
    shares, tables = parity_of(joined([region(1), region(1), region(2)], moves), 3)
    np.testing.assert_allclose(shares.shares.sum(axis=2), 1.0, rtol=1e-12)
    np.testing.assert_array_equal(shares.shares[0], shares.shares[1])
    apart, _ = parity_of(joined([region(1)], None), 1)
    np.testing.assert_allclose(shares.shares[0], apart.shares[0], rtol=1e-9)  # nobody came
    assert np.abs(shares.shares[2] - parity_of(joined([region(2)], None), 1)[0].shares[0]).max() > 1e-4
    for year in tables:
        assert year.at_start.shape == (3, AGES, 4, DRAWS)
