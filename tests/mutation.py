"""Deliberate mistakes, one at a time, and whether the tests notice: run by hand, not by the suite.

    python tests/mutation.py plan --count 40 --seed 1

Each mistake changes one operator, comparison, bound or constant of a room's code in a copy of the package; the tests of
that room run on the copy without the golden files. What no test notices is listed with its line: a mistake that would
change a printed number needs a test, one that changes nothing (a bound that no value reaches) needs none.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = {
    "plan": "plan_ answers natural going_on closing actual named_targets five_plans draws drivers break_even "
    "calculator evidence judgement",
    "supply": "going_on natural answers draws five_plans supply care",
    "demand": "draws definitions user_catalog births_factor open_group five_plans",
    "demography": "demography_ ages births_factor open_group outflow places_mortality",
    "results": "results_ quantiles rounding closing own_in_charts workbook",
    "report": "report chapter calculator judgement rounding",
    "engine": "cohort outflow bad_inputs minimal",
}  # room: parts of the names of test files
# Mistakes that once passed every test: room, file, what stands there, what is written instead.
ONCE_MISSED = (
    ("plan", "plan/verdicts.py", '"gap": value - target.goal', '"gap": target.goal - value'),
    ("plan", "plan/verdicts.py", "low, high = np.quantile(random", "high, low = np.quantile(random"),
    ("plan", "plan/meeting.py", "times[unmet[-1] + 1]", "times[unmet[-1]]"),
    ("plan", "plan/what_it_takes.py", "(1.0 - leaving[1:])", "(1.0 - leaving[:-1])"),
    ("plan", "plan/answers.py", "np.divide(flow[1:], stock[:-1],", "np.divide(flow[1:], stock[1:],"),
    ("plan", "plan/outcomes.py", "difference = projected - published", "difference = published - projected"),
    ("engine", "engine/cohort.py", "np.where(refused, flows.cut, 0.0)", "np.where(refused, 0.0 * flows.cut, 0.0)"),
    ("demography", "demography/mortality.py", "kannisto(mx[:, :have], have)]", "mx[:, have:].repeat(60, axis=1)]"),
)  # fmt: skip
_SWAPS: dict[type, str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">",
    ast.Eq: "!=", ast.NotEq: "==", ast.And: "or", ast.Or: "and",
}  # fmt: skip
_CALLS = {"maximum": "minimum", "minimum": "maximum", "max": "min", "min": "max", "ceil": "floor", "floor": "ceil"}
_SECONDS = 420  # a mistake that hangs is noticed


@dataclass(frozen=True)
class Mistake:
    """A piece of a file and what is written in its place."""

    file: Path
    line: int
    start: int
    end: int
    new: str

    def applied(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.end :]


def mistakes(file: Path) -> Iterator[Mistake]:
    """Every single change of a file that the rules above allow."""
    text = file.read_text(encoding="utf-8")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    raw = text.encode()

    def place(line: int, column: int) -> int:
        return len(raw[: starts[line - 1] + column].decode())

    def between(left: ast.expr, right: ast.expr) -> tuple[int, int]:
        return place(left.end_lineno or 0, left.end_col_offset or 0), place(right.lineno, right.col_offset)

    for node in _of_code(ast.parse(text)):
        if isinstance(node, ast.BinOp) and type(node.op) in _SWAPS:
            pairs = [(node.left, node.right, node.op)]
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPS:
            pairs = [(node.left, node.comparators[0], node.ops[0])]
        elif isinstance(node, ast.BoolOp):
            pairs = [(node.values[0], node.values[1], node.op)]
        else:
            pairs = []
        for left, right, operator in pairs:
            start, end = between(left, right)
            old = {"And": "and", "Or": "or"}.get(type(operator).__name__) or text[start:end].strip(" ()\n")
            at = text.find(old, start, end)
            if at >= 0 and old:
                yield Mistake(file, left.lineno, at, at + len(old), _SWAPS[type(operator)])
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            new = node.value * 1.1 if isinstance(node.value, float) and node.value else node.value + 1
            start = place(node.lineno, node.col_offset)
            yield Mistake(file, node.lineno, start, place(node.end_lineno or 0, node.end_col_offset or 0), repr(new))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            start = place(node.lineno, node.col_offset)
            yield Mistake(file, node.lineno, start, start + 1, "")
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in _CALLS:
                end = place(node.func.end_lineno or 0, node.func.end_col_offset or 0)
                yield Mistake(file, node.lineno, end - len(name), end, _CALLS[name])


def _of_code(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that do arithmetic or decide; not messages, annotations, decorators or errors."""
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns", "decorator_list") or isinstance(tree, ast.JoinedStr | ast.Raise):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child
                yield from _of_code(child)


def _listed(name: str, old: str, new: str) -> Mistake:
    file = ROOT / "src" / "demo_sim" / name
    text = file.read_text(encoding="utf-8")
    start = text.index(old)
    return Mistake(file, text.count("\n", 0, start) + 1, start, start + len(old), new)


def noticed(mistake: Mistake, room: str, copy: Path) -> bool:
    """Whether a test of the room fails on a copy of the package with the mistake."""
    there = copy / mistake.file.relative_to(ROOT)
    right = mistake.file.read_text(encoding="utf-8")
    wanted = TESTS[room].split()
    files = [str(f) for f in sorted((ROOT / "tests").glob("*/test_*.py")) if any(w in f.stem for w in wanted)]
    files = [f for f in files if "golden" not in f]
    there.write_text(mistake.applied(right), encoding="utf-8")
    try:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *files]
        environment = os.environ | {"PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=_SECONDS, check=False)
        return done.returncode != 0
    except subprocess.TimeoutExpired:
        return True
    finally:
        there.write_text(right, encoding="utf-8")


def main() -> None:
    """Make mistakes in a room and print those that no test notices."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("room", choices=[*sorted(TESTS), "once-missed"], help="a room, or the mistakes listed above")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.room == "once-missed":
        every = chosen = [(room, _listed(file, old, new)) for room, file, old, new in ONCE_MISSED]
    else:
        files = sorted((ROOT / "src" / "demo_sim" / given.room).glob("*.py"))
        every = [(given.room, mistake) for file in files for mistake in mistakes(file)]
        chosen = random.Random(given.seed).sample(every, min(given.count, len(every)))
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(ROOT / "src", copy / "src")
        (copy / "scenarios").symlink_to(ROOT / "scenarios")  # the package finds what it ships beside its source
        for room in sorted({room for room, _ in chosen}):
            nothing = next(mistake for where, mistake in chosen if where == room)
            if noticed(replace(nothing, end=nothing.start, new=""), room, copy):
                raise SystemExit(f"the tests of {room} fail without any mistake")
        for room, mistake in sorted(chosen, key=lambda one: (one[1].file, one[1].start)):
            text = mistake.file.read_text(encoding="utf-8")
            seen = noticed(mistake, room, copy)
            missed += not seen
            shown = text.splitlines()[mistake.line - 1].strip()
            before = text[mistake.start : mistake.end]
            told = "noticed" if seen else "MISSED "
            print(f"{told} {mistake.file.name}:{mistake.line}  {before!r} -> {mistake.new!r}  {shown[:90]}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} noticed, of {len(every)} that could be made")


if __name__ == "__main__":
    main()
