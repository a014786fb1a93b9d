"""The year: one list of events, which pages and accounts follow."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from demo_sim.engine.accounts import check_identity, flow_lines
from demo_sim.engine.calendar import ACCOUNT_LINES, EVERYONE, NEWBORN, OLDER, YEAR, Timing, YearFlows, YearTables
from demo_sim.engine.cohort import step
from demo_sim.errors import IdentityError
from demo_sim.inputs.grid import Grid

ROOT = Path(__file__).resolve().parents[2]
WHOM = ((EVERYONE, "everyone"), (OLDER, "older"), (NEWBORN, "newborn"))


def test_the_page_lists_the_events_of_the_calendar() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z ]+) \| (first|second) \| (\w+) \| ([a-z, ]*)\|$", page, re.MULTILINE)
    wanted = [
        (e.name, ("first", "second")[e.half], dict((str(a), n) for a, n in WHOM)[str(e.ages)], ", ".join(e.lines))
        for e in YEAR
    ]
    assert [(*row[:3], row[3].strip()) for row in rows] == wanted


def test_at_the_end_women_deliver_before_people_migrate() -> None:
    even, end = ([e.name for e in Timing.of(name).year] for name in ("even", "end"))
    assert sorted(even) == sorted(end)
    assert even[4:6] == ["migrate", "deliver"] and end[4:6] == ["deliver", "migrate"]


def made_up(external: float) -> tuple[np.ndarray, YearTables, YearFlows]:
    """Three places of twenty ages, hundred persons in each cell, and a year of theirs."""
    shape = (3, 2, 20, 1)
    start = np.full(shape, 100.0)
    tables = YearTables(
        np.full(shape, 0.1), np.full((3, 20, 1), 0.05), np.full((3, 1), 0.5), np.full(shape, external),
        np.full((6, *shape[1:]), 0.1), np.full((6, 1), 0.01),
    )  # fmt: skip
    flows = YearFlows.empty(shape)
    step(start, tables, Timing.of("even"), flows)
    return start, tables, flows


def test_the_lines_of_the_table_of_flows_add_up_to_the_change() -> None:
    start, tables, flows = made_up(-4.0)
    lines = flow_lines(tables, flows)
    assert tuple(lines) == ACCOUNT_LINES
    change = lines["births"] - lines["deaths"] + lines["in"] - lines["out"]
    np.testing.assert_allclose(change.sum(axis=0), (flows.end - start).sum(axis=(0, 2)), rtol=1e-12)
    # 100 - 2 of an age move away, a tenth and a hundredth each year to each of two others
    assert lines["moved"][0, 0, 0] / lines["reclassified"][0, 0, 0] == pytest.approx(10.0)


@pytest.mark.parametrize("name", ["end", "cut"])
def test_a_wrong_cell_is_found_where_an_outflow_is_cut(name: str) -> None:
    start, tables, flows = made_up(-300.0)
    grid = Grid(("a", "b", "c"), 20, 2021, 2021)
    assert flows.cut.any()
    check_identity(start, tables, Timing.of("even"), flows, grid, 2021)
    cell = np.argwhere(flows.end > 1.0)
    place = tuple(cell[0]) if cell.size else (1, 0, 5, 0)
    getattr(flows, name)[place] += 0.01
    with pytest.raises(IdentityError):
        check_identity(start, tables, Timing.of("even"), flows, grid, 2021)
