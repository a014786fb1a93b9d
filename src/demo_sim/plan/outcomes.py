"""Published figures beside the projection, each year marked tied, fitted or tested."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from demo_sim.inputs.draws import Draws
from demo_sim.inputs.grid import Grid
from demo_sim.scenario import Scenario

# a published series compares with the run's series of this name
SERIES = {
    "population": "population.total", "births": "flows.births", "deaths": "flows.deaths",
    "urban_residents": "groups.urban_residents",
}  # fmt: skip


def outcome_columns(
    scenario: Scenario, draws: Draws, grid: Grid, series: Mapping[str, np.ndarray]
) -> dict[str, list[object]]:
    """Columns of outcomes.csv: series, year, published, projected mean, difference, mark.

    A year after `known_until` is always `tested`: the run could not know it.
    """
    columns: dict[str, list[object]] = {
        name: [] for name in ("series", "year", "published", "projected", "difference", "relative_difference", "mark")
    }
    known_until = scenario.settings.known_until
    for name, outcome in scenario.settings.outcomes.items():
        values = series.get(SERIES.get(name, f"groups.{name}"))
        published = outcome.observed
        if values is None or published is None:
            continue
        for row in published.rows:
            if row.year is None or not grid.times[0] < row.year <= grid.times[-1]:
                continue
            projected = float(values[row.year - int(grid.times[0]), : draws.n].mean())
            known = known_until is None or row.year <= known_until
            cells = (
                name,
                row.year,
                row.value,
                projected,
                projected - row.value,
                projected / row.value - 1.0,
                outcome.mark if known else "tested",
            )
            for column, cell in zip(columns.values(), cells, strict=True):
                column.append(cell)
    return columns
