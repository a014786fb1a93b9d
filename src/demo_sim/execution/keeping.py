"""Values written to files and read again: arrays, plain things and named classes of them, nothing that is run.

A file appears under its name when it is whole: written under another one, brought to the disk, renamed.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

_MAGIC = b"demo_sim kept 1\n"
_KINDS = "biufU"  # of arrays: no objects


def write(value: Any, path: Path) -> None:
    """Write a value of dataclasses, mappings, lists, tuples, numbers, text and arrays."""
    arrays: list[np.ndarray] = []
    head = {"value": _packed(value, arrays, {}), "arrays": [[array.dtype.str, array.shape] for array in arrays]}
    words = json.dumps(head, ensure_ascii=False).encode()
    aside = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with aside.open("wb", buffering=1 << 20) as file:
            file.write(_MAGIC + len(words).to_bytes(8, "little") + words)
            for array in arrays:
                file.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def read(path: Path, classes: Mapping[str, type]) -> Any:
    """The value of a file, made of no classes but these.

    Raises
    ------
    ValueError
        The file is damaged or no such file, or has another class.
    """
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise ValueError(f"{path.name}: no kept value")
        head = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        arrays = [_array(file, np.dtype(kind), tuple(shape)) for kind, shape in head["arrays"]]
        if file.read(1):
            raise ValueError(f"{path.name}: longer than it says")
    return _unpacked(head["value"], arrays, classes)


def _array(file: BinaryIO, kind: np.dtype[Any], shape: tuple[int, ...]) -> np.ndarray:
    if kind.kind not in _KINDS:
        raise ValueError(f"arrays of {kind}")
    left = os.fstat(file.fileno()).st_size - file.tell()
    if math.prod(shape) * kind.itemsize > left:
        raise ValueError("shorter than it says")
    return np.fromfile(file, kind, math.prod(shape)).reshape(shape)


def _packed(value: Any, arrays: list[np.ndarray], known: dict[int, int]) -> Any:
    """A value as JSON has it: arrays by their number, what is no mapping of text by its name."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        if id(value) not in known:  # series are those of the stocks, too
            known[id(value)] = len(arrays)
            arrays.append(value)
        return {"array": known[id(value)]}
    if is_dataclass(value):
        own = {field.name: _packed(getattr(value, field.name), arrays, known) for field in fields(value)}
        return {"class": type(value).__name__, "fields": own}
    if isinstance(value, Mapping):
        return {"pairs": [[_packed(k, arrays, known), _packed(v, arrays, known)] for k, v in value.items()]}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [_packed(one, arrays, known) for one in value]}
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _unpacked(value: Any, arrays: list[np.ndarray], classes: Mapping[str, type]) -> Any:
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "class" in value:
        if value["class"] not in classes:
            raise ValueError(f"class {value['class']}")
        return classes[value["class"]](**{k: _unpacked(v, arrays, classes) for k, v in value["fields"].items()})
    if "pairs" in value:
        return {_unpacked(k, arrays, classes): _unpacked(v, arrays, classes) for k, v in value["pairs"]}
    ((name, parts),) = value.items()
    made = [_unpacked(part, arrays, classes) for part in parts]
    return tuple(made) if name == "tuple" else made
