"""Where a run comes from: inputs with source and status, files, the names of what drives a verdict."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from demo_sim.engine.size import Size
from demo_sim.inputs.draws import Stream, streams_of
from demo_sim.plan.evidence import WEAK
from demo_sim.plan.verdicts import Verdicts
from demo_sim.results.columns import INPUT_COLUMNS
from demo_sim.results.manifest import file_hashes
from demo_sim.scenario import Quantity, Scenario
from demo_sim.scenario.entries import Rule
from demo_sim.scenario.place_tree import SHARED
from demo_sim.scenario.rules import lacking
from demo_sim.scenario.shipped import shipped_folder
from demo_sim.sense.unread import unread_paths
from demo_sim.vocab import codes, label, label_or_code

NOTHING: Mapping[Stream, tuple[float, str]] = MappingProxyType({})


def provenance(scenario: Scenario, size: Size) -> dict[str, Any]:
    """What decides whether another run has the same inputs; known before anything is computed."""
    own = [file for file in scenario.catalog.files.values() if _is_own(scenario, file)]
    return {
        "name": scenario.name,
        "text": scenario.text,
        "seed": scenario.settings.seed,
        "draws": size.draws,
        "engine": "people" if size.scale else "cohort",
        "person_draws": size.person_draws,
        "scale": size.scale,
        "keep": "full" if size.keep_full else "five_year",
        "input_files": file_hashes((*scenario.files, *own), scenario.files[0].parent),
    }


def extended_by(scenario: Scenario) -> str:
    """What a scenario beside this one writes under `extends`: a shipped name, a place, else the name of its file."""
    if not scenario.files:
        return scenario.name
    file = scenario.files[0].resolve()
    shipped = shipped_folder().resolve()
    if file == shipped / SHARED:  # a place without a file of its own
        return scenario.settings.region.code or scenario.name
    return file.stem if file.parent == shipped else file.name


def setting_places(scenario: Scenario) -> dict[str, str]:
    """File and line of every setting that is no number, by dotted path; `input_columns` has those of the numbers."""
    numbers = (*scenario.quantities, *scenario.tables)
    leaves = (node for node in scenario.root.walk() if not node.is_map and "[" not in node.where.path)
    return {
        node.where.path: str(node.where)
        for node in leaves
        if not any(node.where.path == path or node.where.path.startswith(f"{path}.") for path in numbers)
    }


def _is_own(scenario: Scenario, file: Path) -> bool:
    """Whether a file of the catalogue lies in a folder that the scenario names."""
    return any(file.is_relative_to(folder) for folder in scenario.catalog.folders)


def left_out(
    scenario: Scenario, groups: Container[str], needs: Container[tuple[str, str]], kin: bool
) -> list[tuple[str, str]]:
    """Definitions of the user's own that could not be counted: they are there to be counted."""
    catalog = scenario.catalog
    rules: list[tuple[str, Rule]] = [
        (f"populations/{p.id}", p)
        for p in catalog.populations.values()
        if p.id not in groups and _is_own(scenario, catalog.files["populations", p.id])
    ]
    for r in catalog.resources.values():
        if _is_own(scenario, catalog.files["resources", r.id]):
            rules += [(f"resources/{r.id} {kind}", rule) for kind, rule in r.needs.items() if (r.id, kind) not in needs]
    out = []
    for name, rule in rules:
        missing = ", ".join(lacking(rule, scenario.quantities, groups, kin))
        out.append(
            (
                f"{name} 没有计入：缺 {missing or '与其年龄、城乡或名称相符的数值'}",
                f"{name} is not counted; missing: {missing or 'a number that fits its age, residence or name'}",
            )
        )
    return out


def driver_labels(scenario: Scenario, verdicts: Verdicts) -> dict[str, dict[str, str]]:
    """Names of the inputs and figures that rows of targets name; a setting of one's own keeps its path."""
    columns = ("driver", "rests_on", "missing", "break_even_of")
    names = dict.fromkeys(str(row[column]) for row in verdicts.rows for column in columns if row[column])
    for path, quantity in scenario.quantities.items():
        if any(stream in verdicts.weighty for stream in streams_of(quantity)):
            names.setdefault(path)
    return {name: found for name in names if (found := _figure_label(name, scenario)) is not None}


