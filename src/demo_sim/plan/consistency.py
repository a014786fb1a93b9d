"""The plans' own figures against each other and the census: two expressions, and what they come to."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from demo_sim.results.columns import CONSISTENCY_COLUMNS
from demo_sim.scenario import Scenario
from demo_sim.scenario.arithmetic import OPERATIONS, evaluate, evaluated, figure_value
from demo_sim.scenario.entries import Check, Figure, Plan
from demo_sim.scenario.register import Register


def written_out(expression: str, figures: Mapping[str, float]) -> str:
    """The expression with its numbers in place of the names, as it is done by hand.

    Examples
    --------
    >>> written_out("(after / before) ** (1 / 5) - 1", {"before": 750.0, "after": 1045.0})
    '(1,045 ÷ 750)^(1 ÷ 5) − 1'
    """
    return _words(ast.parse(expression, mode="eval").body, figures)


def _words(node: ast.expr, figures: Mapping[str, float]) -> str:
    if isinstance(node, ast.BinOp):
        left, right = (_words(part, figures) for part in (node.left, node.right))
        rank = _rank(node)
        left = f"({left})" if _rank(node.left) < rank or (rank == 3 and _rank(node.left) == 3) else left
        right = f"({right})" if _rank(node.right) <= rank else right
        sign = OPERATIONS[type(node.op)][0]
        return f"{left}^{right}" if sign == "^" else f"{left} {sign} {right}"
    if isinstance(node, ast.UnaryOp):
        return f"−{_words(node.operand, figures)}"
    return f"{evaluated(node, figures):,.10g}"


def _rank(node: ast.expr) -> int:
    """How tightly an operation binds, so that brackets are set where they are needed."""
    if not isinstance(node, ast.BinOp):
        return 4
    return {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.Div: 2}.get(type(node.op), 3)


def consistency_columns(scenario: Scenario) -> dict[str, list[object]]:
    """Columns of consistency.csv for the checks of a scenario's plans, contradictions first."""
    rows = []
    for name in scenario.settings.plan:
        plan = scenario.catalog.plans[name]
        rows += [_row(plan, check, scenario.catalog.register) for check in plan.checks]
    rows.sort(key=lambda row: row["finding"] != "contradicts")
    return {column: [row[column] for row in rows] for column in CONSISTENCY_COLUMNS}


def _row(plan: Plan, check: Check, register: Register) -> dict[str, object]:
    numbers = {name: figure_value(figure, register) for name, figure in check.figures.items()}
    left, right = evaluate(check.left, numbers), evaluate(check.right, numbers)
    sides = []
    for expression, value in ((check.left, left), (check.right, right)):
        words, result = written_out(expression, numbers), _short(value)
        single = isinstance(ast.parse(expression, mode="eval").body, ast.Name | ast.Constant)
        sides.append(words if single else f"{words} = {result}")
    return {
        "plan": plan.id,
        "id": check.id,
        "title_zh": check.title.zh,
        "title_en": check.title.en,
        "left_zh": check.left_label.zh,
        "left_en": check.left_label.en,
        "left_value": left,
        "relation": check.relation,
        "right_zh": check.right_label.zh,
        "right_en": check.right_label.en,
        "right_value": right,
        "unit": check.unit,
        "difference": left - right,
        "relative_difference": left / right - 1.0 if right else float("nan"),
        "finding": "agrees" if agrees(check, left, right) else "contradicts",
        "arithmetic": " ; ".join(sides),
        "note_zh": check.note.zh,
        "note_en": check.note.en,
        "figures": " | ".join(_cited(check.figures.values(), numbers.values())),
    }


def _short(value: float) -> str:
    """A result: whole where it is large, with four digits where it is small."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def agrees(check: Check, left: float, right: float) -> bool:
    """Whether the two sides stand in the relation that the check expects, within its tolerance."""
    slack = check.tolerance * abs(right)
    if check.relation == "<=":
        return left <= right + slack
    if check.relation == ">=":
        return left >= right - slack
    return abs(left - right) <= slack


def _cited(figures: Iterable[Figure], numbers: Iterable[float]) -> list[str]:
    """Each figure with the words and line of the plan, or the row of the register."""
    out = []
    for figure, number in zip(figures, numbers, strict=True):
        source = f"{figure.assume}, {figure.region}" if figure.assume else f"“{figure.quote}” L{figure.line}"
        out.append(f"{figure.label.zh} / {figure.label.en}: {number:,.10g} ({source})")
    return out
