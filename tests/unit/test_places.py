"""Places: every published sum to the person, names without doubt, scenarios of any of them."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.errors import InputError
from demo_sim.places import census, children, counties_of, find, place_of, the_place
from demo_sim.places.finding import places
from demo_sim.places.migration import FIVE, YEARLY_AGES, residual, yearly
from demo_sim.places.population import population_rows, urban_part, whole_parts
from demo_sim.places.rates import fertility, life_expectancy
from demo_sim.scenario.place_tree import KEPT_KEYS

NATION = census.NATION
SHORT = ["draws=0", "period.end=2022", "plan=[]", "scale=20000", "options.person_draws=2"]


def call(*words: object) -> Any:
    return CliRunner().invoke(cli, [str(word) for word in words])


def cells(code: str, year: int = 2020) -> np.ndarray:
    found = census.counted(code, year)
    assert found is not None, code
    return np.array([found[sex] for sex in census.SEXES])


def test_parts_sum_to_the_whole_at_every_sex_and_age() -> None:
    assert int(cells(NATION).sum()) == 1_409_778_724 == place_of(NATION).total  # type: ignore[union-attr]
    for place in places().values():
        assert cells(place.code).sum() == place.total
        assert cells(place.code)[:, census.AGES.index("60-64") :].sum() == place.older_60
        if parts := children(place.code):
            assert sum(part.total for part in parts) == place.total, place
    # ages of a few zones and counties were printed apart from those of the place above; by province they agree
    provinces = sum(cells(place.code) for place in children(NATION))
    np.testing.assert_array_equal(provinces, cells(NATION))
    assert sum(place.level == "county" for place in places().values()) == 2848


def test_provinces_by_residence_are_those_by_county() -> None:
    for place in [*children(NATION), place_of(NATION)]:
        assert place is not None
        known = census.of_province(place.code, "population")
        urban = sum(sum(known["urban", sex]) for sex in census.SEXES)
        found = census.census_row("census_2020.csv", place.code)
        assert found is not None and urban == int(found["urban"])
        by_age = np.array([np.add(known["urban", sex], known["rural", sex]) for sex in census.SEXES])
        at = census.OLDER_AGES.index("85-89")
        joined = np.concatenate([by_age[:, :at], by_age[:, at:].sum(axis=1, keepdims=True)], axis=1)
        np.testing.assert_array_equal(joined, cells(place.code))


@pytest.mark.parametrize(
    "code", ["000000", "430000", "430200", "430223", "440783", "120115", "110101", "1401Z1", "469021"]
)
def test_the_table_of_a_place_keeps_every_published_sum(code: str) -> None:
    rows = population_rows(place_of(code))  # type: ignore[arg-type]
    found = census.census_row("census_2020.csv", code)
    assert found is not None
    assert sum(n for residence, _, _, n in rows if residence == "urban") == int(found["urban"])
    for s, sex in enumerate(census.SEXES):
        for i, age in enumerate(census.AGES):
            ages = census.OLDER_AGES[i:] if age == "85+" else (age,)
            assert sum(n for _, own, a, n in rows if own == sex and a in ages) == cells(code)[s, i]
    assert min(n for *_, n in rows) >= 0 and len(rows) == 2 * 2 * 22


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 5000), st.floats(0.02, 0.98)), min_size=2, max_size=30), st.floats(0.05, 0.95))
def test_the_urban_part_is_that_of_proportional_fitting(given_cells: list[tuple[int, float]], part: float) -> None:
    people, shares = [n for n, _ in given_cells], [p for _, p in given_cells]
    urban = round(part * sum(people))
    found = urban_part(people, shares, urban)
    assert sum(found) == urban and all(0 <= u <= n for u, n in zip(found, people, strict=True))
    if not 0 < urban < sum(people):
        return
    table = np.array([[n * p, n * (1 - p)] for n, p in given_cells])  # the slow twin
    for _ in range(3000):
        table *= np.array([urban, sum(people) - urban]) / table.sum(axis=0)
        table *= np.divide(people, table.sum(axis=1), out=np.zeros(len(people)), where=table.sum(axis=1) > 0)[:, None]
    np.testing.assert_allclose(found, table[:, 0], atol=1.6)


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=20), st.integers(0, 10**7))
def test_whole_parts_sum_and_lie_beside_the_exact(weights: list[float], total: int) -> None:
    parts = whole_parts(weights, total)
    assert sum(parts) == total
    if sum(weights) > 1e-3:
        assert all(abs(n - w * total / sum(weights)) <= 1.0 + 1e-6 * total for n, w in zip(parts, weights, strict=True))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("攸县", "430223"),
        ("430223", "430223"),
        ("湖南", "430000"),
        ("湖南省株洲市攸县", "430223"),
        ("株洲 攸县", "430223"),
        ("徐州鼓楼区", "320302"),
        ("开平市", "440783"),
        ("九原区", "150207"),
        ("北京", "110000"),
        ("全国", "000000"),
    ],
)
def test_a_name_without_doubt(text: str, code: str) -> None:
    place = the_place(text)
    assert place is not None and place.code == code


def test_names_in_doubt_and_names_of_nothing() -> None:
    assert {place.code for place in find("鼓楼区")} == {"320106", "320302", "350102", "410204"}
    assert the_place("鼓楼区") is None and the_place("吉林") is None and find("杭州湾底") == []
    assert place_of("430223").full_name == "湖南省 株洲市 攸县"  # type: ignore[union-attr]
    assert [place.code for place in counties_of(place_of("441900"))] == ["441900"]  # type: ignore[arg-type]
    assert len(counties_of(place_of("430000"))) == 122  # type: ignore[arg-type]


def test_the_tables_are_small_and_say_who_publishes_them() -> None:
    files = sorted(census.DATA.glob("*.csv"))
    assert sum(len(zlib.compress(file.read_bytes(), 9)) for file in files) < 1.5e6
    for file in files:
        assert re.match(r"publisher: .+; licence: .+; date: .+; status: ", census.table_heading(file.name))


def test_migration_between_the_censuses() -> None:
    assert residual(place_of(NATION))[1] == {sex: [0] * len(FIVE) for sex in census.SEXES}  # type: ignore[index]
    moved = np.array([list(residual(place)[1].values()) for place in children(NATION)])  # type: ignore[index]
    assert abs(moved.sum(axis=0)).max() <= 20  # closed: rounding of 31 provinces
    hunan = place_of("430000")
    assert hunan is not None
    # by hand: men of 25-29 in 2020 against those of 15-19 in 2010
    then, now, all_then, all_now = (
        cells(c, y)[0] for c, y in (("430000", 2010), ("430000", 2020), (NATION, 2010), (NATION, 2020))
    )
    i, j = census.AGES.index("15-19"), census.AGES.index("25-29")
    assert residual(hunan)[1]["male"][FIVE.index("25-29")] == round(now[j] - then[i] * all_now[j] / all_then[i])  # type: ignore[index]
    per_year = yearly(residual(hunan)[1])  # type: ignore[index]
    assert len(per_year["male"]) == len(YEARLY_AGES)
    assert sum(map(sum, per_year.values())) == pytest.approx(sum(map(sum, residual(hunan)[1].values())) / 10)  # type: ignore[index]
    # a district that was another land in 2010 has its prefecture's, in proportion
    place, own = residual(place_of("430212"))  # type: ignore[misc, arg-type]
    assert place.code == "430200" and abs(sum(own["male"])) < abs(sum(residual(place)[1]["male"]))  # type: ignore[index]


def test_rates_of_the_province() -> None:
    nation, hunan, youxian = (place_of(code) for code in (NATION, "430000", "430223"))
    assert nation is not None and hunan is not None and youxian is not None
    assert fertility(nation).value == 1.3 and life_expectancy(nation)["female"].value == 80.88
    assert fertility(hunan).value == pytest.approx(1.49, abs=0.02)  # what its yearbook gives
    assert fertility(youxian).value == fertility(hunan).value and fertility(youxian).low < fertility(hunan).low
    assert life_expectancy(hunan)["male"].value == pytest.approx(75.37 - 0.05, abs=0.005)
    assert life_expectancy(youxian)["male"].status == "assumed"


@pytest.mark.parametrize("code", ["440783", "120115", "150207", "320500"])
def test_a_scenario_begins_with_the_census(code: str) -> None:
    run = ds.simulate(ds.load(code, SHORT), engine="cohort")
    place = place_of(code)
    assert place is not None and float(run.attrs["base_counted"]) == pytest.approx(place.total)
    table = ds.load(code).tables["population.table"]
    ages = [first for first, _ in table.columns["age"]]
    for least in (60, 65, 80):
        own = sum(n for n, a in zip(table.columns["population"], ages, strict=True) if a >= least)
        assert (
            own
            == cells(code)[:, [i for i, a in enumerate(census.AGES) if int(a.split("-")[0].rstrip("+")) >= least]].sum()
        )


# the five smallest and five largest, wholly urban ones, autonomous ones, a prefecture without counties, a zone
SOME = sorted([place for place in places().values() if place.level == "county"], key=lambda place: place.total)


@pytest.mark.parametrize(
    "code", [*(p.code for p in SOME[:5] + SOME[-5:]), "110101", "542421", "441900", "429004", "1401Z1", "460300"]
)
def test_any_place_runs(code: str) -> None:
    if place_of(code) is None:
        code = "540602"
    run = ds.simulate(ds.load(code, SHORT))
    people = run.central.population
    assert np.isfinite(people.values).all() and float(people.min()) >= 0.0
    assert float(people.sel(time=2022).sum()) == pytest.approx(place_of(code).total, rel=0.15)  # type: ignore[union-attr]
    assert len(run.central.groups.group) > 55


def test_a_file_with_a_place_wins_over_it(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        'place: "430223"\nname: own\nfertility: {tfr: 1.2}\ngroups: {tekun: {2020: 4300, 2025: 4080}}\n',
        encoding="utf-8",
    )
    scenario = ds.load(file)
    assert scenario.name == "own" and scenario.quantities["fertility.tfr"].rows[0].value == 1.2
    groups = set(ds.simulate(scenario.replace({"draws": 0, "plan": []}), engine="cohort").groups.group.values.tolist())
    plain = set(ds.simulate(ds.load("430223", ["draws=0", "plan=[]"]), engine="cohort").groups.group.values.tolist())
    assert groups == plain  # a count of one's own takes no group away
    assert scenario.settings.place == "430223" and scenario.tables["population.table"].status == "published"


def test_a_place_may_stand_beside_what_a_file_extends(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text('place: "430224"\nname: base\nfertility: {tfr: 1.1}\n', encoding="utf-8")
    (tmp_path / "own.yaml").write_text('extends: base.yaml\nplace: "430223"\nname: own\n', encoding="utf-8")
    scenario = ds.load(tmp_path / "own.yaml")
    assert scenario.quantities["fertility.tfr"].rows[0].value == 1.1
    assert sum(scenario.tables["population.table"].columns["population"]) == 630_427
    assert scenario.settings.region.code == "430223" and scenario.name == "own"


@pytest.mark.parametrize("change", ['place="430224"', "extends=hunan.yaml"])
def test_what_belongs_into_a_file_is_not_set_from_outside(change: str) -> None:
    with pytest.raises(InputError, match="stands in a scenario file"):
        ds.load("430223", [change])
    key, _, value = change.partition("=")
    with pytest.raises(InputError, match="stands in a scenario file"):
        ds.load("430223").replace({key: value})


def test_no_source_of_a_place_is_unsaid() -> None:
    scenario = ds.load("430223")
    for path in ("workforce.unit_villages", "workforce.unit_townships", "groups.households", "migration.kept"):
        assert all(source.source for source in scenario.quantities[path].sources), path
    assert scenario.quantities["workforce.unit_villages"].rows[0].status == "published"
    assert [row.value for row in scenario.quantities["migration.kept"].rows] == [
        value for value, _, _ in KEPT_KEYS.values()
    ]


def test_new_writes_a_scenario_that_can_be_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("new", "攸县", "--plan", "2026-2030", "--lang", "en")
    assert done.exit_code == 0, done.output
    file = tmp_path / "430223-攸县" / "430223-攸县.yaml"
    assert call("validate", file).exit_code == 0
    text = file.read_text(encoding="utf-8")
    head, below = text[: text.index("# supply:")], text[text.index("# supply:") :]
    lines = [line if line.startswith("# 已有") else line.removeprefix("# ") for line in below.splitlines()]
    filled = "\n".join(
        re.sub(r"\{2020: , 2025: \}", "{2020: 0.4, 2025: 0.6}" if "share" in line else "{2020: 300, 2025: 400}", line)
        for line in lines
    )
    file.write_text(head + filled + "\n", encoding="utf-8")
    done = call("validate", file, "--lang", "en")
    assert done.exit_code == 0, done.output
    scenario = ds.load(file)
    assert set(scenario.settings.supply) >= {"institution_beds", "caregivers", "community_workers", "child_directors"}
    assert scenario.quantities["groups.tekun"].rows[1].value == 400
    run = ds.simulate(scenario.replace({"draws": 0}), engine="cohort")
    verdicts = run.targets.set_index(["id", "reading"])["verdict"]
    assert verdicts["430223.sample_nursing_bed_share", "indicator"] in ("met", "missed")
    assert call("new", "攸县").exit_code == 2  # the folder exists
    for words, said in (
        (["鼓楼区"], "may mean several"),
        (["攸县", "--plan", "2030"], "write 2026-2030"),
        (["own", "--plan", "2026-2030"], "is for places"),
    ):
        done = call("new", *words, "--lang", "en")
        assert done.exit_code == 2 and said in done.output, done.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('place: "999999"\n', 'own.yaml:1: place: no place has the code "999999"'),
        ("place: 4302239\n", "no place has the code"),
        ('place: "430223"\npopulation: {table: "place:43"}\n', "no table of this kind"),
        ('place: "430223"\nmortality: {table: "place:430223"}\n', "no table of this kind"),
        ('place: "430223"\nregion: {register: "999999"}\n', "999999"),
    ],
)
def test_wrong_places_are_named(text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    done = call("validate", "own.yaml", "--lang", "en")
    assert done.exit_code == 2 and said in done.output, done.output


def test_verbs_that_take_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "430223  湖南省 株洲市 攸县  县级  630,427" in call("places", "攸县").output
    assert len(call("places").output.splitlines()) == 33
    assert call("places", "不存在的地方").exit_code == 2
    done = call("run", "430229", "--lang", "en")
    assert done.exit_code == 2 and 'no place "430229"' in done.output and "did you mean" in done.output
    done = call("run", "鼓楼区", "--lang", "en")
    assert done.exit_code == 2 and "320302 江苏省 徐州市 鼓楼区" in done.output
    done = call("validate", "--counties", "株洲", "--lang", "en")
    assert done.exit_code == 0 and "9 counties checked" in done.output, done.output
    assert call("validate", "--counties", "无此地").exit_code == 2
    assert call("validate").exit_code == 2
    assert ds.places("攸县")["older_60"].tolist() == [152190]
    with pytest.raises(InputError, match="may mean several"):
        ds.load("鼓楼区")
    assert ds.load("suzhou").name == "suzhou"  # a name that ships wins
    assert ds.load("苏州市").name == "320500-苏州市"
