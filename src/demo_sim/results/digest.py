"""The digest of a result: one hash over its numbers, equal wherever and whenever they are equal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from demo_sim.results.tree import Results

_DIGITS = 9
_CHUNK = 1 << 15  # numbers at once: what they take on the way stays in the cache of a core

# By the eleven exponent bits of a double: the decimal exponent at the lower end of its binade, and the
# power of ten that may lie inside. Tables instead of log10 and pow, whose last bit differs between
# machines. Below 1e-290 (zero and subnormal numbers too) everything rounds to zero; 2047 is inf and NaN.
_SMALLEST = -290
_DECADE = np.full(2048, _DIGITS - 1)
_NEXT_TEN = np.full(2048, np.inf)
for _bits in range(1, 2047):
    _low = int(f"{2.0 ** (_bits - 1023):.17e}".partition("e")[2])
    if _low >= _SMALLEST:
        _DECADE[_bits] = _low
        _NEXT_TEN[_bits] = float(f"1e{_low + 1}") if _low < 308 else np.inf
# Powers of ten by decimal exponent of the number: its first nine digits times `_UP` over `_DOWN` is whole.
_UP = np.array([float(f"1e{max(_DIGITS - 1 - k, 0)}") for k in range(_SMALLEST, 309)])
_DOWN = np.array([float(f"1e{max(k - _DIGITS + 1, 0)}") for k in range(_SMALLEST, 309)])


def digest(results: Results) -> str:
    """SHA-256 over all integers and all floats rounded to nine significant digits, sorted by name.

    Each array enters with its name, dimensions, shape and little-endian bytes in C order. Text,
    times, host and versions stay outside.
    """
    total = hashlib.sha256()
    for name, dims, values in sorted(_arrays(results), key=lambda entry: entry[0]):
        total.update(f"{name}|{','.join(dims)}|{values.shape}|".encode())
        flat = np.ascontiguousarray(values).ravel()
        if values.dtype.kind == "f":
            for start in range(0, flat.size, _CHUNK):
                total.update(round_significant(flat[start : start + _CHUNK]).astype("<f8").tobytes())
        else:
            total.update(flat.astype("<i8").tobytes())
    return total.hexdigest()


def round_significant(values: np.ndarray) -> np.ndarray:
    """`values` rounded to nine significant digits; NaN has one pattern and zero no sign."""
    values = np.ascontiguousarray(values, dtype=np.float64)
    bits = (values.view(np.int64) >> 52) & 0x7FF
    decade = _DECADE[bits] + (np.abs(values) >= _NEXT_TEN[bits]) - _SMALLEST
    up = _UP[decade]
    if decade.max(initial=0) < _DIGITS - _SMALLEST:
        rounded = np.rint(values * up) / up
    else:
        down = _DOWN[decade]
        rounded = np.rint(values * up / down) * down / up
    rounded[np.isnan(rounded)] = np.nan
    return rounded + 0.0


def _arrays(results: Results) -> Iterator[tuple[str, tuple[str, ...], np.ndarray]]:
    for node in results.tree.subtree:
        for name, array in node.to_dataset(inherit=False).variables.items():
            if array.dtype.kind in "iufb":
                yield f"{node.path.strip('/')}/{name}", tuple(str(dim) for dim in array.dims), array.values
