"""Persons of a scenario as a run follows them, with every year-end and every event kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from unittest.mock import patch

import numpy as np

import demo_sim as ds
from demo_sim.block import persons as module
from demo_sim.block.persons import PersonsOfBlock, follow_persons
from demo_sim.engine.ensemble import Ensemble
from demo_sim.engine.events import YearEvents
from demo_sim.engine.size import Size
from demo_sim.inputs.build import build_inputs
from demo_sim.space.places import gained

FLOWS = ("births", "deaths", "in", "out", "rural_to_urban", "reclassified")


@dataclass
class Lived:
    """What the persons of some draws did.

    Attributes
    ----------
    stocks : int64 (time, residence, sex, age, level, draw), agents at every year-end
    events : of every year
    columns : code, children born and mother of every row at the end
    persons : what the run keeps of them
    """

    stocks: np.ndarray
    events: list[YearEvents]
    columns: list[np.ndarray]
    persons: PersonsOfBlock

    @property
    def flows(self) -> dict[str, np.ndarray]:
        """Events by name; int64 (year, residence, sex, draw). A move is counted where people leave, net of returns."""
        years = [flows_of(events, self.stocks.shape[1]) for events in self.events]
        return {name: np.stack([year[name] for year in years]) for name in FLOWS}

    def digest(self) -> str:
        """One hash over all counts and rows."""
        total = sha256()
        events = [values for year in self.events for values in (year.counts, year.arrivals)]
        for values in (self.stocks, *events, *self.columns):
            total.update(np.ascontiguousarray(values).tobytes())
        return total.hexdigest()


def flows_of(events: YearEvents, residences: int) -> dict[str, np.ndarray]:
    """Events of a year by name; int64 (residence, sex, draw)."""
    newborn, places = events.newborn, events.at.places
    moved = np.moveaxis(events.moved.sum(axis=(1, 5)) + events.newborn_moved, 2, 0)  # route, draw, kind, sex
    gone = np.moveaxis(-gained(moved, places), 2, 0)  # kind, place, draw, sex
    went, recoded = gone.swapaxes(1, 2)
    found = {
        "births": newborn[..., 0],
        "deaths": events.died.sum(axis=(2, 4)) + newborn[..., 1],
        "in": events.entered.sum(axis=(1, 4)),
        "out": events.left.sum(axis=(1, 4)) + newborn[..., -1],
        "rural_to_urban": went,
        "reclassified": recoded,
    }
    return {name: np.moveaxis(values, 0, -1)[:residences] for name, values in found.items()}


@dataclass
class _Recorder:
    """Makes an ensemble that keeps what happens to it."""

    ensemble: Ensemble | None = None
    stocks: list[np.ndarray] = field(default_factory=list)
    events: list[YearEvents] = field(default_factory=list)

    def __call__(self, *arguments: Any) -> Ensemble:
        self.ensemble = ensemble = Ensemble(*arguments)
        self.stocks.append(ensemble.counts())
        plain = ensemble.advance

        def advance(*year: Any) -> YearEvents:
            events = plain(*year)
            self.stocks.append(ensemble.counts())
            self.events.append(events)
            return events

        ensemble.advance = advance  # type: ignore[method-assign]
        return ensemble


def live(scenario: ds.Scenario, numbers: Sequence[int] = (0,), threads: int = 1) -> Lived:
    """Persons of some draws of a scenario, whose numbers follow on each other."""
    inputs, recorder = build_inputs(scenario), _Recorder()
    size = Size.of(inputs, "people", threads)
    with patch.object(module, "Ensemble", recorder):
        persons = follow_persons(inputs, np.array(numbers), size)
    assert recorder.ensemble is not None
    p = recorder.ensemble.population.persons
    columns = [column[: p.rows].copy() for column in (p.code, p.born, p.mother)]
    return Lived(np.stack(recorder.stocks), recorder.events, columns, persons)
