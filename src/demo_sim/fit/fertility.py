"""The age pattern of fertility from observed rates: the curve that fits best, with the observed mean age."""

from __future__ import annotations

from typing import Literal

import numpy as np

from demo_sim.fit.method import Ask, Method, Outcome
from demo_sim.fit.schedules import CURVES, FERTILE_AGES, FIRST, LAST, Schedule, fit_schedules, mean_age
from demo_sim.plot.panel import Line, Panel
from demo_sim.scenario.fields import Frozen, described
from demo_sim.wording import Text

_LABELS = {"gamma": Text("伽马", "gamma"), "hadwiger": Text("Hadwiger", "Hadwiger"), "spline": Text("样条", "spline")}


class Options(Frozen):
    """Options of the method."""

    curve: Literal["best", "gamma", "hadwiger", "spline"] = described(
        "曲线，best 为自动选择", "curve; best takes the one that fits best in most years", "best"
    )
    years: tuple[int, ...] = described("采用的年份，不写则全部", "years that are used; all where left out", ())


def make(ask: Ask) -> Outcome:
    """Patterns by single age of each year, all of one curve."""
    o, table = ask.options, ask.tables["asfr"]
    years = [int(year) for year in (o.years or np.unique(table["year"]))]
    names = CURVES if o.curve == "best" else (o.curve,)
    found: dict[int, dict[str, Schedule]] = {}
    seen: dict[int, tuple[np.ndarray, list[tuple[int, int]]]] = {}
    for i, year in enumerate(years, 1):
        ask.tell(Text(f"生育模式：{year} 年（{i}/{len(years)}）", f"schedules: {year} ({i} of {len(years)})"))
        seen[year] = _observed(ask, year)
        found[year] = {schedule.name: schedule for schedule in fit_schedules(*seen[year], names)}
    total = {name: sum(found[year][name].criterion for year in years) for name in names}
    best = min(total, key=lambda name: total[name])
    parameters: dict[str, tuple[float, float | None]] = {}
    for year in years:
        rates, groups = seen[year]
        sizes = np.array([high - low + 1 for low, high in groups])
        parameters[f"tfr_{year}"] = (float((rates * sizes).sum()), None)
        parameters[f"mean_age_{year}"] = (mean_age(found[year][best].values), None)
        for key, value in found[year][best].parameters.items():
            parameters[f"{key}_{year}"] = (value, None)
    loss = float(np.sqrt(sum(found[year][best].loss for year in years) / sum(seen[y][0].size for y in years)))
    note = "；".join(f"{_LABELS[name].zh} {total[name]:.1f}" for name in names)
    note_en = "; ".join(f"{_LABELS[name].en} {total[name]:.1f}" for name in names)
    return Outcome(
        parameters,
        ("root mean square error of shares", loss),
        {"schedule": "@csv"},
        {"csv": _csv(years, found, seen, best)},
        [_panel(year, found[year], *seen[year]) for year in dict.fromkeys((years[0], years[-1]))],
        [
            Text(
                f"采用 {_LABELS[best].zh}；施瓦茨准则（小者优）：{note}",
                f"{best} is taken; Schwarz criterion: {note_en}",
            )
        ],
    )


def _observed(ask: Ask, year: int) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Rates of a year with their ages."""
    rows = ask.tables["asfr"].of(year=year)
    order = np.argsort(rows["age"])
    low, high, rates = rows["age"][order], rows["age_to"][order], rows["asfr"][order]
    whole = low.size > 0 and low[0] == FIRST and high[-1] == LAST and bool((low[1:] == high[:-1] + 1).all())
    if not whole:
        raise ValueError(
            f"{year} 年的年龄须从 {FIRST} 到 {LAST} 岁连续",
            f"ages of {year} must go from {FIRST} to {LAST} without gaps",
        )
    if (rates < 0.0).any() or rates.sum() <= 0.0:
        raise ValueError(f"{year} 年的生育率须为正", f"rates of {year} must be above 0")
    return rates, list(zip(low.tolist(), high.tolist(), strict=True))


def _panel(year: int, found: dict[str, Schedule], rates: np.ndarray, groups: list[tuple[int, int]]) -> Panel:
    sizes = np.array([high - low + 1 for low, high in groups])
    share = rates / (rates * sizes).sum()
    middle = np.array([(low + high) / 2 for low, high in groups])
    return Panel(
        Text(f"{year} 年生育模式", f"Age pattern of fertility, {year}"),
        Text("母亲年龄", "age of mother"),
        Text("各岁占总和生育率的份额", "share of total fertility at each age"),
        tuple(Line(_LABELS[name], FERTILE_AGES, found[name].values) for name in found),
        (Line(Text("观测值", "observed"), middle, share),),
    )


def _csv(
    years: list[int],
    found: dict[int, dict[str, Schedule]],
    seen: dict[int, tuple[np.ndarray, list[tuple[int, int]]]],
    best: str,
) -> str:
    lines = ["# publisher: fitted by demo_sim, see the block beside it; status: fitted", "year,age,asfr"]
    for year in years:
        rates, groups = seen[year]
        tfr = (rates * np.array([high - low + 1 for low, high in groups])).sum()
        lines += [f"{year},{x},{tfr * v:.10g}" for x, v in zip(FERTILE_AGES, found[year][best].values, strict=True)]
    return "\n".join(lines) + "\n"


METHOD = Method(Text("生育的年龄模式", "age pattern of fertility"), {"asfr": ("year", "age", "asfr")}, Options, make)
