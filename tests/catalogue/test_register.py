"""The register of assumptions and the tables of the scenarios: complete, numeric, consistent."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import demo_sim as ds
from demo_sim.places import place_of
from demo_sim.scenario.place_tree import with_place

ROOT = Path(__file__).resolve().parents[2]
REGISTER = ROOT / "src" / "demo_sim" / "catalog" / "assumptions"
INPUTS = ROOT / "scenarios" / "inputs"
EVERY_REGION = {"base.total", "base.urban_share", "mort.e0"}
REGIONS = {"Hunan", "Suzhou", "Kaiping", "Baodi", "Jiuyuan"}
Rows = list[dict[str, str]]
STATUSES = {"plan", "published", "fitted", "derived", "assumed"}


def read(path: Path) -> Rows:
    text = path.read_text(encoding="utf-8")
    assert not text.startswith("\ufeff")
    lines = text.splitlines()
    return list(csv.DictReader(lines[1:] if lines[0].startswith("#") else lines))


@pytest.fixture(scope="module")
def register() -> Rows:
    return read(REGISTER / "register.csv")


@pytest.fixture(scope="module")
def values() -> Rows:
    return read(REGISTER / "values.csv")


def test_headers(register: Rows, values: Rows) -> None:
    assert ",".join(register[0]) == "id,region,label_zh,label_en,unit,year,status,reason,source,affects"
    assert ",".join(values[0]) == "id,region,year,cohort,sex,residence,age,level,name,value,low,high,status"


def test_each_id_and_region_stands_once(register: Rows) -> None:
    counts = Counter((row["id"], row["region"]) for row in register)
    assert [key for key, count in counts.items() if count > 1] == []


def test_every_row_says_what_it_is_and_where_from(register: Rows) -> None:
    for row in register:
        for column in ("label_zh", "label_en", "unit", "source"):
            assert row[column].strip(), (row["id"], column)
        assert row["status"] in STATUSES, row["id"]
        assert row["status"] != "assumed" or row["reason"].strip(), row["id"]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in row["label_zh"]), row["id"]


def test_label_does_not_depend_on_the_region(register: Rows) -> None:
    labels: dict[str, set[str]] = {}
    for row in register:
        labels.setdefault(row["id"], set()).add(row["label_zh"])
    assert {key: texts for key, texts in labels.items() if len(texts) > 1} == {}


def test_values_are_numbers_within_their_band(values: Rows) -> None:
    for row in values:
        value = float(row["value"])
        assert bool(row["low"]) == bool(row["high"]), row
        if row["low"]:
            assert float(row["low"]) <= value <= float(row["high"]), row
        assert row["status"] in STATUSES | {""}, row


def test_values_and_register_name_the_same_ids(register: Rows, values: Rows) -> None:
    numeric = {(row["id"], row["region"]) for row in register if row["unit"] != "text"}
    assert {(row["id"], row["region"]) for row in values} == numeric


def test_no_value_stands_twice(values: Rows) -> None:
    keys = ("id", "region", "year", "cohort", "sex", "residence", "age", "level", "name")
    counts = Counter(tuple(row[key] for key in keys) for row in values)
    assert [key for key, count in counts.items() if count > 1] == []


def test_shares_lie_between_0_and_1(register: Rows, values: Rows) -> None:
    units = {(row["id"], row["region"]): row["unit"] for row in register}
    for row in values:
        # Sets that hold numbers of several kinds name the others, as years or odds.
        if units[row["id"], row["region"]].startswith("share"):
            for column in ("value", "low", "high"):
                assert row[column] == "" or 0 <= float(row[column]) <= 1, row


def test_a_published_number_is_not_drawn(register: Rows, values: Rows) -> None:
    status = {(row["id"], row["region"]): row["status"] for row in register}
    for row in values:
        assert (row["status"] or status[row["id"], row["region"]]) != "published" or not row["low"], row


@pytest.mark.parametrize("name", ["hunan", "suzhou", "kaiping", "baodi", "jiuyuan"])
def test_every_region_has_its_starts_from_the_register_or_the_census(name: str) -> None:
    scenario = ds.load(name)
    region, place = scenario.settings.region.register_name, place_of(scenario.settings.region.code)
    assert place is not None
    own = scenario.catalog.register
    whole = with_place(own, place, region)
    assert {(key, region) for key in EVERY_REGION} <= set(whole.rows)
    # what the census gives of the place does not stand in the register, too
    assert name == "hunan" or ("base.total", region) not in own.rows
    assert whole.rows["base.total", region][-1].value == place.total


@pytest.mark.parametrize("name", ["hunan.yaml", "hunan-2050.yaml"])
def test_ids_used_by_a_scenario_exist(register: Rows, name: str) -> None:
    known = {row["id"] for row in register}

    def used(node: object) -> set[str]:
        if isinstance(node, dict):
            here = node.get("assume", [])
            ids = {here} if isinstance(here, str) else set(here)
            return ids.union(*(used(child) for child in node.values()))
        return set().union(*(used(child) for child in node)) if isinstance(node, list) else set()

    scenario = YAML(typ="safe", pure=True).load((ROOT / "scenarios" / name).read_text(encoding="utf-8"))
    assert used(scenario) - known == set()


def test_census_table_adds_up() -> None:
    rows = read(INPUTS / "hunan" / "population_2020.csv")
    assert sum(int(row["population"]) for row in rows) == 66_444_864
    assert len(rows) == 2 * 22


def test_template_is_complete() -> None:
    rows = read(INPUTS / "china" / "population_single_age.csv")
    ages = [str(age) for age in range(100)] + ["100+"]
    assert {(row["sex"], row["age"]) for row in rows} == set(product(("female", "male"), ages))
    assert len(rows) == 2 * len(ages) and {row["date"] for row in rows} == {"2020-11-01"}
    # people of the census of 2020, without the military, within the rounding of single ages
    assert sum(int(row["population"]) for row in rows) == pytest.approx(1_409_778_724, abs=100)


def test_mortality_is_complete_and_per_person() -> None:
    rows = read(INPUTS / "china" / "mx.csv")
    ages = ["0", "1-4", *(f"{age}-{age + 4}" for age in range(5, 100, 5)), "100+"]
    years = [str(year) for year in range(2018, 2054, 5)]
    assert [(row["year"], row["sex"], row["age"]) for row in rows] == [
        (year, sex, age) for year in years for sex in ("female", "male") for age in ages
    ]
    assert all(0 < float(row["mx"]) < 1 for row in rows)


@pytest.mark.parametrize(
    ("year", "tfr"), [(2020, 1.24), (2025, 1.02), (2030, 1.06), (2035, 1.10), (2040, 1.13), (2050, 1.18)]
)
def test_fertility_sums_to_the_published_total(year: int, tfr: float) -> None:
    rows = [row for row in read(INPUTS / "china" / "asfr.csv") if row["year"] == str(year)]
    assert [row["age"] for row in rows] == [str(age) for age in range(15, 50)]
    assert sum(float(row["asfr"]) for row in rows) == pytest.approx(tfr, abs=0.01)


@pytest.mark.parametrize("path", sorted(INPUTS.rglob("*.csv")), ids=lambda path: path.name)
def test_a_table_names_publisher_licence_date_and_status(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    parts = dict(part.split(": ", 1) for part in first[2:].split("; "))
    assert list(parts) == ["publisher", "licence", "date", "status"]
    assert parts["status"] in {"published", "derived"}


# the rate that stands for a count: id of the rate, of the count, and the group that Hunan counts by it
RATES = {
    "orphans.rate": "orphans",
    "de_facto.rate": "de_facto",
    "difficulty_children.rate": "difficulty_children",
    "children_guardian.rate": "children_guardian",
    "disab.living_rate": "living_allowance",
    "disab.care_rate": "care_allowance",
    "dibao.rate": "dibao",
    "special_fp.rate": "special_fp",
    "left_behind.rate": "left_behind",
    "live.leftbehind_elders_rate": "left_behind_elders",
}


def test_rates_that_stand_for_counts_give_the_counts_of_hunan() -> None:
    """A rate lent to other places is Hunan's own count over the people whom the rule counts."""
    hunan = ds.load("hunan").replace({"draws": 0, "period.end": 2025})
    rates = hunan.replace(
        {f"groups.{group}": {"assume": id_} for id_, group in RATES.items()}
        | {"groups.tekun": {"assume": "tekun.rate"}, "groups.households": {"assume": "hh.fit"}}
    )
    runs = [ds.simulate(scenario, engine="cohort").central for scenario in (hunan, rates)]
    known, rated = (run.groups.sel(time=2020) for run in runs)
    names = [*(name for name in RATES.values() if name != "left_behind_elders")]
    for name in (*names, "older_left_behind", "tekun_60", "tekun_18_59", "tekun_0_17", "households"):
        counts = [float(groups.sel(group=name).sum()) for groups in (known, rated)]
        assert counts[1] == pytest.approx(counts[0], rel=2e-3), name
