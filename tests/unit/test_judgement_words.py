"""What is said of a target's row, in the words of an office, in the terminal and in the report alike."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from rich.console import Console

import demo_sim as ds
from demo_sim.report.content import build_report
from demo_sim.results.judgements import headline, labels_of, lacks_words, takes_words, verdict_words
from demo_sim.terminal import print_summary

NAN = float("nan")
ROW: dict[str, Any] = {
    "verdict": "not_assessed", "evidence": "borrowed", "tally": "open", "actual": NAN, "break_even": 830.0,
    "break_even_unit": "posts", "break_even_of": "supply.workers", "required": 830.0, "required_unit": "posts",
    "per_point": NAN, "missing": "supply.workers", "department": "community", "driver": "missing: supply.workers",
    "year": 2025,
}  # fmt: skip
LABELS = {"supply.workers": {"zh": "社区工作者", "en": "Community workers"}}


def test_what_a_row_without_a_verdict_takes_and_lacks() -> None:
    assert takes_words(ROW, LABELS, "zh") == "达标须830个岗位"
    assert lacks_words(ROW, LABELS, "zh") == "缺：社区工作者（基层政权）"
    assert lacks_words(ROW, LABELS, "en") == "missing: Community workers (grassroots government and communities)"
    other = ROW | {"missing": "supply.else"}
    assert takes_words(other, LABELS, "zh") == "达标须830个岗位（社区工作者）"


def test_a_full_coverage_says_what_a_point_comes_to() -> None:
    found = ROW | {
        "break_even": 1.0, "break_even_unit": "share", "break_even_of": "reported.files", "required": 6700.0,
        "required_unit": "persons", "per_point": 67.0, "missing": "reported.files", "department": "children",
        "driver": "missing: reported.files",
    }  # fmt: skip
    assert takes_words(found, LABELS, "zh") == "达标须6,700人，每个百分点67人"
    assert lacks_words(found, LABELS, "zh") == "未填报（儿童）"
    dated = found | {"driver": "missing: reported.files 2025 (last 2023)"}
    assert lacks_words(dated, LABELS, "zh") == "未填报2025年数（儿童）"


@pytest.mark.parametrize(
    ("evidence", "actual", "words"),
    [("published", NAN, "达标"), ("borrowed", NAN, "参考：达标"), ("published", 0.7, "完成"), ("plan", NAN, "达标")],
)
def test_words_of_a_verdict(evidence: str, actual: float, words: str) -> None:
    assert verdict_words(ROW | {"verdict": "met", "evidence": evidence, "actual": actual}, "zh") == words


def test_a_headline_counts_what_was_seen_apart_from_what_was_assumed() -> None:
    done = ROW | {"verdict": "met", "evidence": "published", "actual": 0.7, "tally": "counted"}
    risky = ROW | {"verdict": "at_risk", "evidence": "assumed", "tally": "indicative"}
    aside = [ROW | {"tally": tally, "verdict": "met"} for tally in ("reference", "reading", "listed")]
    told = headline([done, done, risky, ROW, *aside], "zh")
    assert told == "4项指标：判定依据充分2项（完成2），参考判断1项（有风险1），只给出达标临界值1项"
    reference = [{**row, "tally": "reference"} for row in (ROW, risky)]
    assert headline(reference, "zh") == "本地规划0项，参照指标2项，其中1项有参考判断"
    assert headline([ROW], "en") == "1 target: judged on evidence that counts 0, break-even only 1"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_and_the_terminal_of_a_county_say_the_same(lang: str) -> None:
    scenario = ds.load("kaiping").replace({"draws": 30})
    run, paper = ds.simulate(scenario, engine="cohort"), io.StringIO()
    print_summary(run, scenario, Console(file=paper, width=300), lang)
    printed = paper.getvalue()
    told = json.dumps(str(build_report(run, lang)), ensure_ascii=False)
    words = headline(run.targets[run.targets["plan"] == "kaiping-2021-2025"].to_dict("records"), lang)
    assert words in printed and words in told
    indicative = {"zh": "参考：有风险", "en": "Indicative: at risk"}[lang]
    lacking = {"zh": "社区工作者（基层政权）", "en": "Community workers (grassroots government and communities)"}[lang]
    for text in (printed, told):
        assert indicative in text and lacking in text
    assert ("另有2项只作参考" if lang == "zh" else "2 more have an indicative verdict only") in told


@pytest.mark.parametrize("name", ["hunan", "kaiping", "jiuyuan", "suzhou", "baodi"])
def test_what_is_missing_has_a_name_and_no_id(name: str) -> None:
    run = ds.simulate(ds.load(name).replace({"draws": 0}), engine="cohort")
    labels = labels_of(run.attrs)
    for row in run.targets.to_dict("records"):
        for lang in ("zh", "en"):
            told = lacks_words(row, labels, lang) + takes_words(row, labels, lang)
            assert not re.search(r"[a-z]_[a-z]", told), (row["id"], told)
