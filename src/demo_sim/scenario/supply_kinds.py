"""The kinds of stock that a scenario declares under `supply`: one frozen model a kind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from demo_sim.scenario.block import SHARE, Count, MayBe, Name, SettingsBlock, Share
from demo_sim.scenario.fields import Numeric, described

Years = Annotated[MayBe, Numeric("years", 0.0, 30.0)]
Amount = Annotated[MayBe, Numeric("yuan a year", 0.0, None)]
Kept = Annotated[MayBe, Numeric("", 0.0, 3.0)]
Coming = Annotated[MayBe, Numeric("", 0.0, None, inflow=True)]  # what comes into a stock in a year
ComingOrGoing = Annotated[MayBe, Numeric(inflow=True)]
ShareComing = Annotated[MayBe, Numeric(*SHARE, inflow=True)]


class _Entry(SettingsBlock):
    label: Name | None = described("名称，中英文", "name in both languages")


class _Moving(_Entry):
    kept: Kept = described(
        "没有给出新增时，已有数据之间的年均变化有多少沿用下去；不写用参数库 supply.kept",
        "how much of the yearly change between dated figures goes on where nothing says what comes in; "
        "register row supply.kept if left out",
    )


class Beds(_Moving):
    """Beds: begun, opened, converted, closed, re-classified, with a nursing-type part."""

    kind: Literal["beds"] = described("类别：床位", "kind of stock: beds", ...)
    stock: Count = described("床位数", "beds at year end")
    nursing_share: Share = described("护理型床位占比", "share of nursing beds")
    nursing: Count = described("护理型床位数", "nursing beds at year end")
    closure: Share = described("每年关停床位占比", "share of the stock closed in a year")
    closure_nursing_share: Share = described("关停床位中护理型占比", "share of nursing beds among closed ones")
    opened_nursing_share: ShareComing = described(
        "新增床位中护理型占比；不写则与存量相同",
        "share of nursing beds among opened ones; that of the stock if left out",
    )
    pipeline: ComingOrGoing = described(
        "under_construction 期初在建、starts_per_year 每年开工、openings_per_year 每年投用、"
        "conversion_starts_per_year 每年开始改造、conversions_per_year 每年改造完成的床位",
        "beds by name: under_construction at the start, starts_per_year, openings_per_year, "
        "conversion_starts_per_year, conversions_per_year",
    )
    build_lag: Years = described(
        "从开工到投用（build）、从开始改造到使用（convert）的年数",
        "years from start to opening (build), from the start of a conversion to its use (convert)",
    )
    reclassified: ComingOrGoing = described(
        "每年划入（正）或划出（负）本类的床位",
        "beds counted into this kind (positive) or out of it (negative) in a year",
    )


class Staff(_Moving):
    """Staff: hired, leaving, retiring, trained, with a certified part and its levels."""

    kind: Literal["staff"] = described("类别：人员", "kind of stock: staff", ...)
    stock: Count = described("人数", "persons in post")
    stock_community: Count = described("其中社区服务人数", "persons in post in community services")
    per_10000_urban: Count = described("每万城镇居民拥有的人数", "persons per 10,000 urban residents")
    turnover: Share = described("每年流失占比，含退休", "share leaving in a year, for whatever reason")
    aged_50: Share = described("50岁及以上占比，十年内退休", "share aged 50 and over, who retire within ten years")
    replaced: Annotated[MayBe, Numeric("", 0.0, 5.0, inflow=True)] = described(
        "流失中得到补充的比例", "hires per leaver"
    )
    added: Coming = described("每年新增岗位数", "posts added a year")
    certificate: Literal["skill_level", "induction"] = described(
        "持证按哪一种证书计：skill_level 技能等级，induction 入职培训；数值可按此名称分别给出",
        "which certificate counts: skill_level or induction; numbers may be given by this name",
        "skill_level",
    )
    certified_share: Share = described("持证占比", "share holding a certificate")
    hired_certified: ShareComing = described("新聘人员中持证占比", "share of those hired who hold a certificate")
    trainings: Coming = described("每年培训人次", "person-times of training a year")
    to_certificate: Share = described("培训中以取证为目的的占比", "share of trainings that lead to a new certificate")
    pass_rate: Share = described("考试通过率", "share that passes")
    training_lag: Years = described("从培训到取证的年数", "years from a training to its certificate")
    skill: Share = described(
        "持证人员的等级构成，由低到高，合计为1", "composition of the certified by level, lowest first"
    )
    promotion: Share = described("每年晋升上一等级的占比", "share that rises to the next level in a year")


class Stock(_Moving):
    """A plain stock with a yearly change."""

    kind: Literal["stock"] = described("类别：一般存量", "kind of stock: a plain stock", ...)
    stock: Count = described("数量", "stock at year end")
    per_100_households: Count = described("每百户拥有量", "stock per 100 households")
    yearly_change: ComingOrGoing = described("每年变化量", "change in a year")


class Covered(_Moving):
    """Those of a group who have a contract, a file, an adaptation: signed up and lapsing."""

    kind: Literal["covered"] = described("类别：覆盖人群", "kind of stock: people covered", ...)
    of: str = described("人群的编号", "id of the group", ...)
    share: Share = described("已覆盖占比", "share that is covered")
    lapse: Share = described(
        "每年失效占比（死亡、迁出、未续）", "share that ends in a year: deaths, moves, not renewed"
    )
    signed: Coming = described(
        "每年新增人数；不写则占比保持不变", "signed up a year; where it is left out the share stays as it is"
    )


class Places(_Entry):
    """Places that an event of the run uses up, such as burial places."""

    kind: Literal["places"] = described("类别：消耗性名额", "kind of stock: places that are used up", ...)
    stock: Count = described("尚可使用的数量", "places still free at year end")
    built: Coming = described("每年新增", "built in a year")
    share_of_deaths: Share = described("死亡者中使用的占比", "share of deaths that use a place")
    places_each: Annotated[MayBe, Numeric("", 0.0, 10.0)] = described("每例使用的数量", "places used by each of them")


class Budget(_Entry):
    """What a cash entitlement costs in a year: persons times a standard that follows consumption."""

    kind: Literal["budget"] = described("类别：补贴支出", "kind of stock: a cash entitlement", ...)
    of: str = described("领取人群的编号", "id of the group that draws it", ...)
    standard: Amount = described("每人每年标准，可分城乡", "standard a person and year, by residence where it differs")
    monthly: Annotated[MayBe, Numeric("yuan a month", 0.0, None)] = described(
        "每人每月标准，可分城乡", "standard a person and month, by residence where it differs"
    )
    growth: Annotated[MayBe, Numeric("per year", -0.5, 0.5)] = described(
        "人均消费支出年增速", "yearly growth of consumption per head"
    )
    indexation: Annotated[MayBe, Numeric("", 0.0, 5.0)] = described(
        "标准增速与上年消费增速之比", "growth of the standard over last year's growth of consumption"
    )


Supply = Annotated[Beds | Staff | Stock | Covered | Places | Budget, Field(discriminator="kind")]
