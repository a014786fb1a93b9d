"""A scenario is a value: one file in, one frozen object out, every number with its place."""

from __future__ import annotations

import dataclasses
import pickle
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

import demo_sim
from demo_sim.errors import InputError
from demo_sim.scenario import Scenario, load

MINIMAL = Path(__file__).resolve().parents[1] / "bad" / "minimal" / "minimal.yaml"


def scenario_of(text: str, folder: Path, *changes: str) -> Scenario:
    file = folder / "scenario.yaml"
    file.write_text(f"extends: {MINIMAL.as_posix()}\n{text}", encoding="utf-8")
    return load(file, changes)


def test_minimal_scenario_of_four_tables() -> None:
    scenario = load(MINIMAL)
    assert set(scenario.tables) == {
        "population.table",
        "mortality.table",
        "fertility.table",
        "migration.table",
    }
    assert list(scenario.quantities) == ["fertility.srb"]
    assert scenario["fertility.srb"].rows[0].value == 1.06
    assert scenario.title.zh == "最小情景"
    assert scenario.settings.period.base == date(2021, 1, 1)
    assert scenario.settings.options.open_age == 100
    assert scenario.settings.migration.timing == "even"
    assert scenario.get("fertility.tfr") is None
    assert scenario.notes == ()
    assert {file.name for file in scenario.files} >= {"minimal.yaml", "population.csv", "register.csv"}


def test_shipped_scenario_by_name() -> None:
    scenario = load("hunan")
    assert scenario.name == "hunan"
    tfr = scenario["fertility.tfr"]
    assert {row.id for row in tfr.rows} == {"fert.tfr_past", "fert.tfr_future"}
    assert tfr.unit == "births per woman"
    assert tfr.where.file == "scenarios/hunan.yaml"
    lines = Path(scenario.files[0]).read_text(encoding="utf-8").splitlines()
    assert lines[tfr.where.line - 1].strip().startswith("tfr:")
    assert scenario["function.prevalence.any"].rows[0].age == "60-64"
    assert scenario["supply.institution_beds.stock"].unit == "beds"
    assert "outcomes.births.observed" in scenario.quantities


def test_scenario_is_frozen() -> None:
    scenario = load(MINIMAL)
    with pytest.raises(dataclasses.FrozenInstanceError):
        scenario.name = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        scenario.settings.draws = 5
    with pytest.raises(TypeError):
        scenario.quantities["x"] = scenario["fertility.srb"]  # type: ignore[index]


def test_forms_of_a_number(tmp_path: Path) -> None:
    scenario = scenario_of(
        """
groups:
  constant: 5
  path: {2020: 1.49, 2035: 1.13}
  by_age: {60-69: 0.1, 80+: 0.3, 37: 0.2}
  by_level: {intact: 1, total: 2}
  by_sex_and_year: {2020: {male: 75, female: 81}, 2035: {male: 77, female: {value: 83, low: 81, high: 85}}}
  by_name: {in: 3, out: 4}
  band: {value: 5, low: 4, high: 7, source: 年鉴, status: published, unit: persons}
  band_of_path: {value: {2020: 2, 2030: 3}, low: {2020: 1, 2030: 1}, high: {2020: 3, 2030: 9}, at: low}
  cohorts: {1940-1949: 2, 1950-1959: 1}
""",
        tmp_path,
    )
    rows = {path.split(".")[1]: quantity.rows for path, quantity in scenario.quantities.items()}
    assert rows["constant"][0].value == 5.0 and rows["constant"][0].year is None
    assert [(row.year, row.value) for row in rows["path"]] == [(2020, 1.49), (2035, 1.13)]
    assert [row.age for row in rows["by_age"]] == ["60-69", "80+", "37"]
    assert [row.level for row in rows["by_level"]] == ["intact", "total"]
    last = rows["by_sex_and_year"][-1]
    assert (last.year, last.sex, last.value, last.low, last.high) == (2035, "female", 83, 81, 85)
    assert [row.name for row in rows["by_name"]] == ["in", "out"]
    assert [row.cohort for row in rows["cohorts"]] == ["1940-1949", "1950-1959"]
    band = scenario["groups.band"]
    assert (band.source, band.status, band.unit, band.rows[0].status) == (
        "年鉴",
        "published",
        "persons",
        "published",
    )
    path = scenario["groups.band_of_path"]
    assert path.at == "low" and path.rows[1].high == 9 and path.rows[1].id == "groups.band_of_path"


def test_block_gives_source_and_status_to_its_numbers(tmp_path: Path) -> None:
    text = "fertility: {source: 统计局, status: published, srb: {value: 1.1, status: derived}}\n"
    scenario = scenario_of(text, tmp_path)
    assert scenario["fertility.srb"].source == "统计局"
    assert scenario["fertility.srb"].status == "derived"


