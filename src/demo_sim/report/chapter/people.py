"""Population and ageing: how many residents, how old, how many births and deaths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from demo_sim.report.chapter.published import PrintedAs, published_note, published_rows
from demo_sim.report.measure import Measure, measure, share
from demo_sim.report.phrases import cell, joined, row, told
from demo_sim.report.reader import Reader
from demo_sim.report.tree import Cell, Column, Inlines, Paragraph, Ref, Section, Table, Trace

_MOST_ROWS = 16


def people(reader: Reader) -> Section:
    """Size, structure and change of the residents."""
    section = Section("population", reader.say("人口与老龄化", "Population and ageing"))
    section.blocks += [
        Paragraph(part) for part in (_size(reader), _ages(reader), _burden(reader), _change(reader)) if part
    ]
    section.blocks += [_size_table(reader), _age_table(reader)]
    return section


def residents(reader: Reader) -> Measure:
    """How residents are printed."""
    return measure(reader, "persons", [reader.value(reader.people(y)) for y in (reader.first, reader.last)])


def older(reader: Reader) -> Measure:
    """How parts of the residents by age are printed: as all residents, with two decimals of ten thousands."""
    found = residents(reader)
    return replace(found, digits=2) if found.scale > 1 else found


def event_measure(reader: Reader) -> Measure:
    """How events of a year are printed."""
    years = [y for y in reader.years if y > reader.first]
    largest = [reader.value(reader.flow(f, y)) for y in years for f in ("births", "deaths", "in", "out")]
    found = measure(reader, "persons", largest)
    return replace(found, digits=2) if found.scale == 1e4 else found


def expected(reader: Reader, year: int) -> str:
    """`预计` for a year of which nothing is known yet."""
    return reader.say("预计", "projected ") if year > last_counted(reader) else ""


def part_of(trace: Trace, whole: Trace) -> Trace:
    """One number over another."""
    return replace(trace, over=whole)


def _each(reader: Reader, years: Iterable[int]) -> list[int]:
    return [y for y in dict.fromkeys(years) if reader.first < y <= reader.last]


def _size(reader: Reader) -> Inlines:
    size, rate, first = residents(reader), share(reader), reader.first
    urban = {"urban", "rural"} <= set(reader.residences)
    town = reader.people(first, residence="urban") if urban else None
    start = told(
        reader,
        "{place}" + f"{first}年末常住人口{{all}}",
        "{place} had {all} residents " + f"at the end of {first}",
        place=reader.results.title(reader.lang),
        all=size.told(reader, reader.people(first)),
    )
    if town is not None:
        start += told(
            reader,
            "，其中城镇常住人口{town}，占{rate}",
            ", {town} of them ({rate}) in urban places",
            town=size.told(reader, town),
            rate=rate.told(reader, part_of(town, reader.people(first))),
        )
    clauses: list[Inlines] = []
    for year in _each(reader, (last_counted(reader), reader.target_year, reader.next_goal, reader.last)):
        clauses.append(
            told(
                reader,
                f"{year}年末{expected(reader, year)}为{{all}}{{band}}",
                f"{{all}}{{band}} at the end of {year}",
                all=size.told(reader, reader.people(year)),
                band=size.band(reader, reader.people(year), told=True) if year > last_counted(reader) else (),
            )
        )
    change = size.left(reader, replace(reader.people(reader.last), minus=reader.people(first)), told=True)
    lost = size.left(reader, replace(reader.people(first), minus=reader.people(reader.last)), told=True)
    fewer = lost.value > 0
    tail = told(
        reader,
        f"；{reader.last}年末比{first}年末{'减少' if fewer else '增加'}{{off}}",
        f": {{off}} {'fewer' if fewer else 'more'} in {reader.last} than in {first}",
        off=lost if fewer else change,
    )
    if urban:
        tail += told(
            reader,
            "，城镇常住人口占比达到{rate}",
            ", with {rate} in urban places",
            rate=rate.told(reader, part_of(reader.people(reader.last, residence="urban"), reader.people(reader.last))),
        )
    return (
        *start,
        reader.say("。", ". The population is projected at "),
        *joined(reader, clauses, reader.say("，", ", "), end=False),
        *tail,
        reader.say("（", " ("),
        Ref("table.population"),
        reader.say("）。", ")."),
    )


def _ages(reader: Reader) -> Inlines:
    size, rate = older(reader), share(reader)
    out: Inlines = ()
    for ages, zh, en in (
        ("60+", "60岁及以上老年人", "Residents aged 60 and over"),
        ("65+", "65岁及以上老年人", "Those aged 65 and over"),
        ("80+", "80岁及以上高龄老年人", "Those aged 80 and over"),
    ):
        clauses: list[Inlines] = []
        for year in dict.fromkeys((reader.first, *_each(reader, (reader.target_year, reader.last)))):
            there = reader.people(year, ages)
            clauses.append(
                told(
                    reader,
                    f"{year}年末{expected(reader, year)}{{n}}、占{{rate}}",
                    f"{{n}} ({{rate}}) at the end of {year}",
                    n=size.told(reader, there),
                    rate=rate.told(reader, part_of(there, reader.people(year))),
                )
            )
        out += (reader.say(zh, f"{' ' if out else ''}{en}: "), *joined(reader, clauses))
    return (*out, reader.say("年龄构成见", " The age structure is given in "), Ref("table.ages"), reader.say("。", "."))


def _burden(reader: Reader) -> Inlines:
    """Older people to each hundred of working age."""
    rate = replace(share(reader), digits=1)
    first, last = (part_of(reader.people(y, "60+"), reader.people(y, "15-59")) for y in (reader.first, reader.last))
    rising = reader.value(last) > reader.value(first)
    return told(
        reader,
        f"按60岁及以上老年人与15—59岁人口之比计算，老年抚养比由{reader.first}年末的{{a}}变为{reader.last}年末的{{b}}。",
        f"The old-age dependency ratio (60 and over to 15–59) {'rises' if rising else 'falls'} from {{a}} "
        f"at the end of {reader.first} to {{b}} at the end of {reader.last}.",
        a=rate.told(reader, first),
        b=rate.told(reader, last),
    )


def _change(reader: Reader) -> Inlines:
    if not reader.has("flows/flows"):
        return ()
    size = event_measure(reader)
    clauses = []
    for year in _each(reader, (last_counted(reader), reader.target_year, reader.next_goal, reader.last)):
        births, deaths = reader.flow("births", year), reader.flow("deaths", year)
        fewer = reader.value(deaths) > reader.value(births)
        ends = (deaths, births) if fewer else (births, deaths)
        clauses.append(
            told(
                reader,
                f"{year}年{expected(reader, year)}出生{{b}}、死亡{{d}}，自然{'减少' if fewer else '增加'}{{n}}",
                f"{{b}} births and {{d}} deaths in {year}, a natural {'decrease' if fewer else 'increase'} of {{n}}",
                b=size.told(reader, births),
                d=size.told(reader, deaths),
                n=size.left(reader, replace(ends[0], minus=ends[1]), told=True),
            )
        )
    return (reader.say("从人口变动看，", "There are "), *joined(reader, clauses, reader.say("；", "; ")))


def last_counted(reader: Reader) -> int:
    """The last year-end whose residents were published and used: figures of stocks may be known to a later one."""
    rows = reader.outcomes
    years = [int(y) for y in rows.loc[rows["series"] == "population", "year"]] if len(rows) else []
    return max((year for year in years if year <= reader.known), default=reader.known)


def _years(reader: Reader) -> list[int]:
    return reader.years if len(reader.years) <= _MOST_ROWS else reader.key_years(_MOST_ROWS)


def _mark(reader: Reader, year: int) -> Cell:
    return cell(f"{year}", key=year)


def _head(name: str, size: Measure, reader: Reader) -> Column:
    return Column(reader.say(f"{name}（{size.word}）", f"{name} ({size.word})"), 1.0, True)


def _size_table(reader: Reader) -> Table:
    size, events, rate = residents(reader), event_measure(reader), share(reader)
    split, flows = {"urban", "rural"} <= set(reader.residences), reader.has("flows/flows")
    columns = [Column(reader.say("年末", "Year-end"), 0.7), _head(reader.say("常住人口", "Residents"), size, reader)]
    if split:
        columns += [_head(reader.label("residence", r), size, reader) for r in ("urban", "rural")]
        columns.append(_head(reader.say("城镇占比", "Urban share"), rate, reader))
    if flows:
        for name in (reader.say("出生", "Births"), reader.say("死亡", "Deaths"), reader.say("净迁入", "Net migration")):
            columns.append(_head(name, events, reader))
    table = Table(
        "table.population",
        reader.say("常住人口及其变动", "Residents and their change"),
        columns,
        [],
        note=(
            reader.say(
                f"出生、死亡和净迁入为当年全年数；{last_counted(reader)}年以后为预计数。",
                "Births, deaths and net migration are those of the year; "
                f"years after {last_counted(reader)} are projected.",
            ),
        ),
    )
    for year in _years(reader):
        whole = reader.people(year)
        cells = [_mark(reader, year)]
        if split:
            parts = [reader.people(year, residence=r) for r in ("urban", "rural")]
            rounded = reader.adding_up(parts, "persons", size.digits, size.scale)
            total = sum(p.rounded or 0.0 for p in rounded)
            cells.append(cell(size.bare(reader, whole, rounded=total)))
            cells += [cell(replace(p, tail="")) for p in rounded]
            cells.append(cell(rate.bare(reader, part_of(parts[0], whole))))
        else:
            cells.append(cell(size.bare(reader, whole)))
        if flows:
            net = replace(reader.flow("in", year), minus=reader.flow("out", year)) if year > reader.first else None
            traces = [reader.flow("births", year), reader.flow("deaths", year), net]
            cells += [cell("—", key=0.0) if net is None or t is None else cell(events.bare(reader, t)) for t in traces]
        table.rows.append(row(*cells))
    told_of: list[PrintedAs] = [("population", size)]
    told_of += [("urban_residents", size), None, (("urban_residents", "population"), rate)] if split else []
    told_of += [("births", events), ("deaths", events), None] if flows else []
    return _with_published(reader, table, told_of)


def _with_published(reader: Reader, table: Table, columns: Sequence[PrintedAs]) -> Table:
    rows = published_rows(reader, columns)
    table.rows += rows
    table.note = (*table.note, published_note(reader) if rows else "")
    return table


def _age_table(reader: Reader) -> Table:
    size, rate = older(reader), share(reader)
    ages, within = ("0-14", "15-59", "60+"), ("65+", "80+")
    names = {
        "0-14": reader.say("0—14岁", "0–14"),
        "15-59": reader.say("15—59岁", "15–59"),
        "60+": reader.say("60岁及以上", "60+"),
        "65+": reader.say("其中65岁及以上", "65+"),
        "80+": reader.say("其中80岁及以上", "80+"),
    }
    shares = {"60+": reader.say("60岁及以上占比", "Share 60+"), "65+": reader.say("65岁及以上占比", "Share 65+")}
    table = Table(
        "table.ages",
        reader.say("常住人口年龄构成", "Residents by age"),
        [
            Column(reader.say("年末", "Year-end"), 0.7),
            *(_head(names[a], size, reader) for a in (*ages, *within)),
            *(_head(name, rate, reader) for name in shares.values()),
        ],
        [],
        note=(reader.say("按周岁计算。", "Completed years of age."),),
    )
    for year in reader.key_years(6):
        numbers = reader.adding_up([reader.people(year, a) for a in ages], "persons", size.digits, size.scale)
        cells = [_mark(reader, year), *(cell(replace(n, tail="")) for n in numbers)]
        cells += [cell(size.bare(reader, reader.people(year, a))) for a in within]
        cells += [cell(rate.bare(reader, part_of(reader.people(year, a), reader.people(year)))) for a in shares]
        table.rows.append(row(*cells))
    told_of: list[PrintedAs] = [None, None, *((f"older_{a.rstrip('+')}", size) for a in ("60+", *within))]
    told_of += [((f"older_{a.rstrip('+')}", "population"), rate) for a in shares]
    return _with_published(reader, table, told_of)
