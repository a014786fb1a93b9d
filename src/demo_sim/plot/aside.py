"""Charts drawn by processes of their own, while the run is still being written.

Drawing is most of the time of a run's end and holds the interpreter's lock; processes that start with the run have
matplotlib loaded when the results are there.
"""

from __future__ import annotations

import gc
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from demo_sim.errors import WriteError
from demo_sim.results.handover import hand_over, take_over

if TYPE_CHECKING:
    from demo_sim.results import Results

Job = tuple[str, str, list[str]]  # run that was handed over, folder of the figures, formats


class Draughtsmen:
    """Processes that draw charts; start early, `draw` when there are results, then `wait`.

    Used as a context: leaving it ends the processes, also after an error.

    Parameters
    ----------
    lang : of the charts
    processes : how many; starting one costs as much as three charts
    """

    def __init__(self, lang: str, processes: int) -> None:
        command = [sys.executable, "-m", "demo_sim.plot.aside", lang]
        self.processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             encoding="utf-8")
            for _ in range(processes)
        ]  # fmt: skip
        self.feeders = [ThreadPoolExecutor(1) for _ in self.processes]
        self.defaults = [f.submit(self._answer, p, "…") for f, p in zip(self.feeders, self.processes, strict=True)]
        self.lang, self.lock = lang, Lock()
        self.waiting: list[Future[dict[str, str]]] = []
        self.begun: dict[Path, tuple[Sequence[str] | None, Sequence[str], set[str]]] = {}
        self.handed: list[Path] = []

    def __enter__(self) -> Draughtsmen:
        return self

    def __exit__(self, *error: object) -> None:
        for process in self.processes:
            process.kill()
        for feeder in self.feeders:
            feeder.shutdown(cancel_futures=True)
        for process in self.processes:
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
            process.wait()
        self._tidy()

    def draw(
        self,
        results: Results,
        folder: Path,
        names: Sequence[str] | None = None,
        formats: Sequence[str] = ("svg", "png", "pdf"),
    ) -> None:
        """Begin to draw charts into a folder, after those begun before; by default those of a run."""
        taken: set[str] = set()
        self.begun[folder] = names, formats, taken
        if not self.processes:
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.handed.append(Path(tempfile.mkdtemp(prefix=".handed-", dir=folder.parent)))
        hand_over(results, self.handed[-1])
        job = (str(self.handed[-1]), str(folder), list(formats))
        for feeder, process, default in zip(self.feeders, self.processes, self.defaults, strict=True):
            self.waiting.append(feeder.submit(self._feed, process, job, names, default, taken))

    def _feed(
        self,
        process: subprocess.Popen[str],
        job: Job,
        wanted: Sequence[str] | None,
        default: Future[str],
        taken: set[str],
    ) -> dict[str, str]:
        """Hand a process one chart after the other, of those that no other process has taken."""
        assert process.stdin is not None
        left_out: dict[str, str] = {}
        told = json.loads(default.result())  # a process that could not start says so here
        names = told if wanted is None else wanted
        while name := self._next(names, taken):
            try:
                print(json.dumps([*job, name]), file=process.stdin, flush=True)
            except OSError:
                pass  # the process has ended; its last words are read in place of its answer
            left_out.update(json.loads(self._answer(process, name)))
        return left_out

    def _next(self, names: Sequence[str], taken: set[str]) -> str | None:
        """Return a chart that no process has taken yet."""
        with self.lock:
            # The table of targets comes last in the set and takes longest: it is drawn first.
            name = next((n for n in (*names[-1:], *names[:-1]) if n not in taken), None)
            if name:
                taken.add(name)
        return name

    @staticmethod
    def _answer(process: subprocess.Popen[str], name: str) -> str:
        """Return the next line of a process; where it has ended instead, say with what words."""
        assert process.stdout is not None and process.stderr is not None
        answer = process.stdout.readline()
        if not answer:
            text = process.stderr.read().strip()[-500:]
            raise WriteError(f"图表 {name} 未能绘制：{text}", f"chart {name} could not be drawn: {text}")
        return answer

    def help(self, results: Results, folder: Path) -> dict[str, str]:
        """Draw here what no process has begun of the charts for a folder; gives those left out."""
        left_out: dict[str, str] = {}
        wanted, formats, taken = self.begun[folder]
        if wanted is None:
            wanted = json.loads(self.defaults[0].result()) if self.defaults else []
        while name := self._next(wanted, taken):
            from demo_sim.plot.write import write_figures  # half a second: only where there is something to draw

            left_out.update(write_figures(results, folder, self.lang, formats, names=(name,)).left_out)
        return left_out

    def wait(self) -> dict[str, str]:
        """Wait for all charts; gives those left out with the reason."""
        left_out: dict[str, str] = {}
        for part in self.waiting:
            left_out.update(part.result())
        self._tidy()
        return left_out

    def _tidy(self) -> None:
        for handed in self.handed:
            shutil.rmtree(handed, ignore_errors=True)


def _jobs() -> Iterator[tuple[Path, Path, list[str], str]]:
    for line in sys.stdin:
        handed, folder, formats, name = json.loads(line)
        yield Path(handed), Path(folder), formats, name


def main(lang: str) -> None:
    """Tell the names of the default charts; then draw one for each line read and answer with those left out."""
    gc.disable()  # what is loaded stays, what is drawn goes when it is written
    from demo_sim.plot.charts import charts
    from demo_sim.plot.write import write_figures

    print(json.dumps([chart.name for chart in charts() if chart.by_default]), flush=True)
    gc.freeze()
    opened: Path | None = None
    for handed, folder, formats, name in _jobs():
        if handed != opened:
            results, opened = take_over(handed), handed
        left_out = write_figures(results, folder, lang, formats, names=(name,)).left_out
        print(json.dumps(left_out), flush=True)
        gc.collect()  # the pixels of a figure are 20 MB, and it refers to itself


if __name__ == "__main__":
    main(sys.argv[1])
