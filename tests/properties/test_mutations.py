"""Some hundred spoilt scenarios: refused in words, or read to the end; a part of them is run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from mutations import Bases

EACH = 60


@pytest.mark.parametrize("part", range(6))
def test_what_validate_passes_can_be_used(part: int, tmp_path: Path) -> None:
    bases = Bases(tmp_path)
    numbers = range(part * 100_000, part * 100_000 + EACH)
    became = Counter(bases.try_one(number, run=number % 3 == 0) for number in numbers)
    assert became["refused"] > EACH / 3 and became["passed"] + became["ran"] > 0
