"""`backtest`: forecasts of the past with what was known then, and how good they and their bands were."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import model_validator

from demo_sim.errors import InputError
from demo_sim.fit import census_rule
from demo_sim.fit.method import Tell
from demo_sim.fit.methods import METHODS
from demo_sim.fit.origins import of_fit, of_places, of_scenario
from demo_sim.fit.page import charts_page
from demo_sim.fit.scores import scores, twofold
from demo_sim.fit.spec import read_spec
from demo_sim.plot.panel import Line, Panel
from demo_sim.scenario import Scenario, load
from demo_sim.scenario.checking import check_model
from demo_sim.scenario.fields import Frozen, Label, described
from demo_sim.scenario.messages import Problems, make_problem
from demo_sim.scenario.nodes import Node, read_yaml
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.starter import write_files
from demo_sim.wording import Text

_AGES = re.compile(r"(\d{1,2})(?:-(\d{1,2})|\+)")
_DIGITS = {"mean_error": 2, "mean_absolute_error": 2, "inside_80": 4, "inside_95": 4}
_HEADS = {
    "series": Text("序列", "series"),
    "origin": Text("起点", "origin"),
    "horizon": Text("年数", "years ahead"),
    "size": Text("起点人口", "people at the origin"),
    "n": Text("个数", "number"),
    "unit": Text("误差单位", "unit of errors"),
    "mean_error": Text("平均误差", "mean error"),
    "mean_absolute_error": Text("平均绝对误差", "mean absolute error"),
    "inside_80": Text("80% 区间内", "inside 80 %"),
    "inside_95": Text("95% 区间内", "inside 95 %"),
}


class BacktestSpec(Frozen):
    """Keys of a spec of `backtest`."""

    name: str = described("名称", "name", ..., pattern=r"^[\w\u4e00-\u9fff.-]+$", max_length=60)
    title: Label | None = described("标题", "title in both languages")
    places: Literal["nation", "provinces", "counties"] | None = described(
        "各地按普查规则回测", "places forecast from census to census by `census_rule`"
    )
    scenario: str | None = described(
        "起点以后一无所知的情景（known_until 即起点），与其 outcomes 对照",
        "scenario that knows nothing after the origin (its `known_until`), beside its `outcomes`",
    )
    draws: int = described("情景的抽样次数", "draws of the scenario", 1024, ge=200, le=100_000)
    fit: str | None = described("拟合说明文件，滚动起点", "spec of a fit that is made anew at each origin")
    origins: tuple[int, ...] = described("起点年份", "last years that are known", ...)
    ahead: int = described("最多预测几年", "years ahead, at most", 10, ge=1, le=60)
    series: tuple[str, ...] = described("年龄组", "age groups, such as 60+ or 15-59", ("60+", "65+", "80+"))
    sizes: tuple[float, ...] = described("按起点人口分档的界", "people at the origin that part the classes", ())
    kept: float = described(
        "延续的净迁移比例", "part of net migration that goes on", census_rule.RULE.kept, ge=0.0, le=1.0
    )
    shrunk: float = described(
        "保留的本地死亡差异", "part of own mortality kept", census_rule.RULE.shrunk, ge=0.0, le=1.0
    )
    falling: bool = described("死亡率继续下降并因省而异", "death rates go on falling and differ by province", True)
    output: str = described("写出的文件", "file of the scores", ..., pattern=r"^[\w.-]+\.csv$")

    @model_validator(mode="after")
    def _one_kind(self) -> BacktestSpec:
        if sum(kind is not None for kind in (self.places, self.fit, self.scenario)) != 1:
            raise ValueError("give one of places, fit and scenario")
        if not self.origins or list(self.sizes) != sorted(set(self.sizes)):
            raise ValueError("origins may not be empty, sizes must rise")
        return self


@dataclass(frozen=True)
class Backtest:
    """A back-test as it was written.

    Attributes
    ----------
    name : of the spec
    rows : every forecast with what came and its band
    scores : mean error, mean absolute error and coverage by horizon, size and age group
    files : that were written
    """

    name: str
    rows: pd.DataFrame
    scores: pd.DataFrame
    files: tuple[Path, ...]

    def lines(self, lang: str = "zh") -> list[str]:
        """The scores, as the verb prints them."""
        at = 1 if lang == "en" else 0
        table = _shown(self.scores)
        cells = [[_HEADS[name][at] for name in table], *table.to_numpy().tolist()]
        wide = [max(_width(str(row[i])) for row in cells) for i in range(len(cells[0]))]
        out = [self.name]
        for row in cells:
            padded = [" " * (w - _width(str(cell))) + str(cell) for cell, w in zip(row, wide, strict=True)]
            out.append("  " + "  ".join(padded))
        return [*out, *(f"{('写出', 'written')[at]}: {shown_path(path)}" for path in self.files)]


def backtest(source: str | Path, *, lang: str = "zh", tell: Tell | None = None) -> Backtest:
    """Scores of a back-test; the Python twin of `demo-sim backtest`.

    Parameters
    ----------
    source
        YAML file of the spec: places or a fit, origins, age groups, sizes, output.
    lang
        Language of the page.
    tell
        Called with words on how far it is.

    Raises
    ------
    InputError
        The spec is wrong, or its data do not allow a forecast from an origin.
    WriteError
        The folder cannot be written to.
    """
    path, said = Path(source), tell or (lambda _: None)
    spec, series = _read(path)
    if spec.fit is not None:
        task = read_spec(path.parent / spec.fit, METHODS)
        try:
            rows = of_fit(task, spec.origins, spec.ahead, said)
        except ValueError as error:
            zh, en = error.args if len(error.args) == 2 else (str(error), str(error))
            where = Location(shown_path(path), 1)
            raise InputError([make_problem(where, "no_fit", given=Text(zh, en))]) from error
        by = ["series", "horizon"]
    elif spec.scenario is not None:
        rows = of_scenario(_scenario(path, spec), spec.draws, said)
        by = ["series"]
    else:
        assert spec.places is not None
        how = census_rule.DecadeRule(spec.kept, spec.shrunk, spec.falling)
        rows = pd.concat([of_places(spec.places, origin, series, how, said) for origin in spec.origins]).reset_index(
            drop=True
        )
        rows["size"] = _sizes(rows["people"].to_numpy(), spec.sizes)
        rows = twofold(rows, ["origin", "horizon", "series", "size"])
        by = ["series", "horizon", "size"] if spec.sizes else ["series", "horizon"]
    if rows.empty:
        where = Location(shown_path(path), 1)
        raise InputError(
            [make_problem(where, "no_fit", given=Text("起点之后没有观测值", "nothing was observed later"))]
        )
    found = scores(rows, by)
    if spec.scenario is not None and not rows.empty:
        found = pd.concat([found, scores(rows.assign(series=""), by)]).reset_index(drop=True)
    if spec.sizes:
        order = {size: i for i, size in enumerate(sorted(set(rows["size"]), key=lambda size: _edge(size)))}
        found = found.sort_values("size", key=lambda column: column.map(order), kind="stable")
        found = found.sort_values("series", key=lambda column: column.map(list(series).index), kind="stable")
        whole = scores(rows, ["series", "horizon"]).assign(size="")[found.columns]
        found = pd.concat([found, whole]).reset_index(drop=True)
    out = path.parent / spec.output
    said(Text("写出结果", "writing"))
    files = {
        out: _csv(found.round(_DIGITS)),
        out.with_name(f"{out.stem}_rows.csv"): _csv(rows.drop(columns=["half"], errors="ignore").round(4)),
        out.with_suffix(".html"): _page(spec, rows, found, lang).encode("utf-8"),
    }
    write_files(files)
    return Backtest(spec.name, rows, found, tuple(files))


def _scenario(path: Path, spec: BacktestSpec) -> Scenario:
    """The scenario of a spec, which must know nothing later than the one origin."""
    name = str(spec.scenario)
    beside = path.parent / name
    scenario = load(beside if beside.is_file() else name)
    known = scenario.settings.known_until
    if spec.origins != (known,):
        given = Text(f"情景 {name} 的 known_until 是 {known}，不是 {spec.origins}",
                     f"known_until of {name} is {known}, not {spec.origins}")  # fmt: skip
        raise InputError([make_problem(Location(shown_path(path), 1, "origins"), "no_fit", given=given)])
    return scenario


def _read(path: Path) -> tuple[BacktestSpec, dict[str, tuple[int, int | None]]]:
    problems = Problems()
    root = read_yaml(path, problems)
    spec = None if root is None else check_model(root, BacktestSpec, problems)
    if root is None or spec is None:
        raise InputError(problems.found)
    groups = {name: _group(name, root, problems) for name in spec.series}
    if spec.places is not None:
        for origin in spec.origins:
            if origin not in census_rule.ORIGINS:
                given = Text(f"起点 {origin} 前后须各有一次普查", f"no census both before and after {origin}")
                problems.add(root.find(("origins",)).where, "no_fit", given=given)
    if problems:
        raise InputError(problems.found)
    return spec, groups


def _group(name: str, root: Node, problems: Problems) -> tuple[int, int | None]:
    """First five-year group of an age group, and the one after its last."""
    match = _AGES.fullmatch(name)
    first = int(match[1]) if match else -1
    last = None if match is None or match[2] is None else int(match[2]) + 1
    fine = 10 <= first <= 85 and first % 5 == 0 and (last is None or (last % 5 == 0 and first < last <= 85))
    if not fine:
        where = root.find(("series",)).where
        given = Text(
            f"“{name}”须为10岁以上的五岁组，如 60+、15-59", f'"{name}" must be five-year ages from 10 up: 60+, 15-59'
        )
        problems.add(where, "no_fit", given=given)
    return first // 5, None if last is None else last // 5


def _sizes(people: np.ndarray, edges: tuple[float, ...]) -> list[str]:
    bounds = ["", *(f"{edge:,.0f}" for edge in edges), ""]
    which = np.searchsorted(np.array(edges), people, side="right")
    names = [f"< {high}" if not low else f"≥ {low}" if not high else f"{low}–{high}" for low, high in pairwise(bounds)]
    return [names[i] if edges else "" for i in which]


def _edge(size: str) -> float:
    numbers = re.findall(r"[\d,]+", size)
    return 0.0 if size.startswith("<") or not numbers else float(numbers[0].replace(",", ""))


def _csv(table: pd.DataFrame) -> bytes:
    return ("\ufeff" + table.to_csv(index=False, lineterminator="\n")).encode("utf-8")


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Scores as they are printed."""
    out = table.copy()
    for name in ("mean_error", "mean_absolute_error"):
        signed = "+" if name == "mean_error" else ""
        out[name] = [f"{value:{signed}.1f}" for value in table[name]]
    for name in ("inside_80", "inside_95"):
        out[name] = ["–" if np.isnan(value) else f"{value:.0%}" for value in table[name]]
    return out


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _page(spec: BacktestSpec, rows: pd.DataFrame, found: pd.DataFrame, lang: str) -> str:
    at = 1 if lang == "en" else 0
    title = spec.name if spec.title is None else (spec.title.en if at else spec.title.zh)
    table = _shown(found)
    head = "".join(f"<th>{escape(_HEADS[name][at])}</th>" for name in table)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in table.to_numpy()
    )
    return charts_page(title, f"<table><tr>{head}</tr>{lines}</table>", [_panel(rows)], lang)


def _panel(rows: pd.DataFrame) -> Panel:
    """Errors by years ahead, or of all places in order where there is one horizon."""
    names = list(dict.fromkeys(rows["series"]))
    if rows["horizon"].nunique() > 1:
        return Panel(
            Text("误差随预测年数", "Errors by years ahead"), _HEADS["horizon"], _HEADS["mean_absolute_error"],
            tuple(
                Line(Text(name, name), group["horizon"].to_numpy(), group["mean_absolute_error"].to_numpy())
                for name, group in scores(rows, ["series", "horizon"]).groupby("series", sort=False)
            ),
        )  # fmt: skip
    lines = []
    for name in names:
        here = rows[rows["series"] == name]
        error = np.sort(100.0 * (here["value"] / here["actual"] - 1.0).to_numpy())
        share = np.linspace(0.0, 100.0, min(error.size, 101))
        lines.append(Line(Text(name, name), share, np.percentile(error, share)))
    return Panel(
        Text("各地误差，从小到大", "Errors of all places, in order"),
        Text("地区的百分比", "per cent of places"),
        Text("预测高于实际的百分比", "forecast above what came, %"),
        tuple(lines),
    )
