"""Groups that services are for, subject by subject."""

from __future__ import annotations

import math
from dataclasses import replace

from demo_sim.report.chapter.people import expected
from demo_sim.report.measure import Measure, measure, share
from demo_sim.report.phrases import band, cell, joined, listing, lower, row, told
from demo_sim.report.reader import AGE_SPANS, Reader
from demo_sim.report.tree import Column, Inlines, Paragraph, Section, Table

_IN_WORDS = 4  # groups of a subject that a sentence names
_UNION = "union"


def groups(reader: Reader) -> Section | None:
    """Every group of the catalogue that is not a detail, and of each subject the first in words."""
    if not reader.has("groups/groups"):
        return None
    shown = {
        subject: members
        for subject, names in reader.subjects("groups/groups", "group").items()
        if subject != "population" and (members := [g for g in names if _known(reader, g)])
    }
    if not shown:
        return None
    section = Section("groups", reader.say("重点人群", "Groups in need of services"))
    section.blocks += [
        Paragraph(words) for subject, names in shown.items() if (words := _words(reader, subject, names))
    ]
    section.blocks.append(_table(reader, shown))
    return section


def _known(reader: Reader, group: str) -> bool:
    return math.isfinite(reader.value(reader.group(group, reader.last)))


def group_measure(reader: Reader, group: str) -> Measure:
    """How a group is printed: all of a unit alike."""
    units = reader.codes("groups/groups", "group", "unit")
    unit = units.get(group, "persons")
    same = [g for g, u in units.items() if u == unit]
    found = measure(reader, unit, [reader.value(reader.group(g, reader.first)) for g in same])
    if found.scale == 1e4:  # groups of some thousands stand in the same column
        large = max(reader.value(reader.group(g, reader.first)) for g in same if _known(reader, g)) >= 1e7
        return replace(found, digits=2) if large else Measure(unit, 1.0, 0, found.word.removeprefix("万"))
    if found.scale == 1e6:
        return Measure(unit, 1e3, 1, found.word.replace("million", "thousand"))
    return Measure(unit, 1.0, 0, found.word.removeprefix("thousand "))


def is_an_age(reader: Reader, group: str) -> bool:
    """Whether a group is all residents of an age range that the section on ageing tells of."""
    size = reader.value(reader.group(group, reader.last))
    return any(math.isclose(size, reader.value(reader.people(reader.last, ages)), rel_tol=1e-9) for ages in AGE_SPANS)


def _words(reader: Reader, subject: str, members: list[str]) -> Inlines:
    names = reader.names("groups/groups", "group")
    told_of = [g for g in members if not is_an_age(reader, g)][:_IN_WORDS]
    if not told_of:
        return ()
    year, last = min(reader.target_year, reader.last), reader.last
    clauses = []
    for group in told_of:
        size = group_measure(reader, group)
        now, then = reader.group(group, year), reader.group(group, last)
        clause = told(reader, "{name}{n}", "{name} {n}", name=lower(names[group]), n=size.told(reader, now))
        if last > year:
            clause += told(
                reader,
                f"（{last}年末{{n}}）",
                f" ({last}: {{n}})",
                n=size.told(reader, then),
            )
        clauses.append(clause)
    head = told(
        reader,
        f"{{subject}}方面，{year}年末{expected(reader, year)}有",
        f"{{subject}}, end of {year}: ",
        subject=reader.label("subject", subject),
    )
    return (*head, *joined(reader, clauses, reader.say("、", "; ")))


def _table(reader: Reader, shown: dict[str, list[str]]) -> Table:
    names, bases = reader.names("groups/groups", "group"), reader.codes("groups/groups", "group", "base")
    how = reader.codes("groups/groups", "group", "rule")
    all_of = [g for members in shown.values() for g in members]
    sizes = {g: group_measure(reader, g) for g in all_of}
    words = dict.fromkeys(size.word for size in sizes.values())
    years = reader.milestones
    one = next(iter(words)) if len(words) == 1 else ""
    rate = share(reader)
    columns = [Column(reader.say("人群", "Group"), 3.0), Column(reader.say("口径", "Base"), 0.8)]
    columns += [] if one else [Column(reader.say("单位", "Unit"), 0.9)]
    columns += [Column(reader.say(f"{y}年末", f"{y}"), 1.1, True) for y in years]
    columns.append(Column(reader.say("增长（%）", "Growth (%)"), 0.9, True))
    if reader.banded:
        columns.append(Column(reader.say(f"{years[-1]}年末80%区间", f"80% interval {years[-1]}"), 1.9, True))
    united = [names[g] for g in all_of if how.get(g) == _UNION]
    table = Table(
        "table.groups",
        reader.say("重点人群规模", "Groups in need of services")
        + (reader.say(f"（{one}）", f" ({one})") if one else ""),
        columns,
        [],
        note=told(
            reader,
            f"常住：按常住人口统计；户籍：按享受政策的户籍人口统计。增长为{years[-1]}年末比{years[0]}年末。"
            "各类人群相互交叉，不能相加{union}。{ability}",
            f"Base: residents, or the registered (hukou) population, who hold the entitlement. Growth is from "
            f"{years[0]} "
            f"to {years[-1]}. Groups overlap and must not be added{{union}}.{{ability}}",
            union=reader.say(
                f"；{listing(reader, united)}由多类人群合并，每人只计一次",
                f"; {listing(reader, united)}: each person once",
            )
            if united
            else "",
            ability=_ability(reader),
        ),
    )
    for subject, members in shown.items():
        table.rows.append(band(reader.label("subject", subject)))
        for group in members:
            size = sizes[group]
            start, end = (reader.group(group, y) for y in (years[0], years[-1]))
            cells = [cell(names[group]), cell(reader.label("base", bases[group]) if bases.get(group) else "")]
            cells += [] if one else [cell(size.word)]
            cells += [cell(size.bare(reader, reader.group(group, y))) for y in years]
            growth = replace(end, minus=start, over=start)
            cells.append(
                cell(rate.bare(reader, growth, signed=True)) if reader.value(start) >= 1 else cell("—", key=0.0)
            )
            if reader.banded:
                cells.append(cell(*size.band(reader, end)))
            table.rows.append(row(*cells))
    return table


def _ability(reader: Reader) -> str:
    definition = reader.attribute("function_definition")
    if not isinstance(definition, dict) or not definition:
        return ""
    return reader.say(f"失能按下列口径：{definition['zh']}。", f" Functional ability: {definition['en']}.")
