"""A helper process: does what is sent to it, item by item, and ends with the process that started it."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import pickle
import shutil
import sys
import traceback
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import Any

from demo_sim.execution.handing import Parcel, pack, unpack

_MANY = 20_000  # objects since the last collection, which takes a thirtieth of a second
Message = tuple[Parcel | None, Parcel]  # the function where it is a new one, and the item


def _read(inbox: SimpleQueue[Message], folder: str) -> None:
    """Take messages from the parent; where it has closed the pipe or died, end at once, whatever is being done."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            inbox.put(pickle.load(sys.stdin.buffer))
    shutil.rmtree(folder, ignore_errors=True)  # the parent may not have lived to do it
    os._exit(0)


def _answer(work: Callable[[Any], Any], item: Any, folder: str) -> tuple[bool, Parcel]:
    """Whether all went well, and what was made or the error."""
    try:
        return True, pack(work(item), folder)
    except Exception as error:
        told = traceback.format_exc()
        try:
            parcel = pack(error, folder)
            unpack(parcel)
        except Exception:  # not every error can be packed
            parcel = pack(RuntimeError(told), folder)
        return False, parcel


def main(folder: str, modules: Sequence[str]) -> None:
    """Import modules, then answer every message until the parent ends; large arrays go through files of a folder."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is printed here must not mix with the answers
    inbox: SimpleQueue[Message] = SimpleQueue()
    Thread(target=_read, args=(inbox, folder), daemon=True).start()
    gc.disable()  # what is loaded stays, and what is made goes with its answer
    for name in modules:
        importlib.import_module(name)
    gc.freeze()
    work: Callable[[Any], Any] | None = None
    while True:
        new, item = inbox.get()
        if new is not None:
            work = unpack(new)
        assert work is not None
        pickle.dump(_answer(work, unpack(item), folder), out, 5)
        out.flush()
        # A figure refers to itself, and its pixels are 20 MB: three or four may wait. Most work leaves nothing behind.
        if gc.get_count()[0] > _MANY:
            gc.collect()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
