"""Files that a user names: what is no regular file, too large, damaged or of another program is refused in words."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner, Result
from results_samples import sample

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.errors import InputError
from demo_sim.files import hindrance
from demo_sim.results import store
from demo_sim.results.store import open_results

pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in folders")


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [*map(str, arguments), "--lang", "en"])


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A named pipe: opened to be read it waits for ever."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ds.results.save(sample(25), tmp_path_factory.mktemp("saved") / "run") / "run.nc"


@pipes
def test_a_pipe_is_never_opened(pipe: Path, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("name: s\nextends: hunan\npopulation: {table: pipe}\n", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "folder" / "run.nc")
    for arguments in (
        ("validate", tmp_path / "s.yaml"),
        ("report", pipe),
        ("report", tmp_path / "folder"),
        ("compare", pipe, tmp_path / "folder"),
    ):
        done = call(*arguments)
        assert done.exit_code == 2 and "no regular file" in done.output, arguments
    assert "s.yaml:3" in call("validate", tmp_path / "s.yaml").output


@pipes
def test_a_template_is_checked_before_it_is_opened(pipe: Path, saved: Path, tmp_path: Path) -> None:
    done = call("report", saved, "--template", pipe, "--out", tmp_path / "out")
    assert done.exit_code == 2 and "no regular file" in done.output and not (tmp_path / "out").exists()


def test_size_and_names(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(3 << 20)
    assert hindrance(large, 3 << 20) is None
    assert hindrance(large, 1 << 20) == ("文件过大：3 MB，最多 1 MB", "too large: 3 MB, 1 MB at most")
    assert hindrance(tmp_path / "none", 1) is None
    assert "no file name" in str(hindrance(Path("a\0b"), 1))
    for verb in ("run", "validate", "explain", "new"):
        more = ["fertility.tfr"] if verb == "explain" else []
        done = call(verb, "n" * 300, *more)
        assert done.exit_code == 2 and "1 problem" in done.output, verb


def test_a_file_that_claims_more_than_the_memory_is_not_read(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "memory", lambda: 1e4)
    monkeypatch.setattr(xr.DataTree, "load", lambda tree: pytest.fail("read"))
    with pytest.raises(InputError, match=r"its arrays take .* GB, this machine has"):
        open_results(saved)


def test_a_file_of_another_program(tmp_path: Path) -> None:
    xr.Dataset({"t": ("x", np.arange(3.0))}).to_netcdf(tmp_path / "theirs.nc", engine="h5netcdf")
    with pytest.raises(InputError, match="not a saved run"):
        open_results(tmp_path / "theirs.nc")


@pytest.mark.parametrize(
    ("group", "change"),
    [
        ("/flows", lambda node: node.isel(flow=0)),
        ("/flows", lambda node: node.assign_coords(flow=["?", *node["flow"].values[1:]])),
        ("/population", lambda node: node.drop_vars(["summary", "population"], errors="ignore")),
        ("/population", lambda node: node.assign_coords(sex=["male", "male"])),
        ("/", lambda node: node.assign_attrs(versions="{no json")),
    ],
)
def test_what_a_run_must_have(saved: Path, tmp_path: Path, group: str, change: object) -> None:
    nodes = {node.path: node.to_dataset(inherit=False) for node in open_results(saved).tree.subtree}
    nodes[group] = change(nodes[group])  # type: ignore[operator]
    xr.DataTree.from_dict(nodes).to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    with pytest.raises(InputError, match="not a saved run"):
        open_results(tmp_path / "x.nc")


def test_any_damage_is_refused_or_harmless(saved: Path, tmp_path: Path) -> None:
    good, random = saved.read_bytes(), np.random.default_rng(7)
    refused = 0
    for turn in range(60):
        bad = bytearray(good if turn % 4 else good[: random.integers(len(good))])
        for place in random.integers(len(bad), size=4):
            bad[place] ^= 1 << random.integers(8)
        (tmp_path / "x.nc").write_bytes(bad)
        try:
            open_results(tmp_path / "x.nc")
        except InputError as error:
            refused += 1
            assert error.render("zh") and "x.nc" in error.render("en")
    assert refused >= 15
