"""Rows of the register: look-up by region, borrowing, catalogue folders of the user."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from demo_sim.errors import InputError
from demo_sim.scenario import Scenario, load
from demo_sim.scenario import catalog as catalog_module
from demo_sim.scenario.register import read_register

MINIMAL = Path(__file__).resolve().parents[1] / "bad" / "minimal" / "minimal.yaml"

META = """\
id,region,label_zh,label_en,unit,year,status,reason,source,affects
rate,Hunan,比率,rate,per year,2020,assumed,because,somebody,all
rate,Suzhou,比率,rate,per year,2020,published,because,somebody,all
share,Hunan,占比,share,share of 60+,2020,assumed,because,somebody,all
flat,Hunan,零,flat,share,2020,assumed,because,somebody,all
gap,Hunan,差,gap,years,2020,assumed,because,somebody,all
count,Hunan,人数,count,persons,2020,published,because,somebody,all
norm,all,标准,norm,ratio,2020,plan,because,somebody,all
path,Hunan,路径,path,share,2020,assumed,because,somebody,all
words,Hunan,规则,words,text,2020,assumed,because,somebody,all
"""
VALUES = """\
id,region,year,cohort,sex,residence,age,level,name,value,low,high,status
rate,Hunan,,,,,,,,0.2,0.1,0.4,
rate,Suzhou,,,,,,,,0.3,,,
share,Hunan,,,,,60+,severe,,0.5,0.4,0.6,
flat,Hunan,,,,,,,,0,0,0.1,
gap,Hunan,,,male,,,,,-2,-4,-1,
count,Hunan,2020,,,,,,,1000,,,
norm,all,,,,,,,,0.03,0.02,0.04,
path,Hunan,2020,,,,,,,0.5,,,published
path,Hunan,2030,,,,,,,0.6,0.5,0.7,
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of its own with a tiny register."""
    shipped = tmp_path / "catalog"
    (shipped / "assumptions").mkdir(parents=True)
    (shipped / "assumptions" / "register.csv").write_text(META, encoding="utf-8")
    (shipped / "assumptions" / "values.csv").write_text(VALUES, encoding="utf-8")
    monkeypatch.setattr(catalog_module, "catalog_folder", lambda: shipped)
    return tmp_path


def scenario_of(text: str, folder: Path) -> Scenario:
    file = folder / "scenario.yaml"
    file.write_text(f"extends: {MINIMAL.as_posix()}\n{text}", encoding="utf-8")
    return load(file)


def test_own_row_wins(folder: Path) -> None:
    scenario = scenario_of("region: {register: Suzhou}\ngroups: {a: {assume: rate}, b: {assume: norm}}\n", folder)
    own = scenario["groups.a"]
    assert (own.rows[0].value, own.region, own.status) == (0.3, "Suzhou", "published")
    common = scenario["groups.b"]
    assert (common.region, common.status, common.unit) == ("all", "plan", "ratio")
    assert scenario.notes == ()


def test_missing_row_is_borrowed_with_a_wider_band(folder: Path) -> None:
    text = "region: {register: Suzhou}\ngroups: {a: {assume: share}, b: {assume: gap}, c: {assume: flat}}\n"
    scenario = scenario_of(text, folder)
    share = scenario["groups.a"].rows[0]
    logit = math.log(0.4 / 0.6)
    assert share.low == pytest.approx(1 / (1 + math.exp(-1.5 * logit)))
    assert (share.age, share.level, share.status) == ("60+", "severe", "borrowed")
    gap = scenario["groups.b"].rows[0]
    assert (gap.low, gap.value, gap.high) == (-5.0, -2.0, -0.5)
    flat = scenario["groups.c"].rows[0]
    assert (flat.low, flat.high) == (0.0, pytest.approx(0.15))
    assert scenario["groups.a"].status == "borrowed"
    [note] = scenario.notes
    assert note.text_en.startswith("3 numbers are not known for Suzhou") and "share, gap, flat" in note.text_en


def test_rate_is_widened_on_the_log_scale(folder: Path) -> None:
    row = scenario_of("groups: {a: {assume: rate}}\n", folder)["groups.a"].rows[0]
    assert row.low == pytest.approx(0.2 * 0.5**1.5)
    assert row.high == pytest.approx(0.2 * 2**1.5)


def test_count_is_never_borrowed(folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        scenario_of("region: {register: Suzhou}\ngroups: {a: {assume: count}}\n", folder)
    [problem] = caught.value.problems
    assert problem.path == "groups.a.assume"
    assert "“count”" in problem.text_zh and "Suzhou" in problem.text_zh


def test_rows_of_several_ids_and_status_of_a_row(folder: Path) -> None:
    text = "region: {register: Hunan, code: '430000'}\ngroups: {a: {assume: path, at: high}}\n"
    quantity = scenario_of(text, folder)["groups.a"]
    assert [row.status for row in quantity.rows] == ["published", "assumed"]
    assert quantity.at == "high"
    with pytest.raises(InputError, match="units of the rows taken together differ"):
        scenario_of("region: {register: Hunan, code: '430000'}\ngroups: {a: {assume: [rate, norm]}}\n", folder)


def test_text_rule_is_not_taken(folder: Path) -> None:
    with pytest.raises(InputError, match="a rule in words"):
        scenario_of("region: {register: Hunan, code: '430000'}\ngroups: {a: {assume: words}}\n", folder)


def test_shipped_register_is_read_whole() -> None:
    register = read_register(catalog_module.catalog_folder() / "assumptions")
    assert {"Hunan", "Suzhou", "Kaiping", "Baodi", "Jiuyuan"} <= set(register.regions)
    for id_ in register.ids:
        assert register.entry(id_) is not None
    for (id_, region), rows in register.rows.items():
        assert (id_, region) in register.entries
        assert all(row.low is None or row.low <= row.value <= (row.high or row.value) for row in rows)


POPULATION = """\
id: cyclists
label: {zh: 骑行者, en: Cyclists}
rule: {zh: 每人, en: everybody}
where: {age: 15+, function: intact}
times: [groups.share, {of: groups.share, complement: true}]
"""


def test_user_folder_adds_definitions(folder: Path) -> None:
    (folder / "mine" / "populations").mkdir(parents=True)
    (folder / "mine" / "populations" / "cyclists.yaml").write_text(POPULATION, encoding="utf-8")
    scenario = scenario_of("catalog: [mine]\ngroups: {share: 0.3}\n", folder)
    entry = scenario.catalog.populations["cyclists"]
    assert entry.label.text("zh") == "骑行者"
    assert entry.where.function == ("intact",)
    assert [factor.of for factor in entry.times] == ["groups.share", "groups.share"]
    assert entry.times[1].complement


def test_faults_of_definitions_are_named_with_their_line(folder: Path) -> None:
    (folder / "mine" / "populations").mkdir(parents=True)
    file = folder / "mine" / "populations" / "cyclists.yaml"
    file.write_text(POPULATION.replace("intact", "intakt").replace("times:", "tims:"), encoding="utf-8")
    (folder / "mine" / "plans").mkdir()
    plan = folder / "mine" / "plans" / "p.yaml"
    plan.write_text(
        "id: p\ntitle: {zh: 规划, en: Plan}\ndocument: {zh: 规划, en: Plan}\npublisher: x\ntargets:\n"
        "  - id: p.a\n    label: {zh: 甲, en: A}\n    indicator: none\n    operator: '>'\n    value: 1\n"
        "    unit: share\n    year: 2025\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        scenario_of("catalog: [mine]\n", folder)
    text = caught.value.render("en")
    assert f"{file.as_posix()}:5: tims: " in text and 'did you mean "times"' in text
    assert f"{file.as_posix()}:4: where.function" in text and 'did you mean "intact"' in text
    assert f'{plan.as_posix()}:9: targets[0].operator: ">" is not possible' in text


def test_target_of_an_unknown_indicator(folder: Path) -> None:
    (folder / "mine" / "plans").mkdir(parents=True)
    plan = folder / "mine" / "plans" / "p.yaml"
    plan.write_text(
        "id: p\ntitle: {zh: 规划, en: Plan}\ndocument: {zh: 规划, en: Plan}\npublisher: x\ntargets:\n"
        "  - id: p.a\n    label: {zh: 甲, en: A}\n    indicator: nothing\n    operator: '>='\n    value: 1\n"
        "    unit: share\n    year: 2023\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        scenario_of("catalog: [mine]\nplan: [p]\n", folder)
    assert f'{plan.as_posix()}:8: targets[0].indicator: there is no indicator "nothing"' in caught.value.render("en")
