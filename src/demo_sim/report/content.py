"""The chapter of a run as a content tree, with its annex behind it and charts in their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from demo_sim.report.annex import annex
from demo_sim.report.calculator import calculator
from demo_sim.report.chapter.certainty import certainty
from demo_sim.report.chapter.groups import groups
from demo_sim.report.chapter.measures import measures_section
from demo_sim.report.chapter.needs import gaps, needs
from demo_sim.report.chapter.people import people
from demo_sim.report.chapter.summary import summary
from demo_sim.report.chapter.targets import targets
from demo_sim.report.pictures import LEFT_OUT
from demo_sim.report.reader import Reader
from demo_sim.report.tree import Inline, Paragraph, Picture, Ref, Report

if TYPE_CHECKING:
    from demo_sim.results import Results

_SECTIONS = (summary, people, groups, needs, gaps, targets, measures_section, certainty)
# What a planner may order of the chapter, by the keys of its sections; and the annex.
CONTENT = (
    "summary", "population", "groups", "demand", "supply", "targets", "measures", "uncertainty", "annex",
)  # fmt: skip
# The chart of the page that stands alone: the first of these that was drawn.
_SUMMARY = ("ageing", "pyramid", "beds")
# Where a chart stands in the chapter, and which stand in the annex; one that is not named stands with supply and gap.
_PLACES = {
    "population": ("pyramid", "ageing"),
    "groups": ("function_levels", "living_arrangements"),
    "targets": ("target_table",),
    "measures": ("closing_gap",),
}
_ANNEX = {
    "groups": ("need_heat_map",),
    "supply": ("bed_pipeline", "waiting"),
    "targets": ("target_paths",),
}
CAPTIONS = {
    "pyramid": ("人口金字塔", "Population pyramid"),
    "ageing": ("老龄化与抚养比", "Ageing and dependency"),
    "function_levels": ("老年人能力等级", "Older people by functional ability"),
    "living_arrangements": ("老年人居住方式", "Older people by living arrangement"),
    "need_heat_map": ("失能老年人的年龄分布", "Impaired older people by year and age"),
    "beds": ("养老床位供需", "Beds: need and supply"),
    "bed_pipeline": ("养老床位变动", "Beds: built, converted, closed"),
    "workforce": ("岗位供需", "Posts: need and supply"),
    "waiting": ("机构入住与轮候", "Residents of homes and those waiting"),
    "closing_gap": ("补足缺口的途径", "What closes the gap"),
    "target_paths": ("各项指标走势", "Paths of the targets"),
}


def build_report(results: Results, lang: str = "zh", mask_below: int = 0) -> Report:
    """The chapter of a run with its annex, without charts; `hang` adds them.

    Parameters
    ----------
    results : a run
    lang : zh or en
    mask_below : counts of persons and households below this are withheld, 0 for none
    """
    reader = Reader(results, lang, mask_below)
    title = results.title(lang)
    span = f"{reader.first}—{reader.last}" if lang == "zh" else f"{reader.first}–{reader.last}"
    return Report(
        name=str(results.attrs.get("name", "")),
        place=title,
        lang=lang,
        title=reader.say(
            f"{title}人口变动与民政服务需求", f"{title}: population and the need for civil-affairs services"
        ),
        subtitle=reader.say(f"{span}年", span),
        facts=_facts(reader),
        sections=[section for make in _SECTIONS if (section := make(reader)) is not None],
        annex=annex(reader),
        calculator=calculator(reader),
    )


def _facts(reader: Reader) -> list[tuple[str, str]]:
    facts = []
    if reader.known > reader.first:
        facts.append(
            (reader.say("数据截至", "Data up to"), reader.say(f"{reader.known}年末", f"the end of {reader.known}"))
        )
    if reader.mask_below:
        below = reader.mask_below
        hidden = reader.say(
            f"少于{below}的人数、户数及含有这类数的图不列示",
            f"persons and households below {below} withheld, and charts that hold such",
        )
        facts.append((reader.say("小数保护", "Small counts"), hidden))
    return facts


def with_parts(report: Report, parts: Sequence[str]) -> Report:
    """A report with the chosen of `CONTENT`; the annex alone where nothing else is chosen."""
    if not parts:
        return report
    if set(parts) == {"annex"} and report.annex is not None:
        return report.annex
    sections = [section for section in report.sections if section.key in parts]
    behind = report.annex if "annex" in parts else None
    moving = report.calculator if "measures" in parts else None
    return replace(report, sections=sections, annex=behind, calculator=moving)


def section_of(name: str) -> str:
    """Key of the section of the chapter that a chart belongs to, if it is not left to the annex."""
    for places in (_PLACES, _ANNEX):
        for key, names in places.items():
            if chart_of(name) in names:
                return key
    return "summary" if chart_of(name) in _SUMMARY else "supply"


def hang(report: Report, charts: Mapping[str, str]) -> None:
    """Put charts, titles by name, behind the first paragraphs of their sections, which then refer to them."""
    shown = {name: title for name, title in charts.items() if not name.startswith(LEFT_OUT)}
    alone = next((name for name in _SUMMARY if name in shown), None)
    zh = report.lang == "zh"
    if alone is not None:
        title = shown.pop(alone)
        report.sections[0].blocks.append(Picture(f"figure.{alone}", alone, _caption(alone, title, zh), title))
    behind = {name for names in _ANNEX.values() for name in names}
    # The chapter has the first page of a chart, the annex those that follow.
    of_annex = {name: title for name, title in shown.items() if chart_of(name) in behind or chart_of(name) != name}
    _hang(report, {name: title for name, title in shown.items() if name not in of_annex}, _PLACES)
    if report.annex is not None:
        _hang(report.annex, of_annex, {**_ANNEX, "answers": _PLACES["measures"]})


def _hang(report: Report, charts: Mapping[str, str], places: Mapping[str, tuple[str, ...]]) -> None:
    zh = report.lang == "zh"
    found = {section.key: section for section in report.sections}
    home = {name: key for key, names in places.items() for name in names}
    hung: dict[str, list[Picture]] = {}
    order = {name: i for i, name in enumerate(CAPTIONS)}
    for name, title in sorted(charts.items(), key=lambda item: (order.get(chart_of(item[0]), len(order)), item[0])):
        section = found.get(home.get(chart_of(name), "supply")) or report.sections[-1]
        hung.setdefault(section.key, []).append(Picture(f"figure.{name}", name, _caption(name, title, zh), title))
    for key, pictures in hung.items():
        blocks = found[key].blocks
        lead = sum(1 for _ in takewhile(lambda block: isinstance(block, Paragraph) and block.style == "body", blocks))
        refs: list[Inline] = ["见" if zh else " See "] if lead else []
        for i, picture in enumerate(pictures if lead else []):
            refs += ["、" if zh else ", "] * (i > 0) + [Ref(picture.key)]
        if lead:
            told = blocks[lead - 1]
            assert isinstance(told, Paragraph)
            blocks[lead - 1] = Paragraph((*told.parts, *refs, "。" if zh else "."))
        blocks[lead:lead] = pictures


def chart_of(name: str) -> str:
    """Name of the chart that a picture is of, whose further pages end in their number."""
    chart, _, page = name.rpartition("_")
    return chart if page.isdigit() else name


def _caption(name: str, title: str, zh: bool) -> str:
    """Short name of a chart, whose finding stands in the picture; of one that is not known here, its finding."""
    chart = chart_of(name)
    if chart not in CAPTIONS:
        return title or name
    page = name.removeprefix(chart).lstrip("_")
    if not page:
        return CAPTIONS[chart][0 if zh else 1]
    return f"{CAPTIONS[chart][0]}（续{int(page) - 1}）" if zh else f"{CAPTIONS[chart][1]} ({page})"