def _figure_label(name: str, scenario: Scenario) -> dict[str, str] | None:
    """Name of an input of the register, a series, or a quantity by its path; None for one of the user's own."""
    catalog = scenario.catalog
    path, _, whole = name.partition(" (")  # `part (need.x.observed)`: a need stands for the whole
    if whole:
        part = _figure_label(path, scenario)
        return part and {"zh": f"{part['zh']}，总量按需求推算", "en": f"{part['en']}, the whole taken from the need"}
    kind, _, rest = path.partition(".")
    own = catalog.register.entry(path, scenario.settings.region.register_name)
    if own is not None:  # one row for all stocks, such as how much of a change goes on
        return {"zh": own.label.zh, "en": own.label.en}
    if kind == "supply":
        series, _, key = rest.partition(".")
        if f"supply.{rest}" in scenario.quantities:
            rest = ".".join(
                [series, *([key.removesuffix("_share")] if key in ("nursing_share", "certified_share") else [])]
            )
        return {lang: stock_label(rest, scenario, lang) for lang in ("zh", "en")}
    if kind == "groups" and path not in scenario.quantities and rest in catalog.populations:
        label = catalog.populations[rest].label
        return {"zh": label.zh, "en": label.en}
    id_, _, key = path.partition("[")
    if id_ in scenario.quantities:
        id_ = scenario.quantities[id_].sources[0].id
    entry = catalog.register.entry(id_, scenario.settings.region.register_name)
    tail = f" [{key}" if key else ""
    if entry is None:  # one of the scenario's own: the group that it counts
        counting = [g for g in catalog.populations.values() if path in {f.of for f in (*g.times, *g.level)}]
        return {"zh": counting[0].label.zh, "en": counting[0].label.en} if counting else None
    return {"zh": f"{entry.label.zh}{tail}", "en": f"{entry.label.en}{tail}"}


def stock_label(series: str, scenario: Scenario, lang: str) -> str:
    """Name of a series of the supply: that of its entry, or of the resource it serves, with those of its parts."""
    name, *parts = series.split(".")
    entry = scenario.settings.supply.get(name)
    given = None if entry is None else entry.label
    resources = scenario.catalog.resources
    served = next((r.label for r in resources.values() if r.supply == name), None)
    served = served or (resources[name].label if name in resources else None)
    # What nothing needs and no entry declares is named by the figure that plans ask for.
    asked = next((i.label for i in scenario.catalog.indicators.values() if i.numerator == f"supply.{name}"), None)
    served = served or asked
    label = given or served
    words = [label.text(lang) if label else name, *(label_or_code("stock_part", part, lang) for part in parts)]
    if parts[:1] == ["certified"] and entry is not None:
        which = label_or_code("certificate", getattr(entry, "certificate", ""), lang)
        words[1] += f"（{which}）" if lang == "zh" else f" ({which})"
    return "：".join(words) if lang == "zh" else ": ".join(words)


def definition(scenario: Scenario) -> str:
    function = scenario.settings.function
    if function is None or function.definition is None:
        return ""
    return json.dumps({"zh": function.definition.zh, "en": function.definition.en}, ensure_ascii=False)


def status_counts(scenario: Scenario) -> dict[str, int]:
    """How many inputs are published, derived, assumed and so on; tables count as one input each."""
    counts: dict[str, int] = {}
    for status in [q.status for q in scenario.quantities.values()] + [t.status for t in scenario.tables.values()]:
        counts[status] = counts.get(status, 0) + 1
    return counts


def input_columns(
    scenario: Scenario, weighty: Mapping[Stream, tuple[float, str]] = NOTHING
) -> dict[str, tuple[tuple[str, ...], list[Any]]]:
    """Columns of inputs.csv.

    Parameters
    ----------
    weighty : inputs that explain more than a twentieth of a row with a verdict: the share, id of the row
    """
    rows: list[tuple[Any, ...]] = []
    unread = unread_paths(scenario)
    for path, table in scenario.tables.items():
        rows.append((path, table.file.name, "", "", table.source, table.status, str(table.where)))
    for path, quantity in scenario.quantities.items():
        at = quantity.at if any(row.drawn for row in quantity.rows) else ""
        told = (quantity.unit, quantity.source, quantity.status, str(quantity.where))
        rows.append((path, _in_words(quantity), at, *told))
    whole = [(*row, "no" if row[0] in unread else "yes", *_weight(row[0], row[5], scenario, weighty)) for row in rows]
    return {name: (("input",), [row[i] for row in whole]) for i, name in enumerate(INPUT_COLUMNS)}


def _weight(
    path: str, status: str, scenario: Scenario, weighty: Mapping[Stream, tuple[float, str]]
) -> tuple[float, str, str, str]:
    """Largest share of the variance of a row with a verdict, that row, and what would replace an assumption."""
    quantity = scenario.quantities.get(path)
    found = [weighty[stream] for stream in streams_of(quantity) if stream in weighty] if quantity is not None else []
    if not found:
        return float("nan"), "", "", ""
    share, of = max(found)
    if status not in WEAK:
        return share, of, "", ""
    kinds = codes("replaced_by")
    kind = next(kind for kind in sorted(kinds, key=len, reverse=True) if path.startswith(kind) or kind == "other")
    return share, of, label("replaced_by", kind, "zh"), label("replaced_by", kind, "en")


def _in_words(quantity: Quantity) -> str:
    """Rows as text: key: value [low..high]; the first forty."""
    parts = []
    for row in quantity.rows[:40]:
        keys = [
            str(k)
            for k in (row.year, row.cohort, row.residence, row.sex, row.age, row.level, row.name)
            if k not in (None, "")
        ]
        band = f" [{row.low:g}..{row.high:g}]" if row.drawn else ""
        parts.append((" ".join(keys) + ": " if keys else "") + f"{row.value:.10g}{band}")
    more = f"; … {len(quantity.rows) - 40} more" if len(quantity.rows) > 40 else ""
    return "; ".join(parts) + more
