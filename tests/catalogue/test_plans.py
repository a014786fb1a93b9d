"""Every target of every plan: its figure stands in its quote, its keys are known."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from demo_sim.vocab import codes

ROOT = Path(__file__).resolve().parents[2]
PLANS = ROOT / "src" / "demo_sim" / "catalog" / "plans"
INDICATORS = ROOT / "src" / "demo_sim" / "catalog" / "indicators"

COUNTS = {"hunan": 157, "jiuyuan": 100, "suzhou": 36, "kaiping": 16, "baodi": 14}
SCORED = {"hunan": 90, "jiuyuan": 76, "suzhou": 8, "kaiping": 10, "baodi": 8}
LISTED = ("boolean", "directional")

# Words by which a plan asks for all of something, and those that put a margin of nought.
ALL = (
    "全部", "全覆盖", "全面", "全员", "应兜尽兜", "应养尽养", "应建尽建", "补齐", "每个", "各", "一县一", "一乡(镇)一",
    "一人一档", "一居一品", "所有", "确保",
)  # fmt: skip
MARGIN = ("不低于居民上年度", "达到全国平均水平", "不发生", "挂钩", "随城市低保标准调整", "自然增长机制", "同步增长")
EQUAL = ("统筹", "均等化")

DIGITS = {word: number for number, word in enumerate("零一二三四五六七八九")} | {"两": 2}
POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}

Entry = dict[str, Any]


def read(path: Path) -> Entry:
    found: Entry = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return found


ALL_PLANS = [read(path) for path in sorted(PLANS.glob("*.yaml"))]
FIVE = [plan for plan in ALL_PLANS if plan["id"] != "reference" and not plan.get("reference")]
TARGETS = [target for plan in ALL_PLANS for target in plan["targets"]]
CHECKS = [check for plan in ALL_PLANS for check in plan.get("checks", ())]
WORDS = [(t["id"], t["value"], t["quote"]) for t in TARGETS if "value" in t and "quote" in t] + [
    (f"{t['id']} baseline", t["baseline"]["value"], t["baseline"]["quote"])
    for t in TARGETS
    if "quote" in t.get("baseline", {})
]
FIGURES = [
    pytest.param(figure, id=f"{check['id']} {name}") for check in CHECKS for name, figure in check["figures"].items()
]


def region(target: Entry) -> str:
    return str(target["id"]).partition(".")[0]


def kind(target: Entry) -> str:
    return str(target.get("kind", "numeric"))


def chinese(words: str) -> int:
    """Number in Chinese characters: 十五 is 15, 百 is 100."""
    total, digit = 0, None
    for letter in words:
        if letter in DIGITS:
            digit = DIGITS[letter]
        else:
            total += (1 if digit is None else digit) * POWERS[letter]
            digit = None
    return total + (digit or 0)


def demand(quote: str) -> tuple[str, str]:
    """What a quote demands, and the text that holds its unit (target cell and label of a table row)."""
    cells = [cell.strip() for cell in quote.split("|")]
    return (cells[2], " ".join(cells[:2])) if len(cells) > 2 else (quote, "")


def figures(quote: str) -> set[float]:
    """Numbers that a quote may mean: as printed, in tens of thousands, in percent, in Chinese, as a list of names."""
    text, unit = demand(quote)
    found: set[float] = set()
    for number, suffix in re.findall(r"(\d+(?:\.\d+)?)(万|%|年|亿)?", text):
        if suffix == "万" or "(万" in unit or " 万人 " in text:
            found.add(round(float(number) * 10_000, 6))
        elif suffix == "%" or "%" in unit or "率" in unit or " % " in text:
            found.add(round(float(number) / 100, 6))
        if suffix in ("", "年") and not (suffix == "年" and len(number) == 4):
            found.add(float(number))
    found |= {float(chinese(words)) for words in re.findall(r"[零一二两三四五六七八九十百千万]+", text)}
    if any(word in text for word in (*ALL, *EQUAL)):
        found.add(1.0)
    if any(word in text for word in MARGIN):
        found.add(0.0)
    if "、" in text:
        # so many places, reports or functions are named
        names = re.split("新建|和部分|和有条件|改扩建", text)[0]
        found |= {float(len(re.split("、|和", part))) for part in (text, names)}
    return found


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("养老机构护理型床位占比(%) | 38 | ≥55 | 约束性", {0.55, 55.0}),
        ("社会工作专业人才总量(万人) | 7 | 9 | 预期性", {90_000.0, 9.0}),
        ("到2025年,达到全国平均水平", {0.0}),
        ("2个以上区域养老服务中心", {2.0}),
        ("加快构建城市地区“十五分钟”养老服务圈", {15.0}),
        ("永州市、娄底市新建或改扩建市级殡仪馆", {2.0}),
    ],
)
def test_figures_of_a_quote(quote: str, expected: set[float]) -> None:
    assert figures(quote) == expected


@pytest.mark.parametrize(("name", "value", "quote"), WORDS, ids=lambda item: item if isinstance(item, str) else "")
def test_value_is_in_the_quote(name: str, value: float, quote: str) -> None:
    target = next(t for t in TARGETS if t["id"] == name.split()[0])
    if kind(target) in LISTED:
        assert value in (0, 1) or float(value) in figures(quote)
    elif kind(target) == "full_coverage" and float(value) not in figures(quote):
        # the plan asks for all, or for one each, by naming the thing alone: the note says so
        assert value == 1 and target["note"]["zh"]
    elif "baseline" in name:
        assert any(value == pytest.approx(scale * number) for number in numbers(quote) for scale in (1, 0.01, 10_000))
    else:
        assert float(value) in figures(quote)


def numbers(quote: str) -> set[float]:
    return {float(number) for number in re.findall(r"\d+(?:\.\d+)?", quote)}


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_of_a_check_is_in_its_quote_or_in_the_register(figure: Entry) -> None:
    if "assume" in figure:
        assert "value" not in figure and figure["region"]
        return
    assert 0 < len(figure["quote"]) <= 60 and figure["line"] > 0
    meant = {scale * number for number in numbers(figure["quote"]) for scale in (1, 1e4, 1e-2)}
    meant |= {float(figure["quote"].count("、") + 1)}
    assert any(abs(figure["value"] - number) <= 1e-9 * max(number, 1) for number in meant | figures(figure["quote"]))


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target["id"])
def test_keys_of_a_target(target: Entry) -> None:
    if region(target) == "national":  # the document itself was not at hand: said row by row, and no words are quoted
        assert "quote" not in target and "document" in target and "待核" in target["note"]["zh"]
    else:
        assert 0 < len(target["quote"]) <= 60
        assert target.get("strict", False) is (">" in demand(target["quote"])[0])
        assert target.get("line") or region(target) == "reference"
    assert target["operator"] in codes("operator")
    assert kind(target) in codes("target_kind")
    assert target.get("attribute", "unstated") in codes("attribute")
    assert target.get("timing", "year_end") in {"year_end", "annual", "cumulative", "from"}
    assert target.get("people", "no") in codes("people")
    assert target["unit"] in codes("unit")
    assert 2021 <= target["year"] <= 2035
    assert re.search(r"[\u4e00-\u9fff]", target["label"]["zh"])
    assert target["label"]["en"] and not re.search(r"[\u4e00-\u9fff]", target["label"]["en"])
    assert "note" not in target or not re.search(r"[\u4e00-\u9fff]", target["note"]["en"])
    assert re.fullmatch(r"(reported\.)?[a-z][a-z0-9_]*", target["indicator"])
    if kind(target) not in LISTED:
        assert "value" in target
        assert target["unit"] != "share" or 0 <= target["value"] <= 1


def test_counts_of_the_five_plans() -> None:
    assert Counter(region(t) for plan in FIVE for t in plan["targets"]) == COUNTS
    assert Counter(region(t) for plan in FIVE for t in plan["targets"] if kind(t) not in LISTED) == SCORED
    assert sum(COUNTS.values()) == 323 and sum(SCORED.values()) == 192


def test_at_least_43_of_the_76_rows_moved_by_people_rest_on_a_count_of_the_run() -> None:
    """A list of them stands in docs/targets.md and its Chinese page, one row a target with what is counted."""
    moved = [t for plan in FIVE for t in plan["targets"] if kind(t) not in LISTED and t.get("people", "no") != "no"]
    assert len(moved) == 76
    keys = {"ratio": "denominator", "level": "numerator", "growth": "numerator", "coverage": "of"}
    keys |= {"cumulative": "of", "years_of_capacity": "denominator"}
    counted = {}
    for target in moved:
        if not target["indicator"].startswith("reported."):
            indicator = read(INDICATORS / f"{target['indicator']}.yaml")
            names = [indicator.get(key) for key in (keys.get(indicator["kind"]), "of") if key]
            found = [name for name in names if name and not name.startswith("reported.")]
            if found:
                counted[target["id"]] = found[0]
    assert len(counted) >= 43
    assert all(re.match(r"(groups|flows|supply)\.", name) for name in counted.values())
    for page in ("targets.md", "targets.zh-CN.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        listed = re.findall(r"^\| `([a-z0-9_.]+)` \| `([a-z0-9_.]+)`", text, re.MULTILINE)
        assert dict(listed) == counted


def test_the_pages_on_targets_name_the_same_columns_and_settings() -> None:
    english, chinese = (
        set(re.findall(r"`([a-z_]+)`", (ROOT / "docs" / page).read_text(encoding="utf-8")))
        for page in ("targets.md", "targets.zh-CN.md")
    )
    assert len(english) > 60 and english <= chinese


def test_ids_are_unique() -> None:
    assert len({t["id"] for t in TARGETS}) == len(TARGETS)
    assert len({c["id"] for c in CHECKS}) == len(CHECKS)


def test_a_plan_is_named_like_its_file() -> None:
    for path, plan in zip(sorted(PLANS.glob("*.yaml")), ALL_PLANS, strict=True):
        assert plan["id"] == path.stem
        assert {"zh", "en"} == set(plan["title"]) == set(plan["document"])
        assert plan["publisher"]


def test_the_table_of_hunan_has_fifteen_rows() -> None:
    (plan,) = [plan for plan in ALL_PLANS if plan["id"] == "hunan-2021-2025"]
    rows = [target for target in plan["targets"] if "table_no" in target]
    assert [target["table_no"] for target in rows] == list(range(1, 16))
    # The table stands on consecutive lines of the document, row 1 on line 71.
    assert [target["line"] for target in rows] == list(range(71, 86))
    assert [target["table_no"] for target in rows if target.get("attribute") == "binding"] == [3, 4, 12, 13, 14]


def test_the_four_tables_of_jiuyuan() -> None:
    (plan,) = [plan for plan in ALL_PLANS if plan["id"] == "jiuyuan-2021-2025"]
    rows = [(t.get("table", 1), t["table_no"]) for t in plan["targets"] if "table_no" in t]
    # row 13 of table 1 stands in table 3 once more, as its row 7
    sizes = {1: 14, 2: 4, 3: 10, 4: 10}
    assert rows == [(n, row) for n, size in sizes.items() for row in range(1, size + 1) if (n, row) != (3, 7)]


def test_reference_targets_name_their_document() -> None:
    (plan,) = [plan for plan in ALL_PLANS if plan["id"] == "reference"]
    assert all(target["plan"] for target in plan["targets"])
