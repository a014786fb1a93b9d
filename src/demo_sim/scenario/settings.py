"""The keys of a scenario file: one frozen model a block, the manual entry under each field.

A field marked `Numeric` is a number that may differ by keys; it is kept in
`Scenario.quantities` under its dotted path, and the model holds the same `Quantity`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from demo_sim.scenario.ability import Function
from demo_sim.scenario.block import (
    SHARE,
    YEARLY,
    AnyNumber,
    MayBe,
    Name,
    OfOffice,
    SettingsBlock,
    Share,
    TableBlock,
    YearlyShare,
)
from demo_sim.scenario.care import Placement
from demo_sim.scenario.conditions import HealthCondition
from demo_sim.scenario.fields import Frozen, Numeric, TableFile, described
from demo_sim.scenario.kin import History, Unions
from demo_sim.scenario.supply_kinds import Supply


def _iso_date(value: Any) -> Any:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise PydanticCustomError("want_date", "not a date") from None


IsoDate = Annotated[date, BeforeValidator(_iso_date)]


class Region(Frozen):
    """What region is projected."""

    code: str = described("行政区划代码，加引号", "division code, in quotes", "")
    concept: Literal["resident", "hukou"] = described(
        "基期人口的口径：resident 常住，hukou 户籍", "concept of the base population", "resident"
    )
    # The plain name would shadow a method of pydantic's class of classes.
    register_name: str = described(
        "参数库中的地区名", "name of the region in the assumptions register", "", alias="register"
    )


class Period(Frozen):
    """What years are projected."""

    base: IsoDate = described("基期人口的日期", "date of the base population", ...)
    start: int = described("预测的第一年", "first projected year", ..., ge=1900, le=2200)
    end: int = described("预测的最后一年", "last projected year", ..., ge=1900, le=2200)


class PopulationBlock(TableBlock):
    """The base population and how it is brought to the grid of single ages."""

    table: Annotated[str | None, TableFile("population")] = described(
        "基期人口表：residence（可选）、sex、age、population",
        "base population: columns residence (optional), sex, age, population",
    )
    from_run: str | None = described(
        "以一次已保存运行的年末人口为起点（代替 table）：结果文件夹，相对于情景文件或当前文件夹",
        "start from a saved run (in place of table): its folder, seen from the scenario file or the current folder",
    )
    year: int | None = described(
        "from_run 中作为起点的年末", "year-end of from_run that is the start", None, ge=1900, le=2200
    )
    template: Annotated[str | None, TableFile("template")] = described(
        "单岁人口表，用于把五岁组拆成单岁", "single ages of another population, to split age groups by"
    )
    births_factor: Annotated[MayBe, Numeric("factor", 0.01, 10.0, keys=("cohort",))] = described(
        "各出生年（如 1959-1961）的人数相对于单岁人口表的倍数；所在年龄组的合计不变",
        "factor on people of some years of birth (such as 1959-1961) of the template; their age group keeps its sum",
    )
    age_error: Annotated[MayBe, Numeric("log ratio", -1.0, 1.0, ("name",))] = described(
        "普查各五岁组人数的误差（对数，name 为 age_0、age_5 … age_80），各自抽取，总数不变",
        "error of the counted five-year ages (log; names age_0, age_5 ... age_80), drawn apart; the total stays",
    )
    total: Annotated[MayBe, Numeric("persons", 1.0, 1e10, YEARLY)] = described(
        "本地总人口：表为上级地区时，按它调整", "population of the place, where the table is that of a larger area"
    )
    age_share: Annotated[MayBe, Numeric(*SHARE, keys=("year", "age"))] = described(
        "本地大年龄组占比，可以互相包含（60+、65+）",
        "shares of broad age groups in the place; one may lie inside another (60+, 65+)",
    )
    male_share: YearlyShare = described("本地男性占比", "share of men in the place")
    urban_share: YearlyShare = described("年末城镇人口占比", "urban share of the population at year end")
    urban_by_age: Annotated[MayBe, Numeric(*SHARE, keys=("year", "age", "sex"))] = described(
        "分年龄城镇人口占比", "urban share by age"
    )
    tie: Literal["none", "total"] = described(
        "是否把移到年初的人口调整到公布的总数",
        "whether the moved population is tied to a published total",
        "none",
    )
    tie_total: Annotated[MayBe, Numeric("persons", 1.0, 1e10, ("year",))] = described(
        "公布的年末总人口：期初和写明的以后各年都对齐，差额计入当年净迁移",
        "published population at year end: the opening and every later year given are tied to it; the difference is "
        "net migration of the year",
    )


class Mortality(TableBlock):
    """Death rates: a table, or a standard life table with life expectancy."""

    table: Annotated[str | None, TableFile("mortality")] = described(
        "死亡率表：year、residence（可选）、sex、age、mx",
        "death rates: year, residence (optional), sex, age, mx",
    )
    interpolate: bool = described("表中缺少的年份是否内插", "whether missing years are interpolated", False)
    standard: Annotated[str | None, TableFile("standard")] = described(
        "标准生命表的死亡率：year、sex、age、mx", "death rates of the standard: year, sex, age, mx"
    )
    e0: Annotated[MayBe, Numeric("years", 15.0, 110.0, ("year", "sex", "residence"))] = described(
        "出生时平均预期寿命", "life expectancy at birth"
    )
    by_year: Annotated[MayBe, Numeric("", 0.0, 1e7, ("name",))] = described(
        "预期寿命逐年的随机波动：persistence 持续性，spread 年标准差（岁），band 路径自身区间留下的部分（不写为 1）",
        "chance of life expectancy by year: persistence, spread (standard deviation of a year, years of life), and "
        "band (part of the path's own band that is left after the last known year; 1 where it is not written)",
    )
    residence_gap: Annotated[MayBe, Numeric("years", -20.0, 20.0, ("year", "sex"))] = described(
        "农村与城镇预期寿命之差", "rural minus urban life expectancy"
    )
    old_age_tilt: Annotated[MayBe, Numeric("log ratio", -2.0, 2.0, ())] = described(
        "标准生命表75岁以上死亡率的倾斜：100岁处死亡率倍数的对数，预期寿命不变",
        "tilt of the standard above age 75: log of the factor on the death rate at 100, life expectancy unchanged",
    )


class Fertility(TableBlock):
    """Birth rates: a table, or a total fertility rate with age schedules; and the sex ratio at birth."""

    table: Annotated[str | None, TableFile("fertility")] = described(
        "分年龄生育率表：year、residence（可选）、age、asfr",
        "birth rates: year, residence (optional), age, asfr",
    )
    interpolate: bool = described("表中缺少的年份是否内插", "whether missing years are interpolated", False)
    tfr: Annotated[MayBe, Numeric("births per woman", 0.0, 12.0, ("year", "residence"))] = described(
        "总和生育率", "total fertility rate"
    )
    by_year: Annotated[MayBe, Numeric("", 0.0, 1e7, ("name",))] = described(
        "总和生育率逐年的随机波动：persistence 持续性，spread 年标准差（对数），band 同预期寿命",
        "chance of total fertility by year: persistence, spread (standard deviation of a year, on the log), and band "
        "as of life expectancy",
    )
    schedule: Annotated[str | None, TableFile("schedule")] = described(
        "生育年龄模式：year、age、asfr", "age pattern of fertility: year, age, asfr"
    )
    mean_age_shift: Annotated[MayBe, Numeric("years", -10.0, 10.0, ("year", "residence", "name"))] = described(
        "生育年龄模式的平移", "shift of the age pattern"
    )
    srb: Annotated[MayBe, Numeric("ratio", 0.9, 1.3, ("year", "residence"))] = described(
        "出生性别比：男婴数除以女婴数", "male births per female birth"
    )
    urban_births: YearlyShare = described("城镇出生数占比", "share of births to urban residents")
    parity: Annotated[MayBe, Numeric(*SHARE, keys=("year", "cohort", "residence", "name"))] = described(
        "按出生队列的曾生子女数构成（0、1、2、3、4+）", "children ever born by cohort of the mother (0, 1, 2, 3, 4+)"
    )
    parity_factors: Annotated[MayBe, Numeric("factor", 0.0, 10.0, ("name",))] = described(
        "已有子女数对再生育的倍数（0、1、2、3+）", "factors on the next delivery by children born (0, 1, 2, 3+)"
    )
    twins: Annotated[MayBe, Numeric(*SHARE, keys=())] = described(
        "双胞胎占分娩的比例", "share of deliveries that are twins"
    )


class Migration(TableBlock):
    """External migration: a table of persons, or a yearly total with an age profile."""

    kept: Annotated[MayBe, Numeric("ratio", -1.0, 3.0, YEARLY, observed=False)] = described(
        "表中净迁移人数延续的部分", "part of the net migrants of the table that goes on"
    )
    table: Annotated[str | None, TableFile("migration")] = described(
        "净迁移人数表：year、residence（可选）、sex、age、net_migration",
        "net migrants: year, residence (optional), sex, age, net_migration",
    )
    interpolate: bool = described("表中缺少的年份是否内插", "whether missing years are interpolated", False)
    net: Annotated[MayBe, Numeric("persons a year", None, None, ("year", "sex", "residence"))] = described(
        "全年净迁移人数", "net migrants in the year"
    )
    by_year: Annotated[MayBe, Numeric("", 0.0, 1e7, ("name",))] = described(
        "净迁移逐年的随机波动：persistence 持续性，spread 年标准差（人），band 同预期寿命",
        "chance of net migration by year: persistence, spread (standard deviation of a year, persons), and band as of "
        "life expectancy",
    )
    error: Annotated[MayBe, Numeric("log ratio", -3.0, 3.0, ("name", "age"))] = described(
        "预测误差：十年内各年龄（期中年龄）人数偏离的对数，name 为各自独立的部分，相加",
        "error of a forecast: log of what people come out at over what is forecast, in ten years, by age in the "
        "middle of these; parts (name) are drawn apart and added",
    )
    profile: Annotated[MayBe, Numeric("share", -5.0, 5.0, ("year", "sex", "age"))] = described(
        "净迁移的年龄分布，合计为 1", "age distribution of net migrants, sums to 1"
    )
    male_share: YearlyShare = described("净迁移中男性占比", "share of males among net migrants")
    urban_part: YearlyShare = described("净迁移中属于城镇的部分", "part of net migration that is urban")
    gross: Annotated[MayBe, Numeric("persons a year", 0.0, None, ("age", "name"))] = described(
        "分年龄年迁入人数（name 为 in）；迁出随净迁移而定",
        "people who move in a year by age (name in); those who move out follow from the net",
    )
    returnee_share: Annotated[MayBe, Numeric(*SHARE, keys=())] = described(
        "迁入者中返乡人员占比", "share of returnees among those who move in"
    )
    timing: Literal["even", "end"] = described(
        "迁移在年内均匀发生还是都在年末", "migration spread over the year, or all at its end", "even"
    )


class Urbanisation(SettingsBlock):
    """Movement between rural and urban residence inside the region."""

    urban_share: YearlyShare = described("年末城镇化率", "urban share at year end")
    reclass_share: YearlyShare = described(
        "城镇化率年增幅中区划调整的部分", "part of the yearly rise that is reclassification of places"
    )


class Disability(SettingsBlock):
    """Holders of disability certificates, all ages."""

    by_age: Share = described("分年龄持证残疾人占比", "share of certificate holders by age")
    type: Share = described("残疾类别构成", "composition by type")
    grade: Share = described("残疾等级构成", "composition by grade")


class _Outcome(SettingsBlock):
    """A published series to set beside the projection."""

    observed: AnyNumber = described("公布值", "published values", ...)
    mark: Literal["tied", "fitted", "tested"] = described(
        "tied 直接对齐，fitted 参与拟合，tested 独立检验",
        "whether the run was tied or fitted to it, or is tested by it",
        ...,
    )


class Options(Frozen):
    """Options of the method."""

    open_age: int = described("开口年龄组的起点", "lowest age of the open group", 100, ge=100, le=120)
    on_negative: Literal["error", "cap"] = described(
        "给定值下人口出现负数时报错还是截断（抽样中总是截断）",
        "what to do when a cell would turn negative at stated values (in draws it is always cut)",
        "error",
    )
    person_draws: int = described(
        "逐人模拟的抽样次数：由亲属决定的人群和入住排队出自这些抽样，draws 不改变它",
        "draws followed person by person: groups by relatives and placement come from them, whatever `draws` is",
        32,
        ge=1,
        le=100_000,
    )
    keep: Literal["five_year", "full"] = described(
        "每次抽样的人口保留五岁组，还是保留全部单岁（文件大得多）",
        "whether the population of every draw is kept by five-year ages or by single age (a much larger file)",
        "five_year",
    )


class Settings(Frozen):
    """A whole scenario file."""

    name: str = described(
        "情景名称，用作结果文件夹名",
        "name of the scenario and of its results folder",
        ...,
        pattern=r"^[\w\u4e00-\u9fff.-]+$",
        max_length=60,
    )
    title: Name | None = described("标题", "title in both languages")
    place: str | None = described(
        "地区的行政区划代码（加引号）：人口、年龄、城乡、户数、村（社区）取自普查，本文件的写法优先",
        "division code of a place, in quotes: people, ages, residence, households and units come from the census; what "
        "this file says wins",
    )
    extends: str | None = described(
        "在哪个情景上修改：文件或随软件提供的情景名",
        "scenario that this one changes: a file, or the name of a shipped one",
    )
    region: Region = described("地区", "the region", Region())
    period: Period = described("时期", "the years", ...)
    known_until: int | None = described(
        "只采用截至这一年末的观测值，其后的视为未知；不写则全部采用，即截至本情景最新的一个数",
        "figures after this year-end are hidden from the run; where it is left out all are read, up to the newest of "
        "the scenario's own",
        None,
        ge=1900,
        le=2200,
    )
    population: PopulationBlock = described("基期人口", "base population", ...)
    history: History | None = described("历史，用于推出亲属关系", "the past, for kin")
    unions: Unions | None = described("婚姻", "unions")
    mortality: Mortality = described("死亡", "mortality", ...)
    fertility: Fertility = described("生育", "fertility", ...)
    migration: Migration = described("迁移", "migration", ...)
    urbanisation: Urbanisation | None = described("城镇化", "urbanisation")
    function: Function | None = described("老年人能力", "functional ability of older people")
    conditions: dict[str, HealthCondition] = described(
        "作为状态逐年推算的疾病，如认知症", "conditions that are followed as states, such as dementia", {}
    )
    disability: Disability | None = described("持证残疾人", "holders of disability certificates")
    groups: dict[str, AnyNumber] = described("人群参数", "numbers of groups", {})
    services: dict[str, AnyNumber] = described("服务使用参数", "use of services", {})
    workforce: dict[str, AnyNumber] = described("人员配备参数", "staffing ratios", {})
    supply: dict[str, Supply] = described("供给", "stocks of beds, staff and the rest", {})
    placement: Placement | None = described("养老机构的入住和轮候", "who lives in a home and who waits")
    reported: dict[str, OfOffice] = described("填报的指标值", "figures the analyst reports", {})
    actual: dict[str, OfOffice] = described(
        "规划指标的实际完成值：{指标: {年份: 数值}}，该年即按此数判定",
        "what targets came to: {indicator: {year: figure}}; the figure decides its year",
        {},
    )
    outcomes: dict[str, _Outcome] = described("对照的公布值", "published series to compare with", {})
    plan: tuple[str, ...] = described("要检验的规划", "plans to check", ())
    catalog: tuple[str, ...] = described("自定义目录所在文件夹", "folders with definitions of your own", ())
    options: Options = described("方法选项", "options of the method", Options())
    scale: Literal["auto"] | Annotated[float, Field(ge=1)] = described(
        "每个模拟个体代表的人数，1为一比一；auto 使运行在数秒内完成",
        "persons that one simulated person stands for, 1 is one to one; auto makes a run take seconds",
        "auto",
    )
    draws: int = described(
        "抽样次数；0只计算中心方案（各项参数取给定值），少于20不计算区间和达标概率",
        "random draws beside the central run; 0 is the central run alone, below 20 there are no bands or probabilities",
        1024,
        ge=0,
        le=100_000,
    )
    seed: int = described("随机数种子", "random seed", 20210831, ge=0, le=2**63 - 1)


_NESTED_BLOCKS = {("function", "prevalence"), ("function", "states"), ("placement", "institution")}
_NAMED_BLOCKS = {"supply", "outcomes", "conditions"}
_BLOCKS = {
    "region",
    "period",
    "population",
    "history",
    "unions",
    "mortality",
    "fertility",
    "migration",
    "urbanisation",
    "function",
    "conditions",
    "disability",
    "groups",
    "services",
    "workforce",
    "supply",
    "placement",
    "reported",
    "actual",
    "outcomes",
    "options",
}


def is_block(path: tuple[str, ...]) -> bool:
    """Whether keys under this path are merged one by one when a scenario extends another."""
    if len(path) < 2:
        return not path or path[0] in _BLOCKS
    return path in _NESTED_BLOCKS or (len(path) == 2 and path[0] in _NAMED_BLOCKS)
