"""The keys of functional ability: shares of the levels, transitions between them, the definition they follow."""

from __future__ import annotations

from typing import Annotated, Literal

from demo_sim.scenario.block import SHARE, MayBe, Name, SettingsBlock, Share, TableBlock
from demo_sim.scenario.fields import Numeric, TableFile, described


class Prevalence(TableBlock):
    """Shares of the functional levels among older people: a table, or anchors with ratios."""

    table: Annotated[str | None, TableFile("prevalence")] = described(
        "患病率表：residence、sex（可选）、age、function、prevalence",
        "prevalence: residence, sex (optional), age, function, prevalence",
    )
    grades: dict[str, Literal["intact", "mild", "moderate", "severe", "total"]] | None = described(
        "表中的等级不是能力等级（如自评健康）时，各等级对应哪一级；几个等级可对应同一级",
        "level of each grade where the table has others, as of self-rated health; several may share a level",
    )
    any: Annotated[MayBe, Numeric(*SHARE, keys=("year", "sex", "residence", "age"))] = described(
        "轻度及以上失能占比", "share with any loss of ability"
    )
    severe_total: Annotated[MayBe, Numeric(*SHARE, keys=("year", "sex", "residence", "age"))] = described(
        "重度和完全失能占比", "share with severe or total loss"
    )
    split: Share = described(
        "轻度中度之间、重度完全之间的分配", "split of mild with moderate, and of severe with total"
    )
    sex_ratio: Annotated[MayBe, Numeric("odds ratio", 0.1, 10.0, ())] = described(
        "女性对男性的优势比", "odds ratio of women to men"
    )
    rural_ratio: Annotated[MayBe, Numeric("odds ratio", 0.1, 10.0, ())] = described(
        "农村对城镇的优势比", "odds ratio of rural to urban"
    )
    trend: Annotated[MayBe, Numeric("per year", -0.2, 0.2, ())] = described(
        "同龄失能占比的年变化率", "yearly change of the shares at equal age, 0.01 for one per cent"
    )


class States(SettingsBlock):
    """Transitions between functional levels and mortality by level, for the mode `states`."""

    transition_shape: Annotated[MayBe, Numeric("per year", 0.0, 100.0, ("age", "level", "name"))] = described(
        "各级之间转移强度的相对大小：name 为 onward（加重）、recovery（好转）、onward_doubling_years、"
        "recovery_halving_years（年）",
        "relative sizes of the hazards between levels: name is onward, recovery, onward_doubling_years, "
        "recovery_halving_years (years); level is the one left",
    )
    mortality_ratio: Annotated[MayBe, Numeric("ratio", 0.0, 100.0, ("age", "level", "name"))] = described(
        "各级死亡率与能力完好者之比；share_of_ratio_minus_1 为高龄时（比值−1）所余部分",
        "mortality of each level over that of the intact; share_of_ratio_minus_1 is what is left of "
        "(ratio - 1) at the oldest ages",
    )


class Function(SettingsBlock):
    """Functional ability of people aged 60 and over."""

    definition: Name | None = described(
        "失能的口径：目录中的一个（survey_2021、census_2020、survey_2015），带来相应的占比；或用文字说明自己的口径",
        "the definition of the levels: one of the catalogue (survey_2021, census_2020, survey_2015), which brings its "
        "shares; or words on one of your own",
    )
    mode: Literal["prevalence", "states"] = described(
        "prevalence 每年按患病率计算；states 逐年推算各级之间的转移",
        "prevalence: counted by prevalence every year; states: transitions between levels year by year",
        "prevalence",
    )
    prevalence: Prevalence = described("各级占比", "shares of the levels", ...)
    states: States | None = described("各级之间的转移", "transitions between the levels")
