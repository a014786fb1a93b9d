"""`load`: a scenario file, what it extends and what is set from outside, as one `Scenario`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from demo_sim.errors import InputError, Problem
from demo_sim.places import Place
from demo_sim.scenario.actual_checks import check_actual
from demo_sim.scenario.between_tables import check_between, tells_residence
from demo_sim.scenario.care import check_placement
from demo_sim.scenario.catalog import Catalog, read_catalog
from demo_sim.scenario.checking import check_model
from demo_sim.scenario.conditions import check_conditions
from demo_sim.scenario.cross_checks import (
    check_blocks,
    check_known,
    check_period,
    check_plans,
    check_reported,
)
from demo_sim.scenario.definition_checks import check_entries, check_names, check_targets
from demo_sim.scenario.definitions import with_definition
from demo_sim.scenario.fields import Label, Numeric, TableFile
from demo_sim.scenario.form_reading import take_form
from demo_sim.scenario.kin import take_together
from demo_sim.scenario.merge import (
    apply_nodes,
    find_scenario,
    find_source,
    parse_overrides,
    read_merged,
    read_place_alone,
)
from demo_sim.scenario.messages import Problems, listed, make_problem, nearest, quoted
from demo_sim.scenario.model import InputTable, Scenario
from demo_sim.scenario.needed import with_needed
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.number_checks import check_numbers
from demo_sim.scenario.place_tree import PREFIX, place_table, with_place
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.raking import check_raking, raking_notes, tie_notes
from demo_sim.scenario.region import REGISTER, region_of, with_code
from demo_sim.scenario.settings import Settings
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.supply_checks import check_supply
from demo_sim.scenario.supply_moves import take_kept
from demo_sim.scenario.table_checks import check_table
from demo_sim.scenario.tables import table_of_file
from demo_sim.scenario.values import ValueReader
from demo_sim.tables.grades import Grades


def load(source: str | Path, overrides: Iterable[str] = ()) -> Scenario:
    """Scenario of a file or of a shipped name, frozen and complete.

    Parameters
    ----------
    source
        Path of a YAML file, or the name of a scenario that ships with the package ("hunan").
    overrides
        Changes as on the command line, "fertility.tfr=1.3"; the value is YAML.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    problems = Problems()
    files: list[Path] = []
    path = find_scenario(source, problems) if isinstance(source, Path) else find_source(source, problems)
    if isinstance(path, Place):
        root = read_place_alone(path, problems, files)
    else:
        root = None if path is None else read_merged(path, problems, files)
    changes = parse_overrides(overrides, problems)
    if root is None:
        raise InputError(problems.found)
    root = apply_nodes(root, changes, problems)
    return build(root, tuple(files), problems=problems)


def build(
    root: Node, files: tuple[Path, ...] = (), catalog: Catalog | None = None, problems: Problems | None = None
) -> Scenario:
    """Scenario of a merged tree; raises InputError with all problems, also those handed in."""
    problems = problems or Problems()
    catalog = _catalog_of(root, catalog, problems)
    root = with_code(root)
    written, root = root, with_definition(root, catalog, problems)
    told = Problems()
    reader = _Build(root, catalog, problems)
    root = take_form(root, reader.values, problems)
    root = reader.root = with_needed(root, catalog, reader.register, reader.values.region, told)
    settings = check_model(root, Settings, problems, reader.handle, reader.defaults())
    check_blocks(root, reader.values, problems)
    if settings is not None:
        check_period(settings, root, problems)
        check_plans(settings, root, catalog, problems)
        check_targets(settings, catalog, problems)
        check_reported(settings, catalog, reader.values, problems)
        check_actual(settings, catalog, reader.values, problems)
        check_conditions(settings.conditions, root, reader.values.quantities, problems)
        if settings.placement is not None:
            check_placement(
                settings.placement,
                root,
                reader.values.quantities,
                {name: entry.kind for name, entry in settings.supply.items()},
                [*catalog.populations],
                settings.function is not None,
                problems,
            )
    take_together(root, reader.values)
    tables = reader.read_tables(settings)
    check_between(root, tables, reader.values.quantities, problems)
    check_known(reader.values, problems)
    check_raking(reader.values.quantities, tables, problems)
    if settings is not None:
        apart, numbers = tells_residence(root, tables), reader.values.quantities
        check_numbers(settings, root, numbers, tables, catalog, apart, problems)
        check_supply(settings, root, numbers, catalog, apart, problems)
        # the newest figure of the scenario's own files: what a run knows where nothing else is said
        known = settings.known_until or reader.values.last_observed or settings.period.start - 1
        take_kept(settings, root, reader.values, known)
        reader.values.notes += check_names(settings, numbers, catalog, apart, problems)
    if settings is None or problems:
        raise InputError(problems.found)
    settings = settings.model_copy(update={"known_until": known})
    used = [
        *files,
        *(table.file for table in tables.values()),
        *reader.register.files,
        *(catalog.files["plans", id_] for id_ in settings.plan),
    ]
    scenario = Scenario(
        name=settings.name,
        title=settings.title or Label(zh=settings.name, en=settings.name),
        settings=settings,
        quantities=MappingProxyType(reader.values.quantities),
        tables=MappingProxyType(tables),
        locations=MappingProxyType({node.where.path: node.where for node in root.walk() if node.where.path}),
        files=tuple(dict.fromkeys(used)),
        catalog=catalog,
        notes=(
            *reader.values.notes,
            *reader.values.borrowed_note(),
            *_one_draw(root, settings),
            *told.found,
            *_open_group(tables, settings),
            *reader.told,
            *raking_notes(reader.values.quantities, tables, settings.period.base.year),
            *(
                tie_notes(reader.values.quantities, settings.period.start, settings.period.end)
                if settings.population.tie == "total"
                else []
            ),
        ),
        root=written,
        rebuild=build,
    )
    return scenario if scenario.earlier is None else _with_earlier(scenario, scenario.earlier)


