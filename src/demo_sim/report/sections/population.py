"""Population: size, age structure, events of each year, beside what was published."""

from __future__ import annotations

from dataclasses import replace

from demo_sim.report.phrases import banded, cell, change, joined, row
from demo_sim.report.reader import Reader
from demo_sim.report.tree import Cell, Column, Inlines, Number, Paragraph, Ref, Section, Table, Trace

_MOST_ROWS = 21


def population(reader: Reader) -> Section:
    """Size and structure of the residents at the year-ends."""
    section = Section("population", reader.say("人口", "Population"))
    section.blocks += [Paragraph(_size(reader)), Paragraph(_ages(reader))]
    section.blocks += [_size_table(reader), _age_table(reader)]
    if len(reader.outcomes):
        section.blocks += [_outcome_words(reader), _outcome_table(reader)]
    return section


def _size(reader: Reader) -> Inlines:
    title, first, last, target = reader.results.title(reader.lang), reader.first, reader.last, reader.target_year
    clauses: list[Inlines] = [
        (
            reader.say(f"{title}常住人口{first}年末为", f"{title} has "),
            reader.number(reader.people(first), "persons"),
            reader.say("", f" at the end of {first}"),
        )
    ]
    for year in dict.fromkeys((target, last)):
        clauses.append(
            (
                reader.say(f"到{year}年末预计为", f"{year}: "),
                *banded(reader, reader.people(year), "persons"),
                reader.say(f"，比{first}年末", ", "),
                *change(reader, reader.people(year), reader.people(first), "persons"),
                reader.say("", f" from {first}"),
            )
        )
    out = joined(reader, clauses, reader.say("；", "; "))
    if {"urban", "rural"} <= set(reader.residences):
        share = reader.say("。城镇常住人口占比由", " The urban share goes from ")
        parts = [replace(reader.people(y, residence="urban"), over=reader.people(y)) for y in (first, last)]
        out = (
            *out[:-1],
            share if reader.lang == "zh" else f".{share}",
            reader.number(parts[0], "share"),
            reader.say(f"变为{last}年末的", f" to {last}: "),
            reader.number(parts[1], "share"),
            reader.say("。", "."),
        )
    return (*out, reader.say("见", " See "), Ref("table.population"), reader.say("。", "."))


def _ages(reader: Reader) -> Inlines:
    first, last, target = reader.first, reader.last, reader.target_year
    clauses: list[Inlines] = []
    for ages, zh, en in (
        ("60+", "60岁及以上老年人", "residents of 60 and over"),
        ("80+", "80岁及以上高龄老年人", "residents of 80 and over"),
    ):
        parts: Inlines = (reader.say(zh, en.capitalize() if not clauses else en),)
        for year in dict.fromkeys((first, target, last)):
            people = reader.people(year, ages)
            parts += (
                reader.say(f"{'，' if year != first else ''}{year}年末", f"{',' if year != first else ''} {year}: "),
                reader.number(people, "persons"),
                reader.say("（占", " ("),
                reader.number(replace(people, over=reader.people(year)), "share"),
                reader.say("）", ")"),
            )
        clauses.append(parts)
    return (
        *joined(reader, clauses, reader.say("；", "; ")),
        reader.say("年龄构成见", " Ages: see "),
        Ref("table.ages"),
        reader.say("。", "."),
    )


def _years(reader: Reader) -> list[int]:
    return reader.years if len(reader.years) <= _MOST_ROWS else reader.key_years(_MOST_ROWS)


def _size_table(reader: Reader) -> Table:
    largest = max(reader.value(reader.people(y)) for y in (reader.first, reader.last))
    scale, unit = reader.scale(largest, "persons")
    digits = 1 if scale > 1 else 0
    split = len(reader.residences) > 1
    flows = reader.has("flows/flows")
    heads = [reader.say("年末", "Year-end"), reader.label("population")]
    if split:
        heads += [reader.label("residence", r) for r in reader.residences]
        heads.append(reader.say("城镇占比", "Urban share"))
    if flows:
        heads += [
            reader.label("flow", "births"),
            reader.label("flow", "deaths"),
            reader.say("净迁移", "Net migration"),
        ]
    table = Table(
        "table.population",
        reader.say(f"常住人口与变动（{unit}）", f"Residents and events of the year ({unit})"),
        [Column(h, 0.8 if i == 0 else 1.0, i > 0) for i, h in enumerate(heads)],
        [],
        note=(
            reader.say(
                "年末存量，变动为当年全年；均为中心方案（各项参数取给定值）。分项按最大余数法取整，合计与分项一致。",
                "Stocks at year-end, events of the whole year, at stated inputs; parts are rounded to add up.",
            ),
        ),
    )
    for year in _years(reader):
        cells: list[Cell] = [cell(str(year), key=year)]
        if split:
            traces = [reader.people(year, residence=r) for r in reader.residences]
            parts = reader.adding_up(traces, "persons", digits, scale)
            total = reader.number(reader.people(year), "persons", digits, scale=scale, bare=True, rounded=_whole(parts))
            cells += [cell(total), *map(cell, parts)]
            cells.append(cell(reader.number(replace(traces[0], over=reader.people(year)), "share")))
        else:
            cells.append(cell(reader.number(reader.people(year), "persons", digits, scale=scale, bare=True)))
        if flows:
            cells += _events(reader, year, digits + (scale > 1), scale)
        table.rows.append(row(*cells))
    return table


