"""YAML as a tree that keeps the file and line of every key and value.

Scalars are resolved here by the core rules of YAML 1.2, keys stay text; anchors, tags and
repeated keys are refused, because a reader of the scenario would not see what they do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from yaml import MappingNode, MarkedYAMLError, ScalarNode, SequenceNode, YAMLError

from demo_sim.scenario.hints import is_full_width
from demo_sim.scenario.messages import NONE, Problems, Text
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.textfile import read_text

Scalar = str | int | float | bool | None

_INT = re.compile(r"[-+]?\d+\Z", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?\Z", re.ASCII)
_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}
# Older YAML reads more into plain scalars (dates, `=`, `<<`); `resolve` takes them as text.
_OLDER_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("timestamp", "value", "merge")}
# Controls, and marks that turn the direction of writing: what a reader sees is not what stands there.
_HIDDEN = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2028\\u2029\\u2066-\\u2069]")
_LONGEST_INT = 18
_DEEPEST = 50  # levels of nesting: the compiled parser would run into the end of the stack
_TOO_DEEP = "nested too deep"


@dataclass(frozen=True)
class Node:
    """One place of a YAML file: a scalar, a list of nodes, or named nodes.

    `folder` is where relative paths written here start; `written` is a scalar as it stands.
    """

    value: Scalar | list[Node] | dict[str, Node]
    where: Location
    folder: Path
    written: str = ""

    @property
    def is_map(self) -> bool:
        """Whether this holds keys."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Whether this holds a list."""
        return isinstance(self.value, list)

    @property
    def map(self) -> dict[str, Node]:
        """Named nodes; empty where this is no mapping."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """Nodes of the list; empty where this is none."""
        return self.value if isinstance(self.value, list) else []

    def find(self, path: tuple[str | int, ...]) -> Node:
        """Deepest node along `path` that exists; steps that name no node are passed over."""
        here = self
        for step in path:
            if isinstance(here.value, dict) and str(step) in here.value:
                here = here.value[str(step)]
            elif isinstance(here.value, list) and isinstance(step, int) and step < len(here.value):
                here = here.value[step]
        return here

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        for child in [*self.map.values(), *self.items]:
            yield from child.walk()

    def plain(self) -> Any:
        """The same as Python dict, tuple and scalars."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return tuple(child.plain() for child in self.value)
        return self.value

    def shown(self) -> str:
        """The value as a message quotes it."""
        if isinstance(self.value, dict):
            return "{" + ", ".join(self.value) + "}"
        if isinstance(self.value, list):
            return "[" + ", ".join(child.shown() for child in self.value[:5]) + "]"
        return self.written if len(self.written) <= 60 else self.written[:57] + "..."


def join(path: str, key: str) -> str:
    """Dotted path of a key under a path."""
    return f"{path}.{key}" if path else key


def read_yaml(path: Path, problems: Problems, asked_at: Location | None = None) -> Node | None:
    """Tree of a YAML file, or None with the problems noted."""
    text = read_text(path, problems, asked_at)
    if text is None:
        return None
    return parse_yaml(text, Location(shown_path(path), 1), path.absolute().parent, problems)


def parse_yaml(text: str, where: Location, folder: Path, problems: Problems) -> Node | None:
    """Tree of YAML text; `where.line` 0 marks text that has no lines of its own."""
    lines = bool(where.line)
    before = len(problems.found)
    try:
        top = _compose(text)
    except MarkedYAMLError as error:
        _note_yaml_error(error, text, where, problems)
        return None
    except YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1 if lines else 0
        problems.add(replace(where, line=line), "yaml", problem=_yaml_words(str(error)), hint=NONE)
        return None
    if top is None:
        problems.add(where, "empty_file")
        return None
    node = _Builder(where, folder, problems, lines).build(top, where.path, None)
    return node if len(problems.found) == before else None


class _Shallow:
    """A loader that counts how deep it is, by what the parser calls before and after each node."""

    depth = 0

    def descend_resolver(self, parent: yaml.Node | None, index: Any) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise MarkedYAMLError(problem=_TOO_DEEP, problem_mark=None if parent is None else parent.start_mark)

    def ascend_resolver(self) -> None:
        self.depth -= 1


class _Plain(_Shallow, yaml.SafeLoader):
    pass


