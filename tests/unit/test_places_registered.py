"""What the census tells of a place beside its ages: the registered, length of life by residence, births, households."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.inputs.draws import stated
from demo_sim.places import census, children, place_of, places
from demo_sim.places.finding import Place
from demo_sim.places.rates import sex_ratio
from demo_sim.places.registered import AGE_PARTS, older_households, registered
from demo_sim.places.residence import E0_GAP, life_expectancy_of, residence_gap, urban_births

REGISTER = Path(ds.__file__).parent / "catalog" / "assumptions" / "values.csv"
PROVINCES = children(census.NATION)


def the(code: str) -> Place:
    place = place_of(code)
    assert place is not None
    return place


def row_of(code: str) -> dict[str, str]:
    found = census.census_row("census_2020.csv", code)
    assert found is not None
    return found


def in_register(id_: str, region: str = "Hunan") -> list[dict[str, str]]:
    with REGISTER.open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if (row["id"], row["region"]) == (id_, region)]


def test_hunan_in_the_register_is_hunan_in_the_census() -> None:
    units = {row["name"]: float(row["value"]) for row in in_register("unit.villages")}
    hunan = the("430000")
    assert units == {"villages": hunan.units["villages"], "urban_communities": hunan.units["communities"]}
    directors = {row["name"]: float(row["value"]) for row in in_register("child.directors")}
    assert directors["director"] == sum(units.values())
    shares = {row["age"]: float(row["value"]) for row in in_register("hukou.nonlocal_share")}
    cells = census.counted("430000", 2020)
    assert cells is not None
    people = np.sum([cells[sex] for sex in census.SEXES], axis=0)
    old, young = census.AGES.index("60-64"), census.AGES.index("15-19")
    ages = {"0-14": people[:young].sum(), "15-59": people[young:old].sum(), "60+": people[old:].sum()}
    elsewhere = int(row_of("430000")["other_province"])
    assert sum(shares[age] * n for age, n in ages.items()) == pytest.approx(elsewhere, rel=2e-4)
    [total] = in_register("hukou.population")
    [absent] = in_register("mig.absent_stock")
    assert float(absent["value"]) == float(total["value"]) - (hunan.total - elsewhere)
    gap = {row["sex"]: float(row["value"]) for row in in_register("mort.residence_gap")}
    assert gap == {sex: known.value for sex, known in residence_gap(hunan).items()}
    households = {id_: float(in_register(id_)[0]["value"]) for id_ in ("hh.one_65", "hh.two_65")}
    assert households == older_households(hunan)


def test_married_and_divorced_add_up_to_the_long_form() -> None:
    people = census.of_province("430000", "population")
    of = {
        sex: {age: people["urban", sex][i] + people["rural", sex][i] for i, age in enumerate(census.OLDER_AGES)}
        for sex in census.SEXES
    }

    def count(sex: str, label: str) -> int:
        first, _, last = label.rstrip("+").partition("-")
        top = int(last) if last else 200
        return sum(n for age, n in of[sex].items() if int(first) <= int(age.rstrip("+").split("-")[0]) <= top)

    never = {"male": 696_057 / 2_867_782, "female": 460_238 / 2_806_371}
    for sex, share in never.items():
        married = sum(
            float(r["value"]) * count(sex, r["age"]) for r in in_register("union.ever_married") if r["sex"] == sex
        )
        assert married / count(sex, "15+") == pytest.approx(1 - share, abs=1e-4)
    divorced = sum(float(r["value"]) * count(sex, r["age"]) for r in in_register("union.divorced") for sex in never)
    assert divorced / sum(count(sex, "15+") for sex in never) == pytest.approx(136_288 / 5_674_153, abs=1e-4)


def test_registered_people_of_hunan_are_the_published_ones() -> None:
    published = float(in_register("hukou.population")[0]["value"])
    assert registered(the("430000")).persons.value == pytest.approx(published, rel=0.002)
    # in a province that people leave more are registered than live there, in one that they go to fewer
    assert registered(the("520000")).persons.value > the("520000").total
    assert registered(the("310000")).persons.value < 0.7 * the("310000").total
    # the provinces are the nation, whose people are all registered
    nation = registered(the(census.NATION))
    assert nation.persons.value == the(census.NATION).total
    assert sum(registered(p).persons.value for p in PROVINCES) == pytest.approx(nation.persons.value, rel=0.01)
    for code in ("430000", "320000", "440000"):
        parts = sum(registered(p).persons.value for p in children(code))
        assert parts == pytest.approx(registered(the(code)).persons.value, rel=0.08), code


def test_registered_people_of_every_place() -> None:
    for place in places().values():
        found = registered(place)
        away = 0 if place.level == "nation" else int(row_of(place.code)["other_province"] or 0)
        if place.level not in ("nation", "province"):
            away += int(row_of(place.code)["elsewhere_same_province"] or 0)
        assert found.persons.value >= place.total - away - 1, place
        assert found.persons.low < found.persons.value < found.persons.high
        ratios = {age: known.value for age, known in found.per_resident.items()}
        whole = found.persons.value / place.total
        assert ratios["15-59"] > 0.35 * whole, place
        for age, part in AGE_PARTS.items():
            assert ratios[age] == pytest.approx(whole, abs=1e-4) or ratios[age] == pytest.approx(
                1 + part * (whole - 1), abs=1e-4
            )


def test_no_draw_leaves_a_negative_number_of_registered_people() -> None:
    for code in ("441900", "440306", "650107", "230881"):  # fewest registered people a resident, all ages alike
        run = ds.simulate(ds.load(code).replace({"draws": 400, "period.end": 2021, "plan": []}), engine="cohort")
        for groups in (run.central.groups, run.groups):
            assert float(groups.min()) >= 0.0, code


def test_life_expectancy_of_a_life_table_with_known_rates() -> None:
    # one rate at all ages: e0 = 1 / m, whatever the age groups
    people = [100_000] * len(census.OLDER_AGES)
    for rate in (0.01, 0.04):
        e0 = life_expectancy_of(people, [round(rate * n) for n in people])
        assert e0 == pytest.approx(1 / rate, rel=0.01)


def test_residence_gap_stays_within_bounds_and_is_that_of_the_province() -> None:
    for place in PROVINCES:
        for known in residence_gap(place).values():
            assert E0_GAP[0] <= known.value <= E0_GAP[1] and known.low < known.value < known.high
    assert residence_gap(the("430223")) == residence_gap(the("430000"))
    assert residence_gap(the("430000"))["male"].value == pytest.approx(76.11 - 78.04, abs=0.005)


def test_boys_and_urban_births_are_those_of_the_long_form() -> None:
    assert sex_ratio(the("430000")).value == pytest.approx(30_777 / 26_326, abs=5e-4)
    assert urban_births(the("430000")).value == pytest.approx((17_404 + 17_959) / 57_103, abs=1e-4)
    # more of the births are urban where more of the people are
    [low, high] = sorted(children("430000"), key=lambda p: int(row_of(p.code)["urban"]) / p.total)[
        :: len(children("430000")) - 1
    ]
    assert urban_births(low).value < urban_births(the("430000")).value < urban_births(high).value


def test_nobody_more_lives_alone_than_there_are_households_of_one() -> None:
    """The rates of Hunan, moved with the households of a county, stay below what the census counts there."""
    hunan = older_households(the("430000"))["hh.one_65"]
    rates = {float(row["age"].rstrip("+").split("-")[0]): float(row["value"]) for row in in_register("live.alone_60")}
    for place in (p for p in places().values() if p.level == "county" and older_households(p)):
        own = older_households(place)["hh.one_65"]
        alone = {60: 0.0, 65: 0.0}
        cells = census.counted(place.code, 2020)
        assert cells is not None
        for first in alone:
            for age in census.AGES[census.AGES.index(f"{first}-{first + 4}") :]:
                rate = rates[max(a for a in rates if a <= int(age.rstrip("+").split("-")[0]))]
                odds = rate / (1 - rate) * own / (1 - own) * (1 - hunan) / hunan
                alone[first] += odds / (1 + odds) * sum(cells[sex][census.AGES.index(age)] for sex in census.SEXES)
        found = row_of(place.code)
        assert alone[60] <= int(found["one_person_households"]), place
        assert alone[65] <= int(found["households_with_one_65"]), place


@pytest.mark.parametrize("code", ["370523", "120115", "440783"])
def test_living_arrangements_follow_the_households_of_the_place(code: str) -> None:
    hunan, here = (stated(ds.load(name).quantities) for name in ("hunan", code))

    def odds(draws: object, path: str) -> np.ndarray:
        share = draws[path].groups()[1][:, 0]  # type: ignore[index]
        return np.asarray(share / (1 - share))

    for path, id_ in (("groups.living_alone", "hh.one_65"), ("groups.couple_only", "hh.two_65")):
        theirs, own = older_households(the("430000"))[id_], older_households(the(code))[id_]
        ratio = own / (1 - own) * (1 - theirs) / theirs
        np.testing.assert_allclose(odds(here, path) / odds(hunan, path), ratio, rtol=1e-9)
    lent = ds.load(code).quantities["groups.living_alone"]
    assert lent.status == "borrowed"
