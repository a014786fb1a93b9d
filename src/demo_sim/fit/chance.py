"""Chance by year of an input: persistence and spread of a yearly series about its level or its trend."""

from __future__ import annotations

from typing import Literal

import numpy as np

from demo_sim.fit.autoregression import MOST_PERSISTENT, fit_autoregression
from demo_sim.fit.method import Ask, Method, Outcome
from demo_sim.plot.panel import Line, Panel
from demo_sim.scenario.fields import Frozen, described
from demo_sim.wording import Text

_Z = 1.2816  # standard errors to the 10th and 90th percentile


class Options(Frozen):
    """Options of the method."""

    scale: Literal["log", "plain"] = described("尺度：对数或原值", "scale of the series", "log")
    trend: bool = described("先减去线性趋势", "whether a straight line is taken off first", False)
    until: int = described("只用到这一年", "last year that is used", ..., ge=1900, le=2200)


def make(ask: Ask) -> Outcome:
    """Persistence and spread, with their bands, as `by_year` of a block."""
    o, table = ask.options, ask.tables["series"]
    order = np.argsort(table["year"])
    years, values = table["year"][order], table["value"][order]
    years, values = years[years <= o.until], values[years <= o.until]
    if years.size < 2 or (np.diff(years) != 1).any():
        raise ValueError("须为连续年份", "years must follow each other")
    if o.scale == "log" and (values <= 0.0).any():
        raise ValueError("对数尺度的值须为正", "values on the log must be above 0")
    x = np.log(values) if o.scale == "log" else values
    if o.trend:
        x = x - np.polyval(np.polyfit(years, x, 1), years)
    fitted = fit_autoregression(x, None, None)
    error = fitted.phi_se or 0.0
    low, high = np.clip(fitted.phi + np.array([-_Z, _Z]) * error, 0.01, MOST_PERSISTENT)
    spread = fitted.sigma * np.exp(_Z * np.array([-1.0, 1.0]) * fitted.sigma_se / fitted.sigma)
    gives = {
        "value": {"persistence": round(fitted.phi, 4), "spread": round(fitted.sigma, 5)},
        "low": {"persistence": round(float(low), 4), "spread": round(float(spread[0]), 5)},
        "high": {"persistence": round(float(high), 4), "spread": round(float(spread[1]), 5)},
    }
    return Outcome(
        {"persistence": (fitted.phi, error), "spread": (fitted.sigma, fitted.sigma_se)},
        ("standard deviation of a year", fitted.sigma),
        {"by_year": gives},
        panels=[
            Panel(
                Text("序列与用于拟合的部分", "The series, as it was used"), Text("年", "year"), Text("值", "value"),
                points=(Line(Text("观测值", "observed"), years, values),),
            )
        ],
    )  # fmt: skip


METHOD = Method(Text("逐年随机波动", "chance by year"), {"series": ("year", "value")}, Options, make)
