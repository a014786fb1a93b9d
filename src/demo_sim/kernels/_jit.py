"""The one decorator of all kernels, and where they are kept once they are compiled.

Numba's on-disk cache does not notice an edit in a called file. The cache folder is therefore
named by a hash of all kernel sources and of the versions in play: an edit opens a new folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba

from demo_sim.errors import InputError, Problem

_HERE = Path(__file__).parent


def _refuse_python() -> None:
    """Kernels as plain Python would take days."""
    if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
        zh = "这个环境变量关闭了编译，逐人模拟会慢上千倍；请取消它后再运行"
        en = "this variable turns compiling off, which makes persons a thousand times slower; unset it and run again"
        raise InputError([Problem("NUMBA_DISABLE_JIT", 0, "", zh, en)])


def _cache_roots() -> Iterator[Path]:
    """Folders that may hold compiled kernels, the user's own first, then one of theirs among temporary files."""
    if given := os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME"):
        yield Path(given) / "demo_sim"
    elif os.name != "nt":
        with suppress(RuntimeError, KeyError):  # no home
            yield Path.home() / ".cache" / "demo_sim"
    with suppress(OSError):
        yield _own_temporary()


def _own_temporary() -> Path:
    """A folder among temporary files that nobody else can write to: what lies in a cache is run."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"demo_sim-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if hasattr(os, "getuid") and (found.st_uid != user or found.st_mode & 0o022 or folder.is_symlink()):
        raise PermissionError(folder)
    return folder


def _cache_folder() -> Path | None:
    """The first folder that can be written to, with what another one already has; None where there is none."""
    digest = hashlib.sha256(f"{numba.__version__} {sys.version_info[:2]}".encode())
    for source in sorted(_HERE.glob("*.py")):
        digest.update(source.read_bytes())
    filled: Path | None = None
    for root in _cache_roots():
        folder = root / digest.hexdigest()[:16]
        try:
            new = not folder.exists()
            if new and filled is not None:
                partial = Path(tempfile.mkdtemp(dir=_made(root)))
                shutil.copytree(filled, partial, dirs_exist_ok=True)
                with suppress(OSError):  # another run was quicker
                    os.rename(partial, folder)
                shutil.rmtree(partial, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            with suppress(OSError):
                filled = folder if any(folder.rglob("*.nbi")) else filled
    return None


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class _Tolerant:
    """Numba's cache of one kernel, of which nothing can stop a run: what cannot be read is compiled again, what cannot
    be written is kept in memory."""

    def __init__(self, cache: Any) -> None:
        self._cache = cache

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)

    def load_overload(self, *what: Any) -> Any:
        try:
            return self._cache.load_overload(*what)
        except Exception:  # a file cut short by a kill or a full disk unpickles to any error
            with suppress(Exception):
                self._cache.flush()
            return None

    def save_overload(self, *what: Any) -> None:
        with suppress(Exception):
            self._cache.save_overload(*what)


_refuse_python()
if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(_cache_folder() or "")  # type: ignore[attr-defined]


def cache_dir() -> str:
    """Where compiled kernels are kept; empty where nothing can be written."""
    return str(numba.config.CACHE_DIR)  # type: ignore[attr-defined]


def compiled_before() -> bool:
    """Whether the largest kernel of these sources lies in the cache; the first run of all compiles them."""
    return bool(cache_dir()) and any(Path(cache_dir()).rglob("person_year.person_year-*.nbi"))


# nobody calls a kernel by a C pointer: without that way in it compiles faster
_OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": False, "error_model": "numpy", "no_cfunc_wrapper": True}
_PART = _OPTIONS | {"no_cpython_wrapper": True}


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile without the interpreter lock, cached on disk where there is room, IEEE arithmetic kept."""
    compiled = numba.njit(**_OPTIONS)(function)
    if cache_dir():
        with suppress(RuntimeError, OSError):  # the folder of NUMBA_CACHE_DIR cannot be written to
            compiled.enable_caching()
            compiled._cache = _Tolerant(compiled._cache)
    return compiled


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a part of a kernel, which kernels call and nobody else."""
    return numba.njit(**_PART)(function)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a small part of a kernel that is folded into it, so that its loops become vector code."""
    return numba.njit(forceinline=True, **_OPTIONS)(function)
