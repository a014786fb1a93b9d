"""`explain`: one setting in words: value, unit, bounds, where it was written, source, meaning."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from demo_sim.errors import InputError
from demo_sim.scenario.checking import field_at
from demo_sim.scenario.definitions import with_definition
from demo_sim.scenario.fields import Numeric
from demo_sim.scenario.messages import Problems, Text, make_problem, nearest
from demo_sim.scenario.model import InputTable, Scenario
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import Location, Quantity
from demo_sim.scenario.settings import Settings
from demo_sim.scenario.written import KEY_NAMES, row_keys

_WORDS = {
    "meaning": Text("含义", "meaning"),
    "unit": Text("单位", "unit"),
    "bounds": Text("允许范围", "allowed"),
    "where": Text("写于", "written at"),
    "status": Text("性质", "status"),
    "source": Text("出处", "source"),
    "reason": Text("理由", "reason"),
    "affects": Text("影响", "affects"),
    "value": Text("数值", "value"),
    "at": Text("取值", "taken at"),
    "rows": Text("行数", "rows"),
    "columns": Text("列", "columns"),
    "licence": Text("许可", "licence"),
    "file": Text("文件", "file"),
    "default": Text("默认值", "default"),
    "keys": Text("下面的设置", "settings below"),
    "dropped": Text("未采用的观测值", "observations not read"),
    "region": Text("地区", "region"),
    "plan": Text("plan（规划）", "plan"),
    "published": Text("published（公布）", "published"),
    "reported": Text("reported（填报）", "reported"),
    "fitted": Text("fitted（拟合）", "fitted"),
    "derived": Text("derived（推算）", "derived"),
    "assumed": Text("assumed（假设）", "assumed"),
    "borrowed": Text("borrowed（借用）", "borrowed"),
}


def explain(scenario: Scenario, path: str, lang: str = "zh") -> list[str]:
    """Lines that explain one setting.

    Parameters
    ----------
    scenario
        The scenario.
    path
        Dotted path of a setting, "fertility.tfr".
    lang
        `zh` or `en`.

    Raises
    ------
    InputError
        The scenario has no such setting; names the nearest.
    """
    steps = tuple(path.split("."))
    root = with_definition(scenario.root, scenario.catalog, Problems())
    info = field_at(Settings, steps, root)
    node = root.find(steps)
    written = node.where.path == path
    if info is None and not written:
        known = [*scenario.locations, *Settings.model_fields]
        where = Location(scenario.root.where.file, 0)
        raise InputError([make_problem(where, "unknown_setting", given=path, near=nearest(path, known))])
    lines = [path]
    if info is not None and info.description:
        extra = info.json_schema_extra
        zh = str(extra.get("description_zh", "")) if isinstance(extra, dict) else ""
        lines.append(_line("meaning", info.description if lang == "en" else zh, lang))
    mark = next((item for item in (info.metadata if info else []) if isinstance(item, Numeric)), None)
    if written:
        lines.append(_line("where", str(node.where), lang))
    if path in scenario.quantities:
        return [*lines, *_quantity(scenario, scenario.quantities[path], mark, lang)]
    if path in scenario.tables:
        return [*lines, *_table(scenario.tables[path], lang)]
    if mark is not None and mark.unit:
        lines.append(_line("unit", mark.unit, lang))
    lines += [note.text_en if lang == "en" else note.text_zh for note in scenario.notes if note.path == path]
    return [*lines, *_other(scenario, steps, node, written, lang)]


def _line(key: str, text: object, lang: str) -> str:
    word = _WORDS[key].en if lang == "en" else _WORDS[key].zh
    if key == "status" and text in _WORDS:
        text = _WORDS[str(text)].en if lang == "en" else _WORDS[str(text)].zh
    return f"  {word}: {text}" if lang == "en" else f"  {word}：{text}"


def _quantity(scenario: Scenario, quantity: Quantity, mark: Numeric | None, lang: str) -> list[str]:
    lines = []
    if quantity.unit:
        lines.append(_line("unit", quantity.unit, lang))
    if mark is not None and (mark.low is not None or mark.high is not None):
        lines.append(_line("bounds", mark.bounds, lang))
    if quantity.at != "draw":
        lines.append(_line("at", quantity.at, lang))
    if quantity.dropped:
        lines.append(_line("dropped", quantity.dropped, lang))
    lines.append(_line("value", "", lang).rstrip())
    lines += _rows(quantity, lang)
    for source in quantity.sources:
        if source.id != quantity.path:
            lines += _register_entry(scenario, source.id, quantity.region, source.status, lang)
        else:
            lines.append(_line("status", source.status, lang))
            if source.source:
                lines.append(_line("source", source.source, lang))
    return lines


def _rows(quantity: Quantity, lang: str) -> list[str]:
    """The rows as a text table: keys that occur, value, low, high, status."""
    used = [key for key in KEY_NAMES if any(key in row_keys(row) for row in quantity.rows)]
    drawn = any(row.drawn for row in quantity.rows)
    head = [*used, "value", *(["low", "high"] if drawn else []), "status"]
    body = []
    for row in quantity.rows:
        keys = row_keys(row)
        numbers = [row.value, *([row.low, row.high] if drawn else [])]
        body.append([*(keys.get(key, "") for key in used), *map(_number, numbers), row.status])
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    return [
        "    " + "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, *body]
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _register_entry(scenario: Scenario, id_: str, region: str, status: str, lang: str) -> list[str]:
    entry = scenario.catalog.register.entry(id_, region)
    if entry is None:
        return []
    return [
        f"  {id_}  {entry.label.text(lang)}",
        *(
            "  " + _line(key, text, lang)
            for key, text in (
                ("region", entry.region),
                ("status", status),
                ("source", entry.source),
                ("reason", entry.reason),
                ("affects", entry.affects),
            )
            if text
        ),
    ]


def _table(table: InputTable, lang: str) -> list[str]:
    lines = [
        _line("file", table.file.name, lang),
        _line("rows", len(table), lang),
        _line("columns", ", ".join(table.columns), lang),
        _line("status", table.status, lang),
        _line("source", table.source, lang),
    ]
    return [*lines, _line("licence", table.licence, lang)] if table.licence else lines


def _other(scenario: Scenario, steps: tuple[str, ...], node: Node, written: bool, lang: str) -> list[str]:
    if written and node.is_map:
        return [_line("keys", ", ".join(node.map), lang)]
    here: Any = scenario.settings
    for step in steps:
        if isinstance(here, BaseModel):
            name = next((n for n, f in type(here).model_fields.items() if (f.alias or n) == step), step)
            here = getattr(here, name, None)
        else:
            here = here.get(step) if isinstance(here, dict) else None
    if isinstance(here, BaseModel | dict):
        return []
    shown = ", ".join(map(str, here)) if isinstance(here, tuple) else here
    return [_line("value" if written else "default", "—" if shown is None else shown, lang)]
