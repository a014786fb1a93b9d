"""A user's own population, resource, indicator and plan: files in a folder of their own, nothing in the package."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.engine.size import Size
from demo_sim.errors import InputError
from demo_sim.inputs.build import build_inputs
from demo_sim.provenance import provenance
from demo_sim.results import input_digest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "mycounty"
PAGES = [ROOT / "docs" / name for name in ("adding.md", "adding.zh-CN.md")]


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """A copy of the example that a test may change."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "mycounty"))


@pytest.fixture(scope="module")
def run() -> ds.Results:
    return ds.simulate(ds.load(EXAMPLE / "scenario.yaml").replace({"draws": 200, "options.person_draws": 2}))


def test_the_definitions_are_counted_and_judged(run: ds.Results) -> None:
    assert "older_75_alone" in run.groups["group"].values
    people = run.central.population.sum(("function", "sex", "residence"))
    alone = run.central.groups.sel(group="older_75_alone").sum("residence")
    share = alone / people.sel(age=slice(75, None)).sum("age")
    assert 0.08 < float(share.min()) and float(share.max()) < 0.25
    for own, exact in ((run.central, 1e-12), (run, 1e-6)):
        older = own.groups.sel(group="older_60").sum("residence")
        places = own.stocks.sel(stock="meal_places")
        norm = own.need.sel(resource="meal_places", need_kind="normative")
        np.testing.assert_allclose(norm.values, 0.05 * older.values, rtol=exact)
        np.testing.assert_allclose(places.sel(time=2020).values, 2500.0)
        indicator = own.indicator.sel(target="mycounty.meal_places")
        np.testing.assert_allclose(indicator.values, (100 * places / older).values, rtol=exact)
    rows = run.targets.set_index("id")
    assert list(rows.index) == ["mycounty.meal_places", "mycounty.visits"]
    assert rows.loc["mycounty.meal_places", "driver"] == "supply.meal_places.yearly_change"
    assert rows.loc["mycounty.visits", "verdict"] == "met"
    assert float(rows.loc["mycounty.visits", "coverage_assumed"]) == pytest.approx(0.92)
    assert json.loads(run.attrs["warnings"]) == []


def test_labels_of_the_definitions_reach_the_results(run: ds.Results) -> None:
    group = run.groups.sel(group="older_75_alone")
    assert str(group["group_label_zh"].values) == "75岁及以上独居老年人"
    assert "alone" in str(group["group_label_en"].values)
    assert str(run.need.sel(resource="meal_places")["resource_unit"].values) == "places"


def test_a_stock_of_ones_own_is_counted_in_units_not_in_persons(tmp_path: Path) -> None:
    """37 paths for 586,000 people where 20 per 10,000 are asked for: what it takes is paths, and no people."""
    for folder, text in (
        (
            "catalog/indicators/paths.yaml",
            "id: paths\nlabel: 健身路径\ndefinition: 健身路径数与常住人口之比\nkind: ratio\nnumerator: supply.fitness\n"
            "denominator: groups.residents\nper: 10000\nunit: ratio\n",
        ),
        (
            "catalog/plans/mine.yaml",
            "id: mine\ntitle: 我的规划\ndocument: 某县规划\npublisher: 某县民政局\ntargets:\n"
            "  - {id: fit, label: 健身路径, indicator: paths, operator: '>=', value: 20, unit: ratio, year: 2025}\n",
        ),
        (
            "own.yaml",
            "catalog: [catalog]\nextends: '430223'\nname: own\nplan: [mine]\nsupply:\n"
            "  fitness: {kind: stock, label: 健身路径, status: reported, stock: {2020: 37}, yearly_change: 0}\n",
        ),
    ):
        (tmp_path / folder).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / folder).write_text(text, encoding="utf-8")
    row = ds.simulate(ds.load(tmp_path / "own.yaml").replace({"draws": 0}), engine="cohort").targets.iloc[0]
    assert (row["required_unit"], row["break_even_unit"]) == ("units", "units")
    assert float(row["break_even"]) == np.ceil(20 * float(row["count"]) / 1e4)


