"""The tiers of results: what is kept of every draw, the same tables from each tier, and nothing large held."""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import demo_sim as ds
from demo_sim import plot
from demo_sim.errors import WriteError
from demo_sim.plot.charts.function_levels import function_levels_numbers
from demo_sim.plot.charts.pyramid import pyramid_numbers
from demo_sim.plot.one_series import fan_numbers
from demo_sim.results import Results, digest, open_results, save, tables, tiers
from demo_sim.results.quantiles import OVER_DRAWS, QUANTILES, over_draws
from demo_sim.results.tiers import (
    CUBE_DIMS,
    PopulationKeeper,
    age_groups,
    bytes_held,
    cube,
    five_year_ages,
    pack_cells,
    packed_cells,
    unpack_cells,
)

MINIMAL = Path(__file__).resolve().parents[1] / "data" / "minimal" / "scenario.yaml"
SHAPE = (2, 1, 2, 101, 1)


@pytest.fixture(scope="module")
def low_limits() -> Iterator[pytest.MonkeyPatch]:
    """Limits so low that cells wait in a temporary file and their statistics take many chunks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiers, "WAITING_BYTES", 1.0)
        patch.setattr(tiers, "CHUNK_BYTES", 1e6)
        yield patch


@pytest.fixture(scope="module")
def full() -> Results:
    """Two blocks of draws, single ages of every draw kept."""
    return simulate_hunan("full")


@pytest.fixture(scope="module")
def usual(full: Results) -> Results:
    """The same run by five-year ages, as it is kept where nothing else is asked for."""
    return simulate_hunan("five_year")


@pytest.fixture(scope="module")
def chunked(usual: Results, low_limits: pytest.MonkeyPatch) -> Results:
    """The same run through the temporary file."""
    return simulate_hunan("five_year")


def simulate_hunan(keep: str) -> Results:
    changes = {"draws": 140, "period.end": 2025, "options.keep": keep}
    return ds.simulate(ds.load("hunan").replace(changes), engine="cohort")


def test_each_tier_keeps_what_it_says(full: Results, usual: Results, chunked: Results) -> None:
    assert set(full.tree["population"].data_vars) == {"statistics", "population", "summary"}
    assert set(usual.tree["population"].data_vars) == {"statistics", "summary"}
    assert usual.attrs["keep"] == "five_year" and full.attrs["keep"] == "full"
    assert full.summary.dims == ("draw", "time", "residence", "sex", "age_group", "function")
    assert full.summary["age_group"].values.tolist()[::20] == ["0-4", "100+"]
    assert "age_group" not in full.central.array("flows/births_by_age").coords
    assert full.summary.equals(usual.summary)
    assert full.array("population/statistics").equals(usual.array("population/statistics"))
    for path in usual.central._arrays():
        assert full.central.array(path).identical(usual.central.array(path)), path
    assert digest(chunked) == digest(usual) != digest(full)
    assert usual.array("population/statistics").dims == ("statistic", *CUBE_DIMS)
    assert usual.array("population/statistics")["statistic"].values.tolist() == list(OVER_DRAWS)
    assert full.draws == usual.draws == 140
    for name in ("summary", "statistics"):
        assert usual.array(f"population/{name}").attrs["units"] == "persons"


def test_statistics_are_those_of_the_single_ages_of_all_draws(full: Results) -> None:
    drawn = full.population.values.astype(float)
    statistics = full.array("population/statistics")
    np.testing.assert_allclose(statistics.sel(statistic="mean"), drawn.mean(axis=0), rtol=1e-12)
    for name in ("q10", "q50", "q90"):
        expected = np.quantile(drawn, QUANTILES[name], axis=0)
        np.testing.assert_allclose(statistics.sel(statistic=name), expected, rtol=1e-6, atol=1e-9)
    few = statistics.sel(statistic=["q025", "q975"])
    assert few.sel(function="intact").isnull().all() and few.sel(age=slice(60, None)).isnull().all()
    nobody = statistics.sel(age=slice(0, 59)).isel(function=slice(1, None))
    assert (nobody == 0.0).all()  # below 60 nobody can be impaired
    groups = np.add.reduceat(drawn, np.arange(0, 101, 5), axis=4)
    np.testing.assert_allclose(full.summary, groups, rtol=2e-6)


@pytest.mark.parametrize("single_ages", [True, False])
def test_both_tiers_give_the_same_tables(full: Results, usual: Results, single_ages: bool) -> None:
    expected, found = tables(full, single_ages=single_ages), tables(usual, single_ages=single_ages)
    assert list(found) == list(expected)
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(found[name], frame, check_exact=True)


def test_both_tiers_give_the_same_charts(full: Results, usual: Results) -> None:
    # The band of single ages needs single ages of every draw: the one thing that a chart shows of them alone.
    band = ["q10", "q90"]
    assert pyramid_numbers(full)[band].notna().any().all() and pyramid_numbers(usual)[band].isna().all().all()
    pairs = [(pyramid_numbers(run).drop(columns=band), function_levels_numbers(run),
              fan_numbers(run, "population.total")) for run in (usual, full)]  # fmt: skip
    for found, expected in zip(*pairs, strict=True):
        pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert set(plot.figures(usual, "zh")) == set(plot.figures(full, "zh"))


def test_the_full_population_that_is_not_kept_is_answered_with_what_is(usual: Results) -> None:
    with pytest.raises(AttributeError, match=r"run\.summary.*population/statistics.*options\.keep=full") as caught:
        usual.population  # noqa: B018 - the access is what is tested
    assert "run.central.population" in str(caught.value)
    assert usual.central.population.dims == CUBE_DIMS
    assert "draws; population, groups" in repr(usual)


def test_a_run_through_the_temporary_file_opens_as_the_same_run(tmp_path: Path, chunked: Results) -> None:
    folder = save(chunked, tmp_path / "run")
    again = open_results(folder)
    assert again == chunked and digest(again) == digest(chunked) and again.draws == 140
    whole = pd.read_csv(folder / "population.csv", encoding="utf-8-sig").groupby("year")["value"].sum()
    everyone = chunked.central.summary.sum(["residence", "sex", "age_group", "function"])
    np.testing.assert_allclose(whole, everyone, rtol=1e-12)


@pytest.mark.parametrize("engine", ["cohort", "people"])
def test_many_draws_hold_no_more_than_the_summary_of_each(low_limits: pytest.MonkeyPatch, engine: str) -> None:
    scenario = ds.load(MINIMAL).replace({"scale": 1000, "options.person_draws": 2})
    few, many = (ds.simulate(scenario.replace({"draws": draws}), engine=engine) for draws in (100, 300))
    for run in (few, many):
        cells = int(np.prod(run.array("population/statistics").shape[1:]))
        by_draw = [a for node in run.tree.children.values() for a in node.data_vars.values() if "draw" in a.dims]
        assert by_draw and max(array.size / run.draws for array in by_draw) < cells / 4
        assert not any("draw" in run.central.array(path).dims for path in run.central._arrays())
    assert few.array("population/statistics").nbytes == many.array("population/statistics").nbytes
    assert (few.draws, many.draws) == (100, 300)
    np.testing.assert_array_equal(few.summary.values, many.summary.values[:100])  # draws do not know of the tier
    assert few.central.population.equals(many.central.population)
    frame = tables(many)["population"]
    assert frame[["q025", "q10", "q50", "q90", "q975", "mc_se"]].notna().all(axis=None)
    assert (frame["q025"] <= frame["q975"]).all()


@pytest.mark.parametrize("engine", ["cohort", "people"])
def test_draws_have_seven_digits_and_the_stated_run_all(engine: str) -> None:
    changes = {"draws": 3, "period.end": 2025, "options.keep": "full", "options.person_draws": 2, "scale": 20_000}
    run = ds.simulate(ds.load("hunan").replace(changes), engine=engine)
    drawn = [f"{group}/{name}" for group, node in run.tree.children.items() for name, array in node.data_vars.items()
             if "draw" in array.dims]  # fmt: skip
    placed = {"placement/waiting", "placement/usable_places"} if engine == "people" else set()
    assert {"population/population", "population/summary", "groups/groups", "flows/flows", "flows/migration_cut",
            "demand/need", "demand/supply", "demand/stocks", "plan/indicator"} | placed <= set(drawn)  # fmt: skip
    for path in drawn:
        assert run.array(path).dtype == np.float32, path
        if path != "population/summary":
            stated = run.central.array(path)
            assert stated.dims == tuple(dim for dim in run.array(path).dims if dim != "draw"), path
    for path in run.central._arrays():
        kept = run.central.array(path).dtype
        assert kept == (np.int8 if path == "plan/figure" else np.float64), path  # what decided a year is a code
    assert {"population/population", "flows/births_by_age", "flows/deaths_by_age"} <= set(run.central._arrays())
    # what float32 would have cut off
    total = float(run.central.population.sel(time=2020).sum())
    assert total == pytest.approx(float(run.central.groups.sel(time=2020, group="residents").sum()), rel=1e-14)


def people(
    ages: int, levels: int, draws: int, seed: int = 0, places: tuple[int, ...] = (3, 2, 2)
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Persons, shares of levels from 60 on, and the cube of every draw formed age by age; `places` lie before age."""
    random = np.random.default_rng(seed)
    persons = random.lognormal(8.0, 1.0, (*places, ages, draws))
    whole = np.zeros((draws, *places, ages, levels))
    shares = None
    if levels > 1:
        shares = random.dirichlet(np.ones(levels), (*places, ages - 60, draws)).swapaxes(-1, -2)
    for draw in range(draws):
        for age in range(ages):
            if shares is None or age < 60:
                whole[draw, ..., age, 0] = persons[..., age, draw]
            else:
                whole[draw, ..., age, :] = persons[..., age, draw, None] * shares[..., age - 60, :, draw]
    return persons, shares, whole


