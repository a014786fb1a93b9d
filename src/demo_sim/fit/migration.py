"""Net migration: what year-end totals show beyond births and deaths, and an autoregression of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from demo_sim.fit.autoregression import MOST_PERSISTENT, Autoregression, fit_autoregression
from demo_sim.fit.method import DRAWS, Ask, Method, Outcome, dated_values, forecast, path_with_band
from demo_sim.places import the_place
from demo_sim.places.migration import residual, yearly
from demo_sim.plot.panel import Line, Panel
from demo_sim.scenario.fields import Frozen, described
from demo_sim.wording import Text


class Options(Frozen):
    """Options of the method."""

    level: float | None = described(
        "趋向的年净迁移", "net migration a year that it goes to; fitted where it is left out", None
    )
    persistence: float | None = described(
        "持续性，不写则拟合",
        "persistence from year to year; fitted where it is left out",
        None,
        ge=0.0,
        le=MOST_PERSISTENT,
    )
    to: int = described("最后一年", "last year", 2035, ge=1950, le=2200)
    place: str | None = described(
        "地区代码：写出其净迁移表延续的部分 kept，年龄取自两次普查",
        "code of a place: what part of its table of net migrants goes on (`kept`), ages from the censuses",
        None,
    )
    chance: bool = described(
        "只写出逐年波动 by_year，路径另给",
        "whether only the chance by year is given (`by_year`), for a path from elsewhere",
        False,
    )


_Z = 1.2816  # standard errors to the 10th and 90th percentile
_KEPT = (-1.0, 3.0)  # bounds of `migration.kept`


def make(ask: Ask) -> Outcome:
    """Net migration seen and ahead, with its band."""
    table, o = ask.tables["balance"], ask.options
    order = np.argsort(table["year"])
    years, total = table["year"][order], table["population"][order]
    if years.size < 4 or (np.diff(years) != 1).any():
        raise ValueError("须有至少 4 个连续年末", "four year-ends or more in a row are needed")
    if o.to <= years[-1]:
        raise ValueError("to 须在最后一个观测年之后", "to must lie after the last observed year")
    # the first year gives only the total that the second starts from
    net = np.diff(total) - table["births"][order][1:] + table["deaths"][order][1:]
    seen = years[1:]
    fitted = fit_autoregression(net, o.level, o.persistence)
    ahead = np.arange(years[-1] + 1, o.to + 1)
    central = fitted.central(net[-1], ahead.size)
    coming = forecast(ahead, central, fitted.go_on(net[-1], ahead.size, DRAWS, ask.rng))
    low, high = coming.quantiles[1:3]
    gives = path_with_band(np.r_[seen, ahead], np.r_[net, central], np.r_[net, low], np.r_[net, high], 0)
    panel = Panel(
        Text("净迁移：观测值与趋势", "Net migration: observed and ahead"),
        Text("年", "year"),
        Text("每年净迁移（人），阴影为 80% 区间", "persons a year, shaded: 80 % band"),
        (Line(Text("趋势", "path"), ahead, central, low, high),),
        (Line(Text("年末人口减自然增长", "year-ends less natural growth"), seen, net),),
    )
    parameters = {
        "persistence": (fitted.phi, fitted.phi_se),
        "level": (fitted.level, None),
        "sigma": (fitted.sigma, fitted.sigma_se),
    }
    return Outcome(
        parameters,
        ("sigma of a year, persons", fitted.sigma),
        _gives(gives, fitted, o),
        panels=[panel],
        ahead={"net_migration": coming},
        seen={"net_migration": dated_values(seen, net)},
    )


def _gives(net: dict[str, dict[int, float]], fitted: Autoregression, o: Options) -> dict[str, Any]:
    """What the block brings: the path, the part of a place's table that goes on, or the chance by year alone."""
    if o.chance:
        error = _Z * fitted.sigma_se / fitted.sigma
        spreads = {"value": 0.0, "low": -error, "high": error}
        if fitted.phi_se is None:
            persistence = dict.fromkeys(spreads, fitted.phi)
        else:
            persistence = {
                end: float(np.clip(fitted.phi + sign * _Z * fitted.phi_se, 0.0, MOST_PERSISTENT))
                for end, sign in (("value", 0.0), ("low", -1.0), ("high", 1.0))
            }
        return {"by_year": {
            end: {"persistence": round(persistence[end], 4), "spread": round(float(fitted.sigma * np.exp(log)))}
            for end, log in spreads.items()
        }}  # fmt: skip
    return {"net": net} if o.place is None else {"kept": _kept(net, o.place)}


def _kept(net: dict[str, dict[int, float]], code: str) -> dict[str, dict[int, float]]:
    """Net migration as a part of what the censuses of 2010 and 2020 say of a place in a year."""
    place = the_place(code)
    found = None if place is None else residual(place)
    if found is None:
        raise ValueError(f"没有地区 {code} 的净迁移表", f"no table of net migrants for the place {code}")
    whole = sum(sum(values) for values in yearly(found[1]).values())
    out = {key: {year: round(value / whole, 4) for year, value in path.items()} for key, path in net.items()}
    if whole < 0.0:
        out["low"], out["high"] = out["high"], out["low"]
    if min(out["low"].values()) < _KEPT[0] or max(out["high"].values()) > _KEPT[1]:
        raise ValueError(
            f"普查得出的年净迁移 {whole:,.0f} 人，与所给序列相差过大：请写 net 和年龄分布，不写 place",
            f"the censuses say {whole:,.0f} net migrants a year, too far from the series: leave `place` out and give "
            "`net` with a profile",
        )
    return out


METHOD = Method(
    Text("净迁移：一阶自回归", "net migration: autoregression"),
    {"balance": ("year", "population", "births", "deaths")},
    Options,
    make,
)
