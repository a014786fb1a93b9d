"""What inputs imply before a run, and what of it is told as odd; no word where the numbers are those of the census."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.places import places
from demo_sim.provenance import input_columns
from demo_sim.scenario import Scenario, load
from demo_sim.scenario.model import InputTable
from demo_sim.scenario.shipped import shipped_folder
from demo_sim.sense import implied_figures, notices
from demo_sim.sense.inputs import Level
from demo_sim.sense.unread import unread_paths
from demo_sim.tables.layouts import age_text

LOOKED_AT = ("population.table", "mortality.table", "mortality.standard", "fertility.table", "fertility.schedule")
AGES = ["0", "1-4", *(f"{a}-{a + 4}" for a in range(5, 100, 5)), "100+"]
WIDTHS = [1, 4, *[5] * 19, 1]
MX = [0.004, 0.0004, *(0.00016 * 1.093 ** (5 * i) for i in range(20))]  # doubling in some eight years
ASFR = {"15-19": 0.006, "20-24": 0.05, "25-29": 0.1, "30-34": 0.07, "35-39": 0.025, "40-44": 0.005}


def people(ages: int, women: float = 1.0) -> list[tuple[str, list[float]]]:
    """A county of some 180,000 people, its groups thinning out with age."""
    young = [ages * width * max(1.0 - 0.007 * 5 * i, 0.02) for i, width in enumerate(WIDTHS)]
    boys = [1.12, 1.12, *(1.1 - 0.03 * i for i in range(20))]
    return [("male", [n * b for n, b in zip(young, boys, strict=True)]), ("female", [n * women for n in young])]


class County:
    """A scenario whose tables a test may change before they are written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.people = people(1300)
        self.mx = {"male": [1.25 * m for m in MX], "female": list(MX)}
        self.asfr = dict(ASFR)
        self.head = "region: {concept: resident}\n"
        self.tail = ""
        self.end = 2026

    def load(self, *changes: str) -> Scenario:
        def write(name: str, rows: list[str]) -> None:
            (self.folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")

        counted = [f"{sex},{age},{n:.10g}" for sex, ns in self.people for age, n in zip(AGES, ns, strict=True)]
        write("people.csv", ["sex,age,population", *counted])
        rates = [f"2021,{sex},{age},{m:.8g}" for sex, ms in self.mx.items() for age, m in zip(AGES, ms, strict=True)]
        write("mx.csv", ["year,sex,age,mx", *rates])
        write("asfr.csv", ["year,age,asfr", *(f"2021,{age},{rate:.8g}" for age, rate in self.asfr.items())])
        write(
            "county.yaml",
            [
                "name: county", self.head, f"period: {{base: 2020-11-01, start: 2021, end: {self.end}}}",
                "population: {table: people.csv}", "mortality: {table: mx.csv, interpolate: true}",
                "fertility: {table: asfr.csv, interpolate: true, srb: 1.08}", "migration: {net: 0}", self.tail,
            ],
        )  # fmt: skip
        return load(self.folder / "county.yaml", changes)

    def told(self, *changes: str, lang: str = "en") -> str:
        return "\n".join(note.render(lang) for note in notices(self.load(*changes)))


@pytest.fixture
def county(tmp_path: Path) -> County:
    return County(tmp_path)


def test_a_sound_county_is_told_nothing(county: County) -> None:
    assert county.told() == ""


def divided(county: County, by: float) -> None:
    county.people = [(sex, [n / by for n in ns]) for sex, ns in county.people]


def thousands(county: County) -> None:
    county.head = 'region: {code: "430223", concept: resident}\n'
    divided(county, 300.0)


def together(county: County) -> None:
    (_, men), (_, women) = county.people
    county.people = [("male", [a + b for a, b in zip(men, women, strict=True)]), ("female", women)]


def exchanged(county: County) -> None:
    (_, men), (_, women) = county.people
    county.people = [("male", women), ("female", men)]


def copied(county: County) -> None:
    county.people = [(sex, county.people[1][1]) for sex in ("male", "female")]


def death_rates(county: County, male: float) -> None:
    county.mx["male"] = [male * m for m in MX]


def probabilities(county: County) -> None:
    county.mx = {sex: [min(m * w, 0.97) for m, w in zip(ms, WIDTHS, strict=True)] for sex, ms in county.mx.items()}


def births(county: County, times: float) -> None:
    county.asfr = {age: times * rate for age, rate in county.asfr.items()}


def shifted(county: County) -> None:
    county.asfr = dict(zip(["10-14", "15-19", "20-24", "25-29"], [0.006, 0.1, 0.14, 0.02], strict=True))


def rate(county: County, sex: str, group: int, value: float) -> None:
    county.mx[sex][group] = value


def until(county: County, year: int) -> None:
    county.end = year


CHANGES: dict[str, tuple[Callable[[County], None], str, str]] = {
    "ten thousands": (
        lambda c: divided(c, 1e4),
        "且有小数，少于任何一个县",
        "with fractions of persons, fewer than a county",
    ),
    "thousands under a code": (thousands, "单位是否为千人", "are these thousands?"),
    "men and women together": (together, "男女合计", "one column may hold both sexes"),
    "sexes exchanged": (exchanged, "男女可能写反", "the sexes may be exchanged"),
    "one sex copied": (copied, "人数完全相同", "the same people"),
    "death rates copied": (lambda c: death_rates(c, 1.0), "死亡率完全相同", "the same death rates"),
    "death rates exchanged": (lambda c: death_rates(c, 0.8), "男性预期寿命", "men live longer"),
    "probabilities over five years": (probabilities, "五年死亡概率", "probabilities over five years"),
    "births of five years": (lambda c: births(c, 5.0), "五岁组各年之和", "sums the five years"),
    "births in tenths": (lambda c: births(c, 8.0), "通常在 0.4 至 3.5", "usually 0.4 to 3.5"),
    "ages of mothers shifted": (shifted, "平均生育年龄", "a mean age at birth of 20"),
    "a cell without deaths": (
        lambda c: rate(c, "female", 3, 0.0),
        "1 个年龄组没有死亡（10-14）",
        "1 age groups without deaths (10-14)",
    ),
    "noise of old age": (lambda c: rate(c, "male", 20, 1.62), "最高 1.62，95-99 岁", "up to 1.62 at 95-99"),
    "a table that ends": (lambda c: until(c, 2050), "2022–2050 年沿用 2021 年", "2022-2050 have those of 2021"),
}


@pytest.mark.parametrize(("change", "zh", "en"), CHANGES.values(), ids=CHANGES.keys())
def test_what_is_odd_is_told(county: County, change: Callable[[County], None], zh: str, en: str) -> None:
    change(county)
    assert zh in county.told(lang="zh")
    assert en in county.told(lang="en")


@pytest.mark.parametrize(
    ("changes", "path", "en"),
    [
        (["population.tie=total", "population.tie_total={2020: 62.035}"], "tie_total", "are these ten thousands?"),
        (["population.tie=total", "population.tie_total={2020: 7490000}"], "tie_total", "7,490,000 people"),
        (["population.total=74.9", "migration.table=null", "migration.net=0"], "total", "are these ten thousands?"),
    ],
)
def test_a_total_beside_a_table_of_the_census_is_looked_at(changes: list[str], path: str, en: str) -> None:
    text = {note.path: note.text_en for note in notices(load("kaiping").replace(overrides(changes)))}
    assert en in text[f"population.{path}"]


def overrides(changes: list[str]) -> dict[str, Any]:
    return {name: yaml.safe_load(value) for name, value in (change.split("=", 1) for change in changes)}


@pytest.mark.parametrize("year", [1950, 2150])
def test_rates_of_another_time_are_told_however_short_the_run(county: County, year: int) -> None:
    county.load()
    text = (county.folder / "asfr.csv").read_text(encoding="utf-8").replace("2021,", f"{year},")
    (county.folder / "far.csv").write_text(text, encoding="utf-8")
    told = county.told(f"fertility.table={(county.folder / 'far.csv').as_posix()}", "period.end=2023")
    assert f"the table covers {year}-{year}: 2021-2023 have those of {year}" in told


def test_migrants_beyond_the_usual_are_told(county: County) -> None:
    profile = "{0-19: 0.3, 20-59: 0.6, 60+: 0.1}"
    assert "net migrants per 1,000: 4" in county.told(f"migration={{net: 7800, profile: {profile}}}")
    assert county.told(f"migration={{net: 780, profile: {profile}}}") == ""


@pytest.mark.parametrize(
    ("change", "path", "en"),
    [
        ("groups.disabld={2025: 19800}", "groups.disabld", "no rule of the catalogue mentions it"),
        ("services.institution_usage=0.02", "services.institution_usage", 'did you mean "services.institution_use"'),
        ("workforce.community_worker_nrom=19", "workforce.community_worker_nrom", "community_worker_norm"),
        ("population.tie_total=183000", "population.tie_total", "without tie: total"),
        ("urbanisation={urban_share: 0.6}", "urbanisation.urban_share", "does not tell urban from rural"),
        ("supply={养老机构床位: {kind: beds, stock: 900}}", "supply.养老机构床位", "refers to this stock"),
        (
            "supply={beds_at_home: {kind: beds, stock: 40, closure_nursing_share: 0.5}}",
            "supply.beds_at_home",
            "without",
        ),
        ("reported.child_files=0.9", "reported.child_files", "no plan of the scenario asks for it"),
    ],
)
def test_numbers_that_nothing_reads_are_named(county: County, change: str, path: str, en: str) -> None:
    scenario = county.load(change)
    assert any(name.startswith(path) for name in unread_paths(scenario))
    assert en in "\n".join(note.render("en") for note in notices(scenario))


def test_every_dated_total_is_read_where_the_years_are_tied() -> None:
    totals = {"value": {2020: 66_450_000, 2022: 66_010_000}, "source": "test", "status": "assumed"}
    tied = load("hunan").replace({"population.tie_total": totals})
    assert "population.tie_total" not in unread_paths(tied)
    assert "without tie: total" in unread_paths(tied.replace({"population.tie": "none"}))["population.tie_total"].en


def test_years_of_birth_move_nobody_where_the_table_has_single_ages() -> None:
    folder = Path(__file__).parents[1] / "data" / "minimal"
    single = load(folder / "scenario.yaml", ["population.births_factor={1959-1961: 0.7}"])
    assert "single ages" in unread_paths(single)["population.births_factor"].en
    assert "population.births_factor" not in unread_paths(load("hunan"))


def test_a_name_that_nothing_asks_for_is_named() -> None:
    scenario = load("hunan", ["services.burial_places={places_per_cremation: 1.2, places_per_cremations: 1.4}"])
    assert "the names places_per_cremations" in unread_paths(scenario)["services.burial_places"].en


def test_inputs_say_whether_they_are_read(county: County) -> None:
    columns = {name: values for name, (_, values) in input_columns(county.load("groups.disabld=300")).items()}
    read = dict(zip(columns["id"], columns["read"], strict=True))
    assert read["groups.disabld"] == "no"
    assert read["fertility.srb"] == read["population.table"] == "yes"


def test_all_that_is_called_unread_is_read_by_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from demo_sim.inputs.draws import Draws

    asked: set[str] = set()
    found = Draws.__getitem__

    def noted(self: Draws, path: str) -> object:
        asked.add(path)
        return found(self, path)

    monkeypatch.setattr(Draws, "__getitem__", noted)
    scenario = load("hunan", ["draws=0", "period.end=2025", "options.person_draws=1", "scale=20000"])
    ds.simulate(scenario)
    unread = set(unread_paths(scenario)) & set(scenario.quantities)
    assert not unread & asked
    # what a rule may read where relatives are not known is read by a run of the cohort engine
    ds.simulate(scenario, engine="cohort")
    mentioned = {"groups.care_allowance", "groups.both_allowances"}
    left = {path for path in scenario.quantities if path.split(".")[0] not in ("outcomes", "reported")} - asked - unread
    assert len(left - mentioned) <= 12, sorted(left)


# Places of the census that look odd: miners, shipyards, frontiers, a city of young workers, a college town.
UNUSUAL = ["330921", "440306", "440311", "632803", "632857", "650522", "652702", "450311"]


def some_places() -> list[str]:
    known = [place for place in places().values() if place.level in ("county", "province")]
    some = [place.code for place in known if place.level == "province"]
    counties = sorted(place.code for place in known if place.level == "county")
    return [*some, *random.Random(77).sample(counties, 60), *UNUSUAL]


def own_file(table: InputTable, folder: Path) -> str:
    """A table of the package as a file of the user's own, whose level is looked at."""
    names = list(table.columns)
    cells = ([age_text(v) if n == "age" else v for n, v in zip(names, row, strict=True)] for row in rows_of(table))
    lines = [",".join(map(str, row)) for row in ([*names], *cells)]
    file = folder / f"{table.path}.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"{table.path}={file.as_posix()}"


def rows_of(table: InputTable) -> Iterator[tuple[Any, ...]]:
    return zip(*table.columns.values(), strict=True)


def test_the_census_is_told_nothing(tmp_path: Path) -> None:
    """Neither as the package has it, nor typed by a user: then no word excuses it, and its level must pass."""
    for code in some_places():
        scenario = load(code)
        assert notices(scenario) == [], code
        own = [own_file(scenario.tables[path], tmp_path) for path in LOOKED_AT if path in scenario.tables]
        assert len(own) >= 2 and notices(load(code, own)) == [], code


@pytest.mark.parametrize("name", sorted(file.stem for file in shipped_folder().glob("*.yaml")))
def test_shipped_scenarios_are_told_nothing(name: str) -> None:
    assert notices(load(name)) == []


def test_rough_figures_are_those_of_a_run() -> None:
    for code in ("430223", "hunan"):
        scenario = load(code, ["draws=0"])
        run = ds.simulate(scenario, engine="cohort").central.population.sum(("function", "residence"))
        for figure in implied_figures(Level(scenario)):
            for time, value in ((2020, figure.first), (2035, figure.last)):
                here = run.sel(time=time)
                whole = float(here.sum())
                if figure.name == "people":
                    assert value == pytest.approx(whole, rel=0.02)
                elif figure.name == "older_60":
                    assert value == pytest.approx(100 * float(here.sel(age=slice(60, None)).sum()) / whole, abs=0.8)
                elif figure.name == "men_per_100_women":
                    men, women = (float(here.sel(sex=sex).sum()) for sex in ("male", "female"))
                    assert value == pytest.approx(100 * men / women, abs=1.0)


@pytest.mark.parametrize(("lang", "words"), [("zh", "株洲市2020年"), ("en", "life expectancy, women")])
def test_validate_prints_what_the_inputs_imply(lang: str, words: str) -> None:
    outcome = CliRunner().invoke(cli, ["validate", "430223", "--lang", lang])
    assert outcome.exit_code == 0 and words in outcome.output and "630,427" in outcome.output
