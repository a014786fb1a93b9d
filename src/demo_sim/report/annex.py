"""The annex: all that lies behind the chapter, for who checks it."""

from __future__ import annotations

from demo_sim.report.reader import Reader
from demo_sim.report.sections.answers import ways
from demo_sim.report.sections.closing import closing
from demo_sim.report.sections.consistency import consistency
from demo_sim.report.sections.groups import all_groups
from demo_sim.report.sections.inputs import inputs
from demo_sim.report.sections.outcomes import outcomes
from demo_sim.report.sections.placement import placement
from demo_sim.report.sections.targets import all_targets
from demo_sim.report.sections.uncertainty import uncertainty
from demo_sim.report.tree import Paragraph, Report, Section
from demo_sim.vocab import label_or_code


def annex(reader: Reader) -> Report:
    """Method, groups, targets with what they lack, closing tables, ways, uncertainty, inputs, notes on consistency."""
    sections = [
        _method(reader),
        outcomes(reader),
        all_groups(reader),
        _supply(reader),
        all_targets(reader),
        closing(reader),
        ways(reader),
        uncertainty(reader),
        inputs(reader),
        consistency(reader),
    ]
    title = reader.results.title(reader.lang)
    return Report(
        name=str(reader.results.attrs.get("name", "")),
        place=title,
        lang=reader.lang,
        title=reader.say(f"{title}人口与民政服务需求测算：技术附件", f"{title}: technical annex"),
        subtitle=reader.say("数据、方法与核对", "Data, method, checks"),
        facts=_facts(reader),
        sections=[section for section in sections if section is not None],
        series=reader.say("附", "A"),
    )


def _method(reader: Reader) -> Section:
    section = Section("method", reader.say("方法", "Method"))
    section.blocks.append(
        Paragraph(
            (
                reader.say(
                    "以分年龄、性别、城乡的常住人口为起点，逐年推算出生、死亡和迁移；"
                    "人群规模由年龄、能力等级、亲属状况和公布数推得；"
                    "服务需求由人群规模乘以使用率或标准，供给由现有存量加已安排的增减；规划指标由以上各项计算。"
                    "每项参数的取值、来源和性质见输入一节。",
                    "Residents by age, sex and residence are projected year by year through births, deaths and "
                    "moves; groups "
                    "follow from age, functional ability, relatives and published figures; need is groups times "
                    "rates of "
                    "use or norms, supply is the stock with what is arranged; targets are formed of these. Every "
                    "input with "
                    "value, source and status stands under inputs.",
                ),
            )
        )
    )
    return section


def _supply(reader: Reader) -> Section | None:
    if not reader.has("demand/need"):
        return None
    section = Section("supply", reader.say("供给、入住与轮候", "Supply, institutions and waiting"))
    section.blocks.append(
        Paragraph(
            (
                reader.say(
                    "供给为现有存量加已有数据或安排的增减；没有填报的增减不计。",
                    "Supply is the stock with the changes that figures or arrangements give; others are not counted.",
                ),
            )
        )
    )
    section.blocks += placement(reader)
    return section


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
    return [(name, value) for name, value in facts if value]
