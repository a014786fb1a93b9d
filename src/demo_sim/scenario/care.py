"""The `placement` block: who asks for a place in a home, how many places there are, who comes first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator

from demo_sim.scenario.entries import FunctionLevel, KinCondition
from demo_sim.scenario.fields import Frozen, Label, described
from demo_sim.scenario.messages import Problems, listed, nearest
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import Quantity

MOST_CLASSES = 20
MOST_SERVICES = 4  # the random words of one block serve them
KIN_FACTORS = ("no_spouse_or_child", "spouse_alive")


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Levels = Annotated[tuple[FunctionLevel, ...], BeforeValidator(_as_tuple)]
Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class Institution(Frozen):
    """Places in homes: who asks, and what there is."""

    use: str = described(
        "入住意愿或使用率的路径，可按能力等级和城乡区分",
        "path of the share that asks for a place, by level and residence as far as its rows differ",
        ...,
    )
    kin: str = described(
        "家庭状况系数的路径：no_spouse_or_child、spouse_alive",
        "path of the factors by kin: no_spouse_or_child, spouse_alive; rescaled so that the mean stays",
        "",
    )
    beds: str = described("供给中床位的名称", "name of the beds under `supply`", ...)
    occupancy: str = described(
        "可住满的床位比例的路径；不写为全部", "path of the share of the beds that can be filled; all if left out", ""
    )


class Service(Frozen):
    """A service at home or in the community."""

    use: str = described("使用率的路径", "path of the share of people at home who use it", ...)
    function: Levels = described("限于哪些能力等级", "levels that it is for; all if left out", ())
    supply: str = described(
        "供给中名额的名称；不写为不限", "name of its places under `supply`; unlimited if left out", ""
    )


class Attribute(Frozen):
    """Membership in a group of the catalogue, drawn once for each person from the chance that the group gives."""

    group: str = described("人群的编号", "id of the group", ...)
    function: Levels = described(
        "成员都属于哪些能力等级；不写则与能力无关",
        "levels that all members have; left out, level says nothing of it",
        (),
    )


class Condition(Frozen):
    """People who meet all of these; a key left out takes all."""

    function: Levels = described("能力等级", "functional levels", ())
    age: str = described("年龄：60-69 或 80+", "ages: 60-69 or 80+", "", pattern=r"^(\d{1,3}(-\d{1,3}|\+)?)?$")
    sex: Literal["", "male", "female"] = described("性别", "sex", "")
    residence: Literal["", "urban", "rural"] = described("城乡", "residence", "")
    kin: KinCondition | None = described(
        "亲属状况；不推算亲属的运行中无人满足",
        "where relatives are; nobody meets it in a run that does not follow them",
    )
    attributes: Names = described("须同时具有的属性", "attributes, all of which it takes", ())


class PriorityClass(Frozen):
    """People who come before the classes below."""

    id: str = described(
        "类别编号，小写字母、数字、下划线", "name of the class: a-z, 0-9 and _", ..., pattern=r"^[a-z][a-z0-9_]*$"
    )
    label: Label = described("类别名称", "label in both languages", ...)
    any: tuple[Condition, ...] = described(
        "满足其一即可的条件", "conditions, one of which is enough", ..., min_length=1
    )
    quote: str = described("规划原文", "words of the plan", "", max_length=60)
    document: str = described("原文所在文件", "document that they stand in", "")
    line: int | None = described("原文所在行", "line of the document")


class Placement(Frozen):
    """Care setting of older persons: at home, with services in the community, in a home, on the list for one."""

    institution: Institution = described("养老机构", "homes", ...)
    community: dict[str, Service] = described("居家社区服务", "services at home and in the community", {})
    attributes: dict[str, Attribute] = described("轮候次序用到的人群", "groups that priority asks for, by a name", {})
    priority: tuple[PriorityClass, ...] = described(
        "轮候次序，先列者优先；其余的人排在最后",
        "classes in the order in which they are admitted; everybody else comes last",
        (),
        max_length=MOST_CLASSES,
    )


def check_placement(
    placement: Placement,
    root: Node,
    quantities: Mapping[str, Quantity],
    supply: dict[str, str],
    groups: list[str],
    has_levels: bool,
    problems: Problems,
) -> None:
    """What the block names exists: quantities, stocks, groups, attributes.

    Parameters
    ----------
    quantities : of the scenario, by dotted path
    supply : kind of each stock
    groups : ids of the populations of the catalogue
    has_levels : whether the scenario has functional ability
    """
    here, paths = root.map["placement"], [*quantities]

    def want(steps: tuple[str | int, ...], given: str, known: list[str], key: str) -> None:
        if given and given not in known:
            near = nearest(given, known)
            problems.add(here.find(steps).where, key, given=given, near=near, allowed=listed(known))

    home = placement.institution
    for key in ("use", "kin", "occupancy"):
        want(("institution", key), getattr(home, key), paths, "unknown_path")
    if home.kin in quantities and not {row.name for row in quantities[home.kin].rows} >= set(KIN_FACTORS):
        problems.add(here.find(("institution", "kin")).where, "kin_names", allowed=listed(KIN_FACTORS))
    want(("institution", "beds"), home.beds, list(supply), "unknown_stock")
    stocks: list[tuple[tuple[str, ...], str]] = [(("institution", "beds"), home.beds)]
    stocks += [(("community", name, "supply"), service.supply) for name, service in placement.community.items()]
    for steps, name in stocks:
        if supply.get(name, "beds") not in ("beds", "stock"):
            problems.add(here.find(steps).where, "no_places", given=name, kind=supply[name])
    if len(placement.community) > MOST_SERVICES:
        problems.add(here.find(("community",)).where, "too_many", given=len(placement.community), allowed=MOST_SERVICES)
    for name, service in placement.community.items():
        want(("community", name, "use"), service.use, paths, "unknown_path")
        want(("community", name, "supply"), service.supply, list(supply), "unknown_stock")
        if service.function and not has_levels:
            problems.add(here.find(("community", name, "function")).where, "no_levels")
    for name, attribute in placement.attributes.items():
        want(("attributes", name, "group"), attribute.group, groups, "unknown_group")
        if attribute.function and not has_levels:
            problems.add(here.find(("attributes", name, "function")).where, "no_levels")
    seen: set[str] = set()
    for i, group in enumerate(placement.priority):
        if group.id in seen or group.id == "others":
            problems.add(here.find(("priority", i, "id")).where, "class_twice", given=group.id)
        seen.add(group.id)
        for j, condition in enumerate(group.any):
            place: tuple[str | int, ...] = ("priority", i, "any", j)
            for k, name in enumerate(condition.attributes):
                want((*place, "attributes", k), name, list(placement.attributes), "unknown_attribute")
            if condition.function and not has_levels:
                problems.add(here.find((*place, "function")).where, "no_levels")
            if condition.kin is not None and (condition.kin.father or condition.kin.mother):
                problems.add(here.find((*place, "kin")).where, "parents_of_old")
