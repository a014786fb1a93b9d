"""The frozen scenario that every other room reads: settings, quantities, tables, catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from demo_sim.errors import Problem
from demo_sim.scenario.quantity import Location, Quantity

if TYPE_CHECKING:
    from demo_sim.scenario.catalog import Catalog
    from demo_sim.scenario.entries import Label
    from demo_sim.scenario.nodes import Node
    from demo_sim.scenario.settings import Settings


@dataclass(frozen=True)
class InputTable:
    """A table read from a CSV file, checked, numbers parsed.

    `columns["age"]` holds pairs (lowest, highest age), highest None for an open group;
    `columns["year"]` holds integers, `columns["date"]` dates, measures are floats.
    `lines[i]` is the line of row i in the file. `interpolate` says whether the scenario
    allows years that are missing inside the range.
    """

    path: str
    columns: dict[str, list[Any]]
    lines: list[int]
    source: str
    status: str
    licence: str
    file: Path
    where: Location
    interpolate: bool = False

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class Scenario:
    """A scenario, complete: every default resolved, every number knows where it was written.

    Attributes
    ----------
    name, title
        Name, and title in both languages.
    settings
        Frozen model of the settings that are not numbers with keys (dates, choices, names).
    quantities
        Every number, by dotted path ("fertility.tfr"). A quantity whose observations were
        all forbidden by `known_until` is not in it; `notes` says so.
    tables
        Every table, by dotted path ("population.table").
    locations
        Where each setting was written, by dotted path.
    files
        All files read: scenarios, tables, plans.
    catalog
        Populations, resources, indicators, definitions and plans, by id.
    notes
        Findings that are no errors: observations dropped, rates borrowed.
    """

    name: str
    title: Label
    settings: Settings
    quantities: Mapping[str, Quantity]
    tables: Mapping[str, InputTable]
    locations: Mapping[str, Location]
    files: tuple[Path, ...]
    catalog: Catalog
    notes: tuple[Problem, ...] = ()
    root: Node = field(repr=False, kw_only=True)
    rebuild: Callable[..., Scenario] = field(repr=False, kw_only=True)  # the loader, which knows this module

    def _repr_html_(self) -> str:
        from demo_sim.scenario.show import scenario_html

        return scenario_html(self)

    def __getstate__(self) -> dict[str, Any]:
        """What a worker process is sent: read-only views cannot be pickled, so they go as what they show."""
        return {name: dict(part) if isinstance(part, MappingProxyType) else part for name, part in vars(self).items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        read_only = ("quantities", "tables", "locations")
        vars(self).update({name: MappingProxyType(v) if name in read_only else v for name, v in state.items()})

    def __getitem__(self, path: str) -> Quantity:
        return self.quantities[path]

    def get(self, path: str) -> Quantity | None:
        """Quantity under the dotted path, or None where the scenario has none.

        Parameters
        ----------
        path
            Such as `fertility.tfr`; the rows of the quantity have value, low and high in its unit.
        """
        return self.quantities.get(path)

    @property
    def earlier(self) -> Path | None:
        """Folder of the saved run that the base population is taken from, beside the file or in the current folder."""
        node = self.root.find(("population", "from_run"))
        if not isinstance(node.value, str):
            return None
        beside = node.folder / node.value
        return beside if beside.is_dir() else Path(node.value)

    @cached_property
    def text(self) -> str:
        """The merged scenario (extends and overrides applied) as YAML."""
        from demo_sim.scenario.nodes import write_yaml

        return write_yaml(self.root)

    def replace(self, changes: Mapping[str, Any]) -> Scenario:
        """Scenario with some settings replaced; the Python twin of `--set path=value`.

        Parameters
        ----------
        changes
            Dotted path to value: a number, text, list or mapping as it would stand in YAML.

        Raises
        ------
        InputError
            There is no such setting, or its value is refused.
        """
        from demo_sim.scenario.merge import apply_changes

        return self.rebuild(apply_changes(self.root, changes), catalog=self.catalog)