def test_extends_merges_blocks_and_replaces_numbers_whole(tmp_path: Path) -> None:
    (tmp_path / "below.yaml").write_text(
        f"extends: {MINIMAL.as_posix()}\nregion: {{register: Hunan, code: '430000'}}\n"
        "groups: {a: {2020: 1, 2030: 2}, b: {assume: orphans, at: low}}\nplan: []\n",
        encoding="utf-8",
    )
    over = tmp_path / "over.yaml"
    over.write_text(
        "extends: below.yaml\nname: over\ngroups: {a: {2040: 3}, b: {assume: de_facto}, c: 4}\n",
        encoding="utf-8",
    )
    scenario = load(over)
    assert [row.year for row in scenario["groups.a"].rows] == [2040]
    assert scenario["groups.b"].at == "draw"
    assert {row.id for row in scenario["groups.b"].rows} == {"de_facto"}
    assert scenario["groups.c"].where.file.endswith("over.yaml")
    assert scenario.settings.region.code == "430000"
    assert {"over.yaml", "below.yaml", "minimal.yaml"} <= {file.name for file in scenario.files}


def test_null_drops_an_inherited_key(tmp_path: Path) -> None:
    scenario = scenario_of("migration: {table: null, net: 0}\n", tmp_path)
    assert "migration.table" not in scenario.tables
    assert scenario["migration.net"].rows[0].value == 0.0


def test_table_paths_start_at_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes((MINIMAL.parent / "population.csv").read_bytes())
    scenario = scenario_of("population: {table: mine.csv}\n", tmp_path)
    assert scenario.tables["population.table"].file == tmp_path / "mine.csv"
    assert scenario.tables["mortality.table"].file.name == "mortality.csv"


def test_set_and_replace_do_the_same(tmp_path: Path) -> None:
    text = "region: {register: Hunan}\nfertility: {table: null, tfr: 1.2, schedule: " + (
        f"{(MINIMAL.parent / 'fertility.csv').as_posix()}}}\n"
    )
    base = scenario_of(text, tmp_path)
    by_set = scenario_of(text, tmp_path, "fertility.tfr={2020: 1.4, 2035: 1.3}", "draws=7")
    by_replace = base.replace({"fertility.tfr": {2020: 1.4, 2035: 1.3}, "draws": 7})
    assert by_set["fertility.tfr"] == by_replace["fertility.tfr"]
    assert by_replace.settings.draws == 7 and base.settings.draws == 0
    assert str(by_replace["fertility.tfr"].where) == "--set fertility.tfr"
    assert base["fertility.tfr"].rows[0].value == 1.2
    assert by_set.text == by_replace.text


def test_a_year_of_a_path_is_set_and_the_past_is_kept(tmp_path: Path) -> None:
    before = load("hunan")["fertility.tfr"]
    after = load("hunan", ["fertility.tfr.2030=1.3"])["fertility.tfr"]
    assert [row for row in after.rows if row.year != 2030] == [row for row in before.rows if row.year != 2030]
    changed = next(row for row in after.rows if row.year == 2030)
    assert (changed.value, changed.status, changed.drawn) == (1.3, "assumed", False)
    assert after.sources[-1].id == "fertility.tfr" and after.sources[:-1] == before.sources
    written = (
        "region: {register: Hunan}\nfertility: {table: null, tfr: {value: {2020: 1.4, 2030: 1.2}, source: ours}, "
        + (f"schedule: {(MINIMAL.parent / 'fertility.csv').as_posix()}}}\n")
    )
    own = scenario_of(written, tmp_path, "fertility.tfr.2030=1.1", "fertility.tfr.2040=1.25")["fertility.tfr"]
    assert [(row.year, row.value) for row in own.rows] == [(2020, 1.4), (2030, 1.1), (2040, 1.25)]
    assert own.source == "ours"


def test_a_year_is_set_only_where_years_alone_tell_numbers_apart() -> None:
    for change, word in (("mortality.e0.2030=80", "by year alone"), ("fertility.tfr.2030=99", "out of bounds"),
                         ("fertility.tfr.203=1.3", "no key")):  # fmt: skip
        with pytest.raises(InputError, match=word) as caught:
            load("hunan", [change])
        assert len(caught.value.problems) == 1 and change.partition("=")[0] in str(caught.value)


def test_one_draw_is_told_apart_from_the_central_run() -> None:
    """Once `draws: 1` meant the run at stated values; now it is one random draw, and who writes it is told so."""
    minimal = load(MINIMAL)
    told = [note for note in minimal.replace({"draws": 1}).notes if note.path == "draws"]
    assert len(told) == 1 and "draws: 0" in told[0].text_en and "draws: 0" in told[0].text_zh
    for draws in (0, 2, 1024):
        assert minimal.replace({"draws": draws}).notes == ()


