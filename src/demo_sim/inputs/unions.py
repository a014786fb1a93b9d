"""Marriage, divorce and remarriage by year and age, from ages at first marriage and shares ever married at 50."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from demo_sim.demography.ages import spread_groups
from demo_sim.inputs.draws import Draws, Sampled
from demo_sim.inputs.grid import SEXES, Grid
from demo_sim.inputs.history import gap_shares

MARRY_FROM, MARRY_TO = 18, 50  # ages of women at a first marriage


@dataclass(frozen=True)
class UnionRates:
    """Rates of women; men follow by the age gap.

    Attributes
    ----------
    first_year : of the rates by year
    first : (year, age, draw), probability of a first marriage in the year for the never married, by age at its end
    again, divorce : (age, draw), yearly probabilities of remarriage and of divorce
    gaps : (birth year of the wife, gap, draw), shares; oldest : that of the first row
    father_unknown : (draw,)
    """

    first_year: int
    first: np.ndarray
    again: np.ndarray
    divorce: np.ndarray
    gaps: np.ndarray
    oldest: int
    father_unknown: np.ndarray

    def of_year(self, year: int, draws: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """First marriage, remarriage and divorce by age at the year-end, of the first draws; (age, draw) each."""
        return self.first[year - self.first_year, :, :draws], self.again[:, :draws], self.divorce[:, :draws]

    def gap_cuts(self, year: int, ages: int, draws: int) -> np.ndarray:
        """Cumulative cuts of the years between husband and wife, by her age at a year-end; uint64 (age, gap, draw)."""
        born = np.clip(year - np.arange(ages) - self.oldest, 0, self.gaps.shape[0] - 1)
        shares = self.gaps[born, :, :draws]
        out = np.floor(np.minimum(np.cumsum(shares, axis=1), 1.0) * 2.0**32).astype(np.uint64)
        out[:, -1] = np.uint64(1 << 32)
        return out


def build_unions(draws: Draws, grid: Grid) -> UnionRates:
    """Rates of the unions of a scenario."""
    x = np.arange(grid.ages)
    marriage = draws["unions.first_marriage"]
    mean = marriage.series(grid.years, sex=SEXES[1], name="mean_age")
    sd = marriage.at(name="sd")
    final = draws["unions.final_ever_married"]
    first = np.zeros((grid.years.size, grid.ages, draws.size))
    ages = np.arange(MARRY_FROM, MARRY_TO)
    shares = {born: _final(final, born) for born in range(grid.start - MARRY_TO + 1, grid.end - MARRY_FROM + 1)}
    for t, year in enumerate(grid.years.tolist()):
        share = np.stack([shares[year - age] for age in ages.tolist()])
        before, after = (share * ndtr((at[:, None] - mean[t]) / sd) for at in (ages, ages + 1))
        first[t, ages] = np.clip((after - before) / (1.0 - before), 0.0, 1.0)
    dissolution = draws["unions.dissolution"]
    again, divorce = (
        spread_groups(values, groups, grid.ages)
        for groups, values in (
            dissolution.groups(name="remarriage", sex=SEXES[1]),
            dissolution.groups(name="divorce"),
        )
    )
    oldest = grid.start - 1 - int(x[-1])
    gaps = np.stack([gap_shares(draws["unions.age_gap"], c) for c in range(oldest, int(grid.years[-1]) + 1)])
    return UnionRates(grid.start, first, again, divorce, gaps, oldest, draws["unions.father_unknown"].at())


def _final(final: Sampled, cohort: int) -> np.ndarray:
    """Share of women of a birth year who ever marry; the first and last cohorts hold outside."""
    spans = sorted((int(text[:4]), int(text[5:]), text) for text in final.distinct("cohort"))
    label = next((text for _, last, text in spans if cohort <= last), spans[-1][2])
    return final.at(cohort=label, sex=SEXES[1])
