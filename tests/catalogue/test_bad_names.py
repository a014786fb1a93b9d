"""Definitions and targets of the user's own that name nothing, ask the impossible or have another unit."""

from __future__ import annotations

from pathlib import Path

import pytest

import demo_sim as ds
from demo_sim.errors import InputError

LABEL = "{zh: 甲, en: A}"
INDICATOR = f"id: mine\nlabel: {LABEL}\nunit: share\ndefinition: {LABEL}\n"
RESOURCE = f"id: mine\nlabel: {LABEL}\nunit: places\n"
GROUP = f"id: mine\nlabel: {LABEL}\nrule: {LABEL}\n"
PLAN = f"""id: mine
title: {LABEL}
document: {LABEL}
publisher: 甲
targets:
"""


def target(of: str, value: float, unit: str, id_: str = "mine.a") -> str:
    where = f"indicator: {of}, unit: {unit}, year: 2025"
    return f"  - {{id: {id_}, label: {LABEL}, {where}, operator: '>=', value: {value}}}\n"


CASES = {
    "a numerator that is none": (
        "indicators", INDICATOR + "kind: ratio\nnumerator: supply.day_care_place\ndenominator: groups.older_60", 6,
        "没有“supply.day_care_place”", 'nothing is called "supply.day_care_place"',
    ),
    "a denominator with a slip": (
        "indicators", INDICATOR + "kind: ratio\nnumerator: supply.institution_beds\ndenominator: groups.oldr_60", 7,
        "是否要写“groups.older_60”", 'did you mean "groups.older_60"',
    ),
    "no numerator": (
        "indicators", INDICATOR + "kind: cumulative\nof: groups.older_60", 1, "numerator", "lacks: numerator",
    ),
    "no number of units": (
        "indicators", INDICATOR + "kind: units\ncoverage: reported.mine", 1, "缺少：units", "lacks: units",
    ),
    "another indicator that is none": (
        "plans", PLAN + target("nursing_bed_share", 0.5, "share, also: [institution_bed]"), 6,
        "是否要写“institution_beds”", 'did you mean "institution_beds"',
    ),
    "a share that is none": (
        "resources", RESOURCE + "needs:\n  observed: {where: {age: 65+}, times: [services.day_car]}", 5,
        "是否要写“services.day_care”", 'did you mean "services.day_care"',
    ),
    "a divisor that is none": (
        "resources", RESOURCE + "needs:\n  observed: {where: {age: 65+}, over: [services.occupanc]}", 5,
        "services.occupancy", 'did you mean "services.occupancy"',
    ),
    "a supply that is none": (
        "resources", RESOURCE + "supply: instituton_beds\nneeds: {}", 4, "supply.institution_beds",
        'did you mean "supply.institution_beds"',
    ),
    "ages reversed": ("populations", GROUP + "where: {age: 79-65}", 4, "写 65-79", "write 65-79"),
    "ages of nobody": ("populations", GROUP + "where: {age: 165+}", 4, "没有人符合", "nobody is 165+"),
    "a group inside another that is none": (
        "populations", GROUP + "of: older_6", 4, "没有人群“older_6”", 'there is no population "older_6"; did you mean',
    ),
    "a part of a sum that is none": (
        "populations", GROUP + "sum:\n  older_60: 1\n  older_aloen: -1", 6, "是否要写“older_alone”",
        'mean "older_alone"',
    ),
    "a group of a need that is none": (
        "resources", RESOURCE + "needs:\n  observed: {of: deahts, times: [services.cremation]}", 5, "“deaths”",
        'did you mean "deaths"',
    ),
    "ages beside another group": (
        "populations", GROUP + "of: tekun\nwhere: {age: 60+}", 5, "只能用一个", 'use either "where" or "of"',
    ),
    "a divisor beside a sum": (
        "populations", GROUP + "sum: {older_60: 1}\nover: services.occupancy", 5, "只能用一个",
        'use either "over" or "sum"',
    ),
    "a sum below zero": ("populations", GROUP + "sum: {older_60: -1, older_80: -0.5}", 4, "不会为正", "is above 0"),
    "a unit that is none": (
        "plans", PLAN + target("reported.meals", 30, "person"), 6, "persons", 'did you mean "persons"',
    ),
    "a unit unlike the indicator": (
        "plans", PLAN + target("community_workers_per_10000_urban", 0.18, "share"), 6, "per_10k_urban",
        'is "per_10k_urban", the target has "share"',
    ),
    "per cent": ("plans", PLAN + target("nursing_bed_share", 62, "share"), 6, "写成 0.62", "per cent is written 0.62"),
    "a target below zero": (
        "plans", PLAN + target("institution_beds", -400, "beds"), 6, "不能为负", "cannot be negative",
    ),
    "two targets of one id": (
        "plans", PLAN + target("institution_beds", 900, "beds") + target("institution_beds", 950, "beds"), 7,
        "“mine.a”已在", 'the id "mine.a" is already used in',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "line", "zh", "en"), CASES.values(), ids=CASES.keys())
def test_what_no_run_could_use_is_refused_where_it_stands(
    tmp_path: Path, kind: str, text: str, line: int, zh: str, en: str
) -> None:
    file = tmp_path / kind / "mine.yaml"
    file.parent.mkdir()
    file.write_text(text + "\n", encoding="utf-8")
    scenario = tmp_path / "scenario.yaml"
    plan = "plan: [mine]\n" if kind == "plans" else ""
    scenario.write_text(f"extends: hunan\nname: own\ncatalog: [.]\n{plan}", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        ds.load(scenario)
    [problem] = caught.value.problems
    assert (Path(problem.file).name, problem.line) == ("mine.yaml", line)
    assert zh in problem.text_zh and en in problem.text_en


def test_an_outcome_of_no_series_is_refused() -> None:
    with pytest.raises(InputError, match=r'no series "birth" to compare with; did you mean "births"'):
        ds.load("baodi", ["outcomes={birth: {observed: {2022: 4100}, mark: tested}}"])
    ds.load("hunan", ["outcomes={institution_beds: {observed: {2022: 231000}, mark: tested}}"])


def test_units_of_the_users_own_go_with_an_indicator_of_the_same(tmp_path: Path) -> None:
    for kind, text in (
        ("indicators", INDICATOR.replace("share", "张/千人") + "kind: level\nnumerator: supply.institution_beds"),
        ("plans", PLAN + target("mine", 38, "张/千人") + target("reported.hours", 5, "小时/周", "mine.b")),
    ):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "mine.yaml").write_text(text + "\n", encoding="utf-8")
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text("extends: hunan\nname: own\ncatalog: [.]\nplan: [mine]\n", encoding="utf-8")
    assert len(ds.load(scenario).catalog.plans["mine"].targets) == 2
