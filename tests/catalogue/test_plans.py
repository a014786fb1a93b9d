"""Every target of every plan: its figure stands in its quote, its keys are known."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

PLANS = Path(__file__).resolve().parents[2] / "src" / "demo_sim" / "catalog" / "plans"

# Words by which a plan asks for all of something, and those that put a margin of nought.
ALL = ("全部", "全覆盖", "应兜尽兜", "补齐", "每个", "一县一", "一乡(镇)一", "一人一档")
MARGIN = ("不低于居民上年度", "达到全国平均水平")
# Here the plan asks for all, or for one each, by naming the thing alone.
IMPLIED = {"hunan.village_livelihood_officers", "hunan.concentrated_raising"}


def plans() -> list[dict[str, Any]]:
    yaml = YAML(typ="safe", pure=True)
    return [yaml.load(path.read_text(encoding="utf-8")) for path in sorted(PLANS.glob("*.yaml"))]


def targets() -> list[dict[str, Any]]:
    return [target for plan in plans() for target in plan["targets"]]


def demand(quote: str) -> tuple[str, str]:
    """What a quote demands, and the text that holds its unit (target cell and label of a table row)."""
    cells = [cell.strip() for cell in quote.split("|")]
    return (cells[2], " ".join(cells[:2])) if len(cells) > 2 else (quote, "")


def figures(quote: str) -> set[float]:
    """Numbers that a quote may mean: as printed, in tens of thousands, in percent."""
    text, unit = demand(quote)
    found: set[float] = set()
    for number, suffix in re.findall(r"(\d+(?:\.\d+)?)(万|%|年)?", text):
        if suffix == "年":
            continue
        if suffix == "万" or "(万" in unit:
            found.add(round(float(number) * 10_000, 6))
        elif suffix == "%" or "%" in unit or "率" in unit:
            found.add(round(float(number) / 100, 6))
        else:
            found.add(float(number))
    if any(word in text for word in ALL):
        found.add(1.0)
    if any(word in text for word in MARGIN):
        found.add(0.0)
    return found


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("养老机构护理型床位占比(%) | 38 | ≥55 | 约束性", {0.55}),
        ("社会工作专业人才总量(万人) | 7 | 9 | 预期性", {90_000.0}),
        ("10万名养老护理员", {100_000.0}),
        ("到2025年,达到全国平均水平", {0.0}),
        ("2个以上区域养老服务中心", {2.0}),
        ("生活不能自理的特困人员全部集中供养", {1.0}),
    ],
)
def test_figures_of_a_quote(quote: str, expected: set[float]) -> None:
    assert figures(quote) == expected


@pytest.mark.parametrize("target", targets(), ids=lambda target: target["id"])
def test_value_is_in_the_quote(target: dict[str, Any]) -> None:
    if target["id"] in IMPLIED:
        assert figures(target["quote"]) == set()
        assert target["value"] == 1
    else:
        assert float(target["value"]) in figures(target["quote"])


@pytest.mark.parametrize("target", targets(), ids=lambda target: target["id"])
def test_keys_of_a_target(target: dict[str, Any]) -> None:
    assert 0 < len(target["quote"]) <= 60
    assert target["operator"] in {">=", "<=", "==", "~"}
    assert target["attribute"] in {"binding", "expected", "unstated"}
    assert target["timing"] in {"year_end", "annual", "cumulative", "from"}
    assert target["strict"] is (">" in demand(target["quote"])[0])
    assert 2021 <= target["year"] <= 2035
    assert target["line"] is None or target["line"] > 0
    assert target["label"]["zh"] and target["label"]["en"]
    assert re.fullmatch(r"(reported\.)?[a-z][a-z0-9_]*", target["indicator"])
    assert target["unit"] != "share" or 0 <= target["value"] <= 1


def test_ids_are_unique() -> None:
    ids = [target["id"] for target in targets()]
    assert len(ids) == len(set(ids))


def test_a_plan_is_named_like_its_file() -> None:
    for path, plan in zip(sorted(PLANS.glob("*.yaml")), plans(), strict=True):
        assert plan["id"] == path.stem
        assert {"zh", "en"} == set(plan["title"]) == set(plan["document"])
        assert plan["publisher"]


def test_the_table_of_hunan_has_fifteen_rows() -> None:
    (plan,) = [plan for plan in plans() if plan["id"] == "hunan-2021-2025"]
    rows = [target for target in plan["targets"] if "table_no" in target]
    assert [target["table_no"] for target in rows] == list(range(1, 16))
    # The table stands on consecutive lines of the document, row 1 on line 71.
    assert [target["line"] for target in rows] == list(range(71, 86))
    assert [target["table_no"] for target in rows if target["attribute"] == "binding"] == [3, 4, 12, 13, 14]


def test_reference_targets_name_their_document() -> None:
    (plan,) = [plan for plan in plans() if plan["id"] == "reference"]
    assert all(target["plan"] for target in plan["targets"])
