"""Beds and staff from two dated stocks or more: what share closes or leaves in a year, given what came in."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.stats import t as student

from demo_sim.fit.method import Ask, Method, Outcome
from demo_sim.plot.panel import Line, Panel
from demo_sim.scenario.fields import Frozen, described
from demo_sim.wording import Text

_LARGEST = 0.6  # of a stock that may leave in a year
_STEP = 0.5  # a stock printed in hundreds is known to half of that


class Options(Frozen):
    """Options of the method."""

    gives: Literal["closure", "turnover", "replaced", "yearly_change"] = described(
        "拟合什么：关停率、流失率、补充比例、年变化量",
        "what is fitted: the share that closes or leaves, hires per leaver, or the change a year",
        "closure",
    )
    turnover: float | None = described(
        "流失率（拟合补充比例时须给出）", "share that leaves, needed for `replaced`", None, gt=0.0, le=_LARGEST
    )
    spread: float | None = described(
        "年际标准差（只有两个存量时可写明）",
        "standard deviation from year to year, where two stocks cannot show it",
        None,
        ge=0.0,
    )
    rounded_to: float = described("存量公布到的单位", "unit that the stocks are printed in", 1.0, gt=0.0)


def make(ask: Ask) -> Outcome:
    """Rate of all years together, and of each interval; the band is what the intervals and the rounding leave."""
    o, table = ask.options, ask.tables["stocks"]
    order = np.argsort(table["year"])
    years, stock = table["year"][order], table["stock"][order]
    if years.size < 2:
        raise ValueError("须有至少两个年末的存量", "two dated stocks or more are needed")
    if (stock <= 0.0).any():
        raise ValueError("存量须为正", "stocks must be above 0")
    if o.gives == "replaced" and o.turnover is None:
        raise ValueError("拟合补充比例须给出 options.turnover", "hires per leaver need options.turnover")
    opened = _opened(ask, years)
    solved = [_solve(o, stock[[i, j]], opened[years[i] : years[j]]) for i, j in _intervals(years)]
    whole = _solve(o, stock[[0, -1]], opened[years[0] : years[-1]])
    edges = np.array([[-_STEP, _STEP], [_STEP, -_STEP]]) * o.rounded_to
    ends = [_solve(o, stock[[0, -1]] + edge, opened[years[0] : years[-1]]) for edge in edges]
    rounding = abs(ends[1] - ends[0]) / 2.0
    length = np.diff(years).astype(float)
    error, half = rounding / np.sqrt(3.0), 0.8 * rounding
    if len(solved) > 1:
        weight = length / length.sum()
        spread = float(np.sqrt((length * (np.array(solved) - whole) ** 2).sum() / (len(solved) - 1)))
        between = spread / float(np.sqrt(length.sum()))
        error = float(np.hypot(error, between))
        # years to come are as many as an interval seen: its mean differs by that, and by the error of the whole
        half = float(student.ppf(0.9, len(solved) - 1)) * float(np.hypot(spread / np.sqrt(weight @ length), between))
        half = float(np.hypot(half, 0.8 * rounding))
    elif o.spread is not None:
        half = float(np.hypot(half, 1.2816 * o.spread))
    bounded = o.gives in ("closure", "turnover")
    low, high = whole - half, whole + half
    if bounded:
        low, high = max(low, 0.0), min(high, 1.0)
    digits = 0 if o.gives == "yearly_change" else 5
    gives = {"value": round(whole, digits), "low": round(low, digits), "high": round(high, digits)}
    parameters: dict[str, tuple[float, float | None]] = {o.gives: (whole, error)}
    for (i, j), rate in zip(_intervals(years), solved, strict=True):
        parameters[f"{o.gives}_{years[i]}_{years[j]}"] = (rate, None)
    path = [float(stock[0])]
    for come in opened[years[0] : years[-1]]:
        path.append(_next(o, path[-1], come, whole))
    panel = Panel(
        Text("存量：公布值与拟合", "Stock: published and fitted"), Text("年末", "year-end"), Text("存量", "stock"),
        (Line(Text("拟合", "fitted"), np.arange(years[0], years[-1] + 1), np.array(path)),),
        (Line(Text("公布值", "published"), years, stock),),
    )  # fmt: skip
    off = np.array(path)[years - years[0]] / stock - 1.0
    loss = float(np.sqrt((off**2).mean()))
    notes = [] if len(solved) > 1 or o.spread is not None else [_TWO]
    return Outcome(
        parameters, ("root mean square error of stocks, relative", loss), {o.gives: gives}, {}, [panel], notes
    )


_TWO = Text(
    "只有两个存量：区间只含四舍五入，各年之间的波动看不出",
    "two stocks alone: the band holds the rounding, not how years differ",
)


class _ByYear:
    """What came in by year; a slice gives the years after the first up to the last."""

    def __init__(self, known: dict[int, float]) -> None:
        self.known = known

    def __getitem__(self, span: slice) -> np.ndarray:
        return np.array([self.known.get(year, 0.0) for year in range(span.start + 1, span.stop + 1)])


def _opened(ask: Ask, years: np.ndarray) -> _ByYear:
    """Openings or hires of each year; none where the table is left out."""
    table = ask.tables.get("opened")
    if table is None:
        return _ByYear({})
    known = dict(zip(table["year"].tolist(), table["opened"].tolist(), strict=True))
    missing = [year for year in range(years[0] + 1, years[-1] + 1) if year not in known]
    if missing:
        raise ValueError(f"opened 缺少 {missing[0]} 年", f"opened has no row for {missing[0]}")
    return _ByYear(known)


def _intervals(years: np.ndarray) -> list[tuple[int, int]]:
    return [(i, i + 1) for i in range(years.size - 1)]


def _next(o: Options, stock: float, come: float, rate: float) -> float:
    """Stock a year later: what comes in does so after the share of the opening stock has left."""
    if o.gives == "yearly_change":
        return stock + come + rate
    if o.gives == "replaced":
        assert o.turnover is not None
        return stock * (1.0 - o.turnover * (1.0 - rate)) + come
    return stock * (1.0 - rate) + come


def _solve(o: Options, stock: np.ndarray, come: np.ndarray) -> float:
    """Rate at which the first stock becomes the last."""

    def excess(rate: float) -> float:
        here = float(stock[0])
        for one in come:
            here = _next(o, here, one, rate)
        return here - float(stock[1])

    if o.gives == "yearly_change":
        return float((stock[1] - stock[0] - come.sum()) / come.size)
    low, high = (0.0, 5.0) if o.gives == "replaced" else (-_LARGEST, _LARGEST)
    if excess(low) * excess(high) > 0.0:
        raise ValueError("没有合理的比率能使存量相符", "no sensible rate leads from one stock to the other")
    rate = float(brentq(excess, low, high, xtol=1e-14))
    if rate < -1e-9:
        raise ValueError(
            "存量的增加超过已知的新增：请补上 opened，或拟合 yearly_change",
            "the stock grew by more than is known to have come: give `opened`, or fit yearly_change",
        )
    return rate


METHOD = Method(
    Text("床位和人员：由几个年末存量", "beds and staff from dated stocks"),
    {"stocks": ("year", "stock"), "opened": ("year", "opened")},
    Options,
    make,
    frozenset({"opened"}),
)
