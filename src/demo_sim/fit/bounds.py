"""Chance by year from published bounds: the autoregression whose spread comes closest to theirs over the years."""

from __future__ import annotations

import numpy as np
from scipy.optimize import least_squares
from scipy.special import ndtri

from demo_sim.fit.autoregression import MOST_PERSISTENT
from demo_sim.fit.method import Ask, Method, Outcome
from demo_sim.plot.panel import Line, Panel
from demo_sim.scenario.fields import Frozen, described
from demo_sim.scenario.process import BAND
from demo_sim.wording import Text

_COVER = {"80": 0.8, "95": 0.95}


class Options(Frozen):
    """Options of the method."""

    start: int = described("公布的区间从此年之后开始", "year after which the bounds begin", ..., ge=1900, le=2200)
    until: int = described("只用到这一年", "last year that is used", 2100, ge=1900, le=2200)


def make(ask: Ask) -> Outcome:
    """Persistence and spread; the path's own band is left out, since the bounds hold all that is unknown."""
    o, table = ask.options, ask.tables["bounds"]
    order = np.argsort(table["year"])
    chosen = order[(table["year"][order] > o.start) & (table["year"][order] <= o.until)]
    years = table["year"][chosen]
    if years.size < 3:
        raise ValueError("start 之后须有至少 3 年", "three years or more after `start` are needed")
    spreads = []
    for level, cover in _COVER.items():
        low, high = table[f"low{level}"][chosen], table[f"high{level}"][chosen]
        if (low >= high).any():
            raise ValueError("下界须低于上界", "a low must lie below its high")
        spreads.append((high - low) / (2.0 * ndtri((1.0 + cover) / 2.0)))
    ahead = years - o.start

    def missed(x: np.ndarray) -> np.ndarray:
        return np.concatenate([np.log(_sd(x[0], x[1], ahead) / spread) for spread in spreads])

    guess = [0.9, float(spreads[0][0])]
    found = least_squares(missed, guess, bounds=([0.0, 1e-9], [MOST_PERSISTENT, np.inf]), xtol=1e-12, ftol=1e-12)
    persistence, spread = (float(x) for x in found.x)
    loss = float(np.sqrt((found.fun**2).mean()))
    return Outcome(
        {"persistence": (persistence, None), "spread": (spread, None)},
        ("root mean square of the log ratio of spreads", loss),
        {"by_year": {"value": {"persistence": round(persistence, 4), "spread": round(spread, 4), BAND: 0}}},
        panels=[
            Panel(
                Text("各年的标准差：公布的区间与拟合", "Standard deviation by year: published bounds and fit"),
                Text("年", "year"), Text("标准差", "standard deviation"),
                (Line(Text("拟合", "fitted"), years, _sd(persistence, spread, ahead)),),
                tuple(Line(Text(f"公布的 {level}% 区间", f"published {level} % bounds"), years, of)
                      for level, of in zip(_COVER, spreads, strict=True)),
            )
        ],
    )  # fmt: skip


def _sd(persistence: float, spread: float, ahead: np.ndarray) -> np.ndarray:
    """Standard deviation of the autoregression some years ahead."""
    return np.asarray(spread * np.sqrt((1.0 - persistence ** (2.0 * ahead)) / (1.0 - persistence**2)))


METHOD = Method(
    Text("由公布的区间得出逐年波动", "chance by year from published bounds"),
    {"bounds": ("year", "low80", "high80", "low95", "high95")},
    Options,
    make,
)