@pytest.mark.parametrize("levels", [1, 5])
@pytest.mark.parametrize("open_age", [85, 100, 105, 120])
def test_packed_cells_and_five_year_ages_are_those_of_the_cube(open_age: int, levels: int) -> None:
    ages, draws = open_age + 1, 3
    persons, shares, whole = people(ages, levels, draws, open_age)
    shape = whole.shape[1:]
    cells = pack_cells(persons, shares)
    assert cells.shape == (draws, packed_cells(shape)) and cells.dtype == np.float32 and cells.flags.c_contiguous
    assert packed_cells(shape) == 12 * (ages if levels == 1 else 60 + 5 * (ages - 60))
    np.testing.assert_array_equal(unpack_cells(cells, shape), whole.astype(np.float32))
    several = unpack_cells(np.stack([cells, 2.0 * cells]), shape)  # any dimensions before the cells
    np.testing.assert_array_equal(several[1], 2.0 * whole.astype(np.float32))
    names = age_groups(ages)[1]
    summary = five_year_ages(persons, shares)
    assert summary.shape == (draws, 3, 2, 2, len(names), levels) and summary.dtype == np.float32
    for i, name in enumerate(names):
        first, _, last = name.rstrip("+").partition("-")
        group = whole[..., int(first) : int(last) + 1 if last else None, :].sum(axis=-2)
        np.testing.assert_allclose(summary[..., i, :], group, rtol=1e-6)
    np.testing.assert_allclose(summary.sum(axis=(-2, -1), dtype=float), persons.sum(axis=3).transpose(3, 0, 1, 2),
                               rtol=1e-6)  # fmt: skip
    for draw in range(draws):
        own = cube(persons[..., draw], None if shares is None else shares[..., draw])
        np.testing.assert_array_equal(own, whole[draw])
        assert own.dtype == np.float64


