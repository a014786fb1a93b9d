"""The catalogue: populations, resources, indicators, definitions and plans found by listing folders."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from demo_sim.errors import Problem
from demo_sim.scenario.checking import check_model
from demo_sim.scenario.entries import Definition, GroupDefinition, Indicator, Plan, Resource
from demo_sim.scenario.entry_checks import check_needs, check_populations
from demo_sim.scenario.fields import Frozen
from demo_sim.scenario.messages import Problems, quoted
from demo_sim.scenario.nodes import Node, read_yaml
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.register import Register, read_register
from demo_sim.scenario.shipped import catalog_folder, shown_path

ENTRY_KINDS: dict[str, type[Frozen]] = {
    "populations": GroupDefinition,
    "resources": Resource,
    "indicators": Indicator,
    "definitions": Definition,
    "plans": Plan,
}


@dataclass(frozen=True)
class Catalog:
    """Entries by id, the assumptions register, and the tree and file each entry came from.

    Plans are long: those that ship are read only where a scenario names them; `plan_names` has all.
    """

    populations: Mapping[str, GroupDefinition]
    resources: Mapping[str, Resource]
    indicators: Mapping[str, Indicator]
    definitions: Mapping[str, Definition]
    plans: Mapping[str, Plan]
    register: Register
    nodes: Mapping[tuple[str, str], Node] = field(repr=False)
    files: Mapping[tuple[str, str], Path] = field(repr=False)
    folders: tuple[Path, ...] = ()
    plan_names: tuple[str, ...] = ()

    def entries(self, kind: str) -> Mapping[str, Any]:
        """Entries of a kind, `populations`, `resources`, `indicators`, `definitions` or `plans`."""
        found: Mapping[str, Any] = getattr(self, kind)
        return found


def read_catalog(
    folders: list[tuple[Path, Location]], problems: Problems, plans: Collection[str] | None = None
) -> Catalog:
    """Catalogue of the package and of a scenario's own folders.

    Parameters
    ----------
    folders
        Folders with definitions of the user, and where the scenario names each.
    problems
        Takes what is wrong in any of the files.
    plans
        Shipped plans to read; None reads all. A plan is named like its file.
    """
    found: dict[str, dict[str, Any]] = {kind: {} for kind in ENTRY_KINDS}
    nodes: dict[tuple[str, str], Node] = {}
    files: dict[tuple[str, str], Path] = {}
    names: list[str] = []
    shipped = catalog_folder()
    for folder, where in [(shipped, Location(shown_path(shipped), 0)), *folders]:
        if not folder.is_dir():
            problems.add(where, "no_folder", given=quoted(shown_path(folder)))
            continue
        for kind in ENTRY_KINDS:
            for file in sorted((folder / kind).glob("*.yaml")):
                if kind == "plans":
                    names.append(file.stem)
                    if plans is not None and folder == shipped and file.stem not in plans:
                        continue
                entry, node, faults = _read_entry(file, file.stat().st_mtime_ns, kind, shown_path(file))
                problems.found.extend(faults)
                if entry is None or node is None:
                    continue
                key = (kind, entry.id)
                if key in files:
                    problems.add(node.map["id"].where, "repeated_id", given=entry.id, other=shown_path(files[key]))
                    continue
                found[kind][entry.id], nodes[key], files[key] = entry, node, file
    trees = {id_: nodes["populations", id_] for id_ in found["populations"]}
    check_populations(found["populations"], trees, problems)
    for id_, resource in found["resources"].items():
        check_needs(resource, nodes["resources", id_], problems)
    return Catalog(
        register=read_register(shipped / "assumptions"),
        nodes=nodes,
        files=files,
        folders=tuple(folder for folder, _ in folders),
        plan_names=tuple(names),
        **found,
    )


@lru_cache(maxsize=1024)
def _read_entry(file: Path, stamp: int, kind: str, shown: str) -> tuple[Any, Node | None, tuple[Problem, ...]]:
    """Entry of a file; kept, since scenarios are loaded many times and files change seldom."""
    problems = Problems()
    node = read_yaml(file, problems)
    entry = None if node is None else check_model(node, ENTRY_KINDS[kind], problems)
    return entry, node, tuple(problems.found)
