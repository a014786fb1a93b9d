"""Runs side by side: differences draw by draw, what changed in the scenarios, charts with all of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from demo_sim.errors import InputError, Problem
from demo_sim.report.changes import changes
from demo_sim.report.differences import Compared, comparison_report
from demo_sim.report.pictures import drawn
from demo_sim.report.reader import Reader
from demo_sim.report.series import ComparedSeries, compared, pairs
from demo_sim.report.tree import Report
from demo_sim.report.writing import FORMATS, write_tree
from demo_sim.results.tables import write_csv
from demo_sim.results.titles import LETTERS, run_titles
from demo_sim.vocab import label_or_code, variables

if TYPE_CHECKING:
    from demo_sim.results import Results

_CHARTS = {"population": 1, "groups": 2, "demand": 3}  # charts of each section
MOST = len(LETTERS["zh"])
_SAME = 1e-9


@dataclass(frozen=True)
class Comparison:
    """Runs compared with the first of them.

    Attributes
    ----------
    runs : the runs, two to six; the first is the one that the others are compared with
    paired : whether draws of the same number rest on the same chances, so that differences are taken draw by draw
    given : titles to use in place of those of the scenarios
    """

    runs: tuple[Results, ...]
    paired: bool
    given: tuple[str, ...] = ()
    _kept: dict[str, Compared] = field(default_factory=dict, repr=False, compare=False)

    @property
    def draws(self) -> int:
        """Draws that all runs have."""
        return min(run.draws for run in self.runs)

    def titles(self, lang: str = "zh") -> list[str]:
        """What the runs are called; those that share a title are told apart."""
        return list(self.given) or run_titles(self.runs, lang)

    def reader(self, lang: str = "zh") -> Reader:
        """Reads all runs, of their draws those that all have; what is not drawn alike has no band of its difference."""
        return Reader(self.runs[0], lang, others=self.runs[1:], draws=self.draws if self.paired else 0)

    def found(self, lang: str = "zh") -> Compared:
        """All that the runs have unlike."""
        if lang not in self._kept:
            reader = self.reader(lang)
            lines = compared(reader)
            beside = [pair for line in lines for pair in pairs(reader, line, reader.shared_years)]
            changed = {i: changes(self.runs[0], run) for i, run in enumerate(self.runs[1:], start=1)}
            rest = {i: [] if any(p.run == i and p.unlike.any() for p in beside) else _rest(self.runs[0], run, lang)
                    for i, run in enumerate(self.runs[1:], start=1)}  # fmt: skip
            self._kept[lang] = Compared(reader, self.titles(lang), lines, beside, changed, self.paired, rest)
        return self._kept[lang]

    @property
    def changes(self) -> pd.DataFrame:
        """What each scenario has unlike the first, with file and line of both."""
        return self._changes("zh")

    def _changes(self, lang: str) -> pd.DataFrame:
        found = self.found(lang)
        rows = [
            (found.names[i], c.path, *c.values, *c.statuses, *c.places) for i, cs in found.changed.items() for c in cs
        ]
        columns = ["path", "first", "second", "first_status", "second_status", "first_place", "second_place"]
        return pd.DataFrame(rows, columns=["run", *columns])

    @property
    def differences(self) -> pd.DataFrame:
        """Every series and year in which a run differs: value of the first, of the other, difference and its band."""
        return self._differences("zh")

    def _differences(self, lang: str) -> pd.DataFrame:
        found = self.found(lang)
        rows = [
            (p.line.key, p.line.label, p.line.unit, p.years[i], found.names[p.run],
             *(float(x[i]) for x in (p.first, p.value, p.apart, p.low, p.high)))
            for p in found.pairs
            for i in np.flatnonzero(p.unlike)
        ]  # fmt: skip
        columns = ["series", "label", "unit", "year", "run", "first", "value", "difference", "low80", "high80"]
        return pd.DataFrame(rows, columns=columns)

    def report(self, lang: str = "zh") -> Report:
        """The comparison as a content tree, without charts."""
        return comparison_report(self.found(lang), {})

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
        write_csv({"differences": self._differences(lang), "changes": self._changes(lang)}, place)
        found = self.found(lang)
        with tempfile.TemporaryDirectory(prefix="demo_sim-", ignore_cleanup_errors=True) as scratch:
            order = []
            for line in _worth_a_chart(found):
                try:
                    figure = both_runs(self.runs, found.names, line.key, lang)
                except NothingToDraw:
                    continue
                write_figure(figure, Path(scratch) / line.key, ("svg", "png"))
                order.append(line.key)
            charts = drawn(Path(scratch))
            titles = {name: charts.titles[name] for name in order}
            files = [place / f"compare.{ending}" for ending in formats]
            for file in files:
                write_tree([comparison_report(found, titles)], [charts], file, lang, template)
        return files

    def _repr_html_(self) -> str:
        frame = self.differences
        last = frame[frame["year"] == frame["year"].max()].head(20)
        return str(last.to_html(index=False, float_format=lambda v: f"{v:,.4g}"))


def _worth_a_chart(found: Compared) -> list[ComparedSeries]:
    """The population, and of groups and resources those that differ most for their size at the last year-end."""
    ranked: dict[str, dict[str, tuple[float, ComparedSeries]]] = {section: {} for section in _CHARTS}
    for pair in found.pairs:
        if not pair.line.drawn or not pair.unlike[-1]:
            continue
        apart, whole = abs(pair.apart[-1]), max(abs(pair.first[-1]), abs(pair.value[-1]), _SAME)
        of_section = ranked[pair.line.section]
        size = max(float(apart / whole), of_section.get(pair.line.key, (0.0, pair.line))[0])
        if size > 1e-6:
            of_section[pair.line.key] = (size, pair.line)
    out = []
    for section, most in _CHARTS.items():
        out += [line for _, line in sorted(ranked[section].values(), key=lambda one: -one[0])[:most]]
    return out


def _rest(first: Results, other: Results, lang: str) -> list[str]:
    """Names of the arrays that differ though no series does: a shift between ages within a group, for one."""
    names = []
    mine, theirs = (run.central.tree.children for run in (first, other))
    for name in mine:
        if name not in theirs:
            continue
        one, two = (node.to_dataset(inherit=False) for node in (mine[name], theirs[name]))
        for variable in one.data_vars:
            if variable not in two or one[variable].dtype.kind not in "iuf":
                continue
            a, b = xr.align(one[variable], two[variable], join="inner")
            if a.shape != b.shape or not np.allclose(a, b, rtol=_SAME, atol=0.0, equal_nan=True):
                known = str(variable) in variables()
                names.append(variables()[str(variable)].label(lang) if known else
                             label_or_code("sheet", str(variable), lang))  # fmt: skip
    return list(dict.fromkeys(names))


def compare(first: Results, second: Results, *more: Results, titles: Sequence[str] = ()) -> Comparison:
    """Compare runs with the first of them.

    The run at stated values is compared with that of the other. Bands are those of differences draw by draw, over the
    draws that all runs have, where these have the same seed: the same chances then stand behind both, and what differs
    is the change of the scenario alone.

    Parameters
    ----------
    first, second, more : two to six runs
    titles : what they are called, one a run; by default the titles of their scenarios

    Raises
    ------
    InputError
        More than six runs, titles that do not fit them, or no year that they share.

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
    _check(runs, titles)
    paired = len({str(run.attrs.get("seed", "")) for run in runs}) == 1
    if paired and any(
        run.draws and run.draw_numbers[-1] >= run.draws for run in runs
    ):  # draws failed: not all have them
        both = reduce(np.intersect1d, [run.draw_numbers for run in runs])
        runs = tuple(run.only(both) for run in runs)
    return Comparison(runs, paired, tuple(titles))


def _check(runs: Sequence[Results], titles: Sequence[str]) -> None:
    """Refuse what cannot stand side by side."""
    zh = en = ""
    if len(runs) > MOST:
        zh = f"一次最多比较{MOST}个结果，给了{len(runs)}个；请分几次比较"
        en = f"at most {MOST} runs are compared at once, {len(runs)} are given; compare them in turns"
    elif titles and len(titles) != len(runs):
        zh = f"名称有{len(titles)}个，结果有{len(runs)}个；每个结果给一个名称，或都不给"
        en = f"{len(titles)} titles for {len(runs)} runs: give one a run, or none"
    elif len(set(titles)) < len(titles) or not all(title.strip() for title in titles):
        zh = f"名称不能为空，也不能相同：{'、'.join(titles)}"
        en = f"titles are not empty and no two are alike: {', '.join(titles)}"
    elif not Reader(runs[0], others=runs[1:]).shared_years:
        zh, en = "这些运行没有共同的年份，无法比较", "the runs share no year and cannot be compared"
    if zh:
        raise InputError([Problem("", 0, "", zh, en)])
