"""Where the package keeps its data, and how files are named to the user."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def catalog_folder() -> Path:
    """Folder of the catalogue that ships with the package."""
    return _PACKAGE / "catalog"


def shipped_folder() -> Path:
    """Folder of the scenarios that ship: inside the installed package, or beside a checkout's `src`."""
    inside = _PACKAGE / "scenarios"
    return inside if inside.is_dir() else _PACKAGE.parents[1] / "scenarios"


def shown_path(path: Path) -> str:
    """Path as shown in messages, with `/`.

    Files below the working folder are shown relative to it, those that ship with the package
    by their place in it, so that results say the same on every machine.
    """
    full = Path(os.path.abspath(path))
    for folder in (Path.cwd(), shipped_folder().parent, _PACKAGE.parent):
        if full.is_relative_to(folder) and (folder == Path.cwd() or _ships(full)):
            return full.relative_to(folder).as_posix()
    return full.as_posix()


def _ships(path: Path) -> bool:
    return path.is_relative_to(shipped_folder()) or path.is_relative_to(_PACKAGE)
