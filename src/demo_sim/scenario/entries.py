"""Catalogue entries as frozen models: populations, resources, indicators, plans."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from demo_sim.scenario.fields import Frozen, Label, described
from demo_sim.vocab import LISTED

NeedKind = Literal["observed", "normative", "potential"]
Subject = Literal[
    "population", "older", "beds", "staff", "community", "children", "disability", "assistance", "burial", "other"
]
TargetKind = Literal["numeric", "full_coverage", "relational", "boolean", "directional"]
FunctionLevel = Literal["intact", "mild", "moderate", "severe", "total"]
Parent = Literal["here", "elsewhere", "away", "dead", "unknown"]
Partner = Literal["never", "lost", "here", "elsewhere", "away"]
Children = Literal["none", "here", "elsewhere", "away"]
Grandchild = Literal["none", "without_parents"]
ChildrenBorn = Literal["0", "1", "2+"]


def _as_factor(value: Any) -> Any:
    return {"of": value} if isinstance(value, str) else value


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _as_words(value: Any) -> Any:
    """One word or several; the numbers of children are words too."""
    items = value if isinstance(value, list | tuple) else (value,)
    return tuple(str(item) if type(item) is int else item for item in items)


class FactorSpec(Frozen):
    """A quantity of the scenario that enters a rule, by its dotted path.

    Written as the path alone, or with the key it is read at.
    """

    of: str = Field(min_length=1, description="dotted path of the quantity")
    name: str = Field(default="", description="key `name` of the rows to read")
    level: str = Field(default="", description="functional level of the rows to read")
    age: str = Field(default="", description="age group of the rows to read")
    complement: bool = Field(default=False, description="take one minus the share")


Factor = Annotated[FactorSpec, BeforeValidator(_as_factor)]


def _as_factors(value: Any) -> Any:
    return (value,) if isinstance(value, str | dict) else value


Factors = Annotated[tuple[Factor, ...], BeforeValidator(_as_factors)]


class KinCondition(Frozen):
    """Where relatives are; any of the words of a key holds, and all keys that are written hold.

    Father and mother are known below 18, partner, children and grandchild from 18. `here` is the same residence, urban
    or rural, `elsewhere` the other one, `away` outside the region; a grandchild `without_parents` is below 18, in the
    same residence, and both parents are not.
    """

    father: Annotated[tuple[Parent, ...], BeforeValidator(_as_words)] = described(
        "未满18周岁者的父亲在哪里", "where the father of a person below 18 is", ()
    )
    mother: Annotated[tuple[Parent, ...], BeforeValidator(_as_words)] = described(
        "未满18周岁者的母亲在哪里", "where the mother of a person below 18 is", ()
    )
    partner: Annotated[tuple[Partner, ...], BeforeValidator(_as_words)] = described(
        "18周岁以上者的配偶：从未结婚、已失去、在何处", "spouse from 18 on: never married, lost, or where", ()
    )
    children: Annotated[tuple[Children, ...], BeforeValidator(_as_words)] = described(
        "离得最近的健在子女在哪里", "where the nearest living child is", ()
    )
    children_born: Annotated[tuple[ChildrenBorn, ...], BeforeValidator(_as_words)] = described(
        "曾生子女数", "children ever born", ()
    )
    grandchild: Annotated[tuple[Grandchild, ...], BeforeValidator(_as_words)] = described(
        "有无父母都不在同一地的未成年孙辈",
        "whether there is a grandchild below 18 in the same place whose parents are both elsewhere",
        (),
    )


class Where(Frozen):
    """Which cells of the population are counted; a key left out takes all."""

    age: str = Field(default="", pattern=r"^(\d{1,3}(-\d{1,3}|\+)?)?$", description="37, 60-69 or 80+")
    sex: Literal["", "male", "female"] = ""
    residence: Literal["", "urban", "rural"] = ""
    function: Annotated[tuple[FunctionLevel, ...], BeforeValidator(_as_tuple)] = ()
    below: Factor | None = Field(default=None, description="a dated age limit; those below it are counted")
    registered: Literal["", "rural"] = Field(
        default="", description="registered as rural: all rural residents and a share of the urban ones; nobody away"
    )
    kin: KinCondition | None = Field(default=None, description="where relatives are")
    any: tuple[KinCondition, ...] = Field(default=(), description="alternatives of relatives, one of which holds")

    @property
    def asks_kin(self) -> bool:
        """Whether relatives decide."""
        return self.kin is not None or bool(self.any)


class Growth(Frozen):
    """Yearly growth of a count: at `rate`, from the year-end `since` to `until`."""

    rate: Factor
    since: int = Field(ge=1900, le=2200)
    until: int | None = Field(None, ge=1900, le=2200)


class Rule(Frozen):
    """How a number is counted: cells, times shares, over ratios, scaled to a level, grown."""

    where: Where = Where()
    times: Factors = ()
    over: Factors = ()
    of: str = Field("", description="id of a group to count within, in place of the whole population")
    within: tuple[str, ...] = Field((), description="ids of groups that the people also belong to")
    without: tuple[str, ...] = Field((), description="ids of groups that the people do not belong to")
    level: Factors = Field(
        (), description="total that the count is calibrated to: the product of these; or the share that it is"
    )
    per: float = Field(1, gt=0, description="the shares are per so many persons")
    grow: Growth | None = None
    units: Factor | None = Field(None, description="a count of units, in place of persons")


_SUBJECT: Any = Field("other", description="what it stands under in tables, charts and reports, which go by subject")
_RANK: Any = Field(50, ge=0, description="place within its subject, the lowest first")
_DETAIL: Any = Field(False, description="a part or check of others: in the tables and the annex, not in the chapter")


class PublishedShare(Frozen):
    """What was published of a wider place, to be seen beside the run."""

    year: int = described("年末", "year-end", ...)
    share: float = described("公布的占比，0至1", "share as published, 0 to 1", ..., ge=0.0, le=1.0)
    of: str = described("占哪个人群", "group of which it is a share", ...)
    source: str = described("发布者", "who published it", ..., min_length=1)


class GroupDefinition(Rule):
    """A group of people."""

    id: str
    label: Label
    unit: str = "persons"
    subject: Subject = _SUBJECT
    rank: int = _RANK
    detail: bool = _DETAIL
    base: Literal["resident", "hukou"] = "resident"
    rule: Label = Field(description="the rule in words")
    sum: dict[str, float] = Field(default_factory=dict, description="weights of groups that it is the sum of")
    union: tuple[str | Rule, ...] = Field((), description="groups or rules that it unites, each person once")
    match: Factor | None = Field(None, description="share, by age, of all people of the cells that it is fitted to")
    one_of: str = Field("", description="name of a set of groups that exclude each other, fitted together")
    without_kin: Rule | None = Field(None, description="the rule of a run that does not know who is related to whom")
    beside: tuple[PublishedShare, ...] = described(
        "全国等更大范围公布的占比，列在核对表中，不参与计算",
        "shares published of the nation or another wider place, shown in kin_check.csv; nothing is fitted to them",
        (),
    )

    @property
    def asks_kin(self) -> bool:
        """Whether its own rule, or one that it unites, asks for relatives."""
        return self.where.asks_kin or any(isinstance(item, Rule) and item.where.asks_kin for item in self.union)


class Resource(Frozen):
    """Something that people need and the region has, with its rules of need."""

    id: str
    label: Label
    unit: str
    subject: Subject = _SUBJECT
    rank: int = _RANK
    detail: bool = _DETAIL
    supply: str = Field("", description="name of the series under `supply` in the scenario")
    needs: dict[NeedKind, Rule] = Field(default_factory=dict)


WayName = Literal["hire", "certify", "convert", "build", "sign", "admit", "complete"]


class Way(Frozen):
    """How an indicator is brought to its target: what has to be added to its numerator."""

    way: WayName
    both: bool = Field(False, description="what is added enters the denominator too, as a new bed does")
    cost: str = Field("", description="path of the cost of one, in yuan")
    yearly: bool = Field(False, description="the cost recurs every year, as a post's does")


def _as_way(value: Any) -> Any:
    return {"way": value} if isinstance(value, str) else value


Department = Literal[
    "elder_care",
    "children",
    "assistance",
    "disabled",
    "health",
    "community",
    "funeral",
    "organisations",
    "social_work",
    "social_affairs",
    "lottery",
    "planning",
]


class Indicator(Frozen):
    """A figure that plans set targets for, formed of series of the run."""

    id: str
    label: Label
    unit: str
    kind: Literal["ratio", "level", "growth", "cumulative", "coverage", "units", "years_of_capacity", "margin"]
    numerator: str = Field("", description="series, or path of a quantity")
    denominator: str = ""
    per: float = Field(1, gt=0)
    absolute: bool = Field(False, description="growth in numbers, in place of a share of the year before")
    coverage: str = Field("", description="path of the share covered, a figure of the office")
    of: str = Field("", description="series: who or what is to be covered, or what the figure is set against")
    units: Factor | None = Field(None, description="how many units there are, in place of a series")
    times: Factors = Field((), description="shares of the denominator that count")
    minuend: Factors = ()
    subtrahend: Factors = ()
    reading: str = "indicator"
    definition: Label
    whole_else: str = Field(
        "", description="series taken for the denominator in the answers of a place whose stock is not known"
    )
    department: Department | None = Field(None, description="department of the office that knows its figures")
    rate_else: str = Field(
        "", description="path of a rate, in the indicator's unit, that stands for it where the stock is not known"
    )
    takes: tuple[Annotated[Way, BeforeValidator(_as_way)], ...] = Field(
        (), description="ways to close a gap, for the table of answers"
    )


class Baseline(Frozen):
    """What the plan prints as reached before it begins, for the figure that a target is set for."""

    value: float
    year: int = Field(ge=1900, le=2200)
    quote: str = Field("", max_length=60)
    line: int | None = Field(None, ge=1)


class Target(Frozen):
    """One target of a plan, with the words it rests on."""

    id: str
    kind: TargetKind = "numeric"
    table: int = Field(1, ge=1, description="which table of the plan table_no counts in")
    table_no: int | None = None
    label: Label
    indicator: str
    also: tuple[str, ...] = Field(
        (), description="ids of indicators that read the plan's words another way, each in a row of its own"
    )
    operator: Literal[">=", "<=", "==", "~"]
    value: float | None = Field(None, description="None for a direction without a number")
    unit: str
    year: int = Field(ge=1900, le=2200)
    people: Literal["yes", "part", "no"] = Field("no", description="whether the number of people moves it")
    attribute: Literal["binding", "expected", "unstated"] = "unstated"
    timing: Literal["year_end", "annual", "cumulative", "from"] = "year_end"
    strict: bool = False
    plan: str = Field("", description="document, in a set of several")
    quote: str = Field("", max_length=60)
    document: str = ""
    line: int | None = None
    baseline: Baseline | None = None
    department: Department | None = Field(
        None, description="department of the office that knows the figure; that of the indicator if left out"
    )
    note: Label | None = Field(None, description="how an ambiguity of the words was settled")

    @property
    def scored(self) -> bool:
        """Whether a verdict is asked for: a deliverable or a direction is listed only."""
        return self.kind not in LISTED

    @property
    def goal(self) -> float:
        """Number that decides; NaN for a direction without one."""
        return float("nan") if self.value is None else self.value


class Figure(Frozen):
    """A figure that a check is made with: the plan's, with its words, or one of the register."""

    value: float | None = None
    unit: str = ""
    label: Label
    quote: str = Field("", max_length=60)
    line: int | None = None
    assume: str = Field("", description="id in the register of assumptions, in place of a value")
    region: str = Field("", description="region of the register row, or the code of a place")
    year: int | None = None
    name: str = Field("", description="key `name` of the register row")
    age: str = Field("", description="key `age` of the register row")


class Check(Frozen):
    """Two expressions of figures that ought to agree, or to stand in an order."""

    id: str
    title: Label
    figures: dict[str, Figure] = Field(min_length=1)
    left: str = Field(min_length=1, description="expression of the figures: + - * / ** and brackets")
    right: str = Field(min_length=1)
    relation: Literal["==", "<=", ">="] = "=="
    tolerance: float = Field(0.02, ge=0, description="share of the right side within which both agree")
    unit: str
    left_label: Label
    right_label: Label
    note: Label = Field(description="what a difference means")


class Definition(Frozen):
    """A definition of functional ability: the survey that counts, its words, and the rows of the register it sets."""

    id: str
    label: Label
    sets: dict[str, str] = Field(min_length=1, description="path of a setting: id of the register rows it takes")


class Plan(Frozen):
    """A plan document, its targets, and checks of its figures against each other and the census."""

    id: str
    title: Label
    document: Label
    publisher: str
    reference: bool = Field(
        False, description="targets that others have set: a table of its own, never part of a plan's count"
    )
    targets: tuple[Target, ...] = Field(min_length=1)
    checks: tuple[Check, ...] = ()
