"""Life expectancy by sex from yearly deaths: Lee-Carter, coherent sexes, the drift uncertain."""

from __future__ import annotations

from typing import Literal

import numpy as np

from demo_sim.demography.mortality import to_open_age
from demo_sim.fit.coherent import SEXES, Coherent, fit_coherent
from demo_sim.fit.lee_carter import e0_of
from demo_sim.fit.method import Ahead, Ask, Method, Outcome, dated_values, forecast, yearly_series
from demo_sim.plot.panel import Line, Panel
from demo_sim.scenario.fields import Frozen, described
from demo_sim.wording import Text

_DRAWS = 1_000  # paths of life tables
_LABELS = {"male": Text("男", "male"), "female": Text("女", "female")}


class Options(Frozen):
    """Options of the method."""

    by: Literal["likelihood", "least_squares"] = described(
        "估计方法", "by the likelihood of deaths or by least squares of log rates", "likelihood"
    )
    second_stage: bool = described("使各年死亡数相符", "meet the deaths of each year", True)
    to: int = described("最后一年", "last year", 2035, ge=1950, le=2200)
    step: int = described("每隔几年写一个值", "years between the values that are written", 5, ge=1, le=20)
    open_age: int = described("生命表的开口年龄", "open age of the life tables", 100, ge=100, le=120)


def make(ask: Ask) -> Outcome:
    """Paths of life expectancy with bands, and the pattern of death rates that goes with them."""
    deaths, exposure, years = _surfaces(ask)
    o = ask.options
    if o.to <= years[-1]:
        raise ValueError("to 须在最后一个观测年之后", "to must lie after the last observed year")
    fitted = fit_coherent(deaths, exposure, years, likelihood=o.by == "likelihood", second_stage=o.second_stage)
    ahead = np.unique(np.r_[np.arange(years[-1] + 1, o.to + 1, o.step), o.to])
    places = ahead - years[-1] - 1
    central = fitted.central(o.to - years[-1])[:, :, places]
    paths = fitted.paths(o.to - years[-1], _DRAWS, ask.rng)[:, :, places]
    rates = deaths / exposure
    value: dict[str, dict[int, float]] = {}
    low: dict[str, dict[int, float]] = {}
    high: dict[str, dict[int, float]] = {}
    ahead_of: dict[str, Ahead] = {}
    seen_of: dict[str, dict[int, float]] = {}
    kept, lines, points = np.r_[years[-1], ahead], [], []
    for s, sex in enumerate(SEXES):
        ask.tell(Text(f"寿命表：{_LABELS[sex].zh}，{_DRAWS} 条路径", f"life tables: {sex}, {_DRAWS} paths"))
        seen = e0_of(rates[s], sex)
        middle = np.r_[seen[-1], e0_of(central[s], sex)]
        drawn = np.stack([e0_of(paths[s, :, t], sex) for t in range(ahead.size)])
        ahead_of[f"e0_{sex}"] = forecast(ahead, middle[1:], drawn)
        seen_of[f"e0_{sex}"] = dated_values(years, seen)
        least, most = (np.r_[seen[-1], edge] for edge in ahead_of[f"e0_{sex}"].quantiles[1:3])
        for out, line in ((value, middle), (low, least), (high, most)):
            out[sex] = yearly_series(kept, line, 2)
        lines.append(Line(_LABELS[sex], kept, middle, least, most))
        points.append(Line(_LABELS[sex], years, seen))
    panels = [
        Panel(
            Text("平均预期寿命：观测值与趋势", "Life expectancy: observed and ahead"), Text("年", "year"),
            Text("出生时预期寿命（岁），阴影为 80% 区间", "years at birth, shaded: 80 % band"),
            tuple(lines), tuple(points),
        ),
        Panel(
            Text("各年龄死亡率随时间指数的变化", "How the rate of each age follows the index of time"),
            Text("年龄", "age"), Text("共同因子 b", "common factor b"),
            (Line(Text("b", "b"), np.arange(fitted.common.b.size), fitted.common.b),),
        ),
    ]  # fmt: skip
    pattern = np.concatenate([rates[:, :, -1:], central], axis=2)
    return Outcome(
        _parameters(fitted),
        ("deviance" if fitted.common.deviance is not None else "unexplained share of variance", _loss(fitted)),
        {"standard": "@csv", "e0": {"value": value, "low": low, "high": high}},
        {"csv": _csv(kept, pattern, o.open_age)},
        panels,
        ahead=ahead_of,
        seen=seen_of,
    )


def _surfaces(ask: Ask) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Deaths and exposures by sex, age and year."""
    table = ask.tables["deaths"]
    grids = []
    for sex in SEXES:
        rows = table.of(sex=sex)
        if not rows["year"].size:
            raise ValueError(f"没有 sex = {sex} 的行", f"no rows with sex = {sex}")
        deaths, ages, years = rows.grid("deaths")
        exposure = rows.grid("exposure")[0]
        grids.append((deaths, exposure, ages, years))
    (d0, e0, ages, years), (d1, e1, other_ages, other_years) = grids
    if not (np.array_equal(ages, other_ages) and np.array_equal(years, other_years)):
        raise ValueError("男女的年龄或年份不同", "the sexes have other ages or years")
    deaths, exposure = np.stack([d0, d1]), np.stack([e0, e1])
    if not np.isfinite(deaths).all() or not np.array_equal(ages, np.arange(ages.size)):
        raise ValueError(
            "须有每一年、每个单岁年龄（从 0 岁起）的死亡数和人年数", "each year and single age from 0 on needs a row"
        )
    if (deaths < 0.0).any() or (exposure <= 0.0).any():
        raise ValueError("死亡数不得为负，人年数须为正", "deaths may not be negative, exposures must be above 0")
    if years.size < 6:
        raise ValueError("须有至少 6 年", "six years or more are needed")
    return deaths, exposure, years


def _parameters(fitted: Coherent) -> dict[str, tuple[float, float | None]]:
    out: dict[str, tuple[float, float | None]] = {
        "drift": (fitted.walk.drift, fitted.walk.drift_se),
        "sigma": (fitted.walk.sigma, fitted.walk.sigma / float(np.sqrt(2 * fitted.walk.freedom))),
    }
    for sex, auto in zip(SEXES, fitted.own, strict=True):
        out[f"persistence_{sex}"] = (auto.phi, auto.phi_se)
        out[f"sigma_{sex}"] = (auto.sigma, auto.sigma_se)
    return out


def _loss(fitted: Coherent) -> float:
    common = fitted.common
    return common.deviance if common.deviance is not None else 1.0 - (common.explained or 0.0)


def _csv(years: np.ndarray, pattern: np.ndarray, open_age: int) -> str:
    """Pattern of death rates, in the project's columns."""
    lines = ["# publisher: fitted by demo_sim, see the block beside it; status: fitted", "year,sex,age,mx"]
    for t, year in enumerate(years):
        rates = to_open_age(pattern[:, :, t].copy(), open_age)
        for sex, column in zip(SEXES, rates, strict=True):
            lines += [f"{year},{sex},{x}{'+' * (x == open_age)},{rate:.6g}" for x, rate in enumerate(column)]
    return "\n".join(lines) + "\n"


METHOD = Method(
    Text("死亡率：Lee-Carter，两性相容", "mortality: Lee-Carter, coherent sexes"),
    {"deaths": ("year", "sex", "age", "deaths", "exposure")},
    Options,
    make,
)