def test_the_package_does_not_know_them() -> None:
    assert "older_75_alone" not in ds.load("hunan").catalog.populations


def test_a_change_of_a_definition_is_another_input(county: Path) -> None:
    def inputs() -> str:
        scenario = ds.load(county / "scenario.yaml")
        return input_digest(provenance(scenario, Size.of(build_inputs(scenario), "cohort", 1)))

    before = inputs()
    assert inputs() == before
    file = county / "catalog" / "populations" / "older_75_alone.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("75+", "70+"), encoding="utf-8")
    assert inputs() != before


def test_a_definition_that_cannot_be_counted_is_said(county: Path) -> None:
    file = county / "catalog" / "populations" / "older_75_alone.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("living_alone", "kin_near"), encoding="utf-8")
    need = county / "catalog" / "resources" / "meal_places.yaml"
    need.write_text(need.read_text(encoding="utf-8").replace("meal_norm", "day_care"), encoding="utf-8")
    scenario = ds.load(county / "scenario.yaml").replace({"draws": 0, "options.person_draws": 2})
    notes = [note.text_en for note in scenario.notes]
    assert 'this scenario cannot count "older_75_alone"; missing: groups.kin_near' in notes
    assert 'this scenario cannot count "meal_places normative"; missing: services.day_care' in notes
    with pytest.raises(InputError, match=r"kin_near"):  # the waiting list rests on the group
        ds.simulate(scenario)
    run = ds.simulate(scenario.replace({"placement": None}))
    said = [warning["en"] for warning in json.loads(run.attrs["warnings"])]
    assert said[:2] == [
        "populations/older_75_alone is not counted; missing: groups.kin_near",
        "resources/meal_places normative is not counted; missing: services.day_care",
    ]
    visits = run.targets.set_index("id").loc["mycounty.visits"]
    assert (visits["verdict"], visits["driver"]) == ("not_assessed", "missing: groups.older_75_alone")


def test_a_misspelt_name_in_a_definition_is_refused_where_it_stands(county: Path) -> None:
    file = county / "catalog" / "populations" / "older_75_alone.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("living_alone", "living_along"), encoding="utf-8")
    words = r'older_75_alone.yaml:10: times.*"groups.living_along".*did you mean "groups.living_alone"'
    with pytest.raises(InputError, match=words):
        ds.load(county / "scenario.yaml")


def test_an_id_that_ships_is_refused(county: Path) -> None:
    file = county / "catalog" / "populations" / "older_60.yaml"
    text = (county / "catalog" / "populations" / "older_75_alone.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("id: older_75_alone", "id: older_60"), encoding="utf-8")
    with pytest.raises(InputError, match=r"older_60"):
        ds.load(county / "scenario.yaml")


def test_a_misspelt_indicator_of_a_target_is_named(county: Path) -> None:
    file = county / "catalog" / "plans" / "mycounty-2021-2025.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("meal_places_per_100", "meal_place_per_100"), encoding="utf-8")
    with pytest.raises(InputError, match=r"mycounty-2021-2025.yaml:\d+: .*meal_place_per_100"):
        ds.load(county / "scenario.yaml")


def blocks(page: Path) -> list[tuple[str, str]]:
    """File name and text of each YAML block of a page; the first line of a block names its file."""
    found = re.findall(r"```yaml\n# (\S+)\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [(name, text) for name, text in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_shows_what_the_example_holds(page: Path) -> None:
    for name, text in blocks(page):
        assert text in (EXAMPLE / name).read_text(encoding="utf-8"), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_shows_every_definition(page: Path) -> None:
    shown = {name for name, _ in blocks(page)}
    files = {path.relative_to(EXAMPLE).as_posix() for path in (EXAMPLE / "catalog").rglob("*.yaml")}
    assert files <= shown
