"""`new PLACE`: a full scenario of a place in a folder of its own, what only its office knows left open and named."""

from __future__ import annotations

import re
from pathlib import Path

from demo_sim.errors import InputError, Problem
from demo_sim.places import Place
from demo_sim.scenario.messages import make_problem
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import catalog_folder, shown_path
from demo_sim.scenario.starter import write_files

# What only the office knows: key, what it is in Chinese and English, unit, lines below the key.
_YEARS = "{2020: , 2025: }"
_OF_OFFICE = ("source: 本单位统计 / the office's statistics", "status: reported")
_STOCKS = (
    ("institution_beds", "养老机构床位", "beds in care institutions", "张 / beds", "beds"),
    ("home_care_beds", "家庭养老床位", "home-care beds", "张 / beds", "stock"),
    ("caregivers", "养老护理员", "caregivers", "人 / persons", "staff"),
    ("community_workers", "社区工作者", "community workers", "人 / persons", "staff"),
    ("social_workers", "社会工作专业人才", "social-work professionals", "人 / persons", "stock"),
    ("certified_social_workers", "持证社会工作者", "certified social workers", "人 / persons", "stock"),
    ("child_directors", "儿童主任", "child directors", "人 / persons", "staff"),
    ("child_supervisors", "儿童督导员", "child supervisors", "人 / persons", "staff"),
)
_SHARES = {
    "institution_beds": ("nursing_share", "护理型床位占比，0—1", "share of nursing-type beds"),
    "caregivers": ("certified_share", "持证比例，0—1", "certified share"),
}
_GROUPS = (
    ("tekun", "特困人员", "destitute persons"),
    ("orphans", "孤儿", "orphans"),
    ("de_facto", "事实无人抚养儿童", "de-facto unsupported children"),
    ("left_behind", "农村留守儿童", "rural left-behind children"),
    ("living_allowance", "困难残疾人生活补贴对象", "recipients of the living allowance"),
    ("care_allowance", "重度残疾人护理补贴对象", "recipients of the care allowance"),
    ("dibao", "最低生活保障对象", "recipients of the minimum living allowance"),
)

_SCENARIO = """\
# {full}（{code}）：2020年普查常住人口 {total:,}，60岁及以上 {older:,}。
# {full} ({code}): {total:,} residents at the census of 2020, {older:,} of 60 and over.
#   demo-sim import 人口.xlsx 季报.xlsx --out .      手头的表原样读入 / your own tables as they come
#   demo-sim validate {name}.yaml      检查 / check
#   demo-sim explain {name}.yaml fertility.tfr      一项数值从何而来 / where a number comes from
#   demo-sim run {name}.yaml      运行 / run
# place 带来：分城乡、性别、年龄的人口，城镇化率，家庭户，村（社区）和乡镇（街道）数，2010至2020年的净迁移；
# 死亡率、生育率据所在省；其余的率借用湖南的（区间放宽，状态 borrowed）。在此另写的数字优先。
# place brings people by residence, sex and age, the urban share, households, villages and towns, net migration of 2010
# to 2020; mortality and fertility are those of the province; other rates are borrowed from Hunan, with wider bands.
# Whatever is written here wins.
place: "{code}"
{catalog}
# 以下数字只有本单位掌握：填上数字，去掉行首的“# ”。年份为年末；没有的年份可不写。
# Only the office knows these: fill in the numbers and take away the leading "# ". Years are year-ends; leave out a
# year without a figure.
# supply:
{stocks}
# 已有的人数（不填则按借用的率推算）/ counts, else borrowed rates are used（人 / persons）
# groups:
{office}
{groups}
"""
PLAN = """\
# {full}{years}年规划指标：请把下面的样例换成本地规划的指标，一项一段。可用的 indicator：demo-sim catalog indicators
# Targets of the plan: put those of the plan in place of the sample, one paragraph each.
# Indicators there are: demo-sim catalog indicators
id: {code}-{years}
title: {{zh: {zh}{years}年规划指标（样例，请替换）, en: "{zh} {years} (sample, replace it)"}}
document: {{zh: 样例，非真实文件, en: "sample, no real document"}}
publisher: 样例 / sample
targets:
  - id: {code}.sample_nursing_bed_share
    label: {{zh: 养老机构护理型床位占比（样例）, en: "Nursing-type share of institution beds (sample)"}}
    indicator: nursing_bed_share
    operator: ">="
    value: 0.73
    unit: share
    year: {last}
    attribute: expected
"""


