"""Expressions of named figures: what the checks of a plan are written in."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping

from demo_sim.places import place_of
from demo_sim.scenario.entries import Figure
from demo_sim.scenario.place_tree import with_place
from demo_sim.scenario.register import Register

LONGEST = 500  # characters of an expression: one that is worked out by hand is shorter
OPERATIONS: dict[type[ast.operator], tuple[str, Callable[[float, float], float]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("−", operator.sub),
    ast.Mult: ("×", operator.mul),
    ast.Div: ("÷", operator.truediv),
    ast.Pow: ("^", math.pow),
}


def evaluate(expression: str, figures: Mapping[str, float]) -> float:
    """Value of an expression of named figures; + - * / ** and brackets, nothing else.

    Raises
    ------
    ValueError
        The expression holds anything else, or a figure without a number, or has no finite value.

    Examples
    --------
    >>> round(evaluate("(after / before) ** (1 / 5) - 1", {"before": 750.0, "after": 1045.0}), 4)
    0.0686
    """
    if len(expression) > LONGEST:
        raise ValueError(f"{expression[:40]}…: {len(expression)} characters, {LONGEST} at most")
    try:
        value = evaluated(ast.parse(expression, mode="eval").body, figures)
    except (SyntaxError, ArithmeticError, RecursionError, MemoryError) as error:
        raise ValueError(f"{expression}: {error}") from error
    if not math.isfinite(value):
        raise ValueError(f"{expression}: {value}")
    return value


def evaluated(node: ast.expr, figures: Mapping[str, float]) -> float:
    """Value of a part of an expression; raises ValueError where it is no figure, number or operation."""
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)][1](evaluated(node.left, figures), evaluated(node.right, figures))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -evaluated(node.operand, figures)
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    if isinstance(node, ast.Name) and node.id in figures:
        return figures[node.id]
    raise ValueError(f"{ast.unparse(node)} is no figure, number or operation")


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
