"""Total fertility: an autoregressive path on the logit scale between two bounds."""

from __future__ import annotations

import numpy as np
from pydantic import model_validator

from demo_sim.fit.autoregression import MOST_PERSISTENT, fit_autoregression
from demo_sim.fit.method import DRAWS, Ask, Method, Outcome, dated_values, forecast, path_with_band
from demo_sim.plot.panel import Line, Panel
from demo_sim.scenario.fields import Frozen, described
from demo_sim.wording import Text


class Options(Frozen):
    """Options of the method."""

    low: float = described("下界", "lower bound of the rate", 0.5, gt=0.0, lt=8.0)
    high: float = described("上界", "upper bound of the rate", 3.0, gt=0.0, lt=10.0)
    target: float | None = described("趋向的水平", "level that it goes to; fitted where it is left out", None)
    persistence: float | None = described(
        "持续性，不写则拟合",
        "persistence from year to year; fitted where it is left out",
        None,
        ge=0.0,
        le=MOST_PERSISTENT,
    )
    to: int = described("最后一年", "last year", 2035, ge=1950, le=2200)
    first: int | None = described("采用的第一年", "first year that is used", None)

    @model_validator(mode="after")
    def _bounds(self) -> Options:
        if self.low >= self.high:
            raise ValueError("low must be below high")
        if self.target is not None and not self.low < self.target < self.high:
            raise ValueError("target must lie between low and high")
        return self


def make(ask: Ask) -> Outcome:
    """Path of total fertility with its band from observed yearly rates."""
    o = ask.options
    table = ask.tables["tfr"]
    order = np.argsort(table["year"])
    years, tfr = table["year"][order], table["tfr"][order]
    if o.first is not None:
        years, tfr = years[years >= o.first], tfr[years >= o.first]
    if years.size < 4 or (np.diff(years) != 1).any():
        raise ValueError("须有至少 4 个连续年份", "four years or more in a row are needed")
    if (tfr <= o.low).any() or (tfr >= o.high).any():
        raise ValueError("有观测值在上下界之外", "an observed rate lies outside the bounds")
    if o.to <= years[-1]:
        raise ValueError("to 须在最后一个观测年之后", "to must lie after the last observed year")
    z = _logit(tfr, o.low, o.high)
    level = None if o.target is None else float(_logit(np.array(o.target), o.low, o.high))
    fitted = fit_autoregression(z, level, o.persistence)
    ahead = np.arange(years[-1] + 1, o.to + 1)
    value = _back(fitted.central(z[-1], ahead.size), o.low, o.high)
    coming = forecast(ahead, value, _back(fitted.go_on(z[-1], ahead.size, DRAWS, ask.rng), o.low, o.high))
    low, high = coming.quantiles[1:3]
    kept = np.r_[years[-1], ahead]
    low, high, value = np.r_[tfr[-1], low], np.r_[tfr[-1], high], np.r_[tfr[-1], value]
    gives = path_with_band(kept, value, low, high, 4)
    panel = Panel(
        Text("总和生育率：观测值与趋势", "Total fertility: observed and ahead"),
        Text("年", "year"),
        Text("每名妇女的生育数，阴影为 80% 区间", "births per woman, shaded: 80 % band"),
        (Line(Text("趋势", "path"), kept, value, low, high),),
        (Line(Text("观测值", "observed"), years, tfr),),
    )
    parameters = {
        "persistence": (fitted.phi, fitted.phi_se),
        "level": (float(_back(np.array(fitted.level), o.low, o.high)), None),
        "sigma": (fitted.sigma, fitted.sigma_se),
    }
    return Outcome(
        parameters,
        ("sigma of yearly change, logit", fitted.sigma),
        {"tfr": gives},
        panels=[panel],
        ahead={"tfr": coming},
        seen={"tfr": dated_values(years, tfr)},
    )


def _logit(value: np.ndarray, low: float, high: float) -> np.ndarray:
    share = (value - low) / (high - low)
    return np.asarray(np.log(share / (1.0 - share)))


def _back(z: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.asarray(low + (high - low) / (1.0 + np.exp(-z)))


METHOD = Method(
    Text("总和生育率：有界自回归", "total fertility: bounded autoregression"), {"tfr": ("year", "tfr")}, Options, make
)
