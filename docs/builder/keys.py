"""Reference of the scenario keys, from the models that read them."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from builder.markdown import anchor, code, page_name, table
from demo_sim.scenario.fields import KEYS, Frozen, Label, Numeric, TableFile
from demo_sim.scenario.quantity import Quantity
from demo_sim.scenario.settings import Settings
from demo_sim.tables.layouts import LAYOUTS
from demo_sim.vocab import unit_label

_WORDS = {
    "en": {
        "title": "Keys of a scenario",
        "about": "A scenario is one YAML file. `demo-sim schema` prints the same as a JSON Schema for editors, and "
        "`demo-sim explain SCENARIO KEY` says what one key is in a scenario. How numbers are written, with low, high, "
        "source and status: [Adding](../adding.md#the-scenario-names-the-folder).",
        "heads": ("key", "meaning", "takes"),
        "whole": "Top level",
        "required": "required",
        "else": "if left out",
        "tables": "Tables that a key may name",
        "tables_about": "Columns in square brackets may be left out. Ages are `37`, `35-39` or `100+`. Other shapes "
        "are read too: [your own tables](../tables.md).",
        "table_heads": ("kind", "columns"),
        "kinds": {int: "whole number", float: "number", str: "text", bool: "true or false"},
        "date": "date", "number": "number", "by": "by", "any": "by any key", "label": "name, `{zh, en}` or one text",
        "table": "table", "list": "list of", "named": "by name:", "block": "block",
    },
    "zh": {
        "title": "情景的设置项",
        "about": "情景是一个 YAML 文件。`demo-sim schema` 以 JSON Schema 输出同样的内容，供编辑器使用；"
        "`demo-sim explain 情景 设置项` 说明某一项在情景中的取值和含义。",
        "heads": ("设置项", "含义", "取值"),
        "whole": "顶层",
        "required": "必填",
        "else": "不写时为",
        "tables": "可以引用的表",
        "tables_about": "方括号中的列可以不写。年龄写作 `37`、`35-39` 或 `100+`。其他样式的表也能读入："
        "[手头的表，原样读入](../tables.zh-CN.md)。",
        "table_heads": ("种类", "列"),
        "kinds": {int: "整数", float: "数", str: "文字", bool: "true 或 false"},
        "date": "日期", "number": "数", "by": "可区分", "any": "可按各种项区分", "label": "名称，`{zh, en}` 或一段文字",
        "table": "表", "list": "列表：", "named": "按名称：", "block": "一组设置",
    },
}  # fmt: skip


def pages() -> dict[str, str]:
    """The page in both languages, by file name."""
    return {page_name("keys", lang): _page(lang) for lang in _WORDS}


def blocks(model: type[Frozen] = Settings, path: str = "") -> Iterator[tuple[str, type[Frozen], FieldInfo | None]]:
    """Every block of the file with its path: itself, then what it holds."""
    if not path:
        yield "", model, None
    for name, field in model.model_fields.items():
        for below, other in _held(f"{path}{field.alias or name}", field.annotation):
            yield below, other, field
            yield from blocks(other, f"{below}.")


def described(field: FieldInfo, lang: str) -> str:
    """Manual entry of a key in one language."""
    extra = field.json_schema_extra
    chinese = str(extra.get("description_zh", "")) if isinstance(extra, dict) else ""
    return chinese if lang == "zh" else (field.description or "")


def _held(path: str, kind: Any) -> Iterator[tuple[str, type[Frozen]]]:
    """Blocks that a key holds: one, several by name, or one of several kinds."""
    if isinstance(kind, type) and issubclass(kind, Frozen) and kind is not Label:
        chosen = kind.model_fields.get("kind")
        named = f" (kind: {get_args(chosen.annotation)[0]})" if chosen is not None and chosen.is_required() else ""
        yield path + named, kind
    elif get_origin(kind) in (Union, types.UnionType, Annotated):
        for part in get_args(kind):
            yield from _held(path, part)
    elif get_origin(kind) is dict:
        yield from _held(f"{path}.NAME", get_args(kind)[1])
    elif get_origin(kind) is tuple:
        yield from _held(f"{path}[]", get_args(kind)[0])


def _page(lang: str) -> str:
    words = _WORDS[lang]
    parts = [f"# {words['title']}", words["about"]]
    for path, model, field in blocks():
        parts.append(f"## {path}" if path else f"## {words['whole']}")
        if field is not None:
            about = inspect.getdoc(model) if lang == "en" else f"{described(field, lang)}。"
            parts.append((about or "").partition("\n\n")[0])
        rows = [_row(path, name, key, lang) for name, key in model.model_fields.items()]
        parts.append(table(words["heads"], rows))
    parts += [f"## {words['tables']}", words["tables_about"]]
    parts.append(table(words["table_heads"], ((code(kind), _columns(kind)) for kind in LAYOUTS)))
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _row(path: str, name: str, field: FieldInfo, lang: str) -> tuple[str, str, str]:
    kind = _kind(field.annotation, field.metadata, lang)
    for heading, _ in _held(f"{path}.{field.alias or name}".lstrip("."), field.annotation):
        block = str(_WORDS[lang]["block"])
        kind = kind.replace(block, f"[{block}](#{anchor(heading)})")
        break
    takes = f"{kind}{'；' if lang == 'zh' else '; '}{_default(field, lang)}"
    return code(field.alias or name), described(field, lang), takes.rstrip("；; ")


def _default(field: FieldInfo, lang: str) -> str:
    """Whether a key is required, or what holds where it is left out."""
    words = _WORDS[lang]
    if field.is_required():
        return str(words["required"])
    value = field.default
    if value is None or value in ("", {}, ()) or isinstance(value, Frozen):
        return ""
    return f"{words['else']} {code(str(value).lower() if isinstance(value, bool) else value)}"


def _kind(kind: Any, marks: list[Any], lang: str) -> str:
    """What may stand under a key, in words."""
    words = _WORDS[lang]
    for mark in marks:
        if isinstance(mark, Numeric):
            return _numeric(mark, lang)
        if isinstance(mark, TableFile):
            return f"{words['table']} {code(mark.layout)}"
    origin = get_origin(kind)
    if origin is Annotated:
        return _kind(get_args(kind)[0], list(get_args(kind)[1:]), lang)
    if origin is Literal:
        return ("、" if lang == "zh" else ", ").join(code(word) for word in get_args(kind))
    if origin in (Union, types.UnionType):
        parts = [_kind(part, [], lang) for part in get_args(kind) if part is not type(None)]
        return (" 或 " if lang == "zh" else " or ").join(dict.fromkeys(parts))
    if origin is tuple:
        return f"{words['list']} {_kind(get_args(kind)[0], [], lang)}"
    if origin is dict:
        return f"{words['named']} {_kind(get_args(kind)[1], [], lang)}"
    if isinstance(kind, type) and issubclass(kind, Label):
        return str(words["label"])
    if isinstance(kind, type) and issubclass(kind, Frozen):
        return str(words["block"])
    if kind is Quantity:
        return str(words["number"])
    return str(words["kinds"].get(kind, words["date"] if getattr(kind, "__name__", "") == "date" else kind))


def _numeric(mark: Numeric, lang: str) -> str:
    """Unit, bounds and keys of a number."""
    words = _WORDS[lang]
    parts = [str(words["number"])]
    if mark.unit:
        parts.append(unit_label(mark.unit, lang))
    if mark.low is not None or mark.high is not None:
        parts.append(mark.bounds.replace("..", "–" if mark.high is not None and (mark.low or 0) >= 0 else ".."))
    if mark.keys == KEYS:
        parts.append(str(words["any"]))
    elif mark.keys:
        parts.append(f"{words['by']} {', '.join(mark.keys)}")
    return ("，" if lang == "zh" else ", ").join(parts)


def _columns(kind: str) -> str:
    layout = LAYOUTS[kind]
    return ", ".join(f"[{code(name)}]" if name in layout.optional else code(name) for name in layout.columns)
