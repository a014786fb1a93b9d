"""The one decorator of all kernels.

Numba's on-disk cache does not notice an edit in a called file. The cache folder is therefore
named by a hash of all kernel sources and of the versions in play: an edit opens a new folder.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

_HERE = Path(__file__).parent


def _cache_folder() -> Path:
    digest = hashlib.sha256(f"{numba.__version__} {sys.version_info[:2]}".encode())
    for source in sorted(_HERE.glob("*.py")):
        digest.update(source.read_bytes())
    if os.name == "nt":
        root = Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir()))
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = root / "demo_sim" / digest.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="demo_sim-"))
    return folder


if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(_cache_folder())  # type: ignore[attr-defined]


def cache_dir() -> str:
    """Where compiled kernels are kept."""
    return str(numba.config.CACHE_DIR)  # type: ignore[attr-defined]


def compiled_before() -> bool:
    """Whether the largest kernel of these sources lies in the cache; the first run of all compiles them."""
    return any(Path(cache_dir()).rglob("person_year.person_year-*.nbi"))


# nobody calls a kernel by a C pointer: without that way in it compiles faster
_OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": False, "error_model": "numpy", "no_cfunc_wrapper": True}
_PART = _OPTIONS | {"no_cpython_wrapper": True}


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile without the interpreter lock, cached on disk, IEEE arithmetic kept."""
    return numba.njit(cache=True, **_OPTIONS)(function)


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a part of a kernel, which kernels call and nobody else."""
    return numba.njit(**_PART)(function)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a small part of a kernel that is folded into it, so that its loops become vector code."""
    return numba.njit(forceinline=True, **_OPTIONS)(function)
