"""What a run writes for other tools: the series of all draws, and persons with their links."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner

import demo_sim as ds
from demo_sim.block.persons import follow_persons
from demo_sim.block.snapshots import require_persons, snapshots
from demo_sim.cli import cli
from demo_sim.errors import InputError, TooLargeError
from demo_sim.run import prepare

SMALL = ["period.end=2025", "options.person_draws=4", "scale=20000", "draws=5"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "o"
    ds.run(ds.load("hunan", SMALL), out, threads=1, export=("draws", "persons"))
    return out


@pytest.fixture(scope="module")
def persons(folder: Path) -> xr.Dataset:
    return xr.load_dataset(folder / "persons.nc", engine="h5netcdf")


def test_the_table_of_draws_is_the_run(folder: Path) -> None:
    run, table = ds.open_results(folder), pd.read_csv(folder / "draws.csv")
    assert table.groupby("draw")["year"].agg(list).to_dict() == {d: [*range(2020, 2026)] for d in range(-1, 5)}
    own = table.set_index(["draw", "year"])
    people, groups = run.summary, run.groups.sum("residence")
    for draw, year in ((0, 2020), (4, 2022)):
        row, here = own.loc[draw, year], people.sel(draw=draw, time=year)
        assert row["population.all"] == pytest.approx(float(here.sum()), rel=1e-6)
        older = float(here.isel(age_group=slice(12, None)).sum())
        assert row["population.60_up"] == pytest.approx(older, rel=1e-6)
        wanted = float(groups.sel(draw=draw, time=year, group="orphans"))
        assert row["groups.orphans"] == pytest.approx(wanted, rel=1e-6)
    assert own.loc[(-1, 2020), "stocks.institution_beds"] == 240_000  # as typed
    assert np.isnan(own.loc[(0, 2020), "flows.births"]) and own.loc[(0, 2021), "flows.births"] > 1e5
    parts = own[["population.0_14", "population.15_59", "population.60_up"]].sum(axis=1)
    np.testing.assert_allclose(parts, own["population.all"], rtol=1e-6)


def test_every_column_is_explained(folder: Path) -> None:
    table, words = pd.read_csv(folder / "draws.csv", nrows=2), pd.read_csv(folder / "draws_columns.csv")
    assert ["draw", "year", *words["column"]] == table.columns.tolist() and words["column"].is_unique
    assert words[["label_zh", "label_en", "unit"]].notna().all(axis=None)
    said = words.set_index("column")
    assert said.loc["population.60_up", "label_zh"] == "60岁及以上常住人口"
    assert said.loc["groups.households", "unit"] == "households"
    assert any(name.startswith("indicator.") for name in said.index)


def test_persons_add_up_to_the_population(folder: Path, persons: xr.Dataset) -> None:
    run, scale = ds.open_results(folder), persons.attrs["persons_per_agent"]
    cells = run.central.population.sum("function")
    for time in persons["time"].values.tolist():
        here = persons.sel(time=time)
        inside = np.isin(here["residence"], (0, 1))
        for place, residence in enumerate(("urban", "rural")):
            own = inside & (here["residence"] == place)
            for sex in (0, 1):
                found = int((own & (persons["sex"] == sex)).sum()) * scale
                wanted = float(cells.sel(time=time, residence=residence).isel(sex=sex).sum())
                assert found == pytest.approx(wanted, rel=0.05)


def test_links_hold(persons: xr.Dataset) -> None:
    born, sex, size = persons["birth_year"].values, persons["sex"].values, persons.sizes["person"]
    for name, wanted, youngest in (("mother", 1, 15), ("father", 0, 15)):
        links = persons[name].values
        child = np.flatnonzero(links >= 0)
        assert child.size > 0.4 * size and links.max() < size and links.min() >= -2
        assert (sex[links[child]] == wanted).all()
        assert (born[child] - born[links[child]] >= youngest).all()
    for time in persons["time"].values.tolist():
        here = persons.sel(time=time)
        partner = here["partner"].values
        own = np.flatnonzero(partner >= 0)
        assert own.size > 0.3 * size
        assert (partner[partner[own]] == own).all() and (sex[partner[own]] != sex[own]).all()
        assert (here["union"].values[own] == 1).all()
        nobody = here["residence"].values < 0
        for name in ("function", "union", "partner", "setting", "children_born"):
            assert (here[name].values[nobody] == -1).all()
        assert (born[~nobody] <= time).all()
    later = persons["residence"].values
    dead = (later[0] >= 0) & (later[1] < 0)
    assert dead.any() and (later[2][dead] < 0).all()  # nobody comes back


def test_every_variable_says_what_it_is(persons: xr.Dataset) -> None:
    for name, array in persons.data_vars.items():
        assert array.attrs["long_name"], name
        if "flag_values" in array.attrs:
            codes = np.unique(array.values)
            assert set(codes) <= {-1, *np.atleast_1d(array.attrs["flag_values"]).tolist()}
            assert len(array.attrs["flag_meanings"].split()) == np.size(array.attrs["flag_values"])


def test_the_replicate_is_that_of_the_run(persons: xr.Dataset) -> None:
    """Threads do not matter, nor what else is followed; care settings are those that the run counts."""
    inputs, size = prepare(ds.load("hunan", [*SMALL, "options.person_draws=2"]), "people", 2)
    xr.testing.assert_equal(snapshots(inputs, size), persons)
    care = follow_persons(inputs, np.array([-1]), size).care
    assert care is not None
    for place in (0, 1):  # community, institution
        found = (persons["setting"] == 1 + place).sum("person") * persons.attrs["persons_per_agent"]
        np.testing.assert_allclose(found, care.settings[:, place, :, 0].sum(axis=1))


def test_what_cannot_be_exported_is_said_before_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none of draws, persons"):
        ds.run("hunan", export=("people",))
    prepared = prepare(ds.load("hunan", SMALL), "people", 1)
    monkeypatch.setattr("demo_sim.block.snapshots.memory", lambda: 1e5)
    with pytest.raises(TooLargeError, match=r"--scale [0-9]+ fits"):
        require_persons(*prepared)

    def told(*words: Any) -> tuple[int, str]:
        done = CliRunner().invoke(cli, ["run", "hunan", "--lang", "en", "--out", str(tmp_path / "o"), *words])
        return done.exit_code, " ".join(done.output.split())

    code, said = told("--engine", "cohort", "--draws", "2", "--export", "persons")
    assert code == 2 and "use --engine people" in said
    code, said = told("--shard", "1/2", "--export", "draws")
    assert code == 2 and "a part exports nothing (merge does)" in said
    assert not (tmp_path / "o").exists()


def test_a_merged_run_exports_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo_sim.plot.aside.Drawing.finish", lambda drawing: {})
    how = [
        "--engine",
        "cohort",
        "--threads",
        "1",
        *(x for o in [*SMALL, "period.end=2022", "plan=[]"] for x in ("--set", o)),
    ]
    for i in (1, 2):
        done = CliRunner().invoke(cli, ["run", "hunan", *how, "--shard", f"{i}/2", "--out", str(tmp_path / str(i))])
        assert done.exit_code == 0, done.output
    parts = [str(tmp_path / "1"), str(tmp_path / "2")]
    done = CliRunner().invoke(cli, ["merge", *parts, "--out", str(tmp_path / "m"), "--export", "draws"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "m" / "draws.csv").is_file()
    assert json.loads((tmp_path / "m" / "manifest.json").read_text(encoding="utf-8"))["draws"] == 5