def _with_earlier(scenario: Scenario, folder: Path) -> Scenario:
    """Scenario with the saved run among its files, or with a note that it is still to be made."""
    file = folder / "run.nc"
    if file.is_file():
        return replace(scenario, files=(*scenario.files, file))
    where = scenario.locations["population.from_run"]
    note = make_problem(where, "note_no_run", given=folder.as_posix(), allowed=folder.name)
    return replace(scenario, notes=(*scenario.notes, note))


def _open_group(tables: dict[str, InputTable], settings: Settings) -> list[Problem]:
    """A note where the base table ends below the ages of the run and nothing tells those beyond."""
    table = tables.get("population.table")
    if table is None or "population.template" in tables:
        return []
    last = max(first for first, _ in table.columns["age"])
    if last >= settings.options.open_age:
        return []
    where = Location(shown_path(table.file), table.lines[-1], table.path)
    return [make_problem(where, "note_open_group", given=f"{last}+")]


def _one_draw(root: Node, settings: Settings) -> list[Problem]:
    """A word to whoever writes one draw and means the central run."""
    return [make_problem(root.map["draws"].where, "note_one_draw")] if settings.draws == 1 else []


def _catalog_of(root: Node, known: Catalog | None, problems: Problems) -> Catalog:
    named = root.map.get("catalog")
    items = [] if named is None else named.items
    folders = [(item.folder / item.value, item.where) for item in items if isinstance(item.value, str)]
    plan = root.map.get("plan")
    plans = {item.value for item in ([] if plan is None else plan.items) if isinstance(item.value, str)}
    same = known is not None and known.folders == tuple(folder for folder, _ in folders)
    if known is not None and same and not plans & (set(known.plan_names) - set(known.plans)):
        return known
    catalog = read_catalog(folders, problems, plans)
    check_entries(catalog, problems)
    return catalog


def _text_of(block: Mapping[str, Node], name: str) -> str | None:
    """Text under a key of a block."""
    value = block[name].value if name in block else None
    return value if isinstance(value, str) else None


def _grades_of(block: Mapping[str, Node]) -> Grades:
    """Grades of a block with their levels, as far as they are texts."""
    written = block["grades"].map if "grades" in block else {}
    return tuple((grade, node.value) for grade, node in written.items() if isinstance(node.value, str))


class _Build:
    """Takes what the walk along the settings meets: quantities at once, tables for later."""

    def __init__(self, root: Node, catalog: Catalog, problems: Problems) -> None:
        self.root = root
        self.problems = problems
        self.pending: list[tuple[Node, str, Mapping[str, Node]]] = []
        self.told: list[Problem] = []  # how tables were read
        region = root.find(REGISTER)
        name, place = region_of(root)
        register = catalog.register
        if name and name not in register.regions and place is None:
            known = catalog.register.regions
            problems.add(region.where, "unknown_region", given=name, near=nearest(name, known), allowed=listed(known))
        elif place is not None:
            register = with_place(register, place, name)
        limit = root.map.get("known_until")
        year = limit.value if limit is not None and isinstance(limit.value, int) else None
        self.register = register
        self.values = ValueReader(register, name, year, problems)

    def defaults(self) -> dict[str, Any]:
        """Settings that follow from others where they are left out."""
        name = self.root.map.get("name")
        return {"title": name.value} if name is not None and isinstance(name.value, str) and name.value else {}

    def handle(self, node: Node, mark: Numeric | TableFile, block: Mapping[str, Node]) -> Any:
        """What the settings model holds for a marked field."""
        if isinstance(mark, Numeric):
            return self.values.read(node, mark, block)
        if isinstance(node.value, str):
            self.pending.append((node, mark.layout, block))
        return node.plain()

    def read_tables(self, settings: Settings | None) -> dict[str, InputTable]:
        """Tables named in the scenario, by dotted path, read and checked."""
        years = None if settings is None else (settings.period.start, settings.period.end)
        tables: dict[str, InputTable] = {}
        for node, layout, block in self.pending:
            where: Location = node.where
            named = str(node.value)
            if named.startswith(PREFIX):
                table = place_table(named.removeprefix(PREFIX), layout, where)
                if table is None:
                    self.problems.add(where, "no_table_of_place", given=quoted(named))
                    continue
            else:
                interpolate = "interpolate" in block and block["interpolate"].value is True
                said = {name: _text_of(block, name) if layout != "template" else None for name in ("sheet", "unit")}
                table, told = table_of_file(
                    node.folder / named,
                    where,
                    layout,
                    self.problems,
                    interpolate=interpolate,
                    grades=_grades_of(block),
                    **said,
                )
                self.told += told
            if table is not None:
                check_table(table, layout, years, self.problems)
                tables[where.path] = table
        return tables
