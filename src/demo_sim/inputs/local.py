"""A base table of a larger area brought to what is known of the place: total, broad ages, sexes."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from demo_sim.demography.raking import Margin, age_classes, rake
from demo_sim.errors import InputError, Problem
from demo_sim.inputs.draws import Draws
from demo_sim.scenario import Quantity

_KNOWN = ("population.total", "population.age_share", "population.male_share")


def stated_value(quantity: Quantity, year: int) -> float:
    """Value of a quantity in a year without its band, linear between its dates."""
    rows = sorted(quantity.rows, key=lambda row: row.year or 0)
    return float(np.interp(year, [row.year or 0 for row in rows], [row.value for row in rows]))


def fit_to_local(draws: Draws, persons: np.ndarray, year: int) -> np.ndarray:
    """Persons raked to the local total, age shares and share of men that the scenario gives.

    What is not given stays as in the table: its total, or its ages and sexes.

    Parameters
    ----------
    persons : (residence, sex, age, draw), of the table
    year : of the table

    Returns
    -------
    Same shape; the very array where nothing local is given.

    Raises
    ------
    InputError
        The shares contradict each other or the table.
    """
    given = [path for path in _KNOWN if path in draws]
    if not given:
        return persons
    whole = draws["population.total"].at(year) if "population.total" in draws else persons.sum(axis=(0, 1, 2))
    shape = persons.shape[:-1]
    margins = []
    try:
        if "population.age_share" in draws:
            groups, shares = draws["population.age_share"].groups(year)
            classes, shares = age_classes(groups, shares, persons.shape[2])
            margins.append(Margin(np.broadcast_to(classes, shape), shares * whole))
        if "population.male_share" in draws:
            men = draws["population.male_share"].at(year)
            sexes = np.broadcast_to(np.arange(2)[:, None], shape)
            margins.append(Margin(sexes, np.stack([men, 1.0 - men]) * whole))
        if not margins:
            margins.append(Margin(np.zeros(shape, dtype=int), whole[None]))
        return rake(persons, margins)
    except ValueError as error:
        where = draws.quantities[given[-1]].where
        zh = f"基期人口表无法调整到给定的总数和构成：{error}"
        en = f"the base table cannot be brought to the given total and shares: {error}"
        raise InputError([Problem(where.file, where.line, given[-1], zh, en)]) from error


def follow_urban_share(draws: Draws, shares: np.ndarray, year: int) -> np.ndarray:
    """Urban shares of parts of the people, moved with the draw of the urban share of all, on the logit.

    Where the urban share itself is uncertain, a part that stood at its own value would be left far behind in a draw
    of many towns, and the rest would have to be more than all.

    Parameters
    ----------
    shares : (..., draw), in 0..1, that go with the stated urban share
    year : of the population table
    """
    drawn = draws["population.urban_share"].at(year)
    stated = stated_value(draws.quantities["population.urban_share"], year)
    return np.where(drawn == stated, shares, expit(logit(shares) + logit(drawn) - logit(stated)))
