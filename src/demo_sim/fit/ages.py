"""Error of the ages of a census: how far survivors of one decade differ from those of the next beyond a smooth change.

The people of a group ten years on over those of the group now hold the errors of two counts; such a ratio of one
decade over that of the decade before holds those of four. What is left of the log of it after a smooth curve over age
(mortality falls, migration turns) is twice the error of one.
"""

from __future__ import annotations

import numpy as np

from demo_sim.fit.method import Ask, Method, Outcome
from demo_sim.plot.panel import Line, Panel
from demo_sim.scenario.fields import Frozen, described
from demo_sim.scenario.process import AGE_GROUPS
from demo_sim.wording import Text

_STEP = 10  # years between censuses
_FIVE = 5
_ERRORS = 4.0  # counts in the ratio of two ratios, each with an error of its own
_Z90 = 1.2815515655446004


class Options(Frozen):
    """Options of the method."""

    first: int = described(
        "起始年龄组（较早普查时）", "first age used, at the earlier census of a decade", 5, ge=0, le=60
    )
    last: int = described("最后年龄组的起点", "lowest age of the last group used", 60, ge=20, le=80)
    degree: int = described("年龄曲线的次数", "degree of the curve over age", 2, ge=1, le=4)


def make(ask: Ask) -> Outcome:
    """Standard deviation of the log of a five-year group, as bands of all groups."""
    o, table = ask.options, ask.tables["counts"]
    censuses = np.unique(table["year"])
    if censuses.size != 3 or (np.diff(censuses) != _STEP).any():
        raise ValueError("须有相隔十年的三次普查", "three censuses ten years apart are needed")
    ages = np.arange(o.first, o.last + 1, _FIVE)
    lines, left, freedom = [], [], 0
    for sex in ("male", "female"):
        grid, found, years = table.of(sex=sex).grid("population")
        wanted = np.concatenate([ages, ages + _STEP])
        if not np.isin(wanted, found).all() or np.isnan(grid[np.isin(found, wanted)]).any() or years.size != 3:
            raise ValueError("每个性别、年龄组须有三次普查的人数", "each sex and five-year age needs all three counts")
        then, later = np.searchsorted(found, ages), np.searchsorted(found, ages + _STEP)
        change = np.log(grid[later, 2] / grid[then, 1]) - np.log(grid[later, 1] / grid[then, 0])
        rest = change - np.polyval(np.polyfit(ages, change, o.degree), ages)
        left.append(rest)
        freedom += ages.size - o.degree - 1
        label = Text({"male": "男", "female": "女"}[sex], {"male": "men", "female": "women"}[sex])
        lines.append(Line(label, ages, rest))
    if freedom < 5:
        raise ValueError("年龄组太少", "too few age groups")
    sd = float(np.sqrt((np.concatenate(left) ** 2).sum() / freedom / _ERRORS))
    half = round(_Z90 * sd, 5)
    gives = {"value": dict.fromkeys(AGE_GROUPS, 0), "low": dict.fromkeys(AGE_GROUPS, -half),
             "high": dict.fromkeys(AGE_GROUPS, half)}  # fmt: skip
    return Outcome(
        {"sd": (sd, sd / float(np.sqrt(2.0 * freedom)))},
        ("standard deviation of a group, log", sd),
        {"age_error": gives},
        panels=[
            Panel(
                Text("两个十年存活比之比，扣除光滑曲线", "Survivors of a decade over those before, less a curve"),
                Text("较早普查时的年龄", "age at the earlier census"), Text("对数", "log"), points=tuple(lines),
            )
        ],
    )  # fmt: skip


METHOD = Method(
    Text("普查年龄误差", "error of the ages of a census"),
    {"counts": ("year", "sex", "age", "population")},
    Options,
    make,
)
