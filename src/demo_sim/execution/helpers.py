"""Processes beside this one, to which a function and items are sent; all of them and this one share the work.

Most of a run is array arithmetic in many short steps, for which threads wait for each other's interpreter lock: two
processes take half the time of one, two threads three quarters. Helpers start before they are needed, so that what they
import is there by then. A helper that dies costs nothing but time: what it had is done here.
"""

from __future__ import annotations

import contextlib
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from threading import Condition, Thread
from typing import Any, Generic, TypeVar

from demo_sim.execution.handing import Parcel, pack, unpack

Item = TypeVar("Item")
Made = TypeVar("Made")

_PIPE = subprocess.PIPE
_LEAD = 4  # items that each process may be ahead of what is read: what is made waits in memory


class Job(Generic[Item, Made]):
    """A function mapped over items; iterating gives what it makes, in the order of the items.

    While the next one is not there, the iterating process works on an item that nobody has begun.
    """

    def __init__(self, work: Callable[[Item], Made], items: Sequence[Item], lead: int) -> None:
        self.work, self.items, self.lead = work, items, lead
        self._waiting = list(range(len(items)))
        self._made: dict[int, tuple[bool, Any]] = {}  # whether it was made, and what, or the error
        self._read, self._closed = 0, False
        self._changed = Condition()

    def __iter__(self) -> Iterator[Made]:
        for i in range(len(self.items)):
            while i not in self._made:
                if not self.help_once():
                    with self._changed:
                        self._changed.wait_for(lambda i=i: i in self._made or self._waiting)  # type: ignore[misc]
            with self._changed:
                right, made = self._made.pop(i)
                self._read = i + 1
                self._changed.notify_all()
            if not right:
                raise made
            yield made

    def help_once(self) -> bool:
        """Work here on an item that nobody has begun; False where there is none."""
        i = self.take()
        if i is None:
            return False
        try:
            self.put(i, True, self.work(self.items[i]))
        except Exception as error:
            self.put(i, False, error)
        return True

    def take(self, ahead: bool = False) -> int | None:
        """Number of an item that nobody has begun, or None; `ahead` waits while too much lies unread."""
        with self._changed:
            if ahead:
                self._changed.wait_for(
                    lambda: self._closed or not self._waiting or self._waiting[0] < self._read + self.lead
                )
            return self._waiting.pop(0) if self._waiting and not self._closed else None

    def put(self, i: int, right: bool, made: Any) -> None:
        """Keep what was made of an item, or the error."""
        with self._changed:
            self._made[i] = right, made
            self._changed.notify_all()

    def give_back(self, i: int) -> None:
        """Let another process do an item."""
        with self._changed:
            self._waiting.insert(0, i)
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody begin anything more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class Helpers:
    """Processes that work beside this one; as a context, leaving it ends them, also after an error.

    Parameters
    ----------
    count : how many, 0 for none: all is then done here
    modules : names of the modules that they import at once
    """

    def __init__(self, count: int, modules: Sequence[str] = ()) -> None:
        self._folder = tempfile.mkdtemp(prefix="demo_sim-") if count else ""
        command = [sys.executable, "-m", "demo_sim.execution.worker", self._folder, *modules]
        self._jobs: list[SimpleQueue[Job[Any, Any] | None]] = []
        self._open: list[Job[Any, Any]] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        self._feeders: list[Thread] = []
        for _ in range(count):
            try:
                process = subprocess.Popen(command, stdin=_PIPE, stdout=_PIPE, stderr=subprocess.DEVNULL)
            except OSError:  # no process may be started here
                return
            queue: SimpleQueue[Job[Any, Any] | None] = SimpleQueue()
            feeder = Thread(target=_feed, args=(process, queue, self._folder), daemon=True)
            feeder.start()
            self._processes.append(process)
            self._jobs.append(queue)
            self._feeders.append(feeder)

    def __enter__(self) -> Helpers:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def end(self) -> None:
        """End the processes, whatever they are doing."""
        for job in self._open:
            job.close()
        for queue in self._jobs:
            queue.put(None)
        for process in self._processes:
            process.kill()
        for feeder in self._feeders:
            feeder.join()
        for process in self._processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):  # what could not be sent
                    assert pipe is not None
                    pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def processes(self) -> int:
        """Processes that work, this one among them."""
        return 1 + len(self._processes)

    def begin(self, work: Callable[[Item], Made], items: Sequence[Item], ahead: bool = False) -> Job[Item, Made]:
        """Let the helpers begin to work on items; `work` and what it makes can be pickled.

        Parameters
        ----------
        ahead : whether they may do all of it before any is read
        """
        job = Job(work, items, len(items) if ahead else _LEAD * self.processes)
        self._open.append(job)
        for queue in self._jobs:
            queue.put(job)
        return job


def _feed(process: subprocess.Popen[bytes], jobs: SimpleQueue[Job[Any, Any] | None], folder: str) -> None:
    """Hand a helper one item after the other, of all jobs in their order, until it or the jobs end."""
    while job := jobs.get():
        work: Callable[[Any], Any] | None = job.work
        while (i := job.take(ahead=True)) is not None:
            try:
                message = None if work is None else pack(work, folder), pack(job.items[i], folder)
                right, made = _ask(process, message)
            except Exception:  # it has died, or something cannot go between: whoever waits must not wait for it
                job.give_back(i)
                return
            job.put(i, right, made)
            work = None


def _ask(process: subprocess.Popen[bytes], message: tuple[Parcel | None, Parcel]) -> tuple[bool, Any]:
    """Answer of a helper: whether all went well, and what was made or the error."""
    assert process.stdin is not None and process.stdout is not None
    pickle.dump(message, process.stdin, 5)
    process.stdin.flush()
    right, made = pickle.load(process.stdout)
    return right, unpack(made)
