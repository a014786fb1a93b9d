"""Placement into homes: who lives there, who waits, and for how long, by class of priority."""

from __future__ import annotations

import math

from demo_sim.report.measure import measure
from demo_sim.report.phrases import cell, joined, row, told
from demo_sim.report.reader import Reader
from demo_sim.report.tree import Column, DocumentBlock, Inlines, Paragraph, Ref, Table, Trace


def placement(reader: Reader) -> list[DocumentBlock]:
    """Residents of homes and those who wait; nothing where the run placed nobody."""
    if not reader.has("placement/waiting"):
        return []
    years = _years(reader)
    names = reader.names("placement/waiting", "care_class")
    columns = [Column(reader.say("优先次序", "Class"), 3.0)]
    for year in years:
        columns += [
            Column(reader.say(f"{year}年末在住", f"In homes {year}"), 1.2, True),
            Column(reader.say(f"{year}年末轮候", f"Waiting {year}"), 1.2, True),
        ]
    table = Table(
        "table.placement",
        reader.say("机构入住与轮候（人）", "In institutions and waiting (persons)"),
        columns,
        [],
        note=(
            reader.say(
                "入住不影响人口预测；需求按全部人数计，不受床位限制。",
                "Placement does not act back on the projection; need is counted without regard to beds.",
            ),
        ),
    )
    for code, name in names.items():
        cells = [cell(name)]
        for year in years:
            for what in ("in_institutions", "waiting"):
                cells.append(cell(reader.number(_stock(what, year, code), "persons", bare=True)))
        table.rows.append(row(*cells))
    words = (reader.say("在住和轮候的人数见", "Residents of homes and those who wait: "), Ref("table.placement"))
    return [Paragraph((*words, reader.say("。", "."))), table]


def placement_words(reader: Reader) -> Inlines:
    """How many live in homes and how many wait, in words; nothing where the run placed nobody."""
    if not reader.has("placement/waiting"):
        return ()
    years = _years(reader)
    largest = [reader.value(_stock(what, y)) for what in ("in_institutions", "waiting") for y in years]
    size = measure(reader, "persons", largest)
    clauses: list[Inlines] = []
    for year in years:
        clauses.append(
            told(
                reader,
                f"{year}年末在住{{there}}、轮候{{waiting}}",
                f"{{there}} live in institutions and {{waiting}} wait at the end of {year}",
                there=size.told(reader, _stock("in_institutions", year)),
                waiting=size.told(reader, _stock("waiting", year)),
            )
        )
        waited = Trace("placement/waiting_years_all", (("time", year),))
        if math.isfinite(reader.value(waited)) and reader.value(waited) > 0:
            number = reader.number(waited, "years", 1, bare=True, tail=reader.say("年", " years"))
            clauses[-1] += told(reader, "，轮候者平均已等候{n}", ", who have waited for {n} on average", n=number)
    head = reader.say("按现有床位和优先次序测算入住情况：", "With the beds there are, given out by priority: ")
    return (head, *joined(reader, clauses, reader.say("；", "; ")))


def _years(reader: Reader) -> list[int]:
    return list(dict.fromkeys((min(reader.target_year, reader.last), reader.last)))


def _stock(what: str, year: int, care_class: str = "") -> Trace:
    """Persons in institutions, or waiting, at a year-end; of one class or of all."""
    chosen: tuple[tuple[str, object], ...] = (("time", year),)
    return Trace(f"placement/{what}", (*chosen, ("care_class", care_class)) if care_class else chosen)
