"""The `conditions` block: shares of people that become states with an onset, such as dementia."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from demo_sim.scenario.block import SHARE, MayBe, SettingsBlock
from demo_sim.scenario.fields import Numeric, described
from demo_sim.scenario.messages import Problems, listed, nearest
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import Quantity


class HealthCondition(SettingsBlock):
    """A share of older people that is followed as a state: who has it dies sooner, others get it, some recover.

    Every rule that reads the share then reads what has become of it. At the opening it is as stated; what is stated
    also says how many get it at each age.
    """

    prevalence: str = described(
        "患病率的路径，按60岁起的年龄组；引用它的人群改用逐年推算的患病率",
        "path of the share by age from 60; groups that read it get what it becomes year by year",
        ...,
    )
    mortality_ratio: Annotated[Quantity, Numeric("ratio", 0.1, 50.0, ())] = described(
        "患者与其他人的死亡率之比", "mortality of those who have it over that of others", ...
    )
    sex_ratio: Annotated[MayBe, Numeric("odds ratio", 0.1, 10.0, ())] = described(
        "女性与男性患病的优势比；不写为相同", "odds of women over those of men; the same for both if left out"
    )
    remission: Annotated[MayBe, Numeric(*SHARE, keys=())] = described(
        "每年痊愈的比例；不写为不痊愈", "share that recovers in a year; nobody if left out"
    )


def check_conditions(
    conditions: Mapping[str, HealthCondition], root: Node, quantities: Mapping[str, Quantity], problems: Problems
) -> None:
    """Note shares that are not there or have no ages, and one share in two conditions.

    Parameters
    ----------
    quantities : of the scenario, by dotted path
    """
    taken: dict[str, str] = {}
    for name, condition in conditions.items():
        given = condition.prevalence
        where = root.map["conditions"].map[name].find(("prevalence",)).where
        if given not in quantities:
            by_age = [path for path, quantity in quantities.items() if all(row.age for row in quantity.rows)]
            problems.add(where, "unknown_path", given=given, near=nearest(given, by_age), allowed=listed(by_age))
        elif not all(row.age for row in quantities[given].rows):
            problems.add(where, "condition_by_age", given=given)
        if given in taken:
            problems.add(where, "condition_twice", given=given, allowed=taken[given])
        taken[given] = name
