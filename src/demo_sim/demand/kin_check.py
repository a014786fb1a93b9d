"""Candidates that relatives show beside the published or assumed figure, with what the model cannot see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from demo_sim.demand.counting import Counter
from demo_sim.demand.quantities import Quantities
from demo_sim.inputs.base import model_grid
from demo_sim.inputs.draws import Draws
from demo_sim.results.tree import KIN_CHECK_COLUMNS
from demo_sim.scenario import Scenario
from demo_sim.scenario.entries import FactorSpec, Population

_STRENGTH = ("published", "plan", "derived", "borrowed", "assumed")


@dataclass(frozen=True)
class MeanEvidence:
    """Mean over draws of what relatives show of a group.

    Attributes
    ----------
    candidates : (time, residence)
    known : persons that the figure says there are, by year-end
    """

    candidates: np.ndarray
    known: Mapping[int, float]

    @classmethod
    def join(cls, parts: Sequence[tuple[int, MeanEvidence]]) -> MeanEvidence:
        """Mean of batches with so many draws each."""
        draws = sum(n for n, _ in parts)
        return cls(
            np.asarray(sum(n * part.candidates for n, part in parts) / draws),
            {y: sum(n * part.known[y] for n, part in parts) / draws for y in parts[0][1].known},
        )


def mean_evidence(counter: Counter) -> dict[str, MeanEvidence]:
    """Evidence of the groups of a batch, mean over its draws."""
    return {
        name: MeanEvidence(e.candidates.mean(axis=-1), {y: float(v.mean()) for y, v in e.known.items()})
        for name, e in counter.evidence.items()
    }


def kin_check_columns(
    scenario: Scenario,
    groups: Sequence[str],
    times: np.ndarray,
    evidence: Mapping[str, MeanEvidence],
    series: Mapping[str, np.ndarray],
    draws: int,
) -> dict[str, list[object]]:
    """Columns of kin_check.csv: a row for each group that has candidates and a dated figure.

    `rate` is the figure over the candidates: below 1 not every candidate is a member. `unseen_share` is the part of
    the figure that relatives do not show, spread over all people of the cells.

    Parameters
    ----------
    groups : ids, in order
    series : counts (time, draw) by `groups.<id>`, the first `draws` of them random
    """
    columns: dict[str, list[object]] = {name: [] for name in KIN_CHECK_COLUMNS}
    stated = _Stated(scenario)
    for name in groups:
        entry = scenario.catalog.populations[name]
        if name not in evidence:
            continue
        for year, mean in evidence[name].known.items():
            place = int(year - times[0])
            candidates = float(evidence[name].candidates[place].sum())
            total = stated.total(entry, year)
            known = mean if total is None else total
            status, source = stated.origin(entry, year)
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
                _unseen(entry, year, place, stated, evidence) / known,
                float(series[f"groups.{name}"][place, :draws].mean()),
                source,
            )
            for column, cell in zip(columns.values(), cells, strict=True):
                column.append(cell)
    return columns


def _unseen(entry: Population, year: int, place: int, stated: _Stated, evidence: Mapping[str, MeanEvidence]) -> float:
    """Persons of the figure beyond the candidates; in a sum those of its parts."""
    if entry.sum:
        return sum(w * _unseen(stated.catalog[g], year, place, stated, evidence) for g, w in entry.sum.items())
    total = stated.total(entry, year)
    known = evidence[entry.id].known[year] if total is None else total
    return max(0.0, known - float(evidence[entry.id].candidates[place].sum()))


class _Stated:
    """Figures as the scenario states them, without draws."""

    def __init__(self, scenario: Scenario) -> None:
        self.catalog = scenario.catalog.populations
        self.quantities = scenario.quantities
        draws = Draws(scenario.quantities, 1, scenario.settings.seed, drivers=False)
        self.central = Quantities(draws, model_grid(scenario))
        self.first = int(self.central.grid.times[0])

    def total(self, entry: Population, year: int) -> float | None:
        """Total that a group is scaled to; None where it is scaled to a share of an age."""
        if entry.level:
            parts = [self.central.path(factor)[year - self.first, 0] for factor in entry.level]
            # Back from the log or logit on which figures are drawn: without the digits that rounding left.
            return float(f"{reduce(np.multiply, parts):.12g}")
        parts = [self.total(self.catalog[g], year) for g in entry.sum]
        if not parts or any(part is None for part in parts):
            return None
        return float(sum(w * p for w, p in zip(entry.sum.values(), parts, strict=True) if p is not None))

    def origin(self, entry: Population, year: int) -> tuple[str, str]:
        """Weakest status of what the figure is made of, and the sources."""
        factors = self._factors(entry)
        statuses, sources = [], []
        for factor in factors:
            quantity = self.quantities[factor.of]
            rows = [row for row in quantity.rows if not factor.name or row.name == factor.name]
            dated = [row for row in rows if row.year == year] or rows
            statuses += [row.status for row in dated]
            sources += [source.source for source in quantity.sources]
        return max(statuses, key=_STRENGTH.index), "; ".join(dict.fromkeys(sources))

    def _factors(self, entry: Population) -> list[FactorSpec]:
        own = [*entry.level, *([entry.match] if entry.match is not None else [])]
        return own or [factor for g in entry.sum for factor in self._factors(self.catalog[g])]
