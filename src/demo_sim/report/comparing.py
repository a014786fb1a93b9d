"""Runs side by side: differences draw by draw, what changed in the scenarios, charts with both."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from demo_sim.errors import InputError, Problem
from demo_sim.report.changes import Change, changes
from demo_sim.report.differences import Line, compared, comparison_report
from demo_sim.report.pictures import drawn
from demo_sim.report.reader import Reader
from demo_sim.report.writing import FORMATS, write_tree
from demo_sim.results.tables import write_csv

if TYPE_CHECKING:
    from demo_sim.results import Results

_CHARTS = {"population": 1, "groups": 2, "demand": 3}  # charts of each section


@dataclass(frozen=True)
class Comparison:
    """Runs compared with the first of them.

    Attributes
    ----------
    runs : the runs, the first is the one that the others are compared with
    names : what they are called
    paired : whether draws of the same number rest on the same chances, so that differences are taken draw by draw
    """

    runs: tuple[Results, ...]
    names: tuple[str, ...]
    paired: bool

    @property
    def draws(self) -> int:
        """Draws that all runs have."""
        return min(run.draws for run in self.runs)

    def reader(self, lang: str = "zh") -> Reader:
        """Reads all runs, of their draws those that all have; what is not drawn alike has no band of its difference."""
        return Reader(self.runs[0], lang, others=self.runs[1:], draws=self.draws if self.paired else 0)

    @property
    def changes(self) -> pd.DataFrame:
        """What each scenario has unlike the first, with file and line of both."""
        rows = [(name, change) for name, found in self.changed() for change in found]
        return pd.DataFrame(
            [(name, c.path, *c.values, *c.statuses, *c.places) for name, c in rows],
            columns=[
                "run",
                "path",
                "first",
                "second",
                "first_status",
                "second_status",
                "first_place",
                "second_place",
            ],
        )

    def changed(self) -> list[tuple[str, list[Change]]]:
        """Changes of each run against the first, by its name."""
        pairs = zip(self.names[1:], self.runs[1:], strict=True)
        return [(name, changes(self.runs[0], run)) for name, run in pairs]

    @property
    def differences(self) -> pd.DataFrame:
        """Every series at every year-end that the runs share: value of the first, of the other, difference and band."""
        reader = self.reader("zh")
        rows = []
        for line in compared(reader):
            for year in line.years(reader):
                first = reader.value(line.trace(year))
                for i, name in enumerate(self.names[1:], start=1):
                    apart = line.difference(year, i)
                    low, high = (
                        (reader.value(replace(apart, statistic=q)) if self.paired else float("nan"))
                        for q in ("q10", "q90")
                    )
                    value = reader.value(replace(line.trace(year), run=i))
                    rows.append((line.key, line.label, line.unit, year, name, first, value, value - first, low, high))
        columns = ["series", "label", "unit", "year", "run", "first", "value", "difference", "low80", "high80"]
        return pd.DataFrame(rows, columns=columns)

    def write(
        self,
        folder: str | os.PathLike[str],
        lang: str = "zh",
        formats: Sequence[str] = FORMATS,
        template: str | os.PathLike[str] | None = None,
    ) -> list[Path]:
        """Write compare.html and compare.docx, differences.csv, changes.csv and the charts; gives the documents."""
        from demo_sim.plot.both_runs import both_runs
        from demo_sim.plot.numbers import NothingToDraw
        from demo_sim.plot.write import write_figure

        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        write_csv({"differences": self.differences, "changes": self.changes}, place)
        reader = self.reader(lang)
        with tempfile.TemporaryDirectory(prefix="demo_sim-", ignore_cleanup_errors=True) as scratch:
            order = []
            for line in self._worth_a_chart(reader):
                try:
                    figure = both_runs(self.runs, self.names, line.key, lang)
                except NothingToDraw:
                    continue
                write_figure(figure, Path(scratch) / line.key, ("svg", "png"))
                order.append(line.key)
            charts = drawn(Path(scratch))
            titles = {name: charts.titles[name] for name in order}
            files = [place / f"compare.{ending}" for ending in formats]
            for file in files:
                report = comparison_report(self, reader, titles)
                write_tree([report], [charts], file, lang, template)
        return files

    def _worth_a_chart(self, reader: Reader) -> list[Line]:
        """The population, and of groups and resources those that differ most for their size at the last year-end."""
        year = reader.shared_years[-1]
        ranked: dict[str, list[tuple[float, Line]]] = {section: [] for section in _CHARTS}
        for line in compared(reader):
            first = abs(reader.value(line.trace(year)))
            apart = max(abs(reader.value(line.difference(year, i))) for i in range(1, len(self.runs)))
            if apart > 1e-6 * max(first, 1e-9) and line.drawn:
                ranked[line.section].append((-apart / max(first, 1e-9), line))
        out = []
        for section, most in _CHARTS.items():
            out += [line for _, line in sorted(ranked[section], key=lambda entry: entry[0])[:most]]
        return out

    def _repr_html_(self) -> str:
        frame = self.differences
        last = frame[frame["year"] == frame["year"].max()]
        shown = last[last["difference"].abs() > 1e-9 * last["first"].abs()].head(20)
        return str(shown.to_html(index=False, float_format=lambda v: f"{v:,.4g}"))


def compare(first: Results, second: Results, *more: Results) -> Comparison:
    """Compare runs with the first of them.

    The run at stated values is compared with that of the other. Bands are those of differences draw by draw, over the
    draws that all runs have, where these have the same seed: the same chances then stand behind both, and what differs
    is the change of the scenario alone.

    Raises
    ------
    InputError
        The runs share no year.

    Examples
    --------
    >>> import demo_sim as ds
    >>> base = ds.load("hunan").replace({"draws": 0, "period.end": 2025})
    >>> runs = [ds.simulate(s, engine="cohort") for s in (base, base.replace({"fertility.tfr": 1.3}))]
    >>> found = ds.compare(*runs)
    >>> found.changes["path"].tolist()
    ['fertility.tfr']
    """
    runs = (first, second, *more)
    paired = len({str(run.attrs.get("seed", "")) for run in runs}) == 1
    if paired and any(
        run.draws and run.draw_numbers[-1] >= run.draws for run in runs
    ):  # draws failed: not all have them
        both = reduce(np.intersect1d, [run.draw_numbers for run in runs])
        runs = tuple(run.only(both) for run in runs)
    if not Reader(first, others=runs[1:]).shared_years:
        zh, en = "两次运行没有共同的年份，无法比较", "the runs share no year and cannot be compared"
        raise InputError([Problem("", 0, "", zh, en)])
    return Comparison(runs, _names(runs), paired)


def _names(runs: Sequence[Results]) -> tuple[str, ...]:
    """What the runs are called; those that share a name are told apart by a number."""
    names = [str(run.attrs.get("name", "")) or str(i + 1) for i, run in enumerate(runs)]
    return tuple(n if names.count(n) == 1 else f"{n} ({'ABCDEFGHIJ'[i % 10]})" for i, n in enumerate(names))