def _whole(parts: list[Number]) -> float:
    return float(sum(p.rounded or 0.0 for p in parts))


def _events(reader: Reader, year: int, digits: int, scale: float) -> list[Cell]:
    if year == reader.first:
        return [cell("–", key=0.0)] * 3
    net = replace(reader.flow("in", year), minus=reader.flow("out", year))
    traces = (reader.flow("births", year), reader.flow("deaths", year), net)
    return [cell(reader.number(t, "persons", digits, scale=scale, bare=True)) for t in traces]


def _age_table(reader: Reader) -> Table:
    scale, unit = reader.scale(reader.value(reader.people(reader.first)), "persons")
    digits = 1 if scale > 1 else 0
    ages = ("0-14", "15-59", "60+")
    within = ("65+", "80+")
    names = {
        "0-14": reader.say("0—14岁", "0-14"),
        "15-59": reader.say("15—59岁", "15-59"),
        "60+": reader.say("60岁及以上", "60+"),
        "65+": reader.say("其中65岁及以上", "of which 65+"),
        "80+": reader.say("其中80岁及以上", "of which 80+"),
    }
    heads = [reader.say("年末", "Year-end"), *(names[a] for a in (*ages, *within))]
    heads += [reader.say(f"{names[a].removeprefix('其中')}占比", f"Share {a}") for a in ("0-14", "60+", "65+")]
    table = Table(
        "table.ages",
        reader.say(f"常住人口年龄构成（{unit}）", f"Residents by age ({unit})"),
        [Column(h, 0.8 if i == 0 else 1.0, i > 0) for i, h in enumerate(heads)],
        [],
        note=(
            reader.say("周岁；前三列相加等于常住人口。", "Completed years; the first three add up to all residents."),
        ),
    )
    for year in _years(reader):
        numbers = reader.adding_up([reader.people(year, a) for a in ages], "persons", digits, scale)
        cells = [cell(str(year), key=year), *map(cell, numbers)]
        cells += [
            cell(reader.number(reader.people(year, a), "persons", digits, scale=scale, bare=True)) for a in within
        ]
        cells += [
            cell(reader.number(replace(reader.people(year, a), over=reader.people(year)), "share"))
            for a in ("0-14", "60+", "65+")
        ]
        table.rows.append(row(*cells))
    return table


def _outcome_words(reader: Reader) -> Paragraph:
    tested = reader.outcomes["mark"] == "tested"
    worst = int(reader.outcomes["relative_difference"].abs().where(tested).idxmax()) if tested.any() else None
    parts: Inlines = (
        reader.say("预测与事后公布数的对照见", "Published figures beside the projection: "),
        Ref("table.outcomes"),
    )
    if worst is not None:
        found = reader.outcomes.loc[worst]
        parts += (
            reader.say(
                "。仅作检验、未参与拟合的数值中，相差最大的是", ". Of those that are a test, the largest difference is "
            ),
            reader.say(f"{found['year']}年末", "")
            + reader.label("outcome_series", str(found["series"]))
            + reader.say("，相差", f" {found['year']}: "),
            reader.number(outcome(worst, "relative_difference"), "share", signed=True, bare=True),
        )
    return Paragraph((*parts, reader.say("。", ".")))


def outcome(place: int, column: str) -> Trace:
    """A number of the table of published figures."""
    return Trace(f"outcomes/{column}", (("outcome", place),), "row")


def _outcome_table(reader: Reader) -> Table:
    heads = reader.say("序列|年份|公布数|预测|相差|性质", "Series|Year|Published|Projected|Difference|Mark").split("|")
    table = Table(
        "table.outcomes",
        reader.say("公布数与预测的对照", "Published figures beside the projection"),
        [Column(h, 1.6 if i == 0 else 1.0, 1 <= i <= 4) for i, h in enumerate(heads)],
        [],
        note=(
            reader.say(
                "已锚定、已拟合：测算使用了该数；检验：测算没有使用该数。",
                "Tied and fitted figures were used by the run; tested ones were not.",
            ),
        ),
    )
    for place, (_, found) in enumerate(reader.outcomes.iterrows()):
        table.rows.append(
            row(
                reader.label("outcome_series", str(found["series"])),
                cell(str(found["year"]), key=int(found["year"])),
                cell(reader.number(outcome(place, "published"), "persons", 0, bare=True)),
                cell(reader.number(outcome(place, "projected"), "persons", 0, bare=True)),
                cell(reader.number(outcome(place, "relative_difference"), "share", signed=True, bare=True)),
                reader.label("mark", str(found["mark"])),
            )
        )
    return table
