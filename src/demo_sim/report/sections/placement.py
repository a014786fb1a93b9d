"""Placement into homes: who lives there, who waits, and for how long, by class of priority."""

from __future__ import annotations

import math

from demo_sim.report.phrases import banded, cell, row
from demo_sim.report.reader import Reader
from demo_sim.report.tree import Block, Column, Inlines, Paragraph, Ref, Table, Trace


def placement(reader: Reader) -> list[Block]:
    """Residents of homes and those who wait; nothing where the run placed nobody."""
    if not reader.has("placement/waiting"):
        return []
    years = list(dict.fromkeys((reader.target_year, reader.last)))
    parts: Inlines = ()
    for year in years:
        parts += (
            reader.say(f"{'；' if parts else ''}{year}年末", f"{'; ' if parts else ''}{year}: "),
            reader.say("在养老机构居住", "in institutions "),
            *banded(reader, _stock("in_institutions", year), "persons"),
            reader.say("，轮候", ", waiting "),
            *banded(reader, _stock("waiting", year), "persons"),
        )
        waited = reader.number(Trace("placement/waiting_years_all", (("time", year),)), "years")
        if math.isfinite(waited.value):
            parts += (reader.say("，平均已等候", ", for "), waited)
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
    parts += (reader.say("。分优先次序见", ". By class of priority: "), Ref("table.placement"), reader.say("。", "."))
    return [Paragraph(parts), table]


def _stock(what: str, year: int, care_class: str = "") -> Trace:
    """Persons in institutions, or waiting, at a year-end; of one class or of all."""
    chosen: tuple[tuple[str, object], ...] = (("time", year),)
    return Trace(f"placement/{what}", (*chosen, ("care_class", care_class)) if care_class else chosen)
