"""Signals that end a job, turned into an exception: what is half done is cleaned up, and the exit code says why."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_CODES = {"SIGTERM": 143, "SIGHUP": 129, "SIGBREAK": 130}  # as a shell tells them; ctrl-break is Windows' own


class Interrupted(KeyboardInterrupt):
    """The job was ended from outside; `code` is what the process returns."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Raise `Interrupted` at the first signal; a second one ends the process at once, as it would have without."""
    found = {number: code for name, code in _CODES.items() if (number := getattr(signal, name, None)) is not None}

    def raise_once(number: int, frame: FrameType | None) -> None:
        for other in found:
            signal.signal(other, signal.SIG_DFL)
        raise Interrupted(found[number])

    before = {number: signal.getsignal(number) for number in found}
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:  # nohup lets a job outlive its terminal
                signal.signal(number, raise_once)
    except ValueError:  # not the main thread: signals are the caller's
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
