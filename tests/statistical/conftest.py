"""The made-up region and the slow twins of the kernels serve the statistical tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "kernels"))
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def region():
    """Two residences, five levels, moves, arrivals, leavers and re-coding; 200,000 persons, ten years."""
    from region import Region

    return Region(years=10)