def test_draws_and_person_draws_where_nothing_is_said(tmp_path: Path) -> None:
    file = tmp_path / "plain.yaml"
    lines = MINIMAL.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("draws:"))
    tables = {"population.csv", "mortality.csv", "fertility.csv", "migration.csv"}
    for table in tables:
        text = text.replace(f"table: {table}", f"table: {(MINIMAL.parent / table).as_posix()}")
    file.write_text(text, encoding="utf-8")
    settings = load(file).settings
    assert (settings.draws, settings.options.person_draws, settings.options.keep) == (1024, 32, "five_year")


def test_replace_of_nonsense_is_refused() -> None:
    with pytest.raises(InputError, match=r"allowed 0\.9"):
        load(MINIMAL).replace({"fertility.srb": 3})
    with pytest.raises(InputError, match="finite"):
        load(MINIMAL).replace({"fertility.srb": float("nan")})


def test_text_can_be_loaded_again(tmp_path: Path) -> None:
    for scenario in (load("hunan"), load(MINIMAL)):
        again = tmp_path / f"{scenario.name}.yaml"
        text = scenario.text
        for table in scenario.tables.values():
            written = scenario.root.find(tuple(table.path.split("."))).written
            if not written.startswith("place:"):
                text = text.replace(f"{written}", table.file.as_posix())
        again.write_text(text, encoding="utf-8")
        loaded = load(again)
        assert [q.rows for q in loaded.quantities.values()] == [q.rows for q in scenario.quantities.values()]
        assert loaded.settings.model_dump(include={"period", "plan", "seed"}) == scenario.settings.model_dump(
            include={"period", "plan", "seed"}
        )


def test_known_until_forbids_later_observations(tmp_path: Path) -> None:
    text = """
known_until: 2022
groups:
  seen: {value: {2021: 1, 2022: 2, 2023: 3}, status: published}
  assumed: {2021: 1, 2023: 3}
  gone: {value: {2023: 3}, status: derived}
outcomes:
  births: {observed: {value: {2023: 3}, status: published}, mark: tested}
"""
    scenario = scenario_of(text, tmp_path)
    assert [row.year for row in scenario["groups.seen"].rows] == [2021, 2022]
    assert scenario["groups.seen"].dropped == 1
    assert len(scenario["groups.assumed"].rows) == 2
    assert scenario.get("groups.gone") is None
    assert {note.path for note in scenario.notes} == {"groups.seen", "groups.gone"}
    # what a back-test is compared with stays readable
    assert scenario["outcomes.births.observed"].rows[0].value == 3


def test_known_until_defaults_to_the_latest_observation(tmp_path: Path) -> None:
    assert load(MINIMAL).settings.known_until == 2020
    text = "groups: {seen: {value: {2019: 1, 2022: 2}, status: published}}\n"
    assert scenario_of(text, tmp_path).settings.known_until == 2022


def test_table_is_parsed_with_its_provenance(tmp_path: Path) -> None:
    table = load(MINIMAL).tables["population.table"]
    assert table.columns["age"][:3] == [(0, 0), (1, 4), (5, 9)]
    assert table.columns["age"][-1] == (100, None)
    assert table.lines[0] == 3
    assert (table.status, table.licence) == ("assumed", "MIT")
    rows = (MINIMAL.parent / "population.csv").read_text(encoding="utf-8").splitlines()
    mine = tmp_path / "mine.csv"
    mine.write_text("\n".join(rows[1:]), encoding="utf-8-sig")
    plain = load(MINIMAL, [f"population.table={mine.as_posix()}"]).tables["population.table"]
    assert (plain.source, plain.status, plain.lines[0]) == ("mine.csv", "assumed", 2)
    assert plain.columns == table.columns


def test_interpolation_is_only_where_the_scenario_says_so() -> None:
    assert load(MINIMAL).tables["mortality.table"].interpolate
    with pytest.raises(InputError, match="interpolate: true"):
        load(MINIMAL, ["mortality.interpolate=false"])


def test_locations_name_the_line_of_each_setting() -> None:
    scenario = load(MINIMAL)
    text = MINIMAL.read_text(encoding="utf-8").splitlines()
    for path, where in scenario.locations.items():
        assert path.split(".")[-1].split("[")[0] in text[where.line - 1]


def test_public_names_are_lazy() -> None:
    assert demo_sim.load is load
    assert demo_sim.Scenario is Scenario
    assert demo_sim.InputError is InputError
    assert "simulate" in dir(demo_sim)
    with pytest.raises(AttributeError, match="nothing"):
        _ = demo_sim.nothing  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["hunan", "kaiping"])
def test_a_scenario_can_be_sent_to_a_worker_process(name: str) -> None:
    scenario = load(name)
    sent = pickle.loads(pickle.dumps(scenario))
    assert sent.text == scenario.text and sent.settings == scenario.settings
    assert sent.quantities == scenario.quantities and sent.tables == scenario.tables
    assert sent.replace({"fertility.tfr": 1.25})["fertility.tfr"].rows[0].value == 1.25
    with pytest.raises(TypeError):
        sent.quantities["fertility.tfr"] = None
