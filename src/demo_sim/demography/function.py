"""Functional ability in prevalence mode (Sullivan): shares of five levels by single age."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import PchipInterpolator

from demo_sim.demography.ages import Group, group_midpoints
from demo_sim.demography.lifetable import life_table

FIRST_AGE = 60


def _logit(p: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(p) - np.log1p(-p))


def single_age_prevalence(shares: np.ndarray, groups: list[Group], ages: int) -> np.ndarray:
    """Shares at single ages from groups: monotone curve through middles on the logit scale.

    Below the first middle the curve goes on with its first slope; above the last it is held.

    Parameters
    ----------
    shares : (group, draw), in 0..1 exclusive
    groups : from age 60 up
    ages : number of single ages

    Returns
    -------
    (age, draw), zero below 60
    """
    nodes = group_midpoints(groups)
    logits = _logit(shares)
    curve = PchipInterpolator(nodes, logits, axis=0)
    x = np.arange(FIRST_AGE, ages) + 0.5
    inside = curve(np.clip(x, nodes[0], nodes[-1]))
    slope = curve.derivative()(nodes[0])
    below = np.minimum(x - nodes[0], 0.0)[:, None] * slope
    out = np.zeros((ages, shares.shape[1]))
    out[FIRST_AGE:] = 1.0 / (1.0 + np.exp(-(inside + below)))
    return out


def with_odds_ratios(
    prevalence: np.ndarray, population: np.ndarray, sex_ratio: np.ndarray, rural_ratio: np.ndarray
) -> np.ndarray:
    """Shares by residence and sex with given odds ratios, whose weighted mean keeps the share of each age.

    Parameters
    ----------
    prevalence : (age, draw), share of both sexes and residences
    population : (residence, sex, age, draw), persons, the weights
    sex_ratio : (draw,), odds of women over odds of men
    rural_ratio : (draw,), odds of rural over odds of urban; unused with one residence

    Returns
    -------
    (residence, sex, age, draw), zero below 60
    """
    residences, _, _, draws = population.shape
    offset = np.zeros((residences, 2, 1, draws))
    offset[:, 1, 0] += np.log(sex_ratio)
    if residences == 2:
        offset[1, :, 0] += np.log(rural_ratio)
    weights = population[:, :, FIRST_AGE:]
    total = weights.sum(axis=(0, 1))
    weights = np.divide(weights, total, out=np.full_like(weights, 1.0 / (2 * residences)), where=total > 0.0)
    target = prevalence[FIRST_AGE:]
    centre = _logit(target) - (weights * offset).sum(axis=(0, 1))
    for _ in range(25):
        p = 1.0 / (1.0 + np.exp(-(centre + offset)))
        miss = (weights * p).sum(axis=(0, 1)) - target
        going = np.abs(miss) >= 1e-13  # an age of a draw that has arrived stays as it is
        if not going.any():
            break
        centre = np.where(going, centre - miss / (weights * p * (1.0 - p)).sum(axis=(0, 1)), centre)
    out = np.zeros(population.shape)
    out[:, :, FIRST_AGE:] = 1.0 / (1.0 + np.exp(-(centre + offset)))
    return out


def five_levels(below_intact: np.ndarray, severe_total: np.ndarray, mild: np.ndarray, severe: np.ndarray) -> np.ndarray:
    """Shares of intact, mild, moderate, severe, total; they sum to 1.

    Parameters
    ----------
    below_intact : (..., draw), share mild to total
    severe_total : (..., draw), share severe or total; where it exceeds the former it is held there
    mild : (draw,), share of mild among mild and moderate
    severe : (draw,), share of severe among severe and total

    Returns
    -------
    (function, ..., draw)
    """
    worst = np.minimum(severe_total, below_intact)
    middle = below_intact - worst
    return np.stack([1.0 - below_intact, middle * mild, middle * (1.0 - mild), worst * severe, worst * (1.0 - severe)])


def healthy_years(mx: np.ndarray, sex: str, disabled_share: np.ndarray, age: int) -> float:
    """Years an age group may expect to live without disability (Sullivan 1971).

    Parameters
    ----------
    mx : (age,), deaths per person-year; disabled_share : (age,), share of the stock; age : from which age

    Returns
    -------
    Years.
    """
    table = life_table(mx, sex)
    return float((table.Lx[age:] * (1.0 - disabled_share[age:])).sum() / table.lx[age])
