"""The JSON Schema of a scenario file, for editors; rules between fields are not in it."""

from __future__ import annotations

from typing import Any

from demo_sim.scenario.fitted import KEY
from demo_sim.scenario.settings import Settings
from demo_sim.scenario.written import AT
from demo_sim.vocab import STATUSES


def scenario_schema(lang: str = "zh") -> dict[str, Any]:
    """JSON Schema with the manual entries in one language.

    Parameters
    ----------
    lang
        `zh` or `en`.
    """
    schema = Settings.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$defs"]["quantity"] = _quantity()
    schema["$defs"]["Label"] = {"anyOf": [{"type": "string"}, schema["$defs"]["Label"]]}
    for block in ("groups", "services", "workforce", "reported", "actual", "supply", "outcomes"):
        said = {"source": {"type": "string"}, "status": {"enum": list(STATUSES)}}
        schema["properties"][block]["properties"] = said | {KEY: _fits()}
    for model in ("Mortality", "Fertility", "Migration", "Urbanisation", "Function"):
        schema["$defs"][model]["properties"][KEY] = _fits()
    # What else is required may stand in the scenario that this one extends.
    schema["required"] = ["name"]
    _finish(schema, lang)
    return schema


def _fits() -> dict[str, Any]:
    return {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        "description": "fitted blocks that demo-sim calibrate wrote, files beside this one; own entries win",
        "description_zh": "demo-sim calibrate 写出的拟合结果文件；本处写明的项优先",
    }


def _quantity() -> dict[str, Any]:
    number = {"type": "number"}
    leaf = {
        "type": "object",
        "properties": {"value": number, "low": number, "high": number},
        "required": ["value"],
        "additionalProperties": False,
    }
    level: dict[str, Any] = {"type": "object", "additionalProperties": {"anyOf": [number, leaf]}}
    keyed: dict[str, Any] = {"type": "object", "additionalProperties": {"anyOf": [number, leaf, level]}}
    at = {"enum": list(AT)}
    whole = {
        "type": "object",
        "properties": {
            "value": {"anyOf": [number, keyed]},
            "low": {"anyOf": [number, keyed]},
            "high": {"anyOf": [number, keyed]},
            "source": {"type": "string"},
            "status": {"enum": list(STATUSES)},
            "unit": {"type": "string"},
            "at": at,
            "known": {"type": "integer"},
        },
        "required": ["value"],
        "additionalProperties": False,
    }
    ids = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    assume = {
        "type": "object",
        "properties": {"assume": ids, "at": at, "name": {"type": "string"}},
        "patternProperties": {r"^(18|19|20|21)\d\d$": number},
        "required": ["assume"],
        "additionalProperties": False,
    }
    return {"anyOf": [number, assume, whole, keyed]}


def _finish(node: Any, lang: str) -> None:
    """Put in the form of quantities, and keep the descriptions of one language."""
    if isinstance(node, dict):
        if isinstance(mark := node.get("quantity"), dict) and "bounds" in mark:
            del node["quantity"]
            low, high = mark["bounds"]
            node["$ref"] = "#/$defs/quantity"
            node |= {"x-unit": mark["unit"], "x-minimum": low, "x-maximum": high}
        zh = node.pop("description_zh", None)
        if zh is not None and lang == "zh":
            node["description"] = zh
        for child in node.values():
            _finish(child, lang)
    elif isinstance(node, list):
        for child in node:
            _finish(child, lang)
