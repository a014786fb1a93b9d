"""Candidates that relatives show beside the published or assumed figure, with what the model cannot see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from demo_sim.demand.counting import Evidence
from demo_sim.results.columns import KIN_CHECK_COLUMNS
from demo_sim.scenario import Quantity
from demo_sim.scenario.entries import FactorSpec, Population
from demo_sim.vocab import STATUSES


def kin_check_columns(
    catalog: Mapping[str, Population],
    quantities: Mapping[str, Quantity],
    groups: Sequence[str],
    evidence: Mapping[str, Evidence],
    times: np.ndarray,
    counted: Mapping[str, np.ndarray],
) -> dict[str, list[object]]:
    """Columns of kin_check.csv: a row for each group that has candidates and a dated figure.

    `rate` is the figure over the candidates: below 1 not every candidate is a member. `unseen_share` is the part of
    the figure that relatives do not show, spread over all people of the cells.

    Parameters
    ----------
    catalog, quantities : definitions of the groups and numbers of the scenario
    groups : ids, in order
    evidence : at stated values, without draws
    times : year-ends
    counted : (time,) by group, at stated values
    """
    columns: dict[str, list[object]] = {name: [] for name in KIN_CHECK_COLUMNS}
    for name in groups:
        entry = catalog[name]
        if name not in evidence:
            continue
        for year, figure in evidence[name].known.items():
            place, known = int(year - times[0]), float(figure)
            candidates = float(evidence[name].candidates[place].sum())
            status, source = _origin(entry, year, catalog, quantities)
            cells = (
                name,
                entry.label.zh,
                entry.label.en,
                year,
                entry.base,
                candidates,
                known,
                status,
                known / candidates if candidates > 0.0 else np.nan,
                _unseen(entry, year, place, catalog, evidence) / known,
                float(counted[name][place]),
                source,
            )
            for column, cell in zip(columns.values(), cells, strict=True):
                column.append(cell)
    return columns


def _unseen(
    entry: Population, year: int, place: int, catalog: Mapping[str, Population], evidence: Mapping[str, Evidence]
) -> float:
    """Persons of the figure beyond the candidates; in a sum those of its parts."""
    if entry.sum:
        return sum(w * _unseen(catalog[g], year, place, catalog, evidence) for g, w in entry.sum.items())
    own = evidence[entry.id]
    return max(0.0, float(own.known[year]) - float(own.candidates[place].sum()))


def _origin(
    entry: Population, year: int, catalog: Mapping[str, Population], quantities: Mapping[str, Quantity]
) -> tuple[str, str]:
    """Weakest status of what a figure is made of, and the sources."""
    statuses, sources = [], []
    for factor in _factors(entry, catalog):
        quantity = quantities[factor.of]
        rows = [row for row in quantity.rows if not factor.name or row.name == factor.name]
        dated = [row for row in rows if row.year == year] or rows
        statuses += [row.status for row in dated]
        sources += [source.source for source in quantity.sources]
    return max(statuses, key=STATUSES.index), "; ".join(dict.fromkeys(sources))


def _factors(entry: Population, catalog: Mapping[str, Population]) -> list[FactorSpec]:
    own = [*entry.level, *([entry.match] if entry.match is not None else [])]
    return own or [factor for g in entry.sum for factor in _factors(catalog[g], catalog)]
