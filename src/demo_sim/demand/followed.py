"""Persons of some draws beside the cohort pass: what they do, who lives in a home, what relatives show of groups."""

from __future__ import annotations

import numpy as np

from demo_sim.demand.care import care_inputs
from demo_sim.demand.kin_counts import KinCounts
from demo_sim.demand.kin_rules import kin_classes
from demo_sim.engine.care_record import CareObserver, CareRecord
from demo_sim.engine.cohort import Timing, YearFlows, YearTables
from demo_sim.engine.ensemble import Ensemble, KinInputs
from demo_sim.engine.founding import Fit
from demo_sim.engine.levels import LevelShares, LevelYear
from demo_sim.engine.parity import ParityShares
from demo_sim.engine.record import Projection
from demo_sim.engine.size import Size
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.grid import Grid
from demo_sim.inputs.history import build_past
from demo_sim.inputs.parity import opening_parity
from demo_sim.inputs.unions import build_unions
from demo_sim.scenario import Scenario


class Followed:
    """Persons of a batch of random draws, whose chance is put on a projection year by year.

    Parameters
    ----------
    scenario, draws, grid, size : of the run; first : number of the first draw of the batch
    start : (residence, sex, age, draw), opening population
    stated : (time, residence, sex, age from 60, level, draw), shares of levels, or None
    levels : followed levels, or None
    bridge : (age, draw), registered persons per resident, or None
    projection : stocks and flows, changed as the persons live
    """

    def __init__(
        self,
        scenario: Scenario,
        draws: Draws,
        grid: Grid,
        size: Size,
        first: int,
        start: np.ndarray,
        stated: np.ndarray | None,
        levels: LevelShares | None,
        bridge: np.ndarray | None,
        projection: Projection,
    ) -> None:
        self.grid, self.scale, self.projection = grid, size.scale, projection
        self.classes = kin_classes(scenario.catalog)
        self.levels_followed = levels is not None
        self.stated = None if levels is not None else stated
        kin = self._kin(scenario, draws, grid, start)
        timing = Timing.of(scenario.settings.migration.timing)
        parity, setting = ParityShares(*opening_parity(draws, grid)), size.setting(draws, first)
        self.ensemble = Ensemble(start, grid.start, parity, setting, timing, grid.years.size, levels, kin)
        placing = care_inputs(scenario, draws, grid, start, stated, bridge, self._relatives())
        self.care = None if placing is None else CareObserver(placing, self.ensemble)
        self._record(grid.start - 1)

    def _kin(self, scenario: Scenario, draws: Draws, grid: Grid, start: np.ndarray) -> KinInputs | None:
        """What families need, where the scenario gives the past they come from and a group asks for them."""
        past = build_past(scenario, draws, grid, start)
        if past is None or self.classes is None:
            return None
        share = draws["migration.returnee_share"].at() if "migration.returnee_share" in draws else np.zeros(draws.size)
        return KinInputs(past, build_unions(draws, grid), share, self.classes.numbers)

    def advance(
        self, year: int, start: np.ndarray, tables: YearTables, flows: YearFlows, levels: LevelYear | None
    ) -> None:
        """Live a year of the cohort pass."""
        events = self.ensemble.advance(year, start, tables, flows, levels)
        self.projection.flows_of_persons(year, events, self.scale)
        self._record(year)

    def _record(self, year: int) -> None:
        """Keep the year-end and place people in homes."""
        self.projection.stock_of_persons(year, self.ensemble.counts(), self.scale, self.levels_followed)
        if self.care is not None:
            time = year - self.grid.start + 1
            shares = None if self.stated is None else self.stated[time]
            kin = self.ensemble.population.persons.kin
            self.care.observe(time, year, shares, None if kin is None else kin.family)

    def fit(self) -> Fit | None:
        """How well the families of the base year fit, where they are followed."""
        return self.ensemble.fit()

    def close(self) -> tuple[KinCounts | None, CareRecord | None]:
        """What relatives show and who lived where; gives the threads back."""
        self.ensemble.close()
        return self._relatives(), None if self.care is None else self.care.record

    def _relatives(self) -> KinCounts | None:
        """What relatives show at all year-ends so far."""
        counts = self.ensemble.by_family()
        if counts is None or self.classes is None:
            return None
        return KinCounts(self.classes, counts, self.scale)