@pytest.mark.parametrize(
    ("ages", "last"), [(101, "100+"), (106, "100+"), (121, "100+"), (86, "85+"), (88, "85+"), (90, "85+"), (91, "90+")]
)
def test_age_groups_end_with_an_open_one(ages: int, last: str) -> None:
    starts, names = age_groups(ages)
    assert names[0] == "0-4" and names[-1] == last and len(names) == len(starts)
    assert all(name.endswith("+") == (i == len(names) - 1) for i, name in enumerate(names))


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=5),
    st.integers(0, 2**32 - 1),
    st.booleans(),
    st.sampled_from([1.0, 2e3, 1e6]),
    st.sampled_from(["memory", "file", "full"]),
    st.sampled_from([(101, 1), (66, 5)]),
)
@settings(deadline=None, max_examples=40)
def test_blocks_come_in_any_order(
    blocks: list[int], seed: int, mixed: bool, chunk: float, way: str, kind: tuple[int, int]
) -> None:
    """Draws in any order within blocks, and blocks in any order: the same as all at once."""
    random = np.random.default_rng(seed)
    draws = sum(blocks)
    persons, shares, whole = people(*kind, draws, seed, (1, 1, 2))
    order = random.permutation(draws) if mixed else np.arange(draws)
    pieces = np.split(order, np.cumsum(blocks)[:-1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiers, "WAITING_BYTES", 1.0 if way == "file" else 4e8)
        patch.setattr(tiers, "CHUNK_BYTES", chunk)
        with PopulationKeeper(draws, whole.shape[1:], full=way == "full") as keeper:
            assert (keeper._scratch is not None) == (way == "file")
            for piece in random.permutation(len(pieces)).tolist():
                own = pieces[piece]
                some = None if shares is None else shares[..., own]
                keeper.put(own, five_year_ages(persons[..., own], some), pack_cells(persons[..., own], some))
            kept = keeper.kept()
    drawn = whole.astype(np.float32)
    expected = over_draws(drawn.reshape(draws, -1)).reshape(-1, *whole.shape[1:])
    expected[..., :60, 1:] = 0.0  # nobody can be there, whatever the number of draws
    np.testing.assert_array_equal(kept["statistics"][1], expected)
    np.testing.assert_allclose(kept["statistics"][1][0], drawn.mean(axis=0, dtype=float), rtol=1e-12)
    np.testing.assert_array_equal(kept["summary"][1], five_year_ages(persons, shares))
    assert kept["summary"][1].dtype == np.float32 and kept["statistics"][1].dtype == np.float64
    assert ("population" in kept) == (way == "full")
    if way == "full":
        np.testing.assert_array_equal(kept["population"][1], drawn)
        assert kept["population"][0] == ("draw", *CUBE_DIMS)


def test_draws_that_were_forgotten_are_noticed() -> None:
    with PopulationKeeper(3, SHAPE) as keeper:
        put_ones(keeper, [0, 2])
        with pytest.raises(ValueError, match="2 of 3 draws"):
            keeper.kept()


def test_without_draws_statistics_are_empty() -> None:
    with PopulationKeeper(0, SHAPE, full=True) as keeper:
        kept = keeper.kept()
    assert kept["summary"][1].shape == (0, 2, 1, 2, 21, 1) and kept["population"][1].shape == (0, *SHAPE)
    assert kept["statistics"][1].shape == (6, *SHAPE) and np.isnan(kept["statistics"][1]).all()


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("draws", [1, 40])
@pytest.mark.parametrize("limit", [1.0, 4e8])
def test_no_more_is_held_than_is_said(monkeypatch: pytest.MonkeyPatch, draws: int, full: bool, limit: float) -> None:
    monkeypatch.setattr(tiers, "WAITING_BYTES", limit)
    persons, shares, whole = people(101, 5, draws)
    with PopulationKeeper(draws, whole.shape[1:], full) as keeper:
        keeper.put(np.arange(draws), five_year_ages(persons, shares), pack_cells(persons, shares))
        waiting = 0 if keeper._cells is None else keeper._cells.nbytes
        kept = keeper.kept()
    held = waiting + sum(array.nbytes for _, array in kept.values())
    assert held <= bytes_held(draws, whole.shape[1:], full)
    assert full or limit > 1.0 or waiting == 0
    assert bytes_held(draws, whole.shape[1:], True) >= bytes_held(draws, whole.shape[1:], False)


def put_ones(keeper: PopulationKeeper, numbers: list[int]) -> None:
    persons = np.ones((*SHAPE[:-1], len(numbers)))
    keeper.put(np.array(numbers), five_year_ages(persons, None), pack_cells(persons, None))


def test_the_temporary_file_goes_also_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "WAITING_BYTES", 1.0)
    monkeypatch.setattr(tiers.tempfile, "tempdir", str(tmp_path))
    with pytest.raises(KeyboardInterrupt), PopulationKeeper(3, SHAPE) as keeper:
        put_ones(keeper, [0, 1])
        scratch = keeper._scratch
        raise KeyboardInterrupt
    assert scratch is not None and scratch.file.closed
    assert not list(tmp_path.iterdir())


class FullDisk:
    """A file on a disk that has no room left."""

    def seek(self, place: int) -> None: ...

    def write(self, data: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    close = flush = lambda self: self.write(b"")


@pytest.mark.parametrize("known_before", [True, False])
def test_a_full_disk_is_told_with_what_helps(monkeypatch: pytest.MonkeyPatch, known_before: bool) -> None:
    monkeypatch.setattr(tiers, "WAITING_BYTES", 3.5 * 4 * math.prod(SHAPE))  # three draws, and not four
    if known_before:
        monkeypatch.setattr(tiers.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 100}))
    else:
        monkeypatch.setattr(tiers.tempfile, "TemporaryFile", lambda prefix: FullDisk())
    with pytest.raises(WriteError) as caught, PopulationKeeper(30, SHAPE) as keeper:
        put_ones(keeper, list(range(30)))
    assert caught.value.exit_code == 4
    for lang, words in (("zh", ("TMPDIR", "--draws 3 ")), ("en", ("TMPDIR", "--draws 3 or fewer", "No space left"))):
        assert all(word in caught.value.render(lang) for word in words)
