"""Many replicates of persons who live the years of a region, and each year beside its expectation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from chances import Compared, YearChances, aged, children, compared
from region import AGES, FIRST_YEAR, LEVELS, Region, YearPlan, by_code, levels_of

from demo_sim.engine.calendar import Timing
from demo_sim.engine.events import YearEvents
from demo_sim.engine.people import Population
from demo_sim.engine.thresholds import Thresholds, leave_shares
from demo_sim.space.places import routes

CLASSES = 4
Cuts = Callable[[YearPlan], Thresholds]


@dataclass
class Year:
    """One year of all replicates; the first axis is the replicate.

    Attributes
    ----------
    opening : (replicate, sex, age, residence, level), persons on 1 January
    women : (replicate, age, residence, level, parity), of them
    entered : of each half (replicate, residence, sex, age, level)
    closing : as `opening`, at the year-end
    events : each counter of `YearEvents` with the replicates in front
    """

    plan: YearPlan
    opening: np.ndarray
    women: np.ndarray
    entered: tuple[np.ndarray, np.ndarray]
    closing: np.ndarray
    events: YearEvents


def women_by_parity(population: Population, year: int) -> np.ndarray:
    """Women by age on 1 January, residence, level and children ever born."""
    p = population.persons
    segments = population.items(year).segments
    codes, places = p.at.away, p.at.places  # without those outside
    out = np.zeros(AGES * codes * CLASSES, np.int64)
    for s, x, start, stop in zip(segments.sex, segments.age, p.segments.start, p.segments.stop, strict=True):
        if s == 1:
            kinds = p.code[start:stop].astype(np.int64) * CLASSES + np.minimum(p.born[start:stop], CLASSES - 1)
            count = np.bincount(kinds, minlength=codes * CLASSES)[: codes * CLASSES]
            out[x * codes * CLASSES : (x + 1) * codes * CLASSES] += count
    return out.reshape(AGES, codes, CLASSES)[:, 1:].reshape(AGES, places, LEVELS, CLASSES)


def live_all(region: Region, replicates: int, years: int, cuts: Cuts | None = None) -> list[Year]:
    """Years of all replicates, on other thresholds where they are given."""
    kept: list[list[tuple[np.ndarray, ...]]] = [[] for _ in range(years)]
    other = {plan.year: cuts(plan) for plan in region.plans[:years]} if cuts else {}
    for replicate in range(replicates):
        population = region.opening(replicate)
        for plan, rows in zip(region.plans[:years], kept, strict=True):
            opening, women = levels_of(population.count), women_by_parity(population, plan.year)
            entered = [half[0] for half in region.entering(plan, population)]
            events = region.live(population, plan, other.get(plan.year))
            rows.append((opening, women, *entered, levels_of(population.count), events.counts[0], events.arrivals[0]))
    out = []
    for plan, rows in zip(region.plans, kept, strict=False):
        columns = [np.stack(column) for column in zip(*rows, strict=True)]
        events = YearEvents(plan.cuts.at, *columns[5:])
        out.append(Year(plan, *columns[:2], (columns[2], columns[3]), columns[4], events))
    return out


def year_compared(region: Region, year: Year) -> dict[str, Compared]:
    """Counts of one year beside their moments, given the persons who open it and those who enter."""
    timing = Timing.of(region.timing)
    chances = YearChances(year.plan, timing)
    replicates, places = len(year.opening), year.opening.shape[3]
    cells = places * LEVELS
    first = np.moveaxis(year.entered[0], 1, 3)
    present = (year.opening + first).reshape(replicates, 2, AGES, cells)
    at_place = present.reshape(replicates, 2, AGES, places, LEVELS).sum(axis=-1)
    events = year.events

    def by_cell(chance: np.ndarray) -> np.ndarray:
        return chance.reshape(2, AGES, cells, *chance.shape[4:])

    stock = compared(aged_stock(year), present, by_cell(chances.end))
    for name in ("mean", "variance", "third"):
        setattr(stock, name, aged(getattr(stock, name), 2))
    died = events.died.transpose(0, 3, 4, 2, 1).sum(axis=-1), events.died.transpose(0, 3, 4, 1, 2)
    deaths = by_cell(chances.deaths())
    by_level = np.einsum("sxrfh,fg->sxrfhg", chances.deaths(), np.eye(LEVELS))
    second = np.moveaxis(events.moved[:, 1, 0], 1, -1), np.moveaxis(events.left[:, 1], 1, -1)
    same = np.eye(places)
    origins = [origin for origin, _ in routes(places)]
    return {
        "stock": stock,
        "deaths": compared(died[1].sum(axis=-1), present, deaths),
        "deaths by level": compared(died[1], present, by_cell(by_level)),
        "moves first": compared(
            np.moveaxis(events.moved[:, 0, 0], 1, -1),
            at_place,
            ((1.0 - chances.left_first)[..., origins] * chances.moved_first)[:, :, None] * same[:, origins],
        ),
        "moves second": compared(second[0], present, by_cell(chances.second_moves())),
        "left first": compared(np.moveaxis(events.left[:, 0], 1, -1), at_place, chances.left_first[..., None] * same),
        "left second": compared(second[1], present, by_cell(chances.left_second)),
        **_births(year, chances, timing),
        **_newborns(year, timing),
    }


def aged_stock(year: Year) -> np.ndarray:
    """Year-end persons from age 1 who did not enter at the end; (replicate, sex, age, residence, level)."""
    out = year.closing - np.moveaxis(year.entered[1], 1, 3)
    out[:, :, 0] = 0
    return out


def _births(year: Year, chances: YearChances, timing: Timing) -> dict[str, Compared]:
    """Children by exposure, age of the mother on 1 January and residence.

    A woman who delivers at the first exposure has no second one, so both are chances of one word.
    """
    plan, parity = year.plan, year.plan.parity
    rate = plan.tables.asfr[..., 0] / 2 / (1.0 + 0.02)
    later = np.concatenate([rate[:, 1:], rate[:, -1:]], axis=1)
    scaled = [
        (rate[..., None] * parity.at_start[..., 0]).transpose(1, 2, 0),
        (later[..., None] * parity.at_end[..., 0]).transpose(1, 2, 0),
    ]  # (age, parity, residence of the exposure)
    counted = chances.end.sum(axis=-1)
    if timing.late_births == 0.0:
        counted = counted + chances.left_second
    place = [np.repeat(chances.here[1][:, :, None], LEVELS, axis=2), counted[1]]
    entering = [np.moveaxis(half[:, :, 1], 1, 2) for half in year.entered]
    out = {}
    for exposure in (0, 1):
        seen = np.moveaxis(year.events.gave_birth[:, exposure], 1, 2)
        each = np.einsum("xrfh,xph->xrfph", place[exposure], scaled[exposure])
        parts = children(each)
        moments = [np.einsum("nxrfp,xrfph->nxh", year.women, part) for part in parts]
        # who enters in the first half has the parity of the women of the place
        shares = parity.arriving[0][..., 0].transpose(1, 0, 2)
        mean = np.einsum("xrp,xrfph->xrfh", shares, each)
        for moment, part in zip(moments, children(mean), strict=True):
            moment += np.einsum("nxrf,xrfh->nxh", entering[0], part)
        if exposure == 1 and timing.late_births > 0.0:
            shares = parity.arriving[1][:, 1:, :, 0].transpose(1, 0, 2)
            delivery = np.einsum("xrp,xpr->xr", shares, scaled[1][:-1])
            for moment, part in zip(moments, children(delivery), strict=True):
                moment[:, :-1] += entering[1][:, 1:].sum(axis=-1) * part
        out[f"births {('first', 'second')[exposure]}"] = Compared(seen, *moments)
    return out


def _newborns(year: Year, timing: Timing) -> dict[str, Compared]:
    """Sex, death, moves and year-end place of the newborn, given the children born in each residence."""
    plan, born = year.plan, year.events.newborn
    boys = plan.tables.male_share[:, 0]
    sexes = np.stack([boys, 1.0 - boys], axis=-1)
    qs = plan.tables.qs[:, :, 0, 0]
    places = len(boys)
    moves = plan.tables.move_rate[:, :, 0, 0] / 2  # (route, sex)
    leave = leave_shares(plan.start, plan.tables, plan.flows, timing)[1][:, :, 0, 0]
    stay = np.zeros((places, places, 2))
    for k, pair in enumerate(routes(places)):
        stay[pair] = plan.tables.reclass_rate[k, 0] / 2 + moves[k]
    stay[np.arange(places), np.arange(places)] = 1.0 - stay.sum(axis=1)
    end = (sexes * (1.0 - qs))[:, None] * stay * (1.0 - leave)[None]  # (residence of birth, at the end, sex)
    left = (sexes * (1.0 - qs))[:, None] * stay * leave[None]
    all_born = born[..., 0].sum(axis=2)
    alive = born[..., 0] - born[..., 1]

    def given(seen: np.ndarray, people: np.ndarray, chance: np.ndarray) -> Compared:
        """People (replicate, a) with chances (a, ...)."""
        moments = (chance, chance * (1.0 - chance), chance * (1.0 - chance) * (1.0 - 2.0 * chance))
        return Compared(seen, *(np.einsum("na,a...->n...", people, m) for m in moments))

    at_end = year.closing[:, :, 0].sum(axis=-1).transpose(0, 2, 1) - year.entered[1][:, :, :, 0].sum(axis=-1)
    same = np.eye(2 * places).reshape(2 * places, places, 2)
    going = np.zeros((places, 2, len(moves), 2))
    for k, (origin, _) in enumerate(routes(places)):
        going[origin, :, k] = np.diag(moves[k])
    going = going.reshape(2 * places, len(moves), 2)
    flat = lambda values: values.reshape(len(values), -1)  # noqa: E731
    return {
        "newborn boys": given(born[:, :, 0, 0], all_born, np.diag(boys)),
        "newborn deaths": given(born[..., 1], flat(born[..., 0]), qs.reshape(-1, 1, 1) * same),
        "newborn moves": given(year.events.newborn_moved[:, 0], flat(alive), going),
        "newborn left": given(born[..., -1], all_born, left),
        "newborn stock": given(at_end, all_born, end),
    }


def gathered(parts: list[dict[str, Compared]]) -> dict[str, Compared]:
    """The same counts of many years, one after another along a new first axis."""
    return {
        name: Compared(*(np.stack([getattr(part[name], field) for part in parts]) for field in vars(parts[0][name])))
        for name in parts[0]
    }


def summed(counts: dict[str, Compared]) -> dict[str, Compared]:
    """Counts added over years and replicates, so that a small bias shows."""
    return {
        name: Compared(*(values.sum(axis=(0, 1)) for values in vars(count).values())) for name, count in counts.items()
    }


def stock_of_cohorts(region: Region, year: int) -> np.ndarray:
    """Expected persons at the year-end; (sex, age, residence, level)."""
    index = year - FIRST_YEAR
    shares = region.plans[index + 1].level_shares if index + 1 < len(region.plans) else region.final_levels
    return by_code(region.plans[index].flows.end[..., 0][..., None] * shares)
