"""What brings the blocks of a run together: whatever compares draws, or needs all of them, begins here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from demo_sim.block.failing import Failed, require_some
from demo_sim.block.persons import PersonsOfBlock
from demo_sim.block.project import Block, StatedRun
from demo_sim.engine.care_record import CareRecord
from demo_sim.engine.founding import LinkQuality
from demo_sim.inputs.build import Inputs
from demo_sim.inputs.draws import STATED
from demo_sim.results.tiers import KEPT_TYPE, KeptArrays, PopulationKeeper
from demo_sim.supply.stocks import Stocks


@dataclass(frozen=True)
class Arrays:
    """What is kept of flows and groups: of the random draws with the draw first, or of the run at stated values.

    Attributes
    ----------
    flows : (year, flow, residence, sex); cut : (year,); groups : (time, group, residence)
    """

    flows: np.ndarray
    cut: np.ndarray
    groups: np.ndarray


@dataclass(frozen=True)
class Reduced:
    """All draws of a run together.

    Attributes
    ----------
    numbers : of the random draws, without those that failed
    population : of the random draws, as the tiers keep it
    drawn, stated : what is kept of the random draws, and of the run at stated values
    only_stated : what the run at stated values has beside
    group_names : ids of the groups
    series : (time, draw + 1) by name, the run at stated values last
    needs : by resource and meaning
    supply : series of the stocks, ledger, what is observed until when, warnings; its arrays are those of one block
    natural : the same of the stocks for which measures are planned, without these
    """

    numbers: np.ndarray
    population: KeptArrays
    drawn: Arrays
    stated: Arrays
    only_stated: StatedRun
    group_names: list[str]
    series: dict[str, np.ndarray]
    needs: tuple[tuple[str, str], ...]
    supply: Stocks
    natural: Stocks


def reduce(blocks: Iterable[Block], draws: int, full: bool, failed: Sequence[Failed]) -> Reduced:
    """Put the blocks of a run together, in whatever order they come.

    Parameters
    ----------
    blocks : the random draws 0 ... `draws` - 1, but for those that failed, and the run at stated values, each in one
        block at least
    full : whether the population of every draw is kept by single age
    failed : draws that failed, complete once the blocks have come

    Raises
    ------
    WriteError
        The disk has no room for the population of so many draws.
    DrawsError
        All random draws failed.
    """
    each = iter(blocks)
    first = next(each)
    groups, series = list(first.groups), {name: np.empty((len(v), draws + 1)) for name, v in first.series.items()}
    shapes = (first.flows.shape[:-1], first.cut.shape[:-1], _group_array(first).shape[1:])
    drawn = Arrays(*(np.empty((draws, *shape), KEPT_TYPE) for shape in shapes))
    stated: tuple[Arrays, StatedRun, Stocks, Stocks] | None = None
    with PopulationKeeper(draws, first.shape, full) as keeper:
        for block in chain([first], each):
            random = np.flatnonzero(block.numbers >= 0)
            own = block.numbers[random]
            keeper.put(own, block.summary[random], block.cells[random])
            arrays = np.moveaxis(block.flows, -1, 0), block.cut.T, _group_array(block)
            for whole, part in zip((drawn.flows, drawn.cut, drawn.groups), arrays, strict=True):
                whole[own] = part[random]
            for name, values in block.series.items():
                series[name][:, np.where(block.numbers == STATED, draws, block.numbers)] = values
            if block.stated is not None:
                at = int(np.flatnonzero(block.numbers == STATED)[0])
                own_arrays = Arrays(*(np.array(part[at], float) for part in arrays))
                stated = own_arrays, block.stated, block.stocks, block.natural
        assert stated is not None, "one of the blocks holds the run at stated values"
        require_some(failed, draws)
        numbers, kept = np.flatnonzero(keeper.taken), keeper.kept({one.number for one in failed})
    if numbers.size < draws:
        drawn = Arrays(drawn.flows[numbers], drawn.cut[numbers], drawn.groups[numbers])
        series = {name: values[:, [*numbers, draws]] for name, values in series.items()}
    return Reduced(numbers, kept, drawn, stated[0], stated[1], groups, series, first.needs, *stated[2:])


def by_persons(inputs: Inputs, stated: StatedRun) -> frozenset[str]:
    """Series that persons decide: groups and needs by relatives, and stocks that are counted on such a group."""
    groups = {name for name, error in stated.groups_error.items() if error.any()}
    needs = {f"need.{resource}.{kind}" for (resource, kind), error in stated.needs_error.items() if error.any()}
    stocks = {f"supply.{name}" for name, entry in inputs.supply.items() if getattr(entry, "of", "") in groups}
    return frozenset({f"groups.{name}" for name in groups} | needs | stocks)


def _group_array(block: Block) -> np.ndarray:
    """(draw, time, group, residence)."""
    return np.moveaxis(np.stack(list(block.groups.values()), axis=1), -1, 0)


@dataclass(frozen=True)
class Placed:
    """What the persons of a run show beside its groups.

    Attributes
    ----------
    drawn : care settings of the person draws that the run has as draws, with the chance of single persons; or None
    stated, error : (mean of the replicates at stated values, standard error of it), or None
    fit : how well the families of the base year fit, mean over the replicates, or None
    """

    drawn: CareRecord | None
    stated: CareRecord | None
    error: CareRecord | None
    fit: LinkQuality | None


def placed(
    followed: Sequence[PersonsOfBlock], replicates: Sequence[PersonsOfBlock], numbers: np.ndarray, scale: float
) -> Placed:
    """Bring the persons of all draws and of the replicates together.

    Parameters
    ----------
    numbers : of the random draws of the run; scale : persons that an agent stands for
    """
    fits = [fit for persons in replicates for fit in persons.fits]
    fit = LinkQuality.mean(fits) if fits else None
    own = [persons.care for persons in followed if persons.care is not None]
    again = [persons.care for persons in replicates if persons.care is not None]
    if not again:
        return Placed(None, None, None, fit)
    there = np.isin(np.concatenate([persons.numbers for persons in followed]), numbers)
    drawn = CareRecord.joined(own).with_chance_of_persons(scale).at(np.flatnonzero(there))
    return Placed(drawn, *CareRecord.joined(again).mean_and_error(), fit)
