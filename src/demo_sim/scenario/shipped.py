"""Where the package keeps its data, and how files are named to the user."""

from __future__ import annotations

import os
from functools import cache, lru_cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def catalog_folder() -> Path:
    """Folder of the catalogue that ships with the package."""
    return _PACKAGE / "catalog"


@cache
def shipped_folder() -> Path:
    """Folder of the scenarios that ship: inside the installed package, or beside a checkout's `src`."""
    inside = _PACKAGE / "scenarios"
    return inside if inside.is_dir() else _PACKAGE.parents[1] / "scenarios"


def shown_path(path: Path) -> str:
    """Path as shown in messages, with `/`.

    Files below the working folder are shown relative to it, those that ship with the package
    by their place in it, so that results say the same on every machine.
    """
    return _shown(os.fspath(path), os.getcwd())


@lru_cache(maxsize=4096)
def _shown(path: str, working: str) -> str:
    """Kept, since each scenario names all files of the catalogue."""
    full = Path(os.path.normpath(os.path.join(working, path)))
    if full.is_relative_to(working):
        return full.relative_to(working).as_posix()
    folder, package = shipped_folder(), _PACKAGE
    if full.is_relative_to(folder):
        return full.relative_to(folder.parent).as_posix()
    return full.relative_to(package.parent).as_posix() if full.is_relative_to(package) else full.as_posix()
