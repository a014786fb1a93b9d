"""The account of a year: start + what the events of the calendar bring = end, of expected people and of persons."""

from __future__ import annotations

import numpy as np

from demo_sim.engine.calendar import NEWBORN, YEAR, Event, Timing, YearFlows, YearTables, stages
from demo_sim.engine.events import YearEvents
from demo_sim.errors import IdentityError
from demo_sim.inputs.grid import SEXES, Grid
from demo_sim.kernels.columns import LEVELS
from demo_sim.space.places import gained


def check_identity(
    start: np.ndarray, tables: YearTables, timing: Timing, flows: YearFlows, grid: Grid, year: int
) -> None:
    """The year-end is what the events leave of the start, in every cell; what was cut is what an outflow lacked.

    Each cell may miss by 1e-9 of itself plus 1e-6 person.

    Raises
    ------
    IdentityError
        Names the first cell that fails.
    """
    end, lacking = np.empty_like(start), np.zeros(start.shape[:2] + start.shape[3:])
    cut = bool(flows.cut.any())
    for event, before, after, _ in stages(start, tables, flows, timing):
        if event.name == "migrate":  # which is the last that happens to anybody
            end[:, :, event.ages] = after
        if event.name == "migrate" and cut:
            net = timing.shares[event.half] * tables.external[:, :, event.ages]
            lacking += (after - before - net).sum(axis=2)
    miss = flows.end - end
    bound = 1e-9 * np.abs(flows.end) + 1e-6
    if cut:
        people, told = (values.sum(axis=2) for values in (np.abs(flows.end), flows.cut))
        miss = np.concatenate([miss, (told - lacking)[:, :, None]], axis=2)
        bound = np.concatenate([bound, 1e-9 * people[:, :, None] + 1e-6], axis=2)
    if not (np.abs(miss) <= bound).all():
        r, s, x, d = (int(v[0]) for v in np.nonzero(~(np.abs(miss) <= bound)))
        place = f"{grid.residences[r]} {SEXES[s]} {x}"
        raise IdentityError(
            f"{year}年 {place} 岁（第{d}次抽样）：年末人口与出生、死亡、迁移不平衡，差 {miss[r, s, x, d]:.6g} 人",
            f"{year}: {place} years, draw {d}: the year-end is off its births, deaths and moves by "
            f"{miss[r, s, x, d]:.6g} persons",
        )


def flow_lines(tables: YearTables, flows: YearFlows) -> dict[str, np.ndarray]:
    """Expected flows of a year by line of the calendar; (place, sex, draw), of moves (route, sex, draw)."""
    moved, recoded = flows.internal
    return {
        "in": tables.entering.sum(axis=2),
        "out": tables.leaving.sum(axis=2) - flows.cut.sum(axis=2),
        "moved": moved,
        "reclassified": recoded,
        "deaths": flows.deaths.sum(axis=2),
        "births": flows.births.sum(axis=1)[:, None] * tables.sexes,
    }


def check_account(before: np.ndarray, after: np.ndarray, events: YearEvents, year: int) -> None:
    """Year-end = start + what every event brings, as integers, by draw, place and sex.

    Parameters
    ----------
    before, after : int64 (draw, sex, age, code), persons

    Raises
    ------
    IdentityError
        Names the place and sex.
    """
    draws, places = after.shape[0], events.at.places
    change = (after - before).sum(axis=2)[..., 1:].reshape(draws, 2, places, LEVELS).sum(axis=3).transpose(0, 2, 1)
    together = events.all_ages()
    newborn = together.newborn
    miss = change - sum(_brought(event, together, newborn) for event in YEAR if event.lines)
    for d, r, s in np.argwhere(miss).tolist():
        raise IdentityError(
            f"{year}年 第{r + 1}个地方 {SEXES[s]}：年末人数与出生、死亡、迁移不平衡，差 {miss[d, r, s]} 人",
            f"{year}: place {r + 1} {SEXES[s]}: the year-end is off its births, deaths and moves by "
            f"{miss[d, r, s]} persons",
        )


def _brought(event: Event, events: YearEvents, newborn: np.ndarray) -> np.ndarray:
    """Persons that an event brings each place, less those it takes; (draw, place, sex)."""
    of_newborn = event.ages == NEWBORN
    if event.name == "be born":
        return np.asarray(newborn[..., 0] - newborn[..., 1])
    if event.name == "die":
        return -events.died.sum(axis=(2, 4))
    if event.name == "migrate":
        if of_newborn:
            return -newborn[..., -1]
        return np.asarray(events.entered[:, event.half, ..., 0] - events.left[:, event.half, ..., 0])
    moved = (events.newborn_moved if of_newborn else events.moved[:, event.half, ..., 0]).sum(axis=1)
    return gained(moved.swapaxes(0, 1), events.at.places).swapaxes(0, 1)