def write_place(place: Place, plan: str | None, folder: Path) -> list[Path]:
    """Files of the scenario of a place, in a folder of its own; nothing is overwritten.

    Parameters
    ----------
    place
        The place.
    plan
        Years of a plan to fill in, `2026-2030`, or None.
    folder
        Where the new folder is made.

    Returns
    -------
    The files, the scenario last.

    Raises
    ------
    InputError
        The folder exists, or the years are none.
    WriteError
        The folder cannot be written to.
    """
    years = None if plan is None else plan_years(plan)
    name = f"{place.code}-{place.name}"
    own = folder / name
    if own.exists():
        raise InputError([make_problem(Location(shown_path(own), 0), "exists")])
    said = {"full": place.full_name, "code": place.code, "name": name, "zh": place.name}
    contents: dict[Path, bytes] = {}
    catalog = ""
    if years is not None:
        first, last = years
        plan_id = f"{place.code}-{first}-{last}"
        catalog = f"# 规划指标写在 / targets: catalog/plans/{plan_id}.yaml\n"
        catalog += f"catalog: [catalog]\nplan: [{', '.join([plan_id, *(national_set(first) or ['reference'])])}]\n"
        text = PLAN.format(**said, years=f"{first}-{last}", last=last)
        contents[own / "catalog" / "plans" / f"{plan_id}.yaml"] = text.encode("utf-8")
    scenario = _SCENARIO.format(
        **said,
        total=place.total,
        older=place.older_60,
        catalog=catalog,
        stocks="\n".join(_stock(*one) for one in _STOCKS),
        office="\n".join(f"#   {line}" for line in _OF_OFFICE),
        groups="\n".join(f"#   {key}: {{2020: , 2025: }}      # {zh} / {en}" for key, zh, en in _GROUPS),
    )
    contents[own / f"{name}.yaml"] = scenario.encode("utf-8")
    write_files(contents)
    return list(contents)


def _stock(key: str, zh: str, en: str, unit: str, kind: str) -> str:
    lines = [f"#   {key}:      # {zh}（{unit}）/ {en}", f"#     kind: {kind}", f"#     stock: {_YEARS}"]
    if key in _SHARES:
        name, share_zh, share_en = _SHARES[key]
        lines.append(f"#     {name}: {_YEARS}      # {share_zh} / {share_en}")
    return "\n".join([*lines, *(f"#     {line}" for line in _OF_OFFICE)])


def national_set(first: int) -> list[str]:
    """The set of national targets for a plan that begins in a year, where the catalogue has one."""
    id_ = f"national-{first}-{first + 4}"
    return [id_] if (catalog_folder() / "plans" / f"{id_}.yaml").is_file() else []


def plan_years(plan: str) -> tuple[int, int]:
    """First and last year of a plan written `2026-2030`."""
    found = re.fullmatch(r"(20\d\d)-(20\d\d)", plan)
    first, last = (int(year) for year in found.groups()) if found else (0, 0)
    if not 2020 < first <= last <= 2035:
        zh, en = (
            f"“{plan}”应写作 2026-2030，在 2021 至 2035 年之间",
            f'"{plan}": write 2026-2030, years from 2021 to 2035',
        )
        raise InputError([Problem("--plan", 0, "", zh, en)])
    return first, last
