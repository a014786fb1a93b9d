"""YAML trees against pydantic models: all findings, at their places, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from demo_sim.scenario.fields import Numeric, TableFile
from demo_sim.scenario.hints import number_hint
from demo_sim.scenario.messages import NONE, Problems, Text, listed, nearest, quoted
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import STATUSES, Location

Model = TypeVar("Model", bound=BaseModel)
Handler = Callable[[Node, Numeric | TableFile, Mapping[str, Node]], Any]


def check_model(
    node: Node,
    model: type[Model],
    problems: Problems,
    handle: Handler | None = None,
    defaults: dict[str, Any] | None = None,
) -> Model | None:
    """Model of a tree, or None with the problems noted.

    Parameters
    ----------
    node
        The tree.
    model
        The pydantic class.
    problems
        Takes what is wrong.
    handle
        Called with the node, its mark and the keys of its block where a field is marked as a
        quantity or a table; gives back what the model is to hold.
    defaults
        Values of top keys that the tree leaves out.
    """
    before = len(problems.found)
    if not node.is_map:
        problems.add(node.where, "want_mapping", given=node.shown())
        return None
    reader = _Reader(problems, handle)
    raw = {**(defaults or {}), **reader.model(node, model)}
    try:
        made = model.model_validate(raw)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _note(detail, node, model, problems)
        return None
    return made if len(problems.found) == before else None


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields of a model by the key they are written under."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


class _Reader:
    """Turns a tree into plain values along a model's fields, refusing unknown keys."""

    def __init__(self, problems: Problems, handle: Handler | None) -> None:
        self.problems = problems
        self.handle = handle

    def model(self, node: Node, model: type[BaseModel]) -> dict[str, Any]:
        fields = fields_of(model)
        values: dict[str, Any] = {}
        for key, child in node.map.items():
            info = fields.get(key)
            if info is None:
                note_unknown_key(child.where, key, list(fields), self.problems)
            elif child.value is None and type(None) in get_args(info.annotation) and self.handle is None:
                values[key] = None  # in a catalogue entry null says that there is none
            elif child.value is None:
                self.problems.add(child.where, "null", given=key)
                if not info.is_required():
                    continue
                values[key] = None
            else:
                values[key] = self.value(child, info.annotation, info.metadata, node.map)
        return values

    def value(self, node: Node, annotation: Any, metadata: list[Any], block: Mapping[str, Node]) -> Any:
        if get_origin(annotation) is Annotated:
            annotation, *extra = get_args(annotation)
            metadata = [*metadata, *extra]
        mark = next((item for item in metadata if isinstance(item, Numeric | TableFile)), None)
        if mark is not None and self.handle is not None:
            return self.handle(node, mark, block)
        if get_origin(annotation) is dict and node.is_map:
            return self.named(node, get_args(annotation)[1])
        if node.is_list:
            inner = next(iter(get_args(annotation)), Any)
            return tuple(self.value(child, inner, [], block) for child in node.items)
        model = _model_of(annotation, node)
        return self.model(node, model) if model is not None and node.is_map else node.plain()

    def named(self, node: Node, inner: Any) -> dict[str, Any]:
        """Values by name; those that have a source and status take what the whole block says, where it says it."""
        sourced = self.handle is not None and _has_source(inner)
        said = {key: node.map[key] for key in _SOURCED if sourced and key in node.map}
        for key, child in said.items():
            if key == "status" and child.value not in STATUSES:
                near, allowed = nearest(child.shown(), STATUSES), listed(STATUSES)
                self.problems.add(child.where, "choice", given=quoted(child.shown()), near=near, allowed=allowed)
            elif not isinstance(child.value, str):
                self.problems.add(
                    child.where, "want_text", given=quoted(child.shown()), hint=_mend("string_type", child)
                )
        values = {}
        for key, child in node.map.items():
            if key in said:
                continue
            if child.value is None:
                self.problems.add(child.where, "null", given=key)
                continue
            # what another file says of its own numbers is not said of these
            here = {name: one for name, one in said.items() if one.where.file == child.where.file}
            whole = Node({**here, **child.map}, child.where, child.folder) if here and _models(inner) else child
            values[key] = self.value(whole, inner, [], here)
        return values


