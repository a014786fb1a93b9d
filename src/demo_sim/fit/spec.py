"""A spec: which observed tables, which method, which block of a scenario, where to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo_sim.errors import InputError
from demo_sim.fit.observed import Observed, read_observed
from demo_sim.scenario.checking import check_model
from demo_sim.scenario.fields import Frozen, Label, described
from demo_sim.scenario.fitted import digest_of
from demo_sim.scenario.messages import Problems, listed, nearest, quoted
from demo_sim.scenario.nodes import Node, read_yaml
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path


class Spec(Frozen):
    """Keys of a spec of `calibrate`."""

    name: str = described("名称", "name of the fit", ..., pattern=r"^[\w\u4e00-\u9fff.-]+$", max_length=60)
    title: Label | None = described("标题", "title in both languages")
    method: str = described("方法", "method of the fit", ...)
    date: str = described(
        "拟合依据的日期（写进结果，重跑不变）",
        "date of what it rests on; it is written into the block, so that a second run gives the same",
        ...,
        pattern=r"^\d{4}-\d{2}-\d{2}$",
    )
    seed: int = described("随机数种子", "seed of the random numbers", 1, ge=0, le=2**31)
    tables: dict[str, str] = described("观测数据表", "observed tables by name: CSV files beside the spec", {})
    options: dict[str, Any] = described("方法的选项", "options of the method", {})
    output: str = described("写出的文件", "file of the block, beside the spec", ..., pattern=r"^[\w.-]+\.yaml$")


@dataclass(frozen=True)
class Task:
    """A spec that was read, with its tables.

    Attributes
    ----------
    file : of the spec
    digest : SHA-256 of the spec
    options : of the method, checked
    tables : by name
    """

    file: Path
    digest: str
    spec: Spec
    options: Any
    tables: Mapping[str, Observed]

    @property
    def output(self) -> Path:
        """Where the block goes."""
        return self.file.parent / self.spec.output


def read_spec(path: Path, methods: Mapping[str, Any]) -> Task:
    """Spec of a file with its tables; raises InputError with all problems."""
    problems = Problems()
    root = read_yaml(path, problems)
    if root is not None and not root.is_map:
        problems.add(root.where, "want_mapping", given=root.shown())
        root = None
    if root is None:
        raise InputError(problems.found)
    spec = check_model(root, Spec, problems)
    named = root.map.get("method")
    method = methods.get(str(named.value)) if named is not None else None
    if named is not None and method is None:
        near, allowed = nearest(named.shown(), methods), listed(methods)
        problems.add(named.where, "choice", given=quoted(named.shown()), near=near, allowed=allowed)
    if spec is None or method is None:
        raise InputError(problems.found)
    empty = Node({}, root.where, root.folder)
    options = check_model(root.map.get("options", empty), method.options, problems)
    tables = _tables(root, method, problems)
    if problems or options is None:
        raise InputError(problems.found)
    return Task(path, digest_of(path), spec, options, tables)


def _tables(root: Node, method: Any, problems: Problems) -> dict[str, Observed]:
    """Tables that the method asks for, each read and checked."""
    given = root.map["tables"].map if "tables" in root.map else {}
    found = {}
    for name, node in given.items():
        if name not in method.tables:
            near, allowed = nearest(name, method.tables), listed(method.tables)
            problems.add(node.where, "unknown_key", given=name, near=near, hint="", allowed=allowed)
        elif isinstance(node.value, str):
            table = read_observed(node.folder / node.value, node.value, method.tables[name], node.where, problems)
            if table is not None:
                found[name] = table
    for name in method.tables:
        if name not in given and name not in method.optional:
            where = root.map["tables"].where if "tables" in root.map else Location(shown_path(Path(root.where.file)), 1)
            problems.add(where, "missing", given=f"tables.{name}")
    return found
