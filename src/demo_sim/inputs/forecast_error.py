"""What forecasts of places like this one missed, as migrants: an error that grows from the first year on.

The error of a draw moves people of each age in the same direction every year, so that after ten years they are off by
what the back-test of such places was; of later years nothing is known but that moves of one decade go on in the next
in part. It is told as migration, since that is what was missed; so all accounts hold, and children and deaths follow.
"""

from __future__ import annotations

import numpy as np

from demo_sim.demography.ages import age_mask
from demo_sim.inputs.draws import Draws
from demo_sim.scenario.process import ERRORS

ERROR_YEARS = 10  # that the stated error is of
FADING = 0.45 ** (1 / ERROR_YEARS)  # a year, after those: moves of provinces, calibration/places/fading.py
MOST_LEAVING = 0.9  # of the people of an age, in a year, by this error and the migration of the tables together


def missed(
    draws: Draws, counted: np.ndarray, mx: np.ndarray, external: np.ndarray, urban_share: np.ndarray | None
) -> np.ndarray:
    """Net migrants of the error; none in the part of a year before the first.

    Parameters
    ----------
    counted : (residence, sex, age, draw), the base population
    mx : (year, residence, sex, age, draw), death rates
    external : same shape, net migrants without the error
    urban_share : (year, draw), by which residences change their part, or None

    Returns
    -------
    Shape of `external`.
    """
    rate = yearly_error(draws, counted.shape[2])
    out, people = np.zeros_like(external), counted
    shares = None if urban_share is None else np.stack([urban_share, 1.0 - urban_share])
    for t in range(1, len(external)):
        if shares is not None:  # who moves to town is not in the tables
            turned = people * (shares[:, t] / shares[:, t - 1])[:, None, None]
            people = turned * _over(people.sum(axis=0), turned.sum(axis=0))
        out[t] = np.maximum(
            people * rate * FADING ** max(t - ERROR_YEARS, 0), np.minimum(-MOST_LEAVING * people - external[t], 0.0)
        )
        stay = (people + external[t] + out[t]) * np.exp(-mx[t])
        older = np.empty_like(people)
        older[:, :, 1:] = stay[:, :, :-1]
        older[:, :, 0] = people[:, :, 0]  # newborns: about as many as the year before
        older[:, :, -1] += stay[:, :, -1]
        people = np.maximum(older, 0.0)
    return out


def yearly_error(draws: Draws, ages: int) -> np.ndarray:
    """Part of the people of each age who come, or leave, in a year; (age, draw)."""
    sampled = draws["migration.error"]
    out = np.zeros((ages, draws.size))
    for name in ERRORS:
        groups, errors = sampled.groups(name=name)
        for group, error in zip(groups, errors, strict=True):
            out[age_mask(group, ages)] += error
    return np.asarray(np.expm1(out / ERROR_YEARS))


def _over(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.divide(a, b, out=np.ones_like(a), where=b > 0.0)
