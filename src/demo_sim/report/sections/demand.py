"""Demand, and supply with the gap: what the people need, what the region has, what is short."""

from __future__ import annotations

import math
from dataclasses import replace

from demo_sim.report.phrases import banded, cell, joined, row, with_statistic
from demo_sim.report.reader import Reader
from demo_sim.report.sections.placement import placement
from demo_sim.report.tree import Cell, Column, Inlines, Paragraph, Ref, Section, Table, Trace
from demo_sim.vocab import NEED_KINDS


def kinds_of(reader: Reader, resource: str) -> list[str]:
    """Meanings under which the need of a resource is known; the first is the one to plan by."""
    codes = reader.array("demand/need").indexes["need_kind"]
    known = [k for k in NEED_KINDS if k in codes]
    return [k for k in known if math.isfinite(reader.value(reader.need(resource, k, reader.last)))]


def supplied(reader: Reader, resource: str) -> bool:
    """Whether the supply of a resource is known."""
    return reader.has("demand/supply") and math.isfinite(reader.value(reader.supply(resource, reader.last)))


def gap(reader: Reader, resource: str, kind: str, year: int, statistic: str = "value") -> Trace:
    """Need less supply, positive where there is too little."""
    return replace(reader.need(resource, kind, year, statistic), minus=reader.supply(resource, year))


def beside(reader: Reader, resource: str, kind: str, year: int, unit: str) -> Inlines:
    """`，供给……，缺……`: supply beside a need, and what is short or to spare as the two are printed."""
    need, there = reader.need(resource, kind, year), reader.supply(resource, year)
    short, spare = (reader.left(replace(a, minus=b), unit) for a, b in ((need, there), (there, need)))
    lacks = short.value > 0
    words: Inlines = (reader.say("，供给", ", supply "), reader.number(there, unit))
    if short.rounded == 0:
        return (*words, reader.say("，大致相当", ", about even"))
    return (
        *words,
        reader.say("，缺" if lacks else "，富余", ", short by " if lacks else ", to spare "),
        short if lacks else spare,
    )


def demand(reader: Reader) -> Section | None:
    """Need of every resource under each meaning."""
    if not reader.has("demand/need"):
        return None
    section = Section("demand", reader.say("需求", "Demand"))
    section.blocks += [Paragraph(_need_words(reader)), _need_table(reader)]
    return section


def _need_words(reader: Reader) -> Inlines:
    names, units = _names(reader)
    clauses: list[Inlines] = []
    for resource in names:
        kinds = kinds_of(reader, resource)
        if not kinds or "caregivers_" in resource:
            continue
        unit, year, last = units.get(resource, "units"), reader.target_year, reader.last
        trace = reader.need(resource, kinds[0], year)
        clause: Inlines = (
            reader.say(f"{names[resource]}{year}年末需", f"{names[resource]} {year}: "),
            *banded(reader, trace, unit),
        )
        if last != year:
            later = reader.need(resource, kinds[0], last)
            clause += (reader.say(f"，{last}年末需", f", {last}: "), reader.number(later, unit))
        clauses.append(clause)
    return (
        *joined(reader, clauses, reader.say("；", "; ")),
        reader.say(
            "这里按每种资源的第一种口径：现状使用率已知的按现状使用率。三种口径分别列于",
            " This is need under the first meaning known, today's use wherever it is. All meanings: see ",
        ),
        Ref("table.need"),
        reader.say("，不能混用。", "; they are not to be mixed."),
    )


def _names(reader: Reader) -> tuple[dict[str, str], dict[str, str]]:
    return dict(reader.names("demand/need", "resource")), dict(reader.codes("demand/need", "resource", "unit"))


def _need_table(reader: Reader) -> Table:
    names, units = _names(reader)
    years = reader.key_years(5)
    columns = [
        Column(reader.say("资源", "Resource"), 2.4),
        Column(reader.say("需求口径", "Meaning of need"), 1.2),
        Column(reader.say("单位", "Unit"), 0.9 if reader.lang == "zh" else 1.2),
        *(Column(reader.say(f"{y}年末", str(y)), 1.1, True) for y in years),
    ]
    if reader.banded:
        columns.append(
            Column(reader.say(f"{reader.target_year}年80%区间", f"80% band {reader.target_year}"), 1.7, True)
        )
    table = Table(
        "table.need",
        reader.say("资源需求", "Need by resource and meaning"),
        columns,
        [],
        note=(
            reader.say(
                "现状使用：按目前的使用率；规范标准：按规划或国家标准；潜在需求：按有意愿或有需要的人数。",
                "Observed: at today's rates of use; normative: at the norm of plans; potential: all who want it.",
            ),
        ),
    )
    for resource in names:
        for kind in kinds_of(reader, resource):
            unit = units.get(resource, "units")
            cells = [cell(names[resource]), cell(reader.label("need_kind", kind)), cell(reader.unit(unit))]
            cells += [cell(reader.number(reader.need(resource, kind, y), unit, bare=True)) for y in years]
            if reader.banded:
                cells.append(_band(reader, reader.need(resource, kind, reader.target_year), unit))
            table.rows.append(row(*cells))
    return table