_SOURCED = ("source", "status")


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Models that a value may be read as."""
    return list(_models_in(get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation))


def _has_source(annotation: Any) -> bool:
    """Whether what is read has a source and a status: a number, or a block of numbers."""
    marks = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    if any(isinstance(mark, Numeric) for mark in marks):
        return True
    models = _models(annotation)
    return bool(models) and all(set(_SOURCED) <= fields_of(model).keys() for model in models)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is not dict:
        for part in get_args(annotation):
            yield from _models_in(part)


def _model_of(annotation: Any, node: Node) -> type[BaseModel] | None:
    """Model that a mapping is to be read as; in a union the one whose `kind` is written."""
    models = list(_models_in(annotation))
    if len(models) < 2:
        return models[0] if models else None
    kind = node.map.get("kind")
    written = None if kind is None else kind.value
    return next((item for item in models if written in get_args(item.model_fields["kind"].annotation)), None)


def note_unknown_key(where: Location, key: str, known: list[str], problems: Problems) -> None:
    """Note a key that the place does not have, with the nearest that it has."""
    hint = NONE
    if key.isascii() and key.isdigit() and len(key) == 3:
        hint = Text("；数字里不要用千位分隔符", "; no thousands separators in numbers")
    problems.add(where, "unknown_key", given=key, near=nearest(key, known), hint=hint, allowed=listed(known))


def field_at(model: type[BaseModel], loc: tuple[int | str, ...], root: Node) -> FieldInfo | None:
    """Field of nested models at the place `loc` of a tree; None where the place is no field."""
    return _field_and_form(model, loc, root)[0]


def _field_and_form(model: type[BaseModel], loc: tuple[int | str, ...], root: Node) -> tuple[FieldInfo | None, Any]:
    """Field at a place, None inside a mapping by names, and what may stand there, None where the place is unknown."""
    info: FieldInfo | None = None
    here: Any = model
    node = root
    for step in loc:
        found = model if here is model else _model_of(here, node)
        if found is not None and str(step) in fields_of(found):
            info = fields_of(found)[str(step)]
            here = info.annotation
        elif mapping := _mapping_in(here):
            info, here = None, get_args(mapping)[1]
        elif get_origin(here) is tuple and isinstance(step, int):
            here = get_args(here)[0]
        else:
            return None, None
        node = node.find((step,))
    return info, here


def _mapping_in(annotation: Any) -> Any:
    """The mapping by names that an annotation is or may be, or None."""
    parts = (annotation, *get_args(annotation))
    return next((part for part in parts if get_origin(part) is dict), None)


_WANTED = {
    "string_type": "want_text",
    "string_sub_type": "want_text",
    "int_type": "want_whole",
    "int_from_float": "want_whole",
    "float_type": "want_number",
    "finite_number": "want_number",
    "bool_type": "want_bool",
    "want_date": "want_date",
    "model_type": "want_mapping",
    "model_attributes_type": "want_mapping",
    "dict_type": "want_mapping",
    "tuple_type": "want_list",
    "list_type": "want_list",
}
_LIMITS = {
    "greater_than_equal": ("at_least", "ge"),
    "greater_than": ("at_least", "gt"),
    "less_than_equal": ("at_most", "le"),
    "less_than": ("at_most", "lt"),
    "string_too_long": ("too_long", "max_length"),
    "string_too_short": ("too_short", "min_length"),
    "too_short": ("too_few", "min_length"),
}


def _note(detail: ErrorDetails, root: Node, model: type[BaseModel], problems: Problems) -> None:
    """Note one pydantic error at the node it is about."""
    kind, loc = detail["type"], detail["loc"]
    node = root.find(loc)
    context = detail.get("ctx", {})
    if kind == "missing":
        problems.add(node.where, "missing", given=loc[-1])
    elif kind == "union_tag_not_found":
        problems.add(node.where, "want_kind", allowed=_tags(context))
    elif kind in ("literal_error", "union_tag_invalid"):
        node = node.map.get("kind", node) if kind == "union_tag_invalid" else node
        choices = [str(item) for item in _choices(model, loc, root)] or str(_tags(context).en).split(", ")
        choices = [item for item in choices if item]
        given = str(loc[-2]) if loc[-1] == "[key]" else node.shown()
        problems.add(node.where, "choice", given=quoted(given), near=nearest(given, choices), allowed=listed(choices))
    elif kind in _LIMITS:
        key, name = _LIMITS[kind]
        problems.add(node.where, key, given=node.shown(), allowed=context[name])
    elif kind in _WANTED:
        problems.add(node.where, _WANTED[kind], given=quoted(node.shown()), hint=_mend(kind, node))
    elif kind == "string_pattern_mismatch" and (info := field_at(model, loc, root)) is not None:
        extra = info.json_schema_extra
        zh = str(extra["description_zh"]) if isinstance(extra, dict) else str(info.description)
        problems.add(node.where, "want_form", given=quoted(node.shown()), what=Text(zh, str(info.description)))
    else:
        problems.add(node.where, "other", given=quoted(node.shown()), detail=Text("", f" ({detail['msg']})"))


def _tags(context: Mapping[str, Any]) -> Text:
    return listed(str(context.get("expected_tags", "beds, staff, stock")).replace("'", "").split(", "))


def _choices(model: type[BaseModel], loc: tuple[int | str, ...], root: Node) -> list[Any]:
    # Pydantic names variants of unions and the like among the steps; the tree does not have them.
    node, steps = root, []
    for step in loc:
        child = node.find((step,))
        if child is not node:
            node = child
            steps.append(step)
    found: list[Any] = []
    _collect_literals(_field_and_form(model, tuple(steps), root)[1], found)
    return found


def _collect_literals(annotation: Any, found: list[Any]) -> None:
    for part in get_args(annotation):
        if isinstance(part, str | int):
            found.append(part)
        else:
            _collect_literals(part, found)


def _mend(kind: str, node: Node) -> Text:
    if kind == "string_type" and not node.is_map and not node.is_list:
        return Text(f'；加引号："{node.written}"', f'; put it in quotes: "{node.written}"')
    if isinstance(node.value, str):
        if node.value == node.written and node.value.isascii() and node.value.isdigit():
            return Text("；去掉引号", "; without quotes")
        return number_hint(node.value)
    return NONE
