"""The pages of the manual, and the package that writes those of the reference."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))


@pytest.fixture(scope="session")
def reference() -> dict[str, str]:
    """Text of the pages that the build writes, by name."""
    from builder.write import all_pages

    return all_pages(ROOT)


@pytest.fixture(scope="session")
def written() -> dict[str, str]:
    """Text of the pages that are kept, by their path from `docs`."""
    built = ("_build", "reference")
    files = (file for file in DOCS.rglob("*.md") if file.relative_to(DOCS).parts[0] not in built)
    return {file.relative_to(DOCS).as_posix(): file.read_text(encoding="utf-8") for file in files}