class _Fast(_Shallow, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # compiled where it can be
    pass


def _compose(text: str) -> yaml.Node | None:
    """Nodes with their lines by the compiled parser; where it fails, by the other one, whose errors say more."""
    try:
        return yaml.compose(text, Loader=_Fast)
    except YAMLError:
        return yaml.compose(text, Loader=_Plain)


class _Builder:
    def __init__(self, where: Location, folder: Path, problems: Problems, lines: bool) -> None:
        self.file = where.file
        self.folder = folder
        self.problems = problems
        self.lines = lines
        self.seen: set[int] = set()

    def at(self, node: Any, path: str) -> Location:
        return Location(self.file, node.start_mark.line + 1 if self.lines else 0, path)

    def build(self, node: Any, path: str, where: Location | None) -> Node:
        where = where or self.at(node, path)
        if id(node) in self.seen:
            self.problems.add(where, "alias")
            return Node(None, where, self.folder)
        self.seen.add(id(node))
        if str(node.tag) not in _TAGS | _OLDER_TAGS:
            self.problems.add(where, "tag", given=str(node.tag))
        if isinstance(node, ScalarNode):
            if hidden := _HIDDEN.search(node.value):
                self.problems.add(where, "hidden", given=f"U+{ord(hidden[0]):04X}")
            return Node(node.value if node.style else resolve(node.value), where, self.folder, node.value)
        if isinstance(node, SequenceNode):
            items = [self.build(item, f"{path}[{i}]", None) for i, item in enumerate(node.value)]
            return Node(items, where, self.folder)
        return Node(self._mapping(node, path), where, self.folder)

    def _mapping(self, node: MappingNode, path: str) -> dict[str, Node]:
        children: dict[str, Node] = {}
        first: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.problems.add(self.at(key, path), "bad_key")
                continue
            name = str(key.value)
            where = self.at(key, join(path, name))
            if name in children:
                self.problems.add(where, "repeated_key", given=name, line=first[name])
                continue
            first[name] = where.line
            children[name] = self.build(value, where.path, where)
        return children


def resolve(text: str) -> Scalar:
    """Value of an unquoted scalar by the core schema of YAML 1.2."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if _INT.match(text) and len(text) <= _LONGEST_INT:
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text


_YAML_WORDS = {
    _TOO_DEEP: Text(f"嵌套超过{_DEEPEST}层", f"nested more than {_DEEPEST} levels deep"),
    "mapping values are not allowed here": Text(
        "此处不能再有冒号（上一行缩进不对，或文字里的冒号没有加引号）",
        "no colon is possible here (a wrong indentation above, or a colon in text without quotes)",
    ),
    "could not find expected ':'": Text("缺少半角冒号和空格", "a colon and a blank are missing"),
    "cannot start any token": Text("有不能用的字符", "a character that cannot stand here"),
    "found unexpected end of stream": Text("引号没有成对", "a quotation mark is not closed"),
    "but found '<stream end>'": Text("括号没有成对", "a bracket is not closed"),
    "expected ',' or": Text(
        "括号内缺少逗号，或括号没有成对", "a comma is missing in brackets, or a bracket is not closed"
    ),
    "expected <block end>": Text("缩进不一致", "the indentation is not even"),
    "expected a single document": Text("一个文件只能有一份文档（---）", "one document (---) in a file"),
    "special characters are not allowed": Text("有不可见的控制字符", "an invisible control character"),
}


def _yaml_words(problem: str) -> Text:
    for part, words in _YAML_WORDS.items():
        if part in problem:
            return words
    return Text("此处不能这样写", problem.splitlines()[0] if problem else "cannot be read")


def _note_yaml_error(error: MarkedYAMLError, text: str, where: Location, problems: Problems) -> None:
    mark = error.problem_mark or error.context_mark
    if error.context_mark is not None and "while parsing a flow" in str(error.context):
        mark = error.context_mark  # the line with the bracket, not the one where the parser gave up
    number = mark.line + 1 if mark is not None else 1
    rows = text.splitlines()
    hint = NONE
    # The parser stops at or just after the line that is wrong: look one line up as well.
    for candidate in (number, number - 1):
        row = rows[candidate - 1] if 0 < candidate <= len(rows) else ""
        if "\t" in row[: len(row) - len(row.lstrip())]:
            hint = Text("；缩进要用空格，不能用制表符", "; indent with blanks, not with tabs")
        elif "：" in row or "，" in row:
            hint = Text("；冒号和逗号要用半角（: 和 ,）", "; use the half-width colon and comma (: and ,)")
        elif is_full_width(row.split("#")[0]):
            hint = Text("；有全角字符", "; there are full-width characters")
        if hint is not NONE:
            number = candidate
            break
    place = replace(where, line=number if where.line else 0)
    problems.add(place, "yaml", problem=_yaml_words(str(error.problem or "")), hint=hint)


def from_python(value: Any, where: Location, folder: Path) -> Node:
    """Tree of Python values (numbers, text, lists, mappings), all at one place."""
    if isinstance(value, Mapping):
        children = {
            str(key): from_python(item, replace(where, path=join(where.path, str(key))), folder)
            for key, item in value.items()
        }
        return Node(children, where, folder)
    if isinstance(value, list | tuple):
        return Node([from_python(item, where, folder) for item in value], where, folder)
    if value is None or isinstance(value, bool | int | float | str):
        plain = value if value is None or isinstance(value, bool | str) else _number(value)
        return Node(plain, where, folder, "null" if plain is None else str(plain))
    if hasattr(value, "item"):  # a numpy scalar
        return from_python(value.item(), where, folder)
    return Node(str(value), where, folder, str(value))


def _number(value: float) -> Scalar:
    """Number as YAML would give it; infinities become text, which no number field takes."""
    if isinstance(value, int):
        return int(value)
    return float(value) if abs(value) < float("inf") else str(value)


def write_yaml(node: Node) -> str:
    """YAML text of a tree, keys in their order."""
    return "\n".join(_block(node, "")) + "\n"


def _block(node: Node, indent: str) -> Iterator[str]:
    for key, child in node.map.items():
        head = f"{indent}{_scalar_text(key)}:"
        nested = any(grandchild.is_map for grandchild in child.map.values())
        if child.is_map and (nested or len(_flow(child)) > 90):
            yield head
            yield from _block(child, indent + "  ")
        else:
            yield f"{head} {_flow(child)}"


def _flow(node: Node) -> str:
    if isinstance(node.value, dict):
        return "{" + ", ".join(f"{_scalar_text(key)}: {_flow(child)}" for key, child in node.value.items()) + "}"
    if isinstance(node.value, list):
        return "[" + ", ".join(_flow(child) for child in node.value) + "]"
    if isinstance(node.value, str):
        return _scalar_text(node.value) if resolve(node.value) == node.value else json.dumps(node.value)
    return node.written


def _scalar_text(text: str) -> str:
    plain = re.match(r"[\w\u4e00-\u9fff][\w\u4e00-\u9fff ./+()-]*\Z", text) is not None
    return text if plain and text == text.strip() else json.dumps(text, ensure_ascii=False)
