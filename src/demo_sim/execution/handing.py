"""Objects that hold large arrays, handed from process to process.

Small ones go through the pipe itself. A pipe takes 64 KB at a time, and for each piece the reader waits for its
interpreter lock: arrays of some megabytes go through a file, which is read at once and never stays long enough to
reach the disk. Pickle goes through the pipe alone, between a process and one that it started; a file has bare bytes of
arrays, in a folder of this user.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import tempfile
from pathlib import Path
from typing import Any

_SMALL = 1 << 18  # bytes of arrays that go through the pipe

Parcel = tuple[bytes, list[int], bytes | str]  # the object, bytes of its arrays, and these or the file that has them


def pack(value: Any, folder: str) -> Parcel:
    """An object made ready for `unpack`; its arrays, where they are large, lie in a new file of a folder."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, 5, buffer_callback=buffers.append)
    arrays = [buffer.raw() for buffer in buffers]
    sizes = [array.nbytes for array in arrays]
    if sum(sizes) > _SMALL:
        with contextlib.suppress(OSError):  # no room: then through the pipe
            return head, sizes, _written(arrays, folder)
    return head, sizes, b"".join(arrays)


def _written(arrays: list[memoryview], folder: str) -> str:
    handle, name = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb", buffering=0) as file:
            for array in arrays:
                at = 0
                while at < array.nbytes:
                    at += file.write(array[at:])
    except OSError:
        Path(name).unlink()
        raise
    return name


def unpack(parcel: Parcel) -> Any:
    """The object of a parcel; its file goes."""
    head, sizes, held = parcel
    whole = bytearray(sum(sizes))
    if isinstance(held, bytes):
        whole[:] = held
    else:
        with Path(held).open("rb", buffering=0) as file:
            at, view = 0, memoryview(whole)
            while at < len(whole) and (found := file.readinto(view[at:])):
                at += found
        if at < len(whole):
            raise EOFError(f"{held} is shorter than was written")
        Path(held).unlink()
    parts, at = [], 0
    for size in sizes:
        parts.append(memoryview(whole)[at : at + size])
        at += size
    return pickle.loads(head, buffers=parts)