def _band(reader: Reader, trace: Trace, unit: str, signed: bool = False) -> Cell:
    low, high = (reader.number(with_statistic(trace, q), unit, bare=True, signed=signed) for q in ("q10", "q90"))
    return cell(low, reader.say("至", " to ") if signed else "–", high)


def supply(reader: Reader) -> Section | None:
    """Supply beside need, and the gap, of every resource whose supply is known."""
    if not reader.has("demand/need"):
        return None
    names, _ = _names(reader)
    known = [r for r in names if kinds_of(reader, r) and supplied(reader, r)]
    unknown = [r for r in names if kinds_of(reader, r) and not supplied(reader, r)]
    if not known and not unknown and not reader.has("placement/waiting"):
        return None
    section = Section("supply", reader.say("供给与缺口", "Supply and gap"))
    if known:
        section.blocks += [Paragraph(_gap_words(reader, known)), _gap_table(reader, known)]
    if unknown:
        listed = reader.say("、", ", ").join(names[r] for r in unknown)
        section.blocks.append(
            Paragraph(
                (
                    reader.say(
                        f"{listed}没有供给数据，只列需求，不计缺口。",
                        f"No supply is known of: {listed}. Their need is printed, no gap is formed.",
                    ),
                )
            )
        )
    section.blocks += placement(reader)
    return section


def _gap_words(reader: Reader, known: list[str]) -> Inlines:
    names, units = _names(reader)
    clauses: list[Inlines] = []
    for resource in known:
        if "caregivers_" in resource:
            continue
        unit, kind = units.get(resource, "units"), kinds_of(reader, resource)[0]
        year = reader.target_year
        clauses.append(
            (
                reader.say(f"{names[resource]}{year}年末需", f"{names[resource]} {year}: need "),
                reader.number(reader.need(resource, kind, year), unit),
                *beside(reader, resource, kind, year, unit),
            )
        )
    return (
        *joined(reader, clauses, reader.say("；", "; ")),
        reader.say("见", " See "),
        Ref("table.gap"),
        reader.say("。", "."),
    )


def _gap_table(reader: Reader, known: list[str]) -> Table:
    names, units = _names(reader)
    years = list(dict.fromkeys((reader.target_year, reader.last)))
    columns = [Column(reader.say("资源", "Resource"), 2.2), Column(reader.say("需求口径", "Meaning"), 1.2)]
    for year in years:
        columns += [
            Column(reader.say(f"{year}年{zh}", f"{en} {year}"), 1.0, True)
            for zh, en in (("需求", "Need"), ("供给", "Supply"), ("缺口", "Gap"))
        ]
    if reader.banded:
        columns.append(Column(reader.say(f"{years[-1]}年缺口80%区间", f"80% band of gap {years[-1]}"), 2.2, True))
    table = Table(
        "table.gap",
        reader.say("供给与缺口", "Need, supply and gap"),
        columns,
        [],
        note=(
            reader.say(
                "缺口为需求减供给（按表列取整数），正数为不足；区间按每次抽样的缺口计算。",
                "Gap is need less supply as printed, positive where there is too little; the band is that of the gaps "
                "of the draws.",
            ),
        ),
    )
    for resource in known:
        unit = units.get(resource, "units")
        for kind in kinds_of(reader, resource):
            cells = [cell(f"{names[resource]}{_of_unit(reader, unit)}"), cell(reader.label("need_kind", kind))]
            for year in years:
                cells += [
                    cell(reader.number(reader.need(resource, kind, year), unit, bare=True)),
                    cell(reader.number(reader.supply(resource, year), unit, bare=True)),
                    cell(reader.left(gap(reader, resource, kind, year), unit, bare=True, signed=True)),
                ]
            if reader.banded:
                cells.append(_band(reader, gap(reader, resource, kind, years[-1]), unit, signed=True))
            table.rows.append(row(*cells))
    return table


def _of_unit(reader: Reader, unit: str) -> str:
    return reader.say(f"（{reader.unit(unit)}）", f" ({reader.unit(unit)})")
