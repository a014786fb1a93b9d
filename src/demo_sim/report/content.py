"""The content tree of a report: facts of the run, sections in order, charts in their places."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import TYPE_CHECKING

from demo_sim.report.pictures import LEFT_OUT
from demo_sim.report.reader import Reader
from demo_sim.report.sections.consistency import consistency
from demo_sim.report.sections.demand import demand, supply
from demo_sim.report.sections.effort import effort
from demo_sim.report.sections.findings import findings
from demo_sim.report.sections.groups import groups
from demo_sim.report.sections.inputs import inputs
from demo_sim.report.sections.population import population
from demo_sim.report.sections.targets import targets
from demo_sim.report.sections.uncertainty import uncertainty
from demo_sim.report.tree import Inline, Paragraph, Picture, Ref, Report
from demo_sim.vocab import label_or_code

if TYPE_CHECKING:
    from demo_sim.results import Results

_SECTIONS = (findings, population, groups, demand, supply, targets, effort, uncertainty, inputs, consistency)
# Where a chart stands; one that is not named here stands with supply and gap.
_PLACES = {
    "population": ("pyramid", "ageing"),
    "groups": ("function_levels", "living_arrangements"),
    "demand": ("need_heat_map",),
    "targets": ("target_paths",),
    "effort": ("closing_gap",),
}
CAPTIONS = {
    "pyramid": ("人口金字塔", "Population pyramid"),
    "ageing": ("老龄化与抚养比", "Ageing and dependency"),
    "function_levels": ("老年人能力等级", "Older people by functional ability"),
    "living_arrangements": ("老年人居住方式", "Older people by living arrangement"),
    "need_heat_map": ("失能老年人的年龄分布", "Impaired older people by year and age"),
    "beds": ("养老床位供需", "Beds: need and supply"),
    "bed_pipeline": ("养老床位变动", "Beds: built, converted, closed"),
    "certified_caregivers": ("持证养老护理员", "Certified caregivers"),
    "community_workers": ("社区工作者", "Community workers"),
    "workforce": ("岗位供需", "Posts: need and supply"),
    "waiting": ("机构入住与轮候", "Residents of homes and those waiting"),
    "closing_gap": ("补足缺口的途径", "What closes the gap"),
    "target_paths": ("各项指标走势", "Paths of the targets"),
}


def build_report(results: Results, lang: str = "zh", mask_below: int = 0) -> Report:
    """The whole report of a run, without its charts; `hang` adds them.

    Parameters
    ----------
    results : a run
    lang : zh or en
    mask_below : counts of persons and households below this are withheld, 0 for none
    """
    reader = Reader(results, lang, mask_below)
    sections = [section for make in _SECTIONS if (section := make(reader)) is not None]
    title = results.title(lang)
    span = f"{reader.first}—{reader.last}" if lang == "zh" else f"{reader.first}-{reader.last}"
    return Report(
        name=str(results.attrs.get("name", "")),
        place=title,
        lang=lang,
        title=reader.say(f"{title}人口与民政需求测算报告", f"{title}: population and civil-affairs demand"),
        subtitle=reader.say(f"{span}年，含规划指标判定", f"{span}, with verdicts on the targets of plans"),
        facts=_facts(reader),
        sections=sections,
    )


def _facts(reader: Reader) -> list[tuple[str, str]]:
    attrs = reader.results.attrs
    known = str(attrs.get("known_until", "0"))
    facts = [
        (reader.say("情景", "Scenario"), str(attrs.get("name", ""))),
        (reader.say("测算期", "Period"), f"{reader.first + 1}–{reader.last}"),
        (reader.say("数据截至", "Data up to"), reader.say(f"{known}年", known) if known not in ("", "0") else ""),
        (reader.say("抽样", "Draws"), reader.say(f"{reader.results.draws}次", str(reader.results.draws))),
        (reader.say("引擎", "Engine"), label_or_code("engine", str(attrs.get("engine", "")), reader.lang)),
        (reader.say("种子", "Seed"), str(attrs.get("seed", ""))),
        (reader.say("方法版本", "Method"), str(attrs.get("method_version", ""))),
    ]
    if reader.lang == "en":
        facts.append(("In tables", "m million, bn billion"))
    if reader.mask_below:
        below = reader.mask_below
        told = reader.say(
            f"少于{below}的人数、户数及含有这类数的图不列示",
            f"persons and households below {below} withheld, and charts that hold such",
        )
        facts.append((reader.say("小数保护", "Small counts"), told))
    return [(name, value) for name, value in facts if value]


def hang(report: Report, charts: Mapping[str, str]) -> None:
    """Put charts, titles by name, behind the first paragraphs of their sections, which then refer to them."""
    zh = report.lang == "zh"
    found = {section.key: section for section in report.sections}
    home = {name: key for key, names in _PLACES.items() for name in names}
    hung: dict[str, list[Picture]] = {}
    order = {name: i for i, name in enumerate(CAPTIONS)}
    for name, title in sorted(charts.items(), key=lambda item: (order.get(_chart(item[0]), len(order)), item[0])):
        if name.startswith(LEFT_OUT):
            continue
        section = found.get(home.get(_chart(name), "supply")) or report.sections[0]
        hung.setdefault(section.key, []).append(Picture(f"figure.{name}", name, _caption(name, title, zh), title))
    for key, pictures in hung.items():
        blocks = found[key].blocks
        lead = sum(1 for _ in takewhile(lambda block: isinstance(block, Paragraph) and block.style == "body", blocks))
        refs: list[Inline] = ["另见" if zh else " Charts: "] if lead else []
        for i, picture in enumerate(pictures if lead else []):
            refs += ["、" if zh else ", "] * (i > 0) + [Ref(picture.key)]
        if lead:
            told = blocks[lead - 1]
            assert isinstance(told, Paragraph)
            blocks[lead - 1] = Paragraph((*told.parts, *refs, "。" if zh else "."))
        blocks[lead:lead] = pictures


def _chart(name: str) -> str:
    """Name of the chart that a picture is of, whose further pages end in their number."""
    chart, _, page = name.rpartition("_")
    return chart if page.isdigit() else name


def _caption(name: str, title: str, zh: bool) -> str:
    """Short name of a chart, whose finding stands in the picture; of one that is not known here, its finding."""
    chart = _chart(name)
    if chart not in CAPTIONS:
        return title or name
    page = name.removeprefix(chart).lstrip("_")
    if not page:
        return CAPTIONS[chart][0 if zh else 1]
    return f"{CAPTIONS[chart][0]}（续{int(page) - 1}）" if zh else f"{CAPTIONS[chart][1]} ({page})"
