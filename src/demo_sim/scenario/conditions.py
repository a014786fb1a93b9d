"""The `conditions` block: shares of people that become states with an onset, such as dementia."""

from __future__ import annotations

from collections.abc import Mapping

from demo_sim.scenario.fields import Frozen, described
from demo_sim.scenario.messages import Problems, listed, nearest
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import Quantity


class HealthCondition(Frozen):
    """A share of older people that is followed as a state: who has it dies sooner, others get it, some recover.

    Every rule that reads the share then reads what has become of it. At the opening it is as stated; what is stated
    also says how many get it at each age.
    """

    prevalence: str = described(
        "患病率的路径，按60岁起的年龄组；引用它的人群改用逐年推算的患病率",
        "path of the share by age from 60; groups that read it get what it becomes year by year",
        ...,
    )
    mortality_ratio: str = described(
        "患者与其他人的死亡率之比的路径", "path of the mortality of those who have it over that of others", ...
    )
    sex_ratio: str = described(
        "女性与男性患病优势比的路径；不写为相同",
        "path of the odds of women over those of men; the same for both if left out",
        "",
    )
    remission: str = described(
        "每年痊愈比例的路径；不写为不痊愈", "path of the share that recovers in a year; nobody if left out", ""
    )


def check_conditions(
    conditions: Mapping[str, HealthCondition], root: Node, quantities: Mapping[str, Quantity], problems: Problems
) -> None:
    """Note paths that lead nowhere, shares that have no ages, and one share in two conditions.

    Parameters
    ----------
    quantities : of the scenario, by dotted path
    """
    taken: dict[str, str] = {}
    for name, condition in conditions.items():
        here = root.map["conditions"].map[name]
        for key in ("prevalence", "mortality_ratio", "sex_ratio", "remission"):
            path = getattr(condition, key)
            if path and path not in quantities:
                where = here.find((key,)).where
                problems.add(
                    where, "unknown_path", given=path, near=nearest(path, quantities), allowed=listed([*quantities])
                )
        share = quantities.get(condition.prevalence)
        if share is not None and not all(row.age for row in share.rows):
            problems.add(here.find(("prevalence",)).where, "condition_by_age", given=condition.prevalence)
        if condition.prevalence in taken:
            where = here.find(("prevalence",)).where
            problems.add(
                where, "condition_twice", given=condition.prevalence, allowed=listed([taken[condition.prevalence]])
            )
        taken[condition.prevalence] = name
