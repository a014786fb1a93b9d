"""What a method of fitting is: the tables it asks for, its options, the function that fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydantic import BaseModel

from demo_sim.fit.observed import Observed
from demo_sim.plot.panel import Panel
from demo_sim.wording import Text

Tell = Callable[[Text], None]
DRAWS = 20_000  # paths that a band is read from
# Words for what methods find; in a block stands the name before them.
_NAMES = {
    "drift": "每年变化", "sigma": "每年波动的标准差", "persistence": "延续到下一年的比例", "level": "长期水平",
    "spread": "一年波动的标准差", "damping": "每年保留的趋势", "closure": "年关停率", "tfr": "总和生育率",
    "mean_age": "平均生育年龄", "location": "众数年龄", "start": "起始年龄", "sd": "年龄标准差",
    "standard deviation of a group, log": "一个年龄组的标准差（对数）",
    "root mean square of the log ratio of spreads": "标准差之比的对数的均方根",
    "deviance": "偏差", "unexplained share of variance": "未解释的方差比重",
    "root mean square error of shares": "各龄比重的均方根误差", "standard deviation of a year": "一年波动的标准差",
    "sigma of a year, log rate": "每年波动的标准差（对数率）", "sigma of a year, persons": "每年波动的标准差（人）",
    "sigma of yearly change, logit": "每年变化的标准差（logit）",
}  # fmt: skip


def named_series(key: str, lang: str) -> str:
    """Name of what a method found, in Chinese with its words where there are any."""
    base, _, years = key.partition("_2")
    words = _NAMES.get(key) or _NAMES.get(base)
    if lang == "en" or words is None:
        return key
    return f"{words}（{key}）" if years or key.isidentifier() else words


@dataclass(frozen=True)
class Ask:
    """What a method is given: tables, options, random numbers, and whom to tell how far it is."""

    tables: Mapping[str, Observed]
    options: Any
    rng: np.random.Generator
    tell: Tell


@dataclass(frozen=True)
class Ahead:
    """A forecast: value and the quantiles 0.025, 0.1, 0.9, 0.975 by year; (quantile, year)."""

    years: np.ndarray
    value: np.ndarray
    quantiles: np.ndarray


@dataclass
class Outcome:
    """What a method has found.

    Attributes
    ----------
    parameters : by name: value and standard error (None where it has none)
    loss : name and value of what was made least
    gives : entries of the scenario's block, `source` and `status` left to the block
    files : tables to be written beside the block, by ending
    panels : charts of the fit
    notes : what a reader should know
    ahead : forecasts by series, where the method makes any
    seen : what was observed of the same series, by year
    """

    parameters: dict[str, tuple[float, float | None]]
    loss: tuple[str, float]
    gives: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)
    panels: list[Panel] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    ahead: dict[str, Ahead] = field(default_factory=dict)
    seen: dict[str, dict[int, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Method:
    """A way of fitting.

    Attributes
    ----------
    title : in both languages
    tables : columns of each observed table that it asks for
    options : model of its options
    make : the function; it raises ValueError with words where the data do not allow the fit
    optional : tables that may be left out
    """

    title: Text
    tables: Mapping[str, tuple[str, ...]]
    options: type[BaseModel]
    make: Callable[[Ask], Outcome]
    optional: frozenset[str] = frozenset()


def yearly_series(years: np.ndarray, values: np.ndarray, digits: int) -> dict[int, float]:
    """A yearly series as a scenario writes it."""
    return {int(year): round(float(value), digits) for year, value in zip(years, values, strict=True)}


def path_with_band(
    years: np.ndarray, value: np.ndarray, low: np.ndarray, high: np.ndarray, digits: int
) -> dict[str, Any]:
    """A path with its band as a scenario writes it."""
    return {name: yearly_series(years, of, digits) for name, of in (("value", value), ("low", low), ("high", high))}


def forecast(years: np.ndarray, value: np.ndarray, paths: np.ndarray) -> Ahead:
    """Forecast of a value and drawn paths; (year, draw)."""
    return Ahead(years, value, np.quantile(paths, [0.025, 0.1, 0.9, 0.975], axis=-1))


def dated_values(years: np.ndarray, values: np.ndarray) -> dict[int, float]:
    """Values by year."""
    return {int(year): float(value) for year, value in zip(years, values, strict=True)}
