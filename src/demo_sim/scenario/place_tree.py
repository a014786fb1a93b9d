"""What a place gives to a scenario: the tree under the own entries, rows of the register, tables of the census.

`place: "430223"` in a file, or the code or name of a place in place of a file, brings it in.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from demo_sim.places import Place, census, place_of, places, the_place
from demo_sim.places.errors import Errors, errors_of, mean_half
from demo_sim.places.migration import YEARLY_AGES, residual, yearly
from demo_sim.places.mortality import province_pattern
from demo_sim.places.population import population_rows
from demo_sim.places.rates import Known, fertility, life_expectancy, sex_ratio
from demo_sim.places.registered import older_households, registered
from demo_sim.places.residence import residence_gap, urban_births
from demo_sim.scenario.messages import Problems, nearest, quoted
from demo_sim.scenario.model import InputTable
from demo_sim.scenario.nodes import Node, parse_yaml
from demo_sim.scenario.quantity import Location, Row
from demo_sim.scenario.register import Assumption, Register
from demo_sim.scenario.shipped import shipped_folder
from demo_sim.tables.layouts import read_age

SHARED = "inputs/region.yaml"  # what scenarios of places share, among those that ship
STANDARD = "inputs/china/mx.csv"  # the nation's death rates, among those that ship
PREFIX = "place:"  # of a table that the census of a place gives
_YEAR = 2020
PERSONS_ONE_TO_ONE = 400_000  # below, each person is an agent

_TREE = """\
name: {name}
title: {{zh: {zh}, en: "{zh} ({code})"}}
region: {{code: "{code}", concept: resident, register: "{code}"}}
population:
  table: place:{code}
mortality:
  standard: place:{code}
migration:
  table: place:{code}
  interpolate: true
  kept:
    value: {{{kept}}}
    source: {source}
    status: fitted{errors}
scale: {scale}
plan: [reference]
"""
# Part of the yearly net migration of 2010 to 2020 that goes on: calibration/places/fading.py.
KEPT_KEYS = {
    2021: (0.62, 0.11, 1.12),
    2025: (0.45, -0.39, 1.29),
    2030: (0.30, -0.54, 1.14),
    2035: (0.20, -0.64, 1.04),
}
_LATER_SRB = (1.05, 1.08, 1.12)  # boys per girl in 2035 where more are born today: low, value, high, judged
_KEPT_SOURCE = (
    "2010至2020年净迁移延续的部分，由31省2000至2010、2010至2020年净迁移拟合，县的区间不宽于回测误差 / part of the "
    "net migration of 2010 to 2020 that goes on, fitted to that of 31 provinces in both decades; the band of a county "
    "no wider than the errors of the back-test of such counties"
)
_ERROR_SOURCE = (
    "2010至2020年各县回测误差，按规模和增减分类，取另一半省份，扣除已抽取的部分 / errors of the back-test of counties "
    "2010 to 2020 by size and growth, of the other half of the provinces, less what is drawn already"
)


def place_tree(place: Place, problems: Problems) -> Node | None:
    """The tree of a place, to be merged over what places share and under the entries of a file."""
    errors = errors_of(place, mean_half([(year, (high - low) / 2) for year, (_, low, high) in KEPT_KEYS.items()]))
    part = 1.0 if errors is None else errors.kept
    ends = {year: (v - part * (v - low), v + part * (high - v)) for year, (v, low, high) in KEPT_KEYS.items()}
    kept = ", ".join(
        f"{year}: {{value: {KEPT_KEYS[year][0]}, low: {low:.2f}, high: {high:.2f}}}"
        for year, (low, high) in ends.items()
    )
    text = _TREE.format(
        name=f"{place.code}-{place.name}",
        zh=place.name,
        code=place.code,
        kept=kept,
        source=_KEPT_SOURCE,
        errors="" if errors is None else _errors(errors),
        scale=1 if place.total < PERSONS_ONE_TO_ONE else "auto",
    )
    return parse_yaml(text, Location(f"place {place.code}", 0), shipped_folder() / "inputs", problems)


def _errors(errors: Errors) -> str:
    """Entry of what forecasts of such a place missed."""
    lines = ["", "  error:"]
    for key, of in (("value", None), ("low", 0), ("high", 1)):
        named = (
            f"{name}: {{{', '.join(f'{age}: {0 if of is None else band[of]}' for age, band in ages.items())}}}"
            for name, ages in errors.parts.items()
        )
        lines.append(f"    {key}: {{{', '.join(named)}}}")
    return "\n".join([*lines, f"    source: {_ERROR_SOURCE}", "    status: fitted"])


def read_place(node: Node, problems: Problems) -> Place | None:
    """The place that the key `place` names by its code."""
    text = "" if isinstance(node.value, bool) else str(node.value) if isinstance(node.value, int | str) else ""
    found = the_place(text) if text else None
    if found is None:
        problems.add(node.where, "unknown_place", given=quoted(node.shown()), near=nearest(node.shown(), [*places()]))
    return found


def place_table(code: str, layout: str, where: Location) -> InputTable | None:
    """Table of a place as the census gives it, or None where it has none of this kind."""
    place = place_of(code)
    if place is None or layout not in ("population", "migration", "standard"):
        return None
    columns: dict[str, list[Any]]
    if layout == "population":
        rows = population_rows(place)
        columns = {
            "residence": [row[0] for row in rows],
            "sex": [row[1] for row in rows],
            "age": [read_age(row[2]) for row in rows],
            "population": [float(row[3]) for row in rows],
        }
        whole = place.level in ("nation", "province")  # published by residence
        file, status = "province_population.csv" if whole else "census_2020.csv", "published"
    elif layout == "standard":
        columns = _standard(place)
        file, status = "province_deaths.csv", "derived"
    else:
        found = residual(place)
        by_age = {sex: [0.0] * len(YEARLY_AGES) for sex in census.SEXES} if found is None else yearly(found[1])
        cells = [(sex, age, n) for sex, values in by_age.items() for age, n in zip(YEARLY_AGES, values, strict=True)]
        columns = {
            "year": [_YEAR + 1] * len(cells),
            "sex": [sex for sex, _, _ in cells],
            "age": [read_age(age) for _, age, _ in cells],
            "net_migration": [n for _, _, n in cells],
        }
        file, status = "census_2010.csv", "derived"
    length = len(next(iter(columns.values())))
    source = census.source(file)
    path = census.DATA / file
    return InputTable(where.path, columns, [0] * length, source, status, census.table_heading(file), path, where, True)


def _standard(place: Place) -> dict[str, list[Any]]:
    """Death rates of the nation's standard, bent by age as the deaths of the province are."""
    own, rows = province_pattern(place.province), _nation_rates()
    return {
        "year": [int(row["year"]) for row in rows],
        "sex": [row["sex"] for row in rows],
        "age": [read_age(row["age"]) for row in rows],
        "mx": [float(row["mx"]) * own[row["sex"]][census.OLDER_AGES.index(row["age"])] for row in rows],
    }


