"""The keys of a scenario file that families are made from: the past behind the base population, and unions."""

from __future__ import annotations

from typing import Annotated

from demo_sim.scenario.block import SHARE, MayBe, SettingsBlock
from demo_sim.scenario.fields import Numeric, TableFile, described
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import Quantity
from demo_sim.scenario.values import ValueReader

_TOGETHER = "history.move_together"


class History(SettingsBlock):
    """The past back to about 1950, from which the kin of the base population are made."""

    fertility: Annotated[str, TableFile("schedule")] = described(
        "历年生育年龄模式：year、age、asfr", "past age patterns of fertility: year, age, asfr", ...
    )
    mortality: Annotated[str, TableFile("standard")] = described(
        "历年死亡率：year、sex、age、mx", "past death rates: year, sex, age, mx", ...
    )
    open_parity_mean: Annotated[Quantity, Numeric("children", 3.0, 12.0, ("cohort",))] = described(
        "生育四孩及以上母亲的平均子女数", "mean children of mothers of four and more", ...
    )
    absent: Annotated[Quantity, Numeric("persons", 0.0, None, ("year",))] = described(
        "户籍在本地、居住在外地的人数", "registered people living outside the region", ...
    )
    absent_by_age: Annotated[Quantity, Numeric(*SHARE, keys=("year", "sex", "age"))] = described(
        "上述人口的年龄性别分布", "their distribution by age and sex", ...
    )
    place_odds: Annotated[MayBe, Numeric("odds ratio", 1.0, 1e4, ("name",))] = described(
        "亲属居住在同一地的优势比（child 未满18周岁子女与母亲，adult 成年子女与母亲，couple 夫妻）；"
        "不写则由首年的迁移推得",
        "odds that kin live in the same place (child: below 18 with the mother, adult: grown child, couple); "
        "where the moves of the first year lead if left out",
    )
    move_together: Annotated[MayBe, Numeric(*SHARE, keys=("name",))] = described(
        "一家人一起行动的概率（move 为迁移和返乡，reclass 为城乡划分调整）；0 为各自行动，1 为总是一起；"
        "不写用参数库 kin.move_together",
        "chance that a household acts as one (move: moves and returns, reclass: when re-coded); 0 never, 1 always; "
        "register row kin.move_together if left out",
    )


def take_together(root: Node, values: ValueReader) -> None:
    """Take from the register how often households act as one, where `history` leaves it out."""
    history = root.map.get("history")
    if history is not None and history.is_map and _TOGETHER not in values.quantities:
        values.assume(_TOGETHER, "kin.move_together", history.where)


class Unions(SettingsBlock):
    """Marriage, divorce, remarriage: the base population and the years to come."""

    ever_married: Annotated[Quantity, Numeric(*SHARE, keys=("year", "sex", "age"))] = described(
        "分年龄曾婚比例", "ever-married share by age", ...
    )
    divorced: Annotated[Quantity, Numeric(*SHARE, keys=("year", "sex", "age"))] = described(
        "离婚状态占比", "share currently divorced", ...
    )
    age_gap: Annotated[Quantity, Numeric("years", -10.0, 20.0, ("cohort", "name"))] = described(
        "夫妻年龄差（夫减妻；name 为 mean、sd）", "husband minus wife in years (name: mean, sd)", ...
    )
    first_marriage: Annotated[Quantity, Numeric("years", 0.0, 60.0, ("year", "sex", "name"))] = described(
        "平均初婚年龄（name 为 mean_age）与离散度（sd）", "mean age at first marriage (name mean_age), and sd", ...
    )
    final_ever_married: Annotated[Quantity, Numeric(*SHARE, keys=("year", "cohort", "sex"))] = described(
        "分队列50岁时曾婚比例", "ever-married share at 50 by cohort", ...
    )
    dissolution: Annotated[Quantity, Numeric("per year", 0.0, 1.0, ("age", "sex", "name"))] = described(
        "年离婚率与再婚率（name 为 divorce、remarriage）", "yearly divorces and remarriages (name)", ...
    )
    father_unknown: Annotated[Quantity, Numeric(*SHARE, keys=())] = described(
        "父亲不明的出生占比", "share of births with unknown father", ...
    )
