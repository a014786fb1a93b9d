"""The tiers of results: the same tables from the full cube and from its statistics, and nothing large held."""

from __future__ import annotations

import errno
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
from demo_sim.results.quantiles import STATISTICS, summarise
from demo_sim.results.tiers import CUBE_DIMS, PopulationKeeper, keeps_full, most_draws_in_full

MINIMAL = Path(__file__).resolve().parents[1] / "data" / "minimal" / "scenario.yaml"
SHAPE = (2, 1, 2, 101, 1)


@pytest.fixture(scope="module")
def low_limits() -> Iterator[pytest.MonkeyPatch]:
    """Limits so low that no full cube is kept and its statistics take many chunks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiers, "FULL_CUBE_BYTES", 1.0)
        patch.setattr(tiers, "CHUNK_BYTES", 1e6)
        yield patch


@pytest.fixture(scope="module")
def full() -> Results:
    """Two batches of draws, the full cube kept."""
    return simulate_hunan()


@pytest.fixture(scope="module")
def chunked(full: Results, low_limits: pytest.MonkeyPatch) -> Results:
    """The same run beyond the limit."""
    return simulate_hunan()


def simulate_hunan() -> Results:
    return ds.simulate(ds.load("hunan").replace({"draws": 70, "period.end": 2025}), engine="cohort")


def test_the_limit() -> None:
    assert most_draws_in_full(62620) == 1996  # 31 year-ends, two residences, two sexes, 101 ages, five levels
    assert keeps_full(1996, 62620) and not keeps_full(1997, 62620)
    assert not keeps_full(125, 1_000_000) and keeps_full(124, 1_000_000)  # 1 GB itself is beyond


def test_each_tier_keeps_what_it_says(full: Results, chunked: Results) -> None:
    assert set(full.tree["population"].data_vars) == {"population", "summary"}
    assert set(chunked.tree["population"].data_vars) == {"statistics", "summary"}
    assert full.summary.dims == ("draw", "time", "residence", "sex", "age_group", "function")
    assert full.summary["age_group"].values.tolist()[::20] == ["0-4", "100+"]
    assert "age_group" not in full.array("flows/births_by_age").coords
    assert full.summary.equals(chunked.summary) and full.summary.dtype == np.float64
    assert chunked.array("population/statistics").dims == ("statistic", *CUBE_DIMS)
    assert chunked.array("population/statistics")["statistic"].values.tolist() == list(STATISTICS)
    assert full.draws == chunked.draws == 70
    for name in ("summary", "statistics"):
        assert chunked.array(f"population/{name}").attrs["units"] == "persons"


@pytest.mark.parametrize("single_ages", [True, False])
def test_both_tiers_give_the_same_tables(full: Results, chunked: Results, single_ages: bool) -> None:
    expected, found = tables(full, single_ages=single_ages), tables(chunked, single_ages=single_ages)
    assert list(found) == list(expected)
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(found[name], frame, rtol=1e-12, atol=1e-9)


def test_both_tiers_give_the_same_charts(full: Results, chunked: Results) -> None:
    # The band of single ages needs single ages of every draw: the one thing that a chart shows of them alone.
    band = ["q10", "q90"]
    assert pyramid_numbers(full)[band].notna().any().all() and pyramid_numbers(chunked)[band].isna().all().all()
    pairs = [(pyramid_numbers(run).drop(columns=band), function_levels_numbers(run),
              fan_numbers(run, "population.total")) for run in (chunked, full)]  # fmt: skip
    for found, expected in zip(*pairs, strict=True):
        pd.testing.assert_frame_equal(found, expected, rtol=1e-12)
    assert set(plot.figures(chunked, "zh")) == set(plot.figures(full, "zh"))


def test_the_full_population_that_is_not_kept_is_answered_with_what_is(chunked: Results) -> None:
    with pytest.raises(AttributeError, match=r"70 draws.*population/summary.*population/statistics") as caught:
        chunked.population  # noqa: B018 - the access is what is tested
    assert "0 draws or fewer" in str(caught.value)
    assert "draws; inputs, population" in repr(chunked)


def test_a_run_beyond_the_limit_opens_as_the_same_run(tmp_path: Path, chunked: Results) -> None:
    folder = save(chunked, tmp_path / "run")
    again = open_results(folder)
    assert again == chunked and digest(again) == digest(chunked) and again.draws == 70
    whole = pd.read_csv(folder / "population.csv", encoding="utf-8-sig").groupby("year")["value"].sum()
    everyone = chunked.summary.sum(["residence", "sex", "age_group", "function"]).mean("draw")
    np.testing.assert_allclose(whole, everyone, rtol=1e-12)


@pytest.mark.parametrize("engine", ["cohort", "people"])
def test_many_draws_hold_no_more_than_the_summary_of_each(low_limits: pytest.MonkeyPatch, engine: str) -> None:
    scenario = ds.load(MINIMAL)
    few, many = (ds.simulate(scenario.replace({"draws": draws, "scale": 1000}), engine=engine) for draws in (100, 300))
    for run in (few, many):
        cells = int(np.prod(run.array("population/statistics").shape[1:]))
        by_draw = [a for node in run.tree.children.values() for a in node.data_vars.values() if "draw" in a.dims]
        assert by_draw and max(array.size / run.draws for array in by_draw) < cells / 4
    assert few.array("population/statistics").nbytes == many.array("population/statistics").nbytes
    assert (few.draws, many.draws) == (100, 300)
    np.testing.assert_array_equal(few.summary.values, many.summary.values[:100])  # draws do not know of the tier
    frame = tables(many)["population"]
    assert frame[["q025", "q10", "q50", "q90", "q975", "mc_se"]].notna().all(axis=None)
    assert (frame["q025"] <= frame["q975"]).all()


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 2**32 - 1), st.sampled_from([1.0, 2e3, 1e6]))
@settings(deadline=None, max_examples=30)
def test_statistics_do_not_depend_on_batches_and_chunks(batches: list[int], seed: int, chunk: float) -> None:
    values = np.random.default_rng(seed).random((sum(batches), *SHAPE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiers, "FULL_CUBE_BYTES", 1.0)
        patch.setattr(tiers, "CHUNK_BYTES", chunk)
        with PopulationKeeper(len(values)) as keeper:
            for cube in np.split(values, np.cumsum(batches)[:-1]):
                keeper.add(cube)
            kept = keeper.kept()
            assert keeper.full is None
    expected = summarise(values.reshape(len(values), -1)).reshape(-1, *SHAPE)
    np.testing.assert_allclose(kept["statistics"][1], expected, rtol=1e-13)
    np.testing.assert_allclose(kept["summary"][1].sum(axis=4), values.sum(axis=4), rtol=1e-12)


def test_draws_that_were_forgotten_are_noticed() -> None:
    with PopulationKeeper(3) as keeper:
        keeper.add(np.ones((2, *SHAPE)))
        with pytest.raises(ValueError, match="2 of 3 draws"):
            keeper.kept()


def test_the_temporary_file_goes_also_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "FULL_CUBE_BYTES", 1.0)
    monkeypatch.setattr(tiers.tempfile, "tempdir", str(tmp_path))
    with pytest.raises(KeyboardInterrupt), PopulationKeeper(3) as keeper:
        keeper.add(np.ones((2, *SHAPE)))
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
    monkeypatch.setattr(tiers, "FULL_CUBE_BYTES", 1e4)
    if known_before:
        monkeypatch.setattr(tiers.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 100}))
    else:
        monkeypatch.setattr(tiers.tempfile, "TemporaryFile", lambda prefix: FullDisk())
    with pytest.raises(WriteError) as caught, PopulationKeeper(30) as keeper:
        keeper.add(np.ones((30, *SHAPE)))
    assert caught.value.exit_code == 4
    for lang, words in (("zh", ("TMPDIR", "--draws 3 ")), ("en", ("TMPDIR", "--draws 3 or fewer", "No space left"))):
        assert all(word in caught.value.render(lang) for word in words)
