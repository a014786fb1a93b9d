"""The rate of a registered group after its last count: a damped trend, fitted to dated counts and people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from demo_sim.fit.method import DRAWS, Ahead, Ask, Method, Outcome, forecast, path_with_band
from demo_sim.fit.walk import Walk, fit_walk
from demo_sim.plot.panel import Line, Panel
from demo_sim.scenario.fields import Frozen, described
from demo_sim.wording import Text

_FEWEST = 4


class Options(Frozen):
    """Options of the method."""

    group: str = described("人群总数的名称，如 orphans", "name of the total, such as orphans", ..., pattern=r"^\w+$")
    damping: float = described(
        "每年保留的趋势比例", "part of the trend that is left a year later", ..., ge=0.0, le=0.98
    )
    since: int = described("从哪一年末起", "year-end from which the trend is written", ..., ge=1950, le=2200)
    to: int = described("最后一年", "last year", 2035, ge=1950, le=2200)


def make(ask: Ask) -> Outcome:
    """Factors on the rate of a group by year, 1 at `since`."""
    o = ask.options
    at, counts = _sorted(ask, "counts", "count")
    when, people = _sorted(ask, "people", "people")
    if at.size < _FEWEST:
        raise ValueError(f"须有至少 {_FEWEST} 个日期的人数", f"counts of {_FEWEST} dates or more are needed")
    if at[0] < when[0] or at[-1] > when[-1]:
        raise ValueError("people 须覆盖 counts 的全部日期", "people must cover all dates of counts")
    if o.since < at[-1] - 1.0 or o.to <= o.since:
        raise ValueError(
            "since 须在最后一个人数前后，to 在其后", "since must not lie before the last count, and to after it"
        )
    rate = np.log(counts) - np.interp(at, when, np.log(people))
    walk = fit_walk(rate, at)
    years = np.arange(o.since, o.to + 1)
    value = np.exp(walk.drift * (_damped(years - at[-1], o.damping) - _damped(o.since - at[-1], o.damping)))
    logs = forecast(years[1:], value[1:], _paths(ask, walk, years - at[-1], o.damping))
    found = replace(logs, quantiles=np.exp(logs.quantiles))
    low, high = (np.r_[1.0, edge] for edge in found.quantiles[1:3])
    gives = path_with_band(years, value, low, high, 4)
    return Outcome(
        {
            "drift": (walk.drift, walk.drift_se),
            "sigma": (walk.sigma, walk.sigma / float(np.sqrt(2 * walk.freedom))),
            "damping": (o.damping, None),
        },
        ("sigma of a year, log rate", walk.sigma),
        {f"{o.group}_trend": gives},
        panels=[_panel(at, rate, walk, o, found)],
    )


def _sorted(ask: Ask, name: str, measure: str) -> tuple[np.ndarray, np.ndarray]:
    table = ask.tables[name]
    order = np.argsort(table["date"])
    values = table[measure][order]
    if (values <= 0.0).any():
        raise ValueError(f"{name} 须为正", f"{name} must be above 0")
    return table["date"][order], values


def _damped(years: np.ndarray | float, damping: float) -> np.ndarray:
    """Years of the trend that are left: the sum of damping, damping², ... over the years ahead; 0 before."""
    ahead = np.maximum(np.asarray(years, float), 0.0)
    if damping == 0.0:
        return np.zeros_like(ahead)
    return np.asarray(damping * (1.0 - damping**ahead) / (1.0 - damping))


def _paths(ask: Ask, walk: Walk, ahead: np.ndarray, damping: float) -> np.ndarray:
    """Log factors of drawn paths after the first year; drift and spread with their errors; (year, draw)."""
    sigma = walk.sigma * np.sqrt(walk.freedom / ask.rng.chisquare(walk.freedom, DRAWS))
    drift = walk.drift + sigma / np.sqrt(walk.span) * ask.rng.standard_normal(DRAWS)
    steps = sigma * ask.rng.standard_normal((ahead.size - 1, DRAWS))
    trend = _damped(ahead[1:], damping) - _damped(ahead[0], damping)
    return np.asarray(np.multiply.outer(trend, drift) + np.cumsum(steps, axis=0))


def _panel(at: np.ndarray, rate: np.ndarray, walk: Walk, o: Options, found: Ahead) -> Panel:
    scale = 1e4 * np.exp(rate[-1] + walk.drift * _damped(o.since - at[-1], o.damping))
    low, high = scale * found.quantiles[1:3]
    return Panel(
        Text("比率：观测值与减缓的趋势", "Rate: observed, and its damped trend"),
        Text("年末", "year-end"),
        Text("每万人，阴影为 80% 区间", "per 10,000 people, shaded: 80 % band"),
        (Line(Text("趋势", "trend"), found.years, scale * found.value, low, high),),
        (Line(Text("观测值", "observed"), at, 1e4 * np.exp(rate)),),
    )


METHOD = Method(
    Text("登记人群的比率：减缓的趋势", "rate of a registered group: damped trend"),
    {"counts": ("date", "count"), "people": ("date", "people")},
    Options,
    make,
)
