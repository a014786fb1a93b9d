"""The plans' figures against each other: expressions, brackets, findings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import demo_sim as ds
from demo_sim.errors import InputError
from demo_sim.plan.consistency import agrees, consistency_columns, evaluate, written_out
from demo_sim.scenario.entries import Check

PLANS = [f"{name}-2021-2025" for name in ("hunan", "suzhou", "kaiping", "baodi", "jiuyuan")]
FIGURES = {"a": 3.0, "b": 7.0, "c": 2.0}


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, object]]:
    columns = consistency_columns(ds.load("hunan").replace({"plan": PLANS}))
    return {str(id_): {name: values[i] for name, values in columns.items()} for i, id_ in enumerate(columns["id"])}


def test_suzhou_prints_an_arithmetic_mean(rows: dict[str, dict[str, object]]) -> None:
    compound, mean = rows["suzhou.dibao_growth_mean"], rows["suzhou.dibao_growth_arithmetic"]
    assert compound["finding"] == "contradicts" and mean["finding"] == "agrees"
    assert compound["right_value"] == pytest.approx((1045 / 750) ** 0.2 - 1) == pytest.approx(0.0686, abs=5e-5)
    assert mean["right_value"] == pytest.approx(0.0787, abs=5e-5)


def test_the_volunteers_of_hunan_imply_85_million(rows: dict[str, dict[str, object]]) -> None:
    row = rows["hunan.volunteers_imply_residents"]
    assert row["left_value"] == pytest.approx(85e6) and row["right_value"] == 66_444_864
    assert row["finding"] == "contradicts" and "11,900,000 ÷ 0.14 = 85,000,000" in str(row["arithmetic"])
    assert "L21" in str(row["figures"]) and "base.total, Hunan" in str(row["figures"])


def test_contradictions_come_first(rows: dict[str, dict[str, object]]) -> None:
    findings = [row["finding"] for row in rows.values()]
    assert findings == sorted(findings, key=lambda f: f != "contradicts")
    assert findings.count("contradicts") >= 10 and "agrees" in findings


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("a - (b - c)", "3 − (7 − 2)"), ("a - b - c", "3 − 7 − 2"), ("a / (b * c)", "3 ÷ (7 × 2)"),
        ("(a + b) * c", "(3 + 7) × 2"), ("a ** c", "3^2"), ("(a ** b) ** c", "(3^7)^2"), ("-a + b", "−3 + 7"),
    ],
)  # fmt: skip
def test_an_expression_as_done_by_hand(expression: str, words: str) -> None:
    assert written_out(expression, FIGURES) == words


LEAVES = st.sampled_from(["a", "b", "c", "1", "2.5"])


@given(st.recursive(LEAVES, lambda part: st.tuples(part, st.sampled_from("+-*/"), part)))
def test_brackets_are_set_where_they_are_needed(tree: object) -> None:
    """What is written out comes to the same number as the expression."""

    def text(part: object) -> str:
        return part if isinstance(part, str) else f"({text(part[0])} {part[1]} {text(part[2])})"  # type: ignore[index]

    try:
        value = evaluate(text(tree), FIGURES)
    except ValueError:
        return  # a division by nought
    words = written_out(text(tree), FIGURES).replace("−", "-").replace("×", "*").replace("÷", "/").replace(",", "")
    assert evaluate(words, {}) == pytest.approx(value, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os')",
        "a.b",
        "a if b else c",
        "d + 1",
        "a +",
        "a / (b - b)",
        "True",
        "9.0 ** 9 ** 9",
        "(0 - a) ** 0.5",
        "(" * 300,
        "a + " * 200 + "a",
    ],
)
def test_nothing_but_arithmetic_is_worked_out(expression: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        evaluate(expression, FIGURES)


@pytest.mark.parametrize(
    ("relation", "left", "expected"),
    [("==", 101.0, True), ("==", 103.0, False), ("<=", 101.0, True), ("<=", 103.0, False), (">=", 97.0, False)],
)
def test_tolerance(relation: str, left: float, expected: bool) -> None:
    name = {"zh": "甲", "en": "a"}
    keys = {"id": "x", "title": name, "figures": {"a": {"value": 1.0, "label": name}}, "left": "a", "right": "a"}
    labels = {"left_label": name, "right_label": name, "note": name, "unit": "share"}
    check = Check.model_validate(keys | labels | {"relation": relation})
    assert agrees(check, left, 100.0) is expected


def test_a_check_without_its_figure_names_file_and_line(tmp_path) -> None:
    (tmp_path / "plans").mkdir()
    plan = """id: own
title: {zh: 甲, en: a}
document: {zh: 甲, en: a}
publisher: 甲
targets:
  - {id: own.x, label: {zh: 甲, en: a}, indicator: reported.x, operator: ">=", value: 1, unit: units, year: 2025}
checks:
  - id: own.check
    title: {zh: 甲, en: a}
    figures: {a: {label: {zh: 甲, en: a}, value: 1, quote: "1", line: 1}}
    left: a
    right: b
    left_label: {zh: 甲, en: a}
    right_label: {zh: 甲, en: a}
    unit: units
    note: {zh: 甲, en: a}
"""
    (tmp_path / "plans" / "own.yaml").write_text(plan, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        ds.load("hunan").replace({"catalog": [str(tmp_path)], "plan": ["own"]})
    (problem,) = raised.value.problems
    assert problem.line == 8 and problem.file.endswith("own.yaml") and "b" in problem.render("en")
