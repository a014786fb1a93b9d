"""Persons of some draws beside the expected pass: who has which family, who lives in a home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from demo_sim.block.expected import Expected, at_least_two
from demo_sim.demand.care import care_inputs
from demo_sim.demand.kin_counts import KinCounts, KinShares
from demo_sim.demand.kin_rules import Classes, kin_classes
from demo_sim.demand.needs import bridge_by_age
from demo_sim.engine.calendar import Timing
from demo_sim.engine.care_record import CareObserver, CareRecord
from demo_sim.engine.ensemble import Ensemble, KinInputs, Setting
from demo_sim.engine.founding import LinkQuality
from demo_sim.engine.pairs import places_by_odds, places_of_kin
from demo_sim.engine.parity import ParityShares
from demo_sim.engine.size import Size
from demo_sim.execution.keeping import read
from demo_sim.inputs.build import Inputs
from demo_sim.inputs.history import KIN_NAMES, PLACE_ODDS, TOGETHER, KinPlaces, absent_people, build_past, ever_married
from demo_sim.inputs.parity import opening_parity
from demo_sim.inputs.unions import build_unions


@dataclass(frozen=True)
class PersonsOfBlock:
    """What persons of some draws show.

    Attributes
    ----------
    numbers : of the draws; below 0 replicates at stated values
    kin : families at all year-ends, the file that has them, or None where the scenario has none
    care : care settings, or None where it places nobody
    fits : how well the families of the base year fit, one a draw
    """

    numbers: np.ndarray
    kin: KinCounts | Path | None
    care: CareRecord | None
    fits: tuple[LinkQuality, ...]

    @property
    def families(self) -> KinCounts | None:
        """Families at all year-ends, read each time where they wait in a file."""
        return read(self.kin, OF_PERSONS).kin if isinstance(self.kin, Path) else self.kin


OF_PERSONS: dict[str, type] = {
    c.__name__: c for c in (PersonsOfBlock, KinCounts, Classes, CareRecord, LinkQuality)
}  # in a file


def follow_persons(
    inputs: Inputs, numbers: np.ndarray, size: Size, watch: Callable[[Ensemble, int], None] | None = None
) -> PersonsOfBlock:
    """Live all years with the persons of some draws, whose numbers follow on each other.

    A function of its arguments alone, and of each draw by itself. `watch` is shown them at every year-end.
    """
    expected = Expected.of(inputs, at_least_two(numbers))
    drawn, grid = expected.drawn, inputs.grid
    classes = kin_classes(inputs.populations, inputs.resources)
    kin = _kin(expected, classes)
    twins = drawn.draws["fertility.twins"].at() if "fertility.twins" in drawn.draws else np.zeros(drawn.draws.size)
    setting = Setting(numbers.size, size.scale, inputs.seed, size.threads_of_persons, int(numbers[0]))
    parity = ParityShares(*opening_parity(drawn.draws, grid), twins)
    timing, start = Timing.of(inputs.timing), drawn.base.start
    ensemble = Ensemble(start, grid.start, parity, setting, timing, grid.years.size, expected.levels, kin)
    stated = None if expected.levels is not None else drawn.shares
    seen = _families(ensemble, classes, size.scale)
    own = None if seen is None else KinShares.own(replace(seen, counts=seen.counts[:, :1]))
    followed = expected.projection.conditions
    placing = care_inputs(inputs, drawn.draws, start, stated, bridge_by_age(drawn.draws, start), own, followed)
    care = None if placing is None else CareObserver(placing, ensemble)

    def observe(year: int) -> None:
        if care is not None:
            time = year - grid.start + 1
            family = ensemble.population.persons.kin
            care.observe(
                time, year, None if stated is None else stated[time], None if family is None else family.family
            )
        if watch is not None:
            watch(ensemble, year)

    observe(grid.start - 1)
    for year, people, tables, flows, level_year in expected.years():
        ensemble.advance(year, people, tables, flows, level_year)
        observe(year)
    ensemble.close()
    return PersonsOfBlock(
        numbers,
        _families(ensemble, classes, size.scale),
        None if care is None else care.record,
        tuple(ensemble.fits),
    )


def decides_by_persons(inputs: Inputs) -> bool:
    """Whether a result depends on persons: a group asks for relatives, or somebody is placed."""
    families = inputs.past is not None and kin_classes(inputs.populations, inputs.resources) is not None
    return families or inputs.placement is not None


def _kin(expected: Expected, classes: Classes | None) -> KinInputs | None:
    """What families need, where the scenario gives the past they come from and a group asks for them."""
    inputs, drawn = expected.inputs, expected.drawn
    if inputs.past is None or classes is None:
        return None
    draws, grid = drawn.draws, inputs.grid
    share = draws["migration.returnee_share"].at() if "migration.returnee_share" in draws else np.zeros(draws.size)
    together = np.stack([draws["history.move_together"].at(name=name) for name in TOGETHER])
    absent = absent_people(draws, grid, drawn.base.start)
    places = _places(expected, absent, share, together)
    past = build_past(inputs.past, draws, grid, absent, places)
    return KinInputs(past, build_unions(draws, grid), share, classes.numbers, together)


def _places(expected: Expected, absent: np.ndarray, share: np.ndarray, together: np.ndarray) -> KinPlaces:
    """Where kin are in the base year: by odds that the scenario gives, else where the moves of the first year lead."""
    drawn, start = expected.drawn, expected.drawn.base.start
    tables = expected.first_tables()
    if PLACE_ODDS in drawn.draws:
        return places_by_odds(start, tables, np.stack([drawn.draws[PLACE_ODDS].at(name=name) for name in KIN_NAMES]))
    return places_of_kin(start, absent, tables, share, together, ever_married(drawn.draws, expected.inputs.grid))


def _families(ensemble: Ensemble, classes: Classes | None, scale: float) -> KinCounts | None:
    """Families at all year-ends, those to come empty."""
    counts = ensemble.by_family()
    return None if counts is None or classes is None else KinCounts(classes, counts, scale)
