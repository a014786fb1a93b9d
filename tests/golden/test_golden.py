"""Did results move? If they were meant to: `python tests/golden/renew.py`, and the reason goes into the changelog."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import CASES, differences, numbers, read, simulate
from printed import PRINTED, TARGETS, VERDICTS, renewed, with_decides, with_targets, with_verdicts


@pytest.mark.parametrize("case", CASES)
def test_results_have_not_moved(case: str) -> None:
    moved = differences(read(case), numbers(simulate(case)))
    assert not moved, "\n".join([f"{len(moved)} numbers moved; the first ten:", *moved[:10]])


def test_a_change_is_noticed() -> None:
    kept = {("births", "0"): "100", ("verdict", ""): "met", ("gone", ""): "1"}
    found = {("births", "0"): "100.0000002", ("verdict", ""): "missed", ("new", ""): "1"}
    assert len(differences(kept, found)) == 4
    assert differences(kept, kept | {("births", "0"): "100.00000005"}) == []


@pytest.mark.parametrize("page", PRINTED, ids=lambda page: page.name)
def test_pages_print_what_the_scenarios_give(page: Path) -> None:
    assert renewed(page) == page.read_text(encoding="utf-8"), "python tests/golden/renew.py writes them anew"


@pytest.mark.parametrize("page", VERDICTS, ids=lambda page: page.name)
def test_pages_say_what_the_verdicts_of_the_five_plans_rest_on(page: Path) -> None:
    assert with_verdicts(page) == page.read_text(encoding="utf-8"), "python tests/golden/renew.py writes them anew"
    assert with_decides(page) == page.read_text(encoding="utf-8"), "python tests/golden/renew.py writes them anew"


@pytest.mark.parametrize("page", TARGETS, ids=lambda page: page.name)
def test_targets_of_the_readme_are_those_of_hunan(page):
    assert with_targets(page) == page.read_text(encoding="utf-8"), "python tests/golden/renew.py writes them anew"
