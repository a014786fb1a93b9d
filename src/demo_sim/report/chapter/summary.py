"""One page that can stand alone: people, older people, services, targets, measures, each in a line, with one chart."""

from __future__ import annotations

from dataclasses import replace

from demo_sim.report.chapter.groups import group_measure, is_an_age
from demo_sim.report.chapter.measures import measured
from demo_sim.report.chapter.needs import amount, resources
from demo_sim.report.chapter.people import event_measure, expected, older, part_of, residents
from demo_sim.report.chapter.targets import on_evidence, own_rows, standing
from demo_sim.report.measure import share
from demo_sim.report.phrases import joined, lower, told
from demo_sim.report.reader import Reader
from demo_sim.report.tree import Inlines, Paragraph, Section

_GROUPS, _RESOURCES, _MEASURES = 1, 3, 3  # of each subject; in all; in all


def summary(reader: Reader) -> Section:
    """The page for those who read one page."""
    section = Section("summary", reader.say("一页摘要", "Summary"), page=True)
    lines = (_people(reader), _old(reader), _groups(reader), _services(reader), _targets(reader), _measures(reader))
    section.blocks += [Paragraph((*line, reader.say("。", ".")), "item") for line in lines if line]
    return section


def _people(reader: Reader) -> Inlines:
    first, last = reader.first, reader.last
    size = residents(reader)
    lost = size.left(reader, replace(reader.people(first), minus=reader.people(last)), told=True)
    won = size.left(reader, replace(reader.people(last), minus=reader.people(first)), told=True)
    fewer = lost.value > 0
    out = told(
        reader,
        f"人口总量{'减少' if fewer else '增加'}：{{place}}常住人口由{first}年末的{{a}}"
        f"{'减至' if fewer else '增至'}{last}年末的{{b}}，{'减少' if fewer else '增加'}{{off}}",
        f"Population: {{place}} has {{b}} residents at the end of {last}, {'down' if fewer else 'up'} by {{off}} from "
        f"{{a}} at the end of {first}",
        place=reader.results.title(reader.lang),
        a=size.told(reader, reader.people(first)),
        b=size.told(reader, reader.people(last)),
        off=lost if fewer else won,
    )
    if reader.has("flows/flows"):
        events = event_measure(reader)
        out += told(
            reader,
            f"；{last}年{expected(reader, last)}出生人口{{b}}、死亡人口{{d}}",
            f"; {{b}} births and {{d}} deaths are projected for {last}",
            b=events.told(reader, reader.flow("births", last)),
            d=events.told(reader, reader.flow("deaths", last)),
        )
    return out


def _old(reader: Reader) -> Inlines:
    size, rate, last = older(reader), share(reader), reader.last
    clauses = []
    for ages, zh, en in (("60+", "60岁及以上", "60 and over"), ("80+", "80岁及以上", "80 and over")):
        here = reader.people(last, ages)
        clauses.append(
            told(
                reader,
                f"{zh}{{n}}、占{{rate}}",
                f"{{n}} residents are aged {en} ({{rate}})",
                n=size.told(reader, here),
                rate=rate.told(reader, part_of(here, reader.people(last))),
            )
        )
    rising = reader.value(reader.people(last, "60+")) > reader.value(reader.people(reader.first, "60+"))
    head = reader.say(
        f"老龄化{'加深' if rising else '趋缓'}：{last}年末老年人口中",
        f"{'Ageing' if rising else 'Age structure'}: at the end of {last}, ",
    )
    return (*((head,)), *joined(reader, clauses, end=False))


def _groups(reader: Reader) -> Inlines:
    if not reader.has("groups/groups"):
        return ()
    names = reader.names("groups/groups", "group")
    last, clauses = reader.last, []
    for subject, members in reader.subjects("groups/groups", "group").items():
        if subject == "population":
            continue
        told_of = [g for g in members if not is_an_age(reader, g) and reader.value(reader.group(g, last)) >= 0.5]
        for group in told_of[:_GROUPS]:
            n = group_measure(reader, group).told(reader, reader.group(group, last))
            clauses.append(told(reader, "{name}{n}", "{name} {n}", name=lower(names[group]), n=n))
    if not clauses:
        return ()
    head = reader.say(f"服务对象：{last}年末", f"Groups in need of services, {last}: ")
    return (head, *joined(reader, clauses, reader.say("、", "; "), end=False))


def _services(reader: Reader) -> Inlines:
    """Of what is short, or else of what is needed, the first of each subject."""
    year, clauses = reader.next_goal, []
    for one in resources(reader):
        for kind in [k for k in one.kinds if k != "potential"] if one.supplied else ():
            gap = one.size.left(reader, one.gap(reader, kind, year), told=True)
            if (gap.rounded or 0.0) > 0:
                name = reader.label("need_kind", kind)
                words = told(
                    reader,
                    "{name}缺{n}（{kind}）",
                    "{name} {n} ({kind})",
                    name=lower(one.name),
                    n=gap,
                    kind=reader.say(name, name.lower()),
                )
                clauses.append(words)
                break
    if clauses:
        head = reader.say(f"服务缺口：到{year}年末，", f"Services short by the end of {year}: ")
        return (head, *joined(reader, clauses[:_RESOURCES], reader.say("，", "; "), end=False))
    seen: set[str] = set()
    for one in resources(reader):
        if one.subject not in seen:
            seen.add(one.subject)
            need = reader.need(one.id, one.kinds[0], year)
            clauses.append(told(reader, "{name}{n}", "{name} {n}", name=lower(one.name), n=amount(reader, one, need)))
    if not clauses:
        return ()
    head = reader.say(f"服务需求：{year}年需要", f"Services needed in {year}: ")
    return (head, *joined(reader, clauses, reader.say("、", "; "), end=False))


def _targets(reader: Reader) -> Inlines:
    rows = own_rows(reader)
    judged, indicative = on_evidence(rows), on_evidence(rows, counts=False)
    if not rows:
        return ()
    n = len(indicative)
    more = reader.say(f"，另有{n}项只作参考", f"; {n} more have an indicative verdict only") if n else ""
    if not judged:
        open_ = len(rows) - n
        words = reader.say(
            f"规划指标：{open_}项目标待填报实际数", f"Targets: {open_} cannot be judged before the departments report"
        )
        return (words + more,)
    out = told(
        reader,
        f"规划指标：依据公布、填报等数据判定的{len(judged)}项目标中，{{tally}}",
        f"Targets: of the {len(judged)} that can be judged, {{tally}}",
        tally=standing(reader, judged),
    )
    return (*out, more) if more else out


def _measures(reader: Reader) -> Inlines:
    clauses = []
    for one in measured(reader)[:_MEASURES]:
        clauses.append(
            told(
                reader,
                f"{{why}}，{one.until}年底前需{{name}}{{n}}",
                f"{{name}} {{n}} by {one.until} ({{why}})",
                why=one.why,
                name=lower(one.name),
                n=one.total,
            )
        )
    if not clauses:
        return ()
    return (reader.say("主要措施：", "Main measures: "), *joined(reader, clauses, reader.say("；", "; "), end=False))
