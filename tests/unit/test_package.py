"""What the package says of itself."""

from __future__ import annotations

import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import demo_sim

ROOT = Path(__file__).resolve().parents[2]


def test_the_version_stands_in_one_place() -> None:
    """The package metadata takes it from the module; the citation repeats it and must agree."""
    assert version("demo_sim") == demo_sim.__version__
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert cited is not None and cited[1] == demo_sim.__version__


def test_types_are_told_to_those_who_use_it() -> None:
    assert files("demo_sim").joinpath("py.typed").is_file()
