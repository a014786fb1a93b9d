"""The cache of compiled kernels never stops a run: whatever the home, the permissions, or what lies in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = (
    "import numpy as np; from demo_sim.kernels import _jit; from demo_sim.kernels.philox import philox_words\n"
    "print(_jit.cache_dir()); print(philox_words(np.ones((2, 4), np.uint64), np.ones((2, 2), np.uint64)).sum())"
)


def run(**changed: str | None) -> tuple[str, str]:
    """Folder of the cache and what a kernel gives, in a process with these variables set or unset."""
    env = {key: value for key, value in os.environ.items() if key not in changed and key != "NUMBA_CACHE_DIR"}
    env |= {key: value for key, value in changed.items() if value is not None}
    done = subprocess.run([sys.executable, "-c", CODE], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    folder, words = done.stdout.splitlines()
    return folder, words


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A cache with the kernel in it, and what the kernel gives."""
    root = tmp_path_factory.mktemp("cache")
    folder, words = run(XDG_CACHE_HOME=str(root))
    assert Path(folder).parent == root / "demo_sim" and list(Path(folder).rglob("*.nbi"))
    return Path(folder), words


owned = pytest.mark.skipif(os.name == "nt", reason="temporary files of Windows are each user's own")


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("kept", [0, 20, -3])
def test_a_file_cut_short_is_compiled_again(filled: tuple[Path, str], ending: str, kept: int) -> None:
    folder, words = filled
    for file in folder.rglob(f"*.{ending}"):
        file.write_bytes(file.read_bytes()[:kept])
    root = str(folder.parent.parent)
    assert run(XDG_CACHE_HOME=root) == (str(folder), words)
    assert run(XDG_CACHE_HOME=root) == (str(folder), words)  # and the new one is right


@owned
def test_a_file_in_its_way_leads_to_a_folder_of_the_user(filled: tuple[Path, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "tmp").mkdir()
    folder, words = run(XDG_CACHE_HOME=str(tmp_path / "file"), TMPDIR=str(tmp_path / "tmp"))
    assert words == filled[1] and Path(folder).parent == tmp_path / "tmp" / f"demo_sim-{os.getuid()}"
    again, _ = run(XDG_CACHE_HOME=str(tmp_path / "file"), TMPDIR=str(tmp_path / "tmp"))
    assert again == folder  # one folder a user, not one a run


@owned
def test_a_folder_that_others_may_write_to_is_not_trusted(filled: tuple[Path, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    open_to_all = tmp_path / f"demo_sim-{os.getuid()}"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    folder, words = run(XDG_CACHE_HOME=str(tmp_path / "file"), TMPDIR=str(tmp_path))
    assert (folder, words) == ("", filled[1])  # kept in memory


def test_numba_turned_off_is_refused_in_words() -> None:
    env = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-c", "from demo_sim.cli import main; main()", "run", "hunan", "--lang", "en"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "NUMBA_DISABLE_JIT" in done.stderr and "unset it" in done.stderr
    assert "Traceback" not in done.stderr
