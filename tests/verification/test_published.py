"""Against figures that others published."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from samples import take_step, year_inputs
from textbook import infant_a0 as textbook_a0
from textbook import life_table as textbook_table

from demo_sim.demography.ages import parse_age
from demo_sim.demography.lifetable import infant_a0, life_table
from demo_sim.demography.mortality import expand_abridged

CHINA = Path(__file__).parents[2] / "scenarios" / "inputs" / "china"
DATA = Path(__file__).parents[1] / "data" / "china"
SEXES = ("male", "female")

# Preston, Heuveline and Guillot 2001, Demography, chapter 6: Sweden, females, baseline 1993, one step of five years
# in groups of five years, 85+ open. Population of 1993, person-years of the life table, births per woman-year,
# net migrants of the five years, population of 1998 as projected.
SWEDEN = np.array([
    (293395, 497487, 0.0, 6840, 302392), (248369, 497138, 0.0, 4150, 298682), (240012, 496901, 0.0, 3365, 252007),
    (261346, 496531, 0.0120, 5270, 244150), (285209, 495902, 0.0908, 9240, 268267),
    (314388, 495168, 0.1499, 8230, 293515), (281290, 494213, 0.1125, 5470, 320624),
    (286923, 492760, 0.0441, 3155, 284767), (304108, 490447, 0.0074, 1770, 288031),
    (324946, 486613, 0.0003, 1115, 303166), (247613, 480665, 0.0, 1075, 322062), (211351, 471786, 0.0, 845, 243989),
    (215140, 457852, 0.0, 645, 205841), (221764, 436153, 0.0, 530, 205516), (223506, 402775, 0.0, 465, 205270),
    (183654, 350358, 0.0, 300, 194771), (141990, 271512, 0.0, 250, 142565), (112424, 291707, 0.0, 175, 131966),
])  # fmt: skip
SWEDEN_BIRTHS = {15: 15244, 20: 126688, 25: 229354, 30: 170057, 35: 63203, 40: 10971, 45: 472}


def test_one_step_of_prestons_sweden() -> None:
    """The step in units of five years gives the printed population and births, to a person or two of rounding."""
    people, years_lived, asfr, migrants, projected = SWEDEN.T
    groups = people.size
    survival = np.empty(groups)
    survival[0] = years_lived[0] / 500_000
    survival[1:-1] = years_lived[1:-1] / years_lived[:-2]
    survival[-1] = years_lived[-1] / (years_lived[-2] + years_lived[-1])
    inputs = year_inputs(0, 1, groups, 1)
    inputs.start[0, :, :, 0] = people
    inputs.qs[0, :, :, 0] = 1.0 - survival
    inputs.asfr[0, :, 0] = 5.0 * asfr
    inputs.male_share[:] = 1.05 / 2.05
    inputs.external[0, :, :, 0] = migrants
    year = take_step(inputs)
    np.testing.assert_allclose(year.end[0, 1, :, 0], projected, atol=2.0)
    births = [year.births[0, age // 5, 0] for age in SWEDEN_BIRTHS]
    np.testing.assert_allclose(births, list(SWEDEN_BIRTHS.values()), atol=2.0)


@pytest.mark.parametrize("sex", SEXES)
def test_life_table_equals_the_textbook_in_every_column(sex: str) -> None:
    mx = 1e-4 + 4e-5 * np.exp(0.095 * np.arange(101))
    mx[0] = 0.01
    got, expected = life_table(mx, sex), textbook_table(mx, sex)
    for name in ("lx", "Lx", "Tx", "sx"):
        column = np.array([float(v) for v in getattr(expected, name)])
        np.testing.assert_allclose(getattr(got, name), column, rtol=1e-12, err_msg=name)
    assert got.ex[0] == pytest.approx(expected.e0, rel=1e-12)


@pytest.mark.parametrize("sex", SEXES)
def test_infant_separation_of_andreev_and_kingkade(sex: str) -> None:
    from decimal import Decimal

    for m0 in (0.002, 0.015, 0.02, 0.05, 0.0689, 0.07, 0.09, 0.3):
        assert infant_a0(m0, sex) == pytest.approx(float(textbook_a0(Decimal(str(m0)), sex)), rel=1e-14)


def read(name: str, folder: Path = CHINA) -> list[dict[str, str]]:
    text = (folder / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in text if not line.startswith("#")))


def china_mx(year: int, sex: str) -> np.ndarray:
    """The UN's abridged rates of a five-year period, expanded to single ages by the package."""
    rows = [r for r in read("mx.csv") if r["year"] == str(year) and r["sex"] == sex]
    rows.sort(key=lambda r: parse_age(r["age"])[0])
    return expand_abridged(np.array([float(r["mx"]) for r in rows]), [parse_age(r["age"]) for r in rows], 101)


# United Nations, World Population Prospects 2024 (CC BY 3.0 IGO), China: life expectancy at birth and at 65, mean of
# the calendar years 2020-2024, which are the period of the abridged rates dated 2023.
UN_E0 = {"male": 75.330, "female": 80.987}
UN_E65 = {"male": 15.830, "female": 19.463}


@pytest.mark.parametrize("sex", SEXES)
def test_life_expectancy_of_china(sex: str) -> None:
    """Abridged rates, expanded, give the UN's life expectancy to a tenth of a year."""
    table = life_table(china_mx(2023, sex), sex)
    assert table.ex[0] == pytest.approx(UN_E0[sex], abs=0.1)
    assert table.ex[65] == pytest.approx(UN_E65[sex], abs=0.1)


def test_one_year_of_china() -> None:
    """China from 1 July 2020 to 1 July 2021: births and the population by broad age as the UN has them.

    Births of the UN: mean of 11,843,469 in 2020 and 10,461,124 in 2021; net migration, mean of the two years,
    -235,663. The shipped rates are anchors of whole periods, not of these years: the fall of births between the
    anchors was uneven, hence their wide tolerance.
    """
    people = np.zeros((2, 2, 101))
    for row in read("population_mid_year.csv", DATA):
        year, age = int(row["date"][:4]) - 2020, int(row["age"].rstrip("+"))
        people[year, SEXES.index(row["sex"]), age] = float(row["population"])
    inputs = year_inputs(0, 1, 101, 1)
    inputs.start[0, :, :, 0] = people[0]
    inputs.external[0, :, :, 0] = -235_663 * people[0] / people[0].sum()
    inputs.male_share[:] = 1.108 / 2.108
    inputs.asfr[:] = 0.0
    for row in read("asfr.csv"):
        # between the anchors of 2020 and 2025, at 1 January 2021
        weight = {"2020": 0.9, "2025": 0.1}.get(row["year"], 0.0)
        inputs.asfr[0, int(row["age"]), 0] += weight * float(row["asfr"])
    for s, sex in enumerate(SEXES):
        inputs.qs[0, s, :, 0] = textbook_table(china_mx(2023, sex), sex).qs
    year = take_step(inputs)
    got, expected = year.end[0, :, :, 0], people[1]
    assert year.births.sum() == pytest.approx(11_152_296, rel=0.05)
    for ages in (slice(1, None), slice(15, 60), slice(65, None)):
        assert got[:, ages].sum() == pytest.approx(expected[:, ages].sum(), rel=0.0003)
