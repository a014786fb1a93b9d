"""Words: one language is enough, a source stands once a block, messages keep to a language and hint at the new."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import demo_sim as ds
from demo_sim.errors import InputError
from demo_sim.scenario import load
from demo_sim.scenario.messages import NONE, nearest
from demo_sim.scenario.schema import scenario_schema


def problem(source: str | Path, *changes: str) -> InputError:
    with pytest.raises(InputError) as caught:
        load(source, changes)
    return caught.value


def test_names_in_one_language_serve_both(tmp_path: Path) -> None:
    texts = {
        "populations/mine.yaml": "id: mine\nlabel: 七旬老人\nrule: {zh: 满七十周岁}\nwhere: {age: 70+}\n",
        "plans/next.yaml": (
            "id: next\ntitle: 下一个规划\ndocument: {zh: 文件}\npublisher: 县民政局\ntargets:\n"
            "  - {id: next.a, label: 床位, indicator: institution_beds, operator: '>=',"
            " value: 900, unit: beds, year: 2025}\n"
        ),
        "s.yaml": "extends: hunan\nname: s\ntitle: {zh: 某县}\ncatalog: [.]\nplan: [next]\n"
        "supply: {institution_beds: {label: {zh: 床位}}}\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    scenario = load(tmp_path / "s.yaml")
    assert scenario.title.en == "某县"
    assert scenario.catalog.populations["mine"].label.text("en") == "七旬老人"
    assert scenario.catalog.plans["next"].targets[0].label.zh == "床位"
    assert scenario.settings.supply["institution_beds"].label.en == "床位"


def test_a_source_stands_once_a_block(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(
        "extends: baodi\nname: s\n"
        "groups:\n  source: 县民政局台账\n  status: published\n  tekun: {2020: 1900, 2024: 1750}\n"
        "  orphans: {value: 61, source: 另一处}\n"
        "supply:\n  source: 年报\n  institution_beds: {kind: beds, stock: {2020: 2400}}\n",
        encoding="utf-8",
    )
    scenario = load(file)
    assert (scenario["groups.tekun"].source, scenario["groups.tekun"].status) == ("县民政局台账", "published")
    assert (scenario["groups.orphans"].source, scenario["groups.orphans"].status) == ("另一处", "published")
    assert scenario["supply.institution_beds.stock"].source == "年报"
    below = load("baodi")["groups.tekun_unable_concentrated"]
    assert scenario["groups.tekun_unable_concentrated"].source == below.source  # what another file says of its own
    assert "groups.source" not in scenario.quantities


def test_a_wrong_status_of_a_block_is_refused_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("extends: baodi\nname: s\nservices:\n  status: publishd\n  visits: 0.4\n", encoding="utf-8")
    [found] = problem(file).problems
    assert found.line == 4 and "是否要写“published”" in found.text_zh


def test_the_schema_takes_both_forms() -> None:
    schema = scenario_schema("zh")
    assert schema["properties"]["groups"]["properties"]["status"]["enum"]
    assert {"type": "string"} in schema["$defs"]["Label"]["anyOf"]


def test_a_hint_differs_from_what_was_typed(tmp_path: Path) -> None:
    assert nearest("beds", ["beds", "staff"]) == NONE
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "own-2030.yaml").write_text("id: own-2030\ntitle: 甲\ntargets: []\n", encoding="utf-8")
    text = problem("baodi", f"catalog=[{tmp_path.as_posix()}]", "plan=[own-2030]").render("zh")
    assert "是否要写“own-2030”" not in text and "没有规划" not in text
    assert "缺少必填的“publisher”" in text


ENGLISH = re.compile(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}")


@pytest.mark.parametrize(
    "changes",
    [
        ("population.age_share={60+: 0.2, 65+: 0.24}",),
        ("plan=reference",),
        ("supply={beds: {kind: beds}}",),
        ("migration={net: 400}",),
        ("region.code=430223",),
        ("options.open_age=90",),
        (
            "placement={institution: {use: services.institution_use, beds: none}, "
            "priority: [{id: a, label: 甲, any: []}]}",
        ),
        ("title=",),
    ],
)
def test_chinese_messages_are_chinese(changes: tuple[str, ...]) -> None:
    error = problem("baodi", *changes)
    for found in error.problems:
        assert not ENGLISH.search(found.text_zh), found.text_zh
        assert not re.search(r"[\u4e00-\u9fff]{2}", found.text_en), found.text_en


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["run"], "缺少 SCENARIO|PLACE", "Missing argument"),
        (["run", "hunan", "--drws", "3"], "没有选项 --drws；是否要写 --draws？", "No such option"),
        (["run", "hunan", "again"], "多出的参数：again", "unexpected extra argument"),
        (["run", "hunan", "--engine", "person"], "可选：people、cohort", "is not one of"),
        (["valdate", "hunan"], "没有“valdate”这个命令", "No such command"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_language(arguments: list[str], zh: str, en: str) -> None:
    for lang, words in (("zh", zh), ("en", en)):
        command = [sys.executable, "-c", "from demo_sim.cli import main; main()", *arguments]
        environment = {"DEMO_SIM_LANG": lang, "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(command, capture_output=True, env={**os.environ, **environment}, check=False)
        text = done.stderr.decode("utf-8")
        assert done.returncode == 2 and words in text and "Traceback" not in text
        assert ("Usage:" in text) == (lang == "en")


def test_a_label_without_any_text_is_refused() -> None:
    assert "title" in problem("baodi", "title={en: County}").render("en")
    assert json.dumps(ds.load("baodi").title.model_dump(), ensure_ascii=False)
