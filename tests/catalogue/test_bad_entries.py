"""A definition of the user's own that cannot be counted is refused at its line, before anything is run."""

from __future__ import annotations

from pathlib import Path

import pytest

import demo_sim as ds
from demo_sim.errors import InputError

MINIMAL = Path(__file__).resolve().parents[1] / "data" / "minimal" / "scenario.yaml"
HEAD = """id: mine
label: {zh: 人, en: people}
rule: {zh: 人, en: people}
"""
CASES = {
    "a word that is none": (
        "where: {age: 60+, kin: {partner: lots}}", 4, "where.kin.partner",
        "不能是 “lots”；是否要写“lost”？；可选：never、lost、here、elsewhere、away", 'did you mean "lost"?',
    ),
    "a key that is none": (
        "where: {age: 60+, kin: {childs: none}}", 4, "where.kin.childs", "是否要写“children”？", '"childs"',
    ),
    "a father of older people": (
        "where: {age: 60+, kin: {father: dead}}", 4, "where.kin.father", "请写 age: 0-17", "known below 18 only",
    ),
    "children of people of all ages": (
        "where: {kin: {children: none}}", 4, "where.kin.children", "请写 age: 18+", "the age here is 0+",
    ),
    "no condition": ("where: {age: 60+, kin: {}}", 4, "where.kin", "亲属条件是空的", "no condition on relatives"),
    "an alternative of the wrong age": (
        "where:\n  age: 0-17\n  any:\n    - {father: dead}\n    - {partner: here}", 8, "where.any[1].partner",
        "只对满18周岁的人记录", "known from 18 only",
    ),
    "a group that is none": (
        "where: {age: 60+}\nwithin: [older_alon]", 5, "within[0]", "没有人群“older_alon”；是否要写“older_alone”？",
        'no population "older_alon"; did you mean "older_alone"?',
    ),
    "a circle": ("union: [mine]", 1, "id", "人群互相引用成环：mine → mine", "rest on one another in a circle"),
    "a share and a total": (
        "where: {age: 60+, kin: {children: none}}\nmatch: groups.kin_near\nlevel: groups.tekun", 5, "match",
        "“match”与“level”只能用一个", 'use either "match" or "level"',
    ),
    "a share without relatives": (
        "where: {age: 60+}\nmatch: groups.kin_near", 5, "match", "where.kin", '"match" needs',
    ),
    "a set without shares": (
        "where: {age: 60+, kin: {children: none}}\none_of: a", 5, "one_of", "“one_of”就必须有“match”", '"one_of" needs',
    ),
    "a set of other ages": (
        "where: {age: 70+, kin: {children: none}}\nmatch: groups.kin_near\none_of: living_arrangement", 6, "one_of",
        "“older_alone”不同", '"older_alone" differs',
    ),
    "another rule that is never used": (
        "where: {age: 60+}\nwithout_kin: {where: {age: 60+}}", 5, "without_kin", "where.kin", '"without_kin" needs',
    ),
    "relatives in a rule that is united": (
        "where: {age: 60+}\nunion:\n  - where: {age: 50+, kin: {mother: dead}}", 6, "union[0].where.kin.mother",
        "请写 age: 0-17", "known below 18 only",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "path", "zh", "en"), CASES.values(), ids=CASES.keys())
def test_a_definition_is_refused_where_it_stands(
    tmp_path: Path, text: str, line: int, path: str, zh: str, en: str
) -> None:
    file = tmp_path / "populations" / "mine.yaml"
    file.parent.mkdir()
    file.write_text(HEAD + text + "\n", encoding="utf-8")
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(f"extends: {MINIMAL.as_posix()}\nname: own\ncatalog: [.]\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        ds.load(scenario)
    [problem] = caught.value.problems
    assert (Path(problem.file).name, problem.line, problem.path) == ("mine.yaml", line, path)
    assert zh in problem.text_zh and en in problem.text_en
