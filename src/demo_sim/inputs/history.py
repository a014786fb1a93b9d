"""The past that the kin of the base population are made from: children ever born, mortality, unions, absent kin.

All arrays of people are laid by age at the start of the first year; the birth year of age x is start - 1 - x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from demo_sim.demography.ages import Group, age_mask, spread_groups
from demo_sim.demography.mortality import LEAST_RATE
from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.inputs.grid import BOTH, SEXES, Grid, by_residence, by_year, cells
from demo_sim.inputs.parity import children_ever_born
from demo_sim.inputs.rates import single_age_rates
from demo_sim.scenario import InputTable, Scenario

FIRST_COHORT = 1880  # of mothers; those of the oldest people of today
ENTRY, WIDOWED = 30, 45  # deaths of women from the first age on leave children; of men from the second on, widows
REPLACED = 5  # a mother who loses a child younger than this has another
MOTHER_FROM, MOTHER_AGES = 15, 35
OLDER = 2  # years that a husband is older; near the mean of the age gaps
GAP_FROM, GAPS = -10, 31  # husband minus wife in years, cut at -10 and +20
KIN_NAMES = ("child", "adult", "couple")
TOGETHER = ("move", "reclass")
PLACE_ODDS = "history.place_odds"


@dataclass(frozen=True)
class KinPlaces:
    """Where kin of the base year are beside each other; the second half of the places are outside, by the place left.

    Attributes
    ----------
    couples : (age of the wife, her place, his place, draw), odds
    children : (sex of the child, its age, place of the mother, of the child, draw), odds
    dying : (place, draw), death rate of women of 30 to 59, any scale
    """

    couples: np.ndarray
    children: np.ndarray
    dying: np.ndarray


@dataclass(frozen=True)
class Past:
    """What is known or assumed of the past of the base population.

    Attributes
    ----------
    start : first projected year
    children : (residence, age, class, draw), shares of women by children ever born, 0, 1, ... and the last class
    asfr : (birth year of the child, age of the mother from 15), pattern; birth years from the oldest age on
    child_survival : (sex, age), from birth to the start
    only_survival : same, of only children: a mother who loses a small child has another, so that death before
        age 5 does not count
    adult_survival : (birth year from 1880,), of women from age 30 to the start; 1 for the young
    husband_survival : (2, birth year), of men from age 30, and from 45: who is widowed younger mostly marries again
    ever_married : (sex, age, draw); divorced : (age, draw)
    gaps : (birth year of the wife from 1880, gap, draw), shares of the years between husband and wife
    absent : (origin, sex, age, draw), registered people living outside
    father_unknown : (draw,)
    places : of kin beside each other
    """

    start: int
    children: np.ndarray
    asfr: np.ndarray
    child_survival: np.ndarray
    only_survival: np.ndarray
    adult_survival: np.ndarray
    husband_survival: np.ndarray
    ever_married: np.ndarray
    divorced: np.ndarray
    gaps: np.ndarray
    absent: np.ndarray
    father_unknown: np.ndarray
    places: KinPlaces


@dataclass(frozen=True)
class PastTables:
    """What tables say of the past, the same in every draw; see `Past` for the arrays.

    Attributes
    ----------
    start, asfr, child_survival, only_survival, adult_survival, husband_survival : as in `Past`
    """

    start: int
    asfr: np.ndarray
    child_survival: np.ndarray
    only_survival: np.ndarray
    adult_survival: np.ndarray
    husband_survival: np.ndarray


def read_past(scenario: Scenario, grid: Grid) -> PastTables | None:
    """The tables of a scenario, or None where it gives none."""
    if scenario.settings.history is None or grid.residences != BOTH:
        return None
    last = grid.start - 1
    mx = _death_rates(scenario.tables["history.mortality"], grid)
    asfr = cells(scenario.tables["history.fertility"], "asfr")
    known = np.stack([_mothers(*asfr.parts[year, "", ""]) for year in asfr.years])
    births = np.arange(last - grid.ages + 1, last + 1)
    return PastTables(
        grid.start,
        by_year(asfr.years, known, births),
        np.stack([_survival(mx[:, s], births, last, 0) for s in range(2)])[:, ::-1],
        np.stack([_survival(mx[:, s], births, last, REPLACED) for s in range(2)])[:, ::-1],
        _survival(mx[:, 1], np.arange(FIRST_COHORT, last + 1), last, ENTRY),
        np.stack([_survival(mx[:, 0], np.arange(FIRST_COHORT, last + 1), last, entry) for entry in (ENTRY, WIDOWED)]),
    )


def build_past(tables: PastTables, draws: Draws, grid: Grid, absent: np.ndarray, places: KinPlaces) -> Past:
    """The past of some draws.

    Parameters
    ----------
    absent : (origin, sex, age, draw), registered people living outside, see `absent_people`
    places : where kin are
    """
    return Past(
        **vars(tables),
        children=children_ever_born(draws, grid, "history.open_parity_mean"),
        ever_married=ever_married(draws, grid),
        divorced=_by_age(*draws["unions.divorced"].groups(), grid),
        gaps=np.stack([gap_shares(draws["unions.age_gap"], c) for c in range(FIRST_COHORT, grid.start)]),
        absent=absent,
        places=places,
        father_unknown=draws["unions.father_unknown"].at(),
    )


def ever_married(draws: Draws, grid: Grid) -> np.ndarray:
    """Shares that ever married; (sex, age, draw)."""
    return np.stack([_by_age(*draws["unions.ever_married"].groups(sex=sex), grid) for sex in SEXES])


def _death_rates(table: InputTable, grid: Grid) -> np.ndarray:
    """Rates of every year from 1880 to before the start, the first known ones held; (year, sex, age)."""
    parts = cells(table, "mx")
    known = np.stack(
        [
            np.stack([single_age_rates(*parts.parts[year, "", sex])[: grid.ages] for sex in SEXES])
            for year in parts.years
        ]
    )
    return np.exp(by_year(parts.years, np.log(np.maximum(known, LEAST_RATE)), np.arange(FIRST_COHORT, grid.start)))


def _survival(mx: np.ndarray, births: np.ndarray, last: int, entry: int) -> np.ndarray:
    """Survival from an age to the end of the year `last` of people born in some years; (birth year,)."""
    out = np.ones(births.size)
    for i, born in enumerate(births.tolist()):
        years = np.arange(max(born + entry, FIRST_COHORT), last + 1)
        ages = np.minimum(years - born, mx.shape[1] - 1)
        rates = mx[years - FIRST_COHORT, ages]
        if rates.size:  # at the end of the year people are half a year past their birthday
            rates[-1] *= 0.5
        out[i] = np.exp(-rates.sum())
    return out


def _mothers(groups: list[Group], asfr: np.ndarray) -> np.ndarray:
    """Rates of the ages 15 to 49."""
    return spread_groups(asfr, groups, MOTHER_FROM + MOTHER_AGES)[MOTHER_FROM:]


def _by_age(groups: list[Group], values: np.ndarray, grid: Grid) -> np.ndarray:
    """Values by single age, 0 outside the groups; (age, draw)."""
    return spread_groups(values, groups, grid.ages)


def gap_shares(sampled: Sampled, cohort: int) -> np.ndarray:
    """Shares of the years between husband and wife, -10 to +20, for wives of a birth year; (gap, draw)."""
    spans = sorted((int(text[:4]), int(text[5:]), text) for text in sampled.distinct("cohort"))
    label = next((text for _, last, text in spans if cohort <= last), spans[-1][2])
    mean, sd = (sampled.at(cohort=label, name=name) for name in ("mean", "sd"))
    edges = np.arange(GAP_FROM, GAP_FROM + GAPS + 1)[:, None] - 0.5
    shares = np.diff(ndtr((edges - mean) / sd), axis=0)
    return np.asarray(shares / shares.sum(axis=0))


def absent_people(draws: Draws, grid: Grid, residents: np.ndarray) -> np.ndarray:
    """People away by origin, sex and age; they come from the residences as net migration does.

    Parameters
    ----------
    residents : (residence, sex, age, draw), opening population; inside age groups the absent are spread like them
    """
    total, sampled = draws["history.absent"].at(), draws["history.absent_by_age"]
    urban = draws["migration.urban_part"].at() if "migration.urban_part" in draws else np.full(draws.size, 0.5)
    people = residents.sum(axis=0)
    origin = by_residence(grid, urban)
    out = np.zeros((len(origin), 2, grid.ages, draws.size))
    for s, sex in enumerate(SEXES):
        groups, shares = sampled.groups(sex=sex)
        for group, share in zip(groups, shares, strict=True):
            mask = age_mask(group, grid.ages)
            living = people[s, mask]
            group_total = living.sum(axis=0)
            even = np.full_like(living, 1.0 / len(living))
            inside = np.divide(living, group_total, out=even, where=group_total > 0.0)
            out[:, s, mask] = inside * share * origin[:, None]
    return np.asarray(out * (total / out.sum(axis=(0, 1, 2))))
