"""The plans' own figures against each other and the census: two expressions, and what they come to."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping

from demo_sim.errors import InputError, Problem
from demo_sim.places import place_of
from demo_sim.results.columns import CONSISTENCY_COLUMNS
from demo_sim.scenario import Scenario
from demo_sim.scenario.entries import Check, Figure, Plan
from demo_sim.scenario.place_tree import with_place
from demo_sim.scenario.register import Register

_OPERATIONS: dict[type[ast.operator], tuple[str, Callable[[float, float], float]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("−", operator.sub),
    ast.Mult: ("×", operator.mul),
    ast.Div: ("÷", operator.truediv),
    ast.Pow: ("^", operator.pow),
}


def evaluate(expression: str, figures: Mapping[str, float]) -> float:
    """Value of an expression of named figures; + - * / ** and brackets, nothing else.

    Raises
    ------
    ValueError
        The expression holds anything else, or a figure without a number.

    Examples
    --------
    >>> round(evaluate("(after / before) ** (1 / 5) - 1", {"before": 750.0, "after": 1045.0}), 4)
    0.0686
    """
    try:
        return _value(ast.parse(expression, mode="eval").body, figures)
    except (SyntaxError, ZeroDivisionError) as error:
        raise ValueError(f"{expression}: {error}") from error


def _value(node: ast.expr, figures: Mapping[str, float]) -> float:
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return float(_OPERATIONS[type(node.op)][1](_value(node.left, figures), _value(node.right, figures)))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, figures)
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    if isinstance(node, ast.Name) and node.id in figures:
        return figures[node.id]
    raise ValueError(f"{ast.unparse(node)} is no figure, number or operation")


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
        sign = _OPERATIONS[type(node.op)][0]
        return f"{left}^{right}" if sign == "^" else f"{left} {sign} {right}"
    if isinstance(node, ast.UnaryOp):
        return f"−{_words(node.operand, figures)}"
    return f"{_value(node, figures):,.10g}"


def _rank(node: ast.expr) -> int:
    """How tightly an operation binds, so that brackets are set where they are needed."""
    if not isinstance(node, ast.BinOp):
        return 4
    return {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.Div: 2}.get(type(node.op), 3)


def consistency_columns(scenario: Scenario) -> dict[str, list[object]]:
    """Columns of consistency.csv for the checks of a scenario's plans, contradictions first.

    Raises
    ------
    InputError
        A check uses a figure that it does not give, or that the register lacks; names file and line.
    """
    rows = []
    for name in scenario.settings.plan:
        plan = scenario.catalog.plans[name]
        for index, check in enumerate(plan.checks):
            try:
                rows.append(_row(plan, check, scenario.catalog.register))
            except ValueError as error:
                where = scenario.catalog.nodes["plans", name].find(("checks", index)).where
                zh, en = f"核对算式不成立：{error}", f"the check cannot be worked out: {error}"
                raise InputError([Problem(where.file, where.line, where.path, zh, en)]) from error
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


def figure_value(figure: Figure, register: Register) -> float:
    """Number of a figure: its own, or that of the one register row it names.

    Raises
    ------
    ValueError
        There is no such row, or more than one.
    """
    if not figure.assume:
        if figure.value is None:
            raise ValueError(f"{figure.label.en}: neither value nor assume")
        return figure.value
    place = place_of(figure.region)
    known = register if place is None else with_place(register, place, figure.region)
    found = [
        row.value
        for row in known.rows.get((figure.assume, figure.region), ())
        if (figure.year is None or row.year == figure.year)
        and row.name == figure.name
        and row.age == figure.age
        and not (row.sex or row.residence or row.level)
    ]
    if len(found) != 1:
        raise ValueError(f"{figure.assume} of {figure.region}: {len(found)} rows fit, one is needed")
    return found[0]


def _cited(figures: Iterable[Figure], numbers: Iterable[float]) -> list[str]:
    """Each figure with the words and line of the plan, or the row of the register."""
    out = []
    for figure, number in zip(figures, numbers, strict=True):
        source = f"{figure.assume}, {figure.region}" if figure.assume else f"“{figure.quote}” L{figure.line}"
        out.append(f"{figure.label.zh} / {figure.label.en}: {number:,.10g} ({source})")
    return out
