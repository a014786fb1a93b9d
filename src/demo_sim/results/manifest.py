"""What a run was made from: hashes of its inputs, versions, and the manifest that lies in its folder."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from demo_sim import __version__

MANIFEST = "manifest.json"
_PACKAGES = ("numpy", "numba", "xarray", "pandas")

# Attributes of a run that decide whether another one has the same inputs.
_INPUTS = ("name", "text", "overrides", "input_files", "seed", "draws", "engine")


def versions() -> dict[str, str]:
    """Versions of Python, the package and the libraries its numbers depend on."""
    found = {"demo_sim": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def file_hashes(files: Iterable[Path], root: Path) -> dict[str, str]:
    """SHA-256 of each file by its path below `root` (by its name where it lies elsewhere)."""
    hashes = {}
    for file in files:
        inside = file.resolve().is_relative_to(root.resolve())
        name = file.resolve().relative_to(root.resolve()).as_posix() if inside else file.name
        hashes[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return dict(sorted(hashes.items()))


def input_digest(attrs: Mapping[str, Any]) -> str:
    """SHA-256 over what went into a run: scenario text, input files, seed, draws and engine."""
    given = {key: str(_decoded(attrs[key])) for key in _INPUTS if key in attrs}
    return hashlib.sha256(json.dumps(given, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def manifest(attrs: Mapping[str, Any], result_digest: str, timings: Mapping[str, float]) -> dict[str, Any]:
    """Content of manifest.json: everything needed to make the run again, and the digest to compare."""
    content = {key: _decoded(value) for key, value in attrs.items() if key != "text"}
    return {
        **content,
        "scenario": str(attrs.get("text", "")),
        "input_files": content.get("input_files", {}),
        "versions": {**versions(), **content.get("versions", {})},
        "timings": {**content.get("timings", {}), **{k: round(v, 3) for k, v in timings.items()}},
        "platform": platform.platform(),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "input_digest": input_digest(attrs),
        "result_digest": result_digest,
    }


def write_manifest(content: Mapping[str, Any], folder: Path) -> Path:
    """Write manifest.json into `folder`."""
    path = folder / MANIFEST
    text = json.dumps(content, ensure_ascii=False, indent=2, default=str)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
    return path


def read_manifest(folder: Path) -> dict[str, Any]:
    """Content of a folder's manifest.json; empty where the folder holds none that can be read."""
    return read_json(folder / MANIFEST)


def read_json(file: Path) -> dict[str, Any]:
    """Mapping of a JSON file; empty where there is none that can be read."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _decoded(value: Any) -> Any:
    """An attribute as it was given: mappings and lists are kept as JSON in the tree."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value.item() if hasattr(value, "item") else value