@cache
def _nation_rates() -> list[dict[str, str]]:
    text = (shipped_folder() / STANDARD).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def with_place(register: Register, place: Place, region: str) -> Register:
    """The register with the rows of a place for a region, as far as that has none of its own."""
    entries, rows = dict(register.entries), dict(register.rows)
    for id_, (numbers, source, status) in _rows_of(place).items():
        like, key = register.entry(id_), (id_, region)
        if like is not None and key not in rows:  # a catalogue of one's own may have other ids
            year = str(numbers[0].year or "")
            entries[key] = Assumption(id_, region, like.label, like.unit, year, status, "", source, like.affects)
            rows[key] = tuple(numbers)
    return Register(entries, rows, (*register.files, *sorted(Path(census.DATA).glob("*.csv"))))


def _rows_of(place: Place) -> dict[str, tuple[list[Row], str, str]]:
    """Rows, source and status by id."""
    found = census.census_row("census_2020.csv", place.code)
    assert found is not None
    out: dict[str, tuple[list[Row], str, str]] = {}

    def published(id_: str, source: str, numbers: Mapping[str, float], year: int | None = _YEAR) -> None:
        rows = [Row(float(n), year=year, name=name, id=id_, status="published") for name, n in numbers.items()]
        out[id_] = rows, source, "published"

    def known(id_: str, numbers: dict[str, Known], by: str = "sex") -> None:
        rows = [
            _known(id_, one, name if by == "sex" else "", name if by == "age" else "") for name, one in numbers.items()
        ]
        some = next(iter(numbers.values()))
        out[id_] = rows, some.source, some.status

    counted = census.source("census_2020.csv")
    published("base.total", counted, {"": place.total})
    urban = min(max(int(found["urban"]) / place.total, 0.001), 0.999)
    published("base.urban_share", counted, {"": round(urban, 6)})
    known("mort.e0", life_expectancy(place))
    known("mort.residence_gap", residence_gap(place))
    known("fert.tfr", {"": fertility(place)})
    known("fert.urban_births", {"": urban_births(place)})
    boys = sex_ratio(place)
    known("fert.srb", {"": boys})
    low, later = min(_LATER_SRB[0], boys.low), min(_LATER_SRB[1], boys.value)
    out["fert.srb"][0].append(Row(later, low, _LATER_SRB[2], year=2035, id="fert.srb", status="assumed"))
    here = registered(place)
    known("hukou.population", {"": here.persons})
    known("hukou.per_resident_by_age", here.per_resident, "age")
    for id_, share in older_households(place).items():
        out[id_] = [Row(share, year=_YEAR, id=id_, status="derived")], counted, "derived"
    households = int(found["family_households"] or 0)
    if households:
        size = round(int(found["people_in_family_households"]) / households, 4)
        published("hh.family", counted, {"households": households, "mean_size": size})
    units = place.units or dict.fromkeys(("villages", "communities", "streets", "towns", "townships"), 0)
    villages = {"villages": units["villages"], "urban_communities": units["communities"]}
    townships = {"subdistricts": units["streets"], "towns": units["towns"], "townships": units["townships"]}
    for id_, counts in (("unit.villages", villages), ("unit.townships", townships)):
        published(id_, census.source("places.csv"), counts, None)
    return out


def _known(id_: str, one: Known, sex: str, age: str) -> Row:
    low, high = (None, None) if one.low == one.high else (one.low, one.high)
    return Row(one.value, low, high, year=_YEAR, sex=sex, age=age, id=id_, status=one.status)
