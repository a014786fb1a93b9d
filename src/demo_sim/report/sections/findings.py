"""Findings in at most ten lines, each from the section it sums up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from demo_sim.report.phrases import banded, change
from demo_sim.report.reader import Reader
from demo_sim.report.sections.demand import beside, kinds_of, supplied
from demo_sim.report.sections.effort import additions
from demo_sim.report.sections.target_words import assessed, rows_of, statement, tally
from demo_sim.report.tree import Inlines, Paragraph, Section

_MOST = 10
_RESOURCES = ("institution_beds", "nursing_beds", "caregivers", "community_workers", "home_care_beds")


def findings(reader: Reader) -> Section:
    """The ten lines a reader in a hurry needs."""
    lines = [_people(reader), _ageing(reader), _births(reader), _impaired(reader), _entitled(reader)]
    lines += _resources(reader)
    rows = rows_of(reader) if len(reader.targets) else []
    told = [(tally(reader, rows),) if rows else (), *_worst(reader, rows)]
    lines = [line for line in lines if line]
    # The plan's verdicts are never the lines that are left out.
    told = [line for line in told if line]
    lines = [*lines[: _MOST - len(told)], *told]
    section = Section("findings", reader.say("主要结论", "Findings"))
    section.blocks += [Paragraph((*line, reader.say("。", ".")), "item") for line in lines]
    return section


def _people(reader: Reader) -> Inlines:
    title, first = reader.results.title(reader.lang), reader.first
    out: Inlines = ()
    for year in dict.fromkeys((reader.target_year, reader.last)):
        start = out or (reader.say(f"{title}常住人口", f"{title}: residents"),)
        out = (
            *start,
            reader.say(f"{'；' if out else ''}到{year}年末预计为", f"{';' if out else ''} at the end of {year}: "),
            *banded(reader, reader.people(year), "persons"),
            reader.say(f"，比{first}年末", ", "),
            *change(reader, reader.people(year), reader.people(first), "persons"),
            reader.say("", f" from {first}"),
        )
    return out


def _ageing(reader: Reader) -> Inlines:
    out: Inlines = (reader.say("60岁及以上老年人由", "Residents of 60 and over: "),)
    for year in dict.fromkeys((reader.first, reader.target_year, reader.last)):
        before = year == reader.first
        people = reader.people(year, "60+")
        out += (
            reader.say(f"{year}年末的" if before else f"，{year}年末为", f"{'' if before else ', '}{year}: "),
            reader.number(people, "persons"),
            reader.say("（占", " ("),
            reader.number(replace(people, over=reader.people(year)), "share"),
            reader.say("）", ")"),
        )
    growth = reader.number(
        replace(reader.people(reader.last, "80+"), minus=reader.people(reader.first, "80+")), "persons"
    )
    if growth.value > 0:
        out += (reader.say("；其中80岁及以上增加", "; of them 80 and over up by "), growth)
    return out


def _births(reader: Reader) -> Inlines:
    if not reader.has("flows/flows"):
        return ()
    year, last = max(reader.target_year, reader.first + 1), reader.last
    births, deaths = reader.flow("births", year), reader.flow("deaths", year)
    fewer = reader.number(replace(deaths, minus=births), "persons")
    shrinks = fewer.value > 0
    natural = fewer if shrinks else reader.number(replace(births, minus=deaths), "persons")
    out: Inlines = (
        reader.say(f"{year}年出生", f"{year}: births "),
        reader.number(births, "persons"),
        reader.say("、死亡", ", deaths "),
        reader.number(deaths, "persons"),
        reader.say(
            "，自然减少" if shrinks else "，自然增加", ", natural decrease " if shrinks else ", natural increase "
        ),
        natural,
    )
    if last > year:
        out += (
            reader.say(f"；{last}年出生", f"; {last}: births "),
            reader.number(reader.flow("births", last), "persons"),
            reader.say("、死亡", ", deaths "),
            reader.number(reader.flow("deaths", last), "persons"),
        )
    return out


def _impaired(reader: Reader) -> Inlines:
    return _groups(reader, ("older_impaired", "older_severe", "older_total", "older_dementia", "older_alone"), 2)


def _entitled(reader: Reader) -> Inlines:
    return _groups(reader, ("tekun", "allowance_persons", "orphans", "left_behind"), 3)


def _groups(reader: Reader, wanted: tuple[str, ...], most: int) -> Inlines:
    if not reader.has("groups/groups"):
        return ()
    names, units = reader.names("groups/groups", "group"), reader.codes("groups/groups", "group", "unit")
    out: Inlines = ()
    year, last = reader.target_year, reader.last
    for group in [g for g in wanted if g in names][:most]:
        unit = units.get(group, "persons")
        now = reader.number(reader.group(group, year), unit)
        if now.value != now.value:
            continue
        out += (
            reader.say("；" if out else f"到{year}年末，", "; " if out else f"At the end of {year}: "),
            names[group],
            reader.say("预计为", " "),
            now,
        )
        if last > year:
            out += (reader.say(f"，{last}年末为", f" ({last}: "), reader.number(reader.group(group, last), unit))
            out += (reader.say("", ")"),)
    return out


def _resources(reader: Reader) -> list[Inlines]:
    if not reader.has("demand/need"):
        return []
    names, units = reader.names("demand/need", "resource"), reader.codes("demand/need", "resource", "unit")
    lines: list[Inlines] = []
    year = reader.target_year
    for resource in [r for r in _RESOURCES if r in names]:
        kinds = kinds_of(reader, resource)
        if not kinds:
            continue
        unit = units.get(resource, "units")
        line: Inlines = (
            reader.say(f"{names[resource]}{year}年末需", f"{names[resource]} {year}: need "),
            reader.number(reader.need(resource, kinds[0], year), unit),
        )
        if supplied(reader, resource):
            line += beside(reader, resource, kinds[0], year, unit)
        lines.append(line)
    return [_together(reader, lines[:2]), *lines[2:4]] if len(lines) > 1 else lines


def _together(reader: Reader, lines: list[Inlines]) -> Inlines:
    return (*lines[0], reader.say("；", "; "), *lines[1])


def _worst(reader: Reader, rows: list[dict[str, Any]]) -> list[Inlines]:
    """The targets furthest behind: the plan's own, those of which the run knows what they take, the missed, binding."""
    behind = [
        r for r in rows if assessed(r) and r["reading"] in ("indicator", "") and r["verdict"] in ("missed", "at_risk")
    ]
    rank = {"missed": 0, "at_risk": 1}
    added_to = {r["place"]: additions(reader, r) for r in behind}
    behind.sort(
        key=lambda r: (
            r["plan_id"] == "reference",
            not added_to[r["place"]],
            rank[str(r["verdict"])],
            r["attribute"] != "binding",
        )
    )
    lines = []
    for found in behind[:3]:
        added = added_to[found["place"]]
        lines.append(
            (
                *statement(reader, found),
                *((reader.say("，", "; "), *added) if added else ()),
                reader.say("，判定为", "; verdict: ") + reader.label("verdict", str(found["verdict"])),
            )
        )
    return lines
