"""What the catalogue holds, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from demo_sim.errors import InputError
from demo_sim.scenario.catalog import ENTRY_KINDS, Catalog, read_catalog
from demo_sim.scenario.forms import FormRow, read_forms
from demo_sim.scenario.messages import Problems, Text, listed, make_problem, nearest
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.register import Assumption
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.written import row_keys

_NAMES = {
    "populations": Text("人群", "populations"),
    "resources": Text("资源", "resources"),
    "indicators": Text("指标", "indicators"),
    "definitions": Text("失能口径", "definitions"),
    "plans": Text("规划", "plans"),
    "assumptions": Text("参数", "assumptions"),
    "forms": Text("统计报表的行", "rows of statistical forms"),
}


def catalogue_lines(kind: str | None, id_: str | None, lang: str = "zh") -> list[str]:
    """Lines on the shipped catalogue: counts, the entries of a kind, or one entry whole.

    Parameters
    ----------
    kind
        `populations`, `resources`, `indicators`, `definitions`, `plans`, `assumptions` or
        `forms`; None gives counts.
    id_
        Id of an entry; None lists all of the kind.
    lang
        `zh` or `en`.

    Raises
    ------
    InputError
        There is no such entry, or a file of the catalogue is wrong.
    """
    problems = Problems()
    catalog = read_catalog([], problems)
    forms = {row.id: row for row in read_forms([], problems)}
    if problems:
        raise InputError(problems.found)
    if kind is None:
        return [_count_line(name, catalog, forms, lang) for name in _NAMES]
    if kind == "forms" and id_ is None:
        return [_form_row(row, lang) for row in forms.values()]
    if id_ is None:
        return list(_entries(kind, catalog, lang))
    held: dict[str, list[str]] = {"assumptions": list(catalog.register.ids), "forms": list(forms)}
    known = held[kind] if kind in held else list(catalog.entries(kind))
    if id_ not in known:
        where = Location(f"catalog/{kind}", 0)
        raise InputError(
            [make_problem(where, "unknown_entry", given=id_, near=nearest(id_, known), allowed=listed(known))]
        )
    if kind == "assumptions":
        return list(_assumption(id_, catalog, lang))
    if kind == "forms":
        return [_form_row(forms[id_], lang), *(f"  {name}" for name in forms[id_].names)]
    file = catalog.files[kind, id_]
    return [f"# {shown_path(file)}", *file.read_text(encoding="utf-8-sig").splitlines()]


def _form_row(row: FormRow, lang: str) -> str:
    """A row of a form: its name, unit and the setting that takes it."""
    into = f"  → {row.into}" if row.into else ""
    return f"{row.id}  {row.label.text(lang)}  [{row.unit}]{into}"


def _count_line(name: str, catalog: Catalog, forms: dict[str, FormRow], lang: str) -> str:
    others = {"assumptions": len(catalog.register.ids), "forms": len(forms)}
    count = len(catalog.entries(name)) if name in ENTRY_KINDS else others[name]
    word = _NAMES[name].en if lang == "en" else _NAMES[name].zh
    return f"{name}  {count}" if lang == "en" else f"{name}  {word}  {count}"


def _entries(kind: str, catalog: Catalog, lang: str) -> Iterator[str]:
    if kind == "assumptions":
        for id_ in catalog.register.ids:
            entry = catalog.register.entry(id_)
            if entry is not None:
                yield f"{id_}  {entry.label.text(lang)}  [{entry.unit}]"
        return
    for id_, item in catalog.entries(kind).items():
        label = item.title if kind == "plans" else item.label
        yield f"{id_}  {label.text(lang)}"


def _assumption(id_: str, catalog: Catalog, lang: str) -> Iterator[str]:
    register = catalog.register
    for (name, region), entry in register.entries.items():
        if name == id_:
            yield f"{id_}  {entry.label.text(lang)}  ({region})"
            yield from _about(entry, lang)
            for row in register.rows.get((id_, region), ()):
                keys = " ".join(row_keys(row).values()) or "—"
                band = f"  {row.low:.10g}..{row.high:.10g}" if row.low is not None and row.high is not None else ""
                yield f"    {keys}  {row.value:.10g}{band}  {row.status}"


def _about(entry: Assumption, lang: str) -> Iterator[str]:
    words = (
        ("单位", "unit", entry.unit),
        ("性质", "status", entry.status),
        ("出处", "source", entry.source),
        ("理由", "reason", entry.reason),
        ("影响", "affects", entry.affects),
    )
    for zh, en, text in words:
        if text:
            yield f"  {en}: {text}" if lang == "en" else f"  {zh}：{text}"
