"""Charts drawn by processes of their own from the saved run, while the tables are still being written.

Drawing is most of the time of a run's end and holds the interpreter's lock; two processes that start with the run
have matplotlib loaded when the results are there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from pkgutil import iter_modules
from queue import Empty, SimpleQueue

from demo_sim.errors import WriteError

PROCESSES = 2


def chart_names() -> tuple[str, ...]:
    """Names of the charts of the set, without loading matplotlib."""
    return tuple(sorted(info.name for info in iter_modules([str(Path(__file__).parent / "charts")])))


class Draughtsmen:
    """Processes that draw charts; start early, `draw` when the run is saved, then `wait`.

    Used as a context: leaving it ends the processes, also after an error.
    """

    def __init__(self, lang: str, charts: tuple[str, ...]) -> None:
        self.lang, self.charts = lang, charts
        command = [sys.executable, "-m", "demo_sim.plot.aside", lang]
        self.processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             encoding="utf-8")
            for _ in range(PROCESSES)
        ]  # fmt: skip
        self.threads = ThreadPoolExecutor(PROCESSES)
        self.waiting: list[Future[dict[str, str]]] = []

    def __enter__(self) -> Draughtsmen:
        return self

    def __exit__(self, *error: object) -> None:
        for process in self.processes:
            process.kill()
        self.threads.shutdown()
        for process in self.processes:
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
            process.wait()

    def draw(self, run_file: Path, folder: Path) -> None:
        """Begin to draw all charts of a saved run into a folder."""
        jobs: SimpleQueue[str] = SimpleQueue()
        for name in reversed(self.charts):  # the table of targets comes last in the set and takes longest
            jobs.put(name)
        self.waiting = [self.threads.submit(self._feed, p, jobs, run_file, folder) for p in self.processes]

    def _feed(
        self, process: subprocess.Popen[str], jobs: SimpleQueue[str], run_file: Path, folder: Path
    ) -> dict[str, str]:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        left_out: dict[str, str] = {}
        while True:
            try:
                name = jobs.get_nowait()
            except Empty:
                return left_out
            try:
                print(json.dumps([str(run_file), str(folder), name]), file=process.stdin, flush=True)
                answer = process.stdout.readline()
            except OSError:
                answer = ""
            if not answer:
                text = process.stderr.read().strip()[-500:]
                raise WriteError(f"图表 {name} 未能绘制：{text}", f"chart {name} could not be drawn: {text}")
            left_out.update(json.loads(answer))

    def wait(self) -> dict[str, str]:
        """Wait for all charts; gives those left out with the reason."""
        left_out: dict[str, str] = {}
        for part in self.waiting:
            left_out.update(part.result())
        return left_out


def _jobs() -> Iterator[tuple[Path, Path, str]]:
    for line in sys.stdin:
        run_file, folder, name = json.loads(line)
        yield Path(run_file), Path(folder), name


def main(lang: str) -> None:
    """Draw one chart for each line read; answer with the charts left out, as JSON."""
    from demo_sim.plot.write import write_figures
    from demo_sim.results import open_results

    results = None
    for run_file, folder, name in _jobs():
        if results is None:
            results = open_results(run_file)
        drawn = write_figures(results, folder, lang, names=(name,))
        print(json.dumps(drawn.left_out), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
