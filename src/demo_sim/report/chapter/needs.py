"""Need of services, and need beside supply: resource by resource, in the order of the catalogue."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from demo_sim.report.chapter.people import expected
from demo_sim.report.measure import Measure, measure
from demo_sim.report.phrases import band, cell, joined, listing, lower, row, told
from demo_sim.report.reader import Reader
from demo_sim.report.sections.placement import placement_words
from demo_sim.report.tree import Cell, Column, Inlines, Number, Paragraph, Ref, Section, Table, Trace
from demo_sim.vocab import NEED_KINDS


@dataclass(frozen=True)
class ResourceWords:
    """A resource as the chapter tells of it.

    Attributes
    ----------
    id, name, subject : of the catalogue
    kinds : meanings under which its need is known; the first is the one to plan by
    supplied : whether its supply is known
    yearly : its need is that of a year, not of a year-end
    stock : what supplies it
    size : how its numbers are printed
    """

    id: str
    name: str
    subject: str
    kinds: tuple[str, ...]
    supplied: bool
    yearly: bool
    stock: str
    size: Measure

    def at(self, reader: Reader, year: int) -> str:
        """`2025年末`, or `2025年` for the need of a year."""
        return reader.say(f"{year}年" if self.yearly else f"{year}年末", str(year))

    def gap(self, reader: Reader, kind: str, year: int) -> Trace:
        """Need less supply, positive where there is too little."""
        return replace(reader.need(self.id, kind, year), minus=reader.supply(self.id, year))


def resources(reader: Reader) -> list[ResourceWords]:
    """Resources that the chapter tells of, in its order; those without any need are left out."""
    return reader.once(_resources)


def _resources(reader: Reader) -> list[ResourceWords]:
    if not reader.has("demand/need"):
        return []
    names, units = reader.names("demand/need", "resource"), reader.codes("demand/need", "resource", "unit")
    yearly, stocks = (reader.codes("demand/need", "resource", what) for what in ("yearly", "supply"))
    out = []
    for subject, members in reader.subjects("demand/need", "resource").items():
        for name in members:
            kinds = tuple(k for k in NEED_KINDS if math.isfinite(reader.value(reader.need(name, k, reader.last))))
            if not kinds:
                continue
            years = [y for y in reader.milestones if y > reader.first] or [reader.last]
            values = [reader.value(reader.need(name, k, y)) for k in kinds for y in years]
            values += [reader.value(reader.supply(name, y)) for y in years]
            size = measure(reader, units.get(name, "units"), values)
            if size.scale == 1e4 and size.digits == 1:
                size = replace(size, digits=2)
            supplied = math.isfinite(reader.value(reader.supply(name, reader.last)))
            flag = yearly.get(name, "0") == "1"
            out.append(ResourceWords(name, names[name], subject, kinds, supplied, flag, stocks.get(name, ""), size))
    return out


def _under(found: list[ResourceWords]) -> dict[str, list[ResourceWords]]:
    out: dict[str, list[ResourceWords]] = {}
    for one in found:
        out.setdefault(one.subject, []).append(one)
    return out


def amount(reader: Reader, one: ResourceWords, trace: Trace) -> Number:
    """Need of a resource behind its name, which in English may say the unit already."""
    said = reader.lang == "en" and one.size.scale == 1.0 and one.size.word in lower(one.name)
    return one.size.bare(reader, trace) if said else one.size.told(reader, trace)


def needs(reader: Reader) -> Section | None:
    """What the people need, under each meaning."""
    found = resources(reader)
    if not found:
        return None
    section = Section("demand", reader.say("服务需求", "Need for services"))
    section.blocks.append(Paragraph(_meanings(reader, found)))
    for subject, members in _under(found).items():
        section.blocks.append(Paragraph(_need_words(reader, subject, members)))
    section.blocks.append(_need_table(reader, found))
    return section


def _meanings(reader: Reader, found: list[ResourceWords]) -> Inlines:
    zh = {
        "observed": "现状使用，即保持目前的使用水平所需的数量",
        "normative": "规范标准，即达到规划或国家标准所需的数量",
        "potential": "潜在需求，即有意愿或有需要的人全部得到服务所需的数量",
    }
    en = {
        "observed": "observed use, what keeps today's rates of use",
        "normative": "norm, what national standards or the plan ask for",
        "potential": "potential need, what would serve all who want or need the service",
    }
    kinds = [k for k in NEED_KINDS if any(k in one.kinds for one in found)]
    return told(
        reader,
        "服务需求分{n}种口径测算：{kinds}。各口径含义不同，不混用（{table}）。",
        "Need has {n} meanings, which are never mixed: {kinds} ({table}).",
        n=reader.say("一二三"[len(kinds) - 1], ("one", "two", "three")[len(kinds) - 1]),
        kinds=reader.say("；".join(zh[k] for k in kinds), "; ".join(en[k] for k in kinds)),
        table=Ref("table.need"),
    )


def _need_words(reader: Reader, subject: str, members: list[ResourceWords]) -> Inlines:
    clauses: list[Inlines] = []
    years = list(dict.fromkeys((min(reader.target_year, reader.last), reader.last)))
    for one in members:
        kind = one.kinds[0]
        parts: list[Inlines] = []
        for year in years:
            trace = reader.need(one.id, kind, year)
            words = told(
                reader,
                f"{one.at(reader, year)}{expected(reader, year)}需{{n}}"
                if not one.yearly
                else f"{one.at(reader, year)}{expected(reader, year)}为{{n}}",
                f"{{n}} in {one.at(reader, year)}",
                n=one.size.told(reader, trace),
            )
            parts.append((*words, *(one.size.band(reader, trace, told=True) if year == years[-1] else ())))
        clauses.append(
            told(
                reader,
                "{name}按{kind}{years}" if len(one.kinds) > 1 else "{name}{years}",
                "{name} ({kind}): {years}",
                name=lower(one.name) if clauses else one.name,
                kind=reader.say(reader.label("need_kind", kind), reader.label("need_kind", kind).lower()),
                years=joined(reader, parts, end=False),
            )
        )
    head = reader.say(f"{reader.label('subject', subject)}：", f"{reader.label('subject', subject)}. ")
    return (head, *joined(reader, clauses, reader.say("；", "; ")))


def _units(reader: Reader, found: list[ResourceWords], columns: list[Column]) -> str:
    """The unit that all share; where they share none a column for it is added."""
    words = {one.size.word for one in found}
    if len(words) == 1:
        return next(iter(words))
    columns.append(Column(reader.say("单位", "Unit"), 0.9 if reader.lang == "zh" else 1.4))
    return ""


def _titled(reader: Reader, zh: str, en: str, unit: str) -> str:
    return reader.say(zh, en) + (reader.say(f"（{unit}）", f" ({unit})") if unit else "")


def _need_table(reader: Reader, found: list[ResourceWords]) -> Table:
    years = reader.milestones
    columns = [
        Column(reader.say("服务项目", "Service"), 2.4),
        Column(reader.say("口径", "Meaning"), 1.1 if reader.lang == "zh" else 1.5),
    ]
    unit = _units(reader, found, columns)
    columns += [Column(reader.say(f"{y}年", str(y)), 1.0, True) for y in years]
    if reader.banded:
        columns.append(Column(reader.say(f"{years[-1]}年80%区间", f"80% interval {years[-1]}"), 1.7, True))
    table = Table("table.need", _titled(reader, "服务需求", "Need for services", unit), columns, [])
    yearly = [one.name for one in found if one.yearly]
    if yearly:
        names = listing(reader, yearly)
        table.note = (
            reader.say(
                f"{names}为当年需求，其余为年末需求。", f"{names}: need of the year; all others: at the year-end."
            ),
        )
    for subject, members in _under(found).items():
        table.rows.append(band(reader.label("subject", subject)))
        for one in members:
            for i, kind in enumerate(one.kinds):
                cells = [cell(one.name if i == 0 else ""), cell(reader.label("need_kind", kind))]
                cells += [] if unit else [cell(one.size.word)]
                cells += [_number(one.size, reader, reader.need(one.id, kind, y)) for y in years]
                if reader.banded:
                    cells.append(cell(*one.size.band(reader, reader.need(one.id, kind, years[-1]))))
                table.rows.append(row(*cells))
    return table


def _number(size: Measure, reader: Reader, trace: Trace) -> Cell:
    number = size.bare(reader, trace)
    return cell(number, key=number.value) if np.isfinite(number.value) else cell("—", key=-math.inf)


def gaps(reader: Reader) -> Section | None:
    """Supply beside need."""
    found = resources(reader)
    known, unknown = [r for r in found if r.supplied], [r for r in found if not r.supplied and not r.yearly]
    waiting = placement_words(reader)
    if not known and not unknown and not waiting:
        return None
    section = Section("supply", reader.say("供给与缺口", "Supply and gaps"))
    section.blocks += [Paragraph(_gap_words(reader, one)) for one in known]
    if waiting:
        section.blocks.append(Paragraph(waiting))
    if known:
        section.blocks.append(_gap_table(reader, known))
    if unknown:
        names = listing(reader, [lower(r.name) for r in unknown], 20)
        section.blocks.append(
            Paragraph(
                (
                    reader.say(
                        f"{names}尚无供给数据，暂不计算缺口，待业务部门填报后补充。",
                        f"No supply figures are available for {names}; their gaps stay open until the departments "
                        "report.",
                    ),
                )
            )
        )
    return section


def _gap_words(reader: Reader, one: ResourceWords) -> Inlines:
    """One resource: what there is, and what it is short of under each meaning."""
    years = list(dict.fromkeys((min(reader.target_year, reader.last), reader.last)))
    out: list[Inlines] = []
    for year in years:
        clauses = [_short(reader, one, kind, year) for kind in one.kinds]
        out.append(
            told(
                reader,
                f"{year}年末{expected(reader, year)}供给{{there}}，{{gaps}}",
                f"in {year} {{there}} are supplied, {{gaps}}",
                there=one.size.told(reader, reader.supply(one.id, year)),
                gaps=joined(reader, clauses, reader.say("，", ", "), end=False),
            )
        )
    return (one.name + reader.say("：", ": "), *joined(reader, out, reader.say("；", "; ")))


def _short(reader: Reader, one: ResourceWords, kind: str, year: int) -> Inlines:
    gap = one.gap(reader, kind, year)
    less = one.size.left(reader, gap, told=True)
    more = one.size.left(reader, replace(reader.supply(one.id, year), minus=reader.need(one.id, kind, year)), told=True)
    name = reader.label("need_kind", kind)
    printed = less.rounded if less.rounded is not None else less.value
    if printed == 0:
        return told(reader, "与{kind}口径的需求持平", "as many as by {kind}", kind=reader.say(name, name.lower()))
    short = printed > 0
    return told(
        reader,
        f"按{{kind}}{'缺' if short else '富余'}{{n}}",
        f"{{n}} {'too few' if short else 'more than needed'} by {{kind}}",
        kind=reader.say(name, name.lower()),
        n=less if short else more,
    )


def _gap_table(reader: Reader, known: list[ResourceWords]) -> Table:
    years = list(dict.fromkeys((min(reader.target_year, reader.last), reader.next_goal, reader.last)))
    columns = [
        Column(reader.say("服务项目", "Service"), 2.2),
        Column(reader.say("口径", "Meaning"), 1.1 if reader.lang == "zh" else 1.5),
    ]
    unit = _units(reader, known, columns)
    for year in years:
        for zh, en in (("需求", "need"), ("供给", "supply"), ("缺口", "gap")):
            columns.append(Column(reader.say(f"{year}年{zh}", f"{year} {en}"), 0.95, True))
    table = Table(
        "table.gap",
        _titled(reader, "供给与缺口", "Need, supply and gap", unit),
        columns,
        [],
        note=(
            reader.say(
                "缺口为需求减供给，负数表示富余。供给只计已有和已安排的数量。",
                "Gap: need less supply; a negative gap is a surplus. Supply holds what exists or is arranged.",
            ),
        ),
    )
    for subject, members in _under(known).items():
        table.rows.append(band(reader.label("subject", subject)))
        for one in members:
            for i, kind in enumerate(one.kinds):
                cells = [cell(one.name if i == 0 else ""), cell(reader.label("need_kind", kind))]
                cells += [] if unit else [cell(one.size.word)]
                for year in years:
                    cells.append(_number(one.size, reader, reader.need(one.id, kind, year)))
                    cells.append(_number(one.size, reader, reader.supply(one.id, year)))
                    cells.append(cell(one.size.left(reader, one.gap(reader, kind, year))))
                table.rows.append(row(*cells))
    return table
