"""Persons with families, gross moves and returns against the cohort pass: means of twenty replicates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from chances import holm
from kin_hunan import Hunan, Rows
from scipy.stats import t as student

SCALE, REPLICATES = 700.0, 20


@dataclass
class Seen:
    """First axis is the replicate; expected values without it."""

    people: np.ndarray
    expected: np.ndarray
    outside: np.ndarray
    expected_outside: np.ndarray
    births: np.ndarray
    expected_births: np.ndarray
    entered: np.ndarray
    expected_entered: np.ndarray
    returned: np.ndarray


@pytest.fixture(scope="module")
def seen() -> Seen:
    hunan = Hunan(SCALE, 2025)
    people, outside, births, entered, returned = [], [], [], [], []
    for replicate in range(REPLICATES):
        ensemble = hunan.ensemble(replicate)
        population = ensemble.population
        born, came, back = [], np.zeros((2, 2, 101)), 0
        for year, start, tables, flows in hunan.years:
            rows = np.flatnonzero(population.persons.code >= 11)
            events = ensemble.advance(year, start, tables, flows)
            born.append(events.newborn[0, ..., 0].sum(axis=1))
            came += events.entered[0].sum(axis=0)
            code = population.persons.code[rows]
            back += int(((code > 0) & (code < 11)).sum())
        people.append(ensemble.counts()[..., 0].sum(axis=-1))
        rows, own = Rows.of(population.persons), np.zeros((2, 2, 101))
        away = rows.place == 2
        origin = population.persons.code[: away.size][away].astype(int) - 11
        np.add.at(own, (origin, rows.sex[away], np.minimum(year - rows.birth[away], 100)), 1)
        outside.append(own)
        births.append(np.array(born))
        entered.append(came)
        returned.append(back)
    return Seen(
        np.array(people, float), flows.end[..., 0] / SCALE,
        np.array(outside), ensemble.absent.stock[..., 0] / SCALE,
        np.array(births, float), np.array([y[3].births[..., 0].sum(axis=1) for y in hunan.years]) / SCALE,
        np.array(entered), sum(y[2].entering[..., 0] for y in hunan.years) / SCALE, np.array(returned),
    )  # fmt: skip


def five_years(cells: np.ndarray) -> np.ndarray:
    """Single ages to five-year groups, the last one from 85."""
    return np.add.reduceat(cells, np.arange(0, 90, 5), axis=-1)


def p_values(seen: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Two-sided t-tests over replicates, cells of more than five."""
    chosen = expected > 5.0
    off = seen[:, chosen] - expected[chosen]
    error = off.std(axis=0, ddof=1) / np.sqrt(len(off))
    return np.asarray(2.0 * student.sf(np.abs(off.mean(axis=0)) / error, len(off) - 1))


def total_off(seen: np.ndarray, expected: np.ndarray) -> float:
    """Standard errors of all cells together."""
    off = seen.reshape(len(seen), -1).sum(axis=1) - expected.sum()
    return float(off.mean() / (off.std(ddof=1) / np.sqrt(len(off))))


def test_residents_by_residence_sex_and_age(seen: Seen) -> None:
    assert holm(p_values(five_years(seen.people), five_years(seen.expected)).ravel()) > 0.01
    assert holm(p_values(seen.people.sum(axis=-1), seen.expected.sum(axis=-1)).ravel()) > 0.01
    assert abs(total_off(seen.people, seen.expected)) < 3.5


def test_people_outside_by_origin_sex_and_age(seen: Seen) -> None:
    assert holm(p_values(five_years(seen.outside), five_years(seen.expected_outside)).ravel()) > 0.01
    assert abs(total_off(seen.outside, seen.expected_outside)) < 3.5
    newborn = seen.outside[..., 0].sum(axis=(1, 2)), seen.expected_outside[..., 0].sum()
    assert abs(total_off(newborn[0][:, None], np.array([newborn[1]]))) < 3.5


def test_births_of_every_year(seen: Seen) -> None:
    """Also by women whose children in the base year are more than was said of them."""
    assert holm(p_values(seen.births, seen.expected_births).ravel()) > 0.01
    assert abs(total_off(seen.births, seen.expected_births)) < 3.5
    assert seen.births.sum(axis=(1, 2)).std() / seen.expected_births.sum() < 0.02  # three per cent too few would show


def test_who_enters(seen: Seen) -> None:
    """Those who return and those who are new are together so many as move in; infants are all new."""
    assert holm(p_values(five_years(seen.entered), five_years(seen.expected_entered)).ravel()) > 0.01
    assert abs(total_off(seen.entered, seen.expected_entered)) < 3.5
    assert 0.5 < seen.returned.mean() / seen.expected_entered.sum() < 0.85
